//! What travels between a client and a model: the model APIs as Modelgate's filters read, refuse and edit them.
//!
//! | question | answer |
//! |---|---|
//! | which API does this request speak, and which model does its path name? | [`endpoint`] |
//! | what stands around that model, so that another can be named there? | [`path_model`] |
//! | what does the request's body ask for? | [`Request`] |
//! | which models does it name, wherever they stand, in JSON or in a form? | [`NamedModels`], [`models_in_query`] |
//! | which texts does it carry, and where? | [`Request::visit`] |
//! | how is one member changed and every other byte kept? | [`with_model`], [`with_include_usage`], [`splice`] |
//! | where do the messages of a stream begin and end? | [`Frames`]; of events alone [`sse::Framer`] |
//! | what does a response, or one event of it, say? | [`Answer`] |
//! | how is a call refused in the client's own dialect? | [`ApiError`] |
//! | about how many tokens is this text? | [`estimate_tokens`] |
//!
//! Everything here is a pure function of bytes: no host, no clock, no configuration, no policy. Bodies come from
//! strangers: nothing panics, nothing recurses by the input's depth, each byte is read a bounded number of times,
//! and no error quotes what it read.

mod answer;
mod api;
mod batch;
mod body_error;
mod edit;
mod endpoint;
mod error;
mod estimate;
mod form;
mod frames;
mod json;
mod named;
mod path;
mod path_model;
mod prompt;
mod request;
mod rows;
pub mod sse;
mod usage;

pub use answer::{Answer, Fault, Finish, Output, OutputKind, Slot, each_answer};
pub use api::{Api, Family};
pub use batch::batch_requests;
pub use body_error::{BodyError, BodyFault};
pub use edit::{splice, with_include_usage, with_model, with_model_in_requests};
pub use endpoint::{Endpoint, endpoint, path_ends};
pub use error::{ApiError, ErrorKind};
pub use estimate::estimate_tokens;
pub use form::model_in_form;
pub use frames::{Frame, Frames, Framing, Message};
pub use json::MAX_DEPTH;
pub use named::{NamedModels, is_named_in_query, models_in_query, with_model_in_query};
pub use path_model::{PathModel, path_model};
pub use prompt::{Part, PartKind, Pointer, Role};
pub use request::{AnyRequest, Request, StreamOptions};
pub use rows::rows;
pub use usage::{Media, Usage};
