//! The demo upstream as a program: starts one server, prints its address, and ends on ctrl-c or SIGTERM.

use std::io;
use std::net::SocketAddr;

use clap::Parser;
use demo_upstream::{Behaviour, DemoUpstream, Options};
use tokio::signal::unix::{SignalKind, signal};

/// A server that speaks the model APIs and echoes what it is told.
#[derive(Parser)]
#[command(version, after_help = settings())]
struct Arguments {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Name of this version of the model, in answers and in x-demo-version.
    #[arg(long, default_value = "v1")]
    version_label: String,
    /// Models to list, separated by commas. Others are answered too.
    #[arg(long, value_delimiter = ',', default_value = "demo-small,demo-large")]
    models: Vec<String>,
    /// A default for all requests, <name>=<value>; may be repeated.
    #[arg(long = "set", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// Threads that serve.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// How many requests with an x-case header to remember.
    #[arg(long, default_value_t = 1_000)]
    keep_received: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    // Before the address is printed: whoever reads it may send the signal at once.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let demo = DemoUpstream::start(options(arguments)?)?;
    println!("demo upstream on http://{}", demo.addr());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

fn options(arguments: Arguments) -> io::Result<Options> {
    let mut behaviour = Behaviour::default();
    for (name, value) in &arguments.settings {
        behaviour.set(name, value.as_bytes()).map_err(io::Error::other)?;
    }
    Ok(Options {
        listen: arguments.listen,
        version_label: arguments.version_label,
        models: arguments.models,
        behaviour,
        threads: arguments.threads,
        keep_received: arguments.keep_received,
    })
}

fn setting(argument: &str) -> Result<(String, String), String> {
    let (name, value) = argument.split_once('=').ok_or("expected <name>=<value>")?;
    Behaviour::default().set(name, value.as_bytes()).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), value.to_owned()))
}

fn settings() -> String {
    let listed = Behaviour::SETTINGS.iter().map(|(name, meaning)| format!("  {name:<18}{meaning}\n"));
    let title = "Settings, for --set and as request headers x-demo-<name> (%: percent-encoded):\n";
    std::iter::once(title.to_owned()).chain(listed).collect()
}
