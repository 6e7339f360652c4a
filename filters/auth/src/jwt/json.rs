//! JSON as tokens need it read: a member that stands twice, or depth beyond reason, makes the whole text unreadable.
//!
//! Not `serde_json::Value`: that takes the last of two members, and two readers that disagree about `role` are one too many.

use crate::credential::cache::{digest, numbers};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// How deep a token's JSON may nest (CVE-2026-48042: freeing deep JSON overflowed a stack).
const MAX_DEPTH: u8 = 32;

/// How many members an object has room for at first, so that it seldom grows.
const FEW: usize = 16;

/// A JSON value. Strings without escapes are those of the text that was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number written without fraction and exponent that fits 64 bits with a sign.
    Int(i64),
    /// A whole number beyond those, written in the same way.
    Large(u64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(Cow<'t, str>),
    /// An array.
    List(Vec<Json<'t>>),
    /// An object; no name stands twice.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

/// From here on not every whole number is a double.
const EXACT: f64 = (1_u64 << 53) as f64;

impl<'t> Json<'t> {
    /// Reads a whole text. `None` for what is no JSON, not UTF-8, nested too deep, or has a member twice.
    pub fn parse(text: &'t [u8]) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_str(str::from_utf8(text).ok()?);
        let value = Depth(MAX_DEPTH).deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        Some(value)
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The members of an object; none of what is no object.
    pub fn members(&self) -> &[(Cow<'t, str>, Json<'t>)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The value that a path of names leads to.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| value.get(name.as_ref()))
    }

    /// The string.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The elements of an array.
    pub fn list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// A string, number or boolean as text, as headers and claim rules see it. A whole number that is too large to be told from
    /// its neighbours (RFC 8259 section 6) is none: it would stand for several callers.
    pub fn scalar(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Bool(value) => Some(value.to_string().into()),
            Self::Int(value) => Some(value.to_string().into()),
            Self::Large(value) => Some(value.to_string().into()),
            Self::Number(value) if value.abs() >= EXACT => None,
            Self::Number(value) => serde_json::Number::from_f64(*value).map(|number| number.to_string().into()),
            Self::Text(value) => Some(Cow::Borrowed(value)),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// A scalar, or all scalars of an array.
    pub fn scalars(&self) -> Vec<String> {
        match self {
            Self::List(items) => items.iter().filter_map(Json::scalar).map(Cow::into_owned).collect(),
            other => other.scalar().map(Cow::into_owned).into_iter().collect(),
        }
    }

    /// The same without the text that it was read from.
    fn into_owned(self) -> Json<'static> {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(value),
            Self::Int(value) => Json::Int(value),
            Self::Large(value) => Json::Large(value),
            Self::Number(value) => Json::Number(value),
            Self::Text(text) => Json::Text(text.into_owned().into()),
            Self::List(items) => Json::List(items.into_iter().map(Json::into_owned).collect()),
            Self::Object(members) => {
                let owned = members.into_iter().map(|(name, value)| (name.into_owned().into(), value.into_owned()));
                Json::Object(owned.collect())
            }
        }
    }
}

impl<'de> serde::Deserialize<'de> for Json<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Depth(MAX_DEPTH).deserialize(deserializer).map(Json::into_owned)
    }
}

/// What is left of the depth.
struct Depth(u8);

impl Depth {
    fn deeper<E: Error>(&self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Json<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(i64::try_from(value).map_or(Json::Large(value), Json::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self.deeper()?)? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::with_capacity(FEW);
        while let Some(name) = map.next_key_seed(Name)? {
            let value = map.next_value_seed(self.deeper()?)?;
            members.push((name, value));
        }
        if has_twin(&members) {
            return Err(A::Error::custom("a member stands twice"));
        }
        Ok(Json::Object(members))
    }
}

/// The name of a member.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

/// Whether a name stands twice. Few names are compared with each other, many by their digests: never quadratic in the input.
fn has_twin(members: &[(Cow<'_, str>, Json<'_>)]) -> bool {
    if members.len() > 32 {
        let mut seen = numbers();
        return members.iter().any(|(name, _)| seen.insert(digest(name.as_bytes()), 0).is_some());
    }
    members.iter().enumerate().any(|(at, (name, _))| {
        // Most names differ in these already.
        let rough = |name: &str| (name.len(), name.as_bytes().first().copied());
        let one = rough(name);
        members.iter().take(at).any(|(other, _)| rough(other) == one && other == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_readings_are_no_reading() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"b":{"a":1,"\u0061":2}}"#,
            "{} {}",
            "\u{feff}{}",
            "{\"a\":\"\u{0}\"}",
            "",
            "{\"a\":01}",
        ] {
            assert_eq!(Json::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Json::parse(b"{\"a\":\"\xff\"}"), None);
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(deep(32).as_bytes()).is_some());
        assert!(Json::parse(deep(34).as_bytes()).is_none());
        assert!(Json::parse(deep(100_000).as_bytes()).is_none());
    }

    #[test]
    fn whole_numbers_are_told_from_others() {
        let of = |text: &'static str| Json::parse(text.as_bytes()).unwrap();
        assert_eq!(of("1700000000"), Json::Int(1_700_000_000));
        assert_eq!(of("-1"), Json::Int(-1));
        for text in ["1.0", "1e3", "18446744073709551616"] {
            assert!(matches!(of(text), Json::Number(_)), "{text}");
        }
    }

    #[test]
    fn paths_lead_to_claims() {
        let json = Json::parse(br#"{"realm":{"roles":["a",1,null]},"https://x/y":true}"#).unwrap();
        assert_eq!(json.at(&["realm", "roles"]).unwrap().scalars(), ["a", "1"]);
        assert_eq!(json.at(&["https://x/y"]).unwrap().scalars(), ["true"]);
        assert_eq!(json.at(&["realm", "roles", "a"]), None);
        let scalar = |text: &'static str| Json::parse(text.as_bytes()).unwrap().scalar().map(|text| text.into_owned());
        for whole in ["9223372036854775807", "9223372036854775808", "18446744073709551615"] {
            assert_eq!(scalar(whole).as_deref(), Some(whole));
        }
        assert_eq!(scalar("0.5").as_deref(), Some("0.5"));
        for large in ["18446744073709551616", "-9223372036854775809", "1e300", "-9007199254740993.0"] {
            assert_eq!(scalar(large), None, "{large}");
        }
    }
}
