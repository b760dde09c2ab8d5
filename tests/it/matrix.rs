//! A stranger cannot find out whether an id exists: for every argument of type ID in the contract and every kind of
//! stranger, a real id gets exactly the same answer as an id that does not exist. The arguments are read from the
//! schema, so a new argument without a row here fails the test.

mod contract;
mod fill;
mod post;
mod reads;

use std::collections::{BTreeMap, BTreeSet};

use ansvar_tests::people::Shop;
use ansvar_tests::{Client, TestApp};
use serde_json::{Value, json};

use contract::in_the_contract;
use fill::{filled, placeholders};
use post::post;
use reads::reads;

/// The ids of a seller's objects, by kind.
type Things = BTreeMap<&'static str, String>;

/// An id of this kind that does not exist.
fn nothing(kind: &str) -> String {
    let prefix = match kind {
        "twin" | "case" => "case",
        "owner" | "staff" => "staff",
        "contact" => "contact",
        "system" => "client",
        "level" => "level",
        other => other,
    };
    format!("{prefix}_01k00000000000000000000000")
}

async fn things(t: &TestApp, shop: &Shop) -> Things {
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.reads(&asa.reference, "id owner { id } customer { id } reports { id } ").await;
    let own = |value: &Value| value.as_str().unwrap().to_owned();
    let twin = shop.customer("eva", "broadband too").await;
    let garden = shop.case_id(&shop.customer("gun", "trampoline").await.reference).await;
    let admin = &shop.admin;
    let offer = json!({ "caseId": garden, "toId": shop.id_of("bo"), "note": "n" });
    let handover = shop.manager.does("offerHandover", offer, "handover { id }").await;
    let seller = shop.id.clone();
    let with = |name: &str| json!({ "sellerId": seller, "name": name });
    let category = admin.does("setCategory", with("lawn"), "category { id }").await;
    let product = admin.does("setProduct", with("mower"), "product { id }").await;
    let level = json!({ "sellerId": seller, "name": "gold", "firstContactHours": 1, "ownerIdleHours": 1 });
    let level = admin.does("setServiceLevel", level, "serviceLevel { id }").await;
    let widget = admin.does("createWidget", with("another form"), "widget { id }").await;
    let client = admin.does("createApiClient", with("exchange"), "apiClient { id }").await;
    let partner = shop.partner_id("fibre-north").to_owned();
    let contact = json!({ "partnerId": partner, "name": "Ny", "email": "ny@fibre.example" });
    let contact = admin.does("createPartnerContact", contact, "partnerContact { id }").await;
    let task = shop.requests_task(t, &asa.reference, "fibre-north").await;
    let second = shop.requests_task(t, &asa.reference, "bouncy").await;
    let fibre = shop.partner("fibre-north");
    fibre.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    let file = json!([{ "name": "bill.pdf", "content": "JVBERg==" }]);
    let told =
        json!({ "taskId": task, "text": "t", "attachments": file, "claim": { "cause": "CUSTOMER", "text": "t" } });
    let selection = "task { statements { id } updates { id attachments { id } } }";
    let told = fibre.does("updateTask", told, selection).await["task"].take();
    let asked =
        json!({ "caseId": case["id"], "taskIds": [task, second], "question": "q", "decideBy": "2026-11-05T00:00:00Z" });
    let dispute = shop.manager.does("openDispute", asked, "dispute { id }").await;
    let system = json!({ "sellerId": seller, "partnerId": partner, "name": "their system" });
    let system = admin.does("createApiClient", system, "apiClient { id }").await["apiClient"]["id"].clone();
    let secret = json!({ "apiClientId": system });
    let secret = admin.does("createClientSecret", secret, "newSecret { clientSecret { id } }").await;
    let hook = json!({ "partnerId": partner, "url": "http://127.0.0.1:9/" });
    let hook = fibre.does("createWebhookEndpoint", hook, "newSecret { webhookEndpoint { id } }").await;
    let hook = hook["newSecret"]["webhookEndpoint"]["id"].clone();
    let delivery = json!({ "webhookEndpointId": hook });
    let delivery = fibre.does("pingWebhookEndpoint", delivery, "webhookDelivery { id }").await;
    let clocks = json!({ "sellerId": seller, "clocks": [{ "rule": "GDPR_DATA_REQUEST" }] });
    admin.does("setLegalClocks", clocks, "seller { id }").await;
    let enquiry = json!({ "caseId": case["id"], "kind": "DATA_SUBJECT", "from": "f" });
    let enquiry =
        shop.manager.does("recordEnquiry", enquiry, "enquiry { id case { clocks { legalClockId kind } } }").await;
    let clocks = enquiry["enquiry"]["case"]["clocks"].as_array().unwrap();
    let clock = clocks.iter().find(|clock| clock["kind"] == "LEGAL_CLOCK").unwrap()["legalClockId"].clone();
    let commitment = json!({ "caseId": case["id"], "what": "w", "due": { "day": "2026-12-01" }, "place": "CALL" });
    let commitment = shop.manager.does("makeCommitment", commitment, "commitment { id }").await;
    let plan = json!({ "caseId": case["id"], "steps": [{ "what": "w" }] });
    let plan = shop.manager.does("setPlan", plan, "case { plan { steps { id } } }").await;
    let signal = json!({ "from": "070-123 45 67", "kind": "MISSED" });
    let signal = shop.manager.does("reportCallSignal", signal, "callSignal { id }").await;
    let seen = shop
        .manager
        .asks("query($id: ID!) { case(by: { id: $id }) { messages { id } } }", json!({ "id": case["id"] }))
        .await;
    let (mailbox, letter, arrival) = post(t, shop).await;
    let reply = json!({ "sellerId": seller, "name": "n", "language": "EN", "text": "t" });
    let reply = admin.does("createReplyTemplate", reply, "replyTemplate { id }").await;
    let upload = shop.manager.uploads("a.txt", b"a file").await;
    let device = json!({ "reach": { "relayToken": "a telephone" } });
    let device = shop.manager.does("registerDevice", device, "device { id }").await;
    BTreeMap::from([
        ("replytemplate", own(&reply["replyTemplate"]["id"])),
        ("device", own(&device["device"]["id"])),
        ("upload", upload),
        ("mailbox", mailbox),
        ("letter", letter),
        ("arrival", arrival),
        ("enquiry", own(&enquiry["enquiry"]["id"])),
        ("clock", own(&clock)),
        ("commitment", own(&commitment["commitment"]["id"])),
        ("step", own(&plan["case"]["plan"]["steps"][0]["id"])),
        ("signal", own(&signal["callSignal"]["id"])),
        ("case", own(&case["id"])),
        ("twin", shop.case_id(&twin.reference).await),
        ("owner", own(&case["owner"]["id"])),
        ("customer", own(&case["customer"]["id"])),
        ("report", own(&case["reports"][0]["id"])),
        ("message", own(&seen["case"]["messages"][0]["id"])),
        ("task", task),
        ("taskupdate", own(&told["updates"][0]["id"])),
        ("attachment", own(&told["updates"][0]["attachments"][0]["id"])),
        ("statement", own(&told["statements"][0]["id"])),
        ("dispute", own(&dispute["dispute"]["id"])),
        ("system", own(&system)),
        ("secret", own(&secret["newSecret"]["clientSecret"]["id"])),
        ("hook", own(&hook)),
        ("delivery", own(&delivery["webhookDelivery"]["id"])),
        ("staff", shop.id_of("dag").to_owned()),
        ("team", shop.teams["garden"].clone()),
        ("partner", partner),
        ("contact", own(&contact["partnerContact"]["id"])),
        ("handover", own(&handover["handover"]["id"])),
        ("category", own(&category["category"]["id"])),
        ("product", own(&product["product"]["id"])),
        ("level", own(&level["serviceLevel"]["id"])),
        ("widget", own(&widget["widget"]["id"])),
        ("client", own(&client["apiClient"]["id"])),
        ("seller", seller),
    ])
}

