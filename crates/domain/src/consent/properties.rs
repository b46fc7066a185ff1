//! What holds on every path of a recorded letter: random commands of the issuer's officers, in any order.
//!
//! The cases are the same in every run, so it can be asserted that they reach every end of a letter's life.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::command::Command;
use crate::consent::{
    CloseConsent, CloseReason, CompleteConsent, ConsentClaims, ConsentFacts, CountersignConsent, DiscardConsent,
    RecordConsent, RevocationForm, RevokeConsent,
};
use crate::event::Event;
use crate::testing::{NOON, Scene, claims, given_nothing, party};

const CASES: u32 = 128;
const STEPS: usize = 12;

/// The sample letter, which lacks the separate consent to deposits or not.
fn letter(complete: bool) -> ConsentClaims {
    let separate = claims().separate.into_iter().filter(|_| complete).collect();
    ConsentClaims { separate, ..claims() }
}

fn command() -> impl Strategy<Value = Command> {
    let consent = claims().id;
    let revoke = move |subjects: &[u8]| {
        let subjects = subjects.iter().copied().collect();
        RevokeConsent { consent, form: RevocationForm::Letter, effective_at: NOON, subjects, by: None }.into()
    };
    let complete = CompleteConsent {
        consent,
        signers: Vec::new(),
        others: Vec::new(),
        separate: claims().separate,
        letter_digest: [8; 32],
        witness: "witness.zhuhai".parse().unwrap(),
    };
    prop_oneof![
        6 => any::<bool>().prop_map(|complete| RecordConsent { claims: letter(complete) }.into()),
        3 => Just(Command::from(complete)),
        4 => Just(CountersignConsent { consent }.into()),
        2 => Just(DiscardConsent { consent, reason: "typed twice".parse().unwrap() }.into()),
        1 => Just(revoke(&[])),
        1 => Just(revoke(&[0])),
        1 => Just(CloseConsent { consent, reason: CloseReason::DecisionFinal }.into()),
    ]
}

fn facts(scene: &Scene) -> ConsentFacts {
    scene.rows().side(&claims().id, party("zhuhai")).unwrap().unwrap_or_default()
}

/// What an event may follow on.
fn check(before: &ConsentFacts, who: &str, event: &Event) -> Result<(), TestCaseError> {
    let officer = format!("{who}.zhuhai");
    prop_assert!(before.discarded.is_none(), "nothing is done with what was given up: {event:?}");
    if let Event::ConsentDiscarded(_) = event {
        prop_assert!(before.recorded.is_some() && before.granted.is_none() && !before.is_given_up());
        let recorded_by = &before.recorded.as_ref().unwrap().1.by;
        prop_assert!(who == "rv" || recorded_by.as_str() == officer);
    }
    if let Event::ConsentGranted(_) = event {
        prop_assert!(before.closed.is_none() && before.revoked_first().is_none());
        let typed = before.completed.iter().map(|(_, said)| said).chain(before.recorded.iter().map(|(_, said)| said));
        prop_assert!(typed.map(|said| said.by.as_str()).all(|by| by != officer), "a second person countersigns");
    }
    Ok(())
}

#[test]
fn no_path_revives_what_was_given_up_or_lets_one_person_grant() {
    let reached: [Cell<u32>; 4] = std::array::from_fn(|_| Cell::new(0));
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let officers = prop::sample::select(vec!["cw", "cw2", "rv"]);
    let steps = prop::collection::vec((command(), officers), STEPS);
    let run = |steps: Vec<(Command, &str)>| {
        let mut scene = given_nothing();
        for (command, who) in steps {
            let before = facts(&scene);
            let decided = scene.clone().when(&format!("{who}.zhuhai"), command);
            if let Ok(event) = &decided.result {
                check(&before, who, event)?;
                scene = decided.then_done();
            }
        }
        let end = facts(&scene);
        let ends = [end.discarded.is_some(), end.granted.is_some(), end.closed.is_some(), end.revoked.is_some()];
        for (count, ended) in reached.iter().zip(ends) {
            count.set(count.get() + u32::from(ended));
        }
        prop_assert!(!(end.discarded.is_some() && end.granted.is_some()));
        Ok(())
    };
    runner.run(&steps, run).unwrap();
    assert!(
        reached.iter().all(|count| count.get() > 3),
        "not reached: discarded, granted, closed, revoked {reached:?}"
    );
}
