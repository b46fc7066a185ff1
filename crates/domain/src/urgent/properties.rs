//! What holds on every path of an urgent notice: random commands of all parties, whose logs reach each other late.
//!
//! The cases are the same in every run, so it can be asserted that they reach the end of the life of a notice.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::command::{Command, Context};
use crate::event::{Event, EventKind};
use crate::officer::Actor;
use crate::party::rules_of;
use crate::testing::{Scene, actor, given_nothing, party};
use crate::urgent::sample::{URGENT, note, raise};
use crate::urgent::{
    AckUrgent, FileJustification, RecordUrgentDelivery, ReportAction, ReviewJustification, StandDown, TakeOver,
    UrgentFacts,
};
use crate::view::Sides;

const CASES: u32 = 64;
const STEPS: usize = 90;
const PARTIES: [&str; 3] = ["hengqin", "macau", "zhuhai"]; // the first raises the sample notice

#[derive(Clone, Debug)]
enum Step {
    /// An officer of a side commands, in whatever role of his the command asks for.
    Command { side: usize, officer: &'static str, command: Command },
    /// A side hears the next entries of another.
    Hear { side: usize, of: usize, entries: usize },
}

/// A command, and the side whose step it is; none when it may be any side's.
fn command() -> impl Strategy<Value = (Option<usize>, Command)> {
    let any_side = prop_oneof![
        4 => Just(RecordUrgentDelivery { urgent: URGENT }.into()),
        4 => Just(AckUrgent { urgent: URGENT }.into()),
        3 => Just(TakeOver { urgent: URGENT }.into()),
        2 => any::<bool>().prop_map(|family_contacted| {
            ReportAction { urgent: URGENT, family_contacted, action: note() }.into()
        }),
    ];
    let senders = prop_oneof![
        4 => Just(raise().into()),
        1 => Just(StandDown { urgent: URGENT, outcome: note() }.into()),
        3 => Just(FileJustification { urgent: URGENT, text: note() }.into()),
        3 => any::<bool>().prop_map(|accepted| ReviewJustification { urgent: URGENT, accepted, note: note() }.into()),
    ];
    prop_oneof![1 => any_side.prop_map(|command| (None, command)), 1 => senders.prop_map(|command| (Some(0), command))]
}

fn step() -> impl Strategy<Value = Step> {
    let officer = prop::sample::select(vec!["ho", "lo", "dp"]);
    let command = (command(), officer, 0..3_usize, prop::bool::weighted(0.1));
    prop_oneof![
        2 => command.prop_map(|((side, command), officer, other, wrong_side)| {
            Step::Command { side: side.filter(|_| !wrong_side).unwrap_or(other), officer, command }
        }),
        1 => (0..3_usize, 0..3_usize, 1..4_usize).prop_map(|(side, of, entries)| Step::Hear { side, of, entries }),
    ]
}

/// Three views, each with its own log at once and the others' late.
struct Exchange {
    views: [Scene; 3],
    logs: [Vec<(String, Event)>; 3],
    heard: [[usize; 3]; 3],
}

impl Exchange {
    fn new() -> Self {
        Self { views: [(); 3].map(|()| given_nothing()), logs: [(); 3].map(|()| vec![]), heard: [[0; 3]; 3] }
    }

    fn sides(&self, side: usize) -> Sides<UrgentFacts> {
        self.views[side].rows().sides(&URGENT).unwrap()
    }

    fn hear(&mut self, side: usize, of: usize, entries: usize) {
        if side == of {
            return;
        }
        let news: Vec<_> = self.logs[of].iter().skip(self.heard[side][of]).take(entries).cloned().collect();
        self.heard[side][of] += news.len();
        for (who, event) in news {
            if event.readers().contains(&party(PARTIES[side])) {
                self.views[side] = self.views[side].clone().and(&who, event);
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
                self.views[side] = self.views[side].clone().and(&who, event.clone());
                self.logs[side].push((who.clone(), event));
            }
        }
        Ok(())
    }

    fn check(&self, side: usize, actor: &Actor, event: &Event) -> Result<(), TestCaseError> {
        let sides = self.sides(side);
        let me = party(PARTIES[side]);
        if event.kind() == EventKind::UrgentRaised {
            return Ok(());
        }
        let case = sides.concerning(me).unwrap();
        if [EventKind::JustificationFiled, EventKind::JustificationReviewed].contains(&event.kind()) {
            prop_assert!(case.is_closed());
        } else if event.kind() != EventKind::UrgentDelivered {
            prop_assert!(!case.is_closed());
            // Whoever is told is a party of the notice, and nobody is left out.
            let parties: BTreeSet<_> = event.readers().into_iter().chain([me]).collect();
            prop_assert_eq!(parties, PARTIES.map(party).into());
        }
        if let Event::UrgentTakenOver(_) = event {
            prop_assert_eq!(case.taken_over_by().count(), 0);
        }
        if let Event::JustificationReviewed(_) = event {
            prop_assert_ne!(&case.sender.raised.as_ref().unwrap().1.by, &actor.officer);
            prop_assert_ne!(&case.sender.justified.as_ref().unwrap().1.by, &actor.officer);
        }
        Ok(())
    }
}

#[test]
fn every_path_ends_with_a_third_persons_review_and_nobody_acts_after_the_end() {
    let (reviewed, taken_over_twice) = (Cell::new(0), Cell::new(0));
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let run = |steps: Vec<Step>| {
        let mut exchange = Exchange::new();
        for step in steps {
            match step {
                Step::Command { side, officer, command } => exchange.command(side, officer, &command)?,
                Step::Hear { side, of, entries } => exchange.hear(side, of, entries),
            }
        }
        let sender = exchange.sides(0);
        let Some(case) = sender.raised_by(party(PARTIES[0])) else { return Ok(()) };
        reviewed.set(reviewed.get() + usize::from(case.sender.reviewed.is_some()));
        // Two who had not heard of each other can both have the case, and in the end everybody sees it.
        (0..3).for_each(|of| exchange.hear(0, of, usize::MAX));
        let takers = exchange.sides(0).raised_by(party(PARTIES[0])).unwrap().taken_over_by().count();
        taken_over_twice.set(taken_over_twice.get() + usize::from(takers == 2));
        Ok(())
    };
    runner.run(&prop::collection::vec(step(), STEPS), run).unwrap();
    assert!(reviewed.get() > 5, "{reviewed:?}");
    assert!(taken_over_twice.get() > 0, "{taken_over_twice:?}");
}
