//! The published vectors: every one is judged, and what is not judged is listed with a reason.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::bench::{root, run, run_code};

const VECTORS: &str = "proto-schemas/v1/vectors";
const SCRIPT: &str = "tests/verifier/vectors.py";

fn forms() -> Vec<String> {
    let files = fs::read_dir(root().join(VECTORS)).unwrap().map(|file| file.unwrap().path());
    let mut forms: Vec<_> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    forms.retain(|form| !["parties", "bodies"].contains(&form.as_str()));
    forms.sort();
    assert!(forms.len() > 10, "{forms:?}");
    forms
}

fn read(root: &Path, form: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(root.join(VECTORS).join(format!("{form}.json"))).unwrap()).unwrap()
}

fn write(root: &Path, form: &str, vectors: &Value) {
    fs::write(root.join(VECTORS).join(format!("{form}.json")), vectors.to_string()).unwrap();
}

/// Every verdict that the vectors have.
pub fn verdicts() -> Vec<String> {
    let of = |form: &String| read(&root(), form)["cases"].as_array().unwrap().clone();
    forms().iter().flat_map(of).map(|case| case["verdict"].as_str().unwrap().to_owned()).collect()
}

/// A copy of what the scripts need, to be changed.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for dir in ["tests/verifier", "proto-schemas/v1", VECTORS] {
        fs::create_dir_all(copy.path().join(dir)).unwrap();
        for file in fs::read_dir(root().join(dir)).unwrap().map(|file| file.unwrap().path()) {
            if file.is_file() {
                fs::copy(&file, copy.path().join(dir).join(file.file_name().unwrap())).unwrap();
            }
        }
    }
    copy
}

fn finding(root: &Path) -> String {
    let (code, said) = run(&root.join(SCRIPT), &[]);
    assert_eq!(code, Some(1), "nothing found: {said}");
    said
}

#[test]
fn every_vector_has_its_verdict_and_every_body_its_three_forms() {
    let (code, said) = run(&root().join(SCRIPT), &[]);
    assert_eq!(code, Some(0), "{said}");
    for form in forms() {
        assert!(said.lines().any(|line| line.starts_with(&format!("{form}: "))), "{form} in: {said}");
    }
    for part in ["bodies: ", "exported: "] {
        assert!(said.lines().any(|line| line.starts_with(part)), "{part} in: {said}");
    }
}

#[test]
fn a_changed_verdict_is_found_in_every_form() {
    let copy = copy();
    for form in forms() {
        let good = read(copy.path(), &form);
        let last = good["cases"].as_array().unwrap().len() - 1;
        // The last case of `body.json` is one of an audience, which is not judged.
        for at in [0, if form == "body" { last - 2 } else { last }] {
            let mut changed = good.clone();
            changed["cases"][at]["verdict"] = "something-else".into();
            write(copy.path(), &form, &changed);
            let name = good["cases"][at]["name"].as_str().unwrap();
            let expected = format!("FINDING: verdict: {form}: {name}: ");
            let found = finding(copy.path());
            assert!(found.starts_with(&expected), "{found}, not {expected}");
        }
        write(copy.path(), &form, &good);
    }
}

#[test]
fn a_changed_form_of_a_body_is_found() {
    let copy = copy();
    let good = read(copy.path(), "bodies");
    for form in ["postcard", "protobuf", "json"] {
        let mut changed = good.clone();
        changed["bodies"]["batch-sent"][form] = good["bodies"]["batch-approved"][form].clone();
        write(copy.path(), "bodies", &changed);
        assert!(finding(copy.path()).starts_with("FINDING: bodies: batch-sent: "), "{form}");
    }
}

#[test]
fn an_unknown_form_and_a_wrong_list_of_what_is_not_judged_are_found() {
    let copy = copy();
    let script = copy.path().join(SCRIPT);
    let good = fs::read_to_string(&script).unwrap();
    let listed =
        |line: &str| good.replacen("NOT_JUDGED = {\n", &format!("NOT_JUDGED = {{\n    {line}: \"a reason\",\n"), 1);
    let unlisted: String =
        good.lines().filter(|line| !line.contains("(\"body\", \"audience\")")).fold(String::new(), |a, b| a + b + "\n");
    for (text, expected) in [
        (listed("\"slot\""), "FINDING: form: slot has a judge and is in NOT_JUDGED"),
        (listed("(\"slot\", \"damaged\")"), "FINDING: form: in NOT_JUDGED of vectors.py, and judged or gone"),
        (listed("\"gone\""), "FINDING: form: in NOT_JUDGED of vectors.py, and judged or gone"),
        (unlisted, "FINDING: verdict: body: fewer readers than the event has: valid, not audience"),
        (good.replacen("\"ask\": ask, ", "", 1), "FINDING: form: ask is not known"),
    ] {
        assert_ne!(text, good);
        fs::write(&script, text).unwrap();
        let found = finding(copy.path());
        assert!(found.starts_with(expected), "{found}, not {expected}");
    }
    fs::write(&script, &good).unwrap();
    write(copy.path(), "new-form", &read(copy.path(), "slot"));
    assert!(finding(copy.path()).starts_with("FINDING: form: new-form is not known: add it to JUDGES or NOT_JUDGED"));
    fs::remove_file(copy.path().join(VECTORS).join("new-form.json")).unwrap();
    fs::remove_file(copy.path().join(VECTORS).join("slot.json")).unwrap();
    assert!(finding(copy.path()).starts_with("FINDING: form: slot has a judge in vectors.py and no file"));
}

