//! Trains the verifier of an embedder and writes its weights:
//!
//! `cargo run --release --example train_verifier -- MODEL_DIRECTORY banking77_train.csv > src/cache/decide/weights/minilm.json`
//!
//! `banking77_train.csv` are the training rows of BANKING77 (PolyAI, CC BY 4.0), `text,category`; its test rows are never
//! read. Each row is asked with itself taken out, once among all rows and once among a quarter of them, so that sparse places
//! are seen, too. The same rows give the same weights. On standard error: how it does on intents that it was not trained on.

use anyhow::Context as _;
use modelgate_cache::cache::{
    corpus::Corpus,
    decide::{
        features, guard,
        sentence::Sentence,
        verifier::{Head, Verifier, standard},
    },
    embed::{Embedder, Local, Name},
};

/// How strongly weights are drawn to zero: those of features that hold anywhere, and those of the place, which are many.
const RIDGE: f64 = 10.0;
const PLACE_RIDGE: f64 = 60.0;

struct Example {
    features: Vec<f32>,
    right: bool,
    category: String,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, rows] = arguments.as_slice() else { anyhow::bail!("usage: train_verifier MODEL_DIRECTORY ROWS.csv") };
    let embedder = Local::open(Name::Minilm, model.as_ref())?;
    let corpus = Corpus::open(rows.as_ref(), &embedder)?;
    let mut examples = examples(&corpus, 1);
    examples.extend(self::examples(&corpus, 4));
    eprintln!("{} examples", examples.len());
    held_out(&examples)?;
    let generic = features::PAIR + features::CROWD;
    let whole = examples.iter().map(|example| (example.features.as_slice(), example.right)).collect::<Vec<_>>();
    let near: Vec<(&[f32], bool)> = whole.iter().filter_map(|(x, y)| Some((x.get(..features::NEAR)?, *y))).collect();
    let verifier = Verifier {
        embedder: embedder.id().to_owned(),
        data: "BANKING77 training rows, Casanueva et al. 2020, PolyAI, CC BY 4.0".into(),
        enough: 0.98,
        near: fit(&near, features::NEAR)?,
        crowd: fit(&whole, generic)?,
    };
    println!("{}", serde_json::to_string(&verifier)?);
    Ok(())
}

/// Each row asked among the rows of its part, with itself taken out.
fn examples(corpus: &Corpus, parts: usize) -> Vec<Example> {
    let one = |at: usize| {
        let asked = corpus.asked(at)?;
        let question = Sentence::of(asked.text);
        let near = corpus.near(asked.vector, |other| other != at && other % parts == at % parts);
        let candidates = corpus.candidates(&near);
        let index = candidates.iter().position(|one| guard::differs(asked.text, one.text).is_none())?;
        let kept = candidates.get(index)?;
        let pair = features::pair(&question, asked.text, &Sentence::of(kept.text), kept.text, kept.similarity);
        let category = &corpus.rows.get(at)?.category;
        let right = corpus.rows.get(near.get(index)?.0)?.category == *category;
        let features = features::all(&pair, asked, &candidates, index)?;
        Some(Example { features, right, category: category.clone() })
    };
    (0..corpus.rows.len()).filter_map(one).collect()
}

/// Prints what share is accepted at 1 % wrong, each intent judged by weights that never saw it.
fn held_out(examples: &[Example]) -> anyhow::Result<()> {
    let generic = features::PAIR + features::CROWD;
    let fold = |example: &Example| example.category.bytes().map(usize::from).sum::<usize>() % 4;
    let (mut scored, mut plain) = (Vec::new(), Vec::new());
    for left_out in 0..4 {
        let (held, seen): (Vec<&Example>, Vec<&Example>) = examples.iter().partition(|one| fold(one) == left_out);
        let seen: Vec<(&[f32], bool)> = seen.iter().map(|one| (one.features.as_slice(), one.right)).collect();
        let head = fit(&seen, generic)?;
        for one in held {
            scored.push((head.probability(&one.features).unwrap_or_default(), one.right));
            plain.push((one.features.first().copied().unwrap_or_default(), one.right));
        }
    }
    for (name, scores) in [("verifier, unseen intents", &mut scored), ("similarity alone", &mut plain)] {
        scores.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut wrong, mut hits) = (0usize, 0usize);
        for (at, (_, right)) in scores.iter().enumerate() {
            wrong += usize::from(!right);
            if wrong * 100 <= scores.len() {
                hits = at + 1;
            }
        }
        eprintln!("{name}: {:.1} % accepted at 1 % wrong", 100.0 * hits as f64 / scores.len().max(1) as f64);
    }
    Ok(())
}

