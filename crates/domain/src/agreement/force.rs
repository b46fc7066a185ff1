//! Which version is in force, and since when.

use crate::agreement::{Agreement, AgreementFacts, AgreementTerms, DEFAULTS};
use crate::id::PartyId;
use crate::time::Instant;
use crate::view::{Rows, ViewError};

/// The versions that bind two parties, by the days on which they take effect; the last in this order replaces the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions(Vec<(Instant, AgreementTerms)>);

impl Versions {
    /// Loads the versions that both of two parties have signed. Others of a version's parties need not have: it holds
    /// between those who have.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn load(rows: &Rows<'_>, between: [PartyId; 2]) -> Result<Self, ViewError> {
        let mut binding = Vec::new();
        for (id, sides) in rows.all::<AgreementFacts>()? {
            let Some((_, terms)) = sides.proposal() else { continue };
            let [one, other] = between.map(|party| sides.signed_at(party).filter(|_| terms.between.contains(&party)));
            // What was signed late binds from the last signature on, and not backwards.
            if let (Some(one), Some(other)) = (one, other) {
                binding.push((id, terms.effective_from.max(one).max(other), terms.clone()));
            }
        }
        binding.sort_by_key(|(id, _, terms)| (terms.effective_from, id.0));
        Ok(Self(binding.into_iter().map(|(_, since, terms)| (since, terms)).collect()))
    }

    /// Returns the terms in force at an instant: of the versions that bind by then, the one that takes effect last.
    #[must_use]
    pub fn at(&self, at: Instant) -> Option<&AgreementTerms> {
        self.0.iter().rev().find(|(since, _)| *since <= at).map(|(_, terms)| terms)
    }

    /// Returns the figures at an instant: of the version in force, or else [`DEFAULTS`].
    #[must_use]
    pub fn figures(&self, at: Instant) -> Agreement {
        self.at(at).map_or(DEFAULTS, |terms| terms.figures)
    }

    /// Returns the first instant at which any version binds; none while there is none.
    #[must_use]
    pub fn since(&self) -> Option<Instant> {
        self.0.iter().map(|(since, _)| *since).min()
    }
}

/// Returns the terms in force between two parties at `now`.
///
/// # Errors
/// When a row can't be read.
pub fn in_force(rows: &Rows<'_>, between: [PartyId; 2], now: Instant) -> Result<Option<AgreementTerms>, ViewError> {
    Ok(Versions::load(rows, between)?.at(now).cloned())
}

/// Returns the figures two parties go by at an instant. For a clock that is the instant it begins at: a version that
/// comes into force later does not move what is running.
///
/// # Errors
/// When a row can't be read.
pub fn figures(rows: &Rows<'_>, between: [PartyId; 2], at: Instant) -> Result<Agreement, ViewError> {
    Ok(Versions::load(rows, between)?.figures(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::sample::{proposed, signed, terms};
    use crate::agreement::{AgreementProposed, AgreementSigned};
    use crate::testing::{NOON, Scene, given_nothing, party};
    use crate::time::DAY_US;

    fn version(scene: &Scene, pair: [&str; 2], now: Instant) -> Option<String> {
        let terms = in_force(&scene.rows(), pair.map(party), now).unwrap();
        terms.map(|terms| terms.figures.version.to_string())
    }

    #[test]
    fn a_version_binds_those_who_signed_it_from_its_day_on() {
        let scene = given_nothing().and("sec.zhuhai", proposed(1));
        let pair = ["zhuhai", "macau"];
        assert_eq!(version(&scene, pair, NOON.plus_us(DAY_US)), None, "one signature binds nobody");
        let scene = scene.and("sec.macau", signed(1));
        assert_eq!(version(&scene, pair, NOON.plus_us(DAY_US)).as_deref(), Some("2026-1"));
        assert_eq!(version(&scene, ["macau", "zhuhai"], NOON.plus_us(DAY_US)).as_deref(), Some("2026-1"));
        assert_eq!(version(&scene, pair, NOON.plus_us(DAY_US - 1)), None, "its day has not come");
        assert_eq!(version(&scene, ["zhuhai", "hengqin"], NOON.plus_us(DAY_US)), None, "Hengqin has not signed");
    }

    #[test]
    fn another_paper_another_party_or_another_name_binds_nobody() {
        let now = NOON.plus_us(DAY_US);
        let pair = ["zhuhai", "macau"];
        let other_paper = AgreementSigned { text_digest: [9; 32], ..signed(1) };
        let scene = given_nothing().and("sec.zhuhai", proposed(1));
        assert_eq!(version(&scene.clone().and("sec.macau", other_paper), pair, now), None);
        assert_eq!(version(&scene.and("sec.hengqin", signed(1)), pair, now), None);
        let in_anothers_name = AgreementProposed { by: party("macau"), ..proposed(1) };
        let scene = given_nothing().and("sec.zhuhai", in_anothers_name).and("sec.macau", signed(1));
        assert_eq!(version(&scene, pair, now), None);
    }

    #[test]
    fn a_later_version_replaces_the_one_before() {
        let mut later = proposed(2);
        later.terms.effective_from = NOON.plus_us(2 * DAY_US);
        later.terms.figures.version = "2026-2".parse().unwrap();
        let scene = given_nothing().and("sec.macau", AgreementProposed { by: party("macau"), ..later });
        let scene = scene.and("sec.zhuhai", signed(2)).and("sec.zhuhai", proposed(1)).and("sec.macau", signed(1));
        let at = |days| version(&scene, ["zhuhai", "macau"], NOON.plus_us(days * DAY_US));
        assert_eq!(at(1).as_deref(), Some("2026-1"));
        assert_eq!(at(2).as_deref(), Some("2026-2"));
    }

    #[test]
    fn figures_are_those_of_the_date_asked_for_whatever_the_logs_have_come_to() {
        let pair = ["zhuhai", "macau"].map(party);
        let scene = given_nothing().and("sec.zhuhai", proposed(1)).and("sec.macau", signed(1));
        let scene = scene.at(NOON.plus_us(30 * DAY_US)).and("sec.zhuhai", signed(3));
        let at = |at| figures(&scene.rows(), pair, at).unwrap();
        assert_eq!(at(NOON.plus_us(DAY_US - 1)), DEFAULTS);
        assert_eq!(at(NOON.plus_us(DAY_US)), terms().figures);
        assert_eq!(figures(&given_nothing().rows(), pair, NOON.plus_us(DAY_US)).unwrap(), DEFAULTS);
    }

    #[test]
    fn what_is_signed_late_binds_from_the_last_signature_on() {
        let scene = given_nothing().and("sec.zhuhai", proposed(1));
        let late = NOON.plus_us(40 * DAY_US);
        let scene = scene.at(late).and("sec.macau", signed(1));
        assert_eq!(version(&scene, ["zhuhai", "macau"], late.plus_us(-1)), None);
        assert_eq!(version(&scene, ["zhuhai", "macau"], late).as_deref(), Some("2026-1"));
        let since = |pair: [&str; 2]| Versions::load(&scene.rows(), pair.map(party)).unwrap().since();
        assert_eq!((since(["zhuhai", "macau"]), since(["zhuhai", "hengqin"])), (Some(late), None));
    }
}
