//! What an answer tells against what was used, as it would be written on paper: each API's way to report the same call, whole and
//! in a stream, with what odd servers put in between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use plugin::Plugin;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::rc::Rc;
use testkit::{Case, run_natively};
use token_budget::TokenBudget;

/// What a call used.
#[derive(Debug, Clone, Copy)]
struct Used {
    plain: u64,
    cached: u64,
    written: u64,
    spoken: u64,
    thought: u64,
}

/// Who reports.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Server {
    Chat,
    /// What was thought stands in the total alone (Gemini's OpenAI endpoint).
    ThinksInTotal,
    /// What was thought stands beside the output (xAI).
    ThinksBeside,
    Responses,
    Messages,
    Gemini,
    Vertex,
}

/// What stands between the texts of a stream.
#[derive(Debug, Clone, Copy)]
enum Between {
    Text,
    /// All so far.
    Report,
    /// A report of nothing.
    Zero,
    Null,
    /// No JSON but for its numbers.
    Infinite,
    Comment,
}

const PRICES: [u128; 6] = [1_300_000, 700_001, 2_000_003, 5_000_011, 9_000_001, 17];

impl Used {
    fn input(self) -> u64 {
        self.plain + self.cached + self.written
    }

    fn output(self) -> u64 {
        self.spoken + self.thought
    }

    /// The line for access logs.
    fn line(self, server: Server) -> String {
        // What is not told apart is not known apart.
        let thought =
            if matches!(server, Server::Messages | Server::Vertex | Server::ThinksInTotal) { 0 } else { self.thought };
        let parts = [self.plain, self.cached, self.written, self.output() - thought, thought];
        let sum: u128 = parts.iter().zip(PRICES).map(|(count, price)| u128::from(*count) * price).sum();
        format!(
            "input={} output={} cached={} reasoning={thought} cost={}",
            self.input(),
            self.output(),
            self.cached,
            sum.div_ceil(1_000_000) + PRICES[5]
        )
    }

    /// A part of it, in percent.
    fn part(self, percent: u64) -> Self {
        Self { spoken: self.spoken * percent / 100, thought: self.thought * percent / 100, ..self }
    }
}

impl Server {
    /// Only Anthropic tells what was written to a cache.
    fn made(self, used: Used) -> Used {
        match self {
            Self::Messages | Self::Vertex => used,
            _ => Used { plain: used.plain + used.written, written: 0, ..used },
        }
    }

    fn request(self, stream: bool) -> (&'static str, Value) {
        let text = json!([{"role": "user", "content": "Hello"}]);
        match self {
            Self::Chat | Self::ThinksInTotal | Self::ThinksBeside => {
                ("/v1/chat/completions", json!({"model": "m", "stream": stream, "messages": text}))
            }
            Self::Responses => ("/v1/responses", json!({"model": "m", "stream": stream, "input": "Hello"})),
            Self::Messages => {
                ("/v1/messages", json!({"model": "m", "stream": stream, "max_tokens": 9, "messages": text}))
            }
            Self::Gemini => ("/v1beta/models/m:streamGenerateContent", json!({"contents": []})),
            Self::Vertex => {
                ("/v1/projects/p/locations/l/publishers/a/models/m:streamRawPredict", json!({"stream": stream}))
            }
        }
    }

    fn usage(self, used: Used) -> Value {
        let (input, output, thought, cached) = (used.input(), used.output(), used.thought, used.cached);
        let chat = |completion: u64| {
            json!({"prompt_tokens": input, "completion_tokens": completion, "total_tokens": input + output,
            "prompt_tokens_details": {"cached_tokens": cached}})
        };
        match self {
            Self::Chat => {
                let mut usage = chat(output);
                usage["completion_tokens_details"] = json!({"reasoning_tokens": thought});
                usage
            }
            Self::ThinksInTotal => chat(used.spoken),
            Self::ThinksBeside => {
                let mut usage = chat(used.spoken);
                usage["completion_tokens_details"] = json!({"reasoning_tokens": thought});
                usage
            }
            Self::Responses => json!({"input_tokens": input, "input_tokens_details": {"cached_tokens": cached},
                "output_tokens": output, "output_tokens_details": {"reasoning_tokens": thought}, "total_tokens": input + output}),
            Self::Messages | Self::Vertex => json!({"input_tokens": used.plain, "cache_read_input_tokens": cached,
                "cache_creation_input_tokens": used.written, "output_tokens": output}),
            Self::Gemini => {
                json!({"promptTokenCount": input, "cachedContentTokenCount": cached, "candidatesTokenCount": used.spoken,
                "thoughtsTokenCount": thought, "totalTokenCount": input + output})
            }
        }
    }

    fn body(self, usage: &Value) -> Value {
        match self {
            Self::Gemini => json!({"candidates": [], "usageMetadata": usage}),
            Self::Responses => json!({"output": [], "usage": usage}),
            Self::Messages | Self::Vertex => json!({"content": [{"type": "text", "text": "Hi"}], "usage": usage}),
            _ => json!({"choices": [{"message": {"content": "Hi"}}], "usage": usage}),
        }
    }

    fn event(self, usage: &Value) -> Value {
        match self {
            Self::Gemini => json!({"candidates": [], "usageMetadata": usage}),
            Self::Responses => json!({"type": "response.in_progress", "response": {"usage": usage}}),
            Self::Messages | Self::Vertex => json!({"type": "message_delta", "delta": {}, "usage": usage}),
            _ => json!({"choices": [{"delta": {}}], "usage": usage}),
        }
    }

