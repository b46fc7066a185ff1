//! What must hold whatever the parties do. Told from the entries alone, not from rows or guards.

use std::rc::Rc;

use crate::command::{Command, CommandKind};
use crate::consent::{ConsentClaims, ConsentRevoked};
use crate::event::{Event, EventKind};
use crate::id::{ConsentId, OfficerId, PartyId};
use crate::identity::Document;
use crate::item::{Answer, Granularity, Question};
use crate::lookup::LookupPermitted;
use crate::officer::Actor;
use crate::purpose::Purpose;
use crate::time::Instant;
use crate::verification::VerificationRequest;
use crate::view::Table;

use super::broken::ORDER;
use super::lifecycle;
use super::world::{Entry, Outcome, View, World};

/// A property that does not hold, and how.
#[derive(Debug)]
pub(super) struct Violation {
    pub(super) property: &'static str,
    pub(super) what: String,
}

fn ensure(property: &'static str, holds: bool, what: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation { property, what: what() }) }
}

/// Commands that the same officer may give again at once, exactly as before; every other one must be refused.
pub(super) const MAY_REPEAT: &[CommandKind] = {
    use CommandKind as C;
    &[
        C::RecordAccess,     // each read is on record
        C::OpenConference,   // so is each look into a conference
        C::ReportAction,     // one more action like the last
        C::ReportProgress,   // progress is a list
        C::SubmitOpinion,    // opinions are a list
        C::NameParticipants, // the last list counts
        C::CorrectEntry,     // the last correction counts, up to a limit
        C::AssignItem,       // the last assignment counts
        C::AnswerItem,       // the last answer before the reply counts
        C::CompleteConsent,  // one more letter that says the same
        C::AppointOfficer,   // the last appointment counts
        C::DelegateDuty,     // the last delegation counts
        C::RegisterUnit,     // the last registration counts
        C::AssignFollowUp,   // follow-ups are a list
        C::OpenChannel,      // the last proposal counts
        C::ConfirmChannel,   // the last confirmation counts
        C::JudgeLookup,      // the second verdict is a denial, which is an event
    ]
};

/// Checks what came of a command, in the world in which it is written down already.
pub(super) fn outcome(world: &World, side: usize, command: &Command, outcome: &Outcome) -> Result<(), Violation> {
    let view = &world.views[side];
    rows_belong(view, outcome)?;
    let Ok(entry) = &outcome.result else {
        // The case's file tells of it. A draft that is turned away leaves its trace besides: the next one may follow it.
        let quiet = [Table::Log.byte(), Table::Command.byte(), Table::History.byte(), ORDER];
        let is_draft = matches!(command, Command::DraftRequest(_));
        let quiet = |key: &Vec<u8>| quiet.contains(&key[0]) || (is_draft && key[0] == Table::Request.byte());
        return ensure("a refusal changes no case", outcome.changed.iter().all(quiet), || format!("{command:?}"));
    };
    lifecycle(view, entry)?;
    two_persons(view, entry, &outcome.actor)?;
    scope(view, entry, command)?;
    uses(view, entry, command)?;
    not_again(world, side, command, outcome)
}

/// A row belongs to the log it is folded from. The register's rows are the holder's alone.
fn rows_belong(view: &View, outcome: &Outcome) -> Result<(), Violation> {
    let origin = view.me.as_str().as_bytes();
    let own = |key: &Vec<u8>| key.ends_with(origin) || key[0] >= Table::REGISTER;
    let foreign = outcome.changed.iter().find(|key| !own(key) && key[0] != ORDER);
    ensure("rows belong to one log", foreign.is_none(), || format!("{foreign:?}"))
}

fn same_case(one: &Entry, other: &Entry) -> bool {
    one.key.iter().zip(&other.key).all(|(one, other)| one == other)
}

