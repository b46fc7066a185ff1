//! The files of `proto-schemas/v1/` are what the types say. After a change that is meant, write them anew with
//! `TONGCHA_WRITE_VECTORS=1 cargo test -p tongcha-ledger published`, and read the difference.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::samples::schema;
use super::schema::{Form, Schema, Shape, is_plain};
use super::{proto_text, read};

fn published(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto-schemas/v1").join(name)
}

/// A published file as it is; empty when it is not there yet.
pub(crate) fn stored(name: &str) -> String {
    std::fs::read_to_string(published(name)).unwrap_or_default()
}

fn writing() -> bool {
    std::env::var_os("TONGCHA_WRITE_VECTORS").is_some()
}

/// What was released: from then on it is kept as it is, and only added to.
#[derive(Serialize, Deserialize)]
struct Released {
    released: bool,
    types: Schema,
}

fn released() -> Option<Released> {
    serde_json::from_str(&stored("released.json")).ok()
}

/// Whether there has been a release: before, the published files may change.
pub(crate) fn is_released() -> bool {
    released().is_some_and(|released| released.released)
}

/// Tells in what a schema does more than add to an older one.
fn extends(old: &Schema, new: &Schema) -> Result<(), String> {
    for (name, old) in &old.0 {
        match (old, new.0.get(name)) {
            (_, None) => return Err(format!("{name} is gone")),
            (Form::Enum(old), Some(Form::Enum(new))) => {
                if new.get(..old.len()) != Some(old) {
                    return Err(format!("{name}: variants are added at the end, nothing else is changed"));
                }
                if is_plain(old) != is_plain(new) {
                    return Err(format!("{name} had no content: in protobuf it is an enum and must stay one"));
                }
            }
            (old, Some(new)) if old == new => {}
            (_, Some(_)) => {
                return Err(format!("{name} is published: leave it, and make a new type and a new kind of event"));
            }
        }
    }
    Ok(())
}

/// Compares a published file with what the code makes; writes it first when that is asked for.
pub(crate) fn compare(name: &str, computed: &str) {
    let path = published(name);
    if writing() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, computed).unwrap();
    }
    let stored = stored(name);
    let first = computed.lines().zip(stored.lines()).find(|(computed, stored)| computed != stored);
    assert!(
        computed == stored,
        "proto-schemas/v1/{name} is not what the types say, first at {first:?}; if the change is meant: \
         TONGCHA_WRITE_VECTORS=1 cargo test -p tongcha-ledger published"
    );
}

/// The schema as JSON, a line for each field and variant.
pub(crate) fn as_lines(schema: &Schema) -> String {
    let mut text = "{\n".to_owned();
    let line = |value: &dyn erased::Line| value.line();
    for (place, (name, form)) in schema.0.iter().enumerate() {
        let comma = if place + 1 < schema.0.len() { "," } else { "" };
        let (kind, lines): (_, Vec<String>) = match form {
            Form::Is(shape) => {
                let _ = writeln!(text, "\"{name}\": {{\"is\": {}}}{comma}", line(shape));
                continue;
            }
            Form::Struct(fields) => ("struct", fields.iter().map(|field| line(field)).collect()),
            Form::Enum(variants) => ("enum", variants.iter().map(|variant| line(variant)).collect()),
        };
        let _ = writeln!(text, "\"{name}\": {{\"{kind}\": [\n  {}\n]}}{comma}", lines.join(",\n  "));
    }
    text + "}\n"
}

mod erased {
    pub(super) trait Line {
        fn line(&self) -> String;
    }

    impl<T: serde::Serialize> Line for T {
        fn line(&self) -> String {
            serde_json::to_string(self).unwrap()
        }
    }
}

#[test]
fn published_schema_is_that_of_the_types() {
    let text = as_lines(schema());
    assert_eq!(&serde_json::from_str::<Schema>(&text).unwrap(), schema());
    compare("schema.json", &text);
}

#[test]
fn published_proto_is_that_of_the_types() {
    compare("tongcha.proto", &proto_text::write(schema()).unwrap());
}

#[test]
fn published_schema_reads_every_sample_to_its_end() {
    for body in super::samples::bodies() {
        let shape = Shape::Type("Body".to_owned());
        let bytes = crate::canonical::encode(&body).unwrap();
        assert!(read::whole(schema(), &shape, &bytes).is_ok(), "{:?}", body.event.kind());
        assert!(read::whole(schema(), &shape, &bytes[..bytes.len() - 1]).is_err());
    }
}

#[test]
fn published_schema_extends_the_released_one() {
    // At a release: TONGCHA_RELEASE_SCHEMA=1. Before the first one the list only follows.
    let releasing = std::env::var_os("TONGCHA_RELEASE_SCHEMA").is_some();
    let baseline = released().unwrap_or(Released { released: false, types: Schema::default() });
    if baseline.released {
        extends(&baseline.types, schema()).unwrap();
    }
    if releasing || !baseline.released {
        let types = as_lines(schema());
        let text = format!("{{\"released\": {releasing}, \"types\": {}}}\n", types.trim_end());
        if releasing {
            std::fs::write(published("released.json"), &text).unwrap();
        }
        compare("released.json", &text);
    }
}

