//! Lists in pages: `?limit=` and `?after=`, and where the next page is in a `Link` header (RFC 8288).
//!
//! In scope: the one way in which every list that can grow is cut. A list names an order by [`Key`]s that never change
//! while a thing is listed, and are different for any two things: whoever walks from page to page sees every thing that was
//! there when the walk began, each once, whatever is added meanwhile. What is added before the place reached is on no
//! later page; what is taken out is gone. Out of scope: what is in the lists.
//!
//! The body stays a plain array, so that a caller who wants the first page only needs to know nothing of this. The cursor
//! is the key of the last thing shown. It holds instants and ids, no personal data, and is not signed: a forged one begins
//! at another place of a list that its caller may read anyway.

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::HeaderValue;
use axum::http::header::LINK;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tongcha_domain::time::Instant;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::api::Api;
use crate::http::problem::{Answer, Problem};

/// Most things a page names, and how many it names when nothing is asked: about a megabyte of JSON.
pub(super) const PAGE_MAX: usize = 1000;

/// Longest cursor, in characters: no key has more than a few names and instants.
const CURSOR_MAX: usize = 512;

/// What a query that can't be read is told.
const FORM: &str = "?limit= is a number from 1 to 1000, ?after= a cursor of this list, and there is nothing else";

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Most things to return, 1 to 1,000; as many when it is not said.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    limit: Option<usize>,
    /// Where to go on: the cursor in the last page's `Link` header, as it is.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// The place of a thing in its list, as bytes in the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(Vec<u8>);

/// The sign bit: with it turned over, signed numbers are in order as bytes.
const SIGN: u64 = 1 << 63;

impl Key {
    /// Begins with an instant, the newest first; what has none comes last.
    pub(super) fn newest_first(at: Option<Instant>) -> Self {
        Self(match at {
            Some(at) => [&[0][..], &(!(at.0.cast_unsigned() ^ SIGN)).to_be_bytes()].concat(),
            None => vec![1],
        })
    }

    /// Goes on with an instant, the oldest first.
    pub(super) fn oldest_first(mut self, at: Instant) -> Self {
        self.0.extend((at.0.cast_unsigned() ^ SIGN).to_be_bytes());
        self
    }

    /// Goes on with a number, the smallest first.
    pub(super) fn number(mut self, number: u64) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    /// Goes on with an id.
    pub(super) fn id(mut self, id: Uuid) -> Self {
        self.0.extend(id.as_bytes());
        self
    }

    /// Goes on with a name; names hold no zero.
    pub(super) fn name(mut self, name: &str) -> Self {
        self.0.extend(name.bytes());
        self.0.push(0);
        self
    }

    /// Goes on with a name, the last in the alphabet first: months, and versions that are named by years.
    pub(super) fn name_last_first(mut self, name: &str) -> Self {
        self.0.extend(name.bytes().map(|byte| !byte));
        self.0.push(u8::MAX);
        self
    }
}

/// A page that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Paging {
    limit: usize,
    after: Option<Key>,
}

impl FromRequestParts<Api> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Answer<Self> {
        let bad = || Problem::bad_request(format!("query: {FORM}"));
        let Query(PageQuery { limit, after }) = Query::try_from_uri(&parts.uri).map_err(|_| bad())?;
        let limit = limit.unwrap_or(PAGE_MAX);
        if !(1..=PAGE_MAX).contains(&limit) || after.as_ref().is_some_and(|after| after.len() > CURSOR_MAX) {
            return Err(bad());
        }
        let key = |after: String| URL_SAFE_NO_PAD.decode(after).map(Key).map_err(|_| bad());
        Ok(Self { limit, after: after.map(key).transpose()? })
    }
}

