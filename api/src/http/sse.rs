//! Server-sent events, graphql-sse's "distinct connections" mode
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>): one operation, one stream; `next` per result,
//! `complete` at the end, and a comment from time to time so that a broken connection is noticed. `retry` says at the
//! beginning, and again when the service stops, after how many milliseconds to reconnect; it differs from stream to
//! stream.

use async_graphql::{Request as GraphRequest, Response as GraphResponse};
use axum::body::Bytes;
use axum::response::Response;
use futures_util::{StreamExt, stream};

use super::answer::finish;
use super::results::{self, StreamItem, written};
use super::state::Edge;
use super::visitor::Visitor;
use crate::access::share::StreamSlot;
use crate::graphql::documents::meter::Meter;

const KIND: &str = "text/event-stream";
/// A comment, which parsers do not pass on to clients.
const BEAT: Bytes = Bytes::from_static(b":\n\n");
/// The empty `data` is needed, because browsers' parsers do not dispatch an event without any.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

/// The one result of a query or mutation that has already been executed, or of a document that could not be executed.
#[must_use]
pub fn once(visitor: &Visitor, mut result: GraphResponse) -> Response {
    finish(&mut result, visitor);
    results::answer(KIND, [next(&result), COMPLETE].concat())
}

/// Streams the results of a subscription.
#[must_use]
pub fn follow(edge: &Edge, visitor: &Visitor, held: (StreamSlot, Meter), document: GraphRequest) -> Response {
    let events = results::of(edge, visitor, held, document).map(|told| match told {
        StreamItem::Result(result) => next(&result),
        StreamItem::Complete => COMPLETE,
        StreamItem::Stopping(milliseconds) => retry(milliseconds),
    });
    let begun = stream::iter([retry(edge.shutdown().retry_ms())]);
    results::follow(edge, KIND, begun.chain(events), (BEAT, COMPLETE))
}

/// The field that sets after how many milliseconds a client reconnects. It is not an event and is not passed on to
/// clients.
fn retry(milliseconds: u128) -> Bytes {
    format!("retry: {milliseconds}\n\n").into()
}

/// An event with a result. JSON has no line breaks here, so it is one `data` line.
fn next(result: &GraphResponse) -> Bytes {
    format!("event: next\ndata: {}\n\n", written(result)).into()
}
