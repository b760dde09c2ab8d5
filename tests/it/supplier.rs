//! Suppliers (partners) and their tasks. A supplier never becomes the owner of a case.

use ansvar_tests::people::Shop;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, TestApp, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Requests a task with these additional inputs.
async fn asks(shop: &Shop, t: &TestApp, reference: &str, partner: &str, more: Value) -> String {
    let mut input = json!({
        "caseId": shop.case_id(reference).await,
        "partnerId": shop.partner_id(partner),
        "title": "Look at the line",
        "asked": "Please measure.",
        "dueAt": t.now() + TimeDelta::days(5),
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let owner = shop.owner_of(reference).await;
    text(&shop.staff(&owner).does("requestTask", input, "task { id }").await["task"]["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn three_suppliers_and_a_broadband_that_does_not_work() {
    let t = TestApp::start().await;
    let shop = t.shop().await.with_partner(&t, "modem-house").await;
    let asa = shop.customer("asa", "The broadband has been down for three weeks and everybody blames the others").await;
    let owner = shop.owner_of(&asa.reference).await;
    let desk = shop.staff(&owner);
    let mut customer = Watch::my_case(&t, &asa.client, By::WebSocket, &asa.reference, Some(0)).await;
    let promised = asa.receipt["nextContactDue"].clone();
    let share = json!({ "share": { "fields": ["NAME", "PHONE"], "reason": "To book a visit" } });
    let line = asks(&shop, &t, &asa.reference, "fibre-north", share).await;
    let dug = asks(&shop, &t, &asa.reference, "bouncy", json!({})).await;
    let modem = asks(&shop, &t, &asa.reference, "modem-house", json!({ "updateEveryHours": 24 })).await;
    // Two partners say that they are not responsible, each blaming another one.
    let claim = |cause: &str, text: &str| json!({ "cause": cause, "text": text });
    let no = json!({ "taskId": dug, "reason": "outside our responsibility", "claim": claim("ANOTHER_SUPPLIER", "The line") });
    shop.partner("bouncy").does("declineTask", no, "declinedTaskId").await;
    shop.partner("fibre-north").does("acceptTask", json!({ "taskId": line }), "task { id }").await;
    let eta = t.now() + TimeDelta::days(2);
    let told = json!({
        "taskId": line, "text": "The line is fine. It is the modem.", "eta": eta, "claim": claim("ANOTHER_SUPPLIER", "The modem"),
        "attachments": [{ "name": "../measured.txt", "contentType": "text/plain", "content": STANDARD.encode("-12 dB") }],
    });
    let selection = "task { customer { name phones emails words reason } firstEta updates { id text eta attachments { name path } } statements { cause text } }";
    let update = shop.partner("fibre-north").does("updateTask", told, selection).await["task"].take();
    assert_eq!(
        update["customer"],
        json!({ "name": "asa", "phones": [], "emails": [], "words": null, "reason": "To book a visit" })
    );
    assert_eq!(update["statements"], json!([{ "cause": "ANOTHER_SUPPLIER", "text": "The modem" }]));
    // The owner opens a dispute with a date for the decision.
    let case = shop.case_id(&asa.reference).await;
    let ask = json!({ "caseId": case, "taskIds": [line, dug], "question": "Whose cable?", "decideBy": t.now() + TimeDelta::days(1) });
    let dispute = desk.does("openDispute", ask.clone(), "dispute { id tasks { id partner { name } } }").await;
    assert_eq!(dispute["dispute"]["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(shop.partner("bouncy").fails("openDispute", ask.clone()).await[0].0, "NOT_FOUND");
    let alone =
        json!({ "caseId": case, "taskIds": [line], "question": "Whose?", "decideBy": t.now() + TimeDelta::days(1) });
    assert_eq!(desk.fails("openDispute", alone).await, [("INVALID".into(), "taskIds".into())]);
    // The customer has seen none of this, and the customer's clock continues.
    let heard = serde_json::to_string(&customer.seen(&t).await).unwrap();
    for word in ["responsib", "modem", "line", "fibre", "bouncy", "DISPUTE", "STATEMENT"] {
        assert!(!heard.to_lowercase().contains(&word.to_lowercase()), "{word} in {heard}");
    }
    let now = shop
        .reads(
            &asa.reference,
            "nextContactDue owner { name } statements { cause text by { name } } disputes { status }",
        )
        .await;
    assert_eq!((&now["nextContactDue"], &now["owner"]["name"]), (&promised, &json!(owner)));
    assert_eq!(now["statements"].as_array().unwrap().len(), 2, "both claims stand beside each other");
    assert_eq!(now["disputes"], json!([{ "status": "OPEN" }]));
    // The owner publishes the partner's update to the customer in their own words.
    let publish = json!({ "taskUpdateId": update["updates"][0]["id"], "text": "Your line was measured today. We look at the modem next." });
    let published = desk.does("publishTaskUpdate", publish, "message { text taskUpdate { text } }").await;
    assert_eq!(published["message"]["taskUpdate"]["text"], "The line is fine. It is the modem.");
    let heard = customer.next_event().await;
    assert_eq!(
        heard["message"],
        json!({ "fromCustomer": false, "text": "Your line was measured today. We look at the modem next." })
    );
    // A partner's file can be fetched by this partner and the seller, under a cleaned name.
    let path = text(&update["updates"][0]["attachments"][0]["path"]);
    for (who, client, status) in [
        ("the owner", desk, 200),
        ("the partner", shop.partner("fibre-north"), 200),
        ("another partner", shop.partner("bouncy"), 404),
        ("the customer", &asa.client, 404),
    ] {
        let got = client.http().get(format!("{}{path}", t.base())).bearer_auth(client.bearer.as_ref().unwrap());
        assert_eq!(got.send().await.unwrap().status(), status, "{who}");
    }
    // The third partner caused the fault, and says so itself.
    let modems = shop.partner("modem-house");
    modems.does("acceptTask", json!({ "taskId": modem, "eta": eta }), "task { id }").await;
    let done = json!({ "taskId": modem, "result": "A new modem", "claim": claim("OURS", "A bad batch") });
    modems.does("completeTask", done, "task { status endedAt customer { name } }").await;
    let end = json!({ "disputeId": dispute["dispute"]["id"], "finding": "Neither: the modem", "responsiblePartnerId": shop.partner_id("modem-house") });
    assert_eq!(desk.fails("endDispute", end).await, [("NOT_FOUND".into(), "responsiblePartnerId".into())]);
    let end = json!({ "disputeId": dispute["dispute"]["id"], "finding": "Neither: the modem" });
    let ended = desk.does("endDispute", end.clone(), "dispute { status finding responsible { name } }").await;
    assert_eq!(ended["dispute"], json!({ "status": "DECIDED", "finding": "Neither: the modem", "responsible": null }));
    assert_eq!(desk.fails("endDispute", end).await[0].0, "INVALID_TRANSITION");
    // Closing the case withdraws the tasks that are still open, and their partners get an event.
    desk.does("closeCase", json!({ "caseId": case, "message": "A new modem is in place." }), "case { stage }").await;
    let left = shop.reads(&asa.reference, "tasks { status }").await;
    assert_eq!(left["tasks"], json!([{ "status": "WITHDRAWN" }, { "status": "DECLINED" }, { "status": "DONE" }]));
    customer.seen(&t).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_told_to_the_owner_and_then_to_the_lead_once() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let owner = shop.owner_of(&asa.reference).await;
    let accept_by = t.now() + TimeDelta::hours(4);
    let task =
        asks(&shop, &t, &asa.reference, "fibre-north", json!({ "acceptBy": accept_by, "updateEveryHours": 10 })).await;
    let work = "subscription { workEvents { event { __typename ... on TaskLate { late task { id } } ... on CaseEscalated { why to { name } } } } }";
    let mut watch = Watch::start(shop.staff(&owner), By::Sse, work, json!({})).await;
    t.later(TimeDelta::hours(5));
    let late = watch.next_event().await["event"].take();
    assert_eq!(late, json!({ "__typename": "TaskLate", "late": "NOT_ACCEPTED", "task": { "id": task } }));
    let reminded =
        shop.at(&t).staff(&owner).does("remindTask", json!({ "taskId": task }), "task { reminders status }").await;
    assert_eq!(reminded["task"], json!({ "reminders": 1, "status": "REQUESTED" }));
    assert_eq!(watch.next_event().await["event"]["__typename"], "TaskReminded");
    // The partner accepts the task, and then sends no update.
    let fibre = shop.partner("fibre-north");
    let accepted = fibre.does("acceptTask", json!({ "taskId": task }), "task { updateBy acceptedAt }").await;
    assert_eq!(
        accepted["task"]["updateBy"],
        json!(t.now() + TimeDelta::hours(10)).as_str().unwrap().replace('Z', "+00:00")
    );
    assert_eq!(watch.next_event().await["event"]["__typename"], "TaskAccepted");
    t.later(TimeDelta::hours(11));
    assert_eq!(watch.next_event().await["event"]["late"], "NOT_UPDATED");
    // An update starts the time for the next one anew, and no escalation is raised.
    let shop = shop.at(&t);
    shop.partner("fibre-north").does("updateTask", json!({ "taskId": task, "text": "soon" }), "task { id }").await;
    assert_eq!(watch.next_event().await["event"]["__typename"], "TaskUpdated");
    t.settle().await;
    let read = shop.reads(&asa.reference, "escalations { why }").await;
    assert_eq!(read["escalations"], json!([]), "the owner has it in hand");
    // The due time passes. The owner has got one event for the late acceptance, two for missing updates and one for the
    // late task; after that, escalations are raised to the lead.
    for told in [(4, 0), (4, 2)] {
        t.later_and_settled(TimeDelta::days(6)).await;
        let read = shop.at(&t).reads(&asa.reference, "events { __typename } escalations { why }").await;
        let count = |list: &str, field: &str, name: &str| {
            read[list].as_array().unwrap().iter().filter(|one| one[field] == name).count()
        };
        let counts = (count("events", "__typename", "TaskLate"), count("escalations", "why", "PARTNER_SILENT"));
        assert_eq!(counts, told, "{read}");
    }
    let mut told = Watch::case(&t, shop.at(&t).staff(&owner), By::Sse, (&case, &asa.reference), Some(0)).await;
    let events = told.seen(&t).await;
    let count = |name: &str| events.iter().filter(|event| event["__typename"] == name).count();
    assert_eq!(count("TaskLate"), 4, "not accepted, not told twice, not done: each once");
    assert_eq!(shop.at(&t).owner_of(&asa.reference).await, owner, "nothing moves by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_loses_its_task_loses_the_sight_of_it() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let fibre = shop.partner("fibre-north");
    let from = fibre.asks("{ feedCursor }", json!({})).await["feedCursor"].clone();
    let share = json!({ "share": { "fields": ["NAME", "EMAIL", "WORDS"], "reason": "To call" } });
    let task = asks(&shop, &t, &asa.reference, "fibre-north", share).await;
    fibre.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    let file = json!([{ "name": "a.txt", "content": STANDARD.encode("a") }]);
    let input =
        json!({ "taskId": task, "text": "t", "attachments": file, "claim": { "cause": "SELLER", "text": "c" } });
    let selection = "task { customer { name emails words } statements { id } updates { id attachments { id path } } }";
    let told = fibre.does("updateTask", input, selection).await["task"].take();
    assert_eq!(
        told["customer"],
        json!({ "name": "asa", "emails": ["asa@example.com"], "words": "The broadband is down" })
    );
    let events =
        "subscription($after: String) { taskEvents(after: $after) { kind taskId task { id case { ownerName } } } }";
    let mut watch = Watch::start(fibre, By::WebSocket, events, json!({ "after": from })).await;
    for kind in ["TASK_REQUESTED", "TASK_ACCEPTED", "STATEMENT_GIVEN", "TASK_UPDATED"] {
        let event = watch.next_event().await;
        assert_eq!((&event["kind"], &event["task"]["id"]), (&json!(kind), &json!(task)));
    }
    let owner = shop.owner_of(&asa.reference).await;
    shop.staff(&owner).does("withdrawTask", json!({ "taskId": task }), "task { status }").await;
    assert_eq!(watch.next_event().await, json!({ "kind": "TASK_WITHDRAWN", "taskId": task, "task": null }));
    let ids = [
        &json!(task),
        &told["statements"][0]["id"],
        &told["updates"][0]["id"],
        &told["updates"][0]["attachments"][0]["id"],
    ];
    let nodes =
        fibre.asks("query($ids: [ID!]!) { nodes(ids: $ids) { id } tasks { totalCount } }", json!({ "ids": ids })).await;
    assert_eq!(nodes, json!({ "nodes": [null, null, null, null], "tasks": { "totalCount": 0 } }));
    let path = text(&told["updates"][0]["attachments"][0]["path"]);
    let got = fibre.http().get(format!("{}{path}", t.base())).bearer_auth(fibre.bearer.as_ref().unwrap());
    assert_eq!(got.send().await.unwrap().status(), 404);
    assert_eq!(fibre.fails("updateTask", json!({ "taskId": task, "text": "t" })).await[0].0, "NOT_FOUND");
    // When the log is read again from the start, the events name the task but show nothing of it.
    let mut again = Watch::start(fibre, By::Sse, events, json!({ "after": from })).await;
    for _ in 0..5 {
        assert_eq!(again.next_event().await["task"], Value::Null);
    }
    // The seller still sees all of it.
    let kept = shop
        .reads(
            &asa.reference,
            "tasks { status updates { text attachments { name } } statements { text } customer { name } }",
        )
        .await;
    assert_eq!(kept["tasks"][0]["updates"][0]["attachments"][0]["name"], "a.txt");
    assert_eq!(kept["tasks"][0]["customer"], Value::Null, "nothing is shared when it is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_answers_at_once_with_three_bad_ones() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let fibre = shop.partner("fibre-north");
    let mut items = Vec::new();
    for _ in 0..4 {
        let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
        items.push(json!({ "taskId": task, "answer": "ACCEPT" }));
        items.push(json!({ "taskId": task, "answer": "UPDATE", "text": "on it" }));
    }
    let lost = shop.requests_task(&t, &asa.reference, "bouncy").await;
    items.insert(1, json!({ "taskId": lost, "answer": "ACCEPT" }));
    items.insert(4, json!({ "taskId": items[0]["taskId"], "answer": "COMPLETE", "text": " " }));
    items.push(json!({ "taskId": items[0]["taskId"], "answer": "UPDATE", "text": "old", "expectedVersion": 1 }));
    items.push(json!({ "taskId": items[0]["taskId"], "answer": "DECLINE", "text": "not ours after all" }));
    let input = json!({ "items": items, "idempotencyKey": "batch" });
    let selection = "results { taskId task { status version } userErrors { code field } }";
    let done = fibre.does("updateTasks", input.clone(), selection).await["results"].take();
    let states: Vec<_> =
        done.as_array().unwrap().iter().map(|one| one["task"]["status"].as_str().unwrap_or("-")).collect();
    assert_eq!(
        states,
        [
            "ACCEPTED",
            "-",
            "IN_PROGRESS",
            "ACCEPTED",
            "-",
            "IN_PROGRESS",
            "ACCEPTED",
            "IN_PROGRESS",
            "ACCEPTED",
            "IN_PROGRESS",
            "-",
            "-"
        ]
    );
    let errors: Vec<_> =
        done.as_array().unwrap().iter().map(|one| one["userErrors"][0]["code"].as_str().unwrap_or("-")).collect();
    assert_eq!(errors, ["-", "NOT_FOUND", "-", "-", "REQUIRED", "-", "-", "-", "-", "-", "VERSION_CONFLICT", "-"]);
    let before = shop.reads(&asa.reference, "version").await;
    let again = fibre.does("updateTasks", input, selection).await["results"].take();
    assert_eq!(shop.reads(&asa.reference, "version").await, before, "repeated, nothing happens again");
    assert_eq!(again[9]["userErrors"], json!([]));
    let many: Vec<_> = (0..101).map(|_| json!({ "taskId": lost, "answer": "ACCEPT" })).collect();
    assert_eq!(fibre.fails("updateTasks", json!({ "items": many })).await, [("TOO_LONG".into(), "items".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_partner_received_first_the_seller_received() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let got = t.now() - TimeDelta::days(3);
    let input = json!({
        "externalId": "FN-17", "receivedAt": got, "words": "My broadband has been dead since Monday", "name": "Åsa", "email": "asa@example.com",
    });
    let selection = "receipt { disposition reference ownerName }";
    let fibre = shop.partner("fibre-north");
    let twins = (0..8).map(|_| fibre.does("forwardComplaint", input.clone(), selection));
    let made = futures_util::future::join_all(twins).await;
    let created: Vec<_> = made.iter().filter(|one| one["receipt"]["disposition"] == "CREATED_CASE").collect();
    assert_eq!(created.len(), 1, "once");
    let reference = text(&created[0]["receipt"]["reference"]);
    let case = shop.reads(&reference, "channel receivedAt nextContactDue owner { name } partners { name } reports { receivedAt recordedAt ... on PartnerReport { externalId partner { name } } }").await;
    let time = |at: chrono::DateTime<chrono::Utc>| json!(at.to_rfc3339());
    assert_eq!((&case["channel"], &case["receivedAt"]), (&json!("PARTNER"), &time(got)));
    assert_eq!(case["nextContactDue"], time(got + TimeDelta::hours(24)), "counted from then, too late already");
    assert_eq!(case["reports"][0]["externalId"], "FN-17");
    // The first contact is two days late already, so an escalation is raised at once.
    t.settle().await;
    let escalations = shop.reads(&reference, "escalations { why }").await["escalations"].take();
    assert!(escalations.as_array().unwrap().iter().any(|one| one["why"] == "NOT_ACKNOWLEDGED"), "{escalations}");
    // The partner has no task, so it sees nothing of the case.
    assert_eq!(fibre.asks("{ tasks { totalCount } }", json!({})).await["tasks"]["totalCount"], 0);
    let mut other = input.clone();
    other["words"] = json!("Something else");
    assert_eq!(fibre.fails("forwardComplaint", other).await[0].0, "KEY_REUSED");
    let bouncy = shop.partner("bouncy").does("forwardComplaint", input.clone(), selection).await;
    assert_eq!(bouncy["receipt"]["disposition"], "CREATED_CASE", "numbers are a partner's own");
    let mut early = input.clone();
    early["receivedAt"] = json!(t.now() + TimeDelta::hours(1));
    early["email"] = Value::Null;
    assert_eq!(fibre.fails("forwardComplaint", early).await.len(), 2);
    assert_eq!(shop.staff("anna").fails("forwardComplaint", input).await[0].0, "FORBIDDEN");
}

async fn performance(client: &Client, partner: &str) -> Value {
    let counts = "asked declined acceptedInTime { kept of } updatedInTime { kept of } doneInTime { kept of } etasKept { kept of }";
    let document = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on Partner {{ performance {{ total {{ {counts} }} byCategory {{ category counts {{ asked }} }} }} }} }} }}"
    );
    client.asks(&document, json!({ "id": partner })).await["node"]["performance"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_partner_sees_how_it_keeps_its_own_times() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop
        .filed(json!({ "idempotencyKey": "k", "email": "a@example.com", "text": "broadband", "category": "line" }))
        .await;
    let ask = async |hours: i64| {
        let due = json!({ "dueAt": t.now() + TimeDelta::hours(hours), "updateEveryHours": 2 });
        asks(&shop, &t, &asa.reference, "fibre-north", due).await
    };
    let (kept, slow, refused, waiting) = (ask(10).await, ask(5).await, ask(5).await, ask(20).await);
    let fibre = shop.partner("fibre-north");
    let eta = json!(t.now() + TimeDelta::hours(2));
    for task in [&kept, &slow] {
        fibre.does("acceptTask", json!({ "taskId": task, "eta": eta }), "task { id }").await;
    }
    fibre.does("declineTask", json!({ "taskId": refused, "reason": "not ours" }), "declinedTaskId").await;
    t.later(TimeDelta::hours(1));
    fibre.does("completeTask", json!({ "taskId": kept, "result": "done" }), "task { id }").await;
    // For the other task the partner gives a later time, sends no update, and is late.
    let moved = json!({ "taskId": slow, "text": "later", "eta": t.now() + TimeDelta::hours(3) });
    fibre.does("updateTask", moved, "task { firstEta eta }").await;
    t.later_and_settled(TimeDelta::hours(6)).await;
    let late = shop.reads(&asa.reference, "events { __typename }").await["events"].take();
    let late = late.as_array().unwrap().iter().filter(|event| event["__typename"] == "TaskLate").count();
    assert_eq!(late, 2, "it is told as late twice: not told, not done");
    fibre.does("completeTask", json!({ "taskId": slow, "result": "done" }), "task { id }").await;
    let seen = performance(fibre, shop.partner_id("fibre-north")).await;
    let of = |kept: i32, of: i32| json!({ "kept": kept, "of": of });
    assert_eq!(
        seen["total"],
        json!({ "asked": 4, "declined": 1, "acceptedInTime": of(3, 3), "updatedInTime": of(1, 2), "doneInTime": of(1, 2), "etasKept": of(1, 2) })
    );
    assert_eq!(seen["byCategory"], json!([{ "category": "line", "counts": { "asked": 4 } }]));
    assert_eq!(
        performance(shop.staff("bo"), shop.partner_id("fibre-north")).await,
        seen,
        "the seller's staff see the same"
    );
    let other = shop
        .partner("bouncy")
        .asks("query($id: ID!) { node(id: $id) { id } }", json!({ "id": shop.partner_id("fibre-north") }))
        .await;
    assert_eq!(other["node"], Value::Null, "and no other partner");
    shop.manager.does("withdrawTask", json!({ "taskId": waiting }), "task { id }").await;
    assert_eq!(
        performance(fibre, shop.partner_id("fibre-north")).await["total"]["asked"],
        3,
        "what was taken back counts nowhere"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_nobody_decides_is_told_upwards_and_ends_with_its_case() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let (line, dug) = (
        shop.requests_task(&t, &asa.reference, "fibre-north").await,
        shop.requests_task(&t, &asa.reference, "bouncy").await,
    );
    let due = asa.receipt["nextContactDue"].clone();
    let by = t.now() + TimeDelta::hours(2);
    let ask = json!({ "caseId": case, "taskIds": [line, dug], "question": "Whose cable?", "decideBy": by });
    shop.manager.does("openDispute", ask, "dispute { id }").await;
    t.later_and_settled(TimeDelta::hours(3)).await;
    let told = shop.reads(&asa.reference, "escalations { why }").await["escalations"].take();
    assert!(told.as_array().unwrap().iter().any(|one| one["why"] == "DISPUTE_UNDECIDED"), "the lead is told: {told}");
    assert_eq!(
        shop.reads(&asa.reference, "nextContactDue").await["nextContactDue"],
        due,
        "the customer's clock goes on"
    );
    shop.manager.does("closeCase", json!({ "caseId": case, "message": "Mended." }), "case { id }").await;
    let over = shop.reads(&asa.reference, "disputes { status finding endedAt } tasks { status }").await;
    assert_eq!(over["disputes"][0]["status"], "DROPPED");
    assert_eq!(over["tasks"], json!([{ "status": "WITHDRAWN" }, { "status": "WITHDRAWN" }]));
}
