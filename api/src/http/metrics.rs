//! What is counted, for Prometheus. No label carries anything a person wrote or is.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// A request's route and how it ended.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    /// The route's pattern, never the path.
    pub route: String,
    /// The status code.
    pub status: u16,
}

/// What is counted.
pub struct Metrics {
    registry: Registry,
    /// Requests answered.
    pub requests: Family<RequestLabels, Counter>,
    /// Time from a request's arrival to its answer's head.
    pub seconds: Histogram,
    /// WebSocket connections open now.
    pub sockets: Gauge,
    /// Server-sent event streams open now.
    pub streams: Gauge,
    /// Seconds that this machine's clock is ahead of the store's.
    pub clock_offset: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Everything at nought.
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
        Self { registry, requests, seconds, sockets, streams, clock_offset }
    }

    /// The text Prometheus reads.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "metrics could not be written");
        }
        text
    }
}

/// Counts one more while it lives.
pub struct Open(Gauge);

impl Open {
    /// One more.
    #[must_use]
    pub fn count(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
