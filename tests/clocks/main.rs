//! Measures the cost of timers: many open cases with five clocks each, all of which run out during a day without
//! service. Prints how long selecting the due timers takes, how many timers a minute are handled, and how long a
//! complaint takes meanwhile.
//!
//! `cargo run --release -p ansvar-tests --bin clocks` measures SQLite; with
//! `ANSVAR_TEST_POSTGRES=postgres://user@host:port` PostgreSQL. `ANSVAR_CLOCKS_CASES` sets the number of cases (50000).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made ends, and its answer goes to standard output"
)]

use std::time::{Duration, Instant};

use ansvar_tests::plans::grown::grow;
use ansvar_tests::{Client, TestApp};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;

/// The timers of a case itself. The fifth is that of a legal clock.
const KINDS: [&str; 4] = ["ACKNOWLEDGE_BY", "OWNER_ACTS_BY", "REPLY_BY", "ANSWER_BY"];
/// When they run out: within a day after the time at which stories begin.
const DUE: &str = "'2026-11-02T12:00:00+00:00'";
/// The query that selects due timers.
const CHOOSE: &str =
    "SELECT * FROM due WHERE at IS NOT NULL AND at <= '2026-11-03T08:00:00+00:00' ORDER BY at, case_id LIMIT 200";
/// After this time without handled timers, a minute's work is considered done.
const RESTS: Duration = Duration::from_secs(3);
/// The number of measured minutes.
const MINUTES: usize = 3;

#[tokio::main]
async fn main() {
    let cases = std::env::var("ANSVAR_CLOCKS_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(50_000);
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    t.stop().await;
    let db = t.store.connect().await;
    grow(&db, cases).await;
    let count = five_clocks_each(&db).await;
    println!("{cases} open cases, {count} clocks run out within a day");
    println!("  choosing the next 200   {:8.2} ms, median of 50", median_of(&db).await);
    db.close().await.unwrap();
    t.start_again().await;
    let shop = shop.at(&t);
    t.hold().await;
    println!("  a complaint before      {:8.1} ms, median of 100", complaints(&shop.widget, 100, "before").await);
    t.release();
    t.later(TimeDelta::days(1));
    for minute in 1..=MINUTES {
        let (before, began) = (ready(&t).await, Instant::now());
        let beside = tokio::spawn({
            let widget = shop.widget.clone();
            async move { complaints(&widget, 100, &format!("minute {minute}")).await }
        });
        let (looked, took) = looked_at(&t, before, began).await;
        println!("  minute {minute}: {looked} clocks looked at in {:.1} s", took.as_secs_f64());
        println!("  a complaint meanwhile   {:8.1} ms, median of 100", beside.await.unwrap());
        t.later(TimeDelta::minutes(1));
    }
    // The work that is left is not an error, so the checks at the end are skipped.
    std::process::exit(0);
}

/// Reopens every case, and gives it five clocks.
async fn five_clocks_each(db: &DatabaseConnection) -> i64 {
    let open = "UPDATE \"case\" SET stage = 'INVESTIGATING', closed_at = NULL, next_contact_due = opened_at \
                WHERE stage = 'CLOSED'";
    let legal = format!("UPDATE legal_clock SET state = 'RUNNING', done_at = NULL, due_at = {DUE}");
    let of = |kind: &str, from: &str| {
        format!(
            "INSERT INTO due (subject_id, kind, case_id, due_at, at, level, started_at) \
             SELECT {from}, {DUE}, {DUE}, 1, {DUE} FROM {}",
            if kind == "LEGAL_CLOCK" { "legal_clock" } else { "\"case\" WHERE stage <> 'MERGED'" }
        )
    };
    let mut statements = vec![open.to_owned(), legal, "DELETE FROM due".to_owned()];
    statements.extend(KINDS.iter().map(|kind| of(kind, &format!("id, '{kind}', id"))));
    statements.push(of("LEGAL_CLOCK", "id, 'LEGAL_CLOCK', case_id"));
    statements.push("ANALYZE".to_owned());
    for sql in &statements {
        db.execute_unprepared(sql).await.unwrap();
    }
    number(db, "SELECT count(*) AS n FROM due").await
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get("", "n").unwrap()
}

async fn ready(t: &TestApp) -> i64 {
    t.store.number("SELECT count(*) FROM due WHERE at <= '2026-11-03T08:00:00+00:00'").await
}

/// How many timers were handled until no more are, and how long that took.
async fn looked_at(t: &TestApp, before: i64, began: Instant) -> (i64, Duration) {
    let (mut last, mut took) = (before, Duration::ZERO);
    loop {
        let now = ready(t).await;
        if now < last {
            (last, took) = (now, began.elapsed());
        } else if began.elapsed() > took + RESTS {
            return (before - now, took);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}

async fn median_of(db: &DatabaseConnection) -> f64 {
    let mut times = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), CHOOSE)).await.unwrap();
        assert_eq!(rows.len(), 200);
        times.push(began.elapsed());
    }
    median(times)
}

async fn complaints(widget: &Client, count: usize, name: &str) -> f64 {
    let mut times = Vec::new();
    for number in 0..count {
        let input = json!({
            "idempotencyKey": format!("{name} {number}"),
            "email": format!("c{number}@example.com"),
            "text": "The broadband has been down for three weeks and nobody answers.",
        });
        let began = Instant::now();
        widget.does("fileComplaint", input, "receipt { reference }").await;
        times.push(began.elapsed());
    }
    median(times)
}