fn lifecycle(view: &View, entry: &Rc<Entry>) -> Result<(), Violation> {
    let life = lifecycle::life(entry.kind()).unwrap();
    let before = || view.readable().filter(|other| !Rc::ptr_eq(other, entry) && same_case(other, entry));
    let stands = |kind: EventKind, own: Option<bool>| {
        before()
            .any(|other| other.kind() == kind && own.is_none_or(|own| own == (other.meta.origin == entry.meta.origin)))
    };
    let again = before()
        .any(|other| other.kind() == entry.kind() && other.meta.origin == entry.meta.origin && other.key == entry.key);
    let wrong = [
        life.own.iter().find(|kind| !stands(**kind, Some(true))),
        life.heard.iter().find(|kind| !stands(**kind, Some(false))),
        life.known.first().filter(|_| !life.known.iter().any(|kind| stands(*kind, None))),
        life.never_own.iter().find(|kind| stands(**kind, Some(true))),
        life.never.iter().find(|kind| stands(**kind, None)),
        Some(&life.kind).filter(|_| life.once && again),
    ];
    let wrong = wrong.iter().flatten().next();
    ensure("lifecycle", wrong.is_none(), || format!("{:?} of {:?}: {wrong:?}", entry.event(), view.me))
}

/// Who said such things of the case in the own log.
fn said<'a>(view: &'a View, entry: &'a Entry, kinds: &'a [EventKind]) -> impl Iterator<Item = &'a OfficerId> {
    let before = view.own().filter(move |other| kinds.contains(&other.kind()) && same_case(other, entry));
    before.map(|other| &other.body.actor.officer)
}

/// Who approves is not who prepared.
fn two_persons(view: &View, entry: &Rc<Entry>, actor: &Actor) -> Result<(), Violation> {
    use EventKind as K;
    let first: &[EventKind] = if entry.kind() == K::BatchApproved {
        &[K::BatchPrepared]
    } else if entry.kind() == K::ConsentGranted {
        &[K::ConsentRecorded, K::ConsentCompleted]
    } else if entry.kind() == K::RequestSubmitted {
        &[K::RequestDrafted]
    } else if entry.kind() == K::JustificationReviewed {
        &[K::UrgentRaised, K::JustificationFiled]
    } else if entry.kind() == K::MatchRunAuthorised {
        &[K::MatchRunProposed]
    } else {
        &[]
    };
    let both = said(view, entry, first).find(|officer| **officer == actor.officer);
    let mut same = both.map(ToString::to_string);
    if entry.kind() == K::ChannelOpened {
        // Of several proposals the last one is confirmed.
        let last = said(view, entry, &[K::ChannelProposed]).last();
        same = same.or(last.filter(|officer| **officer == actor.officer).map(ToString::to_string));
    }
    for no in sent(entry.event()) {
        let answered = view.own().filter(|other| other.kind() == K::ItemAnswered && other.key[0] == entry.key[0]);
        let last = answered.filter(|other| other.key[1] == no.to_string()).last();
        same = same
            .or(last.map(|last| &last.body.actor.officer).filter(|by| **by == actor.officer).map(ToString::to_string));
    }
    let witness = if let Event::ConsentRecorded(e) = entry.event() {
        Some(&e.claims.witness)
    } else if let Event::MandateRecorded(e) = entry.event() {
        Some(&e.mandate.witness)
    } else if let Event::OfficerAppointed(e) = entry.event() {
        Some(&e.officer)
    } else if let Event::AppointmentRevoked(e) = entry.event() {
        Some(&e.officer)
    } else {
        None
    };
    same = same.or(witness.filter(|witness| **witness == actor.officer).map(ToString::to_string));
    ensure("two persons", same.is_none(), || format!("{:?} by {same:?}", entry.event()))
}

/// The numbers of the questions whose answers an event sends.
fn sent(event: &Event) -> Vec<u16> {
    if let Event::ReplySent(sent) = event {
        sent.answers.iter().map(|(no, _)| *no).collect()
    } else if let Event::ReplyCorrected(corrected) = event {
        vec![corrected.question]
    } else {
        Vec::new()
    }
}

