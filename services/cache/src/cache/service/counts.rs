//! What is counted. One event is one call here: the number for statistics and the metric go together. Never a text, a key or a
//! tenant in a metric.

use ahash::RandomState;
use cache_api::cache::{StatsResponse, Step};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;

/// Tenants whose numbers are kept apart; those beyond count in the sum alone.
const TENANTS: usize = 10_000;

/// The counters of one service.
pub(super) struct Counts {
    all: Mutex<Sums>,
    lookups: Counter<u64>,
    stores: Counter<u64>,
    embedding: Histogram<f64>,
    samples: Counter<u64>,
    waits: Counter<u64>,
}

#[derive(Default)]
struct Sums {
    total: Numbers,
    tenants: HashMap<String, Numbers, RandomState>,
}

/// What statistics say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Numbers {
    exact_hits: u64,
    semantic_hits: u64,
    misses: u64,
    stores: u64,
}

impl Numbers {
    pub(super) fn tell(self, stats: &mut StatsResponse) {
        stats.exact_hits = self.exact_hits;
        stats.semantic_hits = self.semantic_hits;
        stats.misses = self.misses;
        stats.stores = self.stores;
    }
}

impl Counts {
    pub(super) fn new(meter: &Meter) -> Self {
        let counter = |name: &'static str, what: &'static str| meter.u64_counter(name).with_description(what).build();
        Self {
            all: Mutex::default(),
            lookups: counter("modelgate_cache_lookups", "Lookups, by outcome and the step that spoke."),
            stores: counter("modelgate_cache_stores", "Answers that were given to be kept, by outcome."),
            samples: counter("modelgate_cache_samples", "Would-be hits that were let pass and compared, by outcome."),
            waits: counter("modelgate_cache_waits", "Waits for an equal request under way, by outcome."),
            embedding: meter
                .f64_histogram("modelgate_cache_embedding_duration")
                .with_unit("s")
                .with_description("How long questions took to embed.")
                .build(),
        }
    }

    pub(super) fn hit(&self, tenant: &str, step: Step) {
        let exact = step == Step::Exact;
        self.add(tenant, |numbers| if exact { numbers.exact_hits += 1 } else { numbers.semantic_hits += 1 });
        self.lookups.add(1, &[KeyValue::new("outcome", "hit"), KeyValue::new("step", step.as_str_name())]);
    }

    pub(super) fn miss(&self, tenant: &str, step: Step) {
        self.add(tenant, |numbers| numbers.misses += 1);
        self.lookups.add(1, &[KeyValue::new("outcome", "miss"), KeyValue::new("step", step.as_str_name())]);
    }

    /// `outcome`: `kept`, `no_room`, `too_large`, `forgotten`, `failed`.
    pub(super) fn stored(&self, tenant: &str, outcome: &'static str) {
        if outcome == "kept" {
            self.add(tenant, |numbers| numbers.stores += 1);
        }
        self.stores.add(1, &[KeyValue::new("outcome", outcome)]);
    }

    pub(super) fn embedded(&self, took: Duration, ok: bool) {
        self.embedding.record(took.as_secs_f64(), &[KeyValue::new("outcome", if ok { "ok" } else { "failed" })]);
    }

    /// `outcome`: `same`, `different`, `failed`, `skipped`.
    pub(super) fn compared(&self, outcome: &'static str) {
        self.samples.add(1, &[KeyValue::new("outcome", outcome)]);
    }

    /// `outcome`: `hit`, `done`, `promoted`, `passed`.
    pub(super) fn waited(&self, outcome: &'static str) {
        self.waits.add(1, &[KeyValue::new("outcome", outcome)]);
    }

    /// Of one tenant; empty: of all.
    pub(super) fn numbers(&self, tenant: &str) -> Numbers {
        let all = self.all.lock();
        if tenant.is_empty() { all.total } else { all.tenants.get(tenant).copied().unwrap_or_default() }
    }

    fn add(&self, tenant: &str, add: impl Fn(&mut Numbers)) {
        let mut all = self.all.lock();
        add(&mut all.total);
        if tenant.is_empty() {
            return;
        }
        if let Some(numbers) = all.tenants.get_mut(tenant) {
            add(numbers);
        } else if all.tenants.len() < TENANTS {
            add(all.tenants.entry(tenant.to_owned()).or_default());
        }
    }
}
