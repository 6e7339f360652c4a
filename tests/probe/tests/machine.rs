//! The state machine of a stream under any order of events that a proxy could think of: whatever comes, it asks nothing of
//! the host that would end a real Envoy. The host in memory refuses a second reply, a resumption after a reply, a response
//! resumed before its head, and any host call in or after the log callback.

#![allow(clippy::panic, clippy::indexing_slicing)]

use plugin::stream::Place;
use plugin::{Answer, Attachment, Flow, Plugin, Stream};
use probe::Probe;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;
use testkit::Memory;

#[derive(Debug, Clone)]
enum Event {
    RequestBody(usize, bool),
    RequestTrailers,
    ResponseHead(bool, bool),
    ResponseBody(usize, bool),
    ResponseTrailers,
    Answer(usize, u8),
    Tick,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0..40_usize, any::<bool>()).prop_map(|(size, end)| Event::RequestBody(size, end)),
        Just(Event::RequestTrailers),
        (any::<bool>(), any::<bool>()).prop_map(|(end, local)| Event::ResponseHead(end, local)),
        (0..40_usize, any::<bool>()).prop_map(|(size, end)| Event::ResponseBody(size, end)),
        Just(Event::ResponseTrailers),
        (0..4_usize, 0..4_u8).prop_map(|(call, kind)| Event::Answer(call, kind)),
        Just(Event::Tick),
    ];
    prop::collection::vec(event, 0..24)
}

fn message() -> impl Strategy<Value = Value> {
    let body = prop_oneof![Just("pass"), Just("whole"), Just("chunks")];
    let edit = prop_oneof![
        Just(json!(null)),
        Just(json!("upper")),
        Just(json!({"append": "!"})),
        Just(json!({"grow": 60})),
        Just(json!({"last": "over"})),
        Just(json!("hold_back")),
    ];
    let asks = prop_oneof![Just(0_u8), Just(1), Just(2), Just(3)];
    let mode = prop_oneof![Just("deny"), Just("allow")];
    (body, edit, asks, mode, prop::option::weighted(0.1, Just(403_u16)), any::<bool>()).prop_map(
        |(body, edit, asks, mode, refuse, word)| {
            let service = json!({"cluster": "asked", "timeout_ms": 10, "failure_mode": mode});
            let mut message =
                json!({"body": body, "edit": edit, "refuse": refuse, "set": {"x-a": "1"}, "set_at_body": {"x-b": "2"}});
            if word {
                message["refuse_body_with"] = "xxxxxxxx".into();
            }
            if asks & 1 != 0 {
                message["ask"] = service.clone();
                message["ask_times"] = 2.into();
            }
            if asks & 2 != 0 {
                message["ask_at_body"] = service;
            }
            message
        },
    )
}

fn config() -> impl Strategy<Value = Value> {
    let attachment = prop_oneof![Just("full"), Just("plain")];
    let bodies = (prop_oneof![Just("pass"), Just("refuse")], prop_oneof![Just("pass"), Just("refuse")], 20..60_usize);
    (attachment, bodies, message(), message()).prop_map(|(attachment, (upgrade, oversize, limit), request, response)| {
        json!({
            "attachment": attachment, "request": request, "response": response,
            "bodies": {"upgrade": upgrade, "oversize_response": oversize, "max_body_bytes": limit, "watchdog_secs": 0},
            "tell_end": {"cluster": "told", "timeout_ms": 10, "failure_mode": "allow"},
        })
    })
}

fn head(upgrade: bool) -> Vec<(String, Vec<u8>)> {
    let mut fields =
        vec![(":method", "POST"), (":path", "/v1/chat/completions"), ("content-length", "7"), ("x-odd", "\u{80}")];
    if upgrade {
        fields.push(("upgrade", "websocket"));
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect()
}

fn run(config: &Value, upgrade: bool, end: bool, events: &[Event]) {
    let plugin = Rc::new(Probe::configure(config.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults}")));
    let settings = Rc::new(plugin.settings().clone());
    let plain = settings.attachment == Attachment::Plain;
    let place = Place { filter: Probe::NAME, settings, proven: Rc::new(Cell::new(plain)) };
    let mut stream = Stream::new(plugin.open(), place);
    let mut host = Memory { heads: [head(upgrade), Vec::new()], now: 1, ..Memory::default() };
    let flow = stream.on_request_headers(&mut host, end);
    assert!(!(flow == Flow::Continue && host.reply.is_some()), "a refused head goes on");
    for event in events {
        host.resumed = [false, false];
        step(&mut stream, &mut host, event);
        host.now += 1_000_000;
    }
    host.is_over = true;
    stream.on_end(&mut host);
    stream.on_end(&mut host);
    assert_eq!(host.forgotten.len(), 1, "the end is told exactly once");
    assert!(stream.is_over());
}

fn step(stream: &mut Stream<<Probe as Plugin>::Exchange>, host: &mut Memory, event: &Event) {
    match event {
        Event::RequestBody(size, end) => {
            host.bodies[0] = vec![b'x'; *size];
            stream.on_request_body(host, *size, *end);
        }
        Event::RequestTrailers => {
            stream.on_request_trailers(host);
        }
        Event::ResponseHead(end, local) => {
            // A proxy shows one response head.
            if host.heads[1].is_empty() {
                host.heads[1] = vec![(":status".into(), b"200".to_vec()), ("content-length".into(), b"7".to_vec())];
                let details = if *local { "response_timeout" } else { "via_upstream" };
                host.attributes.insert("response|code_details".into(), details.into());
                stream.on_response_headers(host, *end);
            }
        }
        Event::ResponseBody(size, end) if !host.heads[1].is_empty() => {
            host.bodies[1] = vec![b'x'; *size];
            stream.on_response_body(host, *size, *end);
        }
        Event::ResponseTrailers if !host.heads[1].is_empty() => {
            stream.on_response_trailers(host);
        }
        Event::Answer(call, kind) => {
            let answer = match kind {
                0 => Answer::Message(b"ok".to_vec()),
                1 => Answer::Message(b"no".to_vec()),
                2 => Answer::Failed(Some(14)),
                _ => Answer::Woken,
            };
            stream.on_answer(host, u32::try_from(*call).unwrap_or(0) + 1, answer);
        }
        Event::Tick => {
            stream.on_tick(host);
        }
        Event::ResponseBody(..) | Event::ResponseTrailers => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_order_of_events_asks_what_would_end_the_proxy(config in config(), upgrade in prop::bool::weighted(0.1), end in any::<bool>(), events in events()) {
        run(&config, upgrade, end, &events);
    }
}
