//! The load generator: `wrk`, a process of its own. What is sent and what comes out go through a Lua script that is made
//! here.

use crate::provision;
use crate::request::Request;
use anyhow::{Context, bail};
use serde::Deserialize;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What marks the line with the figures.
const MARK: &str = "modelgate-bench ";

/// Beyond the time of the load, how long `wrk` may take to start and to end.
const GRACE: Duration = Duration::from_secs(15);

/// A load generator that can run.
pub struct Generator {
    wrk: PathBuf,
    folder: tempfile::TempDir,
}

/// What the generator saw.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Load {
    /// Responses.
    pub requests: u64,
    /// The time that they took, in microseconds.
    pub micros: u64,
    /// Half of the responses came within so many microseconds.
    pub p50_us: f64,
    /// 99 of 100 responses came within so many microseconds.
    pub p99_us: f64,
    /// What went wrong.
    pub errors: Errors,
}

/// What went wrong, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Errors {
    /// Connections that could not be made.
    pub connect: u64,
    /// Connections that broke while read from.
    pub read: u64,
    /// Connections that broke while written to.
    pub write: u64,
    /// Responses with a status over 399.
    pub status: u64,
    /// Responses that took more than five seconds.
    pub timeout: u64,
}

impl Load {
    /// Responses per second.
    pub fn rate(&self) -> f64 {
        self.requests as f64 * 1e6 / self.micros as f64
    }
}

impl Generator {
    /// Finds `wrk`, or installs it.
    ///
    /// # Errors
    /// There is none, with what to do.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { wrk: provision::wrk()?, folder: tempfile::tempdir()? })
    }

    /// Sends this request again and again over so many connections.
    ///
    /// # Errors
    /// `wrk` did not end in time or not well. Failed responses are no error here.
    pub fn run(&self, target: SocketAddr, request: &Request, connections: u32, seconds: u64) -> anyhow::Result<Load> {
        let body = self.folder.path().join("body");
        let lua = self.folder.path().join("request.lua");
        let output = self.folder.path().join("output");
        std::fs::write(&body, &request.body)?;
        std::fs::write(&lua, script(request, &body))?;
        let file = std::fs::File::create(&output)?;
        let mut child = Command::new(&self.wrk)
            .args(["--threads", "1", "--timeout", "5s"])
            .args(["--connections", &connections.to_string()])
            .args(["--duration", &format!("{seconds}s")])
            .arg("--script")
            .arg(&lua)
            .arg(format!("http://{target}/"))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("wrk does not run")?;
        wait(&mut child, Duration::from_secs(seconds) + GRACE)?;
        parse(&std::fs::read_to_string(&output)?)
    }
}

fn wait(child: &mut Child, patience: Duration) -> anyhow::Result<()> {
    let deadline = Instant::now() + patience;
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            bail!("wrk did not end in time");
        }
        // Rarely enough to disturb nobody.
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// A static request is formatted once by `wrk`, and the script has no part in the load. Where a header's values take turns,
/// all requests are formatted before the load, and the script picks the next one.
fn script(request: &Request, body: &Path) -> String {
    let mut out = format!("wrk.method = {}\nwrk.path = {}\n", lua(request.method), lua(&request.path));
    for (name, value) in &request.headers {
        let _ = writeln!(out, "wrk.headers[{}] = {}", lua(name), lua(value));
    }
    if !request.body.is_empty() {
        let path = lua(&body.to_string_lossy());
        let _ =
            writeln!(out, "local file = assert(io.open({path}, \"rb\"))\nwrk.body = file:read(\"*a\")\nfile:close()");
    }
    if let Some((name, values)) = &request.turns {
        let values: Vec<String> = values.iter().map(|value| lua(value)).collect();
        let _ = write!(
            out,
            "local values = {{{}}}\nlocal requests, at = {{}}, 0\nfunction init(args)\n  for _, value in ipairs(values) do\n    \
             wrk.headers[{}] = value\n    requests[#requests + 1] = wrk.format()\n  end\nend\nfunction request()\n  \
             at = at % #requests + 1\n  return requests[at]\nend\n",
            values.join(","),
            lua(name)
        );
    }
    out + &format!(
        r#"function done(summary, latency)
  local e = summary.errors
  print(string.format('{MARK}{{"requests":%d,"micros":%d,"p50_us":%.1f,"p99_us":%.1f,' ..
    '"errors":{{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}}}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect, e.read, e.write, e.status, e.timeout))
end
"#
    )
}

/// A Lua string of these bytes: what is not plain is written in decimal.
fn lua(text: &str) -> String {
    let escaped: String = text
        .bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | 0..=31 | 127.. => format!("\\{byte:03}"),
            plain => char::from(plain).to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

fn parse(output: &str) -> anyhow::Result<Load> {
    let line = output.lines().find_map(|line| line.strip_prefix(MARK));
    let load: Load = serde_json::from_str(line.with_context(|| format!("wrk gave no figures, but:\n{output}"))?)?;
    if load.requests == 0 || load.micros == 0 {
        bail!("wrk got no response: {:?}", load.errors);
    }
    Ok(load)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "Running 2s test @ http://127.0.0.1:1/\n  1 threads and 16 connections\n\
        modelgate-bench {\"requests\":12000,\"micros\":2000000,\"p50_us\":2600.0,\"p99_us\":4100.5,\
        \"errors\":{\"connect\":0,\"read\":0,\"write\":0,\"status\":3,\"timeout\":0}}\n";

    #[test]
    fn the_figures_are_read() {
        let load = parse(OUTPUT).unwrap();
        assert_eq!((load.rate(), load.p50_us, load.p99_us), (6000.0, 2600.0, 4100.5));
        assert_eq!(load.errors, Errors { status: 3, ..Errors::default() });
    }

    #[test]
    fn an_output_without_figures_is_shown() {
        let refused = parse("unable to connect to 127.0.0.1:1 Connection refused\n").unwrap_err().to_string();
        assert!(refused.contains("Connection refused"), "{refused}");
        let none = OUTPUT.replace("12000", "0");
        assert!(parse(&none).unwrap_err().to_string().contains("no response"));
    }

    #[test]
    fn the_script_holds_any_header_value() {
        let request = Request::post("/v1/x", b"{}".to_vec()).header("x-any", "a\"b\\c\n\u{e9}");
        let script = script(&request, Path::new("/tmp/body"));
        assert!(script.contains(r#"wrk.headers["x-any"] = "a\034b\092c\010\195\169""#), "{script}");
        assert!(script.contains("wrk.method = \"POST\"\nwrk.path = \"/v1/x\"\n"), "{script}");
        assert!(script.contains(r#"io.open("/tmp/body", "rb")"#), "{script}");
    }
}