/// Logistic regression by Newton's method. The first `generic` features have the weaker ridge.
fn fit(examples: &[(&[f32], bool)], generic: usize) -> anyhow::Result<Head> {
    let count = examples.len() as f64;
    let size = examples.first().context("no examples")?.0.len();
    let mut mean = vec![0.0f64; size];
    let mut square = vec![0.0f64; size];
    for (x, _) in examples {
        for ((mean, square), x) in mean.iter_mut().zip(&mut square).zip(*x) {
            *mean += f64::from(*x) / count;
            *square += f64::from(*x).powi(2) / count;
        }
    }
    let deviation: Vec<f32> =
        mean.iter().zip(&square).map(|(mean, square)| (square - mean * mean).max(1e-12).sqrt() as f32).collect();
    let mean: Vec<f32> = mean.iter().map(|mean| *mean as f32).collect();
    let rows: Vec<Vec<f64>> = examples
        .iter()
        .map(|(x, _)| {
            let each = x.iter().zip(&mean).zip(&deviation);
            std::iter::once(1.0).chain(each.map(|((x, m), d)| f64::from(standard(*x, *m, *d)))).collect()
        })
        .collect();
    let ridge = |at: usize| {
        if at == 0 {
            0.0
        } else if at <= generic {
            RIDGE
        } else {
            PLACE_RIDGE
        }
    };
    let mut weights = vec![0.0f64; size + 1];
    for _ in 0..12 {
        let mut hessian = vec![vec![0.0f64; size + 1]; size + 1];
        let mut gradient: Vec<f64> = weights.iter().enumerate().map(|(at, weight)| -ridge(at) * weight).collect();
        for (row, (_, right)) in rows.iter().zip(examples) {
            let score: f64 = row.iter().zip(&weights).map(|(x, w)| x * w).sum();
            let probability = 1.0 / (1.0 + (-score).exp());
            let (off, bend) = (f64::from(u8::from(*right)) - probability, probability * (1.0 - probability));
            for ((line, gradient), x) in hessian.iter_mut().zip(&mut gradient).zip(row) {
                *gradient += off * x;
                let factor = bend * x;
                for (cell, y) in line.iter_mut().zip(row) {
                    *cell += factor * y;
                }
            }
        }
        for (at, line) in hessian.iter_mut().enumerate() {
            if let Some(cell) = line.get_mut(at) {
                *cell += ridge(at) + 1e-6;
            }
        }
        let step = solve(hessian, gradient).context("the features depend on each other")?;
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight += step);
        if step.iter().all(|step| step.abs() < 1e-7) {
            break;
        }
    }
    let round = |value: f64| ((value * 1e5).round() / 1e5) as f32;
    let (bias, weight) = weights.split_first().context("no weights")?;
    Ok(Head {
        bias: round(*bias),
        mean: mean.iter().map(|mean| round(f64::from(*mean))).collect(),
        deviation: deviation.iter().map(|deviation| round(f64::from(*deviation)).max(1e-5)).collect(),
        weight: weight.iter().map(|weight| round(*weight)).collect(),
    })
}

/// Gauss and Jordan with the largest pivot of each column.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    for column in 0..size {
        let pivot = (column..size).max_by(|a, b| {
            let at = |row: &usize| matrix.get(*row).and_then(|row| row.get(column)).map_or(0.0, |cell| cell.abs());
            at(a).total_cmp(&at(b))
        })?;
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let line = matrix.get(column)?.clone();
        let head = *line.get(column)?;
        let value = *right.get(column)?;
        if head.abs() < 1e-12 {
            return None;
        }
        for (at, (row, right)) in matrix.iter_mut().zip(&mut right).enumerate() {
            if at != column {
                let factor = row.get(column)? / head;
                row.iter_mut().zip(&line).skip(column).for_each(|(cell, pivot)| *cell -= factor * pivot);
                *right -= factor * value;
            }
        }
    }
    right.iter().zip(&matrix).enumerate().map(|(at, (right, row))| Some(right / row.get(at)?)).collect()
}
