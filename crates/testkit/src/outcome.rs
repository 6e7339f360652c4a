//! What came of an exchange, on whichever driver.

use std::collections::BTreeMap;

/// Header fields in order, names in lower case.
pub type Fields = Vec<(String, Vec<u8>)>;

/// What came of an exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The status code, 0 where no response came.
    pub status: u16,
    /// The response's header fields.
    pub headers: Fields,
    /// The response's body.
    pub body: Vec<u8>,
    /// The response's trailers.
    pub trailers: Fields,
    /// The response broke off.
    pub cut: bool,
    /// What reached the upstream, where anything did.
    pub upstream: Option<Arrived>,
    /// Filter state at the end.
    pub state: BTreeMap<String, String>,
    /// The reply details.
    pub details: String,
}

/// A request as the upstream saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrived {
    /// The path with its query.
    pub path: String,
    /// The header fields.
    pub headers: Fields,
    /// The body.
    pub body: Vec<u8>,
    /// The trailers.
    pub trailers: Fields,
    /// The body came to its proper end.
    pub complete: bool,
}
