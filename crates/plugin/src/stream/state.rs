//! Where a stream is, and what is known of its two directions.

use crate::{CallId, Next, Side, Tag};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Waiting { at: At, calls: Vec<(CallId, Tag)> },
    Replied,
    Gone,
}

/// The point of an exchange at which a decision is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    RequestHead,
    RequestBody,
    ResponseHead,
    ResponseBody,
}

impl At {
    pub(super) fn side(self) -> Side {
        match self {
            Self::RequestHead | Self::RequestBody => Side::Request,
            Self::ResponseHead | Self::ResponseBody => Side::Response,
        }
    }
}

/// What is known of one direction.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// The head was shown.
    pub(super) begun: bool,
    /// The head is still here.
    pub(super) held: bool,
    /// The head was held with `PauseAll`.
    pub(super) blind: bool,
    /// What the filter wants of the body.
    pub(super) want: Next,
    /// Bytes of body that are held.
    pub(super) held_bytes: usize,
    /// A body callback came.
    pub(super) body_seen: bool,
    /// The message is here to its end.
    pub(super) complete: bool,
    /// The head declares a length.
    pub(super) has_length: bool,
    /// The client gets nothing more of this body.
    pub(super) swallow: bool,
    /// When the head was held, in Unix nanoseconds.
    pub(super) since: u64,
}

/// What becomes of the message at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    Hold,
    Over,
}
