//! The agenda.

use ansvar_tests::{Client, Shop, TestApp, golden, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::clocks::{becomes, times};

const AGENDA: &str = "query($scope: AgendaScope! = MINE, $kinds: [WorkKind!], $first: Int, $after: String, $team: ID) {
    agenda(scope: $scope, kinds: $kinds, first: $first, after: $after, teamId: $team) {
        nodes { id kind why since dueAt late acts case { reference } commitment { what } task { title } handover { note } }
        pageInfo { hasNextPage endCursor }
        counts { kind number capped }
    } }";

async fn agenda(client: &Client, variables: Value) -> Value {
    client.asks(AGENDA, variables).await["agenda"].take()
}

/// The kind and the case's reference of each item.
fn items(agenda: &Value) -> Vec<(String, String)> {
    let all = agenda["nodes"].as_array().unwrap().iter();
    all.map(|one| (text(&one["kind"]), one["case"]["reference"].as_str().unwrap_or_default().to_owned())).collect()
}

async fn mine(shop: &Shop, name: &str) -> Vec<(String, String)> {
    items(&agenda(shop.staff(name), json!({ "scope": "MINE", "first": 100 })).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_an_owner_is_listed_by_time_and_ends_as_it_is_done() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "reply": { "hours": 4 }, "answer": { "hours": 480 }, "nextContact": { "hours": 72 } })).await;
    let asa = shop.customer("asa", "broadband").await;
    let (case, me) = (shop.case_id(&asa.reference).await, asa.owner_name.clone());
    let own = |kind: &str| (kind.to_owned(), asa.reference.clone());
    assert_eq!(mine(&shop, &me).await, [own("CONTACT"), own("ANSWER")]);
    // The customer writes, so a reply is due before anything else. A promise, a task and an offer follow.
    t.later(TimeDelta::minutes(1));
    asa.client.does("addCustomerMessage", json!({ "text": "When?" }), "message { id }").await;
    let promise =
        json!({ "caseId": case, "what": "A router is sent", "due": { "day": "2026-11-02" }, "place": "CALL" });
    shop.staff(&me).does("makeCommitment", promise, "commitment { id }").await;
    shop.requests_task(&t, &asa.reference, "fibre-north").await;
    assert_eq!(mine(&shop, &me).await, [own("REPLY"), own("COMMITMENT"), own("CONTACT"), own("ANSWER")]);
    let to = shop.names().into_iter().find(|name| *name != me).unwrap().to_owned();
    let offer = json!({ "caseId": case, "toId": shop.id_of(&to), "note": "Yours is the line." });
    shop.staff(&me).does("offerHandover", offer, "handover { id }").await;
    let offered = agenda(shop.staff(&to), json!({ "kinds": ["HANDOVER"] })).await;
    assert_eq!(offered["nodes"][0]["handover"]["note"], "Yours is the line.");
    // A message is both a reply and a contact.
    let words = json!({ "caseId": case, "text": "Today." });
    shop.staff(&me).does("sendMessage", words, "message { id }").await;
    assert_eq!(mine(&shop, &me).await, [own("COMMITMENT"), own("CONTACT"), own("ANSWER")]);
    // The promise is broken and the partner is late. Late items come first, and there is an item for the call.
    becomes(&t, "2026-11-05T09:00:00+00:00").await;
    let shop = shop.at(&t);
    let late = agenda(shop.staff(&me), json!({ "first": 100 })).await;
    let kinds: Vec<String> = items(&late).into_iter().map(|(kind, _)| kind).collect();
    for kind in ["CALL_CUSTOMER", "PARTNER_LATE", "CONTACT"] {
        assert!(kinds.contains(&kind.to_owned()), "{kind} is not in {kinds:?}");
    }
    let call = late["nodes"].as_array().unwrap().iter().find(|one| one["kind"] == "CALL_CUSTOMER").unwrap();
    assert_eq!(call["commitment"]["what"], "A router is sent");
    let partner = late["nodes"].as_array().unwrap().iter().find(|one| one["kind"] == "PARTNER_LATE").unwrap();
    assert_eq!(partner["task"]["title"], "Look at the line");
    let dues: Vec<String> = late["nodes"].as_array().unwrap().iter().map(|one| text(&one["dueAt"])).collect();
    let mut sorted = dues.clone();
    sorted.sort();
    assert_eq!(dues, sorted);
    // A person who got an escalation has it in the agenda, until the work is done.
    let told = shop.reads(&asa.reference, "escalations { why to { name } }").await["escalations"].take();
    let lead = told.as_array().unwrap().iter().map(|one| text(&one["to"]["name"])).find(|name| *name != me).unwrap();
    let client = if lead == "Elin" { &shop.admin } else { shop.staff(&lead) };
    let above = agenda(client, json!({ "kinds": ["ESCALATION"] })).await;
    assert!(items(&above).contains(&own("ESCALATION")), "{above}");
    let called = json!({ "source": "desk", "externalId": "1", "caseId": case, "direction": "OUTBOUND", "words": "We are sorry." });
    shop.staff(&me).does("logPhoneCall", called, "receipt { reference }").await;
    let kinds: Vec<String> = mine(&shop, &me).await.into_iter().map(|(kind, _)| kind).collect();
    assert!(!kinds.contains(&"CALL_CUSTOMER".to_owned()), "{kinds:?}");
    // After a reassignment all items are the new owner's.
    let given = json!({ "caseId": case, "ownerId": shop.id_of(&to), "reason": "r" });
    shop.manager.does("reassignCase", given, "case { id }").await;
    assert_eq!(mine(&shop, &me).await, []);
    assert!(mine(&shop, &to).await.contains(&own("CONTACT")));
    shop.staff(&to).does("closeCase", json!({ "caseId": case, "message": "Done." }), "case { id }").await;
    assert_eq!(mine(&shop, &to).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_counts_and_scopes_agree() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "answer": { "hours": 24 } })).await;
    for number in 0..12 {
        shop.customer(&format!("c{number}"), if number % 3 == 0 { "The sauna" } else { "broadband" }).await;
        if number % 2 == 0 {
            t.later(TimeDelta::minutes(1));
        }
    }
    let whole = agenda(&shop.manager, json!({ "scope": "SELLER", "first": 100 })).await;
    let all = items(&whole);
    assert_eq!(all.len(), 24);
    assert_eq!(
        whole["counts"],
        json!([{ "kind": "CONTACT", "number": 12, "capped": false }, { "kind": "ANSWER", "number": 12, "capped": false }])
    );
    // Paging gives the same items for every page size, also when items with equal times are on different pages.
    for size in [1, 5, 7] {
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = agenda(&shop.manager, json!({ "scope": "SELLER", "first": size, "after": after })).await;
            seen.extend(items(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, all, "pages of {size}");
    }
    // The seller's agenda has the items of all people, a team's those of its members.
    let mut together = Vec::new();
    for name in shop.names() {
        together.extend(mine(&shop, name).await);
    }
    together.extend(items(&agenda(&shop.admin, json!({ "scope": "MINE", "first": 100 })).await));
    let (mut one, mut other) = (together, all.clone());
    one.sort();
    other.sort();
    assert_eq!(one, other);
    let mut teams = Vec::new();
    for team in shop.teams.values() {
        teams.extend(items(&agenda(&shop.manager, json!({ "scope": "TEAM", "team": team, "first": 100 })).await));
    }
    teams.sort();
    teams.dedup();
    assert!(teams.iter().all(|item| all.contains(item)) && !teams.is_empty());
    // There are no items of another seller, and only staff have an agenda.
    let other = shop.another(&t, "other").await;
    assert_eq!(items(&agenda(&other.manager, json!({ "scope": "SELLER" })).await), []);
    let team = shop.teams.values().next().unwrap();
    let refused = other.manager.is_refused(AGENDA, json!({ "scope": "TEAM", "team": team })).await;
    assert_eq!(refused, "NOT_FOUND");
    assert_eq!(shop.manager.is_refused(AGENDA, json!({ "after": "x" })).await, "INVALID");
    assert_eq!(shop.manager.is_refused(AGENDA, json!({ "first": 101 })).await, "INVALID");
    assert_eq!(shop.partner("fibre-north").is_refused(AGENDA, json!({})).await, "FORBIDDEN");
    assert_eq!(t.anybody().is_refused(AGENDA, json!({})).await, "UNAUTHENTICATED");
}

#[test]
fn each_act_that_an_agenda_names_is_a_mutation() {
    let contract = std::fs::read_to_string(golden::root().join("schema.graphql")).unwrap();
    for kind in ansvar::agenda::WorkKind::ALL {
        for act in ansvar::agenda::acts(*kind) {
            assert!(contract.contains(&format!("\t{act}(\n")), "{act} of {kind:?} is no mutation");
        }
    }
}
