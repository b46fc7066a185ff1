//! What was read, as JSON.
//!
//! Struct: object. Enum: the variant's name, or `{name: content}`. Bytes: hexadecimal; a UUID in its usual form. Option: the
//! value or null. Map: an object when its keys are written as text, otherwise a list of pairs.

use serde_json::{Map, Value as Json};

use super::PublishedError;
use super::read::Value;
use super::schema::{Form, Schema, Shape};

/// Writes a value of a shape.
pub(super) fn write(schema: &Schema, shape: &Shape, value: &Value) -> Result<Json, PublishedError> {
    let all = |shape: &Shape, values: &[Value]| {
        values.iter().map(|value| write(schema, shape, value)).collect::<Result<Vec<_>, _>>()
    };
    let resolved = schema.resolve(shape)?;
    Ok(match (resolved, value) {
        (_, Value::Bool(value)) => (*value).into(),
        (_, Value::Unsigned(value)) => (*value).into(),
        (_, Value::Signed(value)) => (*value).into(),
        (_, Value::Text(value)) => value.clone().into(),
        (Shape::Uuid, Value::Bytes(bytes)) => hyphenated(bytes).into(),
        (_, Value::Bytes(bytes)) => hex::encode(bytes).into(),
        (Shape::Option(_), Value::Option(None)) => Json::Null,
        (Shape::Option(inner), Value::Option(Some(value))) => write(schema, inner, value)?,
        (Shape::List(inner) | Shape::Set(inner), Value::List(values)) => Json::Array(all(inner, values)?),
        (Shape::Map(key, inner), Value::Map(pairs)) => {
            let written = pairs.iter().map(|(k, v)| Ok((write(schema, key, k)?, write(schema, inner, v)?)));
            pairs_as_json(written.collect::<Result<_, PublishedError>>()?)
        }
        (Shape::Tuple(shapes), Value::Parts(parts)) => {
            let written = shapes.iter().zip(parts).map(|(shape, part)| write(schema, shape, part));
            Json::Array(written.collect::<Result<_, _>>()?)
        }
        (Shape::Type(name), value) => match (schema.form(name)?, value) {
            (Form::Struct(fields), Value::Parts(parts)) => {
                let written = fields.iter().zip(parts);
                let written = written.map(|((name, shape), part)| Ok((name.clone(), write(schema, shape, part)?)));
                Json::Object(written.collect::<Result<_, PublishedError>>()?)
            }
            (Form::Enum(variants), Value::Variant(index, content)) => match (variants.get(*index), content) {
                (Some((name, None)), None) => name.clone().into(),
                (Some((name, Some(shape))), Some(content)) => {
                    Json::Object(Map::from_iter([(name.clone(), write(schema, shape, content)?)]))
                }
                _ => return Err(PublishedError::Mismatch(name.clone())),
            },
            _ => return Err(PublishedError::Mismatch(name.clone())),
        },
        (shape, _) => return Err(PublishedError::Mismatch(format!("{shape:?}"))),
    })
}

fn pairs_as_json(pairs: Vec<(Json, Json)>) -> Json {
    let as_text = |key: &Json| key.as_str().map(str::to_owned).or_else(|| key.is_number().then(|| key.to_string()));
    let named: Option<Map<_, _>> = pairs.iter().map(|(key, value)| Some((as_text(key)?, value.clone()))).collect();
    named.map_or_else(|| pairs.into_iter().map(|(key, value)| Json::Array(vec![key, value])).collect(), Json::Object)
}

fn hyphenated(bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
