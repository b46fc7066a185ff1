//! How the commands beside the daily work are made: drafts given up, members, suppressions, keys, recoveries, erasures.

use std::collections::BTreeMap;

use crate::command::{Command, CommandKind as C};
use crate::consent::DiscardConsent;
use crate::erasure::{
    ConfirmErasure, ErasureBasis, ErasureGround, ListedEntry, OrderErasure, ProposeErasure, RecordErasureOverdue,
    RecordErasureRequestOverdue, RefusalGround, RefuseErasure, RequestErasure,
};
use crate::event::{Event, EventKind as K};
use crate::id::{BatchId, ConsentId, ErasureId, LookupId, OfficerId, RequestId, UrgentId};
use crate::keys::{KeyStatement, KeyWord, RecordKeyStatement, SignedStatement};
use crate::meeting::{AppointMember, DismissMember, GroupMember};
use crate::notice::DiscardBatch;
use crate::recovery::RecordRecovery;
use crate::suppression::{LiftSuppression, SuppressDisclosure, SuppressedCase};
use crate::verification::DiscardDraft;
use crate::view::EntryMeta;

use super::generate::Make;
use super::pools::Pool;
use super::world::{Entry, PARTIES};

fn member(p: &mut Pool<'_>) -> OfficerId {
    format!("member{}.{}", p.dice.below(3), p.me).parse().unwrap()
}

/// Mostly members that somebody has appointed.
pub(super) fn members(p: &mut Pool<'_>) -> Vec<GroupMember> {
    let party = p.me;
    let appointed = p.own_event(&[K::MemberAppointed]).filter(|_| p.dice.chance(90));
    let member = match appointed {
        Some(Event::MemberAppointed(event)) => event.member,
        _ => member(p),
    };
    vec![GroupMember { party, member }]
}

fn suppressed_case(p: &mut Pool<'_>) -> SuppressedCase {
    let cases = [
        SuppressedCase::Urgent(UrgentId(p.id(&[K::UrgentRaised]))),
        SuppressedCase::Consent(ConsentId(p.id(&[K::ConsentGranted]))),
        SuppressedCase::Verification(RequestId(p.id(&[K::RequestSubmitted]))),
        SuppressedCase::Lookup(LookupId(p.id(&[K::LookupAsked, K::LookupPermitted]))),
    ];
    *p.dice.pick(&cases)
}

fn lift(p: &mut Pool<'_>) -> Command {
    let (reason, said) = (p.note(), p.own_event(&[K::DisclosureSuppressed]));
    match said {
        Some(Event::DisclosureSuppressed(event)) => {
            LiftSuppression { case: event.case, towards: event.towards, reason }.into()
        }
        _ => LiftSuppression { case: suppressed_case(p), towards: p.person(), reason }.into(),
    }
}

fn key_statement(p: &mut Pool<'_>) -> Command {
    let word = KeyWord::Retired { key: [u8::try_from(p.dice.below(9)).unwrap(); 8] };
    let serial = 2 + u32::try_from(p.dice.below(9)).unwrap();
    let statement = KeyStatement { party: p.me, serial, word };
    RecordKeyStatement { signed: SignedStatement { statement, signature: [[1; 32]; 2] } }.into()
}

fn recovery(p: &mut Pool<'_>) -> Command {
    let entries = p.world.logs[p.side].len() as u64;
    let kept = if p.dice.chance(80) { entries } else { entries + 1 };
    RecordRecovery { kept, returned: BTreeMap::new(), copied: 0, bodies_missing: 0, lost: [].into() }.into()
}

fn erasure(p: &mut Pool<'_>) -> ErasureId {
    ErasureId(p.id(&[K::ErasureProposed, K::ErasureOrdered]))
}

fn requested(p: &mut Pool<'_>) -> ErasureId {
    ErasureId(p.id(&[K::ErasureRequested]))
}

