//! What a conversation holds, and what was said last. One reader for four APIs, which differ in names alone.

use super::{Json, Reason};
use crate::config::Bypass;
use chat::Api;
use std::borrow::Cow;

/// Whether the cache may be asked about this request.
pub(super) fn judge(api: Api, tree: &Json<'_>, bypass: &Bypass) -> Result<(), Reason> {
    if tree.given("temperature").is_some_and(|value| value.number().is_none_or(|heat| heat > bypass.max_temperature))
        || (tree.given("temperature").is_none() && bypass.max_temperature < 1.0)
    {
        return Err(Reason::Temperature);
    }
    let many =
        |name| tree.given(name).is_some_and(|value| value.number().is_none_or(|n| n > bypass.max_choices as f64));
    if many("n") || (api == Api::Completions && many("best_of")) {
        return Err(Reason::Choices);
    }
    if bypass.stateful && is_stateful(tree) {
        return Err(Reason::Stateful);
    }
    if bypass.provider_tools && has_provider_tools(api, tree) {
        return Err(Reason::ProviderTools);
    }
    let audio = tree.given("audio").is_some()
        || tree.get("modalities").is_some_and(|kinds| kinds.elements().iter().any(|kind| kind.text() != Some("text")));
    if bypass.non_text && audio {
        return Err(Reason::NonText);
    }
    let mut seen = Seen { bypass, turns: 0 };
    match api {
        Api::ChatCompletions | Api::Messages => seen.turns_of(tree.get("messages"))?,
        Api::Responses => seen.turns_of(tree.get("input"))?,
        Api::Completions => seen.prompt(tree.get("prompt"))?,
        _ => return Err(Reason::Unreadable),
    }
    if seen.turns > bypass.max_messages { Err(Reason::History) } else { Ok(()) }
}

/// Takes the last user text out, where it is the last thing said: of several parts of the last turn the last text.
pub(super) fn take_last_user_text<'a>(api: Api, tree: &mut Json<'a>) -> Option<Cow<'a, str>> {
    let place = match api {
        Api::ChatCompletions | Api::Messages => tree.get_mut("messages")?,
        Api::Responses => tree.get_mut("input")?,
        _ => tree.get_mut("prompt")?,
    };
    let last = match place {
        Json::Array(elements) => elements.last_mut()?,
        text => return text.take_text(),
    };
    if api == Api::Completions {
        return last.take_text();
    }
    if last.get("role")?.text() != Some("user") {
        return None;
    }
    match last.get_mut("content")? {
        Json::Array(parts) => parts.iter_mut().rev().find(|part| is_text(part))?.get_mut("text")?.take_text(),
        content => content.take_text(),
    }
}

fn is_text(part: &Json<'_>) -> bool {
    part.get("type").and_then(Json::text).is_some_and(|kind| matches!(kind, "text" | "input_text"))
}

/// Whether the provider keeps something of this call, or kept something for it.
fn is_stateful(tree: &Json<'_>) -> bool {
    let names = ["previous_response_id", "conversation", "container"];
    let is_set = |name| tree.get(name).is_some_and(|value| *value == Json::Bool(true));
    names.iter().any(|name| tree.given(name).is_some())
        || is_set("background")
        || is_set("store")
        // The Responses API's template, which changes at the provider. The prompt of completions is a text or a list.
        || tree.get("prompt").is_some_and(|prompt| matches!(prompt, Json::Object(_)))
}

/// Members that have the provider search: OpenAI, Anthropic, Azure, xAI, OpenRouter.
const SEARCHES: [&str; 5] = ["web_search_options", "mcp_servers", "data_sources", "search_parameters", "plugins"];

/// Whether the provider runs a tool: any that is not a function, or a custom tool, of the caller's own.
fn has_provider_tools(api: Api, tree: &Json<'_>) -> bool {
    let own = |tool: &Json<'_>| match tool.given("type").map(Json::text) {
        None => api == Api::Messages,
        Some(kind) => matches!(kind, Some("function" | "custom")),
    };
    let foreign = tree.given("tools").is_some_and(|tools| !tools.elements().iter().all(own));
    foreign || SEARCHES.iter().any(|name| tree.given(name).is_some())
}

/// What was seen of a conversation.
struct Seen<'b> {
    bypass: &'b Bypass,
    turns: usize,
}

impl Seen<'_> {
    fn non_text(&self) -> Result<(), Reason> {
        if self.bypass.non_text { Err(Reason::NonText) } else { Ok(()) }
    }

    fn tool_call(&self) -> Result<(), Reason> {
        if self.bypass.tool_calls { Err(Reason::ToolCalls) } else { Ok(()) }
    }

    fn stateful(&self) -> Result<(), Reason> {
        if self.bypass.stateful { Err(Reason::Stateful) } else { Ok(()) }
    }

    /// `messages`, or `input`: a text, or turns.
    fn turns_of(&mut self, turns: Option<&Json<'_>>) -> Result<(), Reason> {
        match turns {
            Some(Json::Text(_)) => Ok(()),
            Some(Json::Array(turns)) if !turns.is_empty() => turns.iter().try_for_each(|turn| self.turn(turn)),
            _ => Err(Reason::Unreadable),
        }
    }

    /// A message, or an item of the Responses API.
    fn turn(&mut self, turn: &Json<'_>) -> Result<(), Reason> {
        let (kind, role) = (turn.given("type").and_then(Json::text), turn.given("role").and_then(Json::text));
        if !matches!(role, Some("system" | "developer")) {
            self.turns += 1;
        }
        match (kind, role) {
            (None | Some("message"), Some(role)) => {
                if matches!(role, "tool" | "function") {
                    self.tool_call()?;
                }
            }
            (Some("reasoning"), _) => return Ok(()),
            (Some("item_reference"), _) => return self.stateful(),
            (Some(kind), _) if kind.ends_with("_call") || kind.ends_with("_call_output") => return self.tool_call(),
            (Some(_), _) => return self.non_text(),
            (None, None) => return Err(Reason::Unreadable),
        }
        let calls = turn.given("tool_calls").is_some_and(|calls| !calls.elements().is_empty());
        if calls || turn.given("function_call").is_some() {
            self.tool_call()?;
        }
        if turn.given("audio").is_some() {
            self.non_text()?;
        }
        match turn.given("content") {
            None | Some(Json::Text(_)) => Ok(()),
            Some(Json::Array(parts)) => parts.iter().try_for_each(|part| self.part(part)),
            Some(_) => Err(Reason::Unreadable),
        }
    }

    fn part(&self, part: &Json<'_>) -> Result<(), Reason> {
        match part.get("type").and_then(Json::text) {
            Some("text" | "input_text" | "output_text" | "refusal" | "thinking" | "redacted_thinking") => Ok(()),
            Some(kind) if kind.ends_with("tool_use") || kind.ends_with("tool_result") => self.tool_call(),
            _ => self.non_text(),
        }
    }

    /// A prompt of the completions API: a text, several, or tokens.
    fn prompt(&self, prompt: Option<&Json<'_>>) -> Result<(), Reason> {
        match prompt {
            Some(Json::Text(_)) => Ok(()),
            Some(Json::Array(prompts)) if prompts.iter().any(|prompt| prompt.text().is_none()) => self.non_text(),
            Some(Json::Array(prompts)) if prompts.len() as u64 <= self.bypass.max_choices => Ok(()),
            Some(Json::Array(_)) => Err(Reason::Choices),
            _ => Err(Reason::Unreadable),
        }
    }
}
