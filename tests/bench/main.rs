//! Measures how many complaints per second become durable: through `fileComplaint`, with the same rows written by
//! handwritten SQL in one transaction on the same store, and as mails delivered by LMTP until their cases are
//! committed. The measurements are interleaved in one run. The ratios say more than the figures, because the machine
//! has other load.
//!
//! `cargo run --release -p ansvar-tests --bin bench` measures SQLite; with
//! `ANSVAR_TEST_POSTGRES=postgres://user@host:port` PostgreSQL. `ANSVAR_BENCH_SECONDS` sets the length of a round (2),
//! `ANSVAR_BENCH_ROUNDS` their number (5).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ansvar_tests::by_hand::Writer;
use ansvar_tests::people::mail;
use ansvar_tests::post::hand_over;
use ansvar_tests::{Client, TestApp};
use serde_json::json;

const CONNECTIONS: usize = 16;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Whether an act was waited for. Panics if the act failed, because a failed act must not be measured.
fn ended(act: Option<Result<(), tokio::task::JoinError>>) -> bool {
    match act {
        Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        act => act.is_some(),
    }
}

/// Acts per second when `CONNECTIONS` clients run one act after the other for this long.
async fn rate<F, D>(length: Duration, act: F) -> f64
where
    F: Fn(u64) -> D,
    D: Future<Output = ()> + Send + 'static,
{
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let started = Instant::now();
    let done = Arc::new(AtomicU64::new(0));
    let mut lanes = tokio::task::JoinSet::new();
    while started.elapsed() < length {
        while lanes.len() < CONNECTIONS {
            let done = Arc::clone(&done);
            let next = act(NUMBER.fetch_add(1, Ordering::Relaxed));
            lanes.spawn(async move {
                next.await;
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        ended(lanes.join_next().await);
    }
    while ended(lanes.join_next().await) {}
    let count = u32::try_from(done.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
    f64::from(count) / started.elapsed().as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

async fn file(widget: Client, number: u64) {
    let input = json!({
        "idempotencyKey": format!("bench-{number}"),
        "email": format!("c{number}@example.com"),
        "name": "Bench",
        "text": "The broadband has been down for three weeks and nobody answers.",
    });
    widget.does("fileComplaint", input, "receipt { reference ownerName trackingToken nextContactDue }").await;
}

/// Mails per second, from the first delivery until the last mail is processed into a case.
async fn mails(t: &TestApp, length: Duration) -> f64 {
    const TAKEN: &str = "SELECT count(*) FROM arrival WHERE status = 'TAKEN_IN'";
    let (place, before, started) = (t.lmtp(), t.store.number(TAKEN).await, Instant::now());
    rate(length, |number| async move {
        let from = format!("c{number}@example.com");
        let raw = mail(
            &from,
            "No broadband",
            &format!("bench-{number}@example.com"),
            "",
            "The broadband has been down for three weeks and nobody answers.",
        );
        assert_eq!(hand_over(place, &from, &["help@shop.example"], &raw).await, [250]);
    })
    .await;
    while t.store.number("SELECT count(*) FROM arrival WHERE status = 'WAITING'").await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let taken = u32::try_from(t.store.number(TAKEN).await - before).unwrap_or(u32::MAX);
    f64::from(taken) / started.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() {
    let t = TestApp::start_with(|config| config.mail.lmtp = Some("127.0.0.1:0".to_owned())).await;
    let shop = t.shop().await;
    let hand = Arc::new(Writer::open(&t.store.url, &shop.id).await);
    let length = Duration::from_secs(setting("ANSVAR_BENCH_SECONDS", 2));
    let (mut through, mut beside, mut mailed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..setting("ANSVAR_BENCH_ROUNDS", 5) {
        through.push(rate(length, |number| file(shop.widget.clone(), number)).await);
        beside.push(
            rate(length, |number| {
                let hand = Arc::clone(&hand);
                async move { hand.write(number).await }
            })
            .await,
        );
        // The mailbox is only created now, so that no letters answered the complaints by form.
        if mailed.is_empty() {
            let input =
                json!({ "sellerId": shop.id, "address": "help@shop.example", "name": "Help", "transport": "LMTP" });
            shop.admin.does("createMailbox", input, "mailbox { id }").await;
        }
        let mailbox = shop.admin.asks("{ sellers { mailboxes { id } } }", json!({})).await;
        let mailbox = mailbox.pointer("/sellers/0/mailboxes/0/id").cloned().unwrap_or_default();
        let turn = |on: bool| json!({ "mailboxId": mailbox, "active": on });
        shop.admin.does("updateMailbox", turn(true), "mailbox { id }").await;
        mailed.push(mails(&t, length).await);
        shop.admin.does("updateMailbox", turn(false), "mailbox { id }").await;
    }
    hand.close().await;
    let (through, beside, mailed) = (median(through), median(beside), median(mailed));
    let store = if ansvar_tests::store::on_postgres() { "PostgreSQL" } else { "SQLite" };
    say(&format!("{store}, {CONNECTIONS} at a time, medians:"));
    say(&format!("  fileComplaint           {through:8.0} /s"));
    say(&format!("  the same rows by hand   {beside:8.0} /s"));
    say(&format!("  ratio                   {:8.2}", through / beside));
    say(&format!("  mails by LMTP           {mailed:8.0} /s, {:.2} of fileComplaint", mailed / through));
}

#[expect(clippy::print_stdout, reason = "a benchmark's answer goes to standard output")]
fn say(text: &str) {
    println!("{text}");
}
