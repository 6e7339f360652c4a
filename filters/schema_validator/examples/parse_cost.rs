//! What a built-in schema costs beside parsing: `cargo run --release --example parse_cost -p modelgate-schema-validator`.

use schema_validator::builtin::schema;
use schema_validator::json::{Limits, scan};
use schema_validator::shape::{Judging, Reading};
use std::hint::black_box;
use std::time::Instant;

#[allow(clippy::indexing_slicing)]
fn main() {
    let limits =
        Limits { depth: 64, members: 4096, items: 1 << 20, values: 1 << 20, string_bytes: 16 << 20, number_digits: 64 };
    let Ok(schema) = schema("openai.chat", Reading::Compatible) else { return };
    for (size, content) in [(2 << 10, 100), (120 << 10, 100), (120 << 10, 1000)] {
        let message = format!(r#"{{"role":"user","content":"{}"}}"#, "word ".repeat(content / 5));
        let messages = vec![message.as_str(); size / message.len()].join(",");
        let body = format!(r#"{{"model":"m","temperature":0.5,"messages":[{messages}]}}"#);
        let mut best = [f64::MAX; 2];
        for _ in 0..50 {
            let start = Instant::now();
            for _ in 0..20 {
                black_box(serde_json::from_slice::<serde_json::Value>(black_box(body.as_bytes())).is_ok());
            }
            best[0] = best[0].min(start.elapsed().as_secs_f64() / 20.0);
            let start = Instant::now();
            for _ in 0..20 {
                let document = scan(black_box(body.as_bytes()), &limits);
                black_box(document.is_ok_and(|it| schema.judge(&it, Judging::default()).faults.is_empty()));
            }
            best[1] = best[1].min(start.elapsed().as_secs_f64() / 20.0);
        }
        let [parse, judge] = best.map(|seconds| seconds * 1e6);
        println!("{} bytes: parse {parse:.1} µs, scan and judge {judge:.1} µs, {:.2} times", body.len(), judge / parse);
    }
}
