//! Letters about children, completed, withdrawn in part, lapsing; and what never holds after any of these.

use proptest::prelude::*;

use crate::agenda::{Case, Outlook};
use crate::consent::{
    Capacity, CompleteConsent, ConsentClaims, ConsentCompleted, ConsentExpired, ConsentReviewDue, ConsentRevoked,
    CountersignConsent, RecordConsent, RevocationForm, RevokeConsent, Signatory, SignedBy, Signer, check_standing,
    lacking, lapses_at,
};
use crate::identity::{Document, DocumentKind, Subject};
use crate::item::{Granularity, Item};
use crate::party::rules_of;
use crate::refusal::RefusalCode;
use crate::testing::{NOON, Scene, claims, given_nothing, granted, name, party, subject};
use crate::time::{DAY_US, Instant};

/// The mother signs for herself and, by parental authority, for a child of four who has a birth registration only.
fn family() -> ConsentClaims {
    let mut claims = claims();
    let signed_on = claims.signers[0].signed_on;
    claims.subjects[0].birth_date = Some("1988-06-01".parse().unwrap());
    let child = Document::parse(DocumentKind::BirthRegistration, "1234/2022").unwrap();
    let birth_date = Some("2022-06-01".parse().unwrap());
    claims.subjects.push(Subject { document: child, name: name("小樣本"), birth_date });
    claims.signers.push(parent(SignedBy::Subject(0), signed_on));
    claims.items = [(Item::IdExists, Granularity::Threshold), (Item::ExpenseMedical, Granularity::Threshold)].into();
    claims.separate = claims.items.keys().copied().collect();
    claims
}

fn parent(by: SignedBy, signed_on: crate::time::Date) -> Signer {
    Signer { subject: 1, capacity: Capacity::ParentalAuthority, signed_on, by, appointment: None }
}

fn father() -> Subject {
    subject("999999198506010033")
}

fn second_letter() -> CompleteConsent {
    CompleteConsent {
        consent: claims().id,
        signers: vec![parent(SignedBy::Other(0), NOON.plus_us(-DAY_US).local_date())],
        others: vec![Signatory::Person(father())],
        separate: [].into(),
        letter_digest: [8; 32],
        witness: "witness.zhuhai".parse().unwrap(),
    }
}

fn whole() -> ConsentClaims {
    let mut claims = family();
    claims.signers.push(parent(SignedBy::Other(0), claims.signers[0].signed_on));
    claims.others.push(Signatory::Person(father()));
    claims.supplements.push([8; 32]);
    claims
}

fn countersign() -> CountersignConsent {
    CountersignConsent { consent: claims().id }
}

fn recorded(claims: ConsentClaims) -> Scene {
    given_nothing().when("cw.zhuhai", RecordConsent { claims }).then_done()
}

/// The mother signed for herself and the child, the father for the child only.
const MOTHER: SignedBy = SignedBy::Subject(0);
const FATHER: SignedBy = SignedBy::Other(0);

fn revoke(by: SignedBy, subjects: &[u8], effective_at: Instant) -> RevokeConsent {
    let (subjects, by) = (subjects.iter().copied().collect(), Some(by));
    RevokeConsent { consent: claims().id, form: RevocationForm::InPerson, effective_at, subjects, by }
}

#[test]
fn a_childs_health_waits_for_the_second_parent() {
    let scene = recorded(family());
    let refusal = scene.clone().when("rv.zhuhai", countersign()).then_refused(RefusalCode::ConsentIncomplete);
    assert_eq!(refusal.offending, ["subject#2:second parent"]);
    let scene = scene.when("cw.zhuhai", second_letter()).then(ConsentCompleted { claims: whole() });
    scene.clone().when("cw.zhuhai", countersign()).then_refused(RefusalCode::SamePerson);
    let scene = scene.when("rv.zhuhai", countersign()).then_done();
    scene.when("cw.zhuhai", second_letter()).then_refused(RefusalCode::WrongState);
}

#[test]
fn the_same_parent_twice_is_one_parent() {
    let mut claims = family();
    claims.signers.push(claims.signers[1].clone());
    assert_eq!(lacking(&claims), ["subject#2:second parent"]);
    assert_eq!(lacking(&whole()), [""; 0]);
}

