//! The native driver: a case on the state machine of the seam, without a proxy.

use crate::case::ServiceAnswer;
use crate::case::percent_decode;
use crate::outcome::{Arrived, Fields, Outcome};
use crate::{Body, Case, Memory};
use plugin::stream::Place;
use plugin::{Answer, Attachment, Call, Exchange, Flow, Plugin, RootCx, Side, Stream};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What services answer, by the name of their cluster.
pub type Services = BTreeMap<String, Vec<ServiceAnswer>>;

/// Runs a case without services. `chunks` is the response's body as the upstream sends it.
pub fn run_natively<P: Plugin>(plugin: &Rc<P>, case: &Case, chunks: &[Vec<u8>]) -> Outcome {
    run_with_services(plugin, case, &Services::new(), chunks)
}

/// Runs a case; the filter's calls are answered at once.
pub fn run_with_services<P: Plugin>(plugin: &Rc<P>, case: &Case, services: &Services, chunks: &[Vec<u8>]) -> Outcome {
    let settings = Rc::new(plugin.settings().clone());
    let full = settings.attachment == Attachment::Full;
    let place = Place { filter: P::NAME, settings, proven: Rc::new(Cell::new(!full)) };
    let mut host = Memory { services: services.keys().cloned().collect(), ..host(case) };
    plugin.on_start(&mut RootCx::new(&mut host));
    let mut exchange = Native { stream: Stream::new(plugin.open(), place), host, services, answered: 0 };
    let outcome = exchange.run(case, chunks);
    exchange.stream.on_end(&mut exchange.host);
    Outcome {
        state: exchange
            .host
            .state
            .iter()
            .map(|(key, value)| (key.clone(), String::from_utf8_lossy(value).into_owned()))
            .collect(),
        ..outcome
    }
}

struct Native<'s, E> {
    stream: Stream<E>,
    host: Memory,
    services: &'s Services,
    /// How many calls were answered.
    answered: usize,
}

fn host(case: &Case) -> Memory {
    let mut host = Memory { no_services: true, now: 1_790_000_000_000_000_000, ..Memory::default() };
    let request = &case.request;
    let mut fields: Fields = [
        (":method", request.method.as_str()),
        (":path", request.path.as_str()),
        (":authority", request.host.as_str()),
        (":scheme", "http"),
    ]
    .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
    .to_vec();
    let more = request.more_headers.iter().map(|(name, value)| (name, value));
    fields.extend(request.headers.iter().chain(more).map(|(name, value)| (name.clone(), percent_decode(value))));
    if let Some(body) = &request.body
        && !body.is_chunked()
    {
        fields.push(("content-length".into(), body.chunks().concat().len().to_string().into_bytes()));
    }
    host.heads[0] = fields;
    host.state = case.state.iter().map(|(key, value)| (key.clone(), value.clone().into_bytes())).collect();
    host.attributes.insert("source|address".into(), b"127.0.0.1:50000".to_vec());
    host.attributes.insert("xds|route_name".into(), case.route.name.clone().into_bytes());
    for (namespace, values) in &case.route.metadata {
        for (key, value) in values {
            host.attributes
                .insert(format!("xds|route_metadata|filter_metadata|{namespace}|{key}"), value.clone().into_bytes());
        }
    }
    host
}

/// Where a message is on its way.
struct Way {
    side: Side,
    head_gone: bool,
    /// `PauseAll`: parts are not shown.
    blind: bool,
    held: Vec<u8>,
    sent: Vec<u8>,
    end: bool,
}

