//! `ApproveBatch`: a second person approves a batch. What may not be named is withheld here, not by whoever sends.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, LineNo};
use crate::notice::guards::own;
use crate::notice::{BatchApproved, BatchFacts};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Approves a batch as a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveBatch {
    /// The batch.
    pub batch: BatchId,
}

impl Decide for ApproveBatch {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = Sides<BatchFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.batch)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = own(state, context.me)?;
        if own.facts.approved.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        // An officer may hold both roles; the four eyes must still be of two persons.
        if context.actor.officer == own.said.by {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        let numbered = (1..=LineNo::MAX).zip(&own.prepared.entries);
        let withheld = numbered.filter(|(_, entry)| entry.basis.is_none()).map(|(no, _)| no).collect();
        Ok(BatchApproved { batch: self.batch, withheld }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::BatchPrepared;
    use crate::notice::sample::{BATCH, approved, entry, given_prepared, given_sent, prepared};
    use crate::testing::{given, given_nothing};

    const APPROVE: ApproveBatch = ApproveBatch { batch: BATCH };

    #[test]
    fn a_second_person_approves_and_the_entry_without_basis_is_withheld() {
        let scene = given_prepared().when("rv.macau", APPROVE).then(approved());
        scene.when("rv2.macau", APPROVE).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn nothing_is_withheld_when_everything_has_a_basis() {
        let batch = BatchPrepared { entries: vec![entry(1)], ..prepared() };
        let scene = given([("cw.macau", batch)]);
        scene.when("rv.macau", APPROVE).then(BatchApproved { batch: BATCH, withheld: vec![] });
    }

    #[test]
    fn not_by_the_person_who_prepared() {
        // Prepared in another role by the officer who now acts as reviewer.
        given([("rv.macau", prepared())]).when("rv.macau", APPROVE).then_refused(RefusalCode::SamePerson);
    }

    #[test]
    fn not_by_a_caseworker() {
        given_prepared().when("cw2.macau", APPROVE).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_by_the_addressee_or_of_nothing() {
        given_sent().when("rv.zhuhai", APPROVE).then_refused(RefusalCode::NotYours);
        given_nothing().when("rv.macau", APPROVE).then_refused(RefusalCode::NotFound);
    }
}
