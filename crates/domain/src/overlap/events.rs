//! Events of matching. The run's are for the two parties of it; everything about a candidate is for the own log only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::{CandidateId, MatchRunId, PartyId};
use crate::identity::Document;
use crate::text::{Note, Short};
use crate::time::{Date, Period};

/// How sets are compared. A closed list: a new version is a decision of the parties. Wire order: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum MatchMethod {
    /// Verifiable oblivious PRF of RFC 9497 (ristretto255, SHA-512) on document keys, once in each direction.
    #[serde(rename = "voprf-ristretto255-1")]
    Voprf1,
}

/// What a run rests on. All three are needed: consent alone is not enough on either side (`domain.md` §0-4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MatchBasis {
    /// The clause of the agreement that the members of the sets consented to.
    pub agreement_clause: Short,
    /// Number of Macau's authorisation of the interconnection (Law 8/2005, art. 22).
    pub interconnection_authorisation: Short,
    /// Number of the mainland's assessment of the transfer (PIPL, art. 36).
    pub mainland_assessment: Short,
}

/// A run was proposed to the other party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRunProposed {
    /// The run.
    pub run: MatchRunId,
    /// The other party.
    pub with: PartyId,
    /// What for, as the agreement's clause says it.
    pub purpose: Short,
    /// What it rests on.
    pub basis: MatchBasis,
    /// The month compared.
    pub period: Period,
    /// How.
    pub method: MatchMethod,
    /// Most elements of either set; at most [`super::ELEMENTS_MAX`].
    pub elements_max: u32,
}

/// A data-protection officer of one side authorised the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRunAuthorised {
    /// The run.
    pub run: MatchRunId,
    /// Who proposed what was authorised.
    pub proposer: PartyId,
    /// The other party of the run.
    pub other: PartyId,
}

/// One side's service made its set and began: the run is spent here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRunBegun {
    /// The run.
    pub run: MatchRunId,
    /// The other party of the run.
    pub other: PartyId,
    /// Document keys in the own set.
    pub elements: u32,
    /// Persons in the own set.
    pub persons: u32,
}

/// The run is complete on this side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRunExecuted {
    /// The run.
    pub run: MatchRunId,
    /// The other party of the run.
    pub other: PartyId,
    /// How it was done.
    pub method: MatchMethod,
    /// Document keys in the own set.
    pub own_elements: u32,
    /// Document keys in the other's set, as it sent them.
    pub peer_elements: u32,
    /// Own persons in the overlap. The sides can differ: what is one person here may be two records there.
    pub overlap: u32,
}

/// Why a run that began did not end. Wire order: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// The other side did not answer, or this service stopped in between.
    Interrupted,
    /// The other side refused to go on.
    Refused,
    /// The other side's messages are not what the method asks for: a wrong proof, a set of another size.
    Protocol,
}

/// The run ended without a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRunFailed {
    /// The run.
    pub run: MatchRunId,
    /// The other party of the run.
    pub other: PartyId,
    /// Why.
    pub reason: FailureReason,
}

/// A reviewer took the run's candidates: the one person of this side who sees them unconfirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchReviewTaken {
    /// The run.
    pub run: MatchRunId,
    /// Why this officer, when another had it before.
    pub reason: Note,
}

/// The own record behind a candidate. Nothing of the other side: no amount, no name, no programme of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OwnRecord {
    /// The own household's reference.
    pub reference: Short,
    /// The own document whose key the other side has as well.
    pub document: Document,
    /// The own programme.
    pub programme: Short,
}

/// A person of the own set is in the overlap; unconfirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateFound {
    /// The candidate.
    pub candidate: CandidateId,
    /// The own record.
    pub record: OwnRecord,
}

/// The reviewer found that it is the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlapConfirmed {
    /// The candidate.
    pub candidate: CandidateId,
}

/// Why an overlap is none. Wire order: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DismissalReason {
    /// A document number was recorded wrongly, here or there.
    WrongDocument,
    /// Two persons.
    DifferentPersons,
    /// Assistance had ended, or had not begun, in the month.
    NotInMonth,
    /// Something else; the note says what.
    Other,
}

/// The reviewer dismissed the overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlapDismissed {
    /// The candidate.
    pub candidate: CandidateId,
    /// Why.
    pub reason: DismissalReason,
    /// In words.
    pub note: Note,
}

/// Whether the rules forbid both benefits. Wire order: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Assessment {
    /// Both may be received: not means-tested, or a month's overlap during relocation.
    Lawful,
    /// The person is asked.
    ToClarify,
}

/// The reviewer assessed a confirmed overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlapAssessed {
    /// The candidate.
    pub candidate: CandidateId,
    /// What the rules say.
    pub assessment: Assessment,
    /// Which rule.
    pub note: Note,
}

/// The person was invited to be heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingInvited {
    /// The candidate.
    pub candidate: CandidateId,
    /// The day of the hearing.
    pub on: Date,
    /// Where, and what the person was told: what was compared, and that it can be contested.
    pub note: Note,
}

/// What the person said was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementRecorded {
    /// The candidate.
    pub candidate: CandidateId,
    /// The statement.
    pub statement: Note,
}

/// The person was told what this side decided under its own law; the overlap is clarified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnDecisionNotified {
    /// The candidate.
    pub candidate: CandidateId,
    /// The decision, and how it can be contested.
    pub decision: Note,
}

/// A dismissed candidate's data was sealed: nobody is shown it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateSealed {
    /// The candidate.
    pub candidate: CandidateId,
}

impl Readers for MatchRunProposed {
    fn readers(&self) -> BTreeSet<PartyId> {
        [self.with].into()
    }
}

macro_rules! for_the_other {
    ($($name:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> {
                [self.other].into()
            }
        }
    )*};
}
for_the_other!(MatchRunAuthorised MatchRunBegun MatchRunExecuted MatchRunFailed);

macro_rules! for_the_own_log {
    ($($name:ident)*) => {$(
        impl Readers for $name {}
    )*};
}
for_the_own_log!(
    MatchReviewTaken CandidateFound OverlapConfirmed OverlapDismissed OverlapAssessed HearingInvited StatementRecorded
    OwnDecisionNotified CandidateSealed
);
