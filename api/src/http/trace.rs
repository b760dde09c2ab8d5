//! Every request has an id, which is in a header of the response, in every log line of the request, and in every error.
//! Logs contain what kind of request it was and how it ended; never text that a person wrote, and never the text of a
//! path or query.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::answer;
use super::connections::Busy;
use super::metrics::RequestLabels;
use super::state::Edge;

/// The response header that contains the id.
pub const REQUEST_ID: &str = "x-request-id";

/// The id of a request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Gives the request its id, counts it and logs it.
pub async fn request(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let app = edge.app();
    let started = Instant::now();
    let id = app.new_id(app.now()).simple().to_string();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", %id, %method, %route);
    let connection = request.extensions().get::<Busy>().cloned();
    // In a task of its own, so that an act that has begun is completed although the client disconnects.
    let answering = tokio::spawn(next.run(request).instrument(span.clone()));
    let response = answering.await.unwrap_or_else(|error| answer::panicked(Box::new(error.to_string())));
    let mut response = edge.outbox().bound(response, connection).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    edge.metrics().requests.get_or_create(&RequestLabels { route, status }).inc();
    edge.metrics().seconds.observe(took.as_secs_f64());
    span.in_scope(|| tracing::debug!(status, took_ms = took.as_millis(), "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
