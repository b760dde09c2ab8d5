//! A partner's system that receives webhooks. It records what it receives, and answers as a test requires.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::sync::watch;

use crate::watch::PATIENCE;

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Heard {
    pub id: String,
    pub timestamp: i64,
    pub signature: String,
    pub text: String,
    pub body: Value,
    /// The status of its response.
    pub status: u16,
}

impl Heard {
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }

    pub fn task(&self) -> &str {
        self.body["data"]["taskId"].as_str().unwrap_or_default()
    }
}

#[derive(Clone)]
struct Ear {
    heard: watch::Sender<Vec<Heard>>,
    answers: Arc<AtomicU16>,
}

pub struct Receiver {
    pub url: String,
    ear: Ear,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Self {
        let ear = Ear { heard: watch::Sender::new(Vec::new()), answers: Arc::new(AtomicU16::new(204)) };
        let router = Router::new().route("/hooks", post(hear)).with_state(ear.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, ear, task }
    }

    /// Sets the status of the responses.
    pub fn answers(&self, status: u16) {
        self.ear.answers.store(status, Ordering::Relaxed);
    }

    /// Everything it received, including repeated attempts.
    pub fn heard(&self) -> Vec<Heard> {
        self.ear.heard.borrow().clone()
    }

    /// What it received and answered with success.
    pub fn taken(&self) -> Vec<Heard> {
        self.heard().into_iter().filter(|heard| heard.status < 300).collect()
    }

    /// Waits until this holds for what it received.
    pub async fn until(&self, holds: impl Fn(&[Heard]) -> bool) {
        let mut heard = self.ear.heard.subscribe();
        let met = tokio::time::timeout(PATIENCE, heard.wait_for(|heard| holds(heard))).await.map(|_| ());
        assert!(met.is_ok(), "it heard only {:?}", self.heard());
    }

    /// Waits until it has answered this many requests with success.
    pub async fn until_taken(&self, count: usize) {
        self.until(|heard| heard.iter().filter(|heard| heard.status < 300).count() >= count).await;
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hear(
    State(ear): State<Ear>,
    headers: HeaderMap,
    text: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1]) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let status = ear.answers.load(Ordering::Relaxed);
    let text = String::from_utf8(text.to_vec()).unwrap();
    let heard = Heard {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body: serde_json::from_str(&text).unwrap(),
        text,
        status,
    };
    ear.heard.send_modify(|all| all.push(heard));
    (StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")])
}
