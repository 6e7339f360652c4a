//! Questions from a file with their vectors, and who lies near whom. What [`replay`](super::replay) decides on and what the
//! verifier is trained on; the service itself keeps its entries in a store.

use std::{io::IsTerminal, path::Path};

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    decide::{Asked, Candidate, Decision},
    embed::{EmbedError, Local},
};

/// A row of a file: `text,category`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// A question.
    pub text: String,
    /// What it wants: two questions of one category have one answer. No decision sees it.
    pub category: String,
}

/// Reads a CSV file with the head `text,category`.
///
/// # Errors
///
/// What is wrong, with the file and line.
pub fn rows(path: &Path) -> anyhow::Result<Vec<Row>> {
    let wrong = |error: csv::Error| anyhow::anyhow!("{}: {error}", path.display());
    let rows: Vec<Row> =
        csv::Reader::from_path(path).map_err(wrong)?.deserialize().collect::<Result<_, _>>().map_err(wrong)?;
    anyhow::ensure!(!rows.is_empty(), "{}: no rows below the head `text,category`", path.display());
    Ok(rows)
}

/// What one thread made: vectors, or the place of the text that it stopped at.
type Part = Result<Vec<Vec<f32>>, (usize, EmbedError)>;

/// The vectors of many texts, made on all cores, with a bar where somebody watches.
///
/// # Errors
///
/// The first text that cannot be embedded, by its number from 1.
pub fn vectors(embedder: &Local, texts: &[&str], what: &str) -> anyhow::Result<Vec<Vec<f32>>> {
    let bar = bar(texts.len() as u64, what);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = texts.len().div_ceil(threads).max(1);
    let parts: Vec<Part> = std::thread::scope(|scope| {
        let work = |(chunk, texts): (usize, &[&str])| {
            let one = |(at, text): (usize, &&str)| {
                bar.inc(1);
                embedder.vector(text).map_err(|error| (chunk * part + at, error))
            };
            texts.iter().enumerate().map(one).collect()
        };
        let started: Vec<_> = texts.chunks(part).enumerate().map(|chunk| scope.spawn(move || work(chunk))).collect();
        let gone = |_| Err((0, EmbedError::Broken("a thread ended without a word".into())));
        started.into_iter().map(|thread| thread.join().unwrap_or_else(gone)).collect()
    });
    bar.finish_and_clear();
    let mut all = Vec::with_capacity(texts.len());
    for part in parts {
        all.extend(part.map_err(|(at, error)| anyhow::anyhow!("text {}: {error}", at + 1))?);
    }
    Ok(all)
}

/// A bar on standard error; a line where nobody watches.
pub(super) fn bar(length: u64, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("{what}: {length} ...");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length).with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}

/// Questions with their vectors.
pub struct Corpus {
    /// The questions.
    pub rows: Vec<Row>,
    /// Their vectors, in the same order.
    pub vectors: Vec<Vec<f32>>,
}

/// A neighbour: its place in the corpus and its cosine.
pub type Near = (usize, f32);

impl Corpus {
    /// Reads and embeds a file.
    ///
    /// # Errors
    ///
    /// As [`rows`] and [`vectors`].
    pub fn open(path: &Path, embedder: &Local) -> anyhow::Result<Self> {
        let rows = rows(path)?;
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let vectors = vectors(embedder, &texts, &format!("embedding {}", path.display()))?;
        Ok(Self { rows, vectors })
    }

    /// The nearest rows to a vector, best first, as many as a decision wants. `admits` says which rows count.
    #[must_use]
    pub fn near(&self, vector: &[f32], admits: impl Fn(usize) -> bool) -> Vec<Near> {
        let mut best: Vec<Near> = Vec::with_capacity(Decision::CANDIDATES + 1);
        for (at, kept) in self.vectors.iter().enumerate().filter(|(at, _)| admits(*at)) {
            let cosine: f32 = dot(kept, vector);
            if best.len() < Decision::CANDIDATES || best.last().is_some_and(|last| cosine > last.1) {
                let place = best.partition_point(|other| other.1 >= cosine);
                best.insert(place, (at, cosine));
                best.truncate(Decision::CANDIDATES);
            }
        }
        best
    }

    /// The candidates for neighbours.
    #[must_use]
    pub fn candidates(&self, near: &[Near]) -> Vec<Candidate<'_>> {
        let candidate = |(at, similarity): &Near| {
            let (row, vector) = (self.rows.get(*at)?, self.vectors.get(*at)?);
            Some(Candidate { entry: "", text: &row.text, similarity: *similarity, vector: Some(vector) })
        };
        near.iter().filter_map(candidate).collect()
    }

    /// Row `at` as a question.
    #[must_use]
    pub fn asked(&self, at: usize) -> Option<Asked<'_>> {
        Some(Asked { text: &self.rows.get(at)?.text, vector: self.vectors.get(at)? })
    }
}

/// Sixteen sums at once, which the compiler turns into vector code.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, _) = a.as_chunks::<16>();
    let (b, _) = b.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}
