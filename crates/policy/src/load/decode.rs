//! The deserializer over a [`Document`](super::document::Document): serde's data model, plus a note of each key that
//! a type does not know.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::Notes;
use super::document::{Node, Value};
use super::problem::Problem;
use crate::nearest::choices;

/// Reads one node.
#[derive(Clone, Copy)]
pub(super) struct Decoder<'de> {
    pub node: &'de Node,
    pub notes: &'de Notes,
}

impl<'de> Decoder<'de> {
    fn of(self, node: &'de Node) -> Self {
        Self { node, ..self }
    }

    fn seq(self, items: &'de [Node]) -> Items<'de> {
        Items { decoder: self, rest: items.iter() }
    }

    fn map(self, entries: &'de [(String, Node)], known: Option<&'static [&'static str]>) -> Entries<'de> {
        Entries { decoder: self, rest: entries.iter(), known, value: None }
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match &self.node.value {
            Value::Text(text) => visitor.visit_borrowed_str(text).map_err(|problem: Problem| problem.at(self.node)),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match &self.node.value {
            Value::List(items) => visitor.visit_seq(self.seq(items)).map_err(|problem| problem.at(self.node)),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match &self.node.value {
            Value::Map(entries) => visitor.visit_map(self.map(entries, None)).map_err(|problem| problem.at(self.node)),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let value = match number(&self.node.value) {
            Some(Number::Unsigned(number)) => visitor.visit_u64(number),
            Some(Number::Signed(number)) => visitor.visit_i64(number),
            Some(Number::Float(number)) => visitor.visit_f64(number),
            None => Err(self.mismatch(&visitor)),
        };
        value.map_err(|problem| problem.at(self.node))
    }

    /// The fault of a value that is of none of the types that are wanted.
    #[inline(never)]
    fn mismatch(self, wanted: &dyn Expected) -> Problem {
        let found = match &self.node.value {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Unsigned(value) => Unexpected::Unsigned(*value),
            Value::Signed(value) => Unexpected::Signed(*value),
            Value::Float(value) => Unexpected::Float(*value),
            Value::Text(value) => Unexpected::Str(value),
            Value::List(_) => Unexpected::Seq,
            Value::Map(_) => Unexpected::Map,
        };
        Problem::invalid_type(found, wanted).at(self.node)
    }
}

enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

/// A number, also one that Envoy wrote as a float or a string.
fn number(value: &Value) -> Option<Number> {
    Some(match value {
        Value::Unsigned(number) => Number::Unsigned(*number),
        Value::Signed(number) => Number::Signed(*number),
        Value::Float(float) => whole(*float),
        Value::Text(text) => match (text.parse(), text.parse()) {
            (Ok(number), _) => Number::Unsigned(number),
            (_, Ok(number)) => Number::Signed(number),
            _ => whole(written_float(text)?),
        },
        _ => return None,
    })
}

fn written_float(text: &str) -> Option<f64> {
    let digits = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    text.parse::<f64>().ok().filter(|float| digits && float.is_finite())
}

/// A float without a fraction counts as a whole number as long as a double holds each of those exactly.
fn whole(float: f64) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() != 0.0 || float.abs() > EXACT { Number::Float(float) } else { Number::Signed(float as i64) }
}

macro_rules! by {
    ($reader:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            self.$reader(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Decoder<'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let value = match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Unsigned(value) => visitor.visit_u64(*value),
            Value::Signed(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(value) => visitor.visit_borrowed_str(value),
            Value::List(items) => visitor.visit_seq(self.seq(items)),
            Value::Map(entries) => visitor.visit_map(self.map(entries, None)),
        };
        value.map_err(|problem| problem.at(self.node))
    }

    // What one kind of value alone can be goes to that visit: a visitor comes with the code of every visit that it could be sent
    // to, once for each type of each configuration.
    by! { number:
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }
    by! { text: deserialize_char deserialize_str deserialize_string }
    by! { list: deserialize_seq }
    by! { object: deserialize_map }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.node.value {
            Value::Bool(value) => visitor.visit_bool(value).map_err(|problem: Problem| problem.at(self.node)),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let value = match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        };
        value.map_err(|problem| problem.at(self.node))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self).map_err(|problem| problem.at(self.node))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let value = match &self.node.value {
            Value::Map(entries) => visitor.visit_map(self.map(entries, Some(fields))),
            // A list would be read by position, which no operator means.
            Value::List(_) => Err(self.mismatch(&"an object")),
            _ => Err(self.mismatch(&visitor)),
        };
        value.map_err(|problem| problem.at(self.node))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let value = match &self.node.value {
            Value::Text(name) => visitor.visit_enum(Variant { name, content: None }),
            Value::Map(entries) => match entries.as_slice() {
                [(name, node)] if !self.notes.is_left_out(node.id) => {
                    visitor.visit_enum(Variant { name, content: Some(self.of(node)) })
                }
                _ => Err(Problem::not_one_of("exactly ", variants)),
            },
            _ => Err(Problem::not_one_of("", variants)),
        };
        value.map_err(|problem| problem.at(self.node))
    }

    forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The elements of a list.
struct Items<'de> {
    decoder: Decoder<'de>,
    rest: std::slice::Iter<'de, Node>,
}

impl<'de> Items<'de> {
    #[inline(never)]
    fn next_item(&mut self) -> Option<Decoder<'de>> {
        let notes = self.decoder.notes;
        self.rest.find(|item| !notes.is_left_out(item.id)).map(|item| self.decoder.of(item))
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let Some(decoder) = self.next_item() else { return Ok(None) };
        seed.deserialize(decoder).map(Some).map_err(|problem| problem.at(decoder.node))
    }
}

/// The entries of an object.
struct Entries<'de> {
    decoder: Decoder<'de>,
    rest: std::slice::Iter<'de, (String, Node)>,
    /// The keys that the type declares; `None` where every key is welcome.
    known: Option<&'static [&'static str]>,
    value: Option<&'de Node>,
}

impl<'de> Entries<'de> {
    #[inline(never)]
    fn next_name(&mut self) -> Option<(&'de str, &'de Node)> {
        while let Some((name, node)) = self.rest.next() {
            if !self.decoder.notes.is_left_out(node.id) && self.is_known(name, node) {
                self.value = Some(node);
                return Some((name, node));
            }
        }
        None
    }

