//! From a request's bytes to the parameters of GraphQL over HTTP: strict about their kinds, and about how they come.

use std::time::Duration;

use async_graphql::{ServerError, Variables};
use axum::body::Body;
use axum::extract::Query;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::state::Edge;
use crate::access::session::Caller;
use crate::graphql::code::Code;

/// How long a request's body may take to arrive; a large mail over a slow line fits.
const BODY_TIME: Duration = Duration::from_mins(1);

/// What was asked, not yet parsed.
#[derive(Debug)]
pub struct Parameters {
    /// The document.
    pub query: Option<String>,
    /// Or its id.
    pub id: Option<String>,
    /// Which operation.
    pub operation_name: Option<String>,
    /// The variables.
    pub variables: Variables,
}

/// Reads a request.
///
/// # Errors
/// When it is none of GraphQL over HTTP; the message says what is expected.
pub async fn read(
    parts: &Parts,
    body: Body,
    caller: &Caller,
    edge: &Edge,
) -> Result<(Parameters, Option<OwnedSemaphorePermit>), ServerError> {
    match parts.method {
        Method::GET => Ok((from_query(&parts.uri)?, None)),
        Method::POST => {
            must_be_json(&parts.headers)?;
            let options = edge.options();
            let limit = if caller.is_signed_in() { options.trusted_body_bytes } else { options.body_bytes };
            let length =
                parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
            let large = limit > options.body_bytes && length.is_none_or(|length: usize| length > options.body_bytes);
            let room = if large { Some(edge.room().await?) } else { None };
            let body = tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, limit)).await.map_err(|_| slow())?;
            let body =
                body.map_err(
                    |error| if error.to_string().contains("length limit") { too_large(limit) } else { cut_short() },
                )?;
            Ok((from_body(&body)?, room))
        }
        _ => Err(Code::MethodNotAllowed
            .server_error("Use POST, or GET for a query.", "Använd POST, eller GET för en läsning.")),
    }
}

fn too_large(limit: usize) -> ServerError {
    Code::TooLarge.server_error(
        format!("A request may have {limit} bytes at most."),
        format!("En fråga får ha högst {limit} byte."),
    )
}

fn cut_short() -> ServerError {
    bad("The request's body came to no end.", "Frågans innehåll kom inte till sitt slut.")
}

fn slow() -> ServerError {
    Code::BodyTimeout.server_error("The request's body did not come in time.", "Frågans innehåll kom inte i tid.")
}

/// Only JSON: another type would let a page of somebody else post without asking first (CORS preflight).
fn must_be_json(headers: &HeaderMap) -> Result<(), ServerError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(|part| part.trim().to_ascii_lowercase());
    let json = parts.next().as_deref() == Some("application/json");
    let utf8 =
        parts.all(|parameter| !parameter.starts_with("charset=") || parameter.trim_matches('"').ends_with("utf-8"));
    if json && utf8 {
        return Ok(());
    }
    Err(Code::UnsupportedMediaType.server_error(
        "Send the document as JSON in UTF-8: `Content-Type: application/json`.",
        "Skicka dokumentet som JSON i UTF-8: `Content-Type: application/json`.",
    ))
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

fn from_query(uri: &Uri) -> Result<Parameters, ServerError> {
    let unreadable = |_| bad("The query string cannot be read.", "Adressens frågedel (query string) kan inte läsas.");
    let Query(parameters) = Query::<QueryParameters>::try_from_uri(uri).map_err(unreadable)?;
    let json = |text: Option<String>, name: &str| match text.filter(|text| !text.is_empty()) {
        None => Ok(Value::Null),
        Some(text) => serde_json::from_str(&text)
            .map_err(|_| bad(&format!("`{name}` is not JSON."), &format!("`{name}` är inte JSON."))),
    };
    let text = |text: Option<String>| text.filter(|text| !text.is_empty()).map_or(Value::Null, Value::String);
    assemble(
        parameters.query.map_or(Value::Null, Value::String),
        text(parameters.document_id),
        text(parameters.operation_name),
        json(parameters.variables, "variables")?,
        &json(parameters.extensions, "extensions")?,
    )
}

fn from_body(body: &[u8]) -> Result<Parameters, ServerError> {
    let body = serde_json::from_slice(body).map_err(|_| bad("The body is not JSON.", "Innehållet är inte JSON."))?;
    from_json(body)
}

/// The parameters in this JSON object.
///
/// # Errors
/// What is expected instead.
pub fn from_json(parameters: Value) -> Result<Parameters, ServerError> {
    let Value::Object(mut fields) = parameters else {
        return Err(bad(
            "One JSON object is expected; batches are not served.",
            "Ett JSON-objekt väntas; flera frågor i en tas inte emot.",
        ));
    };
    let mut take = |name: &str| fields.remove(name).unwrap_or_default();
    assemble(take("query"), take("documentId"), take("operationName"), take("variables"), &take("extensions"))
}

fn assemble(
    query: Value,
    id: Value,
    name: Value,
    variables: Value,
    extensions: &Value,
) -> Result<Parameters, ServerError> {
    if !matches!(extensions, Value::Null | Value::Object(_)) {
        return Err(wrong_kind("extensions", "an object", "ett objekt"));
    }
    let persisted = extensions.get("persistedQuery").and_then(|persisted| persisted.get("sha256Hash"));
    let id = text(id, "documentId")?.or_else(|| persisted.and_then(Value::as_str).map(str::to_owned));
    let query = text(query, "query")?;
    if query.is_none() && id.is_none() {
        return Err(wrong_kind("query", "a string with the document", "en text med dokumentet"));
    }
    // NUL has no place in a text, and PostgreSQL takes none.
    if query.as_deref().is_some_and(has_nul) {
        return Err(bad(
            "A document may not hold NUL, not even as \\u0000.",
            "Ett dokument får inte innehålla NUL, inte ens som \\u0000.",
        ));
    }
    let variables = match variables {
        Value::Null => Variables::default(),
        Value::Object(_) => Variables::from_json(without_nul(variables)),
        _ => return Err(wrong_kind("variables", "an object", "ett objekt")),
    };
    Ok(Parameters { query, id, operation_name: text(name, "operationName")?, variables })
}

fn text(value: Value, name: &str) -> Result<Option<String>, ServerError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(wrong_kind(name, "a string", "en text")),
    }
}

fn has_nul(text: &str) -> bool {
    text.contains('\0') || text.contains("\\u0000")
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

fn bad(en: &str, sv: &str) -> ServerError {
    Code::BadRequest.server_error(en, sv)
}

fn wrong_kind(name: &str, en: &str, sv: &str) -> ServerError {
    bad(&format!("`{name}` must be {en}."), &format!("`{name}` ska vara {sv}."))
}
