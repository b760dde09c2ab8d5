//! graphql-transport-ws (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>). Each operation runs in a
//! task of its own and hands its results over one by one, as fast as the client reads: a slow client costs its cursor, and
//! no operation is left standing in the middle of a read with a connection of the store in its hand. Acts go by POST,
//! where they are counted and bounded.

use async_graphql::{Response as GraphResponse, ServerError};
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use super::answer::is_request_error;
use super::graphql::{language, read};
use super::metrics::Open;
use super::state::Edge;
use crate::access::session::{Session, SessionError};
use crate::graphql::context::ReaderLanguage;
use crate::graphql::guard::{self, Kind};
use crate::graphql::prepared;

const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes of a message from a client.
const MESSAGE: usize = 64 * 1024;
/// An idle socket should cost little; messages in are small.
const READ_BUFFER: usize = 4 * 1024;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FromClient {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Value>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Value>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: Value,
    },
    Complete {
        id: String,
    },
}

/// Why a socket ends: the protocol's code and a reason of at most 120 bytes.
struct Close(u16, &'static str);

/// Upgrades to a WebSocket if the page may call us.
pub fn accept(edge: Edge, upgrade: WebSocketUpgrade, headers: &HeaderMap) -> Response {
    if !origin_allowed(headers, &edge.options().allowed_origins) {
        return (StatusCode::FORBIDDEN, "This page may not connect: its origin is not on the list.\n").into_response();
    }
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let language = language(headers);
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MESSAGE)
        .max_frame_size(MESSAGE)
        .on_upgrade(move |socket| async move {
            let _counted = Open::count(&edge.metrics().sockets);
            let (tell, steps) = mpsc::channel(RESULTS);
            Connection { edge, socket, language, operations: HashMap::new(), number: 0, tell, steps }
                .serve(authorization)
                .await;
        })
}

/// A browser names the page's origin and cannot be made to lie about it; other clients name none.
fn origin_allowed(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return true };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let own = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
    own || allowed.iter().any(|known| known == "*" || known == origin)
}

/// Results that may wait for a socket, of all its operations.
const RESULTS: usize = 4;

/// A result of an operation, or its end.
struct Step {
    id: String,
    /// Which operation of this id: a client may use an id again while an old result is still on its way.
    number: u64,
    result: Option<Box<GraphResponse>>,
}

struct Connection {
    edge: Edge,
    socket: WebSocket,
    language: ReaderLanguage,
    operations: HashMap<String, (u64, AbortHandle)>,
    number: u64,
    tell: mpsc::Sender<Step>,
    steps: mpsc::Receiver<Step>,
}

impl Connection {
    async fn serve(mut self, authorization: Option<String>) {
        let ended = match self.socket.protocol().map(|protocol| protocol == PROTOCOL) {
            Some(true) => match self.greet(authorization).await {
                Ok(session) => self.talk(session).await,
                Err(ended) => ended,
            },
            _ => Some(Close(4406, "Subprotocol not acceptable: use graphql-transport-ws")),
        };
        if let Some(Close(code, reason)) = ended {
            let frame = CloseFrame { code, reason: reason.into() };
            // Whether the other side still listens does not matter any more.
            let _gone = timeout(self.edge.options().patience, self.socket.send(Message::Close(Some(frame)))).await;
        }
    }

    /// Waits for `connection_init` and finds out who it is. `Err(None)` means that the client is gone.
    async fn greet(&mut self, authorization: Option<String>) -> Result<Session, Option<Close>> {
        let deadline = Instant::now() + self.edge.options().init_time;
        let late = Close(4408, "Connection initialisation timeout");
        let payload = loop {
            let Ok(received) = tokio::time::timeout_at(deadline, self.socket.recv()).await else {
                return Err(Some(late));
            };
            let Some(Ok(message)) = received else { return Err(None) };
            match parse(&message)? {
                None | Some(FromClient::Pong {}) => {}
                Some(FromClient::ConnectionInit { payload }) => break payload,
                Some(FromClient::Ping { payload }) => self.send(&pong(payload)).await.map_err(Some)?,
                Some(FromClient::Subscribe { .. } | FromClient::Complete { .. }) => {
                    return Err(Some(Close(4401, "Unauthorized: send connection_init first")));
                }
            }
        };
        let named =
            payload.as_ref().and_then(|payload| payload.get("authorization").or_else(|| payload.get("Authorization")));
        let authorization = named.and_then(Value::as_str).map(str::to_owned).or(authorization);
        let session = Session::open(self.edge.app(), self.edge.verifier(), authorization.as_deref()).await;
        let session = session.map_err(|error| match error {
            SessionError::Unauthenticated(_) => Close(4403, "Forbidden: the credential was refused"),
            SessionError::Store(_) => Close(1013, "The service is busy: try again later"),
        })?;
        self.send(&json!({ "type": "connection_ack" })).await.map_err(Some)?;
        Ok(session)
    }

