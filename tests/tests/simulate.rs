//! The simulation, bounded: many seeds hold, the same seed does the same, and what is broken on purpose is caught.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too, stop at what is wrong

use tongcha_domain::event::EventKind;
use tongcha_testbed::sim::{Broken, Options, Report, run};

/// Seeds of the ordinary run. `cargo xtask simulate` runs as many as one likes.
const SEEDS: u64 = 100;
/// Within how many seeds a broken variant must be caught.
const CAUGHT_WITHIN: u64 = 20;
/// Steps of a run in which a disk is copied, put in again later, and recovered from: it takes long until all three have come
/// to pass.
const OLD_DISK_STEPS: u64 = 2_000;
/// Seeds of such runs: every second of them has a disk that comes back.
const OLD_DISK_SEEDS: u64 = 12;

fn hold(seeds: std::ops::Range<u64>, steps: u64) -> Report {
    let options = Options { steps, broken: None };
    let mut total = Report::default();
    for seed in seeds {
        match run(seed, &options) {
            Ok(report) => total.add(&report),
            Err(failure) => panic!("{failure}"),
        }
    }
    total
}

#[test]
fn many_seeds_hold_and_every_fault_occurs() {
    let total = hold(1..SEEDS + 1, Options::default().steps);
    assert!(total.crashes > SEEDS && total.refused > SEEDS && total.denials > SEEDS, "{total:?}");
    assert!(total.answers > SEEDS / 4, "{total:?}");
    let times = |kind| total.events.get(&kind).copied().unwrap_or_default();
    for (kind, least) in [
        (EventKind::ErasureRequested, 1),
        (EventKind::ErasureProposed, SEEDS / 4),
        (EventKind::ErasureOrdered, SEEDS / 10),
        (EventKind::ErasureConfirmed, SEEDS / 10),
    ] {
        assert!(times(kind) >= least, "{kind:?}: {:?}", total.events);
    }
    let faults = [
        "message lost",
        "message repeated",
        "message changed",
        "link cut",
        "noise",
        "parcel for somebody else",
        "parcel of somebody else",
        "writes lost or torn",
        "disk failed",
        "view kept",
        "view rolled back",
        "view deleted",
        "view damaged",
        "view rebuilt",
        "clock set",
        "published again",
        "command repeated",
        "revoked before the answer",
        "old checkpoint shown",
    ];
    all_occurred(&total, &faults);
}

fn all_occurred(total: &Report, faults: &[&str]) {
    for fault in faults {
        assert!(total.faults.get(fault).is_some_and(|count| *count > 0), "{fault}: {:?}", total.faults);
    }
}

#[test]
fn parties_recover_from_old_disks_and_what_was_on_its_way_halts_nobody() {
    let total = hold(1..OLD_DISK_SEEDS + 1, OLD_DISK_STEPS);
    let faults = [
        "disk rolled back",
        "rollback noticed",
        "refused to write",
        "recovered from peers",
        "body lost on its way",
        "entry taken without its body",
    ];
    all_occurred(&total, &faults);
}

#[test]
fn long_runs_hold() {
    hold(1000..1002, 3_000);
}

#[test]
fn the_same_seed_does_the_same() {
    let options = Options::default();
    let (one, again, other) = (run(7, &options).unwrap(), run(7, &options).unwrap(), run(8, &options).unwrap());
    assert_eq!(one, again);
    assert_ne!(one.trace, other.trace);
}

#[track_caller]
fn is_caught(broken: Broken) {
    is_caught_in(broken, Options::default().steps);
}

fn is_caught_in(broken: Broken, steps: u64) {
    let options = Options { broken: Some(broken), steps };
    for seed in 0..CAUGHT_WITHIN {
        let Err(failure) = run(seed, &options) else { continue };
        assert_eq!(failure.invariant, Some(broken.invariant()), "{failure}");
        let line = format!("cargo xtask simulate --seed {seed} --steps {} --break {}", options.steps, broken.name());
        assert!(failure.to_string().ends_with(&line), "{failure}");
        return;
    }
    panic!("{} was not caught within {CAUGHT_WITHIN} seeds", broken.name());
}

#[test]
fn a_disk_that_lies_about_a_sync_is_caught() {
    is_caught(Broken::NoSync);
}

#[test]
fn a_register_read_before_the_permit_is_durable_is_caught() {
    is_caught(Broken::AnswerFirst);
}

#[test]
fn a_use_that_is_not_spent_is_caught() {
    is_caught(Broken::UseNotSpent);
}

#[test]
fn a_view_that_depends_on_the_order_is_caught() {
    is_caught(Broken::OrderDependent);
}

#[test]
fn a_refused_message_that_is_passed_over_is_caught() {
    is_caught(Broken::SkipRefused);
}

#[test]
fn a_witness_that_forgets_what_it_cosigned_is_caught() {
    is_caught(Broken::WitnessForgets);
}

#[test]
fn a_party_that_writes_on_an_old_disk_is_caught() {
    is_caught_in(Broken::WritesOn, OLD_DISK_STEPS);
}

#[test]
fn a_recovery_that_drops_the_tail_is_caught() {
    is_caught_in(Broken::DropsTail, OLD_DISK_STEPS);
}

#[test]
fn a_disk_that_does_not_overwrite_keys_is_caught() {
    is_caught(Broken::ForgetsToErase);
}

#[test]
fn keys_that_are_gone_from_the_view_alone_are_caught() {
    is_caught(Broken::ErasesInView);
}

#[test]
fn a_view_that_remembers_what_was_erased_is_caught() {
    is_caught(Broken::ViewRemembers);
}

#[test]
fn a_key_that_goes_without_an_order_is_caught() {
    is_caught(Broken::ErasesTooMuch);
}

#[test]
fn an_addressee_that_refuses_what_is_lost_is_caught() {
    is_caught_in(Broken::RefusesLost, OLD_DISK_STEPS);
}

#[test]
fn variants_are_known_by_name() {
    for broken in Broken::ALL {
        assert_eq!(Broken::from_name(broken.name()), Some(broken));
    }
    assert_eq!(Broken::from_name("nothing"), None);
}
