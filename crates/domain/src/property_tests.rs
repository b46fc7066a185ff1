//! What holds on every path: random commands of every kind, given by officers of all three parties, whose logs reach each
//! other late and in any order.
//!
//! In scope: `Command::judge` and the projection, all kinds of commands and cases together. After each command: a lifecycle
//! told a second time (`lifecycle`), two persons, consent ⊇ request ⊇ answer field by field, uses, revocations, and that a
//! refusal changes no case (`check`); at the end of a run: any order of arrival gives one state root. What each kind of case
//! promises besides is in its own `properties.rs`. Out of scope: two parties that use one id before they hear of each other;
//! signatures, storage and network (the simulator has those).
//!
//! Every kind of command must be made and must succeed; a broken party must be caught, each kind by the check meant for it.
//!
//! A run is replayed by its seed. `TONGCHA_PROPERTY_SEED` is the first seed, `TONGCHA_PROPERTY_RUNS` how many there are; by
//! default a few, so that the tests stay short. Failing runs are shortened by proptest.

mod broken;
mod cases;
mod check;
mod dice;
mod generate;
mod governance;
mod later;
mod lifecycle;
mod pools;
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::command::CommandKind;
use crate::event::EventKind;
use crate::refusal::RefusalCode;

use broken::Flaw;
use dice::Dice;
use generate::{FAMILIES, Run};
use world::World;

/// Runs of the ordinary test; each family of commands has its turn.
const RUNS: u64 = 70;
/// Steps of a run.
const STEPS: usize = 2_400;
/// Tries of proptest to shorten a run that fails: about a minute.
const SHORTENED_MAX: u32 = 1_500;
/// Commands at the far end of a case, which a short test may not reach; a long one ([`LONG`] times [`RUNS`]) must. They are
/// refused a hundred times and more in the short one, and each has its own tests.
const DEEP: [CommandKind; 7] = [
    CommandKind::RaiseConsentReview,
    CommandKind::RequestClarification,
    CommandKind::AnswerClarification,
    CommandKind::LapseClarification,
    CommandKind::CorrectReply,
    CommandKind::AcknowledgeCorrection,
    CommandKind::RecallAnswers,
];
/// From how many times [`RUNS`] on nothing is excused.
const LONG: u64 = 20;
/// Within how many runs a broken variant must be caught.
const CAUGHT_WITHIN: u64 = 70;

/// What was tried, and what came of it.
#[derive(Default)]
struct Tally {
    done: BTreeMap<CommandKind, u32>,
    refused: BTreeMap<CommandKind, BTreeMap<RefusalCode, u32>>,
    events: BTreeMap<EventKind, u32>,
}

impl Tally {
    fn count(&mut self, kind: CommandKind, came: Result<EventKind, RefusalCode>) {
        match came {
            Ok(event) => {
                *self.done.entry(kind).or_default() += 1;
                *self.events.entry(event).or_default() += 1;
            }
            Err(code) => *self.refused.entry(kind).or_default().entry(code).or_default() += 1,
        }
    }

    fn commands(&self) -> u32 {
        self.done.values().sum::<u32>() + self.refused.values().flat_map(BTreeMap::values).sum::<u32>()
    }
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// One run, shortened by proptest when a property does not hold.
fn run(seed: u64, flaw: Option<Flaw>, tally: &RefCell<Tally>) -> Result<(), TestError<Vec<u64>>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let max_shrink_iters = if flaw.is_none() { SHORTENED_MAX } else { 0 };
    let config = Config { cases: 1, max_shrink_iters, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let numbers = prop::collection::vec(any::<u64>().no_shrink(), STEPS / 2..=STEPS);
    runner.run(&numbers, |numbers| {
        let mut tally = tally.borrow_mut();
        let family = usize::try_from(seed).unwrap() % FAMILIES.len();
        let mut run = Run { world: World::new(flaw), family, late: false, tally: &mut tally };
        let mut dice = Dice(seed);
        let mut all = || {
            run.begin(&mut dice)?;
            for (place, number) in numbers.iter().enumerate() {
                run.late = place > numbers.len() * 3 / 4;
                run.step(*number)?;
            }
            run.end(&mut dice)
        };
        all().map_err(|violation| TestCaseError::fail(format!("{}: {}", violation.property, violation.what)))
    })
}

#[test]
fn every_kind_of_command_is_made_once_and_every_kind_of_event_has_a_lifecycle() {
    let mut made: Vec<CommandKind> = FAMILIES.iter().flat_map(|family| family.iter()).map(|(kind, _)| *kind).collect();
    made.sort();
    assert_eq!(made, CommandKind::ALL);
    for kind in EventKind::ALL {
        assert!(lifecycle::life(*kind).is_some(), "{kind:?} has no lifecycle");
    }
}

#[test]
fn every_path_of_every_kind_keeps_its_promises() {
    let first = from_environment("TONGCHA_PROPERTY_SEED", 0);
    let runs = from_environment("TONGCHA_PROPERTY_RUNS", RUNS);
    let tally = RefCell::new(Tally::default());
    for seed in first..first + runs {
        if let Err(failure) = run(seed, None, &tally) {
            panic!("{failure}\nagain: TONGCHA_PROPERTY_SEED={seed} TONGCHA_PROPERTY_RUNS=1");
        }
    }
    let tally = tally.into_inner();
    println!("seeds {first}..{}: {} commands, {:?}", first + runs, tally.commands(), tally.events);
    if runs < RUNS {
        return; // a replay reaches only what it reaches
    }
    let never = CommandKind::ALL.iter().filter(|kind| !tally.done.contains_key(kind));
    let never: Vec<_> = never.map(|kind| (kind, tally.refused.get(kind))).collect();
    println!("never succeeded: {:?}", never.iter().map(|(kind, _)| kind).collect::<Vec<_>>());
    let excused = |kind: &CommandKind| runs < LONG * RUNS && DEEP.contains(kind);
    assert!(never.iter().all(|(kind, _)| excused(kind)), "these never succeeded: {never:#?}");
}

#[test]
fn every_broken_party_is_caught_by_the_check_meant_for_it() {
    for (flaw, property) in Flaw::ALL {
        let tally = RefCell::new(Tally::default());
        let caught = (0..CAUGHT_WITHIN).find_map(|seed| run(seed, Some(flaw), &tally).err().map(|error| (seed, error)));
        let Some((seed, TestError::Fail(reason, numbers))) = caught else { panic!("{flaw:?} was not caught") };
        assert!(reason.message().starts_with(property), "{flaw:?} on seed {seed}: {reason}");
        println!("{flaw:?} on seed {seed}, {} steps: {}", numbers.len(), property);
    }
}
