//! Server-sent events, graphql-sse's "distinct connections" mode
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>): one operation, one stream; `next` per result,
//! `complete` at the end, a comment now and then so that a dead connection is noticed.

use async_graphql::Request as GraphRequest;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, future, stream};

use super::answer::identify;
use super::metrics::Open;
use super::state::Edge;
use super::trace::RequestId;

/// Streams the results of a document.
#[must_use]
pub fn answer(edge: &Edge, id: RequestId, document: GraphRequest) -> Response {
    let mut response = Sse::new(events(edge, id, document))
        .keep_alive(KeepAlive::new().interval(edge.options().ping_every))
        .into_response();
    // Proxies that gather an answer before they pass it on would keep every event to themselves.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

fn events(
    edge: &Edge,
    id: RequestId,
    document: GraphRequest,
) -> impl Stream<Item = Result<Event, serde_json::Error>> + Send + use<> {
    let open = Open::count(&edge.metrics().streams);
    let results = edge.api().execute_stream(document).map(move |mut result| {
        identify(&mut result, &id);
        Ok(Event::default().event("next").data(serde_json::to_string(&result)?))
    });
    // A service that stops ends its streams with `complete`; clients come back with their cursor.
    let results = results.take_until(edge.shutdown().wait());
    let complete = stream::once(future::ready(Ok(Event::default().event("complete").data(""))));
    results.chain(complete).map(move |event| {
        let _counted = &open;
        event
    })
}
