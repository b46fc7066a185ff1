//! `PrepareBatch`: a caseworker puts a batch together.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, LineNo, PartyId};
use crate::notice::guards::{acceptable, label, refuse_any};
use crate::notice::{BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, BatchFacts, BatchPrepared, NoticeEntry};
use crate::officer::Role;
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Period;
use crate::view::{Rows, Sides, ViewError};

/// Prepares a batch for an addressee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepareBatch {
    /// The batch: a fresh id.
    pub batch: BatchId,
    /// The addressee.
    pub to: PartyId,
    /// The month it covers: at the latest the current one.
    pub period: Period,
    /// The persons, at most [`BATCH_ENTRIES_MAX`] and each once; an empty batch says that there is nothing to say.
    pub entries: Vec<NoticeEntry>,
    /// How many more are assisted as before.
    pub unchanged: u32,
}

impl Decide for PrepareBatch {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::District];
    type State = Sides<BatchFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.batch)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if self.to == context.me || rules_of(self.to).is_none() {
            return Err(Refusal::new(RefusalCode::WrongAddressee));
        }
        let prepared = state.of(context.me).is_some_and(|facts| facts.prepared.is_some());
        if prepared || state.received_by(context.me).is_some() {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        if self.period_begins_later(context) {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["period"]));
        }
        self.check_length()?;
        self.check_repeats()?;
        acceptable(self.numbered(), context)?;
        let Self { batch, to, period, entries, unchanged } = self.clone();
        Ok(BatchPrepared { batch, to, period, entries, unchanged }.into())
    }
}

impl PrepareBatch {
    fn numbered(&self) -> impl Iterator<Item = (LineNo, &NoticeEntry)> + Clone {
        (1..=LineNo::MAX).zip(&self.entries)
    }

    fn period_begins_later(&self, context: &Context<'_>) -> bool {
        Period::of(context.now.local_date()).is_some_and(|this_month| self.period > this_month)
    }

    fn check_length(&self) -> Result<(), Refusal> {
        if self.entries.len() > BATCH_ENTRIES_MAX {
            return Err(Refusal::new(RefusalCode::BadList).offending([label(BATCH_ENTRIES_MAX + 1)]));
        }
        match postcard::to_stdvec(&self.entries) {
            Ok(bytes) if bytes.len() <= BATCH_BYTES_MAX => Ok(()),
            Ok(_) | Err(_) => Err(Refusal::new(RefusalCode::BadList).offending(["entries"])),
        }
    }

    /// By the part of the number that outlives a renewal, so one person can't stand twice with an old and a new permit.
    fn check_repeats(&self) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        let repeats = self.numbered().filter(|(_, entry)| !seen.insert(entry.subject.document.key()));
        refuse_any(RefusalCode::BadList, repeats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::sample::{BATCH, date, entry, period, prepare, prepared, sent};
    use crate::party::Rules;
    use crate::testing::{given, given_nothing, party};
    use crate::time::DAY_US;

    #[test]
    fn a_caseworker_prepares_a_batch() {
        let scene = given_nothing().when("cw.macau", prepare()).then(prepared());
        assert!(Event::from(prepared()).readers().is_empty(), "a draft is nobody else's business");
        scene.when("cw.macau", prepare()).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn an_empty_batch_is_a_batch() {
        let empty = PrepareBatch { entries: vec![], unchanged: 0, ..prepare() };
        given_nothing().when("do.macau", empty).then_done();
    }

    #[test]
    fn others_may_not_prepare() {
        for role in ["rv", "lo", "ho", "sa", "au", "node"] {
            given_nothing().when(&format!("{role}.macau"), prepare()).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn the_addressee_is_another_party() {
        for to in ["macau", "foshan"] {
            let command = PrepareBatch { to: party(to), ..prepare() };
            given_nothing().when("cw.macau", command).then_refused(RefusalCode::WrongAddressee);
        }
    }

    #[test]
    fn an_id_that_came_from_a_peer_is_taken() {
        let command = PrepareBatch { to: party("hengqin"), ..prepare() };
        given([("lo.macau", sent())]).when("cw.zhuhai", command).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn no_person_twice_and_no_more_than_the_most() {
        let twice = PrepareBatch { entries: vec![entry(1), entry(2), entry(1)], ..prepare() };
        let refusal = given_nothing().when("cw.macau", twice).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["entry#3"]);
        let all = |n| PrepareBatch { entries: (1..=n).map(entry).collect(), ..prepare() };
        given_nothing().when("cw.macau", all(500)).then_done();
        let refusal = given_nothing().when("cw.macau", all(501)).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["entry#501"]);
    }

    #[test]
    fn entries_too_long_for_a_body_are_refused() {
        let long = |n| NoticeEntry { district: "區".repeat(200).parse().unwrap(), ..entry(n) };
        let command = PrepareBatch { entries: (1..=400).map(long).collect(), ..prepare() };
        let refusal = given_nothing().when("cw.macau", command).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["entries"]);
    }

    #[test]
    fn the_longest_batch_fits_a_body() {
        let filled = |n| NoticeEntry { district: "區".repeat(130).parse().unwrap(), ..entry(n) };
        let command = PrepareBatch { entries: (1..=500).map(filled).collect(), ..prepare() };
        let scene = given_nothing().when("cw.macau", command).then_done();
        let scene = scene.when("rv.macau", crate::notice::ApproveBatch { batch: BATCH }).then_done();
        let sent = scene.when("lo.macau", crate::notice::SendBatch { batch: BATCH }).result.unwrap();
        let len = postcard::to_stdvec(&sent).unwrap().len();
        assert!((BATCH_BYTES_MAX - 30_000..256 * 1024 - 4096).contains(&len), "{len}");
    }

    #[test]
    fn dates_are_not_in_the_future() {
        let late = NoticeEntry { as_of: date("2026-07-02"), ..entry(2) };
        let command = PrepareBatch { entries: vec![entry(1), late], ..prepare() };
        let refusal = given_nothing().when("cw.macau", command.clone()).then_refused(RefusalCode::BadDate);
        assert_eq!(refusal.offending, ["entry#2"]);
        let scene = given_nothing();
        let tomorrow = scene.now.plus_us(DAY_US);
        scene.at(tomorrow).when("cw.macau", command).then_done();
        let mut unborn = entry(1);
        unborn.subject.birth_date = Some(date("2026-07-02"));
        let command = PrepareBatch { entries: vec![unborn], ..prepare() };
        given_nothing().when("cw.macau", command).then_refused(RefusalCode::BadDate);
    }

    #[test]
    fn the_month_has_begun() {
        let command = PrepareBatch { period: period("2026-08"), ..prepare() };
        let refusal = given_nothing().when("cw.macau", command).then_refused(RefusalCode::BadDate);
        assert_eq!(refusal.offending, ["period"]);
        let earlier = PrepareBatch { period: period("2025-12"), ..prepare() };
        given_nothing().when("cw.macau", earlier).then_done();
    }

    #[test]
    fn the_senders_rules_name_the_documents() {
        let actor = crate::testing::actor("cw.macau").1;
        let macau = rules_of(party("macau")).unwrap();
        let rules = Rules { documents: &[], ..*macau };
        let now = crate::testing::NOON;
        let decide =
            |rules| prepare().decide(&Sides::default(), &Context { me: party("macau"), rules, actor: &actor, now });
        assert!(decide(macau).is_ok());
        let refusal = decide(&rules).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::DocumentNotAccepted);
        assert_eq!(refusal.offending, ["entry#1", "entry#2", "entry#3"]);
    }
}
