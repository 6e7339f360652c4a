//! What a call asks for. Only what the answer depends on is read; where a key stands twice, the last one counts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The top level of a JSON object, its values unread.
#[derive(Deserialize)]
pub(crate) struct Fields<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(body)
    }

    /// The value, if it is there and has this type.
    pub(crate) fn get<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        self.raw(name).and_then(|raw| serde_json::from_str(raw.get()).ok())
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }
}

/// What a generating call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) model: String,
    pub(crate) stream: bool,
    /// `stream_options.include_usage`.
    pub(crate) include_usage: bool,
    pub(crate) max_tokens: Option<u64>,
    /// The last text of the user.
    pub(crate) text: String,
    /// Length of the input's JSON.
    pub(crate) input_bytes: usize,
}

#[derive(Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

impl Ask {
    /// `input` names the field that holds what was said; a model in the path stands for a missing one in the body.
    /// `None` if no model is named.
    pub(crate) fn new(fields: &Fields<'_>, input: &str, path_model: Option<&str>) -> Option<Self> {
        let model = fields.get("model").or_else(|| path_model.map(str::to_owned))?;
        let said = fields.raw(input);
        let max_tokens =
            ["max_completion_tokens", "max_output_tokens", "max_tokens"].iter().find_map(|name| fields.get(name));
        Some(Self {
            model,
            stream: fields.get("stream").unwrap_or(false),
            include_usage: fields
                .get::<StreamOptions>("stream_options")
                .and_then(|options| options.include_usage)
                .unwrap_or(false),
            max_tokens,
            text: said.and_then(last_text).unwrap_or_default(),
            input_bytes: said.map_or(0, |said| said.get().len()),
        })
    }
}

/// The last text in a prompt (a string, or several) or in a list of messages, where only those of the user count.
fn last_text(said: &RawValue) -> Option<String> {
    if let Some(text) = string(said) {
        return Some(text);
    }
    let turns: Vec<&RawValue> = serde_json::from_str(said.get()).ok()?;
    turns.into_iter().rev().find_map(|turn| string(turn).or_else(|| user_text(turn)))
}

fn user_text(turn: &RawValue) -> Option<String> {
    let fields = Fields::parse(turn.get().as_bytes()).ok()?;
    let by_user = fields.get::<String>("role").is_none_or(|role| role == "user");
    // Gemini's messages have `parts`.
    let content = fields.raw("content").or_else(|| fields.raw("parts")).filter(|_| by_user)?;
    string(content).or_else(|| parts_text(content))
}

/// The text of content parts (`text`, `input_text`), one per line.
fn parts_text(content: &RawValue) -> Option<String> {
    let parts: Vec<Fields<'_>> = serde_json::from_str(content.get()).ok()?;
    let texts: Vec<String> = parts.iter().filter_map(|part| part.get("text")).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn string(raw: &RawValue) -> Option<String> {
    raw.get().starts_with('"').then(|| serde_json::from_str(raw.get()).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ask(body: &str, input: &str) -> Option<Ask> {
        Ask::new(&Fields::parse(body.as_bytes()).unwrap(), input, None)
    }

    #[test]
    fn finds_the_last_text_of_the_user() {
        let chat = r#"{"model":"m","messages":[{"role":"user","content":"one"},{"role":"assistant","content":"two"}]}"#;
        assert_eq!(ask(chat, "messages").unwrap().text, "one");
        let gemini = r#"{"model":"m","contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"}]}]}"#;
        assert_eq!(ask(gemini, "contents").unwrap().text, "a");
        let parts = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image"},{"text":"b"}]}]}"#;
        assert_eq!(ask(parts, "messages").unwrap().text, "a\nb");
        assert_eq!(ask(r#"{"model":"m","prompt":["x","y"]}"#, "prompt").unwrap().text, "y");
        assert_eq!(ask(r#"{"model":"m","input":"z"}"#, "input").unwrap().text, "z");
        assert_eq!(ask(r#"{"model":"m","input":[1,2]}"#, "input").unwrap().text, "");
    }

    #[test]
    fn takes_the_last_of_two_keys_and_needs_a_model() {
        assert_eq!(ask(r#"{"model":"a","model":"b"}"#, "messages").unwrap().model, "b");
        assert_eq!(ask(r#"{"model":7}"#, "messages"), None);
        assert_eq!(ask("{}", "messages"), None);
    }

    proptest! {
        #[test]
        fn takes_any_body_without_a_panic(body: Vec<u8>, value in "[\\[{\"a:,}\\]\\\\u]{0,40}") {
            let _ = Fields::parse(&body).map(|fields| Ask::new(&fields, "messages", None));
            let body = format!(r#"{{"model":"m","messages":{value}}}"#);
            let _ = Fields::parse(body.as_bytes()).map(|fields| Ask::new(&fields, "messages", None));
        }
    }
}
