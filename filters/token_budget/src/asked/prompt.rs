//! How large a prompt is, and how many prompts there are.

use chat::{Api, ApiError, PartKind, Request, estimate_tokens};

/// Tokens that frame each part of a prompt.
const FRAME_TOKENS: u64 = 4;

/// Bytes of a body that are neither text nor media (tools, parameters) are a token by so many.
const BYTES_PER_TOKEN: u64 = 6;

/// A string of so many bytes without a space is no text, in bytes.
const LONG: usize = 2048;

/// The prompt of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prompt {
    /// Texts by their characters, media by their number, token ids by theirs, the rest by its bytes.
    pub tokens: u64,
    /// How many prompts a call of OpenAI's completions makes, each of which is answered; 1 for any other.
    pub count: u64,
    /// It has no media, whose tokens nobody can tell from the body.
    pub is_text: bool,
}

impl Prompt {
    /// The prompt of a request, whose body has been read as JSON.
    pub fn of(request: &Request<'_>, body: &[u8], media_tokens: u64) -> Result<Self, ApiError> {
        let (mut tokens, mut seen, mut count, mut is_text) = (0_u64, 0_usize, 0_u64, true);
        let is_list = matches!(request.api, Api::Completions | Api::Embeddings);
        request.visit(&mut |part| {
            seen = seen.saturating_add(part.span.len());
            if request.api == Api::Completions && part.at.to_string() != "/suffix" {
                count += 1;
            }
            is_text &= !matches!(part.kind, PartKind::Media | PartKind::Unknown);
            let part = match part.kind {
                PartKind::Media | PartKind::Unknown => media_tokens,
                _ => estimate_tokens(part.text.as_bytes()),
            };
            tokens = tokens.saturating_add(part).saturating_add(FRAME_TOKENS);
        })?;
        let mut rest = body.len().saturating_sub(seen) as u64 / BYTES_PER_TOKEN;
        if is_list {
            let (ids, lists) = token_ids(body);
            rest = rest.max(ids);
            count = count.saturating_add(lists);
        }
        let count = if request.api == Api::Completions { count.max(1) } else { 1 };
        Ok(Self { tokens: tokens.saturating_add(rest), count, is_text })
    }
}

/// The input of any other JSON: its strings by their characters, and what is long and without a space, as media are in base64, by
/// its number.
pub(super) fn of_any(body: &[u8], media_tokens: u64) -> u64 {
    let each = |text: &[u8]| match text.len() > LONG && memchr::memchr(b' ', text).is_none() && text.is_ascii() {
        true => media_tokens,
        false => estimate_tokens(text),
    };
    body.split(|byte| *byte == b'"').map(each).fold(0, u64::saturating_add)
}

/// Prompts as token ids: the numbers in arrays, and the arrays in arrays, of a JSON text.
fn token_ids(body: &[u8]) -> (u64, u64) {
    let (mut ids, mut lists, mut depth) = (0, 0, 0_u64);
    let (mut in_string, mut escaped, mut begins) = (false, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' => {
                lists += u64::from(depth > 0);
                (depth, begins) = (depth + 1, true);
            }
            b']' => (depth, begins) = (depth.saturating_sub(1), false),
            b',' => begins = depth > 0,
            b'0'..=b'9' if begins => (ids, begins) = (ids + 1, false),
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => begins = false,
        }
    }
    (ids, lists)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(api: Api, body: &str) -> Prompt {
        Prompt::of(&Request::parse(api, body.as_bytes()).unwrap(), body.as_bytes(), 1000).unwrap()
    }

    #[test]
    fn each_prompt_of_a_list_is_answered() {
        for (body, count) in [
            (r#"{"prompt":"a"}"#, 1),
            (r#"{"prompt":"a","suffix":"b"}"#, 1),
            (r#"{"prompt":["a","b","c"],"stop":["x","y"]}"#, 3),
            (r#"{"prompt":[1,2,3]}"#, 1),
            (r#"{"prompt":[[1,2],[3]],"logit_bias":{"50256":-100}}"#, 2),
            (r#"{"prompt":["[[","]],[1,2]\"[["]}"#, 2),
            ("{}", 1),
        ] {
            assert_eq!(prompt(Api::Completions, body).count, count, "{body}");
        }
        assert_eq!(prompt(Api::Embeddings, r#"{"input":["a","b"]}"#).count, 1);
    }

    #[test]
    fn media_are_no_text() {
        for (content, is_text) in
            [(r#"{"type":"text","text":"a"}"#, true), (r#"{"type":"image_url","image_url":{"url":"u"}}"#, false)]
        {
            let body = format!(r#"{{"messages":[{{"role":"user","content":[{content}]}}]}}"#);
            assert_eq!(prompt(Api::ChatCompletions, &body).is_text, is_text);
        }
    }

    #[test]
    fn each_token_id_is_a_token() {
        let ids = vec!["1"; 1000].join(",");
        for body in [format!(r#"{{"input":[{ids}]}}"#), format!(r#"{{"input":[[{ids}], [{ids}]]}}"#)] {
            let tokens = prompt(Api::Embeddings, &body).tokens;
            assert_eq!(tokens, if body.contains("[[") { 2000 } else { 1000 });
        }
        assert_eq!(token_ids(br#"{"a":[ 1 ,22,"3,4", -5, 6e3], "n":7}"#), (3, 0));
    }
}
