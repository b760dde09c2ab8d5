//! GraphQL over HTTP (<https://graphql.github.io/graphql-over-http/draft/>): POST with JSON, and GET for reads. The
//! same route responds with a stream or upgrades to a WebSocket when the client asks for it.

use async_graphql::{Request as GraphRequest, Response as GraphResponse, ServerError};
use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State, WebSocketUpgrade};
use axum::http::{Method, header};
use axum::response::Response;
use tokio::time::{Instant, timeout_at};

use super::accept::{Accepted, Media, StreamMedia};
use super::answer::{self, broken};
use super::connections::Busy;
use super::places::OccupiedPlaces;
use super::prepared::ResponseKey;
use super::request::{self, Parameters, Read};
use super::state::{Edge, busy};
use super::visitor::Visitor;
use super::{multipart, sse, ws};
use crate::access::session::{Session, SharedSession};
use crate::graphql::documents::guard::{self, Looked, OperationKind};
use crate::graphql::documents::introspect;
use crate::graphql::documents::meter::{Meter, OperationCost, too_much};
use crate::graphql::error::code::Code;
use crate::graphql::{Surroundings, prepared};
use crate::texts;

/// The main route: a single response, a stream or a WebSocket, as the client asks.
pub async fn any(
    State(edge): State<Edge>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    let visitor = edge.visitor(request.headers(), request.extensions());
    if let Ok(upgrade) = upgrade {
        let busy = request.extensions().get::<Busy>().cloned();
        return ws::accept(edge, upgrade, request.headers(), (visitor, busy)).await;
    }
    let accepted = Accepted::of(request.headers());
    if accepted.single.is_none() && accepted.stream.is_none() {
        let error = Code::NotAcceptable.server_error(texts::api::not_acceptable());
        return answer::refused(error, Media::Json, &visitor);
    }
    answer(&edge, &visitor, accepted, request).await
}

/// The route that always responds with server-sent events.
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

/// An operation to be executed, or the error of its document.
struct Operation {
    document: Result<ExecutableOperation, ServerError>,
    method: Method,
    session: Session,
    meter: Meter,
    /// The deadline for the response.
    by: Instant,
    /// The memory places of its body, held until it is answered.
    _held: OccupiedPlaces,
}

async fn look(edge: &Edge, visitor: &Visitor, request: Request) -> Result<Operation, ServerError> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let session = edge.session(&parts.headers, visitor).await?;
    let caller = session.caller();
    let asker = visitor.asks_as(caller.clone());
    if !edge.outbox().has_room() {
        return Err(busy());
    }
    let reading = Instant::now();
    // An invalid request costs points as well, so that nobody can send them without limit.
    let read = request::read(&parts, body, (&caller, &asker), edge).await;
    let Read { parameters, paid, held } = match read {
        Ok(read) => read,
        Err(error) => return Err(edge.charge(&asker).err().unwrap_or(error)),
    };
    // The time for reading the body has its own limits and does not count towards the request's.
    let by = began + reading.elapsed() + edge.options().request_time;
    let document = find(edge, parameters);
    let looked = document.as_ref().ok().map(|found| found.looked);
    let kind = looked.map_or(OperationKind::Query, |looked| looked.kind);
    let load = OperationCost { kind, contract: looked.map_or(0, |looked| looked.contract.points()), paid };
    let meter = Meter::new(edge.shares(), asker, load);
    if document.is_err() || (parts.method == Method::GET && kind == OperationKind::Mutation) {
        edge.charge(meter.asker())?;
    }
    Ok(Operation { document, method: parts.method, session, meter, by, _held: held })
}

/// A document that can be executed.
pub struct ExecutableOperation {
    /// The request with its variables.
    pub request: GraphRequest,
    /// The kind of operation, and how much of the schema it reads (introspection).
    pub looked: Looked,
    /// The cache key of its response, if the response is the same for everybody.
    key: Option<ResponseKey>,
}

/// Finds the document that is meant, and checks it against the limits.
///
/// # Errors
/// The error of the document.
pub fn find(edge: &Edge, parameters: Parameters) -> Result<ExecutableOperation, ServerError> {
    let Parameters { query, id, operation_name, variables } = parameters;
    let found = edge.documents().find(query.as_deref(), id.as_deref())?;
    let looked = guard::check(&found.document, operation_name.as_deref(), &variables, edge.options().selections)?;
    edge.documents().keep(&found);
    let key = looked.contract.alone.then(|| (found.hash, operation_name.clone()));
    let mut request = GraphRequest::new(String::new()).variables(variables);
    request.operation_name = operation_name;
    request.set_parsed_query(found.document.as_ref().clone());
    Ok(ExecutableOperation { request, looked, key })
}

