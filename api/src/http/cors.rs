//! Which pages may call the API from a browser: those on the operator's list, and for a widget with a list of its own
//! those on that list. This protects users of browsers only; other clients send no origin.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::state::Edge;
use super::{trace, uploads};
use crate::access::key::{TRACKING_PREFIX, WIDGET_PREFIX};
use crate::directory::origin;

/// The layer that tells browsers which pages may read an answer.
pub(super) fn layer(edge: &Edge) -> CorsLayer {
    let origin = if anybody(edge) {
        AllowOrigin::any()
    } else {
        let edge = edge.clone();
        AllowOrigin::async_predicate(move |origin: HeaderValue, parts: &Parts| {
            let asks = Asks::of(parts);
            async move {
                let Ok(origin) = origin.to_str() else { return false };
                may_read(&edge, origin, &asks).await
            }
        })
    };
    CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::POST])
        // Clients add various headers to describe themselves; the list of origins is the protection.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(
            [trace::REQUEST_ID, "ratelimit", "ratelimit-policy", "retry-after"].map(HeaderName::from_static),
        )
        .max_age(std::time::Duration::from_hours(1))
}

/// What pages of any origin may do at an address that is its own credential.
pub(super) fn open() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(uploads::EXPOSED)
        .max_age(std::time::Duration::from_hours(1))
}

fn anybody(edge: &Edge) -> bool {
    edge.options().allowed_origins.iter().any(|origin| origin == "*")
}

fn is_operators(edge: &Edge, origin: &str) -> bool {
    edge.options().allowed_origins.iter().any(|known| known == origin)
}

/// With what a page calls.
enum Asks {
    /// The browser asks first whether it may call. It sends no credential.
    First,
    /// With a widget's key.
    Widget(String),
    /// With a customer's token, or without a credential.
    Public,
    /// With the credential of somebody who signs in.
    SignedIn,
}

impl Asks {
    fn of(parts: &Parts) -> Self {
        if parts.method == Method::OPTIONS {
            return Self::First;
        }
        let Some(authorization) = parts.headers.get(header::AUTHORIZATION) else { return Self::Public };
        let token = authorization.to_str().ok().and_then(|text| text.split_once(' ')).map(|(_, token)| token.trim());
        match token {
            Some(key) if key.starts_with(WIDGET_PREFIX) => Self::Widget(key.to_owned()),
            Some(token) if token.starts_with(TRACKING_PREFIX) => Self::Public,
            _ => Self::SignedIn,
        }
    }
}

/// Whether a page of this origin may read the answer. When the store does not answer, only the operator's list counts.
async fn may_read(edge: &Edge, origin: &str, asks: &Asks) -> bool {
    let db = edge.app().reader().db();
    match asks {
        Asks::Widget(key) => match origin::of_key(db, key).await.unwrap_or_default() {
            own if own.is_empty() => is_operators(edge, origin),
            own => own.iter().any(|known| known == origin),
        },
        Asks::First | Asks::Public => {
            is_operators(edge, origin) || origin::is_listed(db, origin).await.unwrap_or_default()
        }
        Asks::SignedIn => is_operators(edge, origin),
    }
}

/// Whether a page of this origin may open a socket: one on the operator's list, on a widget's, or of the service
/// itself. Browsers always send the page's true origin; other clients send none.
pub(super) async fn may_connect(edge: &Edge, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return true };
    if is_own_or_listed(headers, origin, &edge.options().allowed_origins) {
        return true;
    }
    may_read(edge, origin, &Asks::First).await
}

fn is_own_or_listed(headers: &HeaderMap, origin: &str, allowed: &[String]) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let own = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
    own || allowed.iter().any(|known| known == "*" || known == origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_on_the_list_and_our_own_may_connect() {
        let allowed = ["https://shop.example".to_owned()];
        for (origin, expected) in [
            (None, true),
            (Some("https://shop.example"), true),
            (Some("http://127.0.0.1:8080"), true),
            (Some("https://evil.example"), false),
            (Some("https://shop.example.evil.example"), false),
            (Some("null"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(
                headers
                    .get(header::ORIGIN)
                    .and_then(|origin| origin.to_str().ok())
                    .is_none_or(|origin| is_own_or_listed(&headers, origin, &allowed)),
                expected,
                "{origin:?}"
            );
        }
    }
}
