//! The cases of `keys.json`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tongcha_domain::event::EventKind;
use tongcha_domain::keys::{KeyCertificate, KeyWord, SignedStatement};

use super::body::seal;
use super::keys::{
    Log, Reader, begun, beside, certified, first, next, next_entry, retired, root_says, rotated, said_by, says, spare,
    stolen, with_known, word_of, worked,
};
use super::verdict::VALID;
use super::{Case, Input, fixed_root, rooted_card};
use crate::ask;
use crate::body::{BodyKey, SealedBody};
use crate::canonical;
use crate::checkpoint::SignedCheckpoint;
use crate::entry::VerifiedEntry;
use crate::key::{PartyCard, PartySecrets};
use crate::published::samples;
use crate::root::{RootSecret, statement_text};
use crate::testing::{Fixed, body, claims, event, party};
use crate::token::ConsentToken;

/// Entries about other things, by the key that signed them.
pub(super) fn work() -> Vec<Case> {
    let (begun, rotated, beside) = (begun(), rotated(), beside());
    let (first, next) = (first(), next());
    let retired = beside.clone().said(&retired(3, &first), &next);
    let reported = beside.clone().said(&stolen(3, &first, 3), &next);
    let later = rotated.clone().worked(1, &next).said(&stolen(3, &first, 4), &next);
    let one = Log::default().worked(1, &first);
    let known = |case: Case, signed: &SignedStatement| with_known(case, &[signed]);
    let late = root_says(2, word_of(&next, 9, None));
    vec![
        worked("the next key after a rotation", VALID, &rotated, &next),
        worked("the former key after a rotation", "keys/ended", &rotated, &first),
        worked("the first key with another beside it", VALID, &beside, &first),
        worked("a key that was retired", "keys/ended", &retired, &first),
        worked("a key that the log reported stolen", "keys/ended", &reported, &first),
        worked("a key that had ended before the cut of its report", "keys/ended", &later, &first),
        known(worked("one before the cut of a report by file", VALID, &one, &first), &stolen(2, &first, 2)),
        known(worked("at the cut of a report by file", "keys/ended", &begun, &first), &stolen(2, &first, 2)),
        with_known(
            worked("at the cut of the newer of two reports", "keys/ended", &begun, &first),
            &[&stolen(2, &first, 9), &stolen(3, &first, 2)],
        ),
        with_known(
            worked("at the cut of the older of two reports", VALID, &begun, &first),
            &[&stolen(2, &first, 2), &stolen(3, &first, 9)],
        ),
        worked("a key that nobody has told of", "unknown-key", &begun, &next),
        known(worked("a key that the log has not added", "keys/not-added", &begun, &next), &certified(2, &next, None)),
        known(worked("a key before its certificate begins", "keys/early", &begun, &next), &late),
    ]
}

/// Entries that say what the root says, where they stand or don't.
pub(super) fn sayings() -> Vec<Case> {
    let (begun, rotated, beside) = (begun(), rotated(), beside());
    let (first, next, spare) = (first(), next(), spare());
    vec![
        says("a rotation", VALID, &begun, &certified(2, &next, Some(&first)), &next),
        says("a key beside the first", VALID, &begun, &certified(2, &next, None), &next),
        says("at the place where its certificate begins", VALID, &begun, &root_says(2, word_of(&next, 2, None)), &next),
        says("before its certificate begins", "keys/early", &begun, &root_says(2, word_of(&next, 3, None)), &next),
        says("a key added by another", "keys/not-its-own", &begun, &certified(2, &next, Some(&first)), &first),
        says("a key added again", "keys/added-before", &beside, &certified(3, &next, Some(&first)), &next),
        says("an ended key comes back", "keys/added-before", &rotated, &certified(3, &first, Some(&next)), &first),
        says("a certificate with the number of the last", "keys/old", &rotated, &certified(2, &spare, None), &spare),
        says("a certificate older than the card's", "keys/old", &begun, &certified(1, &next, None), &next),
        says("in the place of an ended key", "keys/no-such-key", &rotated, &certified(3, &spare, Some(&first)), &spare),
        says("in the place of no key", "keys/no-such-key", &begun, &certified(2, &next, Some(&spare)), &next),
        says("a key retired", VALID, &beside, &retired(3, &next), &first),
        says("a key that retires itself", "keys/ended", &beside, &retired(3, &next), &next),
        says("an ended key retired", "keys/no-such-key", &rotated, &retired(3, &first), &next),
        says("the only key retired", "keys/only-key", &begun, &retired(2, &first), &first),
        says("a report that cuts at its own place", VALID, &beside, &stolen(3, &first, 3), &next),
        says("a report of a key that had ended", VALID, &rotated, &stolen(3, &first, 2), &next),
        says("a report that cuts after itself", "keys/ahead", &beside, &stolen(3, &first, 4), &next),
        says("a report below an entry of the key", "keys/takes-back", &rotated, &stolen(3, &first, 1), &next),
        says("a report of no key", "keys/no-such-key", &beside, &stolen(3, &spare, 3), &next),
        says("a report of the only key", "keys/only-key", &begun, &stolen(2, &first, 2), &first),
        says("a key that reports itself", "keys/ended", &beside, &stolen(3, &next, 3), &next),
    ]
}

