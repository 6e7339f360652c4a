//! Values by name, found by length and then by bytes: member names of an API differ mostly in length.

/// A sorted map of few names.
#[derive(Debug, Clone)]
pub(super) struct Names<V>(Vec<(Box<str>, V)>);

impl<V> Names<V> {
    /// The map of these.
    pub fn new(mut entries: Vec<(Box<str>, V)>) -> Self {
        entries.sort_by(|(one, _), (other, _)| order(one, other));
        Self(entries)
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        let at = self.0.binary_search_by(|(known, _)| order(known, name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// The name that differs from this one in case alone.
    pub fn other_case(&self, name: &str) -> Option<&str> {
        let same_length = |known: &&(Box<str>, V)| known.0.len() == name.len();
        self.0.iter().filter(same_length).map(|(known, _)| &**known).find(|known| known.eq_ignore_ascii_case(name))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn order(one: &str, other: &str) -> std::cmp::Ordering {
    one.len().cmp(&other.len()).then_with(|| one.as_bytes().cmp(other.as_bytes()))
}
