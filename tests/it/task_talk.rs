//! Tasks between owner and partner: messages and questions, rejected completions, and sharing.

use ansvar_tests::people::Shop;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, TestApp, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

const TALK: &str =
    "task { status messages { by { kind name } text answerBy answeredAt refusedResult attachments { id name path } } }";

/// A case with an accepted task of "fibre-north": the reference, the owner's name, and the task.
async fn accepted(t: &TestApp, shop: &Shop) -> (String, String, String) {
    let asa = shop.customer("asa", "The broadband is down").await;
    let task = shop.requests_task(t, &asa.reference, "fibre-north").await;
    shop.partner("fibre-north").does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    (asa.reference, asa.owner_name, task)
}

async fn task(client: &Client, id: &str, selection: &str) -> Value {
    let query = format!("{{ node(id: \"{id}\") {{ ... on CaseTask {{ {selection} }} }} }}");
    client.asks(&query, json!({})).await["node"].take()
}

/// The reasons of a case's escalations, the latest last.
async fn escalations(shop: &Shop, reference: &str) -> Vec<String> {
    let read = shop.reads(reference, "escalations { why }").await;
    read["escalations"].as_array().unwrap().iter().map(|one| text(&one["why"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_done_is_refused_twice_and_counted() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (reference, owner, id) = accepted(&t, &shop).await;
    let (desk, fibre) = (shop.staff(&owner), shop.partner("fibre-north"));
    let due = task(desk, &id, "dueAt").await["dueAt"].clone();
    let later = |days| json!(t.now() + TimeDelta::days(days));
    let missing = |what: &str, days: i64| json!({ "taskId": id, "missing": what, "dueAt": later(days) });
    assert_eq!(desk.fails("rejectCompletion", missing("?", 9)).await[0].0, "INVALID_TRANSITION", "it is not done");
    fibre.does("completeTask", json!({ "taskId": id, "result": "Fixed" }), "task { id }").await;
    assert_eq!(fibre.fails("rejectCompletion", missing("?", 9)).await[0].0, "FORBIDDEN");
    assert_eq!(desk.fails("rejectCompletion", missing("", 9)).await, [("REQUIRED".into(), "missing".into())]);
    assert_eq!(desk.fails("rejectCompletion", missing("?", -1)).await, [("INVALID".into(), "dueAt".into())]);
    let feed = "subscription { taskEvents { kind taskId } }";
    let mut live = Watch::start(fibre, By::Sse, feed, json!({})).await;
    let refused = desk.does("rejectCompletion", missing("It is down again", 6), TALK).await["task"].take();
    assert_eq!(refused["status"], "IN_PROGRESS");
    let said = json!({ "by": { "kind": "STAFF", "name": owner }, "text": "It is down again", "answerBy": null, "answeredAt": null, "refusedResult": "Fixed", "attachments": [] });
    assert_eq!(refused["messages"], json!([said]));
    assert_eq!(live.next_event().await["kind"], "TASK_REJECTED");
    live.cut();
    fibre.does("completeTask", json!({ "taskId": id, "result": "Now it is fixed" }), "task { id }").await;
    desk.does("rejectCompletion", missing("Still down", 7), "task { id }").await;
    let now =
        task(fibre, &id, "rejections dueAt firstDueAt result viewerCan { write complete rejectCompletion }").await;
    let can = json!({ "write": true, "complete": true, "rejectCompletion": false });
    assert_eq!((&now["rejections"], &now["viewerCan"], &now["result"]), (&json!(2), &can, &Value::Null));
    assert_eq!(now["firstDueAt"], due, "its punctuality is measured by the first time");
    // When the new due time passes, the owner gets an event.
    t.later_and_settled(TimeDelta::days(8)).await;
    let shop = shop.at(&t);
    let late = shop.reads(&reference, "events { __typename ... on TaskLate { late } }").await["events"].take();
    assert!(late.as_array().unwrap().iter().any(|event| event["late"] == "NOT_DONE"), "{late}");
    shop.partner("fibre-north").does("completeTask", json!({ "taskId": id, "result": "Done" }), "task { id }").await;
    let query = format!(
        "{{ node(id: \"{}\") {{ ... on Partner {{ performance(from: \"2026-11-01T00:00:00Z\", until: \"2026-12-01T00:00:00Z\") {{ total {{ rejected doneInTime {{ kept of }} }} }} }} }} }}",
        shop.partner_id("fibre-north")
    );
    let counted = shop.manager.asks(&query, json!({})).await["node"]["performance"]["total"].take();
    assert_eq!(counted, json!({ "rejected": 1, "doneInTime": { "kept": 0, "of": 1 } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_asks_and_whoever_does_not_answer_is_seen() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (reference, owner, id) = accepted(&t, &shop).await;
    let (desk, fibre) = (shop.staff(&owner), shop.partner("fibre-north"));
    let ask =
        |words: &str, hours: i64| json!({ "taskId": id, "text": words, "answerBy": t.now() + TimeDelta::hours(hours) });
    let tell = |words: &str| json!({ "taskId": id, "text": words });
    // A question by the partner is in the owner's agenda until it is answered.
    fibre.does("writeToTask", ask("Which gate?", 4), TALK).await;
    fibre.does("writeToTask", ask("And which key?", 2), TALK).await;
    let agenda = "{ agenda(scope: MINE, first: 20) { nodes { kind dueAt task { id } acts } } }";
    let work = desk.asks(agenda, json!({})).await["agenda"]["nodes"].take();
    let asked = work.as_array().unwrap().iter().find(|item| item["kind"] == "ANSWER_PARTNER").expect("it is work");
    assert_eq!((&asked["task"]["id"], &asked["acts"]), (&json!(id), &json!(["writeToTask"])));
    let file = json!([{ "name": "map.png", "content": STANDARD.encode("a map") }]);
    let mut answer = tell("The north gate; the key hangs there.");
    answer["attachments"] = file;
    let talked = desk.does("writeToTask", answer, TALK).await["task"]["messages"].take();
    assert!(
        talked[0]["answeredAt"].is_string() && talked[1]["answeredAt"].is_string() && talked[2]["answerBy"].is_null()
    );
    let work = desk.asks(agenda, json!({})).await["agenda"]["nodes"].take();
    assert!(work.as_array().unwrap().iter().all(|item| item["kind"] != "ANSWER_PARTNER"));
    let path = text(&talked[2]["attachments"][0]["path"]);
    assert_eq!(fibre.fetches(&path).await.2, b"a map");
    assert_eq!(shop.partner("bouncy").fetches(&path).await.0, 404);
    let file_id = text(&talked[2]["attachments"][0]["id"]);
    assert_eq!(task(shop.partner("bouncy"), &file_id, "id").await, Value::Null);
    // The owner asks. Without an answer the owner gets an event, and then an escalation goes to the lead.
    desk.does("writeToTask", ask("Was anybody at home?", 3), "task { id }").await;
    t.later_and_settled(TimeDelta::hours(4)).await;
    let shop = shop.at(&t);
    let late = shop.reads(&reference, "events { __typename ... on TaskLate { late } }").await["events"].take();
    assert!(late.as_array().unwrap().iter().any(|event| event["late"] == "NOT_ANSWERED"), "{late}");
    let fibre = shop.partner("fibre-north");
    fibre.does("updateTask", json!({ "taskId": id, "text": "Nobody opened." }), "task { id }").await;
    let talked = task(fibre, &id, "messages { answeredAt }").await["messages"].take();
    assert!(talked[3]["answeredAt"].is_string(), "an update is an answer");
    // The partner asks and the owner does not answer, so an escalation goes to the lead.
    let before = escalations(&shop, &reference).await.len();
    let ask = json!({ "taskId": id, "text": "May we come on Friday?", "answerBy": t.now() + TimeDelta::hours(2) });
    fibre.does("writeToTask", ask, "task { id }").await;
    t.later_and_settled(TimeDelta::hours(3)).await;
    let told = escalations(&shop.at(&t), &reference).await;
    assert!(told[before..].contains(&"PARTNER_WAITS".to_owned()), "{told:?}");
    // The question stays open when the partner completes the task. A further question does not raise an escalation at
    // once.
    let shop = shop.at(&t);
    let fibre = shop.partner("fibre-north");
    let before = escalations(&shop, &reference).await.len();
    let again = json!({ "taskId": id, "text": "Hello?", "answerBy": t.now() + TimeDelta::hours(30) });
    fibre.does("writeToTask", again, "task { id }").await;
    t.settle().await;
    assert_eq!(escalations(&shop, &reference).await.len(), before);
    fibre.does("completeTask", json!({ "taskId": id, "result": "Done" }), "task { id }").await;
    let work = shop.staff(&owner).asks(agenda, json!({})).await["agenda"]["nodes"].take();
    assert!(work.as_array().unwrap().iter().any(|item| item["kind"] == "ANSWER_PARTNER"), "{work}");
    // A partner sees the name of the author, and nothing else about the seller's staff.
    let by = task(fibre, &id, "messages { by { name ... on StaffParty { staff { email seller { name } } } } }").await;
    assert_eq!(by["messages"][2]["by"], json!({ "name": owner, "staff": null }));
    let by = task(shop.staff(&owner), &id, "messages { by { ... on StaffParty { staff { name } } } }").await;
    assert_eq!(by["messages"][2]["by"]["staff"]["name"], json!(owner));
    // Closing the case ends open questions, and no more messages are possible. The customer never saw any of this.
    let shop = shop.at(&t);
    let case = shop.case_id(&reference).await;
    let (desk, fibre) = (shop.staff(&owner), shop.partner("fibre-north"));
    desk.does("closeCase", json!({ "caseId": case, "message": "It works again." }), "case { id }").await;
    assert_eq!(fibre.fails("writeToTask", tell("Bye")).await[0].0, "INVALID_TRANSITION");
    assert_eq!(task(fibre, &id, "viewerCan { write }").await["viewerCan"]["write"], false);
    let timers = "SELECT count(*) FROM due WHERE kind IN ('TASK_ANSWER_BY', 'TASK_REPLY_BY')";
    assert_eq!(t.store.number(timers).await, 0);
    let seen = "SELECT count(*) FROM event WHERE for_customer AND kind LIKE 'Task%'";
    assert_eq!(t.store.number(seen).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_later_has_its_reason_and_ends_with_the_task() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let raw = "From: asa@example.com\r\nTo: help@shop.example\r\nSubject: broadband\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe broadband is down\r\n--b\r\nContent-Type: image/png; name=modem.png\r\nContent-Disposition: attachment; filename=modem.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
    let receipt = shop.mail(raw).await;
    let reference = text(&receipt["reference"]);
    let owner = shop.owner_of(&reference).await;
    let id = shop.requests_task(&t, &reference, "fibre-north").await;
    let other = shop.requests_task(&t, &reference, "bouncy").await;
    let (desk, fibre) = (shop.staff(&owner), shop.partner("fibre-north"));
    let files = shop.reads(&reference, "reports { attachments { id path } }").await["reports"][0]["attachments"].take();
    let (file, path) = (text(&files[0]["id"]), text(&files[0]["path"]));
    assert_eq!(fibre.fetches(&path).await.0, 404, "nothing is shared");
    let share = |fields: Value, files: Value, reason: &str| json!({ "taskId": id, "fields": fields, "fileIds": files, "reason": reason });
    assert_eq!(
        desk.fails("shareWithPartner", share(json!([]), json!([]), "r")).await,
        [("REQUIRED".into(), "fields".into())]
    );
    assert_eq!(
        desk.fails("shareWithPartner", share(json!(["NAME"]), json!([]), "")).await,
        [("REQUIRED".into(), "reason".into())]
    );
    assert_eq!(fibre.fails("shareWithPartner", share(json!(["NAME"]), json!([]), "r")).await[0].0, "FORBIDDEN");
    let elsewhere = shop.customer("eva", "broadband").await;
    let task_elsewhere = shop.requests_task(&t, &elsewhere.reference, "bouncy").await;
    let strange = json!({ "taskId": task_elsewhere, "fileIds": [file], "reason": "r" });
    assert_eq!(shop.manager.fails("shareWithPartner", strange).await, [("NOT_FOUND".into(), "fileIds.0".into())]);
    desk.does("shareWithPartner", share(json!(["EMAIL"]), json!([]), "To book a visit"), "task { id }").await;
    desk.does("shareWithPartner", share(json!([]), json!([file]), "To see the modem"), "task { id }").await;
    let seen = task(fibre, &id, "shares customer { emails reason } files { id name } sharings { fields reason }").await;
    assert_eq!(seen["customer"], json!({ "emails": ["asa@example.com"], "reason": "To book a visit" }));
    assert_eq!(seen["files"], json!([{ "id": file, "name": "modem.png" }]));
    assert_eq!(
        seen["sharings"],
        json!([{ "fields": ["EMAIL"], "reason": "To book a visit" }, { "fields": [], "reason": "To see the modem" }])
    );
    assert_eq!(fibre.fetches(&path).await.0, 200);
    let node = format!("{{ node(id: \"{file}\") {{ ... on Attachment {{ name }} }} }}");
    assert_eq!(fibre.asks(&node, json!({})).await["node"]["name"], "modem.png");
    // The other partner on the same case cannot see the file.
    let bouncy = shop.partner("bouncy");
    assert_eq!(bouncy.fetches(&path).await.0, 404);
    assert_eq!(task(bouncy, &other, "files { id }").await["files"], json!([]));
    assert_eq!(bouncy.asks(&node, json!({})).await["node"], Value::Null);
    // The partner cannot see files of a case that was merged and unmerged.
    let twin = shop.customer("tove", "The broadband is down too").await;
    let twin_id = shop.case_id(&twin.reference).await;
    let of_twin = shop.requests_task(&t, &twin.reference, "bouncy").await;
    let this = shop.case_id(&reference).await;
    let merge = json!({ "caseId": twin_id, "intoId": this, "reason": "r", "sameCustomer": true });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    let given = json!({ "taskId": of_twin, "fileIds": [file], "reason": "r" });
    shop.manager.does("shareWithPartner", given, "task { id }").await;
    assert_eq!(bouncy.fetches(&path).await.0, 200);
    shop.manager.does("unmergeCase", json!({ "caseId": twin_id, "reason": "r" }), "case { id }").await;
    assert_eq!((bouncy.fetches(&path).await.0, fibre.fetches(&path).await.0), (404, 200));
    // The access ends with the task.
    fibre.does("acceptTask", json!({ "taskId": id }), "task { id }").await;
    fibre.does("completeTask", json!({ "taskId": id, "result": "r" }), "task { id }").await;
    assert_eq!(fibre.fetches(&path).await.0, 404);
    assert_eq!(task(fibre, &id, "files { id } customer { emails }").await, json!({ "files": [], "customer": null }));
    assert_eq!(desk.fails("shareWithPartner", share(json!(["NAME"]), json!([]), "r")).await[0].0, "INVALID_TRANSITION");
    // When a report is moved to another case, access to its files ends.
    let back = json!({ "taskId": id, "missing": "m", "dueAt": t.now() + TimeDelta::days(3) });
    desk.does("rejectCompletion", back, "task { id }").await;
    assert_eq!(fibre.fetches(&path).await.0, 200);
    let again = raw.replace("Message-ID: <1@x>", "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>");
    shop.mail(again).await;
    let reports = shop.reads(&reference, "reports { id attachments { id path } }").await["reports"].take();
    let (second, path) = (&reports[1]["attachments"][0]["id"], text(&reports[1]["attachments"][0]["path"]));
    desk.does("shareWithPartner", share(json!([]), json!([second]), "r"), "task { id }").await;
    assert_eq!(fibre.fetches(&path).await.0, 200);
    let to = shop.case_id(&elsewhere.reference).await;
    let moved = json!({ "reportId": reports[1]["id"], "caseId": to, "reason": "r" });
    shop.manager.does("moveReport", moved, "case { id }").await;
    assert_eq!(fibre.fetches(&path).await.0, 404);
}
