//! How the commands beside the cases are made: offices, channels, agreements, matching runs, meetings, conferences.

use std::collections::BTreeSet;

use crate::agreement::sample::terms;
use crate::agreement::{AgreementTerms, Allowed, ProposeAgreement, SignAgreement};
use crate::authority::{
    AppointOfficer, Capability, DelegateDuty, EndDelegation, RecordEnrolment, RegisterUnit, RevokeAppointment,
    UnitKind, UnitNames,
};
use crate::case::CaseRef;
use crate::channel::{
    Clearance, ClearanceKind, ConfirmChannel, OpenChannel, RecordChannelLapse, ResumeChannel, SuspendChannel,
    WarnChannelExpiring,
};
use crate::command::{Command, CommandKind as C};
use crate::conference::sample::nominate;
use crate::conference::{
    AssignFollowUp, Basis, CloseFollowUp, ConcludeCase, InviteParty, NameParticipants, NominateCase, OpenConference,
    SubmitOpinion,
};
use crate::event::{Event, EventKind as K};
use crate::id::{
    AgreementId, CandidateId, ConferenceId, MatchRunId, MeetingId, OfficerId, ResolutionId, TopicId, UrgentId,
};
use crate::item::{Granularity, Item};
use crate::meeting::{
    Action, ActionDue, CloseAction, ConcludeTopic, ConveneMeeting, DecideEscalation, MeetingFacts, ProposeResolution,
    Series, Setting, SignResolution, TableTopic,
};
use crate::officer::Role;
use crate::overlap::{
    AssessOverlap, Assessment, AuthoriseMatchRun, BeginMatchRun, ConfirmOverlap, DismissOverlap, DismissalReason,
    FailMatchRun, FailureReason, InviteHearing, MatchBasis, MatchMethod, NotifyOwnDecision, OwnRecord, ProposeMatchRun,
    RecordCandidate, RecordMatchExecution, RecordStatement, SealCandidate, TakeMatchReview,
};
use crate::purpose::Purpose;
use crate::task::{CompleteTask, ReportProgress, TaskNo};
use crate::testing::{document, party};
use crate::time::DAY_US;

use super::generate::Make;
use super::later;
use super::pools::{Pool, uuid};
use super::world::PARTIES;

/// Mostly an officer who does nothing else in the run: one who is revoked gives no more commands.
fn appointee(p: &mut Pool<'_>) -> OfficerId {
    if p.dice.chance(6) { p.officer() } else { format!("new{}.{}", p.dice.below(3), p.me).parse().unwrap() }
}

fn role(p: &mut Pool<'_>) -> Role {
    *p.dice.pick(&[Role::Liaison, Role::Liaison, Role::Liaison, Role::Caseworker, Role::Node])
}

fn appoint(p: &mut Pool<'_>) -> Command {
    let (officer, role, unit) = (appointee(p), role(p), "reception".parse().unwrap());
    let to = p.dice.chance(30).then(|| p.now.plus_us(DAY_US));
    AppointOfficer { officer, role, unit, name: p.short(), from: p.now.plus_us(-DAY_US), to, clearances: [].into() }
        .into()
}

fn delegate(p: &mut Pool<'_>) -> Command {
    let (from, to, role) = (appointee(p), appointee(p), role(p));
    DelegateDuty { from, to, role, until: p.now.plus_us(2 * DAY_US) }.into()
}

fn unit(p: &mut Pool<'_>) -> Command {
    use Capability as A;
    let all = [A::Notices, A::Urgent, A::Consents, A::Verifications, A::Lookups, A::Register];
    // Without "reception" on the map nobody could go on; without one of its capabilities some can't.
    let unit = if p.dice.chance(90) { "reception" } else { "gongbei" };
    let most = if unit == "reception" && p.dice.chance(85) { all.len() } else { p.dice.below(all.len()) };
    let capabilities = all.into_iter().take(most).collect();
    let names = UnitNames { zh_hans: Some("香洲区民政局".parse().unwrap()), ..UnitNames::default() };
    RegisterUnit { unit: unit.parse().unwrap(), names, kind: UnitKind::District, capabilities }.into()
}

