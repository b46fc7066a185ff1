//! `DisputeEntry`: the addressee says that an entry is wrong.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, LineNo};
use crate::notice::guards::{arrived, label, standing};
use crate::notice::{BatchFacts, DisputeReason, EntryDisputed, EntryStatus};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Disputes an entry. A match is taken back by it, also after the acknowledgement: what turns out wrong must be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeEntry {
    /// The batch.
    pub batch: BatchId,
    /// The entry.
    pub entry: LineNo,
    /// Why.
    pub reason: DisputeReason,
    /// In words.
    pub note: Note,
}

impl Decide for DisputeEntry {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::District];
    type State = Sides<BatchFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.batch)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let batch = arrived(state, context.me)?;
        match standing(&batch, self.entry)? {
            EntryStatus::Open | EntryStatus::Matched => {}
            EntryStatus::Disputed | EntryStatus::Withdrawn => {
                return Err(Refusal::new(RefusalCode::WrongState).offending([label(self.entry)]));
            }
        }
        let corrections = batch.corrections(self.entry);
        let Self { batch: id, entry, reason, note } = self.clone();
        Ok(EntryDisputed { batch: id, from: batch.from, entry, corrections, reason, note }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::sample::{BATCH, corrected, disputed, given_arrived, given_sent, matched, note, withdrawn};
    use crate::testing::given_nothing;

    fn dispute(entry: LineNo) -> DisputeEntry {
        DisputeEntry { batch: BATCH, entry, reason: DisputeReason::IdentityMismatch, note: note() }
    }

    #[test]
    fn a_caseworker_of_the_addressee_disputes() {
        let scene = given_arrived().when("cw.zhuhai", dispute(3)).then(disputed(3, 0));
        assert_eq!(scene.when("do.zhuhai", dispute(3)).then_refused(RefusalCode::WrongState).offending, ["entry#3"]);
    }

    #[test]
    fn a_dispute_takes_a_match_back() {
        given_arrived().and("cw.zhuhai", matched(3, 0)).when("do.zhuhai", dispute(3)).then(disputed(3, 0));
    }

    #[test]
    fn a_correction_can_be_disputed_too() {
        let scene = given_arrived().and("cw.zhuhai", disputed(3, 0)).and("cw.macau", corrected(3, 4));
        scene.when("cw.zhuhai", dispute(3)).then(disputed(3, 1));
    }

    #[test]
    fn not_what_is_withdrawn_withheld_or_not_there() {
        let scene = given_arrived().and("cw.macau", withdrawn(3));
        scene.when("cw.zhuhai", dispute(3)).then_refused(RefusalCode::WrongState);
        for entry in [0, 2, 4] {
            given_arrived().when("cw.zhuhai", dispute(entry)).then_refused(RefusalCode::NotFound);
        }
    }

    #[test]
    fn not_before_the_arrival_is_on_record() {
        given_sent().when("cw.zhuhai", dispute(3)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_liaison_officer() {
        given_arrived().when("lo.zhuhai", dispute(3)).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_the_addressee() {
        given_arrived().when("cw.macau", dispute(3)).then_refused(RefusalCode::NotYours);
        given_nothing().when("cw.zhuhai", dispute(3)).then_refused(RefusalCode::NotFound);
    }
}
