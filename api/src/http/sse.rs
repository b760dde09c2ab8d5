//! Server-sent events, graphql-sse's "distinct connections" mode
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>): one operation, one stream; `next` per result,
//! `complete` at the end, a comment now and then so that a dead connection is noticed.

use async_graphql::{Request as GraphRequest, Response as GraphResponse};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, future, stream};
use tokio::sync::mpsc;

use super::answer::identify;
use super::metrics::Open;
use super::state::Edge;
use super::trace::RequestId;

/// The one result of a query or an act, which has run to its end already.
#[must_use]
pub fn once(edge: &Edge, id: &RequestId, mut result: GraphResponse) -> Response {
    identify(&mut result, id);
    let next = serde_json::to_string(&result).map(|result| Event::default().event("next").data(result));
    let complete = Event::default().event("complete").data("");
    respond(edge, stream::iter([next, Ok(complete)]))
}

/// Streams the results of a subscription.
#[must_use]
pub fn follow(edge: &Edge, id: RequestId, document: GraphRequest) -> Response {
    respond(edge, events(edge, id, document))
}

fn respond(edge: &Edge, events: impl Stream<Item = Result<Event, serde_json::Error>> + Send + 'static) -> Response {
    let alive = KeepAlive::new().interval(edge.options().ping_every);
    let mut response = Sse::new(events).keep_alive(alive).into_response();
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
    let results = pumped(edge.api().execute_stream(document)).map(move |mut result| {
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

/// The same stream, run by a task of its own: a client that does not read leaves it between two results, and not in the
/// middle of a read with a connection of the store in its hand.
fn pumped(mut results: BoxStream<'static, GraphResponse>) -> impl Stream<Item = GraphResponse> + Send {
    let (tell, told) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let next = tokio::select! {
                next = results.next() => next,
                () = tell.closed() => None,
            };
            let Some(result) = next else { return };
            if tell.send(result).await.is_err() {
                return;
            }
        }
    });
    stream::unfold(told, |mut told| async move { told.recv().await.map(|result| (result, told)) })
}
