//! The seller's own systems: webhooks for all cases, and reading and following the cases with an API client.

use std::collections::{BTreeMap, BTreeSet};

use ansvar_tests::people::Shop;
use ansvar_tests::receiver::{Heard, Receiver};
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, TestApp, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::mail::help_desk;
use crate::systems::token;

const ENDPOINT: &str = "newSecret { webhookEndpoint { id partner { id } } }";
const WORK: &str = "subscription($after: String) { workEvents(scope: SELLER, after: $after) { cursor event { __typename case { reference } } } }";

/// Creates a webhook endpoint of the seller at this receiver; returns its id.
async fn listening(shop: &Shop, receiver: &Receiver) -> String {
    let input = json!({ "sellerId": shop.id, "url": receiver.url });
    let made = shop.admin.does("createWebhookEndpoint", input, ENDPOINT).await;
    assert_eq!(made["newSecret"]["webhookEndpoint"]["partner"], Value::Null);
    text(&made["newSecret"]["webhookEndpoint"]["id"])
}

/// A signed-in system of the seller with these scopes.
async fn system(t: &TestApp, shop: &Shop, name: &str, scopes: Option<Value>) -> Client {
    let mut input = json!({ "sellerId": shop.id, "name": name });
    if let Some(scopes) = scopes {
        input["scopes"] = scopes;
    }
    let made = shop.admin.does("createApiClient", input, "apiClient { id }").await;
    let client = text(&made["apiClient"]["id"]);
    let made = shop.admin.does("createClientSecret", json!({ "apiClientId": client }), "newSecret { secret }").await;
    let (status, got) = token(t, &client, &text(&made["newSecret"]["secret"]), None).await;
    assert_eq!(status, 200, "{got}");
    shop.admin.showing(&text(&got["access_token"]))
}