pub(super) fn open_channel(p: &mut Pool<'_>) -> Command {
    let kinds = [ClearanceKind::Assessment, ClearanceKind::Notification, ClearanceKind::Authorisation];
    let days = *p.dice.pick(&[35, 200, 400]);
    let clearance = Clearance { number: "TEST-1".parse().unwrap(), expires_at: p.now.plus_us(days * DAY_US) };
    let clearances = kinds.into_iter().filter(|_| p.dice.chance(98)).map(|kind| (kind, clearance.clone())).collect();
    OpenChannel { to: p.other(), clearances }.into()
}

fn propose_agreement(p: &mut Pool<'_>) -> Command {
    let between: BTreeSet<_> = if p.dice.chance(50) { PARTIES.map(party).into() } else { [p.me, p.other()].into() };
    let items = [Item::AssetDeposit, Item::AssetProperty, Item::IncomeAssistance];
    let items = items.into_iter().filter(|_| p.dice.chance(85)).map(|item| (item, Granularity::Exact)).collect();
    let purposes = [Purpose::DibaoApplication, Purpose::DibaoRecheck, Purpose::RoutineNotice].into();
    let allowed = Allowed { items, purposes };
    let allowed = between.iter().map(|party| (*party, allowed.clone())).collect();
    let terms = AgreementTerms { between, effective_from: p.now.plus_us(DAY_US / 4), allowed, ..terms() };
    ProposeAgreement { agreement: AgreementId(p.new_id(K::AgreementProposed)), terms }.into()
}

pub(super) const OFFICES: &[(C, Make)] = &[
    (C::RecordEnrolment, |p| {
        RecordEnrolment { officer: appointee(p), role: role(p), unit: "reception".parse().unwrap() }.into()
    }),
    (C::AppointOfficer, appoint),
    (C::RevokeAppointment, |p| RevokeAppointment { officer: appointee(p) }.into()),
    (C::DelegateDuty, delegate),
    (C::EndDelegation, |p| EndDelegation { to: appointee(p), role: role(p) }.into()),
    (C::RegisterUnit, unit),
    (C::OpenChannel, open_channel),
    (C::ConfirmChannel, |p| ConfirmChannel { to: p.other() }.into()),
    (C::SuspendChannel, |p| SuspendChannel { from: p.me, to: p.other() }.into()),
    (C::ResumeChannel, |p| ResumeChannel { from: p.me, to: p.other() }.into()),
    (C::WarnChannelExpiring, |p| WarnChannelExpiring { to: p.other() }.into()),
    (C::RecordChannelLapse, |p| RecordChannelLapse { to: p.other() }.into()),
    (C::ProposeAgreement, propose_agreement),
    (C::SignAgreement, |p| {
        let text_digest = [if p.dice.chance(90) { 5 } else { 6 }; 32];
        SignAgreement { agreement: AgreementId(p.id(&[K::AgreementProposed])), text_digest }.into()
    }),
];

fn run(p: &mut Pool<'_>) -> MatchRunId {
    MatchRunId(p.id(&[K::MatchRunProposed]))
}

fn candidate(p: &mut Pool<'_>) -> CandidateId {
    let known = p.event(&[K::CandidateFound]).filter(|_| p.dice.chance(90));
    if let Some(Event::CandidateFound(found)) = known {
        found.candidate
    } else {
        CandidateId { run: run(p), no: p.line() }
    }
}

pub(super) fn propose_run(p: &mut Pool<'_>) -> Command {
    let basis = MatchBasis {
        agreement_clause: "clause 9".parse().unwrap(),
        interconnection_authorisation: "MO-TEST-1".parse().unwrap(),
        mainland_assessment: "CN-TEST-1".parse().unwrap(),
    };
    let (run, with, period) = (MatchRunId(p.new_id(K::MatchRunProposed)), p.other(), p.period());
    ProposeMatchRun { run, with, purpose: p.short(), basis, period, method: MatchMethod::Voprf1, elements_max: 9 }
        .into()
}

