//! No bit of an entry can change: of an entry of every kind every single bit is flipped, and each is refused.

use tongcha_domain::event::EventKind;

use crate::entry::VerifiedEntry;
use crate::testing::{directory, event, flips, sealed_entry};

/// Flips every bit of one entry of each of some kinds.
fn refuse_every_flip(kinds: &[EventKind]) {
    let directory = directory();
    let mut tried = 0;
    for kind in kinds {
        let (_, _, _, entry) = sealed_entry(event(*kind));
        assert_eq!(VerifiedEntry::verify(entry.bytes(), &directory).as_ref(), Ok(&entry));
        for (bit, flipped) in flips(entry.bytes()).enumerate() {
            assert!(VerifiedEntry::verify(&flipped, &directory).is_err(), "{kind:?}, bit {bit}");
            tried += 1;
        }
    }
    assert!(tried > kinds.len() * 1_000, "{tried} flips");
    println!("{tried} flips of {} kinds, all refused", kinds.len());
}

// A quarter of the kinds each, so that the quarters run side by side.
fn quarter(no: usize) -> &'static [EventKind] {
    let len = EventKind::ALL.len().div_ceil(4);
    EventKind::ALL.chunks(len).nth(no).unwrap()
}

#[test]
fn every_bit_of_the_first_quarter_of_kinds_counts() {
    refuse_every_flip(quarter(0));
}

#[test]
fn every_bit_of_the_second_quarter_of_kinds_counts() {
    refuse_every_flip(quarter(1));
}

#[test]
fn every_bit_of_the_third_quarter_of_kinds_counts() {
    refuse_every_flip(quarter(2));
}

#[test]
fn every_bit_of_the_last_quarter_of_kinds_counts() {
    refuse_every_flip(quarter(3));
    let all: usize = (0..4).map(|no| quarter(no).len()).sum();
    assert_eq!(all, EventKind::ALL.len());
}
