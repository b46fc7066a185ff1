//! Households of a party's own register, as imported from its case system.

use serde::{Deserialize, Serialize};

use crate::identity::Subject;
use crate::money::Money;
use crate::text::Short;
use crate::time::Date;

/// Most persons in one household; the largest index of the Macau subsistence index is "8 or more".
pub const MEMBERS_MAX: usize = 30;

/// Most further documents of one person: one of each kind is seven, and an expired one may be kept beside its renewal.
pub const OTHER_DOCUMENTS_MAX: usize = 8;

/// What the party knows of one person. A field that is none was not searched or not recorded: never "zero".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub subject: Subject,
    /// Further documents of the same person; at most [`OTHER_DOCUMENTS_MAX`].
    pub other_documents: Vec<crate::identity::Document>,
    /// Whether the person is alive.
    pub alive: Option<bool>,
    /// Whether the person is married.
    pub married: Option<bool>,
    /// Wages a month.
    pub wage: Option<Money>,
    /// Active business registrations.
    pub businesses: Option<u32>,
    /// Pensions and benefits a month.
    pub pension: Option<Money>,
    /// The means-tested programme the person receives; `none` is a programme of its own kind: searched, not receiving.
    pub assistance: Option<Assistance>,
    /// Deposits in all.
    pub deposits: Option<Money>,
    /// Residential and other real property, units.
    pub properties: Option<u32>,
    /// Registered vehicles and boats.
    pub vehicles: Option<u32>,
    /// Whether the person lives in public housing.
    pub public_housing: Option<bool>,
    /// Whether the person actually resides where registered.
    pub resident: Option<bool>,
    /// Whether the person agreed to the clause on matching in the application: only who did is ever in a set that is
    /// compared with another party's (`crate::overlap`). None is not recorded, which is no agreement.
    pub match_clause: Option<bool>,
}

/// Social assistance a person receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assistance {
    /// Searched: receives none.
    None,
    /// Receives this programme.
    Programme(Short),
}

/// A household of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    /// The case system's own reference, unique in the register.
    pub reference: Short,
    /// District, coarse.
    pub district: Short,
    /// The date the data holds for.
    pub as_of: Date,
    /// The persons; 1 to [`MEMBERS_MAX`].
    pub members: Vec<Member>,
}
