//! Runs every request of docs/partners.md as it is written there, in order.

use std::collections::BTreeMap;

use ansvar_tests::golden::root;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// A block of code with the words of its fence.
struct Block {
    fence: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let page = std::fs::read_to_string(root().join("docs/partners.md")).unwrap();
    let parts: Vec<_> = page.split("```").collect();
    let code = parts.iter().skip(1).step_by(2);
    let block = |part: &&str| {
        let (fence, text) = part.split_once('\n').unwrap();
        Block { fence: fence.to_owned(), text: text.to_owned() }
    };
    code.map(block).collect()
}

/// The text with known values instead of `task_…` and similar placeholders.
fn with(known: &BTreeMap<&str, String>, text: &str) -> String {
    known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// Remembers the first id of each kind in an answer.
fn learn(known: &mut BTreeMap<&'static str, String>, answer: &Value) {
    let text = answer.to_string();
    for (name, prefix) in [("client_…", "client_"), ("cs_…", "cs_"), ("hook_…", "hook_")] {
        let found = text.split('"').find(|word| word.starts_with(prefix));
        if let Some(found) = found {
            known.entry(name).or_insert_with(|| found.to_owned());
        }
    }
    if let Some(cursor) = answer["feedCursor"].as_str() {
        known.insert("cursor…", cursor.to_owned());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_of_a_suppliers_integration() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let share = json!({ "fields": ["NAME", "PHONE", "EMAIL"], "reason": "To book a visit" });
    let input = json!({
        "caseId": shop.case_id(&asa.reference).await, "partnerId": shop.partner_id("fibre-north"), "title": "Look at the line",
        "asked": "Please measure it.", "dueAt": t.now() + TimeDelta::days(4), "share": share,
    });
    let task = shop.manager.does("requestTask", input, "task { id }").await["task"]["id"].as_str().unwrap().to_owned();
    let mut known = BTreeMap::from([
        ("partner_…", shop.partner_id("fibre-north").to_owned()),
        ("contact_…", shop.contact_id("fibre-north").to_owned()),
        ("task_…", task.clone()),
    ]);
    let person = shop.partner("fibre-north").clone();
    let mut system: Option<Client> = None;
    let (mut requests, blocks) = (0, blocks());
    for (place, block) in blocks.iter().enumerate() {
        if block.fence == "sh" {
            // Runs the command in a shell, so that it can be pasted as it is written.
            let command = with(&known, &block.text).replace("http://127.0.0.1:8080", &t.base());
            let ran = tokio::process::Command::new("sh").arg("-c").arg(command).output().await.unwrap();
            let answer: Value = serde_json::from_slice(&ran.stdout).expect("curl gets a token");
            assert_eq!(answer["scope"], "tasks:read tasks:write complaints:write");
            system = Some(person.showing(answer["access_token"].as_str().unwrap()));
            requests += 1;
        }
        let Some(who) = block.fence.strip_prefix("graphql as=") else { continue };
        let client = if who == "system" { system.as_ref().expect("it has its token by now") } else { &person };
        let variables = blocks.get(place + 1).filter(|next| next.fence == "json").map(|next| with(&known, &next.text));
        let variables: Value = variables.map_or(json!({}), |text| serde_json::from_str(&text).expect("it is JSON"));
        if block.text.starts_with("subscription") {
            let mut watch = Watch::start(client, By::WebSocket, &block.text, variables).await;
            shop.manager.does("requestTask", json!({
                "caseId": shop.case_id(&asa.reference).await, "partnerId": shop.partner_id("fibre-north"), "title": "t", "asked": "a",
                "dueAt": t.now() + TimeDelta::days(4),
            }), "task { id }").await;
            assert_eq!(watch.next_event().await["kind"], "TASK_REQUESTED");
        } else {
            let answer = client.asks(&block.text, variables).await;
            assert!(!answer.to_string().contains("\"code\""), "{}: {answer}", block.text);
            assert!(!answer.as_object().unwrap().values().any(Value::is_null), "{}: {answer}", block.text);
            learn(&mut known, &answer);
        }
        requests += 1;
    }
    assert!(requests >= 18, "only {requests} requests stand in it");
    let done = shop
        .reads(&asa.reference, "tasks { status eta updates { text } statements { cause } assignee { name } }")
        .await;
    assert_eq!(done["tasks"][0]["status"], "DONE");
}
