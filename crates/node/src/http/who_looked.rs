//! "Who looked at this person, when, why, on which consent": for an auditor, and as a report for the family.
//!
//! Documents are in the body, never in a URL. Both answers are access events themselves. They tell of looks at this party
//! and of live questions this party knows of; looks at a peer are in the peer's log, and the answers say so.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tongcha_domain::access::{AccessTarget, Look, PERSONS_MAX, who_looked};
use tongcha_domain::id::{ConsentId, OfficerId, PartyId, UnitId};
use tongcha_domain::identity::Document;
use tongcha_domain::officer::Role;
use tongcha_domain::phrases::{Label, Phrase};
use tongcha_domain::purpose::Language;
use tongcha_domain::receipt::family_report;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::text::Short;
use tongcha_domain::view::{Rows, ViewError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::extract::Payload;
use crate::http::language::Spoken;
use crate::http::openapi::{CommandProblems, tags::AUDIT};
use crate::http::problem::Answer;
use crate::http::reading::read;
use crate::http::wire::Iso;

/// Who asks with officers' names.
pub(super) const AUDIT_ROLES: &[Role] = &[Role::Auditor, Role::DataProtection];
/// Who prints the report for a family.
pub(super) const REPORT_ROLES: &[Role] = &[Role::Caseworker, Role::Liaison, Role::DataProtection];

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(post_who_looked)).routes(routes!(post_report))
}

/// Whom a question is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "documents": [{ "kind": "macau_bir", "number": "9000001(0)" }], "reason": "request of the data subject",
}))]
pub(super) struct WhoAsked {
    /// The documents of a person or a household: 1 to 12.
    pub documents: Vec<Document>,
    /// What for; recorded before the answer is handed out.
    pub reason: Short,
}

/// Whom a report is about, and its language.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "documents": [{ "kind": "macau_bir", "number": "9000001(0)" }],
    "handed_to": { "kind": "macau_bir", "number": "9000001(0)" }, "language": "zh-Hant",
    "reason": "asked for at the counter",
}))]
pub(super) struct ReportAsked {
    /// The documents of a person or a household: 1 to 12.
    pub documents: Vec<Document>,
    /// To whom it is handed out: one of them, or who signed for one of them. What is about a child is handed only to the child
    /// and to who signed for it; what is suppressed towards the person is left out.
    pub handed_to: Document,
    /// The family's language.
    pub language: Language,
    /// What for; recorded before the answer is handed out.
    pub reason: Short,
}

/// What was looked at.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LookedAt {
    /// A routine batch.
    Batch(Uuid),
    /// An urgent notice.
    Urgent(Uuid),
    /// A consent.
    Consent(Uuid),
    /// A verification request.
    Verification(Uuid),
    /// A live question.
    Lookup(Uuid),
    /// A mandate.
    Mandate(Uuid),
    /// The answer to a question like this one.
    WhoLooked,
    /// A matching run.
    MatchRun(Uuid),
    /// A case conference.
    Conference(Uuid),
}

/// One look.
#[derive(Debug, Serialize, ToSchema)]
struct LookSeen {
    /// When.
    at: Iso,
    /// The party of the one who looked.
    party: PartyId,
    /// The officer; of another party's only the unit is known.
    officer: Option<OfficerId>,
    /// In which role.
    role: Option<Role>,
    /// For which unit.
    unit: UnitId,
    /// What was looked at.
    looked_at: LookedAt,
    /// What for, in the officer's words; none for a live question, whose purpose is the consent's.
    reason: Option<Short>,
    /// On which consents.
    consents: Vec<ConsentId>,
    /// Whose log says so.
    log: PartyId,
    /// Position in that log.
    seq: u64,
}

impl From<AccessTarget> for LookedAt {
    fn from(target: AccessTarget) -> Self {
        match target {
            AccessTarget::Batch(id) => Self::Batch(id.0),
            AccessTarget::Urgent(id) | AccessTarget::SealedUrgent(id) => Self::Urgent(id.0),
            AccessTarget::Consent(id) => Self::Consent(id.0),
            AccessTarget::Request(id) => Self::Verification(id.0),
            AccessTarget::Lookup(id) => Self::Lookup(id.0),
            AccessTarget::Mandate(id) => Self::Mandate(id.0),
            AccessTarget::Persons { .. } => Self::WhoLooked,
            AccessTarget::MatchRun(id) => Self::MatchRun(id.0),
            AccessTarget::Conference(id) => Self::Conference(id.0),
        }
    }
}

