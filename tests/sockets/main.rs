//! Measures the memory of idle sockets, and how soon one of ten thousand gets its event while the others are idle.
//!
//! `cargo build --release && cargo run -p ansvar-tests --bin sockets` starts the release build of the service (or
//! `ANSVAR_BIN`) as a process of its own, on SQLite. `ANSVAR_SOCKETS` sets the number of connections (10000): half of
//! them are sockets, half are streams of server-sent events. It needs as many file descriptors.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot be made ends, and its answer goes to standard output"
)]

mod connect;
mod service;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ansvar_tests::Client;
use serde_json::json;

use connect::{Listener, open};
use service::Service;

/// The number of followed cases; each is followed by a hundredth of the connections.
const CASES: usize = 100;
/// The number of requests for comparing documents.
const ASKED: u32 = 3_000;
/// A desk's query that finds no cases, so that reading and answering cost little.
const DESK: &str = "query Desk { cases(filter: { stages: [MERGED] }) { edges { cursor node { id version reference subject stage priority \
     category product language receivedAt openedAt closedAt nextContactDue owner { id name email role } customer { id name language } \
     tasks { id title asked status acceptBy dueAt eta result declineReason requestedAt changedAt partner { id name } updates { id text at \
     eta by { kind name } } } messages { id text at visibility by { kind name } } viewerCan { sendMessage addNote acknowledge requestTask \
     close } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
/// The number of messages to the one subscriber.
const SHOTS: usize = 50;

#[tokio::main]
async fn main() {
    let count: usize = std::env::var("ANSVAR_SOCKETS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let service = Service::start().await;
    let admin = &service.admin;
    let widget = service.widget().await;
    let mut tokens = Vec::new();
    for number in 0..=CASES {
        let input = json!({ "idempotencyKey": format!("case {number}"), "email": format!("c{number}@example.com"), "text": "It is broken" });
        let receipt =
            widget.does("fileComplaint", input, "receipt { reference trackingToken }").await["receipt"].take();
        tokens.push((receipt["trackingToken"].clone(), receipt["reference"].clone()));
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let (target, reference) = tokens.pop().unwrap_or_default();
    let case = case_id(admin, &text(&reference)).await;
    let disturbed = Arc::new(AtomicUsize::new(0));
    for socket in [true, false] {
        let empty = service.memory();
        let started = Instant::now();
        for number in 0..count / 2 {
            let (token, _) = &tokens[number % CASES];
            let listener = open(&service.address, socket, &text(token)).await;
            tokio::spawn(listener.idle(Arc::clone(&disturbed)));
        }
        let opened = started.elapsed().as_secs_f64();
        // Waits until the memory for opening the connections is freed.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let full = service.memory();
        say(&format!(
            "{} {} opened in {opened:.1} s; resident memory: {empty} kB before, {full} kB after: {:.1} kB each",
            count / 2,
            if socket { "sockets" } else { "streams" },
            (full - empty) as f64 / (count / 2) as f64
        ));
    }
    let before = service.cpu();
    tokio::time::sleep(Duration::from_secs(20)).await;
    say(&format!("processor time while all of them are idle: {:.2} s in 20 s", service.cpu() - before));

    let mut one = open(&service.address, true, &text(&target)).await;
    let mut heard = Vec::with_capacity(SHOTS);
    let before = service.cpu();
    for number in 0..SHOTS {
        let input = json!({ "caseId": case, "text": format!("message {number}") });
        let sent = Instant::now();
        let (_, at) = tokio::join!(admin.does("sendMessage", input, "message { id }"), next_message(&mut one));
        heard.push((at - sent).as_secs_f64() * 1_000.0);
    }
    heard.sort_by(f64::total_cmp);
    say(&format!(
        "from sending a message to its one listener having it: median {:.1} ms, slowest {:.1} ms; {:.1} ms of processor time each",
        heard[SHOTS / 2],
        heard[SHOTS - 1],
        (service.cpu() - before) * 1_000.0 / SHOTS as f64
    ));
    say(&format!("events that any of the others was told: {}", disturbed.load(Ordering::Relaxed)));
    documents(&service).await;
    service.stop();
}

/// Measures how much time keeping parsed documents saves.
async fn documents(service: &Service) {
    for new in [false, true, false, true] {
        let before = service.cpu();
        for number in 0..ASKED {
            let mark = if new { number } else { 0 };
            service.admin.asks(&format!("{DESK} # {new} {mark}"), json!({})).await;
        }
        let each = (service.cpu() - before) * 1_000_000.0 / f64::from(ASKED);
        let what = if new { "never met before" } else { "met before" };
        say(&format!("a document of {} characters {what}: {each:.0} µs of processor time each", DESK.len()));
    }
}

async fn next_message(one: &mut Listener) -> Instant {
    while !one.next().await.contains("MESSAGE_ADDED") {}
    Instant::now()
}

async fn case_id(admin: &Client, reference: &str) -> String {
    let document = "query($by: CaseRef!) { case(by: $by) { id } }";
    let found = admin.asks(document, json!({ "by": { "reference": reference } })).await;
    found["case"]["id"].as_str().unwrap_or_default().to_owned()
}

fn say(text: &str) {
    println!("{text}");
}
