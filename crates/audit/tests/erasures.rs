//! Erasures in a replay: visible, without a finding when all is right, and with one for everything that can be wrong.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{Draft, World, bodies, found, party, replay, verify};
use tongcha_audit::replay::ReplayReport;
use tongcha_domain::erasure::{ErasureBasis, ErasureConfirmed, ErasureGround, ErasureOrdered};
use tongcha_domain::event::{Body, Event, EventKind};
use tongcha_domain::id::{ErasureId, PartyId};
use tongcha_domain::recovery::{LogRecovered, RecordRecovery};
use tongcha_domain::view::{Changes, MemoryRows, Overlay, SetDigest, project};
use tongcha_ledger::body::BodyKey;
use tongcha_ledger::key::Hex;
use tongcha_ledger::slot::Slot;

fn erasure() -> ErasureId {
    "0197f000-0000-7000-8000-0000000000e1".parse().unwrap()
}

fn sample(kind: EventKind) -> Body {
    let mut body = bodies().into_iter().find(|body| body.event.kind() == kind).unwrap();
    body.command = None;
    body
}

struct Case {
    world: World,
    zhuhai: PartyId,
    macau: PartyId,
    keys: u8,
}

impl Case {
    /// Zhuhai tells Macau of a batch (entry 0), of a reply (1) and of an urgent notice (2).
    fn new() -> Self {
        let world = World { logs: std::collections::BTreeMap::new() };
        let mut case = Self { world, zhuhai: party("zhuhai"), macau: party("macau"), keys: 0 };
        for kind in [EventKind::BatchSent, EventKind::ReplySent, EventKind::UrgentRaised] {
            case.append(case.zhuhai, sample(kind));
        }
        for seq in 0..3 {
            assert!(case.world.logs[&case.zhuhai][seq].entry.header().audience.contains(&case.macau));
        }
        case
    }

    fn append(&mut self, origin: PartyId, body: Body) {
        self.keys += 1;
        self.world.append(origin, body, BodyKey([self.keys; 32]));
    }

    fn say(&mut self, origin: PartyId, event: impl Into<Event>) {
        self.append(origin, Body { event: event.into(), ..sample(EventKind::BatchSent) });
    }

    fn order(&mut self, entries: &[u64]) {
        let entries = entries.iter().copied().collect();
        let ground = ErasureGround { basis: ErasureBasis::SubjectRequest, reference: "DP-2026-017".parse().unwrap() };
        let holders = [self.macau].into();
        self.say(self.zhuhai, ErasureOrdered { erasure: erasure(), entries, ground, holders, asker: None });
    }

    fn confirm(&mut self, by: PartyId, other: PartyId) {
        let others = [other].into();
        let ordered_by = self.zhuhai;
        self.say(by, ErasureConfirmed { erasure: erasure(), ordered_by, destroyed: 1, kept: 0, others });
    }

    /// Macau's bundle, with the keys of these entries of Zhuhai destroyed.
    fn draft(&self, destroyed: &[usize]) -> Draft {
        let mut draft = self.world.draft(self.macau);
        for seq in destroyed {
            draft.keys.get_mut(&self.zhuhai).unwrap()[*seq] = Slot::Destroyed;
        }
        draft
    }

