//! Registers of persons who do not exist, for tests and demonstrations: the same seed gives the same register.
//!
//! No document here can be a living person's (`domain.md` §4, Synthetic test identities): mainland cards carry the
//! unassigned area 999999, residence permits the birth date 1 January 1900, BIRs the first digit 9 (1, 5 and 7 are
//! those observed), home return permits the first thousand numbers. Names, amounts and districts are drawn from short
//! lists and mean nothing.
#![expect(
    clippy::expect_used,
    reason = "values built from the constants here are valid; a wrong one must stop the test"
)]

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tongcha_domain::identity::{Document, DocumentKind, Subject, check_character};
use tongcha_domain::money::{Currency, Money};
use tongcha_domain::name::PersonName;
use tongcha_domain::register::{Assistance, Household, Member};
use tongcha_domain::text::Short;
use tongcha_domain::time::Date;

/// The date all data holds for.
pub const AS_OF: Date = Date::constant(2026, 6, 30);

/// How many of a thousand households have 1, 2, 3 … persons: 2.3 on average.
const SIZES: [u32; 6] = [300, 320, 220, 100, 40, 20];

/// Numbers of home return permits and residence permits that are taken to be nobody's.
const PERMITS: u32 = 1_000;

/// Age below which a Macau resident may have no BIR (`domain.md` §4).
const BIR_AGE: i16 = 5;

/// Surnames and given names: simplified, traditional, Pinyin, Macau romanisation.
type Name = [&'static str; 4];

const SURNAMES: [Name; 12] = [
    ["陈", "陳", "CHEN", "CHAN"],
    ["梁", "梁", "LIANG", "LEONG"],
    ["黄", "黃", "HUANG", "WONG"],
    ["李", "李", "LI", "LEI"],
    ["何", "何", "HE", "HO"],
    ["吴", "吳", "WU", "NG"],
    ["林", "林", "LIN", "LAM"],
    ["刘", "劉", "LIU", "LAO"],
    ["杨", "楊", "YANG", "IEONG"],
    ["叶", "葉", "YE", "IP"],
    ["钟", "鍾", "ZHONG", "CHONG"],
    ["余", "余", "YU", "U"],
];

const GIVEN_NAMES: [Name; 14] = [
    ["伟", "偉", "WEI", "WAI"],
    ["芳", "芳", "FANG", "FONG"],
    ["明", "明", "MING", "MENG"],
    ["丽", "麗", "LI", "LAI"],
    ["强", "強", "QIANG", "KEONG"],
    ["英", "英", "YING", "IENG"],
    ["华", "華", "HUA", "WA"],
    ["玉", "玉", "YU", "IOK"],
    ["家", "家", "JIA", "KA"],
    ["文", "文", "WEN", "MAN"],
    ["慧", "慧", "HUI", "WAI"],
    ["安", "安", "AN", "ON"],
    ["国", "國", "GUO", "KUOK"],
    ["秀", "秀", "XIU", "SAO"],
];

const PORTUGUESE_FIRST_NAMES: [&str; 6] = ["Maria", "João", "Ana", "António", "Teresa", "Luís"];
const PORTUGUESE_SURNAMES: [&str; 6] = ["da Silva", "Rodrigues", "Gomes", "do Rosário", "Xavier", "Sales"];

/// Which documents a person has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Mainland,
    Macau,
}

/// What a party's register is like.
struct Style {
    prefix: &'static str,
    districts: &'static [&'static str],
    programmes: &'static [&'static str],
    currency: Currency,
    /// Largest monthly amount, in whole patacas or yuan.
    income_max: i64,
    /// How often a household is one of Macau residents.
    macau_households: f64,
}

const ZHUHAI: Style = Style {
    prefix: "ZH",
    districts: &["香洲区", "斗门区", "金湾区"],
    programmes: &["低保", "特困人员", "低保边缘家庭"],
    currency: Currency::Cny,
    income_max: 6_000,
    macau_households: 0.03,
};

