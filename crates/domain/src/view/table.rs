//! The tables of the view. The first byte of a row's key; append only.

/// A table. Register tables are not here: only a [`crate::lookup::Permit`] or a
/// [`crate::overlap::MatchPermit`] opens them (`crate::register`).
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
    /// Officers and their appointments.
    Appointment = 16,
    /// Versions of the agreement.
    Agreement = 17,
    /// Channels between parties.
    Channel = 18,
    /// Org units.
    Unit = 19,
    /// Reads of personal data.
    Access = 13,
    /// Mandates.
    Mandate = 14,
    /// Matching runs.
    MatchRun = 20,
    /// Candidates of matching runs.
    Overlap = 21,
    /// Joint meetings.
    Meeting = 22,
    /// Tasks of the plan.
    Task = 23,
    /// Case conferences.
    Conference = 24,
    /// Topics of meetings and discussions.
    Topic = 25,
    /// Days declared closed, and the clocks they moved.
    Closure = 9,
    /// The monthly batches from one party to another.
    Routine = 10,
    /// Policy standards.
    Standard = 11,
    /// What rests on a consent: requests and lookups.
    Basis = 31,
    /// What the parties' root keys say of their signing keys.
    Key = 32,
    /// Cases that are kept from a person.
    Suppression = 44,
    /// Members of the leading group.
    Member = 33,
    /// What happened to a case, one row for each entry.
    History = 34,
    /// Erasures.
    Erasure = 35,
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
            Self::Appointment => 16,
            Self::Agreement => 17,
            Self::Channel => 18,
            Self::Unit => 19,
            Self::Access => 13,
            Self::Mandate => 14,
            Self::MatchRun => 20,
            Self::Overlap => 21,
            Self::Meeting => 22,
            Self::Task => 23,
            Self::Conference => 24,
            Self::Topic => 25,
            Self::Closure => 9,
            Self::Routine => 10,
            Self::Standard => 11,
            Self::Basis => 31,
            Self::Key => 32,
            Self::Suppression => 44,
            Self::Member => 33,
            Self::History => 34,
            Self::Erasure => 35,
        }
    }
}