    /// Talks until one side ends it. `None` means that the client is gone.
    async fn talk(&mut self, mut session: Session) -> Option<Close> {
        let options = self.edge.options().clone();
        let app = self.edge.app().clone();
        let expires_at = session.expires_at;
        let expiry = async {
            match expires_at {
                Some(time) => app.wait_until(time).await,
                None => std::future::pending().await,
            }
        };
        let shutdown = self.edge.shutdown().wait();
        tokio::pin!(expiry, shutdown);
        let mut heard = Instant::now();
        let mut check = tokio::time::interval_at(heard + options.ping_every, options.ping_every);
        loop {
            let outcome = tokio::select! {
                received = self.socket.recv() => {
                    heard = Instant::now();
                    match received {
                        Some(Ok(message)) => self.hear(&message, &mut session).await,
                        _ => return None,
                    }
                }
                Some(step) = self.steps.recv() => self.tell(step).await,
                _ = check.tick() => {
                    if heard.elapsed() > options.ping_every + options.patience {
                        return None;
                    }
                    self.send_message(Message::Ping(axum::body::Bytes::new())).await
                }
                () = &mut expiry => Err(Close(4401, "Unauthorized: the token has expired")),
                () = &mut shutdown => Err(Close(1012, "The service restarts: come back with your cursor")),
            };
            if let Err(ended) = outcome {
                return Some(ended);
            }
        }
    }

    async fn hear(&mut self, message: &Message, session: &mut Session) -> Result<(), Close> {
        match parse(message)? {
            None | Some(FromClient::Pong {}) => Ok(()),
            Some(FromClient::Ping { payload }) => self.send(&pong(payload)).await,
            Some(FromClient::ConnectionInit { .. }) => Err(Close(4429, "Too many initialisation requests")),
            Some(FromClient::Subscribe { id, payload }) => self.subscribe(id, payload, session).await,
            Some(FromClient::Complete { id }) => {
                self.forget(&id);
                Ok(())
            }
        }
    }

    fn forget(&mut self, id: &str) {
        if let Some((_, operation)) = self.operations.remove(id) {
            operation.abort();
        }
    }

    async fn subscribe(&mut self, id: String, payload: Value, session: &mut Session) -> Result<(), Close> {
        if self.operations.contains_key(&id) {
            return Err(Close(4409, "Subscriber for this id already exists"));
        }
        let mut document =
            read(payload).map_err(|_| Close(4400, "The payload of subscribe is not a GraphQL request"))?;
        let refused = match guard::check(&mut document, self.edge.options().selections) {
            Err(error) => Some(error),
            Ok(Kind::Mutation) => Some(error("USE_POST", "A mutation goes by POST to /graphql.")),
            Ok(_) if self.operations.len() >= self.edge.options().operations => Some(error(
                "TOO_MANY_OPERATIONS",
                "This socket has as many operations as one may. Complete another first.",
            )),
            Ok(_) => None,
        };
        if let Some(error) = refused {
            return self.send(&json!({ "type": "error", "id": id, "payload": [error] })).await;
        }
        // Who has lost their access since the socket was opened, or their role, has lost it here too.
        session.renew(self.edge.app()).await.map_err(|error| match error {
            SessionError::Unauthenticated(_) => Close(4401, "Unauthorized: the credential has ended"),
            SessionError::Store(_) => Close(1013, "The service is busy: try again later"),
        })?;
        let document = prepared(document, self.edge.app(), session.clone(), self.language);
        let mut results = self.edge.api().execute_stream(document);
        self.number += 1;
        let (tell, own, number) = (self.tell.clone(), id.clone(), self.number);
        let running = tokio::spawn(async move {
            loop {
                let result = results.next().await.map(Box::new);
                let done = result.is_none();
                if tell.send(Step { id: own.clone(), number, result }).await.is_err() || done {
                    return;
                }
            }
        });
        self.operations.insert(id, (number, running.abort_handle()));
        Ok(())
    }

    async fn tell(&mut self, Step { id, number, result }: Step) -> Result<(), Close> {
        if self.operations.get(&id).is_none_or(|(current, _)| *current != number) {
            // The client has completed it meanwhile.
            return Ok(());
        }
        match result {
            // Nothing was executed: `error` says so and ends the operation.
            Some(result) if is_request_error(&result) => {
                self.forget(&id);
                self.send(&json!({ "type": "error", "id": id, "payload": result.errors })).await
            }
            Some(result) => self.send(&json!({ "type": "next", "id": id, "payload": result })).await,
            None => {
                self.forget(&id);
                self.send(&json!({ "type": "complete", "id": id })).await
            }
        }
    }

    async fn send(&mut self, message: &Value) -> Result<(), Close> {
        self.send_message(Message::Text(message.to_string().into())).await
    }

    /// A client that does not read for too long is let go with its cursor; nothing is skipped for it.
    async fn send_message(&mut self, message: Message) -> Result<(), Close> {
        let sent = timeout(self.edge.options().patience, async {
            self.socket.feed(message).await?;
            SinkExt::<Message>::flush(&mut self.socket).await
        });
        match sent.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Close(1008, "Too slow: come back with your cursor")),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.operations.values().for_each(|(_, operation)| operation.abort());
    }
}

/// A message of the protocol; nothing for the transport's own.
fn parse(message: &Message) -> Result<Option<FromClient>, Close> {
    let invalid = || Close(4400, "Invalid message");
    match message {
        Message::Text(text) => serde_json::from_str(text).map(Some).map_err(|_| invalid()),
        Message::Binary(_) => Err(invalid()),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(None),
    }
}

fn pong(payload: Option<Value>) -> Value {
    match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }),
        None => json!({ "type": "pong" }),
    }
}

fn error(code: &str, message: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
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
