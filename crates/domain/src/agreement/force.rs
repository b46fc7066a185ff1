//! Which version is in force.

use crate::agreement::{AgreementFacts, AgreementTerms};
use crate::id::PartyId;
use crate::time::Instant;
use crate::view::{Rows, ViewError};

/// Returns the terms in force between two parties at `now`: of the versions that both have signed and whose day has
/// come, the one that came last. Others of its parties need not have signed: it holds between those who have.
///
/// # Errors
/// When a row can't be read.
pub fn in_force(rows: &Rows<'_>, between: [PartyId; 2], now: Instant) -> Result<Option<AgreementTerms>, ViewError> {
    let versions = rows.all::<AgreementFacts>()?;
    let binding = versions.iter().filter_map(|(id, sides)| {
        let (_, terms) = sides.proposal()?;
        let of_both = between.iter().all(|party| terms.between.contains(party) && sides.is_signed_by(*party));
        (of_both && terms.effective_from <= now).then_some((terms.effective_from, *id, terms))
    });
    Ok(binding.max_by_key(|(from, id, _)| (*from, id.0)).map(|(.., terms)| terms.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::sample::{proposed, signed, terms};
    use crate::agreement::{AgreementProposed, AgreementSigned, DEFAULTS, figures};
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
    fn figures_are_the_defaults_until_a_version_is_in_force_by_the_logs_own_time() {
        let pair = ["zhuhai", "macau"].map(party);
        let scene = given_nothing().and("sec.zhuhai", proposed(1)).and("sec.macau", signed(1));
        assert_eq!(figures(&scene.rows(), pair).unwrap(), DEFAULTS);
        let scene = scene.at(NOON.plus_us(DAY_US)).and("sec.zhuhai", signed(3));
        assert_eq!(figures(&scene.rows(), pair).unwrap(), terms().figures);
    }
}
