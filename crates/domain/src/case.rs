//! A reference to a case of the exchange, for what speaks of a case from outside: a conference, a decision, a list of
//! work.

mod of_event;

pub use of_event::case_of;

use serde::{Deserialize, Serialize};

use crate::id::{BatchId, ConferenceId, ConsentId, ErasureId, MeetingId, RequestId, UrgentId};

/// A case, by kind and id. Wire order is the order here: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseRef {
    /// A routine batch.
    Batch(BatchId),
    /// An urgent notice.
    Urgent(UrgentId),
    /// A consent.
    Consent(ConsentId),
    /// A verification request.
    Verification(RequestId),
    /// A joint meeting.
    Meeting(MeetingId),
    /// A case conference.
    Conference(ConferenceId),
    /// An erasure, with the request for it.
    Erasure(ErasureId),
}

impl CaseRef {
    /// Names of the kinds, as they stand in paths.
    pub const KINDS: [&'static str; 7] =
        ["batch", "urgent", "consent", "verification", "meeting", "conference", "erasure"];

    /// Returns the kind.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Batch(_) => "batch",
            Self::Urgent(_) => "urgent",
            Self::Consent(_) => "consent",
            Self::Verification(_) => "verification",
            Self::Meeting(_) => "meeting",
            Self::Conference(_) => "conference",
            Self::Erasure(_) => "erasure",
        }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(self) -> uuid::Uuid {
        match self {
            Self::Batch(id) => id.0,
            Self::Urgent(id) => id.0,
            Self::Consent(id) => id.0,
            Self::Verification(id) => id.0,
            Self::Meeting(id) => id.0,
            Self::Conference(id) => id.0,
            Self::Erasure(id) => id.0,
        }
    }

    /// Makes a reference from the name of a kind; none when there is no such kind.
    #[must_use]
    pub fn new(kind: &str, id: uuid::Uuid) -> Option<Self> {
        match kind {
            "batch" => Some(Self::Batch(BatchId(id))),
            "urgent" => Some(Self::Urgent(UrgentId(id))),
            "consent" => Some(Self::Consent(ConsentId(id))),
            "verification" => Some(Self::Verification(RequestId(id))),
            "meeting" => Some(Self::Meeting(MeetingId(id))),
            "conference" => Some(Self::Conference(ConferenceId(id))),
            "erasure" => Some(Self::Erasure(ErasureId(id))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_found_again_by_its_kind_and_id() {
        let id = uuid::Uuid::from_u128(7);
        for kind in CaseRef::KINDS {
            let case = CaseRef::new(kind, id).unwrap();
            assert_eq!((case.kind(), case.id()), (kind, id));
        }
        assert_eq!(CaseRef::new("register", id), None);
    }
}
