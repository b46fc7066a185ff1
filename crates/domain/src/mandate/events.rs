//! Events of the mandate.

use serde::{Deserialize, Serialize};

use crate::consent::{OrgUnit, RevocationForm};
use crate::event::Readers;
use crate::id::{MandateId, OfficerId};
use crate::identity::Subject;
use crate::text::Short;
use crate::time::{Date, Instant};

/// Most services one mandate names.
pub const SERVICES_MAX: usize = 8;

/// What a person lets a unit do for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Its id.
    pub id: MandateId,
    /// Who gives it.
    pub principal: Subject,
    /// The unit that may act; of the party that records it.
    pub attorney: OrgUnit,
    /// The services it may act in, in words; at most [`SERVICES_MAX`], none twice.
    pub services: Vec<Short>,
    /// SHA-256 of the signed letter.
    pub letter_digest: [u8; 32],
    /// The officer who witnessed the signature; not who records it.
    pub witness: OfficerId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// A mandate was recorded. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateRecorded {
    /// What the letter says.
    pub mandate: Mandate,
}

/// A mandate was withdrawn. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateRevoked {
    /// The mandate.
    pub mandate: MandateId,
    /// How it was withdrawn.
    pub form: RevocationForm,
    /// When the person withdrew it.
    pub effective_at: Instant,
}

impl Readers for MandateRecorded {}
impl Readers for MandateRevoked {}
