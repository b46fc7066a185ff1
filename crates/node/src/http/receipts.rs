//! Receipts for the applicant, one page to print, in the language asked for: of a consent with its token as a QR code, of
//! a verification, of a lookup. Reading one is an access event.
//!
//! The page is HTML without scripts and without anything to fetch; everything in it is escaped. `Accept: text/plain` gives
//! the same as plain text, with the token in its text form.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::consent::ConsentFacts;
use tongcha_domain::id::{ConsentId, LookupId, PartyId, RequestId};
use tongcha_domain::lookup::{LookupFacts, LookupOutcome};
use tongcha_domain::phrases::Label;
use tongcha_domain::purpose::Language;
use tongcha_domain::receipt::{AskedLine, QuestionReceipt, Receipt, consent_receipt, question_receipt};
use tongcha_domain::text::Short;
use tongcha_domain::verification::RequestFacts;
use tongcha_domain::view::{Rows, Said, Sides, ViewError};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::consents::{Printed, printed, token_of};
use crate::http::extract::{Asked, Id, QueryForm};
use crate::http::language::tag;
use crate::http::openapi::{IdPath, ReadProblems, tags};
use crate::http::problem::{Answer, Problem};
use crate::http::reading::{read, read_unless};
use crate::http::worded::words;

/// Nothing may be fetched or run by a receipt; its own style is all there is.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");

/// Width and height of the QR code in pixels of the page: about 9 cm, so that the largest (177 modules) can be scanned.
const QR_PIXELS: u32 = 354;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(get_consent_receipt))
        .routes(routes!(get_verification_receipt))
        .routes(routes!(get_lookup_receipt))
}

/// In which language a receipt is printed, and why it is read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReceiptQuery {
    /// What it is printed for, in the officer's words; recorded before it is handed out. No personal data.
    #[param(value_type = String, min_length = 1, max_length = 200, example = "handed to the applicant")]
    reason: Short,
    /// The person's language: zh-Hans, zh-Hant, pt or en.
    lang: Language,
    /// Only the questions that rest on this consent: a request may hold another applicant's.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "uuid")]
    consent: Option<ConsentId>,
}

impl QueryForm for ReceiptQuery {
    const FORM: &'static str =
        "?reason= (1 to 200 characters) and ?lang= (zh-Hans, zh-Hant, pt, en) are needed; ?consent= may be given";
}

/// Returns the receipt of a consent, with its token as a QR code when it is in force. The access is recorded first.
///
/// At the consent's issuer. By who reads case files (LO, CW, RV, DO, HO, DP).
#[utoipa::path(get, path = "/v1/consents/{id}/receipt", tag = tags::CONSENTS, params(IdPath, ReceiptQuery),
    responses((status = 200, body = String, content_type = "text/html"), ReadProblems))]
async fn get_consent_receipt(
    State(api): State<Api>,
    caller: Caller,
    Id(consent): Id<ConsentId>,
    Asked(ReceiptQuery { reason, lang, .. }): Asked<ReceiptQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let now = wall_clock();
    let find = move |rows: &Rows<'_>, me| printed(rows, me, consent, now);
    let Printed { claims, state, usable } =
        read_unless(&api, caller, AccessTarget::Consent(consent), reason, find).await?;
    let receipt = consent_receipt(&claims, words("Consent", &state, lang), lang);
    let token = if usable { Some(token_of(&api, claims).await?) } else { None };
    answer(&receipt, token.as_deref(), &headers)
}

/// Returns the applicant's receipt of a verification: what was asked, of whom, on what letter, answered when. No answers.
/// The access is recorded first.
///
/// At the asker or the holder. By who reads case files (LO, CW, RV, DO, HO, DP).
#[utoipa::path(get, path = "/v1/verifications/{id}/receipt", tag = tags::VERIFICATIONS, params(IdPath, ReceiptQuery),
    responses((status = 200, body = String, content_type = "text/html"), ReadProblems))]
async fn get_verification_receipt(
    State(api): State<Api>,
    caller: Caller,
    Id(request): Id<RequestId>,
    Asked(ReceiptQuery { reason, lang, consent }): Asked<ReceiptQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let find = move |rows: &Rows<'_>, _| verification(rows, request, consent, lang);
    let of = read(&api, caller, AccessTarget::Request(request), reason, find).await?;
    answer(&question_receipt(&of, lang), None, &headers)
}

