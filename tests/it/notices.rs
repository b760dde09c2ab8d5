//! Notices to staff: at once or in a summary, during working hours, with limits, and the answers to them.

use ansvar_tests::people::{bounce, mail};
use ansvar_tests::post::Taken;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Customer, Shop, Sink, TestApp, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::mail::{HELP, cases, complains, help_desk, reports};

const PASSED: &str = "Authentication-Results: mx.shop.example; dmarc=pass\r\n";

/// A help desk whose staff get notices. Bo gets every case; his lead is Anna, and Elin is accountable.
async fn desk() -> (Sink, TestApp, Shop) {
    let (sink, t, shop) = help_desk().await;
    let desk = "https://desk.shop.example/#/cases/{reference}";
    let on = json!({ "sellerId": shop.id, "noticesByMail": true, "deskUrl": desk });
    shop.admin.does("updateSeller", on, "seller { id }").await;
    shop.publishes(json!([{ "name": "all", "assignTo": { "staffId": shop.id_of("bo") } }])).await;
    (sink, t, shop)
}

/// The letters to this member of staff so far.
fn to(sink: &Sink, name: &str) -> Vec<Taken> {
    let address = format!("{name}@shop.example");
    sink.all().into_iter().filter(|letter| letter.to == address).collect()
}

fn says(letter: &Taken, words: &[&str]) {
    for words in words {
        assert!(letter.text().contains(words), "{words} is not in {}", letter.text());
    }
}

/// The address in the letter's text for answers to the customer.
fn to_customer(letter: &Taken) -> String {
    let text = letter.text();
    let at = text.find("help+k").expect("it names the address to the customer");
    text[at..].split([' ', '\r', '\n']).next().unwrap().trim_end_matches('.').to_owned()
}

async fn notes(shop: &Shop, reference: &str) -> Vec<(String, String)> {
    let read = shop.reads(reference, "messages { text visibility }").await;
    let all = read["messages"].as_array().unwrap().iter();
    all.map(|message| (text(&message["visibility"]), text(&message["text"]))).collect()
}

