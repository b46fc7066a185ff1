//! Governance of the co-operation (plan rows 002-05, 002-06, 002-09b): joint meetings 联席会议, topics, resolutions that
//! every party signs, their actions, and what the leading group decides on escalated cases.
//!
//! In scope: convening, tabling, proposing, signing, closing, and who sits in the leading group, each party for its own log. A resolution is adopted when
//! every party of its meeting has signed the same text; nobody says so, it is worked out when read. Out of scope:
//! minutes at length, votes, who was in the room.
//!
//! **No person data.** Titles, agendas, topics, resolutions and notes are read by all parties of a meeting and by
//! everybody who may read lists. Whoever has to speak of a person refers to a conference by its id
//! (`crate::conference`), which has its own list of those who need to know. Texts are bounded so that a file does not
//! fit in.

mod appoint_member;
mod close_action;
mod conclude_topic;
mod convene;
mod decide_escalation;
mod dismiss_member;
mod events;
mod facts;
mod guards;
mod members;
mod propose;
#[cfg(test)]
pub(crate) mod sample;
mod sign;
mod table_topic;

pub use appoint_member::AppointMember;
pub use close_action::CloseAction;
pub use conclude_topic::ConcludeTopic;
pub use convene::ConveneMeeting;
pub use decide_escalation::DecideEscalation;
pub use dismiss_member::DismissMember;
pub use events::{
    ACTIONS_MAX, AGENDA_MAX, Action, ActionClosed, ActionDue, EscalationDecided, MEMBERS_MAX, MeetingConvened,
    MemberAppointed, MemberDismissed, ResolutionProposed, ResolutionSigned, Series, Setting, TopicConcluded,
    TopicTabled,
};
pub use facts::{Meeting, MeetingFacts, RESOLUTIONS_MAX, Resolution, TopicFacts};
pub(crate) use guards::{check_others, refuse_unless};
pub use members::{GroupMember, MemberFacts};
pub use propose::ProposeResolution;
pub use sign::SignResolution;
pub use table_topic::TableTopic;

use crate::event::Event;
use crate::id::PartyId;
use crate::view::{Overlay, Said, ViewError};

/// Folds an event of this module; others change nothing.
pub(crate) fn project(rows: &mut Overlay<'_>, origin: PartyId, by: Said, event: &Event) -> Result<(), ViewError> {
    if let Event::MeetingConvened(e) = event {
        return rows.fold::<MeetingFacts>(&e.meeting, origin, |f| f.convened(e, by));
    }
    if let Event::ResolutionProposed(e) = event {
        return rows.fold::<MeetingFacts>(&e.meeting, origin, |f| f.proposed(e, by));
    }
    if let Event::ResolutionSigned(e) = event {
        return rows.fold::<MeetingFacts>(&e.meeting, origin, |f| f.signed(e, by));
    }
    if let Event::ActionClosed(e) = event {
        return rows.fold::<MeetingFacts>(&e.meeting, origin, |f| f.action_closed(e, by));
    }
    if let Event::EscalationDecided(e) = event {
        return rows.fold::<MeetingFacts>(&e.meeting, origin, |f| f.decided(e, by));
    }
    if let Event::MemberAppointed(e) = event {
        return rows.fold::<MemberFacts>(&e.member, origin, |f| f.appointed(e, by));
    }
    if let Event::MemberDismissed(e) = event {
        return rows.fold::<MemberFacts>(&e.member, origin, |f| f.dismissed(e, by));
    }
    if let Event::TopicTabled(e) = event {
        return rows.fold::<TopicFacts>(&e.topic, origin, |f| f.tabled(e, by));
    }
    if let Event::TopicConcluded(e) = event {
        return rows.fold::<TopicFacts>(&e.topic, origin, |f| f.concluded(e, by));
    }
    Ok(())
}
