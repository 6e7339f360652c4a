//! Any body of any API: what makes a question is its meaning and not its spelling, and nothing but the form of the answer may
//! differ in two bodies of one fingerprint. The first byte chooses the API.
#![no_main]

use chat::Api;
use libfuzzer_sys::fuzz_target;
use plugin::RequestHead;
use semantic_cache::config::Bypass;
use semantic_cache::question::{Question, Reading};
use serde_json::Value;

const APIS: [(Api, &str); 4] = [
    (Api::ChatCompletions, "/v1/chat/completions"),
    (Api::Completions, "/v1/completions"),
    (Api::Responses, "/v1/responses"),
    (Api::Messages, "/v1/messages"),
];

fn read(api: Api, path: &str, body: &[u8]) -> Option<Question> {
    let headers = [(":method", "POST"), (":authority", "models.example"), (":path", path)].into_iter().collect();
    let bypass = Bypass { max_messages: 1000, non_text: false, tool_calls: false, ..Bypass::default() };
    let reading = Reading { bypass, vary_headers: Vec::new(), ignore_members: Vec::new() };
    Question::read(api, &RequestHead { headers, complete: false }, body, &reading).ok()
}

fn keys(question: &Question) -> ([u8; 32], [u8; 32]) {
    (question.context, question.request)
}

fuzz_target!(|input: (u8, &[u8])| {
    let (api, path) = APIS[usize::from(input.0) % APIS.len()];
    let Some(question) = read(api, path, input.1) else { return };
    // Another path is another question.
    let elsewhere = read(api, "/elsewhere", input.1).expect("it was read before");
    assert_ne!(question.context, elsewhere.context);
    assert_ne!(question.request, elsewhere.request);

    let body: Value = serde_json::from_slice(input.1).expect("what was read is JSON");
    // Another order, other spaces, other spellings of characters. A float may lose its last digits on the way.
    if !has_float(&body) {
        let again = read(api, path, &serde_json::to_vec_pretty(&body).unwrap()).expect("the same is read again");
        assert_eq!(keys(&question), keys(&again));
        assert_eq!(question.text, again.text);
    }
    let changed = |name: &str, value: Value| {
        let mut body = body.clone();
        body.as_object_mut().expect("a question is an object").insert(name.to_owned(), value);
        read(api, path, &serde_json::to_vec(&body).unwrap())
    };
    if has_float(&body) {
        return;
    }
    // The form of the answer is no part of it.
    if let Some(streamed) = changed("stream", Value::Bool(!question.form.stream)) {
        assert_eq!(keys(&question), keys(&streamed));
    }
    // Everything else is.
    let unknown = "a member that nobody knows";
    if let Some(other) = changed(unknown, Value::from(1)).filter(|_| body.get(unknown) != Some(&Value::from(1))) {
        assert_ne!(question.context, other.context);
        assert_ne!(question.request, other.request);
    }
});

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(all) => all.iter().any(has_float),
        Value::Object(all) => all.values().any(has_float),
        _ => false,
    }
}
