//! `RecordRecovery`: the service records that its log was restored, from whom, and what could not be.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::{Event, Readers};
use crate::id::PartyId;
use crate::keys::KeyFacts;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{LogPosition, Rows, Sides, ViewError};

/// Records a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRecovery {
    /// Entries that the party's own disk still had.
    pub kept: u64,
    /// Entries that each peer gave back.
    pub returned: BTreeMap<PartyId, u64>,
    /// Entries found in copies of the party's own files.
    pub copied: u64,
    /// Entries of the whole log whose body nobody has, from this and earlier recoveries.
    pub bodies_missing: u64,
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
    /// How many entries each log has, and what it says of its keys.
    type State = (BTreeMap<PartyId, u64>, Sides<KeyFacts>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let logs = rows.all::<LogPosition>()?;
        let counts = logs.iter().flat_map(|(_, sides)| sides.iter().map(|(party, log)| (party, log.count)));
        Ok((counts.collect(), rows.sides(&())?))
    }

    fn decide(&self, (counts, keys): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        // The first thing written after the restored entries, and of exactly these: but for what the root says of keys. The
        // key that signs this may be a new one, whose own entry comes before anything else that it signs.
        let restored = self.entries();
        let count = counts.get(&context.me).copied().unwrap_or(0);
        let of_keys = keys
            .of(context.me)
            .map_or(0, |keys| keys.said.values().filter(|(_, said)| said.seq >= restored).count() as u64);
        if count != restored + of_keys || self.bodies_missing > restored {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(LogRecovered { recovery: self.clone(), others: crate::party::others(context.me) }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{AccessRecorded, AccessTarget};
    use crate::keys::{KeyStatement, KeyWord, SignedStatement};
    use crate::testing::{Scene, given_nothing, party};

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
        RecordRecovery { kept: 1, returned: [(party("macau"), 2)].into(), copied: 0, bodies_missing: 1 }
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
    fn only_what_the_root_says_of_keys_comes_before_it() {
        let said = |serial| {
            let statement = KeyStatement { party: party("zhuhai"), serial, word: KeyWord::Retired { key: [7; 8] } };
            Event::from((SignedStatement { statement, signature: [[1; 32]; 2] }, [party("macau")].into()))
        };
        let keyed = restored().and("node.zhuhai", said(2)).and("node.zhuhai", said(3));
        keyed.clone().when("node.zhuhai", recovery()).then_done();
        keyed.and("cw.zhuhai", read()).when("node.zhuhai", recovery()).then_refused(RefusalCode::WrongState);
        // Among the restored entries they are no excuse, nor are another party's.
        let before = given_nothing().and("node.zhuhai", said(2)).and("cw.zhuhai", read()).and("cw.zhuhai", read());
        before.clone().when("node.zhuhai", recovery()).then_done();
        before.and("cw.zhuhai", read()).when("node.zhuhai", recovery()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn no_more_bodies_are_missing_than_there_are_entries() {
        for (missing, fits) in [(3, true), (4, false)] {
            let said = restored().when("node.zhuhai", RecordRecovery { bodies_missing: missing, ..recovery() });
            assert_eq!(said.result.is_ok(), fits);
        }
    }

    #[test]
    fn only_the_service_itself_records_a_recovery() {
        restored().when("sa.zhuhai", recovery()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
