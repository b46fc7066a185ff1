//! The deserializer of a trace: gives a type what it asks for, and notes what that was.

use std::any::type_name;

use serde::de::value::{Error, SeqDeserializer, U32Deserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::{Draft, Input, Target, Trace, hole};
use crate::published::proto_text::pascal;
use crate::published::schema::Shape;

/// A deserializer at the place of one value.
pub(super) struct De<'a> {
    pub(super) trace: &'a mut Trace,
    /// The Rust type of the value, where it is known.
    pub(super) rust: Option<&'static str>,
}

impl De<'_> {
    fn note(&mut self, shape: Shape) {
        self.trace.last = Some(shape);
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty, $shape:ident, $read:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            let read: fn(&mut Trace) -> Result<$type, Error> = $read;
            let value = read(self.trace)?;
            let value = visitor.$visit(value);
            self.note(Shape::$shape);
            value
        })*
    };
}

macro_rules! unpublished {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(Error::custom(concat!("no published type may use ", stringify!($method))))
        })*
    };
}

fn zigzag(trace: &mut Trace) -> Result<i64, Error> {
    let value = trace.varint()?;
    let half = (value >> 1).cast_signed();
    Ok(if value & 1 == 0 { half } else { !half })
}

fn narrow<A, B: TryFrom<A>>(value: A) -> Result<B, Error> {
    B::try_from(value).map_err(|_| Error::custom("too large a number"))
}

impl<'de> Deserializer<'de> for De<'_> {
    type Error = Error;

    numbers! {
        deserialize_bool visit_bool bool, Bool, |trace| Ok(trace.byte()? != 0);
        deserialize_u8 visit_u8 u8, U8, Trace::byte;
        deserialize_u16 visit_u16 u16, U16, |trace| narrow(trace.varint()?);
        deserialize_u32 visit_u32 u32, U32, |trace| narrow(trace.varint()?);
        deserialize_u64 visit_u64 u64, U64, Trace::varint;
        deserialize_i8 visit_i8 i8, I8, |trace| Ok(trace.byte()?.cast_signed());
        deserialize_i16 visit_i16 i16, I16, |trace| narrow(zigzag(trace)?);
        deserialize_i32 visit_i32 i32, I32, |trace| narrow(zigzag(trace)?);
        deserialize_i64 visit_i64 i64, I64, zigzag;
    }

    unpublished! {
        deserialize_any deserialize_i128 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_unit deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let text = String::from_utf8(self.trace.bytes()?).map_err(Error::custom)?;
        let value = visitor.visit_string(text);
        self.note(Shape::Text);
        value
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let is_uuid = type_name::<V>().contains("uuid::");
        let mut bytes = self.trace.bytes()?;
        if is_uuid {
            bytes.resize(16, 0);
        }
        let value = visitor.visit_byte_buf(bytes);
        self.note(if is_uuid { Shape::Uuid } else { Shape::Bytes });
        value
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Self { trace, rust } = self;
        let tried = trace.is_tried(rust);
        let given = match trace.inputs.last() {
            Some(Input::Sample(..)) if !tried => trace.byte()? != 0,
            _ => true,
        };
        if !given {
            trace.last = Some(Shape::Option(Box::new(hole(rust))));
            return visitor.visit_none();
        }
        let inner = rust.and_then(|rust| rust.strip_prefix("core::option::Option<")?.strip_suffix('>'));
        let value = match inner {
            Some(inner) => trace.enter(inner, |trace| visitor.visit_some(De { trace, rust: Some(inner) }))?,
            None => visitor.visit_some(De { trace, rust: None })?,
        };
        let inner = trace.last.take().unwrap();
        trace.last = Some(Shape::Option(Box::new(inner)));
        Ok(value)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, _: V) -> Result<V::Value, Error> {
        Err(Error::custom(format!("no published type may be a unit struct, as {name} is")))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(De { trace: self.trace, rust: None })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Self { trace, rust } = self;
        let reader = type_name::<V>();
        if reader.contains("VecVisitor<u8>") {
            let bytes = trace.bytes()?;
            let value = visitor.visit_seq(SeqDeserializer::new(bytes.into_iter()));
            trace.last = Some(Shape::Bytes);
            return value;
        }
        let left = trace.count(rust)?;
        let mut members = Members { trace, left, shape: hole(rust) };
        let value = visitor.visit_seq(&mut members)?;
        let (trace, shape) = (members.trace, Box::new(members.shape));
        trace.last = Some(if reader.contains("BTreeSet") { Shape::Set(shape) } else { Shape::List(shape) });
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        let mut parts = Parts { trace: self.trace, left: len, shapes: Vec::new() };
        let value = visitor.visit_seq(&mut parts)?;
        let Parts { trace, shapes, .. } = parts;
        let is_array = type_name::<V>().contains("ArrayVisitor");
        trace.last = Some(match shapes.first() {
            Some(Shape::U8) if is_array => Shape::Fixed(len),
            _ => Shape::Tuple(shapes),
        });
        Ok(value)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Self { trace, rust } = self;
        let left = trace.count(rust)?;
        let mut pairs = Pairs { trace, left, key: hole(rust), value: hole(rust) };
        let value = visitor.visit_map(&mut pairs)?;
        let Pairs { trace, key, value: shape, .. } = pairs;
        trace.last = Some(Shape::Map(Box::new(key), Box::new(shape)));
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Self { trace, rust } = self;
        let members = fields.join(",");
        let identity = trace.identity(rust, name, &members);
        trace.fields(&identity, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Self { trace, rust } = self;
        let members = variants.join(",");
        let identity = trace.identity(rust, name, &members);
        let unknown = || Draft::Enum(variants.iter().map(|variant| ((*variant).to_owned(), None)).collect());
        let at = trace.find(&identity, &members, unknown);
        let index = match trace.targets.front() {
            Some(&Target::Variant(target, index)) if target == at => {
                trace.make_up();
                index
            }
            _ => narrow(trace.varint()?)?,
        };
        let value = visitor.visit_enum(Variant { trace: &mut *trace, at, index })?;
        trace.last = Some(Shape::Type(trace.found[at].name.clone()));
        Ok(value)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

pub(super) struct Fields<'a> {
    pub(super) trace: &'a mut Trace,
    pub(super) at: usize,
    pub(super) fields: &'static [&'static str],
    pub(super) next: usize,
}

