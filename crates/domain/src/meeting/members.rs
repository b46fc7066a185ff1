//! Who sits in the leading group (002-06): one party's members, by appointment and dismissal in its own log.

use serde::{Deserialize, Serialize};

use crate::id::{OfficerId, PartyId};
use crate::meeting::events::{MemberAppointed, MemberDismissed};
use crate::view::{Facts, Said, Table};

/// A member of the leading group: an officer of a party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupMember {
    /// Whose.
    pub party: PartyId,
    /// The officer.
    pub member: OfficerId,
}

/// What one party says about a member of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFacts {
    /// The last appointment.
    pub appointed: Option<(MemberAppointed, Said)>,
    /// The dismissal since.
    pub dismissed: Option<Said>,
}

impl Facts for MemberFacts {
    type Id = OfficerId;
    const TABLE: Table = Table::Member;
}

impl MemberFacts {
    pub(crate) fn appointed(&mut self, event: &MemberAppointed, said: Said) {
        *self = Self { appointed: Some((event.clone(), said)), dismissed: None };
    }
    pub(crate) fn dismissed(&mut self, _: &MemberDismissed, said: Said) {
        self.dismissed.get_or_insert(said);
    }

    /// Tells whether the member is appointed, and not dismissed since.
    #[must_use]
    pub fn is_appointed(&self) -> bool {
        self.appointed.is_some() && self.dismissed.is_none()
    }
}
