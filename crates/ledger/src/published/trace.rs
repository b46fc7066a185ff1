//! Finds the shapes of the published types: reads encoded samples with the types themselves, and notes what they ask for.
//!
//! A type says by itself which fields and which variants it has; what is in them shows when they are read. So a sample is read
//! first; then whatever no sample showed (another variant, an option that was never given, a list that was always empty) is
//! tried on purpose, with values taken from the samples. What can't be found even so is an error that names it: nothing is
//! missing from the schema unseen.

mod read;

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, Visitor};

use super::proto_text::pascal;
use super::schema::{Form, Schema, Shape};
use crate::canonical;
use read::{De, Fields};

/// What the name of a shape not yet known begins with; the Rust type it stands in follows.
const HOLE: char = '?';

/// A struct or enum found, as far as it is known. A variant's content is unknown, nothing, or a shape.
struct Found {
    rust: String,
    members: String,
    name: String,
    form: Draft,
    /// What had to be tried for the type to be found at all.
    via: Vec<Target>,
    /// The sample in which it was found first.
    root: usize,
}

#[derive(Clone)]
enum Draft {
    Is(Shape),
    Struct(Vec<(String, Option<Shape>)>),
    Enum(Vec<(String, Option<Option<Shape>>)>),
}

/// What is tried on purpose.
#[derive(Clone, Debug, PartialEq)]
enum Target {
    /// A variant of the enum found at this place.
    Variant(usize, u32),
    /// The content of this Rust type, an option or a collection.
    Hole(String),
}

enum Input {
    Sample(Vec<u8>, usize),
    /// Zeros, and samples where there is one of the type asked for.
    MadeUp,
}

type Run = fn(&mut Trace, &[u8]) -> Result<(), Error>;

/// Shapes found so far.
#[derive(Default)]
pub(crate) struct Trace {
    found: Vec<Found>,
    roots: Vec<(Run, Vec<u8>)>,
    samples: BTreeMap<&'static str, Vec<u8>>,
    inputs: Vec<Input>,
    last: Option<Shape>,
    owner: Vec<String>,
    /// What is tried in this run, one within the other, and what has been.
    targets: VecDeque<Target>,
    taken: Vec<Target>,
    /// The sample that is read.
    root: usize,
    conflicts: BTreeSet<String>,
}

impl Trace {
    /// Takes samples of a type.
    pub(crate) fn samples<T: Serialize + DeserializeOwned>(&mut self, samples: &[T]) {
        for sample in samples {
            let bytes = canonical::encode(sample).unwrap();
            let run: Run = |trace, bytes| trace.read::<T>(bytes);
            self.root = self.roots.len();
            run(self, &bytes).unwrap();
            self.roots.push((run, bytes));
        }
    }

    fn read<T: DeserializeOwned>(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.inputs = vec![Input::Sample(bytes.to_vec(), 0)];
        self.owner.clear();
        self.taken.clear();
        self.seed(PhantomData::<T>).map(drop)
    }

    /// Tries what no sample showed, and returns the schema.
    ///
    /// # Errors
    /// Names what is not known even so, and what is not the same everywhere.
    pub(crate) fn finish(mut self) -> Result<Schema, String> {
        loop {
            let unknown = self.unknown();
            if unknown.is_empty() {
                break;
            }
            let mut learnt = false;
            for (root, targets) in &unknown {
                let count = self.roots.len();
                for at in (0..count).map(|at| (root + at) % count) {
                    if !targets.last().is_some_and(|target| self.is_unknown(target)) {
                        break;
                    }
                    let (run, bytes) = (self.roots[at].0, self.roots[at].1.clone());
                    self.root = at;
                    self.targets = targets.iter().cloned().collect();
                    let _ = run(&mut self, &bytes); // what it noted counts, not what it came to
                    self.targets.clear();
                }
                learnt |= !targets.last().is_some_and(|target| self.is_unknown(target));
            }
            if !learnt {
                let names: Vec<_> = unknown.iter().map(|(_, targets)| self.describe(targets.last().unwrap())).collect();
                return Err(format!("no sample shows, and none can be made of: {}", names.join(", ")));
            }
        }
        if !self.conflicts.is_empty() {
            return Err(format!("not the same everywhere: {:?}", self.conflicts));
        }
        let types = self.found.into_iter().map(|found| (found.name, finished(found.form)));
        Ok(Schema(types.collect()))
    }

