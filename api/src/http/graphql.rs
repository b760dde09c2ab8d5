//! GraphQL over HTTP (<https://graphql.github.io/graphql-over-http/draft/>): POST with JSON, GET for reads, and the same
//! route answers with a stream or upgrades to a WebSocket when the client asks for it.

use std::time::Duration;

use async_graphql::{Request as GraphRequest, Response as GraphResponse, ServerError};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State, WebSocketUpgrade};
use axum::http::{Method, header};
use axum::response::Response;
use tokio::sync::OwnedSemaphorePermit;

use super::accept::{Accepted, Media, StreamMedia};
use super::answer::{self, broken};
use super::request::{self, Parameters};
use super::state::Edge;
use super::visitor::Visitor;
use super::{multipart, sse, ws};
use crate::access::session::{Session, SharedSession};
use crate::graphql::code::Code;
use crate::graphql::guard::{self, Kind};
use crate::graphql::meter::Meter;
use crate::graphql::{Surroundings, prepared};

/// The one route: HTTP, WebSocket or a stream, as the client asks.
pub async fn any(
    State(edge): State<Edge>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    let visitor = edge.visitor(request.headers(), request.extensions());
    if let Ok(upgrade) = upgrade {
        return ws::accept(edge, upgrade, request.headers(), visitor);
    }
    let accepted = Accepted::of(request.headers());
    if accepted.single.is_none() && accepted.stream.is_none() {
        let error = Code::NotAcceptable.server_error(
            "Accept application/graphql-response+json, application/json, text/event-stream or multipart/mixed.",
            "Godta application/graphql-response+json, application/json, text/event-stream eller multipart/mixed.",
        );
        return answer::refused(error, Media::Json, &visitor);
    }
    answer(&edge, &visitor, accepted, request).await
}

/// Server-sent events, whatever the client accepts.
pub async fn stream(State(edge): State<Edge>, request: Request) -> Response {
    let visitor = edge.visitor(request.headers(), request.extensions());
    let accepted = Accepted { single: None, stream: Some(StreamMedia::Events) };
    answer(&edge, &visitor, accepted, request).await
}

async fn answer(edge: &Edge, visitor: &Visitor, accepted: Accepted, request: Request) -> Response {
    match look(edge, visitor, request).await {
        Ok(operation) => operation.answer(edge, visitor, accepted).await,
        Err(error) => answer::refused(error, accepted.refusing(), visitor),
    }
}

/// An operation about to be executed, or what is wrong with its document.
struct Operation {
    document: Result<(GraphRequest, Kind), ServerError>,
    method: Method,
    session: Session,
    meter: Meter,
    /// A large body's place, held until it is answered.
    _room: Option<OwnedSemaphorePermit>,
}

async fn look(edge: &Edge, visitor: &Visitor, request: Request) -> Result<Operation, ServerError> {
    let (parts, body) = request.into_parts();
    let session = edge.session(&parts.headers, visitor).await?;
    let caller = session.caller();
    let asker = visitor.asks_as(caller.clone());
    // Rubbish is not free: whoever sends it has less left for what is not.
    let read = request::read(&parts, body, &caller, edge).await;
    let (parameters, room) = match read {
        Ok(read) => read,
        Err(error) => return Err(edge.charge(&asker).err().unwrap_or(error)),
    };
    let document = find(edge, parameters);
    let kind = document.as_ref().map_or(Kind::Query, |(_, kind)| *kind);
    let meter = Meter::new(edge.shares(), asker, kind);
    if document.is_err() || (parts.method == Method::GET && kind == Kind::Mutation) {
        edge.charge(meter.asker())?;
    }
    Ok(Operation { document, method: parts.method, session, meter, _room: room })
}

/// The document that is meant, bounded.
///
/// # Errors
/// What is wrong with it.
pub fn find(edge: &Edge, parameters: Parameters) -> Result<(GraphRequest, Kind), ServerError> {
    let Parameters { query, id, operation_name, variables } = parameters;
    let found = edge.documents().find(query.as_deref(), id.as_deref())?;
    let kind = guard::check(&found.document, operation_name.as_deref(), &variables, edge.options().selections)?;
    edge.documents().keep(&found);
    let mut request = GraphRequest::new(String::new()).variables(variables);
    request.operation_name = operation_name;
    request.set_parsed_query(found.document.as_ref().clone());
    Ok((request, kind))
}

