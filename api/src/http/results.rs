//! A subscription's results as a response body, for any streaming protocol. A separate task produces the results. They
//! are counted, in the reader's language, with a heartbeat when there are none for a while.

use async_graphql::{Request as GraphRequest, Response as GraphResponse};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, Stream, StreamExt, future, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::answer::{finish, is_request_error};
use super::metrics::GaugeGuard;
use super::state::Edge;
use super::takeover::long;
use super::visitor::Visitor;
use crate::access::share::StreamSlot;
use crate::graphql::documents::meter::Meter;

/// One event of the stream.
pub enum StreamItem {
    /// A result of the operation.
    Result(Box<GraphResponse>),
    /// The operation has ended. Not sent when the service stops, because clients do not reconnect after it.
    Complete,
    /// The service stops. The client should reconnect with its cursor after this many milliseconds.
    Stopping(u128),
}

/// The results of this document until it ends, the client disconnects, or the service stops.
pub fn of(
    edge: &Edge,
    visitor: &Visitor,
    (place, meter): (StreamSlot, Meter),
    document: GraphRequest,
) -> impl Stream<Item = StreamItem> + Send + use<> {
    let held = (GaugeGuard::count(&edge.metrics().streams), place);
    let visitor = visitor.clone();
    let results = stream_in_task(edge.api().execute_stream(document), meter).map(move |mut result| {
        let _while_it_lasts = &held;
        finish(&mut result, &visitor);
        StreamItem::Result(result)
    });
    let results = results.chain(stream::once(future::ready(StreamItem::Complete))).boxed();
    let (turn, edge) = (edge.shutdown().turn().boxed(), edge.clone());
    stream::unfold(Some((results, turn, edge)), |going| async move {
        let (mut results, mut turn, edge) = going?;
        tokio::select! {
            told = results.next() => {
                let last = matches!(told, Some(StreamItem::Complete));
                told.map(|told| (told, (!last).then_some((results, turn, edge))))
            }
            () = &mut turn => Some((StreamItem::Stopping(edge.shutdown().retry_ms()), None)),
        }
    })
}

/// The same stream, produced by a task of its own. When the client does not read, the task waits between two results,
/// and not in the middle of a read while it holds a connection to the store.
fn stream_in_task(
    mut results: BoxStream<'static, GraphResponse>,
    meter: Meter,
) -> impl Stream<Item = Box<GraphResponse>> + Send {
    // Boxed, because a channel allocates room for 32 items, and most subscriptions wait without any.
    let (tell, told) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let next = tokio::select! {
                next = results.next() => next,
                () = tell.closed() => None,
            };
            let Some(result) = next else { return };
            if tell.send(Box::new(result)).await.is_err() {
                return;
            }
            meter.again().await;
        }
    });
    stream::unfold(told, |mut told| async move { told.recv().await.map(|result| (result, told)) })
}

/// A result as JSON; the key `data` is left out when nothing was executed.
#[must_use]
pub fn written(result: &GraphResponse) -> Value {
    if is_request_error(result) {
        json!({ "errors": result.errors, "extensions": result.extensions })
    } else {
        json!(result)
    }
}

/// A response of this type that streams these pieces. It sends a heartbeat at once, so that the client knows that the
/// stream is open, and whenever nothing else was sent for a while.
pub fn follow(
    edge: &Edge,
    kind: &'static str,
    pieces: impl Stream<Item = Bytes> + Send + 'static,
    (beat, complete): (Bytes, Bytes),
) -> Response {
    let mut clock = interval_at(Instant::now(), edge.options().ping_every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let alive = stream::unfold((pieces.boxed(), clock, beat), |(mut pieces, mut clock, beat)| async move {
        let next = tokio::select! {
            biased;
            next = pieces.next() => next?,
            _ = clock.tick() => beat.clone(),
        };
        Some((next, (pieces, clock, beat)))
    });
    let date = edge.app().now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut response = answer(kind, Body::empty());
    response.headers_mut().extend(HeaderValue::try_from(date).ok().map(|date| (header::DATE, date)));
    long(response, alive.boxed(), complete)
}

/// A response of this type that must not be cached.
pub fn answer(kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies that buffer responses would hold back every event.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