pub(super) fn record_candidate(p: &mut Pool<'_>) -> Command {
    let record = OwnRecord { reference: p.short(), document: document(), programme: p.short() };
    let begun = p.own_event(&[K::MatchRunBegun]);
    let run = if let Some(Event::MatchRunBegun(begun)) = begun { begun.run } else { run(p) };
    RecordCandidate { candidate: CandidateId { run, no: p.line() }, record }.into()
}

pub(super) const OVERLAPS: &[(C, Make)] = &[
    (C::ProposeMatchRun, propose_run),
    (C::AuthoriseMatchRun, |p| AuthoriseMatchRun { run: run(p) }.into()),
    (C::BeginMatchRun, |p| BeginMatchRun { run: run(p), elements: 3, persons: 3 }.into()),
    (C::RecordCandidate, record_candidate),
    (C::RecordMatchExecution, |p| {
        let begun = p.own_event(&[K::MatchRunBegun]).filter(|_| p.dice.chance(50));
        let run = if let Some(Event::MatchRunBegun(begun)) = begun { begun.run } else { run(p) };
        RecordMatchExecution { run, peer_elements: 3 }.into()
    }),
    (C::FailMatchRun, |p| FailMatchRun { run: run(p), reason: FailureReason::Interrupted }.into()),
    (C::TakeMatchReview, |p| TakeMatchReview { run: run(p), reason: p.note() }.into()),
    (C::ConfirmOverlap, |p| ConfirmOverlap { candidate: candidate(p) }.into()),
    (C::DismissOverlap, |p| {
        DismissOverlap { candidate: candidate(p), reason: DismissalReason::NotInMonth, note: p.note() }.into()
    }),
    (C::AssessOverlap, |p| {
        let assessment = if p.dice.chance(70) { Assessment::ToClarify } else { Assessment::Lawful };
        AssessOverlap { candidate: candidate(p), assessment, note: p.note() }.into()
    }),
    (C::InviteHearing, |p| InviteHearing { candidate: candidate(p), on: p.day(0, 9), note: p.note() }.into()),
    (C::RecordStatement, |p| RecordStatement { candidate: candidate(p), statement: p.note() }.into()),
    (C::NotifyOwnDecision, |p| NotifyOwnDecision { candidate: candidate(p), decision: p.note() }.into()),
    (C::SealCandidate, |p| SealCandidate { candidate: candidate(p) }.into()),
];

fn meeting(p: &mut Pool<'_>) -> MeetingId {
    MeetingId(p.id(&[K::MeetingConvened]))
}

fn convene(p: &mut Pool<'_>) -> Command {
    let series = *p.dice.pick(&[Series::JointMeeting, Series::LeadingGroup, Series::LeadingGroup, Series::Domestic]);
    let to = if series == Series::Domestic { BTreeSet::new() } else { p.others() };
    let (meeting, title, agenda) = (MeetingId(p.new_id(K::MeetingConvened)), p.short(), vec![p.short()]);
    ConveneMeeting { meeting, series, title, at: p.now.plus_us(DAY_US), to, agenda }.into()
}

fn table(p: &mut Pool<'_>) -> Command {
    let setting = if p.dice.chance(60) { Setting::Meeting(meeting(p)) } else { Setting::Discussion(p.others()) };
    TableTopic { topic: TopicId(p.new_id(K::TopicTabled)), setting, title: p.short() }.into()
}

/// A resolution's id is its own; its meeting is any.
fn resolution(p: &mut Pool<'_>) -> (MeetingId, ResolutionId) {
    let known = p.entry(&[K::ResolutionProposed]).filter(|_| p.dice.chance(90));
    match known {
        Some(entry) => {
            let id = |at: usize| entry.key[at].trim_matches('"').parse().unwrap();
            (MeetingId(id(0)), ResolutionId(id(1)))
        }
        None => (meeting(p), ResolutionId(uuid(0xFE, p.dice.below(3), 0))),
    }
}

fn propose_resolution(p: &mut Pool<'_>) -> Command {
    let (meeting, resolution) = (meeting(p), ResolutionId(uuid(0xFE, p.side, p.dice.below(3))));
    let action = |owner| Action { what: "name the duty desk".parse().unwrap(), owner, due: ActionDue::LongTerm };
    let actions = vec![action(p.me), action(p.other())];
    ProposeResolution { meeting, resolution, text: p.note(), actions }.into()
}

