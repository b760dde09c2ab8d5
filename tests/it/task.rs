//! Partners' tasks.

use ansvar_tests::TestApp;
use ansvar_tests::watch::{By, Watch};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_says_not_ours_and_the_owner_still_answers() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband has been down for three weeks").await;
    let owner = shop.owner_of(&asa.reference).await;
    let case = shop.case_id(&asa.reference).await;
    let mut customer = Watch::my_case(&t, &asa.client, By::WebSocket, &asa.reference, Some(0)).await;
    let mut staff = Watch::case(&t, shop.staff("bo"), By::Sse, (&case, &asa.reference), Some(0)).await;

    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let excuse = "outside our responsibility";
    let declined = shop
        .partner("fibre-north")
        .does("declineTask", json!({ "taskId": task, "reason": excuse }), "declinedTaskId")
        .await;
    assert_eq!(declined["declinedTaskId"], task.as_str());

    assert_eq!(shop.owner_of(&asa.reference).await, owner);
    let told = serde_json::to_string(&customer.seen(&t).await).unwrap();
    assert!(told.contains("STAGE_CHANGED") && !told.contains("responsib") && !told.contains("fibre"), "{told}");
    let kinds: Vec<_> =
        staff.seen(&t).await.iter().map(|event| event["__typename"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["CaseOpened", "MessageAdded", "TaskRequested", "StageChanged", "TaskDeclined"]);
    let tasks = shop.reads(&asa.reference, "stage tasks { status declineReason partner { name } }").await;
    assert_eq!(
        tasks["tasks"][0],
        json!({ "status": "DECLINED", "declineReason": excuse, "partner": { "name": "fibre-north" } })
    );
    assert_eq!(tasks["stage"], "INVESTIGATING");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_accepts_updates_and_completes_and_hears_only_of_its_own() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let task_events = "subscription($after: String) { taskEvents(after: $after) { cursor kind task { id status title eta case { reference subject ownerName } updates { text by { kind name } } } } }";
    let seed = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let from =
        async |name: &str| json!({ "after": shop.partner(name).asks("{ feedCursor }", json!({})).await["feedCursor"] });
    let mut fibre = Watch::start(shop.partner("fibre-north"), By::Sse, task_events, from("fibre-north").await).await;
    let mut bouncy = Watch::start(shop.partner("bouncy"), By::Sse, task_events, from("bouncy").await).await;
    let eta = t.now() + chrono::TimeDelta::days(1);
    let accepted = shop
        .partner("fibre-north")
        .does(
            "acceptTask",
            json!({ "taskId": seed, "eta": eta }),
            "task { status viewerCan { accept update complete decline withdraw } }",
        )
        .await;
    assert_eq!(
        accepted["task"],
        json!({ "status": "ACCEPTED", "viewerCan": { "accept": false, "update": true, "complete": true, "decline": true, "withdraw": false } })
    );
    let first = fibre.next_event().await;
    assert_eq!((&first["kind"], &first["task"]["status"]), (&json!("TASK_ACCEPTED"), &json!("ACCEPTED")));
    assert_eq!(first["task"]["case"], json!({ "reference": asa.reference, "subject": null, "ownerName": "anna" }));
    shop.partner("fibre-north")
        .does("updateTask", json!({ "taskId": seed, "text": "A van is on its way" }), "task { status eta }")
        .await;
    shop.partner("fibre-north")
        .does("completeTask", json!({ "taskId": seed, "result": "Splice mended" }), "task { status result }")
        .await;
    let own = shop.requests_task(&t, &asa.reference, "bouncy").await;
    let kinds = [fibre.next_event().await["kind"].clone(), fibre.next_event().await["kind"].clone()];
    assert_eq!(kinds, ["TASK_UPDATED", "TASK_COMPLETED"]);
    let only = bouncy.next_event().await;
    assert_eq!((&only["kind"], &only["task"]["id"]), (&json!("TASK_REQUESTED"), &json!(own)));

    // A subscription that resumes after the first event gets the others once and in order.
    let mut again =
        Watch::start(shop.partner("fibre-north"), By::WebSocket, task_events, json!({ "after": first["cursor"] }))
            .await;
    assert_eq!(again.next_event().await["kind"], "TASK_UPDATED");
    assert_eq!(again.next_event().await["kind"], "TASK_COMPLETED");
    let borrowed = shop.partner("bouncy").post(task_events, json!({})).await;
    assert_eq!(borrowed.0, 406, "a subscription needs a stream");
    let mut refused =
        Watch::start(shop.partner("bouncy"), By::WebSocket, task_events, json!({ "after": first["cursor"] })).await;
    assert_eq!(refused.next().await["errors"][0]["extensions"]["code"], "INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn illegal_moves_name_the_legal_ones() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let partner = shop.partner("fibre-north");
    let early = partner.tries("completeTask", json!({ "taskId": task, "result": "done" }), "").await;
    assert_eq!(early["userErrors"][0]["code"], "INVALID_TRANSITION");
    assert!(
        early["userErrors"][0]["message"]
            .as_str()
            .unwrap()
            .ends_with("Open now: acceptTask, declineTask, assignTask, writeToTask.")
    );
    assert_eq!(partner.fails("declineTask", json!({ "taskId": task, "reason": " " })).await[0].0, "REQUIRED");
    assert_eq!(
        partner.fails("acceptTask", json!({ "taskId": task, "eta": "2026-11-01T00:00:00Z" })).await[0],
        ("INVALID".into(), "eta".into())
    );
    shop.staff("anna").does("withdrawTask", json!({ "taskId": task }), "task { status }").await;
    assert_eq!(partner.fails("acceptTask", json!({ "taskId": task })).await[0].0, "NOT_FOUND", "it is theirs no more");
    // The owner and the partner act at the same moment. One of them is first, and the task shows which.
    let racing = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let (accepted, withdrawn) = tokio::join!(
        partner.tries("acceptTask", json!({ "taskId": racing }), "task { status }"),
        shop.staff("anna").tries("withdrawTask", json!({ "taskId": racing }), "task { status }")
    );
    assert_eq!(withdrawn["task"]["status"], "WITHDRAWN", "withdrawing is open before and after accepting");
    assert!(accepted["userErrors"] == json!([]) || accepted["userErrors"][0]["code"] == "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_asked_sensibly_or_not_at_all() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let ask = |partner: &str, due: &str| json!({ "caseId": case, "partnerId": partner, "title": "t", "asked": "a", "dueAt": due });
    let fails = async |input| shop.staff("anna").fails("requestTask", input).await;
    let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(fails(ask(other.partner_id("bouncy"), "2026-11-05T00:00:00Z")).await, [pair("NOT_FOUND", "partnerId")]);
    assert_eq!(fails(ask(shop.partner_id("bouncy"), "2026-11-01T00:00:00Z")).await, [pair("INVALID", "dueAt")]);
    assert_eq!(fails(ask(shop.partner_id("bouncy"), "2126-11-01T00:00:00Z")).await, [pair("INVALID", "dueAt")]);
    shop.admin
        .does("updatePartner", json!({ "partnerId": shop.partner_id("bouncy"), "active": false }), "partner { active }")
        .await;
    assert_eq!(fails(ask(shop.partner_id("bouncy"), "2026-11-05T00:00:00Z")).await, [pair("NOT_FOUND", "partnerId")]);
    assert_eq!(shop.partner("bouncy").post("{ tasks { totalCount } }", json!({})).await.0, 401);
    shop.staff("anna").does("closeCase", json!({ "caseId": case, "message": "m" }), "case { id }").await;
    assert_eq!(
        fails(ask(shop.partner_id("fibre-north"), "2026-11-05T00:00:00Z")).await,
        [pair("INVALID_TRANSITION", "caseId")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_lists_its_own_tasks_and_reads_nothing_else() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let karin = shop.customer("karin", "The broadband is slow").await;
    let own = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let theirs = shop.requests_task(&t, &karin.reference, "bouncy").await;
    let fibre = shop.partner("fibre-north");
    let listed = fibre.asks("{ tasks { totalCount nodes { id case { caseId } } } }", json!({})).await;
    assert_eq!((&listed["tasks"]["totalCount"], &listed["tasks"]["nodes"][0]["id"]), (&json!(1), &json!(own)));
    let filtered = fibre
        .asks(
            "query($p: ID!) { tasks(filter: { partnerId: $p }) { totalCount } }",
            json!({ "p": shop.partner_id("bouncy") }),
        )
        .await;
    assert_eq!(filtered["tasks"]["totalCount"], 0);
    let (mine, other) = (shop.case_id(&asa.reference).await, shop.case_id(&karin.reference).await);
    let nodes = fibre
        .asks("query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }", json!({ "ids": [mine, other, own, theirs, shop.partner_id("fibre-north"), shop.partner_id("bouncy"), shop.id, shop.id_of("anna")] }))
        .await;
    let kinds: Vec<_> = nodes["nodes"].as_array().unwrap().iter().map(|node| node["__typename"].as_str()).collect();
    assert_eq!(kinds, [None, None, Some("CaseTask"), None, Some("Partner"), None, None, None]);
    assert_eq!(
        fibre.asks("query($id: ID!) { case(by: { id: $id }) { id } }", json!({ "id": mine })).await,
        json!({ "case": null })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_when_a_case_ends_is_taken_back_and_a_repeated_request_does_not_show_it_again() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (asa, twin) = (shop.customer("asa", "broadband").await, shop.customer("eva", "broadband too").await);
    let task = shop.requests_task(&t, &twin.reference, "fibre-north").await;
    let fibre = shop.partner("fibre-north");
    let accept = json!({ "taskId": task, "idempotencyKey": "k" });
    fibre.does("acceptTask", accept.clone(), "task { id case { ownerName } }").await;
    let (from, into) = (shop.case_id(&twin.reference).await, shop.case_id(&asa.reference).await);
    let merge = json!({ "caseId": from, "intoId": into, "reason": "one fault", "sameCustomer": true });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    assert_eq!(shop.reads(&twin.reference, "tasks { status }").await["tasks"][0]["status"], "ACCEPTED", "it goes on");
    assert_eq!(fibre.does("acceptTask", accept.clone(), "task { status }").await["task"]["status"], "ACCEPTED");
    shop.manager.does("closeCase", json!({ "caseId": into, "message": "Mended." }), "case { stage }").await;
    assert_eq!(shop.reads(&twin.reference, "tasks { status }").await["tasks"][0]["status"], "WITHDRAWN");
    assert_eq!(fibre.fails("acceptTask", accept).await, [("NOT_FOUND".into(), "taskId".into())]);
}