/// Entries that say of keys what the root does not say.
pub(super) fn forgeries() -> Vec<Case> {
    let (begun, rotated) = (begun(), rotated());
    let (first, next, spare) = (first(), next(), spare());
    let (thief, macau) = (RootSecret::from_seed(party("zhuhai"), first.seeds().0), fixed_root("macau"));
    let report = KeyWord::Compromised { key: first.key_id().0, cut: 2 };
    let rotation = || word_of(&next, 0, Some(&first));
    let changed = |change: fn(&mut KeyCertificate)| {
        let KeyWord::Certified(mut certificate) = rotation() else { panic!("a certificate") };
        change(&mut certificate);
        root_says(2, KeyWord::Certified(certificate))
    };
    let weak = changed(|one| one.signing = curve25519_dalek::constants::EIGHT_TORSION[1].compress().0);
    let misnamed = changed(|one| one.key = [7; 8]);
    let by_thief = said_by(&thief, "zhuhai", 2, rotation());
    let by_macau = said_by(&macau, "zhuhai", 2, rotation());
    let reported = said_by(&thief, "zhuhai", 3, report.clone());
    let of_macau = said_by(&macau, "macau", 3, report);
    let honest = certified(2, &next, None);
    vec![
        says("signed by the former key as a root", "statement/root", &begun, &by_thief, &next),
        says("signed by another party's root", "statement/root", &begun, &by_macau, &next),
        says("a report without the root", "statement/root", &rotated, &reported, &next),
        says("about another party", "statement/other-party", &rotated, &of_macau, &next),
        says("a certificate of a key of small order", "statement/key/weak", &begun, &weak, &next),
        says("a certificate with the name of another key", "statement/name", &begun, &misnamed, &next),
        says("signed by another key than the certified one", "unknown-key", &begun, &honest, &spare),
    ]
}

/// Entries of keys with other bodies than theirs, and such bodies by themselves.
pub(super) fn bodies() -> Vec<Case> {
    let (begun, rotated, first, next) = (begun(), rotated(), first(), next());
    let (added, rotation) = begun.says(&certified(2, &next, Some(&first)), &next);
    let (reported, report) = rotated.says(&stolen(3, &first, 2), &next);
    let other_kind = rotated.next(&rotation, EventKind::KeyRetired, &next);
    let secret = seal(&canonical::encode(&body(event(EventKind::KeyCompromised))).unwrap());
    let kept = rotated.next(&secret, EventKind::KeyCompromised, &next);
    let case = |name: &str, verdict: &str, entry: &VerifiedEntry, body: Option<&SealedBody>| {
        next_entry(name, verdict, &rotated, (entry.clone(), body.cloned()))
    };
    vec![
        next_entry("a new key without a body", "unknown-key", &begun, (added, None)),
        case("a report without a body", "statement/body", &reported, None),
        case("a report with another body", "statement/body", &reported, Some(&rotation)),
        case("of another kind than its body", "statement/body", &other_kind, Some(&rotation)),
        case("sealed for its readers only", "statement/body", &kept, Some(&secret)),
        case("the same body as such", "unpublished", &kept, Some(&secret)).bytes("key", &[0x5E; 32]),
        case("a published body as such", VALID, &reported, Some(&report)).bytes("key", &BodyKey::published().0),
    ]
}

