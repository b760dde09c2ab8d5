//! For whoever keeps the service running.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::state::Edge;

/// The process runs.
pub async fn live() -> &'static str {
    "ok\n"
}

/// The process can serve: the store answers, and it is not about to stop.
pub async fn ready(State(edge): State<Edge>) -> impl IntoResponse {
    if edge.shutdown().begun() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let ping = tokio::time::timeout(edge.options().patience, edge.app().store().ping());
    match ping.await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer in time\n"),
    }
}

/// What is counted, for Prometheus.
pub async fn metrics(State(edge): State<Edge>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], edge.metrics().text())
}
