//! Subscribers over WebSocket or server-sent events: real connections, read by a task of their own into a queue.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::app::TestApp;
use crate::client::Client;

/// How long a test waits for something that must happen. It is long because a busy machine is slow.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The position of a watch on a case. At the end of the test, [`TestApp`] checks that it has received everything.
pub struct Position {
    who: String,
    reference: String,
    for_customer: bool,
    seen: AtomicI64,
}

impl Position {
    pub(crate) async fn unseen(&self, db: &DatabaseConnection) -> Option<String> {
        let last = last_event(db, &self.reference, self.for_customer).await;
        let seen = self.seen.load(Ordering::Relaxed);
        (seen >= 0 && seen < last).then(|| format!("{} has not looked at event {last} of {}", self.who, self.reference))
    }
}

/// The number of the last event of a case that this viewer can see.
pub async fn last_event(db: &impl ConnectionTrait, reference: &str, for_customer: bool) -> i64 {
    let only = if for_customer { "AND e.for_customer" } else { "" };
    let sql = format!(
        r#"SELECT coalesce(max(e.seq), 0) AS last FROM event e JOIN "case" c ON c.id = e.case_id WHERE c.reference = $1 {only}"#
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [reference.into()]);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get("", "last").unwrap()
}

/// The transport of a subscription.
#[derive(Clone, Copy, Debug)]
pub enum By {
    WebSocket,
    Sse,
}

/// A subscription and its results, in order.
pub struct Watch {
    queue: mpsc::UnboundedReceiver<Value>,
    waiting: VecDeque<Value>,
    task: tokio::task::JoinHandle<()>,
    position: Option<Arc<Position>>,
}

impl Watch {
    /// Subscribes; returns when the subscription is active.
    pub async fn start(client: &Client, by: By, document: &str, variables: Value) -> Self {
        let (tell, queue) = mpsc::unbounded_channel();
        let task = match by {
            By::WebSocket => web_socket(client, document, variables, tell).await,
            By::Sse => server_sent_events(client, document, variables, tell).await,
        };
        Self { queue, waiting: VecDeque::new(), task, position: None }
    }

    /// A customer's watch on their case. At the end of the test, [`TestApp`] checks that it has received everything.
    pub async fn my_case(t: &TestApp, client: &Client, by: By, reference: &str, after: Option<i64>) -> Self {
        let document = "subscription($after: Int) { myCaseEvents(after: $after) { seq kind case { ownerName stage version } message { fromCustomer text } commitment { what state } } }";
        let watch = Self::start(client, by, document, json!({ "after": after })).await;
        watch.held_to_its_end(t, "the customer", reference, true, after).await
    }

    /// A member of staff's watch on a case. At the end of the test, [`TestApp`] checks that it has received everything.
    pub async fn case(t: &TestApp, client: &Client, by: By, case: (&str, &str), after: Option<i64>) -> Self {
        let document = "subscription($case: ID!, $after: Int) { caseEvents(caseId: $case, after: $after) { __typename seq by { kind name } case { reference version owner { name } } } }";
        let watch = Self::start(client, by, document, json!({ "case": case.0, "after": after })).await;
        watch.held_to_its_end(t, "staff", case.1, false, after).await
    }

    async fn held_to_its_end(
        mut self,
        t: &TestApp,
        who: &str,
        reference: &str,
        for_customer: bool,
        after: Option<i64>,
    ) -> Self {
        let from = match after {
            Some(after) => after,
            None => last_event(t.inside().reader().db(), reference, for_customer).await,
        };
        let position =
            Position { who: who.to_owned(), reference: reference.to_owned(), for_customer, seen: AtomicI64::new(from) };
        let position = Arc::new(position);
        t.remember(Arc::clone(&position));
        self.position = Some(position);
        self
    }

    /// The next result; fails when none comes in time.
    pub async fn next(&mut self) -> Value {
        let next = match self.waiting.pop_front() {
            Some(next) => next,
            None => tokio::time::timeout(PATIENCE, self.queue.recv())
                .await
                .expect("something comes in time")
                .expect("the stream goes on"),
        };
        if let Some(position) = &self.position
            && let Some(seq) =
                next.pointer("/data").and_then(Value::as_object).and_then(|data| data.values().next()?["seq"].as_i64())
        {
            position.seen.store(seq, Ordering::Relaxed);
        }
        next
    }

    /// The fields of the next event.
    pub async fn next_event(&mut self) -> Value {
        let mut next = self.next().await;
        assert!(next["data"].is_object(), "an error: {next}");
        let data = next["data"].as_object_mut().unwrap();
        data.values_mut().next().unwrap().take()
    }

