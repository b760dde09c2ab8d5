//! Issues short-lived tokens to API clients: the client credentials grant of OAuth 2.0 (RFC 6749, 4.4), with the secret
//! in the `Authorization` header or in the body (2.3.1).

use axum::Json;
use axum::body::Body;
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::accept::Media;
use super::answer::refused;
use super::body::{self, BodyError};
use super::state::Edge;
use super::visitor::Visitor;
use crate::access::grant::{self, GrantError, LIFETIME, TokenRequest};
use crate::access::key::scope_name;
use crate::access::session::Caller;
use crate::kit::health::warn_once_a_minute;

/// The maximum size of a request in bytes: four short fields.
pub const BODY: usize = 8 * 1024;

/// The fields of the form.
#[derive(Default, Deserialize)]
struct Fields {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

/// Issues a token to a client that presents its secret.
pub async fn token(State(edge): State<Edge>, request: Request) -> Response {
    let visitor = edge.visitor(request.headers(), request.extensions());
    let answer = answer(&edge, &visitor, request).await;
    // Wrong secrets count towards a separate share, so that the right client at the same address still gets its token.
    if answer.status().is_client_error() && answer.status() != StatusCode::TOO_MANY_REQUESTS {
        return edge.charge_guess(&visitor).map_or_else(|error| refused(error, Media::Json, &visitor), |()| answer);
    }
    answer
}

async fn answer(edge: &Edge, visitor: &Visitor, request: Request) -> Response {
    let basic = basic(request.headers());
    let (parts, body) = request.into_parts();
    let body = match body::read(body, BODY, edge.options().pace, (edge.places(), None)).await {
        Ok(arrived) => arrived.bytes,
        Err(BodyError::TooLarge) => {
            return problem(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "send four short fields");
        }
        Err(BodyError::Slow | BodyError::Cut) => {
            return problem(StatusCode::REQUEST_TIMEOUT, "invalid_request", "the form did not come in time");
        }
        Err(BodyError::Full) => return unavailable(),
    };
    let request = Request::from_parts(parts, Body::from(body));
    let Ok(Form(fields)) = Form::<Fields>::from_request(request, &()).await else {
        return problem(StatusCode::BAD_REQUEST, "invalid_request", "send a form: application/x-www-form-urlencoded");
    };
    match fields.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            return problem(StatusCode::BAD_REQUEST, "unsupported_grant_type", "only client_credentials is served");
        }
        None => return problem(StatusCode::BAD_REQUEST, "invalid_request", "grant_type=client_credentials is missing"),
    }
    let Some((client, secret)) = basic.or_else(|| fields.client_id.zip(fields.client_secret)) else {
        return unknown();
    };
    let app = edge.app();
    let ask = TokenRequest { client: &client, secret: &secret, scope: fields.scope.as_deref() };
    let asked = timeout(edge.options().request_time, grant::ask(app.reader().db(), ask, app.now()));
    let Ok(asked) = asked.await else { return unavailable() };
    match asked {
        Ok((granted, client)) => {
            if let Err(error) = edge.charge(&visitor.asks_as(Caller::Client(client))) {
                return refused(error, Media::Json, visitor);
            }
            let scope = granted.scopes.each().map(scope_name).collect::<Vec<_>>().join(" ");
            fresh(Json(json!({
                "access_token": grant::seal(app.secret(), granted),
                "token_type": "Bearer",
                "expires_in": LIFETIME.num_seconds(),
                "scope": scope,
            })))
        }
        Err(GrantError::InvalidClient) => unknown(),
        Err(GrantError::InvalidScope) => {
            problem(StatusCode::BAD_REQUEST, "invalid_scope", "a scope is unknown, or not given to this client")
        }
        Err(GrantError::Store(error)) => {
            warn_once_a_minute("a token could not be given; the client is told to try again", &error);
            unavailable()
        }
    }
}

/// Client id and secret from `Authorization: Basic` (RFC 6749, 2.3.1). They contain no characters that form encoding
/// would change, so they are not decoded.
pub(super) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, packed) = value.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(packed.trim()).ok()?).ok()?;
    let (name, secret) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (name.to_owned(), secret.to_owned()))
}

fn unavailable() -> Response {
    problem(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "try again in a few seconds")
}

fn unknown() -> Response {
    let mut response =
        problem(StatusCode::UNAUTHORIZED, "invalid_client", "the client is unknown, or its secret is wrong or revoked");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"ansvar\""));
    response
}

fn problem(status: StatusCode, error: &str, why: &str) -> Response {
    (status, fresh(Json(json!({ "error": error, "error_description": why })))).into_response()
}

/// A response with a token, which must not be cached.
fn fresh(body: Json<serde_json::Value>) -> Response {
    ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], body).into_response()
}
