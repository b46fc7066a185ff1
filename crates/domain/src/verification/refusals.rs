//! What a refused command about a request was judged by: the request, and its consents with their versions. It goes into
//! the record of the refusal, so that an auditor sees which letter the rule was held against.

use std::collections::BTreeMap;

use crate::command::Command;
use crate::id::{ConsentId, RequestId};
use crate::verification::guards::{Consents, RequestState};
use crate::view::{Rows, ViewError};

/// Returns the request that a command is about and the consents it names, as far as they are known here.
///
/// # Errors
/// When a row can't be read.
pub(crate) fn judged_by(
    rows: &Rows<'_>,
    command: &Command,
) -> Result<(Option<RequestId>, BTreeMap<ConsentId, u16>), ViewError> {
    if let Command::DraftRequest(draft) = command {
        return Ok((Some(draft.request.id), Consents::load(rows, [&draft.request])?.versions()));
    }
    let Some(id) = request_of(command) else { return Ok((None, BTreeMap::new())) };
    Ok((Some(id), RequestState::load(rows, id)?.consents.versions()))
}

/// The request that an officer's command names.
fn request_of(command: &Command) -> Option<RequestId> {
    macro_rules! one_of {
        ($($kind:ident)*) => {$(
            if let Command::$kind(command) = command {
                return Some(command.request);
            }
        )*};
    }
    one_of!(SubmitRequest AcceptRequest RefuseRequest AnswerItem SendReply RecordReplyUse AssignItem DiscardDraft);
    one_of!(RequestClarification AnswerClarification WithdrawRequest CloseRequest CorrectReply AcknowledgeCorrection);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::item::Item;
    use crate::refusal::{CommandRefused, Refusal, RefusalCode};
    use crate::testing::{Scene, claims, given_nothing};
    use crate::verification::sample::{based, drafted, request, submitted};
    use crate::verification::{AcceptRequest, DraftRequest, RequestRefused, VerificationRequest};

    /// A draft that asks more than the letter covers, and what the log says of its refusal.
    fn turned_away(scene: Scene) -> (Scene, VerificationRequest) {
        let mut too_far = request();
        too_far.id = RequestId(uuid::Uuid::from_u128(0xE1));
        too_far.questions[1].question.item = Item::ExpenseMedical;
        let command = DraftRequest { request: too_far.clone() };
        let refusal = scene.clone().when("cw.zhuhai", command.clone()).then_refused(RefusalCode::OverScope);
        let refused = CommandRefused::new(&scene.rows(), &command.into(), refusal).unwrap();
        assert_eq!((refused.request, &refused.consents), (Some(too_far.id), &[(claims().id, 1)].into()));
        (scene.and("cw.zhuhai", refused), too_far)
    }

    #[test]
    fn a_refusal_names_the_request_and_the_version_of_each_letter() {
        let mut longer = claims();
        longer.supplements = vec![[1; 32], [2; 32]];
        let scene = based(longer).and("rv.zhuhai", crate::verification::RequestSubmitted { request: request() });
        let accept = AcceptRequest { request: request().id }.into();
        let refused = CommandRefused::new(&scene.rows(), &accept, Refusal::new(RefusalCode::ConsentExpired)).unwrap();
        assert_eq!((refused.request, refused.consents), (Some(request().id), [(claims().id, 3)].into()));
        assert!(
            Event::from(CommandRefused::new(&scene.rows(), &accept, Refusal::new(RefusalCode::NotFound)).unwrap())
                .readers()
                .is_empty()
        );
        let unknown = DraftRequest { request: request() }.into();
        let refused = CommandRefused::new(&given_nothing().rows(), &unknown, Refusal::new(RefusalCode::NoConsent));
        assert_eq!(refused.unwrap().consents, [].into(), "a letter nobody knows has no version");
    }

    #[test]
    fn a_request_follows_one_that_was_turned_away() {
        let (scene, before) = turned_away(based(claims()));
        let again = DraftRequest { request: VerificationRequest { follows: Some(before.id), ..request() } };
        scene.clone().when("cw.zhuhai", again).then_done();
        let same = DraftRequest { request: VerificationRequest { id: before.id, ..request() } };
        scene.when("cw.zhuhai", same).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn a_request_follows_one_that_its_holder_refused_and_no_other() {
        let next = |before: &VerificationRequest| {
            let id = RequestId(uuid::Uuid::from_u128(0xE2));
            DraftRequest { request: VerificationRequest { id, follows: Some(before.id), ..request() } }
        };
        let (asker, refusal) = (request().asker, Refusal::new(RefusalCode::ConsentExpired));
        let refused = RequestRefused { request: request().id, asker, refusal, consents: [].into() };
        submitted().and("lo.macau", refused).when("cw.zhuhai", next(&request())).then_done();
        for (scene, code) in [
            (based(claims()), RefusalCode::NotFound),
            (drafted(), RefusalCode::WrongState),
            (submitted(), RefusalCode::WrongState),
        ] {
            let refusal = scene.when("cw.zhuhai", next(&request())).then_refused(code);
            assert_eq!(refusal.offending, ["follows"]);
        }
        // Nor one that another party was refused: its asker is not this one.
        let (scene, before) = turned_away(based(claims()));
        let mut others = next(&before);
        others.request.asker = "macau".parse().unwrap();
        others.request.holder = "zhuhai".parse().unwrap();
        assert!(scene.when("cw.macau", others).result.is_err());
    }
}
