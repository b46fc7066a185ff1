//! Events of the joint meeting. None of them holds personal data.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::CaseRef;
use crate::event::Readers;
use crate::id::{LineNo, MeetingId, OfficerId, PartyId, ResolutionId, TopicId};
use crate::meeting::members::GroupMember;
use crate::text::{Note, Short};
use crate::time::{Date, Instant, Period};

/// Most points of an agenda: a meeting of a day.
pub const AGENDA_MAX: usize = 30;

/// Most actions of one resolution; the plan itself has 17 rows.
pub const ACTIONS_MAX: usize = 20;

/// Most members who decide one case: more do not sit in a leading group.
pub const MEMBERS_MAX: usize = 20;

/// Which meetings these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// The standing joint meeting of the sides 联席会议 (002-05).
    JointMeeting,
    /// The leading group 领导小组, which steers and settles disputes (002-06).
    LeadingGroup,
    /// A party's own domestic joint meeting (002-33). Nobody else reads it.
    Domestic,
}

/// A meeting was convened. For the parties invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingConvened {
    /// The meeting.
    pub meeting: MeetingId,
    /// Which meetings it belongs to.
    pub series: Series,
    /// Its title.
    pub title: Short,
    /// When it is held.
    pub at: Instant,
    /// The other parties of the meeting; none for a domestic one.
    pub to: BTreeSet<PartyId>,
    /// What is on the agenda.
    pub agenda: Vec<Short>,
}

/// Where a topic is spoken of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Setting {
    /// At a meeting.
    Meeting(MeetingId),
    /// Among the liaison officers of the own and these parties 专题讨论 (002-09b).
    #[cfg_attr(feature = "schema", schema(value_type = Vec<PartyId>))]
    Discussion(BTreeSet<PartyId>),
}

/// A topic was tabled. For the parties who speak of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicTabled {
    /// The topic.
    pub topic: TopicId,
    /// Where.
    pub setting: Setting,
    /// The other parties who speak of it.
    pub others: BTreeSet<PartyId>,
    /// What it is about.
    pub title: Short,
}

/// A topic was concluded by the party that tabled it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicConcluded {
    /// The topic.
    pub topic: TopicId,
    /// The other parties who spoke of it.
    pub others: BTreeSet<PartyId>,
    /// What came of it.
    pub conclusion: Note,
}

/// By when an action is due. A month stays a month: it is over when the month is, and nobody makes a date of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionDue {
    /// To the end of a day.
    Date(Date),
    /// To the end of a month.
    Month(Period),
    /// Long-term 长期推进: never overdue.
    LongTerm,
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for ActionDue {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let date = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)));
        let object = |name, value: ObjectBuilder| ObjectBuilder::new().property(name, value.build()).required(name);
        OneOfBuilder::new()
            .item(object("date", date))
            .item(ObjectBuilder::new().property("month", Period::schema()).required("month"))
            .item(text().enum_values(Some(["long_term"])))
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for ActionDue {}

impl ActionDue {
    /// Returns whether it is overdue on a day.
    #[must_use]
    pub fn is_overdue(self, today: Date) -> bool {
        match self {
            Self::Date(last) => today > last,
            Self::Month(month) => {
                Period::try_from(today.strftime("%Y-%m").to_string()).is_ok_and(|this_month| this_month > month)
            }
            Self::LongTerm => false,
        }
    }
}

/// What a party has to do by a resolution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = ResolutionAction))]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What.
    pub what: Short,
    /// The party that does it.
    pub owner: PartyId,
    /// By when.
    pub due: ActionDue,
}

/// A resolution was proposed. For the parties of the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolutionProposed {
    /// The meeting.
    pub meeting: MeetingId,
    /// The resolution.
    pub resolution: ResolutionId,
    /// The other parties of the meeting.
    pub others: BTreeSet<PartyId>,
    /// Its text.
    pub text: Note,
    /// What follows from it, numbered from 1.
    pub actions: Vec<Action>,
}

/// A party signed a resolution: the text with this digest, and no other. For the parties of the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolutionSigned {
    /// The meeting.
    pub meeting: MeetingId,
    /// The resolution.
    pub resolution: ResolutionId,
    /// The other parties of the meeting.
    pub others: BTreeSet<PartyId>,
    /// Digest of what was signed ([`super::Resolution::digest`]).
    pub digest: [u8; 32],
}

/// A party closed its action. For the parties of the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionClosed {
    /// The meeting.
    pub meeting: MeetingId,
    /// The resolution.
    pub resolution: ResolutionId,
    /// The other parties of the meeting.
    pub others: BTreeSet<PartyId>,
    /// The action's number.
    pub action: LineNo,
    /// What was done.
    pub note: Note,
}

/// The leading group decided an escalated case; its convener says so. For the parties of the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationDecided {
    /// The meeting of the leading group.
    pub meeting: MeetingId,
    /// The other parties of the meeting.
    pub others: BTreeSet<PartyId>,
    /// The case, by reference.
    pub case: CaseRef,
    /// What was decided.
    pub decision: Note,
    /// The members who decided: appointed by their parties when it was recorded.
    pub members: Vec<GroupMember>,
}

macro_rules! read_by {
    ($($name:ident.$field:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> { self.$field.clone() }
        }
    )*};
}
read_by!(MeetingConvened.to TopicTabled.others TopicConcluded.others ResolutionProposed.others ResolutionSigned.others
    ActionClosed.others EscalationDecided.others);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_over_when_the_month_is() {
        let july = ActionDue::Month(Period::try_from("2026-07".to_owned()).unwrap());
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(!july.is_overdue(day("2026-07-01")));
        assert!(!july.is_overdue(day("2026-07-31")));
        assert!(july.is_overdue(day("2026-08-01")));
        assert!(!ActionDue::Date(day("2026-07-31")).is_overdue(day("2026-07-31")));
        assert!(ActionDue::Date(day("2026-07-31")).is_overdue(day("2026-08-01")));
        assert!(!ActionDue::LongTerm.is_overdue(day("2099-12-31")));
    }
}

/// A party appointed a member of the leading group. For all other parties: they must know who may decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAppointed {
    /// The member.
    pub member: OfficerId,
    /// The name and post, as the party tells it to others.
    pub name: Short,
    /// The other parties.
    pub others: BTreeSet<PartyId>,
}

/// A party dismissed a member of the leading group, at once. For all other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDismissed {
    /// The member.
    pub member: OfficerId,
    /// The other parties.
    pub others: BTreeSet<PartyId>,
}

read_by!(MemberAppointed.others MemberDismissed.others);
