//! The persons of the scenarios (`domain.md` §7): obviously synthetic, with documents that nobody was issued.
//!
//! Each is written once, as the domain's own type; requests and registers are made from it.

use anyhow::Result;
use serde_json::Value;
use tongcha_domain::identity::{Document, DocumentKind, Subject};
use tongcha_domain::money::{Currency, Money};
use tongcha_domain::name::PersonName;
use tongcha_domain::register::{Assistance, Household, Member};

use crate::parties::{HENGQIN, MACAU, Side, ZHUHAI};

/// A person of the cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    kind: DocumentKind,
    number: &'static str,
    /// The name as on the document.
    pub name: &'static str,
    hans: Option<&'static str>,
    hant: Option<&'static str>,
    roman: Option<&'static str>,
    born: Option<&'static str>,
}

/// 陳樣本, Macau resident, wife of 范测试.
pub const CHAN: Person = Person {
    kind: DocumentKind::MacauBir,
    number: "9000001(0)",
    name: "陳樣本",
    hans: None,
    hant: Some("陳樣本"),
    roman: Some("CHAN IEONG PUN"),
    born: None,
};

/// 范测试 of Zhuhai, husband of 陳樣本.
pub const FAN: Person = Person {
    kind: DocumentKind::MainlandId,
    number: "999999198506010033",
    name: "范测试",
    hans: Some("范测试"),
    hant: Some("范測試"),
    roman: Some("FAN CESHI"),
    born: Some("1985-06-01"),
};

/// The same man as Macau first wrote him: 範 is another surname than 范 and no traditional form of it.
pub const FAN_MISWRITTEN: Person = Person { name: "範測試", hans: None, hant: Some("範測試"), ..FAN };

/// 梁虛擬, 76, Macau resident alone in Hengqin.
pub const LEONG: Person = Person {
    kind: DocumentKind::MainlandId,
    number: "99999919500601005X",
    name: "梁虛擬",
    hans: None,
    hant: Some("梁虛擬"),
    roman: Some("LEONG HOI NGAI"),
    born: Some("1950-06-01"),
};

/// 何示例, Macau resident in Hengqin.
pub const HO: Person = Person {
    kind: DocumentKind::MainlandId,
    number: "999999198806010043",
    name: "何示例",
    hans: None,
    hant: Some("何示例"),
    roman: Some("HO SI LAI"),
    born: Some("1988-06-01"),
};

/// 鍾演示, 76, Macau recipient living in Xiangzhou.
pub const CHONG: Person = Person {
    kind: DocumentKind::MacauBir,
    number: "9000002(0)",
    name: "鍾演示",
    hans: None,
    hant: Some("鍾演示"),
    roman: Some("CHONG IN SI"),
    born: None,
};

/// 小樣本, the child of 何示例 and 余假设, four years old: no BIR, a birth registration at Macau.
pub const CHILD: Person = Person {
    kind: DocumentKind::BirthRegistration,
    number: "1234/2022",
    name: "小樣本",
    hans: None,
    hant: Some("小樣本"),
    roman: None,
    born: Some("2022-06-01"),
};

/// 余假设 of Zhuhai, the child's father.
pub const YU: Person = Person {
    kind: DocumentKind::MainlandId,
    number: "440402190001010013",
    name: "余假设",
    hans: Some("余假设"),
    hant: None,
    roman: None,
    born: None,
};

/// The half-sister, sixteen in 2026.
pub const SISTER: Person = Person {
    kind: DocumentKind::MainlandId,
    number: "999999201006010023",
    name: "何少年",
    hans: None,
    hant: Some("何少年"),
    roman: None,
    born: None,
};

/// 黃示例, Macau recipient. Nobody but her number has anything to do with 王样例.
pub const VONG: Person = Person {
    kind: DocumentKind::MacauBir,
    number: "9000003(0)",
    name: "黃示例",
    hans: None,
    hant: Some("黃示例"),
    roman: Some("VONG SI LAI"),
    born: None,
};

/// 王样例, Macau resident who receives assistance in Zhuhai, where a permit's number was typed wrongly.
pub const WANG: Person = Person {
    kind: DocumentKind::ResidencePermit,
    number: "82000019000101001X",
    name: "王样例",
    hans: Some("王样例"),
    hant: Some("王樣例"),
    roman: None,
    born: Some("1900-01-01"),
};

