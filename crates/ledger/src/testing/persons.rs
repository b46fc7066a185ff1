//! Sample persons, their consent and their household.

use tongcha_domain::consent::{Capacity, ConsentClaims, OrgUnit, Signatory, SignedBy, Signer};
use tongcha_domain::id::PartyId;
use tongcha_domain::identity::{Document, DocumentKind, Subject};
use tongcha_domain::item::{Granularity, Item};
use tongcha_domain::money::{Currency, Money};
use tongcha_domain::name::PersonName;
use tongcha_domain::purpose::{Language, LegalBasis, Purpose};
use tongcha_domain::register::{Assistance, Household, Member};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::DAY_US;

use super::NOON;

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub(crate) fn short(text: &str) -> Short {
    text.parse().unwrap()
}

pub(crate) fn note(text: &str) -> Note {
    text.parse().unwrap()
}

fn subject(kind: DocumentKind, number: &str, name: [&str; 3], born: &str) -> Subject {
    let [zh_hans, zh_hant, roman] = name;
    Subject {
        document: Document::parse(kind, number).unwrap(),
        name: PersonName {
            as_on_document: short(zh_hant),
            zh_hans: Some(short(zh_hans)),
            zh_hant: Some(short(zh_hant)),
            roman: Some(short(roman)),
        },
        birth_date: Some(born.parse().unwrap()),
    }
}

/// Two adults: one with a Macau card, one with a mainland card.
pub(crate) fn adults() -> Vec<Subject> {
    vec![
        subject(DocumentKind::MacauBir, "9000001(0)", ["陈测试", "陳測試", "CHAN CHAK SI"], "1985-06-01"),
        subject(DocumentKind::MainlandId, "440402190001010013", ["李样例", "李樣例", "LI YANGLI"], "1900-01-01"),
    ]
}

/// A consent of two adults to six items, as Zhuhai takes it for a question to Macau.
pub(crate) fn claims() -> ConsentClaims {
    let items = [
        (Item::IdExists, Granularity::Threshold),
        (Item::IncomeWage, Granularity::Band),
        (Item::IncomeAssistance, Granularity::Exact),
        (Item::AssetDeposit, Granularity::Threshold),
        (Item::AssetProperty, Granularity::Threshold),
        (Item::PublicHousing, Granularity::Threshold),
    ];
    let signer = |subject| Signer::own(subject, "2026-06-28".parse().unwrap());
    ConsentClaims {
        id: "0197f000-0000-7000-8000-00000000c001".parse().unwrap(),
        issuer: party("zhuhai"),
        holder: party("macau"),
        requester: OrgUnit { party: party("zhuhai"), unit: "xiangzhou".parse().unwrap() },
        items: items.into(),
        purpose: Purpose::DibaoApplication,
        legal_basis: LegalBasis::AgreementArticle(short("协议第六条")),
        not_before: NOON,
        not_after: NOON.plus_us(180 * DAY_US),
        uses: 3,
        letter_digest: [0x1E; 32],
        signers: vec![signer(0), signer(1)],
        witness: "zh.rv.test".parse().unwrap(),
        language: Language::ZhHans,
        subjects: adults(),
        others: Vec::new(),
        separate: [Item::AssetDeposit].into(),
        supplements: Vec::new(),
    }
}

/// A consent that names every item there is, each as finely as it can be asked.
pub(crate) fn letter() -> ConsentClaims {
    use Item::{
        AssetDeposit, AssetInsurance, AssetProperty, AssetSecurities, AssetVehicle, ExpenseEducation, ExpenseHousing,
        ExpenseMedical, HouseholdMembers, IdAlive, IdExists, IncomeAssistance, IncomeBusiness, IncomePension,
        IncomeWage, LivingResidence, LivingVisit, MaritalStatus, PublicHousing, SupporterCapacity,
    };
    let items = [
        IdExists,
        IdAlive,
        HouseholdMembers,
        MaritalStatus,
        IncomeWage,
        IncomeBusiness,
        IncomePension,
        IncomeAssistance,
        AssetDeposit,
        AssetSecurities,
        AssetInsurance,
        AssetProperty,
        AssetVehicle,
        PublicHousing,
        ExpenseMedical,
        ExpenseEducation,
        ExpenseHousing,
        LivingVisit,
        LivingResidence,
        SupporterCapacity,
    ];
    let items = items.into_iter().map(|item| (item, Granularity::Exact)).collect();
    ConsentClaims { items, language: Language::Pt, ..claims() }
}

/// A letter that a parent, an institution and a later letter completed: every optional field of a consent given.
pub(crate) fn completed() -> ConsentClaims {
    let mut claims = letter();
    claims.others = vec![Signatory::Person(adults().remove(1)), Signatory::Institution(short("示例福利院"))];
    let signer = |capacity, by, appointment| Signer { capacity, by, appointment, ..claims.signers[0].clone() };
    claims.signers = vec![
        signer(Capacity::ParentalAuthority, SignedBy::Other(0), None),
        signer(Capacity::Institution, SignedBy::Other(1), Some([0xA0; 32])),
        signer(Capacity::Guardian, SignedBy::Subject(1), Some([0xA1; 32])),
    ];
    claims.supplements = vec![[0x2E; 32]];
    claims
}

/// A household of the register with every field of its one person known.
pub(crate) fn household() -> Household {
    let mop = |minor| Some(Money { minor, currency: Currency::Mop });
    let member = Member {
        subject: adults().remove(0),
        other_documents: vec![Document::parse(DocumentKind::HomeReturnPermit, "M0000000100").unwrap()],
        alive: Some(true),
        married: Some(false),
        wage: mop(435_000),
        businesses: Some(0),
        pension: mop(0),
        assistance: Some(Assistance::Programme(short("定期援助金"))),
        deposits: mop(12_345_678),
        properties: Some(1),
        vehicles: Some(0),
        public_housing: Some(true),
        resident: Some(true),
        match_clause: Some(true),
    };
    Household {
        reference: short("IAS-2026-000001"),
        district: short("花地瑪堂區"),
        as_of: "2026-06-30".parse().unwrap(),
        members: vec![member],
    }
}
