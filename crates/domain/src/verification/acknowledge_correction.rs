//! `AcknowledgeCorrection`: the asker takes note of a correction, and looks at the decision it may affect.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{LineNo, RequestId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::CorrectionAcknowledged;
use crate::verification::guards::{RequestState, numbered, question_no};
use crate::view::{Rows, ViewError};

/// Takes note of all corrections of an answer so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeCorrection {
    /// The request.
    pub request: RequestId,
    /// The question, from 1.
    pub question: LineNo,
}

impl Decide for AcknowledgeCorrection {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer, Role::Liaison];
    type State = RequestState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        RequestState::load(rows, self.request)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let asked = state.asked(context.me)?;
        if !numbered(asked.request).any(|(no, _)| no == self.question) {
            return Err(Refusal::new(RefusalCode::NotFound).offending([question_no(self.question)]));
        }
        let known = asked.holder.and_then(|facts| facts.corrected.get(&self.question)).map_or(0, Vec::len);
        let corrections = u16::try_from(known).unwrap_or(u16::MAX);
        let noted = asked.own.acknowledged.get(&self.question).map_or(0, |(noted, _)| noted.corrections);
        if corrections <= noted {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        let (request, holder) = (asked.request.id, asked.request.holder);
        Ok(CorrectionAcknowledged { request, holder, question: self.question, corrections }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::party;
    use crate::verification::sample::{corrected, replied, request};

    fn note(question: LineNo) -> AcknowledgeCorrection {
        AcknowledgeCorrection { request: request().id, question }
    }

    #[test]
    fn a_correction_is_noted_once_and_the_next_one_again() {
        let (request, holder) = (request().id, party("macau"));
        let noted = |corrections| CorrectionAcknowledged { request, holder, question: 1, corrections };
        let scene = corrected().when("cw.zhuhai", note(1)).then(noted(1));
        scene.clone().when("rv.zhuhai", note(1)).then_refused(RefusalCode::WrongState);
        let (correction, reason) = (crate::verification::sample::answers()[0].clone(), "again".parse().unwrap());
        let asker = party("zhuhai");
        let again = crate::verification::ReplyCorrected { request, asker, question: 1, answer: correction, reason };
        scene.and("rv.macau", again).when("lo.zhuhai", note(1)).then(noted(2));
    }

    #[test]
    fn only_what_was_corrected_and_only_by_the_asker() {
        replied().when("cw.zhuhai", note(1)).then_refused(RefusalCode::WrongState);
        corrected().when("cw.zhuhai", note(2)).then_refused(RefusalCode::WrongState);
        corrected().when("cw.zhuhai", note(3)).then_refused(RefusalCode::NotFound);
        corrected().when("cw.macau", note(1)).then_refused(RefusalCode::NotYours);
        corrected().when("au.zhuhai", note(1)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
