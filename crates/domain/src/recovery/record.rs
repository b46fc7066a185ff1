//! `RecordRecovery`: the service records that its log was restored, from whom, and what could not be.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::{Event, EventKind, Readers};
use crate::id::PartyId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{LogPosition, Rows, ViewError};

/// Most bodies that one entry names as lost, a few KiB; of more the service says the rest in further entries.
pub const LOST_MAX: usize = 1000;

/// Records a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRecovery {
    /// Entries that the party's own disk still had, with what was written since: what the root says of the key that signs this,
    /// and earlier entries of this kind.
    pub kept: u64,
    /// Entries that each peer gave back.
    pub returned: BTreeMap<PartyId, u64>,
    /// Entries found in copies of the party's own files.
    pub copied: u64,
    /// Entries of the whole log whose body this party has not, from this and earlier recoveries.
    pub bodies_missing: u64,
    /// Those of them that were meant for others: the addressees need not wait for what is in them. An addressee that has the
    /// body keeps it.
    pub lost: BTreeSet<u64>,
}

impl RecordRecovery {
    /// Returns how many entries the restored log has.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.kept + self.copied + self.returned.values().sum::<u64>()
    }
}

/// The log was restored after its disk lost some of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecovered {
    /// What was restored, whence.
    pub recovery: RecordRecovery,
    /// The other parties, which are told.
    pub others: BTreeSet<PartyId>,
}

impl Readers for LogRecovered {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}

impl Decide for RecordRecovery {
    const ROLES: &'static [Role] = &[Role::Node];
    /// How many entries each log has.
    type State = BTreeMap<PartyId, u64>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let logs = rows.all::<LogPosition>()?;
        let counts = logs.iter().flat_map(|(_, sides)| sides.iter().map(|(party, log)| (party, log.count)));
        Ok(counts.collect())
    }

    fn decide(&self, counts: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        // Of exactly the entries that stand before it.
        let restored = counts.get(&context.me).copied().unwrap_or(0);
        let named = self.lost.len();
        let beyond = self.lost.last().is_some_and(|last| *last >= restored);
        let too_many = named > LOST_MAX || named as u64 > self.bodies_missing || self.bodies_missing > restored;
        if restored != self.entries() || too_many || beyond {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(LogRecovered { recovery: self.clone(), others: crate::party::others(context.me) }.into())
    }
}

/// Tells whether an entry of a kind, in the log of a consent's party, can end the consent or, in its holder's, spend a use of it.
/// When its body is lost, nobody can say of which consent: no lookup on one that was granted before is answered any more.
#[must_use]
pub fn may_end_consent(kind: EventKind, is_holder: bool) -> bool {
    matches!(kind, EventKind::ConsentRevoked | EventKind::ConsentClosed)
        || (is_holder && kind == EventKind::LookupPermitted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{AccessRecorded, AccessTarget};
    use crate::party::rules_of;
    use crate::testing::{Scene, actor, given_nothing, party};
    use crate::time::Instant;

    fn read() -> AccessRecorded {
        let target = AccessTarget::Batch(crate::id::BatchId(uuid::Uuid::from_u128(1)));
        AccessRecorded { target, reason: "again".parse().unwrap() }
    }

    /// Zhuhai's log of three entries, as it was restored, beside one of Macau's.
    fn restored() -> Scene {
        given_nothing()
            .and("cw.macau", read())
            .and("cw.zhuhai", read())
            .and("cw.zhuhai", read())
            .and("cw.zhuhai", read())
    }

    fn recovery() -> RecordRecovery {
        RecordRecovery {
            kept: 1,
            returned: [(party("macau"), 2)].into(),
            copied: 0,
            bodies_missing: 1,
            lost: [2].into(),
        }
    }

    #[test]
    fn everybody_is_told_what_was_restored() {
        let others: BTreeSet<_> = [party("hengqin"), party("macau")].into();
        let told = LogRecovered { recovery: recovery(), others: others.clone() };
        assert_eq!(told.readers(), others);
        restored().when("node.zhuhai", recovery()).then(told);
    }

    #[test]
    fn it_is_the_first_thing_written_after_the_restored_entries() {
        restored().and("cw.zhuhai", read()).when("node.zhuhai", recovery()).then_refused(RefusalCode::WrongState);
        let short = RecordRecovery { kept: 0, ..recovery() };
        restored().when("node.zhuhai", short).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn no_more_bodies_are_missing_than_there_are_entries() {
        for (bodies_missing, fits) in [(3, true), (4, false)] {
            let said = restored().when("node.zhuhai", RecordRecovery { bodies_missing, ..recovery() });
            assert_eq!(said.result.is_ok(), fits);
        }
    }

    #[test]
    fn what_is_lost_is_named_among_the_restored_entries_and_counted() {
        let cases: [(&[u64], u64, bool); 5] =
            [(&[], 1, true), (&[0, 2], 2, true), (&[0, 2], 3, true), (&[0, 2], 1, false), (&[3], 1, false)];
        for (lost, bodies_missing, fits) in cases {
            let lost: BTreeSet<u64> = lost.iter().copied().collect();
            let said =
                restored().when("node.zhuhai", RecordRecovery { bodies_missing, lost: lost.clone(), ..recovery() });
            assert_eq!(said.result.is_ok(), fits, "{lost:?} of {bodies_missing}");
        }
    }

    #[test]
    fn one_entry_names_no_more_than_the_limit() {
        let entries = LOST_MAX as u64 + 1;
        let counts: BTreeMap<PartyId, u64> = [(party("zhuhai"), entries)].into();
        let (me, actor) = actor("node.zhuhai");
        let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: Instant::default() };
        for (named, fits) in [(entries - 1, true), (entries, false)] {
            let (lost, bodies_missing) = ((0..named).collect(), entries);
            let record = RecordRecovery { kept: entries, returned: [].into(), copied: 0, bodies_missing, lost };
            assert_eq!(record.decide(&counts, &context).is_ok(), fits, "{named}");
        }
    }

    #[test]
    fn a_revocation_may_end_a_consent_anywhere_and_a_use_is_spent_at_the_holder() {
        let kinds = |is_holder| -> Vec<EventKind> {
            EventKind::ALL.iter().copied().filter(|kind| may_end_consent(*kind, is_holder)).collect()
        };
        assert_eq!(kinds(false), [EventKind::ConsentRevoked, EventKind::ConsentClosed]);
        assert_eq!(kinds(true), [EventKind::ConsentRevoked, EventKind::LookupPermitted, EventKind::ConsentClosed]);
    }

    #[test]
    fn only_the_service_itself_records_a_recovery() {
        restored().when("sa.zhuhai", recovery()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
