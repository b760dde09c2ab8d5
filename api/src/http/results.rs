//! A subscription's results as a body to be written out, whatever the writing: run by a task of its own, counted, in the
//! reader's language, with a sign of life now and then.

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
use super::lent::long;
use super::metrics::Open;
use super::state::Edge;
use super::visitor::Visitor;
use crate::access::share::Place;
use crate::graphql::meter::Meter;

/// What there is to write.
pub enum Told {
    /// A result.
    Result(Box<GraphResponse>),
    /// The operation has come to its end. Not told when the service stops: a client that is told so comes back no more.
    Complete,
    /// The service stops: the client is to come back in so many milliseconds, with its cursor.
    Stopping(u128),
}

/// The results of this document until it ends, the client goes, or the service stops.
pub fn of(
    edge: &Edge,
    visitor: &Visitor,
    (place, meter): (Place, Meter),
    document: GraphRequest,
) -> impl Stream<Item = Told> + Send + use<> {
    let held = (Open::count(&edge.metrics().streams), place);
    let visitor = visitor.clone();
    let results = pumped(edge.api().execute_stream(document), meter).map(move |mut result| {
        let _while_it_lasts = &held;
        finish(&mut result, &visitor);
        Told::Result(result)
    });
    let results = results.chain(stream::once(future::ready(Told::Complete))).boxed();
    let (turn, edge) = (edge.shutdown().turn().boxed(), edge.clone());
    stream::unfold(Some((results, turn, edge)), |going| async move {
        let (mut results, mut turn, edge) = going?;
        tokio::select! {
            told = results.next() => {
                let last = matches!(told, Some(Told::Complete));
                told.map(|told| (told, (!last).then_some((results, turn, edge))))
            }
            () = &mut turn => Some((Told::Stopping(edge.shutdown().retry_ms()), None)),
        }
    })
}

/// The same stream, run by a task of its own: a client that does not read leaves it between two results, and not in the
/// middle of a read with a connection of the store in its hand.
fn pumped(
    mut results: BoxStream<'static, GraphResponse>,
    meter: Meter,
) -> impl Stream<Item = Box<GraphResponse>> + Send {
    // Boxed: a channel keeps room for 32 of what it carries, and most of them wait for nothing.
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

/// A result as it is written; the key `data` is left out when nothing was executed.
#[must_use]
pub fn written(result: &GraphResponse) -> Value {
    if is_request_error(result) {
        json!({ "errors": result.errors, "extensions": result.extensions })
    } else {
        json!(result)
    }
}

/// These pieces as an answer of this type for as long as they come, with a beat at once, so that the client knows it is
/// heard, and whenever nothing else was written for a while.
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

/// A body of this type that nobody may keep.
pub fn answer(kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies that gather an answer before they pass it on would keep every event to themselves.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
