//! Calls that run beside each other, under any limit, with any body and any answer: no panic, never more of them at once than the
//! limit has room for, and nothing reserved once they are over.
#![no_main]

#[path = "../host.rs"]
mod host;

use arbitrary::Arbitrary;
use host::Host;
use libfuzzer_sys::fuzz_target;
use plugin::stream::Place;
use plugin::{Plugin, RootCx, Stream};
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;
use token_budget::TokenBudget;

type Open = Stream<<TokenBudget as Plugin>::Exchange>;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    unit: Unit,
    amount: u16,
    window: Window,
    period_secs: u16,
    cuts: bool,
    /// Written into each prompt.
    text: &'a str,
    max_tokens: u16,
    n: Option<u8>,
    acts: Vec<Act<'a>>,
}

#[derive(Arbitrary, Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Requests,
    Output,
    Tokens,
    InFlight,
}

#[derive(Arbitrary, Debug)]
enum Window {
    Bucket,
    Sliding,
    Day,
    Balance,
}

#[derive(Arbitrary, Debug)]
enum Act<'a> {
    /// A call that says what it asks for.
    Call,
    /// A call with any body.
    Raw(&'a [u8]),
    /// An answer to the oldest call, in pieces of this size; `aborts` leaves it without an end.
    Answer { body: &'a [u8], events: bool, piece: u8, aborts: bool },
    /// The oldest call's client goes away.
    Leave,
}

fn config(input: &Input<'_>) -> Value {
    let period = u64::from(input.period_secs).max(1);
    let window = match input.window {
        Window::Bucket => json!({"token_bucket": {"period_secs": period}}),
        Window::Sliding => json!({"sliding": {"period_secs": period}}),
        Window::Day => json!({"calendar": {"unit": "day"}}),
        Window::Balance => json!({"balance": {"initial": u64::from(input.amount) + 1}}),
    };
    let amount = u64::from(input.amount) + 1;
    let mut limit = match input.unit {
        Unit::Requests => json!({"name": "l", "unit": "requests", "amount": amount, "window": window}),
        Unit::Output => json!({"name": "l", "unit": "output", "amount": amount, "window": window}),
        Unit::Tokens => json!({"name": "l", "unit": "tokens", "amount": amount, "window": window}),
        Unit::InFlight => json!({"name": "l", "unit": "in_flight", "amount": amount}),
    };
    if limit["window"].get("balance").is_some() {
        limit.as_object_mut().map(|limit| limit.remove("amount"));
    }
    json!({
        "attachment": "full", "local": {"slots": 1}, "default_policy": "d",
        "policies": {"d": {"limits": [limit], "cut_streams": input.cuts}},
    })
}

/// Begins a call; none where it was refused.
fn begin(plugin: &Rc<TokenBudget>, host: &mut Host, body: &[u8]) -> Option<Open> {
    let place = Place {
        filter: TokenBudget::NAME,
        settings: Rc::new(plugin.settings().clone()),
        proven: Rc::new(Cell::new(true)),
    };
    let mut stream = Stream::new(plugin.open(), place);
    host.begin();
    stream.on_request_headers(host, false);
    host.body = body.to_vec();
    stream.on_request_body(host, body.len(), true);
    if host.replied {
        stream.on_end(host);
        return None;
    }
    Some(stream)
}

fn answer(host: &mut Host, stream: &mut Open, body: &[u8], events: bool, piece: usize, aborts: bool) {
    host.respond(if events { "text/event-stream" } else { "application/json" });
    stream.on_response_headers(host, false);
    for remaining in [&host.limit, &host.remaining] {
        assert!(remaining.is_none() || remaining.as_ref().is_some_and(|left| left.parse::<u64>().is_ok()));
    }
    for chunk in body.chunks(piece.max(1)) {
        host.body = chunk.to_vec();
        stream.on_response_body(host, chunk.len(), false);
    }
    if !aborts {
        host.body.clear();
        stream.on_response_body(host, 0, true);
    }
}

fuzz_target!(|input: Input<'_>| {
    let plugin = Rc::new(TokenBudget::configure(config(&input).to_string().as_bytes()).expect("in order"));
    let mut host = Host::default();
    plugin.on_start(&mut RootCx::new(&mut host));
    let amount = u64::from(input.amount) + 1;
    let bound = u64::from(input.max_tokens) + 1;
    let asked = bound * u64::from(input.n.unwrap_or(1).max(1));
    let body =
        json!({"model": "m", "max_tokens": bound, "n": input.n, "messages": [{"role": "user", "content": input.text}]});
    let body = body.to_string().into_bytes();
    // Each open call, and what it surely reserved.
    let mut open: Vec<(Open, u64)> = Vec::new();
    let mut admitted = 0;
    for act in input.acts.iter().take(64) {
        match act {
            Act::Call | Act::Raw(_) => {
                let (sent, asks) = match act {
                    Act::Raw(raw) => (*raw, 0),
                    _ => (body.as_slice(), asked),
                };
                if let Some(stream) = begin(&plugin, &mut host, sent) {
                    admitted += 1;
                    open.push((stream, asks));
                }
            }
            Act::Answer { body, events, piece, aborts } if !open.is_empty() => {
                let (mut stream, _) = open.remove(0);
                answer(&mut host, &mut stream, body, *events, usize::from(*piece), *aborts);
                stream.on_end(&mut host);
            }
            Act::Leave if !open.is_empty() => open.remove(0).0.on_end(&mut host),
            _ => {}
        }
        match input.unit {
            // The clock stands still.
            Unit::Requests => assert!(admitted <= amount),
            Unit::InFlight => assert!(open.len() as u64 <= amount),
            Unit::Output | Unit::Tokens => assert!(open.iter().map(|(_, asks)| asks).sum::<u64>() <= amount),
        }
    }
    for (mut stream, _) in open {
        stream.on_end(&mut host);
    }
    if input.unit == Unit::InFlight {
        assert!(begin(&plugin, &mut host, &body).is_some(), "a slot stayed behind");
    }
});