/// An entry of a log, as the service lists it; mostly one that can be erased.
fn any_listed(p: &mut Pool<'_>, side: usize) -> Vec<ListedEntry> {
    let log = &p.world.logs[side];
    let erasable = (0..log.len()).filter(|at| {
        matches!(
            log[*at].meta.kind,
            K::BatchPrepared | K::BatchSent | K::EntryMatched | K::CaseNominated | K::PartyInvited
        )
    });
    let erasable: Vec<usize> = erasable.collect();
    let at = if erasable.is_empty() || p.dice.chance(10) { p.dice.below(9) } else { *p.dice.pick(&erasable) };
    log.get(at).map(|entry| listed(entry)).into_iter().collect()
}

fn listed(entry: &Entry) -> ListedEntry {
    let (EntryMeta { origin, seq, recorded_at, kind, .. }, event) = (entry.meta, entry.event());
    let audience = event.readers().into_iter().chain([origin]).collect();
    ListedEntry { seq, kind, recorded_at, audience, case: ListedEntry::case_of(event), after: None }
}

/// On one's own, or in answer to a request; then mostly of what was asked for.
fn propose_erasure(p: &mut Pool<'_>) -> Command {
    let ground = ErasureGround { basis: ErasureBasis::PurposeDone, reference: p.short() };
    let asked = p.entry(&[K::ErasureRequested]).filter(|_| p.dice.chance(50));
    let (erasure, asker, entries) = match asked.map(|asked| (asked.meta.origin, asked.event())) {
        Some((asker, Event::ErasureRequested(asked))) => {
            let wanted = p.world.logs[p.side].iter().filter(|entry| asked.entries.contains(&entry.meta.seq));
            (asked.erasure, Some(asker), wanted.map(|entry| listed(entry)).collect())
        }
        _ => (ErasureId(p.new_id(K::ErasureProposed)), None, any_listed(p, p.side)),
    };
    ProposeErasure { erasure, entries, ground, asker }.into()
}

fn request_erasure(p: &mut Pool<'_>) -> Command {
    let to = p.other();
    let side = PARTIES.iter().position(|name| *name == to.as_str()).unwrap();
    let entries = any_listed(p, side);
    let ground = ErasureGround { basis: ErasureBasis::Unlawful, reference: p.short() };
    let erasure = ErasureId(p.new_id(K::ErasureRequested));
    RequestErasure { erasure, to, entries, ground, reason: p.short() }.into()
}

fn refuse_erasure(p: &mut Pool<'_>) -> Command {
    RefuseErasure { erasure: requested(p), because: RefusalGround::StillNeeded, reference: p.short() }.into()
}

fn confirm(p: &mut Pool<'_>) -> Command {
    let ordered_by = p.party();
    ConfirmErasure { erasure: erasure(p), ordered_by, destroyed: 1, kept: 0 }.into()
}

pub(super) const LATER: &[(C, Make)] = &[
    (C::DiscardBatch, |p| DiscardBatch { batch: BatchId(p.id(&[K::BatchPrepared])), reason: p.note() }.into()),
    (C::DiscardDraft, |p| DiscardDraft { request: RequestId(p.id(&[K::RequestDrafted])), reason: p.note() }.into()),
    (C::DiscardConsent, |p| {
        DiscardConsent { consent: ConsentId(p.id(&[K::ConsentRecorded])), reason: p.note() }.into()
    }),
    (C::AppointMember, |p| AppointMember { member: member(p), name: p.short() }.into()),
    (C::DismissMember, |p| DismissMember { member: member(p) }.into()),
    (C::SuppressDisclosure, |p| {
        SuppressDisclosure { case: suppressed_case(p), towards: p.person(), reason: p.note() }.into()
    }),
    (C::LiftSuppression, lift),
    (C::RecordKeyStatement, key_statement),
    (C::RecordRecovery, recovery),
    (C::ProposeErasure, propose_erasure),
    (C::OrderErasure, |p| OrderErasure { erasure: erasure(p) }.into()),
    (C::ConfirmErasure, confirm),
    (C::RecordErasureOverdue, |p| RecordErasureOverdue { erasure: erasure(p) }.into()),
    (C::RequestErasure, request_erasure),
    (C::RefuseErasure, refuse_erasure),
    (C::RecordErasureRequestOverdue, |p| RecordErasureRequestOverdue { erasure: requested(p) }.into()),
];
