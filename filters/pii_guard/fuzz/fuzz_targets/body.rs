//! Any body of a model API: what `tests/hostile.rs` asks of a body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/hostile/targets.rs"]
mod targets;

fuzz_target!(|body: &str| targets::body(body));
