//! Scanned JSON text.

use std::borrow::Cow;
use std::ops::Range;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `false`.
    False,
    /// `true`.
    True,
    /// A number.
    Number,
    /// A string without escapes.
    Plain,
    /// A string with escapes.
    Escaped,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A value of a [`Document`], by its place in the list. The root is `Id::ROOT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(pub(super) u32);

impl Id {
    /// The document's own value.
    pub const ROOT: Self = Self(0);
}

/// One value: a container is followed by what it holds, an object by key and value in turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    /// The node behind this one and all that it holds.
    pub next: u32,
}

/// JSON text that passed the scan.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    pub(super) text: &'a str,
    pub(super) nodes: Vec<Node>,
}

impl<'a> Document<'a> {
    /// The whole text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// What the value is.
    pub fn kind(&self, id: Id) -> Kind {
        self.nodes.get(id.0 as usize).map_or(Kind::Null, |node| node.kind)
    }

    /// The value's place in the text, in bytes.
    pub fn span(&self, id: Id) -> Range<usize> {
        self.nodes.get(id.0 as usize).map_or(0..0, |node| node.start as usize..node.end as usize)
    }

    /// The value as it is written.
    pub fn raw(&self, id: Id) -> &'a str {
        self.text.get(self.span(id)).unwrap_or_default()
    }

    /// The string that the value is.
    pub fn string(&self, id: Id) -> Option<Cow<'a, str>> {
        let raw = self.raw(id);
        match self.kind(id) {
            Kind::Plain => raw.get(1..raw.len().saturating_sub(1)).map(Cow::Borrowed),
            Kind::Escaped => serde_json::from_str(raw).ok().map(Cow::Owned),
            _ => None,
        }
    }

    /// The number that the value is, as the nearest double.
    pub fn number(&self, id: Id) -> Option<f64> {
        if self.kind(id) == Kind::Number { self.raw(id).parse().ok() } else { None }
    }

    /// The value as a tree of its own: the text is not read again but for numbers and escapes. What is deeper than
    /// `max_depth` is no value. (It is the tree that takes stack, by its depth.)
    #[cfg(feature = "custom")]
    pub fn tree(&self, id: Id, max_depth: usize) -> Option<serde_json::Value> {
        use serde_json::Value;
        let inner = || max_depth.checked_sub(1);
        Some(match self.kind(id) {
            Kind::Null => Value::Null,
            Kind::False => Value::Bool(false),
            Kind::True => Value::Bool(true),
            Kind::Number => Value::Number(serde_json::from_str(self.raw(id)).ok()?),
            Kind::Plain | Kind::Escaped => Value::String(self.string(id)?.into_owned()),
            Kind::Array => {
                let max_depth = inner()?;
                Value::Array(self.items(id).map(|item| self.tree(item, max_depth)).collect::<Option<_>>()?)
            }
            Kind::Object => {
                let max_depth = inner()?;
                let member = |(name, value)| Some((self.string(name)?.into_owned(), self.tree(value, max_depth)?));
                Value::Object(self.members(id).map(member).collect::<Option<_>>()?)
            }
        })
    }

    /// What an array holds.
    pub fn items(&self, id: Id) -> impl Iterator<Item = Id> {
        let (mut at, end) = self.inside(id, Kind::Array);
        std::iter::from_fn(move || {
            let item = (at < end).then_some(Id(at))?;
            at = self.next(item);
            Some(item)
        })
    }

    /// Names and values of an object.
    pub fn members(&self, id: Id) -> impl Iterator<Item = (Id, Id)> {
        let (mut at, end) = self.inside(id, Kind::Object);
        std::iter::from_fn(move || {
            let (name, value) = (at < end).then_some((Id(at), Id(at + 1)))?;
            at = self.next(value);
            Some((name, value))
        })
    }

    /// The value of a member.
    pub fn member(&self, id: Id, name: &str) -> Option<Id> {
        self.members(id).find(|(key, _)| self.string(*key).is_some_and(|key| key == name)).map(|(_, value)| value)
    }

    fn next(&self, id: Id) -> u32 {
        self.nodes.get(id.0 as usize).map_or(u32::MAX, |node| node.next)
    }

    fn inside(&self, id: Id, kind: Kind) -> (u32, u32) {
        if self.kind(id) == kind { (id.0 + 1, self.next(id)) } else { (0, 0) }
    }
}
