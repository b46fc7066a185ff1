//! The subject report: everything that concerned a household, for an auditor and for the family.
//!
//! Documents are in the body, never in a URL. Reading it is an access event first, which says about whom and for whom. Of
//! every line the place in a log is told; the receipt of a line of the own log is at `/v1/receipts/{seq}`, that of another
//! log at that party.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tongcha_domain::access::{ItemTold, Line, SubjectReport, Told, subject_report};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{ConsentId, OfficerId, PartyId, UnitId};
use tongcha_domain::identity::Document;
use tongcha_domain::item::{Answer as ItemAnswer, Granularity, Item};
use tongcha_domain::notice::WithheldReason;
use tongcha_domain::officer::Role;
use tongcha_domain::phrases::{Label, Phrase};
use tongcha_domain::purpose::Language;
use tongcha_domain::receipt::subject_receipt;
use tongcha_domain::refusal::RefusalCode;
use tongcha_domain::suppression::{DisclosureSuppressed, Suppressed, SuppressedCase, SuppressionLifted};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::view::Said;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::extract::Payload;
use crate::http::language::Spoken;
use crate::http::openapi::{CommandProblems, tags::AUDIT};
use crate::http::problem::Answer;
use crate::http::receipts;
use crate::http::who_looked::{AUDIT_ROLES, LookedAt, REPORT_ROLES, ReportAsked, WhoAsked, read_about};
use crate::http::wire::{EntryState, Iso};
use crate::node::Witnesses;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(post_subject_report)).routes(routes!(post_family_report))
}

/// What became of an item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ItemOutcome {
    /// A letter allows it to be asked.
    Allowed,
    /// Asked; what became of it stands in later lines.
    Asked,
    /// Answered.
    Answered,
    /// Refused: nothing was told.
    Refused,
    /// Not answered so far.
    NotAnswered,
    /// Answered, and recalled: not to be used.
    Recalled,
    /// Answered, and not for whom the report is handed to.
    OwnOnly,
}

/// An item of a line.
#[derive(Debug, Serialize, ToSchema)]
struct ItemSeen {
    /// About whom: position in the list of documents, from 0; none for an item of a letter.
    about: Option<usize>,
    #[schema(value_type = String)]
    item: Item,
    /// How finely it was asked, or may be.
    asked_as: Option<Granularity>,
    told: ItemOutcome,
    /// How finely it was told; finer than this nothing was shared.
    told_as: Option<Granularity>,
    answer: Option<ItemAnswer>,
}

impl From<ItemTold> for ItemSeen {
    fn from(item: ItemTold) -> Self {
        let ItemTold { about, item, granularity, told } = item;
        let told_as = told.told_as();
        let (told, answer) = match told {
            Told::Allowed => (ItemOutcome::Allowed, None),
            Told::Asked => (ItemOutcome::Asked, None),
            Told::Answered(answer) => (ItemOutcome::Answered, Some(answer)),
            Told::Refused => (ItemOutcome::Refused, None),
            Told::NotAnswered => (ItemOutcome::NotAnswered, None),
            Told::Recalled => (ItemOutcome::Recalled, None),
            Told::OwnOnly => (ItemOutcome::OwnOnly, None),
        };
        Self { about, item, asked_as: granularity, told, told_as, answer }
    }
}

/// One entry of a log that concerned the persons.
#[derive(Debug, Serialize, ToSchema)]
struct LineSeen {
    at: Iso,
    /// Whose log.
    log: PartyId,
    /// Position in it.
    seq: u64,
    /// Where its receipt is had: here for the own log, none for another party's.
    receipt: Option<String>,
    /// Whether it is witnessed already.
    state: EntryState,
    /// Who has witnessed it, as far as this party knows: of the own log the peers, of a peer's log this party.
    witnessed_by: Vec<PartyId>,
    /// What happened.
    kind: EventKind,
    /// Who did it; of another party's live question only the unit is known.
    officer: Option<OfficerId>,
    role: Option<Role>,
    unit: Option<UnitId>,
    /// The case.
    case: LookedAt,
    /// Whom it was about: positions in the list of documents, from 0.
    about: Vec<usize>,
    /// On which consents.
    consents: Vec<ConsentId>,
    /// Who asked, where it was a question.
    asker: Option<PartyId>,
    /// Who was asked.
    holder: Option<PartyId>,
    items: Vec<ItemSeen>,
    /// Why it was refused.
    refused: Option<RefusalCode>,
    /// Why the person was not named in a notice.
    withheld: Option<WithheldReason>,
    /// What for, in the officer's words.
    reason: Option<Short>,
}

fn receipt_of(me: PartyId, log: PartyId, seq: u64) -> Option<String> {
    (log == me).then(|| format!("/v1/receipts/{seq}"))
}

impl LineSeen {
    fn new(me: PartyId, line: Line, witnesses: &Witnesses) -> Self {
        let Line { at, log, seq, kind, by, unit, target, about, consents, between, items, refused, withheld, reason } =
            line;
        let (officer, role) = by.unzip();
        let witnessed_by = witnesses.of(log, seq);
        Self {
            at: Iso(at),
            log,
            seq,
            receipt: receipt_of(me, log, seq),
            state: EntryState::of(&witnessed_by),
            witnessed_by,
            kind,
            officer,
            role,
            unit,
            case: target.into(),
            about: about.into_iter().collect(),
            consents: consents.into_iter().collect(),
            asker: between.map(|[asker, _]| asker),
            holder: between.map(|[_, holder]| holder),
            items: items.into_iter().map(ItemSeen::from).collect(),
            refused,
            withheld,
            reason,
        }
    }
}

