//! An object of the configuration whose keys are names that the operator chose. Keeps their order, and takes no name
//! twice: of two policies of one name, one would silently not be there.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

/// Values by name, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<V>(Vec<(String, V)>);

impl<V> Named<V> {
    /// The value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> Default for Named<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> IntoIterator for Named<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Named<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}

struct NamedVisitor<V>(PhantomData<V>);

/// The names so far. Not generic: one copy in the module.
#[derive(Default)]
struct Seen(Option<HashMap<String, usize, ahash::RandomState>>);

impl Seen {
    #[inline(never)]
    fn is_new(&mut self, name: &str) -> bool {
        let names = self.0.get_or_insert_with(|| HashMap::with_hasher(crate::index::hasher()));
        names.insert(name.to_owned(), 0).is_none()
    }
}

impl<'de, V: Deserialize<'de>> Visitor<'de> for NamedVisitor<V> {
    type Value = Named<V>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut seen = Seen::default();
        let mut entries = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, V>()? {
            if !seen.is_new(&name) {
                return Err(A::Error::custom("a name is there twice"));
            }
            entries.push((name, value));
        }
        Ok(Named(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_refuses_a_second_value() {
        let named: Named<u8> = serde_json::from_str(r#"{"b": 1, "a": 2}"#).unwrap();
        assert_eq!(named.iter().collect::<Vec<_>>(), [("b", &1), ("a", &2)]);
        assert_eq!(named.get("a"), Some(&2));
        assert_eq!(named.get("c"), None);
        assert!(serde_json::from_str::<Named<u8>>(r#"{"b": 1, "b": 2}"#).is_err());
    }
}
