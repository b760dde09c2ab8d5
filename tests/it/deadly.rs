//! What ends the process that works on it: a mail while it is read, a letter or a webhook while it is sent. Attempts are
//! counted before the work is done, so it ends after some, and nothing is lost by it.

use std::sync::Arc;

use ansvar::intake::arrival::{self, Envelope};
use ansvar::intake::turn;
use ansvar::kit::app::App;
use ansvar_tests::people::mail;
use ansvar_tests::{Shop, Sink, TestApp, text, until};
use chrono::TimeDelta;
use entity::id::ArrivalId;
use entity::kind::MailTransport;
use serde_json::{Value, json};

use crate::hooks::{endpoint, listening};
use crate::mail::{HELP, cases, help_desk, mailbox};

fn karins(id: &str) -> String {
    mail(&format!("{id}@example.com"), &format!("Mail {id}"), &format!("{id}@example.com"), "", "The frame is cracked")
}

async fn keep(app: &App, raw: &str) -> ArrivalId {
    let mailbox = arrival::mailbox(app, HELP).await.unwrap().unwrap();
    let envelope = Envelope { transport: MailTransport::Lmtp, from: "a@example.com".to_owned(), to: HELP.to_owned() };
    arrival::keep(app, mailbox, envelope, Arc::new(raw.as_bytes().to_vec())).await.unwrap()
}

