//! Trusted documents, on every transport: by id, and only those of the manifest if the configuration says so.

use ansvar::config::DocumentsOptions;
use ansvar::graphql::documents::Policy;
use ansvar_tests::TestApp;
use ansvar_tests::watch::{greeted, hear, say};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::Folder;

const KNOWN: &str = "query Who { viewer { __typename } }";
const FOLLOW: &str = "subscription Mine { workEvents { cursor } }";
const OTHER: &str = "{ __typename }";

fn id(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text).iter().fold(String::new(), |mut id, byte| {
        write!(id, "{byte:02x}").unwrap();
        id
    })
}

async fn serving(policy: Policy, folder: &Folder) -> TestApp {
    let file = folder.path("manifest.json");
    std::fs::write(&file, json!({ (id(KNOWN)): KNOWN, (id(FOLLOW)): FOLLOW }).to_string()).unwrap();
    TestApp::start_with(|config| config.documents = DocumentsOptions { policy, manifest: Some(file.into()) }).await
}

async fn post(t: &TestApp, body: &Value) -> (u16, String) {
    let request =
        t.anybody().http().post(format!("{}/graphql", t.base())).header("accept", "application/graphql-response+json");
    let response = request.json(body).send().await.unwrap();
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap();
    (status, answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("ok").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_serves_the_documents_that_its_operator_allows() {
    let folder = Folder::new("documents");
    let by_id = json!({ "documentId": format!("sha256:{}", id(KNOWN)) });
    let by_hash = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": id(KNOWN) } } });
    let unknown = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": id(OTHER) } } });
    let forged = json!({ "query": OTHER, "documentId": format!("sha256:{}", id(KNOWN)) });
    let ok = |code: &str| (200, code.to_owned());
    let not = |status: u16, code: &str| (status, code.to_owned());
    for (policy, whole, other, missing) in [
        (Policy::Open, ok("ok"), ok("ok"), not(404, "PERSISTED_QUERY_NOT_FOUND")),
        (Policy::Known, ok("ok"), not(403, "DOCUMENT_NOT_ALLOWED"), not(403, "DOCUMENT_NOT_ALLOWED")),
        (
            Policy::Only,
            not(403, "DOCUMENT_NOT_ALLOWED"),
            not(403, "DOCUMENT_NOT_ALLOWED"),
            not(403, "DOCUMENT_NOT_ALLOWED"),
        ),
    ] {
        let t = serving(policy, &folder).await;
        assert_eq!(post(&t, &by_id).await, ok("ok"), "{policy:?}");
        assert_eq!(post(&t, &by_hash).await, ok("ok"), "{policy:?}");
        assert_eq!(post(&t, &unknown).await, missing, "{policy:?}");
        assert_eq!(post(&t, &forged).await, not(400, "BAD_REQUEST"), "{policy:?}");
        assert_eq!(post(&t, &json!({ "query": KNOWN })).await, whole, "{policy:?}");
        assert_eq!(post(&t, &json!({ "query": OTHER })).await, other, "{policy:?}");
        let query = format!("extensions={}", json!({ "persistedQuery": { "sha256Hash": id(KNOWN) } }));
        assert_eq!(t.anybody().fetches(&format!("/graphql?{query}")).await.0, 200, "{policy:?} by GET");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_no_way_around() {
    let folder = Folder::new("documents_ws");
    let t = serving(Policy::Only, &folder).await;
    let words = ansvar::setup::first_seller(t.inside(), "shop", "Elin", "elin@shop.example").await.unwrap();
    let token = t.token(words.split_whitespace().find(|word| word.starts_with("staff_")).unwrap());
    let mut socket = greeted(&t.base(), &token).await;
    say(&mut socket, &json!({ "type": "subscribe", "id": "1", "payload": { "query": FOLLOW } })).await;
    assert_eq!(hear(&mut socket).await["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_ALLOWED");
    let by_id = json!({ "documentId": id(FOLLOW) });
    say(&mut socket, &json!({ "type": "subscribe", "id": "2", "payload": by_id })).await;
    say(&mut socket, &json!({ "type": "ping" })).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "pong" }), "it follows, and nothing has happened yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_service_learns_documents_as_clients_with_automatic_ones_expect() {
    let t = TestApp::start().await;
    let persisted = json!({ "persistedQuery": { "version": 1, "sha256Hash": id(KNOWN) } });
    assert_eq!(post(&t, &json!({ "extensions": persisted })).await.1, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(post(&t, &json!({ "query": KNOWN, "extensions": persisted })).await.1, "ok");
    assert_eq!(post(&t, &json!({ "extensions": persisted })).await.1, "ok");
}
