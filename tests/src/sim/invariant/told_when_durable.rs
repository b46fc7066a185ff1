//! Invariant 2: nothing is answered before its entry is on disk; nothing is published that is not in the journal. What
//! was told is still there after a power cut.

use tongcha_domain::event::Event;
use tongcha_domain::id::{CommandKey, PartyId};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_ledger::entry::Tip;
use tongcha_node::core::{Outgoing, Receipt};
use tongcha_node::journal::Journal;

use crate::sim::book::{Book, BookEntry, file_of};
use crate::sim::failure::{Invariant, Step, broken};
use crate::sim::party::{Answering, Party};

const THIS: Invariant = Invariant::ToldWhenDurable;

fn at(log: &[BookEntry], seq: u64) -> Option<&BookEntry> {
    log.get(usize::try_from(seq).ok()?)
}

/// An outcome handed out stands in the synced log.
pub(in crate::sim) fn outcome(
    book: &Book,
    party: &mut Party,
    command: CommandKey,
    result: &Result<Receipt, Refusal>,
) -> Step<()> {
    let me = party.me;
    match result {
        Ok(receipt) => {
            let entry = at(book.log(me, me), receipt.seq);
            if entry.map(|entry| entry.leaf) != Some(receipt.leaf) {
                return broken(
                    THIS,
                    format!("{me} gave a receipt for entry {}, which is not on its disk", receipt.seq),
                );
            }
            party.told.insert(receipt.seq, receipt.leaf);
            Ok(())
        }
        Err(refusal) => match book.made_by(me, command) {
            // The key was used for something else: that is what is on record.
            Some(entry) if refusal.code == RefusalCode::IdempotencyKeyReused => note(party, entry),
            Some(entry @ BookEntry { event: Some(Event::CommandRefused(refused)), .. })
                if refused.refusal == *refusal =>
            {
                note(party, entry)
            }
            Some(_) | None => broken(THIS, format!("{me} refused with {refusal}, which is not on its disk")),
        },
    }
}

fn note(party: &mut Party, entry: &BookEntry) -> Step<()> {
    party.told.insert(entry.header.seq, entry.leaf);
    Ok(())
}

/// What is published stands in the synced log.
pub(in crate::sim) fn published(book: &Book, party: PartyId, outgoing: &[Outgoing]) -> Step<()> {
    for Outgoing { seq, leaf, .. } in outgoing {
        if at(book.log(party, party), *seq).map(|entry| entry.leaf) != Some(*leaf) {
            return broken(THIS, format!("{party} published entry {seq}, which is not on its disk"));
        }
    }
    Ok(())
}

/// A tip told is no longer than the synced log.
pub(in crate::sim) fn announced(book: &Book, party: PartyId, tip: Tip) -> Step<()> {
    let last = book.log(party, party).last().map(|entry| entry.leaf).unwrap_or_default();
    let durable = book.log(party, party).len() as u64;
    if tip.count > durable || (tip.count == durable && tip.head != last) {
        return broken(THIS, format!("{party} announced {} entries, {durable} are on its disk", tip.count));
    }
    Ok(())
}

/// The verdict that a reply names stands in the synced log.
pub(in crate::sim) fn replied(book: &Book, holder: PartyId, answering: &Answering) -> Step<()> {
    if at(book.log(holder, holder), answering.seq).is_none() {
        let what =
            format!("{holder} replied to {} from entry {}, which is not on its disk", answering.lookup, answering.seq);
        return broken(THIS, what);
    }
    Ok(())
}

/// What a process takes for durable is.
pub(in crate::sim) fn counts(book: &Book, party: &Party) -> Step<()> {
    let Some(core) = &party.core else { return Ok(()) };
    for origin in party.directory.parties() {
        let (taken, durable) = (core.tip(origin).count, book.log(party.me, origin).len() as u64);
        if taken > durable {
            let what = format!("{} counts on {taken} entries of {origin}, {durable} are on its disk", party.me);
            return broken(THIS, what);
        }
    }
    Ok(())
}

/// After a power cut the journal still opens, and everything told is in it.
pub(in crate::sim) fn survived(book: &Book, party: &Party) -> Step<()> {
    let me = party.me;
    let log = book.log(me, me);
    for (seq, leaf) in &party.told {
        if at(log, *seq).map(|entry| entry.leaf) != Some(*leaf) {
            return broken(THIS, format!("entry {seq} of {me} was told and is gone after a power cut"));
        }
    }
    let known = party.told.keys().next_back().map_or(0, |last| last + 1);
    match Journal::open(&mut party.disk.copy_of_file(&file_of(me)), me, known) {
        Ok(journal) if journal.tip().count == log.len() as u64 => Ok(()),
        Ok(journal) => {
            let what =
                format!("{me}'s journal opens with {} entries, {} are on its disk", journal.tip().count, log.len());
            broken(THIS, what)
        }
        Err(error) => broken(THIS, format!("{me}'s journal does not open after a power cut: {error}")),
    }
}
