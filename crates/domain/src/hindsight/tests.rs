//! Events judged again: right, refused, otherwise, and what can only be judged in part.

use super::*;
use crate::access::{AccessRecorded, AccessTarget};
use crate::command::CommandKind;
use crate::consent::{ConsentGranted, ConsentRecorded, ConsentRevoked, RecordConsent, RevocationForm};
use crate::item::{Granularity, Item};
use crate::party::rules_of;
use crate::refusal::{CommandRefused, RefusalCode};
use crate::testing::{NOON, Scene, actor, claims, given, given_nothing, granted, lookup, permitted, question};
use crate::time::Instant;

fn back(scene: &Scene, who: &str, event: impl Into<Event>, granted: Option<&ConsentClaims>) -> Hindsight {
    let (me, actor) = actor(who);
    let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: scene.now };
    let known = Known { granted: granted.cloned(), ..Known::default() };
    look_back(&scene.rows(), &context, &event.into(), &known).unwrap()
}

#[track_caller]
fn refused(hindsight: Hindsight) -> RefusalCode {
    let Hindsight::Refused(refusal) = hindsight else { panic!("not refused: {hindsight:?}") };
    refusal.code
}

fn recorded() -> Scene {
    given([("cw.zhuhai", ConsentRecorded { claims: claims() })])
}

#[test]
fn what_the_command_made_is_right_and_anything_else_is_not() {
    let event = given_nothing().when("cw.zhuhai", RecordConsent { claims: claims() }).result.unwrap();
    assert_eq!(back(&given_nothing(), "cw.zhuhai", event.clone(), None), Hindsight::Right);
    assert_eq!(refused(back(&given_nothing(), "rv.zhuhai", event.clone(), None)), RefusalCode::RoleNotAllowed);
    assert_eq!(refused(back(&recorded(), "cw.zhuhai", event, None)), RefusalCode::AlreadyExists);
    let mut wider = claims();
    wider.items.insert(Item::AssetDeposit, Granularity::Exact);
    let granted = ConsentGranted { claims: claims() };
    // Its channel is not open, which is judged as well.
    assert_eq!(refused(back(&recorded(), "rv.zhuhai", granted, None)), RefusalCode::NoChannel);
    let open = crate::channel::sample::open_channel().and("cw.zhuhai", ConsentRecorded { claims: claims() });
    assert_eq!(back(&open, "rv.zhuhai", ConsentGranted { claims: claims() }, None), Hindsight::Right);
    let otherwise = back(&open, "rv.zhuhai", ConsentGranted { claims: wider }, None);
    assert_eq!(otherwise, Hindsight::Otherwise(Box::new(ConsentGranted { claims: claims() }.into())));
}

// Both channels are open: what is permitted goes back to who asked.
fn gate() -> Scene {
    let scene = granted(claims());
    scene.and("dp.macau", crate::channel::sample::opened("zhuhai"))
}

#[test]
fn a_permission_is_judged_by_the_consent_that_its_issuer_granted() {
    let event = || permitted(1, vec![question(Item::AssetDeposit)]);
    let with = |scene: &Scene, claims: Option<&ConsentClaims>| back(scene, "node.macau", event(), claims);
    assert_eq!(with(&gate(), Some(&claims())), Hindsight::Right);
    assert_eq!(refused(with(&gate(), None)), RefusalCode::NoConsent);
    let mut other = claims();
    other.purpose = crate::purpose::Purpose::DibaoRecheck;
    assert_eq!(refused(with(&gate(), Some(&other))), RefusalCode::PurposeMismatch);
    let second = LookupPermitted { use_no: 2, ..event() };
    assert!(matches!(back(&gate(), "node.macau", second, Some(&claims())), Hindsight::Otherwise(_)), "a use left out");
    assert_eq!(refused(back(&gate(), "cw.macau", event(), Some(&claims()))), RefusalCode::RoleNotAllowed);
    assert_eq!(needs(&event().into()), Needs::Consent(claims().id));
}

fn revoked() -> ConsentRevoked {
    let form = RevocationForm::Letter;
    ConsentRevoked {
        consent: claims().id,
        others: [].into(),
        form,
        effective_at: NOON,
        subjects: [].into(),
        by: SignedBy::Subject(0),
    }
}

fn denied(code: RefusalCode) -> LookupDenied {
    let refusal = Refusal::new(code);
    LookupDenied { lookup: lookup(1), asker: claims().requester.party, consent: Some(claims().id), refusal }
}

#[test]
fn a_denial_is_judged_as_far_as_it_tells() {
    let (scene, claims) = (gate(), claims());
    let with = |scene: &Scene, code| back(scene, "node.macau", denied(code), Some(&claims));
    for code in [
        RefusalCode::ConsentRevoked,
        RefusalCode::ConsentExpired,
        RefusalCode::NotYetValid,
        RefusalCode::ConsentUsedUp,
        RefusalCode::NoChannel,
        RefusalCode::AlreadyExists,
    ] {
        assert_eq!(with(&scene, code), Hindsight::Unfounded, "{code:?}");
    }
    assert_eq!(with(&scene.clone().and("cw.zhuhai", revoked()), RefusalCode::ConsentRevoked), Hindsight::Right);
    assert_eq!(with(&scene.clone().at(claims.not_after), RefusalCode::ConsentExpired), Hindsight::Right);
    assert_eq!(with(&scene.clone().at(Instant(0)), RefusalCode::NotYetValid), Hindsight::Right);
    assert_eq!(with(&granted(claims.clone()), RefusalCode::NoChannel), Hindsight::Right, "no way back");
    let used = (0..3).fold(scene.clone(), |scene, no| scene.and("node.macau", permitted(10 + no, Vec::new())));
    assert_eq!(with(&used, RefusalCode::ConsentUsedUp), Hindsight::Right);
    let known = scene.clone().and("node.macau", permitted(1, Vec::new()));
    assert_eq!(with(&known, RefusalCode::AlreadyExists), Hindsight::Right);
    assert_eq!(with(&scene, RefusalCode::BadSignature), Hindsight::Silent);
    assert_eq!(back(&scene, "node.macau", denied(RefusalCode::ConsentRevoked), None), Hindsight::Silent);
}

