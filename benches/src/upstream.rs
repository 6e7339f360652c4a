//! The demo upstream in a process of its own: this program, started once more. Its threads and its CPU time stay apart from
//! what is measured.

use anyhow::Context;
use demo_upstream::{DemoUpstream, Options};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A running upstream. It ends when this is dropped, or when this process ends in any way.
pub struct Upstream {
    child: Child,
    addr: SocketAddr,
    /// The upstream serves until this is closed.
    _lifeline: ChildStdin,
}

impl Upstream {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// It did not start, or did not say where it listens.
    pub fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve-upstream")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the upstream")?;
        let lifeline = child.stdin.take().context("no pipe to the upstream")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no pipe from the upstream")?).read_line(&mut line)?;
        let addr = line.trim().parse().context("the upstream did not say where it listens")?;
        Ok(Self { child, addr, _lifeline: lifeline })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // It keeps nothing that a kill could damage.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is the upstream, until the standard input ends.
pub fn serve() -> anyhow::Result<()> {
    let demo = DemoUpstream::start(Options::default()).context("no port for the upstream")?;
    println!("{}", demo.addr());
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
