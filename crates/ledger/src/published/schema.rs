//! The schema: for every published type the shape of its encoding. Positions are what counts on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PublishedError;

/// How a value is encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A byte, 0 or 1.
    Bool,
    /// A byte.
    U8,
    /// A varint.
    U16,
    /// A varint.
    U32,
    /// A varint.
    U64,
    /// A byte, two's complement.
    I8,
    /// A zigzag varint.
    I16,
    /// A zigzag varint.
    I32,
    /// A zigzag varint.
    I64,
    /// Length and UTF-8.
    Text,
    /// Length and bytes.
    Bytes,
    /// As [`Shape::Bytes`], always the 16 of a UUID.
    Uuid,
    /// This many bytes, without a length.
    Fixed(usize),
    /// A byte, 0 or 1, and after 1 the value.
    Option(Box<Shape>),
    /// Length and values.
    List(Box<Shape>),
    /// As a list; ascending, each once.
    Set(Box<Shape>),
    /// Length and pairs of key and value, keys ascending, each once.
    Map(Box<Shape>, Box<Shape>),
    /// Values, one after the other.
    Tuple(Vec<Shape>),
    /// Another published type.
    Type(String),
}

/// What a published type is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Another shape under a name of its own, such as a party's name or an instant.
    Is(Shape),
    /// Fields, encoded one after the other.
    Struct(Vec<(String, Shape)>),
    /// One of these: its position as a varint, then its content.
    Enum(Vec<(String, Option<Shape>)>),
}

/// All published types, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schema(pub BTreeMap<String, Form>);

impl Schema {
    /// Returns a type.
    ///
    /// # Errors
    /// When there is none of the name.
    pub fn form(&self, name: &str) -> Result<&Form, PublishedError> {
        self.0.get(name).ok_or_else(|| PublishedError::UnknownType(name.to_owned()))
    }

    /// Follows names of other shapes to the shape itself; names of structs and enums stay.
    ///
    /// # Errors
    /// When a type is missing.
    pub fn resolve<'a>(&'a self, shape: &'a Shape) -> Result<&'a Shape, PublishedError> {
        let Shape::Type(name) = shape else { return Ok(shape) };
        match self.form(name)? {
            Form::Is(inner) => self.resolve(inner),
            Form::Struct(_) | Form::Enum(_) => Ok(shape),
        }
    }
}

/// Tells whether an enum has no content anywhere: in protobuf it is then an enum, and a message otherwise.
#[must_use]
pub fn is_plain(variants: &[(String, Option<Shape>)]) -> bool {
    variants.iter().all(|(_, content)| content.is_none())
}
