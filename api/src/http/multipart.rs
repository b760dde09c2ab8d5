//! Subscriptions as parts of one HTTP answer, as Apollo's clients read them
//! (<https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol>): each part holds
//! `{"payload": …}`; an empty object is a heartbeat; an error of the stream itself stands beside a null payload.

use async_graphql::{Request as GraphRequest, Response as GraphResponse};
use axum::body::Bytes;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::answer::is_request_error;
use super::results::{self, Told};
use super::state::Edge;
use super::visitor::Visitor;
use crate::access::share::Place;
use crate::graphql::meter::Meter;

const KIND: &str = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=\"1.0\"";
const BEGIN: Bytes = Bytes::from_static(b"\r\n--graphql");
const END: Bytes = Bytes::from_static(b"--\r\n");

/// Streams the results of a subscription.
#[must_use]
pub fn follow(edge: &Edge, visitor: &Visitor, held: (Place, Meter), document: GraphRequest) -> Response {
    let parts = results::of(edge, visitor, held, document).map(|told| match told {
        Told::Result(result) => part(&payload(&result)),
        Told::Complete => END,
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

/// A part with the line that ends it: readers take a part for whole only when they have seen that.
fn part(content: &Value) -> Bytes {
    format!("\r\ncontent-type: application/json\r\n\r\n{content}\r\n--graphql").into()
}
