//! Officers, as events name them: who acted, in which role, for which unit.

use serde::{Deserialize, Serialize};

use crate::id::{OfficerId, UnitId};

/// The roles of the exchange (`domain.md` §0.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Role {
    /// Liaison officer 联络员.
    #[serde(rename = "LO")]
    Liaison,
    /// Caseworker 经办.
    #[serde(rename = "CW")]
    Caseworker,
    /// Second-person reviewer.
    #[serde(rename = "RV")]
    Reviewer,
    /// District or functional-area civil affairs officer.
    #[serde(rename = "DO")]
    District,
    /// NGO social worker.
    #[serde(rename = "SW")]
    SocialWorker,
    /// Part-time grid member 议事员.
    #[serde(rename = "GR")]
    GridMember,
    /// Hotline or emergency duty officer.
    #[serde(rename = "HO")]
    Duty,
    /// Bank contact.
    #[serde(rename = "BK")]
    Bank,
    /// Finance or fund officer.
    #[serde(rename = "FN")]
    Finance,
    /// Leading-group secretariat.
    #[serde(rename = "SEC")]
    Secretariat,
    /// Auditor.
    #[serde(rename = "AU")]
    Auditor,
    /// Data-protection officer.
    #[serde(rename = "DP")]
    DataProtection,
    /// Data subject or guardian.
    #[serde(rename = "SU")]
    DataSubject,
    /// System administrator; no access to content.
    #[serde(rename = "SA")]
    Administrator,
    /// The service itself: automatic receipts and gate decisions. No officer can be enrolled with it.
    #[serde(rename = "NODE")]
    Node,
}

/// Who acts. Recorded in the sealed body of every event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The officer.
    pub officer: OfficerId,
    /// The role acted in.
    pub role: Role,
    /// The org unit acted for.
    pub unit: UnitId,
}