/// What proves something of a log, or in a party's name.
pub(super) fn proofs() -> Vec<Case> {
    let (first, next) = (first(), next());
    let log = rotated().worked(1, &next);
    let note = |name: &str, verdict: &str, size, by: &PartySecrets| {
        let case = Case::new(name, verdict).bytes("log", &log.frames());
        case.text("note", log.checkpoint(size, by).note().to_string().as_str())
    };
    let receipt = |name: &str, verdict: &str, of, checkpoint: &SignedCheckpoint, known: &[&SignedStatement]| {
        with_known(Case::new(name, verdict).text("receipt", &log.receipt(of, checkpoint)), known)
    };
    let (certificate, cut) = (certified(2, &next, Some(&first)), |cut| stolen(3, &first, cut));
    let (old, new) = (log.checkpoint(2, &first), log.checkpoint(4, &next));
    vec![
        note("a checkpoint up to the last entry of the former key", VALID, 2, &first),
        note("a checkpoint beyond it", "keys/ended", 3, &first),
        note("a checkpoint up to the entry that adds its key", VALID, 3, &next),
        note("a checkpoint that its key does not reach", "keys/not-added", 2, &next),
        with_known(note("a checkpoint before the cut", VALID, 2, &first), &[&cut(2)]),
        with_known(note("a checkpoint beyond the cut", "keys/ended", 4, &first), &[&cut(2)]),
        receipt("an entry and a checkpoint under the former key", VALID, 1, &old, &[]),
        receipt("an entry before the rotation, a checkpoint after it", VALID, 0, &new, &[&certificate]),
        receipt("a checkpoint under a key that nobody has told of", "checkpoint/note/unsigned", 0, &new, &[]),
        receipt("an entry before the cut, and so its checkpoint", VALID, 1, &old, &[&certificate, &cut(2)]),
    ]
}

/// What bears a stolen key's signature, beside the owner's log.
pub(super) fn thefts() -> Vec<Case> {
    let (first, next) = (first(), next());
    let (certificate, report) = (certified(2, &next, Some(&first)), stolen(3, &first, 1));
    let log = begun();
    let at_the_cut = log.receipt(1, &log.checkpoint(2, &first));
    let before = log.receipt(0, &log.checkpoint(2, &first));
    let token = |by: &PartySecrets, seed| {
        let directory = Reader::new(&Input::default()).directory;
        ConsentToken::issue(&claims(), by, &directory, &mut Fixed(seed)).unwrap()
    };
    let ask = |by: &PartySecrets| {
        let (request, _) = samples::lookup(token(&first, 100).bytes().to_vec(), by.key_id());
        let directory = Reader::new(&Input::default()).directory;
        ask::seal_request(&request, by, &directory, &mut Fixed(700)).unwrap().0
    };
    let token = |name: &str, verdict: &str, by: &PartySecrets, known: &[&SignedStatement]| {
        with_known(Case::new(name, verdict).text("token", &token(by, 600).to_text()), known)
    };
    let asked = |name: &str, verdict: &str, by: &PartySecrets, log: &Log, known: &[&SignedStatement]| {
        let case = Case::new(name, verdict).bytes("log", &log.frames()).bytes("ask", &ask(by));
        with_known(case.text("at", "macau"), known)
    };
    let receipt =
        |name: &str, verdict: &str, text: &str| with_known(Case::new(name, verdict).text("receipt", text), &[&report]);
    vec![
        receipt("an entry at the cut", "entry/keys/ended", &at_the_cut),
        receipt("an entry before the cut, a checkpoint beyond it", "checkpoint/keys/ended", &before),
        token("a token under the key of the card", VALID, &first, &[]),
        token("a token under a key that was replaced", VALID, &first, &[&certificate]),
        token("a token under a stolen key", "compromised", &first, &[&report]),
        token("a token under a certified key", VALID, &next, &[&certificate]),
        token("a token under a key that nobody has told of", "unknown-key", &next, &[]),
        asked("a question before the rotation", VALID, &first, &begun(), &[]),
        asked("a question after the rotation, under the former key", "unknown-key", &first, &rotated(), &[]),
        asked("a question under the key that the log has come to", VALID, &next, &rotated(), &[]),
        asked("a question under a stolen key", "compromised", &first, &begun(), &[&stolen(3, &first, 2)]),
    ]
}

