//! Events of the consent (授权书).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::consent::{ConsentClaims, SignedBy};
use crate::event::Readers;
use crate::id::{ConsentId, PartyId};
use crate::text::Note;
use crate::time::Instant;

/// A consent was recorded from a signed letter; not yet in force. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRecorded {
    /// What the letter says.
    pub claims: ConsentClaims,
}

/// A second officer compared the record with the letter and countersigned: the consent is in force, a token may be
/// made. For the holder and the requester.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentGranted {
    /// What the letter says.
    pub claims: ConsentClaims,
}

/// How a consent was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RevocationForm {
    /// By a signed letter.
    Letter,
    /// In person, before an officer.
    InPerson,
}

/// A consent was withdrawn; nothing more is answered on it. For the other parties of the consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRevoked {
    /// The consent.
    pub consent: ConsentId,
    /// The other parties of the consent.
    pub others: BTreeSet<PartyId>,
    /// How it was withdrawn.
    pub form: RevocationForm,
    /// When the person withdrew it.
    pub effective_at: Instant,
    /// About whom: positions in the list of subjects, from 0. Empty: the whole consent.
    pub subjects: BTreeSet<u8>,
    /// Whose signature was withdrawn, as in the letter's list of signatures.
    pub by: SignedBy,
}

/// A later letter added signatures to a consent that is not in force yet. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentCompleted {
    /// What the letters say together.
    pub claims: ConsentClaims,
}

/// Why a consent is closed before its term ends (`domain.md` §7, S3-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The decision is made and the time to appeal is over.
    DecisionFinal,
    /// The application was withdrawn.
    ApplicationWithdrawn,
}

/// A consent was closed; nothing more is answered on it. For the other parties of the consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentClosed {
    /// The consent.
    pub consent: ConsentId,
    /// The other parties of the consent.
    pub others: BTreeSet<PartyId>,
    /// Why.
    pub reason: CloseReason,
}

/// The term of a consent is over; recorded by the issuer's service. For the other parties of the consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentExpired {
    /// The consent.
    pub consent: ConsentId,
    /// The other parties of the consent.
    pub others: BTreeSet<PartyId>,
}

/// A minor has reached an age at which the letter has to be looked at again; recorded by the issuer's service. At 18 what
/// others signed for the person has lapsed. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentReviewDue {
    /// The consent.
    pub consent: ConsentId,
    /// The person: position in the list of subjects, from 0.
    pub subject: u8,
    /// The age in full years.
    pub age: u8,
}

/// The record of a letter that was not countersigned was given up. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentDiscarded {
    /// The consent.
    pub consent: ConsentId,
    /// Why.
    pub reason: Note,
}

impl Readers for ConsentDiscarded {}
impl Readers for ConsentCompleted {}
impl Readers for ConsentReviewDue {}

impl Readers for ConsentClosed {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}

impl Readers for ConsentExpired {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}

impl Readers for ConsentRecorded {}

impl Readers for ConsentGranted {
    fn readers(&self) -> BTreeSet<PartyId> {
        let ConsentClaims { issuer, holder, requester, .. } = &self.claims;
        BTreeSet::from([*holder, requester.party]).into_iter().filter(|party| party != issuer).collect()
    }
}

impl Readers for ConsentRevoked {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.clone()
    }
}
