//! Measures how long Envoy takes to be ready with a chain: it compiles each module before it serves.

use crate::contender::Contender;
use crate::report::{Report, Table, grouped, ratio};
use crate::rounds::interleave;
use crate::series::Series;
use crate::suite::{Chain, Plan};
use std::net::SocketAddr;
use testkit::Link;

struct Start {
    ready_ms: f64,
    resident_mib: f64,
}

/// Runs the starts that the plan wants, and says how many those were. The first chain is there always: the others are
/// compared with it.
pub fn run(suite: &str, chains: &[Chain], plan: &Plan, report: &mut Report) -> anyhow::Result<usize> {
    let Some((first, others)) = chains.split_first() else { return Ok(0) };
    let others: Vec<&Chain> = others.iter().filter(|chain| plan.wants(&chain.name)).collect();
    if others.is_empty() && !plan.wants(&first.name) {
        return Ok(0);
    }
    let chains: Vec<&Chain> = std::iter::once(first).chain(others).collect();
    let binary = testkit::envoy_binary();
    // Nothing is sent; the cluster only needs an address.
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
    let sizes: Vec<u64> = chains.iter().map(|chain| module_bytes(chain)).collect::<anyhow::Result<_>>()?;
    // The first start reads the binary and the modules from the disk.
    for chain in &chains {
        Contender::start(&binary, chain, nowhere)?;
    }
    let samples = interleave(plan.rounds, chains.len(), |round, at| {
        eprintln!("{suite}: round {} of {}, {}", round + 1, plan.rounds, chains[at].name);
        let contender = Contender::start(&binary, chains[at], nowhere)?;
        let ready_ms = contender.envoy().ready_after().as_secs_f64() * 1e3;
        anyhow::Ok(Start { ready_ms, resident_mib: contender.resident_mib()? })
    })?;
    let ready: Vec<Series> = samples.iter().map(|samples| Series::of(samples, |start| start.ready_ms)).collect();
    let resident: Vec<Series> = samples.iter().map(|samples| Series::of(samples, |start| start.resident_mib)).collect();
    let mut table = Table::new(&["chain", "modules bytes", "ready ms", "min–max", "/bare", "RSS MiB", "/bare"]);
    for (at, chain) in chains.iter().enumerate() {
        let baseline = |series: &[Series]| -> Vec<(&str, f64)> {
            if at == 0 { vec![] } else { vec![(first.name.as_str(), series[at].ratio_to(&series[0]))] }
        };
        report.series(suite, &chain.name, "ready_ms", &ready[at], &baseline(&ready))?;
        report.series(suite, &chain.name, "resident_mib", &resident[at], &baseline(&resident))?;
        report.value(suite, &chain.name, "module_bytes", sizes[at] as f64, &[])?;
        table.row([
            chain.name.clone(),
            grouped(sizes[at] as f64),
            grouped(ready[at].median()),
            format!("{}–{}", grouped(ready[at].min()), grouped(ready[at].max())),
            ratio(ready[at].ratio_to(&ready[0])),
            format!("{:.0}", resident[at].median()),
            ratio(resident[at].ratio_to(&resident[0])),
        ]);
    }
    report.table(&format!("{suite}   {} rounds, one worker", plan.rounds), &table);
    Ok(chains.len())
}

fn module_bytes(chain: &Chain) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for link in &chain.links {
        if let Link::Wasm { module, .. } = link {
            bytes += std::fs::metadata(testkit::module(module))?.len();
        }
    }
    Ok(bytes)
}
