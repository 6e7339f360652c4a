//! The semantic cache: embedders, the decision, the stores, and the answers that are kept.

pub mod decide;
pub mod embed;
