//! One request without a proxy. The filter and the state machine of the seam are those of a gateway.

use crate::SchemaValidator;
use crate::exchange::Course;
use crate::fault::Fault;
use plugin::stream::Place;
use plugin::{Cx, Exchange, Headers, Offline, Plugin, REFUSAL, Reply, RequestHead, Step, Stream};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a gateway would answer to a request (200 where it passes), and what is wrong with it.
pub(super) fn ask(validator: &Rc<SchemaValidator>, headers: Headers, body: Vec<u8>) -> (u16, Vec<Fault>) {
    let faults = Rc::new(RefCell::new(Vec::new()));
    let witness = Witness { course: validator.open(), faults: faults.clone() };
    let settings = Rc::new(validator.settings().clone());
    let place = Place { filter: SchemaValidator::NAME, settings, proven: Rc::new(Cell::new(true)) };
    let mut stream = Stream::new(witness, place);
    let mut desk = Offline { headers, body, ..Offline::default() };
    let (is_empty, size) = (desk.body.is_empty(), desk.body.len());
    stream.on_request_headers(&mut desk, is_empty);
    if !is_empty && desk.reply.is_none() {
        stream.on_request_body(&mut desk, size, true);
    }
    let faults = faults.take();
    match desk.reply {
        None => (200, faults),
        Some(reply) if faults.is_empty() => (reply.status, vec![refusal(&reply)]),
        Some(reply) => (reply.status, faults),
    }
}

/// A refusal that is no fault of a schema: the limits of the seam, the media type, the policy.
fn refusal(reply: &Reply) -> Fault {
    let keyword = reply.details().strip_prefix(REFUSAL).unwrap_or_default();
    Fault::new(String::new(), keyword, "is refused before any schema is looked at")
}

/// An exchange whose faults outlive it.
struct Witness {
    course: Course,
    faults: Rc<RefCell<Vec<Fault>>>,
}

impl Exchange for Witness {
    fn on_request(&mut self, cx: &mut Cx<'_>, head: &RequestHead) -> Step {
        let step = self.course.on_request(cx, head);
        self.faults.replace(self.course.faults().to_vec());
        step
    }

    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let step = self.course.on_request_body(cx, body);
        self.faults.replace(self.course.faults().to_vec());
        step
    }
}
