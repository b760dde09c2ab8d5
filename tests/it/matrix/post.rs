//! A mailbox with mail in it.

use ansvar_tests::TestApp;
use ansvar_tests::people::Shop;
use serde_json::{Value, json};

/// A mailbox, a letter from it, and a mail that was delivered to it.
pub async fn post(t: &TestApp, shop: &Shop) -> (String, String, String) {
    let address = format!("help{}@shop.example", &shop.id[shop.id.len() - 6..]);
    let mailbox = json!({ "sellerId": shop.id, "address": address, "name": "Help", "transport": "LMTP" });
    let mailbox = shop.admin.does("createMailbox", mailbox, "mailbox { id }").await["mailbox"]["id"].clone();
    let vera = shop.customer("vera", "broadband and mail").await;
    let case = shop.reads(&vera.reference, "letters { id }").await;
    let row = ansvar::intake::arrival::mailbox(t.inside(), &address).await.unwrap().unwrap();
    let envelope = ansvar::intake::arrival::Envelope {
        transport: entity::kind::MailTransport::Lmtp,
        from: String::new(),
        to: address,
    };
    let raw = std::sync::Arc::new(b"From: x@x.example\r\nSubject: x\r\n\r\nx".to_vec());
    let arrival = ansvar::intake::arrival::keep(t.inside(), row, envelope, raw).await.unwrap();
    let own = |value: &Value| value.as_str().unwrap().to_owned();
    (own(&mailbox), own(&case["letters"][0]["id"]), arrival.to_string())
}
