//! Signs of life on long steps.

use super::Error;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// Runs a step that may take long, and shows that it runs.
pub fn slow<T>(what: &str, step: impl FnOnce(&mut dyn FnMut(&str)) -> Result<T, Error>) -> Result<T, Error> {
    let begun = Instant::now();
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    let piped = !io::stderr().is_terminal();
    if piped {
        eprintln!("{what} ...");
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    let outcome = step(&mut |says| {
        bar.set_message(says.to_owned());
        if piped {
            eprintln!("{says} ...");
        }
    });
    bar.finish_and_clear();
    if !piped && outcome.is_ok() && begun.elapsed() > Duration::from_secs(1) {
        eprintln!("{what}: {:.1} s", begun.elapsed().as_secs_f32());
    }
    outcome
}
