//! The choice of a person in a team, and trying rules before they are used.

use ansvar_tests::TestApp;
use ansvar_tests::people::Shop;
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn away(t: &TestApp, shop: &Shop, name: &str, days: i64) {
    let until = t.now() + TimeDelta::days(days);
    let input = json!({ "staffId": shop.id_of(name), "away": { "until": until } });
    shop.staff(name).does("setAvailability", input, "staff { awayUntil }").await;
}

async fn candidates(shop: &Shop, reference: &str) -> Value {
    let read = shop.reads(reference, "routing { fallback candidates { staff { name } obstacle } }").await;
    let list = read["routing"]["candidates"].as_array().unwrap().clone();
    let list = list.into_iter().map(|one| (one["staff"]["name"].as_str().unwrap().to_owned(), one["obstacle"].clone()));
    json!({ "fallback": read["routing"]["fallback"], "obstacles": list.collect::<serde_json::Map<_, _>>() })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_full_or_cannot_is_passed_over_and_the_decision_says_why() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let set = async |name: &str, change: Value| {
        let mut input = json!({ "staffId": shop.id_of(name) });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        shop.admin.does("updateStaff", input, "staff { skills capacity }").await["staff"].clone()
    };
    assert_eq!(set("anna", json!({ "skills": ["Fibre", " fibre "] })).await["skills"], json!(["fibre"]));
    set("bo", json!({ "skills": ["fibre"], "capacity": 1 })).await;
    shop.publishes(json!([
        { "name": "fibre", "when": [{ "textContains": ["fibre"] }], "assignTo": { "teamId": shop.teams["broadband"] }, "skills": ["FIBRE"] },
        { "name": "copper", "when": [{ "textContains": ["copper"] }], "assignTo": { "teamId": shop.teams["broadband"] }, "skills": ["copper"] },
        { "name": "rest", "assignTo": { "teamId": shop.teams["garden"] } },
    ]))
    .await;
    assert_eq!(shop.customer("c1", "fibre").await.owner_name, "anna");
    assert_eq!(shop.customer("c2", "fibre").await.owner_name, "bo");
    // Bo's capacity is one case.
    let full = shop.customer("c3", "fibre").await;
    assert_eq!(
        candidates(&shop, &full.reference).await,
        json!({ "fallback": null, "obstacles": { "anna": null, "bo": "FULL" } })
    );
    away(&t, &shop, "anna", 3).await;
    // Everybody is away or at capacity, the lead included, so the accountable person gets the case.
    let nobody = shop.customer("c4", "fibre").await;
    assert_eq!(nobody.owner_name, "Elin");
    assert_eq!(
        candidates(&shop, &nobody.reference).await,
        json!({ "fallback": "NOBODY_AVAILABLE", "obstacles": { "anna": "AWAY", "bo": "FULL" } })
    );
    shop.staff("anna")
        .does(
            "setAvailability",
            json!({ "staffId": shop.id_of("anna"), "back": true }),
            "staff { awayUntil absences { until } }",
        )
        .await;
    // Nobody has the skill, so the lead gets the case.
    let copper = shop.customer("c5", "copper").await;
    assert_eq!(copper.owner_name, "anna");
    assert_eq!(
        candidates(&shop, &copper.reference).await,
        json!({ "fallback": "NOBODY_AVAILABLE", "obstacles": { "anna": "SKILL_MISSING", "bo": "SKILL_MISSING" } })
    );
    let why = shop.reads(&copper.reference, "whyThisOwner").await["whyThisOwner"].clone();
    assert_eq!(
        why,
        "The rule \"copper\" (version 2) names a team in which nobody could take it: everybody is away, full or without the skills. The team's lead answers, or behind the lead the seller's accountable person."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_team_is_away_and_whoever_comes_back_is_not_flooded() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    for number in 0..6 {
        t.later(TimeDelta::minutes(1));
        shop.customer(&format!("early{number}"), "broadband").await;
    }
    away(&t, &shop, "bo", 2).await;
    for number in 0..6 {
        t.later(TimeDelta::minutes(1));
        assert_eq!(shop.customer(&format!("while{number}"), "broadband").await.owner_name, "anna");
    }
    away(&t, &shop, "anna", 1).await;
    assert_eq!(shop.customer("nobody", "broadband").await.owner_name, "Elin");
    // If a rule names a person who is away, the accountable person gets the case.
    let test = json!({ "sellerId": shop.id, "sample": { "text": "hello" }, "rules": [{ "name": "anna", "assignTo": { "staffId": shop.id_of("anna") } }] });
    let document = "query($sellerId: ID!, $rules: [RuleInput!], $sample: RoutingSampleInput!) { testRouting(sellerId: $sellerId, rules: $rules, sample: $sample) { owner { name } decision { fallback } } }";
    let tried = shop.manager.asks(document, test).await;
    assert_eq!(tried["testRouting"], json!({ "owner": { "name": "Elin" }, "decision": { "fallback": "PERSON_AWAY" } }));
    t.later(TimeDelta::days(2));
    let widget = shop.widget.clone();
    let mut owners = Vec::new();
    for number in 0..8 {
        t.later(TimeDelta::minutes(1));
        let input = json!({ "idempotencyKey": format!("late{number}"), "text": "broadband", "email": "c@example.com" });
        let filed = widget.does("fileComplaint", input, "receipt { ownerName }").await;
        owners.push(filed["receipt"]["ownerName"].as_str().unwrap().to_owned());
    }
    // Bo has six cases fewer and has been idle longest; still they take turns.
    assert_eq!(owners.iter().filter(|owner| *owner == "bo").count(), 4, "{owners:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_and_people_themselves_set_when_they_take_cases() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let until = t.now() + TimeDelta::days(1);
    let input = json!({ "staffId": shop.id_of("anna"), "away": { "until": until } });
    assert_eq!(shop.staff("bo").fails("setAvailability", input.clone()).await[0].0, "FORBIDDEN");
    let other = shop.another(&t, "other").await;
    assert_eq!(other.manager.fails("setAvailability", input.clone()).await[0].0, "NOT_FOUND");
    assert_eq!(shop.gateway.fails("setAvailability", input.clone()).await[0].0, "NOT_FOUND");
    let set = shop.manager.does("setAvailability", input, "staff { awayUntil }").await;
    assert_eq!(set["staff"]["awayUntil"], "2026-11-03T08:00:00+00:00");
    let wrong = json!({ "staffId": shop.id_of("anna"), "away": { "until": t.now() } });
    assert_eq!(shop.manager.fails("setAvailability", wrong).await, [("INVALID".into(), "away.until".into())]);
    let nights = json!([{ "days": ["MONDAY"], "from": "22:00", "until": "6:00" }]);
    let wrong = json!({ "staffId": shop.id_of("anna"), "workingHours": nights });
    assert_eq!(shop.manager.fails("setAvailability", wrong).await, [("INVALID".into(), "workingHours.0.until".into())]);
    // It is nine on a Monday in Stockholm. Bo works evenings, so he is skipped while others are at work.
    let evenings = json!([{ "days": ["MONDAY"], "from": "17:00", "until": "24:00" }]);
    shop.staff("bo")
        .does(
            "setAvailability",
            json!({ "staffId": shop.id_of("bo"), "workingHours": evenings }),
            "staff { workingHours { days from until } }",
        )
        .await;
    shop.manager
        .does("setAvailability", json!({ "staffId": shop.id_of("anna"), "back": true }), "staff { awayUntil }")
        .await;
    for number in 0..2 {
        t.later(TimeDelta::minutes(1));
        assert_eq!(shop.customer(&format!("day{number}"), "broadband").await.owner_name, "anna");
    }
    t.later(TimeDelta::hours(9));
    assert_eq!(shop.customer("evening", "broadband").await.owner_name, "bo");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_know_severity_tier_tags_hours_and_the_branch_of_the_tree() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let category = async |name: &str, parent: Option<&str>, partners: Value| {
        let input = json!({ "sellerId": shop.id, "name": name, "parentId": parent, "partnerIds": partners });
        shop.admin.does("setCategory", input, "category { id }").await["category"]["id"].as_str().unwrap().to_owned()
    };
    let broadband = category("Broadband", None, json!([shop.partner_id("fibre-north")])).await;
    let fibre = category("Fibre", Some(&broadband), json!([])).await;
    let input = json!({ "sellerId": shop.id, "name": "Fast 500", "categoryId": fibre, "partnerIds": [shop.partner_id("bouncy")] });
    shop.admin.does("setProduct", input, "product { partners { name } category { parent { name } } }").await;
    let level = json!({ "sellerId": shop.id, "name": "gold", "firstContactHours": 2, "ownerIdleHours": 10 });
    let level = shop.admin.does("setServiceLevel", level, "serviceLevel { id }").await["serviceLevel"]["id"].clone();
    let to = |name: &str| json!({ "staffId": shop.id_of(name) });
    let ask = json!({ "partnerId": shop.partner_id("fibre-north"), "title": "Measure the line", "asked": "Please measure and report.", "dueHours": 48 });
    shop.publishes(json!([
        { "name": "critical", "when": [{ "severityIn": ["CRITICAL", "SEVERE"] }], "assignTo": to("maria"), "priority": "URGENT", "tags": ["Safety"] },
        { "name": "gold", "when": [{ "customerTierIn": ["Gold"] }], "assignTo": to("carin"), "serviceLevelId": level },
        { "name": "again", "when": [{ "customerOpenCasesAtLeast": 1 }], "assignTo": to("dag") },
        { "name": "press", "when": [{ "tagIn": ["press"] }], "assignTo": to("bo") },
        { "name": "broadband", "when": [{ "categoryIn": ["broadband"] }], "assignTo": to("anna"), "task": ask },
        { "name": "partner", "when": [{ "involvesPartner": [shop.partner_id("bouncy")] }, { "textStartsWith": ["hello"] }], "assignTo": to("bo") },
        { "name": "night", "when": [{ "withinBusinessHours": false }], "assignTo": to("dag") },
        { "name": "rest", "assignTo": to("carin") },
    ]))
    .await;
    let file = async |name: &str, more: Value| {
        let mut input = json!({ "idempotencyKey": name, "text": "x", "email": format!("{name}@example.com") });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        shop.filed(input).await
    };
    let critical = file("a", json!({ "severity": "CRITICAL", "tags": ["Home"] })).await;
    let read = shop.reads(&critical.reference, "owner { name } priority severity tags customer { id }").await;
    assert_eq!(
        (&read["owner"]["name"], &read["priority"], &read["tags"]),
        (&json!("maria"), &json!("URGENT"), &json!(["home", "safety"]))
    );
    assert_eq!(file("b", json!({ "tags": ["PRESS"] })).await.owner_name, "bo");
    // Rules match the category above the given one and the product's own branch, and the case has the partners of both.
    let modem = file("c", json!({ "category": "FIBRE" })).await;
    assert_eq!(modem.owner_name, "anna");
    let read = shop.reads(&modem.reference, "category partners { name } suggestedPartners { name } tasks { title partner { name } status } routing { conditions { kind met } facts { aboveCategory } }").await;
    assert_eq!(
        read,
        json!({ "category": "FIBRE", "partners": [{ "name": "fibre-north" }], "suggestedPartners": [{ "name": "fibre-north" }],
            "tasks": [{ "title": "Measure the line", "partner": { "name": "fibre-north" }, "status": "REQUESTED" }],
            "routing": { "conditions": [{ "kind": "CATEGORY_IN", "met": "FIBRE < Broadband" }], "facts": { "aboveCategory": ["Broadband"] } } })
    );
    let seen = shop.partner("fibre-north").asks("{ tasks { nodes { title } } }", json!({})).await;
    assert_eq!(seen["tasks"]["nodes"], json!([{ "title": "Measure the line" }]));
    let product = file("d", json!({ "product": "fast 500" })).await;
    let read = shop.reads(&product.reference, "owner { name } category suggestedPartners { name }").await;
    assert_eq!(
        read,
        json!({ "owner": { "name": "anna" }, "category": "Fibre", "suggestedPartners": [{ "name": "bouncy" }, { "name": "fibre-north" }] })
    );
    assert_eq!(
        file("e", json!({ "category": "other", "product": "Fast 500", "text": "Hello there" })).await.owner_name,
        "bo"
    );
    // Conditions on the customer: a second case, and a tier with its own service level.
    assert_eq!(file("e2", json!({ "email": "d@example.com" })).await.owner_name, "dag");
    let customer = shop.reads(&product.reference, "customer { id }").await["customer"]["id"].clone();
    shop.staff("bo")
        .does("setCustomerTier", json!({ "customerId": customer, "tier": "gold" }), "customer { tier }")
        .await;
    let gold = file("e3", json!({ "email": "d@example.com" })).await;
    assert_eq!(
        (gold.owner_name.as_str(), &gold.receipt["nextContactDue"]),
        ("carin", &json!("2026-11-02T10:00:00+00:00"))
    );
    t.later(TimeDelta::hours(12));
    assert_eq!(file("f", json!({})).await.owner_name, "dag");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_cannot_work_are_refused_with_the_rule_and_the_reason() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let to = json!({ "teamId": shop.teams["garden"] });
    let refused =
        async |rules: Value| shop.admin.fails("publishRuleSet", json!({ "sellerId": shop.id, "rules": rules })).await;
    let web = json!({ "channelIn": ["WEB"] });
    let shadowed = json!([
        { "name": "wide", "when": [{ "channelIn": ["WEB", "EMAIL"] }], "assignTo": to },
        { "name": "narrow", "when": [web, { "textContains": ["x"] }], "assignTo": to },
        { "name": "rest", "assignTo": to },
    ]);
    assert_eq!(refused(shadowed.clone()).await, [("INVALID".into(), "rules.1.when".into())]);
    let told = shop.admin.tries("publishRuleSet", json!({ "sellerId": shop.id, "rules": shadowed }), "").await;
    assert_eq!(
        told["userErrors"][0]["message"],
        "The rule \"narrow\" can never match: \"wide\" (rule 0) matches everything it would. Move it before that one, or remove it."
    );
    let other = shop.another(&t, "other").await;
    for (rule, field) in [
        (json!({ "name": "a", "assignTo": { "staffId": shop.id_of("bo") }, "skills": ["x"] }), "skills"),
        (json!({ "name": "a", "assignTo": to, "tags": [""] }), "tags"),
        (
            json!({ "name": "a", "assignTo": to, "serviceLevelId": "level_00000000000000000000000000" }),
            "serviceLevelId",
        ),
        (
            json!({ "name": "a", "assignTo": to, "task": { "partnerId": other.partner_id("bouncy"), "title": "x", "asked": "x", "dueHours": 1 } }),
            "task.partnerId",
        ),
        (
            json!({ "name": "a", "assignTo": to, "task": { "partnerId": shop.partner_id("bouncy"), "title": "", "asked": "x", "dueHours": 1 } }),
            "task.title",
        ),
        (
            json!({ "name": "a", "assignTo": to, "task": { "partnerId": shop.partner_id("bouncy"), "title": "x", "asked": "x", "dueHours": 0 } }),
            "task.dueHours",
        ),
    ] {
        let fields: Vec<String> = refused(json!([rule])).await.into_iter().map(|(_, field)| field).collect();
        assert_eq!(fields, [format!("rules.0.{field}")], "{rule}");
    }
    assert_eq!(refused(json!([{ "name": "a", "when": [{ "customerOpenCasesAtLeast": 0 }], "assignTo": to }, { "name": "rest", "assignTo": to }])).await, [("INVALID".into(), "rules.0.when.0".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_tried_on_the_last_cases_before_they_are_published() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    for number in 0..6 {
        t.later(TimeDelta::minutes(1));
        shop.customer(&format!("c{number}"), if number % 3 == 0 { "broadband" } else { "trampoline" }).await;
    }
    let rules = json!([
        { "name": "never", "when": [{ "textContains": ["unicorn"] }], "assignTo": { "staffId": shop.id_of("maria") } },
        { "name": "broadband", "when": [{ "textContains": ["broadband"] }], "assignTo": { "staffId": shop.id_of("dag") } },
        { "name": "rest", "assignTo": { "teamId": shop.teams["garden"] } },
    ]);
    let document = "query($sellerId: ID!, $rules: [RuleInput!]!, $last: Int!) { simulateRouting(sellerId: $sellerId, rules: $rules, last: $last) {
        outcome { casesLookedAt casesMoved fallbackShare rulesThatMatchedNothing byRule { rule cases } byTeam { team { name } cases }
            byPerson { staff { name } cases casesBefore mostOpen }
            cases(movedOnly: true) { case { subject } ownerBefore { name } owner { name } rule fallback } }
        userErrors { code field } } }";
    let before = shop.reads("C-2026-000001", "version routing { rule }").await;
    let simulate = async |rules: &Value, last: i64| {
        shop.manager.asks(document, json!({ "sellerId": shop.id, "rules": rules, "last": last })).await["simulateRouting"].clone()
    };
    let outcome = simulate(&rules, 100).await["outcome"].clone();
    assert_eq!((&outcome["casesLookedAt"], &outcome["fallbackShare"]), (&json!(6), &json!(0.0)));
    assert_eq!(outcome["rulesThatMatchedNothing"], json!(["never"]));
    assert_eq!(outcome["byRule"][1], json!({ "rule": "broadband", "cases": 2 }));
    assert_eq!(outcome["byTeam"], json!([{ "team": { "name": "garden" }, "cases": 4 }]));
    let moved = outcome["cases"].as_array().unwrap();
    assert_eq!(outcome["casesMoved"], json!(moved.len()));
    assert_eq!(
        moved[moved.len() - 1],
        json!({ "case": { "subject": "broadband" }, "ownerBefore": { "name": "anna" }, "owner": { "name": "dag" }, "rule": "broadband", "fallback": null })
    );
    let of = |name: &str| {
        outcome["byPerson"].as_array().unwrap().iter().find(|load| load["staff"]["name"] == name).cloned().unwrap()
    };
    assert_eq!((&of("anna")["cases"], &of("anna")["casesBefore"]), (&json!(0), &json!(1)));
    let given = |name: &str| of(name)["cases"].as_i64().unwrap();
    assert_eq!(given("dag") + given("carin"), 6);
    assert_eq!(simulate(&rules, 2).await["outcome"]["casesLookedAt"], 2);
    // The simulation changes nothing, and refuses invalid rules.
    assert_eq!(shop.reads("C-2026-000001", "version routing { rule }").await, before);
    let wrong = simulate(
        &json!([{ "name": "x", "when": [{ "textMatches": "(" }], "assignTo": { "staffId": shop.id_of("bo") } }]),
        5,
    )
    .await;
    let fields: Vec<&Value> = wrong["userErrors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(
        (&wrong["outcome"], fields),
        (&Value::Null, vec![&json!(["rules"]), &json!(["rules", "0", "when", "0"])])
    );
    let measures = "{ ownershipMeasures(from: \"2026-11-01T00:00:00Z\", until: \"2026-12-01T00:00:00Z\") { cases casesHandedOver handovers returns casesWithFallback offers offersAccepted } }";
    let sum = shop.manager.asks(measures, json!({})).await;
    assert_eq!(
        sum["ownershipMeasures"],
        json!({ "cases": 6, "casesHandedOver": 0, "handovers": 0, "returns": 0, "casesWithFallback": 0, "offers": 0, "offersAccepted": 0 })
    );
    let other = shop.another(&t, "other").await;
    for (client, code) in [
        (&other.admin, "NOT_FOUND"),
        (&other.manager, "NOT_FOUND"),
        (shop.staff("bo"), "FORBIDDEN"),
        (&shop.widget, "NOT_FOUND"),
        (&t.anybody(), "UNAUTHENTICATED"),
    ] {
        assert_eq!(client.is_refused(document, json!({ "sellerId": shop.id, "rules": rules, "last": 1 })).await, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_are_replaced_while_complaints_pour_in_and_each_case_says_by_which_it_was_decided() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let all_to = |name: &str| json!([{ "name": "all", "assignTo": { "staffId": shop.id_of(name) } }]);
    shop.publishes(all_to("anna")).await;
    let file = async |number: usize| shop.customer(&format!("c{number}"), "hello").await.reference;
    let publish = async {
        for name in ["carin", "anna", "carin"] {
            shop.publishes(all_to(name)).await;
        }
    };
    let (references, ()) = tokio::join!(futures_util::future::join_all((0..32).map(file)), publish);
    for reference in references {
        let read = shop.reads(&reference, "owner { name } routing { ruleSetVersion }").await;
        let version = read["routing"]["ruleSetVersion"].as_i64().unwrap();
        let expected = if version % 2 == 0 { "anna" } else { "carin" };
        assert_eq!(read["owner"]["name"], expected, "version {version}");
    }
    // Every version can still be read.
    let sets = shop
        .admin
        .asks("{ viewer { ... on Staff { seller { ruleSets { version rules { name } } } } } }", json!({}))
        .await;
    assert_eq!(sets["viewer"]["seller"]["ruleSets"].as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_rules_than_can_be_worked_through_are_refused_wherever_they_are_sent_and_rules_have_a_price() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let last = json!({ "name": "rest", "assignTo": { "teamId": shop.teams["garden"] } });
    let rules = |count: usize, when: Value| {
        let one = |number: usize| json!({ "name": format!("rule {number}"), "when": when, "assignTo": { "teamId": shop.teams["garden"] } });
        (0..count).map(one).chain([last.clone()]).collect::<Vec<_>>()
    };
    let publish = "mutation($input: PublishRuleSetInput!) { publishRuleSet(input: $input) { ruleSet { version } userErrors { code field } } }";
    let simulate = "query($sellerId: ID!, $rules: [RuleInput!]!) { simulateRouting(sellerId: $sellerId, rules: $rules) { userErrors { code field } } }";
    let test = "query($sellerId: ID!, $rules: [RuleInput!]) { testRouting(sellerId: $sellerId, rules: $rules, sample: {}) { userErrors { code field } } }";
    // Each pair of conditions would be compared. Larger inputs are refused as JSON.
    let words = (0..100).map(|word| json!({ "textContains": [format!("word {word}")] })).collect::<Vec<_>>();
    let patterns = json!([{ "textMatches": "\\w\\w\\w" }]);
    for too_many in [rules(180, json!(words)), rules(21, patterns)] {
        let input = json!({ "input": { "sellerId": shop.id, "rules": too_many } });
        let tried = json!({ "sellerId": shop.id, "rules": too_many });
        for (document, variables) in [(publish, &input), (simulate, &tried), (test, &tried)] {
            let (_, answer) = shop.admin.post(document, variables.clone()).await;
            let payload = answer["data"].as_object().unwrap().values().next().unwrap();
            let errors = payload["userErrors"].as_array().unwrap();
            assert!(
                !errors.is_empty()
                    && errors.iter().all(|error| *error == json!({ "code": "TOO_LONG", "field": ["rules"] })),
                "{answer}"
            );
        }
    }
    let cost = async |count: usize| {
        let when = json!([{ "productIn": (0..50).map(|product| format!("p{product}")).collect::<Vec<_>>() }]);
        let mut many = rules(count, when);
        // Each rule has another product, so that no rule is unreachable because of an earlier one.
        for (number, rule) in many.iter_mut().take(count).enumerate() {
            rule["when"][0]["productIn"][0] = json!(format!("only {number}"));
        }
        let input = json!({ "input": { "sellerId": shop.id, "rules": many } });
        let (_, answer) = shop.admin.post(publish, input).await;
        assert_eq!(answer["data"]["publishRuleSet"]["userErrors"], json!([]), "{answer}");
        answer["extensions"]["cost"]["requested"].as_i64().unwrap()
    };
    let (few, many) = (cost(1).await, cost(100).await);
    assert!(many > few + 5_000, "{few} for one rule, {many} for a hundred");
    // A list without a documented maximum is limited, too.
    let ids = json!({ "ids": vec!["case_nothing"; 1_001] });
    assert_eq!(shop.admin.is_refused("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids).await, "TOO_LONG");
}
