//! What an embedding and a decision cost on this machine: `cargo run --release --example latency -- MODEL_DIRECTORY`.

use std::{hint::black_box, path::Path, time::Instant};

use cache_api::cache::{Rules, Step};
use modelgate_cache::cache::{
    decide::{Asked, Candidate, Decision, Refused, Verdict},
    embed::{Embedder, Local, Name},
};

const TEN_WORDS: &str = "How do I reset the password of my account today?";

fn main() -> anyhow::Result<()> {
    let directory = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("usage: latency MODEL_DIRECTORY"))?;
    for name in [Name::Static, Name::Minilm] {
        let embedder = Local::open(name, Path::new(&directory))?;
        let vector = embedder.vector(TEN_WORDS)?;
        measure(&format!("embed ten words, {}", embedder.id()), || black_box(embedder.vector(TEN_WORDS)).is_ok());
        let fifty = TEN_WORDS.repeat(5);
        measure(&format!("embed fifty words, {}", embedder.id()), || black_box(embedder.vector(&fifty)).is_ok());
        let decision = Decision::of(embedder.id());
        let near: Vec<f32> = (0..Decision::CANDIDATES).map(|at| 0.97 - at as f32 / 100.0).collect();
        let kept = |similarity: &f32| Candidate {
            entry: "",
            text: "How can I reset my account's password now?",
            similarity: *similarity,
            vector: Some(&vector),
        };
        let candidates: Vec<Candidate<'_>> = near.iter().map(kept).collect();
        let asked = Asked { text: TEN_WORDS, vector: &vector };
        let rules = Rules { max_wrong_hits: 0.5, ..Rules::default() };
        measure("decide among ten candidates", || {
            black_box(decision.judge(&rules, asked, &candidates))
                != Verdict::Refused(Refused { step: Step::Refresh, similarity: 0.0, reason: "" })
        });
    }
    Ok(())
}

fn measure(what: &str, mut step: impl FnMut() -> bool) {
    let mut micros: Vec<f64> = (0..600)
        .map(|_| {
            let begun = Instant::now();
            assert!(step(), "{what} failed");
            begun.elapsed().as_secs_f64() * 1e6
        })
        .skip(100)
        .collect();
    micros.sort_by(f64::total_cmp);
    let at = |share: usize| micros.get(micros.len() * share / 100).copied().unwrap_or_default();
    println!("{what}: p50 {:.1} µs, p99 {:.1} µs", at(50), at(99));
}
