//! The scan: one pass over a body that bounds it and finds its values.

use super::document::{Document, Id, Kind, Node};
use super::text::{number_end, string_end};
use std::borrow::Cow;

/// What a body may be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep arrays and objects may nest.
    pub depth: usize,
    /// Members of one object.
    pub members: usize,
    /// Elements of one array.
    pub items: usize,
    /// Values in all. Each takes 16 bytes while the body is judged.
    pub values: usize,
    /// Bytes of one string, as written.
    pub string_bytes: usize,
    /// Digits of one number, its exponent among them.
    pub number_digits: usize,
}

/// Why a body is not looked at further. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct Malformed {
    /// What is wrong.
    pub reason: Reason,
    /// Where, in bytes from the start.
    pub offset: usize,
}

/// The kinds of [`Malformed`]; each reads as the end of a sentence about the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing is there.
    #[error("is empty")]
    Empty,
    /// RFC 8259 section 8.1 asks for UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// RFC 8259 section 8.1 forbids it.
    #[error("starts with a byte order mark")]
    ByteOrderMark,
    /// No JSON.
    #[error("is not valid JSON")]
    Syntax,
    /// The JSON ends too early.
    #[error("is cut short")]
    Truncated,
    /// Something follows the value.
    #[error("has data after the JSON value")]
    Trailing,
    /// A member twice in one object: some readers take the first, some the last.
    #[error("has a member twice in one object")]
    Duplicate,
    /// An escaped surrogate without its partner, which no UTF-8 text can spell.
    #[error("holds a lone surrogate")]
    LoneSurrogate,
    /// Over [`Limits::depth`].
    #[error("is nested too deep")]
    Depth,
    /// Over [`Limits::members`].
    #[error("has too many members in one object")]
    Members,
    /// Over [`Limits::items`].
    #[error("has too many elements in one array")]
    Items,
    /// Over [`Limits::values`].
    #[error("has too many values")]
    Values,
    /// Over [`Limits::string_bytes`].
    #[error("has a string that is too long")]
    StringBytes,
    /// Over [`Limits::number_digits`], or beyond what a double can hold.
    #[error("has a number with too many digits, or beyond what a double holds")]
    Digits,
}

impl Reason {
    /// A short name for metrics and for `errors[].keyword`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotUtf8 => "utf8",
            Self::ByteOrderMark => "byte_order_mark",
            Self::Syntax => "json",
            Self::Truncated => "truncated",
            Self::Trailing => "trailing_data",
            Self::Duplicate => "duplicate_member",
            Self::LoneSurrogate => "lone_surrogate",
            Self::Depth => "max_depth",
            Self::Members => "max_members",
            Self::Items => "max_items",
            Self::Values => "max_values",
            Self::StringBytes => "max_string_bytes",
            Self::Digits => "max_number_digits",
        }
    }
}

/// Reads a body. Takes time in proportion to its size (names of one object are sorted) and no stack by its depth.
///
/// # Errors
/// The first thing that is wrong.
pub fn scan<'a>(body: &'a [u8], limits: &Limits) -> Result<Document<'a>, Malformed> {
    let refuse = |reason, offset| Err(Malformed { reason, offset });
    if body.is_empty() {
        return refuse(Reason::Empty, 0);
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        return refuse(Reason::ByteOrderMark, 0);
    }
    let text = match std::str::from_utf8(body) {
        Ok(text) if text.len() < u32::MAX as usize => text,
        Ok(_) => return refuse(Reason::Values, 0),
        Err(error) => return refuse(Reason::NotUtf8, error.valid_up_to()),
    };
    let nodes = Vec::with_capacity((body.len() / 24 + 8).min(limits.values.saturating_add(1)));
    let document = Document { text, nodes };
    let mut scanner = Scanner { bytes: body, at: 0, limits, document, open: Vec::new(), names: Vec::new() };
    match scanner.run() {
        Ok(()) => Ok(scanner.document),
        Err((reason, offset)) => refuse(reason, offset),
    }
}

/// A container that is not closed yet.
struct Open {
    node: usize,
    is_object: bool,
    count: usize,
    /// Where its names start in [`Scanner::names`].
    names: usize,
}

struct Scanner<'a, 'l> {
    bytes: &'a [u8],
    at: usize,
    limits: &'l Limits,
    document: Document<'a>,
    open: Vec<Open>,
    names: Vec<Id>,
}

type Scanned<T> = Result<T, (Reason, usize)>;

impl Scanner<'_, '_> {
    fn run(&mut self) -> Scanned<()> {
        loop {
            // A value, or the end of a container that is empty.
            let opened = self.value()?;
            if opened && !self.first()? {
                continue;
            }
            // What closes behind it.
            while self.close()? {}
            if self.open.is_empty() {
                self.space();
                return if self.at < self.bytes.len() { Err((Reason::Trailing, self.at)) } else { Ok(()) };
            }
        }
    }

