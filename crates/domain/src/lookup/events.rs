//! Events of the lookup: a live, consent-gated question to a holder.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::consent::OrgUnit;
use crate::event::Readers;
use crate::id::{ConsentId, LookupId, PartyId};
use crate::identity::Document;
use crate::item::{Answer, Question};
use crate::purpose::Purpose;
use crate::refusal::Refusal;

/// Most questions in one lookup.
pub const LOOKUP_QUESTIONS_MAX: usize = 16;

/// A lookup was asked; recorded before anything leaves. Own log only (the holder has its own record).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupAsked {
    /// The lookup.
    pub lookup: LookupId,
    /// The party asked.
    pub holder: PartyId,
    /// The consent named.
    pub consent: ConsentId,
    /// Whom it is about.
    pub subject: Document,
    /// What is asked.
    pub questions: Vec<Question>,
    /// What for.
    pub purpose: Purpose,
}

/// The gate permitted a lookup and spent one use of the consent. For the asker and the consent's issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupPermitted {
    /// The lookup.
    pub lookup: LookupId,
    /// Who asked.
    pub requester: OrgUnit,
    /// The consent.
    pub consent: ConsentId,
    /// The consent's issuer.
    pub issuer: PartyId,
    /// Which use of the consent this is, from 1.
    pub use_no: u32,
    /// Whom it is about.
    pub subject: Document,
    /// What is permitted.
    pub questions: Vec<Question>,
    /// What for.
    pub purpose: Purpose,
}

/// The gate denied a lookup. For the asker. Holds nothing of the question's content: a refused question is not the
/// holder's business (`domain.md` §7, S4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupDenied {
    /// The lookup.
    pub lookup: LookupId,
    /// The asking party.
    pub asker: PartyId,
    /// The consent named, when the token could be read.
    pub consent: Option<ConsentId>,
    /// The rule.
    pub refusal: Refusal,
}

/// The holder answered a permitted lookup. For the asker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupAnswered {
    /// The lookup.
    pub lookup: LookupId,
    /// The asking party.
    pub asker: PartyId,
    /// The answers, in the order of the questions.
    pub answers: Vec<Answer>,
}

/// What came of a lookup, as the asker saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LookupOutcome {
    /// The answers were handed to the officer: a read of personal data.
    Answered(Vec<Answer>),
    /// The holder denied.
    Denied(Refusal),
    /// No answer before the deadline.
    Unreachable,
}

/// A lookup ended at the asker. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupClosed {
    /// The lookup.
    pub lookup: LookupId,
    /// What came of it.
    pub outcome: LookupOutcome,
}

impl Readers for LookupAsked {}
impl Readers for LookupClosed {}

impl Readers for LookupPermitted {
    fn readers(&self) -> BTreeSet<PartyId> {
        BTreeSet::from([self.requester.party, self.issuer])
    }
}

impl Readers for LookupDenied {
    fn readers(&self) -> BTreeSet<PartyId> {
        BTreeSet::from([self.asker])
    }
}

impl Readers for LookupAnswered {
    fn readers(&self) -> BTreeSet<PartyId> {
        BTreeSet::from([self.asker])
    }
}
