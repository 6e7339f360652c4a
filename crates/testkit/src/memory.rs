//! A host in memory: what Envoy would do with one stream and one filter, step by step.

use crate::outcome::Fields;
use plugin::{Call, CallId, Event, Headers, Host, HostError, Reply, SharedError, Side, Surroundings, Value};
use std::collections::BTreeMap;

/// A host without a proxy.
#[derive(Debug, Default)]
pub struct Memory {
    /// Header fields of both messages.
    pub heads: [Fields; 2],
    /// The body part at hand, of both messages.
    pub bodies: [Vec<u8>; 2],
    /// Attributes by their path, parted by `|`.
    pub attributes: BTreeMap<String, Vec<u8>>,
    /// Filter state that was written.
    pub state: BTreeMap<String, Vec<u8>>,
    /// The reply, where one was made.
    pub reply: Option<Reply>,
    /// The stream was reset.
    pub was_reset: bool,
    /// A held message was resumed.
    pub resumed: [bool; 2],
    /// Calls that were made.
    pub calls: Vec<Call>,
    /// Calls whose answer nobody waits for.
    pub forgotten: Vec<Call>,
    /// Calls that outlive the stream.
    pub background: Vec<Call>,
    /// Shared data: value and version.
    pub shared: BTreeMap<String, (Vec<u8>, u32)>,
    /// Shared data is not taken.
    pub shared_fails: bool,
    /// Metrics, by their full name.
    pub metrics: BTreeMap<String, u64>,
    /// Log lines.
    pub lines: Vec<String>,
    /// No service is there but those of `services`: other calls fail at once.
    pub no_services: bool,
    /// The clusters of services that are there all the same.
    pub services: Vec<String>,
    /// The log callback came: nothing but calls that nobody waits for may be asked any more.
    pub is_over: bool,
    /// The time, in nanoseconds since the Unix epoch.
    pub now: u64,
    /// The state of the random numbers.
    pub seed: u64,
}

impl Memory {
    fn alive(&self) {
        assert!(!self.is_over, "a host call in or after the log callback, which ends a real Envoy");
    }
}

fn index(side: Side) -> usize {
    match side {
        Side::Request => 0,
        Side::Response => 1,
    }
}

impl Host for Memory {
    fn headers(&self, side: Side) -> Headers {
        self.heads[index(side)].iter().map(|(name, value)| (name, value)).collect()
    }

    fn set_header(&mut self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.alive();
        let fields = &mut self.heads[index(side)];
        match fields.iter().position(|(field, _)| field == name) {
            Some(at) => {
                fields[at].1 = value.to_vec();
                let mut seen = false;
                fields.retain(|(field, _)| field != name || !std::mem::replace(&mut seen, true));
            }
            None => fields.push((name.to_owned(), value.to_vec())),
        }
        Ok(())
    }

    fn remove_header(&mut self, side: Side, name: &str) -> Result<(), HostError> {
        self.alive();
        self.heads[index(side)].retain(|(field, _)| field != name);
        Ok(())
    }

    fn body_size(&self, side: Side) -> usize {
        self.bodies[index(side)].len()
    }

    fn body(&self, side: Side, size: usize) -> Vec<u8> {
        self.bodies[index(side)].iter().take(size).copied().collect()
    }

    fn set_body(&mut self, side: Side, body: &[u8]) -> Result<(), HostError> {
        self.alive();
        self.bodies[index(side)] = body.to_vec();
        Ok(())
    }

    fn reply(&mut self, reply: &Reply) -> Result<(), HostError> {
        self.alive();
        assert!(self.reply.is_none(), "a second reply");
        assert!(!self.resumed[0], "a reply after a resumption");
        self.reply = Some(reply.clone());
        Ok(())
    }

    fn resume(&mut self, side: Side) -> Result<(), HostError> {
        self.alive();
        assert!(self.reply.is_none(), "a resumption after a reply");
        assert!(side == Side::Request || !self.heads[1].is_empty(), "a response resumed before its head");
        self.resumed[index(side)] = true;
        Ok(())
    }

    fn reset(&mut self, _: Side) -> Result<(), HostError> {
        self.alive();
        self.was_reset = true;
        Ok(())
    }

    fn call(&mut self, call: &Call) -> Result<CallId, HostError> {
        self.alive();
        let cluster = match call {
            Call::Http(call) => call.target.cluster(),
            Call::Grpc(call) => call.target.cluster(),
            Call::Park(_) => "",
        };
        if self.no_services && !self.services.iter().any(|known| known == cluster) {
            return Err(HostError { call: "call", status: 10 });
        }
        self.calls.push(call.clone());
        Ok(CallId::try_from(self.calls.len()).unwrap())
    }

    fn call_and_forget(&mut self, call: &Call) {
        self.forgotten.push(call.clone());
    }

    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        let path = path.join("|");
        self.attributes
            .get(&path)
            .or_else(|| self.state.get(path.strip_prefix("filter_state|wasm.").unwrap_or(&path)))
            .cloned()
    }

    fn set_state(&mut self, key: &str, value: &[u8]) -> Result<(), HostError> {
        self.state.insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    fn is_gone(&self) -> bool {
        false
    }
}

impl Surroundings for Memory {
    fn unix_nanos(&self) -> u64 {
        self.now
    }

    fn random(&mut self) -> u64 {
        // SplitMix64, as in the real host, from a seed that the test sets.
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn emit(&mut self, event: &dyn Event) {
        let metric = event.metric();
        for (label, _) in &metric.labels {
            assert!(plugin::LABELS.contains(label), "the label {label} is not in the list");
        }
        *self.metrics.entry(metric.full_name()).or_default() += match event.value() {
            Value::Add(amount) => amount,
            Value::Record(_) => 1,
        };
        self.lines.push(event.line().into_owned());
    }

    fn shared_get(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        self.shared.get(key).cloned()
    }

    fn shared_set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError> {
        if self.shared_fails {
            return Err(SharedError::Failed);
        }
        let known = self.shared.get(key).map(|(_, version)| *version);
        if version.is_some() && known.is_some() && version != known {
            return Err(SharedError::Changed);
        }
        self.shared.insert(key.to_owned(), (value.to_vec(), known.unwrap_or(0) + 1));
        Ok(())
    }

    fn verify_signature(&self, _: &str, _: &[u8], _: &[u8], _: &[u8]) -> Option<bool> {
        None
    }

    fn call_in_background(&mut self, call: &Call) {
        self.background.push(call.clone());
    }
}