impl<E: Exchange> Native<'_, E> {
    fn run(&mut self, case: &Case, chunks: &[Vec<u8>]) -> Outcome {
        let request_chunks = case.request.body.as_ref().map(Body::chunks).unwrap_or_default();
        let trailers = fields(&case.request.trailers);
        let body = self.send(Side::Request, &request_chunks, !trailers.is_empty());
        if let Some(reply) = self.host.reply.clone() {
            return Outcome {
                status: reply.status,
                headers: reply.headers.clone(),
                body: reply.body.clone(),
                details: reply.details().to_owned(),
                ..Outcome::default()
            };
        }
        if self.host.was_reset {
            return Outcome { cut: true, ..Outcome::default() };
        }
        let upstream = Some(self.arrived(&body, &trailers));
        self.respond(case, chunks, upstream)
    }

    fn respond(&mut self, case: &Case, chunks: &[Vec<u8>], upstream: Option<Arrived>) -> Outcome {
        let mut head: Fields = vec![(":status".into(), case.response.status.to_string().into_bytes())];
        head.extend(fields(&case.response.headers));
        if chunks.len() == 1 && !case.response.abort && case.response.trailers.is_empty() {
            head.push(("content-length".into(), chunks[0].len().to_string().into_bytes()));
        }
        self.host.heads[1] = head;
        self.host.attributes.insert("response|code_details".into(), b"via_upstream".to_vec());
        let trailers = fields(&case.response.trailers);
        let body = self.send_response(case, chunks, !trailers.is_empty());
        if let Some(reply) = self.host.reply.clone() {
            return Outcome {
                status: reply.status,
                headers: reply.headers.clone(),
                body: reply.body.clone(),
                upstream,
                details: reply.details().to_owned(),
                ..Outcome::default()
            };
        }
        let headers = std::mem::take(&mut self.host.heads[1]);
        let status = headers
            .iter()
            .find(|(name, _)| name == ":status")
            .map(|(_, value)| String::from_utf8_lossy(value).parse().unwrap());
        Outcome {
            status: status.unwrap_or(0),
            headers,
            body,
            trailers,
            cut: case.response.abort || self.host.was_reset,
            upstream,
            details: "via_upstream".into(),
            ..Outcome::default()
        }
    }

    fn send_response(&mut self, case: &Case, chunks: &[Vec<u8>], trailers: bool) -> Vec<u8> {
        if !case.response.abort {
            return self.send(Side::Response, chunks, trailers);
        }
        // A stream that breaks never ends: its last piece is not the end.
        let mut way = self.head(Side::Response, false);
        for chunk in chunks {
            self.part(&mut way, chunk, false);
        }
        way.sent
    }

    fn send(&mut self, side: Side, chunks: &[Vec<u8>], trailers: bool) -> Vec<u8> {
        let mut way = self.head(side, chunks.is_empty() && !trailers);
        for (index, chunk) in chunks.iter().enumerate() {
            self.part(&mut way, chunk, index + 1 == chunks.len() && !trailers);
        }
        if trailers && !self.is_over() {
            self.host.bodies[index_of(side)] = way.held.clone();
            let flow = match side {
                Side::Request => self.stream.on_request_trailers(&mut self.host),
                Side::Response => self.stream.on_response_trailers(&mut self.host),
            };
            way.held = self.host.bodies[index_of(side)].clone();
            self.apply(&mut way, flow);
        }
        assert!(self.is_over() || way.head_gone, "the message is held for ever");
        way.sent
    }

    fn head(&mut self, side: Side, end: bool) -> Way {
        let flow = match side {
            Side::Request => self.stream.on_request_headers(&mut self.host, end),
            Side::Response => self.stream.on_response_headers(&mut self.host, end),
        };
        let mut way = Way { side, head_gone: false, blind: false, held: Vec::new(), sent: Vec::new(), end };
        self.apply(&mut way, flow);
        way
    }

    fn part(&mut self, way: &mut Way, chunk: &[u8], end: bool) {
        if self.is_over() {
            return;
        }
        way.held.extend_from_slice(chunk);
        way.end |= end;
        if way.blind {
            return;
        }
        let at = index_of(way.side);
        self.host.bodies[at] = std::mem::take(&mut way.held);
        let size = self.host.bodies[at].len();
        let flow = match way.side {
            Side::Request => self.stream.on_request_body(&mut self.host, size, end),
            Side::Response => self.stream.on_response_body(&mut self.host, size, end),
        };
        way.held = std::mem::take(&mut self.host.bodies[at]);
        self.apply(way, flow);
    }

    /// Answers the calls that are open, and those that are made in turn.
    fn answer_calls(&mut self) {
        while let Some(call) = self.host.calls.get(self.answered) {
            let answer = match call {
                Call::Http(call) => {
                    let answers = self.services.get(call.target.cluster()).map(Vec::as_slice).unwrap_or_default();
                    let (status, body) = ServiceAnswer::to(answers, &call.body);
                    Answer::Http { status, body }
                }
                Call::Grpc(_) | Call::Park(_) => Answer::Failed(None),
            };
            self.answered += 1;
            self.stream.on_answer(&mut self.host, u32::try_from(self.answered).unwrap(), answer);
        }
    }

    fn apply(&mut self, way: &mut Way, flow: Flow) {
        self.answer_calls();
        let resumed = std::mem::take(&mut self.host.resumed[index_of(way.side)]);
        if self.is_over() {
            return;
        }
        if flow == Flow::Continue || resumed {
            way.head_gone = true;
            way.blind = false;
            way.sent.append(&mut way.held);
        } else if flow == Flow::PauseAll {
            way.blind = true;
        }
    }

    fn is_over(&self) -> bool {
        self.host.reply.is_some() || self.host.was_reset
    }

    fn arrived(&self, body: &[u8], trailers: &[(String, Vec<u8>)]) -> Arrived {
        let headers = self.host.heads[0].clone();
        let path = headers
            .iter()
            .find(|(name, _)| name == ":path")
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        Arrived {
            path: path.unwrap_or_default(),
            headers,
            body: body.to_vec(),
            trailers: trailers.to_vec(),
            complete: true,
        }
    }
}

fn fields(map: &std::collections::BTreeMap<String, String>) -> Fields {
    map.iter().map(|(name, value)| (name.clone(), percent_decode(value))).collect()
}

fn index_of(side: Side) -> usize {
    match side {
        Side::Request => 0,
        Side::Response => 1,
    }
}
