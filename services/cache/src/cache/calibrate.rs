//! `modelgate-cache calibrate`: what a threshold costs and brings on labelled pairs of questions.

use std::path::PathBuf;

use cache_api::cache::Rules;

use super::{
    corpus::{self, Label},
    decide::{Asked, Candidate, Decision, Verdict},
    embed::{Embedder, Local, Name},
};

/// What `calibrate` is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Labelled pairs: lines of `{"a": question, "b": question, "label": 1 where one answer serves both, else 0}`.
    #[arg(long)]
    pub pairs: PathBuf,
    /// The bearable share of different pairs that are accepted.
    #[arg(long, default_value_t = 0.01)]
    pub max_wrong_hits: f64,
    /// The directory that `fetch-model` filled.
    #[arg(long, env = "MODELGATE_MODEL")]
    pub model: PathBuf,
    /// The embedder.
    #[arg(long, value_enum, default_value_t = Name::Minilm)]
    pub embedder: Name,
}

#[derive(serde::Deserialize)]
struct Pair {
    a: String,
    b: String,
    label: Label,
}

/// One row of the table that is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Pairs at or above this similarity that the guard lets through are accepted.
    pub threshold: f32,
    /// Equal pairs that are accepted.
    pub hits: usize,
    /// Different pairs that are accepted.
    pub wrong: usize,
}

/// Runs it and prints the table.
///
/// # Errors
///
/// A file or model that cannot be used.
pub fn run(args: &Args) -> anyhow::Result<()> {
    anyhow::ensure!(
        (0.0..1.0).contains(&args.max_wrong_hits),
        "--max-wrong-hits is a share, 0 to below 1, such as 0.01"
    );
    let pairs: Vec<Pair> = corpus::lines(&args.pairs, r#"{"a", "b", "label"}"#)?;
    for (label, kind) in [(true, "equal"), (false, "different")] {
        anyhow::ensure!(
            pairs.iter().any(|pair| pair.label.0 == label),
            "{}: no {kind} pair; a threshold is found between equal and different ones",
            args.pairs.display()
        );
    }
    let embedder = Local::open(args.embedder, &args.model)?;
    let texts: Vec<&str> = pairs.iter().flat_map(|pair| [pair.a.as_str(), pair.b.as_str()]).collect();
    let vectors = corpus::vectors(&embedder, &texts, "embedding")?;
    let decision = Decision::of(embedder.id());
    let mut judged = Vec::with_capacity(pairs.len());
    for (pair, vectors) in pairs.iter().zip(vectors.chunks_exact(2)) {
        if let [a, b] = vectors {
            judged.push((similarity(&decision, pair, a, b), pair.label.0));
        }
    }
    let equal = judged.iter().filter(|(_, same)| *same).count();
    let different = judged.len() - equal;
    let bearable = (args.max_wrong_hits * different as f64).floor() as usize;
    let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
    println!("{} equal and {} different pairs, {}", equal, different, embedder.id());
    let unseen = vectors.iter().filter(|vector| vector.is_empty()).count();
    if unseen > 0 {
        println!("{unseen} questions are empty or longer than the embedder sees: they never hit");
    }
    println!("threshold     hits             wrong hits");
    for step in (0..=20u8).rev() {
        let line = accepted(&judged, 0.80 + f32::from(step) / 100.0);
        println!(
            "{:>9.2} {:>8} {:>6.1} % {:>8} {:>6.2} %",
            line.threshold,
            line.hits,
            share(line.hits, equal),
            line.wrong,
            share(line.wrong, different)
        );
    }
    match best(&judged, bearable) {
        Some(line) => println!(
            "use threshold {:.4}: {} hits ({:.1} % of equal pairs), {} wrong ({:.2} % of different pairs)",
            line.threshold,
            line.hits,
            share(line.hits, equal),
            line.wrong,
            share(line.wrong, different)
        ),
        None => println!(
            "no threshold keeps wrong hits at or below {:.2} % of different pairs",
            100.0 * args.max_wrong_hits
        ),
    }
    Ok(())
}

/// The similarity of a pair that the guard lets through; `None` of one that it refuses.
fn similarity(decision: &Decision, pair: &Pair, a: &[f32], b: &[f32]) -> Option<f32> {
    if a.is_empty() || b.is_empty() {
        // No vector, no semantic hit.
        return None;
    }
    let similarity = a.iter().zip(b).map(|(a, b)| a * b).sum();
    let kept = Candidate { entry: "", text: &pair.b, similarity, vector: Some(b) };
    // The least threshold there is, and every score: what is left is the guard's word.
    let rules = Rules { threshold: -1.0, max_wrong_hits: 1.0, ..Rules::default() };
    match decision.judge(&rules, Asked { text: &pair.a, vector: a }, &[kept]) {
        Verdict::Accepted(hit) => Some(hit.similarity),
        Verdict::Refused(_) => None,
    }
}

fn accepted(judged: &[(Option<f32>, bool)], threshold: f32) -> Line {
    let count =
        |want: bool| judged.iter().filter(|(at, same)| *same == want && at.is_some_and(|at| at >= threshold)).count();
    Line { threshold, hits: count(true), wrong: count(false) }
}

/// The lowest threshold, to four digits, that accepts no more different pairs than are bearable.
fn best(judged: &[(Option<f32>, bool)], bearable: usize) -> Option<Line> {
    let lines = (0..=10_000u16).map(|step| accepted(judged, f32::from(step) / 10_000.0));
    lines.into_iter().find(|line| line.wrong <= bearable && line.hits > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_threshold_that_is_bearable_is_used() {
        let judged = [(Some(0.9), true), (Some(0.85), false), (Some(0.82), true), (None, false), (None, true)];
        assert_eq!(best(&judged, 0).map(|line| (line.hits, line.wrong)), Some((1, 0)));
        assert_eq!(best(&judged, 1).map(|line| (line.hits, line.wrong)), Some((2, 1)));
        assert_eq!(best(&[(Some(0.9), false)], 0), None);
    }
}
