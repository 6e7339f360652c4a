//! `modelgate-cache measure`: how often a comparator errs, on labelled pairs of answers. Its counts go into the configuration,
//! and through it into the error budget's bound; without them the budget never opens.

use std::{path::PathBuf, sync::Arc};

use super::{
    corpus::{self, Label},
    decide::{AnswerEmbedding, Comparator, ComparatorError, Judge},
    embed::{Local, Name},
    http::{Server, Settings},
};

/// What `measure` is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Labelled pairs of answers: lines of `{"question", "a", "b", "label": 1 where both say the same, else 0}`.
    #[arg(long)]
    pub answers: PathBuf,
    /// The least cosine of equal answers, for the comparator `answer_embedding`.
    #[arg(long, default_value_t = 0.9)]
    pub least: f32,
    /// The directory that `fetch-model` filled, for `answer_embedding`.
    #[arg(long, env = "MODELGATE_MODEL", required_unless_present = "judge_url")]
    pub model: Option<PathBuf>,
    /// The chat completions address of a judge; measures it instead.
    #[arg(long, requires = "judge_model")]
    pub judge_url: Option<String>,
    /// The judge's model.
    #[arg(long)]
    pub judge_model: Option<String>,
    /// The judge's bearer token.
    #[arg(long, env = "MODELGATE_JUDGE_KEY", hide_env_values = true)]
    pub judge_key: Option<String>,
}

#[derive(serde::Deserialize)]
struct Pair {
    question: String,
    a: String,
    b: String,
    label: Label,
}

/// Runs it and prints the counts.
///
/// # Errors
///
/// A file, model or judge that cannot be used.
pub fn run(args: &Args) -> anyhow::Result<()> {
    anyhow::ensure!(args.least > 0.0 && args.least <= 1.0, "--least is a cosine above 0 and at most 1, such as 0.9");
    let pairs: Vec<Pair> = corpus::lines(&args.answers, r#"{"question", "a", "b", "label"}"#)?;
    let comparator: Box<dyn Comparator> = match (&args.judge_url, &args.judge_model, &args.model) {
        (Some(url), Some(model), _) => {
            let key = args.judge_key.clone();
            let settings = Settings { url: url.clone(), model: model.clone(), key, deadline_ms: 30_000 };
            Box::new(Judge::new(Server::new(settings), ComparatorError::default()))
        }
        (_, _, Some(model)) => {
            let embedder = Arc::new(Local::open(Name::Minilm, model)?);
            Box::new(AnswerEmbedding::new(embedder, args.least, ComparatorError::default()))
        }
        _ => anyhow::bail!("--model or --judge-url is needed"),
    };
    let bar = corpus::bar(pairs.len() as u64, "comparing");
    let (mut error, mut failed, mut reason) = (ComparatorError::default(), 0usize, String::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for pair in &pairs {
        match runtime.block_on(comparator.compare(&pair.question, &pair.a, &pair.b)) {
            Ok(said) => error.add(pair.label.0, said),
            Err(why) => (failed, reason) = (failed + 1, why),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    anyhow::ensure!(failed < pairs.len(), "no pair could be compared: {reason}");
    println!("comparator          {}", comparator.id());
    println!("different pairs     {}, {} of them called the same", error.different, error.missed);
    println!("equal pairs         {}, {} of them called different", error.same, error.blamed);
    let reason = if failed > 0 { format!(", the last one because {reason}") } else { String::new() };
    println!("not compared        {failed}{reason}");
    println!("for the configuration: {}", serde_json::to_string(&error)?);
    Ok(())
}
