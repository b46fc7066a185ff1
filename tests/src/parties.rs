//! Who takes part in the test bed: the three parties and their officers, named as the scenarios name them
//! (`domain.md` §7). Only the test bed enumerates them; the product takes a party as a value.

use tongcha_domain::id::PartyId;

/// A party as the test bed runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Side {
    /// The party's name.
    pub name: &'static str,
    /// Begins the names of its officers.
    pub prefix: &'static str,
    /// The org unit its officers belong to.
    pub unit: &'static str,
}

/// Zhuhai.
pub const ZHUHAI: Side = Side { name: "zhuhai", prefix: "zh", unit: "xiangzhou" };
/// Macau.
pub const MACAU: Side = Side { name: "macau", prefix: "mo", unit: "ias" };
/// Hengqin.
pub const HENGQIN: Side = Side { name: "hengqin", prefix: "hq", unit: "livelihood" };

/// All of them.
pub const SIDES: [Side; 3] = [ZHUHAI, MACAU, HENGQIN];

/// The officers each side enrols: what follows the prefix, and the role.
pub const OFFICERS: [(&str, &str); 9] = [
    ("lo", "LO"),
    ("cw", "CW"),
    ("cw2", "CW"),
    ("rv", "RV"),
    ("ho", "HO"),
    ("dp", "DP"),
    ("sa", "SA"),
    ("au", "AU"),
    ("sec", "SEC"),
];

impl Side {
    /// Returns the name of an officer, such as `zh.cw.test`.
    #[must_use]
    pub fn officer(&self, desk: &str) -> String {
        format!("{}.{desk}.test", self.prefix)
    }

    /// Returns the other sides.
    pub fn others(self) -> impl Iterator<Item = Self> {
        SIDES.into_iter().filter(move |side| *side != self)
    }

    /// Returns the party.
    ///
    /// # Errors
    /// Never for the sides above.
    pub fn party(&self) -> anyhow::Result<PartyId> {
        Ok(self.name.parse()?)
    }

    /// Finds the side that an officer such as `zh.cw` belongs to.
    ///
    /// # Errors
    /// When no side has that prefix.
    pub fn of_officer(officer: &str) -> anyhow::Result<Self> {
        let prefix = officer.split('.').next().unwrap_or_default();
        let side = SIDES.into_iter().find(|side| side.prefix == prefix);
        side.ok_or_else(|| anyhow::anyhow!("no side has officers called {officer}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_is_a_party_with_rules_and_is_found_by_its_officers() {
        for side in SIDES {
            assert!(tongcha_domain::party::rules_of(side.party().unwrap()).is_some());
            assert_eq!(Side::of_officer(&side.officer("cw")).unwrap(), side);
            assert_eq!(side.others().count(), 2);
            side.unit.parse::<tongcha_domain::id::UnitId>().unwrap();
        }
        assert!(Side::of_officer("gz.cw").is_err());
    }
}
