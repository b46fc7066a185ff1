//! `ProposeErasure`: a data-protection officer lists entries of the own log whose content is to be erased.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::case::{CaseRef, case_of};
use crate::command::{Context, Decide};
use crate::erasure::{ErasureFacts, ErasureGround, ErasureProposed, Keeping, Kept, Ordered, erasable, keeping, orders};
use crate::event::{Event, EventKind};
use crate::id::{ErasureId, ImportId, PartyId};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::register::ImportFacts;
use crate::time::Instant;
use crate::urgent::UrgentFacts;
use crate::view::{Rows, Sides, ViewError};

/// Most entries of one erasure (A): what one family has in a party's log in years, and an order of a few kilobytes.
pub const ENTRIES_MAX: usize = 1000;

/// An entry of the own log, as its header and its case say. The service reads these from the journal: an officer names
/// positions or a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedEntry {
    /// Its position.
    pub seq: u64,
    /// Its kind.
    pub kind: EventKind,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Who can read it.
    pub audience: BTreeSet<PartyId>,
    /// Its case ([`ListedEntry::case_of`]).
    pub case: Option<CaseRef>,
    /// The last entry before it of the same case and kept for the same ([`crate::erasure::keeping`]) that is not erased: what an
    /// entry corrects or takes back is among those.
    pub after: Option<u64>,
}

impl ListedEntry {
    /// Returns the case that an entry is listed under; none when it names nobody. What takes back or corrects is a step of
    /// the same case as what it takes back, so that the one is never erased under the other.
    #[must_use]
    pub fn case_of(event: &Event) -> Option<CaseRef> {
        case_of(event).filter(|_| keeping(event.kind()) != Keeping::Procedure)
    }
}

/// Proposes an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeErasure {
    /// The erasure: a fresh id.
    pub erasure: ErasureId,
    /// What is to be erased: 1 to [`ENTRIES_MAX`].
    pub entries: Vec<ListedEntry>,
    /// Why.
    pub ground: ErasureGround,
    /// The party whose request under this id is answered by it.
    pub asker: Option<PartyId>,
}

/// What the decision must know.
pub struct State {
    same_id: Sides<ErasureFacts>,
    orders: Vec<Ordered>,
    imports: Vec<(ImportId, Sides<ImportFacts>)>,
    /// The urgent notices that are listed, by their cases.
    urgents: BTreeMap<CaseRef, Sides<UrgentFacts>>,
}

impl Decide for ProposeErasure {
    const ROLES: &'static [Role] = &[Role::DataProtection];
    type State = State;

    fn load(&self, rows: &Rows<'_>) -> Result<State, ViewError> {
        let mut urgents = BTreeMap::new();
        for case in self.entries.iter().filter_map(|entry| entry.case) {
            if let CaseRef::Urgent(id) = case {
                urgents.insert(case, rows.sides(&id)?);
            }
        }
        Ok(State { same_id: rows.sides(&self.erasure)?, orders: orders(rows)?, imports: rows.all()?, urgents })
    }

    fn decide(&self, state: &State, context: &Context<'_>) -> Result<Event, Refusal> {
        let requested = self.requested(state, context.me)?;
        let entries = check_list(&self.entries)?;
        let ordered = state.orders.iter().filter(|one| one.origin == context.me);
        let ordered: BTreeSet<u64> = ordered.flat_map(|one| &one.order.entries).copied().collect();
        let left_out = requested.into_iter().filter(|seq| !entries.contains(seq) && !ordered.contains(seq));
        refuse(RefusalCode::RequestedEntriesMissing, left_out)?;
        refuse(RefusalCode::WrongState, entries.intersection(&ordered).copied())?;
        // While somebody may be in danger, nobody's view forgets it.
        let is_open = |entry: &&ListedEntry| {
            let sides = entry.case.and_then(|case| state.urgents.get(&case));
            sides.and_then(|sides| sides.concerning(context.me)).is_some_and(|notice| !notice.is_closed())
        };
        refuse(RefusalCode::WrongState, self.entries.iter().filter(is_open).map(|entry| entry.seq))?;
        let used = register_since(&state.imports, context.me);
        let why_kept = |entry: &ListedEntry| {
            let in_use = entry.kind == EventKind::RegisterChunkImported && used.is_none_or(|since| entry.seq >= since);
            if in_use {
                return Some(Kept::ForEver);
            }
            erasable(&context.rules.retention, entry.kind, entry.recorded_at, context.now).err()
        };
        check_floors(&self.entries, why_kept)?;
        let alone = self.entries.iter().filter_map(|entry| entry.after).filter(|before| !entries.contains(before));
        refuse(RefusalCode::EarlierEntriesStand, alone)?;
        let readers = self.entries.iter().flat_map(|entry| &entry.audience).copied();
        let holders = readers.filter(|party| *party != context.me).collect();
        let Self { erasure, ground, asker, .. } = self.clone();
        Ok(ErasureProposed { erasure, entries, ground, holders, asker }.into())
    }
}