/// Who said something about a suppression.
#[derive(Debug, Serialize, ToSchema)]
struct SuppressionStep {
    /// Position in the log.
    seq: u64,
    at: Iso,
    by: OfficerId,
    reason: Note,
}

impl SuppressionStep {
    fn new(said: Said, reason: Note) -> Self {
        Self { seq: said.seq, at: Iso(said.at), by: said.by, reason }
    }
}

/// What is kept from whom.
#[derive(Debug, Serialize, ToSchema)]
struct SuppressionSeen {
    /// Whose log says so.
    log: PartyId,
    case: SuppressedCase,
    /// Who is told nothing of it.
    towards: Document,
    suppressed: SuppressionStep,
    lifted: Option<SuppressionStep>,
}

impl SuppressionSeen {
    fn new((log, one): (PartyId, Suppressed)) -> Self {
        let Suppressed { event: DisclosureSuppressed { case, towards, reason, others: _ }, said, lifted } = one;
        let lift = |(SuppressionLifted { reason, .. }, said)| SuppressionStep::new(said, reason);
        Self { log, case, towards, suppressed: SuppressionStep::new(said, reason), lifted: lifted.map(lift) }
    }
}

/// Everything that concerned some persons.
#[derive(Debug, Serialize, ToSchema)]
struct SubjectReportSeen {
    /// The oldest first; complete as far as this party did it or was told of it.
    lines: Vec<LineSeen>,
    /// What of it is kept from whom, why, and by whose decision.
    suppressed: Vec<SuppressionSeen>,
    /// What is not here, in the caller's language.
    note: &'static str,
}

/// One line of a family's report.
#[derive(Debug, Serialize, ToSchema)]
struct FamilyLine {
    /// When, local time.
    when: String,
    /// Who, by party and role; what; on which letter; what was told and what was not.
    what: String,
    /// Whose log.
    log: Option<PartyId>,
    /// Position in it.
    seq: Option<u64>,
    /// Where its receipt is had: here for the own log.
    receipt: Option<String>,
}

/// Everything that concerned a family, to be handed out.
#[derive(Debug, Serialize, ToSchema)]
struct FamilySubjectReport {
    language: Language,
    /// The heading.
    title: &'static str,
    /// The oldest first.
    lines: Vec<FamilyLine>,
    /// Sentences at the foot.
    notes: Vec<&'static str>,
    /// The same as plain text, to print.
    text: String,
}

async fn report(
    api: &Api,
    caller: Caller,
    documents: Vec<Document>,
    handed_to: Option<Document>,
    reason: Short,
) -> Answer<SubjectReport> {
    let now = wall_clock();
    read_about(api, caller, documents, handed_to, reason, move |rows, me, documents, handed_to| {
        subject_report(rows, me, documents, handed_to, now)
    })
    .await
}

/// Tells an auditor everything that concerned some persons: who asked which items on which letter, what was answered,
/// denied, withheld or not told, notices, overlaps, who looked; with what is suppressed towards whom. The access is recorded
/// first.
///
/// By an auditor or a data-protection officer; about a minor by one who is cleared for that.
#[utoipa::path(post, path = "/v1/audit/subject-report", tag = AUDIT, request_body = WhoAsked,
    responses((status = 200, body = SubjectReportSeen), CommandProblems))]
async fn post_subject_report(
    State(api): State<Api>,
    caller: Caller,
    Spoken(language): Spoken,
    Payload(WhoAsked { documents, reason }): Payload<WhoAsked>,
) -> Answer<Json<SubjectReportSeen>> {
    caller.must_be(AUDIT_ROLES)?;
    let SubjectReport { lines, suppressed, names: _ } = report(&api, caller, documents, None, reason).await?;
    let (me, witnesses) = (api.me(), api.node.witnesses());
    Ok(Json(SubjectReportSeen {
        lines: lines.into_iter().map(|line| LineSeen::new(me, line, &witnesses)).collect(),
        suppressed: suppressed.into_iter().map(SuppressionSeen::new).collect(),
        note: Label::KnownHereOnly.text(language),
    }))
}

/// Makes the report of everything that concerned a family, in their language; officers by role, not by name. The access is
/// recorded first.
///
/// By a caseworker, a liaison officer or a data-protection officer, for the person named (SU). `Accept: text/html` gives a
/// page to print, `text/plain` the same as text. What is about a child is handed only to the child and to who signed for it;
/// what is suppressed towards the person is left out, without a trace.
#[utoipa::path(post, path = "/v1/reports/subject", tag = AUDIT, request_body = ReportAsked,
    responses((status = 200, body = FamilySubjectReport), CommandProblems))]
async fn post_family_report(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Payload(ReportAsked { documents, handed_to, language, reason }): Payload<ReportAsked>,
) -> Answer<Response> {
    caller.must_be(REPORT_ROLES)?;
    let report = report(&api, caller, documents, Some(handed_to), reason).await?;
    let printed = subject_receipt(&report, language);
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") || accept.contains("text/plain") {
        return receipts::answer(&printed, None, &headers);
    }
    let text = printed.to_text();
    let me = api.me();
    // One line each; where there is none, the printed one says so.
    let places = report.lines.iter().map(|line| Some((line.log, line.seq))).chain(std::iter::repeat(None));
    let line = |((when, what), place): ((String, String), Option<(PartyId, u64)>)| FamilyLine {
        when,
        what,
        log: place.map(|(log, _)| log),
        seq: place.map(|(_, seq)| seq),
        receipt: place.and_then(|(log, seq)| receipt_of(me, log, seq)),
    };
    let lines = printed.lines.into_iter().zip(places).map(line).collect();
    let report = FamilySubjectReport { language, title: printed.title, lines, notes: printed.notes, text };
    Ok(Json(report).into_response())
}
