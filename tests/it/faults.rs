//! The disk fails, or is full: nothing that was acknowledged is lost, and nothing is acknowledged that is not stored.
//! The service is a process of its own on a SQLite file, also in a run on PostgreSQL, where PostgreSQL writes to the
//! disk.

use std::collections::BTreeSet;
use std::path::Path;

use ansvar_tests::faults::{Disk, EIO, ENOSPC};
use ansvar_tests::{Client, until};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};

use crate::cli::{Demo, Folder};

const LOG: &str = "mutation($input: LogPhoneCallInput!) { logPhoneCall(input: $input) { receipt { reference } userErrors { code } } }";

/// Logs a call; returns its case's reference, or the code of the refusal.
async fn logs(exchange: &Client, key: &str) -> Result<String, String> {
    let input = json!({ "source": "pbx", "externalId": key, "words": "The broadband is down" });
    let (status, answer) = exchange.post(LOG, json!({ "input": input })).await;
    if let Some(reference) = answer.pointer("/data/logPhoneCall/receipt/reference").and_then(Value::as_str) {
        return Ok(reference.to_owned());
    }
    let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(status, 503, "{answer}");
    Err(code.to_owned())
}

async fn references(db: &DatabaseConnection) -> BTreeSet<String> {
    let statement = Statement::from_string(db.get_database_backend(), r#"SELECT reference FROM "case""#);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "reference").unwrap()).collect()
}

/// Kills the process and reads with another connection what the file contains.
async fn stored_after_a_pulled_plug(mut demo: Demo, data: &str) -> BTreeSet<String> {
    demo.signal("-KILL");
    drop(demo.process.wait().await);
    let db = sea_orm::Database::connect(format!("sqlite://{data}/ansvar.db")).await.unwrap();
    assert_eq!(ansvar::check::breaches(&db).await.unwrap(), Vec::<String>::new());
    let stored = references(&db).await;
    db.close().await.unwrap();
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_at_any_write_of_an_act_loses_nothing_that_was_acknowledged() {
    let folder = Folder::new("failing_disk");
    let data = folder.path("data");
    let disk = Disk::at(Path::new(&folder.path("faults")));
    let demo = Demo::start_with(&data, disk.environment()).await;
    let exchange = demo.client("/tokens/client");
    let mut received = BTreeSet::new();
    let mut failures = 0;
    for error in [ENOSPC, EIO] {
        for n in 0.. {
            disk.fails_once_after(n, error);
            // Two acts at once, which may share a commit.
            let keys = [0, 1].map(|lane| format!("{error}-{n}-{lane}"));
            let (one, two) = tokio::join!(logs(&exchange, &keys[0]), logs(&exchange, &keys[1]));
            for answer in [&one, &two] {
                match answer {
                    Ok(reference) => assert!(received.insert(reference.clone()), "a reference is given once"),
                    Err(code) => assert_eq!(code, "BUSY", "write {n} failed with error {error}"),
                }
            }
            let all_succeeded = !disk.has_failed_once();
            failures += usize::from(!all_succeeded);
            disk.works();
            received.insert(logs(&exchange, &format!("{error}-{n}-after")).await.expect("the disk works again"));
            if all_succeeded {
                break;
            }
        }
    }
    assert!(failures > 10, "only {failures} writes failed: the disk is not the service's");
    assert_eq!(stored_after_a_pulled_plug(demo, &data).await, received, "what was acknowledged, and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_forgotten_once_there_is_room() {
    let folder = Folder::new("full_disk");
    let data = folder.path("data");
    let disk = Disk::at(Path::new(&folder.path("faults")));
    let demo = Demo::start_with(&data, disk.environment()).await;
    let exchange = demo.client("/tokens/client");
    let ready = async || exchange.answers("/readyz").await;
    let mut received = BTreeSet::new();
    received.insert(logs(&exchange, "before").await.unwrap());
    assert_eq!(ready().await, Some(200));

    disk.fails(ENOSPC);
    for number in 0..20 {
        assert_eq!(logs(&exchange, &format!("full-{number}")).await, Err("BUSY".to_owned()));
    }
    assert_eq!(ready().await, Some(503), "whoever watches is told");

    disk.works();
    until("it is ready again", async || ready().await == Some(200)).await;
    for number in 0..20 {
        received.insert(logs(&exchange, &format!("room-{number}")).await.unwrap());
    }
    // The refused call was not stored: a request with the same key succeeds now.
    received.insert(logs(&exchange, "full-3").await.unwrap());
    assert_eq!(stored_after_a_pulled_plug(demo, &data).await, received);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_does_not_serve_the_same_file() {
    let folder = Folder::new("two");
    let data = folder.path("data");
    let mut first = Demo::start(&data).await;
    let second = tokio::process::Command::new(crate::cli::program())
        .args(["demo", "--empty", "--json", "--listen", "127.0.0.1:0", "--data", &data])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(!second.status.success() && said.contains("another process serves this store"), "{said}");
    // The lock ends with the process, in whatever way it ends.
    first.signal("-KILL");
    drop(first.process.wait().await);
    drop(Demo::start(&data).await);
}
