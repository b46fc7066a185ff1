//! What holds on every path of a batch: random commands of both sides, whose logs reach each other late.
//!
//! The cases are the same in every run, so it can be asserted that they reach the end of the life of a batch.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::command::{Command, Context};
use crate::event::Event;
use crate::notice::sample::{BATCH, entry, note, prepare};
use crate::notice::{
    AcknowledgeBatch, ApproveBatch, BatchFacts, BatchSent, CorrectEntry, DiscardBatch, DisputeEntry, DisputeReason,
    EntryStatus, MatchEntry, NoticeEntry, PrepareBatch, RecordBatchDelivery, SendBatch, WithdrawEntry,
};
use crate::officer::Actor;
use crate::party::rules_of;
use crate::testing::{Scene, actor, given_nothing, party};
use crate::view::Sides;

const CASES: u32 = 64;
const STEPS: usize = 120;
const ENTRIES: u16 = 3;
const PARTIES: [&str; 2] = ["macau", "zhuhai"]; // sender and addressee of the sample batch

#[derive(Clone, Debug)]
enum Step {
    /// An officer of a side commands, in whatever role of his the command asks for.
    Command { side: usize, officer: &'static str, command: Command },
    /// A side hears the next entries of the other.
    Hear { side: usize, entries: usize },
}

fn named(person: u32, with_basis: bool) -> NoticeEntry {
    let named = entry(person);
    NoticeEntry { basis: named.basis.clone().filter(|_| with_basis), ..named }
}

fn command() -> impl Strategy<Value = (usize, Command)> {
    let reason = DisputeReason::Duplicate;
    prop_oneof![
        2 => prop::collection::vec(prop::bool::weighted(0.8), 0..=usize::from(ENTRIES)).prop_map(|bases| {
            let entries = (1..).zip(bases).map(|(person, basis)| named(person, basis)).collect();
            (0, PrepareBatch { entries, ..prepare() }.into())
        }),
        3 => Just((0, ApproveBatch { batch: BATCH }.into())),
        3 => Just((0, SendBatch { batch: BATCH }.into())),
        3 => Just((1, RecordBatchDelivery { batch: BATCH }.into())),
        6 => (0..=ENTRIES).prop_map(|entry| (1, MatchEntry { batch: BATCH, entry }.into())),
        3 => (0..=ENTRIES).prop_map(move |entry| (1, DisputeEntry { batch: BATCH, entry, reason, note: note() }.into())),
        2 => (0..=ENTRIES, 1..7_u32, prop::bool::weighted(0.8)).prop_map(|(entry, person, basis)| {
            (0, CorrectEntry { batch: BATCH, entry, replacement: named(person, basis), note: note() }.into())
        }),
        1 => (0..=ENTRIES).prop_map(|entry| (0, WithdrawEntry { batch: BATCH, entry, note: note() }.into())),
        4 => Just((1, AcknowledgeBatch { batch: BATCH }.into())),
        1 => Just((0, DiscardBatch { batch: BATCH, reason: note() }.into())),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let officer = prop::sample::select(vec!["cw", "rv", "lo"]);
    let command = (command(), officer, prop::bool::weighted(0.1));
    prop_oneof![
        3 => command.prop_map(|((side, command), officer, other_side)| {
            Step::Command { side: if other_side { 1 - side } else { side }, officer, command }
        }),
        1 => (0..2_usize, 1..4_usize).prop_map(|(side, entries)| Step::Hear { side, entries }),
    ]
}

/// Two views, each with its own log at once and the other's late.
struct Exchange {
    views: [Scene; 2],
    logs: [Vec<(String, Event)>; 2],
    heard: [usize; 2],
}

impl Exchange {
    fn new() -> Self {
        Self { views: [given_nothing(), given_nothing()], logs: [vec![], vec![]], heard: [0, 0] }
    }

    fn sides(&self, side: usize) -> Sides<BatchFacts> {
        self.views[side].rows().sides(&BATCH).unwrap()
    }

    fn add(&mut self, side: usize, who: &str, event: Event) {
        self.views[side] = self.views[side].clone().and(who, event);
    }

    fn hear(&mut self, side: usize, entries: usize) {
        let from = self.heard[side];
        let news: Vec<_> = self.logs[1 - side].iter().skip(from).take(entries).cloned().collect();
        self.heard[side] += news.len();
        for (who, event) in news {
            if event.readers().contains(&party(PARTIES[side])) {
                self.add(side, &who, event);
            }
        }
    }

    /// Decides, checks the event against the state it was decided on, and records it.
    fn command(&mut self, side: usize, officer: &str, command: &Command) -> Result<(), TestCaseError> {
        let who = format!("{officer}.{}", PARTIES[side]);
        let (me, officer) = actor(&who);
        for role in command.roles() {
            let actor = Actor { role: *role, ..officer.clone() };
            let view = &self.views[side];
            let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: view.now };
            if let Ok(event) = command.decide(&view.rows(), &context).unwrap() {
                self.check(side, &actor, &event)?;
                self.add(side, &who, event.clone());
                self.logs[side].push((who.clone(), event));
            }
        }
        Ok(())
    }

    fn check(&self, side: usize, actor: &Actor, event: &Event) -> Result<(), TestCaseError> {
        let sides = self.sides(side);
        let prepared = sides.of(party(PARTIES[side])).and_then(|facts| facts.prepared.as_ref());
        let own = sides.of(party(PARTIES[side]));
        if matches!(event, Event::BatchApproved(_) | Event::BatchSent(_) | Event::BatchDiscarded(_)) {
            prop_assert!(own.is_some_and(|own| own.discarded.is_none() && own.sent.is_none()), "it is a draft no more");
        }
        if let Event::BatchDiscarded(_) = event {
            prop_assert!(actor.role == crate::officer::Role::Reviewer || prepared.unwrap().1.by == actor.officer);
        }
        if let Event::BatchApproved(_) = event {
            prop_assert_ne!(&prepared.unwrap().1.by, &actor.officer);
        }
        if let Event::BatchSent(BatchSent { entries, withheld, .. }) = event {
            let prepared = &prepared.unwrap().0.entries;
            prop_assert_eq!(entries.len() + usize::try_from(*withheld).unwrap(), prepared.len());
            for (no, entry) in entries {
                prop_assert!(entry.basis.is_some());
                prop_assert_eq!(entry, &prepared[usize::from(*no) - 1]);
            }
        }
        if let Event::EntryCorrected(corrected) = event {
            prop_assert!(corrected.replacement.basis.is_some());
        }
        if let Event::BatchAcknowledged(_) = event {
            for (no, _) in &sides.received_by(party("zhuhai")).unwrap().sent.entries {
                let settled = [Some(EntryStatus::Matched), Some(EntryStatus::Withdrawn)];
                prop_assert!(settled.contains(&sides.entry_status(*no)));
            }
        }
        Ok(())
    }
}

#[test]
fn every_path_keeps_four_eyes_and_acknowledges_only_what_is_settled() {
    let (acknowledged, corrected_later, discarded) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let run = |steps: Vec<Step>| {
        let mut exchange = Exchange::new();
        for step in steps {
            match step {
                Step::Command { side, officer, command } => exchange.command(side, officer, &command)?,
                Step::Hear { side, entries } => exchange.hear(side, entries),
            }
        }
        // When each has heard all of the other, they agree on every entry.
        [0, 1].into_iter().for_each(|side| exchange.hear(side, usize::MAX));
        let (sender, addressee) = (exchange.sides(0), exchange.sides(1));
        for no in 0..=ENTRIES {
            prop_assert_eq!(sender.entry_status(no), addressee.entry_status(no));
        }
        if sender.of(party("macau")).is_some_and(|facts| facts.discarded.is_some()) {
            discarded.set(discarded.get() + 1);
            prop_assert!(addressee.is_empty(), "nothing of it left the sender");
        }
        if addressee.of(party("zhuhai")).is_some_and(|facts| facts.acknowledged.is_some()) {
            acknowledged.set(acknowledged.get() + 1);
            let open = addressee.received_by(party("zhuhai")).unwrap().unsettled().count();
            corrected_later.set(corrected_later.get() + usize::from(open > 0));
        }
        Ok(())
    };
    runner.run(&prop::collection::vec(step(), STEPS), run).unwrap();
    assert!(acknowledged.get() > 5, "{acknowledged:?}");
    assert!(corrected_later.get() > 0, "{corrected_later:?}");
    assert!(discarded.get() > 5, "{discarded:?}");
}
