//! GraphQL over HTTP (<https://graphql.github.io/graphql-over-http/draft/>): POST with JSON, GET for reads, and the same
//! route answers as server-sent events or upgrades to a WebSocket when the client asks for it.

use std::time::Duration;

use async_graphql::{Request as GraphRequest, Response as GraphResponse, ServerError, Variables};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entity::kind::Language;
use serde::Deserialize;
use serde_json::Value;

use super::answer::{self, Media, Refused};
use super::state::Edge;
use super::trace::RequestId;
use super::{sse, ws};
use crate::access::session::Session;
use crate::graphql::context::ReaderLanguage;
use crate::graphql::guard::{self, Kind};
use crate::graphql::prepared;
use crate::kit::actor::Actor;

/// The one route: HTTP, WebSocket or server-sent events, as the client asks.
pub async fn any(
    State(edge): State<Edge>,
    Extension(id): Extension<RequestId>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    if let Ok(upgrade) = upgrade {
        return ws::accept(edge, upgrade, request.headers());
    }
    if let Some(media) = Media::accepted(request.headers()) {
        return answer(edge, id, media, request).await;
    }
    let message = "Accept application/graphql-response+json, application/json or text/event-stream.";
    answer::refused(StatusCode::NOT_ACCEPTABLE, Media::Json, "NOT_ACCEPTABLE", message, &id)
}

/// Server-sent events, whatever the client accepts.
pub async fn stream(State(edge): State<Edge>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    answer(edge, id, Media::EventStream, request).await
}

/// How long a request's body may take to arrive; a large mail over a slow line fits.
const BODY_TIME: Duration = Duration::from_mins(1);

async fn answer(edge: Edge, id: RequestId, media: Media, request: Request) -> Response {
    match parse(&edge, request).await {
        Ok((session, language, method, document)) => {
            execute(edge, id, media, session, language, method, document).await
        }
        Err(refused) => refused.answer(media, &id),
    }
}

async fn parse(edge: &Edge, request: Request) -> Result<(Session, ReaderLanguage, Method, GraphRequest), Refused> {
    let (parts, body) = request.into_parts();
    let session = edge.session(&parts.headers).await?;
    let language = language(&parts.headers);
    let document = match parts.method {
        Method::GET => from_query(&parts.uri)?,
        Method::POST => {
            must_be_json(&parts.headers)?;
            let limit = match session.actor {
                Actor::Staff { .. } | Actor::Client { .. } => edge.options().trusted_body_bytes,
                _ => edge.options().body_bytes,
            };
            let too_large = || {
                Refused(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "TOO_LARGE",
                    format!("A request may have {limit} bytes at most."),
                )
            };
            let slow = |_| {
                Refused(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", "The request's body did not come in time.".to_owned())
            };
            let body = tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, limit)).await.map_err(slow)?;
            let body = body.map_err(|_| too_large())?;
            from_body(&body)?
        }
        _ => {
            return Err(Refused(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "Use POST, or GET for a query.".to_owned(),
            ));
        }
    };
    Ok((session, language, parts.method, document))
}

/// The first of the client's languages that is ours; English otherwise.
#[must_use]
pub fn language(headers: &HeaderMap) -> ReaderLanguage {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ours = accepted.split(',').find_map(|range| match range.trim().get(..2)?.to_ascii_lowercase().as_str() {
        "sv" => Some(Language::Sv),
        "en" => Some(Language::En),
        _ => None,
    });
    ReaderLanguage(ours.unwrap_or(Language::En))
}

/// Only JSON: another type would let a page of somebody else's post without asking first (CORS preflight).
fn must_be_json(headers: &HeaderMap) -> Result<(), Refused> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(|part| part.trim().to_ascii_lowercase());
    let json = parts.next().as_deref() == Some("application/json");
    let utf8 =
        parts.all(|parameter| !parameter.starts_with("charset=") || parameter.trim_matches('"').ends_with("utf-8"));
    if json && utf8 {
        return Ok(());
    }
    let message = "Send the document as JSON in UTF-8: `Content-Type: application/json`.".to_owned();
    Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryParameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

fn from_query(uri: &axum::http::Uri) -> Result<GraphRequest, Refused> {
    let Query(parameters) =
        Query::<QueryParameters>::try_from_uri(uri).map_err(|_| Refused::bad("The query string cannot be read."))?;
    let json = |text: Option<String>, name: &str| match text.filter(|text| !text.is_empty()) {
        None => Ok(Value::Null),
        Some(text) => serde_json::from_str(&text).map_err(|_| Refused::bad(&format!("`{name}` is not JSON."))),
    };
    let variables = json(parameters.variables, "variables")?;
    let extensions = json(parameters.extensions, "extensions")?;
    let name = parameters.operation_name.filter(|name| !name.is_empty()).map_or(Value::Null, Value::String);
    assemble(parameters.query.map_or(Value::Null, Value::String), name, variables, &extensions)
}

