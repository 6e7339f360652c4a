//! JSON Schema documents into shapes.
//!
//! Keywords: `type`, `enum` and `const` of strings, `minLength`, `maxLength`, `pattern` of one kind (`charset`), `minimum`, `maximum`, `exclusiveMinimum`,
//! `exclusiveMaximum`, `minItems`, `maxItems`, `items`, `properties`, `required`, `maxProperties`, `additionalProperties`, local
//! `$ref` alone, `default`, `anyOf` of lists of `required` alone, `allOf` of such `anyOf`s, and `oneOf`: either of lists of
//! `required` alone, or of alternatives that differ by type, by the type of an array's elements, or by the
//! `discriminator`'s member. Annotations of ours: `x-open` (beside an `enum`, a `pattern` or a `discriminator`: new words
//! come up, which the compatible profile lets pass), `x-untagged` (the alternatives of an object without the
//! discriminator's member), and `x-instead` (for a required member, the one that some servers take in its stead: for the
//! compatible profile alone).

use super::charset::Charset;
use super::name::Names;
use super::{Bounds, Choice, Group, Member, Other, Schema, Shape, Tagged, Types};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As it stands.
    Strict,
    /// `null` for what may be missing, and new words where `x-open` is.
    Compatible,
    /// Only for members and their defaults: whatever else there is means anything.
    Outline,
}

/// Keywords that may name members beside `properties`.
const SPREAD: [&str; 11] = [
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "not",
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
    "patternProperties",
    "dependentSchemas",
    "dependencies",
];

type Compiled<T> = Result<T, String>;

impl Schema {
    /// Compiles a document.
    ///
    /// # Errors
    /// The pointer of a keyword that this engine does not know, or of one that is wrong.
    pub fn compile(document: &Value, reading: Reading) -> Result<Self, String> {
        let mut compiler = Compiler { document, reading, shapes: Vec::new(), known: BTreeMap::new() };
        let root = compiler.shape(document, "#")?;
        Ok(Self { shapes: compiler.shapes, root })
    }
}

struct Compiler<'d> {
    document: &'d Value,
    reading: Reading,
    shapes: Vec<Shape>,
    /// References that were met, so that a schema may hold itself.
    known: BTreeMap<String, usize>,
}

fn any() -> Shape {
    Shape {
        types: Types::ANY,
        words: None,
        length: (0, usize::MAX),
        charset: None,
        range: Bounds { min: f64::NEG_INFINITY, max: f64::INFINITY, above_min: false, below_max: false },
        count: (0, usize::MAX),
        items: None,
        members: Names::new(Vec::new()),
        required: 0,
        max_members: usize::MAX,
        other: Other::Free,
        groups: Vec::new(),
        choice: None,
    }
}

