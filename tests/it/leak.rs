//! Leak tests: a partner's people and systems request all fields of the contract, nested to a limit, with every id in
//! the store. The answers must not contain anything that is not theirs. The documents are generated from the contract,
//! so a new field is tested automatically.

use std::collections::BTreeMap;

use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, TestApp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// The depth of the generated documents.
const DEPTH: usize = 7;

/// The types of the contract, for generating documents.
struct Contract {
    types: BTreeMap<String, Value>,
}

fn named(of: &Value) -> &Value {
    let mut kind = of;
    while !kind["ofType"].is_null() {
        kind = &kind["ofType"];
    }
    kind
}

impl Contract {
    async fn read(t: &TestApp) -> Self {
        let of = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
        let document = format!(
            "{{ __schema {{ types {{ kind name fields {{ name args {{ name defaultValue type {{ {of} }} }} type {{ {of} }} }} possibleTypes {{ name }} }} }} }}"
        );
        let answer = t.anybody().asks(&document, json!({})).await;
        let types = answer["__schema"]["types"].as_array().unwrap().iter();
        Self { types: types.map(|kind| (kind["name"].as_str().unwrap().to_owned(), kind.clone())).collect() }
    }

    /// All fields of this type that need no argument, to this depth; none if there are none.
    fn selection(&self, name: &str, depth: usize) -> Option<String> {
        let kind = &self.types[name];
        match kind["kind"].as_str().unwrap() {
            "SCALAR" | "ENUM" => Some(String::new()),
            _ if depth == 0 => None,
            "UNION" | "INTERFACE" => {
                let parts = kind["possibleTypes"].as_array().unwrap().iter().filter_map(|possible| {
                    let name = possible["name"].as_str().unwrap();
                    Some(format!("... on {name} {}", self.selection(name, depth - 1)?))
                });
                let parts: Vec<_> = parts.collect();
                (!parts.is_empty()).then(|| format!("{{ __typename {} }}", parts.join(" ")))
            }
            _ => {
                let fields: Vec<_> = kind["fields"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|field| self.field(name, field, depth))
                    .collect();
                (!fields.is_empty()).then(|| format!("{{ {} }}", fields.join(" ")))
            }
        }
    }

