//! The clearance for minors: before every command, in lists, in an officer's work.

use crate::access::{AccessTarget, Concerned, RecordAccess, Sight};
use crate::agenda::Outlook;
use crate::authority::OfficerAppointed;
use crate::authority::sample::{appointed, cleared, enrolled};
use crate::case::CaseRef;
use crate::command::{Command, Context};
use crate::consent::{
    Capacity, ConsentClaims, ConsentGranted, ConsentRecorded, CountersignConsent, RecordConsent, RevocationForm,
    RevokeConsent, Signer,
};
use crate::id::RequestId;
use crate::identity::{Document, DocumentKind, Subject};
use crate::item::Item;
use crate::lookup::{AskLookup, LookupAsked, TokenStanding};
use crate::party::rules_of;
use crate::purpose::Purpose;
use crate::refusal::RefusalCode;
use crate::suppression::{SuppressDisclosure, SuppressedCase};
use crate::testing::{NOON, Scene, actor, claims, document, given_nothing, lookup, name, party, question, stranger};
use crate::time::{DAY_US, Instant};
use crate::verification::{RequestQuestion, RequestSubmitted, VerificationRequest};
use crate::work;

fn child() -> Document {
    Document::parse(DocumentKind::BirthRegistration, "1234/2022").unwrap()
}

/// The mother's letter for herself and a child of four.
fn family() -> ConsentClaims {
    let mut claims = claims();
    claims.subjects[0].birth_date = Some("1988-06-01".parse().unwrap());
    let birth_date = Some("2022-06-01".parse().unwrap());
    claims.subjects.push(Subject { document: child(), name: name("小樣本"), birth_date });
    let signed = claims.signers[0].clone();
    claims.signers.push(Signer { subject: 1, capacity: Capacity::ParentalAuthority, ..signed });
    claims
}

/// The caseworkers and reviewers of Zhuhai: `cw` and `rv` are cleared, `cw2` and `rv2` only appointed, `dp` only enrolled.
fn staffed() -> Scene {
    let scene = ["cw.zhuhai", "rv.zhuhai"]
        .into_iter()
        .fold(given_nothing(), |scene, who| scene.and("node.zhuhai", enrolled(who)).and("sec.zhuhai", cleared(who)));
    let scene = ["cw2.zhuhai", "rv2.zhuhai"].into_iter().fold(scene, |scene, who| {
        let role = actor(who).1.role;
        scene.and("sec.zhuhai", appointed(who, role))
    });
    scene.and("node.zhuhai", enrolled("dp.zhuhai"))
}

fn judge(scene: &Scene, who: &str, command: impl Into<Command>) -> Option<RefusalCode> {
    let (me, actor) = actor(who);
    let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: scene.now };
    command.into().judge(&scene.rows(), &context).unwrap().err().map(|refusal| refusal.code)
}

fn read(target: AccessTarget) -> RecordAccess {
    RecordAccess { target, reason: "deciding".parse().unwrap() }
}

fn request(of: Document) -> VerificationRequest {
    VerificationRequest {
        id: RequestId(uuid::Uuid::from_u128(0x77)),
        asker: party("zhuhai"),
        unit: "reception".parse().unwrap(),
        holder: party("macau"),
        purpose: Purpose::DibaoApplication,
        standard: "ZH-2026-v1".parse().unwrap(),
        follows: None,
        as_of: "2026-05-31".parse().unwrap(),
        questions: vec![RequestQuestion { subject: of, consent: claims().id, question: question(Item::AssetDeposit) }],
    }
}

fn asked(of: Document) -> LookupAsked {
    LookupAsked {
        lookup: lookup(1),
        holder: party("macau"),
        consent: claims().id,
        subject: of,
        questions: vec![question(Item::AssetDeposit)],
        purpose: claims().purpose,
    }
}

/// The family's letter in force, with a request and a lookup about one of them.
fn about(person: &Document) -> Scene {
    staffed()
        .and("cw.zhuhai", ConsentRecorded { claims: family() })
        .and("rv.zhuhai", ConsentGranted { claims: family() })
        .and("rv.zhuhai", RequestSubmitted { request: request(person.clone()) })
        .and("cw.zhuhai", asked(person.clone()))
}

#[test]
fn who_is_not_cleared_neither_reads_nor_works_on_what_concerns_a_minor() {
    let scene = about(&child());
    let persons = |persons: Vec<Document>| read(AccessTarget::Persons { persons, handed_to: None });
    let reads = [
        read(AccessTarget::Consent(claims().id)),
        read(AccessTarget::Request(request(child()).id)),
        read(AccessTarget::Lookup(lookup(1))),
        persons(vec![document(), child()]),
    ];
    for command in reads {
        assert_eq!(judge(&scene, "cw.zhuhai", command.clone()), None, "{command:?}");
        for who in ["cw2.zhuhai", "dp.zhuhai", "lo.zhuhai"] {
            let refused = judge(&scene, who, command.clone());
            assert_eq!(refused, Some(RefusalCode::MinorNotCleared), "{who} {command:?}");
        }
    }
    assert_eq!(judge(&scene, "cw2.zhuhai", persons(vec![document(), stranger()])), None, "no child is asked for");
    let record = RecordConsent { claims: ConsentClaims { id: crate::id::ConsentId(uuid::Uuid::nil()), ..family() } };
    assert_eq!(judge(&scene, "cw2.zhuhai", record.clone()), Some(RefusalCode::MinorNotCleared));
    assert_eq!(judge(&scene, "cw.zhuhai", record), None);
    let recorded = staffed().and("cw.zhuhai", ConsentRecorded { claims: family() });
    let countersign = CountersignConsent { consent: claims().id };
    assert_eq!(judge(&recorded, "rv2.zhuhai", countersign.clone()), Some(RefusalCode::MinorNotCleared));
    assert_ne!(judge(&recorded, "rv.zhuhai", countersign), Some(RefusalCode::MinorNotCleared));
    let suppress = SuppressDisclosure {
        case: SuppressedCase::Consent(claims().id),
        towards: stranger(),
        reason: "harm".parse().unwrap(),
    };
    assert_eq!(judge(&scene, "dp.zhuhai", suppress), Some(RefusalCode::MinorNotCleared));
}

