//! `OpenConference`: an officer who needs to know is about to read a conference.

use serde::{Deserialize, Serialize};

use crate::access::{AccessRecorded, AccessTarget};
use crate::command::{Context, Decide};
use crate::conference::guards::ConferenceState;
use crate::event::Event;
use crate::id::ConferenceId;
use crate::officer::Role;
use crate::refusal::Refusal;
use crate::text::Short;
use crate::view::{Rows, ViewError};

/// Announces a read; the content is handed out only after the event is on disk. An attempt by somebody else is refused
/// as if there were no such conference, and is in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenConference {
    /// What will be read.
    pub conference: ConferenceId,
    /// What for, in the officer's words.
    pub reason: Short,
}

impl Decide for OpenConference {
    // Besides those who read cases, the social worker who was named (002-08).
    const ROLES: &'static [Role] = &[
        Role::Liaison,
        Role::Caseworker,
        Role::Reviewer,
        Role::District,
        Role::Duty,
        Role::DataProtection,
        Role::SocialWorker,
    ];
    type State = ConferenceState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        ConferenceState::load(rows, self.conference, None)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        state.open_to(context)?;
        let target = AccessTarget::Conference(self.conference);
        Ok(AccessRecorded { target, reason: self.reason.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conference::sample::{
        CONFERENCE, given_named, given_named_on_consent, given_nominated, named, officers,
    };
    use crate::conference::{CaseNominated, ParticipantsNamed};
    use crate::consent::{ConsentRevoked, RevocationForm, SignedBy};
    use crate::refusal::RefusalCode;
    use crate::testing::{NOON, claims, given, given_nothing, party};

    fn open() -> OpenConference {
        OpenConference { conference: CONFERENCE, reason: "to give an opinion".parse().unwrap() }
    }

    #[test]
    fn who_is_on_the_own_partys_list_reads_it() {
        for who in ["cw.zhuhai", "rv.zhuhai", "cw.macau", "sw.macau"] {
            let OpenConference { conference, reason } = open();
            let event = AccessRecorded { target: AccessTarget::Conference(conference), reason };
            given_named().when(who, open()).then(event);
        }
    }

    #[test]
    fn to_everybody_else_there_is_none() {
        for who in ["lo.zhuhai", "cw2.zhuhai", "lo.macau", "rv.macau", "dp.macau", "lo.hengqin", "cw.hengqin"] {
            given_named().when(who, open()).then_refused(RefusalCode::NotFound);
        }
        given_nothing().when("cw.zhuhai", open()).then_refused(RefusalCode::NotFound);
        for who in ["au.macau", "sa.macau", "sec.macau"] {
            given_named().when(who, open()).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn an_invited_party_reads_nothing_before_it_named_who_needs_to_know() {
        for who in ["lo.macau", "cw.macau", "rv.macau"] {
            given_nominated().when(who, open()).then_refused(RefusalCode::NotFound);
        }
    }

    #[test]
    fn no_party_opens_anothers_files() {
        // Zhuhai names an officer of Macau; Hengqin, which is not invited, names its own.
        let nomination = CaseNominated {
            need_to_know: officers(&["cw.zhuhai", "cw.macau"]),
            ..crate::conference::sample::nominated()
        };
        let scene = given([("cw.zhuhai", nomination)])
            .and("lo.hengqin", ParticipantsNamed { officers: officers(&["cw.hengqin"]), ..named() });
        scene.clone().when("cw.macau", open()).then_refused(RefusalCode::NotFound);
        scene.when("cw.hengqin", open()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn the_consent_must_stand_at_each_read() {
        given_named_on_consent().when("cw.macau", open()).then_done();
        let (consent, form) = (claims().id, RevocationForm::Letter);
        let revoked = ConsentRevoked {
            consent,
            others: [party("macau")].into(),
            form,
            effective_at: NOON,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        };
        let scene = given_named_on_consent().and("cw.zhuhai", revoked);
        for who in ["cw.macau", "cw.zhuhai"] {
            scene.clone().when(who, open()).then_refused(RefusalCode::ConsentRevoked);
        }
        scene.when("lo.macau", open()).then_refused(RefusalCode::NotFound);
        let late = given_named_on_consent().at(claims().not_after);
        late.when("cw.macau", open()).then_refused(RefusalCode::ConsentExpired);
    }
}
