//! What is shown of meetings and topics.

use serde::Serialize;
use tongcha_domain::case::CaseRef;
use tongcha_domain::id::{LineNo, MeetingId, PartyId, ResolutionId, TopicId};
use tongcha_domain::meeting::{
    Action, EscalationDecided, GroupMember, Meeting, MeetingFacts, MemberFacts, Resolution, Series, Setting, TopicFacts,
};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::Date;
use tongcha_domain::view::{Rows, Said, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::paging::{Key, Page, Paging};
use crate::http::wire::{Digest, Iso, at};

/// A meeting in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MeetingSummary {
    id: MeetingId,
    series: Series,
    title: Short,
    /// When it is held.
    at: Iso,
    /// Who convened it.
    convener: PartyId,
    /// Its parties.
    parties: Vec<PartyId>,
    /// Resolutions proposed.
    resolutions: u64,
    /// Resolutions that every party has signed.
    adopted: u64,
}

/// A meeting.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MeetingView {
    #[serde(flatten)]
    summary: MeetingSummary,
    agenda: Vec<Short>,
    topics: Vec<TopicView>,
    /// The resolutions in the order in which they were proposed.
    texts: Vec<ResolutionView>,
    /// What the leading group decided.
    decisions: Vec<DecisionView>,
}

/// A resolution.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ResolutionView {
    id: ResolutionId,
    /// Who proposed it.
    proposer: PartyId,
    proposed_at: Iso,
    text: Note,
    /// Names this text with its actions; it is what a party signs.
    digest: Digest,
    /// The parties that signed this text.
    signed: Vec<PartyId>,
    /// Whether every party of the meeting has.
    adopted: bool,
    actions: Vec<ActionView>,
}

/// An action of a resolution.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ActionView {
    /// Its number.
    #[schema(value_type = u16)]
    no: LineNo,
    #[serde(flatten)]
    action: Action,
    closed_at: Option<Iso>,
    /// What was done.
    note: Option<Note>,
    /// Whether it is adopted, not done and overdue today.
    overdue: bool,
}

/// A decision of the leading group.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DecisionView {
    case: CaseRef,
    decision: Note,
    /// The members of the leading group who decided.
    members: Vec<GroupMember>,
    at: Iso,
}

/// A member of the leading group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MemberView {
    #[serde(flatten)]
    member: GroupMember,
    /// The name and post, as the party gave it.
    name: Short,
    appointed_at: Iso,
    /// When the appointment ended; none while it holds.
    dismissed_at: Option<Iso>,
}

/// Lists the members of the leading group, of all parties, by name: those appointed now, and those who were.
pub(super) fn members(rows: &Rows<'_>, paging: &Paging) -> Result<Page<MemberView>, ViewError> {
    let mut known = Vec::new();
    for (member, sides) in rows.all::<MemberFacts>()? {
        known.extend(sides.iter().filter_map(|(party, facts)| {
            let (appointed, said) = facts.appointed.as_ref()?;
            let dismissed_at = facts.dismissed.as_ref().map(|said| Iso(said.at));
            let (name, appointed_at) = (appointed.name.clone(), Iso(said.at));
            let key = Key::default().name(member.as_str()).name(party.as_str());
            let member = GroupMember { party, member: member.clone() };
            Some((key, MemberView { member, name, appointed_at, dismissed_at }))
        }));
    }
    Ok(paging.cut(known))
}

/// A topic.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct TopicView {
    id: TopicId,
    /// Who tabled it.
    by: PartyId,
    setting: Setting,
    title: Short,
    tabled_at: Iso,
    /// What came of it.
    conclusion: Option<Note>,
    concluded_at: Option<Iso>,
}

fn summary(meeting: &Meeting<'_>) -> MeetingSummary {
    let resolutions = meeting.resolutions();
    MeetingSummary {
        id: meeting.convened.meeting,
        series: meeting.convened.series,
        title: meeting.convened.title.clone(),
        at: Iso(meeting.convened.at),
        convener: meeting.convener,
        parties: meeting.parties().into_iter().collect(),
        resolutions: resolutions.len() as u64,
        adopted: resolutions.iter().filter(|resolution| meeting.is_adopted(resolution)).count() as u64,
    }
}