/// Every operation that takes an id, with an input in which `$kind` stands for an id of that kind.
fn operations() -> BTreeMap<&'static str, Value> {
    let team = json!({ "name": "n", "leadId": "$staff", "memberIds": ["$owner"] });
    let with = |mut base: Value, name: &str, id: &str| {
        base[name] = json!(id);
        base
    };
    BTreeMap::from([
        ("acceptHandover", json!({ "handoverId": "$handover" })),
        ("declineHandover", json!({ "handoverId": "$handover", "reason": "r" })),
        ("withdrawHandover", json!({ "handoverId": "$handover" })),
        ("acceptTask", json!({ "taskId": "$task" })),
        ("updateTask", json!({ "taskId": "$task", "text": "t", "uploadIds": ["$upload"] })),
        ("completeTask", json!({ "taskId": "$task", "result": "r" })),
        ("declineTask", json!({ "taskId": "$task", "reason": "r" })),
        ("withdrawTask", json!({ "taskId": "$task" })),
        ("writeToTask", json!({ "taskId": "$task", "text": "t", "uploadIds": ["$upload"] })),
        ("shareWithPartner", json!({ "taskId": "$task", "fileIds": ["$attachment"], "reason": "r" })),
        ("rejectCompletion", json!({ "taskId": "$task", "missing": "m", "dueAt": "2026-11-05T00:00:00Z" })),
        (
            "requestTask",
            json!({ "caseId": "$case", "partnerId": "$partner", "title": "t", "asked": "a", "dueAt": "2026-11-05T00:00:00Z" }),
        ),
        ("assignTask", json!({ "taskId": "$task", "partnerContactId": "$contact" })),
        ("remindTask", json!({ "taskId": "$task" })),
        ("updateTasks", json!({ "items": [{ "taskId": "$task", "answer": "UPDATE", "text": "t" }] })),
        ("publishTaskUpdate", json!({ "taskUpdateId": "$taskupdate", "text": "t" })),
        (
            "openDispute",
            json!({ "caseId": "$case", "taskIds": ["$task"], "question": "q", "decideBy": "2026-11-05T00:00:00Z" }),
        ),
        ("endDispute", json!({ "disputeId": "$dispute", "finding": "f", "responsiblePartnerId": "$partner" })),
        ("createClientSecret", json!({ "apiClientId": "$system" })),
        ("revokeClientSecret", json!({ "clientSecretId": "$secret" })),
        (
            "createWebhookEndpoint",
            json!({ "sellerId": "$seller", "partnerId": "$partner", "url": "https://example.com/" }),
        ),
        ("updateWebhookEndpoint", json!({ "webhookEndpointId": "$hook", "active": true })),
        ("rotateWebhookSecret", json!({ "webhookEndpointId": "$hook" })),
        ("pingWebhookEndpoint", json!({ "webhookEndpointId": "$hook" })),
        ("replayWebhooks", json!({ "webhookEndpointId": "$hook", "after": "x" })),
        ("createMailbox", json!({ "sellerId": "$seller", "address": "n@x.example", "name": "n", "transport": "LMTP" })),
        ("updateMailbox", json!({ "mailboxId": "$mailbox", "name": "n" })),
        ("setLetterTemplate", json!({ "sellerId": "$seller", "kind": "MESSAGE", "language": "EN" })),
        ("createReplyTemplate", json!({ "sellerId": "$seller", "name": "x", "language": "EN", "text": "t" })),
        ("updateReplyTemplate", json!({ "replyTemplateId": "$replytemplate", "text": "t" })),
        ("recordCall", json!({ "letterId": "$letter", "note": "n" })),
        ("retryJob", json!({ "kind": "MAIL", "subjectId": "$arrival" })),
        ("retryQuarantinedReport", json!({ "quarantinedReportId": "$arrival" })),
        ("assignQuarantinedReport", json!({ "quarantinedReportId": "$arrival", "caseId": "$case" })),
        ("acknowledgeCase", json!({ "caseId": "$case", "message": "m" })),
        ("makeCommitment", json!({ "caseId": "$case", "what": "w", "due": { "day": "2026-12-01" }, "place": "CALL" })),
        ("keepCommitment", json!({ "commitmentId": "$commitment", "evidence": "e" })),
        (
            "renegotiateCommitment",
            json!({ "commitmentId": "$commitment", "due": { "day": "2026-12-02" }, "agreed": "a" }),
        ),
        ("withdrawCommitment", json!({ "commitmentId": "$commitment", "reason": "r" })),
        ("setPlan", json!({ "caseId": "$case", "steps": [{ "stepId": "$step", "taskId": "$task", "what": "w" }] })),
        ("completeStep", json!({ "stepId": "$step", "evidence": "e" })),
        ("endCallSignal", json!({ "callSignalId": "$signal" })),
        ("closeCase", json!({ "caseId": "$case", "message": "m" })),
        ("addNote", json!({ "caseId": "$case", "text": "t", "mentions": ["$staff"], "uploadIds": ["$upload"] })),
        ("receiveEmail", json!({ "uploadId": "$upload" })),
        (
            "forwardComplaint",
            json!({ "externalId": "1", "receivedAt": "2026-11-01T00:00:00Z", "words": "w", "email": "x@x.example", "uploadIds": ["$upload"] }),
        ),
        (
            "sendMessage",
            json!({ "caseId": "$case", "text": "t", "apologizesFor": "$commitment", "uploadIds": ["$upload"] }),
        ),
        ("updateCase", json!({ "caseId": "$case", "priority": "LOW" })),
        ("watchCase", json!({ "caseId": "$case" })),
        ("unwatchCase", json!({ "caseId": "$case" })),
        ("markSeen", json!({ "caseId": "$case", "upTo": 1 })),
        ("routeAgain", json!({ "caseId": "$case", "reason": "r" })),
        (
            "updateCases",
            json!({ "items": [{ "caseId": "$case", "act": { "reassign": { "ownerId": "$owner", "reason": "r" } } }] }),
        ),
        ("reassignCase", json!({ "caseId": "$case", "ownerId": "$owner", "reason": "r" })),
        ("offerHandover", json!({ "caseId": "$case", "toId": "$staff", "note": "n" })),
        ("moveReport", json!({ "reportId": "$report", "caseId": "$twin", "reason": "r" })),
        ("confirmSender", json!({ "reportId": "$report" })),
        ("changeCustomer", json!({ "caseId": "$case", "customerId": "$customer", "reason": "r" })),
        ("createTrackingLink", json!({ "caseId": "$case" })),
        ("revokeTrackingTokens", json!({ "caseId": "$case", "customerId": "$customer" })),
        ("addCustomerMessage", json!({ "caseId": "$case", "text": "t", "uploadIds": ["$upload"] })),
        ("askForNews", json!({ "caseId": "$case" })),
        ("registerDevice", json!({ "caseId": "$case", "reach": { "relayToken": "another telephone" } })),
        ("pauseAnswer", json!({ "caseId": "$case", "reason": "r", "until": "2026-11-05T00:00:00Z" })),
        ("resumeAnswer", json!({ "caseId": "$case" })),
        ("recordEnquiry", json!({ "caseId": "$case", "kind": "REGULATOR", "from": "f" })),
        ("answerEnquiry", json!({ "enquiryId": "$enquiry" })),
        ("extendLegalClock", json!({ "legalClockId": "$clock", "reason": "r" })),
        ("explainDelay", json!({ "legalClockId": "$clock", "text": "r" })),
        ("setCalendar", json!({ "sellerId": "$seller", "teamId": "$team", "noHolidays": true })),
        ("setLegalClocks", json!({ "sellerId": "$seller", "clocks": [] })),
        ("mergeCases", json!({ "caseId": "$case", "intoId": "$twin", "reason": "r" })),
        ("unmergeCase", json!({ "caseId": "$case", "reason": "r" })),
        ("setCustomerTier", json!({ "customerId": "$customer", "tier": "gold" })),
        (
            "fileComplaint",
            json!({ "idempotencyKey": "k", "text": "t", "email": "x@x.example", "partnerIds": ["$partner"], "uploadIds": ["$upload"] }),
        ),
        (
            "logPhoneCall",
            json!({ "source": "s", "externalId": "1", "words": "w", "caseId": "$case", "customerId": "$customer" }),
        ),
        (
            "logLetter",
            json!({ "source": "s", "externalId": "1", "words": "w", "caseId": "$case", "customerId": "$customer", "uploadIds": ["$upload"] }),
        ),
        (
            "logVisit",
            json!({ "source": "s", "externalId": "1", "words": "w", "caseId": "$case", "customerId": "$customer", "uploadIds": ["$upload"] }),
        ),
        ("createStaff", json!({ "sellerId": "$seller", "name": "n", "email": "n@x.example", "role": "OWNER" })),
        ("updateStaff", json!({ "staffId": "$staff", "name": "n" })),
        ("deactivateStaff", json!({ "staffId": "$staff", "successorId": "$owner" })),
        ("linkSignIn", json!({ "personId": "$staff", "issuer": "https://id.example", "subject": "s" })),
        ("unlinkSignIn", json!({ "personId": "$staff", "issuer": "https://id.example", "subject": "s" })),
        ("setAvailability", json!({ "staffId": "$staff", "back": true })),
        ("setNotices", json!({ "staffId": "$staff", "notices": [] })),
        ("removeDevice", json!({ "deviceId": "$device" })),
        ("createTeam", with(team.clone(), "sellerId", "$seller")),
        ("updateTeam", with(team, "teamId", "$team")),
        ("createPartner", json!({ "sellerId": "$seller", "name": "n" })),
        ("updatePartner", json!({ "partnerId": "$partner", "name": "n" })),
        ("createPartnerContact", json!({ "partnerId": "$partner", "name": "n", "email": "n@x.example" })),
        ("updatePartnerContact", json!({ "partnerContactId": "$contact", "active": false })),
        ("createWidget", json!({ "sellerId": "$seller", "name": "n" })),
        ("updateWidget", json!({ "widgetId": "$widget", "active": false })),
        ("createApiClient", json!({ "sellerId": "$seller", "partnerId": "$partner", "name": "n" })),
        ("updateApiClient", json!({ "apiClientId": "$client", "active": false })),
        (
            "setCategory",
            json!({ "sellerId": "$seller", "categoryId": "$category", "name": "n", "parentId": "$category", "partnerIds": ["$partner"] }),
        ),
        (
            "setProduct",
            json!({ "sellerId": "$seller", "productId": "$product", "name": "n", "categoryId": "$category", "partnerIds": ["$partner"] }),
        ),
        (
            "setServiceLevel",
            json!({ "sellerId": "$seller", "serviceLevelId": "$level", "name": "n", "firstContactHours": 1, "ownerIdleHours": 1 }),
        ),
        ("updateSeller", json!({ "sellerId": "$seller", "accountableId": "$staff" })),
        ("publishRuleSet", json!({ "sellerId": "$seller", "rules": rules() })),
    ])
}

