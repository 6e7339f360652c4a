//! What of the budget is measured. Labels are words of ours: no key, no tenant.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use std::time::Duration;

/// The budget's instruments.
#[derive(Debug, Clone)]
pub struct Measures {
    reservations: Counter<u64>,
    settlements: Counter<u64>,
    commits: Histogram<f64>,
    batches: Histogram<u64>,
    conflicts: Counter<u64>,
    failures: Counter<u64>,
}

impl Measures {
    /// The instruments of a meter.
    pub fn new(meter: &Meter) -> Self {
        Self {
            reservations: meter
                .u64_counter("modelgate_budget_reservations")
                .with_description("Reservations that were asked for, by outcome: admitted, partly, forced, refused.")
                .build(),
            settlements: meter
                .u64_counter("modelgate_budget_settlements")
                .with_description("Reservations that were settled.")
                .build(),
            commits: meter
                .f64_histogram("modelgate_budget_store_duration")
                .with_unit("s")
                .with_description("How long the store took for a batch, by store and outcome: ok, conflict, error.")
                .build(),
            batches: meter
                .u64_histogram("modelgate_budget_batch_calls")
                .with_description("How many calls one batch held.")
                .with_boundaries(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0])
                .build(),
            conflicts: meter
                .u64_counter("modelgate_budget_store_conflicts")
                .with_description("Batches that began again because another instance was faster.")
                .build(),
            failures: meter
                .u64_counter("modelgate_budget_store_failures")
                .with_description("Batches that failed because the store did.")
                .build(),
        }
    }

    /// A reservation was decided.
    pub fn reserved(&self, outcome: &'static str) {
        self.reservations.add(1, &[KeyValue::new("outcome", outcome)]);
    }

    /// Reservations were settled.
    pub fn settled(&self, count: usize) {
        self.settlements.add(u64::try_from(count).unwrap_or(u64::MAX), &[]);
    }

    /// A batch was tried.
    pub fn tried(&self, store: &'static str, outcome: &'static str, took: Duration) {
        self.commits.record(took.as_secs_f64(), &[KeyValue::new("store", store), KeyValue::new("outcome", outcome)]);
        match outcome {
            "conflict" => self.conflicts.add(1, &[]),
            "error" => self.failures.add(1, &[]),
            _ => {}
        }
    }

    /// A batch begins.
    pub fn batch(&self, calls: usize) {
        self.batches.record(u64::try_from(calls).unwrap_or(u64::MAX), &[]);
    }
}
