//! A thing with its status in words, in the caller's language (`Accept-Language`), from the one phrase catalogue.

use std::borrow::Cow;

use serde::Serialize;
use tongcha_domain::phrases::status_text;
use tongcha_domain::purpose::Language;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::http::paging::Page;

/// Something that has a status.
pub(super) trait Stated {
    /// The kind of case in the catalogue: the name of the status in the document, without `State`.
    const CASE: &'static str;

    /// Returns the status's published code.
    fn state(&self) -> String;
}

/// A thing, and its status in words.
///
/// Operations name it by an alias: the document's macro can't read a list of a generic type.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Worded<T> {
    #[serde(flatten)]
    of: T,
    /// The status in the language asked for.
    status_text: &'static str,
}

impl<T: ToSchema> PartialSchema for Worded<T> {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.description(Some("The status in the language asked for."));
        let words = ObjectBuilder::new().property("status_text", text).required("status_text");
        AllOfBuilder::new().item(Ref::from_schema_name(T::name())).item(words).into()
    }
}

impl<T: ToSchema> ToSchema for Worded<T> {
    fn name() -> Cow<'static, str> {
        format!("Worded{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: Stated> Worded<T> {
    /// Adds the words.
    pub(super) fn new(of: T, language: Language) -> Self {
        let status_text = words(T::CASE, &of.state(), language);
        Self { of, status_text }
    }
}

/// Adds the words to each thing of a page.
pub(super) fn worded<T: Stated>(page: Page<T>, language: Language) -> Page<Worded<T>> {
    page.map(|of| Worded::new(of, language))
}

/// Returns the words of a status.
pub(super) fn words(case: &str, code: &str, language: Language) -> &'static str {
    status_text(case, code, language).unwrap_or_default() // not reached: tests ask for every code of the document
}

/// Returns the published code of a status.
pub(super) fn code(state: &impl Serialize) -> String {
    match serde_json::to_value(state) {
        Ok(serde_json::Value::String(code)) => code,
        Ok(_) | Err(_) => String::new(), // not reached: statuses are names
    }
}
