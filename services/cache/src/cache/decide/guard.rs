//! The slot guard.