impl Compiler<'_> {
    /// The number of the shape of `schema`, which is at `place`.
    fn shape(&mut self, schema: &Value, place: &str) -> Compiled<usize> {
        let object = match schema {
            Value::Bool(true) => return Ok(self.add(any())),
            Value::Object(object) => object,
            _ if self.reading == Reading::Outline => return Ok(self.add(any())),
            _ => return Err(format!("{place}: must be an object or true")),
        };
        if let Some(Value::String(reference)) = object.get("$ref")
            && !(self.reading == Reading::Outline && object.contains_key("properties"))
        {
            return self.reference(reference, place);
        }
        let at = self.add(any());
        self.fill(at, object, place)?;
        Ok(at)
    }

    fn add(&mut self, shape: Shape) -> usize {
        self.shapes.push(shape);
        self.shapes.len() - 1
    }

    fn reference(&mut self, reference: &str, place: &str) -> Compiled<usize> {
        if let Some(at) = self.known.get(reference) {
            return Ok(*at);
        }
        let document = self.document;
        let target = if reference == "#" {
            Some(document)
        } else {
            reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer))
        };
        let Some(target) = target else {
            if self.reading == Reading::Outline {
                return Ok(self.add(any()));
            }
            return Err(format!("{place}: `$ref` leads nowhere in this document"));
        };
        let at = self.add(any());
        self.known.insert(reference.to_owned(), at);
        match target {
            Value::Object(object) if object.contains_key("$ref") => {
                let inner = self.shape(target, reference)?;
                let shape = self.shapes.get(inner).cloned().unwrap_or_else(any);
                self.put(at, shape);
            }
            Value::Object(object) => self.fill(at, object, reference)?,
            _ => {}
        }
        Ok(at)
    }

    fn put(&mut self, at: usize, shape: Shape) {
        if let Some(slot) = self.shapes.get_mut(at) {
            *slot = shape;
        }
    }

    fn fill(&mut self, at: usize, object: &Map<String, Value>, place: &str) -> Compiled<()> {
        let mut shape = any();
        if self.reading == Reading::Outline {
            self.outline(&mut shape, object, place)?;
        } else {
            for (keyword, value) in object {
                self.keyword(&mut shape, object, keyword, value, &format!("{place}/{keyword}"))?;
            }
            self.members(&mut shape, object, place)?;
        }
        self.put(at, shape);
        Ok(())
    }

    /// Only members and elements. Where several parts of a schema could name a member, none is unknown.
    fn outline(&mut self, shape: &mut Shape, object: &Map<String, Value>, place: &str) -> Compiled<()> {
        if let Some(items @ Value::Object(_)) = object.get("items") {
            shape.items = Some(self.shape(items, place)?);
        }
        if object.contains_key("properties") {
            self.members(shape, object, place)?;
            shape.required = 0;
            let is_named_elsewhere = |keyword: &&str| object.contains_key(*keyword);
            if SPREAD.iter().any(is_named_elsewhere) {
                shape.other = Other::Free;
            }
        }
        Ok(())
    }

    fn keyword(
        &mut self,
        shape: &mut Shape,
        object: &Map<String, Value>,
        keyword: &str,
        value: &Value,
        place: &str,
    ) -> Compiled<()> {
        let is_open = object.get("x-open") == Some(&Value::Bool(true)) && self.reading != Reading::Strict;
        let wrong = || format!("{place}: is not what this keyword takes");
        let size = || value.as_u64().and_then(|size| usize::try_from(size).ok()).ok_or_else(wrong);
        let number = || value.as_f64().ok_or_else(wrong);
        match keyword {
            "type" => shape.types = types(value).ok_or_else(wrong)?,
            "enum" if is_open => {}
            "enum" => shape.words = Some(words(value).ok_or_else(wrong)?),
            "const" => shape.words = Some(vec![value.as_str().ok_or_else(wrong)?.into()]),
            "minLength" => shape.length.0 = size()?,
            "maxLength" => shape.length.1 = size()?,
            "pattern" if is_open => {}
            "pattern" => {
                let pattern = value.as_str().ok_or_else(wrong)?;
                shape.charset = Some((Charset::new(pattern).ok_or_else(wrong)?, pattern.into()));
            }
            "maxProperties" => shape.max_members = size()?,
            "anyOf" => shape.groups.push(Group { names: lists(value).ok_or_else(wrong)?, exactly: false }),
            "allOf" => {
                for branch in value.as_array().ok_or_else(wrong)? {
                    let names = branch.get("anyOf").and_then(lists).ok_or_else(wrong)?;
                    shape.groups.push(Group { names, exactly: false });
                }
            }
            "minItems" => shape.count.0 = size()?,
            "maxItems" => shape.count.1 = size()?,
            "minimum" => shape.range.min = number()?,
            "maximum" => shape.range.max = number()?,
            "exclusiveMinimum" => (shape.range.min, shape.range.above_min) = (number()?, true),
            "exclusiveMaximum" => (shape.range.max, shape.range.below_max) = (number()?, true),
            "items" => shape.items = Some(self.shape(value, place)?),
            "oneOf" => self.one_of(shape, object, value, place)?,
            "properties" | "required" | "additionalProperties" | "discriminator" => {}
            "x-open" | "x-untagged" | "x-instead" => {}
            "$schema" | "$id" | "$defs" | "$comment" | "title" | "description" | "default" | "examples" => {}
            _ => return Err(format!("{place}: this engine has no such keyword")),
        }
        Ok(())
    }

    fn members(&mut self, shape: &mut Shape, object: &Map<String, Value>, place: &str) -> Compiled<()> {
        let required: Vec<&str> =
            object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let vendors = object.get("x-instead").filter(|_| self.reading == Reading::Compatible);
        let instead = |name: &str| vendors.and_then(|it| it.get(name)).and_then(Value::as_str).map(Box::from);
        let mut members: Vec<(Box<str>, Member)> = Vec::new();
        for (name, schema) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let default = schema.get("default").map(|default| default.to_string().into());
            let is_required = required.contains(&name.as_str());
            let at = self.shape(schema, &format!("{place}/properties/{name}"))?;
            members.push((
                name.as_str().into(),
                Member {
                    shape: at,
                    required: is_required && self.reading != Reading::Outline,
                    instead: instead(name),
                    default,
                },
            ));
        }
        let unnamed = required.iter().find(|name| members.iter().all(|(known, _)| **known != ***name));
        if let Some(name) = unnamed
            && self.reading != Reading::Outline
        {
            return Err(format!("{place}/required: `{name}` has no schema in `properties`"));
        }
        shape.required = members.iter().filter(|(_, member)| member.required).count();
        shape.other = match object.get("additionalProperties") {
            Some(Value::Bool(false)) => Other::Refused,
            Some(Value::Bool(true)) => Other::Free,
            None if members.is_empty() => Other::Free,
            None => Other::Unknown,
            Some(schema) => Other::Map(self.shape(schema, &format!("{place}/additionalProperties"))?),
        };
        shape.members = Names::new(members);
        Ok(())
    }

    fn one_of(&mut self, shape: &mut Shape, object: &Map<String, Value>, value: &Value, place: &str) -> Compiled<()> {
        let branches = value.as_array().ok_or_else(|| format!("{place}: must be a list"))?;
        if let Some(names) = lists(value) {
            shape.groups.push(Group { names, exactly: true });
            return Ok(());
        }
        let mut choice = Choice { by_type: Vec::new(), arrays: Vec::new(), tagged: None };
        let mut objects = Vec::new();
        for (number, branch) in branches.iter().enumerate() {
            let at = self.shape(branch, &format!("{place}/{number}"))?;
            let types = self.shapes.get(at).map_or(Types::ANY, |shape| shape.types).0;
            if types & Types::OBJECT != 0 {
                objects.push(at);
            }
            if types & Types::ARRAY != 0 {
                choice.arrays.push((self.items_of(at), at));
            }
            let rest = types & !Types::OBJECT & !Types::ARRAY;
            if choice.by_type.iter().any(|(taken, _)| taken & rest != 0) {
                return Err(format!("{place}/{number}: its type is that of an earlier alternative"));
            }
            choice.by_type.push((rest, at));
        }
        if let Some(tag) = object.get("discriminator").and_then(|it| it.get("propertyName")).and_then(Value::as_str) {
            choice.tagged = Some(self.tagged(tag, &objects, object, place)?);
        } else if let [one] = objects.as_slice() {
            choice.by_type.push((Types::OBJECT, *one));
        } else if !objects.is_empty() {
            return Err(format!("{place}: several objects need a `discriminator`"));
        }
        let mut types = choice.by_type.iter().fold(0, |all, (types, _)| all | types);
        types |= if choice.arrays.is_empty() { 0 } else { Types::ARRAY };
        types |= if choice.tagged.is_some() { Types::OBJECT } else { 0 };
        shape.types = Types(types);
        shape.choice = Some(Box::new(choice));
        Ok(())
    }

    fn items_of(&self, at: usize) -> Types {
        let items = self.shapes.get(at).and_then(|shape| shape.items);
        items.and_then(|items| self.shapes.get(items)).map_or(Types::ANY, |items| items.types)
    }

    fn tagged(&self, tag: &str, objects: &[usize], object: &Map<String, Value>, place: &str) -> Compiled<Tagged> {
        let mut cases = Vec::new();
        for at in objects {
            let member = self.shapes.get(*at).and_then(|shape| shape.members.get(tag));
            let words = member.and_then(|member| self.shapes.get(member.shape)).and_then(|shape| shape.words.as_ref());
            let words = words.ok_or_else(|| format!("{place}: an alternative does not say which `{tag}` it is"))?;
            cases.extend(words.iter().map(|word| (word.clone(), *at)));
        }
        let cases = Names::new(cases);
        let untagged = object.get("x-untagged").and_then(Value::as_array).into_iter().flatten();
        let untagged = untagged.filter_map(|word| cases.get(word.as_str()?)).copied().collect();
        let open = object.get("x-open") == Some(&Value::Bool(true)) && self.reading != Reading::Strict;
        Ok(Tagged { tag: tag.into(), cases, untagged, open })
    }
}

impl Types {
    fn named(value: &str) -> Option<u8> {
        Self::NAMES.iter().find(|(name, _)| *name == value).map(|(_, bits)| *bits)
    }
}

fn types(value: &Value) -> Option<Types> {
    let bits = match value {
        Value::String(one) => Types::named(one)?,
        Value::Array(many) => {
            many.iter().try_fold(0, |bits, one| one.as_str().and_then(Types::named).map(|one| bits | one))?
        }
        _ => return None,
    };
    Some(Types(bits))
}

/// The names of alternatives that are `{"required": [name]}` each.
fn lists(value: &Value) -> Option<Vec<Box<str>>> {
    let lone =
        |branch: &Value| match branch.as_object().filter(|it| it.len() == 1)?.get("required")?.as_array()?.as_slice() {
            [Value::String(name)] => Some(name.as_str().into()),
            _ => None,
        };
    value.as_array()?.iter().map(lone).collect()
}

fn words(value: &Value) -> Option<Vec<Box<str>>> {
    value.as_array()?.iter().filter(|word| !word.is_null()).map(|word| word.as_str().map(Box::from)).collect()
}
