//! Partners' systems: short-lived tokens and scopes.

use ansvar_tests::receiver::Receiver;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{TestApp, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// The answer of `/oauth/token`.
pub async fn token(t: &TestApp, client: &str, secret: &str, scope: Option<&str>) -> (u16, Value) {
    let mut form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
    if let Some(scope) = scope {
        form = format!("{form}&scope={}", scope.replace(' ', "+"));
    }
    let request = t.anybody().http().post(format!("{}/oauth/token", t.base()));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suppliers_system_gets_short_tokens_for_what_it_may() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let fibre = shop.partner("fibre-north");
    let wanted = json!({ "sellerId": shop.id, "partnerId": shop.partner_id("fibre-north"), "name": "field service", "scopes": ["TASKS_READ", "TASKS_WRITE"] });
    let made = fibre.does("createApiClient", wanted.clone(), "apiClient { id scopes partner { name } }").await;
    let client = text(&made["apiClient"]["id"]);
    assert_eq!(shop.partner("bouncy").fails("createApiClient", wanted).await[0].0, "NOT_FOUND");
    let odd = json!({ "sellerId": shop.id, "partnerId": shop.partner_id("fibre-north"), "name": "x", "scopes": ["EMAIL_WRITE"] });
    assert_eq!(fibre.fails("createApiClient", odd).await, [("INVALID".into(), "scopes".into())]);
    let secret = async |client: &str| {
        let made = fibre
            .does("createClientSecret", json!({ "apiClientId": client }), "newSecret { secret clientSecret { id } }")
            .await;
        (text(&made["newSecret"]["secret"]), text(&made["newSecret"]["clientSecret"]["id"]))
    };
    let ((first, first_id), (second, _)) = (secret(&client).await, secret(&client).await);
    assert_eq!(
        fibre.fails("createClientSecret", json!({ "apiClientId": client })).await[0].0,
        "INVALID",
        "two at a time"
    );
    let (status, got) = token(&t, &client, &first, None).await;
    assert_eq!(
        (status, &got["token_type"], &got["expires_in"], &got["scope"]),
        (200, &json!("Bearer"), &json!(600), &json!("tasks:read tasks:write"))
    );
    let system = fibre.showing(&text(&got["access_token"]));
    let viewer = system.asks("{ viewer { ... on ApiClient { name } } tasks(filter: { updatedSince: \"2026-11-02T00:00:00Z\" }) { nodes { id viewerCan { accept } } } }", json!({})).await;
    assert_eq!(viewer["viewer"]["name"], "field service");
    assert_eq!(viewer["tasks"]["nodes"], json!([{ "id": task, "viewerCan": { "accept": true } }]));
    system.does("acceptTask", json!({ "taskId": task }), "task { status }").await;
    let told = json!({ "taskId": task, "text": "from the van" });
    let by = system.does("updateTask", told, "task { updates { by { kind name } } }").await;
    assert_eq!(by["task"]["updates"][0]["by"], json!({ "kind": "CLIENT", "name": "field service" }));
    // The system may not use scopes that it does not have.
    let forward = json!({ "externalId": "1", "receivedAt": t.now(), "words": "w", "email": "a@example.com" });
    assert_eq!(system.fails("forwardComplaint", forward).await[0].0, "FORBIDDEN");
    let hook = json!({ "partnerId": shop.partner_id("fibre-north"), "url": "https://example.com/" });
    assert_eq!(system.fails("createWebhookEndpoint", hook).await[0].0, "NOT_FOUND");
    let (_, narrow) = token(&t, &client, &second, Some("tasks:read")).await;
    let reader = fibre.showing(&text(&narrow["access_token"]));
    let refused = reader.tries("updateTask", json!({ "taskId": task, "text": "t" }), "").await;
    assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN");
    assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("`tasks:write`"));
    for (client, secret, scope, status, error) in [
        (client.as_str(), "cs_wrong", None, 401, "invalid_client"),
        ("client_nobody", first.as_str(), None, 401, "invalid_client"),
        (client.as_str(), first.as_str(), Some("complaints:write"), 400, "invalid_scope"),
        (client.as_str(), first.as_str(), Some("everything"), 400, "invalid_scope"),
    ] {
        let answer = token(&t, client, secret, scope).await;
        assert_eq!((answer.0, answer.1["error"].as_str()), (status, Some(error)));
    }
    // Revoking a secret ends its tokens and streams at an exact event. Those of the other secret continue.
    let document = "subscription { taskEvents { kind } }";
    let mut ended = Watch::start(&system, By::WebSocket, document, json!({})).await;
    let mut stays = Watch::start(&reader, By::Sse, document, json!({})).await;
    fibre.does("revokeClientSecret", json!({ "clientSecretId": first_id }), "clientSecret { revokedAt }").await;
    assert_eq!(ended.next().await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let (status, answer) = system.post("{ tasks { totalCount } }", json!({})).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (401, &json!("UNAUTHENTICATED")));
    assert_eq!(token(&t, &client, &first, None).await.0, 401);
    shop.staff("bo").tries("remindTask", json!({ "taskId": task }), "").await;
    shop.manager.does("remindTask", json!({ "taskId": task }), "task { id }").await;
    assert_eq!(stays.next_event().await["kind"], "TASK_REMINDED");
    // An issued token can do no more than its client may at present.
    let less = json!({ "apiClientId": client, "scopes": ["COMPLAINTS_WRITE"] });
    fibre.does("updateApiClient", less, "apiClient { scopes }").await;
    assert_eq!(
        reader.post("{ tasks { totalCount } }", json!({})).await.1["errors"][0]["extensions"]["code"],
        "FORBIDDEN"
    );
    t.later(TimeDelta::minutes(11));
    assert_eq!(reader.post("{ viewer { __typename } }", json!({})).await.0, 401, "ten minutes");
    let off = json!({ "apiClientId": client, "active": false });
    fibre.does("updateApiClient", off, "apiClient { active }").await;
    assert_eq!(token(&t, &client, &second, None).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_partner_is_told_and_sees_nothing_more() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let fibre = shop.partner("fibre-north");
    let client = json!({ "partnerId": shop.partner_id("fibre-north"), "name": "field service" });
    let client = text(&fibre.does("createApiClient", client, "apiClient { id }").await["apiClient"]["id"]);
    let secret = json!({ "apiClientId": client });
    let secret = fibre.does("createClientSecret", secret, "newSecret { secret }").await;
    let secret = text(&secret["newSecret"]["secret"]);
    let system = fibre.showing(&text(&token(&t, &client, &secret, None).await.1["access_token"]));
    let receiver = Receiver::start().await;
    let hook = json!({ "partnerId": shop.partner_id("fibre-north"), "url": receiver.url });
    fibre.does("createWebhookEndpoint", hook, "newSecret { secret }").await;
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    receiver.until_taken(1).await;
    let document = "subscription { taskEvents { kind } }";
    let mut person_hears = Watch::start(fibre, By::Sse, document, json!({})).await;
    let mut system_hears = Watch::start(&system, By::WebSocket, document, json!({})).await;
    let end = json!({ "partnerId": shop.partner_id("fibre-north"), "active": false });
    shop.admin.does("updatePartner", end, "partner { active }").await;
    for hears in [&mut person_hears, &mut system_hears] {
        assert_eq!(hears.next().await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    for client in [fibre, &system] {
        assert_eq!(client.post("{ tasks { totalCount } }", json!({})).await.0, 401);
    }
    assert_eq!(token(&t, &client, &secret, None).await.0, 401);
    // Its systems get no further events of its task. Another partner gets its events, so the queue was processed.
    let others = Receiver::start().await;
    let hook = json!({ "partnerId": shop.partner_id("bouncy"), "url": others.url });
    shop.partner("bouncy").does("createWebhookEndpoint", hook, "newSecret { secret }").await;
    shop.manager.does("remindTask", json!({ "taskId": task }), "task { id }").await;
    shop.requests_task(&t, &asa.reference, "bouncy").await;
    others.until_taken(1).await;
    assert_eq!(receiver.heard().len(), 1);
    // When access is restored, the endpoint gets the missed events, in order.
    let back = json!({ "partnerId": shop.partner_id("fibre-north"), "active": true });
    shop.admin.does("updatePartner", back, "partner { active }").await;
    shop.manager.does("withdrawTask", json!({ "taskId": task }), "task { id }").await;
    receiver.until_taken(3).await;
    let kinds: Vec<_> = receiver.heard().iter().map(|heard| heard.kind().to_owned()).collect();
    assert_eq!(kinds, ["task.requested", "task.reminded", "task.withdrawn"]);
}