#[test]
fn each_thing_a_letter_can_lack_is_named() {
    type Change = fn(&mut ConsentClaims);
    let cases: &[(&str, Change, &[&str])] = &[
        ("nothing", |_| (), &[]),
        ("health not separately", |c| c.separate = [Item::IdExists].into(), &["exp.medical:separate"]),
        ("a child under 14", |c| c.separate = [Item::ExpenseMedical].into(), &["id.exists:separate"]),
        (
            "a child of 14",
            |c| {
                c.separate.remove(&Item::IdExists);
                c.subjects[1].birth_date = Some("2012-06-30".parse().unwrap());
            },
            &["subject#2:own agreement"],
        ),
        (
            "16 without the own agreement",
            |c| c.subjects[1].birth_date = Some("2010-06-01".parse().unwrap()),
            &["subject#2:own agreement"],
        ),
        (
            "16 and both",
            |c| {
                c.subjects[1].birth_date = Some("2010-06-01".parse().unwrap());
                c.signers.push(Signer::own(1, c.signers[0].signed_on));
            },
            &[],
        ),
        (
            "only the child's own",
            |c| {
                c.subjects[1].birth_date = Some("2010-06-01".parse().unwrap());
                c.signers.truncate(1);
                c.signers.push(Signer::own(1, c.signers[0].signed_on));
            },
            &["subject#2:guardian"],
        ),
        (
            "both parents but no health item",
            |c| {
                c.items.remove(&Item::ExpenseMedical);
                c.separate.remove(&Item::ExpenseMedical);
                c.signers.truncate(2);
            },
            &[],
        ),
    ];
    for (name, change, expected) in cases {
        let mut claims = whole();
        change(&mut claims);
        assert_eq!(lacking(&claims), *expected, "{name}");
    }
}

#[test]
fn an_institution_signs_with_its_appointment_in_place_of_parents() {
    let mut claims = family();
    claims.others = vec![Signatory::Institution("示例兒童院".parse().unwrap())];
    let signed_on = claims.signers[0].signed_on;
    claims.signers[1] = Signer {
        subject: 1,
        capacity: Capacity::Institution,
        signed_on,
        by: SignedBy::Other(0),
        appointment: Some([5; 32]),
    };
    recorded(claims.clone()).when("rv.zhuhai", countersign()).then_done();
    claims.signers[1].appointment = None;
    let refusal =
        given_nothing().when("cw.zhuhai", RecordConsent { claims }).then_refused(RefusalCode::SignatureMissing);
    assert_eq!(refusal.offending, ["signer#2:appointment"]);
}

#[test]
fn signatures_that_can_not_be_are_refused_at_once() {
    type Change = fn(&mut ConsentClaims);
    let mistakes: &[(&str, Change, RefusalCode, &[&str])] = &[
        ("no birth date", |c| c.subjects[1].birth_date = None, RefusalCode::BirthDateMissing, &["subject#2"]),
        ("a stranger's own", |c| c.signers[1].capacity = Capacity::Own, RefusalCode::BadList, &["signer#2"]),
        ("the child for itself", |c| c.signers[1].by = SignedBy::Subject(1), RefusalCode::BadList, &["signer#2"]),
        (
            "a child as parent",
            |c| {
                c.subjects[0].birth_date = Some("2012-06-01".parse().unwrap());
            },
            RefusalCode::BadList,
            &["signer#2"],
        ),
        ("nobody", |c| c.signers[1].by = SignedBy::Other(0), RefusalCode::BadList, &["signer#2"]),
        ("a parent with a paper", |c| c.signers[1].appointment = Some([1; 32]), RefusalCode::BadList, &["signer#2"]),
        (
            "an institution as parent",
            |c| {
                c.others.push(Signatory::Institution("院".parse().unwrap()));
                c.signers[1].by = SignedBy::Other(0);
            },
            RefusalCode::BadList,
            &["signer#2"],
        ),
        (
            "a signatory who did not sign",
            |c| c.others.push(Signatory::Person(father())),
            RefusalCode::BadList,
            &["others"],
        ),
        (
            "parents over an adult",
            |c| {
                c.subjects[1].birth_date = Some("2000-06-01".parse().unwrap());
            },
            RefusalCode::SignatureMissing,
            &["subject#2"],
        ),
    ];
    for (name, change, code, offending) in mistakes {
        let mut claims = family();
        change(&mut claims);
        let refusal = given_nothing().when("cw.zhuhai", RecordConsent { claims }).result.expect_err(name);
        assert_eq!(
            (refusal.code, refusal.offending.as_slice()),
            (*code, offending.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>().as_slice()),
            "{name}"
        );
    }
}

