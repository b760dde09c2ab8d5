//! Builds responses: in the media type that the client accepts, with the status that GraphQL over HTTP prescribes
//! (<https://graphql.github.io/graphql-over-http/draft/>), in the reader's language, and with a request id next to
//! every error.

use std::any::Any;
use std::convert::Infallible;

use async_graphql::{Response as GraphResponse, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entity::kind::Language;
use futures_util::stream;
use serde_json::json;

use super::accept::Media;
use super::outbox::Shared;
use super::visitor::Visitor;
use crate::graphql::documents::meter::{Meter, library_error};
use crate::graphql::error::code::{Code, ServerErrorExt};
use crate::kit::rate::Level;
use crate::kit::text::truncated;
use crate::texts;

/// The response to a document that was executed, or that could not be executed.
#[must_use]
pub fn executed(mut response: GraphResponse, media: Media, visitor: &Visitor, meter: &Meter) -> Response {
    meter.note(&mut response);
    finish(&mut response, visitor);
    let mut answer = if is_request_error(&response) {
        // The document was never executed. The specification requires `data` to be left out in this case.
        let code = response.errors.first().and_then(Code::of).unwrap_or(Code::ValidationFailed);
        let status = match media {
            Media::Json if code != Code::RateLimited && code != Code::Busy => StatusCode::OK,
            _ => status(code),
        };
        let body = json!({ "errors": response.errors, "extensions": response.extensions });
        with_body(status, media, &body)
    } else {
        let busy = is_all_busy(&response).then(|| response.errors.iter().find_map(retry_after)).flatten();
        let mut answer = GraphQLResponse::from(response).into_response();
        if let Some(seconds) = busy {
            *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        for (name, value) in headers(media) {
            answer.headers_mut().insert(name, value);
        }
        answer
    };
    if let Some((_, level)) = meter.read() {
        tell_level(&mut answer, level);
    }
    answer
}

/// The response to a document whose data has been serialised before and is shared by several responses.
#[must_use]
pub fn shared(data: Bytes, media: Media, meter: &Meter) -> Response {
    let extensions = json!({ "cost": meter.noted() });
    let parts = [Bytes::from_static(b"{\"data\":"), data, format!(",\"extensions\":{extensions}}}").into()];
    let length = parts.iter().map(Bytes::len).sum::<usize>();
    let parts = stream::iter(parts.map(Ok::<_, Infallible>));
    let mut answer = (headers(media), Body::from_stream(parts)).into_response();
    answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    answer.extensions_mut().insert(Shared);
    if let Some((_, level)) = meter.read() {
        tell_level(&mut answer, level);
    }
    answer
}

/// Whether nothing was executed: there is no data, and no error has a path.
#[must_use]
pub fn is_request_error(response: &GraphResponse) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Whether all data is missing because the service is busy or the store is unreachable, so that the request can be sent
/// again.
fn is_all_busy(response: &GraphResponse) -> bool {
    let nothing = match &response.data {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(|field| *field == Value::Null),
        _ => false,
    };
    nothing && !response.errors.is_empty() && response.errors.iter().all(|error| Code::of(error) == Some(Code::Busy))
}

/// The maximum number of errors in one response.
const ERRORS: usize = 20;
/// The maximum number of characters in an error's message; some messages repeat the client's input.
const MESSAGE: usize = 400;
/// The maximum number of locations in the document per error.
const LOCATIONS: usize = 10;
/// The maximum length of an error's path.
const PATH: usize = 40;

/// Shortens an error to the limits.
fn cut(error: &mut ServerError) {
    let message = truncated(&error.message, MESSAGE);
    if message.len() < error.message.len() {
        error.message = format!("{message}…");
    }
    error.locations.truncate(LOCATIONS);
    error.path.truncate(PATH);
}

/// Limits the number of errors and their length; the last error says how many were left out.
fn bound(errors: &mut Vec<ServerError>, language: Language) {
    let more = errors.len().saturating_sub(ERRORS);
    errors.truncate(ERRORS);
    errors.iter_mut().for_each(cut);
    if let (Some(last), 1..) = (errors.last_mut(), more) {
        last.message.push_str(texts::api::more_errors(more).read_in(language));
    }
}

/// Completes the errors with code, language and request id, and limits them.
pub fn finish(response: &mut GraphResponse, visitor: &Visitor) {
    if response.errors.is_empty() {
        return;
    }
    response.errors = std::mem::take(&mut response.errors)
        .into_iter()
        .map(|error| {
            let mut error = library_error(error);
            error.localise(visitor.language);
            error
        })
        .collect();
    bound(&mut response.errors, visitor.language);
    response.extensions.insert("requestId".to_owned(), Value::from(visitor.id.0.as_str()));
}

/// The errors in the form for a WebSocket: graphql-transport-ws has no place next to them, so each contains the request
/// id.
#[must_use]
pub fn told_alone(mut response: GraphResponse) -> Vec<ServerError> {
    let id = response.extensions.remove("requestId").unwrap_or_default();
    for error in &mut response.errors {
        error.extensions.get_or_insert_default().set("requestId", id.clone());
    }
    response.errors
}

/// The response to a request that does not contain a valid document.
#[must_use]
pub fn refused(mut error: ServerError, media: Media, visitor: &Visitor) -> Response {
    error.localise(visitor.language);
    cut(&mut error);
    let code = Code::of(&error).unwrap_or(Code::Internal);
    let wait = retry_after(&error);
    let body = json!({ "errors": [error], "extensions": { "requestId": visitor.id.0 } });
    let mut response = with_body(status(code), media, &body);
    let headers = response.headers_mut();
    if code == Code::Unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if code == Code::MethodNotAllowed {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    }
    if let Some(seconds) = wait {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn retry_after(error: &ServerError) -> Option<u64> {
    match error.extensions.as_ref()?.get("retryAfter")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    }
}

fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Adds `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), and `Retry-After` (RFC 9110,
/// 10.2.3).
fn tell_level(response: &mut Response, level: Level) {
    let policy = format!("\"points\";q={};w={}", level.rate.burst, level.rate.window());
    let left = format!("\"points\";r={};t={}", level.remaining, level.reset());
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", left)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    if let Some(wait) = level.wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    }
}

fn with_body(status: StatusCode, media: Media, body: &serde_json::Value) -> Response {
    (status, headers(media), body.to_string()).into_response()
}

/// The headers of a response. It must not be cached, and depends on the caller, the language and the media type.
fn headers(media: Media) -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_TYPE, media.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static("accept, accept-language, authorization")),
    ]
}

/// The response when a handler panicked.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let what = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = what.unwrap_or("of an unknown kind"), "a request panicked");
    let error = broken();
    with_body(StatusCode::INTERNAL_SERVER_ERROR, Media::Json, &json!({ "errors": [error] }))
}

/// The error for an unexpected failure.
#[must_use]
pub fn broken() -> ServerError {
    Code::Internal.server_error(texts::api::broken())
}

/// Headers for files from outside, so that browsers neither interpret nor run them.
#[must_use]
pub fn inert() -> [(HeaderName, HeaderValue); 3] {
    [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_mistakes_are_answered_with_twenty() {
        let mut errors: Vec<ServerError> = (0..1_000)
            .map(|number| ServerError {
                locations: vec![async_graphql::Pos::default(); 500],
                ..ServerError::new(format!("{number} {}", "å".repeat(100_000)), None)
            })
            .collect();
        bound(&mut errors, Language::En);
        assert_eq!(errors.len(), ERRORS);
        assert!(json!(errors).to_string().len() < 40_000);
        assert!(errors[19].message.ends_with("… (and 980 more errors)"), "{}", errors[19].message);
        let mut few = vec![ServerError::new("Unknown field", None)];
        bound(&mut few, Language::Sv);
        assert_eq!(few[0].message, "Unknown field");
    }
}
