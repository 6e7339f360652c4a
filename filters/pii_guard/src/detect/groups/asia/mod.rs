//! Asia and Oceania: a file for each country, or for those that have few.

mod china;
mod india;
mod japan;
mod korea;
mod oceania;
mod south_east;
mod west;

use crate::detect::recognizer::Recognizer;

/// All tables, in their order.
pub const TABLES: &[&[Recognizer]] = &[
    india::ROWS,
    china::ROWS,
    japan::ROWS,
    korea::ROWS,
    south_east::ROWS,
    west::ROWS,
    oceania::ROWS,
    south_east::VIETNAM,
];