fn seqs_by_case(heard: &[Heard]) -> BTreeMap<String, Vec<i64>> {
    let mut all: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for heard in heard {
        let data = &heard.body["data"];
        all.entry(text(&data["caseId"])).or_default().push(data["seq"].as_i64().unwrap());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_of_the_seller_hears_of_every_case_once_in_order_and_thinly_after_a_day_of_being_down() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let before = shop.customer("asa", "The broadband is down, says Åsa").await;
    let receiver = Receiver::start().await;
    let hook = listening(&shop, &receiver).await;
    let from = shop.admin.asks("{ feedCursor }", json!({})).await["feedCursor"].clone();
    let other = t.second_node().await;
    receiver.answers(503);
    let kim = shop.customer("kim", "A secret of Kim's").await;
    let task = shop.requests_task(&t, &kim.reference, "fibre-north").await;
    let fibre = shop.partner("fibre-north");
    fibre.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    let case = shop.case_id(&kim.reference).await;
    let said = json!({ "caseId": case, "what": "A new router", "due": { "day": "2026-11-12" }, "place": "CALL" });
    let promised = shop.manager.does("makeCommitment", said, "commitment { id }").await;
    let old = shop.case_id(&before.reference).await;
    shop.manager.does("addNote", json!({ "caseId": old, "text": "a secret note" }), "message { id }").await;
    t.settle().await;
    assert!(
        receiver.taken().is_empty() && receiver.heard().len() == 2,
        "the first of each case is tried, and no other"
    );
    receiver.answers(200);
    t.later_and_settled(TimeDelta::hours(24)).await;
    let shop = shop.at(&t);
    let heard = receiver.taken();
    let ids: BTreeSet<_> = heard.iter().map(|heard| &heard.id).collect();
    assert_eq!(ids.len(), heard.len(), "each once, from whichever node");
    let kinds = |id: &str| -> Vec<String> {
        let of_case = heard.iter().filter(|heard| heard.body["data"]["caseId"] == id);
        of_case.map(|heard| heard.kind().to_owned()).collect()
    };
    assert_eq!(kinds(&old)[0], "message.added", "nothing of what was before");
    let told = kinds(&case);
    for kind in ["case.opened", "task.requested", "task.accepted", "commitment.made"] {
        assert!(told.contains(&kind.to_owned()), "{kind} is not in {told:?}");
    }
    for (case, seqs) in seqs_by_case(&heard) {
        let first = seqs[0];
        let expected: Vec<i64> = (first..).take(seqs.len()).collect();
        assert_eq!(seqs, expected, "in order and without a gap: {case}");
    }
    let made = heard.iter().find(|heard| heard.kind() == "commitment.made").unwrap();
    assert_eq!(made.body["data"]["commitmentId"], promised["commitment"]["id"]);
    let accepted = heard.iter().find(|heard| heard.kind() == "task.accepted").unwrap();
    assert_eq!(accepted.task(), task);
    for heard in &heard {
        assert!(heard.text.len() < 400, "{}", heard.text);
        for word in ["secret", "Åsa", "Kim", "router", kim.reference.as_str()] {
            assert!(!heard.text.contains(word), "{word} in {}", heard.text);
        }
    }
    // A replay sends everything after a cursor again, in order and with the same ids. Deliveries that were deleted get
    // new ids.
    for gone in ["DELETE FROM webhook_attempt", "DELETE FROM webhook_delivery WHERE kind = 'case.opened'"] {
        t.store.change(gone).await;
    }
    let replay = json!({ "webhookEndpointId": hook, "after": from });
    shop.admin.does("replayWebhooks", replay, "webhookEndpoint { active }").await;
    t.settle().await;
    let all = receiver.taken();
    let again = &all[heard.len()..];
    assert_eq!(seqs_by_case(again), seqs_by_case(&heard), "each once more, in order");
    let fresh: Vec<_> = again.iter().filter(|heard| !ids.contains(&heard.id)).map(Heard::kind).collect();
    assert_eq!(fresh, ["case.opened"]);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_reads_and_follows_cases_only_with_the_scope_for_it() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let receiver = Receiver::start().await;
    listening(&shop, &receiver).await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    t.settle().await;
    let reader = system(&t, &shop, "data warehouse", Some(json!(["CASES_READ"]))).await;
    let gateway = system(&t, &shop, "mail gateway", None).await;
    let case = shop.case_id(&asa.reference).await;
    let one = "query($case: ID!, $task: ID!) { case: node(id: $case) { ... on Case { reference } } task: node(id: $task) { ... on CaseTask { title } } }";
    let ids = json!({ "case": case, "task": task });
    let read = reader.asks(one, ids.clone()).await;
    assert_eq!(read["case"]["reference"], asa.reference.as_str());
    assert_ne!(read["task"], Value::Null);
    assert_eq!(gateway.asks(one, ids).await, json!({ "case": null, "task": null }), "it only hands in what arrived");
    for list in ["{ cases { totalCount } }", "{ tasks { totalCount } }"] {
        let field = if list.contains("cases") { "cases" } else { "tasks" };
        assert_eq!(reader.asks(list, json!({})).await[field]["totalCount"], 1);
        assert_eq!(gateway.is_refused(list, json!({})).await, "FORBIDDEN");
    }
    // The system may only read.
    let note = json!({ "caseId": case, "text": "a note by a system" });
    assert_eq!(reader.fails("addNote", note).await[0].0, "FORBIDDEN");
    let call = json!({ "source": "pbx", "externalId": "1", "from": "0701740605", "words": "Nobody came" });
    assert_eq!(reader.tries("logPhoneCall", call, "").await["userErrors"][0]["code"], "FORBIDDEN");
    let hook = json!({ "sellerId": shop.id, "url": receiver.url });
    assert_eq!(reader.fails("createWebhookEndpoint", hook.clone()).await[0].0, "FORBIDDEN");
    assert_eq!(gateway.fails("createWebhookEndpoint", hook.clone()).await[0].0, "NOT_FOUND");
    assert_eq!(shop.manager.fails("createWebhookEndpoint", hook.clone()).await[0].0, "FORBIDDEN");
    assert_eq!(shop.partner("fibre-north").fails("createWebhookEndpoint", hook).await[0].0, "NOT_FOUND");
    let nobodys = json!({ "url": receiver.url });
    assert_eq!(shop.admin.fails("createWebhookEndpoint", nobodys).await, [("REQUIRED".into(), "sellerId".into())]);
    let shown = "{ sellers { webhookEndpoints { url } } }";
    assert_eq!(
        shop.admin.asks(shown, json!({})).await["sellers"][0]["webhookEndpoints"][0]["url"],
        receiver.url.as_str()
    );
    assert_eq!(shop.manager.asks(shown, json!({})).await["sellers"][0]["webhookEndpoints"], json!([]));
    // An administrator of another seller may not read the cases, and therefore cannot let a system read them.
    let other = shop.another(&t, "other").await;
    let theirs = json!({ "sellerId": other.id, "name": "spy", "scopes": ["CASES_READ"] });
    assert_eq!(shop.admin.fails("createApiClient", theirs).await[0].0, "FORBIDDEN");
    let usual = json!({ "sellerId": other.id, "name": "gateway 2" });
    let made = shop.admin.does("createApiClient", usual, "apiClient { id }").await;
    let more = json!({ "apiClientId": made["apiClient"]["id"], "scopes": ["CASES_READ"] });
    assert_eq!(shop.admin.fails("updateApiClient", more.clone()).await[0].0, "FORBIDDEN");
    // A subscription can continue from the cursor of a webhook.
    let after = json!({ "after": receiver.taken()[0].body["data"]["cursor"] });
    let mut live = Watch::start(&reader, By::WebSocket, WORK, after).await;
    let next = live.next_event().await;
    assert_eq!(next["event"]["case"]["reference"], asa.reference.as_str());
    let head = reader.asks("{ feedCursor }", json!({})).await["feedCursor"].clone();
    let mut fresh = Watch::start(&reader, By::Sse, WORK, json!({ "after": head })).await;
    shop.manager.does("remindTask", json!({ "taskId": task }), "task { id }").await;
    assert_eq!(fresh.next_event().await["event"]["__typename"], "TaskReminded");
    assert_eq!(gateway.is_refused("{ feedCursor }", json!({})).await, "FORBIDDEN");
    let mine = "subscription { workEvents { cursor } }";
    let mut refused = Watch::start(&reader, By::Sse, mine, json!({})).await;
    assert_eq!(refused.next().await["errors"][0]["extensions"]["code"], "INVALID");
    let mut refused = Watch::start(&gateway, By::Sse, WORK, json!({})).await;
    assert_eq!(refused.next().await["errors"][0]["extensions"]["code"], "FORBIDDEN");
    live.cut();
    fresh.cut();
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_learn_by_mail_that_an_endpoint_of_the_seller_was_turned_off() {
    let (sink, t, shop) = help_desk().await;
    shop.admin.does("updateSeller", json!({ "sellerId": shop.id, "noticesByMail": true }), "seller { id }").await;
    let receiver = Receiver::start().await;
    let hook = listening(&shop, &receiver).await;
    let url = json!({ "webhookEndpointId": hook, "url": format!("{}?key=not-for-mails", receiver.url) });
    shop.admin.does("updateWebhookEndpoint", url, "webhookEndpoint { url }").await;
    receiver.answers(500);
    shop.customer("asa", "The broadband is down").await;
    let read = "query($id: ID!) { node(id: $id) { ... on WebhookEndpoint { active disabledBecause } } }";
    for days in 1..12 {
        // The attempt after which the endpoint is turned off, after three days, is also the last one of its delivery.
        if days == 4 {
            t.store.change("UPDATE webhook_delivery SET failures = 9").await;
        }
        t.later_and_settled(TimeDelta::hours(25)).await;
        if shop.at(&t).admin.asks(read, json!({ "id": hook })).await["node"]["active"] == false {
            break;
        }
    }
    let shop = shop.at(&t);
    let off = shop.admin.asks(read, json!({ "id": hook })).await["node"].take();
    assert_eq!(off, json!({ "active": false, "disabledBecause": "it answers 500" }));
    let told: Vec<_> = sink.all().into_iter().filter(|letter| letter.text().contains(&receiver.url)).collect();
    assert_eq!(told.len(), 1, "one administrator, told once");
    assert!(told[0].text().contains("it answers 500") && !told[0].text().contains("not-for-mails"));
    receiver.answers(200);
    let on = json!({ "webhookEndpointId": hook, "active": true });
    shop.admin.does("updateWebhookEndpoint", on, "webhookEndpoint { active }").await;
    t.settle().await;
    assert_eq!(receiver.taken()[0].kind(), "case.opened", "it goes on where it stopped");
}
