//! Any configuration: it is taken or refused, and never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugin::Plugin;

fuzz_target!(|config: &[u8]| {
    let _ = token_budget::TokenBudget::configure(config);
});
