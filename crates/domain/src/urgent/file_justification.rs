//! `FileJustification`: the sender says in writing, afterwards, why the notice was urgent.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::UrgentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::urgent::guards::{own, refuse_unless};
use crate::urgent::{JustificationFiled, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Justifies a closed urgent notice in writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileJustification {
    /// The notice.
    pub urgent: UrgentId,
    /// The justification.
    pub text: Note,
}

impl Decide for FileJustification {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Duty];
    type State = Sides<UrgentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.urgent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = own(state, context.me)?;
        refuse_unless(case.is_closed() && case.sender.justified.is_none(), RefusalCode::WrongState)?;
        Ok(JustificationFiled { urgent: self.urgent, to: case.raised.to.clone(), text: self.text.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given_nothing;
    use crate::urgent::sample::{URGENT, given_acked, given_closed, justified, note, parties};

    fn file() -> FileJustification {
        FileJustification { urgent: URGENT, text: note() }
    }

    #[test]
    fn the_sender_justifies_once_after_the_end() {
        let scene = given_closed().when("lo.hengqin", file()).then(justified());
        scene.when("ho.hengqin", file()).then_refused(RefusalCode::WrongState);
        assert_eq!(Event::from(justified()).readers(), parties(&["macau", "zhuhai"]));
    }

    #[test]
    fn not_before_the_end() {
        given_acked().when("lo.hengqin", file()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_the_data_protection_officer() {
        given_closed().when("dp.hengqin", file()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_the_sender() {
        given_closed().when("lo.macau", file()).then_refused(RefusalCode::NotYours);
        given_nothing().when("lo.hengqin", file()).then_refused(RefusalCode::NotFound);
    }
}
