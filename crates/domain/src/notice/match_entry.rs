//! `MatchEntry`: the addressee knows the person of an entry.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, LineNo};
use crate::notice::guards::{arrived, label, standing};
use crate::notice::{BatchFacts, EntryMatched, EntryStatus};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Matches an entry to a person known here. A dispute that still stands is taken back by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchEntry {
    /// The batch.
    pub batch: BatchId,
    /// The entry.
    pub entry: LineNo,
}

impl Decide for MatchEntry {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::District];
    type State = Sides<BatchFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.batch)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let batch = arrived(state, context.me)?;
        match standing(&batch, self.entry)? {
            EntryStatus::Open | EntryStatus::Disputed => {}
            EntryStatus::Matched | EntryStatus::Withdrawn => {
                return Err(Refusal::new(RefusalCode::WrongState).offending([label(self.entry)]));
            }
        }
        let corrections = batch.corrections(self.entry);
        Ok(EntryMatched { batch: self.batch, from: batch.from, entry: self.entry, corrections }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::sample::{
        BATCH, acknowledged, corrected, disputed, given_arrived, given_sent, matched, withdrawn,
    };
    use crate::testing::given_nothing;

    const MATCH: MatchEntry = MatchEntry { batch: BATCH, entry: 3 };

    #[test]
    fn a_caseworker_of_the_addressee_matches() {
        let scene = given_arrived().when("cw.zhuhai", MATCH).then(matched(3, 0));
        assert_eq!(scene.when("do.zhuhai", MATCH).then_refused(RefusalCode::WrongState).offending, ["entry#3"]);
    }

    #[test]
    fn a_match_takes_a_dispute_back() {
        given_arrived().and("cw.zhuhai", disputed(3, 0)).when("do.zhuhai", MATCH).then(matched(3, 0));
    }

    #[test]
    fn a_corrected_entry_is_matched_again_even_after_the_acknowledgement() {
        let scene = given_arrived().and("cw.zhuhai", matched(1, 0)).and("cw.zhuhai", matched(3, 0));
        let scene = scene.and("lo.zhuhai", acknowledged()).and("cw.macau", corrected(3, 4));
        scene.when("cw.zhuhai", MATCH).then(matched(3, 1));
    }

    #[test]
    fn not_what_is_withdrawn_withheld_or_not_there() {
        given_arrived().and("cw.macau", withdrawn(3)).when("cw.zhuhai", MATCH).then_refused(RefusalCode::WrongState);
        for entry in [0, 2, 4] {
            let refusal = given_arrived().when("cw.zhuhai", MatchEntry { entry, ..MATCH });
            assert_eq!(refusal.then_refused(RefusalCode::NotFound).offending, [format!("entry#{entry}")]);
        }
    }

    #[test]
    fn not_before_the_arrival_is_on_record() {
        given_sent().when("cw.zhuhai", MATCH).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_liaison_officer() {
        given_arrived().when("lo.zhuhai", MATCH).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_the_addressee() {
        given_arrived().when("cw.macau", MATCH).then_refused(RefusalCode::NotYours);
        given_arrived().when("cw.hengqin", MATCH).then_refused(RefusalCode::NotFound);
        given_nothing().when("cw.zhuhai", MATCH).then_refused(RefusalCode::NotFound);
    }
}
