//! Idempotency keys and expected versions, on every mutation that creates or changes something.

use std::collections::{BTreeMap, BTreeSet};

use ansvar_tests::{Client, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::cli::{Demo, Folder};

/// Mutations with a key of their own: the form's key, the mail, or the external id of what is logged.
const OWN_KEYS: &[&str] =
    &["fileComplaint", "forwardComplaint", "logLetter", "logPhoneCall", "logVisit", "receiveEmail"];
/// Mutations that change nothing with a version, or several things with a version each.
const NO_VERSION: &[&str] = &[
    "assignQuarantinedReport",
    "linkSignIn",
    "markSeen",
    "pingWebhookEndpoint",
    "recordCall",
    "registerDevice",
    "removeDevice",
    "requestTrackingLink",
    "reportCallSignal",
    "retryJob",
    "retryQuarantinedReport",
    "setLetterTemplate",
    "unlinkSignIn",
    "unwatchCase",
    "updateCases",
    "updateTasks",
    "watchCase",
];

/// The mutations that take this input field.
async fn taking(t: &TestApp, field: &str) -> BTreeSet<String> {
    let document =
        "{ __schema { mutationType { fields { name args { type { ofType { inputFields { name } } } } } } } }";
    let answer = t.anybody().asks(document, json!({})).await;
    let fields = answer["__schema"]["mutationType"]["fields"].as_array().unwrap().clone();
    let takes = |mutation: &Value| {
        let inputs = mutation["args"][0]["type"]["ofType"]["inputFields"].as_array().unwrap();
        inputs.iter().any(|input| input["name"] == field)
    };
    fields
        .iter()
        .filter(|mutation| takes(mutation))
        .map(|mutation| mutation["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mutation_takes_a_key_and_whatever_changes_something_a_version() {
    let t = TestApp::start().await;
    let all = {
        let answer = t.anybody().asks("{ __schema { mutationType { fields { name } } } }", json!({})).await;
        let fields = answer["__schema"]["mutationType"]["fields"].as_array().unwrap().clone();
        fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let (keyed, versioned) = (taking(&t, "idempotencyKey").await, taking(&t, "expectedVersion").await);
    let without_key: Vec<_> = all.difference(&keyed).collect();
    assert_eq!(
        without_key,
        ["forwardComplaint", "logLetter", "logPhoneCall", "logVisit", "receiveEmail"],
        "their identity is their key"
    );
    let without: Vec<_> = all.difference(&versioned).filter(|name| !name.starts_with("create")).collect();
    assert_eq!(
        without.into_iter().map(String::as_str).collect::<BTreeSet<_>>(),
        OWN_KEYS.iter().chain(NO_VERSION).copied().collect()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_acts_on_an_old_version_is_told_and_changes_nothing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.reads(&asa.reference, "id customer { id }").await;
    let (id, customer) = (case["id"].clone(), case["customer"]["id"].clone());
    let twin = shop.case_id(&shop.customer("asa", "broadband again").await.reference).await;
    let (task, done) = (
        shop.requests_task(&t, &asa.reference, "fibre-north").await,
        shop.requests_task(&t, &asa.reference, "bouncy").await,
    );
    shop.partner("bouncy").does("acceptTask", json!({ "taskId": done }), "task { version }").await;
    let offer = async |name: &str, to: &str| {
        let case = shop.case_id(&shop.customer(name, "trampoline").await.reference).await;
        let input = json!({ "caseId": case, "toId": shop.id_of(to), "note": "n" });
        shop.manager.does("offerHandover", input, "handover { id }").await["handover"]["id"].clone()
    };
    let (accepted, declined, withdrawn) = (offer("a", "anna").await, offer("b", "anna").await, offer("c", "bo").await);
    let seller = &shop.id;
    let own = async |mutation: &str, field: &str, input: Value| {
        shop.admin.does(mutation, input, &format!("{field} {{ id }}")).await[field]["id"].clone()
    };
    let category = own("setCategory", "category", json!({ "sellerId": seller, "name": "lawn" })).await;
    let product = own("setProduct", "product", json!({ "sellerId": seller, "name": "mower" })).await;
    let level = own(
        "setServiceLevel",
        "serviceLevel",
        json!({ "sellerId": seller, "name": "gold", "firstContactHours": 1, "ownerIdleHours": 1 }),
    )
    .await;
    let widget = own("createWidget", "widget", json!({ "sellerId": seller, "name": "another" })).await;
    let client = own("createApiClient", "apiClient", json!({ "sellerId": seller, "name": "another" })).await;
    let contact = own(
        "createPartnerContact",
        "partnerContact",
        json!({ "partnerId": shop.partner_id("bouncy"), "name": "Ny", "email": "ny@b.example" }),
    )
    .await;
    let (fibre, bouncy) = (shop.partner("fibre-north"), shop.partner("bouncy"));
    let told = bouncy.does("updateTask", json!({ "taskId": done, "text": "t" }), "task { updates { id } }").await;
    let update = told["task"]["updates"][0]["id"].clone();
    let asked = json!({ "caseId": id, "taskIds": [task, done], "question": "q", "decideBy": "2026-11-05T00:00:00Z" });
    let dispute = shop.manager.does("openDispute", asked, "dispute { id }").await["dispute"]["id"].clone();
    let secret = json!({ "apiClientId": client });
    let secret = shop.admin.does("createClientSecret", secret, "newSecret { clientSecret { id } }").await;
    let secret = secret["newSecret"]["clientSecret"]["id"].clone();
    let hook = json!({ "partnerId": shop.partner_id("bouncy"), "url": "http://127.0.0.1:9/" });
    let hook = bouncy.does("createWebhookEndpoint", hook, "newSecret { webhookEndpoint { id } }").await;
    let hook = hook["newSecret"]["webhookEndpoint"]["id"].clone();
    let report = shop.reads(&asa.reference, "reports { id }").await["reports"][0]["id"].clone();
    let clocks =
        json!({ "sellerId": seller, "clocks": [{ "rule": "GDPR_DATA_REQUEST" }, { "rule": "UK_DISP_EIGHT_WEEKS" }] });
    shop.admin.does("setLegalClocks", clocks, "seller { id }").await;
    let enquiry = json!({ "caseId": id, "kind": "DATA_SUBJECT", "from": "f" });
    let enquiry =
        shop.manager.does("recordEnquiry", enquiry, "enquiry { id case { clocks { legalClockId kind } } }").await;
    let clock = enquiry["enquiry"]["case"]["clocks"].as_array().unwrap();
    let clock = clock.iter().find(|clock| clock["kind"] == "LEGAL_CLOCK").unwrap()["legalClockId"].clone();
    let enquiry = enquiry["enquiry"]["id"].clone();
    let commitment = json!({ "caseId": id, "what": "w", "due": { "day": "2026-12-01" }, "place": "CALL" });
    let commitment =
        shop.manager.does("makeCommitment", commitment, "commitment { id }").await["commitment"]["id"].clone();
    let plan = json!({ "caseId": id, "steps": [{ "what": "w" }] });
    let plan = shop.manager.does("setPlan", plan, "case { plan { steps { id } } }").await;
    let step = plan["case"]["plan"]["steps"][0]["id"].clone();
    let signal = json!({ "from": "070-765 43 21", "kind": "MISSED" });
    let signal = shop.manager.does("reportCallSignal", signal, "callSignal { id }").await["callSignal"]["id"].clone();
    let late = shop.customer("late", "broadband").await;
    let late = shop.reads(&late.reference, "clocks { legalClockId kind }").await["clocks"].clone();
    let late =
        late.as_array().unwrap().iter().find(|clock| clock["kind"] == "LEGAL_CLOCK").unwrap()["legalClockId"].clone();
    let mailbox = json!({ "sellerId": seller, "address": "n@x.example", "name": "n", "transport": "LMTP" });
    let mailbox = own("createMailbox", "mailbox", mailbox).await;
    let reply = json!({ "sellerId": seller, "name": "n", "language": "EN", "text": "t" });
    let reply = own("createReplyTemplate", "replyTemplate", reply).await;
    let cursor = bouncy.asks("{ feedCursor }", json!({})).await["feedCursor"].clone();
    let (anna, bo, customers) = (shop.staff("anna"), shop.staff("bo"), &asa.client);
    let acts: BTreeMap<&str, (&Client, Value)> = BTreeMap::from([
        ("acknowledgeCase", (anna, json!({ "caseId": id, "message": "m" }))),
        ("sendMessage", (anna, json!({ "caseId": id, "text": "t" }))),
        ("addNote", (anna, json!({ "caseId": id, "text": "t" }))),
        (
            "makeCommitment",
            (anna, json!({ "caseId": id, "what": "w", "due": { "day": "2026-12-01" }, "place": "CALL" })),
        ),
        ("keepCommitment", (anna, json!({ "commitmentId": commitment, "evidence": "e" }))),
        (
            "renegotiateCommitment",
            (anna, json!({ "commitmentId": commitment, "due": { "day": "2026-12-02" }, "agreed": "a" })),
        ),
        ("withdrawCommitment", (anna, json!({ "commitmentId": commitment, "reason": "r" }))),
        ("setPlan", (anna, json!({ "caseId": id, "steps": [{ "stepId": step }, { "what": "n" }] }))),
        ("completeStep", (anna, json!({ "stepId": step, "evidence": "e" }))),
        ("askForNews", (customers, json!({}))),
        ("endCallSignal", (anna, json!({ "callSignalId": signal }))),
        ("closeCase", (anna, json!({ "caseId": id, "message": "m" }))),
        ("updateCase", (anna, json!({ "caseId": id, "priority": "LOW" }))),
        ("routeAgain", (&shop.manager, json!({ "caseId": id, "reason": "r" }))),
        ("reassignCase", (&shop.manager, json!({ "caseId": id, "ownerId": shop.id_of("bo"), "reason": "r" }))),
        (
            "requestTask",
            (
                anna,
                json!({ "caseId": id, "partnerId": shop.partner_id("bouncy"), "title": "t", "asked": "a", "dueAt": "2026-11-05T00:00:00Z" }),
            ),
        ),
        ("offerHandover", (anna, json!({ "caseId": id, "toId": shop.id_of("bo"), "note": "n" }))),
        ("moveReport", (&shop.manager, json!({ "reportId": report, "caseId": twin, "reason": "r" }))),
        ("confirmSender", (&shop.manager, json!({ "reportId": report }))),
        ("changeCustomer", (&shop.manager, json!({ "caseId": id, "email": "n@x.example", "reason": "r" }))),
        ("createTrackingLink", (&shop.manager, json!({ "caseId": id }))),
        ("revokeTrackingTokens", (&shop.manager, json!({ "caseId": id }))),
        ("pauseAnswer", (anna, json!({ "caseId": id, "reason": "r", "until": "2026-11-05T00:00:00Z" }))),
        ("resumeAnswer", (anna, json!({ "caseId": id }))),
        ("recordEnquiry", (anna, json!({ "caseId": id, "kind": "REGULATOR", "from": "f" }))),
        ("answerEnquiry", (anna, json!({ "enquiryId": enquiry }))),
        ("extendLegalClock", (anna, json!({ "legalClockId": clock, "reason": "r" }))),
        ("explainDelay", (&shop.manager, json!({ "legalClockId": late, "text": "r" }))),
        ("setCalendar", (&shop.admin, json!({ "sellerId": seller, "noHolidays": true }))),
        ("setLegalClocks", (&shop.admin, json!({ "sellerId": seller, "clocks": [] }))),
        ("mergeCases", (&shop.manager, json!({ "caseId": id, "intoId": twin, "reason": "r", "sameCustomer": true }))),
        ("unmergeCase", (&shop.manager, json!({ "caseId": id, "reason": "r" }))),
        ("addCustomerMessage", (customers, json!({ "text": "t" }))),
        ("acceptHandover", (anna, json!({ "handoverId": accepted }))),
        ("declineHandover", (anna, json!({ "handoverId": declined, "reason": "r" }))),
        ("withdrawHandover", (&shop.manager, json!({ "handoverId": withdrawn }))),
        ("acceptTask", (fibre, json!({ "taskId": task }))),
        ("declineTask", (fibre, json!({ "taskId": task, "reason": "r" }))),
        ("withdrawTask", (anna, json!({ "taskId": task }))),
        ("updateTask", (bouncy, json!({ "taskId": done, "text": "t" }))),
        ("completeTask", (bouncy, json!({ "taskId": done, "result": "r" }))),
        ("assignTask", (bouncy, json!({ "taskId": done }))),
        ("writeToTask", (bouncy, json!({ "taskId": done, "text": "t" }))),
        ("shareWithPartner", (anna, json!({ "taskId": done, "fields": ["NAME"], "reason": "r" }))),
        ("rejectCompletion", (anna, json!({ "taskId": done, "missing": "m", "dueAt": "2026-11-09T00:00:00Z" }))),
        ("remindTask", (anna, json!({ "taskId": done }))),
        ("publishTaskUpdate", (anna, json!({ "taskUpdateId": update, "text": "t" }))),
        (
            "openDispute",
            (
                anna,
                json!({ "caseId": id, "taskIds": [task, done], "question": "q", "decideBy": "2026-11-05T00:00:00Z" }),
            ),
        ),
        ("endDispute", (anna, json!({ "disputeId": dispute, "finding": "f" }))),
        ("revokeClientSecret", (&shop.admin, json!({ "clientSecretId": secret }))),
        ("updateWebhookEndpoint", (bouncy, json!({ "webhookEndpointId": hook, "active": false }))),
        ("rotateWebhookSecret", (bouncy, json!({ "webhookEndpointId": hook }))),
        ("replayWebhooks", (bouncy, json!({ "webhookEndpointId": hook, "after": cursor }))),
        ("setCustomerTier", (bo, json!({ "customerId": customer, "tier": "gold" }))),
        ("setCategory", (&shop.admin, json!({ "sellerId": seller, "categoryId": category, "name": "grass" }))),
        ("setProduct", (&shop.admin, json!({ "sellerId": seller, "productId": product, "name": "scythe" }))),
        (
            "setServiceLevel",
            (
                &shop.admin,
                json!({ "sellerId": seller, "serviceLevelId": level, "name": "tin", "firstContactHours": 1, "ownerIdleHours": 1 }),
            ),
        ),
        ("updateReplyTemplate", (&shop.manager, json!({ "replyTemplateId": reply, "text": "x" }))),
        ("updateMailbox", (&shop.admin, json!({ "mailboxId": mailbox, "name": "n" }))),
        ("updateWidget", (&shop.admin, json!({ "widgetId": widget, "active": false }))),
        ("updateApiClient", (&shop.admin, json!({ "apiClientId": client, "active": false }))),
        ("updatePartner", (&shop.admin, json!({ "partnerId": shop.partner_id("bouncy"), "name": "n" }))),
        ("updatePartnerContact", (&shop.admin, json!({ "partnerContactId": contact, "active": false }))),
        ("updateSeller", (&shop.admin, json!({ "sellerId": seller, "name": "n" }))),
        ("updateStaff", (&shop.admin, json!({ "staffId": shop.id_of("dag"), "name": "n" }))),
        ("deactivateStaff", (&shop.admin, json!({ "staffId": shop.id_of("dag") }))),
        ("setNotices", (&shop.manager, json!({ "staffId": shop.id_of("dag"), "notices": [] }))),
        ("setAvailability", (&shop.manager, json!({ "staffId": shop.id_of("dag"), "back": true }))),
        (
            "updateTeam",
            (
                &shop.admin,
                json!({ "teamId": shop.teams["garden"], "name": "n", "leadId": shop.id_of("carin"), "memberIds": [] }),
            ),
        ),
        (
            "publishRuleSet",
            (
                &shop.admin,
                json!({ "sellerId": seller, "rules": [{ "name": "all", "assignTo": { "staffId": shop.id_of("anna") } }] }),
            ),
        ),
    ]);
    assert_eq!(
        acts.keys().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(),
        taking(&t, "expectedVersion").await
    );
    let before = shop.reads(&asa.reference, "version owner { name }").await;
    for (name, (client, input)) in &acts {
        let mut input = input.clone();
        input["expectedVersion"] = json!(9_999);
        assert_eq!(client.fails(name, input).await, [("VERSION_CONFLICT".into(), "expectedVersion".into())], "{name}");
    }
    let after = shop.reads(&asa.reference, "version owner { name }").await;
    assert_eq!(after, before);
    // With the right version the act succeeds, and the next act with the same version gets an error.
    let now = after["version"].clone();
    let close = json!({ "caseId": id, "text": "first", "expectedVersion": now });
    let done = anna.does("addNote", close.clone(), "message { text }").await;
    assert_eq!(done["message"]["text"], "first");
    assert_eq!(bo.fails("addNote", close).await[0], ("VERSION_CONFLICT".into(), "expectedVersion".into()));
    let partner = json!({ "partnerId": shop.partner_id("bouncy"), "name": "Bouncy AB", "expectedVersion": 1 });
    let changed = shop.admin.does("updatePartner", partner.clone(), "partner { name version }").await;
    assert_eq!(changed["partner"], json!({ "name": "Bouncy AB", "version": 2 }));
    assert_eq!(shop.admin.fails("updatePartner", partner).await[0].0, "VERSION_CONFLICT");
    let rules = json!({ "sellerId": seller, "rules": [{ "name": "all", "assignTo": { "staffId": shop.id_of("anna") } }], "expectedVersion": 1 });
    shop.admin.does("publishRuleSet", rules.clone(), "ruleSet { version }").await;
    assert_eq!(shop.admin.fails("publishRuleSet", rules).await[0].0, "VERSION_CONFLICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_act_of_one_caller() {
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let note = |key: &str, text: &str| json!({ "caseId": case, "text": text, "idempotencyKey": key });
    // Twenty requests at once, each on a connection of its own.
    let anna = shop.staff("anna");
    let twins = (0..20).map(|_| anna.does("addNote", note("k", "once"), "message { id }"));
    let made = futures_util::future::join_all(twins).await;
    assert!(made.iter().all(|answer| answer["message"]["id"] == made[0]["message"]["id"]), "{made:?}");
    assert_eq!(shop.reads(&asa.reference, "version").await["version"], 3);
    assert_eq!(
        anna.fails("addNote", note("k", "something else")).await[0],
        ("KEY_REUSED".into(), "idempotencyKey".into())
    );
    assert_eq!(anna.fails("addNote", note("", "x")).await[0], ("REQUIRED".into(), "idempotencyKey".into()));
    assert_eq!(anna.fails("addNote", note(&"k".repeat(129), "x")).await[0].0, "TOO_LONG");
    // The same key of another caller, or for another act, is a different key.
    let other = shop.staff("bo").does("addNote", note("k", "once"), "message { id }").await;
    assert_ne!(other["message"]["id"], made[0]["message"]["id"]);
    let sent = anna.does("sendMessage", note("k", "once"), "message { id }").await;
    assert_ne!(sent["message"]["id"], made[0]["message"]["id"]);
    // A failed act does not use up its key.
    assert_eq!(anna.fails("addNote", note("later", " ")).await[0].0, "REQUIRED");
    anna.does("addNote", note("later", "now it is right"), "message { id }").await;
    // A repeated request returns the object as it is now, and the count as it was then.
    let leave = json!({ "staffId": shop.id_of("anna"), "successorId": shop.id_of("bo"), "idempotencyKey": "leave" });
    let gone =
        shop.admin.does("deactivateStaff", leave.clone(), "deactivation { staff { id active } casesHandedOver }").await;
    assert_eq!(gone["deactivation"]["casesHandedOver"], 1);
    assert_eq!(
        shop.admin.does("deactivateStaff", leave, "deactivation { staff { id active } casesHandedOver }").await,
        gone
    );
    t.restart().await;
    let bo = shop.staff("bo").at(&t.base());
    let again = bo.does("addNote", note("k", "once"), "message { id }").await;
    assert_eq!(again["message"]["id"], other["message"]["id"], "after a restart too");
    t.later(TimeDelta::days(8));
    let bo = bo.showing(&t.token(shop.id_of("bo")));
    let fresh = bo.does("addNote", note("k", "once"), "message { id }").await;
    assert_ne!(fresh["message"]["id"], other["message"]["id"], "keys are kept for a week");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_that_waits_gets_the_answer_and_not_what_is_wrong_by_then() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    for round in 0..5 {
        let asa = shop.customer(&format!("asa{round}"), "broadband").await;
        let case = shop.case_id(&asa.reference).await;
        let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
        let owner = shop.staff(&asa.owner_name);
        let version = shop.reads(&asa.reference, "version").await["version"].clone();
        let key = format!("k{round}");
        // Each act is possible once only: of two at the same time the second is refused because of the state.
        let acts: [(&Client, &str, Value, &str); 4] = [
            (
                shop.partner("fibre-north"),
                "acceptTask",
                json!({ "taskId": task, "idempotencyKey": key }),
                "task { id }",
            ),
            (
                &shop.admin,
                "createPartner",
                json!({ "sellerId": shop.id, "name": key, "idempotencyKey": key }),
                "partner { id }",
            ),
            (
                owner,
                "addNote",
                json!({ "caseId": case, "text": "t", "expectedVersion": version.as_i64().unwrap() + 1, "idempotencyKey": key }),
                "message { id }",
            ),
            (owner, "closeCase", json!({ "caseId": case, "message": "m", "idempotencyKey": key }), "case { id }"),
        ];
        for (client, mutation, input, selection) in acts {
            let twins = (0..6).map(|_| client.does(mutation, input.clone(), selection));
            let answers = futures_util::future::join_all(twins).await;
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{mutation}: {answers:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_key_is_of_one_case_and_a_role_is_part_of_what_was_asked() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (one, two) = (shop.customer("asa", "broadband").await, shop.customer("asa", "trampoline").await);
    let ask = json!({ "text": "Any news?", "idempotencyKey": "k" });
    let first = one.client.does("addCustomerMessage", ask.clone(), "message { id }").await;
    let second = two.client.does("addCustomerMessage", ask, "message { id }").await;
    assert_ne!(first["message"]["id"], second["message"]["id"]);
    for customer in [&one, &two] {
        let read = customer.client.asks("{ myCase { messages { text } } }", json!({})).await;
        assert!(read["myCase"]["messages"].to_string().contains("Any news?"), "{read}");
    }
    let input = json!({ "staffId": shop.id_of("bo"), "skills": ["fibre"], "idempotencyKey": "k" });
    let maria = json!({ "staffId": shop.id_of("maria"), "role": "ADMINISTRATOR" });
    shop.admin.does("updateStaff", maria, "staff { role }").await;
    shop.manager.does("updateStaff", input.clone(), "staff { skills }").await;
    let back = json!({ "staffId": shop.id_of("maria"), "role": "OWNER" });
    shop.admin.does("updateStaff", back, "staff { role }").await;
    assert_eq!(shop.manager.fails("updateStaff", input).await[0].0, "KEY_REUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_kept_with_its_act_when_the_plug_is_pulled() {
    const ACTS: usize = 200;
    let folder = Folder::new("once");
    let data = folder.path("data");
    let mut demo = Demo::start(&data).await;
    let admin = demo.client("/tokens/admin");
    let seller = admin.asks("{ sellers { id } }", json!({})).await["sellers"][0]["id"].clone();
    let input = |number: usize| json!({ "sellerId": seller, "name": format!("nr {number}"), "idempotencyKey": format!("k{number}") });
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let lanes: Vec<_> = (0..4)
        .map(|lane| {
            let (admin, tell) = (admin.clone(), tell.clone());
            let inputs: Vec<_> = (lane..ACTS).step_by(4).map(|number| (number, input(number))).collect();
            tokio::spawn(async move {
                for (number, input) in inputs {
                    let Some(made) = admin.does_if_answered("createPartner", input, "partner { id }").await else {
                        return;
                    };
                    drop(tell.send((number, made["partner"]["id"].clone())));
                }
            })
        })
        .collect();
    drop(tell);
    let mut answered = BTreeMap::new();
    while answered.len() < 20 {
        answered.extend(told.recv().await);
    }
    demo.signal("-KILL");
    drop(demo.process.wait().await);
    for lane in lanes {
        lane.await.unwrap();
    }
    while let Ok(more) = told.try_recv() {
        answered.extend([more]);
    }
    assert!(answered.len() < ACTS, "the plug was pulled in the middle of it");
    let demo = Demo::start(&data).await;
    let admin = demo.client("/tokens/admin");
    let mut ids = BTreeSet::new();
    for number in 0..ACTS {
        let made = admin.does("createPartner", input(number), "partner { id }").await["partner"]["id"].clone();
        assert!(answered.get(&number).is_none_or(|before| *before == made), "what was answered stands");
        ids.insert(made.as_str().unwrap().to_owned());
    }
    let listed = admin.asks("{ sellers { partners { name } } }", json!({})).await;
    let names = listed["sellers"][0]["partners"].as_array().unwrap();
    let ours = names.iter().filter(|partner| partner["name"].as_str().unwrap().starts_with("nr ")).count();
    assert_eq!((ids.len(), ours), (ACTS, ACTS), "each once");
}
