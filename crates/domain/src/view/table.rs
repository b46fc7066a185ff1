//! The tables of the view. The first byte of a row's key; append only.

/// A table. Register tables are not here: only a [`crate::lookup::Permit`] opens them (`crate::register`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Table {
    /// How far each log is projected.
    Log = 1,
    /// What repeated commands are answered with.
    Command = 2,
    /// Routine batches.
    Batch = 3,
    /// Urgent notices.
    Urgent = 4,
    /// Consents.
    Consent = 5,
    /// Verification requests.
    Request = 6,
    /// Lookups.
    Lookup = 7,
    /// Imports of the register (not its content).
    Import = 8,
    /// Policy standards.
    Standard = 11,
    /// What rests on a consent: requests and lookups.
    Basis = 31,
}

impl Table {
    /// First key byte of register rows.
    pub(crate) const REGISTER: u8 = 0x80;

    /// Returns the first key byte.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Command => 2,
            Self::Batch => 3,
            Self::Urgent => 4,
            Self::Consent => 5,
            Self::Request => 6,
            Self::Lookup => 7,
            Self::Import => 8,
            Self::Standard => 11,
            Self::Basis => 31,
        }
    }
}
