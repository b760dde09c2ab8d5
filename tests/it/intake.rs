//! Intake: three channels and one path; the form.

use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, TestApp, people};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_comes_in_three_ways_and_each_arrives_live_at_its_owner() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let work = "subscription($after: String) { workEvents(scope: MINE, after: $after) { cursor event { __typename seq case { reference owner { name } } } } }";
    let start = "subscription($after: String) { workEvents(scope: SELLER, after: $after) { cursor event { seq } } }";
    let from = async |client: &Client| json!({ "after": client.asks("{ feedCursor }", json!({})).await["feedCursor"] });
    let mut manager = Watch::start(&shop.manager, By::Sse, start, from(&shop.manager).await).await;

    let asa = shop.customer("asa", "The broadband has been down for three weeks").await;
    assert_eq!(asa.receipt["ownerName"], "anna");
    assert_eq!(asa.receipt["nextContactDue"], "2026-11-03T08:00:00+00:00");
    let first = manager.next_event().await;
    let mail = shop
        .mail(people::mail("Karin <karin@example.com>", "Trampoline", "1@example.com", "", "The frame is cracked"))
        .await;
    assert_eq!((mail["disposition"].as_str(), mail["ownerName"].as_str()), (Some("CREATED_CASE"), Some("carin")));
    let call = shop.call(json!({ "source": "pbx", "externalId": "42", "from": "070-174 06 05", "words": "No broadband since Monday" })).await;
    assert_eq!((call["disposition"].as_str(), call["ownerName"].as_str()), (Some("CREATED_CASE"), Some("bo")));

    assert_eq!(first["event"]["seq"], 1);
    let mut seen = Vec::new();
    while seen.len() < 5 {
        seen.push(manager.next_event().await["event"]["seq"].as_i64().unwrap());
    }
    assert_eq!(seen, [2, 1, 2, 1, 2]);

    // Each owner finds their own case.
    for (owner, reference) in [
        ("anna", asa.reference.as_str()),
        ("carin", mail["reference"].as_str().unwrap()),
        ("bo", call["reference"].as_str().unwrap()),
    ] {
        let cases =
            "query($owner: ID!) { cases(filter: { ownerIds: [$owner] }) { totalCount nodes { reference channel } } }";
        let found = shop.staff(owner).asks(cases, json!({ "owner": shop.id_of(owner) })).await;
        assert_eq!(found["cases"]["totalCount"], 1, "{owner}");
        assert_eq!(found["cases"]["nodes"][0]["reference"], reference);
    }
    let mut anna_works = Watch::start(shop.staff("anna"), By::WebSocket, work, from(shop.staff("anna")).await).await;
    shop.staff("anna")
        .does("sendMessage", json!({ "caseId": shop.case_id(&asa.reference).await, "text": "Hello" }), "message { id }")
        .await;
    let told = anna_works.next_event().await;
    assert_eq!(told["event"]["__typename"], "MessageAdded");
    assert_eq!(told["event"]["case"]["reference"], asa.reference.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_is_kept_as_it_came() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop
        .reads(&asa.reference, "channel stage customer { name emails } reports { __typename channel words understood raw { path contentType sha256 } ... on WebFormReport { firstTimeReported } } lastMessage { text by { kind name } }")
        .await;
    assert_eq!(case["channel"], "WEB");
    assert_eq!(case["stage"], "RECEIVED");
    assert_eq!(case["customer"], json!({ "name": "asa", "emails": ["asa@example.com"] }));
    assert_eq!(
        case["lastMessage"],
        json!({ "text": "The broadband is down", "by": { "kind": "CUSTOMER", "name": "asa" } })
    );
    let report = &case["reports"][0];
    assert_eq!(report["__typename"], "WebFormReport");
    let (status, headers, bytes) = shop.manager.fetches(report["raw"]["path"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-disposition"].to_str().unwrap().split(';').next(), Some("attachment"));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let raw: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(raw["text"], "The broadband is down");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_the_same_answer_once_also_at_the_same_moment_and_after_a_restart() {
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    let input = json!({ "idempotencyKey": "one", "email": "asa@example.com", "text": "Down again" });
    let selection = "receipt { reference trackingToken ownerName nextContactDue }";
    let tries = (0..20).map(|_| shop.widget.does("fileComplaint", input.clone(), selection));
    let answers = futures_util::future::join_all(tries).await;
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(shop.manager.asks("{ cases { totalCount } }", json!({})).await["cases"]["totalCount"], 1);

    t.restart().await;
    let widget = ansvar_tests::Client::new(&t.base(), shop.widget.bearer.as_deref());
    assert_eq!(widget.does("fileComplaint", input, selection).await, answers[0]);
    let other = json!({ "idempotencyKey": "one", "email": "asa@example.com", "text": "Something else" });
    assert_eq!(widget.fails("fileComplaint", other).await, [("KEY_REUSED".to_owned(), "idempotencyKey".to_owned())]);
    let manager = ansvar_tests::Client::new(&t.base(), shop.manager.bearer.as_deref());
    assert_eq!(manager.asks("{ cases { totalCount } }", json!({})).await["cases"]["totalCount"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_free_again_after_a_week() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let input = |text: &str| json!({ "idempotencyKey": "week", "email": "asa@example.com", "text": text });
    let first = shop.filed(input("The first")).await;
    t.later(chrono::TimeDelta::days(7) - chrono::TimeDelta::seconds(1));
    // The widget's key does not expire; the other tokens would have.
    assert_eq!(shop.filed(input("The first")).await.reference, first.reference);
    t.later(chrono::TimeDelta::seconds(1));
    assert_ne!(shop.filed(input("The second")).await.reference, first.reference);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_mistakes_is_told_all_of_them_in_the_readers_language_and_nothing_is_stored() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let long = "x".repeat(20_001);
    for (input, expected) in [
        (json!({ "idempotencyKey": "k", "text": "  " }), vec![("REQUIRED", "text"), ("REQUIRED", "email")]),
        (
            json!({ "idempotencyKey": "", "text": "t", "email": "asa@example.com" }),
            vec![("REQUIRED", "idempotencyKey")],
        ),
        (json!({ "idempotencyKey": "k", "text": long, "email": "asa@example.com" }), vec![("TOO_LONG", "text")]),
        (
            json!({ "idempotencyKey": "k", "text": "t", "email": "nobody", "phone": "12" }),
            vec![("INVALID", "email"), ("INVALID", "phone")],
        ),
        (
            json!({ "idempotencyKey": "k", "text": "t", "phone": "0701740605", "orderAmount": { "amount": "1,5", "currency": "SEK" } }),
            vec![("INVALID", "orderAmount.amount")],
        ),
        (
            json!({ "idempotencyKey": "k", "text": "t", "phone": "0701740605", "orderAmount": { "amount": "1", "currency": "kr" } }),
            vec![("INVALID", "orderAmount.currency")],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(code, field)| (code.to_owned(), field.to_owned())).collect();
        assert_eq!(shop.widget.fails("fileComplaint", input).await, expected);
    }
    let swedish = shop
        .widget
        .reading("sv-SE,sv;q=0.9")
        .tries("fileComplaint", json!({ "idempotencyKey": "k", "text": "" }), "")
        .await;
    assert_eq!(swedish["userErrors"][0]["message"], "Fyll i detta.");
    assert_eq!(shop.manager.asks("{ cases { totalCount } }", json!({})).await["cases"]["totalCount"], 0);
    // The mistakes did not use up the key.
    shop.filed(json!({ "idempotencyKey": "k", "text": "t", "phone": "0701740605" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_is_one_customer_whatever_they_write_their_address_like() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let first =
        shop.filed(json!({ "idempotencyKey": "1", "text": "one", "email": "Asa@Example.com", "name": "Åsa" })).await;
    let second = shop.filed(json!({ "idempotencyKey": "2", "text": "two", "email": "asa@example.com" })).await;
    let third = shop.filed(json!({ "idempotencyKey": "3", "text": "three", "email": "other@example.com" })).await;
    let id = async |reference: &str| shop.reads(reference, "customer { id }").await["customer"]["id"].clone();
    assert_eq!(id(&first.reference).await, id(&second.reference).await);
    assert_ne!(id(&first.reference).await, id(&third.reference).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_strangers_at_once_with_one_address_become_one_customer() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let file = async |number: usize| {
        shop.filed(json!({ "idempotencyKey": format!("k{number}"), "text": format!("text {number}"), "email": "same@example.com" })).await
    };
    let filed = futures_util::future::join_all((0..12).map(file)).await;
    let mut references: Vec<_> = filed.iter().map(|customer| customer.reference.clone()).collect();
    references.sort();
    references.dedup();
    assert_eq!(references.len(), 12);
    let all = shop.manager.asks("{ cases(first: 100) { nodes { customer { id } } } }", json!({})).await;
    let nodes = all["cases"]["nodes"].as_array().unwrap().clone();
    assert!(nodes.iter().all(|node| node["customer"] == nodes[0]["customer"]));
}
