//! The telephone log.

use ansvar_tests::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_kept_with_its_facts_and_the_customers_own_words() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let receipt = shop
        .call(json!({
            "source": "pbx", "externalId": "linked-1", "from": "sip:+46701740605@pbx.example", "to": "+46812345678", "queue": "complaints",
            "startedAt": "2026-11-02T07:40:00Z", "endedAt": "2026-11-02T07:52:00Z", "callerName": "Ove Lund", "callerEmail": "ove@example.com",
            "words": "The fitter never came, and nobody calls back", "product": "Trampoline 430", "outcome": "ANSWERED", "direction": "INBOUND",
        }))
        .await;
    let case = shop
        .reads(receipt["reference"].as_str().unwrap(), "receivedAt product customer { name phones emails } reports { words receivedBy { kind name } ... on PhoneReport { source externalId direction outcome fromRaw fromE164 startedAt endedAt queue } }")
        .await;
    assert_eq!(case["receivedAt"], "2026-11-02T07:40:00+00:00");
    assert_eq!(
        case["customer"],
        json!({ "name": "Ove Lund", "phones": ["+46701740605"], "emails": ["ove@example.com"] })
    );
    assert_eq!(
        case["reports"][0],
        json!({
            "words": "The fitter never came, and nobody calls back", "receivedBy": { "kind": "CLIENT", "name": "gateway" },
            "source": "pbx", "externalId": "linked-1", "direction": "INBOUND", "outcome": "ANSWERED",
            "fromRaw": "sip:+46701740605@pbx.example", "fromE164": "+46701740605",
            "startedAt": "2026-11-02T07:40:00+00:00", "endedAt": "2026-11-02T07:52:00+00:00", "queue": "complaints",
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_is_logged_once_and_the_same_id_at_another_exchange_is_another_call() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let call =
        |source: &str, id: &str| shop.call(json!({ "source": source, "externalId": id, "words": "Nobody came" }));
    let first = call("pbx", "1").await;
    let again = call("pbx", "1").await;
    assert_eq!((again["disposition"].as_str(), &again["reportId"]), (Some("DUPLICATE"), &first["reportId"]));
    assert_eq!(call("other", "1").await["disposition"], "CREATED_CASE");
    // ("pbx", "1:2") and ("pbx:1", "2") are different calls.
    assert_eq!(call("pbx", "1:2").await["disposition"], "CREATED_CASE");
    assert_eq!(call("pbx:1", "2").await["disposition"], "CREATED_CASE");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_logs_the_call_says_which_case_and_a_number_alone_unlocks_none() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let first =
        shop.call(json!({ "source": "pbx", "externalId": "1", "from": "0701740605", "words": "No broadband" })).await;
    let same_number =
        shop.call(json!({ "source": "pbx", "externalId": "2", "from": "0701740605", "words": "Another thing" })).await;
    assert_eq!(same_number["disposition"], "CREATED_CASE");
    let said = shop.call(json!({ "source": "pbx", "externalId": "3", "from": "0701740605", "words": "Still none", "caseId": first["caseId"] })).await;
    assert_eq!((said["disposition"].as_str(), &said["reference"]), (Some("ATTACHED"), &first["reference"]));
    let case = shop.reads(first["reference"].as_str().unwrap(), "reports { words }").await;
    assert_eq!(case["reports"], json!([{ "words": "No broadband" }, { "words": "Still none" }]));

    let other = shop.another(&t, "other").await;
    let input = json!({ "source": "pbx", "externalId": "4", "words": "x", "caseId": first["caseId"] });
    assert_eq!(other.gateway.fails("logPhoneCall", input).await, [("NOT_FOUND".to_owned(), "caseId".to_owned())]);
    assert_eq!(other.manager.asks("{ cases { totalCount } }", json!({})).await["cases"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_with_mistakes_is_told_them() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let fails = async |input| shop.gateway.fails("logPhoneCall", input).await;
    let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(
        fails(json!({ "source": "", "externalId": " ", "words": "" })).await,
        [pair("REQUIRED", "source"), pair("REQUIRED", "externalId"), pair("REQUIRED", "words")]
    );
    assert_eq!(
        fails(json!({ "source": "p", "externalId": "1", "words": "w", "startedAt": "2026-11-02T08:00:01Z", "endedAt": "2026-11-02T07:00:00Z", "callerEmail": "x" })).await,
        [pair("INVALID", "startedAt"), pair("INVALID", "endedAt"), pair("INVALID", "callerEmail")]
    );
    assert_eq!(shop.manager.asks("{ cases { totalCount } }", json!({})).await["cases"]["totalCount"], 0);
}
