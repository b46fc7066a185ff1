//! What is said about a JSON body that is refused: where, and what kind of mistake. Never the value: serde's own
//! messages quote it, and it may be a document number.

use serde_json::error::Category;
use serde_path_to_error::{Error, Segment};

use crate::http::wire::OWN_SENTENCES;

/// How the errors of our own value types begin. They name limits and positions, never the value, so they may be shown;
/// `own_errors_are_known` compares the list with the types.
const DOMAIN_SENTENCES: [&str; 10] = [
    "must have ",
    "must not be empty",
    "must not hold control",
    "may hold only",
    "may not have this character",
    "begins like another kind of document",
    "holds a birth date",
    "has a wrong check character",
    "a period is a month",
    "is none of the document kinds",
];

/// How serde's messages begin, and what is said instead: they go on with the value.
const SERDE_MESSAGES: [(&str, &str); 5] = [
    ("unknown field `", "is not a field here"),
    ("unknown variant `", "is none of the values there are"),
    ("invalid type: ", "is of the wrong type"),
    ("invalid value: ", "is not a value that this field can have"),
    ("invalid length ", "has the wrong length"),
];

/// Longest name of a field that is shown; ours have at most 20 letters.
const NAME_MAX: usize = 32;

/// Describes an error in one sentence.
pub(super) fn describe(error: &Error<serde_json::Error>) -> String {
    let json = error.inner();
    let place = format!("line {}, column {}", json.line(), json.column());
    match json.classify() {
        Category::Syntax | Category::Eof => format!("the body is not JSON: {place}"),
        Category::Io => "the body ended early".to_owned(),
        Category::Data => {
            let text = json.to_string();
            let suffix = format!(" at line {} column {}", json.line(), json.column());
            let reason = reason(text.strip_suffix(&suffix).unwrap_or(&text));
            format!("{}: {reason} ({place})", path(error.path()))
        }
    }
}

/// Writes a path. Only names that can be a field's are shown: a caller may have put anything in a field's place.
fn path(path: &serde_path_to_error::Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text += &format!("[{index}]"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                let plain = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '.';
                let name = if key.len() <= NAME_MAX && key.chars().all(plain) { key.as_str() } else { "?" };
                let dot = if text.is_empty() { "" } else { "." };
                text += &format!("{dot}{name}");
            }
            Segment::Unknown => text += "?",
        }
    }
    if text.is_empty() { "the body".to_owned() } else { text }
}

fn reason(text: &str) -> String {
    let own = DOMAIN_SENTENCES.iter().chain(&OWN_SENTENCES).any(|sentence| text.starts_with(sentence));
    // Both name a field of ours.
    if own || text.starts_with("missing field `") || text.starts_with("duplicate field `") {
        return text.to_owned();
    }
    let serdes = SERDE_MESSAGES.iter().find(|(beginning, _)| text.starts_with(beginning));
    // What serde expected stands last and is a text of this program.
    match (serdes, text.rsplit_once(", expected ")) {
        (Some((_, category)), Some((_, expected))) => format!("{category}: expected {expected}"),
        (Some((_, category)), None) => (*category).to_owned(),
        (None, _) if text.starts_with("UUID parsing failed") => "is not a UUID".to_owned(),
        (None, _) => "is not a value that this field can have".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use tongcha_domain::id::{IdError, PartyId};
    use tongcha_domain::identity::{Document, DocumentError};
    use tongcha_domain::item::Item;
    use tongcha_domain::text::{Short, TextError};
    use tongcha_domain::time::{Date, PeriodError};
    use uuid::Uuid;

    use super::*;

    const SECRET: &str = "440402190001010014";

    fn described<T: DeserializeOwned>(json: &str) -> String {
        let mut from = serde_json::Deserializer::from_str(json);
        match serde_path_to_error::deserialize::<_, T>(&mut from) {
            Ok(_) => panic!("{json} was read"),
            Err(error) => describe(&error),
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)] // only read
    struct Form {
        documents: Vec<Document>,
        #[serde(default)]
        item: Option<Item>,
        #[serde(default)]
        date: Option<Date>,
        #[serde(default)]
        id: Option<Uuid>,
        #[serde(default)]
        label: Option<Short>,
        #[serde(default)]
        count: u32,
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let wrong = r#"{"documents":[{"kind":"mainland_id","number":"440402190001010014"}]}"#;
        assert!(described::<Form>(wrong).starts_with("documents[0]: has a wrong check character"));
        assert!(described::<Form>(r#"{"documents":[],"item":"x"}"#).contains("item: is none of the values there are"));
        assert!(described::<Form>("{}").starts_with("the body: missing field `documents`"));
        assert!(
            described::<Form>(r#"{"documents":[],"count":"x"}"#)
                .starts_with("count: is of the wrong type: expected u32")
        );
        assert!(described::<Form>(r#"{"documents":[],"id":"x"}"#).starts_with("id: is not a UUID"));
        let date = described::<Form>(r#"{"documents":[],"date":"2026-02-30"}"#);
        assert!(date.starts_with("date: is not a value that this field can have"), "{date}");
        assert_eq!(described::<Form>("{\n  \"documents\" [}"), "the body is not JSON: line 2, column 15");
    }

    #[test]
    fn no_value_and_no_odd_key_is_repeated() {
        for form in [
            r#"{"documents":"?"}"#,
            r#"{"documents":[{"kind":"?","number":"1"}]}"#,
            r#"{"documents":[{"kind":"mainland_id","number":"?"}]}"#,
            r#"{"documents":[],"?":1}"#,
            r#"{"documents":[{"?":"mainland_id","number":"1"}]}"#,
            r#"{"documents":[],"item":"?"}"#,
            r#"{"documents":[],"item":{"?":1}}"#,
            r#"{"documents":[],"date":"?"}"#,
            r#"{"documents":[],"id":"?"}"#,
            r#"{"documents":[],"count":"?"}"#,
            r#"{"documents":[],"count":"?, expected ?"}"#,
            r#"{"documents":[],"?, expected one of `a`":1}"#,
            r#"{"documents":[],"count":?}"#,
            r#"{"documents":[],"label":"?
                "}"#,
            r#""?"#,
            "?",
        ] {
            let text = described::<Form>(&form.replace('?', SECRET));
            assert!(!text.contains("4404"), "{form}: {text}");
        }
    }

    #[test]
    fn own_errors_are_known() {
        let own: [&dyn std::fmt::Display; 15] = [
            &IdError::Length { len: 0, max: 1 },
            &IdError::Character,
            &"Macau".parse::<PartyId>().unwrap_err(),
            &TextError::Empty,
            &TextError::TooLong { len: 2, max: 1 },
            &TextError::Deceptive,
            &DocumentError::Length { found: 1, expected: "18" },
            &DocumentError::Character { position: 3 },
            &DocumentError::Prefix { expected: "C" },
            &DocumentError::BirthDate,
            &DocumentError::BornInFuture,
            &DocumentError::CheckCharacter,
            &DocumentError::Deceptive,
            &PeriodError,
            &tongcha_domain::identity::UnknownDocumentKind,
        ];
        for error in own {
            assert_eq!(reason(&error.to_string()), error.to_string());
        }
    }
}
