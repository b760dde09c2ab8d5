//! Server-sent events, graphql-sse's "distinct connections" mode
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>): one operation, one stream; `next` per result,
//! `complete` at the end, a comment now and then so that a dead connection is noticed. `retry` says at the beginning, and again
//! when the service stops, after how many milliseconds to come back; it differs from stream to stream.

use async_graphql::{Request as GraphRequest, Response as GraphResponse};
use axum::body::Bytes;
use axum::response::Response;
use futures_util::{StreamExt, stream};

use super::answer::finish;
use super::results::{self, Told, written};
use super::state::Edge;
use super::visitor::Visitor;
use crate::access::share::Place;
use crate::graphql::meter::Meter;

const KIND: &str = "text/event-stream";
/// A comment, which no client is told of.
const BEAT: Bytes = Bytes::from_static(b":\n\n");
/// The empty `data` matters: an event without any is never told by a browser's parser.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

/// The one result of a query or an act, which has run to its end already, or of a document that could not be executed.
#[must_use]
pub fn once(visitor: &Visitor, mut result: GraphResponse) -> Response {
    finish(&mut result, visitor);
    results::answer(KIND, [next(&result), COMPLETE].concat())
}

/// Streams the results of a subscription.
#[must_use]
pub fn follow(edge: &Edge, visitor: &Visitor, held: (Place, Meter), document: GraphRequest) -> Response {
    let events = results::of(edge, visitor, held, document).map(|told| match told {
        Told::Result(result) => next(&result),
        Told::Complete => COMPLETE,
        Told::Stopping(milliseconds) => retry(milliseconds),
    });
    let begun = stream::iter([retry(edge.shutdown().retry_ms())]);
    results::follow(edge, KIND, begun.chain(events), (BEAT, COMPLETE))
}

/// After how long a client comes back by itself. No event: readers tell their clients nothing of it.
fn retry(milliseconds: u128) -> Bytes {
    format!("retry: {milliseconds}\n\n").into()
}

/// JSON has no line of its own, so it is one `data` line.
fn next(result: &GraphResponse) -> Bytes {
    format!("event: next\ndata: {}\n\n", written(result)).into()
}
