//! The right to read the register for one run, once.

use crate::id::{MatchRunId, PartyId};
use crate::overlap::guards::{RunState, may_begin};
use crate::refusal::Refusal;
use crate::time::{Instant, Period};
use crate::view::{Rows, ViewError};

/// The right to read the members of the own register that belong in one run's set.
///
/// It exists only when the data-protection officers of both sides authorised exactly this run, it has not begun here
/// and it is within the limits. Nobody can build one otherwise, copy it, store it or send it:
///
/// ```compile_fail,E0277
/// fn copies<T: Clone>() {}
/// copies::<tongcha_domain::overlap::MatchPermit>();
/// ```
///
/// ```compile_fail,E0277
/// fn stores<T: serde::Serialize>() {}
/// stores::<tongcha_domain::overlap::MatchPermit>();
/// ```
#[derive(Debug)]
pub struct MatchPermit {
    run: MatchRunId,
    holder: PartyId,
    other: PartyId,
    period: Period,
    elements_max: u32,
}

impl MatchPermit {
    /// Opens the permit that the committed logs give for a run; the refusal says why they don't. `rows` must be the
    /// committed view, without changes that are not yet on disk.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn open(
        rows: &Rows<'_>,
        holder: PartyId,
        run: MatchRunId,
        now: Instant,
    ) -> Result<Result<Self, Refusal>, ViewError> {
        let state = RunState::load(rows, run)?;
        Ok(may_begin(&state, holder, now).map(|case| Self {
            run,
            holder,
            other: case.other,
            period: case.proposed.period,
            elements_max: case.proposed.elements_max,
        }))
    }

    /// Returns the run.
    #[must_use]
    pub fn run(&self) -> MatchRunId {
        self.run
    }

    /// Returns the party whose register it opens.
    #[must_use]
    pub fn holder(&self) -> PartyId {
        self.holder
    }

    /// Returns the other party of the run.
    #[must_use]
    pub fn other(&self) -> PartyId {
        self.other
    }

    /// Returns the month compared.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// Returns how many elements either set may have.
    #[must_use]
    pub fn elements_max(&self) -> u32 {
        self.elements_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::PROPOSAL_VALID_US;
    use crate::overlap::sample::{RUN, authorised, begun, given_authorised, given_proposed, proposed};
    use crate::refusal::RefusalCode;
    use crate::testing::{NOON, Scene, given_nothing, party};

    fn open(scene: &Scene, holder: &str) -> Result<MatchPermit, RefusalCode> {
        let opened = MatchPermit::open(&scene.rows(), party(holder), RUN, scene.now).unwrap();
        opened.map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_run_that_both_officers_authorised_opens_each_own_register() {
        for (holder, other) in [("zhuhai", "macau"), ("macau", "zhuhai")] {
            let permit = open(&given_authorised(), holder).unwrap();
            assert_eq!((permit.run(), permit.holder(), permit.other()), (RUN, party(holder), party(other)));
            assert_eq!((permit.period(), permit.elements_max()), (proposed().period, proposed().elements_max));
        }
    }

    #[test]
    fn one_authorisation_opens_nothing() {
        for who in ["dp.zhuhai", "dp.macau"] {
            let scene = given_proposed().and(who, authorised(who));
            assert_eq!(open(&scene, "zhuhai").err(), Some(RefusalCode::RunNotAuthorised));
            assert_eq!(open(&scene, "macau").err(), Some(RefusalCode::RunNotAuthorised));
        }
        assert_eq!(open(&given_nothing(), "macau").err(), Some(RefusalCode::NotFound));
        assert_eq!(open(&given_authorised(), "hengqin").err(), Some(RefusalCode::NotFound));
    }

    #[test]
    fn what_a_peer_authorised_for_another_pair_does_not_count() {
        let elsewhere = crate::overlap::MatchRunAuthorised { other: party("hengqin"), ..authorised("dp.macau") };
        let scene = given_proposed().and("dp.zhuhai", authorised("dp.zhuhai")).and("dp.macau", elsewhere);
        assert_eq!(open(&scene, "zhuhai").err(), Some(RefusalCode::RunNotAuthorised));
    }

    #[test]
    fn a_run_that_began_opens_nothing_any_more() {
        let scene = given_authorised().and("node.macau", begun("macau"));
        assert_eq!(open(&scene, "macau").err(), Some(RefusalCode::WrongState));
        assert!(open(&scene, "zhuhai").is_ok(), "the other side has its own turn");
    }

    #[test]
    fn an_old_proposal_opens_nothing() {
        let at = |us| open(&given_authorised().at(NOON.plus_us(us)), "macau");
        assert!(at(PROPOSAL_VALID_US - 1).is_ok());
        assert_eq!(at(PROPOSAL_VALID_US).err(), Some(RefusalCode::RunNotAuthorised));
    }

    #[test]
    fn an_id_that_a_third_party_proposes_as_well_is_not_taken_for_the_one_authorised() {
        let third = crate::overlap::MatchRunProposed { with: party("macau"), elements_max: 1, ..proposed() };
        let scene = given_authorised().and("lo.hengqin", third);
        assert_eq!(open(&scene, "macau").unwrap().other(), party("zhuhai"));
    }
}
