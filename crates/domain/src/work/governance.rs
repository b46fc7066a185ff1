//! The steps that wait in meetings, conferences and erasures.

use crate::case::CaseRef;
use crate::clock::end_of_day;
use crate::command::CommandKind;
use crate::conference::ConferenceFacts;
use crate::erasure::{self, CONFIRM_WITHIN_US, ErasureFacts, answer_due};
use crate::id::{ConferenceId, ErasureId, MeetingId, PartyId};
use crate::meeting::{ActionDue, MeetingFacts};
use crate::officer::{Actor, Role};
use crate::view::Sides;
use crate::work::{Limits, Waiting, WorkDue};

pub(super) fn steps_of_meeting(me: PartyId, id: MeetingId, sides: &Sides<MeetingFacts>) -> Vec<Waiting> {
    let Some(meeting) = sides.meeting(me) else { return Vec::new() };
    let case = CaseRef::Meeting(id);
    let mut waiting = Vec::new();
    for resolution in meeting.resolutions() {
        let signed = meeting.signatures(&resolution);
        if !meeting.is_adopted(&resolution) {
            let missing = meeting.parties().into_iter().filter(|party| signed.iter().all(|(by, _)| by != party));
            let since = resolution.said.at;
            waiting.extend(missing.map(|party| Waiting::new(case, CommandKind::SignResolution, party, since)));
            continue;
        }
        let since = signed.iter().map(|(_, said)| said.at).max().unwrap_or(resolution.said.at);
        for (no, action) in (1..).zip(&resolution.proposed.actions) {
            if meeting.closed(&resolution, no).is_none() {
                let due = match action.due {
                    ActionDue::Date(day) => Some(end_of_day(day).map_or(WorkDue::Unknown, WorkDue::At)),
                    ActionDue::Month(month) => Some(WorkDue::Month(month)),
                    ActionDue::LongTerm => None,
                };
                waiting.push(Waiting::new(case, CommandKind::CloseAction, action.owner, since).due(due));
            }
        }
    }
    waiting
}

/// What waits in a conference; nothing for an officer who does not need to know, except that a liaison officer is to
/// name those who do.
pub(super) fn steps_of_conference(
    me: PartyId,
    actor: &Actor,
    id: ConferenceId,
    sides: &Sides<ConferenceFacts>,
) -> Vec<Waiting> {
    let Some(conference) = sides.conference(me) else { return Vec::new() };
    let case = CaseRef::Conference(id);
    let since = conference.said.at;
    let name = |party| Waiting::new(case, CommandKind::NameParticipants, party, since);
    if !conference.is_open_to(me, &actor.officer) {
        let first_list = conference.participants(me).is_none() && actor.role == Role::Liaison;
        return first_list.then(|| name(me)).into_iter().collect();
    }
    let parties = conference.parties();
    let unnamed = parties.iter().filter(|party| conference.participants(**party).is_none());
    let mut waiting: Vec<Waiting> = unnamed.map(|party| name(*party)).collect();
    if !conference.is_concluded() {
        let spoke = |party: &PartyId| sides.of(*party).is_some_and(|side| !side.opinions.is_empty());
        let silent: Vec<PartyId> = parties.iter().copied().filter(|party| !spoke(party)).collect();
        let opinion = |party: &PartyId| {
            let step = Waiting::new(case, CommandKind::SubmitOpinion, *party, since);
            step.only(conference.participants(*party))
        };
        waiting.extend(silent.iter().map(opinion));
        if silent.is_empty() {
            let last = conference.sides().flat_map(|(_, side)| &side.opinions).map(|(_, said)| said.at).max();
            let step = Waiting::new(case, CommandKind::ConcludeCase, conference.from, last.unwrap_or(since));
            waiting.push(step.only(conference.participants(conference.from)));
        }
    }
    for (follow_up, said) in conference.nominator.assigned.values() {
        if conference.closed(follow_up).is_none() {
            let due = follow_up.due.map(|day| end_of_day(day).map_or(WorkDue::Unknown, WorkDue::At));
            let step = Waiting::new(case, CommandKind::CloseFollowUp, follow_up.owner, said.at);
            waiting.push(step.only(conference.participants(follow_up.owner)).due(due));
        }
    }
    waiting
}

/// What waits in an erasure, for those who are shown erasures: an answer to a request, an order by a second person, holders'
/// confirmations.
pub(super) fn steps_of_erasure(
    limits: &Limits<'_>,
    actor: &Actor,
    id: ErasureId,
    sides: &Sides<ErasureFacts>,
) -> Vec<Waiting> {
    if !erasure::READERS.contains(&actor.role) {
        return Vec::new();
    }
    let (me, case) = (limits.outlook.me, CaseRef::Erasure(id));
    let mut waiting = Vec::new();
    let open = sides.requests().filter(|request| !request.is_answered());
    let due = |request: &erasure::Request<'_>| Some(answer_due(request, &limits.closures).into());
    let own = sides.of(me).filter(|own| own.ordered.is_none() && own.refused.is_none());
    let proposed = own.and_then(|own| own.proposed.as_ref());
    for request in open.filter(|request| request.asker == me || request.asked.to == me) {
        // Who asked is not told of a proposal.
        if proposed.is_none() || request.asked.to != me {
            let step = Waiting::new(case, CommandKind::ProposeErasure, request.asked.to, request.said.at);
            waiting.push(step.due(due(&request)));
        }
    }
    if let Some((_, said)) = proposed {
        let asked = sides.request_to(me);
        let step = Waiting::new(case, CommandKind::OrderErasure, me, said.at).second_person([said]);
        waiting.push(step.due(asked.as_ref().and_then(due)));
    }
    for ordered in sides.iter().filter_map(|(party, _)| sides.ordered_by(party)) {
        let due = WorkDue::At(ordered.said.at.plus_us(CONFIRM_WITHIN_US));
        let step = |party| Waiting::new(case, CommandKind::ConfirmErasure, party, ordered.said.at).due(Some(due));
        waiting.extend(ordered.missing().into_iter().map(step));
    }
    waiting
}