impl Operation {
    async fn answer(self, edge: &Edge, visitor: &Visitor, accepted: Accepted) -> Response {
        let Self { document, method, session, meter, by, _held } = self;
        let ExecutableOperation { request: document, looked: Looked { kind, .. }, key } = match document {
            Ok(found) => found,
            Err(error) => {
                // graphql-sse requires these errors in the stream; a client that only reads streams would not see them
                // otherwise.
                let response = GraphResponse::from_errors(vec![error]);
                return match accepted {
                    Accepted { single: None, stream: Some(StreamMedia::Events) } => sse::once(visitor, response),
                    _ => answer::executed(response, accepted.refusing(), visitor, &meter),
                };
            }
        };
        if method == Method::GET && kind == OperationKind::Mutation {
            let error = Code::MethodNotAllowed.server_error(texts::api::post_mutation());
            let mut response = answer::refused(error, accepted.refusing(), visitor);
            response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
            return response;
        }
        let caller = session.caller();
        let shared = SharedSession::new(session.clone());
        let around = Surroundings { session, shared, language: visitor.reads(), meter: meter.clone() };
        let document = prepared(document, edge.app(), around);
        if let (Some(key), Some(media)) = (key, accepted.single) {
            return contract(edge, (key, document), (media, by), visitor, &meter).await;
        }
        if kind != OperationKind::Subscription {
            let response = run(edge, document, kind, by).await;
            return match accepted {
                Accepted { single: Some(media), .. } => answer::executed(response, media, visitor, &meter),
                Accepted { stream: Some(StreamMedia::Parts), .. } => {
                    answer::executed(response, Media::Json, visitor, &meter)
                }
                _ => sse::once(visitor, response),
            };
        }
        let Some(media) = accepted.stream else {
            let error = Code::NotAcceptable.server_error(texts::api::needs_stream());
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

/// The response about the schema: from the cache, or made now.
async fn contract(
    edge: &Edge,
    (key, document): (ResponseKey, GraphRequest),
    (media, by): (Media, Instant),
    visitor: &Visitor,
    meter: &Meter,
) -> Response {
    let known = |answer: Bytes| {
        let level = meter.pay(introspect::points(answer.len()).max(1));
        if level.wait.is_some() {
            return answer::executed(GraphResponse::from_errors(vec![too_much(level)]), media, visitor, meter);
        }
        answer::shared(answer, media, meter)
    };
    if let Some(answer) = edge.prepared().get(&key) {
        return known(answer);
    }
    let Ok(_turn) = timeout_at(by, edge.prepared().turn()).await else {
        return answer::refused(busy(), media, visitor);
    };
    if let Some(answer) = edge.prepared().get(&key) {
        return known(answer);
    }
    let response = run(edge, document, OperationKind::Query, by).await;
    if !response.errors.is_empty() {
        return answer::executed(response, media, visitor, meter);
    }
    match serde_json::to_vec(&response.data) {
        Ok(answer) => {
            let answer = Bytes::from(answer);
            edge.prepared().keep(key, answer.clone());
            answer::shared(answer, media, meter)
        }
        Err(error) => {
            tracing::error!(%error, "an answer about the contract could not be written");
            answer::refused(broken(), media, visitor)
        }
    }
}

fn too_many_streams() -> ServerError {
    Code::TooManyStreams.server_error(texts::api::too_many_streams())
}

/// Executes a document. A mutation runs to its end even when the client disconnects, so that an act is never
/// interrupted. A query that takes too long is cancelled.
pub(super) async fn run(edge: &Edge, document: GraphRequest, kind: OperationKind, by: Instant) -> GraphResponse {
    let api = edge.api().clone();
    let failed = |error| GraphResponse::from_errors(vec![error]);
    let work = async move {
        if kind == OperationKind::Mutation {
            return api.execute(document).await;
        }
        // The timeout is inside the task, so that it also applies after the client has disconnected.
        timeout_at(by, api.execute(document)).await.unwrap_or_else(|_| failed(given_up()))
    };
    let running = tokio::spawn(tracing::Instrument::in_current_span(work));
    let answered =
        async { if kind == OperationKind::Mutation { timeout_at(by, running).await } else { Ok(running.await) } };
    match answered.await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(%panic, "a request panicked");
            failed(broken())
        }
        Err(_) => failed(Code::Timeout.server_error(texts::api::may_be_done())),
    }
}

/// The error for a request that took too long.
#[must_use]
pub fn given_up() -> ServerError {
    Code::Timeout.server_error(texts::api::given_up())
}