    #[inline(never)]
    fn next_value_decoder(&mut self) -> Result<Decoder<'de>, Problem> {
        let node = self.value.take().ok_or_else(|| Problem::custom("a value without a key"))?;
        Ok(self.decoder.of(node))
    }

    fn is_known(&self, name: &str, node: &Node) -> bool {
        let Some(known) = self.known else { return true };
        let found = known.contains(&name);
        if !found {
            let near = choices(name, known.iter().copied());
            self.decoder.notes.add(node.id, None, format!("unknown key{near}"));
        }
        found
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some((name, node)) = self.next_name() else { return Ok(None) };
        let key = BorrowedStrDeserializer::<Problem>::new(name);
        seed.deserialize(key).map(Some).map_err(|problem| problem.at(node))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Problem> {
        let decoder = self.next_value_decoder()?;
        seed.deserialize(decoder).map_err(|problem| problem.at(decoder.node))
    }
}

/// A variant of an enum: a bare string, or an object with one entry.
struct Variant<'de> {
    name: &'de str,
    content: Option<Decoder<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Problem;
    type Variant = Content<'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), Problem> {
        let name: BorrowedStrDeserializer<'de, Problem> = BorrowedStrDeserializer::new(self.name);
        Ok((seed.deserialize(name.into_deserializer())?, Content(self.content)))
    }
}

/// What an enum's variant holds.
struct Content<'de>(Option<Decoder<'de>>);

impl<'de> Content<'de> {
    fn required(self) -> Result<Decoder<'de>, Problem> {
        self.0.ok_or_else(|| Problem::invalid_type(Unexpected::Str(""), &"an object with one entry"))
    }
}

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        match self.0.map(|decoder| (decoder.node, &decoder.node.value)) {
            None | Some((_, Value::Null)) => Ok(()),
            Some((_, Value::Map(entries))) if entries.is_empty() => Ok(()),
            Some((node, _)) => Err(Problem::unexpected("has no keys; leave it empty".to_owned()).at(node)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Problem> {
        seed.deserialize(self.required()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        self.required()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Problem> {
        self.required()?.deserialize_struct("", fields, visitor)
    }
}
