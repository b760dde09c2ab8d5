//! How answers look: the media type the client accepts, the status GraphQL over HTTP asks for
//! (<https://graphql.github.io/graphql-over-http/draft/>), and a request id beside every error.

use std::any::Any;

use async_graphql::{Response as GraphResponse, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::trace::RequestId;

/// A media type a client may accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status says how it went.
    GraphQl,
    /// `application/json`: 200 for whatever was executed.
    Json,
    /// `text/event-stream`.
    EventStream,
}

impl Media {
    /// What an `Accept` header prefers of ours; none when it wants none of it. Without one, JSON, for old clients.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let values: Vec<&str> =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        if values.is_empty() {
            return Some(Self::Json);
        }
        let mut best: Option<(f32, Self)> = None;
        for range in values.iter().flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|q| q.parse().ok()).unwrap_or(1.0);
            let media = match kind.as_str() {
                "application/graphql-response+json" => Self::GraphQl,
                "application/json" | "application/*" | "*/*" => Self::Json,
                "text/event-stream" => Self::EventStream,
                _ => continue,
            };
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, media));
            }
        }
        best.map(|(_, media)| media)
    }

    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::EventStream => "application/json; charset=utf-8",
        })
    }
}

/// What a request can be refused with before its document is looked at: status, code and what to do next.
pub struct Refused(pub StatusCode, pub &'static str, pub String);

impl Refused {
    /// A request that cannot be read.
    #[must_use]
    pub fn bad(message: &str) -> Self {
        Self(StatusCode::BAD_REQUEST, "BAD_REQUEST", message.to_owned())
    }

    /// As an answer.
    #[must_use]
    pub fn answer(&self, media: Media, id: &RequestId) -> Response {
        let mut response = refused(self.0, media, self.1, &self.2, id);
        if self.0 == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
        }
        response
    }
}

/// The answer to a document that was executed, or that could not be.
#[must_use]
pub fn executed(mut response: GraphResponse, media: Media, id: &RequestId) -> Response {
    let refused = is_request_error(&response);
    identify(&mut response, id);
    if refused {
        // There is no data: the document was never executed. The specification wants the key left out.
        let status = if media == Media::Json { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        let body = json!({ "errors": response.errors, "extensions": response.extensions });
        return with_body(status, media, &body);
    }
    let mut answer = GraphQLResponse::from(response).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
    answer
}

/// Whether nothing was executed: no data, and no error from within it.
#[must_use]
pub fn is_request_error(response: &GraphResponse) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Puts the request's id beside errors, and a code into each.
pub fn identify(response: &mut GraphResponse, id: &RequestId) {
    for error in &mut response.errors {
        // What the library refuses has no code of its own.
        let code = if error.path.is_empty() { "GRAPHQL_VALIDATION_FAILED" } else { "BAD_USER_INPUT" };
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", code);
        }
    }
    if !response.errors.is_empty() {
        response.extensions.insert("requestId".to_owned(), Value::from(id.0.as_str()));
    }
}

/// The answer to a request that is not even a document.
#[must_use]
pub fn refused(status: StatusCode, media: Media, code: &str, message: &str, id: &RequestId) -> Response {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    let body = json!({ "errors": [error], "extensions": { "requestId": id.0 } });
    let mut response = with_body(status, media, &body);
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn with_body(status: StatusCode, media: Media, body: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, media.content_type())], body.to_string()).into_response()
}

/// The answer when something of ours panicked.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let what = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = what.unwrap_or("of an unknown kind"), "a request panicked");
    let body = json!({ "errors": [{ "message": "Something went wrong here. It is logged.", "extensions": { "code": "INTERNAL" } }] });
    with_body(StatusCode::INTERNAL_SERVER_ERROR, Media::Json, &body)
}

/// Headers for bytes that came from outside: shown by nobody, run by nobody.
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
    fn the_client_gets_what_it_prefers() {
        for (accept, expected) in [
            (None, Some(Media::Json)),
            (Some("*/*"), Some(Media::Json)),
            (Some("application/json"), Some(Media::Json)),
            (Some("application/graphql-response+json"), Some(Media::GraphQl)),
            (Some("application/graphql-response+json; charset=utf-8, application/json"), Some(Media::GraphQl)),
            (Some("application/graphql-response+json;q=0.5, application/json"), Some(Media::Json)),
            (Some("text/event-stream"), Some(Media::EventStream)),
            (Some("text/html"), None),
            (Some("application/json;q=0"), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(Media::accepted(&headers), expected, "{accept:?}");
        }
    }
}
