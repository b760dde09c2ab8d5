//! Calls that the company makes, and calls that are logged again with more content.

use ansvar_tests::{TestApp, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

fn pair(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

fn outbound(id: &str, case: &str, more: &Value) -> Value {
    let mut input = json!({ "source": "pbx", "externalId": id, "direction": "OUTBOUND", "caseId": case });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_notes_of_their_own_call_is_for_colleagues() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let id = shop.case_id(&asa.reference).await;
    let read = "{ myCase { stage messages { text } } }";
    let close = json!({ "caseId": id, "message": "It works again." });
    shop.manager.does("closeCase", close, "case { id }").await;
    // The exchange logs what the agent noted, with the exchange as the source.
    let noted = outbound("1", &id, &json!({ "words": "Difficult; wait and see", "outcome": "ANSWERED" }));
    let receipt = shop.call(noted).await;
    assert_eq!((&receipt["disposition"], &receipt["caseId"]), (&json!("ATTACHED"), &json!(id)));
    let mine = asa.client.asks(read, json!({})).await["myCase"].take();
    assert_eq!(mine["stage"], "CLOSED", "our own call opens nothing again");
    assert!(!mine.to_string().contains("wait and see"), "{mine}");
    let selection = "messages { text visibility by { kind } } reports { words ... on PhoneReport { direction outcome summary candidates { reasons } } }";
    let case = shop.reads(&asa.reference, selection).await;
    let note = case["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        note,
        json!({ "text": "Difficult; wait and see", "visibility": "INTERNAL", "by": { "kind": "CLIENT" } })
    );
    assert_eq!(
        case["reports"][1],
        json!({ "words": "", "direction": "OUTBOUND", "outcome": "ANSWERED", "summary": "Difficult; wait and see", "candidates": [] })
    );
    // `customerWords` are the customer's own words.
    let said = json!({ "words": "Agreed on Monday", "customerWords": "Monday suits me" });
    shop.call(outbound("2", &id, &said)).await;
    let mine = asa.client.asks(read, json!({})).await["myCase"].take();
    let words: Vec<String> =
        mine["messages"].as_array().unwrap().iter().map(|message| text(&message["text"])).collect();
    assert_eq!(words, ["The broadband is down", "It works again.", "Monday suits me"]);

    // A call is logged again as answered: now it is a contact, and its note is on the case.
    let bo = shop.customer("bo", "The broadband is down").await;
    let his = shop.case_id(&bo.reference).await;
    shop.call(outbound("4", &his, &json!({ "outcome": "NO_ANSWER" }))).await;
    let again = shop.call(outbound("4", &his, &json!({ "outcome": "ANSWERED", "words": "He called back" }))).await;
    assert_eq!(again["disposition"], "UPDATED");
    let noted = shop.reads(&bo.reference, "messages { text }").await["messages"].take();
    assert_eq!(noted[1]["text"], "He called back");

    let fails = async |input| shop.gateway.fails("logPhoneCall", input).await;
    let without = json!({ "source": "p", "externalId": "3", "direction": "OUTBOUND", "words": "x" });
    assert_eq!(fails(without).await, [pair("REQUIRED", "caseId")]);
    let inbound = json!({ "source": "p", "externalId": "3", "customerWords": "x", "outcome": "NO_ANSWER" });
    assert_eq!(
        fails(inbound).await,
        [pair("INVALID", "customerWords"), pair("INVALID", "outcome"), pair("REQUIRED", "words")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_answered_is_a_contact_and_one_that_was_not_is_an_attempt() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let bo = shop.customer("bo", "The broadband is down").await;
    for (customer, outcome, id) in [(&asa, "ANSWERED", "1"), (&bo, "NO_ANSWER", "2")] {
        let case = shop.case_id(&customer.reference).await;
        shop.call(outbound(id, &case, &json!({ "outcome": outcome }))).await;
    }
    // Neither customer has got a message. A day later only the case of the customer who was not reached is late.
    t.later_and_settled(TimeDelta::hours(25)).await;
    let shop = shop.at(&t);
    let late = async |reference: &str| {
        let case = shop.reads(reference, "escalations { why }").await;
        let all = case["escalations"].as_array().unwrap().clone();
        all.iter().any(|one| text(&one["why"]) == "NOT_ACKNOWLEDGED")
    };
    assert!(!late(&asa.reference).await);
    assert!(late(&bo.reference).await, "{}", shop.reads(&bo.reference, "escalations { why }").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_about_a_letter_is_such_a_call_and_stays_due_until_somebody_answers() {
    let (_sink, _t, shop) = crate::mail::help_desk().await;
    let input =
        json!({ "source": "exchange", "externalId": "1", "words": "The kettle leaks", "from": "070-123 45 67" });
    let reference = text(&shop.call(input).await["reference"]);
    let id = shop.case_id(&reference).await;
    shop.manager.does("sendMessage", json!({ "caseId": id, "text": "On Thursday." }), "message { id }").await;
    let due = async || shop.reads(&reference, "callsDue { id }").await["callsDue"].as_array().unwrap().clone();
    let letter = due().await[0]["id"].clone();
    let tried = json!({ "letterId": letter, "note": "No answer", "outcome": "NO_ANSWER" });
    shop.manager.does("recordCall", tried, "letter { callDue }").await;
    assert_eq!(due().await.len(), 1);
    let told = json!({ "letterId": letter, "note": "Told him" });
    let told = shop.manager.does("recordCall", told, "letter { callDue }").await;
    assert_eq!((told["letter"]["callDue"].clone(), due().await.len()), (json!(false), 0));
    let case = shop.reads(&reference, "reports { ... on PhoneReport { direction outcome summary } }").await;
    assert_eq!(
        case["reports"].as_array().unwrap()[1..],
        [
            json!({ "direction": "OUTBOUND", "outcome": "NO_ANSWER", "summary": "No answer" }),
            json!({ "direction": "OUTBOUND", "outcome": "ANSWERED", "summary": "Told him" }),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_logged_again_with_more_keeps_both() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let call = |more: Value| {
        let mut input = json!({ "source": "pbx", "externalId": "1", "callerEmail": "bo@example.com", "startedAt": "2026-11-02T07:40:00Z", "words": "It leaks" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let first = shop.call(call(json!({}))).await;
    let ended = shop.call(call(json!({ "endedAt": "2026-11-02T07:52:00Z" }))).await;
    assert_eq!((&ended["disposition"], &ended["caseId"]), (&json!("UPDATED"), &first["caseId"]));
    let id = text(&first["caseId"]);
    shop.manager.does("closeCase", json!({ "caseId": id, "message": "Done" }), "case { id }").await;
    let transcript = || call(json!({ "endedAt": "2026-11-02T07:52:00Z", "words": "It leaks, and the lid is loose" }));
    let (one, twin) = tokio::join!(shop.call(transcript()), shop.call(transcript()));
    let mut became = [text(&one["disposition"]), text(&twin["disposition"])];
    became.sort();
    assert_eq!(became, ["DUPLICATE", "UPDATED"]);
    assert_eq!(one["reportId"], twin["reportId"]);
    for (again, same_as) in [(call(json!({})), &first), (transcript(), &one)] {
        let again = shop.call(again).await;
        assert_eq!((&again["disposition"], &again["reportId"]), (&json!("DUPLICATE"), &same_as["reportId"]));
    }
    let selection = "stage messages { text } reports { id words ... on PhoneReport { addsTo endedAt } }";
    let case = shop.reads(&text(&first["reference"]), selection).await;
    assert_eq!(case["stage"], "CLOSED", "what is told late opens nothing again");
    let words: Vec<String> =
        case["messages"].as_array().unwrap().iter().map(|message| text(&message["text"])).collect();
    assert_eq!(words, ["It leaks", "Done", "It leaks, and the lid is loose"]);
    // When the call is logged again after the case got another customer, that customer cannot read it.
    let change = json!({ "caseId": id, "email": "eva@example.com", "reason": "It is Eva's" });
    shop.manager.does("changeCustomer", change, "case { id }").await;
    let more = call(json!({ "words": "It leaks, and my name is Bo" }));
    assert_eq!(shop.call(more).await["disposition"], "UPDATED");
    let hidden = shop.reads(&text(&first["reference"]), "messages { text visibility }").await["messages"].take();
    assert_eq!(hidden.as_array().unwrap().last().unwrap()["visibility"], "INTERNAL", "{hidden}");
    let adds: Vec<_> = case["reports"].as_array().unwrap().iter().map(|report| report["addsTo"].clone()).collect();
    assert_eq!(adds, [json!(null), first["reportId"].clone(), first["reportId"].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whom_no_letter_reaches_gets_a_link_from_whoever_answers() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let page = json!({ "sellerId": shop.id, "trackingUrl": "https://shop.example/case" });
    shop.admin.does("updateSeller", page, "seller { id }").await;
    let called =
        shop.call(json!({ "source": "pbx", "externalId": "1", "words": "It leaks", "from": "070-123 45 67" })).await;
    let input = json!({ "caseId": called["caseId"] });
    let once = json!({ "caseId": called["caseId"], "idempotencyKey": "shown" });
    let selection = "link { token url case { reference } }";
    let link = shop.manager.does("createTrackingLink", input.clone(), selection).await["link"].take();
    let token = text(&link["token"]);
    assert_eq!(link["url"], format!("https://shop.example/case#{token}"));
    let again = shop.manager.does("createTrackingLink", input.clone(), selection).await["link"].take();
    assert_eq!(again, link);
    let with_a_key = shop.manager.does("createTrackingLink", once.clone(), selection).await["link"].take();
    assert_eq!(with_a_key, link);
    let other = shop.admin.does("createTrackingLink", input.clone(), selection).await["link"].take();
    assert_ne!(other["token"], link["token"], "who has seen which is known");
    let customer = shop.widget.showing(&token);
    assert_eq!(customer.asks("{ myCase { reference } }", json!({})).await["myCase"]["reference"], called["reference"]);
    customer.does("addCustomerMessage", json!({ "text": "And the lid is loose" }), "message { id }").await;
    let case = shop.reads(&text(&called["reference"]), "messages { text byShownLink }").await;
    assert_eq!(
        case["messages"],
        json!([{ "text": "It leaks", "byShownLink": false }, { "text": "And the lid is loose", "byShownLink": true }])
    );
    // When the case gets another customer, the link no longer works.
    let change = json!({ "caseId": called["caseId"], "email": "eva@example.com", "reason": "It is Eva's" });
    shop.manager.does("changeCustomer", change, "case { id }").await;
    assert_eq!(customer.post("{ myCase { reference } }", json!({})).await.0, 401);
    assert_eq!(shop.gateway.fails("createTrackingLink", input.clone()).await[0].0, "NOT_FOUND");
    // The link is not shown again, because it was the former customer's.
    assert_eq!(shop.manager.fails("createTrackingLink", once).await[0].0, "INVALID_TRANSITION");
    // The new customer gets another link. The invariants are checked when the service is dropped.
    let new = shop.manager.does("createTrackingLink", input, selection).await["link"].take();
    assert_ne!(new["token"], link["token"]);
}
