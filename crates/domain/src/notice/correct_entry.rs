//! `CorrectEntry`: the sender says again, rightly, what an entry should have said.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, LineNo};
use crate::notice::basis::Consents;
use crate::notice::guards::{acceptable, label, own_sent, refuse_any, standing};
use crate::notice::{BatchFacts, CORRECTIONS_MAX, EntryCorrected, EntryStatus, NoticeEntry, SentBatch};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Corrects an entry that was sent, whatever the addressee said of it: a wrong notice must always be correctable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectEntry {
    /// The batch.
    pub batch: BatchId,
    /// The entry.
    pub entry: LineNo,
    /// What it says now; it names its legal basis.
    pub replacement: NoticeEntry,
    /// What was wrong.
    pub note: Note,
}

impl Decide for CorrectEntry {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer];
    type State = (Sides<BatchFacts>, Consents);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        Ok((rows.sides(&self.batch)?, Consents::load(rows, std::iter::once(&self.replacement))?))
    }

    fn decide(&self, (state, consents): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let batch = own_sent(state, context.me)?;
        standing(&batch, self.entry)?;
        let refuse = |code| Err(Refusal::new(code).offending([label(self.entry)]));
        if batch.corrections(self.entry) >= CORRECTIONS_MAX {
            return refuse(RefusalCode::WrongState);
        }
        // No approval follows in which it could be withheld.
        if consents.withhold(&self.replacement, batch.sent.to, context).is_some() {
            return refuse(RefusalCode::NoConsent);
        }
        acceptable([(self.entry, &self.replacement)].into_iter(), context)?;
        refuse_any(RefusalCode::BadList, self.others_with_the_document(&batch))?;
        let Self { batch: id, entry, replacement, note } = self.clone();
        Ok(EntryCorrected { batch: id, to: batch.sent.to, entry, replacement, note }.into())
    }
}

impl CorrectEntry {
    fn others_with_the_document<'a>(&self, batch: &SentBatch<'a>) -> impl Iterator<Item = (LineNo, &'a NoticeEntry)> {
        let document = self.replacement.subject.document.key();
        let others = batch.sent.entries.iter().map(|(no, _)| *no).filter(|no| *no != self.entry);
        let named = others.filter(|no| batch.status(*no) != Some(EntryStatus::Withdrawn));
        named
            .filter_map(|no| batch.wording(no).map(|wording| (no, wording)))
            .filter(move |(_, wording)| wording.subject.document.key() == document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::sample::{
        BATCH, acknowledged, approved, corrected, date, disputed, entry, given_arrived, given_prepared, given_sent,
        matched, note, withdrawn,
    };
    use crate::testing::{given_nothing, party};

    fn correct(no: LineNo, person: u32) -> CorrectEntry {
        CorrectEntry { batch: BATCH, entry: no, replacement: entry(person), note: note() }
    }

    #[test]
    fn a_disputed_entry_is_corrected_and_open_again() {
        let scene = given_arrived().and("cw.zhuhai", disputed(3, 0));
        let scene = scene.when("cw.macau", correct(3, 4)).then(corrected(3, 4));
        let sides = scene.rows().sides::<BatchFacts>(&BATCH).unwrap();
        assert_eq!(sides.entry_status(3), Some(EntryStatus::Open));
        assert_eq!(sides.sent_by(party("macau")).unwrap().wording(3), Some(&entry(4)));
        scene.when("rv.macau", correct(3, 5)).then(corrected(3, 5));
    }

    #[test]
    fn an_open_a_matched_and_an_acknowledged_entry_can_be_corrected() {
        given_sent().when("cw.macau", correct(3, 4)).then_done();
        let scene = given_arrived().and("cw.zhuhai", matched(1, 0)).and("cw.zhuhai", matched(3, 0));
        scene.clone().when("cw.macau", correct(3, 4)).then_done();
        let scene = scene.and("lo.zhuhai", acknowledged()).when("cw.macau", correct(3, 4)).then_done();
        let sides = scene.rows().sides::<BatchFacts>(&BATCH).unwrap();
        assert_eq!(
            (sides.entry_status(1), sides.entry_status(3)),
            (Some(EntryStatus::Matched), Some(EntryStatus::Open))
        );
    }

    #[test]
    fn not_what_is_withdrawn_withheld_or_not_there() {
        let scene = given_arrived().and("cw.macau", withdrawn(3));
        scene.when("cw.macau", correct(3, 4)).then_refused(RefusalCode::WrongState);
        for no in [0, 2, 4] {
            given_arrived().when("cw.macau", correct(no, 4)).then_refused(RefusalCode::NotFound);
        }
    }

    #[test]
    fn not_without_a_basis() {
        let bare = CorrectEntry { replacement: NoticeEntry { basis: None, ..entry(4) }, ..correct(3, 4) };
        assert_eq!(given_sent().when("cw.macau", bare).then_refused(RefusalCode::NoConsent).offending, ["entry#3"]);
        let basis = Some(crate::purpose::LegalBasis::Consent(crate::testing::claims().id)); // nobody has granted it
        let unknown = CorrectEntry { replacement: NoticeEntry { basis, ..entry(4) }, ..correct(3, 4) };
        given_sent().when("cw.macau", unknown).then_refused(RefusalCode::NoConsent);
    }

    #[test]
    fn not_with_a_date_in_the_future() {
        let late = NoticeEntry { as_of: date("2026-07-02"), ..entry(4) };
        let late = CorrectEntry { replacement: late, ..correct(3, 4) };
        given_sent().when("cw.macau", late).then_refused(RefusalCode::BadDate);
    }

    #[test]
    fn not_into_a_person_who_is_in_the_batch_already() {
        let refusal = given_sent().when("cw.macau", correct(3, 1)).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["entry#1"]);
        given_sent().when("cw.macau", correct(3, 3)).then_done(); // the same person, otherwise described
        given_sent().and("cw.macau", withdrawn(1)).when("cw.macau", correct(3, 1)).then_done();
        given_sent().and("cw.macau", corrected(1, 4)).when("cw.macau", correct(3, 1)).then_done();
    }

    #[test]
    fn not_for_ever() {
        let scene = (0..CORRECTIONS_MAX).fold(given_sent(), |scene, _| scene.and("cw.macau", corrected(3, 4)));
        scene.clone().when("cw.macau", correct(3, 4)).then_refused(RefusalCode::WrongState);
        scene.when("cw.macau", correct(1, 5)).then_done();
    }

    #[test]
    fn not_before_it_is_sent() {
        let scene = given_prepared().and("rv.macau", approved());
        scene.when("cw.macau", correct(3, 4)).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn not_by_a_liaison_officer() {
        given_sent().when("lo.macau", correct(3, 4)).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn only_by_the_sender() {
        given_arrived().when("cw.zhuhai", correct(3, 4)).then_refused(RefusalCode::NotYours);
        given_nothing().when("cw.macau", correct(3, 4)).then_refused(RefusalCode::NotFound);
    }
}