/// Statements by themselves.
pub(super) fn statements() -> Vec<Case> {
    let (first, next, spare) = (first(), next(), spare());
    let good = statement_text(&certified(2, &next, Some(&first))).unwrap();
    let bytes = canonical::encode(&certified(2, &next, Some(&first))).unwrap();
    let raw = |bytes: &[u8]| format!("tk1.{}", URL_SAFE_NO_PAD.encode(bytes));
    let text = |name: &str, verdict: &str, text: &str| Case::new(name, verdict).text("statement", text);
    let case =
        |name: &str, verdict: &str, signed: &SignedStatement| text(name, verdict, &statement_text(signed).unwrap());
    let by = |root: &str, of: &str| said_by(&fixed_root(root), of, 2, word_of(&next, 0, None));
    let forged = |key: [u8; 32]| {
        let KeyWord::Certified(mut certificate) = word_of(&next, 0, None) else { panic!("a certificate") };
        certificate.signing = key;
        root_says(2, KeyWord::Certified(certificate))
    };
    let small = curve25519_dalek::constants::EIGHT_TORSION[1];
    let honest =
        curve25519_dalek::edwards::CompressedEdwardsY(next.card("UABC").unwrap().signing.0).decompress().unwrap();
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let named = |key| {
        let KeyWord::Certified(mut certificate) = word_of(&next, 0, None) else { panic!("a certificate") };
        certificate.key = key;
        root_says(2, KeyWord::Certified(certificate))
    };
    vec![
        text("a certificate", VALID, &good),
        case("a retirement", VALID, &retired(2, &first)),
        case("a report", VALID, &stolen(2, &first, 7)),
        text("another beginning", "text/form", &good.replace("tk1.", "tk2.")),
        text("with padding", "text/form", &format!("{good}=")),
        text("longer than any statement", "text/form", &format!("tk1.{}", "A".repeat(1200))),
        text("long, of the right alphabet", "text/too-long", &raw(&[0; 513])),
        text("it ends early", "text/malformed", &raw(&bytes[..bytes.len() - 1])),
        text("a byte follows", "text/trailing", &raw(&[bytes.as_slice(), &[0]].concat())),
        text("an over-long number", "text/not-canonical", &raw(&super::lengthened(&bytes, 1 + "zhuhai".len()))),
        case("of a party without a card", "party", &by("zhuhai", "elsewhere")),
        case("of a party whose card names no root", "no-root", &by("hengqin", "hengqin")),
        case("signed by another party's root", "root", &by("macau", "zhuhai")),
        case(
            "signed by the key it certifies",
            "root",
            &said_by(&RootSecret::from_seed(party("zhuhai"), next.seeds().0), "zhuhai", 2, word_of(&next, 0, None)),
        ),
        text("a bit of what it says", "root", &raw(&super::flipped(&bytes, 8 * (1 + "zhuhai".len())))),
        text("a bit of the signature", "root", &raw(&super::flipped(&bytes, 8 * (bytes.len() - 40)))),
        case("a certificate of no point of the curve", "key/not-canonical", &forged(no_point)),
        case("a certificate of a key of small order", "key/weak", &forged(small.compress().0)),
        case("a certificate of a key with torsion", "key/torsion", &forged((honest + small).compress().0)),
        case("a certificate with the name of another key", "name", &named(first.key_id().0)),
        case("a report of a key that nobody has told of", "unknown-key", &stolen(2, &spare, 7)),
        with_known(
            case("a report of a key that is certified", VALID, &stolen(3, &spare, 7)),
            &[&certified(2, &spare, None)],
        ),
        with_known(case("a newer report", VALID, &stolen(4, &first, 9)), &[&stolen(3, &first, 7)]),
        with_known(case("an older report", "old", &stolen(2, &first, 9)), &[&stolen(3, &first, 7)]),
        with_known(case("another report with the same number", "old", &stolen(3, &first, 9)), &[&stolen(3, &first, 7)]),
        with_known(case("the same report again", VALID, &stolen(3, &first, 7)), &[&stolen(3, &first, 7)]),
    ]
}

/// Cards that name a root.
pub(super) fn cards() -> Vec<Case> {
    let card = |name: &str, verdict: &str, change: &dyn Fn(&mut PartyCard)| {
        let mut card = rooted_card("zhuhai");
        change(&mut card);
        Case::new(name, verdict).text("card", &json!(card).to_string())
    };
    let line = |signed: &SignedStatement| statement_text(signed).unwrap();
    let (first, next) = (first(), next());
    let own = word_of(&first, 0, None);
    vec![
        card("with a root and its certificate", VALID, &|_| {}),
        card("with what the root has said since", VALID, &|card| {
            card.statements.extend([line(&certified(2, &next, Some(&first))), line(&stolen(3, &first, 7))]);
        }),
        card("a root that the key did not sign", "possession", &|card| card.root = rooted_card("macau").root),
        card("a root of small order", "possession", &|card| card.root = Some(crate::key::Hex([0; 32]))),
        card("no certificate", "uncertified", &|card| card.statements.clear()),
        card("a certificate of another key only", "uncertified", &|card| {
            card.statements = vec![line(&certified(1, &next, None))];
        }),
        card("a certificate by another root", "statement", &|card| {
            card.statements = vec![line(&said_by(&fixed_root("macau"), "zhuhai", 1, own.clone()))];
        }),
        card("a certificate of another party", "statement", &|card| {
            card.statements.push(line(&said_by(&fixed_root("macau"), "macau", 2, own.clone())));
        }),
        card("what is no statement", "statement", &|card| card.statements.push("tk1.".to_owned())),
    ]
}