impl Paging {
    /// Cuts the page out of everything there is.
    pub(super) fn cut<T>(&self, found: impl IntoIterator<Item = (Key, T)>) -> Page<T> {
        let later = |(key, _): &(Key, T)| self.after.as_ref().is_none_or(|after| key > after);
        let mut found: Vec<(Key, T)> = found.into_iter().filter(later).collect();
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let last = found.last().filter(|_| more).map(|(Key(last), _)| URL_SAFE_NO_PAD.encode(last));
        let next = last.map(|after| format!("<?limit={}&after={after}>; rel=\"next\"", self.limit));
        Page { items: found.into_iter().map(|(_, item)| item).collect(), next }
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub(super) struct Page<T> {
    items: Vec<T>,
    /// What the `Link` header says; none on the last page.
    next: Option<String>,
}

impl<T> Page<T> {
    /// Shows each thing.
    pub(super) fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(show).collect(), next: self.next }
    }

    /// Shows each thing that there is something to show of.
    pub(super) fn show<U, E>(self, show: impl FnMut(T) -> Result<Option<U>, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(show).filter_map(Result::transpose).collect::<Result<_, _>>()?;
        Ok(Page { items, next: self.next })
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        if let Some(next) = self.next.and_then(|next| HeaderValue::from_str(&next).ok()) {
            response.headers_mut().insert(LINK, next);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(at: i64, no: u128) -> Key {
        Key::newest_first(Some(Instant(at))).id(Uuid::from_u128(no))
    }

    /// What a `Link` header asks for next.
    fn next(page: &Page<i64>) -> Option<Paging> {
        let link = page.next.as_ref()?.strip_prefix("<?")?.strip_suffix(">; rel=\"next\"")?;
        let uri = format!("/v1/things?{link}").parse().unwrap();
        let Query(PageQuery { limit, after }) = Query::try_from_uri(&uri).unwrap();
        let after = URL_SAFE_NO_PAD.decode(after.unwrap()).map(Key).unwrap();
        Some(Paging { limit: limit.unwrap(), after: Some(after) })
    }

    #[test]
    fn keys_are_in_the_order_of_what_they_are_made_of() {
        let instants = [i64::MAX, 1, 0, -1, i64::MIN].map(|at| Key::newest_first(Some(Instant(at))));
        assert!(instants.is_sorted() && instants[4] < Key::newest_first(None));
        let oldest = [i64::MIN, -1, 0, 1, i64::MAX].map(|at| Key::default().oldest_first(Instant(at)));
        assert!(oldest.is_sorted());
        let names = ["a", "a.b", "ab", "b"].map(|name| Key::default().name(name));
        assert!(names.is_sorted() && Key::default().name("a").name("z") < Key::default().name("ab").name("a"));
        let months = ["2026-12", "2026-11", "2025-12"].map(|month| Key::default().name_last_first(month));
        assert!(months.is_sorted());
        assert!(key(1, 1) < key(1, 2));
    }

    #[test]
    fn a_walk_sees_everything_once_while_things_are_added_anywhere() {
        let mut things: Vec<(Key, i64)> = (0..2500_i64).map(|no| (key(no / 7, no.unsigned_abs().into()), no)).collect();
        let (mut paging, mut seen) = (Paging { limit: 100, after: None }, Vec::new());
        for added in 10_000_i64.. {
            let page = paging.cut(things.clone());
            seen.extend(page.items.iter().copied().filter(|no| *no < 10_000));
            things.push((key(added % 400, added.unsigned_abs().into()), added));
            things.push((key(10_000 + added, added.unsigned_abs().into()), added + 10_000));
            match next(&page) {
                Some(next) => paging = next,
                None => break,
            }
        }
        assert_eq!(seen.len(), 2500);
        seen.sort_unstable();
        assert_eq!(seen, (0..2500).collect::<Vec<_>>());
    }

    #[test]
    fn the_last_page_has_no_next_and_a_full_one_only_when_there_is_more() {
        let things = |count: i64| (0..count).map(|no| (key(no, no.unsigned_abs().into()), no));
        let paging = Paging { limit: 3, after: None };
        assert!(paging.cut(things(0)).next.is_none() && paging.cut(things(3)).next.is_none());
        assert!(paging.cut(things(4)).next.is_some());
        let strange = Paging { limit: 3, after: Some(Key(vec![255; 9])) };
        assert!(strange.cut(things(4)).items.is_empty());
    }
}
