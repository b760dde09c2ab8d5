//! A customer's cases in one session, and what opens them: only the link in a letter to the customer's own address.

use ansvar_tests::people::mail;
use ansvar_tests::post::Taken;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, Shop, Sink, TestApp, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::mail::{HELP, help_desk};

const PAGE: &str = "https://shop.example/case";
const MINE: &str = "{ myCases { totalCount nodes { reference } } viewer { ... on CustomerViewer { opensAllCases } } }";
const FEED: &str = "subscription($after: String) { myCasesEvents(after: $after) { cursor event { seq kind case { reference } message { text } } } }";

/// A seller with a mailbox and a page for its customers.
async fn desk() -> (Sink, TestApp, Shop) {
    let (sink, t, shop) = help_desk().await;
    shop.admin.does("updateSeller", json!({ "sellerId": shop.id, "trackingUrl": PAGE }), "seller { id }").await;
    (sink, t, shop)
}

/// A client with the tracking token of the link in a letter.
fn reader(shop: &Shop, letter: &Taken) -> Client {
    let words = letter.text();
    let link = words.split_whitespace().find(|word| word.starts_with(&format!("{PAGE}#"))).unwrap();
    shop.widget.showing(link.split_once('#').unwrap().1)
}

/// The letters to this address, oldest first.
fn to<'l>(letters: &'l [Taken], address: &str) -> Vec<&'l Taken> {
    letters.iter().filter(|letter| letter.to == address).collect()
}

/// The references of the caller's cases, newest first, and whether the token opens all of them.
async fn mine(client: &Client) -> (Vec<String>, bool) {
    let mine = client.asks(MINE, json!({})).await;
    let nodes = mine["myCases"]["nodes"].as_array().unwrap();
    assert_eq!(mine["myCases"]["totalCount"], nodes.len());
    (nodes.iter().map(|case| text(&case["reference"])).collect(), mine["viewer"]["opensAllCases"] == true)
}

fn told(event: &Value) -> (String, String) {
    let event = &event["event"];
    (text(&event["case"]["reference"]), event["message"]["text"].as_str().unwrap_or_default().to_owned())
}

async fn says(shop: &Shop, case: &str, words: &str) {
    shop.manager.does("sendMessage", json!({ "caseId": case, "text": words }), "message { id }").await;
}

