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
    Ollama,
    Cohere,
    Converse,
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
        let thought = if server.tells_thoughts() { self.thought } else { 0 };
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
    fn tells_thoughts(self) -> bool {
        matches!(self, Self::Chat | Self::ThinksBeside | Self::Responses | Self::Gemini)
    }

    /// Only Anthropic and Bedrock tell what was written to a cache, and not all what was read from one.
    fn made(self, used: Used) -> Used {
        match self {
            Self::Messages | Self::Vertex | Self::Converse => used,
            Self::Ollama | Self::Cohere => Used { plain: used.input(), written: 0, cached: 0, ..used },
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
            Self::Ollama => ("/api/chat", json!({"model": "m", "stream": stream, "messages": text})),
            Self::Cohere => ("/v2/chat", json!({"model": "m", "stream": stream, "messages": text})),
            Self::Converse => ("/model/m/converse-stream", json!({"messages": text})),
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
            Self::Ollama => json!({"prompt_eval_count": input, "eval_count": output}),
            Self::Cohere => {
                json!({"billed_units": {"input_tokens": input, "output_tokens": output}, "tokens": {"input_tokens": 1}})
            }
            Self::Converse => json!({"inputTokens": used.plain, "cacheReadInputTokens": cached,
                "cacheWriteInputTokens": used.written, "outputTokens": output, "totalTokens": input + output}),
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
            Self::Ollama => beside(usage, true),
            Self::Cohere => json!({"message": {"content": [{"type": "text", "text": "Hi"}]}, "usage": usage}),
            Self::Converse => json!({"output": {"message": {"content": [{"text": "Hi"}]}}, "usage": usage}),
            Self::Messages | Self::Vertex => json!({"content": [{"type": "text", "text": "Hi"}], "usage": usage}),
            _ => json!({"choices": [{"message": {"content": "Hi"}}], "usage": usage}),
        }
    }

    fn event(self, usage: &Value) -> Value {
        match self {
            Self::Gemini => json!({"candidates": [], "usageMetadata": usage}),
            Self::Responses => json!({"type": "response.in_progress", "response": {"usage": usage}}),
            Self::Messages | Self::Vertex => json!({"type": "message_delta", "delta": {}, "usage": usage}),
            Self::Ollama => beside(usage, false),
            Self::Cohere => json!({"type": "message-end", "delta": {"usage": usage}}),
            Self::Converse => json!({"metrics": {}, "usage": usage}),
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
            Self::Ollama => json!({"message": {"content": "Hi"}, "done": false}),
            Self::Cohere => {
                json!({"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Hi"}}}})
            }
            Self::Converse => json!({"contentBlockIndex": 0, "delta": {"text": "Hi"}}),
            _ => json!({"choices": [{"delta": {"content": "Hi"}}]}),
        }
    }

    /// The media type of a stream.
    fn kind(self) -> &'static str {
        match self {
            Self::Ollama => "application/x-ndjson",
            Self::Converse => "application/vnd.amazon.eventstream",
            _ => "text/event-stream",
        }
    }

    /// A message of a stream; none is a comment.
    fn message(self, text: Option<&str>) -> Vec<u8> {
        match (self, text) {
            (Self::Ollama, text) => format!("{}\n", text.unwrap_or_default()).into_bytes(),
            (Self::Converse, text) => {
                let (header, payload) = (&b"\x01e\x07\0\x01m"[..], text.unwrap_or_default().as_bytes());
                let lengths =
                    [16 + header.len() + payload.len(), header.len()].map(|length| (length as u32).to_be_bytes());
                [&lengths[0], &lengths[1], b"....", header, payload, b"...."].concat()
            }
            (_, Some(text)) => format!("data: {text}\n\n").into_bytes(),
            (_, None) => b": ping\n\n".to_vec(),
        }
    }

    fn stream(self, used: Used, between: &[Between]) -> Vec<Vec<u8>> {
        let data = |value: &Value| self.message(Some(&value.to_string()));
        let mut out = Vec::new();
        if matches!(self, Self::Messages | Self::Vertex) {
            let start = Used { spoken: 1.min(used.spoken), thought: 0, ..used };
            out.push(data(&json!({"type": "message_start", "message": {"usage": self.usage(start)}})));
        }
        for (at, part) in between.iter().enumerate() {
            let percent = at as u64 * 100 / between.len() as u64;
            out.push(match part {
                Between::Text => data(&self.text()),
                Between::Report => data(&self.event(&self.usage(used.part(percent)))),
                Between::Zero => {
                    let none = Used { plain: 0, cached: 0, written: 0, spoken: 0, thought: 0 };
                    data(&self.event(&self.usage(none)))
                }
                Between::Null => data(&self.event(&Value::Null)),
                Between::Infinite => {
                    let odd = self.text().to_string().replacen('{', "{\"score\":-Infinity,\"more\":[NaN],", 1);
                    self.message(Some(&odd))
                }
                Between::Comment => self.message(None),
            });
        }
        let usage = self.usage(used);
        match self {
            Self::Responses => out.push(data(&json!({"type": "response.completed", "response": {"usage": usage}}))),
            Self::Messages | Self::Vertex => {
                out.extend([data(&self.event(&usage)), data(&json!({"type": "message_stop"}))]);
            }
            Self::Chat | Self::ThinksInTotal | Self::ThinksBeside => {
                out.extend([data(&json!({"choices": [], "usage": usage})), self.message(Some("[DONE]"))]);
            }
            _ => out.push(data(&self.event(&usage))),
        }
        out
    }
}

