//! Subscriptions: each viewer gets their own events exactly once and in order, until the credential ends.

use std::sync::atomic::{AtomicBool, Ordering};

use ansvar_tests::TestApp;
use ansvar_tests::watch::{By, PATIENCE, Watch, greeted, hear, say};
use chrono::TimeDelta;
use entity::id::{CaseId, StaffId};
use entity::{event, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

async fn resumes(by: By) {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let write = async |number: usize| {
        shop.staff("anna")
            .does("addNote", json!({ "caseId": case, "text": format!("note {number}") }), "message { id }")
            .await
    };
    let mut seen = Vec::new();
    let mut watch = Watch::case(&t, shop.staff("bo"), by, (&case, &asa.reference), Some(0)).await;
    for round in 0..6_usize {
        let notes = futures_util::future::join_all((0..20).map(|number| write(round * 20 + number)));
        let half = async {
            let up_to = i64::try_from(2 + round * 20 + 10).unwrap();
            watch.up_to(up_to).await.iter().map(|event| event["seq"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        let (_, got) = tokio::join!(notes, half);
        seen.extend(got);
        // The connection is lost, and the client resumes with its cursor.
        watch.cut();
        watch = Watch::case(&t, shop.staff("bo"), by, (&case, &asa.reference), seen.last().copied()).await;
    }
    seen.extend(watch.seen(&t).await.iter().map(|event| event["seq"].as_i64().unwrap()));
    assert_eq!(seen, (1..=122).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_that_is_cut_again_and_again_misses_nothing_and_gets_nothing_twice() {
    resumes(By::WebSocket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stream_that_is_cut_again_and_again_misses_nothing_and_gets_nothing_twice() {
    resumes(By::Sse).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_writes_arrives_too() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let mut watch = Watch::case(&t, shop.staff("bo"), By::WebSocket, (&case, &asa.reference), Some(2)).await;
    let other = t.second_node().await;
    let anna = ansvar_tests::Client::new(&format!("http://{}", other.address), shop.staff("anna").bearer.as_deref());
    anna.does("addNote", json!({ "caseId": case, "text": "from the other node" }), "message { id }").await;
    assert_eq!(watch.next_event().await["seq"], 3);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_watchers_of_one_case_all_see_the_same() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let watch = |number: usize| {
        let by = if number.is_multiple_of(2) { By::WebSocket } else { By::Sse };
        Watch::case(&t, shop.staff("bo"), by, (&case, &asa.reference), Some(0))
    };
    let mut watches = Vec::new();
    for number in 0..30 {
        watches.push(watch(number).await);
    }
    for number in 0..10 {
        shop.staff("anna")
            .does("addNote", json!({ "caseId": case, "text": number.to_string() }), "message { id }")
            .await;
    }
    for watch in &mut watches {
        let seqs: Vec<_> = watch.seen(&t).await.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (1..=12).collect::<Vec<i64>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_subscribe() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let on_case = "subscription($id: ID!) { caseEvents(caseId: $id) { seq } }";
    let anybody = t.anybody();
    for (who, client, document, code) in [
        ("another seller's manager", &other.manager, on_case, "NOT_FOUND"),
        ("the partner with a task", shop.partner("fibre-north"), on_case, "NOT_FOUND"),
        ("the customer", &asa.client, on_case, "NOT_FOUND"),
        ("the form", &shop.widget, on_case, "NOT_FOUND"),
        ("the gateway", &shop.gateway, on_case, "NOT_FOUND"),
        ("nobody", &anybody, on_case, "UNAUTHENTICATED"),
        ("staff", shop.staff("anna"), "subscription { myCaseEvents { seq } }", "FORBIDDEN"),
        ("staff", shop.staff("anna"), "subscription { taskEvents { cursor } }", "FORBIDDEN"),
        ("a partner", shop.partner("bouncy"), "subscription { workEvents { cursor } }", "FORBIDDEN"),
        ("the customer", &asa.client, "subscription { workEvents { cursor } }", "FORBIDDEN"),
    ] {
        for by in [By::WebSocket, By::Sse] {
            let variables = if document == on_case { json!({ "id": case }) } else { json!({}) };
            let mut watch = Watch::start(client, by, document, variables).await;
            assert_eq!(watch.next().await["errors"][0]["extensions"]["code"], code, "{who}: {document}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_from_nowhere_is_told_to_start_anew() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    for (after, code) in [(3, "RESYNC_REQUIRED"), (-1, "INVALID")] {
        let document = "subscription($after: Int) { myCaseEvents(after: $after) { seq } }";
        let mut watch = Watch::start(&asa.client, By::WebSocket, document, json!({ "after": after })).await;
        assert_eq!(watch.next().await["errors"][0]["extensions"]["code"], code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_ends_its_subscriptions() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let brief = t.token_for(shop.id_of("bo"), TimeDelta::minutes(5));
    let bo = shop.staff("bo").showing(&brief);
    let document = "subscription($id: ID!) { caseEvents(caseId: $id, after: 0) { seq } }";
    let mut socket = Watch::start(&bo, By::WebSocket, document, json!({ "id": case })).await;
    let mut stream = Watch::start(&bo, By::Sse, document, json!({ "id": case })).await;
    for watch in [&mut socket, &mut stream] {
        assert_eq!(watch.up_to(2).await.len(), 2);
    }
    t.later(TimeDelta::minutes(5));
    let said = socket.ends().await;
    let closed = said.last().unwrap();
    assert!(closed["closed"] == 4401 || closed["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", "{said:?}");
    let said = stream.ends().await;
    assert_eq!(said.last().unwrap()["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_access_ends_is_told_at_once_although_nothing_happens() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let task = shop.requests_task(&t, &asa.reference, "bouncy").await;
    let document = "subscription($id: ID!) { caseEvents(caseId: $id, after: 0) { seq } }";
    let other = t.second_node().await;
    let bo = shop.staff("bo");
    let mut here = Watch::start(bo, By::WebSocket, document, json!({ "id": case })).await;
    let mut there =
        Watch::start(&bo.at(&format!("http://{}", other.address)), By::Sse, document, json!({ "id": case })).await;
    let mut partner =
        Watch::start(shop.partner("bouncy"), By::Sse, "subscription { taskEvents { cursor } }", json!({})).await;
    here.up_to(4).await;
    there.up_to(4).await;
    shop.admin
        .does("deactivateStaff", json!({ "staffId": shop.id_of("bo") }), "deactivation { casesHandedOver }")
        .await;
    let end = json!({ "partnerId": shop.partner_id("bouncy"), "active": false });
    shop.admin.does("updatePartner", end, "partner { active }").await;
    for watch in [&mut here, &mut there, &mut partner] {
        assert_eq!(watch.next().await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    shop.staff("anna").does("withdrawTask", json!({ "taskId": task }), "task { status }").await;
    // Restored access starts with new events only.
    let back = json!({ "partnerId": shop.partner_id("bouncy"), "active": true });
    shop.admin.does("updatePartner", back, "partner { active }").await;
    let tasks = shop.partner("bouncy").asks("{ tasks { totalCount } }", json!({})).await;
    assert_eq!(tasks["tasks"]["totalCount"], 0, "what was taken back is theirs no more");
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_ends_at_one_exact_event() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let document = "subscription($id: ID!) { caseEvents(caseId: $id, after: 0) { seq } }";
    for name in ["bo", "dag"] {
        let mut watches = Vec::new();
        for by in [By::WebSocket, By::Sse, By::WebSocket] {
            watches.push(Watch::start(shop.staff(name), by, document, json!({ "id": case })).await);
        }
        // Four people add notes without end, and meanwhile one person's access ends.
        let ended = AtomicBool::new(false);
        let hand = async |hand: usize| {
            let mut after = 0;
            for number in 0.. {
                let text = format!("{name} {hand} {number}");
                shop.staff("anna").does("addNote", json!({ "caseId": case, "text": text }), "message { id }").await;
                after += usize::from(ended.load(Ordering::Relaxed));
                if after == 5 {
                    return;
                }
            }
        };
        let end = async {
            watches[0].up_to(shop.reads(&asa.reference, "version").await["version"].as_i64().unwrap() + 20).await;
            let input = json!({ "staffId": shop.id_of(name) });
            shop.admin.does("deactivateStaff", input, "deactivation { casesHandedOver }").await;
            ended.store(true, Ordering::Relaxed);
        };
        tokio::join!(hand(0), hand(1), hand(2), hand(3), end);
        let last = last_before_the_end(&t, shop.id_of(name), &case).await;
        let total = shop.reads(&asa.reference, "version").await["version"].as_i64().unwrap();
        assert!(last + 10 < total, "it ended in the middle: {last} of {total}");
        for watch in &mut watches[1..] {
            let mut seen = Vec::new();
            loop {
                let next = watch.next().await;
                match next["data"]["caseEvents"]["seq"].as_i64() {
                    Some(seq) => seen.push(seq),
                    None => break assert_eq!(next["errors"][0]["extensions"]["code"], "UNAUTHENTICATED"),
                }
            }
            assert_eq!(seen, (1..=last).collect::<Vec<_>>(), "of {total}");
        }
    }
}

/// The number of a case's last event before this person's access ended.
async fn last_before_the_end(t: &TestApp, staff: &str, case: &str) -> i64 {
    let db = t.inside().reader().db();
    let person = staff::Entity::find_by_id(staff.parse::<StaffId>().unwrap()).one(db).await.unwrap().unwrap();
    let told = event::Entity::find()
        .filter(event::Column::CaseId.eq(case.parse::<CaseId>().unwrap()))
        .filter(event::Column::FeedSeq.lte(person.ended_seq.expect("access has ended")));
    told.order_by_desc(event::Column::Seq).one(db).await.unwrap().unwrap().seq
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_says_goodbye_and_the_client_goes_on_where_it_was() {
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let document = "subscription($after: Int) { myCaseEvents(after: $after) { seq } }";
    let mut socket = Watch::start(&asa.client, By::WebSocket, document, json!({ "after": 0 })).await;
    let mut stream = Watch::start(&asa.client, By::Sse, document, json!({ "after": 0 })).await;
    socket.up_to(2).await;
    stream.up_to(2).await;
    tokio::time::timeout(PATIENCE, t.restart()).await.expect("it stops while clients listen");
    assert_eq!(socket.ends().await.last().unwrap()["closed"], 1012);
    assert_eq!(stream.ends().await, Vec::<serde_json::Value>::new());
    let client = ansvar_tests::Client::new(&t.base(), asa.client.bearer.as_deref());
    client.does("addCustomerMessage", json!({ "text": "Still there?" }), "message { id }").await;
    let mut socket = Watch::start(&client, By::WebSocket, document, json!({ "after": 2 })).await;
    assert_eq!(socket.next_event().await["seq"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_on_its_socket_and_its_subscriptions_go_on() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let anna = shop.id_of("anna").to_owned();
    let token = |minutes| t.token_for(&anna, TimeDelta::minutes(minutes));
    let follow =
        json!({ "query": "subscription($id: ID!) { caseEvents(caseId: $id) { seq } }", "variables": { "id": case } });
    let mut socket = greeted(&t.base(), &token(10)).await;
    say(&mut socket, &json!({ "type": "subscribe", "id": "1", "payload": follow })).await;
    say(&mut socket, &json!({ "type": "ping" })).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "pong" }));

    t.later(TimeDelta::minutes(9));
    say(&mut socket, &json!({ "type": "ping", "payload": { "authorization": format!("Bearer {}", token(10)) } })).await;
    let renewed = hear(&mut socket).await;
    assert_eq!(renewed["type"], "pong", "{renewed}");
    assert!(
        renewed["payload"]["expiresAt"].is_string() && renewed["payload"].get("authorization").is_none(),
        "{renewed}"
    );
    t.later(TimeDelta::minutes(2));
    let fresh = t.holder_of(&anna);
    fresh.does("addNote", json!({ "caseId": case, "text": "after the first token's end" }), "message { id }").await;
    assert_eq!(hear(&mut socket).await["payload"]["data"]["caseEvents"]["seq"], 3);
    // The later token expires, too.
    t.later(TimeDelta::minutes(9));
    loop {
        let last = hear(&mut socket).await;
        if last["type"] == "error" || last["type"] == "next" {
            assert_eq!(
                last["payload"][0]["extensions"]["code"].as_str().unwrap_or("UNAUTHENTICATED"),
                "UNAUTHENTICATED",
                "{last}"
            );
            continue;
        }
        if last["type"] == "complete" {
            continue;
        }
        assert_eq!(last, json!({ "closed": 4401 }));
        break;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_cannot_be_handed_to_somebody_else() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    for (payload, code) in
        [(format!("Bearer {}", t.token(shop.id_of("bo"))), 4401), ("Bearer nonsense".to_owned(), 4401)]
    {
        let mut socket = greeted(&t.base(), &t.token(shop.id_of("anna"))).await;
        say(&mut socket, &json!({ "type": "ping", "payload": { "authorization": payload } })).await;
        assert_eq!(hear(&mut socket).await, json!({ "closed": code }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_another_role_has_it_on_an_open_socket_too() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let role = async |role: &str| {
        let input = json!({ "staffId": shop.id_of("maria"), "role": role });
        shop.admin.does("updateStaff", input, "staff { role }").await;
    };
    role("PLATFORM_ADMINISTRATOR").await;
    let mut socket = greeted(&t.base(), shop.manager.bearer.as_ref().unwrap()).await;
    let all = json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ sellers { id } }" } });
    let follow = json!({ "type": "subscribe", "id": "2", "payload": { "query": "subscription { workEvents(scope: SELLER) { cursor } }" } });
    say(&mut socket, &all).await;
    assert_eq!(hear(&mut socket).await["payload"]["data"]["sellers"].as_array().unwrap().len(), 2);
    assert_eq!(hear(&mut socket).await["type"], "complete");
    say(&mut socket, &follow).await;
    role("OWNER").await;
    // The subscription that was started as an administrator ends at the next event, or before.
    shop.customer("asa", "broadband").await;
    say(&mut socket, &all).await;
    let (mut read, mut ended) = (json!(null), json!(null));
    while read.is_null() || ended.is_null() {
        let message = hear(&mut socket).await;
        match (message["id"].as_str(), message["type"].as_str()) {
            (Some("1"), Some("next")) => read = message["payload"]["data"]["sellers"].clone(),
            (Some("2"), Some("next")) => ended = message["payload"]["errors"][0]["extensions"]["code"].clone(),
            _ => {}
        }
    }
    assert_eq!((read, ended), (json!([{ "id": shop.id }]), json!("RESYNC_REQUIRED")), "not {}", other.id);
}
