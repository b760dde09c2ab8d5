//! Clients that are slow, silent or gone: they are disconnected, and others are not affected.

use ansvar_tests::watch::{PATIENCE, greeted, hear, say};
use ansvar_tests::{Shop, TestApp, until};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn hasty(ping_ms: u64, patience_ms: u64) -> (TestApp, Shop) {
    let t = TestApp::start_with(|config| {
        config.http.ping_ms = ping_ms;
        config.http.patience_ms = patience_ms;
    })
    .await;
    let shop = t.shop().await;
    (t, shop)
}

/// Waits until a gauge shows this.
async fn shows(t: &TestApp, gauge: &str) {
    until(&format!("the metrics show {gauge}"), async || {
        String::from_utf8(t.anybody().fetches("/metrics").await.2).unwrap().contains(&format!("{gauge}\n"))
    })
    .await;
}

/// A subscription whose events have some hundred kilobytes for a note of five thousand characters.
fn heavy() -> String {
    let text = (0..40).map(|number| format!("t{number}: text")).collect::<Vec<_>>().join(" ");
    format!(
        "subscription($id: ID!) {{ caseEvents(caseId: $id) {{ seq ... on MessageAdded {{ message {{ {text} }} }} }} }}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stalls_is_let_go_and_the_others_hear_on() {
    let (t, shop) = hasty(60_000, 500).await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let token = shop.manager.bearer.clone().unwrap();
    let mut socket = greeted(&t.base(), &token).await;
    say(
        &mut socket,
        &json!({ "type": "subscribe", "id": "1", "payload": { "query": heavy(), "variables": { "id": case } } }),
    )
    .await;
    let body = json!({ "query": heavy(), "variables": { "id": case } }).to_string();
    let address = t.base().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    shows(&t, "ansvar_sse_streams 1").await;
    shows(&t, "ansvar_websocket_connections 1").await;
    // Neither client reads any more (and no ping is sent to them for a minute). Everybody else is served.
    for number in 0..60 {
        let note = json!({ "caseId": case, "text": format!("{number} {}", "x".repeat(4_900)) });
        shop.staff("anna").does("addNote", note, "message { id }").await;
    }
    shows(&t, "ansvar_sse_streams 0").await;
    shows(&t, "ansvar_websocket_connections 0").await;
    assert_eq!(shop.reads(&asa.reference, "version").await["version"], 62);
    drop((socket, stream));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_gone_without_a_word_is_noticed() {
    let (t, shop) = hasty(500, 500).await;
    let token = shop.manager.bearer.clone().unwrap();
    let socket = greeted(&t.base(), &token).await;
    // The client answers no ping, because the test does not poll its socket.
    shows(&t, "ansvar_websocket_connections 0").await;
    drop(socket);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_client_that_answers_stays() {
    // The limit is two and a half seconds, so that a busy machine does not disconnect this client.
    let (t, shop) = hasty(500, 2_000).await;
    let token = shop.manager.bearer.clone().unwrap();
    let mut socket = greeted(&t.base(), &token).await;
    // Reading from the socket answers the pings. Eight of them take longer than a silent client is kept.
    for _ in 0..8 {
        let next = tokio::time::timeout(PATIENCE, futures_util::StreamExt::next(&mut socket)).await;
        let message = next.expect("a ping in time").expect("the socket stays").unwrap();
        assert!(message.is_ping(), "{message}");
    }
    say(&mut socket, &json!({ "type": "ping" })).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "pong" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_comes_drop_by_drop_is_not_waited_for() {
    let t = TestApp::start_with(|config| config.http.head_ms = 3_000).await;
    let shop = t.shop().await;
    let mut drops = TcpStream::connect(t.base().replace("http://", "")).await.unwrap();
    drops.write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, drops.read_to_end(&mut answer)).await.expect("it is ended");
    assert!(
        ended.is_err() || answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    shop.customer("asa", "A normal complaint beside it").await;
}