    fn describe(&self, target: &Target) -> String {
        match target {
            Target::Variant(at, index) => match &self.found[*at].form {
                Draft::Enum(variants) => format!("{}::{}", self.found[*at].name, variants[*index as usize].0),
                Draft::Is(_) | Draft::Struct(_) => panic!("a variant of an enum"),
            },
            Target::Hole(rust) => rust.clone(),
        }
    }

    /// What is not known yet, each with what it is within, and the sample to look in first.
    fn unknown(&self) -> Vec<(usize, Vec<Target>)> {
        let mut all = Vec::new();
        for (at, found) in self.found.iter().enumerate() {
            let mut put = |via: &[&[Target]]| all.push((found.root, via.concat()));
            match &found.form {
                Draft::Is(shape) => holes(shape).into_iter().for_each(|hole| put(&[&found.via, &[hole]])),
                Draft::Struct(fields) => {
                    let shapes = fields.iter().filter_map(|(_, shape)| shape.as_ref());
                    shapes.flat_map(holes).for_each(|hole| put(&[&found.via, &[hole]]));
                }
                Draft::Enum(variants) => {
                    for (index, (_, content)) in (0..).zip(variants) {
                        let variant = [Target::Variant(at, index)];
                        match content {
                            None => put(&[&found.via, &variant]),
                            Some(content) => content.iter().flat_map(holes).for_each(|hole| {
                                put(&[&found.via, &variant, &[hole]]);
                            }),
                        }
                    }
                }
            }
        }
        all
    }

    fn is_unknown(&self, target: &Target) -> bool {
        let has_hole = |shape: &Shape| holes(shape).contains(target);
        match target {
            Target::Variant(at, index) => match &self.found[*at].form {
                Draft::Enum(variants) => variants[*index as usize].1.is_none(),
                Draft::Is(_) | Draft::Struct(_) => false,
            },
            Target::Hole(_) => self.found.iter().any(|found| match &found.form {
                Draft::Is(shape) => has_hole(shape),
                Draft::Struct(fields) => fields.iter().any(|(_, shape)| shape.as_ref().is_some_and(has_hole)),
                Draft::Enum(variants) => variants.iter().any(|(_, content)| content.iter().flatten().any(has_hole)),
            }),
        }
    }

    // --- what the types ask for ---

