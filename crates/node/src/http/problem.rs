//! Problems (RFC 9457): what is wrong, which rule says so, what to do next.
//!
//! A handler returns a [`Problem`]; the outermost layer writes it ([`Problem::body`]), because only there the request's
//! id, path and language are known. Nothing in a problem repeats a value of the request: it may be personal data.

use std::collections::BTreeMap;

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tongcha_domain::purpose::Language;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::fault::Fault;
use crate::http::language::{LANGUAGES, tag};
use crate::http::wire::Iso;
use crate::node::NodeError;
use crate::register::ImportReport;

/// Begins the `type` of every problem.
const TYPE: &str = "https://tongcha.example/problems/";
/// Media type of problems.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
/// When a busy service may be asked again, in seconds: longer than a group of commands takes, short for a person.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");
/// What a caller without a valid token is asked for (RFC 6750).
const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"tongcha\"");

/// What a handler answers: a value or a problem.
pub(super) type Answer<T> = Result<T, Problem>;

/// Which problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// The domain refused.
    Refused(RefusalCode),
    /// The request never got so far, or the service failed.
    Fault(Fault),
}

impl Code {
    /// Returns the published code.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Refused(code) => code.as_str(),
            Self::Fault(fault) => fault.as_str(),
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Refused(code) => code.rule(),
            Self::Fault(fault) => fault.rule(),
        }
    }

    fn title(self, language: Language) -> &'static str {
        match self {
            Self::Refused(code) => code.title(language),
            Self::Fault(fault) => fault.title(language),
        }
    }

    fn next_step(self, language: Language) -> &'static str {
        match self {
            Self::Refused(code) => code.next_step(language),
            Self::Fault(fault) => fault.next_step(language),
        }
    }

    /// Returns the HTTP status.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Refused(code) => refusal_status(code),
            Self::Fault(fault) => fault.status(),
        }
    }
}

/// 403: may not be. 404 and 409: not as things stand. 422: what was sent can't be taken. 504: the holder is silent.
fn refusal_status(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::RoleNotAllowed
        | RefusalCode::SamePerson
        | RefusalCode::NotYours
        | RefusalCode::NoConsent
        | RefusalCode::ConsentExpired
        | RefusalCode::ConsentRevoked
        | RefusalCode::ConsentUsedUp
        | RefusalCode::NotYetValid
        | RefusalCode::OverScope
        | RefusalCode::PurposeMismatch
        | RefusalCode::WrongHolder
        | RefusalCode::WrongRequester
        | RefusalCode::UnknownKey
        | RefusalCode::KeyCompromised
        | RefusalCode::BadSignature
        | RefusalCode::BadToken
        | RefusalCode::LogInDoubt
        | RefusalCode::ClockSkew
        | RefusalCode::AppointmentEnded
        | RefusalCode::NotAppointed
        | RefusalCode::UnitNotCapable
        | RefusalCode::NoChannel
        | RefusalCode::ChannelLapsed
        | RefusalCode::OverAgreement
        | RefusalCode::ConsentLapsed
        | RefusalCode::RunNotAuthorised
        | RefusalCode::NotAssigned
        | RefusalCode::TooManyPredicates
        | RefusalCode::MinorNotCleared
        | RefusalCode::Suppressed => StatusCode::FORBIDDEN,
        RefusalCode::NotYourDraft => StatusCode::FORBIDDEN,
        RefusalCode::NotFound => StatusCode::NOT_FOUND,
        RefusalCode::AlreadyExists
        | RefusalCode::WrongState
        | RefusalCode::EntriesOpen
        | RefusalCode::QuestionsOpen
        | RefusalCode::ImportRunning
        | RefusalCode::IdempotencyKeyReused
        | RefusalCode::ConsentIncomplete
        | RefusalCode::HearingMissing
        | RefusalCode::RunFailed
        | RefusalCode::RetentionFloor => StatusCode::CONFLICT,
        RefusalCode::WrongAddressee
        | RefusalCode::BadList
        | RefusalCode::BadDate
        | RefusalCode::LookupInterrupted
        | RefusalCode::BadTerm
        | RefusalCode::SignatureMissing
        | RefusalCode::BadAnswer
        | RefusalCode::NotUrgent
        | RefusalCode::DocumentNotAccepted
        | RefusalCode::BirthDateMissing
        | RefusalCode::AdultNeedsOwnLetter
        | RefusalCode::LanguageNotAccepted
        | RefusalCode::MatchLimit
        | RefusalCode::UnknownStandard
        | RefusalCode::MemberNotAppointed => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalCode::NotErasable | RefusalCode::EarlierEntriesStand | RefusalCode::RequestedEntriesMissing => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        RefusalCode::HolderUnreachable => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// A row of a register file that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct RowProblem {
    /// The row as a spreadsheet counts it, from 1; none for the file as a whole.
    row: Option<u64>,
    /// The column; none for the row as a whole.
    column: Option<String>,
    /// What kind of value stands there; never the value.
    value_class: Option<String>,
    /// Why it is refused.
    reason: String,
}

