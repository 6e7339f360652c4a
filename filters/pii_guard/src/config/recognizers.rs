//! Recognizers of the configuration, compiled.

use super::raw::RawRecognizer;
use crate::detect::{Custom, MAX, Pattern, all, checks};
use plugin::Faults;

/// The recognizers that are listed; what is wrong with them goes to `faults`.
pub fn customs(raw: &[RawRecognizer], faults: &mut Faults) -> Vec<Custom> {
    let mut customs = Vec::new();
    for (at, raw) in raw.iter().enumerate() {
        let key = format!("recognizers[{at}]");
        let named = !raw.entity.is_empty()
            && raw.entity.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !named || raw.entity.len() > 48 {
            faults.push(format!("{key}.entity"), "must be capitals, digits and _, at most 48");
        }
        if all().any(|row| row.entity == raw.entity) {
            faults.push(format!("{key}.entity"), "is the name of a built-in recognizer");
        }
        if raw.pattern.is_none() && raw.words.is_empty() {
            faults.push(key.clone(), "needs a pattern or words");
        }
        if !(0.0..=1.0).contains(&raw.score) {
            faults.push(format!("{key}.score"), "must be between 0 and 1");
        }
        let check: Option<checks::Check> = match raw.validator.as_deref() {
            None => None,
            Some("luhn") => Some(checks::luhn),
            Some("mod11_10") => Some(checks::mod11_10),
            Some("mod97") => Some(|value| checks::mod97(value.iter().copied()) == 1),
            Some("verhoeff") => Some(checks::verhoeff),
            Some("icao731") => Some(checks::icao731),
            Some(_) => {
                faults.push(format!("{key}.validator"), "must be luhn, mod11_10, mod97, verhoeff or icao731");
                None
            }
        };
        let pattern = match raw.pattern.as_deref().map(Pattern::new).transpose() {
            Ok(pattern) => pattern,
            Err(message) => {
                faults.push(format!("{key}.pattern"), message);
                None
            }
        };
        customs.push(Custom {
            entity: raw.entity.clone(),
            group: raw.group.clone(),
            pattern,
            words: raw.words.iter().filter(|word| !word.trim().is_empty()).cloned().collect(),
            check,
            context: raw.context.join("|"),
            score: raw.score,
        });
    }
    if customs.len() > MAX {
        faults.push("recognizers", "there are too many");
    }
    customs
}
