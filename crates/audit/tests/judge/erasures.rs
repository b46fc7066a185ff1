//! Erasures judged again: who asked, proposed, ordered, refused, and what may be erased at all.

use tongcha_domain::erasure::{
    ErasureBasis, ErasureConfirmed, ErasureGround, ErasureOrdered, ErasureProposed, ErasureRefused,
    ErasureRequestOverdue, ErasureRequested, ListedEntry, OrderErasure, ProposeErasure, RefusalGround, RefuseErasure,
    RequestErasure,
};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::ErasureId;
use tongcha_domain::time::DAY_US;
use uuid::Uuid;

use crate::common::party;
use crate::court::{Court, found};
use crate::rules::{Forgery, each_trips_its_own_rule_and_no_other};
use crate::samples::{gate, granted, raised, sent};

const ERASURE: ErasureId = ErasureId(Uuid::from_u128(0xE5));

fn ground() -> ErasureGround {
    ErasureGround { basis: ErasureBasis::Unlawful, reference: "DP-2026-017".parse().unwrap() }
}

fn of_kind(court: &Court, kind: EventKind) -> u64 {
    let log = &court.world.logs[&party("macau")];
    log.iter().rposition(|made| made.body.event.kind() == kind).unwrap().try_into().unwrap()
}

fn listed(court: &Court, entries: &[u64]) -> Vec<ListedEntry> {
    let log = &court.world.logs[&party("macau")];
    let listed = |seq: &u64| {
        let made = &log[usize::try_from(*seq).unwrap()];
        let header = made.entry.header();
        ListedEntry {
            seq: *seq,
            kind: header.kind,
            recorded_at: header.recorded_at,
            audience: header.audience.clone(),
            case: ListedEntry::case_of(&made.body.event),
            after: None,
        }
    };
    entries.iter().map(listed).collect()
}

// The batch as it was prepared and sent.
fn batch(court: &Court) -> Vec<u64> {
    vec![of_kind(court, EventKind::BatchPrepared), of_kind(court, EventKind::BatchSent)]
}

fn requested() -> Court {
    let court = sent();
    let entries = listed(&court, &batch(&court)[1..]);
    let reason = "recorded in error".parse().unwrap();
    court.does("dp.zhuhai", RequestErasure { erasure: ERASURE, to: party("macau"), entries, ground: ground(), reason })
}

fn proposed_on(court: Court, asker: Option<&str>) -> Court {
    let entries = listed(&court, &batch(&court));
    let asker = asker.map(party);
    court.does("dp.macau", ProposeErasure { erasure: ERASURE, entries, ground: ground(), asker })
}

fn proposal(court: &Court, entries: &[u64]) -> ErasureProposed {
    let readers = listed(court, entries).into_iter().flat_map(|entry| entry.audience);
    ErasureProposed {
        erasure: ERASURE,
        entries: entries.iter().copied().collect(),
        ground: ground(),
        holders: readers.filter(|reader| *reader != party("macau")).collect(),
        asker: None,
    }
}

fn proposes(court: Court, who: &str, entries: impl Fn(&Court) -> Vec<u64>, change: fn(&mut ErasureProposed)) -> Court {
    let mut event = proposal(&court, &entries(&court));
    change(&mut event);
    court.writes(who, event)
}

fn orders(court: Court, who: &str, change: fn(&mut ErasureOrdered)) -> Court {
    let ErasureProposed { erasure, entries, ground, holders, asker } = proposal(&court, &batch(&court));
    let mut event = ErasureOrdered { erasure, entries, ground, holders, asker };
    change(&mut event);
    court.writes(who, event)
}

#[test]
fn an_honest_request_its_answer_and_its_execution_are_right() {
    let court = proposed_on(requested(), Some("zhuhai")).does("sec.macau", OrderErasure { erasure: ERASURE });
    let report = court.judged();
    assert_eq!(found(&report), []);
    let macau = report.parties.iter().find(|judged| judged.party == party("macau")).unwrap();
    assert_eq!((macau.judged["erasure-proposed"], macau.judged["erasure-ordered"]), (1, 1));
    let zhuhai = report.parties.iter().find(|judged| judged.party == party("zhuhai")).unwrap();
    assert_eq!(zhuhai.judged["erasure-requested"], 1);
    let no = RefuseErasure {
        erasure: ERASURE,
        because: RefusalGround::StillNeeded,
        reference: "DP-2026-018".parse().unwrap(),
    };
    assert_eq!(found(&requested().does("dp.macau", no).judged()), []);
}