    fn replay(&self, destroyed: &[usize]) -> (ReplayReport, Vec<(&'static str, PartyId, u64)>) {
        let report = replay(&[&self.draft(destroyed)], self.macau);
        let codes = found(&report.findings).into_iter().map(|(code, origin, seq, _)| (code, origin, seq)).collect();
        (report, codes)
    }
}

// Macau's view made another way, without some bodies of Zhuhai.
fn root_without(case: &Case, erased: &[usize]) -> Hex {
    let mut rows = MemoryRows::default();
    for (origin, log) in &case.world.logs {
        for (at, made) in log.iter().enumerate() {
            let gone = *origin == case.zhuhai && erased.contains(&at);
            let is_for = made.entry.header().audience.contains(&case.macau) && !gone;
            let mut overlay = Overlay::new(&rows, Changes::new());
            project(&mut overlay, &made.entry.meta(), is_for.then_some(&made.body)).unwrap();
            let changes = overlay.into_changes();
            rows.apply(changes);
        }
    }
    let mut digest = SetDigest::default();
    rows.iter().for_each(|(key, value)| digest.add(key, value));
    Hex(digest.root().0)
}

#[test]
fn an_order_may_name_what_was_lost_before() {
    let mut case = Case::new();
    let (returned, lost) = ([(case.macau, 3)].into(), [0].into());
    let recovery = RecordRecovery { kept: 0, returned, copied: 0, bodies_missing: 1, lost };
    case.say(case.zhuhai, LogRecovered { recovery, others: [case.macau, party("hengqin")].into() });
    case.order(&[0, 2]);
    case.confirm(case.macau, case.zhuhai);
    case.confirm(case.zhuhai, case.macau);
    let mut draft = case.draft(&[2]);
    draft.edit(case.zhuhai, 0, |record| record.body = None);
    assert_eq!(found(&replay(&[&draft], case.macau).findings), [], "there is no key that could have been kept");
}

#[test]
fn an_erasure_is_listed_with_its_ground_and_who_confirmed_it() {
    let mut case = Case::new();
    case.order(&[0, 2]);
    case.confirm(case.macau, case.zhuhai);
    case.confirm(case.zhuhai, case.macau);
    let (report, findings) = case.replay(&[0, 2]);
    assert_eq!(findings, []);
    assert_eq!(report.logs.iter().map(|log| log.erased).sum::<u64>(), 2);
    assert_eq!(report.state_root, root_without(&case, &[0, 2]));
    let erasure = &report.erasures[0];
    assert_eq!((erasure.origin, erasure.seq, erasure.basis), (case.zhuhai, 3, ErasureBasis::SubjectRequest));
    assert_eq!(erasure.confirmed, [(case.macau, 1), (case.zhuhai, 1)]);
    assert!(erasure.missing.is_empty());
    let shown = report.to_string();
    assert!(shown.contains("Erasure ordered by entry 3 of zhuhai: subject_request DP-2026-017, 2 entries"), "{shown}");
    assert_eq!(found(&verify(&[&case.draft(&[0, 2])], None).findings), [], "the logs verify as before");
}

#[test]
fn a_key_that_is_gone_without_an_order_is_a_finding() {
    let mut case = Case::new();
    case.order(&[0]);
    assert_eq!(case.replay(&[0, 2]).1, [("ERASED_WITHOUT_ORDER", case.zhuhai, 2)]);
}

#[test]
fn a_key_that_is_kept_after_the_confirmation_is_a_finding_and_before_it_is_not() {
    let mut case = Case::new();
    case.order(&[0]);
    let (report, findings) = case.replay(&[]);
    assert_eq!(findings, []);
    assert_eq!(report.erasures[0].missing, [case.macau, case.zhuhai].into());
    case.confirm(case.macau, case.zhuhai);
    assert_eq!(case.replay(&[]).1, [("KEY_KEPT", case.zhuhai, 0)]);
    assert_eq!(case.replay(&[0]).1, []);
}

#[test]
fn an_order_for_what_must_be_kept_is_a_finding_and_covers_nothing() {
    let mut case = Case::new();
    case.order(&[1]); // a reply is kept for three years
    assert_eq!(case.replay(&[]).1, [("ERASED_TOO_EARLY", case.zhuhai, 3)]);
    assert_eq!(case.replay(&[1]).1, [("ERASED_WITHOUT_ORDER", case.zhuhai, 1)]);
}

#[test]
fn an_order_names_entries_before_it_only() {
    let mut case = Case::new();
    case.order(&[4]);
    case.append(case.zhuhai, sample(EventKind::UrgentRaised));
    assert_eq!(case.replay(&[4]).1, [("ERASED_WITHOUT_ORDER", case.zhuhai, 4)]);
}

#[test]
fn who_has_not_confirmed_in_three_days_is_a_finding() {
    // A minute passes with every entry of a log.
    let mut case = Case::new();
    case.order(&[0]);
    case.confirm(case.zhuhai, case.macau);
    let days = |case: &mut Case, entries: usize| {
        let notice = sample(EventKind::BatchDelivered);
        (0..entries).for_each(|_| case.world.append(case.zhuhai, notice.clone(), BodyKey([9; 32])));
    };
    days(&mut case, 3 * 24 * 60 - 2);
    assert_eq!(case.replay(&[0]).1, []);
    days(&mut case, 1);
    assert_eq!(case.replay(&[0]).1, [("ERASURE_UNCONFIRMED", case.zhuhai, 3)]);
    case.confirm(case.macau, case.zhuhai);
    assert_eq!(case.replay(&[0]).1, []);
}