#[test]
fn a_question_is_about_whom_it_asks_about_not_about_all_the_letter_covers() {
    let ask = |of: Document| AskLookup {
        lookup: lookup(2),
        holder: party("macau"),
        token: TokenStanding::Good(family()),
        subject: of,
        questions: vec![question(Item::AssetDeposit)],
        purpose: claims().purpose,
    };
    let scene = about(&document());
    assert_eq!(judge(&scene, "cw2.zhuhai", ask(child())), Some(RefusalCode::MinorNotCleared));
    assert_ne!(judge(&scene, "cw2.zhuhai", ask(document())), Some(RefusalCode::MinorNotCleared));
    assert_eq!(judge(&scene, "cw2.zhuhai", read(AccessTarget::Request(request(child()).id))), None);
    assert_eq!(judge(&scene, "cw2.zhuhai", read(AccessTarget::Lookup(lookup(1)))), None);
    let consent = judge(&scene, "cw2.zhuhai", read(AccessTarget::Consent(claims().id)));
    assert_eq!(consent, Some(RefusalCode::MinorNotCleared), "the letter covers the child too");
}

#[test]
fn a_withdrawal_about_a_child_is_taken_by_anybody_at_the_counter() {
    let scene = about(&child());
    let (subjects, by) = ([1].into(), None);
    let revoke =
        RevokeConsent { consent: claims().id, form: RevocationForm::InPerson, effective_at: NOON, subjects, by };
    assert_eq!(judge(&scene, "cw2.zhuhai", revoke), None);
}

#[test]
fn the_clearance_is_given_and_taken_back_with_the_appointment_and_ends_with_it() {
    let read = || read(AccessTarget::Consent(claims().id));
    let scene = about(&child());
    let given = scene.clone().and("sec.zhuhai", cleared("cw2.zhuhai"));
    assert_eq!(judge(&given, "cw2.zhuhai", read()), None);
    let taken_back = given.and("sec.zhuhai", appointed("cw2.zhuhai", crate::officer::Role::Caseworker));
    assert_eq!(judge(&taken_back, "cw2.zhuhai", read()), Some(RefusalCode::MinorNotCleared));
    let ends = OfficerAppointed { to: Some(NOON.plus_us(DAY_US)), ..cleared("cw2.zhuhai") };
    let ends = scene.and("sec.zhuhai", ends);
    assert_eq!(judge(&ends, "cw2.zhuhai", read()), None);
    assert_eq!(judge(&ends.at(NOON.plus_us(DAY_US)), "cw2.zhuhai", read()), Some(RefusalCode::AppointmentEnded));
    let foreign = about(&child()).and("sec.macau", cleared("cw2.zhuhai"));
    assert_eq!(judge(&foreign, "cw2.zhuhai", read()), Some(RefusalCode::MinorNotCleared), "another party's word");
}

#[test]
fn it_is_asked_for_until_the_day_a_person_comes_of_age() {
    let mut claims = family();
    claims.subjects[1].birth_date = Some("2008-07-02".parse().unwrap());
    let scene = staffed().and("rv.zhuhai", ConsentGranted { claims: claims.clone() });
    let may = |now: Instant| {
        let sight = Sight::of(scene.rows(), party("zhuhai"), &"cw2.zhuhai".parse().unwrap(), now).unwrap();
        let (by_id, by_letter) = (Concerned::Consent(claims.id), Concerned::Claims(&claims));
        assert_eq!(sight.may_see(&by_id).unwrap(), sight.may_see(&by_letter).unwrap());
        sight.may_see(&by_id).unwrap()
    };
    let midnight = NOON.plus_us(12 * 60 * 60 * 1_000_000); // 2 July, local time
    assert!(!may(midnight.plus_us(-1)) && may(midnight));
}

#[test]
fn it_is_left_out_of_an_officers_work_and_has_no_file() {
    let scene = staffed()
        .and("cw.zhuhai", ConsentRecorded { claims: family() })
        .and("rv.zhuhai", RequestSubmitted { request: request(child()) });
    // A request rests on a letter in force; here it is enough that the letter says the child's birth date.
    let me = party("zhuhai");
    let outlook = || Outlook { me, rules: rules_of(me).unwrap(), rows: scene.rows() };
    let cases = |who: &str| {
        let waiting = work::waiting(&outlook(), &actor(who).1, scene.now).unwrap();
        waiting.into_iter().map(|waiting| waiting.case).collect::<Vec<_>>()
    };
    let (consent, verification) = (CaseRef::Consent(claims().id), CaseRef::Verification(request(child()).id));
    assert!(cases("rv.zhuhai").contains(&consent) && cases("rv.zhuhai").contains(&verification));
    assert!(cases("rv2.zhuhai").is_empty());
    for (who, known) in [("cw.zhuhai", true), ("cw2.zhuhai", false)] {
        for case in [consent, verification] {
            let file = work::timeline(&scene.rows(), me, &actor(who).1, case, scene.now).unwrap();
            assert_eq!(file.is_some(), known, "{who} {case:?}");
        }
        let opened = work::opened_by(&outlook(), &actor(who).1, scene.now).unwrap();
        assert_eq!(opened.is_empty(), !known, "{who}");
    }
}
