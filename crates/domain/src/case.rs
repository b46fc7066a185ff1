//! A reference to a case of the exchange, for what speaks of a case from outside: a conference, a decision, a list of
//! work.

use serde::{Deserialize, Serialize};

use crate::id::{BatchId, ConferenceId, ConsentId, MeetingId, RequestId, UrgentId};

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
}

impl CaseRef {
    /// Names of the kinds, as they stand in paths.
    pub const KINDS: [&'static str; 6] = ["batch", "urgent", "consent", "verification", "meeting", "conference"];

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
