//! The transports: HTTP, WebSocket, server-sent events, and invalid requests.

use ansvar_tests::TestApp;
use ansvar_tests::watch::{dial, hear, say};
use futures_util::SinkExt;
use reqwest::header::{ACCEPT, CONTENT_TYPE, ORIGIN};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

#[tokio::test(flavor = "multi_thread")]
async fn http_answers_as_the_specification_asks() {
    let t = TestApp::start().await;
    let http = t.anybody().http().clone();
    let url = format!("{}/graphql", t.base());
    let post = |body: &'static str, kind: &'static str, accept: &'static str| {
        let request = http.post(&url).header(CONTENT_TYPE, kind).header(ACCEPT, accept).body(body);
        async move {
            let response = request.send().await.unwrap();
            let (status, kind) =
                (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap().to_owned());
            (status, kind, response.json::<Value>().await.unwrap())
        }
    };
    let graphql = "application/graphql-response+json";
    let json_kind = "application/json";
    let good = r#"{"query":"{ __typename }"}"#;
    let (status, kind, answer) = post(good, json_kind, graphql).await;
    assert_eq!(
        (status, kind.as_str(), answer.clone()),
        (
            200,
            "application/graphql-response+json; charset=utf-8",
            json!({ "data": { "__typename": "Query" }, "extensions": answer["extensions"] })
        )
    );
    let (status, kind, _) = post(good, "application/json; charset=utf-8", json_kind).await;
    assert_eq!((status, kind.as_str()), (200, "application/json; charset=utf-8"));
    for (body, kind, accept, status) in [
        (good, "text/plain", graphql, 415),
        (good, "application/x-www-form-urlencoded", graphql, 415),
        (good, "application/json; charset=latin-1", graphql, 415),
        (good, json_kind, "text/html", 406),
        ("{", json_kind, graphql, 400),
        ("[]", json_kind, graphql, 400),
        (r#"[{"query":"{ __typename }"}]"#, json_kind, graphql, 400),
        ("{}", json_kind, graphql, 400),
        (r#"{"query":1}"#, json_kind, graphql, 400),
        (r#"{"query":"{ __typename }","variables":[]}"#, json_kind, graphql, 400),
        (r#"{"query":"{ __typename }","operationName":1}"#, json_kind, graphql, 400),
        (r#"{"query":"{ __typename }","extensions":"x"}"#, json_kind, graphql, 400),
        (r#"{"query":"{"}"#, json_kind, graphql, 400),
        (r#"{"query":"{ nonsense }"}"#, json_kind, graphql, 400),
        (r#"{"query":"{"}"#, json_kind, json_kind, 200),
        (r#"{"query":"{ __typename }","operationName":"A"}"#, json_kind, graphql, 400),
    ] {
        let (got, _, answer) = post(body, kind, accept).await;
        assert_eq!(got, status, "{body} {kind} {accept}: {answer}");
        assert!(answer.get("data").is_none() && answer["errors"][0]["message"].is_string(), "{answer}");
        assert!(answer["extensions"]["requestId"].is_string(), "{answer}");
    }
    let get = async |query: &str| {
        http.get(format!("{url}?{query}")).header(ACCEPT, graphql).send().await.unwrap().status().as_u16()
    };
    assert_eq!(get("query=%7B__typename%7D").await, 200);
    assert_eq!(get("query=query%20A%7B__typename%7D%20query%20B%7B__typename%7D&operationName=B").await, 200);
    assert_eq!(get("query=mutation%7B__typename%7D").await, 405);
    assert_eq!(get("").await, 400);
    assert_eq!(get("query=%7B__typename%7D&variables=x").await, 400);
    assert_eq!(http.put(&url).send().await.unwrap().status(), 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_a_bound_and_the_gateways_is_larger() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let large = json!({ "idempotencyKey": "k", "text": "x".repeat(170_000), "email": "asa@example.com" });
    let (status, answer) = shop
        .widget
        .post(
            "mutation($input: FileComplaintInput!) { fileComplaint(input: $input) { userErrors { code } } }",
            json!({ "input": large }),
        )
        .await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (413, &json!("TOO_LARGE")));
    // The gateway may deliver a mail of that size.
    let mail = ansvar_tests::people::mail("karin@example.com", "Long", "1@example.com", "", &"words ".repeat(40_000));
    assert_eq!(shop.mail(mail).await["disposition"], "CREATED_CASE");
    shop.customer("asa", "A normal complaint").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_stranger_gets_no_socket_and_no_answer() {
    let t = TestApp::start().await;
    for (origin, status) in [("https://evil.example", 403), ("null", 403), ("https://shop.example", 101)] {
        let mut request = format!("{}/graphql", t.base().replace("http", "ws")).into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let got = match tokio_tungstenite::connect_async(request).await {
            Ok((_, response)) => response.status().as_u16(),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(got, status, "{origin}");
    }
    let preflight = async |origin: &str| {
        let request = t.anybody().http().request(reqwest::Method::OPTIONS, format!("{}/graphql", t.base()));
        let request = request
            .header(ORIGIN, origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type");
        request
            .send()
            .await
            .unwrap()
            .headers()
            .get("access-control-allow-origin")
            .map(|origin| origin.to_str().unwrap().to_owned())
    };
    assert_eq!(preflight("https://shop.example").await.as_deref(), Some("https://shop.example"));
    assert_eq!(preflight("https://evil.example").await, None);
}

async fn closed_with(socket: &mut ansvar_tests::watch::Socket, code: u16) {
    assert_eq!(hear(socket).await, json!({ "closed": code }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_speaks_graphql_transport_ws() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let base = t.base();
    let init = json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {}", shop.manager.bearer.as_ref().unwrap()) } });
    let greeted = async || {
        let mut socket = dial(&base).await;
        say(&mut socket, &init).await;
        assert_eq!(hear(&mut socket).await, json!({ "type": "connection_ack" }));
        socket
    };
    let subscribe = |id: &str, query: &str| json!({ "type": "subscribe", "id": id, "payload": { "query": query } });

    let mut socket = greeted().await;
    say(&mut socket, &json!({ "type": "ping", "payload": { "x": 1 } })).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "pong", "payload": { "x": 1 } }));
    say(&mut socket, &subscribe("q", "{ viewer { __typename } }")).await;
    assert_eq!(
        hear(&mut socket).await,
        json!({ "type": "next", "id": "q", "payload": { "data": { "viewer": { "__typename": "Staff" } } } })
    );
    assert_eq!(hear(&mut socket).await, json!({ "type": "complete", "id": "q" }));
    // The id can be used again.
    say(&mut socket, &subscribe("q", "{ nonsense }")).await;
    let error = hear(&mut socket).await;
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("q")));
    say(&mut socket, &subscribe("m", "mutation { __typename }")).await;
    assert_eq!(hear(&mut socket).await["payload"][0]["extensions"]["code"], "USE_POST");
    for number in 0..20 {
        say(&mut socket, &subscribe(&number.to_string(), "subscription { workEvents { cursor } }")).await;
    }
    say(&mut socket, &subscribe("one too many", "subscription { workEvents { cursor } }")).await;
    let refused = hear(&mut socket).await;
    assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_OPERATIONS", "{refused}");
    say(&mut socket, &json!({ "type": "complete", "id": "0" })).await;
    say(&mut socket, &subscribe("20", "subscription { workEvents { cursor } }")).await;
    say(&mut socket, &subscribe("20", "subscription { workEvents { cursor } }")).await;
    closed_with(&mut socket, 4409).await;

    let mut socket = greeted().await;
    say(&mut socket, &init).await;
    closed_with(&mut socket, 4429).await;
    for message in [
        "rubbish",
        "{}",
        r#"{"type":"nonsense"}"#,
        r#"{"type":"subscribe","payload":{}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
        r#"{"type":"ping","payload":{"authorization":1}}"#,
    ] {
        let mut socket = greeted().await;
        socket.send(Message::Text(message.into())).await.unwrap();
        closed_with(&mut socket, 4400).await;
    }
    let mut socket = greeted().await;
    socket.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    closed_with(&mut socket, 4400).await;
    let mut socket = dial(&base).await;
    say(&mut socket, &subscribe("1", "{ __typename }")).await;
    closed_with(&mut socket, 4401).await;
    let mut socket = dial(&base).await;
    say(&mut socket, &json!({ "type": "connection_init", "payload": { "authorization": "Bearer nonsense" } })).await;
    closed_with(&mut socket, 4403).await;
    for payload in [json!("Bearer x"), json!({ "token": "x" }), json!({ "headers": { "authorization": "x" } })] {
        let mut socket = dial(&base).await;
        say(&mut socket, &json!({ "type": "connection_init", "payload": payload })).await;
        closed_with(&mut socket, 4400).await;
    }
    let (mut other, _) =
        tokio_tungstenite::connect_async(format!("{}/graphql", base.replace("http", "ws"))).await.unwrap();
    closed_with(&mut other, 4406).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_says_nothing_is_let_go() {
    let t = TestApp::start().await;
    let mut socket = dial(&t.base()).await;
    closed_with(&mut socket, 4408).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_it_running_can_ask_how_it_is() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    shop.customer("secret", "A very secret complaint").await;
    for (path, expected) in [("/livez", "ok\n"), ("/readyz", "ready\n")] {
        let (status, _, body) = t.anybody().fetches(path).await;
        assert_eq!((status, String::from_utf8(body).unwrap().as_str()), (200, expected));
    }
    let (status, _, body) = t.anybody().fetches("/metrics").await;
    let text = String::from_utf8(body).unwrap();
    assert_eq!(status, 200);
    assert!(text.contains(r#"ansvar_http_requests_total{route="/graphql",status="200"}"#), "{text}");
    assert!(!text.contains("secret"), "metrics carry nothing personal");
    let (status, headers, body) = t.anybody().fetches("/").await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "text/html; charset=utf-8"));
    assert!(String::from_utf8(body).unwrap().contains("could not be loaded"));
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let (_, _, sdl) = t.anybody().fetches("/schema.graphql").await;
    assert_eq!(String::from_utf8(sdl).unwrap(), ansvar::graphql::sdl());
    assert_eq!(t.anybody().fetches("/nothing/here").await.0, 404);
}