fn rules() -> Value {
    json!([
        { "name": "1", "when": [{ "involvesPartner": "$partner" }], "assignTo": { "staffId": "$staff" }, "serviceLevelId": "$level", "task": { "partnerId": "$partner", "title": "t", "asked": "a", "dueHours": 24 } },
        { "name": "2", "assignTo": { "teamId": "$team" } },
    ])
}

/// The answer without the values that differ from request to request.
async fn told(client: &Client, document: &str, variables: Value) -> Value {
    let (status, mut answer) = client.post(document, variables).await;
    // An invalid document would get the same answer for every id.
    assert_ne!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{document}: {answer}");
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("extensions");
    }
    json!({ "status": status, "answer": answer })
}

fn mutation(name: &str) -> String {
    let kind = name[..1].to_uppercase() + &name[1..];
    // Where each item has a result of its own, its errors are compared too.
    let results = if name == "updateTasks" || name == "updateCases" {
        "results { userErrors { code field message } }"
    } else {
        ""
    };
    format!(
        "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {results} userErrors {{ code field message }} }} }}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_argument_of_the_contract_has_its_row() {
    let t = TestApp::start().await;
    let mut rows = BTreeSet::new();
    for (name, input) in
        operations().into_iter().chain(reads().into_iter().map(|(name, (_, variables))| (name, variables)))
    {
        let mut found = BTreeSet::new();
        placeholders(&input, "", &mut found);
        rows.extend(found.into_iter().map(|(path, _)| (name.to_owned(), path)));
    }
    // Tested in `events::strangers_cannot_subscribe`.
    rows.insert(("caseEvents".to_owned(), "caseId".to_owned()));
    // Tested in `mine`.
    rows.insert(("myCaseEvents".to_owned(), "caseId".to_owned()));
    assert_eq!(in_the_contract(&t).await, rows);
}

async fn reference(shop: &Shop, case: &str) -> String {
    let read =
        shop.manager.asks("query($id: ID!) { case(by: { id: $id }) { reference } }", json!({ "id": case })).await;
    read["case"]["reference"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_id_is_answered_as_the_id_of_nothing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let (real, own) = (things(&t, &shop).await, things(&t, &other).await);
    let karin = shop.customer("karin", "broadband").await;
    // A partner with its own task on the same case, and a person whose access has ended.
    shop.requests_task(&t, &reference(&shop, &real["case"]).await, "bouncy").await;
    let former = t.holder_of(&real["contact"]);
    shop.admin
        .does(
            "updatePartnerContact",
            json!({ "partnerContactId": real["contact"], "active": false }),
            "partnerContact { active }",
        )
        .await;
    // The kinds of objects in the directory, which administrators of other sellers may see.
    let directory = [
        "seller",
        "staff",
        "owner",
        "team",
        "partner",
        "contact",
        "category",
        "product",
        "level",
        "widget",
        "client",
        "system",
        "secret",
        "hook",
        "delivery",
        "mailbox",
        "replytemplate",
    ];
    let elsewhere: &[&str] = &[];
    let platform =
        json!({ "sellerId": other.id, "name": "Pia", "email": "pia@other.example", "role": "PLATFORM_ADMINISTRATOR" });
    let platform = shop.admin.does("createStaff", platform, "staff { id }").await;
    let platform = t.holder_of(platform["staff"]["id"].as_str().unwrap());
    let strangers: Vec<(&str, Client, &Things, &[&str])> = vec![
        ("nobody", t.anybody(), &own, elsewhere),
        ("the form", shop.widget.clone(), &real, &["partner"]),
        ("the customer of another case", karin.client.clone(), &real, elsewhere),
        ("a partner without this task, on the same case", shop.partner("bouncy").clone(), &real, elsewhere),
        ("somebody who was at the partner", former, &real, elsewhere),
        ("another seller's customer", other.customer("kim", "broadband").await.client, &own, elsewhere),
        ("another seller's partner", other.partner("fibre-north").clone(), &own, elsewhere),
        ("another seller's owner", other.staff("anna").clone(), &own, elsewhere),
        ("another seller's manager", other.manager.clone(), &own, elsewhere),
        ("another seller's gateway", other.gateway.clone(), &own, elsewhere),
        ("another seller's administrator", other.admin.clone(), &own, elsewhere),
        // Platform administrators manage the directory of every seller, but see no other seller's cases.
        ("another seller's platform administrator", platform, &own, &directory),
    ];
    let mut looked = 0;
    for (who, client, own, visible) in &strangers {
        let acts = operations().into_iter().map(|(name, input)| (name, mutation(name), input, true));
        let asked =
            reads().into_iter().map(|(name, (document, variables))| (name, document.to_owned(), variables, false));
        for (name, document, input, act) in acts.chain(asked) {
            let mut found = BTreeSet::new();
            placeholders(&input, "", &mut found);
            let kinds: Vec<(String, String)> = if ["node", "nodes"].contains(&name) {
                let (path, _) = found.first().unwrap().clone();
                real.keys().map(|kind| (path.clone(), (*kind).to_owned())).collect()
            } else {
                found.into_iter().collect()
            };
            for (path, kind) in kinds.iter().filter(|(_, kind)| !visible.contains(&kind.as_str())) {
                let ask = async |id: &str| {
                    let input = filled(&input, "", (path, id), own);
                    told(client, &document, if act { json!({ "input": input }) } else { input }).await
                };
                let there = ask(&real[kind.as_str()]).await;
                let nothing = ask(&nothing(kind)).await;
                assert_eq!(there, nothing, "{who} asks {name} with a {kind} at {path}");
                looked += 1;
            }
        }
    }
    assert!(looked > 500, "only {looked} pairs were compared");
}
