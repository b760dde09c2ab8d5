//! Executes the GraphQL documents of the service's own pages. A page is a client of the schema like any other: it sees
//! and does only what its reader may, and the cost is charged to the reader.

use async_graphql::{Request as GraphRequest, ServerError, Variables};
use serde_json::Value;
use tokio::time::Instant;

use super::graphql::run;
use super::state::Edge;
use super::visitor::Visitor;
use crate::access::session::{Session, SharedSession};
use crate::graphql::documents::guard::OperationKind;
use crate::graphql::documents::meter::{Meter, OperationCost};
use crate::graphql::{Surroundings, prepared};

/// Executes a document and returns its data.
///
/// # Errors
/// The first error of the answer.
pub async fn execute(
    edge: &Edge,
    visitor: &Visitor,
    session: &Session,
    (kind, document): (OperationKind, &str),
    variables: Value,
) -> Result<Value, ServerError> {
    let asker = visitor.asks_as(session.caller());
    let meter = Meter::new(edge.shares(), asker, OperationCost { kind, contract: 0, paid: 0 });
    let shared = SharedSession::new(session.clone());
    let around = Surroundings { session: session.clone(), shared, language: visitor.reads(), meter };
    let request = GraphRequest::new(document).variables(Variables::from_json(variables));
    let request = prepared(request, edge.app(), around);
    let response = run(edge, request, kind, Instant::now() + edge.options().request_time).await;
    match response.errors.into_iter().next() {
        Some(error) => Err(error),
        None => response.data.into_json().map_err(|error| ServerError::new(error.to_string(), None)),
    }
}