/// A line of Ollama's, with its counts.
fn beside(usage: &Value, done: bool) -> Value {
    let mut line = json!({"message": {"content": if done { "Hi" } else { "" }}, "done": done});
    let counts = usage.as_object().cloned().unwrap_or_default();
    line.as_object_mut().unwrap().extend(counts);
    line
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
    use Server::{Chat, Cohere, Converse, Gemini, Messages, Ollama, Responses, ThinksBeside, ThinksInTotal, Vertex};
    let openai = [Chat, ThinksInTotal, ThinksBeside, Responses];
    prop::sample::select([&openai[..], &[Messages, Gemini, Vertex, Ollama, Cohere, Converse]].concat())
}

fn between() -> impl Strategy<Value = Vec<Between>> {
    use Between::{Comment, Infinite, Null, Report, Text, Zero};
    prop::collection::vec(prop::sample::select(vec![Text, Text, Report, Zero, Null, Infinite, Comment]), 1..8)
}

/// Runs a call of a server; filter state at its end.
fn run(server: Server, kind: &str, answer: &[u8], cuts: &[prop::sample::Index], abort: bool) -> Option<String> {
    let (path, body) = server.request(kind == server.kind());
    let case: Case = serde_json::from_value(json!({
        "name": "oracle",
        "request": {"path": path, "headers": {"content-type": "application/json"}, "body": {"json": body}},
        "response": {"headers": {"content-type": kind}, "abort": abort},
        "expect": {},
    }))
    .unwrap();
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(answer.len() + 1)).chain([0, answer.len()]).collect();
    places.sort_unstable();
    let pieces: Vec<Vec<u8>> = places.windows(2).map(|pair| answer[pair[0]..pair[1]].to_vec()).collect();
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
        let answer = server.stream(used, &between).concat();
        let shown = String::from_utf8_lossy(&answer);
        prop_assert_eq!(run(server, server.kind(), &answer, &cuts, false), line.clone(), "{}", shown);
        let answer = server.body(&server.usage(used)).to_string();
        prop_assert_eq!(run(server, "application/json", answer.as_bytes(), &cuts, false), line.clone(), "{}", answer);
        let answer = answer.replacen('{', "{\"score\":-Infinity,\"more\":[NaN,Infinity],", 1);
        prop_assert_eq!(run(server, "application/json", answer.as_bytes(), &cuts, false), line, "{}", answer);
    }

    #[test]
    fn a_stream_that_breaks_is_paid_as_far_as_it_was_told(
        server in server(), used in used(), between in between(), at in any::<prop::sample::Index>(),
    ) {
        let used = server.made(used);
        let whole = server.stream(used, &between);
        let come = whole[..at.index(whole.len() + 1)].concat();
        let line = run(server, server.kind(), &come, &[], true).unwrap();
        let come = String::from_utf8_lossy(&come);
        let output: u64 = line.split_once("output=").unwrap().1.split(' ').next().unwrap().parse().unwrap();
        let texts = come.matches("Hi").count() as u64;
        prop_assert!(output >= texts, "{} of {}: {}", line, texts, come);
        prop_assert!(output <= used.output().max(texts), "{} of {:?}: {}", line, used, come);
    }
}
