//! Losses: bodies that went with somebody's disk. The entry stands, the chain is whole, what it said is gone.
//!
//! In scope: entries of peers that came without their body, those of the own log after a recovery, what records of recoveries
//! say of both, and which lookups are refused because of them. Out of scope: restoring files ([`crate::recovery`]), bodies
//! that were erased ([`super::erasure`]).
//!
//! A peer can say that a body is lost, and may lie: its log is in doubt until a record of a recovery in that log, which everybody
//! reads, names the entry. A body that is here is never given up: an entry that is known is not taken again.

use std::collections::{BTreeMap, BTreeSet};

use tongcha_domain::consent::{ConsentClaims, ConsentFacts};
use tongcha_domain::event::{Body, Event, EventKind};
use tongcha_domain::id::PartyId;
use tongcha_domain::lookup::CLOCK_SKEW_MAX_US;
use tongcha_domain::recovery::may_end_consent;
use tongcha_domain::time::Instant;
use tongcha_domain::view::Said;
use tongcha_ledger::entry::Header;

use crate::core::{Core, CoreError};

/// What is known of all logs' losses.
#[derive(Default)]
pub(super) struct Losses(BTreeMap<PartyId, Lost>);

/// What is known of one log's.
#[derive(Default)]
struct Lost {
    /// Records of recoveries that were read, and the entries that they name.
    records: usize,
    said: BTreeSet<u64>,
    /// The last entry without a body that may have ended a consent.
    ended: Option<Ended>,
    /// The last that may have ended one of which the log's party is the holder.
    ended_as_holder: Option<Ended>,
}

/// Where an entry stands that may have ended a consent.
#[derive(Clone)]
struct Ended {
    seq: u64,
    recorded_at: Instant,
    seen: BTreeMap<PartyId, u64>,
}

impl Ended {
    /// Tells whether the consent may be one of those that there were: its grant was seen by then, or is older. The clocks of two
    /// logs may differ; a grant that has not come yet may be older than anything.
    fn may_be(&self, origin: PartyId, issuer: PartyId, granted: Option<&Said>) -> bool {
        granted.is_none_or(|granted| {
            let seen = if origin == issuer { self.seq } else { self.seen.get(&issuer).copied().unwrap_or(0) };
            seen > granted.seq || granted.at <= self.recorded_at.plus_us(CLOCK_SKEW_MAX_US)
        })
    }
}

impl Lost {
    fn note(&mut self, header: &Header) {
        let Header { seq, recorded_at, seen, .. } = header;
        let ended = Ended { seq: *seq, recorded_at: *recorded_at, seen: seen.clone() };
        // They come in order: who wrote the last had seen at least as much as before.
        if may_end_consent(header.kind, false) {
            self.ended = Some(ended.clone());
        }
        if may_end_consent(header.kind, true) {
            self.ended_as_holder = Some(ended);
        }
    }
}

/// An entry for this party of which it has no body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostBody {
    /// Its position.
    pub seq: u64,
    /// Its kind: all that is known of it.
    pub kind: EventKind,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Whether the log says that it is lost.
    pub said: bool,
}

impl Core {
    /// Looks at the start for entries without a body, and reads what recoveries say of them.
    pub(super) fn find_losses(&mut self) -> Result<(), CoreError> {
        let origins: Vec<PartyId> = self.logs.keys().copied().collect();
        for origin in origins {
            for seq in self.bodiless(origin) {
                if let Some((header, _)) = self.header(origin, seq)? {
                    self.note_lost(&header);
                }
            }
        }
        self.hear_losses()
    }

    /// Notes an entry without a body.
    pub(super) fn note_lost(&mut self, header: &Header) {
        self.losses.0.entry(header.origin).or_default().note(header);
    }

    /// Reads the records of recoveries that have become durable.
    pub(super) fn hear_losses(&mut self) -> Result<(), CoreError> {
        let read = |origin: &PartyId| self.losses.0.get(origin).map_or(0, |lost| lost.records);
        let fresh: Vec<(PartyId, u64)> = self
            .logs
            .iter()
            .flat_map(|(origin, log)| log.journal.recoveries().iter().skip(read(origin)).map(|seq| (*origin, *seq)))
            .collect();
        for (origin, seq) in fresh {
            let body = self.recorded(origin, seq)?.and_then(|(_, body)| body);
            let lost = self.losses.0.entry(origin).or_default();
            lost.records += 1;
            if let Some(Body { event: Event::LogRecovered(recovered), .. }) = body {
                tracing::warn!(%origin, seq, lost = recovered.recovery.lost.len(), "a log was recovered");
                lost.said.extend(recovered.recovery.lost.range(..seq));
            }
        }
        Ok(())
    }

