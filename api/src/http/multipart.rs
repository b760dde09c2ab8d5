//! Subscriptions as parts of one HTTP response, as Apollo's clients read them
//! (<https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol>): each part holds
//! `{"payload": …}`; an empty object is a heartbeat; an error of the stream itself has a null payload.

use async_graphql::{Request as GraphRequest, Response as GraphResponse};
use axum::body::Bytes;
use axum::response::Response;
use entity::kind::Language;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::answer::is_request_error;
use super::results::{self, StreamItem};
use super::state::Edge;
use super::visitor::Visitor;
use crate::access::share::StreamSlot;
use crate::graphql::documents::meter::Meter;
use crate::graphql::error::code::{Code, ServerErrorExt};
use crate::texts;

const KIND: &str = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=\"1.0\"";
const BEGIN: Bytes = Bytes::from_static(b"\r\n--graphql");
const END: Bytes = Bytes::from_static(b"--\r\n");

/// Streams the results of a subscription.
#[must_use]
pub fn follow(edge: &Edge, visitor: &Visitor, held: (StreamSlot, Meter), document: GraphRequest) -> Response {
    let language = visitor.language;
    let parts = results::of(edge, visitor, held, document).flat_map(move |told| {
        stream::iter(match told {
            StreamItem::Result(result) => vec![part(&payload(&result))],
            StreamItem::Complete => vec![END],
            // An error of the stream itself, so that the client does not take the end for the end of the operation.
            StreamItem::Stopping(milliseconds) => vec![part(&stopping(milliseconds, language)), END],
        })
    });
    results::follow(edge, KIND, stream::iter([BEGIN]).chain(parts), (part(&json!({})), END))
}

fn payload(result: &GraphResponse) -> Value {
    if is_request_error(result) {
        json!({ "payload": null, "errors": result.errors, "extensions": result.extensions })
    } else {
        json!({ "payload": result })
    }
}

fn stopping(milliseconds: u128, language: Language) -> Value {
    let mut error = Code::Restarting.server_error(texts::api::restarting());
    error.localise(language);
    let seconds = u64::try_from(milliseconds.div_ceil(1_000)).unwrap_or(u64::MAX);
    error.extensions.get_or_insert_default().set("retryAfter", seconds);
    json!({ "payload": null, "errors": [error] })
}

/// A part with the boundary that ends it, because readers only process a part when they have read its boundary.
fn part(content: &Value) -> Bytes {
    format!("\r\ncontent-type: application/json\r\n\r\n{content}\r\n--graphql").into()
}
