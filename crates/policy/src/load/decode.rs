//! The deserializer over a [`Document`](super::document::Document): serde's data model, plus a note of each key that
//! a type does not know.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::Notes;
use super::document::{Node, Value};
use super::problem::{Problem, one_of};
use crate::nearest::suggestion;

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

    /// Visits a number, also one that Envoy wrote as a float or a string.
    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let value = match &self.node.value {
            Value::Text(text) => match (text.parse(), text.parse(), written_float(text)) {
                (Ok(number), _, _) => visitor.visit_u64(number),
                (_, Ok(number), _) => visitor.visit_i64(number),
                (_, _, Some(float)) => visit_float(float, visitor),
                _ => return self.deserialize_any(visitor),
            },
            Value::Float(float) => visit_float(*float, visitor),
            _ => return self.deserialize_any(visitor),
        };
        value.map_err(|problem: Problem| problem.at(self.node))
    }
}

fn written_float(text: &str) -> Option<f64> {
    let digits = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    text.parse::<f64>().ok().filter(|float| digits && float.is_finite())
}

/// A float without a fraction counts as a whole number as long as a double holds each of those exactly.
fn visit_float<'de, V: Visitor<'de>>(float: f64, visitor: V) -> Result<V::Value, Problem> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() != 0.0 || float.abs() > EXACT {
        return visitor.visit_f64(float);
    }
    visitor.visit_i64(float as i64)
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            self.number(visitor)
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

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
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
            Value::List(_) => Err(Problem::invalid_type(Unexpected::Seq, &"an object")),
            _ => self.deserialize_any(visitor),
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
                _ => Err(Problem::unexpected(format!("expected exactly {}", one_of(variants)))),
            },
            _ => Err(Problem::unexpected(format!("expected {}", one_of(variants)))),
        };
        value.map_err(|problem| problem.at(self.node))
    }

    forward_to_deserialize_any! {
        bool i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// The elements of a list.
struct Items<'de> {
    decoder: Decoder<'de>,
    rest: std::slice::Iter<'de, Node>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let notes = self.decoder.notes;
        let item = self.rest.find(|item| !notes.is_left_out(item.id));
        item.map(|item| seed.deserialize(self.decoder.of(item)).map_err(|problem| problem.at(item))).transpose()
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

impl Entries<'_> {
    fn is_known(&self, name: &str, node: &Node) -> bool {
        let Some(known) = self.known else { return true };
        let found = known.contains(&name);
        if !found {
            let near = suggestion(name, known.iter().copied());
            self.decoder.notes.add(node.id, None, format!("unknown key{near}"));
        }
        found
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        while let Some((name, node)) = self.rest.next() {
            if !self.decoder.notes.is_left_out(node.id) && self.is_known(name, node) {
                self.value = Some(node);
                let key = BorrowedStrDeserializer::<Problem>::new(name);
                return seed.deserialize(key).map(Some).map_err(|problem| problem.at(node));
            }
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Problem> {
        let node = self.value.take().ok_or_else(|| Problem::custom("a value without a key"))?;
        seed.deserialize(self.decoder.of(node)).map_err(|problem| problem.at(node))
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
