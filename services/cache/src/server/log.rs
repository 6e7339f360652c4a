//! The log: lines on standard error, JSON by default. No line has a text, a key of a budget, or a credential in it.

use super::config::{Level, LogFormat, LogOptions};
use tracing::level_filters::LevelFilter;

/// Sets the process's log up. A second call changes nothing.
pub fn set_up(options: LogOptions) {
    let level = match options.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(false);
    // It fails where the process has a log already: then that one is meant.
    let _ = match options.format {
        LogFormat::Json => tracing::subscriber::set_global_default(lines.json().flatten_event(true).finish()),
        LogFormat::Text => tracing::subscriber::set_global_default(lines.finish()),
    };
}
