//! Receipts for the applicant, one page to print, in the language asked for: of a consent with its token as a QR code, of
//! a verification, of a lookup. Reading one is an access event.
//!
//! The page is HTML without scripts and without anything to fetch; everything in it is escaped. `Accept: text/plain` gives
//! the same as plain text, with the token in its text form.

mod questions;

use std::fmt::Write;

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;
use tongcha_domain::access::AccessTarget;
use tongcha_domain::id::{ConsentId, LookupId, PartyId, RequestId};
use tongcha_domain::officer::Role;
use tongcha_domain::purpose::Language;
use tongcha_domain::receipt::{Proven, Receipt, consent_receipt, question_receipt};
use tongcha_domain::suppression::SuppressedCase;
use tongcha_domain::text::Short;
use tongcha_domain::view::Rows;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::consents::{Printed, printed, token_of};
use crate::http::extract::{Asked, Id, QueryForm};
use crate::http::language::tag;
use crate::http::openapi::{IdPath, ReceiptProblems, tags};
use crate::http::problem::{Answer, Problem};
use crate::http::reading::read_unless;
use crate::http::worded::words;
use questions::{Wanted, kept, looked_up, verification};

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
    /// To which signer of the consent it is handed out: position in its list of signers, from 0. Needed where it is about a
    /// child, where something is suppressed towards somebody, and for answers.
    #[serde(default)]
    signer: Option<u8>,
    /// Whether the signer asks for the own answers. At the holder by who sees the whole request (LO, RV, DP).
    #[serde(default)]
    answers: bool,
}

impl ReceiptQuery {
    fn wanted(&self, caller: &Caller) -> Wanted {
        let whole = matches!(caller.0.role, Role::Liaison | Role::Reviewer | Role::DataProtection);
        Wanted { consent: self.consent, signer: self.signer, answers: self.answers, whole }
    }
}

impl QueryForm for ReceiptQuery {
    const FORM: &'static str = "?reason= (1 to 200 characters) and ?lang= (zh-Hans, zh-Hant, pt, en) are needed; ?consent=, ?signer= (a number) and ?answers= (true) may be given";
}

/// Returns the receipt of a consent, with its token as a QR code when it is in force, and with who withdrew what. The access
/// is recorded first.
///
/// At the consent's issuer. By who reads case files (LO, CW, RV, DO, HO, DP).
#[utoipa::path(get, path = "/v1/consents/{id}/receipt", tag = tags::CONSENTS, params(IdPath, ReceiptQuery),
    responses((status = 200, body = String, content_type = "text/html"), ReceiptProblems))]
async fn get_consent_receipt(
    State(api): State<Api>,
    caller: Caller,
    Id(consent): Id<ConsentId>,
    Asked(ReceiptQuery { reason, lang, signer, .. }): Asked<ReceiptQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let now = wall_clock();
    let find = move |rows: &Rows<'_>, me| {
        let found = printed(rows, me, consent, now)?;
        let Ok(Printed { claims, .. }) = &found else { return Ok(found) };
        let kept = kept(rows, SuppressedCase::Consent(consent), Some(claims), signer)?;
        Ok(kept.map_or(found, Err))
    };
    let Printed { claims, withdrawn, state, usable, entries } =
        read_unless(&api, caller, AccessTarget::Consent(consent), reason, find).await?;
    let receipt = consent_receipt(&claims, &withdrawn, words("Consent", &state, lang), lang);
    let receipt = receipt.resting_on(&proven(&api, &entries));
    let token = if usable { Some(token_of(&api, claims).await?) } else { None };
    answer(&receipt, token.as_deref(), &headers)
}

/// Returns the applicant's receipt of a verification: what was asked, of whom, on what letter, answered when; the answers only
/// on request, and only those about whom the signer signed for. The access is recorded first.
///
/// At the asker or the holder. What is about a child is only on the receipt of who signed for it. By who reads case files (LO, CW, RV, DO, HO, DP).
#[utoipa::path(get, path = "/v1/verifications/{id}/receipt", tag = tags::VERIFICATIONS, params(IdPath, ReceiptQuery),
    responses((status = 200, body = String, content_type = "text/html"), ReceiptProblems))]
async fn get_verification_receipt(
    State(api): State<Api>,
    caller: Caller,
    Id(request): Id<RequestId>,
    Asked(query): Asked<ReceiptQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let (wanted, now) = (query.wanted(&caller), wall_clock());
    let ReceiptQuery { reason, lang, .. } = query;
    let find = move |rows: &Rows<'_>, me| verification(rows, me, request, wanted, lang, now);
    let of = read_unless(&api, caller, AccessTarget::Request(request), reason, find).await?;
    answer(&question_receipt(&of, lang).resting_on(&proven(&api, &of.entries)), None, &headers)
}

/// Returns the applicant's receipt of a lookup: what was asked, of whom, on what letter, answered when; the answers only on
/// request. The access is recorded first.
///
/// At the asker or the holder. About a child only for who signed for it. By who reads case files (LO, CW, RV, DO, HO, DP).
#[utoipa::path(get, path = "/v1/lookups/{id}/receipt", tag = tags::LOOKUPS, params(IdPath, ReceiptQuery),
    responses((status = 200, body = String, content_type = "text/html"), ReceiptProblems))]
async fn get_lookup_receipt(
    State(api): State<Api>,
    caller: Caller,
    Id(lookup): Id<LookupId>,
    Asked(query): Asked<ReceiptQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let (wanted, now) = (query.wanted(&caller), wall_clock());
    let ReceiptQuery { reason, lang, .. } = query;
    let find = move |rows: &Rows<'_>, me| looked_up(rows, me, lookup, wanted, lang, now);
    let of = read_unless(&api, caller, AccessTarget::Lookup(lookup), reason, find).await?;
    answer(&question_receipt(&of, lang).resting_on(&proven(&api, &of.entries)), None, &headers)
}

/// Adds to each entry who has witnessed it.
fn proven(api: &Api, entries: &[(PartyId, u64)]) -> Vec<Proven> {
    let witnesses = api.node.witnesses();
    entries.iter().map(|&(log, seq)| Proven { log, seq, witnesses: witnesses.of(log, seq) }).collect()
}

/// Answers with a receipt: as a page, or as plain text where that alone is accepted.
pub(super) fn answer(receipt: &Receipt, token: Option<&str>, headers: &HeaderMap) -> Answer<Response> {
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
