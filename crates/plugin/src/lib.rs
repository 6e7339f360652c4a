//! The seam between a filter and the proxy that runs it.
//!
//! A filter is a pure function from an exchange to a decision: it implements [`Exchange`], is handed heads, bodies, the
//! time and the answers of other services, and returns a [`Step`]. [`Stream`] is the state machine that calls it and
//! enacts its steps on a [`Host`]. Two hosts exist: Envoy (`plugin-host`) and the one of the tests (`testkit`), and both
//! run this same machine.
//!
//! Nothing in this crate names proxy-wasm, reads a clock or performs input or output.

mod call;
mod cx;
mod event;
mod exchange;
mod head;
mod headers;
mod host;
mod offline;
mod reply;
mod seen;
mod settings;
mod step;
pub mod stream;

pub use call::{Answer, Call, GrpcCall, HttpCall, Park, Tag, Target};
pub use cx::{Cx, RootCx};
pub use event::{Event, LABELS, Level, Metric, Value};
pub use exchange::{Background, Exchange, Plugin};
pub use head::{End, Origin, RequestHead, ResponseHead};
pub use headers::{Headers, encode_pairs};
pub use host::{CallId, Host, HostError, SharedError, Side, Surroundings};
pub use offline::Offline;
pub use policy::{Facts, Faults};
pub use reply::{CACHE_HIT, REFUSAL, Reply};
pub use seen::Seen;
pub use settings::{Attachment, Bodies, Dependency, Encoded, FailureMode, Oversize, Settings, Upgrade};
pub use step::{Chunk, Edits, Next, Step};
pub use stream::{Flow, Stream};