    /// Reads a value of a type, and keeps its bytes as a sample of it.
    fn seed<'de, T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let rust = type_name::<T::Value>();
        self.enter(rust, |trace| seed.deserialize(De { trace, rust: Some(rust) }))
    }

    fn enter<V>(&mut self, rust: &'static str, read: impl FnOnce(&mut Self) -> Result<V, Error>) -> Result<V, Error> {
        let sample = self.samples.get(rust).filter(|_| matches!(self.inputs.last(), Some(Input::MadeUp))).cloned();
        let made_up = sample.is_some();
        self.inputs.extend(sample.map(|sample| Input::Sample(sample, 0)));
        let from = self.position();
        let value = read(self);
        if let (Some(from), Some(to), true) = (from, self.position(), value.is_ok() && !made_up)
            && let Some(Input::Sample(bytes, _)) = self.inputs.last()
        {
            self.samples.entry(rust).or_insert_with(|| bytes[from..to].to_vec());
        }
        if made_up {
            self.inputs.pop();
        }
        let value = value?;
        let shape = self.last.take().unwrap();
        self.last = Some(if is_own_name(rust) && !matches!(shape, Shape::Type(_)) {
            let at = self.find(rust, "", || Draft::Is(shape.clone()));
            self.merge_alias(at, &shape);
            Shape::Type(self.found[at].name.clone())
        } else {
            shape
        });
        Ok(value)
    }

    fn position(&self) -> Option<usize> {
        match self.inputs.last() {
            Some(Input::Sample(_, at)) => Some(*at),
            Some(Input::MadeUp) | None => None,
        }
    }

    // Where a type is in the list; a new one goes to its end, under the short name if that is free.
    fn find(&mut self, rust: &str, members: &str, draft: impl FnOnce() -> Draft) -> usize {
        if let Some(at) = self.found.iter().position(|found| found.rust == rust && found.members == members) {
            return at;
        }
        let mut name = pascal(short_name(rust));
        if self.found.iter().any(|found| found.name == name) {
            let module = rust.rsplit("::").nth(1).unwrap_or("other");
            let module = if module == "events" { rust.rsplit("::").nth(2).unwrap_or(module) } else { module };
            name = format!("{}{name}", pascal(module));
        }
        assert!(self.found.iter().all(|found| found.name != name), "two published types are called {name}: {rust}");
        self.found.push(Found {
            rust: rust.to_owned(),
            members: members.to_owned(),
            name,
            form: draft(),
            via: self.taken.clone(),
            root: self.root,
        });
        self.found.len() - 1
    }

    // A type is known by its path. Where only serde's name for it is known (within a newtype, or a generic one), that and
    // its members have to do.
    fn identity(&self, rust: Option<&'static str>, serde_name: &str, members: &str) -> String {
        match rust.filter(|rust| is_own_name(rust)) {
            Some(rust) => rust.to_owned(),
            None => {
                let same = |found: &&Found| found.members == members && short_name(&found.rust) == serde_name;
                let known = self.found.iter().find(same).map(|found| found.rust.clone());
                let owner = rust.is_some_and(|rust| rust.contains('<')).then(|| self.owner.concat());
                known.or(owner).unwrap_or_else(|| serde_name.to_owned())
            }
        }
    }

    fn merge_alias(&mut self, at: usize, shape: &Shape) {
        if let Draft::Is(known) = self.found[at].form.clone() {
            let merged = self.merge(at, &known, shape);
            self.found[at].form = Draft::Is(merged);
        }
    }

    fn merge_field(&mut self, at: usize, field: usize) {
        let shape = self.last.take().unwrap();
        if let Draft::Struct(fields) = self.found[at].form.clone() {
            let merged = fields[field].1.as_ref().map_or(shape.clone(), |known| self.merge(at, known, &shape));
            if let Draft::Struct(fields) = &mut self.found[at].form {
                fields[field].1 = Some(merged);
            }
        }
    }

    fn merge_variant(&mut self, at: usize, index: u32, content: Option<Shape>) {
        if let Draft::Enum(variants) = self.found[at].form.clone() {
            let merged = match (&variants[index as usize].1, content) {
                (Some(Some(known)), Some(shape)) => Some(self.merge(at, known, &shape)),
                (_, content) => content,
            };
            if let Draft::Enum(variants) = &mut self.found[at].form {
                variants[index as usize].1 = Some(merged);
            }
        }
    }

    fn merge(&mut self, at: usize, one: &Shape, other: &Shape) -> Shape {
        let both = |this: &mut Self, a: &Shape, b: &Shape| Box::new(this.merge(at, a, b));
        match (one, other) {
            (Shape::Type(name), shape) | (shape, Shape::Type(name)) if name.starts_with(HOLE) => shape.clone(),
            (Shape::Option(a), Shape::Option(b)) => Shape::Option(both(self, a, b)),
            (Shape::List(a), Shape::List(b)) => Shape::List(both(self, a, b)),
            (Shape::Set(a), Shape::Set(b)) => Shape::Set(both(self, a, b)),
            (Shape::Map(ak, av), Shape::Map(bk, bv)) => Shape::Map(both(self, ak, bk), both(self, av, bv)),
            (Shape::Tuple(a), Shape::Tuple(b)) if a.len() == b.len() => {
                Shape::Tuple(a.iter().zip(b).map(|(a, b)| self.merge(at, a, b)).collect())
            }
            (one, other) => {
                if one != other {
                    self.conflicts.insert(format!("{}: {one:?}, {other:?}", self.found[at].rust));
                }
                one.clone()
            }
        }
    }

    // Reads the fields of a struct.
    fn fields<'de, V: Visitor<'de>>(
        &mut self,
        identity: &str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let unknown = || Draft::Struct(fields.iter().map(|field| ((*field).to_owned(), None)).collect());
        let at = self.find(identity, &fields.join(","), unknown);
        let value = visitor.visit_seq(Fields { trace: &mut *self, at, fields, next: 0 })?;
        self.last = Some(Shape::Type(self.found[at].name.clone()));
        Ok(value)
    }

    // --- what is read ---

    fn byte(&mut self) -> Result<u8, Error> {
        match self.inputs.last_mut() {
            Some(Input::Sample(bytes, at)) => {
                *at += 1;
                bytes.get(*at - 1).copied().ok_or_else(|| Error::custom("the sample ends"))
            }
            Some(Input::MadeUp) | None => Ok(0),
        }
    }

    fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0;
        for group in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << (7 * group);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok(value)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let length = self.varint()?;
        (0..length).map(|_| self.byte()).collect()
    }

    /// Tells whether the content of this option or collection is to be tried now. From then on all is made up.
    fn is_tried(&mut self, rust: Option<&str>) -> bool {
        let tried = matches!(self.targets.front(), Some(Target::Hole(target)) if Some(target.as_str()) == rust);
        if tried {
            self.make_up();
        }
        tried
    }

    fn make_up(&mut self) {
        self.taken.extend(self.targets.pop_front());
        self.inputs.iter_mut().for_each(|input| *input = Input::MadeUp);
    }

    /// How many members the collection read has; what is made up has one.
    fn count(&mut self, rust: Option<&str>) -> Result<u64, Error> {
        let tried = self.is_tried(rust);
        match self.inputs.last() {
            Some(Input::Sample(..)) if !tried => self.varint(),
            _ => Ok(1),
        }
    }
}

