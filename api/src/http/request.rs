//! Reads a request's bytes into the parameters of GraphQL over HTTP, with strict checks of types and transport.

use async_graphql::{ServerError, Value, Variables};
use axum::body::Body;
use axum::extract::Query;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use serde::Deserialize;

use super::body::{self, BodyError, ReceivedBody};
use super::json::{self, Bounds, DEPTH, TooMuch};
use super::places::{Holder, OccupiedPlaces};
use super::state::{Edge, busy};
use crate::access::session::Caller;
use crate::access::share::Asker;
use crate::graphql::documents::meter::for_reading;
use crate::graphql::error::code::Code;
use crate::texts::{self, Text};

/// The parameters of a request, before the document is parsed.
#[derive(Debug)]
pub struct Parameters {
    /// The text of the document.
    pub query: Option<String>,
    /// The id of a stored document, instead of its text.
    pub id: Option<String>,
    /// The name of the operation to execute.
    pub operation_name: Option<String>,
    /// The variables.
    pub variables: Variables,
}

/// A request that was read: its parameters, what reading it has cost, and the memory places of its body.
pub struct Read {
    /// The parameters.
    pub parameters: Parameters,
    /// The points that were charged for its bytes and values.
    pub paid: u32,
    /// The memory places of its body, held until it is answered.
    pub held: OccupiedPlaces,
}

/// Reads a request. The cost of its bytes and values is charged to the caller's share before it is parsed.
///
/// # Errors
/// When it is not valid GraphQL over HTTP (the message says what is expected), is too large or too slow, or the
/// caller's share is used up.
pub async fn read(
    parts: &Parts,
    body: Body,
    (caller, asker): (&Caller, &Asker),
    edge: &Edge,
) -> Result<Read, ServerError> {
    let bounds = bounds(edge, caller);
    match parts.method {
        Method::GET => {
            let (parameters, paid) = from_query(&parts.uri, bounds, |points| edge.charge_for(asker, points))?;
            Ok(Read { parameters, paid, held: OccupiedPlaces::default() })
        }
        Method::POST => {
            must_be_json(&parts.headers)?;
            let options = edge.options();
            let most = if caller.is_signed_in() { options.trusted_body_bytes } else { options.body_bytes };
            let holder = Holder::Caller(caller.clone());
            let arrived = body::read(body, most, options.pace, (edge.places(), Some(&holder))).await;
            let ReceivedBody { bytes, held } = arrived.map_err(|error| unread(error, most))?;
            let values = counted(&bytes, bounds)?;
            let paid = for_reading(bytes.len(), values);
            edge.charge_for(asker, paid)?;
            let parameters = if bytes.len() > LONG {
                // Parsing takes processor time, so a long body is parsed on a blocking thread.
                let read = tokio::task::spawn_blocking(move || from_body(&bytes)).await;
                read.map_err(|_| super::answer::broken())??
            } else {
                from_body(&bytes)?
            };
            Ok(Read { parameters, paid, held })
        }
        _ => Err(Code::MethodNotAllowed.server_error(texts::api::post_or_get())),
    }
}

/// A body of more bytes is parsed on a blocking thread.
const LONG: usize = 1024 * 1024;

/// The limits for JSON from this caller.
#[must_use]
pub fn bounds(edge: &Edge, caller: &Caller) -> Bounds {
    let options = edge.options();
    let values = if caller.is_signed_in() { options.trusted_body_values } else { options.body_values };
    Bounds { values, depth: DEPTH }
}

/// Counts the values of this JSON.
///
/// # Errors
/// When there are too many, or they are nested too deeply.
pub fn counted(text: &[u8], bounds: Bounds) -> Result<usize, ServerError> {
    json::count(text, bounds).map_err(|too_much| match too_much {
        TooMuch::Values => Code::TooLarge.server_error(texts::api::too_many_values(bounds.values)),
        TooMuch::Depth => Code::TooLarge.server_error(texts::api::too_deep(bounds.depth)),
    })
}

fn unread(error: BodyError, most: usize) -> ServerError {
    match error {
        BodyError::TooLarge => too_large(most),
        BodyError::Slow => slow(),
        BodyError::Cut => cut_short(),
        BodyError::Full => busy(),
    }
}

fn too_large(limit: usize) -> ServerError {
    Code::TooLarge.server_error(texts::api::too_many_bytes(limit))
}

fn cut_short() -> ServerError {
    bad(texts::api::cut_short())
}

fn slow() -> ServerError {
    Code::BodyTimeout.server_error(texts::api::too_slow())
}

