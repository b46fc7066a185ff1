//! Writes the `.proto` of a schema, by the rules that [`super::protobuf`] encodes by.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::schema::{Form, Schema, Shape, is_plain};

const HEAD: &str = "\
// The published types of version 1, made from the types by the tests of tongcha-ledger; see ../README.md.
// A comment behind a field names what schema.json says of it.

syntax = \"proto3\";

package tongcha.v1;

// A variant without content.
message Unit {}
";

/// Writes all types of a schema.
///
/// # Errors
/// When two things would have one name.
pub(crate) fn write(schema: &Schema) -> Result<String, String> {
    let mut writer = Writer { schema, messages: BTreeMap::new() };
    writer.put("Unit", String::new())?;
    for (name, form) in &schema.0 {
        match form {
            Form::Is(_) => {}
            Form::Struct(fields) => writer.message(name, fields)?,
            Form::Enum(variants) if is_plain(variants) => writer.plain(name, variants)?,
            Form::Enum(variants) => writer.oneof(name, variants)?,
        }
    }
    let texts: String = writer.messages.into_values().collect();
    Ok(HEAD.to_owned() + &texts)
}

struct Writer<'a> {
    schema: &'a Schema,
    messages: BTreeMap<String, String>,
}

impl Writer<'_> {
    fn put(&mut self, name: &str, text: String) -> Result<(), String> {
        match self.messages.insert(name.to_owned(), text) {
            None => Ok(()),
            Some(_) => Err(format!("two messages would be called {name}")),
        }
    }

    fn message(&mut self, name: &str, fields: &[(String, Shape)]) -> Result<(), String> {
        let mut text = format!("\nmessage {name} {{\n");
        for (number, (field, shape)) in (1..).zip(fields) {
            let owner = format!("{name}{}", pascal(field));
            let resolved = self.resolve(shape);
            let (label, kind) = if let Shape::Option(inner) = &resolved {
                ("optional ", self.present(&owner, inner)?)
            } else if let Shape::List(inner) | Shape::Set(inner) = &resolved {
                ("repeated ", self.present(&owner, inner)?)
            } else if let Shape::Map(key, value) = &resolved {
                ("repeated ", self.entry(&owner, key, value)?)
            } else {
                ("", self.present(&owner, shape)?)
            };
            let _ = writeln!(text, "  {label}{kind} {} = {number};{}", snake(field), self.comment(shape));
        }
        self.put(name, text + "}\n")
    }

    fn plain(&mut self, name: &str, variants: &[(String, Option<Shape>)]) -> Result<(), String> {
        let (mut text, prefix) = (format!("\nenum {name} {{\n"), snake(name).to_uppercase());
        let mut names = BTreeMap::new();
        for (number, (variant, _)) in variants.iter().enumerate() {
            let value = format!("{prefix}_{}", snake(variant).to_uppercase());
            if names.insert(value.clone(), variant).is_some() {
                return Err(format!("two values would be called {value}"));
            }
            let _ = writeln!(text, "  {value} = {number}; // {variant}");
        }
        self.put(name, text + "}\n")
    }

    fn oneof(&mut self, name: &str, variants: &[(String, Option<Shape>)]) -> Result<(), String> {
        let mut text = format!("\nmessage {name} {{\n  oneof value {{\n");
        for (number, (variant, content)) in (1..).zip(variants) {
            let (kind, remark) = match content {
                None => ("Unit".to_owned(), String::new()),
                Some(shape) => (self.present(&format!("{name}{}", pascal(variant)), shape)?, self.comment(shape)),
            };
            let _ = writeln!(text, "    {kind} {} = {number};{remark}", snake(variant));
        }
        self.put(name, text + "  }\n}\n")
    }

    /// The type of a single value; messages that it needs are written.
    fn present(&mut self, owner: &str, shape: &Shape) -> Result<String, String> {
        let resolved = self.resolve(shape);
        Ok(match &resolved {
            Shape::Bool => "bool".to_owned(),
            Shape::U8 | Shape::U16 | Shape::U32 => "uint32".to_owned(),
            Shape::U64 => "uint64".to_owned(),
            Shape::I8 | Shape::I16 | Shape::I32 => "int32".to_owned(),
            Shape::I64 => "int64".to_owned(),
            Shape::Text => "string".to_owned(),
            Shape::Bytes | Shape::Uuid | Shape::Fixed(_) => "bytes".to_owned(),
            Shape::Type(name) => name.clone(),
            Shape::Tuple(parts) => {
                let fields: Vec<_> =
                    (1..).zip(parts).map(|(number, part)| (format!("part_{number}"), part.clone())).collect();
                self.message(owner, &fields)?;
                owner.to_owned()
            }
            Shape::Option(_) | Shape::List(_) | Shape::Set(_) | Shape::Map(..) => {
                self.message(owner, &[("value".to_owned(), resolved.clone())])?;
                owner.to_owned()
            }
        })
    }

    fn entry(&mut self, owner: &str, key: &Shape, value: &Shape) -> Result<String, String> {
        self.message(owner, &[("key".to_owned(), key.clone()), ("value".to_owned(), value.clone())])?;
        Ok(owner.to_owned())
    }

    /// What the protobuf type does not tell, as a comment.
    fn comment(&self, shape: &Shape) -> String {
        let name = self.said_of(shape);
        if name.is_empty() { name } else { format!(" // {name}") }
    }

    fn said_of(&self, shape: &Shape) -> String {
        match shape {
            Shape::Type(name) => match self.schema.form(name) {
                Ok(Form::Is(_)) => name.clone(),
                Ok(Form::Struct(_) | Form::Enum(_)) | Err(_) => String::new(),
            },
            Shape::Option(inner) | Shape::List(inner) => self.said_of(inner),
            Shape::Set(inner) => format!("set {}", self.said_of(inner)).trim_end().to_owned(),
            Shape::Map(..) => "map".to_owned(),
            Shape::Uuid => "UUID, 16 bytes".to_owned(),
            Shape::Fixed(length) => format!("{length} bytes"),
            Shape::Bool | Shape::U8 | Shape::U16 | Shape::U32 | Shape::U64 | Shape::I8 | Shape::I16 => String::new(),
            Shape::I32 | Shape::I64 | Shape::Text | Shape::Bytes | Shape::Tuple(_) => String::new(),
        }
    }

    fn resolve(&self, shape: &Shape) -> Shape {
        self.schema.resolve(shape).unwrap().clone()
    }
}

/// `batch-sent` and `BATCH_SENT` as `BatchSent`; what is written so already stays.
pub(crate) fn pascal(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            let shouted = word.len() > 1 && !word.chars().any(|c| c.is_ascii_lowercase());
            first.to_uppercase() + &if shouted { rest.to_lowercase() } else { rest.to_owned() }
        })
        .collect()
}

/// `BatchSent` and `batch-sent` as `batch_sent`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            snake.push('_');
        }
        snake.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        before = c;
    }
    snake
}

#[test]
fn names_are_written_as_protobuf_has_them() {
    for (name, expected) in [("batch-sent", "BatchSent"), ("NODE", "Node"), ("ast.publicHousing", "AstPublicHousing")] {
        assert_eq!(pascal(name), expected);
        assert_eq!(pascal(expected), expected);
    }
    for (name, expected) in
        [("BatchSent", "batch_sent"), ("zh-Hans", "zh_hans"), ("LO", "lo"), ("id.exists", "id_exists")]
    {
        assert_eq!(snake(name), expected);
    }
}
