//! A client of the gateway that notes all it can see of an exchange.

use super::Gateway;
use super::tally::{Deed, deeds};
use demo_upstream::Received;
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The header by which the demo server's memory of a request is found.
const CASE: &str = "x-case";

/// Sends requests through the gateway.
pub struct Client<'a> {
    gateway: &'a Gateway,
    agent: ureq::Agent,
    authorization: Option<String>,
    sent: AtomicU32,
}

/// A request.
pub struct Ask<'a> {
    /// The path.
    pub path: &'a str,
    /// Header fields.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; none for GET.
    pub body: Option<Value>,
}

/// What was seen of an exchange.
pub struct Seen {
    /// The status code.
    pub status: u16,
    /// The response's header fields.
    pub headers: http::HeaderMap,
    /// The response's body.
    pub body: String,
    /// What arrived at the demo server, where it is one and something arrived.
    pub received: Option<Received>,
    /// What the filters did with it.
    pub deeds: Vec<Deed>,
}

impl<'a> Client<'a> {
    /// A client of this gateway. It is authorized as OpenAI's own clients are, by `$OPENAI_API_KEY`.
    pub fn new(gateway: &'a Gateway) -> Self {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(120)));
        let key = std::env::var("OPENAI_API_KEY").ok().filter(|_| gateway.demos().is_empty());
        Self {
            gateway,
            agent: config.build().into(),
            authorization: key.map(|key| format!("Bearer {key}")),
            sent: AtomicU32::new(0),
        }
    }

    /// The gateway.
    pub fn gateway(&self) -> &Gateway {
        self.gateway
    }

    /// Sends a request and reads its response to the end.
    pub fn send(&self, ask: &Ask<'_>) -> Result<Seen, ureq::Error> {
        let case = format!("up-{}", self.sent.fetch_add(1, Ordering::Relaxed));
        let url = format!("http://{}{}", self.gateway.address(), ask.path);
        let before = self.gateway.counters();
        let mut response = match &ask.body {
            Some(body) => {
                let request = self.with_headers(self.agent.post(&url), ask, &case);
                request.header("content-type", "application/json").send(body.to_string())?
            }
            None => self.with_headers(self.agent.get(&url), ask, &case).call()?,
        };
        let body = response.body_mut().read_to_string()?;
        Ok(Seen {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
            received: self.gateway.demos().iter().find_map(|demo| demo.received(&case).pop()),
            deeds: deeds(&before, &self.gateway.counters()),
        })
    }

    fn with_headers<B>(
        &self,
        mut request: ureq::RequestBuilder<B>,
        ask: &Ask<'_>,
        case: &str,
    ) -> ureq::RequestBuilder<B> {
        if !self.gateway.demos().is_empty() {
            request = request.header(CASE, case);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        ask.headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }
}

impl Seen {
    /// Whether a filter refused it.
    pub fn refused(&self) -> bool {
        self.deeds.iter().any(|deed| matches!(deed, Deed::Refused { .. }))
    }

    /// A header field of the response, empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The version that the router says it chose.
    pub fn version(&self) -> &str {
        self.header("x-model-version")
    }

    /// The version that answered, as the demo server says.
    pub fn answered(&self) -> &str {
        self.header("x-demo-version")
    }

    /// The response's body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The events of a stream that are JSON.
    pub fn events(&self) -> impl Iterator<Item = Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data:"));
        data.filter_map(|data| serde_json::from_str(data).ok())
    }

    /// All values of a header field that arrived at the demo server.
    pub fn arrived(&self, name: &str) -> Vec<String> {
        let fields = self.received.iter().flat_map(|received| &received.headers);
        fields
            .filter(|(known, _)| known == name)
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect()
    }
}
