//! What the model says in answer to an ask, before an API gives it its shape.

use crate::ask::Ask;
use crate::behaviour::{Behaviour, ToolCall, UsageReport};

/// Bytes of text that count as one token.
const TOKEN_BYTES: usize = 4;

/// One turn of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Unique in this server; the API puts its prefix before it.
    pub(crate) id: String,
    /// Seconds since 1970.
    pub(crate) created: u64,
    pub(crate) model: String,
    /// The version that speaks.
    pub(crate) version: String,
    pub(crate) said: Said,
    /// Broken off because `max_tokens` were said.
    pub(crate) truncated: bool,
    pub(crate) usage: Option<Usage>,
    delta_chars: Option<usize>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Text(String),
    Call(ToolCall),
}

/// Tokens, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) output: u64,
}

impl Usage {
    pub(crate) fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// What is reported for so many bytes.
    pub(crate) fn report(report: UsageReport, input_bytes: usize, output_bytes: usize) -> Option<Self> {
        match report {
            UsageReport::Counted => Some(Self { input: tokens(input_bytes), output: tokens(output_bytes) }),
            UsageReport::Fixed { input, output } => Some(Self { input, output }),
            UsageReport::Absent => None,
        }
    }
}

impl Turn {
    pub(crate) fn new(ask: &Ask, behaviour: &Behaviour, version: &str, id: String, created: u64) -> Self {
        let (said, truncated) = match &behaviour.tool_call {
            Some(call) => (Said::Call(call.clone()), false),
            None => {
                let mut text = answer_to(&ask.text, behaviour, version);
                let truncated = truncate(&mut text, ask.max_tokens);
                (Said::Text(text), truncated)
            }
        };
        let usage = Usage::report(behaviour.usage, ask.input_bytes, said.spoken().len());
        let delta_chars = behaviour.delta_chars.map(usize::from);
        Self { id, created, model: ask.model.clone(), version: version.to_owned(), said, truncated, usage, delta_chars }
    }

    /// What is said, cut into the deltas of a stream.
    pub(crate) fn deltas(&self) -> Vec<&str> {
        deltas(self.said.spoken(), self.delta_chars)
    }
}

impl Said {
    /// The text, or the arguments of the call.
    fn spoken(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Call(call) => &call.arguments,
        }
    }
}

/// What the model says to a text: an echo, if nothing else is set.
pub(crate) fn answer_to(text: &str, behaviour: &Behaviour, version: &str) -> String {
    behaviour.answer.clone().unwrap_or_else(|| format!("[demo {version}] You said: {text}"))
}

fn tokens(bytes: usize) -> u64 {
    bytes.div_ceil(TOKEN_BYTES) as u64
}

fn truncate(text: &mut String, max_tokens: Option<u64>) -> bool {
    let Some(max) = max_tokens.filter(|max| tokens(text.len()) > *max) else { return false };
    let bytes = usize::try_from(max).unwrap_or(usize::MAX).saturating_mul(TOKEN_BYTES);
    text.truncate(text.floor_char_boundary(bytes));
    true
}

/// Pieces of so many characters, or words with the space after them.
fn deltas(text: &str, chars: Option<usize>) -> Vec<&str> {
    let Some(chars) = chars else { return text.split_inclusive(' ').collect() };
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.char_indices().nth(chars).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn deltas_join_to_the_text(text: String, chars in proptest::option::of(1..9_usize)) {
            prop_assert_eq!(deltas(&text, chars).concat(), text);
        }

        #[test]
        fn truncates_to_the_tokens_allowed(mut text: String, max in 0..20_u64) {
            let before = text.clone();
            let truncated = truncate(&mut text, Some(max));
            prop_assert_eq!(truncated, text != before);
            prop_assert!(tokens(text.len()) <= max);
        }
    }
}
