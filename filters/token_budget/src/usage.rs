//! What a call used, what that costs, and how it is read from a response.

mod price;
mod ratio;
mod reader;

pub(crate) use price::{Measure, Price, Work, part};
pub(crate) use ratio::Ratios;
pub(crate) use reader::{Progress, Reader};