#[test]
fn a_proposal_that_may_not_be() {
    let forgeries: &[Forgery] = &[
        ("by another role", || proposes(sent(), "lo.macau", batch, |_| {}), "macau", "ROLE_NOT_ALLOWED"),
        (
            "below a floor",
            || proposes(gate(granted(), 1), "dp.macau", |c| vec![of_kind(c, EventKind::LookupPermitted)], |_| {}),
            "macau",
            "RETENTION_FLOOR",
        ),
        (
            "of what names nobody",
            || proposes(sent(), "dp.macau", |c| vec![of_kind(c, EventKind::BatchApproved)], |_| {}),
            "macau",
            "NOT_ERASABLE",
        ),
        (
            "what was sent, and not what was prepared",
            || proposes(sent(), "dp.macau", |c| batch(c)[1..].to_vec(), |_| {}),
            "macau",
            "EARLIER_ENTRIES_STAND",
        ),
        ("a holder is not told", || proposes(sent(), "dp.macau", batch, |e| e.holders.clear()), "macau", "OTHERWISE"),
        (
            "an entry that is not there",
            || proposes(sent(), "dp.macau", batch, |e| _ = e.entries.insert(9_999)),
            "macau",
            "OTHERWISE",
        ),
        ("of nothing", || proposes(sent(), "dp.macau", |_| vec![], |_| {}), "macau", "BAD_LIST"),
        ("twice", || proposes(proposed_on(sent(), None), "dp.macau", batch, |_| {}), "macau", "ALREADY_EXISTS"),
        (
            "in answer to nobody",
            || proposes(sent(), "dp.macau", batch, |e| e.asker = Some(party("zhuhai"))),
            "macau",
            "NOT_FOUND",
        ),
        (
            "with less than was asked for",
            || {
                let other = |c: &Court| batch(c)[..1].to_vec();
                proposes(requested(), "dp.macau", other, |e| e.asker = Some(party("zhuhai")))
            },
            "macau",
            "REQUESTED_ENTRIES_MISSING",
        ),
    ];
    each_trips_its_own_rule_and_no_other(forgeries);
}

// Hengqin's urgent notice is open.
fn urgent_proposed() -> Court {
    let court = raised();
    let (hengqin, seq) = court.last("hengqin");
    let holders = court.world.logs[&hengqin].last().unwrap().entry.header().audience.clone();
    let holders = holders.into_iter().filter(|holder| *holder != hengqin).collect();
    let entries = [seq].into();
    court.writes("dp.hengqin", ErasureProposed { erasure: ERASURE, entries, ground: ground(), holders, asker: None })
}

#[test]
fn an_order_a_refusal_a_request_that_may_not_be() {
    let forgeries: &[Forgery] = &[
        ("while somebody may be in danger", urgent_proposed, "hengqin", "WRONG_STATE"),
        ("by who proposed it", || orders(proposed_on(sent(), None), "dp.macau", |_| {}), "macau", "SAME_PERSON"),
        ("by another role", || orders(proposed_on(sent(), None), "rv.macau", |_| {}), "macau", "ROLE_NOT_ALLOWED"),
        ("never proposed", || orders(sent(), "sec.macau", |_| {}), "macau", "NOT_FOUND"),
        (
            "of more than was proposed",
            || orders(proposed_on(sent(), None), "sec.macau", |e| _ = e.entries.insert(0)),
            "macau",
            "OTHERWISE",
        ),
        (
            "who asked is not told",
            || orders(proposed_on(requested(), Some("zhuhai")), "sec.macau", |e| e.asker = None),
            "macau",
            "OTHERWISE",
        ),
        (
            "confirmed and never ordered",
            || {
                let (erasure, ordered_by, others) = (ERASURE, party("macau"), [party("macau")].into());
                let confirmed = ErasureConfirmed { erasure, ordered_by, destroyed: 1, kept: 0, others };
                proposed_on(sent(), None).writes("node.zhuhai", confirmed)
            },
            "zhuhai",
            "NOT_FOUND",
        ),
        ("a request by another role", || requests("lo.zhuhai", |_| {}), "zhuhai", "ROLE_NOT_ALLOWED"),
        (
            "a request for what the other party must keep",
            || requests("dp.zhuhai", |e| e.entries = [0].into()),
            "zhuhai",
            "NOT_ERASABLE",
        ),
        (
            "a request for an entry that was not seen",
            || requests("dp.zhuhai", |e| e.entries = [9_999].into()),
            "zhuhai",
            "BAD_LIST",
        ),
        ("a refusal of what nobody asked", || refuses(sent(), "dp.macau", "zhuhai"), "macau", "NOT_FOUND"),
        ("a refusal by another role", || refuses(requested(), "sec.macau", "zhuhai"), "macau", "ROLE_NOT_ALLOWED"),
        ("a refusal told to somebody else", || refuses(requested(), "dp.macau", "hengqin"), "macau", "OTHERWISE"),
        ("late before its time", || overdue(requested().later(DAY_US)), "macau", "WRONG_STATE"),
        (
            "late though it was refused",
            || overdue(refuses(requested(), "dp.macau", "zhuhai").later(60 * DAY_US)),
            "macau",
            "WRONG_STATE",
        ),
    ];
    each_trips_its_own_rule_and_no_other(forgeries);
}

fn overdue(court: Court) -> Court {
    court.writes("node.macau", ErasureRequestOverdue { erasure: ERASURE, asker: party("zhuhai") })
}

fn refuses(court: Court, who: &str, asker: &str) -> Court {
    let (because, reference) = (RefusalGround::StillNeeded, "DP-2026-018".parse().unwrap());
    court.writes(who, ErasureRefused { erasure: ERASURE, asker: party(asker), because, reference })
}

fn requests(who: &str, change: fn(&mut ErasureRequested)) -> Court {
    let court = sent();
    let entries = batch(&court)[1..].iter().copied().collect();
    let reason = "recorded in error".parse().unwrap();
    let mut event = ErasureRequested { erasure: ERASURE, to: party("macau"), entries, ground: ground(), reason };
    change(&mut event);
    court.writes(who, event)
}
