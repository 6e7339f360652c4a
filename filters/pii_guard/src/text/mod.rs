//! Where texts are in a message, and what becomes of each.

mod guard;
mod json;
mod position;

pub use guard::{Guard, Places, Tally, written};
pub use json::{Malformed, changes_around, edit_json};
pub use position::Kind;
