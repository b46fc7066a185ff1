//! A sample of every kind of event, folded: it changes the tables that are said of its kind, and no other. An auditor relies on
//! it to know what may be missing.

use std::collections::BTreeSet;

use tongcha_domain::event::EventKind;
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Changes, EntryMeta, MemoryRows, Overlay, Table, project, written};

use crate::testing::{body, events, party};

/// First key byte of the register's rows, from which nothing is decided without a permit.
const REGISTER: u8 = 0x80;

#[test]
fn an_event_changes_the_tables_that_are_said_of_its_kind_and_no_other() {
    let mut kinds = BTreeSet::new();
    for event in events() {
        let kind = event.kind();
        let meta = EntryMeta { origin: party("zhuhai"), seq: 0, leaf: [0; 32], recorded_at: Instant(0), kind };
        let rows = MemoryRows::default();
        let mut overlay = Overlay::new(&rows, Changes::new());
        project(&mut overlay, &meta, Some(&body(event))).unwrap();
        let tables = overlay.into_changes().into_keys().map(|key| key[0]);
        let changed: BTreeSet<u8> = tables.filter(|table| *table != Table::Log.byte() && *table < REGISTER).collect();
        let said: BTreeSet<u8> = written(kind).into_iter().map(Table::byte).collect();
        assert!(changed.is_subset(&said), "{kind:?} changes {changed:?}");
        let always = [Table::Command.byte(), Table::History.byte()];
        let idle: Vec<_> = said.difference(&changed).filter(|table| !always.contains(table)).collect();
        // Only a draft that was turned away leaves a trace of its request.
        assert!(idle.is_empty() || kind == EventKind::CommandRefused, "{kind:?} does not change {idle:?}");
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), EventKind::ALL.len());
}
