//! The gRPC interfaces of the service that the filters reach: the semantic cache ([`cache`]) and the shared budget
//! ([`budget`]). Their `.proto` files lie in `proto/` and say what every field means.
//!
//! The code is generated and committed, so that a build needs no protobuf compiler; `UPDATE=1 cargo test -p
//! modelgate-cache-api` writes it anew, and the test fails where it is stale. Filters take the messages; the feature `grpc`
//! adds tonic's clients and servers.

#[allow(missing_docs, clippy::all)]
mod generated {
    pub mod budget {
        include!("generated/modelgate.budget.v1.rs");
    }
    pub mod cache {
        include!("generated/modelgate.cache.v1.rs");
    }
}

pub use generated::{budget, cache};
pub use prost::{DecodeError, Message};

/// The full name of the cache's service.
pub const CACHE: &str = "modelgate.cache.v1.Cache";

/// The full name of the budget's service.
pub const BUDGET: &str = "modelgate.budget.v1.Budget";

/// The most demands of one reservation.
pub const MAX_DEMANDS: usize = 32;

/// The longest that a reservation may last, in milliseconds: a week.
pub const MAX_EXPIRES_MS: u64 = 7 * 86_400_000;

/// Both files, compiled, for gRPC server reflection: a serialized `google.protobuf.FileDescriptorSet`.
#[cfg(feature = "grpc")]
pub const DESCRIPTORS: &[u8] = include_bytes!("generated/descriptors.bin");