/// The letter of a consent in force, as its issuer granted it.
fn granted(view: &View, id: ConsentId) -> Option<&ConsentClaims> {
    view.readable().find_map(|entry| {
        let Event::ConsentGranted(granted) = entry.event() else { return None };
        (granted.claims.id == id && granted.claims.issuer == entry.meta.origin).then_some(&granted.claims)
    })
}

/// What a question must stay within.
struct Asked<'a> {
    subject: &'a Document,
    purpose: Purpose,
    holder: PartyId,
    asker: PartyId,
    unit: &'a str,
    at: Instant,
}

/// Field by field: consent covers request.
fn covers(claims: &ConsentClaims, asked: &Asked<'_>, question: &Question) -> Result<(), Violation> {
    let granted = claims.items.get(&question.item);
    let fields = [
        ("item and granularity", granted.is_some_and(|most| question.granularity <= *most)),
        ("predicate", question.item.takes(question.predicate)),
        ("subject", claims.subjects.iter().any(|covered| covered.document.key() == asked.subject.key())),
        ("purpose", claims.purpose == asked.purpose),
        ("holder", claims.holder == asked.holder),
        ("requester", claims.requester.party == asked.asker && claims.requester.unit.as_str() == asked.unit),
        ("term", (claims.not_before..claims.not_after).contains(&asked.at)),
    ];
    let wrong = fields.iter().find(|(_, holds)| !holds);
    ensure("consent covers request covers answer", wrong.is_none(), || format!("{wrong:?}: {question:?} on {claims:?}"))
}

/// Field by field: question covers answer.
fn fits(question: &Question, answer: &Answer) -> Result<(), Violation> {
    let fields = [
        ("item", answer.item == question.item),
        ("predicate", answer.predicate == question.predicate),
        ("band", answer.band.is_none() || question.granularity >= Granularity::Band),
        ("value", answer.value.is_none() || question.granularity == Granularity::Exact),
        ("visit", answer.visit.is_none() || question.item.needs_visit()),
    ];
    let wrong = fields.iter().find(|(_, holds)| !holds);
    ensure("consent covers request covers answer", wrong.is_none(), || format!("{wrong:?}: {answer:?} to {question:?}"))
}

/// No revocation about the person by a party of the consent is known.
fn not_revoked(view: &View, claims: &ConsentClaims, subject: &Document) -> Result<(), Violation> {
    let about = |revoked: &ConsentRevoked| {
        let person = |place: &u8| claims.subjects.get(usize::from(*place));
        let named = revoked.subjects.iter().filter_map(person).any(|person| person.document.key() == subject.key());
        revoked.consent == claims.id && (revoked.subjects.is_empty() || named)
    };
    let revoked = view.readable().find(|entry| {
        let Event::ConsentRevoked(revoked) = entry.event() else { return false };
        about(revoked) && claims.parties().contains(&entry.meta.origin)
    });
    ensure("nothing after a revocation", revoked.is_none(), || format!("{claims:?}"))
}

fn request_within(view: &View, request: &VerificationRequest, at: Instant) -> Result<(), Violation> {
    for asked in &request.questions {
        let Some(claims) = granted(view, asked.consent) else {
            return ensure("consent covers request covers answer", false, || format!("no consent: {request:?}"));
        };
        let (purpose, holder, asker, unit) = (request.purpose, request.holder, request.asker, request.unit.as_str());
        let whole = Asked { subject: &asked.subject, purpose, holder, asker, unit, at };
        covers(claims, &whole, &asked.question)?;
        not_revoked(view, claims, &asked.subject)?;
    }
    Ok(())
}

fn request<'a>(view: &'a View, entry: &Entry) -> Option<&'a VerificationRequest> {
    view.readable().filter(|other| other.key.first() == entry.key.first()).find_map(|other| {
        if let Event::RequestSubmitted(submitted) = other.event() { Some(&submitted.request) } else { None }
    })
}

fn permission<'a>(view: &'a View, entry: &Entry) -> Option<&'a LookupPermitted> {
    view.own()
        .filter(|other| other.key == entry.key)
        .find_map(|other| if let Event::LookupPermitted(permitted) = other.event() { Some(permitted) } else { None })
}

