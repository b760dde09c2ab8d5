//! Jobs that crash the process: a mail while it is read, a letter or a webhook while it is sent. An attempt is counted
//! before the work begins, so such a job is given up after two crashes. Nothing is lost.

use std::sync::Arc;

use ansvar::intake::arrival::{self, Envelope};
use ansvar::kit::app::App;
use ansvar::kit::job::{self, InHand, JobRow};
use ansvar_tests::people::mail;
use ansvar_tests::{Shop, Sink, TestApp, text, until};
use chrono::TimeDelta;
use entity::id::{ArrivalId, LetterId, WebhookDeliveryId};
use entity::kind::MailTransport;
use entity::{arrival as stored_mail, letter, webhook_delivery};
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

/// Runs a process that begins to work on these jobs and crashes before it has finished.
async fn killed<J: JobRow>(t: &TestApp, ids: &[J::Id], attempts: i32) {
    t.process(async |app| {
        let begun = job::begin::<J>(app, ids.to_vec()).await.unwrap().jobs;
        assert_eq!(begun.len(), ids.len(), "what another process began is free when its lease is over");
        let counted = |row: &J| (row.progress().attempts, row.progress().failures);
        assert!(begun.iter().all(|row| counted(row) == (attempts, 0)), "{begun:?}");
        assert!(job::begin::<J>(app, ids.to_vec()).await.unwrap().jobs.is_empty(), "the process works on it already");
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
    // At first the mails are read together, so it is unknown which one caused the crash. Then each is read alone.
    killed::<stored_mail::Model>(&t, &ids, 1).await;
    killed::<stored_mail::Model>(&t, &ids[1..2], 2).await;
    t.start_again().await;
    let shop = shop.at(&t);
    until("the others are cases", async || cases(&shop).await == 2).await;
    until("it is in quarantine", async || quarantined(&shop).await.as_array().unwrap().len() == 1).await;
    let list = quarantined(&shop).await;
    assert!(text(&list[0]["reason"]).contains("ended twice while it was reading"), "{list}");
    assert_eq!((&list[0]["attempts"], &list[0]["sizeBytes"]), (&json!(2), &json!(raw.len())));
    // The two other mails are acknowledged, and the accountable person gets a letter about the third.
    sink.letters(3).await;
    let bytes = t.store.number("SELECT CAST(length(b.bytes) AS bigint) FROM blob b JOIN arrival a ON a.raw_sha256 = b.sha256 WHERE a.status = 'QUARANTINED'").await;
    assert_eq!(usize::try_from(bytes), Ok(raw.len()), "its bytes are kept");
    assert_eq!(t.store.number("SELECT count(*) FROM arrival WHERE leased_until IS NOT NULL").await, 0);
    // A member of staff looks at the mail and has it processed again. This time it succeeds.
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
    killed::<stored_mail::Model>(&t, &ids, 1).await;
    t.start_again().await;
    let shop = shop.at(&t);
    until("all are cases", async || cases(&shop).await == 5).await;
    sink.letters(5).await;
    assert_eq!(quarantined(&shop).await, json!([]));
    // A service that is stopped in the regular way does not count the attempt.
    let attempts = "SELECT CAST(MAX(attempts) AS bigint) FROM arrival";
    assert_eq!(t.store.number(attempts).await, 2);
    t.stop().await;
    t.process(async |app| {
        let id = keep(app, &karins("last")).await;
        job::begin::<stored_mail::Model>(app, vec![id]).await.unwrap();
        job::give_back::<stored_mail::Model>(app, vec![id]).await;
    })
    .await;
    assert_eq!(t.store.number("SELECT CAST(attempts AS bigint) FROM arrival WHERE status = 'WAITING'").await, 0);
    // Each start restarts the random numbers, so a start at the same time would create the same ids.
    t.later(TimeDelta::minutes(1));
    t.start_again().await;
    let shop = shop.at(&t);
    until("it is a case", async || cases(&shop).await == 6).await;
}

async fn quarantined(shop: &Shop) -> Value {
    let list = "{ quarantinedReports { id reason sizeBytes attempts status } }";
    shop.manager.asks(list, json!({})).await["quarantinedReports"].take()
}

/// The dead jobs, as a manager sees them.
async fn dead(shop: &Shop) -> Value {
    let list = "{ deadJobs { kind subjectId attempts error nextAttemptAt diedAt } }";
    shop.manager.asks(list, json!({})).await["deadJobs"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_ended_two_processes_is_not_sent_a_third_time_and_the_customer_is_called() {
    let sink = Sink::start().await;
    let mut t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    mailbox(&shop, HELP).await;
    // The letters wait, and each process that sends them crashes.
    t.hold().await;
    let asa = shop.customer("asa", "broadband").await;
    let eva = shop.customer("eva", "garden").await;
    t.stop().await;
    let id = |reference: &str| {
        format!("SELECT l.id FROM letter l JOIN \"case\" c ON c.id = l.case_id WHERE c.reference = '{reference}'")
    };
    let ids: Vec<LetterId> =
        vec![t.store.uuid(&id(&asa.reference)).await.into(), t.store.uuid(&id(&eva.reference)).await.into()];
    killed::<letter::Model>(&t, &ids, 1).await;
    killed::<letter::Model>(&t, &ids[..1], 2).await;
    t.start_again().await;
    let shop = shop.at(&t);
    sink.letters(1).await;
    until("it is given up", async || dead(&shop).await.as_array().unwrap().len() == 1).await;
    let list = dead(&shop).await;
    assert_eq!((&list[0]["kind"], &list[0]["attempts"]), (&json!("LETTER"), &json!(2)), "{list}");
    assert!(text(&list[0]["error"]).contains("may have been sent"), "{list}");
    let seen = shop.reads(&asa.reference, "letters { status } callsDue { id }").await;
    assert_eq!(seen, json!({ "letters": [{ "status": "FAILED" }], "callsDue": [{ "id": list[0]["subjectId"] }] }));
    assert_eq!(sink.letters(1).await[0].to, "eva@example.com", "the other letter was sent");
    // A manager has the letter sent again.
    let job = json!({ "kind": "LETTER", "subjectId": list[0]["subjectId"] });
    assert_eq!(shop.staff("anna").fails("retryJob", job.clone()).await[0].0, "NOT_FOUND");
    let wrong = json!({ "kind": "WEBHOOK", "subjectId": list[0]["subjectId"] });
    assert_eq!(shop.manager.fails("retryJob", wrong).await[0].0, "NOT_FOUND");
    let again = shop.manager.does("retryJob", job.clone(), "job { kind attempts error diedAt }").await;
    assert_eq!(again["job"], json!({ "kind": "LETTER", "attempts": 0, "error": null, "diedAt": null }));
    assert_eq!(sink.letters(2).await[1].to, "asa@example.com");
    t.settle().await;
    assert_eq!(dead(&shop).await, json!([]));
    assert_eq!(shop.manager.fails("retryJob", job).await[0].0, "INVALID_TRANSITION");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_end_cannot_be_noted_is_a_failure_and_a_lease_is_its_owners() {
    let sink = Sink::start().await;
    let mut t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    mailbox(&shop, HELP).await;
    t.hold().await;
    shop.customer("asa", "broadband").await;
    t.stop().await;
    let id: LetterId = t.store.uuid("SELECT id FROM letter").await.into();
    let begin = async |app: &App| job::begin::<letter::Model>(app, vec![id]).await.unwrap();
    t.process(async |app| {
        let hand = app.part::<InHand<letter::Model>>();
        for attempt in 1..=6 {
            let leased = begin(app).await;
            assert_eq!(leased.jobs[0].progress().attempts, attempt);
            assert_eq!(leased.jobs[0].progress().failures, attempt - 1);
            // Meanwhile no other process can take the job or give it back.
            t.process(async |other| {
                assert!(begin(other).await.jobs.is_empty());
                job::give_back::<letter::Model>(other, vec![id]).await;
                assert!(begin(other).await.jobs.is_empty());
            })
            .await;
            hand.stopped(&[id]);
            let again = begin(app).await;
            assert!(again.jobs.is_empty(), "it waits like any other failed attempt");
            assert_eq!(again.exhausted.len(), usize::from(attempt == 6), "attempt {attempt}");
            t.later(TimeDelta::hours(5));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_to_a_former_customer_is_not_sent_again() {
    let sink = Sink::start().await;
    let t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    mailbox(&shop, HELP).await;
    sink.answers(550);
    let asa = shop.customer("asa", "broadband").await;
    t.settle().await;
    let list = dead(&shop).await;
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    let case = shop.case_id(&asa.reference).await;
    let eva = shop.customer("eva", "garden").await;
    let customer = shop.reads(&eva.reference, "customer { id }").await["customer"]["id"].take();
    shop.manager
        .does("changeCustomer", json!({ "caseId": case, "customerId": customer, "reason": "r" }), "case { id }")
        .await;
    let job = json!({ "kind": "LETTER", "subjectId": list[0]["subjectId"] });
    assert_eq!(shop.manager.fails("retryJob", job).await[0].0, "INVALID_TRANSITION");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_ended_two_processes_is_given_up_and_can_be_retried() {
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    let told = listening(&shop, "fibre-north").await;
    t.hold().await;
    let fibre = shop.partner("fibre-north");
    fibre.does("pingWebhookEndpoint", json!({ "webhookEndpointId": told.hook }), "webhookDelivery { id }").await;
    t.stop().await;
    let id: WebhookDeliveryId = t.store.uuid("SELECT id FROM webhook_delivery").await.into();
    killed::<webhook_delivery::Model>(&t, &[id], 1).await;
    killed::<webhook_delivery::Model>(&t, &[id], 2).await;
    t.start_again().await;
    let shop = shop.at(&t);
    until("it is given up", async || dead(&shop).await.as_array().unwrap().len() == 1).await;
    let list = dead(&shop).await;
    assert_eq!((&list[0]["kind"], &list[0]["subjectId"]), (&json!("WEBHOOK"), &json!(id.to_string())));
    assert!(text(&list[0]["error"]).contains("ended twice while it was sending"), "{list}");
    assert_eq!(told.receiver.heard().len(), 0, "it was not sent a third time");
    let status = async || endpoint(&shop, "fibre-north", &told.hook).await["deliveries"]["nodes"][0]["status"].take();
    assert_eq!(status().await, "FAILED");
    shop.manager
        .does("retryJob", json!({ "kind": "WEBHOOK", "subjectId": list[0]["subjectId"] }), "job { kind }")
        .await;
    until("it is told", async || status().await == "DELIVERED").await;
    assert_eq!(told.receiver.heard().len(), 1);
    assert_eq!(t.store.number("SELECT CAST(attempts AS bigint) FROM webhook_delivery").await, 1, "counted anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_and_what_is_dead_is_measured_by_kind() {
    let sink = Sink::start().await;
    let t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    mailbox(&shop, HELP).await;
    sink.answers(550);
    shop.customer("asa", "broadband").await;
    t.settle().await;
    let metrics = String::from_utf8(t.anybody().fetches("/metrics").await.2).unwrap();
    assert!(metrics.contains("ansvar_dead_jobs_total{kind=\"LETTER\"} 1"), "{metrics}");
    assert!(metrics.contains("ansvar_oldest_due_job_seconds{kind=\"MAIL\"} 0"), "{metrics}");
    let list = "query($first: Int!) { deadJobs(first: $first, kinds: [LETTER, LETTER]) { kind } }";
    assert_eq!(shop.manager.asks(list, json!({ "first": 1 })).await["deadJobs"], json!([{ "kind": "LETTER" }]));
    for first in [0, 101, -1] {
        assert_eq!(shop.manager.is_refused(list, json!({ "first": first })).await, "INVALID");
    }
    let none = "{ deadJobs(kinds: [MAIL]) { kind } }";
    assert_eq!(shop.manager.asks(none, json!({})).await["deadJobs"], json!([]));
    let another = shop.another(&t, "other").await;
    assert_eq!(another.manager.asks("{ deadJobs { kind } }", json!({})).await["deadJobs"], json!([]));
    assert_eq!(shop.staff("anna").is_refused(none, json!({})).await, "FORBIDDEN");
}

#[test]
fn hostile_mail_of_every_kind_is_read_or_said_not_to_be() {
    for (kind, make) in ansvar_tests::hostile::KINDS {
        for size in [2_000, 40_000] {
            let raw = make(size);
            let began = processor_seconds();
            let read = ansvar::mail::ParsedEmail::read(&raw);
            let took = processor_seconds() - began;
            // Test builds are not optimised; `cargo run --release -p ansvar-tests --bin mails` checks the real limits.
            assert!(took < 10.0, "{kind}: {took} s");
            // A line break of four bytes inside thirty quotes becomes thirty quote marks and a line break.
            assert!(read.text.len() <= raw.len() * 8 + 1_000, "{kind}: {} of {}", read.text.len(), raw.len());
        }
    }
}

/// The processor time of this thread, which does not depend on the machine's other load.
fn processor_seconds() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    times.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_that_cannot_be_handled_hold_up_no_others_and_are_handled_when_they_can_be() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let karin = shop.customer("karin", "broadband").await;
    let asa = shop.customer("asa", "broadband").await;
    // Karin's case cannot be read, and has more timers than are read in one query.
    t.store.change(&format!("UPDATE \"case\" SET tags = '{{}}' WHERE reference = '{}'", karin.reference)).await;
    let id = if ansvar_tests::store::on_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
    t.store
        .change(&format!(
            "INSERT INTO due (subject_id, kind, case_id, seller_id, owner_id, due_at, at, level, started_at)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
             SELECT {id}, d.kind, d.case_id, d.seller_id, d.owner_id, d.due_at, d.at, 1, d.started_at
             FROM n, due d JOIN \"case\" c ON c.id = d.case_id
             WHERE d.kind = 'OWNER_ACTS_BY' AND c.reference = '{}'",
            karin.reference
        ))
        .await;
    t.later(TimeDelta::days(7));
    t.settle_what_can_be().await;
    let shop = shop.at(&t);
    let told = crate::clocks::escalations(&shop, &asa.reference).await;
    assert!(told.iter().any(|(why, _)| why == "OWNER_SILENT"), "{told:?}");
    t.store.change("DELETE FROM due WHERE subject_id <> case_id AND kind = 'OWNER_ACTS_BY'").await;
    t.store.change(&format!("UPDATE \"case\" SET tags = '[]' WHERE reference = '{}'", karin.reference)).await;
    assert_eq!(crate::clocks::escalations(&shop, &karin.reference).await, []);
    t.later_and_settled(TimeDelta::minutes(10)).await;
    let told = crate::clocks::escalations(&shop.at(&t), &karin.reference).await;
    assert!(told.iter().any(|(why, _)| why == "OWNER_SILENT"), "{told:?}");
}
