//! A real HTTP server that speaks the model APIs, for `modelgate up --demo`, docker compose, tests and benchmarks.
//!
//! It answers in the wire shapes of OpenAI (chat completions, completions, embeddings, moderations, responses,
//! models), Anthropic (messages), Gemini (generateContent), Ollama (chat, generate), KServe (v2 infer, v1 predict) and Azure's deployment paths, as JSON and as server-sent events, over
//! HTTP/1.1 and HTTP/2 with prior knowledge. There is no model behind it: the answer is an echo, so that a test sees
//! both which version answered and what text arrived there.
//!
//! Three ways to steer it:
//! * [`Behaviour`]: per request by `x-demo-*` headers, or as the server's default;
//! * [`Script`]: a byte-exact answer for requests that carry `x-case: <key>`, whose arrival [`Received`] records;
//! * `/_demo/…`: the same over HTTP, for drivers in other processes (see [`control`]).
//!
//! It is not hardened: whoever reaches it may make it misbehave. That is its purpose.
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! let demo = demo_upstream::DemoUpstream::start(demo_upstream::Options::default())?;
//! println!("serving on {}", demo.addr());
//! # Ok(())
//! # }
//! ```

mod api;
mod ask;
mod behaviour;
mod body;
pub mod control;
mod delivery;
mod embedding;
mod endpoint;
pub mod grpc;
mod gzip;
mod header_bytes;
mod intake;
mod options;
mod received;
mod refusal;
mod reply;
mod script;
mod service;
mod serving;
mod sse;
mod turn;
mod upstream;
mod websocket;

pub use behaviour::{Abort, Behaviour, BehaviourError, Cut, ToolCall, UsageReport};
pub use options::Options;
pub use received::Received;
pub use script::Script;
pub use upstream::DemoUpstream;
