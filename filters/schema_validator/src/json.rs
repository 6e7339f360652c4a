//! JSON text as it stands: scanned once, strictly and within limits, into a flat list of values that borrow from it.
//!
//! Not a tree of owned values: nothing is copied, and a value knows its place, so that it can be cut out or put in front
//! of. What two readers could understand differently (duplicate members, a byte order mark, lone surrogates) is refused.

mod document;
mod scan;
mod text;

pub use document::{Document, Id, Kind};
pub use scan::{Limits, Malformed, Reason, scan};