    /// Reads a value, or only the start of a container: then it says so.
    fn value(&mut self) -> Scanned<bool> {
        self.space();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'"') => return self.string().map(|_| false),
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't') => self.word("true", Kind::True)?,
            Some(b'f') => self.word("false", Kind::False)?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(b'-' | b'0'..=b'9') => {
                self.at = number_end(self.bytes, start, self.limits.number_digits)?;
                Kind::Number
            }
            Some(_) => return Err((Reason::Syntax, start)),
            None => return Err((Reason::Truncated, start)),
        };
        let is_container = matches!(kind, Kind::Array | Kind::Object);
        if is_container {
            if self.open.len() >= self.limits.depth {
                return Err((Reason::Depth, start));
            }
            self.at += 1;
            let node = self.document.nodes.len();
            self.open.push(Open { node, is_object: kind == Kind::Object, count: 0, names: self.names.len() });
        }
        self.push(kind, start)?;
        Ok(is_container)
    }

    /// Behind an opening bracket: whether the container is empty. The name of a first member is read.
    fn first(&mut self) -> Scanned<bool> {
        self.space();
        match (self.open.last(), self.peek()) {
            (Some(open), Some(byte)) if byte == if open.is_object { b'}' } else { b']' } => Ok(true),
            _ => self.entry().map(|()| false),
        }
    }

    /// Behind a value: a comma and, in an object, the next name; or the end of the container, which it closes.
    fn close(&mut self) -> Scanned<bool> {
        let Some(open) = self.open.last() else { return Ok(false) };
        let (node, is_object, names) = (open.node, open.is_object, open.names);
        self.space();
        match self.peek() {
            Some(b',') if self.open.last().is_some_and(|open| open.count > 0) => {
                self.at += 1;
                self.space();
                self.entry()?;
                Ok(false)
            }
            Some(byte) if byte == if is_object { b'}' } else { b']' } => {
                self.at += 1;
                if is_object {
                    self.distinct(names)?;
                }
                let (end, next) = (self.at as u32, self.document.nodes.len() as u32);
                if let Some(node) = self.document.nodes.get_mut(node) {
                    (node.end, node.next) = (end, next);
                }
                self.open.pop();
                Ok(true)
            }
            Some(_) => Err((Reason::Syntax, self.at)),
            None => Err((Reason::Truncated, self.at)),
        }
    }

    /// Counts one more entry of the innermost container and reads its name, where it has one.
    fn entry(&mut self) -> Scanned<()> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        open.count += 1;
        let (count, is_object) = (open.count, open.is_object);
        if !is_object {
            return if count > self.limits.items { Err((Reason::Items, self.at)) } else { Ok(()) };
        }
        if count > self.limits.members {
            return Err((Reason::Members, self.at));
        }
        match self.peek() {
            Some(b'"') => {}
            Some(_) => return Err((Reason::Syntax, self.at)),
            None => return Err((Reason::Truncated, self.at)),
        }
        let name = self.string()?;
        self.names.push(name);
        self.space();
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(_) => return Err((Reason::Syntax, self.at)),
            None => return Err((Reason::Truncated, self.at)),
        }
        Ok(())
    }

    fn string(&mut self) -> Scanned<Id> {
        let start = self.at;
        let (end, escaped) = string_end(self.bytes, start)?;
        if end - start - 2 > self.limits.string_bytes {
            return Err((Reason::StringBytes, start));
        }
        self.at = end;
        self.push(if escaped { Kind::Escaped } else { Kind::Plain }, start)
    }

    fn word(&mut self, word: &str, kind: Kind) -> Scanned<Kind> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(kind)
        } else if word.as_bytes().starts_with(rest) {
            Err((Reason::Truncated, self.bytes.len()))
        } else {
            Err((Reason::Syntax, self.at))
        }
    }

    /// Adds the value from `start` to here.
    fn push(&mut self, kind: Kind, start: usize) -> Scanned<Id> {
        let id = self.document.nodes.len();
        if id >= self.limits.values {
            return Err((Reason::Values, start));
        }
        self.document.nodes.push(Node { kind, start: start as u32, end: self.at as u32, next: id as u32 + 1 });
        Ok(Id(id as u32))
    }

    /// Refuses a name that stands twice among those from `from` on, and forgets them.
    fn distinct(&mut self, from: usize) -> Scanned<()> {
        let names = self.names.get(from..).unwrap_or_default();
        let document = &self.document;
        let is_plain = |id: &Id| document.kind(*id) == Kind::Plain;
        let twice = if names.len() <= 8 && names.iter().all(is_plain) {
            let mut rest = names;
            std::iter::from_fn(|| {
                let (first, others) = rest.split_first()?;
                rest = others;
                Some(others.iter().copied().find(|other| document.raw(*other) == document.raw(*first)))
            })
            .flatten()
            .next()
        } else {
            let mut sorted: Vec<(Cow<'_, str>, Id)> =
                names.iter().map(|id| (document.string(*id).unwrap_or_default(), *id)).collect();
            sorted.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            let pairs = sorted.iter().zip(sorted.iter().skip(1));
            pairs.filter(|(one, other)| one.0 == other.0).map(|(_, other)| other.1).next()
        };
        if let Some(id) = twice {
            return Err((Reason::Duplicate, document.span(id).start));
        }
        self.names.truncate(from);
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}
