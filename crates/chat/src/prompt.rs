//! The texts that a request sends to a model, each with its role and its place.
//!
//! Read are messages (OpenAI, Anthropic), system prompts, completion prompts and suffixes, embedding inputs, the items of
//! the Responses API, tool calls and their results, and the strings of KServe's `BYTES` inputs. Not read: tool
//! definitions, response formats, metadata, V1 `instances`, token arrays, and what images, audio and files hold.

mod pointer;
mod walk;

use std::borrow::Cow;
use std::ops::Range;

pub use self::pointer::Pointer;
use self::walk::Walk;
use crate::{BodyError, Request};

/// One part of what a request sends to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a, 'p> {
    /// What the part is.
    pub kind: PartKind,
    /// Who says it.
    pub role: Role,
    /// Where it is, as a JSON Pointer (RFC 6901).
    pub at: Pointer<'p>,
    /// The decoded text; for [`PartKind::Json`] the JSON text as it stands; empty for what is not read.
    pub text: Cow<'a, str>,
    /// The bytes of its JSON value in the body, with the quotes of a string: what [`splice`](crate::splice) replaces.
    pub span: Range<usize>,
}

/// What a [`Part`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// Text.
    Text,
    /// A string that holds JSON: the arguments of a tool call.
    Arguments,
    /// A JSON value in the body itself: the input of Anthropic's `tool_use`.
    Json,
    /// An image, audio, video, file or search result by reference: counted, not read.
    Media,
    /// A block of a kind that nothing here knows: not read.
    Unknown,
}

/// Who says a [`Part`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `system`, and the members `system` and `instructions`.
    System,
    /// `developer`.
    Developer,
    /// `user`; also prompts and inputs that have no role.
    User,
    /// `assistant`; also tool calls.
    Assistant,
    /// `tool`, `function`; also blocks that hold a tool's result.
    Tool,
    /// Another role, or none where one belongs.
    Other,
}

impl<'a> Request<'a> {
    /// Calls `see` with each part of the request, member by member and in the order of the body within one.
    ///
    /// # Errors
    ///
    /// Where a member has a shape that its API does not know, or where two readers could disagree (a `content` twice in
    /// one message). Parts seen before the error are those of a request that must not be forwarded unread.
    pub fn visit(&self, see: &mut dyn FnMut(Part<'a, '_>)) -> Result<(), BodyError> {
        let mut walk = Walk { see };
        let root = Pointer::ROOT;
        let texts = &self.texts;
        walk.content(texts.system, Role::System, &root.member("system"), 0).map_err(|error| error.of("system"))?;
        walk.content(texts.instructions, Role::System, &root.member("instructions"), 0)
            .map_err(|error| error.of("instructions"))?;
        walk.items(texts.messages, &root.member("messages")).map_err(|error| error.of("messages"))?;
        walk.content(texts.prompt, Role::User, &root.member("prompt"), 0).map_err(|error| error.of("prompt"))?;
        walk.content(texts.suffix, Role::User, &root.member("suffix"), 0).map_err(|error| error.of("suffix"))?;
        walk.items(texts.input, &root.member("input")).map_err(|error| error.of("input"))?;
        walk.tensors(texts.inputs, &root.member("inputs")).map_err(|error| error.of("inputs"))
    }
}
