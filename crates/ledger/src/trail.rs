//! The trail of a log's keys: entry after entry, in order, which keys are valid at the next place.
//!
//! Signatures are verified anywhere and on all cores ([`VerifiedEntry::verify`]); that the key was valid at the entry's place
//! is judged here, by whoever follows the log in order: a service its peers' and its own, an auditor any.

use tongcha_domain::event::EventKind;
use tongcha_domain::keys::{KeyTimes, KeyWord, SignedStatement, said_of_keys};

use crate::body::{BodyKey, SealedBody};
use crate::directory::{Directory, StatementError};
use crate::entry::{EntryError, Header, VerifiedEntry};
use crate::key::KeyId;
use tongcha_domain::id::PartyId;

/// The keys of one log, as far as it was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTrail(Option<KeyTimes>);

impl KeyTrail {
    /// Begins before the first entry of a party's log.
    #[must_use]
    pub fn new(directory: &Directory, origin: PartyId) -> Self {
        Self(directory.first_times(origin))
    }

    /// Returns the keys so far; none for a party without a card.
    #[must_use]
    pub fn times(&self) -> Option<&KeyTimes> {
        self.0.as_ref()
    }

    /// Checks that an entry's key is valid at its place. For an entry that says something of keys, returns the trail after it;
    /// the directory has learned of it then. `last_use` tells the last entry before it that is signed with a key.
    ///
    /// # Errors
    /// When the key is not valid there, or what the entry says of keys does not stand there.
    pub fn after(
        &self,
        entry: &VerifiedEntry,
        body: Option<&SealedBody>,
        directory: &Directory,
        last_use: impl Fn(KeyId) -> Option<u64>,
    ) -> Result<Option<Self>, EntryError> {
        let Header { origin, seq, key_id, kind, .. } = *entry.header();
        let fault = |source| EntryError::Keys { seq, source };
        let times = self.0.as_ref().ok_or(EntryError::UnknownKey { origin })?;
        // The entry may have been verified before the key was reported stolen.
        let known = directory.key(origin, key_id).ok_or(EntryError::UnknownKey { origin })?;
        known.check(seq).map_err(fault)?;
        if !says_of_keys(kind) {
            return times.check(key_id.0, seq).map(|()| None).map_err(fault);
        }
        let signed = statement_of(entry.header(), body)?;
        directory.check(&signed).map_err(|source| EntryError::Statement { seq, source })?;
        let mut next = times.clone();
        next.take(seq, key_id.0, &signed.statement, |key| last_use(KeyId(key))).map_err(fault)?;
        next.check(key_id.0, seq).map_err(fault)?;
        match directory.learn(&signed) {
            // A newer report of the same theft is here already, from a file: it counts.
            Ok(()) | Err(StatementError::Old { .. }) => {}
            Err(source) => return Err(EntryError::Statement { seq, source }),
        }
        if let KeyWord::Certified(certificate) = &signed.statement.word {
            directory.switch(origin, KeyId(certificate.key));
        }
        Ok(Some(Self(Some(next))))
    }
}

/// Tells whether entries of a kind say something of their origin's keys.
#[must_use]
pub fn says_of_keys(kind: EventKind) -> bool {
    matches!(kind, EventKind::KeyAdded | EventKind::KeyRetired | EventKind::KeyCompromised)
}

/// Reads what an entry's body says of the keys of its origin. Whether the root says so is not checked.
///
/// # Errors
/// When there is no such body, or it is about another party.
pub fn statement_of(header: &Header, body: Option<&SealedBody>) -> Result<SignedStatement, EntryError> {
    let refused = |source| EntryError::Statement { seq: header.seq, source };
    let body = body.and_then(|sealed| sealed.open(&BodyKey::published(), header).ok());
    let signed = body.as_ref().and_then(|body| said_of_keys(&body.event)).cloned();
    let signed = signed.ok_or_else(|| refused(StatementError::Body))?;
    let (expected, found) = (header.origin, signed.statement.party);
    if expected == found { Ok(signed) } else { Err(refused(StatementError::OtherParty { expected, found })) }
}

#[cfg(test)]
#[path = "trail_tests.rs"]
mod tests;
