//! The directory: the parties' cards, and every key that their root keys have certified since.
//!
//! A key that is known is not a key that is valid: where in a log it is valid is for [`crate::trail`] to say, in order. What
//! the directory itself says is what a root has put in numbers: nothing by a key before its certificate begins, and nothing
//! by a stolen key from the cut on. That needs no knowledge of the log, so entries can be verified on all cores.
//!
//! The directory learns while it is in use: what it learns is proved by the root's signature, from wherever it came.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tongcha_domain::id::PartyId;
use tongcha_domain::keys::{KeyCertificate, KeyEnd, KeyFault, KeyStatement, KeyTimes, KeyWord, SignedStatement};
use tongcha_domain::time::Date;

use crate::key::{KeyError, KeyId, PartyCard, PartyKeys};
use crate::root::{RootKey, StatementTextError, read_statement};

/// Why a root's statement is not taken up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The text is no statement.
    #[error("not a statement of a root key")]
    Text(#[from] StatementTextError),
    /// The body is not one that holds a statement of its kind.
    #[error("the body holds no such statement")]
    Body,
    /// The party has no card here.
    #[error("{0} has no card here")]
    Party(PartyId),
    /// The statement is about another party's keys than the log it stands in, or the card it is on.
    #[error("a statement about the keys of {found} in the name of {expected}")]
    OtherParty {
        /// Whose it should be.
        expected: PartyId,
        /// Whose it is.
        found: PartyId,
    },
    /// The party's card names no root key.
    #[error("the card of {0} names no root key: it can't certify another key")]
    NoRoot(PartyId),
    /// The root did not sign it.
    #[error("not signed by the root key of {0}")]
    Root(PartyId),
    /// The certified key itself.
    #[error("the certified key is refused")]
    Key(#[from] KeyError),
    /// The certificate names its key wrongly.
    #[error("the certificate names its key wrongly")]
    Name,
    /// About a key that no certificate names.
    #[error("about a key of {0} that is not known")]
    UnknownKey(PartyId),
    /// Older than another that says the same of the same key.
    #[error("statement {serial} about this key is not newer than number {last}")]
    Old {
        /// Its number.
        serial: u32,
        /// The number of the one taken.
        last: u32,
    },
}

/// A key as the directory knows it.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// The key.
    pub keys: Arc<PartyKeys>,
    /// It signs nothing before this place.
    pub from_seq: u64,
    /// It was reported stolen: what it signs counts before this place only.
    pub cut: Option<u64>,
}

impl KnownKey {
    /// Checks a place against the numbers that the root has given: the rest is for who follows the log.
    ///
    /// # Errors
    /// When the key counts later, or no longer.
    pub fn check(&self, seq: u64) -> Result<(), KeyFault> {
        let from_seq = self.from_seq;
        match self.cut {
            Some(until) if seq >= until => Err(KeyFault::Ended { how: KeyEnd::Compromised, until }),
            Some(_) | None if seq < from_seq => Err(KeyFault::Early { from_seq }),
            Some(_) | None => Ok(()),
        }
    }
}

#[derive(Clone, Debug)]
struct Ring {
    root: Option<RootKey>,
    known: Vec<Known>,
    /// The key that the party signs with and that others seal for, as far as its log was followed.
    current: KeyId,
    statements: BTreeMap<u32, SignedStatement>,
}

#[derive(Clone, Debug)]
struct Known {
    key: KnownKey,
    certificate: Option<(u32, KeyCertificate)>,
    /// Number of the statement that reported it stolen.
    reported: u32,
}

impl Ring {
    fn find(&self, key_id: KeyId) -> Option<&Known> {
        self.known.iter().rev().find(|known| known.key.keys.key_id() == key_id)
    }
}

/// The parties of the exchange and their keys.
#[derive(Debug, Default)]
pub struct Directory(RwLock<BTreeMap<PartyId, Ring>>);

