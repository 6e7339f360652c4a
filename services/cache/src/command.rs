//! The command line of `modelgate-cache`, and what its exit codes mean.

use crate::cache::{calibrate, fetch_model, measure, replay};
use crate::server::config::ConfigError;
use crate::server::{Config, StartError, log, run};
use clap::{Args, Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The semantic cache and the shared budget of a gateway.
#[derive(Parser)]
#[command(version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 it ended as it was told, 1 it failed, 2 the command line is wrong, 3 the configuration is \
wrong, 4 it cannot listen, 5 a store cannot be opened, 6 calls were cut off at the end";

#[derive(Subcommand)]
enum Command {
    /// Run the service until SIGTERM or SIGINT
    Serve(Configured),
    /// Validate the configuration and end
    Check(Configured),
    /// Get the embedding model, check it, and distil the static table from it
    FetchModel(fetch_model::Args),
    /// Distil the static table from a model that is there
    Distill(fetch_model::DistillArgs),
    /// Find the threshold for labelled pairs of questions
    Calibrate(calibrate::Args),
    /// Replay questions against a filled cache and count wrong hits
    Replay(replay::Args),
    /// Measure how often a comparator errs on labelled pairs of answers
    Measure(measure::Args),
}

#[derive(Args)]
struct Configured {
    /// The configuration, YAML; variables `MODELGATE_CACHE_...` override it, and are enough without it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Configured {
    fn load(&self) -> Result<Config, Failure> {
        let config = Config::load(self.config.as_deref(), std::env::vars())?;
        if let Some(files) = &config.tls {
            crate::server::check_tls(files)?;
        }
        Ok(config)
    }
}

/// Why the command fails.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Start(#[from] StartError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0:#}")]
    Command(#[from] anyhow::Error),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Start(StartError::Tls(_)) => 3,
            Self::Start(StartError::Listen(..)) => 4,
            Self::Start(StartError::Store(_) | StartError::Cache(_)) => 5,
            Self::Start(StartError::CutOff(_)) => 6,
            Self::Start(_) | Self::Io(_) | Self::Command(_) => 1,
        }
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve(configured) => configured.load().and_then(serve),
        Command::Check(configured) => configured.load().map(|_| println!("the configuration is good")),
        Command::FetchModel(args) => fetch_model::run(&args).map_err(Failure::from),
        Command::Distill(args) => fetch_model::distill(&args).map_err(Failure::from),
        Command::Calibrate(args) => calibrate::run(&args).map_err(Failure::from),
        Command::Replay(args) => replay::run(&args).map_err(Failure::from),
        Command::Measure(args) => measure::run(&args).map_err(Failure::from),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            text.lines().for_each(|line| eprintln!("modelgate-cache: {line}"));
            ExitCode::from(failure.code())
        }
    }
}

fn serve(config: Config) -> Result<(), Failure> {
    log::set_up(config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let stop = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        // Whoever started it reads this line, and may have closed the pipe since.
        let ready = |addresses: &_| _ = writeln!(std::io::stdout(), "ready {addresses}");
        Ok(run(config, stop, ready).await?)
    });
    // What was cut off is not waited for.
    runtime.shutdown_background();
    done
}
