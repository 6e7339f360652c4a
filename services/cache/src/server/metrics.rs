//! What is measured, and where it goes: to Prometheus, which asks, and to an OpenTelemetry collector, which is told.
//!
//! All instruments hang on one OpenTelemetry meter. Labels are method names, status codes and words of ours, never a key, a
//! tenant or a text.

use super::config::MetricsOptions;
use super::gate::seconds_since;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider as _, UpDownCounter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{Aggregation, Instrument, InstrumentKind, SdkMeterProvider, Stream};
use prometheus::{Registry, TextEncoder};
use std::time::Instant;
use tonic::Code;

/// The upper bounds of the buckets of a duration, in seconds: a store on disk answers in a fraction of a millisecond.
const SECONDS: [f64; 13] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

/// The metrics cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the metrics: {0}")]
pub struct MetricsError(String);

/// All metrics of one service.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    provider: SdkMeterProvider,
    meter: Meter,
}

impl Metrics {
    /// Sets them up, and the push to a collector where one is configured. Runs inside of tokio.
    ///
    /// # Errors
    /// The collector's address is none.
    pub fn new(options: &MetricsOptions) -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let scraped = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .build()
            .map_err(|error| MetricsError(error.to_string()))?;
        let name = Resource::builder().with_service_name("modelgate-cache").build();
        let buckets = |instrument: &Instrument| {
            let durations = instrument.kind() == InstrumentKind::Histogram && instrument.unit() == "s";
            let aggregation =
                Aggregation::ExplicitBucketHistogram { boundaries: SECONDS.to_vec(), record_min_max: false };
            durations.then(|| Stream::builder().with_aggregation(aggregation).build().ok()).flatten()
        };
        let provider = SdkMeterProvider::builder().with_resource(name).with_reader(scraped).with_view(buckets);
        let provider = pushing(provider, options)?.build();
        let meter = provider.meter("modelgate-cache");
        Ok(Self { registry, provider, meter })
    }

    /// Where instruments come from.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// All values in Prometheus's text format.
    pub fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }

    /// Pushes what was not pushed yet. Blocks, for a few seconds at worst.
    pub fn shutdown(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::debug!(%error, "the last metrics were not pushed");
        }
    }
}

type Builder = opentelemetry_sdk::metrics::MeterProviderBuilder;

#[cfg(feature = "otlp")]
fn pushing(builder: Builder, options: &MetricsOptions) -> Result<Builder, MetricsError> {
    use opentelemetry_otlp::WithExportConfig;
    use opentelemetry_sdk::metrics::PeriodicReader;
    let Some(otlp) = &options.otlp else { return Ok(builder) };
    let exporter = opentelemetry_otlp::MetricExporter::builder().with_tonic().with_endpoint(&otlp.endpoint).build();
    let exporter = exporter.map_err(|error| MetricsError(error.to_string()))?;
    let interval = std::time::Duration::from_secs(otlp.interval_secs);
    Ok(builder.with_reader(PeriodicReader::builder(exporter).with_interval(interval).build()))
}

#[cfg(not(feature = "otlp"))]
fn pushing(builder: Builder, _: &MetricsOptions) -> Result<Builder, MetricsError> {
    Ok(builder)
}

/// Measures calls.
#[derive(Debug, Clone)]
pub(crate) struct Calls {
    duration: Histogram<f64>,
    in_flight: UpDownCounter<i64>,
    refused: Counter<u64>,
}

impl Calls {
    pub fn new(meter: &Meter) -> Self {
        Self {
            duration: meter
                .f64_histogram("modelgate_service_call_duration")
                .with_unit("s")
                .with_description("How long calls took, by method and status.")
                .build(),
            in_flight: meter
                .i64_up_down_counter("modelgate_service_calls_in_flight")
                .with_description("Calls that have begun and not ended.")
                .build(),
            refused: meter
                .u64_counter("modelgate_service_calls_refused")
                .with_description("Calls that no service saw: no credential, or too many at once.")
                .build(),
        }
    }

    /// A call begins. It ends when [`Outcome::end`] is called, or when the caller gives up and this is dropped.
    pub fn begin(&self, path: &str) -> Outcome {
        self.in_flight.add(1, &[]);
        Outcome { calls: self.clone(), method: method(path), begun: Instant::now(), code: Code::Cancelled }
    }
}

/// The method's name, if it is one of ours: a path is free for anybody to choose.
fn method(path: &str) -> String {
    let known = [cache_api::CACHE, cache_api::BUDGET, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];
    match path.trim_start_matches('/').split_once('/') {
        Some((service, method)) if known.contains(&service) && is_method(method) => format!("{service}/{method}"),
        _ => "other".into(),
    }
}

fn is_method(name: &str) -> bool {
    const METHODS: [&str; 14] = [
        "Lookup",
        "Store",
        "Abandon",
        "Invalidate",
        "Stats",
        "Reserve",
        "Settle",
        "Peek",
        "Set",
        "Reset",
        "TopUp",
        "Check",
        "Watch",
        "ServerReflectionInfo",
    ];
    METHODS.contains(&name)
}

/// One call: its metric and its line of the log.
pub(crate) struct Outcome {
    calls: Calls,
    method: String,
    begun: Instant,
    code: Code,
}

impl Outcome {
    /// The call ended with this status.
    pub fn end(mut self, code: Code) {
        self.code = code;
        if matches!(code, Code::Unauthenticated | Code::PermissionDenied | Code::ResourceExhausted) {
            self.calls.refused.add(1, &[KeyValue::new("code", word(code))]);
        }
    }
}

impl Drop for Outcome {
    fn drop(&mut self) {
        let seconds = seconds_since(self.begun);
        let code = word(self.code);
        self.calls.in_flight.add(-1, &[]);
        let labels = [KeyValue::new("method", self.method.clone()), KeyValue::new("code", code)];
        self.calls.duration.record(seconds, &labels);
        tracing::debug!(method = %self.method, code, seconds, "call");
    }
}

/// A status code as gRPC writes it.
fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
