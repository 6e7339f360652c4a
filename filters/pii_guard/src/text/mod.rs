//! Where texts are in a message, and what becomes of each.

mod guard;
mod json;
mod position;
mod quoting;

pub use guard::{Guard, Places, Tally, written};
pub use json::{Malformed, changes_around, edit_any, edit_json, edit_lines};
pub use position::Kind;
