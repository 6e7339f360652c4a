//! Any body: the scan takes what a full parser takes, and each built-in schema judges it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schema_validator::builtin::{DOCUMENTS, schema};
use schema_validator::json::{Limits, scan};
use schema_validator::shape::{Judging, Reading, Schema, Unknown};

thread_local! {
    static SCHEMAS: Vec<Schema> = DOCUMENTS.iter().map(|(name, _)| schema(name, Reading::Compatible).expect("compiles")).collect();
}

const LIMITS: Limits = Limits { depth: 100, members: 1000, items: 10_000, values: 100_000, string_bytes: 100_000, number_digits: 100 };

fuzz_target!(|body: &[u8]| {
    let parsed = serde_json::from_slice::<serde_json::Value>(body);
    let Ok(document) = scan(body, &LIMITS) else { return };
    assert!(parsed.is_ok(), "the scan took what the parser does not");
    for unknown in [Unknown::Allow, Unknown::Strip, Unknown::Refuse] {
        let judging = Judging { unknown, null_is_missing: true, defaults: true, ..Judging::default() };
        SCHEMAS.with(|schemas| {
            for schema in schemas {
                assert!(schema.judge(&document, judging).faults.len() <= 10);
            }
        });
    }
});
