//! One socket from its first message to its end.

use std::collections::HashMap;
use std::time::Duration;

use async_graphql::{Response as GraphResponse, ServerError};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use super::PROTOCOL;
use super::message::{Close, FromClient, credential, parse, pong};
use crate::access::session::{Caller, Session, SessionError, SharedSession};
use crate::access::share::StreamSlot;
use crate::graphql::documents::guard::{Looked, OperationKind};
use crate::graphql::documents::meter::{Meter, OperationCost};
use crate::graphql::error::code::{Code, ServerErrorExt};
use crate::graphql::{Surroundings, prepared};
use crate::http::answer::{finish, is_request_error, told_alone};
use crate::http::graphql::{ExecutableOperation, find, given_up};
use crate::http::request::{bounds, from_json};
use crate::http::state::{Edge, busy};
use crate::http::trace::RequestId;
use crate::http::visitor::Visitor;
use crate::texts;

/// The maximum number of results that wait for a socket, of all its operations. Boxed, because a channel allocates room
/// for 32 items.
const RESULTS: usize = 4;

/// A result of an operation, or its end.
struct Step {
    id: String,
    /// Distinguishes operations with the same id, because a client may reuse an id while an old result is still queued.
    number: u64,
    result: Option<GraphResponse>,
}

/// A socket and its operations.
pub struct Connection {
    edge: Edge,
    socket: WebSocket,
    visitor: Visitor,
    operations: HashMap<String, (u64, AbortHandle)>,
    number: u64,
    tell: mpsc::Sender<Box<Step>>,
    steps: mpsc::Receiver<Box<Step>>,
}

impl Connection {
    /// A socket that has not received any message yet.
    pub fn new(edge: Edge, socket: WebSocket, visitor: Visitor) -> Self {
        let (tell, steps) = mpsc::channel(RESULTS);
        Self { edge, socket, visitor, operations: HashMap::new(), number: 0, tell, steps }
    }

    /// Serves the socket to its end.
    pub async fn serve(mut self, authorization: Option<String>) {
        let ended = match self.socket.protocol().map(|protocol| protocol == PROTOCOL) {
            // Boxed, here and below, so that the memory for signing in and parsing is freed before the long wait.
            Some(true) => match Box::pin(self.greet(authorization)).await {
                Ok((session, _place)) => self.talk(session).await,
                Err(ended) => ended,
            },
            _ => Some(Close::new(4406, "Subprotocol not acceptable: use graphql-transport-ws")),
        };
        if let Some(Close(code, reason)) = ended {
            let frame = CloseFrame { code, reason: reason.as_ref().into() };
            // The result is ignored, because the socket is closed in any case.
            let _gone = timeout(self.edge.options().patience, self.socket.send(Message::Close(Some(frame)))).await;
        }
    }

    /// Waits for `connection_init` and opens the session. `Err(None)` means that the client has disconnected.
    async fn greet(&mut self, authorization: Option<String>) -> Result<(SharedSession, StreamSlot), Option<Close>> {
        let deadline = Instant::now() + self.edge.options().init_time;
        let payload = loop {
            let Ok(received) = tokio::time::timeout_at(deadline, self.socket.recv()).await else {
                return Err(Some(Close::new(4408, "Connection initialisation timeout")));
            };
            let Some(Ok(message)) = received else { return Err(None) };
            let said = parse(&message, bounds(&self.edge, &Caller::nobody()))?;
            match said.map(|(said, _)| said) {
                None | Some(FromClient::Pong {}) => {}
                Some(FromClient::ConnectionInit { payload }) => break payload,
                Some(FromClient::Ping { payload }) => self.send(&pong(payload)).await.map_err(Some)?,
                Some(FromClient::Subscribe { .. } | FromClient::Complete { .. }) => {
                    return Err(Some(Close::new(4401, "Unauthorized: send connection_init first")));
                }
            }
        };
        let authorization = credential(payload.as_ref())?.or(authorization);
        let session = open(&self.edge, &self.visitor, authorization.as_deref(), 4403).await?;
        let asker = self.visitor.asks_as(session.caller());
        let place =
            self.edge.shares().open(&asker).ok_or(Close::new(1013, "Too many sockets are open: close another"))?;
        self.send(&json!({ "type": "connection_ack" })).await.map_err(Some)?;
        Ok((SharedSession::new(session), place))
    }

