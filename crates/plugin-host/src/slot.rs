//! What is kept of a stream: its place, and what it waits for.

use crate::root::AnyStream;
use plugin::Tag;

/// Who is told the answer to a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A stream.
    Stream(u32),
    /// Background work of a root context, under a name.
    Root(u32, Tag),
}

/// A stream that waits for background work.
pub struct Parked {
    pub context: u32,
    pub root: u32,
    /// Nanoseconds since 1970.
    pub deadline: u64,
}

/// The place of a stream.
pub struct Slot {
    pub root: u32,
    /// Out while it is at work.
    pub stream: Option<Box<dyn AnyStream>>,
    /// It is at work, so that it comes back.
    pub at_work: bool,
    /// The host ended it while it was at work.
    pub ended: bool,
    /// The host deleted it while it was at work.
    pub deleted: bool,
    /// Calls that are not answered yet, and waits. Few: they are forgotten by name when the stream goes, since those of all
    /// streams may be many.
    pub waits_for: Vec<u32>,
}

impl Slot {
    /// The place of a stream that begins: without one where its root has no configuration.
    pub fn new(root: u32, stream: Option<Box<dyn AnyStream>>) -> Self {
        Self { root, stream, at_work: false, ended: false, deleted: false, waits_for: Vec::new() }
    }
}