    fn field(&self, of: &str, field: &Value, depth: usize) -> Option<String> {
        let needed = |argument: &&Value| argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null();
        if field["args"].as_array().unwrap().iter().any(|argument| needed(&argument)) {
            return None;
        }
        let name = field["name"].as_str().unwrap();
        let below = self.selection(named(&field["type"])["name"].as_str().unwrap(), depth - 1)?;
        // The alias contains the type, so that fields of different types with the same name do not conflict.
        Some(format!("{}_{name}: {name} {below}", of.to_lowercase()))
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a world in which every kind of thing has a word of its own")]
async fn of_what_is_not_a_partners_no_word_comes_back() {
    let t = TestApp::start_with(|config| {
        // These documents exceed the usual limits, which have stories of their own.
        config.limits.complexity = usize::MAX / 2;
        config.limits.depth = 60;
        config.limits.aliases = 1_000_000;
        config.http.selections = 10_000_000;
        config.http.trusted_body_bytes = 100_000_000;
        config.http.request_ms = 120_000;
    })
    .await;
    let shop = t.shop().await;
    let filed = shop
        .filed(json!({
            "idempotencyKey": "k", "email": "canary-mail@example.com", "phone": "+46701740605", "name": "canary-name",
            "text": "broadband canary-words", "orderReference": "canary-order", "remedySought": "canary-remedy", "tags": ["canary-tag"],
            "orderAmount": { "amount": "499.13", "currency": "SEK" }, "severity": "SEVERE",
        }))
        .await;
    let case = shop.case_id(&filed.reference).await;
    let owner = shop.owner_of(&filed.reference).await;
    let desk = shop.staff(&owner);
    let mine = shop.requests_task(&t, &filed.reference, "fibre-north").await;
    let theirs = shop.requests_task(&t, &filed.reference, "bouncy").await;
    let (fibre, bouncy) = (shop.partner("fibre-north"), shop.partner("bouncy"));
    for (client, task, word) in [(fibre, &mine, "own-words"), (bouncy, &theirs, "canary-told")] {
        client.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
        let claim = json!({ "cause": "CUSTOMER", "text": format!("{word}-claim") });
        let attached = json!([{ "name": format!("{word}.txt"), "content": STANDARD.encode(word) }]);
        let input = json!({ "taskId": task, "text": word, "claim": claim, "attachments": attached });
        client.does("updateTask", input, "task { id }").await;
    }
    desk.does("addNote", json!({ "caseId": case, "text": "canary-note" }), "message { id }").await;
    desk.does("sendMessage", json!({ "caseId": case, "text": "canary-sent" }), "message { id }").await;
    filed.client.does("addCustomerMessage", json!({ "text": "canary-chased" }), "message { id }").await;
    let dispute = json!({ "caseId": case, "taskIds": [mine, theirs], "question": "canary-question", "decideBy": t.now() + TimeDelta::days(1) });
    desk.does("openDispute", dispute, "dispute { id }").await;
    let offer = json!({ "caseId": case, "toId": shop.id_of("carin"), "note": "canary-offer" });
    shop.manager.does("offerHandover", offer, "handover { id }").await;
    let hook = json!({ "partnerId": shop.partner_id("bouncy"), "url": "http://127.0.0.1:9/canary-hook" });
    bouncy.does("createWebhookEndpoint", hook, "newSecret { secret }").await;
    let system = |partner: &str| json!({ "sellerId": shop.id, "partnerId": shop.partner_id(partner), "name": format!("{partner} canary-system") });
    bouncy.does("createApiClient", system("bouncy"), "apiClient { id }").await;
    let own = shop
        .admin
        .does(
            "createApiClient",
            json!({ "sellerId": shop.id, "partnerId": shop.partner_id("fibre-north"), "name": "own system" }),
            "apiClient { id }",
        )
        .await;
    let system = t.holder_of(own["apiClient"]["id"].as_str().unwrap());
    // All ids, collected by staff from the log and the lists.
    let seen = shop.manager.asks(
        "query($id: ID!) { node(id: $id) { ... on Case { id customer { id } owner { id } reports { id attachments { id } } messages { id } disputes { id } statements { id } handovers { id } tasks { id updates { id attachments { id } } partner { id contacts { id } } } } } sellers { id staff { id } teams { id } widgets { id } apiClients { id } } }",
        json!({ "id": case }),
    ).await;
    let text = seen.to_string();
    let ids: Vec<&str> = text.split('"').filter(|word| word.contains("_01")).collect();
    assert!(ids.len() > 25, "{ids:?}");
    let contract = Contract::read(&t).await;
    let secrets =
        ["canary", "+46701740605", "499.13", "bouncy", "anna@shop.example", "maria", "carin", "dag@", "SEVERE"];
    let mut asked = 0;
    for (who, client) in [("a person", fibre), ("a system", &system)] {
        let hunt = async |client: &Client, document: &str, variables: Value| {
            let (status, answer) = client.post(document, variables).await;
            // A document that is not executed would find no leak.
            let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none");
            assert!(
                ["none", "FORBIDDEN", "NOT_FOUND"].contains(&code) && status < 500,
                "{code}: {answer} {document:.500}"
            );
            let told = answer.to_string();
            for secret in secrets {
                assert!(!told.contains(secret), "{who} reads {secret}:\n{told}");
            }
            told
        };
        // Every query that needs no argument, with all fields.
        for field in contract.types["Query"]["fields"].as_array().unwrap() {
            let Some(field) = contract.field("Query", field, DEPTH) else { continue };
            hunt(client, &format!("{{ {field} }}"), json!({})).await;
            asked += 1;
        }
        // Every id as every type.
        for possible in contract.types["Node"]["possibleTypes"].as_array().unwrap() {
            let name = possible["name"].as_str().unwrap();
            let Some(selection) = contract.selection(name, DEPTH - 2) else { continue };
            let document = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {name} {selection} }} }}");
            for ids in ids.chunks(100) {
                let told = hunt(client, &document, json!({ "ids": ids })).await;
                if who == "a person" && name == "CaseTask" {
                    assert!(
                        told.contains("own-words-claim") && told.contains(&filed.reference),
                        "it reads its own: {told}"
                    );
                }
                asked += 1;
            }
        }
        // The messages of errors: acts on every id, all of which are refused.
        for id in &ids {
            for (mutation, input) in [
                ("publishTaskUpdate", json!({ "taskUpdateId": id, "text": "t" })),
                ("endDispute", json!({ "disputeId": id, "finding": "f" })),
                ("sendMessage", json!({ "caseId": id, "text": "t" })),
                ("assignTask", json!({ "taskId": mine, "partnerContactId": id })),
            ] {
                let kind = mutation[..1].to_uppercase() + &mutation[1..];
                let document = format!(
                    "mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code message field }} }} }}"
                );
                hunt(client, &document, json!({ "input": input })).await;
            }
        }
        let filters = json!([{ "partnerId": shop.partner_id("bouncy") }, { "caseId": case }, { "statuses": ["ACCEPTED", "IN_PROGRESS"] }]);
        for filter in filters.as_array().unwrap() {
            let document = "query($filter: TaskFilter) { tasks(filter: $filter) { totalCount nodes { id } } }";
            let told = hunt(client, document, json!({ "filter": filter })).await;
            assert!(!told.contains(&theirs) && !told.contains("\"totalCount\":2"), "{told}");
        }
    }
    assert!(asked > 60, "only {asked} documents were asked");
    // The partner's subscription.
    let task = contract.selection("TaskEvent", 5).unwrap();
    let from = fibre.asks("{ feedCursor }", json!({})).await["feedCursor"].clone();
    let mut watch = Watch::start(
        fibre,
        By::Sse,
        &format!("subscription($after: String) {{ taskEvents(after: $after) {task} }}"),
        json!({ "after": from }),
    )
    .await;
    bouncy.does("updateTask", json!({ "taskId": theirs, "text": "canary-later" }), "task { id }").await;
    desk.does("addNote", json!({ "caseId": case, "text": "canary-later-note" }), "message { id }").await;
    fibre.does("updateTask", json!({ "taskId": mine, "text": "later" }), "task { id }").await;
    let told = watch.next().await.to_string();
    for secret in secrets {
        assert!(!told.contains(secret), "the stream tells {secret}: {told}");
    }
    assert!(told.contains("later"));
}