    /// Handles messages until one side ends the socket. `None` means that the client has disconnected.
    async fn talk(&mut self, session: SharedSession) -> Option<Close> {
        let options = self.edge.options().clone();
        let app = self.edge.app().clone();
        let shutdown = self.edge.shutdown().turn();
        tokio::pin!(shutdown);
        let mut heard = Instant::now();
        let mut check = tokio::time::interval_at(heard + options.ping_every, options.ping_every);
        let until = |session: &SharedSession| session.now().expires_at;
        let mut expires_at = until(&session);
        let wait = |time: Option<_>| match time {
            Some(time) => app.wait_until(time),
            None => Box::pin(std::future::pending()),
        };
        let mut expiry = wait(expires_at);
        loop {
            let outcome = tokio::select! {
                received = self.socket.recv() => {
                    heard = Instant::now();
                    match received {
                        Some(Ok(message)) => Box::pin(self.hear(message, &session)).await,
                        _ => return None,
                    }
                }
                Some(step) = self.steps.recv() => Box::pin(self.tell(*step)).await,
                _ = check.tick() => {
                    if heard.elapsed() > options.ping_every + options.patience {
                        return None;
                    }
                    Box::pin(self.send_message(Message::Ping(axum::body::Bytes::new()))).await
                }
                () = &mut expiry => Err(Close::new(4401, "Unauthorized: the token has expired")),
                () = &mut shutdown => Err(Close::new(1012, "The service restarts: come back with your cursor")),
            };
            if let Err(ended) = outcome {
                return Some(ended);
            }
            if until(&session) != expires_at {
                expires_at = until(&session);
                expiry = wait(expires_at);
            }
        }
    }

    async fn hear(&mut self, message: Message, session: &SharedSession) -> Result<(), Close> {
        let caller = session.now().caller();
        let Some((said, paid)) = parse(&message, bounds(&self.edge, &caller))? else { return Ok(()) };
        drop(message);
        let asker = self.visitor.asks_as(caller);
        self.edge.charge_for(&asker, paid).map_err(|error| Close::of(1013, &error))?;
        match said {
            FromClient::Pong {} => Ok(()),
            FromClient::Ping { payload } => self.ping(payload, session).await,
            FromClient::ConnectionInit { .. } => Err(Close::new(4429, "Too many initialisation requests")),
            FromClient::Subscribe { id, payload } => self.subscribe(id, (payload, paid), session).await,
            FromClient::Complete { id } => {
                self.forget(&id);
                Ok(())
            }
        }
    }

    /// Answers a ping. A ping with a credential renews the session, so that a token can be renewed without a new
    /// socket. The answer states when the session expires, and does not repeat the credential.
    async fn ping(&mut self, payload: Option<Value>, session: &SharedSession) -> Result<(), Close> {
        let named = |payload: &Value| {
            let fields = payload.as_object();
            fields.is_some_and(|fields| fields.keys().any(|name| name.eq_ignore_ascii_case("authorization")))
        };
        if !payload.as_ref().is_some_and(named) {
            return self.send(&pong(payload)).await;
        }
        self.edge.charge(&self.visitor.asks_as(session.now().caller())).map_err(|error| Close::of(1013, &error))?;
        let authorization = credential(payload.as_ref())?;
        let later = open(&self.edge, &self.visitor, authorization.as_deref(), 4401).await?;
        let expires_at = later.expires_at;
        session.extend(later).map_err(|error| session_closed(error, &self.visitor))?;
        self.send(&pong(Some(json!({ "expiresAt": expires_at })))).await
    }

    fn forget(&mut self, id: &str) {
        if let Some((_, operation)) = self.operations.remove(id) {
            operation.abort();
        }
    }