const MACAU: Style = Style {
    prefix: "MO",
    districts: &["花地瑪堂區", "花王堂區", "望德堂區", "大堂區", "風順堂區", "嘉模堂區", "聖方濟各堂區"],
    programmes: &["定期援助金", "偶發性援助金", "弱勢家庭特別援助"],
    currency: Currency::Mop,
    income_max: 15_000,
    macau_households: 0.97,
};

const HENGQIN: Style = Style {
    prefix: "HQ",
    districts: &["小横琴社区", "莲花社区"],
    programmes: &["低保", "临时救助"],
    currency: Currency::Cny,
    income_max: 8_000,
    macau_households: 0.5,
};

/// Makes the register of a party: `count` households, no document twice. A party without a style of its own gets
/// Zhuhai's.
#[must_use]
pub fn households(party: &str, seed: u64, count: usize) -> Vec<Household> {
    let style = match party {
        "macau" => &MACAU,
        "hengqin" => &HENGQIN,
        _ => &ZHUHAI,
    };
    let mut maker = Maker { rng: StdRng::seed_from_u64(seed), style, cards: HashMap::new(), others: [0; 4] };
    (1..=count).map(|number| maker.household(number)).collect()
}

struct Maker {
    rng: StdRng,
    style: &'static Style,
    /// Cards given out, by birth date and sex.
    cards: HashMap<(Date, bool), u32>,
    /// BIRs, home return permits, residence permits and birth registrations given out.
    others: [u32; 4],
}

impl Maker {
    fn household(&mut self, number: usize) -> Household {
        let style = self.style;
        let home = if self.rng.random_bool(style.macau_households) { Home::Macau } else { Home::Mainland };
        let surname = self.pick(&SURNAMES);
        let members = (0..self.size()).map(|position| self.member(home, surname, position)).collect();
        Household {
            reference: short(&format!("{}-{number:07}", style.prefix)),
            district: short(self.pick(style.districts)),
            as_of: AS_OF,
            members,
        }
    }

    fn size(&mut self) -> usize {
        let mut drawn = self.rng.random_range(0..SIZES.iter().sum());
        let size = SIZES.iter().position(|share| {
            let within = drawn < *share;
            drawn = drawn.saturating_sub(*share);
            within
        });
        1 + size.unwrap_or_default()
    }

    fn member(&mut self, home: Home, surname: Name, position: usize) -> Member {
        // The first two of a household are adults, the others mostly children.
        let youngest = if position < 2 { 20 } else { 0 };
        let oldest = if position < 2 || self.rng.random_bool(0.2) { 90 } else { 18 };
        let age = self.rng.random_range(youngest..oldest);
        let born = self.birth_date(age);
        let (document, other_documents) = match home {
            Home::Mainland => (self.card(born), self.permits(false)),
            Home::Macau if age < BIR_AGE => (self.birth_registration(), Vec::new()),
            Home::Macau => (self.bir(), self.permits(true)),
        };
        let name = self.name(home, surname);
        let birth_date = self.known(born);
        let adult = age >= 18;
        let old = age >= 65;
        Member {
            subject: Subject { document, name, birth_date },
            other_documents,
            alive: self.known(true),
            married: self.known(adult).map(|adult| adult && self.rng.random_bool(0.5)),
            wage: if adult && !old { self.amount(self.style.income_max) } else { None },
            businesses: self.count(0.05).filter(|_| adult),
            pension: if old { self.amount(self.style.income_max / 2) } else { None },
            assistance: self.assistance(position),
            deposits: if adult { self.amount(100_000) } else { None },
            properties: self.count(0.3).filter(|_| adult),
            vehicles: self.count(0.1).filter(|_| adult),
            public_housing: self.flag(0.2),
            resident: self.flag(0.95),
            // Nobody here agreed: the parties' synthetic persons share numbers by chance, and no set may hold such.
            match_clause: None,
        }
    }

    /// A register does not know everything: one field in eight stays blank.
    fn known<T>(&mut self, value: T) -> Option<T> {
        self.rng.random_bool(0.875).then_some(value)
    }

    fn flag(&mut self, yes: f64) -> Option<bool> {
        let flag = self.rng.random_bool(yes);
        self.known(flag)
    }