fn sign_resolution(p: &mut Pool<'_>) -> Command {
    let (meeting, resolution) = resolution(p);
    let sides = p.world.views[p.side].rows().sides::<MeetingFacts>(&meeting).unwrap();
    let held = sides.meeting(p.me);
    let digest = held.as_ref().and_then(|held| Some(held.resolution(resolution)?.digest(held)));
    let digest = digest.filter(|_| p.dice.chance(95)).unwrap_or([9; 32]);
    SignResolution { meeting, resolution, digest }.into()
}

fn task(p: &mut Pool<'_>) -> TaskNo {
    TaskNo::try_from(1 + u8::try_from(p.dice.below(17)).unwrap()).unwrap()
}

fn case(p: &mut Pool<'_>) -> CaseRef {
    CaseRef::Urgent(UrgentId(p.id(&[K::UrgentRaised])))
}

pub(super) const MEETINGS: &[(C, Make)] = &[
    (C::ConveneMeeting, convene),
    (C::TableTopic, table),
    (C::ConcludeTopic, |p| ConcludeTopic { topic: TopicId(p.id(&[K::TopicTabled])), conclusion: p.note() }.into()),
    (C::ProposeResolution, propose_resolution),
    (C::SignResolution, sign_resolution),
    (C::CloseAction, |p| {
        let (meeting, resolution) = resolution(p);
        CloseAction { meeting, resolution, action: p.line(), note: p.note() }.into()
    }),
    (C::DecideEscalation, |p| {
        DecideEscalation { meeting: meeting(p), case: case(p), decision: p.note(), members: later::members(p) }.into()
    }),
    (C::ReportProgress, |p| ReportProgress { task: task(p), note: p.note() }.into()),
    (C::CompleteTask, |p| CompleteTask { task: task(p), note: p.note() }.into()),
];

fn conference(p: &mut Pool<'_>) -> ConferenceId {
    ConferenceId(p.id(&[K::CaseNominated, K::PartyInvited]))
}

fn nominate_case(p: &mut Pool<'_>) -> Command {
    let granted = p.granted().filter(|_| p.dice.chance(40));
    let basis = match granted {
        Some(granted) => Basis::Consent(granted.id),
        None => Basis::VitalInterest(p.note()),
    };
    let (conference, to) = (ConferenceId(p.new_id(K::CaseNominated)), p.others());
    let (case, need_to_know) = (case(p), p.officers());
    NominateCase { conference, to, case, basis, need_to_know, ..nominate() }.into()
}

fn close_follow_up(p: &mut Pool<'_>) -> Command {
    let known = p.event(&[K::FollowUpAssigned]);
    let (conference, no) = match known {
        Some(Event::FollowUpAssigned(assigned)) => (assigned.conference, assigned.no),
        Some(_) | None => (conference(p), p.line()),
    };
    CloseFollowUp { conference, no, outcome: p.note() }.into()
}

pub(super) const CONFERENCES: &[(C, Make)] = &[
    (C::NominateCase, nominate_case),
    (C::InviteParty, |p| InviteParty { conference: conference(p), party: p.other() }.into()),
    (C::NameParticipants, |p| NameParticipants { conference: conference(p), officers: p.officers() }.into()),
    (C::OpenConference, |p| OpenConference { conference: conference(p), reason: p.short() }.into()),
    (C::SubmitOpinion, |p| SubmitOpinion { conference: conference(p), opinion: p.note() }.into()),
    (C::ConcludeCase, |p| {
        let (conference, owner) = (conference(p), p.party());
        ConcludeCase { conference, decision: p.note(), owner, follow_up: p.note() }.into()
    }),
    (C::AssignFollowUp, |p| {
        let (conference, owner) = (conference(p), p.party());
        AssignFollowUp { conference, what: p.short(), owner, due: Some(p.day(0, 9)) }.into()
    }),
    (C::CloseFollowUp, close_follow_up),
];
