//! When the payload of an urgent notice is hidden from its addressees again.

use crate::id::PartyId;
use crate::time::{DAY_US, Instant};
use crate::urgent::facts::UrgentCase;

/// How long after the closure the addressees still see the payload (`domain.md` §7, S2): 24 hours.
pub const SEALED_AFTER_US: i64 = DAY_US;

/// Why the payload is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// The notice was closed and the time after it is over.
    Closed,
    /// The justification was rejected: there was no right to tell it.
    Rejected,
}

impl UrgentCase<'_> {
    /// Returns why the payload is hidden from a party at an instant; none when it is not. What a sender wrote itself is
    /// never hidden from it.
    #[must_use]
    pub fn sealed(&self, from: PartyId, now: Instant) -> Option<Sealing> {
        if from == self.from {
            return None;
        }
        if self.sender.reviewed.as_ref().is_some_and(|(review, _)| !review.accepted) {
            return Some(Sealing::Rejected);
        }
        let closed = self.sender.closed.as_ref().map(|(_, said)| said.at);
        closed.filter(|at| now > at.plus_us(SEALED_AFTER_US)).map(|_| Sealing::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scene, party};
    use crate::urgent::UrgentFacts;
    use crate::urgent::sample::{URGENT, given_acked, given_closed, justified, reviewed};
    use crate::view::Sides;

    fn sealed(scene: &Scene, name: &str, now: Instant) -> Option<Sealing> {
        let sides: Sides<UrgentFacts> = scene.rows().sides(&URGENT).unwrap();
        sides.concerning(party(name)).unwrap().sealed(party(name), now)
    }

    #[test]
    fn a_day_after_the_closure_but_never_from_the_sender() {
        let open = given_acked();
        assert_eq!(sealed(&open, "macau", open.now.plus_us(30 * DAY_US)), None);
        let end = open.now;
        let closed = given_closed();
        for addressee in ["macau", "zhuhai"] {
            assert_eq!(sealed(&closed, addressee, end.plus_us(SEALED_AFTER_US)), None);
            assert_eq!(sealed(&closed, addressee, end.plus_us(SEALED_AFTER_US + 1)), Some(Sealing::Closed));
        }
        assert_eq!(sealed(&closed, "hengqin", end.plus_us(30 * DAY_US)), None);
    }

    #[test]
    fn at_once_when_the_justification_is_rejected() {
        for (accepted, sealing) in [(true, None), (false, Some(Sealing::Rejected))] {
            let scene = given_closed().and("lo.hengqin", justified()).and("dp.hengqin", reviewed(accepted));
            assert_eq!(sealed(&scene, "macau", scene.now), sealing);
            assert_eq!(sealed(&scene, "hengqin", scene.now), None);
        }
    }
}
