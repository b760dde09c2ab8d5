//! Staff change a case: what it says, whom the rules choose for it, to whom it goes; and many cases at once.

use ansvar_tests::watch::By;
use ansvar_tests::{Client, TestApp, Watch};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// A watch on what happens to the owner's cases, with the values before and after a change.
async fn changes(client: &Client) -> Watch {
    let document = "subscription { workEvents { event { __typename by { name }
        ... on CaseUpdated { changes { field before after } }
        ... on CaseRoutedAgain { from { name } to { name } decision { rule askedBecause } }
        ... on OwnerChanged { to { name } reason } } } }";
    Watch::start(client, By::WebSocket, document, json!({})).await
}

/// The next event of this kind.
async fn next(watch: &mut Watch, kind: &str) -> Value {
    loop {
        let event = watch.next_event().await["event"].take();
        if event["__typename"] == kind {
            return event;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_case_says_is_changed_and_its_history_is_kept() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let input = json!({ "idempotencyKey": "1", "name": "asa", "email": "asa@example.com", "text": "broadband", "category": "lines", "tags": ["B2B", "vip"],
        "orderReference": "A-1", "orderAmount": { "amount": "499", "currency": "SEK" } });
    let asa = shop.filed(input).await;
    let (case, anna) = (shop.case_id(&asa.reference).await, shop.staff("anna"));
    let mut work = changes(anna).await;
    let mut customer = Watch::my_case(&t, &asa.client, By::Sse, &asa.reference, None).await;
    let said = "subject category product priority severity tags language orderReference orderAmount { amount currency } version";
    let before = shop.reads(&asa.reference, said).await;
    let update = json!({ "caseId": case, "subject": " No\nsignal ", "category": null, "product": "Fibre 100", "severity": "SEVERE",
        "tags": ["vip", "Fibre"], "language": "EN", "orderAmount": null, "expectedVersion": before["version"] });
    let now = anna.does("updateCase", update.clone(), &format!("case {{ {said} }}")).await["case"].take();
    let version = before["version"].as_i64().unwrap() + 1;
    let expected = json!({ "subject": "No signal", "category": null, "product": "Fibre 100", "priority": "NORMAL", "severity": "SEVERE",
        "tags": ["fibre", "vip"], "language": "EN", "orderReference": "A-1", "orderAmount": null, "version": version });
    assert_eq!(now, expected);
    let event = next(&mut work, "CaseUpdated").await;
    assert_eq!(event["by"]["name"], "anna");
    let change = |field: &str, before: Value, after: Value| json!({ "field": field, "before": before, "after": after });
    let changed = json!([
        change("SUBJECT", json!("broadband"), json!("No signal")),
        change("CATEGORY", json!("lines"), Value::Null),
        change("PRODUCT", Value::Null, json!("Fibre 100")),
        change("SEVERITY", Value::Null, json!("SEVERE")),
        change("TAGS", json!("b2b, vip"), json!("fibre, vip")),
        change("LANGUAGE", json!("SV"), json!("EN")),
        change("ORDER_AMOUNT", json!("499.00 SEK"), Value::Null),
    ]);
    assert_eq!(event["changes"], changed);
    // The customer hears of the subject, and not of the rest.
    assert_eq!(customer.next_event().await["kind"], "CASE_UPDATED");
    assert_eq!(asa.client.asks("{ myCase { subject } }", json!({})).await["myCase"]["subject"], "No signal");
    anna.does("updateCase", json!({ "caseId": case, "priority": "HIGH" }), "case { id }").await;
    assert_eq!(customer.seen(&t).await, [] as [Value; 0]);
    // The same values again are no change.
    let again = json!({ "caseId": case, "subject": "No signal", "tags": ["fibre", "VIP"], "priority": "HIGH" });
    let same = anna.does("updateCase", again, "case { version }").await;
    assert_eq!(same["case"]["version"], version + 1);
    // What a variable leaves out stays, and what it says to be null goes.
    let document = "mutation($case: ID!, $order: String, $category: String) { updateCase(input: { caseId: $case, orderReference: $order, category: $category })
        { case { orderReference category } userErrors { code } } }";
    let kept = anna.asks(document, json!({ "case": case, "category": "saunas" })).await;
    assert_eq!(kept["updateCase"]["case"], json!({ "orderReference": "A-1", "category": "saunas" }));
    let cleared = anna.asks(document, json!({ "case": case, "order": null })).await;
    assert_eq!(cleared["updateCase"]["case"], json!({ "orderReference": null, "category": "saunas" }));
    // What cannot be is refused, each field by its name.
    let error = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    let long = "x".repeat(201);
    let wrong = json!({ "caseId": case, "subject": long, "product": long, "tags": [""] });
    let errors = [error("TOO_LONG", "subject"), error("TOO_LONG", "product"), error("TOO_LONG", "tags")];
    assert_eq!(anna.fails("updateCase", wrong).await, errors);
    for (input, refused) in [
        (json!({ "subject": " " }), error("REQUIRED", "subject")),
        (json!({ "subject": null }), error("REQUIRED", "subject")),
        (json!({ "priority": null }), error("REQUIRED", "priority")),
        (json!({ "language": null }), error("REQUIRED", "language")),
        (json!({ "orderAmount": { "amount": "1,5", "currency": "SEK" } }), error("INVALID", "orderAmount.amount")),
    ] {
        let mut input = input;
        input["caseId"] = json!(case);
        assert_eq!(anna.fails("updateCase", input).await, [refused]);
    }
    assert_eq!(anna.fails("updateCase", update).await, [error("VERSION_CONFLICT", "expectedVersion")]);
    // A colleague may not, and a merged case cannot be changed.
    customer.cut();
    let other = json!({ "caseId": case, "priority": "LOW" });
    assert_eq!(shop.staff("bo").fails("updateCase", other.clone()).await[0].0, "FORBIDDEN");
    let twin = shop.case_id(&shop.customer("asa", "broadband again").await.reference).await;
    let merge = json!({ "caseId": case, "intoId": twin, "reason": "r", "sameCustomer": true });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    assert_eq!(shop.manager.fails("updateCase", other).await, [error("INVALID_TRANSITION", "caseId")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_category_product_and_priority_follows() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let own = async |mutation: &str, field: &str, mut input: Value| {
        input["sellerId"] = json!(shop.id);
        shop.admin.does(mutation, input, &format!("{field} {{ id }}")).await[field]["id"].clone()
    };
    let [fibre, bouncy] = ["fibre-north", "bouncy"].map(|name| shop.partner_id(name));
    let lines = own("setCategory", "category", json!({ "name": "Lines", "partnerIds": [fibre] })).await;
    own("setCategory", "category", json!({ "name": "Garden", "partnerIds": [bouncy] })).await;
    own("setProduct", "product", json!({ "name": "Fibre 100", "categoryId": lines })).await;
    let level = |name: &str, hours: i32| json!({ "name": name, "times": { "firstContact": { "hours": hours }, "ownerActs": { "hours": 40 } } });
    let mut garden = level("garden", 30);
    garden["category"] = json!("garden");
    let mut urgent = level("urgent", 2);
    urgent["priority"] = json!("URGENT");
    urgent["times"]["answer"] = json!({ "hours": 100 });
    own("setServiceLevel", "serviceLevel", garden).await;
    own("setServiceLevel", "serviceLevel", urgent).await;
    let clocks = json!({ "sellerId": shop.id, "clocks": [{ "rule": "UK_DISP_EIGHT_WEEKS", "category": "garden" }] });
    shop.admin.does("setLegalClocks", clocks, "seller { id }").await;
    t.settle().await;
    let asa = shop.customer("asa", "broadband").await;
    let (case, anna) = (shop.case_id(&asa.reference).await, shop.staff("anna"));
    let selection = "category nextContactDue serviceLevel { name } partners { name } suggestedPartners { name } clocks { kind dueAt startedAt } owner { name }";
    let update = async |mut input: Value| {
        input["caseId"] = json!(case);
        anna.does("updateCase", input, &format!("case {{ {selection} }}")).await["case"].take()
    };
    let named = |partners: &[&str]| json!(partners.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>());
    let clock = |case: &Value, kind: &str| {
        let clocks = case["clocks"].as_array().unwrap();
        clocks.iter().find(|clock| clock["kind"] == kind).cloned().unwrap_or_default()
    };
    // The product names its category, and both name the partner.
    let now = update(json!({ "product": "fibre 100" })).await;
    assert_eq!((&now["category"], &now["suggestedPartners"]), (&json!("Lines"), &named(&["fibre-north"])));
    assert_eq!((&now["serviceLevel"], &clock(&now, "LEGAL_CLOCK")), (&Value::Null, &Value::Null));
    assert_eq!(now["nextContactDue"], "2026-11-03T08:00:00+00:00");
    // Another category: other partners, another level, its legal clock from the receipt. The customer waits no longer.
    t.later_and_settled(TimeDelta::hours(1)).await;
    let shop = shop.at(&t);
    let anna = shop.staff("anna");
    let update = async |mut input: Value| {
        input["caseId"] = json!(case);
        anna.does("updateCase", input, &format!("case {{ {selection} }}")).await["case"].take()
    };
    let now = update(json!({ "category": "garden", "product": null })).await;
    assert_eq!((&now["serviceLevel"]["name"], &now["suggestedPartners"]), (&json!("garden"), &named(&["bouncy"])));
    assert_eq!(now["nextContactDue"], "2026-11-03T08:00:00+00:00");
    assert_eq!(clock(&now, "LEGAL_CLOCK")["startedAt"], "2026-11-02T08:00:00+00:00");
    assert_eq!(clock(&now, "OWNER_ACTS_BY")["dueAt"], "2026-11-04T00:00:00+00:00");
    assert_eq!(now["owner"]["name"], "anna");
    // A category has precedence before a priority, so the level changes when the category is gone. The customer hears
    // earlier, the time for the answer begins now, and the legal clock goes on.
    let now = update(json!({ "priority": "URGENT" })).await;
    assert_eq!(now["serviceLevel"]["name"], "garden");
    let now = update(json!({ "category": null })).await;
    assert_eq!((&now["serviceLevel"]["name"], &now["suggestedPartners"]), (&json!("urgent"), &named(&[])));
    assert_eq!(now["nextContactDue"], "2026-11-02T10:00:00+00:00");
    assert_eq!(clock(&now, "ANSWER_BY")["dueAt"], "2026-11-06T13:00:00+00:00");
    assert_ne!(clock(&now, "LEGAL_CLOCK"), Value::Null);
    let back = update(json!({ "category": "Garden", "priority": "NORMAL" })).await;
    let legal = back["clocks"].as_array().unwrap().iter().filter(|clock| clock["kind"] == "LEGAL_CLOCK").count();
    assert_eq!((legal, &back["serviceLevel"]["name"]), (1, &json!("garden")), "no clock twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_decide_anew_and_the_decision_is_explained() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    shop.publishes(json!([
        { "name": "gardens", "when": [{ "categoryIn": ["garden"] }], "assignTo": { "staffId": shop.id_of("carin") } },
        { "name": "marked", "when": [{ "tagIn": ["vip"] }], "assignTo": { "staffId": shop.id_of("dag") } },
        { "name": "broadband", "assignTo": { "teamId": shop.teams["broadband"] } },
    ]))
    .await;
    let asa = shop.customer("asa", "broadband").await;
    assert_eq!(asa.owner_name, "anna");
    let case = shop.case_id(&asa.reference).await;
    let again = |reason: &str| json!({ "caseId": case, "reason": reason });
    let selection = "case { owner { name } routing { rule ruleSetVersion askedBecause candidates { staff { name } openCases } } whyThisOwner ownership { reason note } pendingHandover { to { name } } }";
    // Nothing has changed: the owner stays, though a colleague with as many cases has waited longer.
    let mut work = changes(shop.staff("anna")).await;
    let offer = json!({ "caseId": case, "toId": shop.id_of("bo"), "note": "n" });
    shop.manager.does("offerHandover", offer, "handover { id }").await;
    let same = shop.manager.does("routeAgain", again("A look"), selection).await["case"].take();
    assert_eq!((&same["owner"]["name"], &same["ownership"].as_array().unwrap().len()), (&json!("anna"), &1));
    assert_eq!((&same["routing"]["rule"], &same["routing"]["askedBecause"]), (&json!("broadband"), &json!("A look")));
    let anna = json!({ "staff": { "name": "anna" }, "openCases": 0 });
    assert!(
        same["routing"]["candidates"].as_array().unwrap().contains(&anna),
        "the case itself is not counted: {same}"
    );
    let why = same["whyThisOwner"].as_str().unwrap();
    assert!(why.starts_with("The case was routed again (A look). The rule \"broadband\""), "{why}");
    assert_eq!(same["pendingHandover"]["to"]["name"], "bo", "an offer is not touched when the owner stays");
    let event = next(&mut work, "CaseRoutedAgain").await;
    let stays = json!({ "from": { "name": "anna" }, "to": { "name": "anna" }, "decision": { "rule": "broadband", "askedBecause": "A look" } });
    assert_eq!((&event["from"], &event["to"], &event["decision"]), (&stays["from"], &stays["to"], &stays["decision"]));
    // Now the case is about something else.
    let update = json!({ "caseId": case, "category": "garden" });
    shop.staff("anna").does("updateCase", update, "case { id }").await;
    let moved = shop.manager.does("routeAgain", again("It is a garden"), selection).await["case"].take();
    assert_eq!((&moved["owner"]["name"], &moved["routing"]["rule"]), (&json!("carin"), &json!("gardens")));
    assert_eq!(moved["pendingHandover"], Value::Null, "the offer is overtaken");
    assert_eq!(moved["ownership"][1], json!({ "reason": "ROUTED_AGAIN", "note": "It is a garden" }));
    let why = moved["whyThisOwner"].as_str().unwrap();
    assert!(why.ends_with("The rule \"gardens\" (version 2) names this person."), "{why}");
    assert_eq!(next(&mut work, "OwnerChanged").await["to"]["name"], "carin");
    // Tags that staff set are facts too; and what a manager decided is explained by the rules once they confirm it.
    let update = json!({ "caseId": case, "category": null, "tags": ["vip"] });
    shop.staff("carin").does("updateCase", update, "case { id }").await;
    let give = json!({ "caseId": case, "ownerId": shop.id_of("dag"), "reason": "Dag knows them" });
    shop.manager.does("reassignCase", give, "case { id }").await;
    let kept = shop.manager.does("routeAgain", again("Is that right?"), selection).await["case"].take();
    assert_eq!((&kept["owner"]["name"], &kept["routing"]["rule"]), (&json!("dag"), &json!("marked")));
    assert!(
        kept["whyThisOwner"].as_str().unwrap().starts_with("The case was routed again (Is that right?)."),
        "{kept}"
    );
    let twice = shop.manager.does("routeAgain", again("And again?"), selection).await["case"].take();
    assert_eq!(twice["routing"]["askedBecause"], "And again?");
    // For managers, with a reason, and not on a merged case.
    assert_eq!(shop.staff("dag").fails("routeAgain", again("r")).await[0].0, "FORBIDDEN");
    assert_eq!(shop.manager.fails("routeAgain", again(" ")).await, [("REQUIRED".into(), "reason".into())]);
    let twin = shop.case_id(&shop.customer("asa", "broadband again").await.reference).await;
    let merge = json!({ "caseId": case, "intoId": twin, "reason": "r", "sameCustomer": true });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    assert_eq!(shop.manager.fails("routeAgain", again("r")).await, [("INVALID_TRANSITION".into(), "caseId".into())]);
    // With the case that goes on, those that were merged into it change hands too.
    let into = shop.reads(&asa.reference, "mergedInto { id }").await["mergedInto"]["id"].clone();
    let update = json!({ "caseId": into, "category": "garden" });
    shop.manager.does("updateCase", update, "case { id }").await;
    let input = json!({ "caseId": into, "reason": "Gardens" });
    let both = shop.manager.does("routeAgain", input, "case { owner { name } mergedCases { owner { name } } }").await;
    let carin = json!({ "name": "carin" });
    assert_eq!(both["case"], json!({ "owner": carin, "mergedCases": [{ "owner": carin }] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_a_case_to_somebody_who_is_away_by_mistake() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    // Bo is away until midnight in Stockholm, and back on Monday.
    let away = json!({ "staffId": shop.id_of("bo"), "away": { "until": "2026-11-08T23:00:00Z" } });
    shop.staff("bo").does("setAvailability", away, "staff { id }").await;
    let give = |more: Value| merged(json!({ "caseId": case, "ownerId": shop.id_of("bo"), "reason": "r" }), &more);
    let offer = |more: Value| merged(json!({ "caseId": case, "toId": shop.id_of("bo"), "note": "n" }), &more);
    let refused = |field: &str| [("PERSON_AWAY".to_owned(), field.to_owned())];
    assert_eq!(shop.manager.fails("reassignCase", give(json!({}))).await, refused("ownerId"));
    assert_eq!(shop.staff("anna").fails("offerHandover", offer(json!({}))).await, refused("toId"));
    let told = shop.manager.tries("reassignCase", give(json!({})), "").await["userErrors"][0]["message"].clone();
    assert_eq!(
        told,
        "They are away and back on Monday 9 November 2026. Choose somebody else, or say `evenIfAway: true`."
    );
    let told = shop.manager.reading("sv").tries("reassignCase", give(json!({})), "").await["userErrors"][0].take();
    assert!(told["message"].as_str().unwrap().contains("tillbaka måndag 9 november 2026"), "{told}");
    // A person who knows what they do may.
    let even = json!({ "evenIfAway": true });
    let made = shop.staff("anna").does("offerHandover", offer(even.clone()), "handover { id }").await;
    shop.staff("anna")
        .does("withdrawHandover", json!({ "handoverId": made["handover"]["id"] }), "handover { id }")
        .await;
    let done = shop.manager.does("reassignCase", give(even), "case { owner { name } }").await;
    assert_eq!(done["case"]["owner"]["name"], "bo");
    // Back, or away only later: nothing is refused.
    let later = json!({ "staffId": shop.id_of("anna"), "away": { "from": "2026-11-10T08:00:00Z", "until": "2026-11-12T08:00:00Z" } });
    shop.staff("anna").does("setAvailability", later, "staff { id }").await;
    let to_anna = json!({ "caseId": case, "ownerId": shop.id_of("anna"), "reason": "r" });
    shop.manager.does("reassignCase", to_anna, "case { id }").await;
    shop.staff("bo")
        .does("setAvailability", json!({ "staffId": shop.id_of("bo"), "back": true }), "staff { id }")
        .await;
    shop.staff("anna").does("offerHandover", offer(json!({})), "handover { id }").await;
}

fn merged(mut input: Value, more: &Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_cases_are_changed_in_one_request_each_by_itself() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let mut cases = Vec::new();
    for name in ["a", "b", "c", "d"] {
        cases.push(shop.case_id(&shop.customer(name, "broadband").await.reference).await);
    }
    let due = json!({ "caseId": cases[1], "what": "w", "due": { "day": "2026-12-01" }, "place": "CALL" });
    shop.manager.does("makeCommitment", due, "commitment { id }").await;
    let away = json!({ "staffId": shop.id_of("bo"), "away": { "until": t.now() + TimeDelta::days(3) } });
    shop.staff("bo").does("setAvailability", away, "staff { id }").await;
    let item = |case: &Value, act: Value| json!({ "caseId": case, "act": act });
    let case = |place: usize| json!(cases[place]);
    let give = |to: &str| json!({ "reassign": { "ownerId": shop.id_of(to), "reason": "r" } });
    let nothing = json!("case_01k00000000000000000000000");
    let items = vec![
        item(&case(0), json!({ "update": { "addTags": ["Storm", "b2b"], "priority": "HIGH", "category": "lines" } })),
        item(&case(0), json!({ "update": { "removeTags": ["b2b", "none"], "category": null } })),
        item(&case(0), give("carin")),
        item(&case(2), give("bo")),
        item(&case(1), json!({ "close": { "message": "Done" } })),
        item(&case(2), json!({ "close": { "message": "Done" } })),
        item(&case(2), json!({ "close": { "message": "Done" } })),
        item(&nothing, give("carin")),
        item(&case(3), json!({ "update": { "addTags": [""] } })),
        json!({ "caseId": cases[3], "act": { "update": { "priority": "LOW" } }, "expectedVersion": 1 }),
        item(&case(3), json!({ "reassign": { "ownerId": shop.id_of("dag"), "reason": " " } })),
    ];
    let input = json!({ "items": items, "idempotencyKey": "storm" });
    let selection = "results { caseId case { tags priority category stage owner { name } version } userErrors { code field message } }";
    let done = shop.manager.does("updateCases", input.clone(), selection).await["results"].take();
    let errors = |done: &Value| -> Vec<String> {
        let one = |result: &Value| match &result["userErrors"][0] {
            Value::Null => "-".to_owned(),
            error => {
                let field = error["field"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>();
                format!("{} {}", error["code"].as_str().unwrap(), field.join("."))
            }
        };
        done.as_array().unwrap().iter().map(one).collect()
    };
    assert_eq!(
        errors(&done),
        [
            "-",
            "-",
            "-",
            "PERSON_AWAY act.reassign.ownerId",
            "IN_USE caseId",
            "-",
            "INVALID_TRANSITION caseId",
            "NOT_FOUND caseId",
            "TOO_LONG act.update.addTags",
            "VERSION_CONFLICT expectedVersion",
            "REQUIRED act.reassign.reason"
        ]
    );
    assert_eq!((&done[0]["case"]["tags"], &done[0]["case"]["priority"]), (&json!(["b2b", "storm"]), &json!("HIGH")));
    let last = &done[2]["case"];
    assert_eq!(
        (&last["tags"], &last["category"], &last["owner"]["name"]),
        (&json!(["storm"]), &Value::Null, &json!("carin"))
    );
    assert_eq!(done[5]["case"]["stage"], "CLOSED");
    // A case is refused with the message that it would get alone.
    let alone = shop.manager.tries("closeCase", json!({ "caseId": cases[1], "message": "Done" }), "").await;
    assert_eq!(done[4]["userErrors"][0]["message"], alone["userErrors"][0]["message"]);
    // Repeated, nothing happens again.
    let before = done[2]["case"]["version"].clone();
    let again = shop.manager.does("updateCases", input, selection).await["results"].take();
    assert_eq!((&again[2]["case"]["version"], errors(&again)), (&before, errors(&done)));
    // Everybody does to each case what they may do to it alone.
    let mixed = json!({ "items": [
        item(&case(3), json!({ "update": { "addTags": ["mine"] } })),
        item(&case(3), give("dag")),
    ] });
    let owner = shop.staff("bo").does("updateCases", mixed, selection).await["results"].take();
    assert_eq!((owner[0]["userErrors"].clone(), &owner[1]["userErrors"][0]["code"]), (json!([]), &json!("FORBIDDEN")));
    let many: Vec<_> = (0..101).map(|_| item(&case(0), give("dag"))).collect();
    let refused = shop.manager.fails("updateCases", json!({ "items": many })).await;
    assert_eq!(refused, [("TOO_LONG".into(), "items".into())]);
}
