//! A listener that needs few resources: a WebSocket with small buffers, or a plain connection that reads server-sent
//! events.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ansvar_tests::watch::{Socket, say};
use futures_util::StreamExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

const FOLLOW: &str = "subscription { myCaseEvents { seq kind } }";

/// A connection that follows a case.
pub enum Listener {
    Socket(Box<Socket>),
    Stream(TcpStream),
}

/// Opens a connection; returns when the subscription is active.
pub async fn open(address: &str, socket: bool, token: &str) -> Listener {
    if socket { web_socket(address, token).await } else { stream(address, token).await }
}

async fn web_socket(address: &str, token: &str) -> Listener {
    let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    let small = WebSocketConfig::default().read_buffer_size(4_096).write_buffer_size(0);
    let (mut socket, _) = tokio_tungstenite::connect_async_with_config(request, Some(small), true).await.unwrap();
    let init = json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } });
    say(&mut socket, &init).await;
    say(&mut socket, &json!({ "type": "subscribe", "id": "1", "payload": { "query": FOLLOW } })).await;
    say(&mut socket, &json!({ "type": "ping" })).await;
    let mut listener = Listener::Socket(Box::new(socket));
    while !listener.next().await.contains("pong") {}
    listener
}

async fn stream(address: &str, token: &str) -> Listener {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = json!({ "query": FOLLOW }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut listener = Listener::Stream(stream);
    while !listener.next().await.contains(":\n\n") {}
    listener
}

impl Listener {
    /// The next message, as text.
    pub async fn next(&mut self) -> String {
        self.next_or_end().await.expect("the connection stays")
    }

    async fn next_or_end(&mut self) -> Option<String> {
        match self {
            Self::Socket(socket) => Some(socket.next().await?.ok()?.to_string()),
            Self::Stream(stream) => {
                let mut buffer = [0; 4_096];
                let length = stream.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
                Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
            }
        }
    }

    /// Listens until the service ends, answers pings, and counts events.
    pub async fn idle(mut self, events: Arc<AtomicUsize>) {
        while let Some(text) = self.next_or_end().await {
            if text.contains("seq") {
                events.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