/// Why a request was not answered.
#[derive(Clone, Debug)]
pub(super) struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    code: Code,
    /// What exactly is wrong, in English; none where the title says it all.
    detail: Option<String>,
    offending: Vec<String>,
    effective_at: Option<Instant>,
    about: Option<Uuid>,
    rows: Option<(Vec<RowProblem>, u64)>,
}

impl Problem {
    fn new(code: Code) -> Self {
        let (detail, offending, effective_at, about, rows) = (None, Vec::new(), None, None, None);
        Self(Box::new(Parts { code, detail, offending, effective_at, about, rows }))
    }

    /// Makes a problem of a request, or of ours. `detail` must not hold a value of the request.
    pub(super) fn fault(fault: Fault, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(Code::Fault(fault));
        problem.0.detail = Some(detail.into());
        problem
    }

    /// Makes the problem of a request that can't be read.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::fault(Fault::BadRequest, detail)
    }

    fn unanswered(fault: Fault, error: &NodeError) -> Self {
        tracing::warn!(%error, "a request came while the service can't answer");
        Self::fault(fault, error.to_string())
    }

    /// Logs what failed and makes the problem that tells the caller only that something did.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::fault(Fault::Internal, "the service failed; its log says more under this request id")
    }

    /// Names the thing that a refused command was about.
    pub(super) fn about(mut self, id: Uuid) -> Self {
        self.0.about = Some(id);
        self
    }

    /// Returns which problem it is.
    pub(super) fn code(&self) -> Code {
        self.0.code
    }

    fn detail(&self, language: Language) -> String {
        let Parts { code, detail, offending, effective_at, .. } = &*self.0;
        if let Some(detail) = detail {
            return detail.clone();
        }
        let mut sentence = code.title(language).to_owned();
        if !offending.is_empty() {
            sentence = format!("{sentence}: {}", offending.join(", "));
        }
        if let Some(at) = effective_at {
            sentence = format!("{sentence} ({at})");
        }
        match language {
            Language::ZhHans | Language::ZhHant => sentence + "。",
            Language::Pt | Language::En => sentence + ".",
        }
    }

    /// Returns the problem as it is sent.
    pub(super) fn body(&self, language: Language, request_id: Uuid, instance: Option<String>) -> ProblemBody {
        let Parts { code, offending, effective_at, about, rows, .. } = &*self.0;
        let text = |language| ProblemText { title: code.title(language), next_step: code.next_step(language) };
        let (rows, more) = rows.clone().unzip();
        ProblemBody {
            kind: format!("{TYPE}{}", code.as_str()),
            title: code.title(language),
            status: code.status().as_u16(),
            code: code.as_str(),
            detail: self.detail(language),
            rule: code.rule(),
            next_step: code.next_step(language),
            offending: offending.clone(),
            effective_at: effective_at.map(Iso),
            about: *about,
            request_id,
            instance,
            text: LANGUAGES.into_iter().map(|language| (tag(language), text(language))).collect(),
            rows,
            more,
        }
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self.0.code {
            Code::Fault(Fault::Unauthenticated) => Some((WWW_AUTHENTICATE, CHALLENGE)),
            Code::Fault(Fault::ServiceUnavailable | Fault::Timeout | Fault::OwnLogUnconfirmed) => {
                Some((RETRY_AFTER, RETRY_SECONDS))
            }
            Code::Fault(_) | Code::Refused(_) => None,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let mut problem = Self::new(Code::Refused(refusal.code));
        problem.0.offending = refusal.offending;
        problem.0.effective_at = refusal.effective_at;
        problem
    }
}

impl From<RefusalCode> for Problem {
    fn from(code: RefusalCode) -> Self {
        Refusal::new(code).into()
    }
}