fn from_body(body: &Bytes) -> Result<GraphRequest, Refused> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Refused::bad("The body is not JSON."))?;
    let Value::Object(mut fields) = body else {
        return Err(Refused::bad("The body must be one JSON object; batches are not served."));
    };
    let mut take = |name: &str| fields.remove(name).unwrap_or_default();
    assemble(take("query"), take("operationName"), take("variables"), &take("extensions"))
}

/// The request these parameters make, if each is of its kind.
///
/// # Errors
/// What is expected instead.
pub fn read(parameters: Value) -> Result<GraphRequest, String> {
    let Value::Object(mut fields) = parameters else { return Err("an object is expected".to_owned()) };
    let mut take = |name: &str| fields.remove(name).unwrap_or_default();
    assemble(take("query"), take("operationName"), take("variables"), &take("extensions"))
        .map_err(|Refused(_, _, message)| message)
}

fn assemble(query: Value, name: Value, variables: Value, extensions: &Value) -> Result<GraphRequest, Refused> {
    let Value::String(query) = query else { return Err(Refused::bad("`query` must be a string with the document.")) };
    if !matches!(extensions, Value::Null | Value::Object(_)) {
        return Err(Refused::bad("`extensions` must be an object."));
    }
    // NUL has no place in a text, and PostgreSQL takes none.
    let mut request = GraphRequest::new(query.replace('\0', "").replace("\\u0000", ""));
    request.operation_name = match name {
        Value::Null => None,
        Value::String(name) => Some(name),
        _ => return Err(Refused::bad("`operationName` must be a string.")),
    };
    request.variables = match variables {
        Value::Null => Variables::default(),
        Value::Object(_) => Variables::from_json(without_nul(variables)),
        _ => return Err(Refused::bad("`variables` must be an object.")),
    };
    Ok(request)
}

/// The same value with NUL taken out of its texts.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "")),
        Value::Array(values) => Value::Array(values.into_iter().map(without_nul).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, without_nul(value))).collect())
        }
        value => value,
    }
}

async fn execute(
    edge: Edge,
    id: RequestId,
    media: Media,
    session: Session,
    language: ReaderLanguage,
    method: Method,
    mut document: GraphRequest,
) -> Response {
    let kind = match guard::check(&mut document, edge.options().selections) {
        Ok(kind) => kind,
        Err(error) => return answer::executed(GraphResponse::from_errors(vec![error]), media, &id),
    };
    if method == Method::GET && kind == Kind::Mutation {
        let message = "A mutation goes by POST.";
        let mut response = answer::refused(StatusCode::METHOD_NOT_ALLOWED, media, "METHOD_NOT_ALLOWED", message, &id);
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
        return response;
    }
    let document = prepared(document, edge.app(), session, language);
    match (media, kind) {
        (Media::EventStream, Kind::Subscription) => sse::follow(&edge, id, document),
        (Media::EventStream, _) => sse::once(&edge, &id, run(&edge, document, kind).await),
        (_, Kind::Subscription) => {
            let message =
                "A subscription needs a stream: accept text/event-stream, or use a WebSocket (graphql-transport-ws).";
            answer::refused(StatusCode::NOT_ACCEPTABLE, media, "NOT_ACCEPTABLE", message, &id)
        }
        _ => answer::executed(run(&edge, document, kind).await, media, &id).into_response(),
    }
}

/// Runs to its end even when the client hangs up: an act is done or not done, never cut short. A query that takes too
/// long is given up.
pub async fn run(edge: &Edge, document: GraphRequest, kind: Kind) -> GraphResponse {
    let api = edge.api().clone();
    let mut running = tokio::spawn(tracing::Instrument::in_current_span(async move { api.execute(document).await }));
    let failed = |code: &str, message: &str| {
        let mut error = ServerError::new(message, None);
        error.extensions.get_or_insert_default().set("code", code);
        GraphResponse::from_errors(vec![error])
    };
    match tokio::time::timeout(edge.options().request_time, &mut running).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(%panic, "a request panicked");
            failed("INTERNAL", "Something went wrong here. It is logged under this request's id.")
        }
        Err(_) if kind == Kind::Mutation => failed(
            "TIMEOUT",
            "This took too long and may still be done. Look before you repeat it, or repeat it with the same key.",
        ),
        Err(_) => {
            running.abort();
            failed("TIMEOUT", "This took too long and was given up. Ask for less at a time.")
        }
    }
}
