//! Decisions, as values.
//!
//! What would crash the host cannot be said here: a step is about the message at hand, and the machine that enacts it knows
//! which direction, and whether there is still something to hold.

use crate::{Call, Reply};

/// What a filter decided at one point of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The message goes on, with these edits.
    Go(Edits),
    /// Nothing goes on until these calls are answered. The answers come one by one. Without calls: go on waiting for those
    /// that are open.
    Wait(Vec<Call>),
    /// The exchange ends here with this reply.
    Reply(Reply),
    /// The stream is reset: for what may not go on where no reply can be given any more.
    Cut,
}

/// What a filter wants to see of the body that follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Next {
    /// Nothing: the body passes unseen.
    #[default]
    Pass,
    /// The whole body in one piece; nothing of it goes on before the decision.
    Whole {
        /// The filter may replace it.
        edit: bool,
    },
    /// Each piece as it flows by. Responses only.
    Chunks {
        /// The filter may replace pieces.
        edit: bool,
    },
}

impl Next {
    /// Whether the body may come out changed.
    pub fn edits(self) -> bool {
        matches!(self, Self::Whole { edit: true } | Self::Chunks { edit: true })
    }
}

/// Changes to the message at hand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edits {
    /// Header fields to set (`Some`) or to remove (`None`), in order. On a request each such edit makes Envoy choose the
    /// route anew.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// Filter state to write, for later filters and access logs: key without the `wasm.` that Envoy adds, and value.
    pub state: Vec<(String, Vec<u8>)>,
    /// The body in place of the one that was seen. Only where [`Next::Whole`] was asked with `edit`.
    pub body: Option<Vec<u8>>,
    /// What is wanted of the body. Only read where a head was at hand.
    pub next: Next,
}

impl Step {
    /// Go on; the body is of no interest.
    pub fn pass() -> Self {
        Self::Go(Edits::default())
    }

    /// Go on once the whole body was seen.
    pub fn whole(edit: bool) -> Self {
        Self::Go(Edits { next: Next::Whole { edit }, ..Edits::default() })
    }

    /// Go on, and see each piece of the response's body.
    pub fn chunks(edit: bool) -> Self {
        Self::Go(Edits { next: Next::Chunks { edit }, ..Edits::default() })
    }
}

impl Edits {
    /// Sets a header field to one value, whatever it was.
    pub fn set_header(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> &mut Self {
        self.headers.push((name.into(), Some(value.into())));
        self
    }

    /// Removes all header fields of this name.
    pub fn remove_header(&mut self, name: impl Into<String>) -> &mut Self {
        self.headers.push((name.into(), None));
        self
    }

    /// Writes filter state.
    pub fn set_state(&mut self, key: impl Into<String>, value: impl Into<Vec<u8>>) -> &mut Self {
        self.state.push((key.into(), value.into()));
        self
    }
}

impl From<Edits> for Step {
    fn from(edits: Edits) -> Self {
        Self::Go(edits)
    }
}

/// What becomes of one piece of a response that flows by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// It goes on as it is.
    Keep,
    /// These bytes go on in its place; none to hold it back.
    Replace(Vec<u8>),
    /// These are the last bytes that the client gets: what still comes is swallowed.
    Last(Vec<u8>),
    /// The stream is reset.
    Cut,
}