    async fn subscribe(
        &mut self,
        id: String,
        (payload, paid): (async_graphql::Value, u32),
        session: &SharedSession,
    ) -> Result<(), Close> {
        if self.operations.contains_key(&id) {
            return Err(Close::new(4409, "Subscriber for this id already exists"));
        }
        let parameters =
            from_json(payload).map_err(|_| Close::new(4400, "The payload of subscribe is not a GraphQL request"))?;
        self.number += 1;
        // Each operation has its own request id in the log.
        let mut visitor = self.visitor.clone();
        visitor.id = RequestId(format!("{}-{}", self.visitor.id.0, self.number));
        let refused = match find(&self.edge, parameters) {
            Ok(ExecutableOperation { looked: Looked { kind: OperationKind::Mutation, .. }, .. }) => {
                self.paid(session, use_post())
            }
            Ok(_) if self.operations.len() >= self.edge.options().operations => self.paid(session, too_many()),
            Ok(_) if !self.edge.outbox().has_room() => busy(),
            Ok(ExecutableOperation { request: document, looked: Looked { kind, contract }, .. }) => {
                // The session is checked again, so that a caller who has lost access or changed role since the socket
                // opened is treated accordingly.
                let renewed = session.renew(self.edge.app()).await;
                let renewed = renewed.map_err(|error| session_closed(error, &visitor))?;
                let load = OperationCost { kind, contract: contract.points(), paid };
                let meter = Meter::new(self.edge.shares(), visitor.asks_as(renewed.caller()), load);
                let (shared, language) = (session.clone(), visitor.reads());
                let around = Surroundings { session: renewed, shared, language, meter: meter.clone() };
                self.start(id, (visitor, meter, kind), prepared(document, self.edge.app(), around));
                return Ok(());
            }
            Err(error) => self.paid(session, error),
        };
        let mut refused = GraphResponse::from_errors(vec![refused]);
        finish(&mut refused, &visitor);
        self.send(&json!({ "type": "error", "id": id, "payload": told_alone(refused) })).await
    }

    /// Charges the error to the caller's share and returns it, or returns the rate limit error when the share is used
    /// up.
    fn paid(&self, session: &SharedSession, error: ServerError) -> ServerError {
        self.edge.charge(&self.visitor.asks_as(session.now().caller())).err().unwrap_or(error)
    }

    fn start(
        &mut self,
        id: String,
        (visitor, meter, kind): (Visitor, Meter, OperationKind),
        document: async_graphql::Request,
    ) {
        let mut results = self.edge.api().execute_stream(document);
        let time = if kind == OperationKind::Subscription { Duration::MAX } else { self.edge.options().request_time };
        let (tell, own, number) = (self.tell.clone(), id.clone(), self.number);
        let span = tracing::info_span!("operation", id = %visitor.id.0);
        let run = async move {
            loop {
                let next = timeout(time, results.next()).await;
                let mut result = next.unwrap_or_else(|_| Some(GraphResponse::from_errors(vec![given_up()])));
                if let Some(result) = &mut result {
                    finish(result, &visitor);
                }
                let done = result.is_none();
                if tell.send(Box::new(Step { id: own.clone(), number, result })).await.is_err() || done {
                    return;
                }
                if kind == OperationKind::Subscription {
                    meter.again().await;
                }
            }
        };
        let running = tokio::spawn(run.instrument(span));
        self.operations.insert(id, (number, running.abort_handle()));
    }

    async fn tell(&mut self, Step { id, number, result }: Step) -> Result<(), Close> {
        if self.operations.get(&id).is_none_or(|(current, _)| *current != number) {
            // The client has completed the operation meanwhile.
            return Ok(());
        }
        match result {
            // Nothing was executed: an `error` message ends the operation.
            Some(result) if is_request_error(&result) => {
                self.forget(&id);
                self.send(&json!({ "type": "error", "id": id, "payload": told_alone(result) })).await
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

    /// Sends a message. A client that does not read for too long is disconnected; it can resume at its cursor, so
    /// nothing is lost. The close code is 1013 and not 1008, because clients treat 1008 as final and do not reconnect.
    async fn send_message(&mut self, message: Message) -> Result<(), Close> {
        let sent = timeout(self.edge.options().patience, async {
            self.socket.feed(message).await?;
            SinkExt::<Message>::flush(&mut self.socket).await
        });
        match sent.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Close::new(1013, "Too slow: come back with your cursor")),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.operations.values().for_each(|(_, operation)| operation.abort());
    }
}

async fn open(edge: &Edge, visitor: &Visitor, authorization: Option<&str>, refused: u16) -> Result<Session, Close> {
    edge.session_of(authorization, visitor).await.map_err(|mut error| {
        error.localise(visitor.language);
        let busy = Code::of(&error) != Some(Code::Unauthenticated);
        Close::of(if busy { 1013 } else { refused }, &error)
    })
}

fn session_closed(error: SessionError, visitor: &Visitor) -> Close {
    let code = if matches!(error, SessionError::Store(_)) { 1013 } else { 4401 };
    let mut error = crate::graphql::context::session_error(error).into_server_error(async_graphql::Pos::default());
    error.localise(visitor.language);
    Close::of(code, &error)
}

fn use_post() -> ServerError {
    Code::UsePost.server_error(texts::api::post_mutation_to())
}

fn too_many() -> ServerError {
    Code::TooManyOperations.server_error(texts::api::too_many_operations())
}