#[test]
fn a_later_letter_is_judged_like_the_first() {
    let scene = || recorded(family());
    given_nothing().when("cw.zhuhai", second_letter()).then_refused(RefusalCode::NotFound);
    scene().when("rv.zhuhai", second_letter()).then_refused(RefusalCode::RoleNotAllowed);
    let by_witness = CompleteConsent { witness: "cw.zhuhai".parse().unwrap(), ..second_letter() };
    scene().when("cw.zhuhai", by_witness).then_refused(RefusalCode::SamePerson);
    let empty = CompleteConsent { signers: Vec::new(), ..second_letter() };
    assert_eq!(scene().when("cw.zhuhai", empty).then_refused(RefusalCode::BadList).offending, ["signers"]);
    let beyond = CompleteConsent { separate: [Item::AssetVehicle].into(), ..second_letter() };
    assert_eq!(scene().when("cw.zhuhai", beyond).then_refused(RefusalCode::BadList).offending, ["separate"]);
    let now = scene().now;
    let revoked = scene().when("cw.zhuhai", revoke(MOTHER, &[1], now)).then_done();
    revoked.clone().when("cw.zhuhai", second_letter()).then_refused(RefusalCode::ConsentRevoked);
    revoked.when("rv.zhuhai", countersign()).then_refused(RefusalCode::ConsentRevoked);
}

#[test]
fn the_father_withdraws_about_the_child_and_the_mothers_items_go_on() {
    let claims = whole();
    let scene = granted(claims.clone());
    let now = scene.now;
    let event = ConsentRevoked {
        consent: claims.id,
        others: [party("zhuhai")].into(),
        form: RevocationForm::InPerson,
        effective_at: now,
        subjects: [1].into(),
        by: FATHER,
    };
    let scene = scene.when("cw.macau", revoke(FATHER, &[], now)).then(event);
    let sides = scene.rows().sides(&claims.id).unwrap();
    let at = |position: usize| check_standing(&claims, &sides, &claims.subjects[position].document, scene.now);
    assert_eq!(at(0), Ok(()));
    let refusal = at(1).unwrap_err();
    assert_eq!((refusal.code, refusal.effective_at), (RefusalCode::ConsentRevoked, Some(now)));
    scene.clone().when("rv.macau", revoke(FATHER, &[1], now)).then_refused(RefusalCode::WrongState);
    assert_eq!(
        scene.clone().when("cw.macau", revoke(FATHER, &[2], now)).then_refused(RefusalCode::BadList).offending,
        ["subjects"]
    );
    // The mother may withdraw about the child as well, at the same counter, and for herself.
    let scene = scene.when("cw.macau", revoke(MOTHER, &[1], now)).then_done();
    let scene = scene.when("cw.macau", revoke(MOTHER, &[], now)).then_done();
    let sides = scene.rows().sides(&claims.id).unwrap();
    assert!(check_standing(&claims, &sides, &claims.subjects[0].document, scene.now).is_err());
    let all: Vec<_> = sides.of(party("macau")).unwrap().withdrawals().map(|(revoked, _)| revoked.by).collect();
    assert_eq!(all, [MOTHER, FATHER, MOTHER]);
}

#[test]
fn it_is_said_who_of_several_withdraws_and_nobody_withdraws_for_whom_they_did_not_sign() {
    let scene = granted(whole());
    let now = scene.now;
    let unsaid = |subjects: &[u8]| RevokeConsent { by: None, ..revoke(MOTHER, subjects, now) };
    for ambiguous in [unsaid(&[]), unsaid(&[1])] {
        assert_eq!(scene.clone().when("cw.zhuhai", ambiguous).then_refused(RefusalCode::BadList).offending, ["by"]);
    }
    let revoked = scene.clone().when("cw.zhuhai", unsaid(&[0])).result.unwrap();
    let crate::event::Event::ConsentRevoked(revoked) = revoked else { panic!("another event") };
    assert_eq!((revoked.by, revoked.subjects), (MOTHER, [0].into()), "for herself only the mother signed");
    for by in [FATHER, SignedBy::Other(1), SignedBy::Subject(2)] {
        let refusal = scene.clone().when("cw.zhuhai", revoke(by, &[0], now)).then_refused(RefusalCode::BadList);
        assert_eq!(refusal.offending, ["by"], "{by:?}");
    }
    // The child signed nothing and may withdraw all the same, once it is old enough to come.
    scene.clone().when("cw.zhuhai", revoke(SignedBy::Subject(1), &[1], now)).then_done();
    let whole_letter = scene.when("cw.zhuhai", revoke(MOTHER, &[0, 1], now)).result.unwrap();
    let crate::event::Event::ConsentRevoked(revoked) = whole_letter else { panic!("another event") };
    assert_eq!(revoked.subjects, [].into(), "everybody is the whole consent");
}