/// Only accepts JSON. Another content type would let a page of another origin post without a CORS preflight.
fn must_be_json(headers: &HeaderMap) -> Result<(), ServerError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(|part| part.trim().to_ascii_lowercase());
    let json = parts.next().as_deref() == Some("application/json");
    let utf8 =
        parts.all(|parameter| !parameter.starts_with("charset=") || parameter.trim_matches('"').ends_with("utf-8"));
    if json && utf8 {
        return Ok(());
    }
    Err(Code::UnsupportedMediaType.server_error(texts::api::send_json()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryParameters {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

fn from_query(
    uri: &Uri,
    bounds: Bounds,
    charge: impl FnOnce(u32) -> Result<(), ServerError>,
) -> Result<(Parameters, u32), ServerError> {
    let unreadable = |_| bad(texts::api::query_string_unreadable());
    let Query(parameters) = Query::<QueryParameters>::try_from_uri(uri).map_err(unreadable)?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (variables, extensions) = (given(parameters.variables), given(parameters.extensions));
    let mut values = 0;
    for text in [&variables, &extensions].into_iter().flatten() {
        values += counted(text.as_bytes(), bounds)?;
    }
    let paid = for_reading(uri.query().map_or(0, str::len), values);
    charge(paid)?;
    let json = |text: Option<String>, name: &str| match text {
        None => Ok(Value::Null),
        Some(text) => serde_json::from_str(&text).map_err(|_| bad(texts::api::not_json(name))),
    };
    let text = |text: Option<String>| given(text).map_or(Value::Null, Value::String);
    let parameters = assemble(
        parameters.query.map_or(Value::Null, Value::String),
        text(parameters.document_id),
        text(parameters.operation_name),
        json(variables, "variables")?,
        &json(extensions, "extensions")?,
    )?;
    Ok((parameters, paid))
}

fn from_body(body: &[u8]) -> Result<Parameters, ServerError> {
    let body = serde_json::from_slice(body).map_err(|_| bad(texts::api::body_not_json()))?;
    from_json(body)
}

/// Reads the parameters from this JSON object.
///
/// # Errors
/// When a parameter has the wrong type; the message says what is expected.
pub fn from_json(parameters: Value) -> Result<Parameters, ServerError> {
    let Value::Object(mut fields) = parameters else {
        return Err(bad(texts::api::no_batches()));
    };
    let mut take = |name: &str| fields.swap_remove(name).unwrap_or_default();
    assemble(take("query"), take("documentId"), take("operationName"), take("variables"), &take("extensions"))
}

fn assemble(
    query: Value,
    id: Value,
    name: Value,
    variables: Value,
    extensions: &Value,
) -> Result<Parameters, ServerError> {
    let persisted = match extensions {
        Value::Null => None,
        Value::Object(extensions) => match extensions.get("persistedQuery") {
            Some(Value::Object(persisted)) => persisted.get("sha256Hash"),
            _ => None,
        },
        _ => return Err(bad(texts::api::not_an_object("extensions"))),
    };
    let persisted = match persisted {
        Some(Value::String(id)) => Some(id.clone()),
        _ => None,
    };
    let id = text(id, "documentId")?.or(persisted);
    let query = text(query, "query")?;
    if query.is_none() && id.is_none() {
        return Err(bad(texts::api::query_not_a_string()));
    }
    // NUL is not valid in a document, and PostgreSQL does not store it.
    if query.as_deref().is_some_and(has_nul) {
        return Err(bad(texts::api::holds_nul()));
    }
    let variables = match variables {
        Value::Null => Variables::default(),
        Value::Object(mut fields) => {
            fields.values_mut().for_each(without_nul);
            Variables::from_value(Value::Object(fields))
        }
        _ => return Err(bad(texts::api::not_an_object("variables"))),
    };
    Ok(Parameters { query, id, operation_name: text(name, "operationName")?, variables })
}

fn text(value: Value, name: &str) -> Result<Option<String>, ServerError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(bad(texts::api::not_a_string(name))),
    }
}

fn has_nul(text: &str) -> bool {
    text.contains('\0') || text.contains("\\u0000")
}

/// Removes NUL from a value's texts in place, because a text may be large.
fn without_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => text.retain(|char| char != '\0'),
        Value::List(values) => values.iter_mut().for_each(without_nul),
        Value::Object(fields) => fields.values_mut().for_each(without_nul),
        _ => {}
    }
}

fn bad(text: Text) -> ServerError {
    Code::BadRequest.server_error(text)
}
