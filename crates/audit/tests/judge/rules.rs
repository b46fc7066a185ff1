//! A forged event for every judged rule.

use tongcha_domain::access::{AccessRecorded, AccessTarget};
use tongcha_domain::authority::{Capability, RegisterUnit, RevokeAppointment, UnitKind, UnitNames};
use tongcha_domain::channel::SuspendChannel;
use tongcha_domain::consent::{ConsentGranted, ConsentRecorded, CountersignConsent, RecordConsent};
use tongcha_domain::event::{Body, CommandStamp, Event};
use tongcha_domain::id::{CommandKey, ImportId};
use tongcha_domain::item::{Granularity, Item};
use tongcha_domain::lookup::{LookupAnswered, LookupDenied, LookupPermitted};
use tongcha_domain::notice::{
    AcknowledgeBatch, ApproveBatch, BatchAcknowledged, BatchApproved, BatchOverdue, BatchSent, EntryMatched,
    RecordBatchDelivery, SendBatch,
};
use tongcha_domain::overlap::{MatchRunBegun, OverlapConfirmed, OwnDecisionNotified};
use tongcha_domain::purpose::Purpose;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::register::RegisterChunkImported;
use tongcha_domain::time::DAY_US;
use tongcha_domain::urgent::{EscalationStep, UrgentAcked, UrgentEscalated};
use tongcha_domain::verification::{ReplySent, SendReply, SubmitRequest};
use uuid::Uuid;

use crate::common::party;
use crate::court::{Court, actor, found};
use crate::samples::{
    BATCH, CANDIDATE, REQUEST, RUN, URGENT, accepted, answer, answered, appoint, approved, claims, confirmed,
    delivered, drafted, gate, granted, note, open, permitted, prepared, proposed, question, raised, recorded, replying,
    revoke, sent,
};

