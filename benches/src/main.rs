//! What the filters cost: each beside a bare Envoy and a no-op filter, in one run, with a real load generator.
//!
//! `cargo run --release -p modelgate-bench -- --list` names the suites; benches/README.md says what the columns mean.

// Never part of what runs inside Envoy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod compare;
mod contender;
mod generator;
mod provision;
mod report;
mod request;
mod rounds;
mod series;
mod start;
mod suite;
mod suites;
mod upstream;
mod usage;

use anyhow::{Context, bail};
use clap::Parser;
use report::Report;
use std::io::Write;
use std::path::PathBuf;
use suite::{Plan, Suite, Work};

/// Measures what the filters cost, beside a bare Envoy and a no-op filter.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Suites to run; all where none is named.
    suites: Vec<String>,
    /// Seconds of load per chain and round.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Rounds; a figure is the median over them.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1000))]
    rounds: u64,
    /// Connections that ask at the same time.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    connections: u32,
    /// Only cases whose name holds this text.
    #[arg(long)]
    case: Option<String>,
    /// Writes the figures to this file, a JSON object per line.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Lists the suites and their cases, and measures nothing.
    #[arg(long)]
    list: bool,
    /// Is the upstream: what this program starts for itself.
    #[arg(long, hide = true)]
    serve_upstream: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.serve_upstream {
        return upstream::serve();
    }
    let chosen = choose(&arguments.suites)?;
    if arguments.list {
        let listing: String = chosen.iter().map(|suite| suite.listing()).collect();
        // Whoever reads may have enough, as `head` does.
        let _ = std::io::stdout().write_all(listing.as_bytes());
        return Ok(());
    }
    if cfg!(debug_assertions) {
        eprintln!("modelgate-bench: built without --release, so the upstream is slow and its share of the time large");
    }
    let plan = Plan {
        seconds: arguments.seconds,
        rounds: usize::try_from(arguments.rounds)?,
        connections: arguments.connections,
        case: arguments.case,
    };
    let mut report = Report::new(arguments.json.as_deref())?;
    let mut ran = 0;
    for suite in &chosen {
        ran += run(suite, &plan, &mut report).with_context(|| format!("suite {}", suite.name))?;
    }
    if ran == 0 {
        bail!("no case of these suites has {:?} in its name; --list names them", plan.case.unwrap_or_default());
    }
    Ok(())
}

/// The suites of these names, or all.
fn choose(names: &[String]) -> anyhow::Result<Vec<Suite>> {
    let mut all = suites::all();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|suite| suite.name != name.as_str())) {
        let known: Vec<&str> = all.iter().map(|suite| suite.name).collect();
        bail!("no suite {unknown}; there are: {}", known.join(", "));
    }
    all.retain(|suite| names.is_empty() || names.iter().any(|name| name == suite.name));
    Ok(all)
}

/// Runs a suite and says how many cases that were.
fn run(suite: &Suite, plan: &Plan, report: &mut Report) -> anyhow::Result<usize> {
    match &suite.work {
        Work::Requests(cases) => compare::run(suite.name, cases, plan, report),
        Work::Starts(chains) => start::run(suite.name, chains, plan, report),
        Work::Timings(timings) => suites::policy::run(suite.name, timings, plan, report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_checked() {
        assert!(Arguments::try_parse_from(["bench", "seam", "--seconds", "0"]).is_err());
        assert!(Arguments::try_parse_from(["bench", "--rounds", "x"]).is_err());
        let arguments = Arguments::try_parse_from(["bench", "seam", "load", "--json", "out"]).unwrap();
        assert_eq!(arguments.suites, ["seam", "load"]);
        assert_eq!((arguments.seconds, arguments.rounds, arguments.connections), (2, 5, 16));
    }

    #[test]
    fn suites_are_chosen_by_name() {
        assert_eq!(choose(&[]).unwrap().len(), suites::all().len());
        assert_eq!(choose(&["load".into()]).unwrap()[0].name, "load");
        let refused = choose(&["sim".into()]).err().unwrap().to_string();
        assert!(refused.contains("no suite sim") && refused.contains("seam"), "{refused}");
    }
}