#[test]
fn a_refusal_decides_nothing() {
    let refused = CommandRefused {
        command: CommandKind::SendBatch,
        refusal: Refusal::new(RefusalCode::NotFound),
        request: None,
        consents: [].into(),
    };
    assert_eq!(back(&given_nothing(), "lo.zhuhai", refused, None), Hindsight::Silent);
}

#[test]
fn a_look_at_a_conference_needs_to_be_known_to_it() {
    let target = AccessTarget::Conference(crate::id::ConferenceId(uuid::Uuid::nil()));
    let read = AccessRecorded { target, reason: "case".parse().unwrap() };
    assert_eq!(refused(back(&given_nothing(), "lo.zhuhai", read, None)), RefusalCode::NotFound);
}

#[test]
fn a_later_letter_is_taken_out_of_both_together() {
    use crate::consent::{Capacity, Signatory};
    let mut first = claims();
    first.others = vec![Signatory::Institution("home".parse().unwrap())];
    first.signers.push(Signer { by: SignedBy::Other(0), capacity: Capacity::Institution, ..first.signers[0].clone() });
    let mut both = first.clone();
    both.others.push(Signatory::Institution("hospital".parse().unwrap()));
    both.signers.push(Signer { by: SignedBy::Other(1), capacity: Capacity::Institution, ..first.signers[0].clone() });
    both.separate.insert(Item::AssetProperty);
    both.supplements.push([9; 32]);
    let scene = given([("cw.zhuhai", ConsentRecorded { claims: first.clone() })]);
    let (me, actor) = actor("cw.zhuhai");
    let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: scene.now };
    let later = completing(&scene.rows(), &context, ConsentCompleted { claims: both.clone() }).unwrap();
    assert_eq!((later.consent, later.letter_digest), (first.id, [9; 32]));
    assert_eq!(later.others, [Signatory::Institution("hospital".parse().unwrap())]);
    assert_eq!(later.signers.iter().map(|signer| signer.by).collect::<Vec<_>>(), [SignedBy::Other(0)]);
    assert_ne!(later.witness, actor.officer);
}

#[test]
fn an_erasure_is_judged_by_the_headers_of_what_it_lists() {
    use crate::erasure::sample::{answer, given_requested, listed, propose, request};
    use crate::event::EventKind;
    let judge = |scene: &Scene, who: &str, event: &Event, entries: Vec<ListedEntry>| {
        let (me, actor) = actor(who);
        let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: scene.now };
        look_back(&scene.rows(), &context, event, &Known { entries, granted: None }).unwrap()
    };
    let scene = given_nothing();
    let event = scene.clone().when("dp.zhuhai", propose(&[3, 4])).result.unwrap();
    assert_eq!(needs(&event), Needs::Entries(None, [3, 4].into()));
    let entries = propose(&[3, 4]).entries;
    assert_eq!(judge(&scene, "dp.zhuhai", &event, entries.clone()), Hindsight::Right);
    assert_eq!(refused(judge(&scene, "lo.zhuhai", &event, entries.clone())), RefusalCode::RoleNotAllowed);
    let too_early = vec![entries[0].clone(), listed(4, EventKind::LookupAnswered, &["zhuhai"])];
    assert_eq!(refused(judge(&scene, "dp.zhuhai", &event, too_early)), RefusalCode::RetentionFloor);
    let gone = judge(&scene, "dp.zhuhai", &event, vec![entries[0].clone()]);
    assert!(matches!(gone, Hindsight::Otherwise(_)), "an entry that is not there: {gone:?}");
    let unread = vec![entries[0].clone(), listed(4, EventKind::BatchSent, &["zhuhai", "hengqin"])];
    assert!(matches!(judge(&scene, "dp.zhuhai", &event, unread), Hindsight::Otherwise(_)), "a holder left out");
    // A request is judged by the other log's headers, its answer by what was asked.
    let asked = scene.clone().when("dp.macau", request(&[3, 4])).result.unwrap();
    assert_eq!(needs(&asked), Needs::Entries(Some("zhuhai".parse().unwrap()), [3, 4].into()));
    assert_eq!(
        judge(&scene, "dp.macau", &asked, entries.clone()),
        Hindsight::Right,
        "a person's right needs no channel"
    );
    assert_eq!(refused(judge(&scene, "cw.macau", &asked, entries.clone())), RefusalCode::RoleNotAllowed);
    let scene = given_requested(&[3, 4]);
    let answered = scene.clone().when("dp.zhuhai", answer(&[3, 4])).result.unwrap();
    assert_eq!(judge(&scene, "dp.zhuhai", &answered, entries.clone()), Hindsight::Right);
    assert_eq!(refused(judge(&given_nothing(), "dp.zhuhai", &answered, entries)), RefusalCode::NotFound);
}
