//! Runs each request of docs/desk.md as it is written there, in order.

use ansvar_tests::golden::root;
use ansvar_tests::watch::By;
use ansvar_tests::{Client, TestApp, Watch};
use serde_json::{Value, json};

/// A request of the page, by its name.
fn document(name: &str) -> String {
    let page = std::fs::read_to_string(root().join("docs/desk.md")).unwrap();
    let fence = format!("```graphql desk {name}\n");
    let block = page.split(&fence).nth(1).unwrap_or_else(|| panic!("the page has no {name}"));
    block.split("```").next().unwrap().to_owned()
}

/// Runs a request of the page, and checks that it had no user errors.
async fn asks(client: &Client, name: &str, variables: Value) -> Value {
    let answer = client.asks(&document(name), variables).await;
    let field = answer.as_object().unwrap().values().next().unwrap().clone();
    let refused = field.get("userErrors").cloned().unwrap_or(json!([]));
    assert_eq!(refused, json!([]), "{name}");
    field
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_of_the_page_works_in_its_order() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let input = json!({ "idempotencyKey": "1", "name": "Åsa", "email": "asa@example.com", "phone": "070-174 06 05", "text": "The broadband is down" });
    let asa = shop.filed(input).await;
    let (case, owner) = (json!(shop.case_id(&asa.reference).await), shop.staff(&asa.owner_name));
    let head = owner.asks("{ feedCursor }", json!({})).await["feedCursor"].clone();
    let mut work = Watch::start(owner, By::WebSocket, &document("Work"), json!({ "after": head })).await;
    let agenda = asks(owner, "Agenda", json!({})).await;
    assert_eq!(agenda["counts"], json!([{ "kind": "CONTACT", "number": 1 }]));
    assert_eq!(agenda["nodes"][0]["case"]["reference"], asa.reference.as_str());
    let of_case = json!({ "caseId": case });
    let unread = owner.asks(&document("Unread"), of_case.clone()).await;
    assert_eq!((&unread["agenda"]["unread"]["cases"], &unread["case"]["unread"]), (&json!(1), &json!(1)));
    let seen = json!({ "caseId": case, "upTo": unread["case"]["version"] });
    assert_eq!(asks(owner, "Seen", seen).await["case"]["unread"], 0);
    let case_now = asks(owner, "Acknowledge", of_case.clone()).await["case"].take();
    assert_eq!(case_now, json!({ "stage": "ACKNOWLEDGED", "nextContactDue": "2026-11-04T23:00:00+00:00" }));
    assert_eq!(work.next_event().await["event"]["case"]["reference"], asa.reference.as_str());
    work.cut();
    let partner = shop.partner_id("fibre-north");
    let task = asks(owner, "Ask", json!({ "caseId": case, "partnerId": partner })).await["task"]["id"].clone();
    let plan = asks(owner, "Plan", json!({ "caseId": case, "taskId": task })).await["case"]["plan"].take();
    assert_eq!(plan["steps"][1]["commitment"], json!({ "dueDay": "2026-11-06", "state": "OPEN" }));
    let receipt = asks(owner, "Call", of_case.clone()).await["receipt"].take();
    assert_eq!(receipt["nextContactDue"], "2026-11-06T23:00:00+00:00");
    let signal = asks(owner, "Missed", json!({})).await["callSignal"].take();
    assert_eq!((&signal["case"], &signal["candidates"]), (&Value::Null, &json!([{ "name": "Åsa" }])));
    let promises = asks(owner, "Promises", of_case).await;
    let (router, step) = (&promises["commitments"][0]["id"], &promises["plan"]["steps"][0]["id"]);
    assert_eq!(promises["dates"].as_array().unwrap().len(), 3);
    asks(owner, "Keep", json!({ "commitmentId": router })).await;
    asks(owner, "Done", json!({ "stepId": step })).await;
    asks(owner, "Renegotiate", json!({ "commitmentId": promises["commitments"][2]["id"] })).await;
    let late = asks(owner, "Late", json!({})).await;
    assert_eq!((&late["totalCount"], &late["pageInfo"]["hasNextPage"]), (&json!(0), &json!(false)));
    let known = asks(owner, "Customers", json!({})).await["nodes"][0].take();
    assert_eq!((&known["name"], &known["cases"]["nodes"][0]["reference"]), (&json!("Åsa"), &json!(asa.reference)));
    let of_case = json!({ "caseId": case });
    let changed = asks(owner, "Update", of_case.clone()).await["case"].take();
    assert_eq!((&changed["category"], &changed["tags"]), (&json!("Lines"), &json!(["storm"])));
    let again = asks(&shop.manager, "Again", of_case).await["case"].take();
    assert_eq!((&again["owner"]["name"], &again["routing"]["rule"]), (&json!(asa.owner_name), &json!("broadband")));
    asks(owner, "Mention", json!({ "caseId": case, "people": [shop.id_of("bo")] })).await;
    let watched = asks(&shop.manager, "Watch", json!({ "caseId": case })).await["case"].take();
    assert_eq!(watched, json!({ "watching": true, "watchers": [{ "name": "maria" }] }));
    let template = json!({ "sellerId": shop.id, "name": "Storm", "language": "EN", "text": "Hello {{customer}}, {{reference}}: the line is being mended. {{owner}}" });
    shop.manager.does("createReplyTemplate", template, "replyTemplate { id }").await;
    let texts = asks(owner, "Texts", json!({})).await["nodes"].take();
    let reply = json!({ "caseId": case, "replyTemplateId": texts[0]["id"] });
    let reply = asks(owner, "Reply", reply).await;
    let said = format!("Hello Åsa, {}: the line is being mended. {}", asa.reference, asa.owner_name);
    assert_eq!(reply, json!({ "text": said, "empty": [] }));
    let items = json!([{ "caseId": case, "act": { "update": { "addTags": ["gotland"], "priority": "URGENT" } } }]);
    let many = asks(owner, "Many", json!({ "items": items })).await["results"].take();
    assert_eq!(many[0]["case"]["tags"], json!(["gotland", "storm"]), "{many}");
    let page = asks(&asa.client, "Page", json!({})).await;
    assert_eq!(page["plan"]["steps"].as_array().unwrap().len(), 2);
    let done = page["commitments"].as_array().unwrap().iter().filter(|one| one["state"] == "KEPT").count();
    assert_eq!(done, 2, "{page}");
}
