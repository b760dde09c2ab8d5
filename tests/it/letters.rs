//! Letters: sending and retrying, templates, and what a letter may repeat of a mail.

use ansvar_tests::people::mail;
use ansvar_tests::post::Taken;
use ansvar_tests::text;
use chrono::TimeDelta;
use serde_json::json;

use crate::mail::{HELP, cases, help_desk, reference, reports};

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_sent_again_until_it_is_taken_or_somebody_must_call() {
    let (sink, t, shop) = help_desk().await;
    sink.answers(451);
    t.hands_over(
        "karin@example.com",
        &[HELP],
        &mail("karin@example.com", "Trampoline", "1@example.com", "", "Cracked"),
    )
    .await;
    t.settle().await;
    assert_eq!(cases(&shop).await, 1);
    let letter = async || {
        let all =
            shop.manager.asks("{ cases { nodes { letters { status attempts reason callDue } } } }", json!({})).await;
        all["cases"]["nodes"][0]["letters"][0].clone()
    };
    let tried = letter().await;
    assert!(tried["attempts"] == 1 && tried["status"] == "WAITING" && !tried["reason"].is_null(), "{tried}");
    sink.answers(250);
    t.settle().await;
    assert_eq!(sink.count(), 0, "its time has not come");
    t.later_and_settled(TimeDelta::minutes(1)).await;
    assert_eq!((sink.count(), text(&letter().await["status"])), (1, "SENT".to_owned()));

    // The letter is refused permanently, so the customer does not know that the complaint was received.
    sink.answers(550);
    t.hands_over("bo@example.com", &[HELP], &mail("bo@example.com", "Broadband", "2@example.com", "", "broadband"))
        .await;
    t.settle().await;
    let all = shop.manager.asks("{ cases(first: 1) { nodes { callsDue { status recipient } } } }", json!({})).await;
    let due = json!([{ "status": "FAILED", "recipient": "bo@example.com" }]);
    assert_eq!(all["cases"]["nodes"][0]["callsDue"], due, "a call is due");
    // After six attempts a call is due, too.
    sink.answers(451);
    t.hands_over("eva@example.com", &[HELP], &mail("eva@example.com", "Sofa", "3@example.com", "", "sofa")).await;
    t.settle().await;
    assert_eq!(cases(&shop).await, 3);
    for (tries, minutes) in [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240)] {
        let tried = letter().await;
        assert!(tried["attempts"] == tries && !tried["reason"].is_null(), "{tried}");
        assert_eq!(tried["callDue"], false);
        t.later_and_settled(TimeDelta::minutes(minutes)).await;
    }
    let tried = letter().await;
    assert_eq!((&tried["callDue"], &tried["attempts"]), (&json!(true), &json!(6)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_says_it_in_its_own_words_and_cannot_forget_what_matters() {
    let (sink, t, shop) = help_desk().await;
    let template = |text: &str| json!({ "sellerId": shop.id, "kind": "ACKNOWLEDGEMENT", "language": "EN", "template": { "subject": "Re: {{subject}} [{{reference}}]", "text": text } });
    let wrong = shop.admin.fails("setLetterTemplate", template("Thank you. {{reference}} {{nonsense}}")).await;
    assert!(wrong.len() >= 3 && wrong.iter().all(|(code, field)| code == "INVALID" && field == "text"), "{wrong:?}");
    assert_eq!(shop.manager.fails("setLetterTemplate", template("x")).await[0].0, "FORBIDDEN");
    let good = "Ahoy! {{owner}} has it ({{reference}}) and writes by {{due}}.";
    shop.admin.does("setLetterTemplate", template(good), "seller { id }").await;
    let update = json!({ "sellerId": shop.id, "kind": "UPDATE", "language": "EN", "template": { "subject": "{{reference}}", "text": "{{message}}" } });
    shop.admin.does("setLetterTemplate", update, "seller { id }").await;
    let document = "query($s: ID!) { previewLetter(sellerId: $s, kind: ACKNOWLEDGEMENT, language: EN) { subject text html template { text } } }";
    let preview = shop.manager.asks(document, json!({ "s": shop.id })).await["previewLetter"].take();
    assert_eq!(preview["template"]["text"], good);
    assert!(text(&preview["text"]).starts_with("Ahoy! Elin Sand has it (C-2026-000123)"), "{preview}");
    t.hands_over(
        "karin@example.com",
        &[HELP],
        &mail("karin@example.com", "Trampoline", "1@example.com", "", "Cracked"),
    )
    .await;
    assert!(sink.letters(1).await[0].text().starts_with("Ahoy!"));
    let none = json!({ "sellerId": shop.id, "kind": "ACKNOWLEDGEMENT", "language": "EN" });
    shop.admin.does("setLetterTemplate", none, "seller { id }").await;
    let doubted = mail(
        "eve@example.com",
        "Secret things",
        "2@example.com",
        "Authentication-Results: mx.shop.example; dmarc=fail\r\n",
        "broadband",
    );
    t.hands_over("eve@example.com", &[HELP], &doubted).await;
    let letter = sink.letters(2).await[1].clone();
    assert!(letter.text().contains("We have received") && !letter.raw.contains("Secret"), "{}", letter.raw);
    let all = shop
        .manager
        .asks("{ cases(first: 1) { nodes { reports { ... on EmailReport { senderTrust } } } } }", json!({}))
        .await;
    assert_eq!(all["cases"]["nodes"][0]["reports"][0]["senderTrust"], "FAILED");
    // A sender whose domain does not confirm the mail does not count as the customer, although the mail names the case.
    let known = sink.letters(1).await[0].clone();
    let reference = reference(&known);
    let forged = mail(
        "karin@example.com",
        &format!("Re: [{reference}]"),
        "3@evil.example",
        "Authentication-Results: mx.shop.example; dmarc=fail\r\n",
        "broadband: send the money elsewhere",
    );
    t.hands_over("karin@example.com", &[HELP], &forged).await;
    t.settle().await;
    assert_eq!(cases(&shop).await, 3, "it has a case of its own");
    assert_eq!(reports(&shop, &reference).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_leads_to_the_case_and_only_its_reader_gets_the_key() {
    let (sink, t, shop) = help_desk().await;
    let page = |url: &str| json!({ "sellerId": shop.id, "trackingUrl": url });
    for wrong in ["http://shop.example/case", "https://shop.example/case#x", "shop.example", "javascript:alert(1)"] {
        let told = shop.admin.fails("updateSeller", page(wrong)).await;
        assert_eq!(told, [("INVALID".into(), "trackingUrl".into())], "{wrong}");
    }
    let set = shop.admin.does("updateSeller", page("https://shop.example/case"), "seller { trackingUrl }").await;
    assert_eq!(set["seller"]["trackingUrl"], "https://shop.example/case");
    let karin = mail("karin@example.com", "Trampoline", "1@example.com", "", "Cracked");
    t.hands_over("karin@example.com", &[HELP], &karin).await;
    let letter = sink.letters(1).await[0].clone();
    let words = letter.text();
    let link = words.split_whitespace().find(|word| word.starts_with("https://")).unwrap();
    let (page_url, token) = link.split_once('#').unwrap();
    assert_eq!(page_url, "https://shop.example/case");
    let mine = shop.widget.showing(token).asks("{ myCase { reference } }", json!({})).await;
    assert_eq!(mine["myCase"]["reference"], reference(&letter));
    // Staff who read the letter do not see the token.
    let read = shop.reads(&reference(&letter), "letters { text }").await["letters"].take();
    let read = text(&read[0]["text"]);
    assert!(read.contains("https://shop.example/case#trk_hidden") && !read.contains(token), "{read}");

    // A letter to an unconfirmed sender has no link, and no letter has one if the seller has no page for customers.
    let doubted = "Authentication-Results: mx.shop.example; dmarc=fail\r\n";
    let doubted = mail("eve@example.com", "Hello", "2@example.com", doubted, "broadband");
    t.hands_over("eve@example.com", &[HELP], &doubted).await;
    assert!(!sink.letters(2).await[1].text().contains("https://"));
    shop.admin.does("updateSeller", page(""), "seller { trackingUrl }").await;
    let bo = mail("bo@example.com", "Kettle", "3@example.com", "", "It leaks");
    t.hands_over("bo@example.com", &[HELP], &bo).await;
    assert!(!sink.letters(3).await[2].text().contains("https://"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_only_a_telephone_is_called() {
    let (sink, t, shop) = help_desk().await;
    let input =
        json!({ "source": "exchange", "externalId": "1", "words": "The kettle leaks", "from": "070-123 45 67" });
    let reference = text(&shop.call(input).await["reference"]);
    let id = shop.case_id(&reference).await;
    let told = json!({ "caseId": id, "message": "You get a new one on Thursday." });
    let selection = "case { callsDue { id kind status recipient reason text } events { __typename } }";
    let case = shop.manager.does("closeCase", told, selection).await["case"].take();
    let call = &case["callsDue"][0];
    assert_eq!((&call["kind"], &call["status"]), (&json!("MESSAGE"), &json!("FAILED")));
    assert_eq!(
        (&call["recipient"], &call["reason"]),
        (&json!("+46701234567"), &json!("we know no e-mail address of the customer"))
    );
    assert!(text(&call["text"]).contains("You get a new one on Thursday."), "what to say: {call}");
    let events: Vec<_> = case["events"].as_array().unwrap().iter().map(|event| text(&event["__typename"])).collect();
    assert!(events.contains(&"CustomerUnreached".to_owned()), "{events:?}");
    let called = json!({ "letterId": call["id"], "note": "Told him." });
    shop.manager.does("recordCall", called, "letter { callDue }").await;
    assert_eq!(shop.reads(&reference, "callsDue { id }").await["callsDue"], json!([]));
    t.settle().await;
    assert_eq!(sink.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_words_go_to_nobody_in_our_name() {
    let (sink, t, shop) = help_desk().await;
    let page = json!({ "sellerId": shop.id, "trackingUrl": "https://shop.example/case" });
    shop.admin.does("updateSeller", page, "seller { id }").await;
    let evil = "Verify your account at https://evil.example";
    let form = json!({ "idempotencyKey": "1", "text": "It is broken", "subject": evil, "name": "Verify at evil.example", "language": "EN", "email": "eva@example.com" });
    let filed = shop.filed(form).await;
    let whole = |letter: &Taken| format!("{} {letter:?} {}", letter.subject(), letter.text());
    let first = sink.letters(1).await[0].clone();
    assert_eq!(first.subject(), format!("[{}] We have received your complaint", filed.reference));
    assert!(!whole(&first).contains("evil"), "{first:?}");
    let token = |letter: &Taken| {
        let words = letter.text();
        let link = words.split_whitespace().find(|word| word.starts_with("https://shop.example/case#")).unwrap();
        link.split_once('#').unwrap().1.to_owned()
    };
    assert_ne!(token(&first), filed.receipt["trackingToken"], "the letter has a link of its own");
    let case = shop.case_id(&filed.reference).await;
    let write = async |words: &str| {
        shop.manager.does("sendMessage", json!({ "caseId": case, "text": words }), "message { id }").await;
    };
    // Using the token of the receipt does not prove who reads mail at the address.
    filed.client.asks("{ myCase { reference } }", json!({})).await;
    write("We look into it.").await;
    let second = sink.letters(2).await[1].clone();
    assert!(second.subject().ends_with("About your case") && !whole(&second).contains("evil"), "{second:?}");
    // Using the link of a letter proves that its reader has the letter.
    shop.widget.showing(&token(&second)).asks("{ myCase { reference } }", json!({})).await;
    write("A new one is on its way.").await;
    let third = sink.letters(3).await[2].clone();
    assert_eq!(third.subject(), format!("Re: {evil} [{}]", filed.reference));
    // It proves nothing for another case to the same address.
    let form = json!({ "idempotencyKey": "2", "text": "Again", "subject": evil, "name": "Eva Ek", "language": "EN", "email": "eva@example.com" });
    shop.filed(form).await;
    let fourth = sink.letters(4).await[3].clone();
    assert!(!whole(&fourth).contains("evil") && fourth.text().contains("Eva Ek"), "a name may stand there: {fourth:?}");

    // The answer to a mail repeats its words if the mail server confirms the sender, and otherwise does not.
    let passed = "Authentication-Results: mx.shop.example; dmarc=pass\r\n";
    let known = mail("bo@example.com", "The kettle", "1@example.com", passed, "It leaks");
    t.hands_over("bo@example.com", &[HELP], &known).await;
    let fifth = sink.letters(5).await[4].clone();
    assert!(fifth.subject().starts_with("Re: The kettle ["), "{}", fifth.subject());
    let unknown = mail("https://evil.example <siv@example.com>", evil, "2@example.com", "", "broadband");
    t.hands_over("siv@example.com", &[HELP], &unknown).await;
    let sixth = sink.letters(6).await[5].clone();
    assert!(!whole(&sixth).contains("evil"), "{sixth:?}");
    // An answer to the address that only the letter named proves that its reader wrote the mail.
    let answer = mail("siv@example.com", &sixth.subject(), "3@example.com", "", "It is still broken");
    let to = sixth.address("Reply-To");
    t.hands_over("siv@example.com", &[to.as_str()], &answer).await;
    let seventh = sink.letters(7).await[6].clone();
    assert!(seventh.subject().starts_with("Re: Verify your account"), "{}", seventh.subject());
}
