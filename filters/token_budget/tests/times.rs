//! When an answer began, and how long each of its tokens took, whichever API it is of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use plugin::stream::Place;
use plugin::{Plugin, RootCx, Stream};
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;
use testkit::Memory;
use token_budget::TokenBudget;

/// Sends a call whose answer comes in these pieces, each 100 ms after what was before it. The times to the first token and to each
/// other one.
fn times(path: &str, request: &Value, kind: &str, pieces: &[&str]) -> [Option<u64>; 2] {
    let config = json!({"attachment": "full", "default_policy": "d", "policies": {"d": {}}});
    let plugin = Rc::new(TokenBudget::configure(config.to_string().as_bytes()).unwrap());
    let mut host = Memory { now: 1_790_000_000_000_000_000, ..Memory::default() };
    plugin.on_start(&mut RootCx::new(&mut host));
    let place = Place {
        filter: TokenBudget::NAME,
        settings: Rc::new(plugin.settings().clone()),
        proven: Rc::new(Cell::new(true)),
    };
    let mut stream = Stream::new(plugin.open(), place);
    let head = |fields: &[(&str, &str)]| {
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect::<Vec<_>>()
    };
    host.heads[0] =
        head(&[(":method", "POST"), (":path", path), (":authority", "x"), ("content-type", "application/json")]);
    stream.on_request_headers(&mut host, false);
    host.bodies[0] = request.to_string().into_bytes();
    stream.on_request_body(&mut host, request.to_string().len(), true);
    host.heads[1] = head(&[(":status", "200"), ("content-type", kind), ("x-envoy-upstream-service-time", "3")]);
    stream.on_response_headers(&mut host, false);
    for (at, piece) in pieces.iter().enumerate() {
        host.now += 100_000_000;
        host.bodies[1] = piece.as_bytes().to_vec();
        stream.on_response_body(&mut host, piece.len(), at + 1 == pieces.len());
    }
    stream.on_end(&mut host);
    ["to_first_token", "per_output_token"].map(|time| {
        let line = host.lines.iter().find(|line| line.contains(time))?;
        line.strip_suffix(" ms")?.rsplit_once(' ')?.1.parse().ok()
    })
}

#[test]
fn each_stream_tells_when_its_text_began() {
    let chat = json!({"model": "m", "stream": true, "messages": []});
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
    let gemini = "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}]}}]}";
    let contents = json!({"contents": []});
    let google = "/v1beta/models/m:streamGenerateContent";
    let events =
        [": hello\n\n", &format!("data: {gemini}\n\n"), &format!("data: {gemini}\n\n"), &format!("data: {gemini}\n\n")];
    let array = ["[", &format!("{gemini}\n"), &format!(",{gemini}"), &format!(",{gemini}]")];
    let line = "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n";
    let record = format!("\u{1e}{line}");
    for (path, request, kind, pieces) in [
        ("/v1/chat/completions", &chat, "text/event-stream", [": hello\n\n", event, event, event]),
        (google, &contents, "text/event-stream", events),
        (google, &contents, "application/json; charset=UTF-8", array),
        ("/api/chat", &chat, "application/x-ndjson", ["\n", line, line, line]),
        ("/api/chat", &chat, "application/json-seq", ["\u{1e}", line, &record, &record]),
    ] {
        assert_eq!(times(path, request, kind, &pieces), [Some(200), Some(100)], "{path} {kind}");
    }
}

#[test]
fn what_comes_whole_has_no_first_token() {
    let whole = json!({"message": {"content": "Hi there"}, "done": true, "eval_count": 2}).to_string();
    let request = json!({"model": "m", "messages": []});
    assert_eq!(times("/api/chat", &request, "application/json", &["", &whole]), [None, None]);
}
