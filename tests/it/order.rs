//! One order of locks: acts of all kinds run concurrently on the same cases, people, teams and partners, and PostgreSQL
//! counts no deadlock. `ANSVAR_ROUNDS` sets the number of rounds.

use ansvar_tests::store::on_postgres;
use ansvar_tests::{Client, Shop, TestApp};
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Value, json};

/// The cases and people on which the acts of a round collide.
struct Stage<'a> {
    shop: &'a Shop,
    round: usize,
    leaver: (String, Client),
    /// The cases of the person who leaves; the second was merged into the first.
    own: Vec<String>,
    /// A case of another owner.
    other: String,
    /// The offer of that case to the person who leaves.
    offer: Value,
    customers: Vec<Client>,
}

impl<'a> Stage<'a> {
    async fn set(t: &TestApp, shop: &'a Shop, round: usize) -> Self {
        let email = format!("l{round}@shop.example");
        let input = json!({ "sellerId": shop.id, "name": format!("leaver {round}"), "email": email });
        let made = shop.admin.does("createStaff", input, "staff { id }").await;
        let id = made["staff"]["id"].as_str().unwrap().to_owned();
        let (mut cases, mut customers) = (Vec::new(), Vec::new());
        for number in 0..4 {
            let customer = shop.customer(&format!("o{round}-{number}"), "broadband").await;
            cases.push(shop.case_id(&customer.reference).await);
            customers.push(customer.client);
        }
        let other = cases.pop().unwrap();
        for case in &cases {
            let input = json!({ "caseId": case, "ownerId": id, "reason": "r" });
            shop.manager.does("reassignCase", input, "case { id }").await;
        }
        // In every other round the case that continues has the lower id.
        let (into, merged) = if round.is_multiple_of(2) { (0, 1) } else { (1, 0) };
        let input = json!({ "caseId": cases[merged], "intoId": cases[into], "reason": "r", "sameCustomer": true });
        shop.manager.does("mergeCases", input, "case { id }").await;
        cases.swap(0, into);
        customers.swap(0, into);
        let input = json!({ "caseId": other, "toId": id, "note": "n" });
        let offer = shop.manager.does("offerHandover", input, "handover { id }").await["handover"]["id"].clone();
        let leaver = (id.clone(), t.holder_of(&id));
        Self { shop, round, leaver, own: cases, other, offer, customers }
    }

    /// One act of each kind.
    fn acts(&self) -> Vec<(&'static str, BoxFuture<'_, ()>)> {
        let Self { shop, leaver, own, other, offer, customers, round } = self;
        let done = |client: &Client, name: &'static str, input: Value, selection: &'static str| -> BoxFuture<'_, ()> {
            let client = client.clone();
            let kind = name[..1].to_uppercase() + &name[1..];
            let document = format!(
                "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} userErrors {{ code }} }} }}"
            );
            Box::pin(async move {
                // The act succeeds, or is refused because another act came first. A person who has left is not
                // authenticated.
                let (status, answer) = client.post(&document, json!({ "input": input })).await;
                let code = &answer["errors"][0]["extensions"]["code"];
                assert!(status == 200 && code.is_null() || code == "UNAUTHENTICATED", "{name}: {answer}");
            })
        };
        let (manager, admin) = (&shop.manager, &shop.admin);
        let team = json!({ "teamId": shop.teams["garden"], "name": "garden", "leadId": shop.id_of("carin"),
            "memberIds": [shop.id_of("dag"), leaver.0] });
        let category = json!({ "sellerId": shop.id, "name": format!("c{round}"),
            "partnerIds": [shop.partner_id("bouncy")] });
        vec![
            (
                "leave",
                done(admin, "deactivateStaff", json!({ "staffId": leaver.0 }), "deactivation { casesHandedOver }"),
            ),
            ("accept", done(&leaver.1, "acceptHandover", json!({ "handoverId": offer }), "handover { status }")),
            (
                "give",
                done(
                    manager,
                    "reassignCase",
                    json!({ "caseId": other, "ownerId": leaver.0, "reason": "r" }),
                    "case { id }",
                ),
            ),
            (
                "take",
                done(
                    manager,
                    "reassignCase",
                    json!({ "caseId": own[0], "ownerId": shop.id_of("dag"), "reason": "r" }),
                    "case { id }",
                ),
            ),
            (
                "offer",
                done(
                    manager,
                    "offerHandover",
                    json!({ "caseId": own[2], "toId": shop.id_of("bo"), "note": "n" }),
                    "handover { id }",
                ),
            ),
            (
                "merge",
                done(
                    manager,
                    "mergeCases",
                    json!({ "caseId": own[2], "intoId": other, "reason": "r", "sameCustomer": true }),
                    "case { id }",
                ),
            ),
            (
                "back",
                done(
                    manager,
                    "mergeCases",
                    json!({ "caseId": other, "intoId": own[2], "reason": "r", "sameCustomer": true }),
                    "case { id }",
                ),
            ),
            ("unmerge", done(manager, "unmergeCase", json!({ "caseId": own[1], "reason": "r" }), "case { id }")),
            ("close", done(manager, "closeCase", json!({ "caseId": own[0], "message": "m" }), "case { id }")),
            ("write", done(manager, "sendMessage", json!({ "caseId": own[1], "text": "m" }), "message { id }")),
            ("word", done(&customers[1], "addCustomerMessage", json!({ "text": "w" }), "message { id }")),
            ("note", done(manager, "addNote", json!({ "caseId": own[1], "text": "n" }), "message { id }")),
            (
                "file",
                done(
                    &shop.widget,
                    "fileComplaint",
                    json!({ "idempotencyKey": format!("f{round}"), "email": "f@example.com", "text": "broadband" }),
                    "receipt { reference }",
                ),
            ),
            ("team", done(admin, "updateTeam", team, "team { id }")),
            ("category", done(admin, "setCategory", category, "category { id }")),
            (
                "partner",
                done(
                    admin,
                    "updatePartner",
                    json!({ "partnerId": shop.partner_id("bouncy"), "active": round % 2 == 1 }),
                    "partner { id }",
                ),
            ),
            ("person", done(admin, "updateStaff", json!({ "staffId": leaver.0, "capacity": 5 }), "staff { id }")),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_of_every_pair_of_kinds_never_wait_for_each_other_for_ever() {
    let mut t = TestApp::start_with(|config| config.database.connections = 24).await;
    let shop = t.shop().await;
    // Meanwhile notices to staff are derived from the events of the same cases.
    crate::mail::mailbox(&shop, crate::mail::HELP).await;
    t.store.change("UPDATE seller SET notices_by_mail = true").await;
    let rounds = std::env::var("ANSVAR_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    for round in 0..rounds {
        let stage = Stage::set(&t, &shop, round).await;
        let mut acts = stage.acts();
        let count = acts.len();
        // Each round begins with another act.
        acts.rotate_left(round % count);
        join_all(acts.into_iter().map(|(_, act)| act)).await;
    }
    // PostgreSQL's counters are complete when the sessions have ended.
    t.restart().await;
    if on_postgres() {
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(t.store.number(sql).await, 0, "deadlocks");
    }
}
