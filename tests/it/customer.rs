//! The customer, who follows the case with a tracking token.

use ansvar_tests::TestApp;
use ansvar_tests::watch::{By, Watch};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_sees_who_answers_and_when_they_hear_and_writes_back() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let mut watch = Watch::my_case(&t, &asa.client, By::Sse, &asa.reference, Some(2)).await;
    let case = shop.case_id(&asa.reference).await;
    shop.staff("anna")
        .does("acknowledgeCase", json!({ "caseId": case, "message": "I will look into it today" }), "case { stage }")
        .await;
    shop.staff("bo")
        .does("addNote", json!({ "caseId": case, "text": "She has called before" }), "message { visibility }")
        .await;
    asa.client.does("addCustomerMessage", json!({ "text": "Thank you" }), "message { fromCustomer text }").await;

    let seen: Vec<_> = watch
        .seen(&t)
        .await
        .into_iter()
        .map(|event| (event["seq"].as_i64().unwrap(), event["kind"].clone(), event["message"]["text"].clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (3, json!("MESSAGE_ADDED"), json!("I will look into it today")),
            (4, json!("STAGE_CHANGED"), json!(null)),
            (6, json!("MESSAGE_ADDED"), json!("Thank you")),
        ]
    );
    let mine = asa.client.asks("{ myCase { reference ownerName sellerName stage nextContactDue version messages { fromCustomer byName text } } viewer { __typename } }", json!({})).await;
    assert_eq!(
        mine["myCase"],
        json!({
            "reference": asa.reference, "ownerName": "anna", "sellerName": "shop", "stage": "ACKNOWLEDGED",
            "nextContactDue": "2026-11-03T08:00:00+00:00", "version": 6,
            "messages": [
                { "fromCustomer": true, "byName": null, "text": "The broadband is down" },
                { "fromCustomer": false, "byName": "anna", "text": "I will look into it today" },
                { "fromCustomer": true, "byName": null, "text": "Thank you" },
            ],
        })
    );
    assert_eq!(mine["viewer"]["__typename"], "CustomerViewer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_from_the_customer_opens_a_closed_case_again() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    shop.staff("anna")
        .does(
            "closeCase",
            json!({ "caseId": case, "message": "It works again" }),
            "case { viewerCan { close acknowledge reassign sendMessage } }",
        )
        .await;
    assert_eq!(
        shop.staff("anna").fails("closeCase", json!({ "caseId": case, "message": "Again" })).await[0].0,
        "INVALID_TRANSITION"
    );
    assert_eq!(
        shop.staff("anna").fails("acknowledgeCase", json!({ "caseId": case, "message": "Hello" })).await[0].0,
        "INVALID_TRANSITION"
    );
    asa.client.does("addCustomerMessage", json!({ "text": "It does not" }), "message { text }").await;
    let mine = asa.client.asks("{ myCase { stage ownerName nextContactDue } }", json!({})).await;
    assert_eq!(
        mine["myCase"],
        json!({ "stage": "INVESTIGATING", "ownerName": "anna", "nextContactDue": "2026-11-03T08:00:00+00:00" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracking_token_is_for_one_case_and_ends() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let karin = shop.customer("karin", "The broadband is down").await;
    assert_ne!(asa.client.bearer, karin.client.bearer);
    for document in ["{ cases { totalCount } }", "{ tasks { totalCount } }", "{ sellers { id } }"] {
        assert_eq!(asa.client.is_refused(document, json!({})).await, "FORBIDDEN", "{document}");
    }
    let others = shop.case_id(&karin.reference).await;
    let by_id = asa
        .client
        .asks("query($id: ID!) { case(by: { id: $id }) { id } node(id: $id) { id } }", json!({ "id": others }))
        .await;
    assert_eq!(by_id, json!({ "case": null, "node": null }));
    let own = shop.case_id(&asa.reference).await;
    let by_id = asa
        .client
        .asks("query($id: ID!) { case(by: { id: $id }) { id } node(id: $id) { __typename } }", json!({ "id": own }))
        .await;
    assert_eq!(by_id, json!({ "case": null, "node": { "__typename": "CustomerCase" } }));
    t.later(chrono::TimeDelta::days(730));
    assert_eq!(asa.client.post("{ myCase { reference } }", json!({})).await.0, 401);
}
