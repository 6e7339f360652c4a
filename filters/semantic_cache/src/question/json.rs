//! A request's body as a tree, and what of it counts: neither the order of members, nor spaces, nor how a number or a
//! character is spelled. Not a validator.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;

/// Beyond this a whole float does not tell which whole number was written: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A JSON value. Members are in the order of their names.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number, however it was spelled.
    Whole(i128),
    /// Another number.
    Float(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
    /// The place of a text that was taken out.
    Hole,
}

impl<'a> Json<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// What two readers could understand differently: no JSON, no UTF-8, a member twice, a lone surrogate, a whole number
    /// that only fits a float, nesting beyond 128.
    pub fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// The member of this name; none of what is no object.
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The member of this name, unless it is `null`.
    pub fn given(&self, name: &str) -> Option<&Json<'a>> {
        self.get(name).filter(|value| !matches!(value, Self::Null))
    }

    /// The member of this name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json<'a>> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The string.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The elements; none of what is no array.
    pub fn elements(&self) -> &[Json<'a>] {
        if let Self::Array(elements) = self { elements } else { &[] }
    }

    /// The number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// Takes the string out and leaves a hole.
    pub fn take_text(&mut self) -> Option<Cow<'a, str>> {
        match std::mem::replace(self, Self::Hole) {
            Self::Text(text) => Some(text),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Leaves members of the outermost object out.
    pub fn without(&mut self, names: &[impl AsRef<str>]) {
        if let Self::Object(members) = self {
            members.retain(|(key, _)| !names.iter().any(|name| name.as_ref() == key));
        }
    }

    /// All strings, names of members left out.
    pub fn visit_texts(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Self::Text(text) => see(text),
            Self::Array(elements) => elements.iter().for_each(|element| element.visit_texts(see)),
            Self::Object(members) => members.iter().for_each(|(_, value)| value.visit_texts(see)),
            _ => {}
        }
    }

    /// Feeds the value to a hash: every part with its kind and its length, so that no two values feed the same bytes.
    pub fn feed(&self, hash: &mut Sha256) {
        match self {
            Self::Null => hash.update(b"n"),
            Self::Bool(value) => hash.update(if *value { b"t" } else { b"f" }),
            Self::Whole(number) => {
                hash.update(b"i");
                hash.update(number.to_le_bytes());
            }
            Self::Float(number) => {
                hash.update(b"d");
                hash.update(number.to_bits().to_le_bytes());
            }
            Self::Text(text) => {
                hash.update(b"s");
                feed_text(hash, &**text);
            }
            Self::Array(elements) => {
                hash.update(b"a");
                hash.update((elements.len() as u64).to_le_bytes());
                elements.iter().for_each(|element| element.feed(hash));
            }
            Self::Object(members) => {
                hash.update(b"o");
                hash.update((members.len() as u64).to_le_bytes());
                for (key, value) in members {
                    feed_text(hash, &**key);
                    value.feed(hash);
                }
            }
            Self::Hole => hash.update(b"h"),
        }
    }
}

/// Feeds a text with its length in front.
pub fn feed_text<T: AsRef<[u8]> + ?Sized>(hash: &mut Sha256, text: &T) {
    let text = text.as_ref();
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Json::Whole(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Json::Whole(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        if number.abs() >= EXACT {
            return Err(E::custom("a number that readers round differently"));
        }
        Ok(if number.fract() == 0.0 { Json::Whole(number as i128) } else { Json::Float(number) })
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            members.push((key.0, map.next_value()?));
        }
        members.sort_by(|one, other| one.0.cmp(&other.0));
        if members.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0)) {
            return Err(A::Error::custom("a member twice"));
        }
        Ok(Json::Object(members))
    }
}

/// A member's name, borrowed where it can be.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        match json.deserialize_str(Tree)? {
            Json::Text(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("a name that is no text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Option<Vec<u8>> {
        let mut hash = Sha256::new();
        Json::parse(text.as_bytes()).ok()?.feed(&mut hash);
        Some(hash.finalize().to_vec())
    }

    #[test]
    fn spelling_does_not_count_and_meaning_does() {
        for (one, other) in [
            (r#"{"a":1,"b":[true,null]}"#, " { \"b\" : [true , null] , \"a\" : 1.0 } "),
            ("[0.5,100,-0.0]", "[5e-1,1e2,0]"),
            (r#""\u0041\/""#, r#""A/""#),
        ] {
            assert_eq!(digest(one).unwrap(), digest(other).unwrap(), "{one}");
        }
        let different =
            ["1", "1.5", "\"1\"", "[1]", "{\"1\":1}", "null", "true", "[]", "{}", "\"\"", "[[],1]", "[[1]]", "[null]"];
        for (at, one) in different.iter().enumerate() {
            assert!(different.iter().skip(at + 1).all(|other| digest(one) != digest(other)), "{one}");
        }
    }

    #[test]
    fn what_readers_take_differently_is_not_read() {
        for odd in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#""\ud800""#,
            "1e20",
            "123456789012345678901",
            "{} {}",
            "",
            "nul",
        ] {
            assert!(digest(odd).is_none(), "{odd}");
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert!(digest(&deep).is_none());
        assert_ne!(digest("9007199254740993"), digest("9007199254740992"));
    }
}
