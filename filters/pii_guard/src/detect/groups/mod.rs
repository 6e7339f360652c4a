//! The recognizers, by group: data only. Names are those of one list for all groups.

mod africa;
mod americas;
mod asia;
mod cards;
mod contact;
mod de;
mod eu;
mod health;
mod nordic;
pub mod secrets;
mod uk;
mod us;

use super::recognizer::Recognizer;

/// All recognizers, in one order: that of the groups.
pub fn all() -> impl Iterator<Item = &'static Recognizer> {
    let tables: [&[&[Recognizer]]; 12] = [
        &[cards::ROWS],
        &[contact::ROWS],
        &[secrets::ROWS],
        &[us::ROWS],
        &[uk::ROWS],
        &[de::ROWS],
        eu::TABLES,
        &[nordic::ROWS],
        &[americas::ROWS],
        asia::TABLES,
        &[africa::ROWS],
        &[health::ROWS],
    ];
    tables.into_iter().flatten().copied().flatten()
}