    fn count(&mut self, any: f64) -> Option<u32> {
        let count = if self.rng.random_bool(any) { self.rng.random_range(1..=2) } else { 0 };
        self.known(count)
    }

    fn amount(&mut self, max: i64) -> Option<Money> {
        let minor = self.rng.random_range(0..=max * 100);
        self.known(Money { minor, currency: self.style.currency })
    }

    fn assistance(&mut self, position: usize) -> Option<Assistance> {
        let receives = self.rng.random_bool(if position == 0 { 0.7 } else { 0.2 });
        let programme = self.pick(self.style.programmes);
        self.known(if receives { Assistance::Programme(short(programme)) } else { Assistance::None })
    }

    fn name(&mut self, home: Home, surname: Name) -> PersonName {
        if home == Home::Macau && self.rng.random_bool(0.03) {
            let name = format!("{} {}", self.pick(&PORTUGUESE_FIRST_NAMES), self.pick(&PORTUGUESE_SURNAMES));
            let roman = Some(short(&name.to_uppercase()));
            return PersonName { as_on_document: short(&name), zh_hans: None, zh_hant: None, roman };
        }
        let ([hans, hant, pinyin, macau], first, second) = (surname, self.pick(&GIVEN_NAMES), self.pick(&GIVEN_NAMES));
        let [hans2, hant2, pinyin2, macau2] = first;
        let [hans3, hant3, pinyin3, macau3] = second;
        let (zh_hans, zh_hant) = (short(&format!("{hans}{hans2}{hans3}")), short(&format!("{hant}{hant2}{hant3}")));
        let (as_on_document, roman) = match home {
            Home::Mainland => (zh_hans.clone(), format!("{pinyin} {pinyin2}{pinyin3}")),
            Home::Macau => (zh_hant.clone(), format!("{macau} {macau2} {macau3}")),
        };
        PersonName {
            as_on_document,
            zh_hans: self.known(zh_hans),
            zh_hant: self.known(zh_hant),
            roman: Some(short(&roman)),
        }
    }

    fn birth_date(&mut self, age: i16) -> Date {
        // A day after 30 June would make the person a year younger than meant.
        let (month, day) = (self.rng.random_range(1..=6), self.rng.random_range(1..=28));
        Date::new(AS_OF.year() - age, month, day).expect("every month has 28 days")
    }

    fn card(&mut self, born: Date) -> Document {
        let male = self.rng.random_bool(0.5);
        let given = self.cards.entry((born, male)).or_default();
        let sequence = 2 * *given + u32::from(male); // odd for men
        *given += 1;
        let first = format!("999999{:04}{:02}{:02}{sequence:03}", born.year(), born.month(), born.day());
        self.eighteen(DocumentKind::MainlandId, &first)
    }

    fn permits(&mut self, macau: bool) -> Vec<Document> {
        if !macau || !self.rng.random_bool(0.3) {
            return Vec::new();
        }
        let mut permits = Vec::new();
        if let Some(number) = self.next(1, PERMITS) {
            let renewals = self.rng.random_range(0..10);
            permits.push(document(DocumentKind::HomeReturnPermit, &format!("M00000{number:03}{renewals:02}")));
        }
        if self.rng.random_bool(0.3)
            && let Some(number) = self.next(2, PERMITS)
        {
            permits.push(self.eighteen(DocumentKind::ResidencePermit, &format!("82000019000101{number:03}")));
        }
        permits
    }

    fn bir(&mut self) -> Document {
        let number = self.next(0, u32::MAX).expect("a register has fewer persons");
        // The last character is no checksum here, so it may tell a second million of numbers from the first.
        document(DocumentKind::MacauBir, &format!("9{:06}({})", number % 1_000_000, number / 1_000_000))
    }

    fn birth_registration(&mut self) -> Document {
        let number = self.next(3, u32::MAX).expect("a register has fewer persons");
        document(DocumentKind::BirthRegistration, &format!("測試出生登記 {number:06}"))
    }

    fn eighteen(&self, kind: DocumentKind, first_seventeen: &str) -> Document {
        let check = check_character(first_seventeen).expect("fewer than 500 persons of a sex are born on one day");
        document(kind, &format!("{first_seventeen}{check}"))
    }