impl Person {
    /// Returns the person as officers name them.
    ///
    /// # Errors
    /// Never for the cast.
    pub fn subject(&self) -> Result<Subject> {
        let parse = |text: Option<&str>| text.map(str::parse).transpose();
        Ok(Subject {
            document: Document::parse(self.kind, self.number)?,
            name: PersonName {
                as_on_document: self.name.parse()?,
                zh_hans: parse(self.hans)?,
                zh_hant: parse(self.hant)?,
                roman: parse(self.roman)?,
            },
            birth_date: self.born.map(str::parse).transpose()?,
        })
    }

    /// Returns the person for a request body.
    ///
    /// # Errors
    /// Never for the cast.
    pub fn json(&self) -> Result<Value> {
        Ok(serde_json::to_value(self.subject()?)?)
    }

    /// Returns the document for a request body.
    ///
    /// # Errors
    /// Never for the cast.
    pub fn document(&self) -> Result<Value> {
        Ok(serde_json::to_value(self.subject()?.document)?)
    }

    fn member(&self) -> Result<Member> {
        Ok(Member {
            subject: self.subject()?,
            other_documents: Vec::new(),
            alive: Some(true),
            married: Some(false),
            wage: None,
            businesses: Some(0),
            pension: None,
            assistance: Some(Assistance::None),
            deposits: None,
            properties: Some(0),
            vehicles: Some(0),
            public_housing: Some(false),
            resident: Some(true),
            match_clause: None,
        })
    }
}

/// Returns the households of the cast in a party's register.
///
/// # Errors
/// Never for the sides of the test bed.
pub fn households(side: Side) -> Result<Vec<Household>> {
    let mop = |minor| Some(Money { minor, currency: Currency::Mop });
    let cny = |minor| Some(Money { minor, currency: Currency::Cny });
    let subsidy = Some(Assistance::Programme("定期援助金".parse()?));
    let dibao = Some(Assistance::Programme("低保".parse()?));
    // Receives a programme, agreed to the clause on matching, and has a home return permit besides.
    let matched = |person: Person, assistance: &Option<Assistance>, permit: &str| -> Result<Member> {
        let other_documents = vec![Document::parse(DocumentKind::HomeReturnPermit, permit)?];
        let (assistance, match_clause) = (assistance.clone(), Some(true));
        Ok(Member { other_documents, assistance, match_clause, ..person.member()? })
    };
    let single = |reference: &str, district: &str, member: Member| -> Result<Household> {
        let as_of = "2026-05-31".parse()?;
        Ok(Household { reference: reference.parse()?, district: district.parse()?, as_of, members: vec![member] })
    };
    Ok(if side == MACAU {
        let chan =
            Member { married: Some(true), deposits: mop(1_200_000), assistance: subsidy.clone(), ..CHAN.member()? };
        let chong =
            Member { pension: mop(390_000), deposits: mop(4_000_000), ..matched(CHONG, &subsidy, "M0000000200")? };
        let vong = matched(VONG, &subsidy, "M0000000300")?;
        vec![
            single("MO-CAST-1", "花地瑪堂區", chan)?,
            single("MO-CAST-2", "居於珠海", chong)?,
            single("MO-CAST-3", "大堂區", vong)?,
        ]
    } else if side == ZHUHAI {
        let fan = Member { married: Some(true), wage: cny(235_000), deposits: cny(900_000), ..FAN.member()? };
        // Known here by the permit as it was renewed. Of 王样例 the permit's number is 黃示例's, by mistake.
        let permit = Document::parse(DocumentKind::HomeReturnPermit, "M0000000201")?;
        let mut chong = CHONG.member()?;
        chong.subject.document = permit;
        let chong = Member { assistance: dibao.clone(), match_clause: Some(true), ..chong };
        let wang = matched(WANG, &dibao, "M0000000311")?;
        let chan = Member { assistance: dibao, ..CHAN.member()? }; // did not agree to the clause, on either side
        vec![
            single("ZH-CAST-1", "香洲", fan)?,
            single("ZH-CAST-2", "香洲", chong)?,
            single("ZH-CAST-3", "斗门", wang)?,
            single("ZH-CAST-4", "香洲", chan)?,
        ]
    } else if side == HENGQIN {
        vec![single("HQ-CAST-1", "小横琴", LEONG.member()?)?, single("HQ-CAST-2", "横琴", HO.member()?)?]
    } else {
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parties::SIDES;

    #[test]
    fn the_cast_is_valid_and_every_party_knows_somebody() {
        for person in [CHAN, FAN, FAN_MISWRITTEN, LEONG, HO, CHONG, CHILD, YU, SISTER, VONG, WANG] {
            person.subject().unwrap();
        }
        assert_eq!(FAN.document().unwrap(), FAN_MISWRITTEN.document().unwrap());
        for side in SIDES {
            assert!(!households(side).unwrap().is_empty());
        }
    }
}
