//! What each member of staff has seen of a case, and what is new to them.

use ansvar_tests::{Client, TestApp};
use serde_json::{Value, json};

async fn unread(client: &Client, case: &str) -> Value {
    let read = client.asks("query($id: ID!) { case(by: { id: $id }) { unread } }", json!({ "id": case })).await;
    read["case"]["unread"].clone()
}

async fn marks(client: &Client, case: &str, up_to: &Value) -> Value {
    let input = json!({ "caseId": case, "upTo": up_to });
    client.does("markSeen", input, "case { unread version }").await["case"].take()
}

async fn cases(client: &Client) -> Value {
    client.asks("{ agenda(first: 1) { unread { cases } } }", json!({})).await["agenda"]["unread"]["cases"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_has_their_own_mark_of_what_they_have_seen() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let eva = shop.customer("eva", "sauna").await;
    let (case, anna, bo) = (shop.case_id(&asa.reference).await, shop.staff("anna"), shop.staff("bo"));
    // A new case is news to everybody who may read it.
    assert_eq!((unread(anna, &case).await, unread(bo, &case).await), (json!(1), json!(1)));
    assert_eq!((cases(anna).await, cases(bo).await, cases(shop.staff("carin")).await), (json!(1), json!(0), json!(1)));
    let version = shop.reads(&asa.reference, "version").await["version"].clone();
    assert_eq!(marks(anna, &case, &version).await, json!({ "unread": 0, "version": version }), "marking is no event");
    assert_eq!((unread(bo, &case).await, cases(anna).await), (json!(1), json!(0)));
    // What others write is news; one's own words and what the service does are not.
    asa.client.does("addCustomerMessage", json!({ "text": "When?" }), "message { id }").await;
    bo.does("addNote", json!({ "caseId": case, "text": "The line is old" }), "message { id }").await;
    anna.does("sendMessage", json!({ "caseId": case, "text": "Tomorrow" }), "message { id }").await;
    anna.does("updateCase", json!({ "caseId": case, "priority": "HIGH" }), "case { id }").await;
    assert_eq!((unread(anna, &case).await, cases(anna).await), (json!(2), json!(1)));
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    shop.partner("fibre-north").does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    assert_eq!(unread(anna, &case).await, 3);
    // A number beyond the last event stands for the last, and a smaller one makes what came after it unread again.
    assert_eq!(marks(anna, &case, &json!(9_999)).await["unread"], 0);
    bo.does("addNote", json!({ "caseId": case, "text": "More" }), "message { id }").await;
    assert_eq!(unread(anna, &case).await, 1);
    assert_eq!(marks(anna, &case, &json!(0)).await["unread"], 5);
    // Counted up to a hundred.
    for number in 0..105 {
        let note = json!({ "caseId": case, "text": format!("Note {number}") });
        bo.does("addNote", note, "message { id }").await;
    }
    assert_eq!(unread(anna, &case).await, 100);
    // A list counts each of its cases.
    let list =
        anna.asks("{ cases(first: 10) { nodes { reference unread } } }", json!({})).await["cases"]["nodes"].take();
    assert_eq!(list[0], json!({ "reference": eva.reference, "unread": 1 }));
    assert_eq!(list[1], json!({ "reference": asa.reference, "unread": 100 }));
    // For staff of the seller only; a system reads no number.
    assert_eq!(
        anna.fails("markSeen", json!({ "caseId": case, "upTo": -1 })).await,
        [("INVALID".into(), "upTo".into())]
    );
    let input = json!({ "caseId": case, "upTo": 1 });
    let other = shop.another(&t, "other").await;
    assert_eq!(other.manager.fails("markSeen", input.clone()).await, [("NOT_FOUND".into(), "caseId".into())]);
    assert_eq!(asa.client.fails("markSeen", input).await[0].0, "NOT_FOUND");
}
