//! Reading requests strictly: bodies, ids in paths, queries. What can't be read is a problem that names the place.

use std::str::FromStr;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use http_body_util::LengthLimitError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tongcha_domain::case::CaseRef;
use tongcha_domain::id::{LineNo, OfficerId, PartyId};
use tongcha_domain::task::TaskNo;
use tongcha_domain::text::Short;
use utoipa::IntoParams;

use crate::http::api::Api;
use crate::http::fault::Fault;
use crate::http::json_error::describe;
use crate::http::problem::{Answer, Problem};

/// Longest JSON body in bytes. What a command holds must fit an event of 256 KiB, and JSON is longer than postcard.
pub(super) const JSON_BYTES_MAX: usize = 256 * 1024;

/// Returns the media type of a body, without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim())
}

/// Reads a body of at most `max` bytes. A longer one is refused at the first byte too many, or before the first when
/// it says how long it is.
pub(super) async fn collect(headers: &HeaderMap, body: Body, max: usize) -> Answer<Bytes> {
    let too_large = || Problem::fault(Fault::BodyTooLarge, format!("the body has more than {max} bytes"));
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|announced| usize::try_from(announced).map_or(true, |announced| announced > max)) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, max).await.map_err(|error| {
        let over = std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        if over { too_large() } else { Problem::bad_request("the body ended early") }
    })
}

/// A JSON body, read strictly: unknown fields and values outside their bounds are refused.
pub(super) struct Payload<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Api> for Payload<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Api) -> Answer<Self> {
        let (Parts { headers, .. }, body) = request.into_parts();
        if !media_type(&headers).is_some_and(|found| found.eq_ignore_ascii_case("application/json")) {
            return Err(Problem::fault(Fault::UnsupportedMediaType, "this operation takes application/json"));
        }
        let bytes = collect(&headers, body, JSON_BYTES_MAX).await?;
        let mut from = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut from).map_err(|e| Problem::bad_request(describe(&e)))?;
        from.end().map_err(|e| {
            let (line, column) = (e.line(), e.column());
            Problem::bad_request(format!("the body goes on after its end: line {line}, column {column}"))
        })?;
        Ok(Self(value))
    }
}

/// Reads a named part of the path.
pub(super) async fn param<T: FromStr>(parts: &mut Parts, api: &Api, name: &str, form: &str) -> Answer<T> {
    let bad = || Problem::bad_request(format!("path: {{{name}}} must be {form}"));
    let params = RawPathParams::from_request_parts(parts, api).await.map_err(|_| bad())?;
    let value = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    value.and_then(|value| value.parse().ok()).ok_or_else(bad)
}

const UUID_FORM: &str = "a UUID";
const LINE_FORM: &str = "a number from 1 to 65535";
const TASK_FORM: &str = "a number from 1 to 17";
const KIND_FORM: &str = "batch, urgent, consent, verification, meeting, conference or erasure";
const PARTY_FORM: &str = "the name of a party";
const SEQ_FORM: &str = "a position in the log, from 0";

/// The id in the path.
pub(super) struct Id<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<Api> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        param(parts, api, "id", UUID_FORM).await.map(Self)
    }
}

/// The id in the path, and the number of an entry or a question of it.
pub(super) struct IdLine<T>(pub T, pub LineNo);

impl<T: FromStr + Send> FromRequestParts<Api> for IdLine<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let id = param(parts, api, "id", UUID_FORM).await?;
        Ok(Self(id, param(parts, api, "no", LINE_FORM).await?))
    }
}

/// The number of a task in the path.
pub(super) struct Task(pub TaskNo);

impl FromRequestParts<Api> for Task {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        param(parts, api, "no", TASK_FORM).await.map(Self)
    }
}

/// The case in the path, by kind and id.
pub(super) struct Case(pub CaseRef);

impl FromRequestParts<Api> for Case {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let id = param(parts, api, "id", UUID_FORM).await?;
        let kind: String = param(parts, api, "kind", KIND_FORM).await?;
        let case = CaseRef::new(&kind, id);
        case.map(Self).ok_or_else(|| Problem::bad_request(format!("path: {{kind}} must be {KIND_FORM}")))
    }
}

/// The log in the path.
pub(super) struct Origin(pub PartyId);

impl FromRequestParts<Api> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        param(parts, api, "origin", PARTY_FORM).await.map(Self)
    }
}

/// The position in the path.
pub(super) struct Seq(pub u64);

impl FromRequestParts<Api> for Seq {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        param(parts, api, "seq", SEQ_FORM).await.map(Self)
    }
}

/// The log in the path, and a position in it.
pub(super) struct OriginSeq(pub PartyId, pub u64);

impl FromRequestParts<Api> for OriginSeq {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let origin = param(parts, api, "origin", PARTY_FORM).await?;
        Ok(Self(origin, param(parts, api, "seq", SEQ_FORM).await?))
    }
}

/// The officer in the path.
pub(super) struct OfficerPath(pub OfficerId);

impl FromRequestParts<Api> for OfficerPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        param(parts, api, "officer", "an officer's name").await.map(Self)
    }
}

/// A query, and the sentence that tells its form to whoever got it wrong.
pub(super) trait QueryForm: DeserializeOwned {
    /// What the query must be.
    const FORM: &'static str;
}

/// A query, read strictly.
pub(super) struct Asked<T>(pub T);

impl<T: QueryForm> FromRequestParts<Api> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Answer<Self> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(query)) => Ok(Self(query)),
            Err(_) => Err(Problem::bad_request(format!("query: {}", T::FORM))),
        }
    }
}

/// Why personal data is read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReasonQuery {
    /// What the content is read for, in the officer's words; recorded before it is handed out. No personal data.
    #[param(value_type = String, min_length = 1, max_length = 200, example = "monthly matching")]
    pub reason: Short,
}

impl QueryForm for ReasonQuery {
    const FORM: &'static str = "?reason= is needed, 1 to 200 characters, and nothing else";
}
