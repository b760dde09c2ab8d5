//! Webhooks of partners: signed, without content, in order per task, retried until they are received.

use ansvar_tests::people::Shop;
use ansvar_tests::receiver::Receiver;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{TestApp, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

pub struct Told {
    pub receiver: Receiver,
    pub hook: String,
    secret: String,
}

/// A partner with a webhook endpoint.
pub async fn listening(shop: &Shop, partner: &str) -> Told {
    let receiver = Receiver::start().await;
    let input = json!({ "partnerId": shop.partner_id(partner), "url": receiver.url });
    let made = shop
        .partner(partner)
        .does("createWebhookEndpoint", input, "newSecret { secret webhookEndpoint { id active } }")
        .await;
    let hook = text(&made["newSecret"]["webhookEndpoint"]["id"]);
    Told { receiver, hook, secret: text(&made["newSecret"]["secret"]) }
}

pub async fn endpoint(shop: &Shop, partner: &str, hook: &str) -> Value {
    let selection = "active disabledBecause failingSince previousSecretUntil deliveries(first: 100) { nodes { id kind status attempts { status error } } }";
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on WebhookEndpoint {{ {selection} }} }} }}");
    shop.partner(partner).asks(&document, json!({ "id": hook })).await["node"].take()
}

/// Checks that this many attempts are recorded once everything that is due was tried.
async fn noted(t: &TestApp, shop: &Shop, told: &Told, count: usize) {
    t.settle().await;
    let log = endpoint(&shop.at(t), "fibre-north", &told.hook).await["deliveries"]["nodes"].take();
    let attempts = log.as_array().unwrap().iter().map(|delivery| delivery["attempts"].as_array().unwrap().len());
    assert_eq!((told.receiver.heard().len(), attempts.sum::<usize>()), (count, count));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_is_told_each_thing_once_in_order_and_thinly() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down, says Åsa").await;
    let before = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let told = listening(&shop, "fibre-north").await;
    assert!(told.secret.starts_with("whsec_"));
    // A second node works on the same queue.
    let other = t.second_node().await;
    let fibre = shop.partner("fibre-north");
    let first = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let second = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    shop.requests_task(&t, &asa.reference, "bouncy").await;
    for task in [&first, &second, &before] {
        fibre.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    }
    for number in 0..5 {
        for task in [&first, &second] {
            let input = json!({ "taskId": task, "text": format!("word {number} of a secret") });
            fibre.does("updateTask", input, "task { id }").await;
        }
    }
    fibre.does("completeTask", json!({ "taskId": first, "result": "mended" }), "task { id }").await;
    t.settle().await;
    let heard = told.receiver.heard();
    assert_eq!(heard.len(), 16, "each once, and nothing of what was before or another partner's");
    let ids: std::collections::BTreeSet<_> = heard.iter().map(|heard| &heard.id).collect();
    assert_eq!(ids.len(), 16);
    let kinds = |task: &str| -> Vec<String> {
        heard.iter().filter(|heard| heard.task() == task).map(|heard| heard.kind().to_owned()).collect()
    };
    let mut expected = vec!["task.requested", "task.accepted"];
    expected.extend(["task.updated"; 5]);
    assert_eq!(kinds(&second), expected);
    expected.push("task.completed");
    assert_eq!(kinds(&first), expected);
    assert_eq!(kinds(&before), ["task.accepted"]);
    for heard in &heard {
        assert!(heard.text.len() < 400, "{}", heard.text);
        for word in ["secret", "mended", "Åsa", "broadband", asa.reference.as_str()] {
            assert!(!heard.text.contains(word), "{word} in {}", heard.text);
        }
        assert!((heard.timestamp - t.now().timestamp()).abs() < 5 && heard.signature.starts_with("v1,"));
    }
    // The message's cursor is a cursor of the feed, from which a subscription can continue. Tasks do not wait for each
    // other, so the last event need not be the last that was received.
    let last = heard.iter().find(|heard| heard.task() == first && heard.kind() == "task.completed").unwrap();
    let after = json!({ "after": last.body["data"]["cursor"] });
    let document = "subscription($after: String) { taskEvents(after: $after) { kind taskId } }";
    let mut watch = Watch::start(fibre, By::Sse, document, after).await;
    fibre.does("completeTask", json!({ "taskId": second, "result": "mended" }), "task { id }").await;
    assert_eq!(watch.next_event().await, json!({ "kind": "TASK_COMPLETED", "taskId": second }));
    t.settle().await;
    assert_eq!(told.receiver.heard().len(), 17);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_is_down_for_a_day_misses_nothing_and_keeps_the_order() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let told = listening(&shop, "fibre-north").await;
    told.receiver.answers(503);
    let fibre = shop.partner("fibre-north");
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    noted(&t, &shop, &told, 1).await;
    fibre.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    fibre.does("updateTask", json!({ "taskId": task, "text": "soon" }), "task { id }").await;
    // After 5 s, 5 min, 30 min, 2 h, 5 h and 10 h the first delivery is tried again; the others wait behind it.
    for (tries, wait) in [6, 330, 2_000, 8_000, 20_000, 40_000].into_iter().enumerate() {
        t.later(TimeDelta::seconds(wait));
        noted(&t, &shop, &told, tries + 2).await;
    }
    assert!(told.receiver.heard().iter().all(|heard| heard.kind() == "task.requested"));
    let failing = endpoint(&shop.at(&t), "fibre-north", &told.hook).await;
    assert_eq!((&failing["active"], &failing["failingSince"]), (&json!(true), &json!("2026-11-02T08:00:00+00:00")));
    told.receiver.answers(200);
    t.later_and_settled(TimeDelta::hours(16)).await;
    let kinds: Vec<_> = told.receiver.taken().iter().map(|heard| heard.kind().to_owned()).collect();
    assert_eq!(kinds, ["task.requested", "task.accepted", "task.updated"]);
    let ids: std::collections::BTreeSet<_> = told.receiver.heard().into_iter().map(|heard| heard.id).collect();
    assert_eq!(ids.len(), 3, "a message keeps its id through every attempt");
    let after = endpoint(&shop.at(&t), "fibre-north", &told.hook).await;
    assert_eq!(after["failingSince"], Value::Null);
    let log = after["deliveries"]["nodes"].as_array().unwrap();
    assert_eq!(log[2]["attempts"].as_array().unwrap().len(), 8);
    assert_eq!((&log[2]["attempts"][0]["status"], &log[2]["attempts"][7]["status"]), (&json!(503), &json!(200)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_for_days_is_turned_off_and_the_owner_is_told() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let told = listening(&shop, "fibre-north").await;
    let from = shop.partner("fibre-north").asks("{ feedCursor }", json!({})).await["feedCursor"].clone();
    // A redirect is a failure, and is not followed.
    told.receiver.answers(308);
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    noted(&t, &shop, &told, 1).await;
    let mut attempts = 1;
    while endpoint(&shop.at(&t), "fibre-north", &told.hook).await["active"] == true {
        t.later(TimeDelta::hours(25));
        attempts += 1;
        noted(&t, &shop, &told, attempts).await;
        assert!(attempts < 12, "it goes on for ever");
    }
    assert!((4..=5).contains(&attempts), "three days and not {attempts} tries");
    let off = endpoint(&shop.at(&t), "fibre-north", &told.hook).await;
    assert_eq!(off["disabledBecause"], "redirects are not followed");
    let shop = shop.at(&t);
    let mut owner = Watch::case(&t, shop.staff("bo"), By::Sse, (&case, &asa.reference), Some(0)).await;
    let events = owner.seen(&t).await;
    let last: Vec<_> = events.iter().map(|event| event["__typename"].as_str().unwrap()).collect();
    assert!(last.contains(&"PartnerUnreachable"), "{last:?}");
    // When the endpoint is turned on again it continues where it stopped. A replay sends everything again, with the
    // same ids.
    told.receiver.answers(200);
    let fibre = shop.partner("fibre-north");
    let ping = json!({ "webhookEndpointId": told.hook });
    assert_eq!(fibre.fails("pingWebhookEndpoint", ping.clone()).await[0].0, "INVALID_TRANSITION");
    let on = json!({ "webhookEndpointId": told.hook, "active": true });
    fibre.does("updateWebhookEndpoint", on, "webhookEndpoint { active disabledBecause }").await;
    t.settle().await;
    assert!(told.receiver.taken().iter().any(|heard| heard.kind() == "task.requested"));
    fibre.does("pingWebhookEndpoint", ping, "webhookDelivery { kind }").await;
    t.settle().await;
    assert!(told.receiver.taken().iter().any(|heard| heard.kind() == "ping"));
    let log = endpoint(&shop, "fibre-north", &told.hook).await["deliveries"]["nodes"].take();
    assert!(log.as_array().unwrap().iter().all(|delivery| delivery["status"] == "DELIVERED"), "all was told: {log}");
    let taken = told.receiver.taken();
    let replay = json!({ "webhookEndpointId": told.hook, "after": from });
    fibre.does("replayWebhooks", replay, "webhookEndpoint { version }").await;
    let tasks = |heard: &[ansvar_tests::receiver::Heard]| -> Vec<String> {
        heard.iter().filter(|heard| heard.task() == task && heard.status == 200).map(|heard| heard.id.clone()).collect()
    };
    let first = tasks(&taken);
    t.settle().await;
    assert_eq!(tasks(&told.receiver.taken())[first.len()..], first[..]);
    let borrowed = shop.partner("bouncy").asks("{ feedCursor }", json!({})).await["feedCursor"].clone();
    let replay = json!({ "webhookEndpointId": told.hook, "after": borrowed });
    assert_eq!(fibre.fails("replayWebhooks", replay).await, [("INVALID".into(), "after".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_change_without_a_pause() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let told = listening(&shop, "fibre-north").await;
    let fibre = shop.partner("fibre-north");
    let ping = json!({ "webhookEndpointId": told.hook });
    let rotate = json!({ "webhookEndpointId": told.hook, "overlapHours": 2, "idempotencyKey": "k" });
    let selection = "newSecret { secret webhookEndpoint { previousSecretUntil } }";
    let rotated = fibre.does("rotateWebhookSecret", rotate.clone(), selection).await;
    assert_ne!(rotated["newSecret"]["secret"], told.secret.as_str());
    assert_eq!(rotated["newSecret"]["webhookEndpoint"]["previousSecretUntil"], "2026-11-02T10:00:00+00:00");
    assert_eq!(fibre.does("rotateWebhookSecret", rotate, selection).await, rotated, "repeated, it is the same");
    fibre.does("pingWebhookEndpoint", ping.clone(), "webhookDelivery { id }").await;
    // The receiver gets a ping before its result is recorded. A second ping while one waits is the same delivery.
    t.settle().await;
    assert_eq!(told.receiver.heard()[0].signature.split(' ').count(), 2, "both sign");
    t.later(TimeDelta::hours(3));
    fibre.does("pingWebhookEndpoint", ping, "webhookDelivery { id }").await;
    t.settle().await;
    assert_eq!(told.receiver.heard()[1].signature.split(' ').count(), 1, "the old one no more");
    let far = json!({ "webhookEndpointId": told.hook, "overlapHours": 169 });
    assert_eq!(fibre.fails("rotateWebhookSecret", far).await, [("INVALID".into(), "overlapHours".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_into_the_machines_own_network() {
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    // An address that was allowed in development is checked again when it is used.
    let told = listening(&shop, "fibre-north").await;
    let port = told.receiver.url.split(':').nth(2).unwrap().split('/').next().unwrap().to_owned();
    let named = json!({ "partnerId": shop.partner_id("bouncy"), "url": format!("https://localhost:{port}/hooks") });
    let made =
        shop.partner("bouncy").does("createWebhookEndpoint", named, "newSecret { webhookEndpoint { id } }").await;
    let named = made["newSecret"]["webhookEndpoint"]["id"].as_str().unwrap().to_owned();
    t.restart_with(|config| config.webhooks.anywhere = false).await;
    let shop = shop.at(&t);
    for (partner, hook, why) in [
        ("fibre-north", &told.hook, "the address is not allowed"),
        ("bouncy", &named, "the name leads nowhere on the public internet"),
    ] {
        let ping = json!({ "webhookEndpointId": hook });
        shop.partner(partner).does("pingWebhookEndpoint", ping, "webhookDelivery { id }").await;
        t.settle().await;
        let attempts = endpoint(&shop, partner, hook).await["deliveries"]["nodes"][0]["attempts"].take();
        assert_eq!(attempts[0], json!({ "status": null, "error": why }));
    }
    assert!(told.receiver.heard().is_empty());
    for url in
        ["http://example.com/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/", "https://0x7f.1/"]
    {
        let input = json!({ "partnerId": shop.partner_id("bouncy"), "url": url });
        assert_eq!(
            shop.partner("bouncy").fails("createWebhookEndpoint", input).await,
            [("INVALID".into(), "url".into())],
            "{url}"
        );
    }
}
