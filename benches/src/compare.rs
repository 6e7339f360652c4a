//! Measures the cases of a suite: all chains of a case take turns.

use crate::contender::{Contender, Sample};
use crate::generator::Generator;
use crate::report::{Report, Table, grouped, ratio};
use crate::rounds::interleave;
use crate::series::Series;
use crate::suite::{BARE, Case, NOOP, Plan};
use crate::upstream::Upstream;
use anyhow::Context;

/// How a figure is called, and what of a sample it is.
type Metric = (&'static str, fn(&Sample) -> f64);

const METRICS: [Metric; 4] = [
    ("requests_per_second", |sample| sample.rate),
    ("cpu_us_per_request", |sample| sample.cpu_us),
    ("latency_p50_us", |sample| sample.p50_us),
    ("latency_p99_us", |sample| sample.p99_us),
];

/// What all rounds said of one chain.
struct Measured {
    chain: String,
    /// In the order of [`METRICS`].
    series: Vec<Series>,
    resident_mib: f64,
}

/// Runs the cases that the plan wants, and says how many those were.
pub fn run(suite: &str, cases: &[Case], plan: &Plan, report: &mut Report) -> anyhow::Result<usize> {
    let wanted: Vec<&Case> = cases.iter().filter(|case| plan.wants(&case.name)).collect();
    if wanted.is_empty() {
        return Ok(0);
    }
    let generator = Generator::new()?;
    let upstream = Upstream::start()?;
    let turns: usize = wanted.iter().map(|case| case.contenders().len() * (plan.rounds + 1)).sum();
    eprintln!("{suite}: {} cases, about {} s of load", wanted.len(), turns as u64 * plan.seconds);
    for case in &wanted {
        let measured = measure(case, plan, &generator, &upstream).with_context(|| format!("case {}", case.name))?;
        record(suite, case, &measured, report)?;
        let title = format!(
            "{suite} / {}   {} byte request, {} rounds of {} s, {} connections",
            case.name,
            case.request.body.len(),
            plan.rounds,
            plan.seconds,
            plan.connections
        );
        report.table(&title, &table(&measured));
    }
    Ok(wanted.len())
}

fn measure(case: &Case, plan: &Plan, generator: &Generator, upstream: &Upstream) -> anyhow::Result<Vec<Measured>> {
    let binary = testkit::envoy_binary();
    let mut contenders = Vec::new();
    for chain in case.contenders() {
        eprintln!("  {}: starting {}", case.name, chain.name);
        let contender = Contender::start(&binary, &chain, upstream.addr())?;
        contender.prove(&case.request)?;
        contenders.push(contender);
    }
    eprintln!("  {}: warming up", case.name);
    for contender in &contenders {
        contender.measure(generator, &case.request, &Plan { seconds: 1, ..plan.clone() })?;
    }
    let samples = interleave(plan.rounds, contenders.len(), |round, at| {
        eprintln!("  {}: round {} of {}, {}", case.name, round + 1, plan.rounds, contenders[at].chain().name);
        contenders[at].measure(generator, &case.request, plan)
    })?;
    contenders
        .iter()
        .zip(samples)
        .map(|(contender, samples)| {
            let series = METRICS.iter().map(|(_, value)| Series::of(&samples, value)).collect();
            Ok(Measured { chain: contender.chain().name.clone(), series, resident_mib: contender.resident_mib()? })
        })
        .collect()
}

/// What a chain is compared with: the baselines in front of it.
fn baselines<'a>(measured: &'a [Measured], chain: &Measured) -> Vec<&'a Measured> {
    measured
        .iter()
        .take_while(|other| other.chain != chain.chain)
        .filter(|other| other.chain == BARE || other.chain == NOOP)
        .collect()
}

fn record(suite: &str, case: &Case, measured: &[Measured], report: &mut Report) -> anyhow::Result<()> {
    for chain in measured {
        let name = format!("{}/{}", case.name, chain.chain);
        let baselines = baselines(measured, chain);
        for (at, (metric, _)) in METRICS.iter().enumerate() {
            let series = &chain.series[at];
            let ratios: Vec<(&str, f64)> =
                baselines.iter().map(|base| (base.chain.as_str(), series.ratio_to(&base.series[at]))).collect();
            report.series(suite, &name, metric, series, &ratios)?;
        }
        let ratios: Vec<(&str, f64)> =
            baselines.iter().map(|base| (base.chain.as_str(), chain.resident_mib / base.resident_mib)).collect();
        report.value(suite, &name, "resident_mib", chain.resident_mib, &ratios)?;
    }
    Ok(())
}

fn table(measured: &[Measured]) -> Table {
    let mut table = Table::new(&[
        "chain",
        "req/s",
        "min–max",
        "/bare",
        "/noop",
        "CPU µs",
        "min–max",
        "+bare",
        "/bare",
        "/noop",
        "p50 µs",
        "p99 µs",
        "RSS MiB",
    ]);
    for chain in measured {
        let [rate, cpu, p50, p99] = [0, 1, 2, 3].map(|at| &chain.series[at]);
        let against = |name: &str, at: usize| {
            let base = baselines(measured, chain).into_iter().find(|base| base.chain == name);
            base.map_or_else(String::new, |base| ratio(chain.series[at].ratio_to(&base.series[at])))
        };
        table.row([
            chain.chain.clone(),
            grouped(rate.median()),
            format!("{}–{}", grouped(rate.min()), grouped(rate.max())),
            against(BARE, 0),
            against(NOOP, 0),
            format!("{:.1}", cpu.median()),
            format!("{:.1}–{:.1}", cpu.min(), cpu.max()),
            format!("{:+.1}", cpu.excess_over(&measured[0].series[1])),
            against(BARE, 1),
            against(NOOP, 1),
            grouped(p50.median()),
            grouped(p99.median()),
            format!("{:.0}", chain.resident_mib),
        ]);
    }
    table
}
