//! A host for one request without a proxy: it hands over what came and keeps the reply. The filter and the state machine
//! of the seam are those of a gateway.

use crate::SchemaValidator;
use crate::exchange::Course;
use crate::fault::Fault;
use plugin::stream::Place;
use plugin::{
    Call, CallId, Cx, Event, Exchange, Headers, Host, HostError, Plugin, REFUSAL, Reply, RequestHead, SharedError,
    Side, Step, Stream, Surroundings,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a gateway would answer to a request (200 where it passes), and what is wrong with it.
pub(super) fn ask(validator: &Rc<SchemaValidator>, headers: Headers, body: Vec<u8>) -> (u16, Vec<Fault>) {
    let faults = Rc::new(RefCell::new(Vec::new()));
    let witness = Witness { course: validator.open(), faults: faults.clone() };
    let settings = Rc::new(validator.settings().clone());
    let place = Place { filter: SchemaValidator::NAME, settings, proven: Rc::new(Cell::new(true)) };
    let mut stream = Stream::new(witness, place);
    let mut desk = Desk { headers, body, reply: None };
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

struct Desk {
    headers: Headers,
    body: Vec<u8>,
    reply: Option<Reply>,
}

impl Surroundings for Desk {
    fn unix_nanos(&self) -> u64 {
        0
    }

    fn random(&mut self) -> u64 {
        0
    }

    fn emit(&mut self, _: &dyn Event) {}

    fn shared_get(&self, _: &str) -> Option<(Vec<u8>, u32)> {
        None
    }

    fn shared_set(&mut self, _: &str, _: &[u8], _: Option<u32>) -> Result<(), SharedError> {
        Ok(())
    }

    fn verify_signature(&self, _: &str, _: &[u8], _: &[u8], _: &[u8]) -> Option<bool> {
        None
    }

    fn call_in_background(&mut self, _: &Call) {}
}

impl Host for Desk {
    fn headers(&self, _: Side) -> Headers {
        self.headers.clone()
    }

    fn set_header(&mut self, _: Side, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn remove_header(&mut self, _: Side, _: &str) -> Result<(), HostError> {
        Ok(())
    }

    fn body_size(&self, _: Side) -> usize {
        self.body.len()
    }

    fn body(&self, _: Side, size: usize) -> Vec<u8> {
        self.body.get(..size).unwrap_or(&self.body).to_vec()
    }

    fn set_body(&mut self, _: Side, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn reply(&mut self, reply: &Reply) -> Result<(), HostError> {
        self.reply = Some(reply.clone());
        Ok(())
    }

    fn resume(&mut self, _: Side) -> Result<(), HostError> {
        Ok(())
    }

    fn reset(&mut self, _: Side) -> Result<(), HostError> {
        Ok(())
    }

    fn call(&mut self, _: &Call) -> Result<CallId, HostError> {
        Ok(0)
    }

    fn call_and_forget(&mut self, _: &Call) {}

    fn attribute(&self, _: &[&str]) -> Option<Vec<u8>> {
        None
    }

    fn set_state(&mut self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn is_gone(&self) -> bool {
        false
    }
}