#[test]
fn what_parents_signed_lapses_on_the_eighteenth_birthday_without_any_event() {
    let mut claims = whole();
    claims.subjects[1].birth_date = Some("2008-07-03".parse().unwrap());
    claims.signers.push(Signer::own(1, claims.signers[0].signed_on));
    let lapse = lapses_at(&claims, 1).unwrap();
    assert_eq!(lapse.local_date(), "2026-07-03".parse().unwrap());
    assert_eq!(lapses_at(&claims, 0), None);
    let scene = granted(claims.clone());
    let sides = scene.rows().sides(&claims.id).unwrap();
    let at = |position: usize, now| check_standing(&claims, &sides, &claims.subjects[position].document, now);
    assert_eq!(at(1, lapse.plus_us(-1)), Ok(()));
    let refusal = at(1, lapse).unwrap_err();
    assert_eq!((refusal.code, refusal.effective_at), (RefusalCode::ConsentLapsed, Some(lapse)));
    assert_eq!(at(0, lapse), Ok(()));
}

#[test]
fn birthdays_and_the_end_of_the_term_are_duties_of_the_issuer_once() {
    let mut claims = whole();
    claims.subjects[1].birth_date = Some("2021-07-03".parse().unwrap()); // five on 2026-07-03
    let mut scene = granted(claims.clone());
    let next = |scene: &Scene, who: &str| {
        let outlook = Outlook { me: party(who), rules: rules_of(party(who)).unwrap(), rows: scene.rows() };
        crate::agenda::next_duty(&outlook, Case::Consent(claims.id)).unwrap()
    };
    assert_eq!(next(&scene, "macau"), None);
    let review = ConsentReviewDue { consent: claims.id, subject: 1, age: 5 };
    let expired = ConsentExpired { consent: claims.id, others: [party("macau")].into() };
    for event in [crate::event::Event::from(review), expired.into()] {
        let duty = next(&scene, "zhuhai").unwrap();
        let early = scene.clone().at(duty.at.plus_us(-1)).when("node.zhuhai", duty.command.clone());
        early.then_refused(RefusalCode::WrongState);
        scene = scene.at(duty.at).when("node.zhuhai", duty.command.clone()).then(event);
        scene.clone().when("node.zhuhai", duty.command).then_refused(RefusalCode::WrongState);
    }
    assert_eq!(next(&scene, "zhuhai"), None);
    let revoked = granted(claims.clone()).when("cw.zhuhai", revoke(MOTHER, &[], NOON)).then_done();
    assert_eq!(next(&revoked, "zhuhai"), None);
}

proptest! {
    /// Whatever is withdrawn by whom and when: from then on, from the majority on and from the end on nothing holds.
    #[test]
    fn nothing_holds_after_revocation_lapse_or_end(
        born in "20(0[89]|1[0-9])-0[1-9]-0[1-9]",
        days in 0_i64..400,
        withdrawn in proptest::option::of((0_usize..2, proptest::collection::btree_set(0_u8..2, 0..3))),
    ) {
        let mut claims = whole();
        claims.subjects[1].birth_date = Some(born.parse().unwrap());
        let mut scene = granted(claims.clone());
        if let Some((who, subjects)) = &withdrawn {
            let command = revoke(MOTHER, &subjects.iter().copied().collect::<Vec<_>>(), scene.now);
            scene = scene.when(["cw.zhuhai", "lo.macau"][*who], command).then_done();
        }
        let now = scene.now.plus_us(days * DAY_US);
        let sides = scene.rows().sides(&claims.id).unwrap();
        for (position, subject) in (0_u8..).zip(&claims.subjects) {
            let stands = check_standing(&claims, &sides, &subject.document, now).is_ok();
            let revoked = withdrawn.as_ref().is_some_and(|(_, about)| about.is_empty() || about.contains(&position));
            let lapsed = lapses_at(&claims, position.into()).is_some_and(|at| at <= now);
            let over = now >= claims.not_after;
            prop_assert_eq!(stands, !(revoked || lapsed || over));
        }
    }
}