/// The caller gets the same answer for this id, everywhere, as for the id of no case.
async fn does_not_exist(client: &Client, case: &str) {
    let nothing = "case_01k00000000000000000000000";
    for (document, name) in [
        ("query($id: ID) { it: myCase(id: $id) { id } }", "id"),
        ("query($id: ID) { it: devices(caseId: $id) { id } }", "id"),
        ("query($id: ID!) { it: node(id: $id) { id } }", "id"),
        (
            "mutation($id: ID) { it: askForNews(input: { caseId: $id }) { case { id } userErrors { code field } } }",
            "id",
        ),
        (
            "mutation($id: ID) { it: addCustomerMessage(input: { caseId: $id, text: \"x\" }) { message { id } userErrors { code field } } }",
            "id",
        ),
        (
            "mutation($id: ID) { it: revokeTrackingTokens(input: { caseId: $id }) { revoked { count } userErrors { code field } } }",
            "id",
        ),
    ] {
        let ask = async |id: &str| {
            let mut answer = client.post(document, json!({ name: id })).await.1;
            answer.as_object_mut().unwrap().remove("extensions");
            answer
        };
        let (there, not_there) = (ask(case).await, ask(nothing).await);
        assert_eq!(there, not_there, "{document}");
        let refused = there["errors"][0]["extensions"]["code"] == "NOT_FOUND"
            || there["data"]["it"]["userErrors"][0] == json!({ "code": "NOT_FOUND", "field": ["caseId"] })
            || there["data"] == json!({ "it": null });
        assert!(refused, "{document}: {there}");
    }
    let document = "subscription($id: ID) { myCaseEvents(caseId: $id, after: 0) { seq } }";
    for id in [case, nothing] {
        let mut watch = Watch::start(client, By::Sse, document, json!({ "id": id })).await;
        assert_eq!(watch.next().await["errors"][0]["extensions"]["code"], "NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_files_with_a_victims_address_and_sees_nothing_of_the_victims() {
    let (sink, t, shop) = desk().await;
    let karin = shop.customer("karin", "The broadband is down, and my address is secret").await;
    let hers = shop.case_id(&karin.reference).await;
    let form = json!({ "idempotencyKey": "s", "email": "karin@example.com", "text": "broadband: whose case is this?" });
    let stranger = shop.filed(form.clone()).await;
    let other = shop.case_id(&stranger.reference).await;
    // Both are one customer's for the company, and still the receipt opens its own case only.
    let customers = [&karin, &stranger].map(|it| shop.reads(&it.reference, "customer { id }"));
    let customers = futures_util::future::join_all(customers).await;
    assert_eq!(customers[0], customers[1]);
    let only = (vec![stranger.reference.clone()], false);
    assert_eq!(mine(&stranger.client).await, only);
    does_not_exist(&stranger.client, &hers).await;
    let cursor = stranger.client.asks("{ feedCursor }", json!({})).await["feedCursor"].take();
    says(&shop, &hers, "Karin, we call you at home").await;
    says(&shop, &other, "Hello").await;
    let mut feed = Watch::start(&stranger.client, By::Sse, FEED, json!({ "after": cursor })).await;
    let first = feed.next_event().await;
    assert_eq!(told(&first), (stranger.reference.clone(), "Hello".to_owned()), "nothing of hers before it");

    // Nothing that happens later makes more of the token: a merge without proof, a link from staff, a change of the
    // customer and back.
    let merge = json!({ "caseId": other, "intoId": hers, "reason": "The same address" });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    assert_eq!(mine(&stranger.client).await, only);
    shop.manager.does("unmergeCase", json!({ "caseId": other, "reason": "No" }), "case { id }").await;
    let link = shop.manager.does("createTrackingLink", json!({ "caseId": other }), "link { token }").await;
    let shown = shop.widget.showing(link["link"]["token"].as_str().unwrap());
    assert_eq!(mine(&shown).await, only);
    does_not_exist(&shown, &hers).await;
    for email in ["stranger@example.com", "karin@example.com"] {
        let change = json!({ "caseId": other, "email": email, "reason": "r" });
        shop.manager.does("changeCustomer", change, "case { id }").await;
        t.settle().await;
    }
    assert_eq!(mine(&stranger.client).await, only);
    does_not_exist(&stranger.client, &hers).await;
    t.settle().await;
    assert_eq!(shop.filed(form).await.client.bearer, stranger.client.bearer, "the form has the token that it had");

    // A letter to her address opens what is hers: both cases, for everything that a customer does.
    let letters = sink.all();
    let letter = to(&letters, "karin@example.com")[0];
    let reads = reader(&shop, letter);
    let both = vec![stranger.reference.clone(), karin.reference.clone()];
    assert_eq!(mine(&reads).await, (both, true));
    let read = "query($id: ID) { myCase(id: $id) { reference language lastMessage { text fromCustomer } } }";
    let read = reads.asks(read, json!({ "id": other })).await["myCase"].take();
    assert_eq!(read["reference"], stranger.reference.as_str());
    let words = json!({ "caseId": other, "text": "This is not mine" });
    reads.does("addCustomerMessage", words, "message { text }").await;
    reads.does("askForNews", json!({ "caseId": other }), "case { reference }").await;
    let last = reads.asks("{ myCases(first: 1) { nodes { lastMessage { text fromCustomer } } } }", json!({})).await;
    let last = &last["myCases"]["nodes"][0]["lastMessage"];
    assert_eq!(*last, json!({ "text": "This is not mine", "fromCustomer": true }));
    // The letter of what became of the stranger's other address opens nothing of hers.
    let letters = sink.all();
    let stray = reader(&shop, to(&letters, "stranger@example.com")[0]);
    assert_eq!(stray.post(MINE, json!({})).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_staff_added_opens_the_case_that_its_letter_is_about() {
    let (sink, t, shop) = desk().await;
    let first = shop.customer("karin", "The broadband is down").await;
    let second = shop.customer("karin", "The trampoline is cracked").await;
    t.settle().await;
    let letters = sink.letters(2).await;
    let answered = to(&letters, "karin@example.com")[1].clone();
    // Somebody answers from another address, and staff take them for Karin.
    let answer = mail("other@example.com", &answered.subject(), "1@other.example", "", "It is me, from work");
    t.hands_over("other@example.com", &[&answered.address("Reply-To")], &answer).await;
    t.settle().await;
    let report = shop.reads(&second.reference, "reports { id }").await["reports"][1]["id"].clone();
    shop.manager.does("confirmSender", json!({ "reportId": report }), "case { id }").await;
    says(&shop, &shop.case_id(&second.reference).await, "We send a new one").await;
    t.settle().await;
    let letters = sink.all();
    let work = reader(&shop, to(&letters, "other@example.com").last().unwrap());
    assert_eq!(mine(&work).await, (vec![second.reference.clone()], false));
    does_not_exist(&work, &shop.case_id(&first.reference).await).await;
    // Neither does a link that they ask for.
    shop.widget.does("requestTrackingLink", json!({ "email": "other@example.com" }), "accepted").await;
    t.settle().await;
    let letters = sink.all();
    let asked = *to(&letters, "other@example.com").last().unwrap();
    assert!(asked.text().contains(&second.reference) && !asked.text().contains(&first.reference), "{}", asked.text());
    assert_eq!(mine(&reader(&shop, asked)).await, (vec![second.reference], false));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_feed_with_one_cursor_follows_all_cases_and_ends_when_the_tokens_are_revoked() {
    let (sink, t, shop) = desk().await;
    let one = shop.customer("karin", "The broadband is down").await;
    let two = shop.customer("karin", "The trampoline is cracked").await;
    let eva = shop.customer("eva", "The sofa is torn").await;
    let ids = [shop.case_id(&one.reference).await, shop.case_id(&two.reference).await];
    t.settle().await;
    let letters = sink.letters(3).await;
    let phone = reader(&shop, to(&letters, "karin@example.com")[0]);
    let mut feed = Watch::start(&phone, By::WebSocket, FEED, json!({})).await;
    let mut narrow = Watch::start(&one.client, By::Sse, FEED, json!({})).await;
    says(&shop, &ids[1], "We send a new frame").await;
    says(&shop, &shop.case_id(&eva.reference).await, "We look at the sofa").await;
    says(&shop, &ids[0], "We measure the line").await;
    let next = async |feed: &mut Watch| loop {
        let event = feed.next_event().await;
        if event["event"]["kind"] == "MESSAGE_ADDED" {
            break (told(&event), event["cursor"].clone());
        }
    };
    let (first, cursor) = next(&mut feed).await;
    assert_eq!(first, (two.reference.clone(), "We send a new frame".to_owned()));
    assert_eq!(next(&mut narrow).await.0, (one.reference.clone(), "We measure the line".to_owned()));
    // The telephone was off in between, and comes back with the link of another letter.
    feed.cut();
    says(&shop, &ids[1], "It arrives on Monday").await;
    let again = reader(&shop, to(&letters, "karin@example.com")[1]);
    let mut feed = Watch::start(&again, By::Sse, FEED, json!({ "after": cursor })).await;
    assert_eq!(next(&mut feed).await.0, (one.reference.clone(), "We measure the line".to_owned()));
    assert_eq!(next(&mut feed).await.0, (two.reference.clone(), "It arrives on Monday".to_owned()));
    let hers = reader(&shop, to(&letters, "eva@example.com")[0]);
    let mut stranger = Watch::start(&hers, By::Sse, FEED, json!({ "after": cursor })).await;
    assert_eq!(stranger.next().await["errors"][0]["extensions"]["code"], "INVALID", "a cursor works for its owner");

    // A link was passed on: the owner ends all of them, and whoever follows is told at once.
    let mut case = Watch::start(&one.client, By::Sse, "subscription { myCaseEvents { seq } }", json!({})).await;
    t.settle().await;
    let input = json!({ "caseId": ids[0] });
    assert_eq!(hers.fails("revokeTrackingTokens", input.clone()).await[0].0, "NOT_FOUND");
    let revoked = shop.manager.does("revokeTrackingTokens", input.clone(), "revoked { count }").await;
    assert_eq!(revoked["revoked"]["count"], 4, "two receipts, and two letters' links");
    for watch in [&mut feed, &mut narrow, &mut case] {
        let last = watch.ends().await.pop().unwrap();
        assert_eq!(last["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{last}");
    }
    for client in [&phone, &again, &one.client, &two.client] {
        assert_eq!(client.post(MINE, json!({})).await.0, 401);
    }
    assert_eq!(mine(&eva.client).await.0, [eva.reference]);
    // Letters that are sent later carry a new link.
    says(&shop, &ids[0], "It works again").await;
    t.settle().await;
    let letters = sink.all();
    let fresh = reader(&shop, to(&letters, "karin@example.com").last().unwrap());
    assert_eq!(mine(&fresh).await, (vec![two.reference.clone(), one.reference.clone()], true));
    // She signs out everywhere herself, while a letter waits to be sent.
    sink.answers(451);
    says(&shop, &ids[1], "Is it good now?").await;
    t.settle().await;
    let revoked = fresh.does("revokeTrackingTokens", json!({}), "revoked { count }").await;
    assert_eq!(revoked["revoked"]["count"], 2);
    assert_eq!(fresh.post(MINE, json!({})).await.0, 401);
    sink.answers(250);
    t.later_and_settled(TimeDelta::minutes(2)).await;
    let letters = sink.all();
    let waited = to(&letters, "karin@example.com").pop().unwrap();
    assert!(waited.text().contains("Is it good now?"));
    assert_eq!(mine(&reader(&shop, waited)).await.0, [two.reference, one.reference]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_the_link_asks_for_it_and_nobody_learns_who_is_a_customer() {
    let (sink, t, shop) = desk().await;
    let one = shop.customer("karin", "The broadband is down").await;
    let swedish =
        json!({ "idempotencyKey": "e", "email": "eva@example.com", "text": "broadband är nere", "language": "SV" });
    shop.filed(swedish).await;
    let two = shop.customer("karin", "The trampoline is cracked").await;
    t.settle().await;
    let before = sink.letters(3).await.len();
    let ask = async |email: &str| {
        let answer = shop.widget.tries("requestTrackingLink", json!({ "email": email }), "accepted").await;
        t.settle().await;
        answer
    };
    let known = ask("Karin@Example.com").await;
    assert_eq!(known, json!({ "accepted": true, "userErrors": [] }));
    for email in ["nobody@example.com", HELP] {
        assert_eq!(ask(email).await, known);
    }
    let letters = sink.all();
    assert_eq!(letters.len(), before + 1, "nobody else gets a letter");
    let letter = letters.last().unwrap().clone();
    assert_eq!((letter.to.as_str(), letter.subject().as_str()), ("karin@example.com", "Länken till dina ärenden"));
    let words = letter.text();
    assert!(
        words.contains(&one.reference) && words.contains(&two.reference) && !words.contains("broadband"),
        "{words}"
    );
    assert_eq!(mine(&reader(&shop, &letter)).await, (vec![two.reference.clone(), one.reference.clone()], true));
    let bad = shop.widget.fails("requestTrackingLink", json!({ "email": "karin" })).await;
    assert_eq!(bad, [("INVALID".into(), "email".into())]);
    // Staff see that it was sent, and cannot use it.
    let seen = shop.reads(&two.reference, "letters { kind text }").await["letters"].take();
    let seen = seen.as_array().unwrap().iter().find(|letter| letter["kind"] == "LINKS").unwrap().clone();
    assert!(text(&seen["text"]).contains("#trk_hidden"), "{seen}");
    // Three a day, with one word at the same time or after one another; the next day again.
    let at_once =
        (0..5).map(|_| shop.widget.does("requestTrackingLink", json!({ "email": "eva@example.com" }), "accepted"));
    futures_util::future::join_all(at_once).await;
    t.settle().await;
    assert_eq!(to(&sink.all(), "eva@example.com").len(), 1 + 3);
    for _ in 0..4 {
        assert_eq!(ask("karin@example.com").await, known);
    }
    assert_eq!(to(&sink.all(), "karin@example.com").len(), 2 + 3);
    t.later_and_settled(TimeDelta::days(1)).await;
    ask("karin@example.com").await;
    assert_eq!(to(&sink.all(), "karin@example.com").len(), 2 + 4);
}
