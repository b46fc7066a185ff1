//! `bodies.json`: a body of every kind of event in each of its three forms, and an exported entry with each content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongcha_domain::event::{Body, Event, EventKind};

use super::entry::first;
use crate::canonical;
use crate::published::published_tests::{compare, is_released, stored};
use crate::published::samples::{bodies, schema};
use crate::published::{ExportedContent, ExportedEntry, Language};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Forms {
    postcard: String,
    protobuf: String,
    json: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
struct Vectors {
    about: String,
    bodies: BTreeMap<String, Forms>,
    exported: BTreeMap<String, Forms>,
}

fn forms<T: Serialize>(language: &Language, name: &str, value: &T) -> Forms {
    Forms {
        postcard: hex::encode(canonical::encode(value).unwrap()),
        protobuf: hex::encode(language.protobuf(name, value).unwrap()),
        json: language.json(name, value).unwrap(),
    }
}

#[test]
fn published_samples_cover_every_kind_in_wire_order() {
    let kinds: Vec<_> = bodies().iter().map(|body| Event::kind(&body.event)).collect();
    assert_eq!(kinds, EventKind::ALL);
}

#[test]
fn published_bodies_are_what_the_code_makes() {
    let (language, header, leaf) = (Language::new(schema().clone()), first().header().clone(), first().leaf());
    let sample = bodies().remove(0);
    let contents = [
        ("body", ExportedContent::Body(sample)),
        ("not_addressed", ExportedContent::NotAddressed),
        ("erased", ExportedContent::Erased),
        ("no_key", ExportedContent::NoKey),
        ("lost", ExportedContent::Lost),
    ];
    let exported = contents.map(|(name, content)| {
        let entry = ExportedEntry { header: header.clone(), leaf, content };
        (name.to_owned(), forms(&language, "ExportedEntry", &entry))
    });
    let named = bodies().into_iter().map(|body| (body.event.kind().code().to_owned(), forms(&language, "Body", &body)));
    let computed = Vectors {
        about:
            "A body of every kind of event, and exported entries: the canonical bytes, the protobuf message Body or \
            ExportedEntry, and the JSON."
                .to_owned(),
        bodies: named.collect(),
        exported: exported.into(),
    };
    if is_released() {
        let stored: Vectors = serde_json::from_str(&stored("vectors/bodies.json")).unwrap();
        for (kind, forms) in &stored.bodies {
            assert_eq!(computed.bodies.get(kind), Some(forms), "the released body of {kind} has changed");
        }
    }
    compare("vectors/bodies.json", &(serde_json::to_string_pretty(&computed).unwrap() + "\n"));
    let stored: Vectors = serde_json::from_str(&stored("vectors/bodies.json")).unwrap();
    for (kind, forms) in &stored.bodies {
        let bytes = hex::decode(&forms.postcard).unwrap();
        let body: Body = canonical::decode(&bytes, bytes.len()).unwrap();
        assert_eq!(body.event.kind().code(), kind);
    }
}

/// The JSON is what serde makes of the types, but for bytes, which serde writes as lists of numbers.
#[test]
fn published_json_is_that_of_the_types() {
    let language = Language::new(schema().clone());
    for body in bodies() {
        let (by_schema, by_types) = (language.json("Body", &body).unwrap(), serde_json::to_value(&body).unwrap());
        assert_eq!(as_hexadecimal(by_types, &by_schema), by_schema, "{:?}", body.event.kind());
    }
}

// Lists of bytes as hexadecimal, where the other side has text.
fn as_hexadecimal(value: serde_json::Value, like: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match (value, like) {
        (Value::Array(bytes), Value::String(_)) => {
            let bytes = bytes.iter().map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap());
            hex::encode(bytes.collect::<Vec<_>>()).into()
        }
        (Value::Array(values), Value::Array(likes)) if values.len() == likes.len() => {
            values.into_iter().zip(likes).map(|(value, like)| as_hexadecimal(value, like)).collect()
        }
        (Value::Object(fields), Value::Object(likes)) => {
            let field = |(name, value): (String, Value)| {
                let value = likes.get(&name).map_or(value.clone(), |like| as_hexadecimal(value, like));
                (name, value)
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        (value, _) => value,
    }
}