/// A forgery: what it is, the logs with the forged entry as the last one of a party's, and as what it must be found.
pub type Forgery = (&'static str, fn() -> Court, &'static str, &'static str);

#[track_caller]
pub fn each_trips_its_own_rule_and_no_other(forgeries: &[Forgery]) {
    for (name, forge, whose, code) in forgeries {
        let court = forge();
        let (origin, seq) = court.last(whose);
        let report = court.judged();
        assert_eq!(found(&report), [(*code, origin, seq)], "{name}");
        assert!(!report.is_good(), "{name}");
        let judged = report.parties.iter().find(|judged| judged.party == origin).unwrap();
        assert_eq!((judged.entries, judged.not_reached, judged.faults.len()), (seq + 1, 0, 0), "{name}");
    }
}

// A permission of Macau's gate, with one thing wrong.
fn permits(court: Court, change: impl FnOnce(&mut LookupPermitted)) -> Court {
    let mut permitted = permitted(1);
    change(&mut permitted);
    court.writes("node.macau", permitted)
}

// An answer to a permitted lookup, with one thing wrong.
fn answers(change: impl FnOnce(&mut LookupAnswered)) -> Court {
    let mut answered = answered(1);
    change(&mut answered);
    gate(granted(), 1).writes("node.macau", answered)
}

// An officer signs who holds the second role now and held the first one when the case was prepared.
fn same_person(court: Court, officer: &str, role: &str, event: impl FnOnce(&Court) -> Event) -> Court {
    let court = appoint(court, officer, role);
    let (me, mut who) = actor(officer);
    who.role = actor(&format!("{role}.{me}")).1.role;
    let event = event(&court);
    court.signs(me, Body { actor: who, command: None, event }, |_| {})
}

#[test]
fn a_permission_without_what_it_needs() {
    each_trips_its_own_rule_and_no_other(&[
        ("no consent at all", || permits(open(), |_| {}), "macau", "NO_CONSENT"),
        ("recorded, never countersigned", || permits(recorded(), |_| {}), "macau", "NO_CONSENT"),
        ("expired", || permits(granted().at(claims().not_after), |_| {}), "macau", "CONSENT_EXPIRED"),
        ("revoked, and seen", || permits(granted().does("cw.zhuhai", revoke()), |_| {}), "macau", "CONSENT_REVOKED"),
        (
            "used up",
            || permits((10..13).fold(granted(), gate), |permitted| permitted.use_no = 4),
            "macau",
            "CONSENT_USED_UP",
        ),
        ("one use told twice", || permits(gate(granted(), 10), |_| {}), "macau", "OTHERWISE"),
        ("permitted twice", || gate(granted(), 1).writes("node.macau", permitted(1)), "macau", "ALREADY_EXISTS"),
        (
            "another unit asks",
            || permits(granted(), |permitted| permitted.requester.unit = "gongbei".parse().unwrap()),
            "macau",
            "WRONG_REQUESTER",
        ),
        (
            "another party asks",
            || permits(granted(), |permitted| permitted.requester.party = party("hengqin")),
            "macau",
            "WRONG_REQUESTER",
        ),
        (
            "another purpose",
            || permits(granted(), |permitted| permitted.purpose = Purpose::DibaoRecheck),
            "macau",
            "PURPOSE_MISMATCH",
        ),
        (
            "an item the letter does not name",
            || permits(granted(), |permitted| permitted.questions = vec![question(Item::ExpenseMedical)]),
            "macau",
            "OVER_SCOPE",
        ),
        (
            "more finely than the letter says",
            || permits(granted(), |permitted| permitted.questions[0].granularity = Granularity::Exact),
            "macau",
            "OVER_SCOPE",
        ),
        ("an officer's word", || granted().writes("cw.macau", permitted(1)), "macau", "ROLE_NOT_ALLOWED"),
        ("another holder", another_holder, "hengqin", "WRONG_HOLDER"),
    ]);
}

// Hengqin may ask Macau, and answers itself.
fn another_holder() -> Court {
    let mut claims = claims();
    claims.requester.party = party("hengqin");
    let court = open().does("cw.zhuhai", RecordConsent { claims: claims.clone() });
    let court = court.does("rv.zhuhai", CountersignConsent { consent: claims.id });
    court.writes("node.hengqin", permitted(1))
}

#[test]
fn an_answer_that_says_more_than_was_permitted() {
    each_trips_its_own_rule_and_no_other(&[
        ("nothing permitted", || granted().writes("node.macau", answered(1)), "macau", "WRONG_STATE"),
        ("answered twice", || answers(|_| {}).writes("node.macau", answered(1)), "macau", "WRONG_STATE"),
        (
            "a range where a yes or no was asked",
            || answers(|answered| answered.answers[0].band = Some("2+".parse().unwrap())),
            "macau",
            "BAD_ANSWER",
        ),
        (
            "an item that was not asked",
            || answers(|answered| answered.answers[0] = answer(&question(Item::AssetProperty))),
            "macau",
            "BAD_ANSWER",
        ),
        (
            "one more than was asked",
            || answers(|answered| answered.answers.push(answer(&question(Item::AssetProperty)))),
            "macau",
            "BAD_ANSWER",
        ),
        ("to somebody else", || answers(|answered| answered.asker = party("hengqin")), "macau", "OTHERWISE"),
        (
            "after the revocation was seen",
            || gate(granted(), 1).does("cw.zhuhai", revoke()).writes("node.macau", answered(1)),
            "macau",
            "CONSENT_REVOKED",
        ),
        ("a reason there was not", || granted().writes("node.macau", denied()), "macau", "DENIAL_UNFOUNDED"),
    ]);
}

fn denied() -> LookupDenied {
    let LookupPermitted { lookup, requester, consent, .. } = permitted(1);
    let refusal = Refusal::new(RefusalCode::ConsentRevoked);
    LookupDenied { lookup, asker: requester.party, consent: Some(consent), refusal }
}

#[test]
fn four_eyes_that_are_two() {
    each_trips_its_own_rule_and_no_other(&[
        (
            "a batch approved by who prepared it",
            || {
                let approved = |court: &Court| court.decide("rv.macau", ApproveBatch { batch: BATCH });
                same_person(prepared(), "cw.macau", "rv", approved)
            },
            "macau",
            "SAME_PERSON",
        ),
        (
            "a request submitted by who drafted it",
            || {
                let submitted = |court: &Court| court.decide("rv.zhuhai", SubmitRequest { request: REQUEST });
                same_person(drafted(), "cw.zhuhai", "rv", submitted)
            },
            "zhuhai",
            "SAME_PERSON",
        ),
        (
            "a consent countersigned by who recorded it",
            || recorded().writes("cw.zhuhai", ConsentGranted { claims: claims() }),
            "zhuhai",
            "SAME_PERSON",
        ),
        (
            "a reply approved by who answered",
            || {
                let reply = SendReply { request: REQUEST, partial: false };
                same_person(replying(), "cw.macau", "rv", |court| court.decide("rv.macau", reply))
            },
            "macau",
            "SAME_PERSON",
        ),
    ]);
}

#[test]
fn officers_who_may_not() {
    each_trips_its_own_rule_and_no_other(&[
        (
            "sent by a caseworker",
            || {
                let sent = approved().decide("lo.macau", SendBatch { batch: BATCH });
                approved().writes("cw.macau", sent)
            },
            "macau",
            "ROLE_NOT_ALLOWED",
        ),
        (
            "sent by an officer whose appointment was revoked",
            || {
                let court = approved().does("sec.macau", RevokeAppointment { officer: "lo.macau".parse().unwrap() });
                let sent = approved().decide("lo.macau", SendBatch { batch: BATCH });
                court.writes("lo.macau", sent)
            },
            "macau",
            "APPOINTMENT_ENDED",
        ),
        (
            "approved by a caseworker who calls himself a reviewer",
            || {
                let event = prepared().decide("rv.macau", ApproveBatch { batch: BATCH });
                let (me, mut who) = actor("cw2.macau");
                who.role = actor("rv.macau").1.role;
                prepared().signs(me, Body { actor: who, command: None, event }, |_| {})
            },
            "macau",
            "NOT_APPOINTED",
        ),
        (
            "a unit that is not for consents",
            || {
                let names = UnitNames { zh_hans: Some("受理处".parse().unwrap()), ..UnitNames::default() };
                let (unit, capabilities) = ("reception".parse().unwrap(), [Capability::Notices].into());
                let register = RegisterUnit { unit, names, kind: UnitKind::District, capabilities };
                open().does("sec.zhuhai", register).writes("cw.zhuhai", ConsentRecorded { claims: claims() })
            },
            "zhuhai",
            "UNIT_NOT_CAPABLE",
        ),
        (
            "an officer nobody enrolled",
            || open().writes("cw3.zhuhai", ConsentRecorded { claims: claims() }),
            "zhuhai",
            "ACTOR_UNKNOWN",
        ),
    ]);
}

#[test]
fn who_is_not_what_the_entry_says() {
    each_trips_its_own_rule_and_no_other(&[
        (
            "an officer who signs as the service",
            || {
                let (me, mut who) = actor("node.macau");
                who.officer = "cw.macau".parse().unwrap();
                granted().signs(me, Body { actor: who, command: None, event: permitted(1).into() }, |_| {})
            },
            "macau",
            "ACTOR_UNKNOWN",
        ),
        (
            "a look by who may not look",
            || {
                let target = AccessTarget::Consent(claims().id);
                granted().writes("sec.zhuhai", AccessRecorded { target, reason: "curious".parse().unwrap() })
            },
            "zhuhai",
            "ROLE_NOT_ALLOWED",
        ),
        ("a command that made two entries", repeated, "macau", "COMMAND_REPEATED"),
    ]);
}

fn repeated() -> Court {
    let stamp = CommandStamp { key: CommandKey([5; 32]), digest: [6; 32] };
    let (me, who) = actor("rv.macau");
    let event = prepared().decide("rv.macau", ApproveBatch { batch: BATCH });
    let court = prepared().signs(me, Body { actor: who, command: Some(stamp), event }, |_| {});
    let (event, (me, who)) = (court.decide("lo.macau", SendBatch { batch: BATCH }), actor("lo.macau"));
    court.signs(me, Body { actor: who, command: Some(stamp), event }, |_| {})
}

#[test]
fn what_may_not_be_told() {
    each_trips_its_own_rule_and_no_other(&[
        (
            "over a suspended channel",
            || {
                let suspend = SuspendChannel { from: party("zhuhai"), to: party("macau") };
                let court = recorded().does("sec.macau", suspend);
                court.writes("rv.zhuhai", ConsentGranted { claims: claims() })
            },
            "zhuhai",
            "NO_CHANNEL",
        ),
        (
            "over a channel that has lapsed",
            || {
                let sent = approved().decide("lo.macau", SendBatch { batch: BATCH });
                approved().later(366 * DAY_US).writes("lo.macau", sent)
            },
            "macau",
            "CHANNEL_LAPSED",
        ),
        (
            "an entry without a basis is approved",
            || prepared().writes("rv.macau", BatchApproved { batch: BATCH, withheld: [].into() }),
            "macau",
            "OTHERWISE",
        ),
        (
            "an entry that was withheld is sent",
            || {
                let Event::BatchSent(sent) = approved().decide("lo.macau", SendBatch { batch: BATCH }) else {
                    panic!("not sent")
                };
                let mut entries = sent.entries.clone();
                let mut second = entries[0].clone();
                second.0 = 2;
                entries.push(second);
                approved().writes("lo.macau", BatchSent { entries, ..sent })
            },
            "macau",
            "OTHERWISE",
        ),
    ]);
}

#[test]
fn steps_out_of_order() {
    each_trips_its_own_rule_and_no_other(&[
        (
            "sent without approval",
            || {
                let sent = approved().decide("lo.macau", SendBatch { batch: BATCH });
                prepared().writes("lo.macau", sent)
            },
            "macau",
            "WRONG_STATE",
        ),
        (
            "matched before it was delivered",
            || {
                let matched = EntryMatched { batch: BATCH, from: party("macau"), entry: 1, corrections: 0 };
                sent().writes("cw.zhuhai", matched)
            },
            "zhuhai",
            "WRONG_STATE",
        ),
        (
            "acknowledged before its entries are matched",
            || delivered().writes("lo.zhuhai", BatchAcknowledged { batch: BATCH, from: party("macau") }),
            "zhuhai",
            "ENTRIES_OPEN",
        ),
        (
            "an urgent notice acknowledged by its sender",
            || {
                let others = [party("macau"), party("zhuhai")].into();
                raised().writes("ho.hengqin", UrgentAcked { urgent: URGENT, others })
            },
            "hengqin",
            "NOT_YOURS",
        ),
        (
            "replied without an answer",
            || {
                let Event::ReplySent(sent) =
                    replying().decide("rv.macau", SendReply { request: REQUEST, partial: true })
                else {
                    panic!("not sent")
                };
                accepted().writes("rv.macau", ReplySent { answers: sent.answers, ..sent })
            },
            "macau",
            "QUESTIONS_OPEN",
        ),
    ]);
}

#[test]
fn runs_and_imports_out_of_order() {
    each_trips_its_own_rule_and_no_other(&[
        (
            "a chunk of an import that never began",
            || {
                let (import, households) = (ImportId(Uuid::from_u128(9)), Vec::new());
                let chunk = RegisterChunkImported { import, party: party("macau"), chunk: 0, households };
                open().writes("node.macau", chunk)
            },
            "macau",
            "NOT_FOUND",
        ),
        (
            "a matching run that one side alone authorised",
            || {
                let other = party("macau");
                proposed().writes("lo.zhuhai", MatchRunBegun { run: RUN, other, elements: 9, persons: 7 })
            },
            "zhuhai",
            "RUN_NOT_AUTHORISED",
        ),
        (
            "an overlap confirmed by another than its reviewer",
            || confirmed().writes("rv2.macau", OverlapConfirmed { candidate: CANDIDATE }),
            "macau",
            "ROLE_NOT_ALLOWED",
        ),
        (
            "an adverse decision before a hearing",
            || confirmed().writes("cw.macau", OwnDecisionNotified { candidate: CANDIDATE, decision: note() }),
            "macau",
            "HEARING_MISSING",
        ),
    ]);
}

#[test]
fn deadlines_before_their_time() {
    each_trips_its_own_rule_and_no_other(&[
        (
            "a batch overdue on the day it came",
            || {
                let due = delivered().now;
                let overdue = BatchOverdue { batch: BATCH, from: party("macau"), due, open: 1 };
                delivered().writes("node.zhuhai", overdue)
            },
            "zhuhai",
            "WRONG_STATE",
        ),
        (
            "an urgent notice escalated at once",
            || {
                let (others, step) = ([party("hengqin"), party("zhuhai")].into(), EscalationStep::Deputy);
                raised().writes("node.macau", UrgentEscalated { urgent: URGENT, others, step })
            },
            "macau",
            "WRONG_STATE",
        ),
    ]);
}

#[test]
fn what_is_honest_is_not_found() {
    let courts = [
        gate(granted(), 1).does("node.macau", record_answer()),
        delivered(),
        confirmed(),
        raised(),
        replying().does("rv.macau", SendReply { request: REQUEST, partial: false }),
    ];
    for court in courts {
        let report = court.judged();
        assert_eq!(found(&report), []);
        assert!(report.is_good());
        let judged: u64 = report.parties.iter().flat_map(|judged| judged.judged.values()).sum();
        let entries: usize = court.world.logs.values().map(Vec::len).sum();
        assert_eq!(judged, entries as u64, "every entry of these logs can be judged");
    }
    let acknowledged = |court: Court| court.does("lo.zhuhai", AcknowledgeBatch { batch: BATCH });
    let matched = delivered().does("cw.zhuhai", tongcha_domain::notice::MatchEntry { batch: BATCH, entry: 1 });
    assert_eq!(found(&acknowledged(matched).judged()), []);
    assert_eq!(found(&sent().does("node.zhuhai", RecordBatchDelivery { batch: BATCH }).judged()), []);
}

fn record_answer() -> tongcha_domain::lookup::RecordLookupAnswer {
    let LookupAnswered { lookup, answers, .. } = answered(1);
    tongcha_domain::lookup::RecordLookupAnswer { lookup, answers }
}
