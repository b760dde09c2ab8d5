//! What a caller may ask for: points per second, streams at once; counted on every transport, told in every answer, and
//! nobody pays for somebody else's flood.

use std::num::NonZeroU32;

use ansvar::kit::rate::Rate;
use ansvar_tests::people::Shop;
use ansvar_tests::watch::{dial, hear, say};
use ansvar_tests::{Client, TestApp, until};
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

fn rate(burst: u32, per_second: u32) -> Rate {
    Rate { burst: NonZeroU32::new(burst).unwrap(), per_second: NonZeroU32::new(per_second).unwrap() }
}

/// A service behind one proxy that gives the public a thousand points, ten a second.
async fn stingy() -> (TestApp, Shop) {
    let t = TestApp::start_with(|config| {
        config.http.trusted_proxies = 1;
        config.rates.public = rate(1_000, 10);
        config.rates.streams = 3;
    })
    .await;
    let shop = t.shop().await;
    (t, shop)
}

struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

async fn post(client: &Client, from: &str, query: &str, variables: &Value) -> Answer {
    let mut request = client
        .http()
        .post(format!("{}/graphql", client.base))
        .header("x-forwarded-for", from)
        .header("accept", "application/graphql-response+json")
        .json(&json!({ "query": query, "variables": variables }));
    if let Some(bearer) = &client.bearer {
        request = request.bearer_auth(bearer);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.json().await.unwrap() }
}

const FILE: &str = "mutation($input: FileComplaintInput!) { fileComplaint(input: $input) { receipt { reference } userErrors { code } } }";

fn complaint(key: usize) -> Value {
    json!({ "input": { "idempotencyKey": key.to_string(), "text": "It is broken", "email": "asa@example.com" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_runs_dry_and_everybody_else_is_served() {
    let (t, shop) = stingy().await;
    let flood = "198.51.100.1";
    let mut filed = 0;
    let refused = loop {
        let answer = post(&shop.widget, flood, FILE, &complaint(filed)).await;
        if answer.status != 200 {
            break answer;
        }
        filed += 1;
        assert!(filed < 20, "a thousand points are not for {filed} complaints");
    };
    assert!(filed >= 8, "a form may file some complaints: {filed}");
    assert_eq!((refused.status, &refused.body["errors"][0]["extensions"]["code"]), (429, &json!("RATE_LIMITED")));
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(refused.body["errors"][0]["extensions"]["retryAfter"], wait);
    assert!((1..=15).contains(&wait), "{wait}");
    assert_eq!(refused.headers["ratelimit-policy"], "\"points\";q=1000;w=100");
    // The same form elsewhere, a customer beside it, the staff behind the same line: all are served.
    assert_eq!(post(&shop.widget, "198.51.100.2", FILE, &complaint(100)).await.status, 200);
    assert_eq!(post(&shop.manager, flood, "{ cases { totalCount } }", &json!({})).await.status, 200);
    // An address that the flood wrote into the header itself is not believed.
    assert_eq!(post(&shop.widget, "203.0.113.9, 198.51.100.1", FILE, &complaint(101)).await.status, 429);
    t.later(TimeDelta::seconds(i64::try_from(wait).unwrap()));
    assert_eq!(post(&shop.widget, flood, FILE, &complaint(102)).await.status, 200, "after Retry-After");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_it_cost_and_what_is_left() {
    let (t, shop) = stingy().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let from = "192.0.2.1";
    let first =
        post(&asa.client, from, "{ myCase { reference } rateLimit { limit remaining cost resetAt } }", &json!({}))
            .await;
    let told = &first.body["data"]["rateLimit"];
    let cost = told["cost"].as_i64().unwrap();
    assert_eq!((&told["limit"], told["remaining"].as_i64().unwrap()), (&json!(1000), 1000 - cost));
    assert_eq!(first.body["extensions"]["cost"], json!({ "requested": cost, "remaining": 1000 - cost, "limit": 1000 }));
    assert_eq!(first.headers["ratelimit"], format!("\"points\";r={};t=1", 1000 - cost).as_str());
    let reset = DateTime::parse_from_rfc3339(told["resetAt"].as_str().unwrap()).unwrap();
    assert_eq!((reset.to_utc() - t.now()).num_seconds(), 1);
    let more =
        post(&asa.client, from, "{ myCase { reference messages { text } } rateLimit { cost } }", &json!({})).await;
    assert!(more.body["data"]["rateLimit"]["cost"].as_i64().unwrap() > cost, "a list costs more: {}", more.body);
    // Rubbish and wrong credentials are not free either.
    let nobody = t.anybody();
    let mut last = 0;
    for number in 0..60 {
        let client = if number % 2 == 0 { nobody.clone() } else { nobody.showing(&format!("wk_{number}")) };
        last = post(&client, "192.0.2.9", "{ rubbish", &json!({})).await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_and_streams_are_counted_too() {
    let (t, shop) = stingy().await;
    let greeted = async |client: &Client| {
        let mut socket = dial(&t.base()).await;
        let bearer = client.bearer.as_ref().map(|bearer| format!("Bearer {bearer}"));
        say(&mut socket, &json!({ "type": "connection_init", "payload": { "authorization": bearer } })).await;
        let answer = hear(&mut socket).await;
        (socket, answer)
    };
    let asa = shop.customer("asa", "The broadband is down").await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let (socket, answer) = greeted(&asa.client).await;
        assert_eq!(answer, json!({ "type": "connection_ack" }));
        open.push(socket);
    }
    assert_eq!(greeted(&asa.client).await.1, json!({ "closed": 1013 }), "a fourth is one too many");
    let stream = asa
        .client
        .http()
        .post(format!("{}/graphql", t.base()))
        .header("accept", "text/event-stream, application/json")
        .bearer_auth(asa.client.bearer.as_ref().unwrap())
        .json(&json!({ "query": "subscription { myCaseEvents { seq } }" }))
        .send()
        .await
        .unwrap();
    assert_eq!(stream.status(), 429);
    let refused: Value = stream.json().await.unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "TOO_MANY_STREAMS");
    // What is asked over a socket is paid for: a customer's thousand points are soon gone.
    let socket = &mut open[0];
    let dear = "{ myCase { reference messages { text at } } }";
    let mut code = Value::Null;
    for number in 0..200 {
        say(socket, &json!({ "type": "subscribe", "id": number.to_string(), "payload": { "query": dear } })).await;
        let answer = hear(socket).await;
        if answer["type"] == "error" {
            code = answer["payload"][0]["extensions"]["code"].clone();
            break;
        }
        assert_eq!(hear(socket).await["type"], "complete");
    }
    assert_eq!(code, "RATE_LIMITED");
    drop(open);
    // Places are given back.
    until("a place is free", async || greeted(&asa.client).await.1 == json!({ "type": "connection_ack" })).await;
}
