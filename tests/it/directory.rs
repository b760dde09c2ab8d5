//! Sellers, staff, teams, partners, widgets, systems.

use ansvar_tests::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_creates_and_changes_everything() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let changed = shop
        .admin
        .does(
            "updateSeller",
            json!({ "sellerId": shop.id, "name": "Shop", "firstContactHours": 4, "language": "EN" }),
            "seller { name firstContactHours language accountable { name } }",
        )
        .await;
    assert_eq!(
        changed["seller"],
        json!({ "name": "Shop", "firstContactHours": 4, "language": "EN", "accountable": { "name": "Elin" } })
    );
    let asa = shop.customer("asa", "broadband").await;
    assert_eq!(asa.receipt["nextContactDue"], "2026-11-02T12:00:00+00:00");

    let staff = shop
        .admin
        .does(
            "updateStaff",
            json!({ "staffId": shop.id_of("bo"), "name": "Bo Ek", "role": "MANAGER" }),
            "staff { name role email language }",
        )
        .await;
    assert_eq!(
        staff["staff"],
        json!({ "name": "Bo Ek", "role": "MANAGER", "email": "bo@shop.example", "language": "SV" })
    );
    // A new manager keeps the old token, because permissions are read from the store.
    let case = shop.case_id(&asa.reference).await;
    shop.staff("bo")
        .does(
            "reassignCase",
            json!({ "caseId": case, "ownerId": shop.id_of("bo"), "reason": "mine" }),
            "case { owner { name } }",
        )
        .await;

    let team = shop.admin.does("updateTeam", json!({ "teamId": shop.teams["garden"], "name": "Garden & sauna", "leadId": shop.id_of("dag"), "memberIds": [shop.id_of("bo")] }), "team { name lead { name } members { name } }").await;
    assert_eq!(team["team"]["lead"]["name"], "dag");
    let mut members: Vec<_> =
        team["team"]["members"].as_array().unwrap().iter().map(|person| person["name"].as_str().unwrap()).collect();
    members.sort_unstable();
    assert_eq!(members, ["Bo Ek", "dag"]);

    let sellers = shop.admin.asks("{ sellers { name staff { name active } teams { name } partners { name active contacts { name active } } widgets { id name active } apiClients { id name active } ruleSets { version } } }", json!({})).await;
    let seller = &sellers["sellers"][0];
    assert_eq!(seller["staff"].as_array().unwrap().len(), 6);
    assert_eq!(
        seller["partners"][0],
        json!({ "name": "bouncy", "active": true, "contacts": [{ "name": "bouncy desk", "active": true }] })
    );
    shop.admin
        .does("updateWidget", json!({ "widgetId": seller["widgets"][0]["id"], "active": false }), "widget { active }")
        .await;
    assert_eq!(shop.widget.post("{ __typename }", json!({})).await.0, 401);
    shop.admin
        .does(
            "updateApiClient",
            json!({ "apiClientId": seller["apiClients"][0]["id"], "active": false }),
            "apiClient { active }",
        )
        .await;
    assert_eq!(shop.gateway.post("{ __typename }", json!({})).await.0, 401);
    let contact = shop.partner("bouncy").asks("{ viewer { ... on PartnerContact { id } } }", json!({})).await;
    shop.admin
        .does(
            "updatePartnerContact",
            json!({ "partnerContactId": contact["viewer"]["id"], "active": false }),
            "partnerContact { active }",
        )
        .await;
    assert_eq!(shop.partner("bouncy").post("{ __typename }", json!({})).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_are_taken_once_at_a_seller_and_people_of_another_are_nobody() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    for (mutation, input, code, field) in [
        ("createStaff", json!({ "sellerId": shop.id, "name": "x", "email": "ANNA@shop.example" }), "TAKEN", "email"),
        ("createStaff", json!({ "sellerId": shop.id, "name": "x", "email": "x" }), "INVALID", "email"),
        (
            "createStaff",
            json!({ "sellerId": "seller_x", "name": "x", "email": "x@shop.example" }),
            "NOT_FOUND",
            "sellerId",
        ),
        ("updateStaff", json!({ "staffId": shop.id_of("anna"), "email": "bo@shop.example" }), "TAKEN", "email"),
        (
            "createTeam",
            json!({ "sellerId": shop.id, "name": "garden", "leadId": shop.id_of("anna"), "memberIds": [] }),
            "TAKEN",
            "name",
        ),
        (
            "createTeam",
            json!({ "sellerId": shop.id, "name": "x", "leadId": other.id_of("anna"), "memberIds": [] }),
            "NOT_FOUND",
            "leadId",
        ),
        (
            "createTeam",
            json!({ "sellerId": shop.id, "name": "x", "leadId": shop.id_of("anna"), "memberIds": [other.id_of("bo")] }),
            "NOT_FOUND",
            "memberIds",
        ),
        ("createPartner", json!({ "sellerId": shop.id, "name": "bouncy" }), "TAKEN", "name"),
        ("createPartner", json!({ "sellerId": shop.id, "name": " " }), "REQUIRED", "name"),
        (
            "createPartnerContact",
            json!({ "partnerId": shop.partner_id("bouncy"), "name": "x", "email": "desk@bouncy.example" }),
            "TAKEN",
            "email",
        ),
        (
            "createPartnerContact",
            json!({ "partnerId": shop.partner_id("bouncy"), "name": "x", "email": "" }),
            "REQUIRED",
            "email",
        ),
        ("createWidget", json!({ "sellerId": shop.id, "name": "form" }), "TAKEN", "name"),
        ("createApiClient", json!({ "sellerId": shop.id, "name": "gateway" }), "TAKEN", "name"),
        (
            "createSeller",
            json!({ "name": "", "accountable": { "name": "x", "email": "x@y.example" } }),
            "REQUIRED",
            "name",
        ),
        (
            "createSeller",
            json!({ "name": "n", "firstContactHours": 0, "accountable": { "name": "x", "email": "x@y.example" } }),
            "INVALID",
            "firstContactHours",
        ),
        (
            "createSeller",
            json!({ "name": "n", "accountable": { "name": "x", "email": "x" } }),
            "INVALID",
            "accountable.email",
        ),
        (
            "updateSeller",
            json!({ "sellerId": shop.id, "accountableId": other.id_of("anna") }),
            "NOT_FOUND",
            "accountableId",
        ),
        (
            "updateSeller",
            json!({ "sellerId": shop.id, "accountableId": shop.partner_id("bouncy") }),
            "NOT_FOUND",
            "accountableId",
        ),
    ] {
        assert_eq!(shop.admin.fails(mutation, input.clone()).await, [pair(code, field)], "{mutation} {input}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_at_once_do_not_both_take_a_name() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let tries = (0..8).map(|_| {
        shop.admin.tries("createPartner", json!({ "sellerId": shop.id, "name": "Only one" }), "partner { id }")
    });
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer["partner"].is_object()).count(), 1);
    assert!(
        answers
            .iter()
            .filter(|answer| answer["partner"].is_null())
            .all(|answer| answer["userErrors"][0]["code"] == "TAKEN")
    );
}
