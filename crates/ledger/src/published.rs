//! The published language: the shapes of all that is encoded, and the same content as JSON and as Protocol Buffers.
//!
//! In scope: the schema (`proto-schemas/v1/schema.json`, made from the types by this crate's tests and compiled in), reading
//! canonical bytes by it without knowing the types, and writing what was read as JSON or protobuf. Out of scope: whether
//! bytes are canonical, signed or allowed (the rest of this crate), files (`tongcha-audit`).
//!
//! Everything follows from the schema, so that an event added to the domain is exported, and published, without a line here.

mod json;
mod protobuf;
mod read;
pub mod schema;

#[cfg(test)]
pub(crate) mod proto_text;
#[cfg(test)]
pub(crate) mod published_tests;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
pub(crate) mod trace;
#[cfg(test)]
mod vectors;

use serde::{Deserialize, Serialize};
use tongcha_domain::event::Body;

use crate::canonical::{self, CodecError};
use crate::entry::{Header, Leaf};
use schema::{Schema, Shape};

/// Why a value can't be given in the published language. With a schema that fits the types, none of this happens.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// The schema is no schema.
    #[error("the published schema can't be read")]
    Schema(#[source] serde_json::Error),
    /// The value can't be encoded.
    #[error("the value can't be encoded")]
    Codec(#[from] CodecError),
    /// A type that the schema does not have.
    #[error("the schema has no type {0}")]
    UnknownType(String),
    /// The bytes are not of the shape that the schema gives them.
    #[error("the bytes are not what the schema says of {0}")]
    Mismatch(String),
}

/// An entry as it is given to other languages: what all parties see of it, and its content if it could be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedEntry {
    /// The header.
    pub header: Header,
    /// Hash of the entry in the log's tree.
    pub leaf: Leaf,
    /// What it says.
    pub content: ExportedContent,
}

/// What is given of an entry's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportedContent {
    /// The opened body.
    Body(Body),
    /// Nothing: the party is not in the audience.
    NotAddressed,
    /// Nothing: the key was destroyed.
    Erased,
    /// Nothing: no key was given.
    NoKey,
    /// Nothing: the body was lost with a disk.
    Lost,
}

/// A version of the language.
#[derive(Clone, Debug)]
pub struct Language(Schema);

impl Language {
    /// Returns version 1 as it was compiled in.
    ///
    /// # Errors
    /// When the file it was compiled from was no schema.
    pub fn v1() -> Result<Self, PublishedError> {
        serde_json::from_str(include_str!("../../../proto-schemas/v1/schema.json"))
            .map(Self)
            .map_err(PublishedError::Schema)
    }

    /// Takes a schema.
    #[must_use]
    pub fn new(schema: Schema) -> Self {
        Self(schema)
    }

    /// Gives a value of a published type as JSON: structs as objects, variants as serde does it, bytes in hexadecimal.
    ///
    /// # Errors
    /// When the value is not what the schema says of the type.
    pub fn json<T: Serialize>(&self, name: &str, value: &T) -> Result<serde_json::Value, PublishedError> {
        let shape = Shape::Type(name.to_owned());
        json::write(&self.0, &shape, &read::whole(&self.0, &shape, &canonical::encode(value)?)?)
    }

    /// Gives a value of a published type as the protobuf message of that name in `tongcha.proto`.
    ///
    /// # Errors
    /// When the value is not what the schema says of the type.
    pub fn protobuf<T: Serialize>(&self, name: &str, value: &T) -> Result<Vec<u8>, PublishedError> {
        let shape = Shape::Type(name.to_owned());
        protobuf::message(&self.0, &shape, &read::whole(&self.0, &shape, &canonical::encode(value)?)?)
    }

    /// As [`Language::protobuf`], with the message's length before it as a varint: the form of files of many messages.
    ///
    /// # Errors
    /// As [`Language::protobuf`].
    pub fn delimited<T: Serialize>(&self, name: &str, value: &T) -> Result<Vec<u8>, PublishedError> {
        let (message, mut bytes) = (self.protobuf(name, value)?, Vec::new());
        protobuf::varint(&mut bytes, message.len() as u64);
        bytes.extend(message);
        Ok(bytes)
    }
}
