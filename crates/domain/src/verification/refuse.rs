//! `RefuseRequest`: the holder refuses the whole request. There is no partial answer (`domain.md` §7, S4).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::RequestId;
use crate::officer::Role;
use crate::refusal::{OFFENDING_MAX, Refusal, RefusalCode};
use crate::verification::guards::{RequestState, numbered, question_no};
use crate::verification::{RequestRefused, VerificationRequest};
use crate::view::{Rows, ViewError};

/// Refuses a request, also one accepted before (its consent may have been revoked since), but none replied to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefuseRequest {
    /// The request.
    pub request: RequestId,
    /// The rule.
    pub refusal_code: RefusalCode,
    /// The questions that offend, as refusals write them: `question#2`, `question#2:subject`,
    /// `question#2:exp.medical`, `question#2:granularity:ast.deposit`, `question#2:amount`, `question#2:predicate`,
    /// `standard`. At most [`OFFENDING_MAX`]; nothing else may
    /// be written here, so that no personal data gets into a refusal.
    pub offending: Vec<String>,
}

impl Decide for RefuseRequest {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Reviewer];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let received = state.received(context.me)?.open()?;
        if received.own.is_some_and(|own| !own.replied.is_empty()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let request = received.request;
        let parts = offending_parts(request);
        if self.offending.len() > OFFENDING_MAX || !self.offending.iter().all(|part| parts.contains(part)) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["offending"]));
        }
        let mut refusal = Refusal::new(self.refusal_code).offending(self.offending.iter().cloned());
        // What the consents themselves say adds the instant, such as when one was revoked.
        let own_finding = state.consents.check_standing(request, context.now).err();
        refusal.effective_at = own_finding.filter(|found| found.code == refusal.code).and_then(|f| f.effective_at);
        let consents = state.consents.versions();
        Ok(RequestRefused { request: request.id, asker: request.asker, refusal, consents }.into())
    }
}

/// All that a refusal of this request can name.
fn offending_parts(request: &VerificationRequest) -> BTreeSet<String> {
    let parts = numbered(request).flat_map(|(no, asked)| {
        let (no, item) = (question_no(no), asked.question.item.code());
        let parts = ["subject", "amount", "predicate", item].map(|part| format!("{no}:{part}"));
        parts.into_iter().chain([format!("{no}:granularity:{item}"), no])
    });
    parts.chain(["standard".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOON, party};
    use crate::verification::sample::{accepted, drafted, replied, request, revoked, submitted};

    fn refuse(refusal_code: RefusalCode, offending: &[&str]) -> RefuseRequest {
        let offending = offending.iter().map(|part| (*part).to_owned()).collect();
        RefuseRequest { request: request().id, refusal_code, offending }
    }

    fn refused(refusal: Refusal) -> RequestRefused {
        let consents = [(crate::testing::claims().id, 1)].into();
        RequestRefused { request: request().id, asker: party("zhuhai"), refusal, consents }
    }

    #[test]
    fn a_refusal_names_the_rule_and_the_questions() {
        let parts =
            ["question#1", "question#2:subject", "question#2:inc.assist", "question#1:granularity:ast.property"];
        let expected = refused(Refusal::new(RefusalCode::OverScope).offending(parts));
        submitted().when("lo.macau", refuse(RefusalCode::OverScope, &parts)).then(expected.clone());
        submitted().when("rv.macau", refuse(RefusalCode::OverScope, &parts)).then(expected);
    }

    #[test]
    fn a_refusal_says_when_the_consent_was_revoked() {
        let scene = submitted().and("cw.zhuhai", revoked());
        let expected = refused(Refusal::new(RefusalCode::ConsentRevoked).effective_at(NOON));
        scene.clone().when("lo.macau", refuse(RefusalCode::ConsentRevoked, &[])).then(expected);
        let other_reason = refused(Refusal::new(RefusalCode::PurposeMismatch));
        scene.when("lo.macau", refuse(RefusalCode::PurposeMismatch, &[])).then(other_reason);
    }

    #[test]
    fn nothing_but_parts_of_the_request_is_named() {
        for part in ["question#3", "question#0", "question#1:exp.medical", "陳樣本", "9000001(0)", ""] {
            let refusal = submitted().when("lo.macau", refuse(RefusalCode::OverScope, &[part]));
            assert_eq!(refusal.then_refused(RefusalCode::BadList).offending, ["offending"], "{part}");
        }
        let many = |count| submitted().when("lo.macau", refuse(RefusalCode::OverScope, &vec!["question#1"; count]));
        many(OFFENDING_MAX).then_done();
        many(OFFENDING_MAX + 1).then_refused(RefusalCode::BadList);
    }

    #[test]
    fn only_the_holder_refuses_and_only_what_was_submitted() {
        let by = |who| submitted().when(who, refuse(RefusalCode::NoConsent, &[]));
        by("lo.hengqin").then_refused(RefusalCode::NotYours);
        by("lo.zhuhai").then_refused(RefusalCode::NotYours);
        drafted().when("lo.macau", refuse(RefusalCode::NoConsent, &[])).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn an_accepted_request_may_still_be_refused_but_not_one_that_has_ended() {
        let refuse = || refuse(RefusalCode::ConsentRevoked, &[]);
        let scene = accepted().when("lo.macau", refuse()).then_done();
        scene.when("lo.macau", refuse()).then_refused(RefusalCode::WrongState);
        replied().when("lo.macau", refuse()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn a_caseworker_does_not_refuse() {
        submitted().when("cw.macau", refuse(RefusalCode::NoConsent, &[])).then_refused(RefusalCode::RoleNotAllowed);
    }
}