/// Returns the applicant's receipt of a lookup: what was asked, of whom, on what letter, answered when. No answers. The
/// access is recorded first.
///
/// At the asker or the holder. By who reads case files (LO, CW, RV, DO, HO, DP).
#[utoipa::path(get, path = "/v1/lookups/{id}/receipt", tag = tags::LOOKUPS, params(IdPath, ReceiptQuery),
    responses((status = 200, body = String, content_type = "text/html"), ReadProblems))]
async fn get_lookup_receipt(
    State(api): State<Api>,
    caller: Caller,
    Id(lookup): Id<LookupId>,
    Asked(ReceiptQuery { reason, lang, .. }): Asked<ReceiptQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let find = move |rows: &Rows<'_>, me| looked_up(rows, me, lookup, lang);
    let of = read(&api, caller, AccessTarget::Lookup(lookup), reason, find).await?;
    answer(&question_receipt(&of, lang), None, &headers)
}

fn letter(rows: &Rows<'_>, consent: ConsentId) -> Result<Option<[u8; 32]>, ViewError> {
    Ok(rows.sides::<ConsentFacts>(&consent)?.granted().map(|granted| granted.claims.letter_digest))
}

fn verification(
    rows: &Rows<'_>,
    request: RequestId,
    only: Option<ConsentId>,
    language: Language,
) -> Result<Option<QuestionReceipt>, ViewError> {
    let sides: Sides<RequestFacts> = rows.sides(&request)?;
    let Some((asker, submitted)) = sides.submitted() else { return Ok(None) };
    let mut asked = Vec::new();
    for question in submitted.questions.iter().filter(|question| only.is_none_or(|only| question.consent == only)) {
        let (item, consent) = (question.question.item, question.consent);
        asked.push(AskedLine { item, consent, letter: letter(rows, consent)? });
    }
    if asked.is_empty() {
        return Ok(None);
    }
    let holder = sides.of(submitted.holder);
    let refused = holder.and_then(|facts| facts.refused.as_ref());
    let replied = holder.map_or(0, |facts| facts.replied.len());
    let accepted = holder.is_some_and(|facts| facts.accepted.is_some());
    let state = match (replied, refused) {
        (0, Some(_)) => "refused",
        (0, None) if accepted => "accepted",
        (0, None) => "submitted",
        (some, _) if some < submitted.questions.len() => "partly_replied",
        (_, _) => "replied",
    };
    let last_reply = holder.and_then(|facts| facts.replied.values().map(|(_, said)| said.at).max());
    Ok(Some(QuestionReceipt {
        title: Label::VerificationReceipt,
        number: request.to_string(),
        status: words("Verification", state, language).to_owned(),
        asker,
        holder: submitted.holder,
        purpose: Some(submitted.purpose),
        asked,
        asked_at: sides.of(asker).and_then(|facts| at(facts.submitted.as_ref())),
        answered_at: last_reply,
        refused: refused.map(|(refused, _)| refused.refusal.code),
    }))
}

fn at<T>(fact: Option<&(T, Said)>) -> Option<tongcha_domain::time::Instant> {
    fact.map(|(_, said)| said.at)
}

