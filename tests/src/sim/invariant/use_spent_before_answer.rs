//! Invariant 6: a use is spent durably, in the holder's log, before the answer leaves; exactly n uses, under any race;
//! nothing after the holder has accepted a revocation.

use tongcha_domain::event::Event;
use tongcha_domain::id::{ConsentId, LookupId, PartyId};

use crate::sim::book::{Book, BookEntry};
use crate::sim::failure::{Invariant, Step, broken};
use crate::sim::officers::Cases;
use crate::sim::party::Answering;

const THIS: Invariant = Invariant::UseSpentBeforeAnswer;

/// New entries of a holder's log spend no more than there is, and nothing that was revoked.
pub(in crate::sim) fn entries(book: &Book, cases: &Cases, holder: PartyId, first: usize) -> Step<()> {
    let log = book.log(holder, holder);
    for (at, entry) in log.iter().enumerate().skip(first) {
        match &entry.event {
            Some(Event::LookupPermitted(permitted)) => {
                let consent = permitted.consent;
                let uses = book.uses.get(&(holder, consent)).map(Vec::as_slice).unwrap_or_default();
                let place = uses.iter().position(|spent| spent.lookup == permitted.lookup);
                let number = place.and_then(|place| u32::try_from(place + 1).ok()).unwrap_or(0);
                let allowed = cases.consents.get(&consent).map_or(0, |claims| claims.uses);
                if number != permitted.use_no || number > allowed {
                    let what = format!(
                        "{holder} permits use {} of {consent}, it is the {number}. of {allowed}",
                        permitted.use_no
                    );
                    return broken(THIS, what);
                }
                not_revoked(book, holder, entry, consent)?;
            }
            Some(Event::LookupAnswered(answered)) => {
                let (before, lookup) = (log.get(..at).unwrap_or_default(), answered.lookup);
                let Some(consent) = permitted_in(before, lookup) else {
                    return broken(THIS, format!("{holder} answers {lookup} before it permits it"));
                };
                if before.iter().any(|e| matches!(&e.event, Some(Event::LookupAnswered(a)) if a.lookup == lookup)) {
                    return broken(THIS, format!("{holder} answers {lookup} a second time"));
                }
                not_revoked(book, holder, entry, consent)?;
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}

fn permitted_in(log: &[BookEntry], lookup: LookupId) -> Option<ConsentId> {
    log.iter().find_map(|entry| match &entry.event {
        Some(Event::LookupPermitted(permitted)) if permitted.lookup == lookup => Some(permitted.consent),
        Some(_) | None => None,
    })
}

/// No revocation was accepted before the entry was written: none of the holder's own, none that the entry has seen.
fn not_revoked(book: &Book, holder: PartyId, entry: &BookEntry, consent: ConsentId) -> Step<()> {
    for (revoker, seq) in book.revocations.get(&consent).map(Vec::as_slice).unwrap_or_default() {
        let accepted = if *revoker == holder {
            *seq < entry.header.seq
        } else {
            entry.header.seen.get(revoker).is_some_and(|seen| *seen > *seq)
        };
        if accepted {
            let kind = entry.header.kind.code();
            let what = format!("{holder} wrote {kind} on {consent} after it had accepted {revoker}'s revocation");
            return broken(THIS, what);
        }
    }
    Ok(())
}

/// An answer that leaves has its use spent and itself on record, on the holder's disk.
pub(in crate::sim) fn reply(book: &Book, holder: PartyId, answering: &Answering) -> Step<()> {
    let Answering { lookup, consent, .. } = answering;
    let uses = consent.and_then(|consent| book.uses.get(&(holder, consent)));
    let spent = uses.and_then(|uses| uses.iter().find(|spent| spent.lookup == *lookup));
    match spent {
        Some(spent) if spent.answered => Ok(()),
        Some(_) => broken(THIS, format!("{holder} answers {lookup}, and the answer is not on its disk")),
        None => broken(THIS, format!("{holder} answers {lookup}, and no use of the consent is spent on its disk")),
    }
}
