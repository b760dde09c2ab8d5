//! How the customer is identified: what a telephone number, a name and an e-mail address prove, and what they do not.

use ansvar_tests::people::mail;
use ansvar_tests::{TestApp, text};
use serde_json::{Value, json};

use crate::mail::{HELP, help_desk, reference};

fn call(id: &str, more: &Value) -> Value {
    let mut input = json!({ "source": "pbx", "externalId": id, "words": "The kettle leaks", "from": "070-123 45 67" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

fn pair(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_calls_from_a_number_that_another_gave_is_a_customer_of_their_own() {
    let (sink, t, shop) = help_desk().await;
    let form = json!({ "idempotencyKey": "1", "text": "My chair is broken", "name": "Åsa Ek", "email": "asa@example.com", "phone": "070-123 45 67" });
    let asa = shop.filed(form).await;
    sink.letters(1).await;
    let bo = shop.call(call("1", &json!({ "callerName": "Bo Lind" }))).await;
    let bo = text(&bo["reference"]);
    let selection = "id customerName customer { id name emails } reports { ... on PhoneReport { callerName fromRaw candidates { reasons customer { name } } } }";
    let case = shop.reads(&bo, selection).await;
    assert_eq!((&case["customer"]["name"], &case["customer"]["emails"]), (&json!("Bo Lind"), &json!([])));
    assert_eq!(
        case["reports"][0],
        json!({
            "callerName": "Bo Lind", "fromRaw": "070-123 45 67",
            "candidates": [{ "reasons": ["SAME_NUMBER"], "customer": { "name": "Åsa Ek" } }],
        })
    );
    // The answer to Bo goes to Bo, and does not contain Åsa's name.
    let words = json!({ "caseId": case["id"], "text": "Hello Bo, a new one is on its way." });
    shop.manager.does("sendMessage", words, "message { id }").await;
    t.settle().await;
    assert_eq!(sink.count(), 1, "{:?}", sink.letters(1).await);
    let due = shop.reads(&bo, "callsDue { recipient text }").await["callsDue"].take();
    assert_eq!(due[0]["recipient"], "+46701234567");
    assert!(!due.to_string().contains("Åsa"), "{due}");

    // It was Åsa who called. The agent changes the customer, and can change it back.
    let hers = shop.reads(&asa.reference, "customer { id }").await["customer"]["id"].take();
    let input = json!({ "caseId": case["id"], "customerId": hers, "sameCustomer": true, "reason": "It was Åsa, for her husband" });
    let selection = "case { customer { name } customerName subject messages { text visibility } reports { ... on PhoneReport { candidates { reasons } } } }";
    let changed = shop.manager.does("changeCustomer", input, selection).await["case"].take();
    assert_eq!(
        (&changed["customer"]["name"], &changed["customerName"], &changed["subject"]),
        (&json!("Åsa Ek"), &json!("Åsa Ek"), &json!("The kettle leaks"))
    );
    assert_eq!(changed["messages"][0], json!({ "text": "The kettle leaks", "visibility": "CUSTOMER" }));
    assert_eq!(sink.letters(2).await[1].to, "asa@example.com");
    let input = json!({ "caseId": case["id"], "customerId": case["customer"]["id"], "reason": "No, it was Bo" });
    let changed = shop.manager.does("changeCustomer", input, "case { customer { name emails } }").await;
    assert_eq!(changed["case"]["customer"], json!({ "name": "Bo Lind", "emails": [] }));
    let both = json!({ "caseId": case["id"], "customerId": hers, "email": "asa@example.com", "reason": "x" });
    assert_eq!(shop.manager.fails("changeCustomer", both).await, [pair("INVALID", "customerId")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_recognises_the_caller_says_so() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let first = shop.call(call("1", &json!({ "callerName": "Bo", "callerEmail": "bo@example.com" }))).await;
    let known = shop.reads(&text(&first["reference"]), "customer { id }").await["customer"]["id"].take();
    let again = shop.call(call("2", &json!({ "callerName": "Bosse", "customerId": known }))).await;
    let selection = "customerName customer { id name cases { nodes { reference } totalCount } } otherOpenCases { reference } mayBeTheSame { case { reference } reasons }";
    let case = shop.reads(&text(&again["reference"]), selection).await;
    assert_eq!(
        (&case["customerName"], &case["customer"]["name"], &case["customer"]["id"]),
        (&json!("Bosse"), &json!("Bo"), &known)
    );
    assert_eq!(case["customer"]["cases"]["totalCount"], 2);
    assert_eq!(case["customer"]["cases"]["nodes"][0]["reference"], again["reference"], "the newest first");
    assert_eq!(case["otherOpenCases"], json!([{ "reference": first["reference"] }]));
    let same = &case["mayBeTheSame"][0];
    assert_eq!((&same["case"]["reference"], &same["reasons"]), (&first["reference"], &json!(["SAME_CUSTOMER"])));

    let another = shop.call(call("3", &json!({ "from": "08-123 456 78", "callerName": "Eva" }))).await;
    let fails = async |more: Value| shop.gateway.fails("logPhoneCall", call("4", &more)).await;
    let other_case = json!({ "customerId": known, "caseId": another["caseId"] });
    assert_eq!(fails(other_case).await, [pair("INVALID", "customerId")]);
    let other_address = json!({ "customerId": known, "callerEmail": "eva@example.com" });
    assert_eq!(fails(other_address).await, [pair("INVALID", "callerEmail")]);
    let strange = shop.another(&t, "other").await;
    let theirs = strange.call(call("1", &json!({}))).await;
    let theirs = strange.reads(&text(&theirs["reference"]), "customer { id }").await["customer"]["id"].take();
    assert_eq!(fails(json!({ "customerId": theirs })).await, [pair("NOT_FOUND", "customerId")]);
    assert_eq!(fails(json!({ "customerId": "cus_nothing" })).await, [pair("NOT_FOUND", "customerId")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_about_one_thing_are_shown_to_each_other_whatever_they_came_by() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let form = |key: &str, email: &str, more: Value| {
        let mut input =
            json!({ "idempotencyKey": key, "text": "It leaks", "email": email, "orderReference": "Å-17/b" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let one = shop.filed(form("1", "karin@example.com", json!({ "phone": "070-123 45 67" }))).await;
    let order = shop.filed(form("2", "sten@example.com", json!({ "orderReference": "a\u{30a}-17/B" }))).await;
    let caller = shop.call(call("1", &json!({ "callerName": "Sten" }))).await;
    let alone = shop.filed(form("3", "eva@example.com", json!({ "orderReference": "18" }))).await;
    let alike = async |reference: &str| {
        shop.reads(reference, "mayBeTheSame { reasons case { reference } }").await["mayBeTheSame"].take()
    };
    assert_eq!(
        alike(&one.reference).await,
        json!([
            { "reasons": ["SAME_NUMBER"], "case": { "reference": caller["reference"] } },
            { "reasons": ["SAME_ORDER"], "case": { "reference": order.reference } },
        ])
    );
    assert_eq!(alike(&alone.reference).await, json!([]));
    // One merge accepts the hint. If the cases have different customers, `sameCustomer` must be given.
    let (case, into) = (shop.case_id(&order.reference).await, shop.case_id(&one.reference).await);
    let merge = json!({ "caseId": case, "intoId": into, "reason": "One kettle" });
    assert_eq!(shop.manager.fails("mergeCases", merge).await, [pair("INVALID_TRANSITION", "sameCustomer")]);
    let merge = json!({ "caseId": case, "intoId": into, "reason": "One kettle", "sameCustomer": true });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    assert_eq!(alike(&one.reference).await.as_array().unwrap().len(), 1);
    t.later(chrono::TimeDelta::days(31));
    let shop = shop.at(&t);
    let late = shop.filed(form("4", "late@example.com", json!({}))).await;
    assert_eq!(
        shop.reads(&late.reference, "mayBeTheSame { reasons }").await["mayBeTheSame"],
        json!([]),
        "a month ago is not these days"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_carries_the_name_that_was_given_this_time() {
    let (sink, _t, shop) = help_desk().await;
    let form = |key: &str, name: &str| json!({ "idempotencyKey": key, "text": "It leaks", "name": name, "email": "home@example.com", "language": "EN" });
    shop.filed(form("1", "Karin Ek")).await;
    let second = shop.filed(form("2", "Sten Ek")).await;
    assert!(sink.letters(2).await[1].text().contains("Sten Ek"), "{}", sink.letters(2).await[1].text());
    let case = shop.reads(&second.reference, "id customerName customer { name }").await;
    assert_eq!((&case["customerName"], &case["customer"]["name"]), (&json!("Sten Ek"), &json!("Karin Ek")));
    let words = json!({ "caseId": case["id"], "text": "A new one is on its way." });
    shop.manager.does("sendMessage", words, "message { id }").await;
    let letter = sink.letters(3).await[2].clone();
    assert!(!format!("{letter:?}").contains("Karin"), "{letter:?}");
    // A partner with whom the name is shared sees the same name.
    let ask = json!({ "caseId": case["id"], "partnerId": shop.partner_id("bouncy"), "title": "Look", "asked": "Please look.", "dueAt": "2026-11-09T08:00:00Z", "share": { "fields": ["NAME"], "reason": "To visit them" } });
    let task = shop.manager.does("requestTask", ask, "task { id }").await["task"]["id"].take();
    let read = "query($id: ID!) { node(id: $id) { ... on CaseTask { customer { name } } } }";
    let task = shop.partner("bouncy").asks(read, json!({ "id": task })).await;
    assert_eq!(task["node"]["customer"]["name"], "Sten Ek");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_answers_for_a_customers_open_case_gets_the_next_one() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let open =
        json!({ "name": "again", "when": [{ "customerOpenCasesAtLeast": 1 }], "assignTo": { "openCaseOwner": true } });
    let rest = json!({ "name": "rest", "assignTo": { "teamId": shop.teams["garden"] } });
    shop.publishes(json!([open, rest])).await;
    let first = shop.customer("asa", "The kettle leaks").await;
    let id = shop.case_id(&first.reference).await;
    let to_bo = json!({ "caseId": id, "ownerId": shop.id_of("bo"), "reason": "He knows kettles" });
    shop.manager.does("reassignCase", to_bo, "case { id }").await;
    let again = shop.mail(mail("asa@example.com", "Another thing", "1@example.com", "", "The lid is loose")).await;
    let selection = "owner { name } routing { explanation target { __typename ... on OpenCaseOwner { staff { name } } } facts { openCaseOwner { name } } }";
    let case = shop.reads(&text(&again["reference"]), selection).await;
    assert_eq!(case["owner"]["name"], "bo");
    assert_eq!(case["routing"]["target"], json!({ "__typename": "OpenCaseOwner", "staff": { "name": "bo" } }));
    assert_eq!(case["routing"]["facts"]["openCaseOwner"]["name"], "bo");
    assert!(text(&case["routing"]["explanation"]).contains("newest open case"), "{case}");
    // `testRouting` gives the same result.
    let document = "query($s: ID!, $rules: [RuleInput!]!, $sample: RoutingSampleInput!) { testRouting(sellerId: $s, rules: $rules, sample: $sample) { owner { name } } }";
    let sample = json!({ "text": "The lid is loose", "customerOpenCases": 1, "openCaseOwnerId": shop.id_of("bo") });
    let tested = shop.manager.asks(document, json!({ "s": shop.id, "rules": [open, rest], "sample": sample })).await;
    assert_eq!(tested["testRouting"]["owner"]["name"], "bo");
    let none = shop.customer("eva", "Hello").await;
    assert_ne!(none.owner_name, "bo");
    // A rule is refused if its target may not exist.
    let anybody =
        json!({ "sellerId": shop.id, "rules": [{ "name": "a", "assignTo": { "openCaseOwner": true } }, rest] });
    let refused = shop.admin.fails("publishRuleSet", anybody).await;
    assert!(refused.contains(&pair("INVALID", "rules.0.assignTo")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_compared_is_one_however_it_was_typed() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    shop.publishes(json!([
        { "name": "island", "when": [{ "textContains": ["Öland"] }], "assignTo": { "staffId": shop.id_of("bo") } },
        { "name": "street", "when": [{ "tagIn": ["strasse"] }], "assignTo": { "staffId": shop.id_of("dag") } },
        { "name": "pattern", "when": [{ "textMatches": "smo\u{308}r" }], "assignTo": { "staffId": shop.id_of("anna") } },
        { "name": "rest", "assignTo": { "staffId": shop.id_of("maria") } },
    ]))
    .await;
    let file = async |key: &str, words: &str, tags: Value, email: &str| {
        shop.filed(json!({ "idempotencyKey": key, "text": words, "email": email, "tags": tags })).await
    };
    let island = file("1", "Vi bor pa\u{30a} O\u{308}LAND", json!([]), "a\u{30a}sa@example.com").await;
    assert_eq!(island.owner_name, "bo");
    let words = shop.reads(&island.reference, "reports { words } customer { id }").await;
    assert_eq!(words["reports"][0]["words"], "Vi bor pa\u{30a} O\u{308}LAND", "what is shown stays as it was written");
    assert_eq!(file("2", "x", json!(["Straße"]), "b@example.com").await.owner_name, "dag");
    assert_eq!(file("3", "Inget smör", json!([]), "c@example.com").await.owner_name, "anna");
    let same = file("4", "y", json!([]), "Åsa@example.com").await;
    assert_eq!(shop.reads(&same.reference, "customer { id }").await["customer"], words["customer"]);
    // A reference is found in upper and lower case, and with other kinds of dashes.
    let typed = island.reference.to_lowercase().replace('-', "\u{2011}");
    assert_eq!(shop.reads(&typed, "reference").await["reference"], island.reference.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn thanks_leave_a_closed_case_closed_and_in_doubt_a_person_looks() {
    let (sink, t, shop) = help_desk().await;
    t.hands_over("karin@example.com", &[HELP], &mail("karin@example.com", "Kettle", "1@example.com", "", "It leaks"))
        .await;
    let first = sink.letters(1).await[0].clone();
    let reference = reference(&first);
    let id = shop.case_id(&reference).await;
    let close = json!({ "caseId": id, "message": "You get a new one." });
    shop.manager.does("closeCase", close, "case { id }").await;
    let closing = sink.letters(2).await[1].clone();
    let answer = async |id: &str, words: &str| {
        let raw = mail("karin@example.com", &closing.subject(), id, "", words);
        t.hands_over("karin@example.com", &[&closing.address("Reply-To")], &raw).await;
        t.settle().await;
        let case = shop.reads(&reference, "stage messages { text thanks }").await;
        (text(&case["stage"]), case["messages"].as_array().unwrap().last().unwrap()["thanks"].clone())
    };
    assert_eq!(
        answer("2@example.com", "Tack så mycket!\r\n\r\nMvh\r\nKarin Ek").await,
        ("CLOSED".into(), json!("ONLY"))
    );
    assert_eq!(sink.count(), 2, "and no letter thanks for the thanks");
    let perhaps = answer("3@example.com", "Tack, då väntar jag på den nya.").await;
    assert_eq!(perhaps, ("INVESTIGATING".into(), json!("PERHAPS")));
    // Thanks with a file, or under another subject, may say more.
    shop.manager.does("closeCase", json!({ "caseId": id, "message": "Done" }), "case { id }").await;
    let raw = mail("karin@example.com", &format!("Still leaking [{reference}]"), "4@example.com", "", "Tack!");
    t.hands_over("karin@example.com", &[&closing.address("Reply-To")], &raw).await;
    t.settle().await;
    assert_eq!(shop.reads(&reference, "stage").await["stage"], "INVESTIGATING");
    // The same on the customer's own page.
    let asa = shop.customer("asa", "The lid is loose").await;
    let id = shop.case_id(&asa.reference).await;
    shop.manager.does("closeCase", json!({ "caseId": id, "message": "Done" }), "case { id }").await;
    for (words, stage) in [("Thanks a lot!", "CLOSED"), ("Thanks, but it still leaks.", "INVESTIGATING")] {
        asa.client.does("addCustomerMessage", json!({ "text": words }), "message { id }").await;
        assert_eq!(shop.reads(&asa.reference, "stage").await["stage"], stage, "{words}");
    }
}
