//! `RequestErasure`: a data-protection officer asks another party to erase entries of that party's log.
//!
//! For whom the request is made, and whether that person may ask, stands in the asker's file: no log can say it. The party
//! asked judges again by its own log, so what is refused here is only what it would have to refuse as well.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::erasure::propose::{check_floors, check_list, refuse};
use crate::erasure::{ErasureFacts, ErasureGround, ErasureRequested, ListedEntry, erasable};
use crate::event::Event;
use crate::id::{ErasureId, PartyId};
use crate::officer::Role;
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::view::{Aggregates, Rows, ViewError};

/// Asks for an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestErasure {
    /// The erasure: a fresh id.
    pub erasure: ErasureId,
    /// Whose entries.
    pub to: PartyId,
    /// What is to be erased: 1 to [`crate::erasure::ENTRIES_MAX`] entries, as their headers say.
    pub entries: Vec<ListedEntry>,
    /// On what it rests.
    pub ground: ErasureGround,
    /// What is wrong with the entries. Never a name.
    pub reason: Short,
}

impl Decide for RequestErasure {
    const ROLES: &'static [Role] = &[Role::DataProtection];
    type State = Aggregates<ErasureFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.all()
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some(theirs) = rules_of(self.to).filter(|_| self.to != context.me) else {
            return Err(Refusal::new(RefusalCode::WrongAddressee));
        };
        if state.iter().any(|(id, _)| *id == self.erasure) {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        let entries = check_list(&self.entries)?;
        // What is ordered, or asked for and not answered, needs no second request.
        let ordered =
            |facts: &ErasureFacts| facts.ordered.iter().flat_map(|(order, _)| order.entries.clone()).collect();
        let pending: BTreeSet<u64> = state
            .iter()
            .flat_map(|(_, sides)| {
                let ordered: BTreeSet<u64> = sides.of(self.to).map(ordered).unwrap_or_default();
                let open = sides.request_of(context.me).filter(|one| one.asked.to == self.to && !one.is_answered());
                ordered.into_iter().chain(open.into_iter().flat_map(|open| open.asked.entries.iter().copied()))
            })
            .collect();
        refuse(RefusalCode::WrongState, entries.intersection(&pending).copied())?;
        check_floors(&self.entries, |entry| {
            erasable(&theirs.retention, entry.kind, entry.recorded_at, context.now).err()
        })?;
        let Self { erasure, to, ground, reason, .. } = self.clone();
        Ok(ErasureRequested { erasure, to, entries, ground, reason }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erasure::sample::{ERASURE, given_requested, listed, ordered, propose, refuse_it, request};
    use crate::erasure::{ENTRIES_MAX, OrderErasure};
    use crate::event::EventKind;
    use crate::testing::{given_nothing, party};
    use crate::time::Instant;

    fn another(entries: &[u64]) -> RequestErasure {
        RequestErasure { erasure: ErasureId(uuid::Uuid::from_u128(0xE6)), ..request(entries) }
    }

    #[test]
    fn a_data_protection_officer_asks_and_the_other_party_alone_is_told() {
        let decided = given_nothing().when("dp.macau", request(&[3, 4]));
        let event = decided.result.clone().unwrap();
        assert_eq!(event.readers(), [party("zhuhai")].into());
        let Event::ErasureRequested(requested) = event else { panic!("{event:?}") };
        assert_eq!((requested.to, requested.entries), (party("zhuhai"), [3, 4].into()));
        for other in ["lo.macau", "sec.macau", "au.macau", "cw.macau"] {
            given_nothing().when(other, request(&[3])).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn of_another_party_of_the_exchange_only() {
        given_nothing().when("dp.zhuhai", request(&[3])).then_refused(RefusalCode::WrongAddressee);
        let unknown = RequestErasure { to: party("shenzhen"), ..request(&[3]) };
        given_nothing().when("dp.macau", unknown).then_refused(RefusalCode::WrongAddressee);
    }

    #[test]
    fn an_id_is_used_once_and_nothing_is_asked_for_twice() {
        given_requested(&[3]).when("dp.macau", request(&[4])).then_refused(RefusalCode::AlreadyExists);
        let refusal = given_requested(&[3]).when("dp.macau", another(&[2, 3])).then_refused(RefusalCode::WrongState);
        assert_eq!(refusal.offending, ["entry:3"]);
        given_requested(&[3]).when("dp.hengqin", another(&[3])).then_done(); // the other party has a reason of its own
        given_requested(&[3])
            .and("sec.zhuhai", ordered(&[3]))
            .when("dp.macau", another(&[3]))
            .then_refused(RefusalCode::WrongState);
        let refused = given_requested(&[3]).when("dp.zhuhai", refuse_it()).then_done();
        refused.when("dp.macau", another(&[3])).then_done(); // with a better reason
        let own = given_nothing().when("dp.zhuhai", propose(&[3])).then_done();
        let own = own.when("sec.zhuhai", OrderErasure { erasure: ERASURE }).then_done();
        own.when("dp.macau", another(&[3])).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn the_list_has_entries_each_once_and_not_too_many() {
        for entries in [vec![], vec![3, 3], (0..=ENTRIES_MAX as u64).collect()] {
            let refusal = given_nothing().when("dp.macau", request(&entries)).then_refused(RefusalCode::BadList);
            assert_eq!(refusal.offending, ["entries"]);
        }
    }

    #[test]
    fn what_the_other_party_must_keep_is_not_asked_for_and_the_refusal_says_until_when() {
        let of = |kind| RequestErasure { entries: vec![listed(4, kind, &["zhuhai", "macau"])], ..request(&[]) };
        given_nothing().when("dp.macau", of(EventKind::BatchDelivered)).then_refused(RefusalCode::NotErasable);
        let first = Instant::local_midnight("2029-07-02".parse().unwrap()).unwrap();
        let early = given_nothing().at(first.plus_us(-1)).when("dp.macau", of(EventKind::ReplySent));
        assert_eq!(early.then_refused(RefusalCode::RetentionFloor).effective_at, Some(first));
        given_nothing().at(first).when("dp.macau", of(EventKind::ReplySent)).then_done();
    }
}
