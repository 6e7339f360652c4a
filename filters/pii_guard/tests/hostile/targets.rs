//! What must hold of the guard on any input: the fuzz targets of `fuzz/`, and the property tests of `main.rs`.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::detect::{Bits, Detector, Look, Script};
use pii_guard::mask::Placeholders;
use pii_guard::text::{Guard, Tally};
use pii_guard::{Config, Stream, StreamOut};

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

/// A stream in pieces ends, and holds no more back than it may.
pub fn stream(bytes: &[u8], piece: usize) {
    CONFIG.with(|config| {
        let direction = config.requests_of("p").expect("the policy");
        let (mut placeholders, mut tally) = (Placeholders::new(b""), Tally::default());
        let mut stream = Stream::new(chat::Api::ChatCompletions, &[]);
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
            if !matches!(stream.push(&mut guard, piece, at + 1 == pieces.len()), StreamOut::Go(_)) {
                return;
            }
        }
    });
}