impl Operation {
    async fn answer(self, edge: &Edge, visitor: &Visitor, accepted: Accepted) -> Response {
        let Self { document, method, session, meter, _room } = self;
        let (document, kind) = match document {
            Ok(found) => found,
            Err(error) => {
                // graphql-sse wants these in the stream; a client that reads only streams would not see them elsewhere.
                let response = GraphResponse::from_errors(vec![error]);
                return match accepted {
                    Accepted { single: None, stream: Some(StreamMedia::Events) } => sse::once(visitor, response),
                    _ => answer::executed(response, accepted.refusing(), visitor, &meter),
                };
            }
        };
        if method == Method::GET && kind == Kind::Mutation {
            let error = Code::MethodNotAllowed.server_error("A mutation goes by POST.", "En ändring skickas med POST.");
            let mut response = answer::refused(error, accepted.refusing(), visitor);
            response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
            return response;
        }
        let caller = session.caller();
        let shared = SharedSession::new(session.clone());
        let around = Surroundings { session, shared, language: visitor.reads(), meter: meter.clone() };
        let document = prepared(document, edge.app(), around);
        if kind != Kind::Subscription {
            let response = run(edge, document, kind).await;
            return match accepted {
                Accepted { single: Some(media), .. } => answer::executed(response, media, visitor, &meter),
                Accepted { stream: Some(StreamMedia::Parts), .. } => {
                    answer::executed(response, Media::Json, visitor, &meter)
                }
                _ => sse::once(visitor, response),
            };
        }
        let Some(media) = accepted.stream else {
            let error = Code::NotAcceptable.server_error(
                "A subscription needs a stream: accept text/event-stream or multipart/mixed, or use a WebSocket (graphql-transport-ws).",
                "En prenumeration behöver en ström: godta text/event-stream eller multipart/mixed, eller använd en WebSocket (graphql-transport-ws).",
            );
            return answer::refused(error, accepted.refusing(), visitor);
        };
        let asker = visitor.asks_as(caller);
        let Some(place) = edge.shares().open(&asker) else {
            let error = edge.charge(&asker).err().unwrap_or_else(too_many_streams);
            return answer::refused(error, accepted.refusing(), visitor);
        };
        match media {
            StreamMedia::Events => sse::follow(edge, visitor, (place, meter), document),
            StreamMedia::Parts => multipart::follow(edge, visitor, (place, meter), document),
        }
    }
}

fn too_many_streams() -> ServerError {
    Code::TooManyStreams.server_error(
        "You have as many streams open as one caller may. Close another first, or use one WebSocket for several.",
        "Du har så många strömmar öppna som en får ha. Stäng en först, eller använd en WebSocket för flera.",
    )
}

/// Runs to its end even when the client hangs up: an act is done or not done, never cut short. A query that takes too
/// long is given up.
async fn run(edge: &Edge, document: GraphRequest, kind: Kind) -> GraphResponse {
    let (api, time) = (edge.api().clone(), edge.options().request_time);
    let failed = |error| GraphResponse::from_errors(vec![error]);
    let work = async move {
        if kind == Kind::Mutation {
            return api.execute(document).await;
        }
        // Here and not where it is waited for: the bound holds although the client has hung up.
        tokio::time::timeout(time, api.execute(document)).await.unwrap_or_else(|_| failed(given_up()))
    };
    let running = tokio::spawn(tracing::Instrument::in_current_span(work));
    let patience = if kind == Kind::Mutation { time } else { Duration::MAX };
    match tokio::time::timeout(patience, running).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(%panic, "a request panicked");
            failed(broken())
        }
        Err(_) => failed(Code::Timeout.server_error(
            "This took too long and may still be done. Look before you repeat it, or repeat it with the same key.",
            "Detta tog för lång tid och kan ändå bli gjort. Titta efter innan du upprepar det, eller upprepa det med samma nyckel.",
        )),
    }
}

/// "This took too long."
#[must_use]
pub fn given_up() -> ServerError {
    Code::Timeout.server_error(
        "This took too long and was given up. Ask for less at a time.",
        "Detta tog för lång tid och gavs upp. Fråga efter mindre åt gången.",
    )
}
