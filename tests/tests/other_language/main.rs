//! A verifier in another language, written from `proto-schemas/` alone (`tests/verifier`): it accepts honest bundles, and
//! names every damage and every forgery of a table; each of its checks is seen to fail. So the published text is enough.
//!
//! In scope: bundles and vectors in files. Out of scope: a bundle of real services (`e2e_other_language`).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: what fails here fails the check"
)]

mod bench;
#[path = "../../../crates/audit/tests/common/mod.rs"]
mod common;
mod damages;
mod events;
mod keys;
mod vectors;

use std::collections::BTreeSet;

use bench::{Bench, run_code};

/// Codes that the scripts can refuse with, as their text has them.
const CODES: &str = "
import ast, sys
for path in sys.argv[1:]:
    for node in ast.walk(ast.parse(open(path).read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ('require', 'Refused'):
            code = node.args[1 if node.func.id == 'require' else 0]
            if isinstance(code, ast.Constant):
                print(code.value)
";

#[test]
fn every_code_of_the_verifier_is_seen() {
    let scripts = ["bundle.py", "events.py"].map(|name| bench::scripts().join(name).display().to_string());
    let listed = run_code(CODES, &scripts.each_ref().map(String::as_str));
    let codes: BTreeSet<_> = listed.split_whitespace().flat_map(|code| code.split('/')).collect();
    assert!(codes.len() > 30, "{codes:?}");
    let expected = damages::table().into_iter().chain(keys::table()).map(|(_, finding, _)| finding.to_owned());
    let expected = expected.chain(events::table().into_iter().map(|(_, finding, _)| finding.to_owned()));
    let verdicts = vectors::verdicts();
    let all: Vec<_> = expected.chain(verdicts).collect();
    let seen: BTreeSet<_> = all.iter().flat_map(|finding| finding.split([':', '/', ' '])).collect();
    let unseen: Vec<_> = codes.difference(&seen).collect();
    assert!(unseen.is_empty(), "no damage and no vector has these codes: {unseen:?}");
}

#[test]
fn an_honest_bundle_is_good_for_every_holder_and_at_every_size() {
    // With 300 entries there are full tiles, and tiles of the second level.
    for (entries, holder) in [(12, "macau"), (12, "zhuhai"), (1, "hengqin"), (300, "macau")] {
        let bench = Bench::new(entries, holder);
        let (code, said) = bench.verify();
        assert_eq!(code, Some(0), "{holder}, {entries}: {said}");
        assert_eq!(said.lines().count(), 3, "{said}");
        let line = format!("{holder}: {entries} entries, {entries} witnessed by ");
        assert!(said.starts_with(&line), "{said}");
    }
    let bench = Bench::new(300, "macau");
    bench.file("macau/tile/1/000.p/1", |bytes| bytes[5] ^= 1);
    assert_eq!(bench.finding(), "FINDING: log of macau: tiles: macau/tile/1/000.p/1 is not what the log makes it");
}

/// Runs a table: each damage to an honest bundle is found as what it is.
fn check(table: Vec<bench::Damage>, honest: impl Fn() -> Bench) {
    for (name, expected, damage) in table {
        let bench = honest();
        let at = damage(&bench);
        let expected = format!("FINDING: {}", expected.replace("{}", &at.to_string()));
        let found = bench.finding();
        assert!(found.starts_with(&expected), "{name}: {found}, not {expected}");
    }
}

#[test]
fn every_damage_of_a_bundle_is_named() {
    let honest = Bench::new(bench::ENTRIES, "macau");
    check(damages::table(), || honest.fresh());
}

#[test]
fn every_breach_of_the_rules_of_keys_is_named() {
    check(keys::table(), keys::plain);
}