async fn quarantined(shop: &Shop) -> Vec<String> {
    let read = shop.manager.asks("{ quarantinedReports { reason } }", json!({})).await;
    read["quarantinedReports"].as_array().unwrap().iter().map(|mail| text(&mail["reason"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_away_for_a_week_and_the_lead_learns_of_it() {
    let (sink, t, shop) = desk().await;
    let (reference, case) = complains(&sink, &t, &shop).await;
    t.settle().await;
    let first = to(&sink, "bo").remove(0);
    says(&first, &["Hej bo!", "Du ansvarar för ärendet nu.", "tisdag 3 november 2026 kl. 09.00", &reference]);
    says(&first, &[&format!("https://desk.shop.example/#/cases/{reference}")]);
    assert!(!first.text().contains("cracked") && !first.text().contains("karin"), "no words: {}", first.text());
    assert!(first.subject().contains(&reference) && first.address("Reply-To").starts_with("help+n"));
    assert_eq!(first.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    let away = json!({ "staffId": shop.id_of("bo"), "away": { "until": "2026-11-09T00:00:00Z" } });
    shop.staff("bo").does("setAvailability", away, "staff { id }").await;
    // A day passes without a contact. Anna, the lead, gets a notice; Bo gets his when he is back.
    t.later_and_settled(TimeDelta::hours(25)).await;
    let anna = to(&sink, "anna");
    assert_eq!((anna.len(), to(&sink, "bo").len()), (1, 1));
    says(&anna[0], &["Kunden har inte hört något från oss än", &reference]);
    let thread = |letter: &Taken| letter.header("References").unwrap();
    assert!(thread(&anna[0]).contains(&case) && thread(&anna[0]) == thread(&first), "one thread for each case");
    assert_eq!(anna[0].subject(), first.subject());
    // Elin gets an escalation on every working day: the first notice at once, the others in the morning's summary.
    for _ in 0..5 * 24 {
        t.later_and_settled(TimeDelta::hours(1)).await;
    }
    assert_eq!(to(&sink, "bo").len(), 1, "it is Sunday, and he is away");
    let anna = to(&sink, "anna");
    assert_eq!(anna.len(), 2);
    says(&anna[1], &["Ingenting har gjorts i ärendet på för länge."]);
    let elin = to(&sink, "elin");
    assert!((2..=4).contains(&elin.len()), "{} letters", elin.len());
    for _ in 0..24 {
        t.later_and_settled(TimeDelta::hours(1)).await;
    }
    let back = to(&sink, "bo");
    assert_eq!(back.len(), 2, "it is Monday");
    says(&back[1], &["Kunden har inte hört något från oss än"]);
    // He writes to the customer, and nothing is late any more.
    let shop = shop.at(&t);
    shop.staff("bo").does("sendMessage", json!({ "caseId": case, "text": "Sorry!" }), "message { id }").await;
    let before = sink.count();
    t.later_and_settled(TimeDelta::hours(3)).await;
    let staff = sink.all().into_iter().skip(before).filter(|letter| letter.to.ends_with("@shop.example")).count();
    assert_eq!(staff, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_in_a_storm_and_nobody_twice() {
    let (sink, t, shop) = desk().await;
    let other = t.second_node().await;
    let filed = std::cell::Cell::new(0);
    let file = async |count: usize| {
        for _ in 0..count {
            filed.set(filed.get() + 1);
            let _: Customer = shop.customer(&format!("c{}", filed.get()), "It is broken").await;
        }
    };
    // Notices about a dozen cases at the same moment are one mail that names all of them.
    t.hold().await;
    file(12).await;
    t.settle().await;
    let told = to(&sink, "bo");
    assert_eq!(told.len(), 1);
    assert!(told[0].subject().starts_with("Nytt i 12 ärenden"), "{}", told[0].subject());
    assert_eq!(told[0].text().matches("Du ansvarar för ärendet nu.").count(), 12);
    assert_eq!(told[0].header("References"), None);
    // Cases that come one after the other get separate mails, up to ten in an hour. The rest waits for one summary.
    for expected in [2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10] {
        file(1).await;
        t.settle().await;
        assert_eq!(to(&sink, "bo").len(), expected);
    }
    t.later_and_settled(TimeDelta::minutes(59)).await;
    assert_eq!(to(&sink, "bo").len(), 10);
    t.later_and_settled(TimeDelta::minutes(2)).await;
    let told = to(&sink, "bo");
    assert_eq!(told.len(), 11);
    assert!(told[10].subject().starts_with("Nytt i 3 ärenden"), "{}", told[10].subject());
    let twice = "SELECT count(*) FROM (SELECT staff_id, case_id FROM notice WHERE kind = 'ASSIGNED' GROUP BY staff_id, case_id HAVING count(*) > 1) q";
    assert_eq!(t.store.number(twice).await, 0);
    assert_eq!(t.store.number("SELECT count(*) FROM notice WHERE letter_id IS NULL").await, 0);
    t.release();
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_answers_a_notice_and_nobody_else_can() {
    let (sink, t, shop) = desk().await;
    let (reference, case) = complains(&sink, &t, &shop).await;
    t.settle().await;
    let notice = to(&sink, "bo").remove(0);
    let (note, customer) = (notice.address("Reply-To"), to_customer(&notice));
    let quoted = "\n\nDen 2 nov 2026 skrev Shop's help <help@shop.example>:\n> Du ansvarar för ärendet nu.";
    let answer = |from: &str, id: &str, more: &str, words: &str| {
        mail(from, "Sv: Ärende", &format!("{id}@shop.example"), more, &format!("{words}{quoted}"))
    };
    // His answer becomes an internal note. The same mail at two addresses becomes one note.
    let own = answer("Bo <bo@shop.example>", "n1", "", "I asked the driver.")
        .replace("To: help@", &format!("To: {note}, help@"));
    assert_eq!(t.hands_over("bo@shop.example", &[&note, HELP], &own).await, [250, 250]);
    t.settle().await;
    let said = notes(&shop, &reference).await;
    assert_eq!(said[1..], [("INTERNAL".into(), "I asked the driver.".into())]);
    // An answer to the other address goes to the customer, if the mail is confirmed to be his.
    let unproven = answer("bo@shop.example", "k1", "", "We send a new frame.");
    let proven = answer("bo@shop.example", "k2", PASSED, "We send a new frame.");
    for raw in [&unproven, &proven] {
        t.hands_over("bo@shop.example", &[&customer], raw).await;
        t.settle().await;
    }
    let said = notes(&shop, &reference).await;
    assert_eq!(said[2..], [("CUSTOMER".into(), "We send a new frame.".into())]);
    let letter = sink.all().into_iter().rev().find(|letter| letter.to == "karin@example.com").unwrap();
    says(&letter, &["We send a new frame."]);
    assert_eq!(shop.reads(&reference, "stage").await["stage"], "ACKNOWLEDGED", "it is a contact");
    assert_eq!(quarantined(&shop).await.len(), 1, "the one that was not proven");
    // He gets a mail that it was not used.
    says(
        to(&sink, "bo").last().unwrap(),
        &["kunden har inte fått det", "inget visar att medarbetaren har skickat det"],
    );
    let both = proven.replace("k2@", "k3@").replace("To: help@shop.example", &format!("To: {note}, {customer}"));
    t.hands_over("bo@shop.example", &[&note, &customer], &both).await;
    t.settle().await;
    assert_eq!(notes(&shop, &reference).await.len(), 3, "nobody knows which he meant");
    // Another person with the forwarded notice cannot write anything, and neither can a program.
    for (number, (from, to, more)) in [
        ("mallory@example.com", &note, ""),
        ("mallory@example.com", &customer, PASSED),
        ("anna@shop.example", &note, PASSED),
        ("bo@shop.example", &note, "Authentication-Results: mx.shop.example; dmarc=fail\r\n"),
        ("bo@shop.example", &note, "Auto-Submitted: auto-replied\r\n"),
    ]
    .into_iter()
    .enumerate()
    {
        t.hands_over(from, &[to], &answer(from, &format!("x{number}"), more, "Close it.")).await;
        t.settle().await;
    }
    assert_eq!(notes(&shop, &reference).await.len(), 3);
    let why = quarantined(&shop).await;
    assert_eq!(why.len(), 7, "the program's is nothing at all: {why:?}");
    assert_eq!(why.iter().filter(|why| why.contains("another address than that person's")).count(), 3);
    // An answer without the address for replies is kept, too.
    let answers = format!("In-Reply-To: <{}>\r\n", notice.address("Message-ID"));
    t.hands_over("bo@shop.example", &[HELP], &answer("bo@shop.example", "y", &answers, "Done.")).await;
    t.settle().await;
    assert_eq!((quarantined(&shop).await.len(), cases(&shop).await), (8, 1), "no mail of theirs opens a case");
    // Staff can add it to the case, as a note that says who wrote it.
    let read = shop.manager.asks("{ quarantinedReports { id reason } }", json!({})).await["quarantinedReports"].take();
    let last = read.as_array().unwrap().last().unwrap();
    let assign = json!({ "quarantinedReportId": last["id"], "caseId": case });
    shop.manager.does("assignQuarantinedReport", assign, "quarantinedReport { id }").await;
    let said = notes(&shop, &reference).await;
    assert_eq!(said.last().unwrap(), &("INTERNAL".into(), "bo@shop.example:\nDone.".into()));
    assert_eq!(reports(&shop, &reference).await, 1);
    // The notice itself, redirected to the mailbox, has no effect.
    t.hands_over("bo@shop.example", &[HELP], &notice.raw).await;
    t.settle().await;
    assert_eq!((quarantined(&shop).await.len(), cases(&shop).await), (7, 1));
    // A gateway that delivers it as a complaint gets an error that says what it is.
    let handed = json!({ "raw": STANDARD.encode(&own) });
    assert_eq!(shop.gateway.fails("receiveEmail", handed).await, [("INVALID".into(), "raw".into())]);
    // After a month the addresses are no longer valid.
    shop.staff("bo")
        .does(
            "sendMessage",
            json!({ "caseId": case, "text": "Soon.", "nextContactBy": { "at": "2026-12-20T10:00:00Z" } }),
            "message { id }",
        )
        .await;
    t.later_and_settled(TimeDelta::days(31)).await;
    t.hands_over("bo@shop.example", &[&note], &answer("bo@shop.example", "late", "", "Late")).await;
    t.settle().await;
    let shop = shop.at(&t);
    assert!(!notes(&shop, &reference).await.iter().any(|(_, text)| text == "Late"));
    assert!(quarantined(&shop).await.iter().any(|why| why.contains("older than 30 days")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_comes_back_is_seen_and_opens_no_case() {
    let (sink, t, shop) = desk().await;
    let (_, case) = complains(&sink, &t, &shop).await;
    t.settle().await;
    let notice = to(&sink, "bo").remove(0);
    let (before, letters) = (cases(&shop).await, sink.count());
    t.hands_over("", &[&notice.from], &bounce(&notice.from, "bo@shop.example")).await;
    t.settle().await;
    assert_eq!((cases(&shop).await, sink.count()), (before, letters + 1));
    says(to(&sink, "elin").last().unwrap(), &["bo <bo@shop.example>", "user unknown"]);
    let state = "SELECT count(*) FROM letter WHERE staff_id IS NOT NULL AND status = 'BOUNCED'";
    assert_eq!(t.store.number(state).await, 1);
    assert_eq!(t.store.number("SELECT count(*) FROM arrival WHERE status = 'STAFF_REPLY'").await, 1);
    // No notice goes to an address of one of the company's mailboxes, with or without a tag.
    let own = json!({ "staffId": shop.id_of("dag"), "email": "help+dag@shop.example" });
    shop.admin.does("updateStaff", own, "staff { id }").await;
    let given = json!({ "caseId": case, "ownerId": shop.id_of("dag"), "reason": "r" });
    shop.manager.does("reassignCase", given, "case { id }").await;
    t.settle().await;
    assert!(sink.all().iter().all(|letter| letter.to != "help+dag@shop.example"));
    assert_eq!(t.store.number("SELECT count(*) FROM notice WHERE ended_at IS NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_so_any_more_is_not_told_and_a_merged_case_is_told_as_the_one_that_goes_on() {
    let (sink, t, shop) = desk().await;
    // The loops are held, so that nothing is mailed between two acts.
    t.hold().await;
    let (asa, eva) = (shop.customer("asa", "It is broken").await, shop.customer("eva", "It is broken").await);
    let (one, other) = (shop.case_id(&asa.reference).await, shop.case_id(&eva.reference).await);
    let merge = json!({ "caseId": one, "intoId": other, "reason": "the same", "sameCustomer": true });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    t.settle().await;
    let told = to(&sink, "bo");
    assert!(told.iter().all(|letter| !letter.text().contains(&asa.reference)), "it is not a case of its own any more");
    asa.client.does("addCustomerMessage", json!({ "text": "Any news?" }), "message { id }").await;
    t.settle().await;
    let told = to(&sink, "bo");
    let last = told.last().unwrap();
    assert!(last.subject().contains(&eva.reference), "{}", last.subject());
    says(last, &["Kunden har skrivit"]);
    // At night the first contact becomes late, and he writes to the customer before the lead is at work.
    t.later_and_settled(TimeDelta::hours(12)).await;
    let shop = shop.at(&t);
    let before = sink.count();
    shop.admin.does("updateSeller", json!({ "sellerId": shop.id, "firstContactHours": 1 }), "seller { id }").await;
    let night = shop.customer("nina", "It is broken").await;
    t.later_and_settled(TimeDelta::hours(2)).await;
    let id = shop.case_id(&night.reference).await;
    shop.at(&t)
        .staff("bo")
        .does(
            "sendMessage",
            json!({ "caseId": id, "text": "Hello.", "nextContactBy": { "day": "2026-11-06" } }),
            "message { id }",
        )
        .await;
    t.later_and_settled(TimeDelta::hours(12)).await;
    let late: Vec<_> = sink.all().split_off(before);
    assert!(late.iter().all(|letter| !(letter.to.starts_with("anna@") && letter.text().contains(&night.reference))));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_as_they_chose_and_only_of_what_is_still_so() {
    let (sink, t, shop) = desk().await;
    let chosen = |kind: &str, timing: &str| json!([{ "kind": kind, "timing": timing }]);
    let set = |staff: &str, notices: Value| json!({ "staffId": shop.id_of(staff), "notices": notices });
    let (bo, anna) = (shop.staff("bo"), shop.staff("anna"));
    let read = "{ viewer { ... on Staff { notices { kind timing } } } }";
    let usual = bo.asks(read, json!({})).await["viewer"]["notices"].take();
    assert_eq!(usual.as_array().unwrap().len(), 9);
    bo.does("setNotices", set("bo", chosen("ASSIGNED", "NEVER")), "staff { id }").await;
    shop.manager.does("setNotices", set("bo", chosen("CUSTOMER_WROTE", "DAILY")), "staff { id }").await;
    assert_eq!(anna.fails("setNotices", set("bo", chosen("TASK", "NEVER"))).await[0].0, "FORBIDDEN");
    let twice = json!([{ "kind": "TASK", "timing": "NEVER" }, { "kind": "TASK", "timing": "DAILY" }]);
    assert_eq!(bo.fails("setNotices", set("bo", twice)).await, [("INVALID".into(), "notices.1.kind".into())]);
    let of_bo = format!("{{ node(id: \"{}\") {{ ... on Staff {{ notices {{ kind }} }} }} }}", shop.id_of("bo"));
    assert_eq!(anna.asks(&of_bo, json!({})).await["node"]["notices"], Value::Null);
    let wrong = json!({ "sellerId": shop.id, "deskUrl": "https://desk.shop.example/cases" });
    assert_eq!(shop.admin.fails("updateSeller", wrong).await, [("INVALID".into(), "deskUrl".into())]);

    let asa = shop.customer("asa", "It is broken").await;
    let case = shop.case_id(&asa.reference).await;
    t.settle().await;
    assert_eq!(to(&sink, "bo").len(), 0, "he does not want to know");
    asa.client.does("addCustomerMessage", json!({ "text": "It smells of gas now." }), "message { id }").await;
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    shop.partner("fibre-north").does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    bo.does("offerHandover", json!({ "caseId": case, "toId": shop.id_of("anna"), "note": "n" }), "handover { id }")
        .await;
    t.settle().await;
    assert_eq!(to(&sink, "bo").len(), 0, "it waits for the morning");
    let offered = to(&sink, "anna");
    says(&offered[0], &["En kollega erbjuder dig ärendet."]);
    let offer = shop.reads(&asa.reference, "handovers { id }").await;
    let decline = json!({ "handoverId": offer["handovers"][0]["id"], "reason": "r" });
    anna.does("declineHandover", decline, "handover { id }").await;
    t.settle().await;
    says(&to(&sink, "bo")[0], &["Din kollega har tackat nej"]);
    // The customer's words are quoted only if the seller's setting says so.
    let words = json!({ "sellerId": shop.id, "noticesWithWords": true });
    shop.admin.does("updateSeller", words, "seller { id }").await;
    let eva = shop.customer("eva", "It is broken").await;
    let promised = json!({ "caseId": case, "what": "A new hose", "place": "CALL", "due": { "day": "2026-11-05" } });
    bo.does("makeCommitment", promised, "commitment { id }").await;
    t.later_and_settled(TimeDelta::hours(23)).await;
    t.later_and_settled(TimeDelta::minutes(5)).await;
    let morning = to(&sink, "bo");
    assert_eq!(morning.len(), 2);
    says(&morning[1], &["Kunden har skrivit", "> It smells of gas now.", "En partner har tagit sig an sin uppgift."]);
    // On the last working day before a commitment is due there is a notice.
    t.later_and_settled(TimeDelta::days(1)).await;
    let shop = shop.at(&t);
    let bo = shop.staff("bo");
    let near = to(&sink, "bo");
    assert!(
        near[2..].iter().any(|letter| letter.text().contains("lovad ska vara klart senast torsdag 5 november 2026"))
    );
    // There is no notice about a case that is closed before the morning.
    let before = to(&sink, "bo").len();
    t.later(TimeDelta::minutes(1));
    let eva_now = eva.client.at(&t.base());
    eva_now.does("addCustomerMessage", json!({ "text": "Hello?" }), "message { id }").await;
    t.settle().await;
    let id = shop.case_id(&eva.reference).await;
    bo.does("closeCase", json!({ "caseId": id, "message": "We repaired it." }), "case { id }").await;
    t.later_and_settled(TimeDelta::days(1)).await;
    for letter in &to(&sink, "bo")[before..] {
        assert!(!letter.text().contains(&eva.reference), "{}", letter.text());
    }
    // Events while notices are off are not mailed later.
    let shop = shop.at(&t);
    let off = |on: bool| json!({ "sellerId": shop.id, "noticesByMail": on });
    shop.admin.does("updateSeller", off(false), "seller { id }").await;
    let before = sink.count();
    shop.staff("bo").does("addNote", json!({ "caseId": case, "text": "n" }), "message { id }").await;
    let lisa = shop.customer("lisa", "It is broken").await;
    t.settle().await;
    shop.admin.does("updateSeller", off(true), "seller { id }").await;
    t.settle().await;
    let later = sink.all();
    assert!(
        later[before..]
            .iter()
            .all(|letter| !letter.text().contains(&lisa.reference) || !letter.to.ends_with("@shop.example"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_note_mentions_is_told_of_it_once() {
    let (sink, t, shop) = desk().await;
    let (reference, case) = complains(&sink, &t, &shop).await;
    t.settle().await;
    let work = "subscription { workEvents { event { __typename by { name } ... on StaffMentioned { to { name } message { text } case { reference } } } } }";
    let mut carin = Watch::start(shop.staff("carin"), By::Sse, work, json!({})).await;
    let note = |people: Vec<&str>| json!({ "caseId": case, "text": "You know frames", "mentions": people });
    let (bo, id) = (shop.staff("bo"), |name: &str| shop.id_of(name));
    bo.does("addNote", note(vec![id("carin"), id("bo"), id("carin")]), "message { id }").await;
    let event = carin.next_event().await["event"].take();
    let expected = json!({ "__typename": "StaffMentioned", "by": { "name": "bo" }, "to": { "name": "carin" }, "message": { "text": "You know frames" }, "case": { "reference": reference } });
    assert_eq!(event, expected);
    t.settle().await;
    let told = to(&sink, "carin");
    assert_eq!((told.len(), to(&sink, "bo").len()), (1, 1), "nobody is told of their own words");
    says(&told[0], &["En kollega nämner dig i en anteckning.", &reference]);
    assert!(!told[0].text().contains("frames"), "no words: {}", told[0].text());
    // Who is not at the seller, or not any more, cannot be mentioned, and then there is no note either.
    let other = shop.another(&t, "other").await;
    let before = notes(&shop, &reference).await.len();
    let refused = bo.fails("addNote", note(vec![id("carin"), other.id_of("anna")])).await;
    assert_eq!(refused, [("NOT_FOUND".into(), "mentions.1".into())]);
    let many = vec![id("carin"); 21];
    assert_eq!(bo.fails("addNote", note(many)).await, [("TOO_LONG".into(), "mentions".into())]);
    assert_eq!(notes(&shop, &reference).await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_a_case_hears_of_it() {
    let (sink, t, shop) = desk().await;
    let (reference, case) = complains(&sink, &t, &shop).await;
    t.settle().await;
    let work = "subscription { workEvents { event { __typename case { reference } } } }";
    let (bo, carin) = (shop.staff("bo"), shop.staff("carin"));
    let watch = json!({ "caseId": case });
    let seen = "case { watching watchers { name } version }";
    let before = shop.reads(&reference, "version").await["version"].clone();
    let watched = carin.does("watchCase", watch.clone(), seen).await["case"].take();
    assert_eq!(watched, json!({ "watching": true, "watchers": [{ "name": "carin" }], "version": before }));
    carin.does("watchCase", watch.clone(), seen).await;
    let mut stream = Watch::start(carin, By::WebSocket, work, json!({})).await;
    let note = |text: &str| json!({ "caseId": case, "text": text });
    bo.does("addNote", note("The frame is old"), "message { id }").await;
    let heard = json!({ "__typename": "MessageAdded", "case": { "reference": reference } });
    assert_eq!(stream.next_event().await["event"], heard);
    // Her own words come in the stream too, and cause no notice.
    carin.does("addNote", note("I have seen such a frame"), "message { id }").await;
    assert_eq!(stream.next_event().await["event"], heard);
    t.settle().await;
    assert_eq!(to(&sink, "carin").len(), 0, "in the summary of the next morning");
    t.later_and_settled(TimeDelta::hours(25)).await;
    let told = to(&sink, "carin");
    assert_eq!(told.len(), 1);
    says(&told[0], &["Något har hänt i ett ärende som du bevakar.", &reference]);
    // She does not watch it any more.
    let shop = shop.at(&t);
    let (bo, carin) = (shop.staff("bo"), shop.staff("carin"));
    let ended = carin.does("unwatchCase", watch.clone(), "case { watching watchers { name } }").await["case"].take();
    assert_eq!(ended, json!({ "watching": false, "watchers": [] }));
    let mut stream = Watch::start(carin, By::WebSocket, work, json!({})).await;
    bo.does("addNote", note("Unheard"), "message { id }").await;
    let mine = json!({ "caseId": case, "toId": shop.id_of("carin"), "note": "n" });
    bo.does("offerHandover", mine, "handover { id }").await;
    assert_eq!(stream.next_event().await["event"]["__typename"], "HandoverOffered", "and not the note before it");
    // Somebody else's case cannot be watched.
    let other = shop.another(&t, "other").await;
    assert_eq!(other.manager.fails("watchCase", watch).await, [("NOT_FOUND".into(), "caseId".into())]);
}
