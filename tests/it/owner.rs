//! The owner of a case: routing, reassignment and deactivation.

use ansvar_tests::TestApp;
use chrono::TimeDelta;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_rule_that_matches_names_the_owner_and_the_decision_says_why() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let dear = json!({ "idempotencyKey": "1", "text": "The sauna leaks", "email": "asa@example.com", "orderAmount": { "amount": "20000.00", "currency": "SEK" } });
    let asa = shop.filed(dear).await;
    assert_eq!(asa.owner_name, "maria");
    let selection = "priority orderAmount { amount currency } ownership { owner { name } from until reason by { kind } } routing { ruleSetVersion rule fallback conditions { kind values } passedOver { rule failed { kind values } } candidates { staff { name } openCases } facts { channel orderAmount { amount } } explanation }";
    let case = shop.reads(&asa.reference, selection).await;
    assert_eq!(
        case,
        json!({
            "priority": "HIGH",
            "orderAmount": { "amount": "20000.00", "currency": "SEK" },
            "ownership": [{ "owner": { "name": "maria" }, "from": "2026-11-02T08:00:00+00:00", "until": null, "reason": "ROUTED", "by": { "kind": "CUSTOMER" } }],
            "routing": {
                "ruleSetVersion": 1, "rule": "dear", "fallback": null,
                "conditions": [{ "kind": "AMOUNT_AT_LEAST", "values": ["20000.00 SEK"] }],
                "passedOver": [{ "rule": "broadband", "failed": { "kind": "TEXT_CONTAINS", "values": ["broadband", "bredband"] } }],
                "candidates": [{ "staff": { "name": "maria" }, "openCases": 0 }],
                "facts": { "channel": "WEB", "orderAmount": { "amount": "20000.00" } },
                "explanation": "The rule \"dear\" (version 1) names this person.",
            },
        })
    );
    let cheap = json!({ "idempotencyKey": "2", "text": "The sauna leaks", "email": "asa@example.com", "orderAmount": { "amount": "19999.99", "currency": "SEK" } });
    assert_eq!(shop.filed(cheap).await.owner_name, "carin");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_gives_each_case_to_whoever_has_fewest_and_has_waited_longest() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let mut owners = Vec::new();
    for number in 0..4 {
        t.later(TimeDelta::minutes(1));
        owners.push(shop.customer(&format!("customer{number}"), "Broadband is down").await.owner_name);
    }
    assert_eq!(owners, ["anna", "bo", "anna", "bo"]);
    // Anna's cases are closed, so now she has the fewest.
    let cases = shop
        .staff("anna")
        .asks(
            "query($id: ID!) { cases(filter: { ownerIds: [$id] }) { nodes { id } } }",
            json!({ "id": shop.id_of("anna") }),
        )
        .await;
    for case in cases["cases"]["nodes"].as_array().unwrap() {
        shop.staff("anna").does("closeCase", json!({ "caseId": case["id"], "message": "Done" }), "case { id }").await;
    }
    for number in 0..2 {
        t.later(TimeDelta::minutes(1));
        assert_eq!(shop.customer(&format!("later{number}"), "Broadband is down").await.owner_name, "anna");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_names_a_partner_is_owned_by_the_sellers_employee() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let partner = shop.partner_id("fibre-north").to_owned();
    shop.publishes(json!([
        { "name": "fibre", "when": [{ "involvesPartner": [partner] }], "assignTo": { "staffId": shop.id_of("bo") } },
        { "name": "rest", "assignTo": { "teamId": shop.teams["garden"] } },
    ]))
    .await;
    let other = shop.another(&t, "other").await;
    let named = [partner.as_str(), other.partner_id("bouncy")];
    let asa = shop
        .filed(json!({ "idempotencyKey": "1", "text": "Down", "email": "asa@example.com", "partnerIds": named }))
        .await;
    assert_eq!(asa.owner_name, "bo");
    let case = shop
        .reads(&asa.reference, "owner { seller { id } } partners { name } routing { rule facts { partners { name } } }")
        .await;
    assert_eq!(case["owner"]["seller"]["id"], shop.id.as_str());
    // Another seller's partner is ignored and not refused, because the customer cannot know.
    assert_eq!(case["partners"], json!([{ "name": "fibre-north" }]));
    assert_eq!(case["routing"]["facts"]["partners"], json!([{ "name": "fibre-north" }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_look_at_channel_category_product_language_words_and_patterns() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let to = |name: &str| json!({ "staffId": shop.id_of(name) });
    shop.publishes(json!([
        { "name": "by phone, in English", "when": [{ "channelIn": ["PHONE"] }, { "languageIn": ["EN"] }], "assignTo": to("anna") },
        { "name": "warranty", "when": [{ "categoryIn": ["Warranty"] }], "assignTo": to("bo") },
        { "name": "saunas", "when": [{ "productStartsWith": "sauna" }, { "amountBelow": { "amount": "100", "currency": "SEK" } }], "assignTo": to("carin") },
        { "name": "orders", "when": [{ "textMatches": r"\border\s+\d{4}\b" }], "assignTo": to("dag"), "priority": "URGENT" },
        { "name": "rest", "assignTo": to("maria") },
    ]))
    .await;
    let call = shop.call(json!({ "source": "p", "externalId": "1", "words": "hello", "language": "EN" })).await;
    assert_eq!(call["ownerName"], "anna");
    for (number, (more, owner)) in [
        (json!({ "category": "warranty" }), "bo"),
        (json!({ "product": "Sauna 200", "orderAmount": { "amount": "99.99", "currency": "SEK" } }), "carin"),
        (json!({ "product": "Sauna 200" }), "maria"),
        (json!({ "text": "It is about Order 1234." }), "dag"),
        (json!({ "text": "It is about order 12345" }), "maria"),
        (json!({ "subject": "ORDER 9999" }), "dag"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut input = json!({ "idempotencyKey": number.to_string(), "text": "x", "email": "asa@example.com" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(shop.filed(input.clone()).await.owner_name, owner, "{input}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_set_that_could_leave_a_case_to_chance_is_refused_and_the_old_one_stays_in_force() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let me = json!({ "staffId": shop.id_of("anna") });
    let last = json!({ "name": "rest", "assignTo": me });
    let when = |when: Value| json!([{ "name": "r", "when": [when], "assignTo": me }, last]);
    for (rules, code, field) in [
        (json!([]), "INVALID", "rules"),
        (json!([{ "name": "r", "when": [{ "channelIn": ["WEB"] }], "assignTo": me }]), "INVALID", "rules"),
        (json!([{ "name": "all", "assignTo": me }, last]), "INVALID", "rules.0.when"),
        (
            json!([{ "name": "rest", "when": [{ "channelIn": ["WEB"] }], "assignTo": me }, last]),
            "INVALID",
            "rules.1.name",
        ),
        (json!([{ "name": " ", "assignTo": me }]), "REQUIRED", "rules.0.name"),
        (when(json!({ "channelIn": [] })), "INVALID", "rules.0.when.0"),
        (when(json!({ "textContains": [" "] })), "INVALID", "rules.0.when.0"),
        (when(json!({ "textMatches": "(" })), "INVALID", "rules.0.when.0"),
        (when(json!({ "textMatches": "(a{1000}){1000}" })), "INVALID", "rules.0.when.0"),
        (
            when(json!({ "amountAtLeast": { "amount": "x", "currency": "SEK" } })),
            "INVALID",
            "rules.0.when.0.amountAtLeast.amount",
        ),
        (
            when(json!({ "involvesPartner": [other.partner_id("bouncy")] })),
            "NOT_FOUND_OR_INVALID",
            "rules.0.when.0.involvesPartner",
        ),
        (json!([{ "name": "rest", "assignTo": { "staffId": other.id_of("anna") } }]), "INVALID", "rules.0.assignTo"),
        (json!([{ "name": "rest", "assignTo": { "teamId": other.teams["garden"] } }]), "INVALID", "rules.0.assignTo"),
        (json!([{ "name": "rest", "assignTo": { "staffId": shop.teams["garden"] } }]), "NOT_FOUND", "rules.0.assignTo"),
    ] {
        let errors = shop.admin.fails("publishRuleSet", json!({ "sellerId": shop.id, "rules": rules })).await;
        let code = if code == "NOT_FOUND_OR_INVALID" { "INVALID" } else { code };
        assert_eq!(errors, [(code.to_owned(), field.to_owned())], "{rules}");
    }
    let sellers = shop
        .admin
        .asks(
            "{ sellers { name ruleSet { version publishedBy { name } rules { name assignTo { __typename } } } } }",
            json!({}),
        )
        .await;
    let mine = sellers["sellers"].as_array().unwrap().iter().find(|seller| seller["name"] == "shop").unwrap();
    assert_eq!(mine["ruleSet"]["version"], 1);
    assert_eq!(shop.publishes(json!([last])).await["ruleSet"]["version"], 2);
    assert_eq!(shop.customer("asa", "broadband").await.owner_name, "anna");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rules_the_accountable_person_answers() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let accountable = json!({ "name": "Nora", "email": "nora@new.example" });
    let made = shop
        .admin
        .does(
            "createSeller",
            json!({ "name": "New", "firstContactHours": 2, "accountable": accountable }),
            "seller { id }",
        )
        .await;
    let widget = shop
        .admin
        .does("createWidget", json!({ "sellerId": made["seller"]["id"], "name": "form" }), "widget { publishableKey }")
        .await;
    let form = shop.widget.showing(widget["widget"]["publishableKey"].as_str().unwrap());
    let input = json!({ "idempotencyKey": "1", "text": "Hello", "email": "asa@example.com" });
    let filed = form.does("fileComplaint", input, "receipt { ownerName nextContactDue }").await;
    assert_eq!(filed["receipt"], json!({ "ownerName": "Nora", "nextContactDue": "2026-11-02T10:00:00+00:00" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_moves_a_case_and_the_history_has_neither_gap_nor_overlap() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let move_to = |id: &str| json!({ "caseId": case, "ownerId": id, "reason": "On leave" });
    // Two reassignments at the same instant, and one after the clock was set back.
    shop.manager.does("reassignCase", move_to(shop.id_of("bo")), "case { owner { name } }").await;
    shop.manager.does("reassignCase", move_to(shop.id_of("anna")), "case { owner { name } }").await;
    t.later(-TimeDelta::seconds(20));
    let done = shop.manager.does("reassignCase", move_to(shop.id_of("dag")), "case { version owner { name } ownership { owner { name } from until reason note by { name } } routing { rule } }").await;
    let case_now = &done["case"];
    assert_eq!(
        (&case_now["owner"]["name"], &case_now["version"], &case_now["routing"]["rule"]),
        (&json!("dag"), &json!(5), &json!("broadband"))
    );
    let periods = case_now["ownership"].as_array().unwrap();
    assert_eq!(periods.len(), 4);
    for pair in periods.windows(2) {
        assert_eq!(pair[0]["until"], pair[1]["from"]);
    }
    assert_eq!(periods[3]["until"], Value::Null);
    assert_eq!(
        (&periods[3]["reason"], &periods[3]["note"], &periods[3]["by"]["name"]),
        (&json!("REASSIGNED"), &json!("On leave"), &json!("maria"))
    );

    let other = shop.another(&t, "other").await;
    for (input, code, field) in [
        (move_to(shop.id_of("dag")), "INVALID_TRANSITION", "ownerId"),
        (move_to(other.id_of("anna")), "NOT_FOUND", "ownerId"),
        (move_to(shop.partner_id("bouncy")), "NOT_FOUND", "ownerId"),
        (move_to(&shop.teams["garden"]), "NOT_FOUND", "ownerId"),
        (json!({ "caseId": case, "ownerId": shop.id_of("bo"), "reason": " " }), "REQUIRED", "reason"),
    ] {
        assert_eq!(shop.manager.fails("reassignCase", input).await, [(code.to_owned(), field.to_owned())]);
    }
    assert_eq!(shop.owner_of(&asa.reference).await, "dag");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_owner_leaves_every_case_goes_to_somebody_by_its_own_decision() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let mut references = Vec::new();
    for number in 0..6 {
        references.push(
            shop.customer(&format!("c{number}"), if number % 2 == 0 { "broadband" } else { "trampoline" })
                .await
                .reference,
        );
    }
    for reference in &references {
        let input =
            json!({ "caseId": shop.case_id(reference).await, "ownerId": shop.id_of("dag"), "reason": "all to Dag" });
        let _ = shop.manager.tries("reassignCase", input, "case { id }").await;
    }
    let gone = shop
        .admin
        .does(
            "deactivateStaff",
            json!({ "staffId": shop.id_of("dag") }),
            "deactivation { casesHandedOver staff { active openCases } }",
        )
        .await;
    assert_eq!(gone["deactivation"], json!({ "casesHandedOver": 6, "staff": { "active": false, "openCases": 0 } }));
    for (number, reference) in references.iter().enumerate() {
        let case = shop
            .reads(
                reference,
                "owner { name active } ownership { reason } routing { rule candidates { staff { name } } }",
            )
            .await;
        let (owners, rule): (&[&str], _) =
            if number % 2 == 0 { (&["anna", "bo"], "broadband") } else { (&["carin"], "the rest") };
        assert!(owners.contains(&case["owner"]["name"].as_str().unwrap()), "{case}");
        assert_eq!(case["routing"]["rule"], rule);
        assert_eq!(case["ownership"].as_array().unwrap().last().unwrap()["reason"], "OWNER_LEFT");
    }
    // Dag can no longer sign in and gets no cases. Deactivating him again changes nothing.
    assert_eq!(shop.staff("dag").post("{ viewer { __typename } }", json!({})).await.0, 401);
    let carin = shop.customer("late", "trampoline").await;
    assert_eq!(carin.owner_name, "carin");
    let again = shop
        .admin
        .does("deactivateStaff", json!({ "staffId": shop.id_of("dag") }), "deactivation { casesHandedOver }")
        .await;
    assert_eq!(again["deactivation"]["casesHandedOver"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_leaves_who_is_still_needed_and_the_refusal_says_what_to_do_first() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let fails =
        async |id: &str| shop.admin.tries("deactivateStaff", json!({ "staffId": id }), "").await["userErrors"].clone();
    assert_eq!(
        fails(&shop.admin_id).await[0]["message"],
        "They are the accountable person of shop. Name a `successorId`."
    );
    assert_eq!(
        fails(shop.id_of("anna")).await[0]["message"],
        "They lead the team broadband. Name a `successorId`, or another lead with `updateTeam`."
    );
    shop.admin
        .does(
            "updateTeam",
            json!({ "teamId": shop.teams["garden"], "name": "garden", "leadId": shop.id_of("dag"), "memberIds": [] }),
            "team { members { name } }",
        )
        .await;
    let last = fails(shop.id_of("dag")).await;
    assert_eq!((last.as_array().unwrap().len(), &last[0]["code"]), (1, &json!("IN_USE")), "{last}");
    shop.admin
        .does(
            "updateSeller",
            json!({ "sellerId": shop.id, "accountableId": shop.id_of("maria") }),
            "seller { accountable { name } }",
        )
        .await;
    let last = fails(&shop.admin_id).await;
    assert_eq!((last.as_array().unwrap().len(), &last[0]["code"]), (1, &json!("IN_USE")), "{last}");
    // There must be another platform administrator.
    let input = json!({ "staffId": shop.id_of("maria"), "role": "PLATFORM_ADMINISTRATOR" });
    shop.admin.does("updateStaff", input, "staff { role }").await;
    let elin = shop
        .admin
        .does("deactivateStaff", json!({ "staffId": shop.admin_id }), "deactivation { staff { active } }")
        .await;
    assert_eq!(elin["deactivation"]["staff"]["active"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_leaves_while_complaints_pour_in_and_no_case_is_ever_without_an_owner() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    shop.publishes(json!([
        { "name": "dag", "when": [{ "textContains": ["dag"] }], "assignTo": { "staffId": shop.id_of("dag") } },
        { "name": "rest", "assignTo": { "teamId": shop.teams["garden"] } },
    ]))
    .await;
    let file = async |number: usize| shop.customer(&format!("c{number}"), "for dag").await.owner_name;
    let leave = async {
        tokio::task::yield_now().await;
        shop.admin
            .does("deactivateStaff", json!({ "staffId": shop.id_of("dag") }), "deactivation { casesHandedOver }")
            .await
    };
    let (owners, gone) = tokio::join!(futures_util::future::join_all((0..24).map(file)), leave);
    assert!(owners.iter().all(|owner| ["dag", "carin", "Elin"].contains(&owner.as_str())), "{owners:?}");
    let handed = usize::try_from(gone["deactivation"]["casesHandedOver"].as_i64().unwrap()).unwrap();
    assert_eq!(handed, owners.iter().filter(|owner| *owner == "dag").count());
    let all = shop
        .manager
        .asks("{ cases(first: 100) { nodes { owner { name active } routing { fallback } } } }", json!({}))
        .await;
    for case in all["cases"]["nodes"].as_array().unwrap() {
        // The rule still names Dag, who has left. The accountable person owns the case, and the decision says so.
        assert_eq!(
            (&case["owner"]["name"], &case["routing"]["fallback"]),
            (&json!("Elin"), &json!("PERSON_NOT_ACTIVE"))
        );
    }
}