impl From<NodeError> for Problem {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Stopped | NodeError::ViewInDoubt => Self::unanswered(Fault::ServiceUnavailable, &error),
            NodeError::RolledBack => Self::unanswered(Fault::OwnLogIncomplete, &error),
            NodeError::Unconfirmed => Self::unanswered(Fault::OwnLogUnconfirmed, &error),
            NodeError::Failed(_) => Self::internal(&error),
        }
    }
}

impl From<ImportReport> for Problem {
    fn from(report: ImportReport) -> Self {
        Self::of_file(Fault::RegisterFile, "register file", report)
    }
}

impl Problem {
    /// Tells what is wrong with the file of a batch.
    pub(super) fn batch_file(report: ImportReport) -> Self {
        Self::of_file(Fault::BatchFile, "file", report)
    }

    fn of_file(fault: Fault, file: &str, report: ImportReport) -> Self {
        let row = |problem: crate::register::Problem| RowProblem {
            row: problem.row,
            column: problem.column,
            value_class: problem.found,
            reason: problem.reason.to_string(),
        };
        let count = report.count();
        let mut problem = Self::fault(fault, format!("the {file} has {count} problems; nothing of it was taken"));
        problem.0.rows = Some((report.problems.into_iter().map(row).collect(), report.more));
        problem
    }
}

impl IntoResponse for Problem {
    /// Leaves the body to the outermost layer, which knows the request's id, path and language.
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A problem as it is sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Names the problem for ever.
    #[serde(rename = "type")]
    #[schema(example = "https://tongcha.example/problems/SAME_PERSON")]
    kind: String,
    /// What is wrong, in the language asked for.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code: one of `RefusalCode`, or a code of the service itself such as `BAD_REQUEST`.
    #[schema(example = "SAME_PERSON")]
    code: &'static str,
    /// What exactly is wrong here. A request that can't be read is described in English, with the path in the body.
    detail: String,
    /// Where the rule comes from.
    rule: &'static str,
    /// What can be done about it.
    next_step: &'static str,
    /// The parts that offend, as codes and positions; never personal data.
    offending: Vec<String>,
    /// The instant the refusal turns on, such as when a consent expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_at: Option<Iso>,
    /// The thing that the refused command was about; of one that was not made, the id it would have had: the log knows the
    /// refusal by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<Uuid>,
    /// The request, as in `X-Request-Id`.
    request_id: Uuid,
    /// The path, with what is not an id left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Title and next step in all languages, by language tag.
    text: BTreeMap<&'static str, ProblemText>,
    /// Rows of a register file that are wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<RowProblem>>,
    /// How many rows more are wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<u64>,
}

/// A problem in one language.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ProblemText {
    /// What is wrong.
    title: &'static str,
    /// What can be done about it.
    next_step: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_language_asked_for_and_in_all_four() {
        let refusal = Refusal::new(RefusalCode::OverScope).offending(["exp.medical", "subject#3"]);
        let problem = Problem::from(refusal.effective_at(Instant(0)));
        let body = serde_json::to_value(problem.body(Language::En, Uuid::nil(), None)).unwrap();
        let title = RefusalCode::OverScope.title(Language::En);
        assert_eq!(body["detail"], format!("{title}: exp.medical, subject#3 (1970-01-01T00:00:00Z)."));
        assert_eq!(body["type"], "https://tongcha.example/problems/OVER_SCOPE");
        for language in LANGUAGES {
            assert_eq!(body["text"][tag(language)]["title"], RefusalCode::OverScope.title(language));
            assert_eq!(body["text"][tag(language)]["next_step"], RefusalCode::OverScope.next_step(language));
        }
        assert_eq!(
            problem.body(Language::ZhHant, Uuid::nil(), None).title,
            RefusalCode::OverScope.title(Language::ZhHant)
        );
    }

    #[test]
    fn every_refusal_has_a_status_of_the_caller_or_of_the_holder() {
        for &code in RefusalCode::ALL {
            let status = refusal_status(code);
            assert!(status.is_client_error() || status == StatusCode::GATEWAY_TIMEOUT, "{code:?}");
        }
    }

    #[test]
    fn what_failed_inside_is_not_told() {
        let problem = Problem::from(NodeError::Failed("disk sda1 at /var/lib".into()));
        let body = serde_json::to_string(&problem.body(Language::En, Uuid::nil(), None)).unwrap();
        assert!(!body.contains("sda1"), "{body}");
    }
}
