//! Metrics for Prometheus. No label contains personal data or text that a person wrote.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::kit::job::Measured;

/// The labels of a request: its route and the status of the response.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    /// The pattern of the route, never the path.
    pub route: String,
    /// The status code.
    pub status: u16,
}

/// The label of a job.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct JobLabels {
    /// The kind of job: `LETTER`, `MAIL`, `WEBHOOK` or `PUSH`.
    pub kind: &'static str,
}

/// The metrics of the service.
pub struct Metrics {
    registry: Registry,
    /// The number of requests answered.
    pub requests: Family<RequestLabels, Counter>,
    /// The time from a request's arrival to the head of its response.
    pub seconds: Histogram,
    /// The number of open WebSocket connections.
    pub sockets: Gauge,
    /// The number of open streams over HTTP.
    pub streams: Gauge,
    /// How many seconds this machine's clock is ahead of the store's.
    pub clock_offset: Gauge<f64, AtomicU64>,
    oldest_jobs: Family<JobLabels, Gauge<f64, AtomicU64>>,
    dead_jobs: Family<JobLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("ansvar");
        let requests = Family::<RequestLabels, Counter>::default();
        let seconds = Histogram::new(exponential_buckets(0.001, 2.0, 14));
        let (sockets, streams) = (Gauge::default(), Gauge::default());
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register(
            "http_request_seconds",
            "Seconds from a request's arrival to its answer's head",
            seconds.clone(),
        );
        registry.register("websocket_connections", "WebSocket connections open now", sockets.clone());
        registry.register("sse_streams", "Server-sent event streams open now", streams.clone());
        let clock_offset = Gauge::<f64, AtomicU64>::default();
        registry.register(
            "clock_offset_seconds",
            "Seconds that this machine's clock is ahead of the store's; the store's is used",
            clock_offset.clone(),
        );
        let oldest_jobs = Family::<JobLabels, Gauge<f64, AtomicU64>>::default();
        registry.register(
            "oldest_due_job_seconds",
            "Seconds since the oldest job of the kind that is due has been due; 0 when none is",
            oldest_jobs.clone(),
        );
        let dead_jobs = Family::<JobLabels, Counter>::default();
        registry.register("dead_jobs", "Jobs of the kind that this process has given up", dead_jobs.clone());
        Self { registry, requests, seconds, sockets, streams, clock_offset, oldest_jobs, dead_jobs }
    }

    /// The metrics in the text format that Prometheus reads.
    #[must_use]
    pub fn text(&self, jobs: &Measured) -> String {
        for (kind, measure) in jobs.all() {
            let labels = JobLabels { kind: kind.word() };
            self.oldest_jobs.get_or_create(&labels).set(measure.oldest);
            let dead = self.dead_jobs.get_or_create(&labels);
            dead.inc_by(measure.dead.saturating_sub(dead.get()));
        }
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "metrics could not be written");
        }
        text
    }
}

/// A guard that adds one to a gauge while it exists.
pub struct GaugeGuard(Gauge);

impl GaugeGuard {
    /// Adds one to this gauge.
    #[must_use]
    pub fn count(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
