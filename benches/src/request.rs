//! What is sent.

use serde_json::{Value, json};

/// A request, the same each time but for one header whose values may take turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// The headers, `content-length` not among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// A header whose values take turns, from one request to the next.
    pub turns: Option<(String, Vec<String>)>,
}

/// Words of a text that says nothing. Their lengths are those of English.
const WORDS: [&str; 24] = [
    "the",
    "answer",
    "of",
    "a",
    "model",
    "is",
    "made",
    "token",
    "by",
    "and",
    "each",
    "depends",
    "on",
    "all",
    "that",
    "came",
    "before",
    "it",
    "so",
    "long",
    "questions",
    "take",
    "more",
    "time",
];

impl Request {
    /// A chat request whose body has so many bytes (more, where so few do not hold the rest of it). The demo upstream
    /// says the text back, so that the response is about as long.
    pub fn chat(model: &str, bytes: usize) -> Self {
        Self::post("/v1/chat/completions", sized(bytes, |text| chat_body(model, text, false)))
    }

    /// The same, answered with server-sent events: one per word, and each a chunk of its own on the wire.
    pub fn chat_stream(model: &str, bytes: usize) -> Self {
        Self::post("/v1/chat/completions", sized(bytes, |text| chat_body(model, text, true)))
            .header("x-demo-chunks-per-event", "1")
    }

    /// A JSON body of any kind. A recorded one comes in with `include_bytes!`.
    pub fn post(path: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type".into(), "application/json".into())];
        Self { method: "POST", path: path.into(), headers, body, turns: None }
    }

    /// With a header whose values take turns.
    pub fn turns(mut self, name: &str, values: Vec<String>) -> Self {
        self.headers.extend(values.first().map(|value| (name.to_owned(), value.clone())));
        self.turns = Some((name.to_owned(), values));
        self
    }

    /// With another header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

fn chat_body(model: &str, text: &str, stream: bool) -> Value {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": text}]});
    if stream {
        body["stream"] = true.into();
    }
    body
}

/// The body that has so many bytes with the right length of text in it.
fn sized(bytes: usize, body: impl Fn(&str) -> Value) -> Vec<u8> {
    let frame = body("").to_string().len();
    body(&text(bytes.saturating_sub(frame))).to_string().into_bytes()
}

/// So many bytes of text, always the same: words in the order of a linear congruential generator (Knuth's MMIX constants).
fn text(bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 16);
    let mut state: u64 = 1;
    while out.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.push_str(WORDS[(state >> 33) as usize % WORDS.len()]);
        out.push(' ');
    }
    out.truncate(bytes);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_size_asked_for() {
        for bytes in [128, 1024, 8192, 65_536] {
            let request = Request::chat("demo-small", bytes);
            assert_eq!(request.body.len(), bytes);
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            assert_eq!(body["model"], "demo-small");
            assert_eq!(Request::chat_stream("demo-small", bytes).body.len(), bytes);
        }
        assert!(Request::chat("demo-small", 0).body.len() < 100);
    }

    #[test]
    fn a_body_is_the_same_in_each_run() {
        assert_eq!(Request::chat("m", 4096), Request::chat("m", 4096));
        assert!(text(4096).split(' ').collect::<std::collections::BTreeSet<_>>().len() > 20);
    }
}
