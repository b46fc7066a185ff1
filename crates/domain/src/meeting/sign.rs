//! `SignResolution`: a party's secretariat signs a resolution for its party.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{MeetingId, ResolutionId};
use crate::meeting::events::ResolutionSigned;
use crate::meeting::facts::{State, load};
use crate::meeting::guards::{meeting, refuse_unless, resolution};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, ViewError};

/// Signs a resolution: the text that was read, which its digest names. The party's signature is that of the log entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignResolution {
    /// The meeting.
    pub meeting: MeetingId,
    /// The resolution.
    pub resolution: ResolutionId,
    /// Digest of the text that was read.
    pub digest: [u8; 32],
}

impl Decide for SignResolution {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = State;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load(rows, self.meeting)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let held = meeting(state, context.me)?;
        let found = resolution(&held, self.resolution)?;
        let signed = state.of(context.me).is_some_and(|facts| facts.signed.contains_key(&self.resolution));
        refuse_unless(!signed, RefusalCode::WrongState)?;
        if found.digest(&held) != self.digest {
            return Err(Refusal::new(RefusalCode::WrongState).offending(["digest"]));
        }
        let Self { meeting, resolution, digest } = *self;
        Ok(ResolutionSigned { meeting, resolution, others: held.others(context.me), digest }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sample::{
        MEETING, RESOLUTION, digest, given_convened, given_proposed, given_signed, note, others, proposed, signed,
    };
    use crate::meeting::{MeetingFacts, ResolutionProposed};
    use crate::testing::{Scene, given_nothing, party};

    fn sign() -> SignResolution {
        SignResolution { meeting: MEETING, resolution: RESOLUTION, digest: digest() }
    }

    fn adopted(scene: &Scene) -> bool {
        let sides = scene.rows().sides::<MeetingFacts>(&MEETING).unwrap();
        let meeting = sides.meeting(party("macau")).unwrap();
        meeting.is_adopted(&meeting.resolution(RESOLUTION).unwrap())
    }

    #[test]
    fn it_is_adopted_when_every_party_of_the_meeting_signed_it() {
        let mut scene = given_proposed();
        for name in ["macau", "hengqin", "zhuhai"] {
            assert!(!adopted(&scene), "{name} has not signed");
            scene = scene.when(&format!("sec.{name}"), sign()).then(signed(name));
        }
        assert!(adopted(&scene));
        assert_eq!(Event::from(signed("macau")).readers(), others("macau"));
    }

    #[test]
    fn a_party_signs_once() {
        given_signed(&["macau"]).when("sec2.macau", sign()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_the_text_that_was_read() {
        let other = SignResolution { digest: [0; 32], ..sign() };
        assert_eq!(
            given_proposed().when("sec.macau", other).then_refused(RefusalCode::WrongState).offending,
            ["digest"]
        );
        // A peer's signature over another text is no signature on this one.
        let scene = given_signed(&["macau", "zhuhai"])
            .and("sec.hengqin", ResolutionSigned { digest: [1; 32], ..signed("hengqin") });
        assert!(!adopted(&scene));
    }

    #[test]
    fn the_digest_turns_on_every_part_of_the_text() {
        let of = |proposed: ResolutionProposed, who: &str| {
            let scene = given_convened().and(who, proposed);
            let sides = scene.rows().sides::<MeetingFacts>(&MEETING).unwrap();
            let meeting = sides.meeting(party("macau")).unwrap();
            meeting.resolution(RESOLUTION).unwrap().digest(&meeting)
        };
        let plain = proposed("zhuhai");
        let mut other_text = plain.clone();
        other_text.text = note();
        let mut other_action = plain.clone();
        other_action.actions.pop();
        let digests = [
            of(plain, "sec.zhuhai"),
            of(proposed("macau"), "sec.macau"),
            of(other_text, "sec.zhuhai"),
            of(other_action, "sec.zhuhai"),
        ];
        let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len());
    }

    #[test]
    fn strangers_and_other_roles_do_not_sign() {
        given_proposed().when("lo.macau", sign()).then_refused(RefusalCode::RoleNotAllowed);
        given_convened().when("sec.macau", sign()).then_refused(RefusalCode::NotFound);
        given_nothing().when("sec.macau", sign()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_signature_from_outside_the_meeting_does_not_count() {
        let two = crate::meeting::MeetingConvened { to: [party("macau")].into(), ..crate::meeting::sample::convened() };
        let scene = crate::testing::given([("sec.zhuhai", two)]).and("lo.zhuhai", proposed("zhuhai"));
        let sides = scene.rows().sides::<MeetingFacts>(&MEETING).unwrap();
        let meeting = sides.meeting(party("macau")).unwrap();
        let digest = meeting.resolution(RESOLUTION).unwrap().digest(&meeting);
        let scene = scene
            .and("sec.zhuhai", ResolutionSigned { digest, ..signed("zhuhai") })
            .and("sec.hengqin", ResolutionSigned { digest, ..signed("hengqin") });
        assert!(!adopted(&scene), "two of two signatures, one of them a stranger's");
        assert!(adopted(&scene.and("sec.macau", ResolutionSigned { digest, ..signed("macau") })));
    }
}
