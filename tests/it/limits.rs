//! Limits for one document: each limit refuses it with its code, on every transport, within milliseconds.

use std::fmt::Write;
use std::time::{Duration, Instant};

use ansvar_tests::watch::{dial, greeted, hear, say};
use ansvar_tests::{Client, TestApp};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug)]
enum By {
    Post,
    Get,
    Events,
    Parts,
    Socket,
}

const EVERY: [By; 5] = [By::Post, By::Get, By::Events, By::Parts, By::Socket];

/// The code with which this document is refused.
async fn refused(client: &Client, by: By, document: &str) -> String {
    let code = |answer: &Value| answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned();
    let bearer = client.bearer.clone().unwrap();
    if let By::Socket = by {
        let mut socket = greeted(&client.base, &bearer).await;
        say(&mut socket, &json!({ "type": "subscribe", "id": "1", "payload": { "query": document } })).await;
        let answer = hear(&mut socket).await;
        assert!(answer["payload"][0]["extensions"]["requestId"].is_string(), "{answer}");
        return code(&json!({ "errors": answer["payload"] }));
    }
    let accept = match by {
        By::Events => "text/event-stream",
        By::Parts => "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json",
        By::Post | By::Get | By::Socket => "application/graphql-response+json",
    };
    let url = format!("{}/graphql", client.base);
    let request = match by {
        By::Get => client.http().get(reqwest::Url::parse_with_params(&url, [("query", document)]).unwrap()),
        _ => client.http().post(&url).json(&json!({ "query": document })),
    };
    let response = request.header("accept", accept).bearer_auth(bearer).send().await.unwrap();
    let text = response.text().await.unwrap();
    let json = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or(&text);
    code(&serde_json::from_str(json).unwrap_or_else(|_| panic!("{by:?}: {text}")))
}

fn bomb() -> String {
    let mut bomb = String::from("{ ...f0 }");
    for level in 0..30 {
        write!(bomb, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1).unwrap();
    }
    bomb + " fragment f30 on Query { __typename }"
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_fires_on_every_transport() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>().join(" ");
    let deep = format!("{{ sellers {{ {} name {} }} }}", "accountable { seller { ".repeat(10), "} }".repeat(10));
    // A thousand cases, each with a few nested lists.
    let about = "tasks { updates { text } case { caseId } } messages { text by { name } } handovers { to { name teams { members { name } } } }";
    let dear =
        format!("{{ {} }}", many(10, &|number| format!("a{number}: cases(first: 100) {{ nodes {{ {about} }} }}")));
    let documents = [
        ("fragments within fragments", bomb(), "DOCUMENT_TOO_LARGE"),
        ("fields", format!("{{ viewer {{ {} }} }}", many(2_001, &|_| "__typename".to_owned())), "DOCUMENT_TOO_LARGE"),
        (
            "aliases",
            format!("{{ viewer {{ {} }} }}", many(51, &|number| format!("a{number}: __typename"))),
            "DOCUMENT_TOO_LARGE",
        ),
        ("directives", format!("{{ __typename {} }}", "@include(if: true) ".repeat(9)), "DOCUMENT_TOO_LARGE"),
        ("depth", deep, "DOCUMENT_TOO_LARGE"),
        (
            "root fields",
            format!("{{ {} }}", many(11, &|number| format!("a{number}: __typename"))),
            "TOO_MANY_ROOT_FIELDS",
        ),
        (
            "root fields of a subscription",
            "subscription { a: workEvents { cursor } b: workEvents { cursor } }".to_owned(),
            "TOO_MANY_ROOT_FIELDS",
        ),
        ("complexity", dear, "DOCUMENT_TOO_LARGE"),
    ];
    for (what, document, code) in &documents {
        for by in EVERY {
            // The longest documents do not fit into a URL.
            if document.len() > 15_000 && matches!(by, By::Get) {
                continue;
            }
            // On a busy machine a single attempt may be slow.
            let mut fastest = Duration::MAX;
            for _ in 0..5 {
                let started = Instant::now();
                assert_eq!(refused(&shop.manager, by, document).await, *code, "{what} by {by:?}");
                fastest = fastest.min(started.elapsed());
                if fastest < Duration::from_secs(2) {
                    break;
                }
            }
            assert!(fastest < Duration::from_secs(2), "{what} by {by:?} took {fastest:?}");
        }
    }
    // Meanwhile a normal caller is served.
    shop.customer("asa", "A normal complaint").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_given_up() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let hasty = t.second_node_with(|config| config.http.request_ms = 0).await;
    let manager = shop.manager.at(&format!("http://{}", hasty.address));
    shop.customer("asa", "broadband").await;
    // Nested fields that need several reads, one after the other.
    let deep = "{ cases(first: 1) { nodes { owner { seller { accountable { seller { accountable { name } } } } } reports { id } } } }";
    let (_, answer) = manager.post(deep, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT", "{answer}");
    hasty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_takes_no_more_than_sixty_four_kilobytes_at_once() {
    let t = TestApp::start().await;
    let mut socket = dial(&t.base()).await;
    say(&mut socket, &json!({ "type": "connection_init" })).await;
    hear(&mut socket).await;
    let large = json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ __typename }", "variables": { "x": "x".repeat(70_000) } } });
    // The service may close the connection before all of it is sent.
    let sent = futures_util::SinkExt::send(
        &mut socket,
        tokio_tungstenite::tungstenite::Message::Text(large.to_string().into()),
    )
    .await;
    let answer = if sent.is_ok() { hear(&mut socket).await } else { json!({ "gone": true }) };
    assert!(answer.get("closed").is_some() || answer.get("gone").is_some(), "{answer}");
}