impl<'de> SeqAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(field) = self.fields.get(self.next) else { return Ok(None) };
        let name = self.trace.found[self.at].name.clone();
        self.trace.owner = vec![name, pascal(field)];
        let value = self.trace.seed(seed)?;
        self.trace.merge_field(self.at, self.next);
        self.next += 1;
        Ok(Some(value))
    }
}

struct Members<'a> {
    trace: &'a mut Trace,
    left: u64,
    shape: Shape,
}

impl<'de> SeqAccess<'de> for &mut Members<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let value = self.trace.seed(seed)?;
        let shape = self.trace.last.take().unwrap();
        self.shape = self.trace.merge(0, &self.shape, &shape);
        Ok(Some(value))
    }
}

struct Parts<'a> {
    trace: &'a mut Trace,
    left: usize,
    shapes: Vec<Shape>,
}

impl<'de> SeqAccess<'de> for &mut Parts<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let value = self.trace.seed(seed)?;
        self.shapes.extend(self.trace.last.take());
        Ok(Some(value))
    }
}

struct Pairs<'a> {
    trace: &'a mut Trace,
    left: u64,
    key: Shape,
    value: Shape,
}

impl<'de> MapAccess<'de> for &mut Pairs<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let key = self.trace.seed(seed)?;
        let shape = self.trace.last.take().unwrap();
        self.key = self.trace.merge(0, &self.key, &shape);
        Ok(Some(key))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let value = self.trace.seed(seed)?;
        let shape = self.trace.last.take().unwrap();
        self.value = self.trace.merge(0, &self.value, &shape);
        Ok(value)
    }
}

struct Variant<'a> {
    trace: &'a mut Trace,
    at: usize,
    index: u32,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Error> {
        let index: U32Deserializer<Error> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, self))
    }
}

impl Variant<'_> {
    fn done(&mut self) {
        let shape = self.trace.last.take();
        self.trace.merge_variant(self.at, self.index, shape);
    }

    fn name(&self) -> String {
        let found = &self.trace.found[self.at];
        match &found.form {
            Draft::Enum(variants) => format!("{}{}", found.name, pascal(&variants[self.index as usize].0)),
            Draft::Is(_) | Draft::Struct(_) => panic!("a variant of an enum"),
        }
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Error;

    fn unit_variant(mut self) -> Result<(), Error> {
        self.trace.last = None;
        self.done();
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value, Error> {
        self.trace.owner = vec![self.name()];
        let value = self.trace.seed(seed)?;
        self.done();
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(mut self, len: usize, visitor: V) -> Result<V::Value, Error> {
        let value = De { trace: &mut *self.trace, rust: None }.deserialize_tuple(len, visitor)?;
        self.done();
        Ok(value)
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let name = self.name();
        let value = self.trace.fields(&name, fields, visitor)?;
        self.done();
        Ok(value)
    }
}
