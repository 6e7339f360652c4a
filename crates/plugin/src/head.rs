//! What precedes a body, and what is known when all is over.

use crate::{CACHE_HIT, Cx, Facts, Headers, REFUSAL};
use chat::{Api, Endpoint, Family};

/// The attribute that tells who made a response.
pub(crate) const CODE_DETAILS: [&str; 2] = ["response", "code_details"];

/// Envoy's router puts this on what an upstream answered, and on nothing else.
const UPSTREAM_TIME: &str = "x-envoy-upstream-service-time";

/// The head of a request.
#[derive(Debug, Clone, Default)]
pub struct RequestHead {
    /// The header fields, pseudo-headers (`:method`, `:path`, `:authority`, `:scheme`) among them.
    pub headers: Headers,
    /// No body and no trailers follow.
    pub complete: bool,
}

impl RequestHead {
    /// The method, `GET` where there is none.
    pub fn method(&self) -> &str {
        self.headers.text(":method").unwrap_or("GET")
    }

    /// The path with its query. Empty where it is not UTF-8 (Envoy refuses such a path itself).
    pub fn path(&self) -> &str {
        self.headers.text(":path").unwrap_or_default()
    }

    /// The host that was asked for, with its port if one was given.
    pub fn host(&self) -> &str {
        self.headers.text(":authority").unwrap_or_default()
    }

    /// Whether this asks to leave HTTP (WebSocket and its kin): an `upgrade` field (RFC 9110 section 7.8), which is also
    /// how Envoy shows an extended CONNECT (RFC 8441), or a plain CONNECT.
    pub fn is_upgrade(&self) -> bool {
        self.headers.has("upgrade") || self.method() == "CONNECT"
    }

    /// Whether a browser asks, before it calls, whether it may (Fetch standard, section 4.8).
    pub fn is_preflight(&self) -> bool {
        self.method() == "OPTIONS" && self.headers.has("origin") && self.headers.has("access-control-request-method")
    }

    /// Whether a body that follows is encoded (`content-encoding` other than `identity`), so that no filter can read it.
    pub fn is_encoded(&self) -> bool {
        is_encoded(&self.headers)
    }

    /// The endpoint that is called. The lists of models have one path for all families: there Anthropic's clients are known by the
    /// header that they send with every call.
    pub fn endpoint(&self) -> Endpoint<'_> {
        let mut endpoint = chat::endpoint(self.method(), self.path());
        if endpoint.api == Api::Models && self.headers.has("anthropic-version") {
            endpoint.family = Family::Anthropic;
        }
        endpoint
    }

    /// The family of error shapes that this caller understands.
    pub fn family(&self) -> Family {
        self.endpoint().family
    }
}

/// The head of a response.
#[derive(Debug, Clone, Default)]
pub struct ResponseHead {
    /// The header fields, `:status` among them.
    pub headers: Headers,
    /// Who made this response.
    pub origin: Origin,
    /// No body and no trailers follow.
    pub complete: bool,
}

impl ResponseHead {
    /// The status code, 0 where there is none.
    pub fn status(&self) -> u16 {
        self.headers.text(":status").and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// Whether an upstream made this beyond doubt, so that `response.code_details`, which is dear to ask for, need not be read.
    /// Only for success: an authorizer's refusal may come with the head that an upstream of its own gave it.
    pub(crate) fn is_plainly_upstream(&self) -> bool {
        (200..300).contains(&self.status()) && self.headers.has(UPSTREAM_TIME)
    }

    /// Whether the body is a stream of server-sent events.
    pub fn is_event_stream(&self) -> bool {
        self.headers.text("content-type").is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("text/event-stream")
        })
    }

    /// Whether the body is encoded (`content-encoding` other than `identity`), so that no filter can read it.
    pub fn is_encoded(&self) -> bool {
        is_encoded(&self.headers)
    }
}

fn is_encoded(headers: &Headers) -> bool {
    headers.get_all("content-encoding").any(|value| !value.is_empty() && !value.eq_ignore_ascii_case(b"identity"))
}

/// Who made a response, as `response.code_details` tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// The upstream.
    #[default]
    Upstream,
    /// One of our filters refused the request.
    Refusal,
    /// Our cache answered in place of the upstream.
    CacheHit,
    /// Envoy itself, or a filter that is not ours.
    Proxy,
}

impl Origin {
    /// Reads `response.code_details`. A local reply without details (another vendor's filter) is the proxy's.
    pub fn from_details(details: &[u8]) -> Self {
        match details {
            b"via_upstream" => Self::Upstream,
            details if details.starts_with(REFUSAL.as_bytes()) => Self::Refusal,
            details if details == CACHE_HIT.as_bytes() => Self::CacheHit,
            _ => Self::Proxy,
        }
    }
}

/// What is known when a stream is over. It comes exactly once per exchange, also after a disconnect, and it may be all
/// that comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct End {
    /// Who made the response, `None` where none was begun.
    pub origin: Option<Origin>,
    /// The status that the client was sent, 0 where none was.
    pub status: u16,
    /// The whole request arrived.
    pub request_complete: bool,
    /// The whole response passed.
    pub response_complete: bool,
}

impl End {
    /// Whether Envoy follows a redirect by itself: the request runs through all filters again, so nothing may be counted here.
    /// The proxy is asked only where it would matter.
    pub fn is_redirect(&self, cx: &Cx<'_>) -> bool {
        let details = || cx.attribute(&CODE_DETAILS);
        self.origin.is_none() && details().is_some_and(|details| details.starts_with(b"internal_redirect"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_details_tell_the_origin() {
        assert_eq!(Origin::from_details(b"via_upstream"), Origin::Upstream);
        assert_eq!(Origin::from_details(b"modelgate_refusal_model_not_found"), Origin::Refusal);
        assert_eq!(Origin::from_details(b"modelgate_cache_hit"), Origin::CacheHit);
        assert_eq!(Origin::from_details(b"modelgate_cache_hit_not"), Origin::Proxy);
        assert_eq!(Origin::from_details(b""), Origin::Proxy);
        assert_eq!(Origin::from_details(b"route_not_found"), Origin::Proxy);
    }

    #[test]
    fn only_success_with_the_router_s_time_is_plainly_an_upstream_s() {
        let head = |status: &str, name: &str| ResponseHead {
            headers: [(":status", status), (name, "3")].into_iter().collect(),
            ..Default::default()
        };
        assert!(head("200", UPSTREAM_TIME).is_plainly_upstream());
        assert!(!head("403", UPSTREAM_TIME).is_plainly_upstream());
        assert!(!head("200", "x-other").is_plainly_upstream());
        assert!(!ResponseHead::default().is_plainly_upstream());
    }

    #[test]
    fn encodings_and_media_types_are_read_as_http_says() {
        let head = |name: &str, value: &str| ResponseHead {
            headers: [(name, value)].into_iter().collect(),
            ..Default::default()
        };
        assert!(head("content-encoding", "gzip").is_encoded());
        assert!(!head("content-encoding", "Identity").is_encoded());
        assert!(head("content-type", "Text/Event-Stream; charset=utf-8").is_event_stream());
        assert!(!head("content-type", "application/json").is_event_stream());
    }
}
