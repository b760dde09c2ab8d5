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
use super::cors;
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
pub async fn accept(
    edge: Edge,
    upgrade: WebSocketUpgrade,
    headers: &HeaderMap,
    (visitor, busy): (Visitor, Option<Busy>),
) -> Response {
    if !cors::may_connect(&edge, headers).await {
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
