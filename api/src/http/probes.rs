//! Probes and metrics for operators.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::TimeDelta;

use super::state::Edge;
use crate::kit::away::away;
use crate::kit::clock::OFFSET_TOLD;
use crate::kit::db::no_answer;
use crate::kit::health::warn_once_a_minute;
use crate::kit::job::Measured;

/// Liveness: the process runs.
pub async fn live() -> &'static str {
    "ok\n"
}

/// Readiness: the store answers and accepts writes, and the service is not stopping.
pub async fn ready(State(edge): State<Edge>) -> impl IntoResponse {
    if edge.shutdown().begun() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    }
    let check = tokio::time::timeout(edge.options().patience, edge.app().store().check());
    let error = match check.await.unwrap_or_else(|_| Err(no_answer())) {
        Ok(()) => return (StatusCode::OK, format!("ready\n{}", clock(&edge))),
        Err(error) => error,
    };
    let why = away(&error).map_or_else(|| "the store does not do what it is asked".to_owned(), |why| why.to_string());
    warn_once_a_minute(&format!("not ready: {why}"), &error);
    (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n"))
}

/// A sentence about this machine's clock, if it is wrong. The service stays ready, because it uses the store's clock.
fn clock(edge: &Edge) -> String {
    match edge.app().clock().offset() {
        Some(offset) if offset.abs() > OFFSET_TOLD => {
            let (seconds, way) =
                (offset.abs().as_seconds_f64(), if offset < TimeDelta::zero() { "behind" } else { "ahead of" });
            format!("this machine's clock is {seconds:.1} s {way} the store's, which is used\n")
        }
        _ => String::new(),
    }
}

/// The metrics, for Prometheus.
pub async fn metrics(State(edge): State<Edge>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], edge.metrics().text(&edge.app().part::<Measured>()))
}