/// A process that begins to read these mails and ends in the middle of it.
async fn killed(t: &TestApp, ids: &[ArrivalId], attempts: i32) {
    t.process(async |app| {
        let begun = turn::begin(app, ids.to_vec()).await.unwrap();
        assert_eq!(begun.len(), ids.len(), "what another process began is free when its time is up");
        assert!(begun.iter().all(|row| (row.attempts, row.failures) == (attempts, 0)), "{begun:?}");
        // The same process, the same attempt.
        assert_eq!(turn::begin(app, ids.to_vec()).await.unwrap()[0].attempts, attempts);
    })
    .await;
    t.later(TimeDelta::minutes(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_ended_two_processes_is_not_read_a_third_time_and_those_beside_it_are_taken_in() {
    let (sink, mut t, shop) = help_desk().await;
    let raw = karins("killer");
    t.stop().await;
    let mut ids = Vec::new();
    t.process(async |app| {
        for raw in [&karins("before"), &raw, &karins("behind")] {
            ids.push(keep(app, raw).await);
        }
    })
    .await;
    // At first all are read together, and nobody knows which it was; then each alone.
    killed(&t, &ids, 1).await;
    killed(&t, &ids[1..2], 2).await;
    t.start_again().await;
    let shop = shop.at(&t);
    until("the others are cases", async || cases(&shop).await == 2).await;
    until("it is in quarantine", async || quarantined(&shop).await.as_array().unwrap().len() == 1).await;
    let list = quarantined(&shop).await;
    assert!(text(&list[0]["reason"]).contains("ended twice while it was reading"), "{list}");
    assert_eq!((&list[0]["attempts"], &list[0]["sizeBytes"]), (&json!(2), &json!(raw.len())));
    // The two others are answered, and the accountable person hears of the third.
    sink.letters(3).await;
    let bytes = t.store.number("SELECT CAST(length(b.bytes) AS bigint) FROM blob b JOIN arrival a ON a.raw_sha256 = b.sha256 WHERE a.status = 'QUARANTINED'").await;
    assert_eq!(usize::try_from(bytes), Ok(raw.len()), "its bytes are kept");
    assert_eq!(t.store.number("SELECT count(*) FROM arrival WHERE taken_until IS NOT NULL").await, 0);
    // Somebody looks at it and has it tried anew: it was not the mail after all.
    let read = "query($id: ID!) { previewQuarantinedReport(id: $id) { visibleText } }";
    let preview = shop.staff("anna").asks(read, json!({ "id": list[0]["id"] })).await;
    assert_eq!(preview["previewQuarantinedReport"]["visibleText"], "The frame is cracked");
    let input = json!({ "quarantinedReportId": list[0]["id"] });
    shop.staff("anna").does("retryQuarantinedReport", input, "quarantinedReport { status }").await;
    until("it is a case", async || cases(&shop).await == 3).await;
    assert_eq!(quarantined(&shop).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_being_read_when_one_process_ended_is_taken_in_by_the_next() {
    let (sink, mut t, shop) = help_desk().await;
    t.stop().await;
    let mut ids = Vec::new();
    t.process(async |app| {
        for number in 0..5 {
            ids.push(keep(app, &karins(&format!("k{number}"))).await);
        }
    })
    .await;
    killed(&t, &ids, 1).await;
    t.start_again().await;
    let shop = shop.at(&t);
    until("all are cases", async || cases(&shop).await == 5).await;
    sink.letters(5).await;
    assert_eq!(quarantined(&shop).await, json!([]));
    // One that is stopped in order blames nobody.
    let attempts = "SELECT CAST(MAX(attempts) AS bigint) FROM arrival";
    assert_eq!(t.store.number(attempts).await, 2);
    t.stop().await;
    t.process(async |app| {
        let id = keep(app, &karins("last")).await;
        turn::begin(app, vec![id]).await.unwrap();
        turn::let_go(app, [id].into()).await;
    })
    .await;
    assert_eq!(t.store.number("SELECT CAST(attempts AS bigint) FROM arrival WHERE status = 'WAITING'").await, 0);
    // Each start begins chance anew: at the same time it would make the same ids.
    t.later(TimeDelta::minutes(1));
    t.start_again().await;
    let shop = shop.at(&t);
    until("it is a case", async || cases(&shop).await == 6).await;
}

async fn quarantined(shop: &Shop) -> Value {
    let list = "{ quarantinedReports { id reason sizeBytes attempts status } }";
    shop.manager.asks(list, json!({})).await["quarantinedReports"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_sending_never_ends_is_given_up_and_the_customer_is_called() {
    let sink = Sink::start().await;
    let t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    mailbox(&shop, HELP).await;
    let asa = shop.customer("asa", "broadband").await;
    sink.letters(1).await;
    let letter = async || shop.reads(&asa.reference, "letters { status reason attempts } callsDue { id }").await;
    until("it is noted", async || letter().await["letters"][0]["status"] == "SENT").await;
    // As each process leaves it that ended while it sent it: counted, taken, no end noted.
    t.store
        .change("UPDATE letter SET status = 'WAITING', ended_at = NULL, attempts = 6, taken_until = '2026-11-02T07:00:00+00:00'")
        .await;
    until("it is given up", async || letter().await["letters"][0]["status"] == "FAILED").await;
    let seen = letter().await;
    assert!(text(&seen["letters"][0]["reason"]).contains("may have been sent"), "{seen}");
    assert_eq!(seen["callsDue"].as_array().unwrap().len(), 1);
    assert_eq!(sink.count(), 1, "it was not sent a seventh time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_sending_never_ends_is_given_up() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let told = listening(&shop, "fibre-north").await;
    let fibre = shop.partner("fibre-north");
    fibre.does("pingWebhookEndpoint", json!({ "webhookEndpointId": told.hook }), "webhookDelivery { id }").await;
    let status = async || endpoint(&shop, "fibre-north", &told.hook).await["deliveries"]["nodes"][0]["status"].take();
    until("it is told", async || status().await == "DELIVERED").await;
    assert_eq!(t.store.number("SELECT CAST(attempts AS bigint) FROM webhook_delivery").await, 1, "counted when begun");
    t.store
        .change("UPDATE webhook_delivery SET status = 'PENDING', ended_at = NULL, attempts = 10, taken_until = '2026-11-02T07:00:00+00:00'")
        .await;
    until("it is given up", async || status().await == "FAILED").await;
    assert_eq!(told.receiver.heard().len(), 1, "it was not sent an eleventh time");
}

#[test]
fn hostile_mail_of_every_kind_is_read_or_said_not_to_be() {
    for (kind, make) in ansvar_tests::hostile::KINDS {
        for size in [2_000, 40_000] {
            let raw = make(size);
            let began = processor_seconds();
            let read = ansvar::mail::ParsedEmail::read(&raw);
            let took = processor_seconds() - began;
            // Builds for tests are not optimised; `cargo run --release -p ansvar-tests --bin mails` holds the real limits.
            assert!(took < 10.0, "{kind}: {took} s");
            // A line break of four bytes thirty quotes deep is thirty signs and a line break.
            assert!(read.text.len() <= raw.len() * 8 + 1_000, "{kind}: {} of {}", read.text.len(), raw.len());
        }
    }
}

/// Processor time of this thread: whatever else the machine is doing does not count.
fn processor_seconds() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    times.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}
