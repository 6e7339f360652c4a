//! What a process used, as Linux tells under `/proc`.

use anyhow::Context;
use std::fs;
use std::time::Duration;

/// The CPU time of all threads of a process so far.
///
/// # Errors
/// There is no such process.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).with_context(|| format!("process {pid} is gone"))? {
        // A thread may end between the listing and the look at it.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        nanos += on_cpu(&text).context("the kernel tells no schedstat")?;
    }
    Ok(Duration::from_nanos(nanos))
}

/// The memory of a process that is in RAM, in bytes.
///
/// # Errors
/// There is no such process.
pub fn resident(pid: u32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).with_context(|| format!("process {pid} is gone"))?;
    resident_bytes(&text).context("the kernel tells no VmRSS")
}

/// `schedstat` is: nanoseconds on a CPU, nanoseconds waiting for one, number of turns (proc(5)).
fn on_cpu(schedstat: &str) -> Option<u64> {
    schedstat.split_ascii_whitespace().next()?.parse().ok()
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_files_are_read() {
        assert_eq!(on_cpu("123456789 42 7\n"), Some(123_456_789));
        assert_eq!(on_cpu(""), None);
        assert_eq!(resident_bytes("Name:\tenvoy\nVmPeak:\t 9 kB\nVmRSS:\t   68508 kB\n"), Some(68_508 * 1024));
        assert_eq!(resident_bytes("Name:\tenvoy\n"), None);
    }

    #[test]
    fn work_is_seen() {
        let pid = std::process::id();
        let before = cpu(pid).unwrap();
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_millis(50) {
            std::hint::black_box(0);
        }
        assert!(cpu(pid).unwrap() > before);
        assert!(resident(pid).unwrap() > 0);
    }
}
