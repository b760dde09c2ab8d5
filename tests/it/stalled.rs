//! A node stops, connections to the store hang, the store is unavailable, a client disconnects: others are not blocked,
//! requests do not fail with an internal error, and an act that has begun is completed.

use std::time::{Duration, Instant};

use ansvar_tests::people::mail;
use ansvar_tests::store::on_postgres;
use ansvar_tests::watch::By;
use ansvar_tests::{TestApp, Watch, text, until};
use chrono::TimeDelta;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::cli::{Folder, Served};
use crate::mail::{HELP, cases, mailbox};

/// Another connection to the store, with a transaction of its own.
async fn somebody(t: &TestApp, begins: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(&t.store.url);
    let db = Database::connect(options.max_connections(1).to_owned()).await.unwrap();
    db.execute_unprepared(begins).await.unwrap();
    db
}

/// Adds a note as the case's owner; returns the status and the answer.
async fn notes(t: &TestApp, base: &str, case: &Value, owner: &str, text: &str) -> (u16, Value) {
    let note = "mutation($input: AddNoteInput!) { addNote(input: $input) { message { id } userErrors { code } } }";
    t.holder_of(owner).at(base).post(note, json!({ "input": { "caseId": case, "text": text } })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stands_still_in_an_act_does_not_hold_up_the_others() {
    if !on_postgres() {
        // Only one process can use a SQLite file; see `crate::faults`.
        return;
    }
    let t = TestApp::start_now().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = json!(shop.case_id(&asa.reference).await);
    let owner = shop.id_of("maria").to_owned();
    let folder = Folder::new("standing_still");
    std::fs::write(folder.path("ansvar.toml"), t.as_file()).unwrap();
    let other = Served::start(&folder.path("ansvar.toml")).await;
    // The act of the other node has locked the case and waits for the feed.
    let holder = somebody(&t, "BEGIN; SELECT * FROM feed FOR UPDATE").await;
    let (t, base) = (&t, t.base());
    let stuck = notes(t, &other.base, &case, &owner, "from the node that stands still");
    let rest = async {
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        until("its act waits for the feed", async || t.store.number(waiting).await > 0).await;
        other.signal("-STOP");
        holder.execute_unprepared("ROLLBACK").await.unwrap();
        let began = Instant::now();
        let (status, answer) = notes(t, &base, &case, &owner, "from the node that runs").await;
        assert_eq!((status, &answer["data"]["addNote"]["userErrors"]), (200, &json!([])), "{answer}");
        assert!(began.elapsed() < Duration::from_secs(10), "the locks were held for {:?}", began.elapsed());
        other.signal("-CONT");
    };
    let ((status, answer), ()) = tokio::join!(stuck, rest);
    // The stopped node has run its act again, or answers that it was not done.
    assert!(status == 200 || status == 503, "{answer}");
    holder.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_lines_to_the_store_are_given_up_and_new_ones_are_made() {
    let (t, outage) = TestApp::with_a_line_of_its_own(|config| config.database.statement_ms = 1_000).await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let reads = async || shop.manager.post("{ viewer { __typename } }", json!({})).await;
    // Connections in use and idle ones.
    futures_util::future::join_all((0..8).map(|_| reads())).await;
    outage.falls_silent().await;
    let began = Instant::now();
    let answers = futures_util::future::join_all((0..16).map(|_| reads())).await;
    assert!(began.elapsed() < Duration::from_secs(15), "answers took {:?}", began.elapsed());
    if on_postgres() {
        for (status, answer) in answers {
            assert!(status == 503 || status == 504, "the store says nothing: {answer}");
        }
    }
    outage.answers_new_lines();
    let began = Instant::now();
    until("it serves again", async || reads().await.0 == 200).await;
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?} to serve again", began.elapsed());
    assert_eq!(shop.owner_of(&asa.reference).await, asa.owner_name);
    shop.customer("bo", "broadband").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_clients_are_told_to_come_back_and_streams_go_on_after_it() {
    let (t, outage) = TestApp::with_a_line_of_its_own(|config| config.database.acquire_ms = 500).await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = json!(shop.case_id(&asa.reference).await);
    let owner = shop.id_of("maria").to_owned();
    let id = text(&case);
    let mut watches = Vec::new();
    for by in [By::WebSocket, By::Sse] {
        watches.push(Watch::case(&t, &shop.manager, by, (&id, &asa.reference), None).await);
    }
    outage.begins().await;
    for number in 0..10 {
        let (status, answer) = notes(&t, &t.base(), &case, &owner, &format!("refused {number}")).await;
        assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (503, &json!("BUSY")), "{answer}");
        assert!(answer["errors"][0]["extensions"]["retryAfter"].as_u64().is_some(), "{answer}");
    }
    assert_eq!(t.anybody().answers("/readyz").await, Some(503));
    assert_eq!(t.anybody().answers("/livez").await, Some(200));
    outage.ends().await;
    until("it serves again", async || notes(&t, &t.base(), &case, &owner, "after").await.0 == 200).await;
    for watch in &mut watches {
        // When the service is dropped, it is checked that each of them has got everything.
        let seen = watch.seen(&t).await;
        assert!(!seen.is_empty(), "the streams have not ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_begun_runs_to_its_end_although_the_client_hangs_up() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let mailbox = mailbox(&shop, HELP).await;
    let begins = if on_postgres() { "BEGIN; LOCK TABLE arrival IN ACCESS EXCLUSIVE MODE" } else { "BEGIN IMMEDIATE" };
    let holder = somebody(&t, begins).await;
    let body = mail("karin@example.com", "Broken", "1@example.com", "", "The frame is cracked");
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: message/rfc822\r\ncontent-length: {}\r\n\r\n{body}",
        text(&mailbox["inboundPath"]),
        text(&mailbox["key"]),
        body.len()
    );
    let before = t.inside().acts_begun();
    let mut socket = tokio::net::TcpStream::connect(t.base().trim_start_matches("http://")).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    until("the act has begun", async || t.inside().acts_begun() > before).await;
    drop(socket);
    holder.execute_unprepared("ROLLBACK").await.unwrap();
    until("the mail is a case", async || cases(&shop).await == 1).await;
    holder.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_a_case_do_not_go_back_in_time_with_the_clock() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = json!(shop.case_id(&asa.reference).await);
    let owner = shop.id_of("maria").to_owned();
    for (number, step) in [0, 90, -60, -1440, 5, 2000].into_iter().enumerate() {
        t.later(TimeDelta::minutes(step));
        let (status, answer) = notes(&t, &t.base(), &case, &owner, &format!("{number}")).await;
        assert_eq!(status, 200, "{answer}");
    }
    let back =
        "SELECT count(*) FROM event a JOIN event b ON b.case_id = a.case_id AND b.seq = a.seq + 1 WHERE b.at < a.at";
    assert_eq!(t.store.number(back).await, 0);
    let read = shop.reads(&asa.reference, "events { at }").await;
    assert!(read["events"].as_array().is_none_or(|events| events.len() >= 6), "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_clock_is_wrong_says_so_and_goes_by_the_stores() {
    if !on_postgres() {
        // On SQLite the machine's clock is the only one.
        return;
    }
    let t = TestApp::start_now().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = json!(shop.case_id(&asa.reference).await);
    let owner = shop.id_of("maria").to_owned();
    let folder = Folder::new("ahead");
    std::fs::write(folder.path("ansvar.toml"), t.as_file()).unwrap();
    let environment = [
        ("LD_PRELOAD".to_owned(), ansvar_tests::faults::library().display().to_string()),
        ("ANSVAR_CLOCK_OFFSET".to_owned(), "7200".to_owned()),
    ];
    let ahead = Served::start_with(&folder.path("ansvar.toml"), environment).await;
    let says = reqwest::get(format!("{}/readyz", ahead.base)).await.unwrap().text().await.unwrap();
    assert!(says.contains("s ahead of the store's"), "{says}");
    let metrics = reqwest::get(format!("{}/metrics", ahead.base)).await.unwrap().text().await.unwrap();
    let offset = metrics.lines().find_map(|line| line.strip_prefix("ansvar_clock_offset_seconds ")).unwrap_or("0");
    assert!(offset.parse::<f64>().unwrap() > 7_000.0, "{offset}");
    let (status, answer) = notes(&t, &ahead.base, &case, &owner, "from the node that is ahead").await;
    assert_eq!(status, 200, "{answer}");
    let latest = "SELECT (extract(epoch FROM max(at) - clock_timestamp()) < 60)::int::bigint FROM event";
    assert_eq!(t.store.number(latest).await, 1, "its acts have the store's time");
}