fn looked_up(
    rows: &Rows<'_>,
    me: PartyId,
    lookup: LookupId,
    language: Language,
) -> Result<Option<QuestionReceipt>, ViewError> {
    let sides: Sides<LookupFacts> = rows.sides(&lookup)?;
    let asked = sides.of(me).and_then(|facts| facts.asked.as_ref());
    let permitted = sides.iter().find_map(|(holder, facts)| Some((holder, facts.permitted.as_ref()?)));
    let known = asked.map(|(asked, _)| (me, asked.holder, asked.consent, asked.purpose, &asked.questions));
    let told = permitted.map(|(holder, (permitted, _))| {
        (permitted.requester.party, holder, permitted.consent, permitted.purpose, &permitted.questions)
    });
    let Some((asker, holder, consent, purpose, questions)) = known.or(told) else { return Ok(None) };
    let judged = sides.of(holder);
    let outcome = sides.of(me).and_then(|facts| facts.closed.as_ref()).map(|(closed, _)| &closed.outcome);
    let denied = judged.and_then(|facts| facts.denied.as_ref()).map(|(denied, _)| denied.refusal.code);
    let (state, refused) = match outcome {
        Some(LookupOutcome::Answered(_)) => ("answered", None),
        Some(LookupOutcome::Denied(refusal)) => ("denied", Some(refusal.code)),
        Some(LookupOutcome::Unreachable) => ("unreachable", None),
        None if judged.is_some_and(|facts| facts.answered.is_some()) => ("answered", None),
        None if denied.is_some() => ("denied", denied),
        None if permitted.is_some() => ("permitted", None),
        None => ("asked", None),
    };
    let letter = letter(rows, consent)?;
    let lines = questions.iter().map(|question| AskedLine { item: question.item, consent, letter });
    Ok(Some(QuestionReceipt {
        title: Label::LookupReceipt,
        number: lookup.to_string(),
        status: words("Lookup", state, language).to_owned(),
        asker,
        holder,
        purpose: Some(purpose),
        asked: lines.collect(),
        asked_at: at(asked).or(permitted.map(|(_, (_, said))| said.at)),
        answered_at: judged.and_then(|facts| at(facts.answered.as_ref())),
        refused,
    }))
}

fn answer(receipt: &Receipt, token: Option<&str>, headers: &HeaderMap) -> Answer<Response> {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/plain") && !accept.contains("text/html") {
        let token = token.map(|token| format!("\n{token}\n")).unwrap_or_default();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        return Ok(([(CONTENT_TYPE, plain)], receipt.to_text() + &token).into_response());
    }
    let drawn = token.map(qr).transpose().map_err(|error| Problem::internal(&error))?;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    Ok(([(CONTENT_TYPE, html), (CONTENT_SECURITY_POLICY, POLICY)], page(receipt, drawn.as_deref())).into_response())
}

/// Draws a token as a QR code of the lowest error correction: a printed page is clean, and the longest token needs it.
fn qr(token: &str) -> Result<String, qrcode::types::QrError> {
    let code = QrCode::with_error_correction_level(token, EcLevel::L)?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(QR_PIXELS, QR_PIXELS).build();
    Ok(drawn.find("<svg").and_then(|from| drawn.get(from..)).unwrap_or_default().to_owned())
}

/// Escapes text for HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn page(receipt: &Receipt, qr: Option<&str>) -> String {
    let title = escape(receipt.title);
    let mut rows = String::new();
    for (label, value) in &receipt.lines {
        // Writing to a String does not fail.
        let _ = writeln!(rows, "<tr><th>{}</th><td>{}</td></tr>", escape(label), escape(value));
    }
    let notes: String = receipt.notes.iter().map(|note| format!("<p>{}</p>\n", escape(note))).collect();
    let qr = qr.map(|drawn| format!("<div>{drawn}</div>\n")).unwrap_or_default();
    let style = "body{font:12pt sans-serif;max-width:18cm;margin:1cm auto}th{text-align:left;vertical-align:top;\
        padding-right:1em;white-space:nowrap}td{word-break:break-word}svg{width:9cm;height:9cm}";
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{style}</style>\
         </head><body>\n<h1>{title}</h1>\n<table>\n{rows}</table>\n{notes}{qr}</body></html>\n",
        tag(receipt.language)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_on_a_page_is_taken_for_markup() {
        let hostile = "<script>alert(\"'&\")</script>";
        let lines = vec![(hostile.to_owned(), hostile.to_owned())];
        let receipt = Receipt { language: Language::Pt, title: "Recibo", lines, notes: vec!["a < b"] };
        let page = page(&receipt, None);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(&quot;&#39;&amp;&quot;)"), "{page}");
        assert!(page.contains("lang=\"pt\"") && page.contains("a &lt; b"));
    }

    #[test]
    fn the_longest_token_fits_a_code() {
        let longest = tongcha_ledger::token::ConsentToken::from_bytes(vec![7; tongcha_ledger::token::TOKEN_MAX]);
        let drawn = qr(&longest.to_text()).unwrap();
        assert!(drawn.starts_with("<svg") && !drawn.contains("script"));
    }
}
