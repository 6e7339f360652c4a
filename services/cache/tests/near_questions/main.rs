//! The whole decision, with the real embedder, on questions that lie near each other: 204 pairs that want different answers, by what
//! makes the difference, and 94 that want the same. Written for this project, by what users ask and not by what the guard
//! knows; `modelgate-cache calibrate --pairs` reads the file, too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use cache_api::cache::Rules;
use modelgate_cache::cache::decide::{Asked, Candidate, Decision, Verdict, guard};
use modelgate_cache::cache::embed::{Embedder, Local, Name};
use modelgate_cache::cache::fetch_model;
use std::path::PathBuf;

#[derive(serde::Deserialize)]
struct Pair {
    class: String,
    a: String,
    b: String,
    label: u8,
}

fn pairs() -> Vec<Pair> {
    include_str!("pairs.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn embedder() -> Local {
    let given = std::env::var_os("MODELGATE_MODEL").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/model").into());
    fetch_model::fetch(&folder, None).unwrap();
    Local::open(Name::Minilm, &folder).unwrap()
}

/// What became of the pairs of one label.
#[derive(Debug, Default)]
struct Seen {
    pairs: usize,
    /// The guard lets them pass.
    pass: usize,
    /// They are answered where the other question of the pair is the only entry.
    answered: Vec<String>,
}

fn judged() -> [Seen; 2] {
    let (embedder, mut seen) = (embedder(), <[Seen; 2]>::default());
    let decision = Decision::of(embedder.id());
    for pair in pairs() {
        let (a, b) = (embedder.vector(&pair.a).unwrap(), embedder.vector(&pair.b).unwrap());
        let similarity = a.iter().zip(&b).map(|(a, b)| a * b).sum();
        let kept = Candidate { entry: "", text: &pair.b, similarity, vector: Some(&b) };
        let seen = &mut seen[usize::from(pair.label)];
        seen.pairs += 1;
        seen.pass += usize::from(guard::differs(&pair.a, &pair.b).is_none());
        let verdict = decision.judge(&Rules::default(), Asked { text: &pair.a, vector: &a }, &[kept]);
        if let Verdict::Accepted(_) = verdict {
            seen.answered.push(format!("{}: {} | {}", pair.class, pair.a, pair.b));
        }
    }
    seen
}

#[test]
fn what_differs_is_not_answered_and_what_is_the_same_is() {
    let [different, same] = judged();
    println!("{different:#?}");
    println!("{} of {} equal pairs pass the guard, {} are answered", same.pass, same.pairs, same.answered.len());
    assert_eq!((different.pairs, same.pairs), (204, 94));
    // Two things that change their qualities, which no rule sees.
    assert!(different.answered.len() <= 1, "{:#?}", different.answered);
    assert!(different.pass <= 15, "the guard lets {} different pairs pass", different.pass);
    assert!(same.pass >= 92, "the guard refuses {} equal pairs", same.pairs - same.pass);
    assert!(same.answered.len() >= 36, "{} equal pairs are answered", same.answered.len());
}
