//! What comes out: a table for people, and a JSON object per line for programs.

use crate::series::Series;
use anyhow::Context;
use serde::Serialize;
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// One figure beside its baseline.
#[derive(Debug, Serialize)]
struct Record<'a> {
    suite: &'a str,
    case: &'a str,
    metric: &'a str,
    value: f64,
    baseline: Option<&'a str>,
    ratio: Option<f64>,
}

/// Where the figures go.
pub struct Report {
    json: Option<File>,
}

impl Report {
    /// Tables go to the standard output; figures to this file, which is made anew, where there is one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(json: Option<&Path>) -> anyhow::Result<Self> {
        let open = |path: &Path| File::create(path).with_context(|| format!("cannot write {}", path.display()));
        Ok(Self { json: json.map(open).transpose()? })
    }

    /// Prints a table.
    pub fn table(&self, title: &str, table: &Table) {
        println!("\n{title}\n{}", table.text());
    }

    /// A figure with one value per round: its median, the ratio to each baseline, and the range.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn series(
        &mut self,
        suite: &str,
        case: &str,
        metric: &str,
        series: &Series,
        ratios: &[(&str, f64)],
    ) -> anyhow::Result<()> {
        self.value(suite, case, metric, series.median(), ratios)?;
        self.value(suite, case, &format!("{metric}.min"), series.min(), &[])?;
        self.value(suite, case, &format!("{metric}.max"), series.max(), &[])
    }

    /// A figure: a line for each baseline, or one line without.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn value(
        &mut self,
        suite: &str,
        case: &str,
        metric: &str,
        value: f64,
        ratios: &[(&str, f64)],
    ) -> anyhow::Result<()> {
        let Some(file) = &mut self.json else { return Ok(()) };
        let mut write = |baseline, ratio| {
            let line = serde_json::to_string(&Record { suite, case, metric, value, baseline, ratio })?;
            writeln!(file, "{line}").context("cannot write the figures")
        };
        if ratios.is_empty() {
            return write(None, None);
        }
        ratios.iter().try_for_each(|(baseline, ratio)| write(Some(*baseline), Some(*ratio)))
    }
}

/// Rows under a heading. The first column is a name, the others are figures.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With this heading.
    pub fn new(heading: &[&str]) -> Self {
        Self { rows: vec![heading.iter().map(|cell| (*cell).to_string()).collect()] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table, names to the left and figures to the right.
    pub fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |at: usize| self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
                0 => format!("  {cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        self.rows.iter().map(line).collect()
    }
}

/// A whole number with its thousands apart: `12,345`.
pub fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("-", digits));
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    format!("{sign}{}", groups.join(","))
}

/// A ratio as it stands in a table.
pub fn ratio(value: f64) -> String {
    format!("{value:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned() {
        let mut table = Table::new(&["chain", "req/s", "/bare"]);
        table.row(["bare".into(), grouped(12_345.4), ratio(1.0)]);
        table.row(["a longer name".into(), grouped(999.0), String::new()]);
        let expected = "  chain           req/s  /bare\n  bare           12,345  1.000\n  a longer name     999\n";
        assert_eq!(table.text(), expected);
    }

    #[test]
    fn thousands_are_apart() {
        let written = [0.0, 12.0, 1_000.0, 1_234_567.0, -1_234.0].map(grouped);
        assert_eq!(written, ["0", "12", "1,000", "1,234,567", "-1,234"]);
    }

    #[test]
    fn a_figure_is_a_line_for_each_baseline() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figures");
        let mut report = Report::new(Some(&path)).unwrap();
        report.value("seam", "1 KB/six", "requests_per_second", 5000.0, &[("bare", 0.8), ("noop", 0.9)]).unwrap();
        report.series("seam", "1 KB/bare", "x", &Series::of(&[1.0, 3.0], |v| *v), &[]).unwrap();
        let lines = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            lines.lines().collect::<Vec<_>>(),
            [
                r#"{"suite":"seam","case":"1 KB/six","metric":"requests_per_second","value":5000.0,"baseline":"bare","ratio":0.8}"#,
                r#"{"suite":"seam","case":"1 KB/six","metric":"requests_per_second","value":5000.0,"baseline":"noop","ratio":0.9}"#,
                r#"{"suite":"seam","case":"1 KB/bare","metric":"x","value":2.0,"baseline":null,"ratio":null}"#,
                r#"{"suite":"seam","case":"1 KB/bare","metric":"x.min","value":1.0,"baseline":null,"ratio":null}"#,
                r#"{"suite":"seam","case":"1 KB/bare","metric":"x.max","value":3.0,"baseline":null,"ratio":null}"#,
            ]
        );
    }
}
