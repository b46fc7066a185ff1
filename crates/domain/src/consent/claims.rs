//! What a consent says: the content of the signed letter, and of the token made from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{ConsentId, OfficerId, PartyId, UnitId};
use crate::identity::{Document, Subject};
use crate::item::{Granularity, Item};
use crate::purpose::{Language, LegalBasis, Purpose};
use crate::text::Short;
use crate::time::{Date, Instant};

/// Most persons one letter covers: one adult and the minors they sign for.
pub const SUBJECTS_MAX: usize = 12;

/// Most signatures on one letter: each person it covers, and both parents for a minor (`domain.md` §7, S7).
pub const SIGNERS_MAX: usize = 2 * SUBJECTS_MAX;

/// Most uses one consent allows; a monthly check over the longest term (12 months) with a repeat each.
pub const USES_MAX: u32 = 24;

/// Most later letters that add signatures: the second parent and one after-thought.
pub const SUPPLEMENTS_MAX: usize = 3;

/// Longest term of a consent in days: 12 months (`domain.md` §6.2).
pub const TERM_DAYS_MAX: i64 = 366;

/// In which capacity a person signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// For themselves.
    Own,
    /// As a parent (mainland 监护, Macau 親權).
    ParentalAuthority,
    /// As an appointed guardian.
    Guardian,
    /// As a welfare institution.
    Institution,
}

/// Whose hand a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SignedBy {
    /// A person the letter covers: position in the list of subjects, from 0.
    Subject(u8),
    /// Somebody else: position in the list of other signatories, from 0.
    Other(u8),
}

/// Who signed without being covered by the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Signatory {
    /// A parent or an appointed guardian.
    Person(Subject),
    /// A welfare institution, by its name.
    Institution(Short),
}

/// A signature on the letter. Holds nothing personal: it stands in the open in the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Whom it covers: position in the list of subjects, from 0.
    pub subject: u8,
    /// In which capacity.
    pub capacity: Capacity,
    /// When.
    pub signed_on: Date,
    /// Whose it is.
    pub by: SignedBy,
    /// SHA-256 of the document that appoints a guardian or an institution; needed of those, of nobody else.
    pub appointment: Option<[u8; 32]>,
}

impl Signer {
    /// Makes the signature of a covered person for themselves.
    #[must_use]
    pub fn own(subject: u8, signed_on: Date) -> Self {
        Self { subject, capacity: Capacity::Own, signed_on, by: SignedBy::Subject(subject), appointment: None }
    }
}

/// An org unit of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrgUnit {
    /// The party.
    pub party: PartyId,
    /// The unit.
    pub unit: UnitId,
}

/// A consent in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentClaims {
    /// Its id; also the token's.
    pub id: ConsentId,
    /// The party where the letter was signed.
    pub issuer: PartyId,
    /// The party that may answer.
    pub holder: PartyId,
    /// The unit that may ask.
    pub requester: OrgUnit,
    /// What may be asked, and how finely.
    pub items: BTreeMap<Item, Granularity>,
    /// What for.
    pub purpose: Purpose,
    /// The legal basis of the exchange itself (the agreement's article or a filing).
    pub legal_basis: LegalBasis,
    /// First instant it holds.
    pub not_before: Instant,
    /// First instant it no longer holds.
    pub not_after: Instant,
    /// How often it may be used.
    pub uses: u32,
    /// SHA-256 of the signed letter.
    pub letter_digest: [u8; 32],
    /// Who signed.
    pub signers: Vec<Signer>,
    /// The officer who witnessed the signature.
    pub witness: OfficerId,
    /// Language of the letter.
    pub language: Language,
    /// Whom it covers; sealed in the token.
    pub subjects: Vec<Subject>,
    /// Who else signed; not in the token at all.
    pub others: Vec<Signatory>,
    /// Items to which the letter consents separately (PIPL arts. 29, 31: sensitive ones).
    pub separate: BTreeSet<Item>,
    /// SHA-256 of each later letter that added signatures, in order; at most [`SUPPLEMENTS_MAX`].
    pub supplements: Vec<[u8; 32]>,
}

impl ConsentClaims {
    /// Returns the parties of the consent: issuer, holder and requester; each of them may revoke it.
    #[must_use]
    pub fn parties(&self) -> BTreeSet<PartyId> {
        BTreeSet::from([self.issuer, self.holder, self.requester.party])
    }

    /// Returns the person whose hand a signature is; none for an institution's.
    #[must_use]
    pub fn signatory(&self, by: SignedBy) -> Option<&Document> {
        match by {
            SignedBy::Subject(position) => self.subjects.get(usize::from(position)).map(|subject| &subject.document),
            SignedBy::Other(position) => match self.others.get(usize::from(position))? {
                Signatory::Person(person) => Some(&person.document),
                Signatory::Institution(_) => None,
            },
        }
    }

    /// Tells whether a person signed for a subject, or is that subject.
    #[must_use]
    pub fn signed_for(&self, by: SignedBy, subject: &Document) -> bool {
        let is_subject = |position: u8| {
            let covered = self.subjects.get(usize::from(position));
            covered.is_some_and(|covered| covered.document.key() == subject.key())
        };
        let signed = self.signers.iter().any(|signer| signer.by == by && is_subject(signer.subject));
        signed || self.signatory(by).is_some_and(|person| person.key() == subject.key())
    }

    /// Returns the version of the consent: 1 as first signed, and one more for each later letter that completed it.
    #[must_use]
    pub fn version(&self) -> u16 {
        u16::try_from(self.supplements.len()).unwrap_or(u16::MAX).saturating_add(1)
    }
}
