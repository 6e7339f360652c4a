//! The semantic cache: embedders, the decision, the stores, and the answers that are kept.

pub mod calibrate;
pub mod corpus;
pub mod decide;
pub mod embed;
pub mod fetch_model;
pub mod http;
pub mod replay;
