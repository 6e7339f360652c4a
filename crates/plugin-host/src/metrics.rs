//! What a filter has to say: log lines and metrics; and chance.

use crate::abi;
use crate::ids::{self, IdMap};
use log::{LevelFilter, Log, Metadata, Record};
use plugin::{Event, Level, Metric, Value};
use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, Hasher, RandomState};

/// The most metrics that one VM defines. Envoy never frees one, so what comes later is counted without its labels.
const MAX_METRICS: usize = 2000;

thread_local! {
    /// Metrics by the hash of their name and labels, which spares writing out a name for each event.
    static METRICS: RefCell<IdMap<u64, u32>> = const { RefCell::new(ids::empty()) };
    static HASHER: ahash::RandomState = const { ahash::RandomState::with_seeds(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344) };
    static RANDOM: Cell<u64> = Cell::new(RandomState::new().build_hasher().finish());
}

/// Writes the event's log line and moves its metric.
pub fn emit(event: &dyn Event) {
    let level = match event.level() {
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    };
    if log::log_enabled!(level) {
        log::log!(level, "{}", event.line());
    }
    let value = event.value();
    let known = event.key().and_then(|key| METRICS.with_borrow(|metrics| metrics.get(&key).copied()));
    if let Some(id) = known.or_else(|| defined(&event.metric(), value, event.key())) {
        // A metric that cannot be moved is no reason to stop a request.
        let _ = match value {
            Value::Add(amount) => abi::increment(id, i64::try_from(amount).unwrap_or(i64::MAX)),
            Value::Record(amount) => abi::record(id, amount),
        };
    }
}

/// The host's name for a metric, defined when it is first seen, under the event's own key if it has one. Past [`MAX_METRICS`], the
/// one without labels.
fn defined(metric: &Metric, value: Value, key: Option<u64>) -> Option<u32> {
    let key = key.unwrap_or_else(|| HASHER.with(|hasher| hasher.hash_one(metric)));
    let (known, count) = METRICS.with_borrow(|metrics| (metrics.get(&key).copied(), metrics.len()));
    if known.is_some() {
        return known;
    }
    if count >= MAX_METRICS && !metric.labels.is_empty() {
        return defined(&Metric { name: metric.name, labels: Vec::new() }, value, None);
    }
    let kind = match value {
        Value::Add(_) => abi::Kind::Counter,
        Value::Record(_) => abi::Kind::Histogram,
    };
    let id = abi::define_metric(kind, &metric.full_name()).ok()?;
    METRICS.with_borrow_mut(|metrics| metrics.insert(key, id));
    Some(id)
}

/// A uniform random number: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), seeded by
/// the host.
pub fn random() -> u64 {
    RANDOM.with(|state| {
        let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(next);
        let mut z = next;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

struct HostLog;

impl Log for HostLog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let level = match record.level() {
            log::Level::Trace => 0,
            log::Level::Debug => 1,
            log::Level::Info => 2,
            log::Level::Warn => 3,
            log::Level::Error => 4,
        };
        abi::log(level, &record.args().to_string());
    }

    fn flush(&self) {}
}

/// Sends the `log` crate's lines to the host.
pub fn init_log() {
    // It fails only where it is set already.
    let _ = log::set_logger(&HostLog);
}

/// Follows the level of the host's log, which an operator may change while it runs.
pub fn refresh_log_level() {
    log::set_max_level(match abi::log_level() {
        0 => LevelFilter::Trace,
        1 => LevelFilter::Debug,
        2 => LevelFilter::Info,
        3 => LevelFilter::Warn,
        _ => LevelFilter::Error,
    });
}
