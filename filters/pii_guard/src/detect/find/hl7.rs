//! The segment of a message of HL7 version 2 that identifies a patient (HL7 2.5.1, section 3.4.2): `PID|1||00482913^^^A^MR||ROE^JANE||19850312|F`.

use super::{Found, run};
use crate::detect::checks::dates::yyyymmdd;
use crate::detect::surroundings::Scene;

/// The numbers of the fields of a patient's identifiers and of the birth.
const IDENTIFIERS: usize = 3;
const BIRTH: usize = 7;

/// The patient's first identifier and the birth in the segment that starts at `start`, whose name ends at `end` with its bar.
pub fn patient(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let opens = matches!(scene.before(start, 1), b'\n' | b'\r' | b'"' | b'\'' | b' ' | 0);
    if !opens || scene.bytes.get(start..end) != Some(b"PID|") {
        return;
    }
    let mut at = end;
    for field in 1..=BIRTH {
        let to = run(scene.bytes, at, 250, |b| !matches!(b, b'|' | b'\n' | b'\r'));
        let first = run(scene.bytes, at, to - at, |b| b.is_ascii_alphanumeric() || b == b'-');
        let value = scene.bytes.get(at..first).unwrap_or_default();
        if field == IDENTIFIERS && value.len() >= 4 && value.iter().any(u8::is_ascii_digit) {
            see(Found { entity: "MEDICAL_RECORD_NUMBER", start: at, end: first, score: Some(0.75) });
        }
        if field == BIRTH && value.get(..8).is_some_and(yyyymmdd) {
            see(Found { entity: "DATE_OF_BIRTH", start: at, end: first, score: Some(0.8) });
        }
        // A stream keeps no more of what is before.
        if scene.at(to) != b'|' || (!scene.looks_ahead && to > end + 80) {
            return;
        }
        at = to + 1;
    }
}