    fn text(self) -> Value {
        match self {
            Self::Gemini => json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}}]}),
            Self::Responses => json!({"type": "response.output_text.delta", "delta": "Hi"}),
            Self::Messages | Self::Vertex => {
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}})
            }
            _ => json!({"choices": [{"delta": {"content": "Hi"}}]}),
        }
    }

    fn stream(self, used: Used, between: &[Between]) -> String {
        let data = |value: &Value| format!("data: {value}\n\n");
        let mut out = String::new();
        if matches!(self, Self::Messages | Self::Vertex) {
            let start = Used { spoken: 1.min(used.spoken), thought: 0, ..used };
            out += &data(&json!({"type": "message_start", "message": {"usage": self.usage(start)}}));
        }
        for (at, part) in between.iter().enumerate() {
            let percent = at as u64 * 100 / between.len() as u64;
            out += &match part {
                Between::Text => data(&self.text()),
                Between::Report => data(&self.event(&self.usage(used.part(percent)))),
                Between::Zero => {
                    let none = Used { plain: 0, cached: 0, written: 0, spoken: 0, thought: 0 };
                    data(&self.event(&self.usage(none)))
                }
                Between::Null => data(&self.event(&Value::Null)),
                Between::Infinite => data(&self.text()).replacen('{', "{\"score\":-Infinity,\"more\":[NaN],", 1),
                Between::Comment => ": ping\n\n".into(),
            };
        }
        let usage = self.usage(used);
        out + &match self {
            Self::Responses => data(&json!({"type": "response.completed", "response": {"usage": usage}})),
            Self::Gemini => data(&self.event(&usage)),
            Self::Messages | Self::Vertex => data(&self.event(&usage)) + &data(&json!({"type": "message_stop"})),
            _ => data(&json!({"choices": [], "usage": usage})) + "data: [DONE]\n\n",
        }
    }
}

fn filter() -> Rc<TokenBudget> {
    let [input, cached_input, cache_write, output, reasoning, request] = PRICES.map(|price| price as u64);
    let price = json!({"input": input, "cached_input": cached_input, "cache_write": cache_write, "output": output,
                       "reasoning": reasoning, "request": request});
    let config = json!({
        "attachment": "full", "local": {"slots": 1}, "prices": {"m": price}, "default_policy": "d",
        "policies": {"d": {"limits": [{"name": "money", "unit": "money", "window": {"balance": {"initial": 1_u64 << 60}}}]}},
    });
    Rc::new(TokenBudget::configure(config.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults}")))
}

fn used() -> impl Strategy<Value = Used> {
    let count = || prop_oneof![0_u64..50, 0_u64..2_000_000, 0_u64..1 << 36];
    // Something is spoken: a call that used nothing tells nothing.
    (1_u64..5000, count(), count(), 1_u64..1 << 36, count())
        .prop_map(|(plain, cached, written, spoken, thought)| Used { plain, cached, written, spoken, thought })
}

fn server() -> impl Strategy<Value = Server> {
    use Server::{Chat, Gemini, Messages, Responses, ThinksBeside, ThinksInTotal, Vertex};
    prop::sample::select(vec![Chat, ThinksInTotal, ThinksBeside, Responses, Messages, Gemini, Vertex])
}

fn between() -> impl Strategy<Value = Vec<Between>> {
    use Between::{Comment, Infinite, Null, Report, Text, Zero};
    prop::collection::vec(prop::sample::select(vec![Text, Text, Report, Zero, Null, Infinite, Comment]), 1..8)
}

/// Runs a call of a server; filter state at its end.
fn run(server: Server, kind: &str, answer: &str, cuts: &[prop::sample::Index], abort: bool) -> Option<String> {
    let (path, body) = server.request(kind == "text/event-stream");
    let case: Case = serde_json::from_value(json!({
        "name": "oracle",
        "request": {"path": path, "headers": {"content-type": "application/json"}, "body": {"json": body}},
        "response": {"headers": {"content-type": kind}, "abort": abort},
        "expect": {},
    }))
    .unwrap();
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(answer.len() + 1)).chain([0, answer.len()]).collect();
    places.sort_unstable();
    let pieces: Vec<Vec<u8>> = places.windows(2).map(|pair| answer.as_bytes()[pair[0]..pair[1]].to_vec()).collect();
    run_natively(&filter(), &case, &pieces).state.remove("modelgate.usage")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_is_reported_last_is_what_is_paid(
        server in server(), used in used(), between in between(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let used = server.made(used);
        let line = Some(used.line(server));
        let answer = server.stream(used, &between);
        prop_assert_eq!(run(server, "text/event-stream", &answer, &cuts, false), line.clone(), "{}", answer);
        let answer = server.body(&server.usage(used)).to_string();
        prop_assert_eq!(run(server, "application/json", &answer, &cuts, false), line.clone(), "{}", answer);
        let answer = answer.replacen('{', "{\"score\":-Infinity,\"more\":[NaN,Infinity],", 1);
        prop_assert_eq!(run(server, "application/json", &answer, &cuts, false), line, "{}", answer);
    }

    #[test]
    fn a_stream_that_breaks_is_paid_as_far_as_it_was_told(
        server in server(), used in used(), between in between(), at in any::<prop::sample::Index>(),
    ) {
        let used = server.made(used);
        let answer = server.stream(used, &between);
        let whole: Vec<&str> = answer.split_inclusive("\n\n").collect();
        let come = whole[..at.index(whole.len() + 1)].concat();
        let line = run(server, "text/event-stream", &come, &[], true).unwrap();
        let output: u64 = line.split_once("output=").unwrap().1.split(' ').next().unwrap().parse().unwrap();
        let texts = come.matches("Hi").count() as u64;
        let is_read = !matches!(server, Server::Gemini | Server::Vertex);
        prop_assert!(output >= if is_read { texts } else { 0 }, "{} of {}: {}", line, texts, come);
        prop_assert!(output <= used.output().max(texts), "{} of {:?}: {}", line, used, come);
    }
}
