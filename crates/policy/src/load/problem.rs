//! A structural fault while a type is read: what serde reports, without any value.

use std::fmt::Display;

use serde::de::{Error, Expected, Unexpected};

use super::document::Node;
use crate::nearest::suggestion;

/// Why a type could not be read from a node.
///
/// One pointer: it is part of every result of every type that is read.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub(super) struct Problem(Box<Content>);

#[derive(Debug)]
struct Content {
    /// The innermost node that was being read; set on the way up.
    at: Option<u32>,
    /// The entry of that node that is missing.
    missing: Option<&'static str>,
    message: String,
    /// The message was written by a type's own code, which may have put a value into it.
    foreign: bool,
}

impl Problem {
    /// A fault in words that hold no value.
    pub fn unexpected(message: String) -> Self {
        Self(Box::new(Content { at: None, missing: None, message, foreign: false }))
    }

    /// None of the names of an enum's variants.
    pub fn not_one_of(how: &str, names: &[&str]) -> Self {
        Self::unexpected(format!("expected {how}{}", one_of(names)))
    }

    /// The innermost node that was being read.
    pub fn place(&self) -> Option<u32> {
        self.0.at
    }

    /// The entry of that node that is missing.
    pub fn missing(&self) -> Option<&'static str> {
        self.0.missing
    }

    /// Names the node, unless one further in was named before.
    #[inline(never)]
    pub fn at(mut self, node: &Node) -> Self {
        self.0.at.get_or_insert(node.id);
        self
    }

    /// The message without anything that was read from `node`.
    pub fn redacted(self, node: &Node) -> String {
        let Content { message, foreign, .. } = *self.0;
        if !foreign {
            return message;
        }
        let mut texts = Vec::new();
        // Shorter ones are words such as `on`, which would blot out half of a message.
        node.each_text(&mut |text| texts.extend((text.len() >= 4).then_some(text)));
        texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
        let blotted = texts
            .iter()
            .fold(message, |message, text| message.replace(*text, "…").replace(&text.escape_debug().to_string(), "…"));
        without_quotations(&blotted)
    }
}

/// The text with what stands in double quotes replaced: foreign messages quote parts of values in them.
fn without_quotations(message: &str) -> String {
    let parts = message.split('"').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "…" });
    parts.collect::<Vec<_>>().join("\"")
}

impl Error for Problem {
    fn custom<T: Display>(message: T) -> Self {
        let mut problem = Self::unexpected(message.to_string());
        problem.0.foreign = true;
        problem
    }

    #[inline(never)]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = wanted(expected);
        let quote = match found {
            Unexpected::Bool(_) | Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_)
                if expected.contains("string") =>
            {
                " (put it in quotes)"
            }
            _ => "",
        };
        Self::unexpected(format!("expected {expected}, found {}{quote}", kind(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(format!("expected {}, found another {}", wanted(expected), bare_kind(found)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::unexpected(format!("expected {}, found {length} elements", wanted(expected)))
    }

    #[inline(never)]
    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let near = suggestion(variant, expected.iter().copied());
        Self::unexpected(format!("expected {}{near}", one_of(expected)))
    }

    #[inline(never)]
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let near = suggestion(field, expected.iter().copied());
        Self::unexpected(format!("unknown key `{}`{near}", crate::faults::shown(field)))
    }

    #[inline(never)]
    fn missing_field(field: &'static str) -> Self {
        let mut problem = Self::unexpected("is missing".to_owned());
        problem.0.missing = Some(field);
        problem
    }

    #[inline(never)]
    fn duplicate_field(field: &'static str) -> Self {
        Self::unexpected(format!("`{field}` stands twice in one object"))
    }
}

/// `` one of `a`, `b` ``.
pub(super) fn one_of(names: &[&str]) -> String {
    format!("one of {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
}

/// What serde expects, in words of JSON.
fn wanted(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    match text.as_str() {
        "u8" | "u16" | "u32" | "u64" | "usize" => format!("a whole number from 0 ({text})"),
        "i8" | "i16" | "i32" | "i64" | "isize" => format!("a whole number ({text})"),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        _ if text.starts_with("struct ") => "an object".to_owned(),
        _ => text,
    }
}

fn kind(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Map => "an object".to_owned(),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        other => format!("a {}", bare_kind(other)),
    }
}

fn bare_kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "number",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "string",
        Unexpected::Seq => "list",
        _ => "value",
    }
}
