//! Each API in its wire shape, as JSON and as a stream.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code)]

mod client;

use client::{Answer, h1, h2, post, start};
use serde_json::{Value, json};

async fn call(path: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
    let demo = start();
    let mut request = post(demo.addr(), path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    h1(request.body(body.to_string()).unwrap()).await.unwrap()
}

fn chat(stream: bool) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": "hi you"}], "stream": stream,
        "stream_options": {"include_usage": true}})
}

#[tokio::test]
async fn chat_completion() {
    let answer = call("/v1/chat/completions", chat(false), &[]).await;
    assert_eq!(answer.headers["x-demo-version"], "v1");
    assert_eq!(answer.headers["content-length"], answer.bytes().len().to_string());
    let body = answer.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["choices"][0]["message"]["content"], "[demo v1] You said: hi you");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    let usage = &body["usage"];
    assert_eq!(usage["completion_tokens"], 7);
    assert_eq!(
        usage["total_tokens"].as_u64(),
        Some(usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap())
    );
}

#[tokio::test]
async fn chat_completion_stream() {
    let answer = call("/v1/chat/completions", chat(true), &[("x-demo-usage", "5,6")]).await;
    let events = answer.events();
    let said: String =
        events.iter().filter_map(|(_, event)| event["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(said, "[demo v1] You said: hi you");
    let (done, chunks) = events.split_last().unwrap();
    assert_eq!(done.1, "[DONE]");
    let (last, chunks) = chunks.split_last().unwrap();
    assert_eq!((&last.1["choices"], &last.1["usage"]["total_tokens"]), (&json!([]), &json!(11)));
    assert!(chunks.iter().all(|(_, chunk)| chunk["object"] == "chat.completion.chunk"));
    assert!(chunks.iter().all(|(_, chunk)| chunk.as_object().unwrap()["usage"].is_null()));
    assert_eq!(chunks.last().unwrap().1["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn a_stream_tells_usage_only_where_asked() {
    let mut body = chat(true);
    body["stream_options"] = Value::Null;
    assert!(!call("/v1/chat/completions", body, &[]).await.text().contains("usage"));
    let answer = call("/v1/chat/completions", chat(true), &[("x-demo-usage", "none")]).await;
    assert!(!answer.text().contains("usage"));
}

#[tokio::test]
async fn chat_tool_call() {
    let tool = [("x-demo-tool-call", "weather={\"city\": \"Bonn\"}")];
    let call_made = &call("/v1/chat/completions", chat(false), &tool).await.json()["choices"][0];
    assert_eq!(call_made["finish_reason"], "tool_calls");
    let function = &call_made["message"]["tool_calls"][0]["function"];
    assert_eq!(function, &json!({"name": "weather", "arguments": "{\"city\": \"Bonn\"}"}));
    let events = call("/v1/chat/completions", chat(true), &tool).await.events();
    let arguments: String = events
        .iter()
        .filter_map(|(_, event)| event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str())
        .collect();
    assert_eq!(arguments, "{\"city\": \"Bonn\"}");
}

#[tokio::test]
async fn max_tokens_truncate() {
    let mut body = chat(false);
    body["max_tokens"] = json!(2);
    let choice = &call("/v1/chat/completions", body, &[]).await.json()["choices"][0];
    assert_eq!((&choice["message"]["content"], &choice["finish_reason"]), (&json!("[demo v1"), &json!("length")));
}

#[tokio::test]
async fn azure_paths_name_the_model() {
    let body = json!({"messages": [{"role": "user", "content": "hi"}]});
    let path = "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21";
    assert_eq!(call(path, body, &[]).await.json()["model"], "my-gpt");
}

#[tokio::test]
async fn completions() {
    let answer = call("/v1/completions", json!({"model": "m", "prompt": "hi"}), &[]).await.json();
    assert_eq!(
        (&answer["object"], &answer["choices"][0]["text"]),
        (&json!("text_completion"), &json!("[demo v1] You said: hi"))
    );
    let events = call("/v1/completions", json!({"model": "m", "prompt": "hi", "stream": true}), &[]).await.events();
    let said: String = events.iter().filter_map(|(_, event)| event["choices"][0]["text"].as_str()).collect();
    assert_eq!(said, "[demo v1] You said: hi");
}

#[tokio::test]
async fn embeddings() {
    let asked = json!({"model": "m", "input": ["a b", "a b"], "dimensions": 3});
    let answer = call("/v1/embeddings", asked, &[]).await.json();
    assert_eq!(answer["data"][0]["embedding"].as_array().unwrap().len(), 3);
    assert_eq!(answer["data"][0]["embedding"], answer["data"][1]["embedding"]);
    let asked = json!({"model": "m", "input": [1, 2], "encoding_format": "base64"});
    assert!(call("/v1/embeddings", asked, &[]).await.json()["data"][0]["embedding"].is_string());
}

#[tokio::test]
async fn moderations() {
    for (input, results) in [
        (json!("hi"), 1),
        (json!(["a", "b"]), 2),
        (json!([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:,"}}]), 1),
    ] {
        let answer = call("/v1/moderations", json!({"input": input}), &[]).await.json();
        assert_eq!(answer["model"], "omni-moderation-latest");
        assert_eq!(answer["results"].as_array().unwrap().len(), results);
        assert_eq!(answer["results"][0]["flagged"], false);
        assert_eq!(answer["results"][0]["categories"]["self-harm/intent"], false);
    }
}

#[tokio::test]
async fn responses() {
    let answer = call("/v1/responses", json!({"model": "m", "input": "hi"}), &[]).await.json();
    assert_eq!(answer["output"][0]["content"][0]["text"], "[demo v1] You said: hi");
    let counted = call("/v1/responses/input_tokens", json!({"model": "m", "input": "hi"}), &[]).await.json();
    assert_eq!(counted, json!({"object": "response.input_tokens", "input_tokens": 1}));
    let events = call("/v1/responses", json!({"model": "m", "input": "hi", "stream": true}), &[]).await.events();
    for (number, (name, event)) in events.iter().enumerate() {
        assert_eq!((event["type"].as_str(), &event["sequence_number"]), (name.as_deref(), &json!(number)));
    }
    assert_eq!(events.first().unwrap().1["type"], "response.created");
    let (_, last) = events.last().unwrap();
    assert_eq!((&last["type"], &last["response"]["status"]), (&json!("response.completed"), &json!("completed")));
}

#[tokio::test]
async fn messages() {
    let body = json!({"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]});
    let answer = call("/v1/messages", body.clone(), &[]).await.json();
    assert_eq!(answer["content"][0]["text"], "[demo v1] You said: hi");
    let mut streamed = body;
    streamed["stream"] = json!(true);
    let events = call("/v1/messages", streamed, &[("x-demo-delta-chars", "200")]).await.events();
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_deref().unwrap()).collect();
    let expected = ["message_start", "content_block_start", "ping", "content_block_delta", "content_block_stop"];
    assert_eq!(names, [&expected[..], &["message_delta", "message_stop"]].concat());
}

#[tokio::test]
async fn gemini() {
    let body = json!({"contents": [{"role": "user", "parts": [{"text": "hi you"}]}]});
    let answer = call("/v1beta/models/g:generateContent", body.clone(), &[]).await.json();
    let candidate = &answer["candidates"][0];
    assert_eq!(candidate["content"]["parts"][0]["text"], "[demo v1] You said: hi you");
    assert_eq!((&candidate["finishReason"], &answer["modelVersion"]), (&json!("STOP"), &json!("g")));
    let events = call("/v1beta/models/g:streamGenerateContent?alt=sse", body.clone(), &[]).await.events();
    let text = |event: &Value| event["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap().to_owned();
    assert_eq!(events.iter().map(|(_, event)| text(event)).collect::<String>(), "[demo v1] You said: hi you");
    assert_eq!(events.last().unwrap().1["usageMetadata"]["candidatesTokenCount"], 7);
    let tool = [("x-demo-tool-call", "weather={\"city\": \"Bonn\"}")];
    let answer = call("/v1beta/models/g:generateContent", body, &tool).await.json();
    let call = &answer["candidates"][0]["content"]["parts"][0]["functionCall"];
    assert_eq!(call, &json!({"name": "weather", "args": {"city": "Bonn"}}));
}

#[tokio::test]
async fn ollama() {
    let chat = json!({"model": "m", "messages": [{"role": "user", "content": "hi you"}]});
    let answer = call("/api/chat", chat.clone(), &[]).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: String = lines.iter().filter_map(|line| line["message"]["content"].as_str()).collect();
    assert_eq!(said, "[demo v1] You said: hi you");
    let last = lines.last().unwrap();
    assert_eq!((&last["done"], &last["done_reason"], &last["eval_count"]), (&json!(true), &json!("stop"), &json!(7)));
    let whole = call("/api/generate", json!({"model": "m", "prompt": "hi", "stream": false}), &[]).await.json();
    assert_eq!(whole["response"], "[demo v1] You said: hi");
    let tool = [("x-demo-tool-call", "weather={\"city\": \"Bonn\"}")];
    let answer = call("/api/chat", chat, &tool).await.text();
    assert!(
        answer.contains(r#""tool_calls":[{"function":{"arguments":{"city":"Bonn"},"name":"weather"}}]"#),
        "{answer}"
    );
    assert!(call("/api/chat", json!({}), &[]).await.json()["error"].is_string());
}

#[tokio::test]
async fn kserve() {
    let tensor = json!({"name": "text", "shape": [1], "datatype": "BYTES", "data": ["hi"]});
    let body = json!({"id": "7", "inputs": [tensor]});
    let answer = call("/v2/models/m/versions/3/infer", body, &[]).await.json();
    assert_eq!(
        (&answer["id"], &answer["model_name"], &answer["model_version"]),
        (&json!("7"), &json!("m"), &json!("3"))
    );
    assert_eq!(answer["outputs"][0]["data"][0], "[demo v1] You said: hi");
    assert_eq!(answer["outputs"][1]["data"][0], "hi");
    let answer = call("/v1/models/m:predict", json!({"instances": ["hi", [1, 2]]}), &[]).await.json();
    assert_eq!(answer["predictions"], json!(["[demo v1] You said: hi", [1, 2]]));
}

#[tokio::test]
async fn models_in_both_shapes_over_http2() {
    let demo = start();
    let get = |path: &str| http::Request::get(format!("http://{}{path}", demo.addr()));
    let list = h2(get("/v1/models").body(String::new()).unwrap()).await.unwrap().json();
    assert_eq!(list["data"][1]["id"], "demo-large");
    let list =
        h2(get("/v1/models").header("anthropic-version", "2023-06-01").body(String::new()).unwrap()).await.unwrap();
    assert_eq!(list.json()["last_id"], "demo-large");
    let one = h2(get("/v1/models/org/name").body(String::new()).unwrap()).await.unwrap().json();
    assert_eq!(one["id"], "org/name");
}

#[tokio::test]
async fn errors_have_the_shape_of_their_api() {
    let failing = [("x-demo-status", "429")];
    let openai = call("/v1/chat/completions", chat(true), &failing).await;
    assert_eq!((openai.status.as_u16(), &openai.json()["error"]["code"]), (429, &json!("rate_limit_exceeded")));
    let anthropic = call("/v1/messages", chat(true), &failing).await.json();
    assert_eq!(anthropic["error"]["type"], "rate_limit_error");
    let kserve = call("/v2/models/m/infer", json!({}), &failing).await.json();
    assert!(kserve["error"].is_string());
    let nowhere = call("/nowhere", json!({}), &[]).await;
    assert_eq!((nowhere.status.as_u16(), &nowhere.json()["error"]["code"]), (404, &json!(null)));
    assert_eq!(call("/v1/chat/completions", json!([]), &[]).await.status, 400);
    assert_eq!(call("/v1/chat/completions", json!({}), &[]).await.status, 400);
    assert_eq!(call("/v1/chat/completions", chat(false), &[("x-demo-nonsense", "1")]).await.status, 400);
}
