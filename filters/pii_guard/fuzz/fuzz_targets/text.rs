//! Any text: what `tests/hostile.rs` asks of a text, on all bytes that are one.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/hostile/targets.rs"]
mod targets;

fuzz_target!(|text: &str| targets::text(text));
