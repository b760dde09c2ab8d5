//! Rate limits: points per second and open streams, on every transport, reported in every answer. Callers are not
//! blocked by another caller's flood.

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

/// A service behind one proxy, with a limit of a thousand points, ten a second, for the public.
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
    // Still served: the same form from another address, and staff at the same address.
    assert_eq!(post(&shop.widget, "198.51.100.2", FILE, &complaint(100)).await.status, 200);
    assert_eq!(post(&shop.manager, flood, "{ cases { totalCount } }", &json!({})).await.status, 200);
    // An address that the client itself wrote into the header is ignored.
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
    // Invalid requests and wrong credentials have a cost, too.
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
    // Operations over a socket have a cost: they soon use up a customer's thousand points.
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
    // The places of closed sockets become free.
    until("a place is free", async || greeted(&asa.client).await.1 == json!({ "type": "connection_ack" })).await;
}

const RECEIPT: &str = "mutation($input: FileComplaintInput!) { fileComplaint(input: $input) { receipt { trackingToken } userErrors { code } } }";
const LOOK: &str = "{ myCase { reference messages { text } } }";

/// The cost reported in a successful answer; otherwise 0.
fn cost(answer: &Answer) -> i64 {
    if answer.status == 200 { answer.body["extensions"]["cost"]["requested"].as_i64().unwrap() } else { 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_complaint_brings_a_token_and_no_token_brings_a_share() {
    let (_t, shop) = stingy().await;
    let from = "198.51.100.1";
    let (mut spent, mut tokens) = (0, Vec::new());
    loop {
        let answer = post(&shop.widget, from, RECEIPT, &complaint(tokens.len())).await;
        if answer.status != 200 {
            break;
        }
        spent += cost(&answer);
        tokens.push(answer.body["data"]["fileComplaint"]["receipt"]["trackingToken"].as_str().unwrap().to_owned());
    }
    for token in &tokens {
        let client = shop.widget.showing(token);
        for _ in 0..200 {
            let answer = post(&client, from, LOOK, &json!({})).await;
            spent += cost(&answer);
            if answer.status != 200 {
                break;
            }
        }
    }
    // The address's own points, and the points reserved there for forms and for customers.
    assert!(tokens.len() > 4 && (1_000..=2_000).contains(&spent), "{} tokens got {spent} points", tokens.len());
    // The same tokens still work from another address.
    let elsewhere = post(&shop.widget.showing(&tokens[0]), "198.51.100.2", LOOK, &json!({})).await;
    assert_eq!(elsewhere.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_served_where_a_form_has_used_everything_up() {
    let (_t, shop) = stingy().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let from = "198.51.100.1";
    for number in 0.. {
        if post(&shop.widget, from, FILE, &complaint(number)).await.status != 200 {
            break;
        }
    }
    assert_eq!(post(&asa.client, from, LOOK, &json!({})).await.status, 200);
    // Likewise a first complaint is served where customers have used everything up.
    let from = "198.51.100.2";
    while post(&asa.client, from, LOOK, &json!({})).await.status == 200 {}
    assert_eq!(post(&shop.widget, from, FILE, &complaint(100)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_has_a_ceiling_and_keeps_something_for_who_comes_new() {
    let t = TestApp::start_with(|config| {
        config.http.trusted_proxies = 1;
        config.rates.public = rate(1_000, 10);
        config.rates.seller = Some(rate(4_000, 10));
    })
    .await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let mut number = 0;
    let mut dry = 0;
    for line in 0..8 {
        let from = format!("198.51.100.{line}");
        let mut filed = 0;
        loop {
            number += 1;
            if post(&shop.widget, &from, FILE, &complaint(number)).await.status != 200 {
                break;
            }
            filed += 1;
        }
        dry += usize::from(filed < 8);
    }
    assert!(dry > 0, "eight addresses did not reach the ceiling");
    let new = "203.0.113.1";
    assert_eq!(post(&asa.client, new, LOOK, &json!({})).await.status, 200, "a customer");
    assert_eq!(post(&other.widget, new, FILE, &complaint(1)).await.status, 200, "another seller");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_guesses_stop_whoever_guesses_and_nobody_else() {
    let (t, shop) = stingy().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let made = json!({ "sellerId": shop.id, "name": "exchange", "scopes": ["CALLS_WRITE"] });
    let made = shop.admin.does("createApiClient", made, "apiClient { id }").await;
    let client = made["apiClient"]["id"].as_str().unwrap().to_owned();
    let made = shop.admin.does("createClientSecret", json!({ "apiClientId": client }), "newSecret { secret }").await;
    let secret = made["newSecret"]["secret"].as_str().unwrap().to_owned();
    let from = "198.51.100.1";
    let token = async |secret: &str| {
        let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        let request = t.anybody().http().post(format!("{}/oauth/token", t.base())).header("x-forwarded-for", from);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        request.send().await.unwrap().status().as_u16()
    };
    let guesses = ["trk_wrong", "wk_wrong", "at_wrong", "eyJhbGciOiJIUzI1NiJ9.e30.wrong"];
    let mut last = Vec::new();
    for _ in 0..30 {
        last = vec![token("cs_wrong").await];
        for guess in guesses {
            last.push(post(&t.anybody().showing(guess), from, LOOK, &json!({})).await.status);
        }
    }
    assert_eq!(last, [429; 5], "whoever guesses is told to wait");
    assert_eq!(token(&secret).await, 200, "the right client at the same address");
    assert_eq!(post(&asa.client, from, LOOK, &json!({})).await.status, 200);
    assert_eq!(post(&shop.manager, from, "{ cases { totalCount } }", &json!({})).await.status, 200);
    assert_eq!(post(&shop.widget, from, FILE, &complaint(1)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_put_back_a_day_refuses_nobody() {
    let (t, shop) = stingy().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let from = "198.51.100.1";
    while post(&asa.client, from, LOOK, &json!({})).await.status == 200 {}
    t.later(-TimeDelta::days(1));
    let refused = post(&asa.client, from, LOOK, &json!({})).await;
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait < 30, "{wait} s");
    t.later(TimeDelta::seconds(wait));
    assert_eq!(post(&asa.client, from, LOOK, &json!({})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_cost_points_and_a_day_holds_so_many() {
    let t = TestApp::start_with(|config| {
        config.rates.stored.partner = 100_000;
        config.rates.stored.system = 100_000;
        config.rates.stored.form = 1;
    })
    .await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let fibre = shop.partner("fibre-north");
    fibre.does("acceptTask", json!({ "taskId": task }), "task { status }").await;
    let told = |kilobytes: usize| {
        let bytes = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, vec![7; kilobytes * 1_000]);
        json!({ "input": { "taskId": task, "text": "See the picture", "attachments": [{ "name": "a.bin", "content": bytes }] } })
    };
    let update = "mutation($input: UpdateTaskInput!) { updateTask(input: $input) { userErrors { code field } } }";
    let left = async |client: &Client| {
        let told = client.asks("{ rateLimit { storage { limit remaining resetAt } } }", json!({})).await;
        told["rateLimit"]["storage"].clone()
    };
    let none: Value = json!([]);
    let (_, first) = fibre.post(update, told(60)).await;
    assert_eq!(first["data"]["updateTask"]["userErrors"], none);
    assert!(first["extensions"]["cost"]["requested"].as_i64().unwrap() >= 160, "{first}");
    let told_left = left(fibre).await;
    assert_eq!((&told_left["limit"], &told_left["remaining"]), (&json!(100_000.0), &json!(39_985.0)));
    assert_eq!(told_left["resetAt"], "2026-11-03T00:00:00+00:00");
    // Two requests at the same time cannot exceed the limit together.
    let both = tokio::join!(fibre.post(update, told(30)), fibre.post(update, told(30)));
    let mut codes = [both.0.1, both.1.1].map(|answer| answer["data"]["updateTask"]["userErrors"].clone());
    codes.sort_by_key(|errors| errors.as_array().unwrap().len());
    assert_eq!(codes, [none.clone(), json!([{ "code": "STORAGE_USED_UP", "field": ["attachments"] }])]);
    // Text without files is still accepted, and so are complaints.
    fibre.does("updateTask", json!({ "taskId": task, "text": "Tomorrow at ten" }), "task { id }").await;
    shop.customer("bo", "The kettle leaks").await;
    // The bytes of a mail by `receiveEmail` count.
    let raw = |kilobytes: usize| {
        let mail = format!("From: eva@example.com\r\nSubject: x\r\n\r\n{}", "w ".repeat(kilobytes * 500));
        json!({ "raw": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, mail) })
    };
    shop.gateway.does("receiveEmail", raw(90), "receipt { reference }").await;
    assert_eq!(shop.gateway.fails("receiveEmail", raw(80)).await, [("STORAGE_USED_UP".into(), "raw".into())]);
    t.later(TimeDelta::hours(16));
    assert_eq!(left(fibre).await["remaining"], json!(100_000.0));
    let (_, next) = fibre.post(update, told(60)).await;
    assert_eq!(next["data"]["updateTask"]["userErrors"], none, "the next day");
}
