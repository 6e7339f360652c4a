//! What must hold of the guard on any input: the fuzz targets of `fuzz/`, and the property tests of `main.rs`.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::detect::{Bits, Detector, Look, Script};
use pii_guard::mask::Placeholders;
use pii_guard::text::{Guard, Tally};
use pii_guard::{Config, Framing, Stream, StreamOut};

thread_local! {
    static DETECTOR: Detector = Detector::new(Vec::new()).expect("the built-in recognizers");
    static CONFIG: Config = Config::read(
        br#"{"default_policy": "p", "policies": {"p": {
            "request": [{"entities": ["*"], "action": "replace"}], "response": [{"entities": ["*"], "action": "mask"}]}}}"#,
    ).expect("a configuration");
}

/// Findings lie on borders of characters, inside the text, and none is empty.
pub fn text(text: &str) {
    DETECTOR.with(|detector| {
        for script in [Script::Plain, Script::Json] {
            for ahead in [true, false] {
                for finding in detector.scan(text, Look { script, ahead }, &Bits::ALL, 0.0) {
                    assert!(text.get(finding.start..finding.end).is_some_and(|value| !value.is_empty()), "{finding:?}");
                    assert!((0.0..=1.0).contains(&finding.score), "{finding:?}");
                }
            }
        }
    });
}

/// What is JSON stays JSON, and no placeholder is masked a second time.
pub fn body(body: &str) {
    CONFIG.with(|config| {
        let direction = config.requests_of("p").expect("the policy");
        let parsed = body.parse::<serde_json::Value>().is_ok();
        let Ok(outcome) = config.try_body(&direction, body) else {
            assert!(!parsed, "what the parser takes is a body");
            return;
        };
        if parsed {
            assert!(outcome.text.parse::<serde_json::Value>().is_ok(), "{}", outcome.text);
        }
    });
}

/// A stream in pieces ends, holds no more back than it may, and gives no event that is no JSON where all were.
pub fn stream(bytes: &[u8], piece: usize) {
    use chat::Api::{ChatCompletions, Messages, Other, Responses};
    let api = [ChatCompletions, Responses, Messages, Other][piece % 4];
    let framing = if piece % 8 < 4 { Framing::Events } else { Framing::Lines };
    let is_json = |data: &str| data == "[DONE]" || data.parse::<serde_json::Value>().is_ok();
    let events = |bytes: &[u8]| {
        if framing == Framing::Lines {
            let lines =
                bytes.split(|b| *b == b'\n').map(|line| String::from_utf8_lossy(line.trim_ascii()).into_owned());
            return lines.filter(|line| !line.is_empty()).collect();
        }
        let mut framer = chat::sse::Framer::new(1 << 20);
        framer.push(bytes);
        framer.finish();
        let mut all = Vec::new();
        while let Some(item) = framer.next_item() {
            let chat::sse::Item::Event(event) = item else { continue };
            all.extend(event.data().map(|data| data.into_owned()));
        }
        all
    };
    let mut out = Vec::new();
    CONFIG.with(|config| {
        let direction = config.requests_of("p").expect("the policy");
        let (mut placeholders, mut tally) = (Placeholders::new(b""), Tally::default());
        let mut stream = Stream::new(api, framing, &[]);
        let pieces: Vec<&[u8]> = bytes.chunks(piece.max(1)).collect();
        for (at, piece) in pieces.iter().enumerate() {
            let mut guard = Guard {
                config,
                direction: &direction,
                placeholders: &mut placeholders,
                tally: &mut tally,
                places: None,
                restores: true,
            };
            match stream.push(&mut guard, piece, at + 1 == pieces.len()) {
                StreamOut::Go(bytes) => out.extend(bytes),
                _ => return,
            }
        }
        if events(bytes).iter().all(|data| is_json(data)) {
            events(&out).iter().for_each(|data| assert!(is_json(data), "{data}"));
        }
    });
}
