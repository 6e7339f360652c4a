//! `modelgate-cache replay`: what the whole decision would do with real questions. One file fills a cache, the other is asked;
//! a hit is right where both questions have one category.
//!
//! The decision never sees a category. Categories set one number, the least score that is enough, on the cached rows alone:
//! each is asked with itself taken out. A cache's own rows resemble each other more than a stranger's question resembles
//! them (many were written in one sitting), so the threshold is set to a third of the bearable share; on BANKING77 strangers
//! are answered wrongly two to three times as often as rows left out.

use std::path::PathBuf;

use cache_api::cache::Rules;

use super::{
    corpus::Corpus,
    decide::{Asked, Decision, Verdict},
    embed::{Embedder, Local, Name},
};

/// Above every least score.
const EXACT: f32 = 3.0;

/// What `replay` is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Questions that fill the cache: CSV, `text,category`.
    #[arg(long)]
    pub cached: PathBuf,
    /// Questions that are asked: CSV, `text,category`.
    #[arg(long)]
    pub queries: PathBuf,
    /// The bearable share of wrong answers among all requests.
    #[arg(long, default_value_t = 0.01)]
    pub max_wrong: f64,
    /// By how much the threshold is set stricter than the cached rows ask for.
    #[arg(long, default_value_t = 3.0)]
    pub margin: f64,
    /// The directory that `fetch-model` filled.
    #[arg(long, env = "MODELGATE_MODEL")]
    pub model: PathBuf,
    /// The embedder.
    #[arg(long, value_enum, default_value_t = Name::Minilm)]
    pub embedder: Name,
}

/// What became of the questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Questions asked.
    pub asked: usize,
    /// Those that an entry answered.
    pub hits: usize,
    /// Hits whose category is another.
    pub wrong: usize,
    /// The least score that was enough; above 1 where no score was.
    pub enough: f32,
}

/// Runs it and prints the outcome.
///
/// # Errors
///
/// A file or model that cannot be used.
pub fn run(args: &Args) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.max_wrong > 0.0 && args.max_wrong < 1.0,
        "--max-wrong is a share between 0 and 1, such as 0.01"
    );
    anyhow::ensure!(args.margin >= 1.0, "--margin is 1 or more");
    let embedder = Local::open(args.embedder, &args.model)?;
    let cached = Corpus::open(&args.cached, &embedder)?;
    let queries = Corpus::open(&args.queries, &embedder)?;
    let decision = Decision::of(embedder.id());
    let alone = scores(&decision, &cached, &cached, true);
    let enough = threshold(&alone, args.max_wrong / args.margin);
    let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
    let rehearsed = outcome(&alone, enough);
    let seen = outcome(&scores(&decision, &cached, &queries, false), enough);
    println!("embedder            {}", embedder.id());
    if enough > 1.0 {
        println!(
            "least score         none: the cached rows show none that is right often enough; equal questions alone hit"
        );
    } else {
        println!("least score         {enough:.4}, from the cached rows, each left out once");
    }
    println!(
        "cached rows         {}, hits {:.1} %, wrong {:.2} %",
        rehearsed.asked,
        share(rehearsed.hits, rehearsed.asked),
        share(rehearsed.wrong, rehearsed.asked)
    );
    for (corpus, what) in [(&cached, "cached rows"), (&queries, "queries")] {
        if corpus.unseen() > 0 {
            println!("{} of the {what} are empty or longer than the embedder sees: they never hit", corpus.unseen());
        }
    }
    println!("queries             {}", seen.asked);
    println!("hits                {} ({:.1} % of requests)", seen.hits, share(seen.hits, seen.asked));
    println!(
        "wrong hits          {} ({:.2} % of requests, {:.2} % of hits)",
        seen.wrong,
        share(seen.wrong, seen.asked),
        share(seen.wrong, seen.hits)
    );
    Ok(())
}

/// For each question the score of the entry that the guard lets answer, and whether it is right; `None` where there is none.
fn scores(decision: &Decision, cached: &Corpus, asked: &Corpus, without_itself: bool) -> Vec<Option<(f32, bool)>> {
    let bar = super::corpus::bar(asked.rows.len() as u64, "deciding");
    // Everything that might pass is wanted with its score; the least score is laid on afterwards.
    let rules = Rules { max_wrong_hits: 1.0, ..Rules::default() };
    let one = |at: usize| {
        bar.inc(1);
        let question: Asked<'_> = asked.asked(at)?;
        let near = cached.near(question.vector, |other| !(without_itself && other == at));
        // The very question: the exact tier answers it before anything is judged.
        let equal = near.iter().filter_map(|(at, _)| cached.rows.get(*at)).find(|row| row.text == question.text);
        if let Some(entry) = equal {
            return Some((EXACT, entry.category == asked.rows.get(at)?.category));
        }
        let Verdict::Accepted(hit) = decision.judge(&rules, question, &cached.candidates(&near)) else { return None };
        let entry = cached.rows.get(near.get(hit.index)?.0)?;
        Some((hit.score, entry.category == asked.rows.get(at)?.category))
    };
    let scores = (0..asked.rows.len()).map(one).collect();
    bar.finish_and_clear();
    scores
}

/// The least score at which no more than this share of all questions is answered wrongly; above 1 where none is low enough.
fn threshold(scores: &[Option<(f32, bool)>], share: f64) -> f32 {
    let mut known: Vec<(f32, bool)> = scores.iter().flatten().copied().collect();
    known.sort_by(|a, b| b.0.total_cmp(&a.0));
    let bearable = share * scores.len() as f64;
    let (mut wrong, mut least) = (0usize, 2.0);
    for same in known.chunk_by(|a, b| a.0 == b.0) {
        wrong += same.iter().filter(|(_, right)| !right).count();
        if wrong as f64 > bearable {
            break;
        }
        least = same.first().map_or(least, |(score, _)| score.min(2.0));
    }
    least
}

fn outcome(scores: &[Option<(f32, bool)>], enough: f32) -> Outcome {
    let hits: Vec<bool> =
        scores.iter().flatten().filter(|(score, _)| *score >= enough).map(|(_, right)| *right).collect();
    let wrong = hits.iter().filter(|right| !**right).count();
    Outcome { asked: scores.len(), hits: hits.len(), wrong, enough }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_bears_no_more_than_was_asked() {
        let scores = [Some((0.9, true)), Some((0.8, false)), Some((0.8, true)), Some((0.7, true)), None];
        assert_eq!(threshold(&scores, 0.0), 0.9, "equal scores stand or fall together");
        assert_eq!(threshold(&scores, 0.2), 0.7);
        assert!(threshold(&[Some((1.0, false))], 0.5) > 1.0);
        // Equal questions are answered whatever the threshold, and their wrong answers count.
        let exact = [Some((EXACT, true)), Some((EXACT, false)), Some((0.9, true))];
        assert!(threshold(&exact, 0.3) > 1.0);
        assert_eq!(outcome(&exact, 2.0), Outcome { asked: 3, hits: 2, wrong: 1, enough: 2.0 });
        assert_eq!(threshold(&exact, 0.4), 0.9);
        assert_eq!(outcome(&scores, 0.8), Outcome { asked: 5, hits: 3, wrong: 1, enough: 0.8 });
    }
}
