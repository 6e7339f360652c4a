//! Why a body cannot be judged. Says what and where, never what it read.

use std::borrow::Cow;
use std::fmt;

use crate::{ApiError, ErrorKind};

/// A body that no filter may judge, because two readers could understand it differently or because it is not what its
/// API says. Carries no text of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct BodyError {
    /// What is wrong.
    pub fault: BodyFault,
    /// Where, in bytes from the body's start.
    pub offset: usize,
    /// The known member that is wrong, if it is one (`model`).
    pub member: Option<&'static str>,
}

impl fmt::Display for BodyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.member {
            Some(member) => write!(out, "`{member}` {} at byte {}", self.fault, self.offset),
            None => write!(out, "body {} at byte {}", self.fault, self.offset),
        }
    }
}

/// The kinds of [`BodyError`]. Each reads as the end of a sentence about the body or one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// RFC 8259 section 8.1 asks for UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// A syntax error, also in a part that is skipped.
    #[error("is not valid JSON")]
    NotJson,
    /// A form that servers could take apart in two ways, or that is cut short.
    #[error("is no form that all servers read alike")]
    NotForm,
    /// The JSON ends too early; an empty body too.
    #[error("is cut short")]
    Truncated,
    /// Something follows the JSON value.
    #[error("has data after the JSON value")]
    TrailingData,
    /// Nested more than [`MAX_DEPTH`](crate::MAX_DEPTH) deep, or content blocks within blocks beyond reason.
    #[error("is nested too deep")]
    TooDeep,
    /// A member appears twice: some readers take the first, some the last (RFC 8259 section 4).
    #[error("appears more than once")]
    Duplicate,
    /// A known member in another case (`Model`): Go's `encoding/json` takes it for the known one, others do not.
    #[error("is spelled in another case")]
    OtherCase,
    /// The value must be of another JSON type.
    #[error("must be {0}")]
    Not(&'static str),
    /// A string holds an escaped surrogate without its partner, which no UTF-8 text can spell.
    #[error("holds a lone surrogate")]
    LoneSurrogate,
}

impl BodyError {
    /// An error at `offset` of the body.
    pub(crate) fn at(offset: usize, fault: BodyFault) -> Self {
        Self { fault, offset, member: None }
    }

    /// The same error, naming the member that is at fault unless one is named already.
    pub(crate) fn of(mut self, member: &'static str) -> Self {
        self.member.get_or_insert(member);
        self
    }
}

impl From<BodyError> for ApiError {
    /// The refusal for it: 400 `invalid_request_error`, with the member as `param`.
    fn from(error: BodyError) -> Self {
        let code = match error.fault {
            BodyFault::NotUtf8 | BodyFault::NotJson | BodyFault::Truncated | BodyFault::TrailingData => "invalid_json",
            BodyFault::NotForm => "invalid_form",
            BodyFault::TooDeep => "nested_too_deep",
            BodyFault::Duplicate | BodyFault::OtherCase => "ambiguous_member",
            BodyFault::Not(_) | BodyFault::LoneSurrogate => "invalid_value",
        };
        let refusal = ApiError::new(400, ErrorKind::InvalidRequest, error.to_string()).with_code(code);
        match error.member {
            Some(member) => refusal.with_param(Cow::Borrowed(member)),
            None => refusal,
        }
    }
}
