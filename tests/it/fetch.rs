//! Mail that is fetched from an account: each mail exactly once, despite crashes and misbehaving servers.

use ansvar::config::imap::ImapOauth;
use ansvar_tests::people::mail;
use ansvar_tests::{Account, Shop, Sink, TestApp};
use axum::extract::Form;
use axum::routing::post;
use axum::{Json, Router};
use chrono::TimeDelta;
use serde_json::{Value, json};

const HELP: &str = "help@shop.example";

/// A service that fetches from this account, and a seller with the mailbox.
async fn fetching(account: &Account, sink: &Sink, start_from: &str) -> (TestApp, Shop) {
    let (imap, smtp) = (account.as_config(HELP, start_from), sink.url.clone());
    let t = TestApp::start_with(move |config| {
        config.mail.imap = vec![imap];
        config.mail.smtp = Some(smtp);
    })
    .await;
    let shop = t.shop().await;
    let input = json!({ "sellerId": shop.id, "address": HELP, "name": "Help", "language": "EN", "transport": "IMAP" });
    shop.admin.does("createMailbox", input, "mailbox { id }").await;
    (t, shop)
}

async fn state(shop: &Shop) -> Value {
    let asked = "query($id: ID!) { node(id: $id) { ... on Seller { mailboxes { fetching { beganAt lookedAt failingSince failure } } } } }";
    shop.admin.asks(asked, json!({ "id": shop.id })).await["node"]["mailboxes"][0]["fetching"].take()
}

/// Returns when the folder was read for the first time.
async fn begun(t: &TestApp, shop: &Shop) {
    t.settle().await;
    assert!(!state(shop).await["beganAt"].is_null());
}

/// Checks that the failure to fetch is recorded.
async fn is_failing(t: &TestApp, shop: &Shop) {
    t.settle().await;
    let state = state(shop).await;
    assert!(state["failure"].is_string(), "{state}");
}

/// Advances the time in steps until this holds, at most this often; returns the number of steps.
async fn steps(t: &TestApp, step: TimeDelta, most: usize, holds: impl AsyncFn() -> bool) -> usize {
    for number in 0..most {
        if holds().await {
            return number;
        }
        t.later_and_settled(step).await;
    }
    assert!(holds().await, "it never was so");
    most
}

/// The subjects of all cases, and how many reports each has.
async fn cases(shop: &Shop) -> Vec<(String, usize)> {
    let found = shop.manager.asks("{ cases { nodes { subject reports { id } } } }", json!({})).await;
    let nodes = found["cases"]["nodes"].as_array().unwrap().iter();
    let mut all: Vec<_> = nodes
        .map(|case| (case["subject"].as_str().unwrap().to_owned(), case["reports"].as_array().unwrap().len()))
        .collect();
    all.sort();
    all
}