impl ProposeErasure {
    /// Returns what the request names that this answers; nothing when it answers none.
    fn requested(&self, state: &State, me: PartyId) -> Result<BTreeSet<u64>, Refusal> {
        let Some(asker) = self.asker else {
            let known = !state.same_id.is_empty();
            return if known { Err(Refusal::new(RefusalCode::AlreadyExists)) } else { Ok(BTreeSet::new()) };
        };
        let Some(request) = state.same_id.request_of(asker).filter(|request| request.asked.to == me) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        if request.is_answered() || request.origin.is_some_and(|facts| facts.proposed.is_some()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(request.asked.entries.clone())
    }
}

/// Checks that a list names entries, each once and not too many. Returns their positions.
pub(super) fn check_list(listed: &[ListedEntry]) -> Result<BTreeSet<u64>, Refusal> {
    let entries: BTreeSet<u64> = listed.iter().map(|entry| entry.seq).collect();
    if entries.is_empty() || entries.len() > ENTRIES_MAX || entries.len() != listed.len() {
        return Err(Refusal::new(RefusalCode::BadList).offending(["entries"]));
    }
    Ok(entries)
}

/// Refuses entries that can't be erased, or not yet: then the refusal says from when on.
pub(super) fn check_floors(
    listed: &[ListedEntry],
    why_kept: impl Fn(&ListedEntry) -> Option<Kept>,
) -> Result<(), Refusal> {
    let kept: Vec<(u64, Kept)> = listed.iter().filter_map(|entry| Some((entry.seq, why_kept(entry)?))).collect();
    refuse(RefusalCode::NotErasable, kept.iter().filter(|(_, why)| *why == Kept::ForEver).map(|(seq, _)| *seq))?;
    let floors = kept.iter().filter_map(|(seq, why)| match why {
        Kept::Until(first) => Some((*first, *seq)),
        Kept::ForEver => None,
    });
    let until: BTreeSet<(Instant, u64)> = floors.collect();
    let Some((last, _)) = until.last() else { return Ok(()) };
    let seqs = until.iter().map(|(_, seq)| format!("entry:{seq}"));
    Err(Refusal::new(RefusalCode::RetentionFloor).offending(seqs).effective_at(*last))
}

/// Refuses when there is any entry to name.
pub(super) fn refuse(code: RefusalCode, entries: impl Iterator<Item = u64>) -> Result<(), Refusal> {
    let offending: Vec<String> = entries.map(|seq| format!("entry:{seq}")).collect();
    if offending.is_empty() { Ok(()) } else { Err(Refusal::new(code).offending(offending)) }
}

/// Returns where the import begins that is the register now: its chunks, and those of a later one, are in use.
fn register_since(imports: &[(ImportId, Sides<ImportFacts>)], me: PartyId) -> Option<u64> {
    let own = imports.iter().filter_map(|(_, sides)| sides.of(me));
    let complete = own.filter_map(|facts| Some((facts.completed.as_ref()?.seq, facts.started.as_ref()?.1.seq)));
    complete.max().map(|(_, began)| began)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erasure::sample::{ERASURE, answer, given_requested, ground, listed, propose};
    use crate::register::{RegisterChunkImported, RegisterImportCompleted, RegisterImportStarted};
    use crate::testing::{NOON, given_nothing, household, party};
    use crate::time::{DAY_US, Date};
    use crate::urgent::sample::{URGENT, closed, given_raised};

    fn day(text: &str) -> Instant {
        Instant::local_midnight(text.parse::<Date>().unwrap()).unwrap()
    }

    #[test]
    fn a_data_protection_officer_lists_content_and_every_reader_is_a_holder() {
        let entries = vec![
            listed(3, EventKind::BatchSent, &["zhuhai", "macau"]),
            listed(7, EventKind::EntryCorrected, &["zhuhai"]),
        ];
        let command = ProposeErasure { entries, ..propose(&[]) };
        let expected = ErasureProposed {
            erasure: ERASURE,
            entries: [3, 7].into(),
            ground: ground(),
            holders: [party("macau")].into(),
            asker: None,
        };
        given_nothing().when("dp.zhuhai", command.clone()).then(expected.clone());
        assert!(Event::from(expected).readers().is_empty(), "a proposal is the party's own business");
        for other in ["lo.zhuhai", "sec.zhuhai", "au.zhuhai"] {
            given_nothing().when(other, command.clone()).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn an_id_is_used_once_and_an_entry_erased_once() {
        let scene = given_nothing().when("dp.zhuhai", propose(&[3])).then_done();
        scene.clone().when("dp.zhuhai", propose(&[4])).then_refused(RefusalCode::AlreadyExists);
        let ordered = scene.when("sec.zhuhai", crate::erasure::OrderErasure { erasure: ERASURE }).then_done();
        let again = ProposeErasure { erasure: ErasureId(uuid::Uuid::from_u128(9)), ..propose(&[2, 3]) };
        let refusal = ordered.clone().when("dp.zhuhai", again.clone()).then_refused(RefusalCode::WrongState);
        assert_eq!(refusal.offending, ["entry:3"]);
        ordered.when("dp.macau", again).then_done(); // another log
    }

    #[test]
    fn a_request_is_answered_by_a_proposal_under_its_id_that_leaves_nothing_out() {
        let scene = given_requested(&[3, 4]);
        let refusal = scene.clone().when("dp.zhuhai", answer(&[3, 5]));
        assert_eq!(refusal.then_refused(RefusalCode::RequestedEntriesMissing).offending, ["entry:4"]);
        let unnamed = ProposeErasure { asker: None, ..answer(&[3, 4]) };
        scene.clone().when("dp.zhuhai", unnamed).then_refused(RefusalCode::AlreadyExists);
        let another = ProposeErasure { asker: Some(party("hengqin")), ..answer(&[3, 4]) };
        scene.clone().when("dp.zhuhai", another).then_refused(RefusalCode::NotFound);
        scene.clone().when("dp.hengqin", answer(&[3, 4])).then_refused(RefusalCode::NotFound);
        given_nothing().when("dp.zhuhai", answer(&[3, 4])).then_refused(RefusalCode::NotFound);
        let decided = scene.when("dp.zhuhai", answer(&[3, 4, 5]));
        assert!(decided.result.as_ref().unwrap().readers().is_empty(), "who asked is told of the order");
        let scene = decided.then_done();
        scene.clone().when("dp2.zhuhai", answer(&[3, 4])).then_refused(RefusalCode::WrongState);
        let order = crate::erasure::OrderErasure { erasure: ERASURE };
        let decided = scene.clone().when("sec.zhuhai", order);
        assert_eq!(decided.result.as_ref().unwrap().readers(), [party("macau")].into());
    }

    #[test]
    fn what_is_ordered_already_need_not_be_proposed_again() {
        let scene = given_requested(&[3, 4]);
        let own = ProposeErasure { erasure: ErasureId(uuid::Uuid::from_u128(9)), ..propose(&[3]) };
        let scene = scene.when("dp.zhuhai", own.clone()).then_done();
        let scene = scene.when("sec.zhuhai", crate::erasure::OrderErasure { erasure: own.erasure }).then_done();
        scene.when("dp.zhuhai", answer(&[4])).then_done();
    }

    #[test]
    fn the_list_has_entries_each_once_and_not_too_many() {
        for entries in [vec![], vec![3, 3], (0..=ENTRIES_MAX as u64).collect()] {
            let refusal = given_nothing().when("dp.zhuhai", propose(&entries)).then_refused(RefusalCode::BadList);
            assert_eq!(refusal.offending, ["entries"]);
        }
        given_nothing().when("dp.zhuhai", propose(&(0..ENTRIES_MAX as u64).collect::<Vec<_>>())).then_done();
    }

    #[test]
    fn what_names_nobody_stays() {
        let entries = vec![
            listed(1, EventKind::BatchDelivered, &["zhuhai"]),
            listed(2, EventKind::BatchSent, &["zhuhai"]),
            listed(3, EventKind::ErasureOrdered, &["zhuhai"]),
        ];
        let command = ProposeErasure { entries, ..propose(&[]) };
        let refusal = given_nothing().when("dp.zhuhai", command).then_refused(RefusalCode::NotErasable);
        assert_eq!(refusal.offending, ["entry:1", "entry:3"]);
    }

    #[test]
    fn a_lookup_is_kept_for_three_years_and_the_refusal_says_until_when() {
        // Recorded on 2026-07-01 at noon.
        let entries =
            vec![listed(4, EventKind::LookupAnswered, &["zhuhai"]), listed(5, EventKind::BatchSent, &["zhuhai"])];
        let command = ProposeErasure { entries, ..propose(&[]) };
        let first = day("2029-07-02");
        let refusal = given_nothing().at(first.plus_us(-1)).when("dp.zhuhai", command.clone());
        let refusal = refusal.then_refused(RefusalCode::RetentionFloor);
        assert_eq!((refusal.offending, refusal.effective_at), (vec!["entry:4".to_owned()], Some(first)));
        given_nothing().at(first).when("dp.zhuhai", command).then_done();
    }

    #[test]
    fn an_urgent_notice_is_closed_first() {
        let case = Some(CaseRef::Urgent(URGENT));
        let of = |seq, kind| ListedEntry { case, ..listed(seq, kind, &["zhuhai", "macau"]) };
        let command = |entries| ProposeErasure { entries, ..propose(&[]) };
        for (who, entry) in
            [("dp.hengqin", of(0, EventKind::UrgentRaised)), ("dp.macau", of(1, EventKind::ActionReported))]
        {
            let refusal = given_raised().when(who, command(vec![entry.clone()])).then_refused(RefusalCode::WrongState);
            assert_eq!(refusal.offending, [format!("entry:{}", entry.seq)]);
            given_raised().and("ho.hengqin", closed()).when(who, command(vec![entry])).then_done();
        }
    }

    #[test]
    fn what_takes_back_is_not_erased_under_what_it_takes_back() {
        let correction = ListedEntry { after: Some(3), ..listed(7, EventKind::EntryCorrected, &["zhuhai"]) };
        let alone = ProposeErasure { entries: vec![correction.clone()], ..propose(&[]) };
        let refusal = given_nothing().when("dp.zhuhai", alone).then_refused(RefusalCode::EarlierEntriesStand);
        assert_eq!(refusal.offending, ["entry:3"]);
        let both = vec![correction, listed(3, EventKind::BatchSent, &["zhuhai"])];
        given_nothing().when("dp.zhuhai", ProposeErasure { entries: both, ..propose(&[]) }).then_done();
    }

    #[test]
    fn the_register_in_use_is_not_erased_and_an_earlier_one_is() {
        let chunk = |seq| ProposeErasure {
            entries: vec![listed(seq, EventKind::RegisterChunkImported, &["macau"])],
            ..propose(&[])
        };
        given_nothing().when("dp.macau", chunk(1)).then_refused(RefusalCode::NotErasable);
        let import = |scene: crate::testing::Scene, number| {
            let (import, party) = (ImportId(uuid::Uuid::from_u128(number)), party("macau"));
            let households = vec![household("R1", &[crate::testing::document()])];
            scene
                .and("node.macau", RegisterImportStarted { import, households: 1, file_digest: [1; 32] })
                .and("node.macau", RegisterChunkImported { import, party, chunk: 0, households })
                .and("node.macau", RegisterImportCompleted { import, party })
        };
        let scene = import(given_nothing(), 1);
        scene.clone().when("dp.macau", chunk(1)).then_refused(RefusalCode::NotErasable);
        let scene = import(scene, 2); // entries 3 to 5
        scene.clone().when("dp.macau", chunk(4)).then_refused(RefusalCode::NotErasable);
        scene.at(NOON.plus_us(DAY_US)).when("dp.macau", chunk(1)).then_done();
    }
}
