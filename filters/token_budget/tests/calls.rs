//! How often a plain call asks the host for something: each host call costs about a microsecond, which is more than what the filter
//! itself does with most answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use plugin::stream::Place;
use plugin::{
    Call, CallId, Event, Headers, Host, HostError, Plugin, Reply, RootCx, SharedError, Side, Stream, Surroundings,
};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use testkit::Memory;
use token_budget::TokenBudget;

/// A host in memory that counts what it is asked.
#[derive(Default)]
struct Counting {
    memory: Memory,
    calls: RefCell<BTreeMap<&'static str, u32>>,
}

impl Counting {
    fn count(&self, call: &'static str) {
        *self.calls.borrow_mut().entry(call).or_default() += 1;
    }
}

impl Surroundings for Counting {
    fn unix_nanos(&self) -> u64 {
        self.count("time");
        self.memory.unix_nanos()
    }

    fn random(&mut self) -> u64 {
        self.memory.random()
    }

    fn emit(&mut self, event: &dyn Event) {
        self.count("metric");
        self.memory.emit(event);
    }

    fn shared_get(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        self.count("shared get");
        self.memory.shared_get(key)
    }

    fn shared_set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError> {
        self.count("shared set");
        self.memory.shared_set(key, value, version)
    }

    fn verify_signature(&self, hash: &str, public_key: &[u8], signature: &[u8], text: &[u8]) -> Option<bool> {
        self.memory.verify_signature(hash, public_key, signature, text)
    }

    fn call_in_background(&mut self, call: &Call) {
        self.memory.call_in_background(call);
    }
}

impl Host for Counting {
    fn headers(&self, side: Side) -> Headers {
        self.count("headers");
        self.memory.headers(side)
    }

    fn set_header(&mut self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.count("set header");
        self.memory.set_header(side, name, value)
    }

    fn remove_header(&mut self, side: Side, name: &str) -> Result<(), HostError> {
        self.count("remove header");
        self.memory.remove_header(side, name)
    }

    fn body_size(&self, side: Side) -> usize {
        self.memory.body_size(side)
    }

    fn body(&self, side: Side, size: usize) -> Vec<u8> {
        self.count("body");
        self.memory.body(side, size)
    }

    fn set_body(&mut self, side: Side, body: &[u8]) -> Result<(), HostError> {
        self.count("set body");
        self.memory.set_body(side, body)
    }

    fn reply(&mut self, reply: &Reply) -> Result<(), HostError> {
        self.memory.reply(reply)
    }

    fn resume(&mut self, side: Side) -> Result<(), HostError> {
        self.count("resume");
        self.memory.resume(side)
    }

    fn reset(&mut self, side: Side) -> Result<(), HostError> {
        self.memory.reset(side)
    }

    fn call(&mut self, call: &Call) -> Result<CallId, HostError> {
        self.count("call");
        self.memory.call(call)
    }

    fn call_and_forget(&mut self, call: &Call) {
        self.count("call");
        self.memory.call_and_forget(call);
    }

    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.count("attribute");
        self.memory.attribute(path)
    }

    fn set_state(&mut self, key: &str, value: &[u8]) -> Result<(), HostError> {
        self.count("set state");
        self.memory.set_state(key, value)
    }

    fn is_gone(&self) -> bool {
        self.memory.is_gone()
    }
}

/// What a filter with these limits asks of the host for one chat call with an answer of 20 tokens.
fn calls(limits: &Value, times: usize) -> BTreeMap<&'static str, u32> {
    let config = json!({
        "attachment": "full",
        "prices": {"demo-*": {"input": 150_000, "output": 600_000}},
        "default_policy": "default",
        "policies": {"default": {"limits": limits}},
    });
    let plugin = Rc::new(TokenBudget::configure(config.to_string().as_bytes()).unwrap());
    let mut host =
        Counting { memory: Memory { now: 1_790_000_000_000_000_000, ..Memory::default() }, ..Counting::default() };
    plugin.on_start(&mut RootCx::new(&mut host));
    host.memory.attributes.insert("source|address".into(), b"127.0.0.1:1234".to_vec());
    host.memory.attributes.insert("response|code_details".into(), b"via_upstream".to_vec());
    let question = "The quick brown fox jumps over the lazy dog. ".repeat(45);
    let request =
        json!({"model": "demo-small", "max_tokens": 100, "messages": [{"role": "user", "content": question}]});
    let answer = json!({
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello there ".repeat(8)}}],
        "usage": {"prompt_tokens": 500, "completion_tokens": 20, "total_tokens": 520},
    });
    let (request, answer) = (request.to_string().into_bytes(), answer.to_string().into_bytes());
    let head = |fields: &[(&str, &str)]| {
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect::<Vec<_>>()
    };
    for _ in 0..times {
        host.calls.take();
        let settings = Rc::new(plugin.settings().clone());
        let place = Place { filter: TokenBudget::NAME, settings, proven: Rc::new(Cell::new(true)) };
        let mut stream = Stream::new(plugin.open(), place);
        host.memory.heads[0] = head(&[
            (":method", "POST"),
            (":path", "/v1/chat/completions"),
            (":authority", "x"),
            ("content-type", "application/json"),
        ]);
        stream.on_request_headers(&mut host, false);
        host.memory.bodies[0].clone_from(&request);
        stream.on_request_body(&mut host, request.len(), true);
        host.memory.heads[1] =
            head(&[(":status", "200"), ("content-type", "application/json"), ("x-envoy-upstream-service-time", "3")]);
        stream.on_response_headers(&mut host, false);
        host.memory.bodies[1].clone_from(&answer);
        stream.on_response_body(&mut host, answer.len(), true);
        stream.on_end(&mut host);
        assert!(host.memory.reply.is_none());
    }
    host.calls.take()
}

fn limits() -> Value {
    json!([
        {"name": "requests", "unit": "requests", "amount": 1_000_000_000, "window": {"token_bucket": {"period_secs": 60}}},
        {"name": "tokens", "unit": "tokens", "amount": 1_000_000_000_000_u64, "window": {"calendar": {"unit": "day"}}},
    ])
}

#[test]
fn a_plain_call_asks_the_host_for_little() {
    let meter = [
        // Route metadata, consumer, tier, the model that served it.
        ("attribute", 4),
        ("body", 2),
        ("headers", 2),
        // Tokens and sums of input and output, money, duration.
        ("metric", 6),
        ("set state", 1),
        // The reservation and the settlement.
        ("time", 2),
    ];
    assert_eq!(calls(&json!([]), 2), BTreeMap::from(meter));
    let mut local = BTreeMap::from(meter);
    // The caller's address, once for both limits; three headers for each; one slot, read and written twice.
    local.extend([("attribute", 5), ("set header", 6), ("shared get", 2), ("shared set", 2)]);
    assert_eq!(calls(&limits(), 2), local);
}