fn from_karin(subject: &str, id: &str) -> String {
    mail("karin@example.com", subject, id, "", "It broke")
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_comes_is_fetched_once_marked_and_answered_and_what_lay_there_is_left() {
    let (account, sink) = (Account::start().await, Sink::start().await);
    let before = chrono::DateTime::parse_from_rfc3339("2026-10-01T08:00:00Z").unwrap().to_utc();
    account.comes(before, &from_karin("Long ago", "0@example.com"));
    let (t, shop) = fetching(&account, &sink, "now").await;
    begun(&t, &shop).await;

    let first = account.comes(t.now(), &from_karin("Trampoline", "1@example.com"));
    t.settle().await;
    let letter = sink.letters(1).await[0].clone();
    // The sender is not confirmed, so the letter repeats none of the mail's words.
    assert!(letter.subject().ends_with("] We have received your complaint"), "{}", letter.subject());
    assert_eq!(account.seen(), [first], "it is marked as read");
    assert_eq!(cases(&shop).await, [("Trampoline".to_owned(), 1)]);

    // The answer is sent to the `+` address; it is only in To, because IMAP has no envelope.
    let answer = from_karin("Re: Trampoline", "2@example.com")
        .replace("To: help@shop.example", &format!("To: {}", letter.address("Reply-To")));
    account.comes(t.now(), &answer);
    t.settle().await;
    assert_eq!(sink.count(), 2);
    assert_eq!(cases(&shop).await, [("Trampoline".to_owned(), 2)]);

    // After a lost connection fetching continues, and no mail arrives twice.
    account.hangs_up();
    is_failing(&t, &shop).await;
    account.comes(t.now(), &from_karin("Kettle", "3@example.com"));
    t.later_and_settled(TimeDelta::minutes(2)).await;
    assert_eq!(sink.count(), 3);
    assert!(state(&shop).await["failingSince"].is_null(), "it works again");
    assert_eq!(cases(&shop).await, [("Kettle".to_owned(), 1), ("Trampoline".to_owned(), 2)]);
    assert_eq!(account.folder().entered, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_taken_whole_if_wanted_and_what_is_old_is_not_answered() {
    let (account, sink) = (Account::start().await, Sink::start().await);
    account.folder().idles = false;
    let day = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    account.comes(day("2026-09-01T08:00:00Z"), &from_karin("September", "1@example.com"));
    account.comes(day("2026-10-02T08:00:00Z"), &from_karin("October", "2@example.com"));
    account.comes(day("2026-10-03T08:00:00Z"), &from_karin("October", "2@example.com"));
    let (t, shop) = fetching(&account, &sink, "2026-10-01").await;
    t.settle().await;
    assert_eq!(account.seen(), [2, 3]);
    assert_eq!(cases(&shop).await, [("October".to_owned(), 1)], "two are kept, and are one");
    let case = shop.manager.asks("{ cases { nodes { receivedAt letters { id } } } }", json!({})).await;
    let case = &case["cases"]["nodes"][0];
    assert_eq!(case["receivedAt"], "2026-10-02T08:00:00+00:00", "when the mail server got it");
    assert_eq!(case["letters"], json!([]), "nobody expects an answer any more");

    // Without IDLE the folder is checked at intervals, and at once when a lost connection is restored.
    account.comes(t.now(), &from_karin("November", "4@example.com"));
    account.hangs_up();
    is_failing(&t, &shop).await;
    t.later_and_settled(TimeDelta::seconds(2)).await;
    assert_eq!(cases(&shop).await.len(), 2);
    let to: Vec<_> = sink.letters(1).await.into_iter().map(|letter| letter.to).collect();
    assert_eq!(to, ["karin@example.com"]);
    account.comes(t.now(), &from_karin("December", "5@example.com"));
    t.later_and_settled(TimeDelta::seconds(30)).await;
    assert_eq!(cases(&shop).await.len(), 3, "it is looked for twice a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_numbers_its_mails_anew_gives_none_twice_and_none_is_missed() {
    let (account, sink) = (Account::start().await, Sink::start().await);
    let (t, shop) = fetching(&account, &sink, "now").await;
    begun(&t, &shop).await;
    account.comes(t.now(), &from_karin("One", "1@example.com"));
    account.comes(t.now(), &from_karin("Two", "2@example.com"));
    t.settle().await;
    assert_eq!(sink.count(), 2);

    {
        let mut folder = account.folder();
        folder.validity += 1;
        folder.next = 900;
        folder.mails = std::mem::take(&mut folder.mails).into_iter().map(|(uid, mail)| (500 - uid, mail)).collect();
    }
    account.comes(t.now(), &from_karin("Three", "3@example.com"));
    account.hangs_up();
    is_failing(&t, &shop).await;
    t.later_and_settled(TimeDelta::seconds(2)).await;
    assert_eq!(account.seen(), [498, 499, 900], "all are marked again");
    assert_eq!((cases(&shop).await.len(), sink.count(), waiting(&t).await), (3, 3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_renumbered_before_it_was_taken_whole_is_begun_anew() {
    let (account, sink) = (Account::start().await, Sink::start().await);
    let long_ago = chrono::DateTime::parse_from_rfc3339("2026-09-01T08:00:00Z").unwrap().to_utc();
    for number in 1..=4 {
        account.comes(long_ago, &from_karin(&format!("Mail {number}"), &format!("{number}@example.com")));
    }
    account.folder().hides = vec![2];
    let (t, shop) = fetching(&account, &sink, "all").await;
    is_failing(&t, &shop).await;
    assert_eq!(account.seen(), [1], "it stops at the second");
    {
        let mut folder = account.folder();
        folder.hides.clear();
        folder.validity += 1;
        folder.next = 200;
        folder.mails = std::mem::take(&mut folder.mails).into_iter().map(|(uid, mail)| (100 + uid, mail)).collect();
    }
    account.hangs_up();
    t.later_and_settled(TimeDelta::seconds(5)).await;
    assert_eq!(cases(&shop).await.len(), 4, "all are there");
    assert!(cases(&shop).await.iter().all(|(_, reports)| *reports == 1), "none twice");
}

async fn waiting(t: &TestApp) -> i64 {
    t.store.number("SELECT count(*) AS number FROM arrival WHERE status = 'WAITING'").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_not_shown_is_left_for_somebody_and_the_next_one_comes() {
    let (account, sink) = (Account::start().await, Sink::start().await);
    account.folder().hides = vec![1];
    let (t, shop) = fetching(&account, &sink, "now").await;
    begun(&t, &shop).await;
    account.comes(t.now(), &from_karin("Hidden", "1@example.com"));
    account.comes(t.now(), &from_karin("Shown", "2@example.com"));
    is_failing(&t, &shop).await;
    let minute = TimeDelta::minutes(1);
    let minutes = steps(&t, minute, 15, async || cases(&shop).await == [("Shown".to_owned(), 1)]).await;
    assert!((10..13).contains(&minutes), "it goes past it after {minutes} minutes");
    let held = shop.manager.asks("{ quarantinedReports { reason } }", json!({})).await["quarantinedReports"].take();
    assert_eq!(held.as_array().unwrap().len(), 1);
    let reason = held[0]["reason"].as_str().unwrap();
    assert!(reason.contains("number 1 in INBOX of help@shop.example"), "{reason}");
    let letters = sink.letters(2).await;
    assert!(letters.iter().any(|letter| letter.subject() == "Ett mejl kunde inte tas emot"), "somebody is told");
    // There are no bytes that could be processed again. A member of staff adds the entry to its case.
    let held = shop.manager.asks("{ quarantinedReports { id } cases { nodes { id } } }", json!({})).await;
    let mut input = json!({ "quarantinedReportId": held["quarantinedReports"][0]["id"] });
    assert_eq!(shop.manager.fails("retryQuarantinedReport", input.clone()).await[0].0, "INVALID_TRANSITION");
    input["caseId"] = held["cases"]["nodes"][0]["id"].clone();
    shop.manager.does("assignQuarantinedReport", input, "quarantinedReport { status }").await;
    let read = shop.manager.asks("{ cases { nodes { reports { words } } } }", json!({})).await;
    let words = read["cases"]["nodes"][0]["reports"][1]["words"].as_str().unwrap().to_owned();
    assert!(words.contains("number 1 in INBOX"), "it says where to look: {words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_able_to_now_is_given_hours_but_not_for_ever() {
    let (account, sink) = (Account::start().await, Sink::start().await);
    account.folder().hides = vec![1];
    account.folder().refusal = "[SERVERBUG] Internal error occurred";
    let (t, shop) = fetching(&account, &sink, "now").await;
    begun(&t, &shop).await;
    account.comes(t.now(), &from_karin("Unreadable", "1@example.com"));
    account.comes(t.now(), &from_karin("Shown", "2@example.com"));
    is_failing(&t, &shop).await;
    let step = TimeDelta::minutes(40);
    let tries = steps(&t, step, 15, async || cases(&shop).await == [("Shown".to_owned(), 1)]).await;
    assert!((9..12).contains(&tries), "it goes past it after six hours, and ten tries: not {tries}");
    let held = shop.manager.asks("{ quarantinedReports { reason } }", json!({})).await["quarantinedReports"].take();
    assert!(held[0]["reason"].as_str().unwrap().contains("[SERVERBUG]"), "{held}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_opened_is_told_after_an_hour_once() {
    let (account, sink) = (Account::start().await, Sink::start().await);
    account.folder().secret = "changed".to_owned();
    let (t, shop) = fetching(&account, &sink, "now").await;
    is_failing(&t, &shop).await;
    let failing = state(&shop).await;
    assert!(failing["failure"].as_str().unwrap().contains("does not accept the user and password"), "{failing}");
    assert!(failing["beganAt"].is_null() && !failing["failingSince"].is_null());
    let told = steps(&t, TimeDelta::minutes(5), 20, async || {
        assert!(!state(&shop).await["failure"].is_null());
        sink.count() == 1
    })
    .await;
    assert_eq!(told, 12, "somebody is told after an hour");
    let letters = sink.letters(1).await;
    assert_eq!(letters[0].subject(), "Mejl kan inte hämtas");
    assert!(letters[0].text().contains("does not accept"), "{}", letters[0].text());

    account.folder().secret = "open sesame".to_owned();
    t.later_and_settled(TimeDelta::minutes(2)).await;
    assert!(state(&shop).await["failingSince"].is_null(), "it works again");
    account.comes(t.now(), &from_karin("At last", "1@example.com"));
    t.settle().await;
    assert_eq!(sink.letters(2).await[1].to, "karin@example.com");
    assert_eq!(sink.count(), 2, "it was told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_it_and_a_new_one_is_asked_for_when_it_is_not_accepted() {
    let account = Account::start().await;
    let tokens = token_server().await;
    let file = std::env::temp_dir().join(format!("ansvar_test_secret_{}", std::process::id()));
    std::fs::write(&file, "s3cret\n").unwrap();
    {
        let mut folder = account.folder();
        folder.token = true;
        folder.secret = "token-1".to_owned();
    }
    let mut imap = account.as_config(HELP, "now");
    imap.password = None;
    imap.oauth = Some(ImapOauth {
        token_url: tokens,
        client_id: "ansvar".to_owned(),
        client_secret_file: Some(file.clone()),
        refresh_token_file: None,
        scope: Some("mail".to_owned()),
    });
    let t = TestApp::start_with(move |config| config.mail.imap = vec![imap]).await;
    let shop = t.shop().await;
    let input = json!({ "sellerId": shop.id, "address": HELP, "name": "Help", "transport": "IMAP" });
    shop.admin.does("createMailbox", input, "mailbox { id }").await;
    begun(&t, &shop).await;

    // The first token ends early.
    account.folder().secret = "token-2".to_owned();
    account.hangs_up();
    let signed_in = async || state(&shop).await["failingSince"].is_null() && account.folder().entered == 2;
    steps(&t, TimeDelta::seconds(1), 20, signed_in).await;
    assert_eq!(account.folder().refused, 1, "what was not accepted is not shown again");
    account.comes(t.now(), &from_karin("Trampoline", "1@example.com"));
    t.settle().await;
    assert_eq!(cases(&shop).await.len(), 1, "it is fetched");
    std::fs::remove_file(file).unwrap();
}

/// Returns token-1, token-2 and so on for requests with the right grant.
async fn token_server() -> String {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let give = async move |Form(form): Form<Vec<(String, String)>>| {
        let said = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        assert_eq!(said("grant_type").as_deref(), Some("client_credentials"));
        assert_eq!(said("client_id").as_deref(), Some("ansvar"));
        assert_eq!(said("client_secret").as_deref(), Some("s3cret"), "without the line's end");
        assert_eq!(said("scope").as_deref(), Some("mail"));
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        Json(json!({ "access_token": format!("token-{number}"), "expires_in": 3600, "token_type": "Bearer" }))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/token", post(give))).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_fetch_and_each_mail_comes_once() {
    let (account, sink) = (Account::start().await, Sink::start().await);
    let (t, shop) = fetching(&account, &sink, "now").await;
    begun(&t, &shop).await;
    let imap = account.as_config(HELP, "now");
    let other = t.second_node_with(move |config| config.mail.imap = vec![imap]).await;
    t.settle().await;
    assert_eq!(account.folder().entered, 2, "both look");
    for number in 0..10 {
        account.comes(t.now(), &from_karin(&format!("Mail {number}"), &format!("{number}@example.com")));
    }
    t.settle().await;
    assert_eq!((cases(&shop).await.len(), waiting(&t).await), (10, 0));
    let kept = t.store.number("SELECT count(*) AS number FROM arrival").await;
    assert_eq!(kept, 10, "a mail is kept once, whoever fetches it");
    other.stop().await;
}
