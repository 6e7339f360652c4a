//! One exchange on the seam's own machine with a host in memory, where a test must set the clock, the connection or the
//! answers of services itself.

#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use auth::Auth;
use plugin::stream::Place;
use plugin::{Answer, Plugin, Stream};
use serde_json::Value;
use std::cell::Cell;
use std::rc::Rc;
use testkit::Memory;

/// What came of an exchange.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status; 200 where the request goes on.
    pub status: u16,
    /// Who calls.
    pub consumer: Option<String>,
    /// How many calls were made.
    pub calls: usize,
}

/// A configured filter.
///
/// # Panics
/// With the faults of the configuration.
pub fn filter(config: &Value) -> Rc<Auth> {
    Rc::new(Auth::configure(config.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults}")))
}

/// Sends a request without a body through the filter. Its calls get this answer.
pub fn exchange(auth: &Rc<Auth>, host: Memory, headers: &[(&str, &str)], answer: &Answer) -> Outcome {
    exchange_on(auth, host, headers, answer).0
}

/// The same, with the host as it is then.
pub fn exchange_on(auth: &Rc<Auth>, mut host: Memory, headers: &[(&str, &str)], answer: &Answer) -> (Outcome, Memory) {
    let pseudo = [(":method", "GET"), (":path", "/v1/files"), (":authority", "gateway.test")];
    host.heads[0] = pseudo.iter().chain(headers).map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let settings = Rc::new(auth.settings().clone());
    let mut stream = Stream::new(auth.open(), Place { filter: Auth::NAME, settings, proven: Rc::new(Cell::new(true)) });
    stream.on_request_headers(&mut host, true);
    let calls = host.calls.len();
    for id in 1..=calls {
        stream.on_answer(&mut host, u32::try_from(id).unwrap(), answer.clone());
    }
    assert!(calls == 0 || host.resumed[0] || host.reply.is_some(), "the exchange hangs");
    let consumer = host.state.get("modelgate.consumer").map(|name| String::from_utf8(name.clone()).unwrap());
    (Outcome { status: host.reply.as_ref().map_or(200, |reply| reply.status), consumer, calls }, host)
}