/// Consent covers request covers answer, and nothing is asked or answered once a revocation is known.
fn scope(view: &View, entry: &Entry, command: &Command) -> Result<(), Violation> {
    let at = entry.meta.recorded_at;
    let answers = if let Event::RequestDrafted(e) = entry.event() {
        return request_within(view, &e.request, at);
    } else if let Event::RequestSubmitted(e) = entry.event() {
        return request_within(view, &e.request, at);
    } else if let Event::RequestAccepted(_) = entry.event() {
        return request_within(view, request(view, entry).unwrap(), at);
    } else if let (Event::LookupAsked(e), Command::AskLookup(ask)) = (entry.event(), command) {
        let (claims, unit) = (ask.token.claims().unwrap(), entry.body.actor.unit.as_str());
        let (purpose, holder, asker) = (e.purpose, e.holder, view.me);
        let whole = Asked { subject: &e.subject, purpose, holder, asker, unit, at };
        not_revoked(view, claims, &e.subject)?;
        return e.questions.iter().try_for_each(|question| covers(claims, &whole, question));
    } else if let (Event::LookupPermitted(e), Command::JudgeLookup(judge)) = (entry.event(), command) {
        let (claims, unit) = (judge.token.claims().unwrap(), e.requester.unit.as_str());
        let (purpose, holder, asker) = (e.purpose, view.me, e.requester.party);
        let whole = Asked { subject: &e.subject, purpose, holder, asker, unit, at };
        not_revoked(view, claims, &e.subject)?;
        return e.questions.iter().try_for_each(|question| covers(claims, &whole, question));
    } else if let Event::LookupAnswered(e) = entry.event() {
        let permitted = permission(view, entry).unwrap();
        if let Some(claims) = granted(view, permitted.consent) {
            not_revoked(view, claims, &permitted.subject)?;
        }
        let pairs = permitted.questions.iter().zip(&e.answers);
        return pairs.into_iter().try_for_each(|(question, answer)| fits(question, answer));
    } else if let Event::ItemAnswered(e) = entry.event() {
        vec![(e.question, &e.answer)]
    } else if let Event::ReplySent(e) = entry.event() {
        e.answers.iter().map(|(no, answer)| (*no, answer)).collect()
    } else if let Event::ReplyCorrected(e) = entry.event() {
        vec![(e.question, &e.answer)]
    } else {
        return Ok(());
    };
    let request = request(view, entry).unwrap();
    for (no, answer) in answers {
        let asked = &request.questions[usize::from(no) - 1];
        fits(&asked.question, answer)?;
        not_revoked(view, granted(view, asked.consent).unwrap(), &asked.subject)?;
    }
    Ok(())
}

/// A consent is used no more often than it says, and each use has its number.
fn uses(view: &View, entry: &Entry, command: &Command) -> Result<(), Violation> {
    let (Event::LookupPermitted(last), Command::JudgeLookup(judge)) = (entry.event(), command) else { return Ok(()) };
    let permitted = view.own().filter(
        |other| matches!(other.event(), Event::LookupPermitted(permitted) if permitted.consent == last.consent),
    );
    let (spent, uses) = (u32::try_from(permitted.count()).unwrap(), judge.token.claims().unwrap().uses);
    let fine = spent <= uses && last.use_no == spent;
    ensure("no more uses than granted", fine, || format!("use {} of {uses}, the {spent}th", last.use_no))
}

/// The same command again is refused, unless its machine says that it may come again.
fn not_again(world: &World, side: usize, command: &Command, outcome: &Outcome) -> Result<(), Violation> {
    let again = world.would(side, &outcome.actor, command);
    if let (CommandKind::JudgeLookup, Ok(Event::LookupPermitted(_))) = (command.kind(), &again) {
        return ensure("lifecycle", false, || format!("two permissions: {command:?}"));
    }
    let fine = again.is_err() || MAY_REPEAT.contains(&command.kind());
    ensure("lifecycle", fine, || format!("given again: {command:?}"))
}