#[test]
fn published_types_may_be_added_to_and_nothing_else() {
    let old = Schema(schema().0.clone());
    let try_change = |name: &str, change: &dyn Fn(&mut Form)| {
        let mut new = Schema(old.0.clone());
        change(new.0.get_mut(name).unwrap());
        extends(&old, &new)
    };
    let fields = |change: fn(&mut Vec<(String, Shape)>)| {
        try_change("BatchSent", &|form| match form {
            Form::Struct(fields) => change(fields),
            Form::Is(_) | Form::Enum(_) => panic!("a struct"),
        })
    };
    let variants = |name: &str, change: fn(&mut Vec<(String, Option<Shape>)>)| {
        try_change(name, &|form| match form {
            Form::Enum(variants) => change(variants),
            Form::Is(_) | Form::Struct(_) => panic!("an enum"),
        })
    };
    assert_eq!(extends(&old, &old), Ok(()));
    assert_eq!(variants("EventKind", |all| all.push(("new".to_owned(), None))), Ok(()));
    assert_eq!(variants("Event", |all| all.push(("New".to_owned(), Some(Shape::U8)))), Ok(()));
    let mut more = Schema(old.0.clone());
    more.0.insert("New".to_owned(), Form::Struct(Vec::new()));
    assert_eq!(extends(&old, &more), Ok(()));

    assert!(extends(&more, &old).unwrap_err().contains("New is gone"));
    assert!(variants("EventKind", |all| all.swap(0, 1)).is_err(), "moved");
    assert!(variants("EventKind", |all| drop(all.pop())).is_err(), "taken away");
    assert!(variants("EventKind", |all| all.insert(3, ("new".to_owned(), None))).is_err(), "put between");
    assert!(variants("EventKind", |all| all[2].0.push('x')).is_err(), "called something else");
    assert!(variants("EventKind", |all| all.push(("new".to_owned(), Some(Shape::U8)))).is_err(), "with content");
    assert!(variants("Event", |all| all[0].1 = None).is_err(), "another content");
    assert!(fields(|all| all.push(("new".to_owned(), Shape::U8))).is_err(), "a new field");
    assert!(fields(|all| drop(all.pop())).is_err(), "a field less");
    assert!(fields(|all| all.swap(0, 1)).is_err(), "fields moved");
    assert!(fields(|all| all[0].0.push('x')).is_err(), "a field called something else");
    assert!(fields(|all| all[0].1 = Shape::U8).is_err(), "a field of another type");
    assert!(try_change("Instant", &|form| *form = Form::Is(Shape::U64)).is_err());
}

/// Two enums of which no sample shows the inner one: it is found all the same, and so are an option that was never given
/// and a list that was always empty.
#[test]
fn published_types_are_found_beyond_the_samples() {
    #[derive(Serialize, Deserialize)]
    enum Outer {
        Nothing,
        Something(Inner),
    }
    #[derive(Serialize, Deserialize)]
    enum Inner {
        Plain,
        Full { given: Option<Vec<u16>>, pair: (u8, bool) },
    }
    let traced = |samples: &[Outer]| {
        let mut trace = super::trace::Trace::default();
        trace.samples(samples);
        trace.finish().unwrap()
    };
    let found = traced(&[Outer::Nothing]);
    let full = traced(&[
        Outer::Nothing,
        Outer::Something(Inner::Plain),
        Outer::Something(Inner::Full { given: Some(vec![1]), pair: (1, true) }),
    ]);
    assert_eq!(found, full);
    assert!(as_lines(&found).contains(r#"["given",{"option":{"list":"u16"}}]"#), "{}", as_lines(&found));
}

/// A type that takes no made-up value and has no sample is named, not left out.
#[test]
fn published_types_that_cannot_be_found_are_an_error() {
    #[derive(Serialize, Deserialize)]
    enum Choice {
        Nothing,
        Month(tongcha_domain::time::Period),
    }
    let mut trace = super::trace::Trace::default();
    trace.samples(&[Choice::Nothing]);
    assert!(trace.finish().unwrap_err().contains("Choice::Month"));
    let month = "2026-07".to_owned().try_into().unwrap();
    let mut trace = super::trace::Trace::default();
    trace.samples(&[Choice::Nothing, Choice::Month(month)]);
    assert!(trace.finish().is_ok());
}

/// The numbers are those of the specification's own examples (protobuf.dev, Encoding): 150, and 3, 270, 86942 packed.
#[test]
fn published_protobuf_is_encoded_as_its_specification_says() {
    #[derive(Serialize, Deserialize)]
    struct Example {
        number: u32,
        packed: Vec<u32>,
        negative: i32,
        none: Option<bool>,
        given: Option<bool>,
        nested: Vec<Vec<u16>>,
        map: BTreeMap<u8, bool>,
        empty: String,
    }
    let example = Example {
        number: 150,
        packed: vec![3, 270, 86_942],
        negative: -1,
        none: None,
        given: Some(false),
        nested: vec![vec![1], vec![]],
        map: [(0, true)].into(),
        empty: String::new(),
    };
    let mut trace = super::trace::Trace::default();
    trace.samples(std::slice::from_ref(&example));
    let language = super::Language::new(trace.finish().unwrap());
    let encoded = language.protobuf("Example", &example).unwrap();
    let fields = ["089601", "1206038e029ea705", "18ffffffffffffffffff01", "2800", "32030a0101", "3200", "3a021001"];
    assert_eq!(hex::encode(encoded), fields.concat());
}
