//! Hostile clients: expensive input in few bytes, slow sending, many connections, and large answers that are not read.
//! Each is limited, and everybody else is served meanwhile.

#![expect(clippy::format_collect, reason = "small texts, made once in a test")]

use std::num::NonZeroU32;
use std::time::Duration;

use ansvar::kit::rate::Rate;
use ansvar_tests::watch::{PATIENCE, dial, greeted, hear, say};
use ansvar_tests::{Client, Shop, TestApp, until};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

const FILE: &str = "mutation($input: FileComplaintInput!) { fileComplaint(input: $input) { receipt { reference } userErrors { code } } }";

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

/// Posts this body unchanged.
async fn posts(client: &Client, body: String) -> (u16, Value) {
    let request = client
        .http()
        .post(format!("{}/graphql", client.base))
        .header("content-type", "application/json")
        .header("accept", "application/graphql-response+json");
    let request = match &client.bearer {
        Some(bearer) => request.bearer_auth(bearer),
        None => request,
    };
    let response = request.body(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// JSON in a variable that no document uses.
fn unused(variable: &str) -> String {
    format!(r#"{{"query":"{{ __typename }}","variables":{{"x":{variable}}}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_few_bytes_stand_for_is_bounded_on_every_way() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let lists = |part: &str, count: usize| format!("[{}0]", part.repeat(count));
    for part in ["0,", "[],", "{},", r#"{"a":0},"#, "null,", r#""","#, "[[0]],"] {
        let (status, answer) = posts(&shop.widget, unused(&lists(part, 3_000))).await;
        assert_eq!((status, code(&answer)), (413, "TOO_LARGE"), "{part}: {answer}");
        let (status, answer) = posts(&shop.manager, unused(&lists(part, 150_000))).await;
        assert_eq!((status, code(&answer)), (413, "TOO_LARGE"), "{part}: {answer}");
    }
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(code(&posts(&shop.manager, unused(&deep)).await.1), "TOO_LARGE");
    let names: String = (0..2_000).map(|number| format!(r#""k{number}":1,"#)).collect();
    assert_eq!(code(&posts(&shop.widget, unused(&format!(r#"{{{names}"k":1}}"#))).await.1), "TOO_LARGE");
    // The contents of a text, or of a large file, do not count as values.
    assert_eq!(posts(&shop.widget, unused(&format!("\"{}\"", "[0,".repeat(20_000)))).await.0, 200);
    assert_eq!(posts(&shop.manager, unused(&format!("\"{}\"", "[0,".repeat(2_000_000)))).await.0, 200);
    // The same in a URL, and over a socket.
    let address = reqwest::Url::parse_with_params(
        &format!("{}/graphql", t.base()),
        [("query", "{ __typename }"), ("variables", &format!(r#"{{"x":{}}}"#, lists("0,", 3_000)))],
    );
    assert_eq!(t.anybody().http().get(address.unwrap()).send().await.unwrap().status(), 413);
    for part in ["0,", "[],"] {
        let mut socket = dial(&t.base()).await;
        say(&mut socket, &json!({ "type": "connection_init" })).await;
        hear(&mut socket).await;
        let large = format!(r#"{{"type":"subscribe","id":"1","payload":{}}}"#, unused(&lists(part, 3_000)));
        socket.send(Message::Text(large.into())).await.unwrap();
        assert_eq!(hear(&mut socket).await, json!({ "closed": 4400 }), "{part}");
    }
}

fn rate(burst: u32) -> Rate {
    Rate { burst: NonZeroU32::new(burst).unwrap(), per_second: NonZeroU32::MIN }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_costs_by_its_bytes_and_by_its_values() {
    let t = TestApp::start_with(|config| config.rates.public = rate(1_000)).await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let cost = |answer: &Value| {
        answer["extensions"]["cost"]["requested"].as_u64().unwrap_or_else(|| panic!("no cost: {answer}"))
    };
    let small = cost(&posts(&asa.client, unused("0")).await.1);
    let bytes = cost(&posts(&asa.client, unused(&format!("\"{}\"", "x".repeat(144_000)))).await.1);
    // Two lists, because a single list may not have as many items.
    let half = format!("[{}0]", "0,".repeat(949));
    let values = cost(&posts(&asa.client, unused(&format!("[{half},{half}]"))).await.1);
    assert_eq!((small, bytes - small, values - small), (1, 31, 170));
    // Reading counts towards the caller's share, over a socket too.
    let mut socket = greeted(&t.base(), asa.client.bearer.as_ref().unwrap()).await;
    let mut ended = json!(null);
    for number in 0..20 {
        let payload: Value = serde_json::from_str(&unused(&format!("[{half},{half}]"))).unwrap();
        say(&mut socket, &json!({ "type": "subscribe", "id": number.to_string(), "payload": payload })).await;
        ended = hear(&mut socket).await;
        if ended.get("closed").is_some() {
            break;
        }
        hear(&mut socket).await;
    }
    assert_eq!(ended, json!({ "closed": 1013 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_with_a_large_file_still_comes_in() {
    let t = TestApp::start_with(|config| config.http.request_ms = 60_000).await;
    let shop = t.shop().await;
    let file = format!("{}\r\n", "QUJD".repeat(18)).repeat(200_000);
    let mail = format!(
        "From: karin@example.com\r\nSubject: Large\r\nMessage-ID: <large@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{file}--b--\r\n"
    );
    assert_eq!(shop.mail(mail).await["disposition"], "CREATED_CASE");
}

/// Sends a request's head and this part of its body, and leaves the request unfinished.
async fn begun(t: &TestApp, head: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(t.base().replace("http://", "")).await.unwrap();
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream
}

/// The answer on this connection, until the connection ends.
async fn answered(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it is ended");
    drop(read);
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(shop: &Shop, bytes: usize) -> String {
    format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {bytes}",
        shop.manager.bearer.as_ref().unwrap()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_announced_and_does_not_come_keeps_nobody_out() {
    let t = TestApp::start_with(|config| {
        config.http.patience_ms = 500;
        config.http.large_bodies = 1;
    })
    .await;
    let shop = t.shop().await;
    // Many requests announce a large body and some begin to send it, with the same credential and without one.
    let mut slow = Vec::new();
    for number in 0..12 {
        let sent = if number < 2 { vec![b' '; 1_000_000] } else { vec![b' '; 1_000] };
        slow.push(begun(&t, &head(&shop, 40_000_000), &sent).await);
    }
    let mail = ansvar_tests::people::mail("karin@example.com", "Large", "1@example.com", "", &"words ".repeat(300_000));
    assert_eq!(shop.mail(mail).await["disposition"], "CREATED_CASE");
    drop(slow);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_let_go_on_every_route() {
    let t = TestApp::start_with(|config| config.http.body_grace_ms = 300).await;
    let shop = t.shop().await;
    let mailbox = crate::mail::mailbox(&shop, "help@shop.example").await;
    let key = format!("authorization: Bearer {}", mailbox["key"].as_str().unwrap());
    let inbound = format!("/inbound/{}", mailbox["id"].as_str().unwrap());
    let routes = [
        ("/graphql", "content-type: application/json".to_owned(), "408"),
        ("/graphql/stream", "content-type: application/json".to_owned(), "408"),
        ("/oauth/token", "content-type: application/x-www-form-urlencoded".to_owned(), "408"),
        (inbound.as_str(), format!("{key}\r\ncontent-type: message/rfc822"), "408"),
    ];
    for (path, headers, status) in routes {
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\ncontent-length: 5000");
        let answer = answered(&mut begun(&t, &head, b"{").await).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_gets_in_though_all_connections_are_taken() {
    for (in_all, of_one) in [(20, 1_000), (1_000, 20)] {
        let t = TestApp::start_with(|config| {
            config.http.connections = Some(in_all);
            config.http.connections_per_address = Some(of_one);
        })
        .await;
        let shop = t.shop().await;
        let asa = shop.customer("asa", "The broadband is down").await;
        let mut socket = greeted(&t.base(), asa.client.bearer.as_ref().unwrap()).await;
        let mut silent = Vec::new();
        for number in 0..100 {
            let head: &[u8] = if number % 2 == 0 { b"" } else { b"GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: " };
            let mut stream = TcpStream::connect(t.base().replace("http://", "")).await.unwrap();
            stream.write_all(head).await.unwrap();
            silent.push(stream);
        }
        // A new connection each time, as another client would have.
        for number in 0..30 {
            let newcomer = Client::new(&t.base(), shop.widget.bearer.as_deref());
            let input =
                json!({ "idempotencyKey": format!("{number}"), "text": "It is broken", "email": "bo@example.com" });
            newcomer.asks(FILE, json!({ "input": input })).await;
        }
        assert_eq!(answered(&mut silent[0]).await, "", "the one that was silent for longest has made room");
        say(&mut socket, &json!({ "type": "ping" })).await;
        assert_eq!(hear(&mut socket).await, json!({ "type": "pong" }), "who has something to do stays");
        drop(silent);
    }
}

/// A short form of the introspection query of GraphiQL and code generators.
const CONTRACT: &str = "{ __schema { types { kind name description fields(includeDeprecated: true) { name description args { name \
    description type { name ofType { name ofType { name } } } } type { name ofType { name ofType { name } } } } inputFields { name \
    description type { name } } enumValues { name description } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_is_answered_from_what_was_made_once_and_paid_by_its_bytes() {
    let t = TestApp::start().await;
    let first = t.anybody().post(CONTRACT, json!({})).await.1;
    let again = t.anybody().post(CONTRACT, json!({})).await.1;
    assert_eq!(first["data"], again["data"]);
    let bytes = first["data"].to_string().len();
    let points = again["extensions"]["cost"]["requested"].as_u64().unwrap();
    assert!(points.abs_diff(u64::try_from(bytes).unwrap() / 1024) < 3, "{points} points for {bytes} bytes");
    assert!(first["extensions"]["cost"]["requested"].as_u64().unwrap() >= points / 2, "{first}");
    // Nested fields of types, whose answer would have gigabytes.
    let deep = format!("{{ __schema {{ types {{ {} name {} }} }} }}", "fields { type { ".repeat(3), "} }".repeat(3));
    assert_eq!(t.anybody().is_refused(&deep, json!({})).await, "DOCUMENT_TOO_LARGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_has_its_price_on_every_way() {
    let t = TestApp::start_with(|config| config.rates.public = rate(6_000)).await;
    let mut answered = 0;
    let refused = loop {
        let (_, answer) = t.anybody().post(CONTRACT, json!({})).await;
        if answer.get("data").is_none() {
            break code(&answer).to_owned();
        }
        answered += 1;
        assert!(answered < 50, "it has no end");
    };
    assert_eq!(refused, "RATE_LIMITED");
    let mut socket = dial(&t.base()).await;
    say(&mut socket, &json!({ "type": "connection_init" })).await;
    hear(&mut socket).await;
    say(&mut socket, &json!({ "type": "subscribe", "id": "1", "payload": { "query": CONTRACT } })).await;
    assert_eq!(hear(&mut socket).await["payload"][0]["extensions"]["code"], "RATE_LIMITED");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_are_bounded_in_all() {
    let t = TestApp::start_with(|config| {
        config.http.answer_memory = 1_000_000;
        config.http.patience_ms = 60_000;
        config.http.request_ms = 60_000;
    })
    .await;
    let shop = t.shop().await;
    for number in 0..30 {
        let text = "long words ".repeat(1_500);
        let input =
            json!({ "idempotencyKey": format!("{number}"), "text": text, "email": format!("c{number}@example.com") });
        shop.widget.does("fileComplaint", input, "receipt { reference }").await;
    }
    let ask = "{ cases(first: 30) { nodes { reports { words } messages { text } } } }";
    let body = json!({ "query": ask }).to_string();
    let mut unread = Vec::new();
    // The system buffers some megabytes for each connection; the rest waits in the service.
    for _ in 0..4 {
        let mut stream = begun(&t, &head(&shop, body.len()), body.as_bytes()).await;
        for _ in 0..40 {
            stream.write_all(format!("{}\r\n\r\n{body}", head(&shop, body.len())).as_bytes()).await.unwrap();
        }
        unread.push(stream);
    }
    until("answers that wait are too many", async || {
        let (_, answer) = shop.manager.post(ask, json!({})).await;
        code(&answer) == "BUSY"
    })
    .await;
    drop(unread);
    until("who reads is served", async || shop.manager.post(ask, json!({})).await.0 == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told_in_few_words() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let unknown: String = (0..1_900).map(|number| format!("unknown_field_{number}_of_a_long_name ")).collect();
    let arguments: String = (0..1_900).map(|number| format!("a{number}: 1 ")).collect();
    let long = "x".repeat(90_000);
    for document in [
        format!("{{ viewer {{ {unknown} }} }}"),
        format!("{{ viewer({arguments}) {{ __typename }} }}"),
        format!("{{ {} }}", "...nothing ".repeat(1_900)),
        format!("{{ node(id: \"{long}\", other: \"{long}\") {{ id }} }}").replacen(&long, "", 1),
        format!("query($x: {long}) {{ viewer {{ __typename }} }}"),
        format!("{{ viewer {{ ... on {long} {{ id }} }} }}"),
        format!("{{ viewer {{ {long} }} }}"),
    ] {
        let (_, answer) = posts(&shop.manager, json!({ "query": document }).to_string()).await;
        let bytes = answer.to_string().len();
        assert!(bytes < 24_000 && answer["errors"].as_array().is_some_and(|errors| errors.len() <= 20), "{bytes}");
        let mut socket = greeted(&t.base(), shop.manager.bearer.as_ref().unwrap()).await;
        if document.len() < 60_000 {
            say(&mut socket, &json!({ "type": "subscribe", "id": "1", "payload": { "query": document } })).await;
            assert!(hear(&mut socket).await.to_string().len() < 30_000);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_can_be_kept_from_strangers() {
    let t = TestApp::start_with(|config| config.metrics.enabled = false).await;
    assert_eq!(t.anybody().fetches("/metrics").await.0, 404);
    let apart = t.second_node_with(|config| {
        config.metrics.enabled = true;
        config.metrics.listen = Some(([127, 0, 0, 1], 0).into());
    });
    let apart = apart.await;
    let other = Client::new(&format!("http://{}", apart.address), None);
    assert_eq!(other.fetches("/metrics").await.0, 404);
    let scraper = Client::new(&format!("http://{}", apart.metrics.unwrap()), None);
    let (status, _, text) = scraper.fetches("/metrics").await;
    assert_eq!((status, scraper.fetches("/graphql").await.0), (200, 404));
    assert!(String::from_utf8(text).unwrap().contains("ansvar_http_requests"));
    apart.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_one_after_another_and_say_when_to_come_back() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let node = t.second_node_with(|config| config.http.stop_spread_ms = 1_000).await;
    let base = format!("http://{}", node.address);
    let token = asa.client.bearer.clone().unwrap();
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(greeted(&base, &token).await);
    }
    let follow = async |accept: &str| {
        let request = asa.client.http().post(format!("{base}/graphql")).header("accept", accept).bearer_auth(&token);
        request.json(&json!({ "query": "subscription { myCaseEvents(after: 0) { seq } }" })).send().await.unwrap()
    };
    let (mut events, parts) = (follow("text/event-stream").await, follow("multipart/mixed").await);
    let begun = String::from_utf8(events.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(begun.starts_with("retry: "), "{begun}");
    let listening: Vec<_> = sockets
        .into_iter()
        .map(|mut socket| {
            tokio::spawn(async move {
                let ended = hear(&mut socket).await;
                (ended, std::time::Instant::now())
            })
        })
        .collect();
    let parts = tokio::spawn(parts.text());
    let stopping = std::time::Instant::now();
    node.stop().await;
    assert!(stopping.elapsed() < Duration::from_secs(10));
    let mut ends = Vec::new();
    for listener in listening {
        let (ended, at) = listener.await.unwrap();
        assert_eq!(ended, json!({ "closed": 1012 }));
        ends.push(at.duration_since(stopping));
    }
    ends.sort();
    assert!(ends[19].saturating_sub(ends[0]) > Duration::from_millis(300), "all at once: {ends:?}");
    let text = parts.await.unwrap().expect("it ends in order");
    assert!(text.contains("SERVICE_RESTARTING") && text.ends_with("--graphql--\r\n"), "{text}");
    let mut rest = String::new();
    while let Ok(Some(piece)) = events.chunk().await {
        rest.push_str(&String::from_utf8_lossy(&piece));
    }
    assert!(rest.contains("retry: ") && !rest.contains("event: complete"), "{rest}");
}
