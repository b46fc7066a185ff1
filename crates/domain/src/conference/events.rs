//! Events of the case conference.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::CaseRef;
use crate::event::Readers;
use crate::id::{ConferenceId, ConsentId, LineNo, OfficerId, PartyId};
use crate::text::{Note, Short};
use crate::time::Date;

/// Most officers of one party who need to know: a caseworker, a reviewer, a liaison officer with deputies, and people
/// from services; who names more has not asked who needs to know.
pub const PARTICIPANTS_MAX: usize = 12;

/// Why a person may be spoken of across the border.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = ConferenceBasis))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Basis {
    /// The person's consent; it names every party of the conference.
    Consent(ConsentId),
    /// The person's vital interest, in words.
    VitalInterest(Note),
}

/// A key case was nominated. For the parties invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseNominated {
    /// The conference.
    pub conference: ConferenceId,
    /// The parties invited.
    pub to: BTreeSet<PartyId>,
    /// The case, by reference.
    pub case: CaseRef,
    /// The least one must know to give an opinion.
    pub summary: Note,
    /// Why the person may be spoken of.
    pub basis: Basis,
    /// The officers of the nominating party who need to know; whoever nominates is one of them.
    pub need_to_know: BTreeSet<OfficerId>,
}

/// One more party was invited; it is told the nomination. For all parties of the conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyInvited {
    /// Who.
    pub party: PartyId,
    /// The other parties of the conference so far.
    pub others: BTreeSet<PartyId>,
    /// The nomination.
    pub nomination: CaseNominated,
}

/// A party named its officers who need to know; the last list holds. For the other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantsNamed {
    /// The conference.
    pub conference: ConferenceId,
    /// The other parties of the conference.
    pub others: BTreeSet<PartyId>,
    /// The officers.
    pub officers: BTreeSet<OfficerId>,
}

/// An officer gave an opinion. For the other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpinionSubmitted {
    /// The conference.
    pub conference: ConferenceId,
    /// The other parties of the conference.
    pub others: BTreeSet<PartyId>,
    /// The opinion.
    pub opinion: Note,
}

/// The nominating party concluded the conference. For the other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseConcluded {
    /// The conference.
    pub conference: ConferenceId,
    /// The other parties of the conference.
    pub others: BTreeSet<PartyId>,
    /// What was decided.
    pub decision: Note,
    /// The party in charge of the case from now on.
    pub owner: PartyId,
    /// How it goes on.
    pub follow_up: Note,
}

/// A follow-up was assigned. For the other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpAssigned {
    /// The conference.
    pub conference: ConferenceId,
    /// The other parties of the conference.
    pub others: BTreeSet<PartyId>,
    /// Its number, from 1.
    pub no: LineNo,
    /// What is to be done.
    pub what: Short,
    /// The party that does it.
    pub owner: PartyId,
    /// The last day on which it is on time.
    pub due: Option<Date>,
}

/// A follow-up was closed by the party that owns it. For the other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpClosed {
    /// The conference.
    pub conference: ConferenceId,
    /// The other parties of the conference.
    pub others: BTreeSet<PartyId>,
    /// Its number.
    pub no: LineNo,
    /// What came of it.
    pub outcome: Note,
}

impl Readers for PartyInvited {
    fn readers(&self) -> BTreeSet<PartyId> {
        self.others.iter().copied().chain([self.party]).collect()
    }
}

macro_rules! read_by {
    ($($name:ident.$field:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> { self.$field.clone() }
        }
    )*};
}
read_by!(CaseNominated.to ParticipantsNamed.others OpinionSubmitted.others CaseConcluded.others
    FollowUpAssigned.others FollowUpClosed.others);