impl Clone for Directory {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.read().clone()))
    }
}

impl Directory {
    /// Registers the cards, with the statements on them.
    ///
    /// # Errors
    /// When a card fails a check, or a party has two.
    pub fn new<'a>(cards: impl IntoIterator<Item = &'a PartyCard>) -> Result<Self, KeyError> {
        let directory = Self::default();
        for card in cards {
            directory.register(card)?;
        }
        Ok(directory)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<PartyId, Ring>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<PartyId, Ring>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn register(&self, card: &PartyCard) -> Result<(), KeyError> {
        let keys = PartyKeys::register(card)?;
        let root = card.root.as_ref().map(|root| RootKey::register(&root.0)).transpose()?;
        let rooted = root.is_some();
        let current = keys.key_id();
        let first =
            Known { key: KnownKey { keys: Arc::new(keys), from_seq: 0, cut: None }, certificate: None, reported: 0 };
        let ring = Ring { root, known: vec![first], current, statements: BTreeMap::new() };
        if self.write().insert(card.party, ring).is_some() {
            return Err(KeyError::Duplicate(card.party));
        }
        let refused = |error| KeyError::Statement(card.party, Box::new(error));
        for text in &card.statements {
            let signed = read_statement(text).map_err(|error| refused(error.into()))?;
            if signed.statement.party != card.party {
                let (expected, found) = (card.party, signed.statement.party);
                return Err(refused(StatementError::OtherParty { expected, found }));
            }
            self.learn(&signed).map_err(refused)?;
        }
        // The card's key must be the root's too: else whoever has the key could name a root of their own.
        if rooted && self.with(card.party, |ring| ring.known.first().is_none_or(|first| first.certificate.is_none())) {
            return Err(KeyError::Uncertified(card.party));
        }
        Ok(())
    }

    fn with<T: Default>(&self, party: PartyId, read: impl FnOnce(&Ring) -> T) -> T {
        self.read().get(&party).map(read).unwrap_or_default()
    }

    /// Returns the key that a party signs with and is sealed for.
    #[must_use]
    pub fn party(&self, party: PartyId) -> Option<Arc<PartyKeys>> {
        self.with(party, |ring| ring.find(ring.current).map(|known| known.key.keys.clone()))
    }

    /// Returns what is known of a key of a party.
    #[must_use]
    pub fn key(&self, party: PartyId, key_id: KeyId) -> Option<KnownKey> {
        self.with(party, |ring| ring.find(key_id).map(|known| known.key.clone()))
    }

    /// Returns every known key of a party, the newest last.
    #[must_use]
    pub fn keys(&self, party: PartyId) -> Vec<KnownKey> {
        self.with(party, |ring| ring.known.iter().map(|known| known.key.clone()).collect())
    }

    /// Returns the parties, in order of their names.
    pub fn parties(&self) -> impl Iterator<Item = PartyId> + use<> {
        self.read().keys().copied().collect::<Vec<_>>().into_iter()
    }

    /// Returns where the keys of a party's log begin: with the one on its card.
    #[must_use]
    pub fn first_times(&self, party: PartyId) -> Option<KeyTimes> {
        self.with(party, |ring| {
            let first = ring.known.first()?;
            let serial = first.certificate.as_ref().map_or(0, |(serial, _)| *serial);
            Some(KeyTimes::new(first.key.keys.key_id().0, serial))
        })
    }

    /// Returns when a party's current key is to be replaced; none when no certificate says so.
    #[must_use]
    pub fn not_after(&self, party: PartyId) -> Option<Date> {
        self.with(party, |ring| ring.find(ring.current)?.certificate.as_ref().map(|(_, one)| one.not_after))
    }

    /// Returns a party's root key.
    #[must_use]
    pub fn root(&self, party: PartyId) -> Option<RootKey> {
        self.with(party, |ring| ring.root.clone())
    }

    /// Returns what a party's root was heard to say, in its order.
    #[must_use]
    pub fn statements(&self, party: PartyId) -> Vec<SignedStatement> {
        self.with(party, |ring| ring.statements.values().cloned().collect())
    }

    /// Tells whether a key was reported stolen.
    #[must_use]
    pub fn is_compromised(&self, party: PartyId, key_id: KeyId) -> bool {
        self.key(party, key_id).is_some_and(|known| known.cut.is_some())
    }

    /// Returns the number of the last report of a key's theft that was here, also of one that was set aside; 0 when none was.
    #[must_use]
    pub fn reported(&self, party: PartyId, key_id: KeyId) -> u32 {
        self.with(party, |ring| ring.find(key_id).map_or(0, |known| known.reported))
    }

    /// Checks that the party's root says this.
    ///
    /// # Errors
    /// When there is no such party, it has no root, or the root did not sign it.
    pub fn check(&self, signed: &SignedStatement) -> Result<(), StatementError> {
        let party = signed.statement.party;
        let rings = self.read();
        let ring = rings.get(&party).ok_or(StatementError::Party(party))?;
        let root = ring.root.as_ref().ok_or(StatementError::NoRoot(party))?;
        if root.verify(signed) { Ok(()) } else { Err(StatementError::Root(party)) }
    }

    /// Takes up what a root says: a key that is known from now on, or one that was stolen.
    ///
    /// # Errors
    /// When the root does not say so, the key is refused, or something newer was said of it.
    pub fn learn(&self, signed: &SignedStatement) -> Result<(), StatementError> {
        self.check(signed)?;
        let KeyStatement { party, serial, ref word } = signed.statement;
        let mut rings = self.write();
        let ring = rings.get_mut(&party).ok_or(StatementError::Party(party))?;
        match word {
            KeyWord::Certified(certificate) => {
                let keys = PartyKeys::certified(party, certificate)?;
                if keys.key_id().0 != certificate.key {
                    return Err(StatementError::Name);
                }
                let certificate = Some((serial, certificate.clone()));
                let from_seq = certificate.as_ref().map_or(0, |(_, one)| one.from_seq);
                match ring.known.iter_mut().find(|known| known.key.keys.key_id() == keys.key_id()) {
                    Some(known) => {
                        if known.certificate.is_none() && known.key.keys.sealing() == keys.sealing() {
                            known.certificate = certificate;
                        }
                    }
                    None => {
                        let key = KnownKey { keys: Arc::new(keys), from_seq, cut: None };
                        ring.known.push(Known { key, certificate, reported: 0 });
                    }
                }
            }
            KeyWord::Retired { .. } => {}
            KeyWord::Compromised { key, cut } => {
                let known = ring.known.iter_mut().find(|known| known.key.keys.key_id().0 == *key);
                let known = known.ok_or(StatementError::UnknownKey(party))?;
                if ring.statements.get(&serial) == Some(signed) && known.reported == serial {
                    return Ok(());
                }
                if serial <= known.reported {
                    return Err(StatementError::Old { serial, last: known.reported });
                }
                known.key.cut = Some(*cut);
                known.reported = serial;
            }
        }
        ring.statements.insert(serial, signed.clone());
        Ok(())
    }

    /// Sets a report of theft aside that would take back what was accepted. A newer one is taken up again.
    pub fn set_aside(&self, party: PartyId, key_id: KeyId) {
        if let Some(ring) = self.write().get_mut(&party) {
            let known = ring.known.iter_mut().find(|known| known.key.keys.key_id() == key_id);
            let Some(known) = known else { return };
            known.key.cut = None;
            ring.statements.remove(&known.reported);
        }
    }

    /// Notes that a party's log has gone over to a key.
    pub fn switch(&self, party: PartyId, key_id: KeyId) {
        if let Some(ring) = self.write().get_mut(&party)
            && ring.find(key_id).is_some()
        {
            ring.current = key_id;
        }
    }
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
