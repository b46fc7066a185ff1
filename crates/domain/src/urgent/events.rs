//! Events of the urgent notice (紧急通报).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::{PartyId, UrgentId};
use crate::identity::Subject;
use crate::text::{Note, Short};
use crate::time::Instant;

/// What the addressees must know to help, and no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// Who; none when the person can't be identified yet.
    #[serde(default)]
    pub subject: Option<Subject>,
    /// Where, coarse.
    pub place: Short,
    /// What happened.
    pub what: Note,
    /// What is needed now.
    pub need: Note,
    /// Whom to call back at the sender: a desk, not a private number.
    pub call_back: Short,
}

/// An urgent notice was raised on vital interest. For its addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentRaised {
    /// The notice.
    pub urgent: UrgentId,
    /// The addressees.
    pub to: BTreeSet<PartyId>,
    /// The emergency.
    pub emergency: Emergency,
    /// Why the person's life, body or property is in danger: the vital interest it rests on.
    pub vital_interest: Note,
    /// When it happened and was noted on paper, if that was before it could be recorded (the link or the service was
    /// down).
    pub happened_at: Option<Instant>,
}

/// An urgent notice arrived. For the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentDelivered {
    /// The notice.
    pub urgent: UrgentId,
    /// Its sender.
    pub from: PartyId,
}

/// A duty officer acknowledged it. For the sender and the other addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentAcked {
    /// The notice.
    pub urgent: UrgentId,
    /// The other parties of the notice.
    pub others: BTreeSet<PartyId>,
}

/// A party took the case over. For the sender and the other addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentTakenOver {
    /// The notice.
    pub urgent: UrgentId,
    /// The other parties of the notice.
    pub others: BTreeSet<PartyId>,
}

/// A party reported what it did: findings, no contact data. For the other parties of the notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionReported {
    /// The notice.
    pub urgent: UrgentId,
    /// The other parties of the notice.
    pub others: BTreeSet<PartyId>,
    /// Whether the family was reached.
    pub family_contacted: bool,
    /// What was done.
    pub action: Note,
}

/// The sender closed it. For the addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentClosed {
    /// The notice.
    pub urgent: UrgentId,
    /// The addressees.
    pub to: BTreeSet<PartyId>,
    /// How it ended.
    pub outcome: Note,
}

/// The sender justified the notice in writing. For the addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JustificationFiled {
    /// The notice.
    pub urgent: UrgentId,
    /// The addressees.
    pub to: BTreeSet<PartyId>,
    /// The justification.
    pub text: Note,
}

/// A data-protection officer of the sender reviewed the justification. For the addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JustificationReviewed {
    /// The notice.
    pub urgent: UrgentId,
    /// The addressees.
    pub to: BTreeSet<PartyId>,
    /// Whether it is accepted.
    pub accepted: bool,
    /// Why.
    pub note: Note,
}

/// Whom an unacknowledged notice goes to next (`domain.md` §6.2). Wire order is the order here, and so is time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EscalationStep {
    /// The deputy of the duty officer.
    Deputy,
    /// The addressee's secretariat.
    Secretariat,
    /// The secretariats of both sides, for the leading group.
    BothSecretariats,
}

impl EscalationStep {
    /// Every step, in order.
    pub const ALL: [Self; 3] = [Self::Deputy, Self::Secretariat, Self::BothSecretariats];
}

/// Nobody acknowledged a notice in time; it goes one step up. For the other parties of the notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentEscalated {
    /// The notice.
    pub urgent: UrgentId,
    /// The other parties of the notice.
    pub others: BTreeSet<PartyId>,
    /// Whom it goes to.
    pub step: EscalationStep,
}

/// The party that took the case over reported no action in time. For the other parties of the notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentActionOverdue {
    /// The notice.
    pub urgent: UrgentId,
    /// The other parties of the notice.
    pub others: BTreeSet<PartyId>,
}

/// The notice was not justified in time. For the addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JustificationOverdue {
    /// The notice.
    pub urgent: UrgentId,
    /// The addressees.
    pub to: BTreeSet<PartyId>,
    /// When it was due.
    pub due: Instant,
}

/// The sender told an addressee by phone. For all addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentRelayedByPhone {
    /// The notice.
    pub urgent: UrgentId,
    /// The addressee that was told.
    pub to: PartyId,
    /// When.
    pub at: Instant,
    /// The desk spoken with.
    pub spoken_with_desk: Short,
    /// All addressees.
    pub addressees: BTreeSet<PartyId>,
}

/// The sender told the person concerned. For the addressees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectInformed {
    /// The notice.
    pub urgent: UrgentId,
    /// The addressees.
    pub to: BTreeSet<PartyId>,
}

impl Readers for UrgentDelivered {
    fn readers(&self) -> BTreeSet<PartyId> {
        BTreeSet::from([self.from])
    }
}

macro_rules! read_by {
    ($($name:ident.$field:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> { self.$field.clone() }
        }
    )*};
}
read_by!(UrgentRaised.to UrgentAcked.others UrgentTakenOver.others ActionReported.others UrgentClosed.to
    JustificationFiled.to JustificationReviewed.to UrgentEscalated.others UrgentActionOverdue.others
    JustificationOverdue.to UrgentRelayedByPhone.addressees SubjectInformed.to);
