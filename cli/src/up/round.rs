//! `--once`: a scripted round of requests, and the table of what came of them.

use super::client::Client;
use super::steps::{self, Row};
use super::{Gateway, Options};
use crate::table::table;

/// Runs the round and prints it. `true` if all was as expected.
pub fn run(gateway: &Gateway, options: &Options) -> bool {
    let client = Client::new(gateway);
    let model = steps::first_model(options);
    let rows: Vec<Row> = if options.demo {
        steps::DEMO.iter().map(|step| step(&client, model)).collect()
    } else {
        steps::REAL.iter().map(|step| step(&client, model)).collect()
    };
    println!("{}", table(Row::HEADS, &rows.iter().map(Row::cells).collect::<Vec<_>>()));
    for row in &rows {
        for fault in &row.faults {
            println!("{}: {fault}", row.request);
        }
    }
    let failed = rows.iter().filter(|row| !row.faults.is_empty()).count();
    if failed == 0 {
        println!("all {} as expected", rows.len());
    } else {
        println!("{failed} of {} not as expected; the log of Envoy:\n{}", rows.len(), gateway.log());
    }
    failed == 0
}
