//! Cases change hands: offers, answers, and escalations when nobody answers. A case always has an owner.

use ansvar_tests::people::Shop;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn offers(client: &Client, case: &str, to: &str) -> String {
    let input = json!({ "caseId": case, "toId": to, "note": "You know saunas" });
    let made = client.does("offerHandover", input, "handover { id status expiresAt }").await;
    assert_eq!(made["handover"]["status"], "OFFERED");
    made["handover"]["id"].as_str().unwrap().to_owned()
}

/// Checks that this is read once everything that is due is done.
async fn becomes(t: &TestApp, shop: &Shop, reference: &str, selection: &str, expected: Value) {
    t.settle().await;
    // The time has advanced, so the manager needs a new token.
    assert_eq!(shop.at(t).reads(reference, selection).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_offered_and_the_old_owner_answers_until_it_is_accepted() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    assert_eq!(asa.owner_name, "anna");
    let case = shop.case_id(&asa.reference).await;
    let mut customer = Watch::my_case(&t, &asa.client, By::WebSocket, &asa.reference, None).await;
    let work = "subscription { workEvents { event { __typename seq ... on HandoverOffered { handover { note from { name } } } ... on HandoverEnded { status } } } }";
    let mut carin = Watch::start(shop.staff("carin"), By::Sse, work, json!({})).await;
    let offer = offers(shop.staff("anna"), &case, shop.id_of("carin")).await;
    // The person to whom the case is offered gets the event, although she does not own the case.
    let told = carin.next_event().await;
    assert_eq!(told["event"]["__typename"], "HandoverOffered");
    assert_eq!(told["event"]["handover"], json!({ "note": "You know saunas", "from": { "name": "anna" } }));
    let selection = "owner { name } pendingHandover { to { name } } viewerCan { offerHandover }";
    let waiting = shop.reads(&asa.reference, selection).await;
    assert_eq!(
        waiting,
        json!({ "owner": { "name": "anna" }, "pendingHandover": { "to": { "name": "carin" } }, "viewerCan": { "offerHandover": false } })
    );
    // Nobody else can answer the offer, and the case cannot be offered twice.
    let input = json!({ "handoverId": offer });
    assert_eq!(shop.staff("dag").fails("acceptHandover", input.clone()).await[0].0, "FORBIDDEN");
    assert_eq!(shop.manager.fails("acceptHandover", input.clone()).await[0].0, "FORBIDDEN");
    let again = json!({ "caseId": case, "toId": shop.id_of("dag"), "note": "x" });
    assert_eq!(shop.staff("anna").fails("offerHandover", again).await[0].0, "INVALID_TRANSITION");
    t.later(TimeDelta::minutes(30));
    let done =
        shop.staff("carin").does("acceptHandover", input.clone(), "handover { status case { owner { name } } }").await;
    assert_eq!(done["handover"], json!({ "status": "ACCEPTED", "case": { "owner": { "name": "carin" } } }));
    // The customer gets one event, when the offer is accepted.
    let heard = customer.next_event().await;
    assert_eq!(heard["kind"], "OWNER_CHANGED");
    assert_eq!(heard["case"]["ownerName"], "carin");
    assert_eq!(carin.next_event().await["event"]["status"], "ACCEPTED");
    assert_eq!(shop.staff("carin").fails("acceptHandover", input).await[0].0, "INVALID_TRANSITION");
    let after = shop.reads(&asa.reference, "whyThisOwner ownership { owner { name } reason note } measures { handovers returns offeredSeconds reachedFallback }").await;
    assert_eq!(after["whyThisOwner"], "This person accepted a hand-over: You know saunas");
    assert_eq!(
        after["measures"],
        json!({ "handovers": 1, "returns": 0, "offeredSeconds": 1800, "reachedFallback": false })
    );
    assert_eq!(
        after["ownership"][1],
        json!({ "owner": { "name": "carin" }, "reason": "HANDED_OVER", "note": "You know saunas" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_can_be_declined_with_a_reason_or_taken_back() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let offer = offers(shop.staff("anna"), &case, shop.id_of("bo")).await;
    let bo = shop.staff("bo");
    assert_eq!(
        bo.fails("declineHandover", json!({ "handoverId": offer, "reason": " " })).await,
        [("REQUIRED".into(), "reason".into())]
    );
    let done = bo
        .does("declineHandover", json!({ "handoverId": offer, "reason": "I am full" }), "handover { status answer }")
        .await;
    assert_eq!(done["handover"], json!({ "status": "DECLINED", "answer": "I am full" }));
    assert_eq!(shop.owner_of(&asa.reference).await, "anna");
    let offer = offers(shop.staff("anna"), &case, shop.id_of("carin")).await;
    assert_eq!(shop.staff("carin").fails("withdrawHandover", json!({ "handoverId": offer })).await[0].0, "FORBIDDEN");
    shop.staff("anna").does("withdrawHandover", json!({ "handoverId": offer }), "handover { status }").await;
    assert_eq!(
        shop.staff("carin").fails("acceptHandover", json!({ "handoverId": offer })).await[0].0,
        "INVALID_TRANSITION"
    );
    // A manager's reassignment ends an open offer.
    let offer = offers(shop.staff("anna"), &case, shop.id_of("carin")).await;
    let input = json!({ "caseId": case, "ownerId": shop.id_of("dag"), "reason": "Dag knows them" });
    shop.manager.does("reassignCase", input, "case { owner { name } }").await;
    let read = shop.reads(&asa.reference, "owner { name } whyThisOwner handovers { status }").await;
    assert_eq!(
        read["handovers"],
        json!([{ "status": "DECLINED" }, { "status": "WITHDRAWN" }, { "status": "OVERTAKEN" }])
    );
    assert_eq!(read["whyThisOwner"], "maria moved the case to this person: Dag knows them");
    assert_eq!(
        shop.staff("carin").fails("acceptHandover", json!({ "handoverId": offer })).await[0].0,
        "INVALID_TRANSITION"
    );
    // A case cannot be offered to somebody who cannot own it.
    let other = shop.another(&t, "other").await;
    let wrong = async |to: &str| {
        shop.manager.fails("offerHandover", json!({ "caseId": case, "toId": to, "note": "x" })).await[0].0.clone()
    };
    assert_eq!(wrong(other.id_of("anna")).await, "NOT_FOUND");
    assert_eq!(wrong(shop.id_of("dag")).await, "INVALID_TRANSITION");
    assert_eq!(
        shop.staff("anna")
            .fails("offerHandover", json!({ "caseId": case, "toId": shop.id_of("bo"), "note": "x" }))
            .await[0]
            .0,
        "FORBIDDEN"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_nobody_answers_runs_out_and_the_lead_is_told() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    shop.customer("first", "broadband").await;
    let asa = shop.customer("asa", "broadband").await;
    assert_eq!(asa.owner_name, "bo");
    let case = shop.case_id(&asa.reference).await;
    let offer = offers(shop.staff("bo"), &case, shop.id_of("carin")).await;
    let work = "subscription { workEvents { event { __typename ... on CaseEscalated { why level to { name } case { owner { name } } } } } }";
    let mut anna = Watch::start(shop.staff("anna"), By::WebSocket, work, json!({})).await;
    t.later(TimeDelta::hours(8));
    let told = anna.next_event().await;
    assert_eq!(
        told["event"],
        json!({ "__typename": "CaseEscalated", "why": "HANDOVER_UNANSWERED", "level": 1, "to": { "name": "anna" }, "case": { "owner": { "name": "bo" } } })
    );
    assert_eq!(
        shop.staff("carin").fails("acceptHandover", json!({ "handoverId": offer })).await[0].0,
        "INVALID_TRANSITION"
    );
    let read = shop.reads(&asa.reference, "owner { name } pendingHandover { id } handovers { status }").await;
    assert_eq!(
        read,
        json!({ "owner": { "name": "bo" }, "pendingHandover": null, "handovers": [{ "status": "EXPIRED" }] })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_told_upwards_step_by_step_and_moves_nothing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    shop.admin
        .does(
            "updateSeller",
            json!({ "sellerId": shop.id, "ownerIdleHours": 5, "firstContactHours": 4 }),
            "seller { ownerIdleHours }",
        )
        .await;
    let far = json!({ "sellerId": shop.id, "times": { "nextContact": { "hours": 400 } } });
    shop.admin.does("updateSeller", far, "seller { id }").await;
    let first = shop.customer("first", "broadband").await;
    let input = json!({ "caseId": shop.case_id(&first.reference).await, "text": "We have it" });
    shop.staff("anna").does("sendMessage", input, "message { id }").await;
    let asa = shop.customer("asa", "broadband").await;
    assert_eq!(asa.owner_name, "bo");
    let case = shop.case_id(&asa.reference).await;
    let escalations = "escalations { why level to { name } }";
    let step = |why: &str, level: i32, to: &str| json!({ "why": why, "level": level, "to": { "name": to } });
    t.later(TimeDelta::hours(4) + TimeDelta::seconds(1));
    let owner_too = step("NOT_ACKNOWLEDGED", 1, "bo");
    let unacknowledged = step("NOT_ACKNOWLEDGED", 1, "anna");
    let escalated = json!({ "escalations": [owner_too, unacknowledged] });
    becomes(&t, &shop, &asa.reference, escalations, escalated).await;
    // Any message to the customer is a contact.
    assert_eq!(shop.reads(&first.reference, escalations).await, json!({ "escalations": [] }));
    // Bo acknowledges. That is a contact, and `ownerActs` starts anew.
    shop.staff("bo")
        .does("acknowledgeCase", json!({ "caseId": case, "message": "I am on it" }), "case { stage }")
        .await;
    t.later(TimeDelta::hours(4));
    shop.requests_task(&t, &asa.reference, "fibre-north").await;
    t.later(TimeDelta::hours(4));
    // Neither his own note nor a colleague's restarts `ownerActs`.
    shop.staff("bo").does("addNote", json!({ "caseId": case, "text": "Called them" }), "message { id }").await;
    shop.staff("anna").does("addNote", json!({ "caseId": case, "text": "How is it going?" }), "message { id }").await;
    t.later(TimeDelta::hours(1));
    let second = step("OWNER_SILENT", 1, "anna");
    let escalated = json!({ "escalations": [owner_too, unacknowledged, second] });
    becomes(&t, &shop, &asa.reference, escalations, escalated).await;
    t.later(TimeDelta::hours(5));
    let third = step("OWNER_SILENT", 2, "Elin");
    becomes(
        &t,
        &shop,
        &asa.reference,
        escalations,
        json!({ "escalations": [owner_too, unacknowledged, second, third] }),
    )
    .await;
    t.later(TimeDelta::hours(100));
    becomes(
        &t,
        &shop,
        &asa.reference,
        "owner { name } stage",
        json!({ "owner": { "name": "bo" }, "stage": "INVESTIGATING" }),
    )
    .await;
    let own = shop.staff("bo").showing(&t.token(shop.id_of("bo")));
    own.does("closeCase", json!({ "caseId": case, "message": "Done" }), "case { stage }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_look_at_the_same_clock_and_it_is_told_once() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let second = t.second_node().await;
    let mut references = Vec::new();
    for number in 0..6 {
        references.push(shop.customer(&format!("c{number}"), "broadband").await.reference);
    }
    for levels in 1..=2 {
        t.later_and_settled(TimeDelta::hours(25)).await;
        // Escalations to the owner and the lead at once, then to the accountable person.
        let told: Vec<_> = [1]
            .into_iter()
            .chain(1..=levels)
            .map(|level| json!({ "why": "NOT_ACKNOWLEDGED", "level": level }))
            .collect();
        for reference in &references {
            let read = shop.at(&t).reads(reference, "escalations { why level }").await;
            assert_eq!(read["escalations"], json!(told));
        }
    }
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_needs_a_successor_where_they_cannot_be_missing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    offers(shop.staff("anna"), &case, shop.id_of("carin")).await;
    let bo_case = shop.customer("bertil", "broadband").await;
    assert_eq!(bo_case.owner_name, "bo");
    offers(shop.staff("bo"), &shop.case_id(&bo_case.reference).await, shop.id_of("anna")).await;
    let anna = json!({ "staffId": shop.id_of("anna") });
    assert_eq!(shop.admin.fails("deactivateStaff", anna).await, [("IN_USE".into(), "staffId".into())]);
    let selection = "deactivation { casesHandedOver staff { active } }";
    let input = json!({ "staffId": shop.id_of("anna"), "successorId": shop.id_of("dag") });
    let gone = shop.admin.does("deactivateStaff", input, selection).await;
    assert_eq!(gone["deactivation"], json!({ "casesHandedOver": 1, "staff": { "active": false } }));
    let teams =
        shop.admin.asks("{ viewer { ... on Staff { seller { teams { name lead { name } } } } } }", json!({})).await;
    assert_eq!(teams["viewer"]["seller"]["teams"][0], json!({ "name": "broadband", "lead": { "name": "dag" } }));
    // Her own offers, and offers to her, have ended.
    for reference in [&asa.reference, &bo_case.reference] {
        let read = shop.reads(reference, "handovers { status } owner { active } whyThisOwner").await;
        assert_eq!((&read["handovers"], &read["owner"]["active"]), (&json!([{ "status": "OVERTAKEN" }]), &json!(true)));
    }
    let why = shop.reads(&asa.reference, "whyThisOwner").await;
    assert!(
        why["whyThisOwner"].as_str().unwrap().starts_with("The owner before left the company. The rule \"broadband\""),
        "{why}"
    );
    // The accountable person can leave, too.
    // There must be another platform administrator.
    let input = json!({ "staffId": shop.id_of("maria"), "role": "PLATFORM_ADMINISTRATOR" });
    shop.admin.does("updateStaff", input, "staff { role }").await;
    let elin = json!({ "staffId": shop.admin_id, "successorId": shop.id_of("maria") });
    shop.admin.does("deactivateStaff", elin, "deactivation { casesHandedOver }").await;
    let seller = shop.manager.asks("{ viewer { ... on Staff { seller { accountable { name } } } } }", json!({})).await;
    assert_eq!(seller["viewer"]["seller"]["accountable"]["name"], "maria");
}
