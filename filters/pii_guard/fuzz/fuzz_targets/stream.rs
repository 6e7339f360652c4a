//! Any event stream in any pieces: what `tests/hostile.rs` asks of a stream.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/hostile/targets.rs"]
mod targets;

fuzz_target!(|input: (Vec<u8>, u8)| targets::stream(&input.0, usize::from(input.1)));