impl From<Look> for LookSeen {
    fn from(look: Look) -> Self {
        let Look { at, log, seq, party, officer, unit, target, reason, consents, about: _ } = look;
        let looked_at = LookedAt::from(target);
        let (officer, role) = officer.unzip();
        let consents = consents.into_iter().collect();
        Self { at: Iso(at), party, officer, role, unit, looked_at, reason, consents, log, seq }
    }
}

/// Who looked.
#[derive(Debug, Serialize, ToSchema)]
struct WhoLooked {
    /// The newest first; at most 1,000.
    looks: Vec<LookSeen>,
    /// What is not here, in the caller's language.
    note: &'static str,
}

/// One line of a report.
#[derive(Debug, Serialize, ToSchema)]
struct ReportLine {
    /// When, local time.
    when: String,
    /// Who, by party, unit and role; what; why; on which consent.
    what: String,
}

/// A report for a family.
#[derive(Debug, Serialize, ToSchema)]
struct FamilyReport {
    language: Language,
    /// The heading.
    title: &'static str,
    /// The newest first.
    lines: Vec<ReportLine>,
    /// Sentences at the foot.
    notes: Vec<&'static str>,
    /// The same as plain text, to print.
    text: String,
}

async fn looks(
    api: &Api,
    caller: Caller,
    documents: Vec<Document>,
    handed_to: Option<Document>,
    reason: Short,
) -> Answer<Vec<Look>> {
    let now = wall_clock();
    read_about(api, caller, documents, handed_to, reason, move |rows, me, documents, handed_to| {
        who_looked(rows, me, documents, handed_to, now)
    })
    .await
}

/// Reads a report about persons; that it is read, about whom and for whom, is recorded first.
pub(super) async fn read_about<T: Send + 'static>(
    api: &Api,
    caller: Caller,
    documents: Vec<Document>,
    handed_to: Option<Document>,
    reason: Short,
    make: impl Fn(&Rows<'_>, PartyId, &[Document], Option<&Document>) -> Result<T, ViewError> + Clone + Send + 'static,
) -> Answer<T> {
    if !(1..=PERSONS_MAX).contains(&documents.len()) {
        return Err(Refusal::new(RefusalCode::BadList).offending(["documents"]).into());
    }
    let target = AccessTarget::Persons { persons: documents.clone(), handed_to: handed_to.clone() };
    let find = move |rows: &Rows<'_>, me| make(rows, me, &documents, handed_to.as_ref()).map(Some);
    read(api, caller, target, reason, find).await
}

/// Tells an auditor who looked at a person or a household, when, why and on which consent. The access is recorded first.
///
/// By an auditor or a data-protection officer.
#[utoipa::path(post, path = "/v1/audit/who-looked", tag = AUDIT, request_body = WhoAsked,
    responses((status = 200, body = WhoLooked), CommandProblems))]
async fn post_who_looked(
    State(api): State<Api>,
    caller: Caller,
    Spoken(language): Spoken,
    Payload(WhoAsked { documents, reason }): Payload<WhoAsked>,
) -> Answer<Json<WhoLooked>> {
    caller.must_be(AUDIT_ROLES)?;
    let looks = looks(&api, caller, documents, None, reason).await?;
    let note = Label::OwnLogOnly.text(language);
    Ok(Json(WhoLooked { looks: looks.into_iter().map(LookSeen::from).collect(), note }))
}

/// Makes the report for a family: who looked at them, in their language; officers by unit and role, not by name. The
/// access is recorded first.
///
/// By a caseworker, a liaison officer or a data-protection officer, for the data subject (SU).
#[utoipa::path(post, path = "/v1/reports/who-looked", tag = AUDIT, request_body = ReportAsked,
    responses((status = 200, body = FamilyReport), CommandProblems))]
async fn post_report(
    State(api): State<Api>,
    caller: Caller,
    Payload(ReportAsked { documents, handed_to, language, reason }): Payload<ReportAsked>,
) -> Answer<Json<FamilyReport>> {
    caller.must_be(REPORT_ROLES)?;
    let looks = looks(&api, caller, documents, Some(handed_to), reason).await?;
    let report = family_report(&looks, language);
    let text = report.to_text();
    let lines = report.lines.into_iter().map(|(when, what)| ReportLine { when, what }).collect();
    Ok(Json(FamilyReport { language, title: report.title, lines, notes: report.notes, text }))
}
