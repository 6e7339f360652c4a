//! The walk through the messages, items, blocks and tensors of one request.

use std::borrow::Cow;

use super::{Part, PartKind, Pointer, Role};
use crate::json::Value;
use crate::{BodyError, BodyFault};

/// How deep content blocks may hold content blocks (a tool's result, a document in it).
const MAX_BLOCK_DEPTH: usize = 8;

/// The names that a message, an item of the Responses API or a content block is read by.
const ITEM: [&str; 13] = [
    "type",
    "role",
    "content",
    "text",
    "thinking",
    "refusal",
    "summary",
    "tool_calls",
    "function_call",
    "arguments",
    "input",
    "output",
    "source",
];

/// The walk through one request.
pub(super) struct Walk<'s, 'a> {
    pub see: &'s mut dyn FnMut(Part<'a, '_>),
}

impl<'a> Walk<'_, 'a> {
    /// `messages` and `input`: an array of items; `input` also a string, an array of strings, tokens, or one item.
    pub fn items(&mut self, value: Option<Value<'a>>, at: &Pointer<'_>) -> Result<(), BodyError> {
        let Some(value) = value.filter(|value| value.is_array()) else { return self.content(value, Role::User, at, 0) };
        value.elements(|index, item| {
            let role = if item.is_object() { Role::Other } else { Role::User };
            self.content(Some(item), role, &at.index(index), 0)
        })
    }

    /// A string, an object, or an array of these. Numbers are tokens, which only the model can read.
    pub fn content(
        &mut self,
        value: Option<Value<'a>>,
        role: Role,
        at: &Pointer<'_>,
        depth: usize,
    ) -> Result<(), BodyError> {
        let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(()) };
        if depth > MAX_BLOCK_DEPTH {
            return Err(BodyError::at(value.span().start, BodyFault::TooDeep));
        }
        if value.is_string() {
            self.string(value, PartKind::Text, role, at)
        } else if value.is_array() {
            value.elements(|index, block| self.content(Some(block), role, &at.index(index), depth + 1))
        } else if value.is_object() {
            self.block(value, role, at, depth)
        } else if value.number::<u64>().is_some() {
            Ok(())
        } else {
            Err(value.refuse("text or content blocks"))
        }
    }

    /// A message, an item or a content block.
    fn block(&mut self, block: Value<'a>, outer: Role, at: &Pointer<'_>, depth: usize) -> Result<(), BodyError> {
        let [kind, role, content, text, thinking, refusal, summary, tool_calls, call, arguments, input, output, source] =
            block.members(&ITEM)?;
        let kind = kind.filter(|kind| kind.is_string()).map(Value::string).transpose()?.unwrap_or_default();
        let role = role.filter(|role| role.is_string()).map(Value::string).transpose()?;
        let role = role.map_or_else(|| implied_role(&kind, outer), |role| named_role(&role));
        let known = [content, text, thinking, refusal, summary, tool_calls, call, arguments, input, output];
        if is_media(&kind) {
            self.unread(block, PartKind::Media, role, at);
            // Anthropic's documents may carry their text in the body.
            self.source(source, role, &at.member("source"), depth)?;
        } else if known.iter().all(Option::is_none) {
            self.unread(block, PartKind::Unknown, role, at);
        }
        // Whatever the block calls itself: a server may read its text by the member alone.
        for (name, value) in [("content", content), ("text", text), ("thinking", thinking), ("refusal", refusal)]
            .into_iter()
            .chain([("summary", summary), ("output", output)])
        {
            self.content(value, role, &at.member(name), depth + 1)?;
        }
        self.tool_calls(tool_calls, &at.member("tool_calls"))?;
        self.function(call, &at.member("function_call"))?;
        self.arguments(arguments, &at.member("arguments"))?;
        self.arguments(input, &at.member("input"))
    }

    /// The `source` of an Anthropic document, where it is plain text or content blocks.
    fn source(
        &mut self,
        source: Option<Value<'a>>,
        role: Role,
        at: &Pointer<'_>,
        depth: usize,
    ) -> Result<(), BodyError> {
        let Some(source) = source.filter(|source| source.is_object()) else { return Ok(()) };
        let [kind, data, content] = source.members(&["type", "data", "content"])?;
        if kind.is_some_and(|kind| kind.string().is_ok_and(|kind| kind == "text")) {
            self.content(data, role, &at.member("data"), depth + 1)?;
        }
        self.content(content, role, &at.member("content"), depth + 1)
    }

    /// `tool_calls` of a chat message.
    fn tool_calls(&mut self, calls: Option<Value<'a>>, at: &Pointer<'_>) -> Result<(), BodyError> {
        let Some(calls) = calls.filter(|calls| !calls.is_null()) else { return Ok(()) };
        calls.elements(|index, call| {
            let [function, custom] = call.members(&["function", "custom"])?;
            let at = at.index(index);
            self.function(function, &at.member("function"))?;
            self.function(custom, &at.member("custom"))
        })
    }

    /// `{"name", "arguments"}` of a function, or `{"name", "input"}` of a custom tool.
    fn function(&mut self, function: Option<Value<'a>>, at: &Pointer<'_>) -> Result<(), BodyError> {
        let Some(function) = function.filter(|function| !function.is_null()) else { return Ok(()) };
        let [arguments, input] = function.members(&["arguments", "input"])?;
        self.arguments(arguments, &at.member("arguments"))?;
        self.arguments(input, &at.member("input"))
    }

    /// What a tool is called with: a string, or JSON in the body itself.
    fn arguments(&mut self, value: Option<Value<'a>>, at: &Pointer<'_>) -> Result<(), BodyError> {
        match value.filter(|value| !value.is_null()) {
            Some(value) if value.is_string() => self.string(value, PartKind::Arguments, Role::Assistant, at),
            Some(value) => {
                self.part(value, PartKind::Json, Role::Assistant, at, Cow::Borrowed(value.text()));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// KServe's `inputs`: the strings in the `data` of each, flat or nested by shape.
    pub fn tensors(&mut self, inputs: Option<Value<'a>>, at: &Pointer<'_>) -> Result<(), BodyError> {
        let Some(inputs) = inputs.filter(|inputs| inputs.is_array()) else { return Ok(()) };
        inputs.elements(|index, tensor| {
            if !tensor.is_object() {
                return Err(tensor.refuse("an object"));
            }
            let [datatype, data] = tensor.members(&["datatype", "data"])?;
            let datatype = datatype.filter(|datatype| datatype.is_string()).map(Value::string).transpose()?;
            let Some(data) = data.filter(|_| datatype.is_some_and(|name| name.eq_ignore_ascii_case("BYTES"))) else {
                return Ok(());
            };
            self.content(Some(data), Role::User, &at.index(index).member("data"), 0)
        })
    }

    fn string(&mut self, value: Value<'a>, kind: PartKind, role: Role, at: &Pointer<'_>) -> Result<(), BodyError> {
        let text = value.string()?;
        self.part(value, kind, role, at, text);
        Ok(())
    }

    fn unread(&mut self, value: Value<'a>, kind: PartKind, role: Role, at: &Pointer<'_>) {
        self.part(value, kind, role, at, Cow::Borrowed(""));
    }

    fn part(&mut self, value: Value<'a>, kind: PartKind, role: Role, at: &Pointer<'_>, text: Cow<'a, str>) {
        (self.see)(Part { kind, role, at: *at, text, span: value.span() });
    }
}

fn named_role(name: &str) -> Role {
    match name {
        "system" => Role::System,
        "developer" => Role::Developer,
        "user" => Role::User,
        "assistant" | "model" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        _ => Role::Other,
    }
}

/// The role of a block that names none: its kind's, else that of what holds it.
fn implied_role(kind: &str, outer: Role) -> Role {
    match kind {
        "tool_use" | "function_call" | "custom_tool_call" | "reasoning" => Role::Assistant,
        _ if kind.ends_with("tool_result") || kind.ends_with("_call_output") => Role::Tool,
        _ => outer,
    }
}

/// Kinds that hold or name something other than text: `image_url`, `input_audio`, `file`, `document`.
fn is_media(kind: &str) -> bool {
    let bare = kind.strip_prefix("input_").or_else(|| kind.strip_prefix("output_")).unwrap_or(kind);
    let bare = bare.strip_suffix("_url").unwrap_or(bare);
    matches!(bare, "image" | "audio" | "video" | "file" | "document" | "search_result" | "container_upload")
}
