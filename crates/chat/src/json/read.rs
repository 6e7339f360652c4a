//! How `serde_json` gives the members and elements of a [`Value`] without decoding what they hold.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Value;
use crate::{BodyError, BodyFault};

/// Collects the members of an object by name.
pub(super) struct Members<'m, 'a> {
    pub whole: Value<'a>,
    pub names: &'m [&'static str],
    pub found: &'m mut [Option<Value<'a>>],
    pub fault: &'m mut Option<(BodyFault, &'static str)>,
}

impl<'a> Visitor<'a> for Members<'_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key(self.names))? {
            let refused = match key {
                Named::Known(name, slot) => match self.found.get_mut(slot) {
                    Some(slot @ None) => {
                        *slot = Some(self.whole.inner(map.next_value::<&'a RawValue>()?.get()));
                        continue;
                    }
                    _ => (BodyFault::Duplicate, name),
                },
                Named::OtherCase(name) => (BodyFault::OtherCase, name),
                Named::Unknown => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                    continue;
                }
            };
            *self.fault = Some(refused);
            return Err(A::Error::custom(""));
        }
        Ok(())
    }
}

/// Reads a member's name and finds it among the known ones.
pub(super) struct Key<'m>(pub &'m [&'static str]);

/// What a member's name is.
pub(super) enum Named {
    Known(&'static str, usize),
    OtherCase(&'static str),
    Unknown,
}

impl<'a> DeserializeSeed<'a> for Key<'_> {
    type Value = Named;

    fn deserialize<D: serde::Deserializer<'a>>(self, json: D) -> Result<Named, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Named;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a member name")
    }

    fn visit_str<E>(self, key: &str) -> Result<Named, E> {
        Ok(self.find(key))
    }
}

impl Key<'_> {
    /// What a member of this name is.
    pub fn find(&self, key: &str) -> Named {
        if let Some(slot) = self.0.iter().position(|name| *name == key) {
            return self.0.get(slot).map_or(Named::Unknown, |name| Named::Known(name, slot));
        }
        let is_same = |name: &&&str| match key.is_ascii() {
            true => key.eq_ignore_ascii_case(name),
            false => key.chars().map(fold).eq(name.chars()),
        };
        self.0.iter().find(is_same).map_or(Named::Unknown, |name| Named::OtherCase(name))
    }
}

/// The lower-case ASCII character that simple Unicode case folding gives, as Go's `encoding/json` compares names.
fn fold(character: char) -> char {
    match character {
        'ſ' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}

/// Visits the elements of an array.
pub(super) struct Elements<'m, 'a> {
    pub whole: Value<'a>,
    pub visit: &'m mut dyn FnMut(usize, Value<'a>) -> Result<(), BodyError>,
    pub fault: &'m mut Option<BodyError>,
}

impl<'a> Visitor<'a> for Elements<'_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(raw) = seq.next_element::<&'a RawValue>()? {
            if let Err(error) = (self.visit)(index, self.whole.inner(raw.get())) {
                *self.fault = Some(error);
                return Err(A::Error::custom(""));
            }
            index += 1;
        }
        Ok(())
    }
}

/// Reads a string that may hold lone surrogates, which `serde_json` gives as bytes.
pub(super) struct Wtf8;

impl Visitor<'_> for Wtf8 {
    type Value = String;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
}
