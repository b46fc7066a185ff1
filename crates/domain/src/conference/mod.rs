//! Case conference on a key case 重点个案研判 (plan row 002-08): nominate, invite, name who needs to know, give opinions,
//! conclude, follow up.
//!
//! In scope: the life of one conference, decided by each party for its own log, and who may read it: only officers whom
//! their own party has named, each read recorded first. Out of scope: the case itself (a conference refers to it), and
//! the conversation between the officers.
//!
//! ```text
//! nominating party   nominate → invite one more           conclude → assign follow-ups
//! every party                 name participants → opinions             close own follow-ups
//! ```
//!
//! A conference speaks of a person across a border, so it rests on the person's consent, which names every party that
//! takes part and must stand at each step and each read; or on vital interest. A party names only its own officers: no
//! party opens another's files. What its service receives of a conference nobody there reads until a liaison officer
//! has named the participants. An NGO's social worker takes part when named.

mod assign_follow_up;
mod close_follow_up;
mod conclude;
mod events;
mod facts;
mod guards;
mod invite;
mod name_participants;
mod nominate;
mod open;
#[cfg(test)]
pub(crate) mod sample;
mod submit_opinion;

pub use assign_follow_up::AssignFollowUp;
pub use close_follow_up::CloseFollowUp;
pub use conclude::ConcludeCase;
pub use events::{
    Basis, CaseConcluded, CaseNominated, FollowUpAssigned, FollowUpClosed, OpinionSubmitted, PARTICIPANTS_MAX,
    ParticipantsNamed, PartyInvited,
};
pub use facts::{Conference, ConferenceFacts, FOLLOW_UPS_MAX, OPINIONS_MAX};
pub use guards::ConferenceState;
pub use invite::InviteParty;
pub use name_participants::NameParticipants;
pub use nominate::NominateCase;
pub use open::OpenConference;
pub use submit_opinion::SubmitOpinion;

use crate::event::Event;
use crate::id::PartyId;
use crate::view::{Overlay, Said, ViewError};

/// Folds an event of this module; others change nothing.
pub(crate) fn project(rows: &mut Overlay<'_>, origin: PartyId, by: Said, event: &Event) -> Result<(), ViewError> {
    if let Event::CaseNominated(e) = event {
        return rows.fold::<ConferenceFacts>(&e.conference, origin, |f| f.nominated(e, by));
    }
    if let Event::PartyInvited(e) = event {
        return rows.fold::<ConferenceFacts>(&e.nomination.conference, origin, |f| f.invited(e, by));
    }
    if let Event::ParticipantsNamed(e) = event {
        return rows.fold::<ConferenceFacts>(&e.conference, origin, |f| f.named(e, by));
    }
    if let Event::OpinionSubmitted(e) = event {
        return rows.fold::<ConferenceFacts>(&e.conference, origin, |f| f.opinion(e, by));
    }
    if let Event::CaseConcluded(e) = event {
        return rows.fold::<ConferenceFacts>(&e.conference, origin, |f| f.concluded(e, by));
    }
    if let Event::FollowUpAssigned(e) = event {
        return rows.fold::<ConferenceFacts>(&e.conference, origin, |f| f.assigned(e, by));
    }
    if let Event::FollowUpClosed(e) = event {
        return rows.fold::<ConferenceFacts>(&e.conference, origin, |f| f.follow_up_closed(e, by));
    }
    Ok(())
}