    /// Gives out the next number of a kind, from 0; none when all are given out.
    fn next(&mut self, kind: usize, limit: u32) -> Option<u32> {
        let next = self.others.get_mut(kind)?;
        let number = *next;
        (number < limit).then(|| *next += 1)?;
        Some(number)
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        *list.choose(&mut self.rng).expect("no list here is empty")
    }
}

fn document(kind: DocumentKind, number: &str) -> Document {
    Document::parse(kind, number).expect("numbers are built by the rules of their kind")
}

fn short(text: &str) -> Short {
    text.parse().expect("texts here are short and plain")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tongcha_domain::identity::DocumentWarning;
    use tongcha_node::register::{FileFormat, read_register, write_csv};

    use super::*;

    const PARTIES: [&str; 3] = ["zhuhai", "macau", "hengqin"];

    fn documents(households: &[Household]) -> Vec<&Document> {
        let members = households.iter().flat_map(|household| &household.members);
        members.flat_map(|member| std::iter::once(&member.subject.document).chain(&member.other_documents)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_register_and_another_another() {
        for party in PARTIES {
            assert_eq!(households(party, 7, 200), households(party, 7, 200));
            assert_ne!(households(party, 7, 200), households(party, 8, 200));
        }
        assert_eq!(households("macau", 7, 300)[..200], households("macau", 7, 200));
    }

    #[test]
    fn no_document_stands_twice_and_none_is_a_living_persons() {
        for party in PARTIES {
            let households = households(party, 1, 20_000);
            let documents = documents(&households);
            let keys: HashSet<_> = documents.iter().map(|document| document.key()).collect();
            assert_eq!(keys.len(), documents.len());
            for document in documents {
                let number = document.number();
                match document.kind() {
                    DocumentKind::MainlandId => assert_eq!(document.warnings(), [DocumentWarning::UnknownArea]),
                    DocumentKind::MacauBir => assert!(!number.starts_with(['1', '5', '7']), "{number}"),
                    DocumentKind::ResidencePermit => assert_eq!(number.get(6..14), Some("19000101")),
                    DocumentKind::HomeReturnPermit => assert!(number.starts_with("M00000"), "{number}"),
                    DocumentKind::BirthRegistration => assert!(number.contains("測試"), "{number}"),
                    DocumentKind::HomeReturnPermitNonChinese | DocumentKind::TravelPermitToHkMacau => {
                        panic!("not made here: {number}")
                    }
                }
                assert_eq!(document.check_birth(AS_OF), Ok(()));
            }
        }
    }

    #[test]
    fn households_have_two_and_a_third_persons_on_average_and_gaps_in_what_is_known() {
        for party in PARTIES {
            let households = households(party, 3, 5_000);
            let persons: Vec<&Member> = households.iter().flat_map(|household| &household.members).collect();
            let average = persons.len() * 100 / households.len();
            assert!((225..=240).contains(&average), "{average}");
            let blank = persons.iter().filter(|member| member.alive.is_none()).count() * 100 / persons.len();
            assert!((9..=16).contains(&blank), "{blank}");
            assert!(persons.iter().any(|member| member.wage.is_some() && member.deposits.is_none()));
        }
    }

    #[test]
    fn each_party_has_its_own_currency_and_references() {
        let of = |party| households(party, 5, 50).into_iter().next().map(|first| String::from(first.reference));
        assert_eq!(PARTIES.map(of).map(Option::unwrap), ["ZH-0000001", "MO-0000001", "HQ-0000001"]);
        let all = households("macau", 5, 500);
        let money = all.iter().flat_map(|household| &household.members).filter_map(|member| member.deposits);
        assert!(money.into_iter().all(|money| money.currency == Currency::Mop));
    }

    #[test]
    fn a_register_passes_through_its_file_unchanged() {
        for party in PARTIES {
            let households = households(party, 11, 2_000);
            let file = write_csv(&households);
            assert_eq!(FileFormat::sniff(&file), Ok(FileFormat::Csv));
            assert_eq!(read_register(&file, FileFormat::Csv), Ok(households));
        }
    }
}