fn finished(draft: Draft) -> Form {
    match draft {
        Draft::Is(shape) => Form::Is(shape),
        Draft::Struct(fields) => Form::Struct(fields.into_iter().map(|(name, shape)| (name, shape.unwrap())).collect()),
        Draft::Enum(variants) => {
            Form::Enum(variants.into_iter().map(|(name, content)| (name, content.unwrap())).collect())
        }
    }
}

fn holes(shape: &Shape) -> Vec<Target> {
    match shape {
        Shape::Type(name) => name.strip_prefix(HOLE).map(|rust| Target::Hole(rust.to_owned())).into_iter().collect(),
        Shape::Option(inner) | Shape::List(inner) | Shape::Set(inner) => holes(inner),
        Shape::Map(key, value) => [holes(key), holes(value)].concat(),
        Shape::Tuple(parts) => parts.iter().flat_map(holes).collect(),
        Shape::Bool | Shape::U8 | Shape::U16 | Shape::U32 | Shape::U64 | Shape::I8 | Shape::I16 | Shape::I32 => vec![],
        Shape::I64 | Shape::Text | Shape::Bytes | Shape::Uuid | Shape::Fixed(_) => vec![],
    }
}

fn hole(rust: Option<&str>) -> Shape {
    Shape::Type(format!("{HOLE}{}", rust.unwrap_or("a type within a newtype")))
}

/// A path that names one type: no generic, no array, not of the standard library.
fn is_own_name(rust: &str) -> bool {
    let foreign = ["core::", "alloc::", "std::"].iter().any(|prefix| rust.starts_with(prefix));
    !foreign && rust.contains("::") && !rust.contains(['<', '[', '(', '&'])
}

fn short_name(rust: &str) -> &str {
    rust.rsplit("::").next().unwrap_or(rust)
}
