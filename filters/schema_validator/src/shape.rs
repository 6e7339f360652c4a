//! The engine of the built-in schemas: JSON Schema 2020-12 cut down to what one pass can decide without trying.
//!
//! Every choice is made by the value's type or by a discriminator, never by trial, so the time is linear, the first fault
//! is the right one, and a message can say "role must be one of …". Which keywords there are: see `compile`. The general
//! engine for the operator's own schemas is `custom`.

mod charset;
mod check;
mod compile;
mod name;

pub use check::{Judgement, Judging, Unknown};
pub use compile::Reading;

use charset::Charset;
use name::Names;

/// A compiled schema.
#[derive(Debug, Clone)]
pub struct Schema {
    shapes: Vec<Shape>,
    root: usize,
}

/// The JSON types that a value may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Types(u8);

impl Types {
    const NULL: u8 = 1;
    const BOOLEAN: u8 = 2;
    const INTEGER: u8 = 4;
    const NUMBER: u8 = 8;
    const STRING: u8 = 16;
    const ARRAY: u8 = 32;
    const OBJECT: u8 = 64;
    const NAMES: [(&'static str, u8); 7] = [
        ("null", Self::NULL),
        ("boolean", Self::BOOLEAN),
        ("integer", Self::INTEGER),
        ("number", Self::NUMBER | Self::INTEGER),
        ("string", Self::STRING),
        ("array", Self::ARRAY),
        ("object", Self::OBJECT),
    ];
    const ANY: Self = Self(127);

    fn has(self, types: u8) -> bool {
        self.0 & types != 0
    }

    /// "must be a string or an array".
    fn wanted(self) -> String {
        let whole = if self.has(Self::NUMBER) { "a number" } else { "a whole number" };
        let words = [
            (Self::STRING, "a string"),
            (Self::INTEGER, whole),
            (Self::BOOLEAN, "a boolean"),
            (Self::ARRAY, "an array"),
            (Self::OBJECT, "an object"),
            (Self::NULL, "null"),
        ];
        let words: Vec<&str> = words.iter().filter(|(bit, _)| self.has(*bit)).map(|(_, word)| *word).collect();
        match words.as_slice() {
            [most @ .., last] if !most.is_empty() => format!("must be {} or {last}", most.join(", ")),
            words => format!("must be {}", words.concat()),
        }
    }
}

/// What a value must be. Keywords speak of the types that they are about, as in JSON Schema.
#[derive(Debug, Clone)]
struct Shape {
    types: Types,
    /// The only strings that there are.
    words: Option<Vec<Box<str>>>,
    /// Characters of a string.
    length: (usize, usize),
    /// Which characters.
    charset: Option<(Charset, Box<str>)>,
    range: Bounds,
    /// Elements of an array.
    count: (usize, usize),
    items: Option<usize>,
    members: Names<Member>,
    required: usize,
    /// The most members that there may be.
    max_members: usize,
    other: Other,
    groups: Vec<Group>,
    choice: Option<Box<Choice>>,
}

/// A named member of an object.
#[derive(Debug, Clone)]
struct Member {
    shape: usize,
    required: bool,
    /// A member that some servers take in its stead.
    instead: Option<Box<str>>,
    /// Its value where it is missing and defaults are asked for.
    default: Option<Box<str>>,
}

/// Members of which one must be there.
#[derive(Debug, Clone)]
struct Group {
    names: Vec<Box<str>>,
    /// And no other.
    exactly: bool,
}

/// What becomes of members that have no name here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    /// They are unknown: what the policy says.
    Unknown,
    /// They are values of this shape: the object is a map.
    Map(usize),
    /// They are free: the object is a map of anything.
    Free,
    /// They are wrong in every policy.
    Refused,
}

/// The bounds of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bounds {
    min: f64,
    max: f64,
    above_min: bool,
    below_max: bool,
}

/// Alternatives, of which the value's type or its tag names one.
#[derive(Debug, Clone)]
struct Choice {
    /// For every type that is not decided further.
    by_type: Vec<(u8, usize)>,
    /// Arrays, by the types of what they hold.
    arrays: Vec<(Types, usize)>,
    tagged: Option<Tagged>,
}

/// Objects that say themselves what they are.
#[derive(Debug, Clone)]
struct Tagged {
    tag: Box<str>,
    cases: Names<usize>,
    /// The cases of an object without a tag: the first that it has the required members of, else the first.
    untagged: Vec<usize>,
    /// An unknown tag passes.
    open: bool,
}
