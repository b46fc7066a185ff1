//! `WithdrawEntry`: the sender takes an entry back.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, LineNo};
use crate::notice::guards::{own_sent, standing};
use crate::notice::{BatchFacts, EntryWithdrawn};
use crate::officer::Role;
use crate::refusal::Refusal;
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Withdraws an entry that was sent, whatever the addressee said of it. It can't be brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawEntry {
    /// The batch.
    pub batch: BatchId,
    /// The entry.
    pub entry: LineNo,
    /// Why.
    pub note: Note,
}

impl Decide for WithdrawEntry {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer];
    type State = Sides<BatchFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.batch)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let batch = own_sent(state, context.me)?;
        standing(&batch, self.entry)?;
        let Self { batch: id, entry, note } = self.clone();
        Ok(EntryWithdrawn { batch: id, to: batch.sent.to, entry, note }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::EntryStatus;
    use crate::notice::sample::{
        BATCH, acknowledged, approved, disputed, given_arrived, given_prepared, given_sent, matched, note, withdrawn,
    };
    use crate::refusal::RefusalCode;
    use crate::testing::given_nothing;

    fn withdraw(entry: LineNo) -> WithdrawEntry {
        WithdrawEntry { batch: BATCH, entry, note: note() }
    }

    #[test]
    fn an_entry_is_withdrawn_once() {
        let scene = given_arrived().and("cw.zhuhai", disputed(3, 0));
        let scene = scene.when("cw.macau", withdraw(3)).then(withdrawn(3));
        let sides = scene.rows().sides::<BatchFacts>(&BATCH).unwrap();
        assert_eq!(sides.entry_status(3), Some(EntryStatus::Withdrawn));
        assert_eq!(scene.when("rv.macau", withdraw(3)).then_refused(RefusalCode::WrongState).offending, ["entry#3"]);
    }

    #[test]
    fn also_after_the_acknowledgement() {
        let scene = given_arrived().and("cw.zhuhai", matched(1, 0)).and("cw.zhuhai", matched(3, 0));
        scene.and("lo.zhuhai", acknowledged()).when("rv.macau", withdraw(3)).then(withdrawn(3));
    }

    #[test]
    fn not_what_is_withheld_or_not_there() {
        for entry in [0, 2, 4] {
            given_sent().when("cw.macau", withdraw(entry)).then_refused(RefusalCode::NotFound);
        }
    }

    #[test]
    fn not_before_it_is_sent() {
        let scene = given_prepared().and("rv.macau", approved());
        scene.when("cw.macau", withdraw(3)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_liaison_officer() {
        given_sent().when("lo.macau", withdraw(3)).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_the_sender() {
        given_arrived().when("cw.zhuhai", withdraw(3)).then_refused(RefusalCode::NotYours);
        given_nothing().when("cw.macau", withdraw(3)).then_refused(RefusalCode::NotFound);
    }
}