fn resolution(meeting: &Meeting<'_>, resolution: &Resolution<'_>, today: Date) -> ResolutionView {
    let adopted = meeting.is_adopted(resolution);
    let action = |(no, action): (LineNo, &Action)| {
        let closed = meeting.closed(resolution, no);
        ActionView {
            no,
            action: action.clone(),
            closed_at: at(closed),
            note: closed.map(|(closed, _)| closed.note.clone()),
            overdue: adopted && closed.is_none() && action.due.is_overdue(today),
        }
    };
    ResolutionView {
        id: resolution.proposed.resolution,
        proposer: resolution.proposer,
        proposed_at: Iso(resolution.said.at),
        text: resolution.proposed.text.clone(),
        digest: Digest(resolution.digest(meeting)),
        signed: meeting.signatures(resolution).into_iter().map(|(party, _)| party).collect(),
        adopted,
        actions: (1..).zip(&resolution.proposed.actions).map(action).collect(),
    }
}

fn topic(id: TopicId, sides: &Sides<TopicFacts>, me: PartyId) -> Option<TopicView> {
    let (by, facts) = sides.tabled(me)?;
    let (tabled, said) = facts.tabled.as_ref()?;
    Some(TopicView {
        id,
        by,
        setting: tabled.setting.clone(),
        title: tabled.title.clone(),
        tabled_at: Iso(said.at),
        conclusion: facts.concluded.as_ref().map(|(concluded, _)| concluded.conclusion.clone()),
        concluded_at: at(facts.concluded.as_ref()),
    })
}

/// Lists the topics that this party speaks of, the newest first.
pub(super) fn topics(rows: &Rows<'_>, me: PartyId, paging: &Paging) -> Result<Page<TopicView>, ViewError> {
    Ok(paging.cut(all_topics(rows, me)?.into_iter().map(|topic| (topic_key(&topic), topic))))
}

fn all_topics(rows: &Rows<'_>, me: PartyId) -> Result<Vec<TopicView>, ViewError> {
    let all = rows.all::<TopicFacts>()?;
    Ok(all.iter().filter_map(|(id, sides)| topic(*id, sides, me)).collect())
}

fn topic_key(topic: &TopicView) -> Key {
    Key::newest_first(Some(topic.tabled_at.0)).id(topic.id.0)
}

/// Lists the meetings of this party, the latest to be held first.
pub(super) fn list(rows: &Rows<'_>, me: PartyId, paging: &Paging) -> Result<Page<MeetingSummary>, ViewError> {
    let known = rows.all::<MeetingFacts>()?.into_iter().filter_map(|(id, sides)| {
        let at = sides.meeting(me)?.convened.at;
        Some((Key::newest_first(Some(at)).id(id.0), sides))
    });
    paging.cut(known.collect::<Vec<_>>()).show(|sides| Ok(sides.meeting(me).map(|meeting| summary(&meeting))))
}

/// Finds a meeting of this party.
pub(super) fn find(rows: &Rows<'_>, me: PartyId, id: MeetingId, today: Date) -> Result<Option<MeetingView>, ViewError> {
    let sides: Sides<MeetingFacts> = rows.sides(&id)?;
    let Some(meeting) = sides.meeting(me) else { return Ok(None) };
    let mut topics = all_topics(rows, me)?;
    topics.retain(|topic| topic.setting == Setting::Meeting(id));
    topics.sort_by_key(topic_key);
    let decision = |(decided, said): &(EscalationDecided, Said)| {
        let EscalationDecided { case, decision, members, .. } = decided.clone();
        DecisionView { case, decision, members, at: Iso(said.at) }
    };
    Ok(Some(MeetingView {
        summary: summary(&meeting),
        agenda: meeting.convened.agenda.clone(),
        topics,
        texts: meeting.resolutions().iter().map(|text| resolution(&meeting, text, today)).collect(),
        decisions: meeting.decisions().map(decision).collect(),
    }))
}
