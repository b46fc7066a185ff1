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
    let single = |reference: &str, district: &str, member: Member| -> Result<Household> {
        let as_of = "2026-05-31".parse()?;
        Ok(Household { reference: reference.parse()?, district: district.parse()?, as_of, members: vec![member] })
    };
    Ok(if side == MACAU {
        let chan =
            Member { married: Some(true), deposits: mop(1_200_000), assistance: subsidy.clone(), ..CHAN.member()? };
        let chong = Member { pension: mop(390_000), deposits: mop(4_000_000), assistance: subsidy, ..CHONG.member()? };
        vec![single("MO-CAST-1", "花地瑪堂區", chan)?, single("MO-CAST-2", "居於珠海", chong)?]
    } else if side == ZHUHAI {
        let fan = Member { married: Some(true), wage: cny(235_000), deposits: cny(900_000), ..FAN.member()? };
        vec![single("ZH-CAST-1", "香洲", fan)?]
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
        for person in [CHAN, FAN, FAN_MISWRITTEN, LEONG, HO, CHONG] {
            person.subject().unwrap();
        }
        assert_eq!(FAN.document().unwrap(), FAN_MISWRITTEN.document().unwrap());
        for side in SIDES {
            assert!(!households(side).unwrap().is_empty());
        }
    }
}
