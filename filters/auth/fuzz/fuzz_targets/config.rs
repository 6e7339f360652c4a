//! Any configuration: it is taken or refused, and never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|config: &[u8]| {
    let _ = auth::decide::Desk::new(config, &|_| None);
});
