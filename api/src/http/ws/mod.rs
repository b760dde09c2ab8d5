//! graphql-transport-ws (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>). Each operation runs in a
//! task of its own and passes its results on one by one, as fast as the client reads. A slow client therefore makes no
//! operation wait in the middle of a read while it holds a connection to the store. Mutations must use POST, where they
//! are counted and limited.

mod connection;
mod message;

use axum::extract::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use self::connection::Connection;
use super::connections::Busy;
use super::metrics::GaugeGuard;
use super::state::Edge;
use super::visitor::Visitor;

/// The name of the sub-protocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// The maximum size of a message from a client, in bytes.
const MESSAGE: usize = 64 * 1024;
/// The read buffer in bytes; small, because messages from clients are small and an idle socket should need little
/// memory.
const READ_BUFFER: usize = 1024;

/// Upgrades to a WebSocket if the page's origin is allowed. The connection is busy for as long as the socket lasts.
pub fn accept(
    edge: Edge,
    upgrade: WebSocketUpgrade,
    headers: &HeaderMap,
    (visitor, busy): (Visitor, Option<Busy>),
) -> Response {
    if !origin_allowed(headers, &edge.options().allowed_origins) {
        return (StatusCode::FORBIDDEN, "This page may not connect: its origin is not on the list.\n").into_response();
    }
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MESSAGE)
        .max_frame_size(MESSAGE)
        .on_upgrade(move |socket| async move {
            let _counted = GaugeGuard::count(&edge.metrics().sockets);
            Connection::new(edge, socket, visitor).serve(authorization).await;
            drop(busy);
        })
}

/// Whether the origin is allowed. Browsers always send the page's true origin; other clients send none.
fn origin_allowed(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return true };
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
            assert_eq!(origin_allowed(&headers, &allowed), expected, "{origin:?}");
        }
    }
}
