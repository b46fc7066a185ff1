//! Who asks: the bearer token in `Authorization` makes an [`Actor`]. Comparing tokens is `officers`' business.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use serde::Deserialize;
use tongcha_domain::authority::check_officer;
use tongcha_domain::id::CommandKey;
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::refusal::RefusalCode;

use crate::clock::wall_clock;
use crate::enrolment;
use crate::http::api::Api;
use crate::http::fault::Fault;
use crate::http::idempotency::command_key;
use crate::http::problem::{Answer, Problem};

/// Names the role in which a deputy gives a command; without it an officer acts in the own role.
pub(super) const ACTING_AS: HeaderName = HeaderName::from_static("tongcha-acting-as");

/// Longest token that is looked at, in bytes; ours have 46.
const TOKEN_MAX: usize = 256;

/// An officer who reads.
pub(super) struct Caller(pub Actor);

impl Caller {
    /// Refuses other roles.
    pub(super) fn must_be(&self, roles: &[Role]) -> Answer<()> {
        if roles.contains(&self.0.role) { Ok(()) } else { Err(RefusalCode::RoleNotAllowed.into()) }
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    /// Who reads acts in the own role, and must hold the appointment still. Reads of personal data are commands besides,
    /// so that a refused one is on record.
    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let actor = authenticate(&parts.headers, api)?;
        let officer = actor.clone();
        let now = wall_clock();
        api.rows(move |core| check_officer(&core.rows(), core.me(), &officer, now)).await??;
        Ok(Self(actor))
    }
}

/// An officer who commands.
pub(super) struct Commander {
    /// The officer.
    pub actor: Actor,
    /// Names the command, when it can be repeated.
    pub key: Option<CommandKey>,
}

impl FromRequestParts<Api> for Commander {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Answer<Self> {
        let mut actor = authenticate(&parts.headers, api)?;
        // Before the officer's first command the log says who that is.
        enrolment::record(&api.node, &api.enrolled, &actor).await?;
        if let Some(role) = acting_as(&parts.headers)? {
            actor.role = role; // whether it was delegated is for the log to say, see `authority::check_officer`
        }
        let key = command_key(&parts.headers, &actor.officer)?;
        Ok(Self { actor, key })
    }
}

/// Reads the role a deputy says to act in.
fn acting_as(headers: &HeaderMap) -> Answer<Option<Role>> {
    let mut sent = headers.get_all(ACTING_AS).iter();
    let Some(value) = sent.next() else { return Ok(None) };
    let role = value.to_str().ok().and_then(|code| {
        let code = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(code);
        Role::deserialize(code).ok()
    });
    match role.filter(|role| *role != Role::Node && sent.next().is_none()) {
        Some(role) => Ok(Some(role)),
        None => Err(Problem::bad_request("header Tongcha-Acting-As: the code of one role, such as LO")),
    }
}

fn authenticate(headers: &HeaderMap, api: &Api) -> Answer<Actor> {
    let stranger = |detail| Problem::fault(Fault::Unauthenticated, detail);
    let token = bearer(headers).ok_or_else(|| stranger("no bearer token was sent"))?;
    let found = api.officers.authenticate(token).map_err(|error| Problem::internal(&error))?;
    found.ok_or_else(|| stranger("the token is not known here"))
}

/// The token, when there is exactly one and it is no longer than tokens are.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let value = sent.next().filter(|_| sent.next().is_none())?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && (1..=TOKEN_MAX).contains(&token.len())).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deputy_names_one_role_that_an_officer_can_have() {
        let role = |values: &[&str]| {
            let headers: HeaderMap = values.iter().map(|value| (ACTING_AS, value.parse().unwrap())).collect();
            acting_as(&headers).map_err(drop)
        };
        assert_eq!(role(&[]), Ok(None));
        assert_eq!(role(&["LO"]), Ok(Some(Role::Liaison)));
        for bad in [&["lo"] as &[&str], &["NODE"], &[""], &["LO", "LO"], &["XX"]] {
            assert_eq!(role(bad), Err(()), "{bad:?}");
        }
    }

    #[test]
    fn exactly_one_token_of_the_bearer_scheme_is_taken() {
        let token = |values: &[&str]| {
            let headers: HeaderMap = values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect();
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(token(&["Bearer tc_x"]).as_deref(), Some("tc_x"));
        assert_eq!(token(&["bearer  tc_x"]).as_deref(), Some("tc_x"));
        for bad in [&[] as &[&str], &["tc_x"], &["Bearer "], &["Basic tc_x"], &["Bearer a", "Bearer a"]] {
            assert_eq!(token(bad), None, "{bad:?}");
        }
        assert_eq!(token(&[&format!("Bearer {}", "x".repeat(TOKEN_MAX + 1))]), None);
    }
}
