//! Which language an answer is in.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use tongcha_domain::purpose::Language;

/// Every language of the exchange.
pub(super) const LANGUAGES: [Language; 4] = [Language::ZhHans, Language::ZhHant, Language::Pt, Language::En];

/// Longest `Accept-Language` that is read, in bytes; browsers send fewer than 100.
const ACCEPT_MAX: usize = 512;

/// Returns the tag of a language (BCP 47), the same as in JSON.
pub(super) fn tag(language: Language) -> &'static str {
    match language {
        Language::ZhHans => "zh-Hans",
        Language::ZhHant => "zh-Hant",
        Language::Pt => "pt",
        Language::En => "en",
    }
}

/// Returns the language the caller likes best of those there are; English when it names none.
pub(super) fn accepted(headers: &HeaderMap) -> Language {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = asked.get(..ACCEPT_MAX).unwrap_or(asked);
    let mut best = (0, Language::En);
    for part in asked.split(',') {
        let (range, weight) = part.split_once(';').map_or((part, 1000), |(range, weight)| (range, thousandths(weight)));
        if let Some(language) = matching(range.trim())
            && weight > best.0
        {
            best = (weight, language);
        }
    }
    best.1
}

/// The language the caller likes best.
pub(super) struct Spoken(pub Language);

impl<S: Send + Sync> FromRequestParts<S> for Spoken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(accepted(&parts.headers)))
    }
}

/// Reads a weight such as `q=0.8`; 0 when it is none.
fn thousandths(weight: &str) -> u16 {
    let number = weight.trim().strip_prefix("q=").unwrap_or_default();
    match number.split_once('.') {
        Some(("0", fraction)) => format!("{fraction:0<3}").get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0),
        Some(("1", _)) => 1000,
        None if number == "1" => 1000,
        Some(_) | None => 0,
    }
}

fn matching(range: &str) -> Option<Language> {
    let range = range.to_ascii_lowercase();
    let mut parts = range.split('-');
    match (parts.next()?, parts.next()) {
        ("zh", Some("hant" | "mo" | "hk" | "tw")) => Some(Language::ZhHant),
        ("zh", _) => Some(Language::ZhHans),
        ("pt", _) => Some(Language::Pt),
        ("en", _) => Some(Language::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_there_is_wins() {
        for (asked, language) in [
            ("", Language::En),
            ("fr, *", Language::En),
            ("zh-Hans", Language::ZhHans),
            ("zh-CN,zh;q=0.9", Language::ZhHans),
            ("zh-MO", Language::ZhHant),
            ("zh-hant-MO;q=0.8, pt;q=0.9", Language::Pt),
            ("en;q=0.1, zh-TW;q=0.15", Language::ZhHant),
            ("pt;q=0, en;q=0.001", Language::En),
            ("pt;q=7, zh;q=1.0", Language::ZhHans),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, asked.parse().unwrap())]);
            assert_eq!(accepted(&headers), language, "{asked}");
        }
        assert_eq!(accepted(&HeaderMap::new()), Language::En);
    }

    #[test]
    fn tags_are_those_of_json() {
        for language in LANGUAGES {
            assert_eq!(serde_json::to_value(language).unwrap(), tag(language));
        }
    }
}
