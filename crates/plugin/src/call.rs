//! Calls to other services, and their answers.

use serde::Deserialize;
use std::time::Duration;

/// A name that a filter gives a call, to know its answer by.
pub type Tag = u32;

/// The Envoy cluster of a service. Never empty.
///
/// Envoy 1.40 reads the target of a gRPC call as a serialized `GrpcService` before it tries a plain cluster name, and ends
/// the whole process on a name that happens to parse as one (`model`, `empty`, the empty name). So a target is always
/// handed over serialized, and an empty name cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Target(String);

/// A cluster name that cannot be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an empty cluster name; give the name of an Envoy cluster, such as modelgate-cache")]
pub struct EmptyTarget;

impl Target {
    /// A cluster by its name, in Istio `outbound|<port>||<host>`.
    ///
    /// # Errors
    /// [`EmptyTarget`] for a name of no characters.
    pub fn new(cluster: impl Into<String>) -> Result<Self, EmptyTarget> {
        let cluster = cluster.into();
        if cluster.trim().is_empty() { Err(EmptyTarget) } else { Ok(Self(cluster)) }
    }

    /// The cluster's name.
    pub fn cluster(&self) -> &str {
        &self.0
    }

    /// The serialized `envoy.config.core.v3.GrpcService { envoy_grpc { cluster_name, authority } }`.
    ///
    /// Envoy would take the cluster's name for the `:authority`, and servers refuse one like Istio's
    /// `outbound|443||cache.example`: there the host alone is the authority.
    pub fn grpc_service(&self) -> Vec<u8> {
        let authority = self.0.rsplit('|').next().filter(|host| !host.is_empty()).unwrap_or("modelgate");
        let mut envoy_grpc = length_delimited(CLUSTER_NAME, self.0.as_bytes());
        envoy_grpc.extend(length_delimited(AUTHORITY, authority.as_bytes()));
        length_delimited(ENVOY_GRPC, &envoy_grpc)
    }
}

impl TryFrom<String> for Target {
    type Error = EmptyTarget;

    fn try_from(cluster: String) -> Result<Self, EmptyTarget> {
        Self::new(cluster)
    }
}

/// Tags of protobuf fields of wire type 2: field 1, and field 2.
const ENVOY_GRPC: u8 = 0x0a;
const CLUSTER_NAME: u8 = 0x0a;
const AUTHORITY: u8 = 0x12;

/// A field of a protobuf message, wire type 2.
fn length_delimited(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let mut left = value.len();
    while left > 0x7f {
        out.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
    out.extend_from_slice(value);
    out
}

/// A call to another service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A unary gRPC call.
    Grpc(GrpcCall),
    /// An HTTP request.
    Http(HttpCall),
    /// No call at all, but a wait for background work of the plugin.
    Park(Park),
}

/// A wait for background work of the plugin, such as a key set that is being fetched for many exchanges at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Park {
    /// The name under which the answer comes: [`Answer::Woken`], or [`Answer::Failed`] after the timeout.
    pub tag: Tag,
    /// How long it is waited. It is looked at when the plugin ticks, at least once a second.
    pub timeout: Duration,
}

/// A unary gRPC call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrpcCall {
    /// The name under which the answer comes.
    pub tag: Tag,
    /// Where the service is.
    pub target: Target,
    /// The full name of the service, such as `modelgate.cache.v1.Cache`.
    pub service: &'static str,
    /// The method, such as `Lookup`.
    pub method: &'static str,
    /// The serialized message.
    pub message: Vec<u8>,
    /// How long an answer is waited for.
    pub timeout: Duration,
}

/// An HTTP request to another service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpCall {
    /// The name under which the answer comes.
    pub tag: Tag,
    /// Where the service is.
    pub target: Target,
    /// The fields, `:method`, `:path` and `:authority` among them.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, empty for none.
    pub body: Vec<u8>,
    /// How long an answer is waited for.
    pub timeout: Duration,
}

impl Call {
    /// The name that the filter gave this call.
    pub fn tag(&self) -> Tag {
        match self {
            Self::Grpc(call) => call.tag,
            Self::Http(call) => call.tag,
            Self::Park(park) => park.tag,
        }
    }
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A gRPC message. It comes from another process: decode it as untrusted bytes.
    Message(Vec<u8>),
    /// An HTTP response.
    Http {
        /// The status code.
        status: u16,
        /// The body.
        body: Vec<u8>,
    },
    /// The background work that was waited for is done.
    Woken,
    /// No answer: refused, unreachable, timed out, larger than 16 MiB, a gRPC status other than OK, or no such cluster. The
    /// gRPC status code where one came.
    Failed(Option<u32>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_serialized_grpc_service() {
        assert_eq!(Target::new("model").unwrap().grpc_service(), b"\x0a\x0e\x0a\x05model\x12\x05model");
        let istio = Target::new("outbound|443||cache.svc").unwrap().grpc_service();
        assert!(istio.ends_with(b"\x12\x09cache.svc"), "{istio:?}");
        let long = "x".repeat(300);
        let bytes = Target::new(long.clone()).unwrap().grpc_service();
        assert_eq!(&bytes[..6], [0x0a, 0xde, 0x04, 0x0a, 0xac, 0x02]);
        assert!(bytes.ends_with(long.as_bytes()));
        assert_eq!(Target::new(" "), Err(EmptyTarget));
    }
}