    fn bodiless(&self, origin: PartyId) -> BTreeSet<u64> {
        self.logs.get(&origin).map(|log| log.journal.bodiless().clone()).unwrap_or_default()
    }

    /// Returns the own entries among the restored ones that others should have read, and of which the body is lost.
    pub(super) fn lost_to_others(&self, restored: u64) -> Result<Vec<u64>, CoreError> {
        let mut lost = Vec::new();
        for seq in self.bodiless(self.me).range(..restored) {
            let header = self.header(self.me, *seq)?;
            lost.extend(header.filter(|(header, _)| header.audience.len() > 1).map(|_| *seq));
        }
        Ok(lost)
    }

    /// Returns how many bodies a peer did not send because they are lost, while its log does not say so. More than none for
    /// longer than a catch-up takes is a peer that keeps something from us.
    #[must_use]
    pub fn unsaid_losses(&self, origin: PartyId) -> usize {
        let Some(log) = self.logs.get(&origin) else { return 0 };
        let said = self.losses.0.get(&origin).map(|lost| &lost.said);
        log.journal.bodiless().iter().filter(|seq| said.is_none_or(|said| !said.contains(seq))).count()
    }

    /// Returns how many entries of a log have no body here although they are for us.
    #[must_use]
    pub fn bodies_lost(&self, origin: PartyId) -> usize {
        self.logs.get(&origin).map_or(0, |log| log.journal.bodiless().len())
    }

    /// Returns the newest entries of a log that have no body here although they are for us, at most `max`: whoever wrote them is
    /// to be asked again.
    ///
    /// # Errors
    /// When files fail.
    pub fn lost_bodies(&self, origin: PartyId, max: usize) -> Result<Vec<LostBody>, CoreError> {
        let (mut bodies, said) = (Vec::new(), self.losses.0.get(&origin).map(|lost| &lost.said));
        for seq in self.bodiless(origin).into_iter().rev().take(max) {
            // A staged one is not on disk yet.
            let Some((header, _)) = self.header(origin, seq)? else { continue };
            let said = said.is_some_and(|said| said.contains(&seq));
            bodies.push(LostBody { seq, kind: header.kind, recorded_at: header.recorded_at, said });
        }
        bodies.reverse();
        Ok(bodies)
    }

    /// Tells whether a lookup on a consent must be refused because something may be missing of what its parties said: a log is
    /// in doubt, or an entry after the grant has lost its body and may have ended just this consent.
    ///
    /// # Errors
    /// When the view is in doubt.
    pub fn is_doubtful(&self, claims: &ConsentClaims, now: Instant) -> Result<bool, CoreError> {
        let sides = self.rows().sides::<ConsentFacts>(&claims.id)?;
        let granted = sides.granted_by();
        let may_be_ended = |party: PartyId| {
            let lost = self.losses.0.get(&party);
            let ended =
                lost.and_then(|lost| if party == claims.holder { &lost.ended_as_holder } else { &lost.ended }.as_ref());
            ended.is_some_and(|ended| ended.may_be(party, claims.issuer, granted))
        };
        Ok(claims.parties().into_iter().any(|party| self.in_doubt(party, now) || may_be_ended(party)))
    }
}

#[cfg(test)]
mod tests {
    use tongcha_domain::officer::Role;

    use super::*;

    fn said(seq: u64, at: i64) -> Said {
        Said { by: "zh.rv.test".parse().unwrap(), at: Instant(at), seq, role: Role::Reviewer }
    }

    #[test]
    fn a_consent_granted_before_the_loss_may_be_the_one_that_was_ended() {
        let (zhuhai, macau): (PartyId, PartyId) = ("zhuhai".parse().unwrap(), "macau".parse().unwrap());
        let ended = Ended { seq: 5, recorded_at: Instant(0), seen: [(zhuhai, 3)].into() };
        assert!(ended.may_be(macau, zhuhai, None), "a grant that has not come yet");
        let later = CLOCK_SKEW_MAX_US + 1;
        for (origin, seq, at, may_be) in [
            (macau, 3, CLOCK_SKEW_MAX_US, true),
            (macau, 3, later, false),
            (macau, 2, later, true), // seen by then, whatever the clocks say
            (zhuhai, 6, CLOCK_SKEW_MAX_US, true),
            (zhuhai, 6, later, false),
            (zhuhai, 4, later, true),
        ] {
            assert_eq!(ended.may_be(origin, zhuhai, Some(&said(seq, at))), may_be, "{origin} {seq} {at}");
        }
    }
}
