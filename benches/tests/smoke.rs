//! One short run of the real thing: Envoy, the load generator and the upstream. No figure is judged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::Value;
use std::process::{Command, Output};

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_modelgate-bench")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_case_is_measured_beside_its_baselines() {
    let folder = tempfile::tempdir().unwrap();
    let figures = folder.path().join("figures");
    let mut arguments = vec!["seam", "--case", "1 KB", "--seconds", "1", "--rounds", "1", "--connections", "2"];
    arguments.extend(["--json", figures.to_str().unwrap()]);
    let output = bench(&arguments);
    let table = text(&output.stdout);
    assert!(output.status.success(), "{table}\n{}", text(&output.stderr));
    for chain in ["bare", "noop", "six noop"] {
        assert!(table.lines().any(|line| line.trim_start().starts_with(chain)), "{chain} is missing in\n{table}");
    }
    let lines: Vec<Value> =
        std::fs::read_to_string(&figures).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let find = |case: &str, metric: &str, baseline: Value| {
        lines.iter().find(|line| line["case"] == case && line["metric"] == metric && line["baseline"] == baseline)
    };
    for metric in ["requests_per_second", "cpu_us_per_request", "latency_p50_us", "latency_p99_us", "resident_mib"] {
        for (case, baseline) in [
            ("1 KB/bare", Value::Null),
            ("1 KB/noop", "bare".into()),
            ("1 KB/six noop", "bare".into()),
            ("1 KB/six noop", "noop".into()),
        ] {
            let line = find(case, metric, baseline.clone()).unwrap_or_else(|| panic!("{case} {metric} {baseline}"));
            assert!(line["value"].as_f64().unwrap() > 0.0, "{line}");
            assert_eq!(line["ratio"].is_null(), baseline.is_null(), "{line}");
        }
    }
}

#[test]
fn what_does_not_exist_is_said() {
    let unknown = bench(&["sim"]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("no suite sim"));
    let none = bench(&["seam", "--case", "9 TB"]);
    assert!(!none.status.success() && text(&none.stderr).contains("9 TB"));
    assert!(text(&bench(&["--list"]).stdout).contains("six noop"));
}
