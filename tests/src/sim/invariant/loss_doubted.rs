//! Invariant 21: an entry that came without its body is named as lost in its own log before that log is trusted again, and no
//! lookup is permitted on a consent that such an entry may have ended.

use tongcha_domain::event::Event;
use tongcha_domain::id::{ConsentId, PartyId};
use tongcha_domain::recovery::may_end_consent;

use crate::sim::book::{Book, BookEntry};
use crate::sim::failure::{Invariant, Step, broken};
use crate::sim::officers::Cases;
use crate::sim::world::World;

const THIS: Invariant = Invariant::LossDoubted;

/// Tells whether a log, as far as it was seen, says that the body of an entry is lost.
fn is_named(book: &Book, origin: PartyId, seq: u64, seen: usize) -> bool {
    let own = book.log(origin, origin);
    own.iter().take(seen).filter(|entry| entry.header.seq > seq).any(|entry| match &entry.event {
        Some(Event::LogRecovered(recovered)) => recovered.recovery.lost.contains(&seq),
        Some(_) | None => false,
    })
}

fn grant(book: &Book, issuer: PartyId, consent: ConsentId) -> Option<&BookEntry> {
    book.log(issuer, issuer).iter().find(|entry| match &entry.event {
        Some(Event::ConsentGranted(granted)) => granted.claims.id == consent,
        Some(_) | None => false,
    })
}

/// New permits of a holder rest on nothing that may have been forbidden.
pub(in crate::sim) fn permits(book: &Book, cases: &Cases, holder: PartyId, first: usize) -> Step<()> {
    for entry in book.log(holder, holder).iter().skip(first) {
        let Some(Event::LookupPermitted(permitted)) = &entry.event else { continue };
        let Some(claims) = cases.consents.get(&permitted.consent) else { continue };
        let granted = grant(book, claims.issuer, claims.id);
        for party in claims.parties() {
            let seen =
                if party == holder { entry.header.seq } else { entry.header.seen.get(&party).copied().unwrap_or(0) };
            let seen = usize::try_from(seen).unwrap_or(usize::MAX);
            let may_forbid = |lost: &&BookEntry| {
                let unnamed = party != holder && !is_named(book, party, lost.header.seq, seen);
                let before = |granted: &BookEntry| {
                    let seen = if party == claims.issuer {
                        Some(&lost.header.seq)
                    } else {
                        lost.header.seen.get(&claims.issuer)
                    };
                    seen.is_some_and(|seen| *seen > granted.header.seq)
                };
                let later = granted.is_none_or(before);
                lost.lost && (unnamed || (later && may_end_consent(lost.header.kind, party == claims.holder)))
            };
            if let Some(lost) = book.log(holder, party).iter().take(seen).find(may_forbid) {
                let (seq, kind, permit) = (lost.header.seq, lost.header.kind.code(), entry.header.seq);
                let what = format!(
                    "{holder} permits a lookup in entry {permit}, and has no body of entry {seq} ({kind}) of {party}"
                );
                return broken(THIS, what);
            }
        }
    }
    Ok(())
}

/// At rest what came without its body is named.
pub(in crate::sim) fn named(world: &World) -> Step<()> {
    for party in world.ids() {
        for origin in world.peers_of(party) {
            let seen = world.book.log(party, origin).len();
            let unnamed = |entry: &&BookEntry| entry.lost && !is_named(&world.book, origin, entry.header.seq, seen);
            let core = world.parties.get(&party).and_then(|at| at.core.as_ref());
            let doubted = core.map_or(0, |core| core.unsaid_losses(origin));
            if let Some(entry) = world.book.log(party, origin).iter().find(unnamed) {
                let seq = entry.header.seq;
                return broken(
                    THIS,
                    format!("{party} has no body of entry {seq} of {origin}, which nobody calls lost"),
                );
            }
            if doubted > 0 {
                return broken(THIS, format!("{party} still doubts {doubted} bodies of {origin} that are called lost"));
            }
        }
    }
    Ok(())
}