    /// The events up to and including the one with this number.
    pub async fn up_to(&mut self, seq: i64) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.next_event().await;
            let last = event["seq"].as_i64().unwrap();
            events.push(event);
            if last >= seq {
                return events;
            }
        }
    }

    /// All further events of the case that this viewer can see, once nothing is due any more.
    pub async fn seen(&mut self, t: &TestApp) -> Vec<Value> {
        t.settle().await;
        let position = self.position.clone().expect("a watch on a case");
        let last = last_event(t.inside().reader().db(), &position.reference, position.for_customer).await;
        if position.seen.load(Ordering::Relaxed) >= last { Vec::new() } else { self.up_to(last).await }
    }

    /// Waits until the service ends the subscription; returns what it sent last.
    pub async fn ends(&mut self) -> Vec<Value> {
        let mut last = Vec::new();
        while let Some(message) = tokio::time::timeout(PATIENCE, self.queue.recv()).await.expect("it ends in time") {
            last.push(message);
        }
        last
    }

    /// Closes the connection without a closing message.
    pub fn cut(self) {
        if let Some(position) = &self.position {
            position.seen.store(-1, Ordering::Relaxed);
        }
        self.task.abort();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn web_socket(
    client: &Client,
    document: &str,
    variables: Value,
    tell: mpsc::UnboundedSender<Value>,
) -> tokio::task::JoinHandle<()> {
    let mut socket = dial(&client.base).await;
    let authorization = client.bearer.as_ref().map(|bearer| format!("Bearer {bearer}"));
    let init = json!({ "type": "connection_init", "payload": { "authorization": authorization } });
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": document, "variables": variables } });
    say(&mut socket, &init).await;
    assert_eq!(hear(&mut socket).await["type"], "connection_ack");
    say(&mut socket, &subscribe).await;
    // Messages are answered in order, so the subscription is active when the pong arrives.
    say(&mut socket, &json!({ "type": "ping" })).await;
    let mut early = Vec::new();
    loop {
        let message = hear(&mut socket).await;
        if message["type"] == "pong" {
            break;
        }
        early.push(message);
    }
    tokio::spawn(async move {
        for message in early {
            if !pass(&tell, message) {
                return;
            }
        }
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Text(text) if !pass(&tell, serde_json::from_str(&text).unwrap()) => return,
                Message::Close(Some(frame)) => {
                    drop(tell.send(json!({ "closed": u16::from(frame.code), "reason": frame.reason.as_str() })));
                    return;
                }
                _ => {}
            }
        }
    })
}

/// Passes a message on; returns false when it was the last.
fn pass(tell: &mpsc::UnboundedSender<Value>, mut message: Value) -> bool {
    match message["type"].as_str() {
        Some("next") => tell.send(message["payload"].take()).is_ok(),
        Some("error") => {
            drop(tell.send(json!({ "errors": message["payload"].take() })));
            false
        }
        Some("complete") => false,
        _ => true,
    }
}

pub type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Opens a socket for graphql-transport-ws, without `connection_init`.
pub async fn dial(base: &str) -> Socket {
    let mut request = format!("{}/graphql", base.replace("http://", "ws://")).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    tokio_tungstenite::connect_async(request).await.expect("the upgrade is accepted").0
}

/// Opens a socket and sends `connection_init` with this token.
pub async fn greeted(base: &str, token: &str) -> Socket {
    let mut socket = dial(base).await;
    let payload = json!({ "authorization": format!("Bearer {token}") });
    say(&mut socket, &json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(hear(&mut socket).await["type"], "connection_ack");
    socket
}

pub async fn say(socket: &mut Socket, message: &Value) {
    socket.send(Message::Text(Utf8Bytes::from(message.to_string()))).await.unwrap();
}

/// The next message, or the close code as `{"closed": 4400}`.
pub async fn hear(socket: &mut Socket) -> Value {
    let said = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(frame))) => {
                    return json!({ "closed": frame.map(|frame| u16::from(frame.code)) });
                }
                // A ping is not an answer.
                Some(Ok(_)) => {}
                other => return json!({ "gone": format!("{other:?}") }),
            }
        }
    };
    tokio::time::timeout(PATIENCE, said).await.expect("an answer in time")
}

async fn server_sent_events(
    client: &Client,
    document: &str,
    variables: Value,
    tell: mpsc::UnboundedSender<Value>,
) -> tokio::task::JoinHandle<()> {
    let mut request = client
        .http()
        .post(format!("{}/graphql", client.base))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": document, "variables": variables }));
    if let Some(bearer) = &client.bearer {
        request = request.bearer_auth(bearer);
    }
    let mut response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    tokio::spawn(async move {
        let mut text = String::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some((event, rest)) =
                text.split_once("\n\n").map(|(event, rest)| (event.to_owned(), rest.to_owned()))
            {
                text = rest;
                let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                match line("event:") {
                    Some("next") if tell.send(serde_json::from_str(line("data:").unwrap()).unwrap()).is_err() => return,
                    Some("complete") => return,
                    _ => {}
                }
            }
        }
    })
}
