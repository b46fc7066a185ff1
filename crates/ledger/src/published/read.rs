//! Reads canonical bytes by the schema alone.

use super::PublishedError;
use super::schema::{Form, Schema, Shape};

/// Longest varint: ten groups of seven bits hold 64.
const VARINT_MAX: u32 = 10;

/// What was read. Fields of a struct stand in their order, as the parts of a tuple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Text(String),
    Bytes(Vec<u8>),
    Option(Option<Box<Value>>),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Parts(Vec<Value>),
    Variant(usize, Option<Box<Value>>),
}

/// Reads all of some bytes as one value.
pub(super) fn whole(schema: &Schema, shape: &Shape, bytes: &[u8]) -> Result<Value, PublishedError> {
    let mut reader = Reader { schema, rest: bytes };
    match reader.value(shape) {
        Some(value) if reader.rest.is_empty() => Ok(value),
        _ => Err(PublishedError::Mismatch(format!("{shape:?}"))),
    }
}

struct Reader<'a> {
    schema: &'a Schema,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for group in 0..VARINT_MAX {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << (7 * group);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        let half = i64::try_from(value >> 1).ok()?;
        Some(if value & 1 == 0 { half } else { !half })
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.varint()?).ok()
    }

    fn list(&mut self, inner: &Shape) -> Option<Vec<Value>> {
        let length = self.length()?;
        (0..length).map(|_| self.value(inner)).collect()
    }

    fn value(&mut self, shape: &Shape) -> Option<Value> {
        Some(match shape {
            Shape::Bool => Value::Bool(self.flag()?),
            Shape::U8 => Value::Unsigned(self.byte()?.into()),
            Shape::I8 => Value::Signed(self.byte()?.cast_signed().into()),
            Shape::U16 | Shape::U32 | Shape::U64 => Value::Unsigned(self.varint()?),
            Shape::I16 | Shape::I32 | Shape::I64 => Value::Signed(self.zigzag()?),
            Shape::Text => {
                let length = self.length()?;
                Value::Text(std::str::from_utf8(self.take(length)?).ok()?.to_owned())
            }
            Shape::Bytes | Shape::Uuid => {
                let length = self.length()?;
                Value::Bytes(self.take(length)?.to_vec())
            }
            Shape::Fixed(length) => Value::Bytes(self.take(*length)?.to_vec()),
            Shape::Option(inner) => Value::Option(if self.flag()? { Some(Box::new(self.value(inner)?)) } else { None }),
            Shape::List(inner) | Shape::Set(inner) => Value::List(self.list(inner)?),
            Shape::Map(key, value) => {
                let length = self.length()?;
                let pairs = (0..length).map(|_| Some((self.value(key)?, self.value(value)?)));
                Value::Map(pairs.collect::<Option<_>>()?)
            }
            Shape::Tuple(parts) => Value::Parts(parts.iter().map(|part| self.value(part)).collect::<Option<_>>()?),
            Shape::Type(name) => self.named(name)?,
        })
    }

    fn named(&mut self, name: &str) -> Option<Value> {
        match self.schema.form(name).ok()? {
            Form::Is(shape) => self.value(shape),
            Form::Struct(fields) => {
                let parts = fields.iter().map(|(_, shape)| self.value(shape));
                Some(Value::Parts(parts.collect::<Option<_>>()?))
            }
            Form::Enum(variants) => {
                let index = self.length()?;
                let (_, content) = variants.get(index)?;
                let content = match content {
                    Some(shape) => Some(Box::new(self.value(shape)?)),
                    None => None,
                };
                Some(Value::Variant(index, content))
            }
        }
    }
}
