//! What was read, as Protocol Buffers (proto3). The rules are those of `proto-schemas/README.md`; `proto_text` writes the
//! `.proto` by the same ones.
//!
//! A field's number is its position from 1, a variant's field likewise, an enum's number its position from 0. What proto3
//! can't say directly (an option or list within another thing) is a message with the one field `value = 1`.

use super::PublishedError;
use super::read::Value;
use super::schema::{Form, Schema, Shape, is_plain};

const VARINT: u64 = 0;
const LENGTH: u64 = 2;

/// Writes a struct, or an enum with content, as a message.
pub(super) fn message(schema: &Schema, shape: &Shape, value: &Value) -> Result<Vec<u8>, PublishedError> {
    let shape = schema.resolve(shape)?;
    let mut out = Vec::new();
    let fields = |out: &mut Vec<u8>, shapes: &mut dyn Iterator<Item = &Shape>, parts: &[Value]| {
        (1..).zip(shapes.zip(parts)).try_for_each(|(number, (shape, part))| field(schema, out, number, shape, part))
    };
    let mismatch = || PublishedError::Mismatch(format!("{shape:?}"));
    match (shape, value) {
        (Shape::Tuple(shapes), Value::Parts(parts)) => fields(&mut out, &mut shapes.iter(), parts)?,
        (Shape::Type(name), value) => match (schema.form(name)?, value) {
            (Form::Struct(named), Value::Parts(parts)) => {
                fields(&mut out, &mut named.iter().map(|(_, shape)| shape), parts)?;
            }
            (Form::Enum(variants), Value::Variant(index, content)) => {
                let (_, shape) = variants.get(*index).ok_or_else(mismatch)?;
                let number = *index as u64 + 1;
                match (shape, content) {
                    (Some(shape), Some(content)) => present(schema, &mut out, number, shape, content)?,
                    (None, None) => length_delimited(&mut out, number, &[]),
                    _ => return Err(mismatch()),
                }
            }
            _ => return Err(mismatch()),
        },
        // What has no message of its own: one with the field `value`.
        (Shape::Option(_) | Shape::List(_) | Shape::Set(_) | Shape::Map(..), value) => {
            field(schema, &mut out, 1, shape, value)?;
        }
        _ => return Err(mismatch()),
    }
    Ok(out)
}

/// Writes a field that may be left out when it has its default.
fn field(schema: &Schema, out: &mut Vec<u8>, number: u64, shape: &Shape, value: &Value) -> Result<(), PublishedError> {
    let shape = schema.resolve(shape)?;
    match (shape, value) {
        (_, Value::Bool(false) | Value::Unsigned(0) | Value::Signed(0)) => {}
        (_, Value::Text(text)) if text.is_empty() => {}
        (_, Value::Bytes(bytes)) if bytes.is_empty() => {}
        (Shape::Type(name), Value::Variant(0, None)) if plain(schema, name)? => {}
        (Shape::Option(_), Value::Option(None)) => {}
        (Shape::Option(inner), Value::Option(Some(value))) => present(schema, out, number, inner, value)?,
        (Shape::List(inner) | Shape::Set(inner), Value::List(values)) => {
            repeated(schema, out, number, inner, values)?;
        }
        (Shape::Map(key, inner), Value::Map(pairs)) => {
            for (k, v) in pairs {
                let mut entry = Vec::new();
                field(schema, &mut entry, 1, key, k)?;
                field(schema, &mut entry, 2, inner, v)?;
                length_delimited(out, number, &entry);
            }
        }
        (shape, value) => present(schema, out, number, shape, value)?,
    }
    Ok(())
}

// Numbers stand together in one field (packed), everything else one after the other.
fn repeated(
    schema: &Schema,
    out: &mut Vec<u8>,
    number: u64,
    inner: &Shape,
    values: &[Value],
) -> Result<(), PublishedError> {
    let numbers: Option<Vec<u64>> =
        if is_message(schema, inner)? { None } else { values.iter().map(number_of).collect() };
    match numbers {
        Some(numbers) if numbers.is_empty() => {}
        Some(numbers) => {
            let mut packed = Vec::new();
            numbers.into_iter().for_each(|number| varint(&mut packed, number));
            length_delimited(out, number, &packed);
        }
        None => values.iter().try_for_each(|value| present(schema, out, number, inner, value))?,
    }
    Ok(())
}

/// Writes a field whatever its value: of an option, of a list, of a variant.
fn present(
    schema: &Schema,
    out: &mut Vec<u8>,
    number: u64,
    shape: &Shape,
    value: &Value,
) -> Result<(), PublishedError> {
    let shape = schema.resolve(shape)?;
    let is_message = is_message(schema, shape)?;
    match (value, number_of(value)) {
        (_, Some(varying)) if !is_message => {
            varint(out, number << 3 | VARINT);
            varint(out, varying);
        }
        (Value::Text(text), _) => length_delimited(out, number, text.as_bytes()),
        (Value::Bytes(bytes), _) => length_delimited(out, number, bytes),
        _ => length_delimited(out, number, &message(schema, shape, value)?),
    }
    Ok(())
}

// A struct, or an enum with content.
fn is_message(schema: &Schema, shape: &Shape) -> Result<bool, PublishedError> {
    if let Shape::Type(name) = schema.resolve(shape)? { Ok(!plain(schema, name)?) } else { Ok(false) }
}

fn plain(schema: &Schema, name: &str) -> Result<bool, PublishedError> {
    Ok(match schema.form(name)? {
        Form::Enum(variants) => is_plain(variants),
        Form::Is(_) | Form::Struct(_) => false,
    })
}

// None for what is no number. A negative number is its 64 bits, as proto3's int32 and int64 have it.
fn number_of(value: &Value) -> Option<u64> {
    match value {
        Value::Bool(value) => Some(u64::from(*value)),
        Value::Unsigned(value) => Some(*value),
        Value::Signed(value) => Some(value.cast_unsigned()),
        Value::Variant(index, None) => Some(*index as u64),
        Value::Variant(_, Some(_))
        | Value::Text(_)
        | Value::Bytes(_)
        | Value::Option(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Parts(_) => None,
    }
}

fn length_delimited(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    varint(out, number << 3 | LENGTH);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Writes a varint.
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7F {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}
