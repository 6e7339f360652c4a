//! The JSON text as a tree whose nodes are numbered in the order of the text. Knows keys, not types.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Faults;
use crate::faults::entry;

/// A parsed text.
pub(super) struct Document {
    pub root: Node,
    /// Nodes whose key stands a second time in the same object; the second value is not in the tree.
    pub duplicates: Vec<u32>,
}

/// A value, numbered before its children. All nodes below it have numbers between `id` and `end`.
pub(super) struct Node {
    pub id: u32,
    pub end: u32,
    pub value: Value,
}

pub(super) enum Value {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Document {
    /// Parses a whole text.
    pub fn parse(json: &[u8]) -> Result<Self, Faults> {
        if json.trim_ascii().is_empty() {
            return Err(refusal("is empty; a JSON object is needed".to_owned()));
        }
        let (next, duplicates) = (Cell::new(0), RefCell::new(Vec::new()));
        let reader = Reader { next: &next, duplicates: &duplicates };
        // One reader of JSON in a module is enough: bodies are read as text, too.
        let json = str::from_utf8(json).map_err(|error| refusal(format!("is not UTF-8: {error}")))?;
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let root = reader.deserialize(&mut deserializer).and_then(|root| deserializer.end().map(|()| root));
        // Such a message is about syntax alone: the reader takes every value.
        let root = root.map_err(|error| refusal(format!("is not JSON: {error}")))?;
        Ok(Self { root, duplicates: duplicates.into_inner() })
    }

    /// The key that leads to a node, as in `rules[3].match`.
    pub fn key_of(&self, id: u32) -> String {
        let (mut key, mut node) = (String::new(), &self.root);
        while node.id != id {
            let next = match &node.value {
                Value::List(items) => {
                    let found = items.iter().enumerate().find(|(_, child)| child.holds(id));
                    found.map(|(at, child)| (format!("{key}[{at}]"), child))
                }
                Value::Map(entries) => {
                    entries.iter().find(|(_, child)| child.holds(id)).map(|(name, child)| (entry(&key, name), child))
                }
                _ => None,
            };
            let Some(next) = next else { break };
            (key, node) = next;
        }
        key
    }

    /// The node of that number.
    pub fn node(&self, id: u32) -> Option<&Node> {
        let mut node = &self.root;
        while node.id != id {
            node = node.children().find(|child| child.holds(id))?;
        }
        Some(node)
    }
}

fn refusal(message: String) -> Faults {
    let mut faults = Faults::new();
    faults.push("", message);
    faults
}

impl Node {
    /// The value under a name, if this is an object.
    pub fn entry(&self, name: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(known, _)| known == name).map(|(_, node)| node)
    }

    /// Calls `see` with each string below this node, itself included.
    pub fn each_text<'a>(&'a self, see: &mut dyn FnMut(&'a str)) {
        if let Value::Text(text) = &self.value {
            see(text);
        }
        self.children().for_each(|child| child.each_text(see));
    }

    fn holds(&self, id: u32) -> bool {
        (self.id..self.end).contains(&id)
    }

    fn children(&self) -> impl Iterator<Item = &Node> {
        let (items, entries) = match &self.value {
            Value::List(items) => (items.as_slice(), [].as_slice()),
            Value::Map(entries) => ([].as_slice(), entries.as_slice()),
            _ => ([].as_slice(), [].as_slice()),
        };
        items.iter().chain(entries.iter().map(|(_, node)| node))
    }
}

/// Builds nodes and counts them.
#[derive(Clone, Copy)]
struct Reader<'r> {
    next: &'r Cell<u32>,
    duplicates: &'r RefCell<Vec<u32>>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let id = self.next.replace(self.next.get().saturating_add(1));
        let value = deserializer.deserialize_any(self)?;
        Ok(Node { id, end: self.next.get(), value })
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Signed(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        let mut seen: HashMap<String, u32, ahash::RandomState> = HashMap::with_hasher(crate::index::hasher());
        while let Some(name) = map.next_key::<String>()? {
            if let Some(first) = seen.get(&name) {
                self.duplicates.borrow_mut().push(*first);
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let node = map.next_value_seed(self)?;
            seen.insert(name.clone(), node.id);
            entries.push((name, node));
        }
        Ok(Value::Map(entries))
    }
}
