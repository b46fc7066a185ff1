//! The terms of an agreement version.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::agreement::Agreement;
use crate::id::PartyId;
use crate::item::{Granularity, Item};
use crate::purpose::Purpose;
use crate::text::Short;
use crate::time::Instant;

/// Most articles of one version that are listed; the plan itself has about thirty.
pub const ARTICLES_MAX: usize = 64;

/// What one party may tell the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The items, and how finely each may be answered.
    #[cfg_attr(feature = "schema", schema(value_type = BTreeMap<String, Granularity>))]
    pub items: BTreeMap<Item, Granularity>,
    /// What for.
    pub purposes: BTreeSet<Purpose>,
}

/// A version in full: what every party of it signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementTerms {
    /// The parties, its proposer among them; two or more.
    pub between: BTreeSet<PartyId>,
    /// First instant it holds.
    pub effective_from: Instant,
    /// SHA-256 of the signed paper.
    pub text_digest: [u8; 32],
    /// Its articles by title, numbered from 1 in this order; a legal basis refers to them.
    pub articles: Vec<Short>,
    /// Its figures, with the version's name.
    pub figures: Agreement,
    /// What each party may tell the others; a party that is not named may tell nothing.
    pub allowed: BTreeMap<PartyId, Allowed>,
}