/// Of the twelve cases of ed25519-speccheck none is accepted: neither the key registered and the signature verified.
#[test]
fn signatures_are_verified_strictly() {
    let code = "
import json, sys
from bundle import Refused, verified
from vectors import check_key
def registered(key):
    try:
        check_key(key)
        return True
    except Refused:
        return False
cases = [[bytes.fromhex(case[part]) for part in ('pub_key', 'signature', 'message')] for case in json.load(open(sys.argv[1]))]
print(len(cases), [at for at, (key, *rest) in enumerate(cases) if registered(key) and verified(key, *rest)])
print([at for at, case in enumerate(cases) if verified(*case)])
";
    let cases = root().join("crates/ledger/tests/data/speccheck/cases.json");
    let said = run_code(code, &[cases.to_str().unwrap()]);
    // Case 3 is a key of mixed order, which only registration refuses.
    assert_eq!(said, "12 []\n[3]\n");
}

/// Shape, canonical bytes, and the JSON of the value or the code of the refusal.
const SHAPES: &[(&str, &str, &str)] = &[
    (r#""u16""#, "ffff03", "65535"),
    (r#""u16""#, "ffff04", "malformed"),
    (r#""u16""#, "80808000", "malformed"),
    (r#""u16""#, "8000", "not-canonical"),
    (r#""u64""#, "ffffffffffffffffff01", "18446744073709551615"),
    (r#""u64""#, "ffffffffffffffffff02", "malformed"),
    (r#""u8""#, "ff", "255"),
    (r#""i8""#, "ff", "-1"),
    (r#""i64""#, "03", "-2"),
    (r#""i64""#, "04", "2"),
    (r#""i64""#, "ffffffffffffffffff01", "-9223372036854775808"),
    (r#""bool""#, "01", "true"),
    (r#""bool""#, "02", "malformed"),
    (r#""text""#, "03e69db1", "\"\\u6771\""),
    (r#""text""#, "02e69d", "malformed"),
    (r#""text""#, "03eda080", "malformed"),
    (r#""bytes""#, "020102", "\"0102\""),
    (r#""uuid""#, "0f000000000000000000000000000000", "malformed"),
    (r#"{"fixed": 2}"#, "0102", "\"0102\""),
    (r#"{"option": "u8"}"#, "00", "null"),
    (r#"{"option": "u8"}"#, "0209", "malformed"),
    (r#"{"list": "u8"}"#, "020201", "[2, 1]"),
    (r#"{"set": "u8"}"#, "020102", "[1, 2]"),
    (r#"{"set": "u8"}"#, "020201", "not-canonical"),
    (r#"{"set": "u8"}"#, "020101", "not-canonical"),
    (r#"{"map": ["u8", "bool"]}"#, "0201000200", "{\"1\": false, \"2\": false}"),
    (r#"{"map": ["u8", "bool"]}"#, "0202000100", "not-canonical"),
    (r#"{"tuple": ["u8", "bool"]}"#, "0501", "[5, true]"),
    (r#"{"tuple": ["u8", "bool"]}"#, "050100", "trailing"),
    (r#"{"set": {"type": "PartyId"}}"#, "0201620161", "not-canonical"),
    (r#"{"type": "PartyId"}"#, "0141", "malformed"),
    (r#"{"type": "TaskNo"}"#, "11", "17"),
    (r#"{"type": "TaskNo"}"#, "12", "malformed"),
    (r#"{"type": "TaskNo"}"#, "00", "malformed"),
    (r#"{"type": "Date"}"#, "0a323032362d30322d3238", "\"2026-02-28\""),
    (r#"{"type": "Date"}"#, "0a323032362d30322d3330", "malformed"),
    (r#"{"type": "Period"}"#, "07323032362d3133", "malformed"),
    (r#"{"type": "EventKind"}"#, "00", "\"batch-prepared\""),
    (r#"{"type": "EventKind"}"#, "ff7f", "malformed"),
];

#[test]
fn every_shape_is_read_and_refused() {
    let code = "
import json, sys
from bundle import Refused, read
for shape, data in json.loads(sys.argv[1]):
    try:
        print(json.dumps(read(json.loads(shape), bytes.fromhex(data))[0]))
    except Refused as refused:
        print(refused.args[0])
";
    let given: Vec<_> = SHAPES.iter().map(|(shape, data, _)| (shape, data)).collect();
    let said = run_code(code, &[&serde_json::to_string(&given).unwrap()]);
    let expected: Vec<_> = SHAPES.iter().map(|(.., expected)| *expected).collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_receipt_with_a_hash_too_many_is_refused() {
    let code = "
import sys
import vectors, json
parties = json.load(open(sys.argv[1] + '/parties.json'))
good = next(case for case in json.load(open(sys.argv[1] + '/receipt.json'))['cases'] if case['verdict'] == 'valid')
proof, _, note = good['input']['receipt'].partition('\\n\\n')
more = proof + '\\n' + proof.split('\\n')[-1] + '\\n\\n' + note
for text in (good['input']['receipt'], more):
    print(vectors.verdict(vectors.receipt, vectors.Given(parties, {'receipt': text})))
";
    let said = run_code(code, &[root().join(VECTORS).to_str().unwrap()]);
    assert_eq!(said, "valid\nproof/length\n");
}
