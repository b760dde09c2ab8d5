//! Mail through a group's address or a form, mail that cannot be understood, and hints to which case a mail may belong.

use ansvar_tests::people::mail;
use ansvar_tests::{Shop, TestApp, text, until};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::mail::{HELP, cases, help_desk, mailbox, reference, reports};

const GROUP: &str = "kundservice@shop.example";

async fn believes(shop: &Shop, mailbox: &Value, senders: Value) -> Value {
    let input = json!({ "mailboxId": mailbox["id"], "trustedSenders": senders });
    shop.admin.does("updateMailbox", input, "mailbox { trustedSenders }").await["mailbox"]["trustedSenders"].take()
}

fn through_group(name: &str, address: &str, id: &str, more: &str, words: &str) -> String {
    let more = format!("{more}List-Id: <kundservice.shop.example>\r\nPrecedence: list\r\nReply-To: {address}\r\n");
    mail(&format!("\"'{name}' via Kundservice\" <{GROUP}>"), "Trampoline", id, &more, words)
}

const CASES: &str = "{ cases { nodes { id reference customer { name emails } letters { kind status recipient } messages { text } \
    reports { id ... on EmailReport { kind kindEvidence fromAddress writer { name address } replyTo { address } mayBelongTo { id } warnings } } } } }";

async fn all(shop: &Shop) -> Vec<Value> {
    shop.manager.asks(CASES, json!({})).await["cases"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_through_a_group_that_is_believed_is_the_customer_and_is_answered() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let help = mailbox(&shop, HELP).await;
    let raw = through_group("Nord, Karin", "karin@example.com", "1@group", "", "The frame is cracked");
    // No sender is trusted yet: Reply-To is shown, and identifies nobody.
    shop.mail(&raw).await;
    let first = all(&shop).await[0].take();
    assert_eq!(first["reports"][0]["kind"], "MACHINE");
    assert_eq!(first["reports"][0]["replyTo"]["address"], "karin@example.com");
    assert_eq!((&first["reports"][0]["writer"], &first["letters"]), (&json!(null), &json!([])));

    let refused = json!({ "mailboxId": help["id"], "trustedSenders": ["shop.example", "no one"] });
    assert_eq!(shop.admin.fails("updateMailbox", refused).await[0], ("INVALID".into(), "trustedSenders".into()));
    assert_eq!(believes(&shop, &help, json!([" Kundservice@Shop.example", GROUP])).await, json!([GROUP]));
    for (name, address, id) in [("Nord, Karin", "karin@example.com", "2@group"), ("Bo Ek", "bo@example.com", "3@group")]
    {
        let raw = through_group(name, address, id, "", "The springs are missing");
        let document = "query($raw: Base64!) { previewEmail(raw: $raw) { kind kindEvidence writer { name address } visibleText } }";
        let preview = shop.gateway.asks(document, json!({ "raw": STANDARD.encode(&raw) })).await["previewEmail"].take();
        assert_eq!(preview["kind"], "HUMAN");
        assert_eq!(preview["writer"], json!({ "name": name, "address": address }));
        assert!(text(&preview["kindEvidence"][0]).contains(GROUP), "{preview}");
        shop.mail(&raw).await;
        let case = all(&shop).await[0].take();
        assert_eq!(case["customer"], json!({ "name": name, "emails": [address] }));
        assert_eq!(case["letters"][0]["recipient"], address);
        assert_eq!(case["reports"][0]["kind"], "HUMAN");
        assert_eq!(case["reports"][0]["fromAddress"], GROUP);
        assert_eq!(case["reports"][0]["writer"]["address"], address);
        // The owner's letter goes to the writer.
        let written = json!({ "caseId": case["id"], "text": "We look into it" });
        let done = shop.manager.does("sendMessage", written, "message { id }").await;
        assert!(done["message"]["id"].is_string());
        let case = all(&shop).await[0].take();
        let to = case["letters"].as_array().unwrap().iter().map(|letter| text(&letter["recipient"]));
        assert!(to.clone().count() == 2 && to.clone().all(|to| to == address), "{case}");
    }
    assert_eq!(believes(&shop, &help, json!([])).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_believed_only_if_the_mail_server_vouches_for_it() {
    let (sink, t, shop) = help_desk().await;
    let other = mailbox(&shop, "more@shop.example").await;
    assert_eq!(believes(&shop, &other, json!(["shop.example"])).await, json!(["shop.example"]));
    for (id, found, kind) in [
        ("1@group", "", "MACHINE"),
        ("2@group", "Authentication-Results: mx.evil.example; dmarc=pass\r\n", "MACHINE"),
        ("3@group", "Authentication-Results: mx.shop.example; dmarc=fail\r\n", "MACHINE"),
        ("4@group", "Authentication-Results: mx.shop.example; dmarc=pass\r\n", "HUMAN"),
    ] {
        let raw = through_group("Karin", "karin@example.com", id, found, "The frame is cracked");
        let before = cases(&shop).await;
        assert_eq!(t.hands_over(GROUP, &["more@shop.example"], &raw).await, [250]);
        until("it is a case", async || cases(&shop).await == before + 1).await;
        assert_eq!(all(&shop).await[0]["reports"][0]["kind"], kind, "{found}");
    }
    let letters = sink.letters(1).await;
    assert_eq!(letters[0].to, "karin@example.com");
    // The other mailbox has no trusted senders.
    let raw = through_group(
        "Bo",
        "bo@example.com",
        "5@group",
        "Authentication-Results: mx.shop.example; dmarc=pass\r\n",
        "x",
    );
    t.hands_over(GROUP, &[HELP], &raw).await;
    until("it is a case", async || cases(&shop).await == 5).await;
    assert_eq!(all(&shop).await[0]["reports"][0]["kind"], "MACHINE");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_use_a_form_are_two_customers_and_no_letter_goes_to_the_form() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let help = mailbox(&shop, HELP).await;
    let form = |id: &str, address: &str| {
        mail("Shop <noreply@shop.example>", "Contact", id, &format!("Reply-To: {address}\r\n"), "The frame is cracked")
    };
    let one = shop.mail(form("1@form", "karin@example.com")).await;
    let two = shop.mail(form("2@form", "bo@example.com")).await;
    assert_ne!(one["caseId"], two["caseId"]);
    let written = json!({ "caseId": one["caseId"], "text": "We look into it" });
    shop.manager.does("sendMessage", written, "message { id }").await;
    let selection = "understood customer { id emails } callsDue { kind status } reports { ... on EmailReport { replyTo { address } } }";
    let one = shop.reads(&text(&one["reference"]), selection).await;
    let two = shop.reads(&text(&two["reference"]), selection).await;
    assert_ne!(one["customer"]["id"], two["customer"]["id"]);
    assert_eq!((&one["customer"]["emails"], &one["understood"]), (&json!([]), &json!(true)));
    assert_eq!(one["callsDue"], json!([{ "kind": "MESSAGE", "status": "FAILED" }]));
    assert_eq!(one["reports"][0]["replyTo"]["address"], "karin@example.com");
    believes(&shop, &help, json!(["noreply@shop.example"])).await;
    for (id, address) in [("3@form", "karin@example.com"), ("4@form", "bo@example.com")] {
        let case = shop.mail(form(id, address)).await;
        let case = shop.reads(&text(&case["reference"]), "customer { emails } letters { recipient }").await;
        assert_eq!(case, json!({ "customer": { "emails": [address] }, "letters": [{ "recipient": address }] }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_read_is_the_accountable_persons_and_is_acknowledged() {
    let (sink, t, shop) = help_desk().await;
    let picture = "--b\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
    for (number, kind, body, warning) in [
        (1, "application/pkcs7-mime; smime-type=enveloped-data", "MIIB", "ENCRYPTED"),
        (2, "application/ms-tnef; name=winmail.dat", "x", "OUTLOOK_FORMAT"),
        (3, "multipart/mixed; boundary=b", picture, "ONLY_FILES"),
    ] {
        let from = format!("karin{number}@example.com");
        let raw = format!(
            "From: {from}\r\nTo: {HELP}\r\nSubject: broadband\r\nMessage-ID: <{number}@x>\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n{body}"
        );
        t.hands_over(&from, &[HELP], &raw).await;
        let letter = sink.letters(number).await[number - 1].clone();
        assert_eq!(letter.to, from);
        let selection =
            "understood owner { name } reports { understood ... on EmailReport { warnings notUnderstoodBecause } }";
        let case = shop.reads(&reference(&letter), selection).await;
        assert_eq!((&case["understood"], &case["owner"]["name"]), (&json!(false), &json!("Elin")));
        assert_eq!(case["reports"][0]["warnings"], json!([warning]));
        assert!(case["reports"][0]["notUnderstoodBecause"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_joins_no_case_says_where_it_may_belong() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let hint = async |case: &Value| {
        let selection = "reports { ... on EmailReport { mayBelongTo { reference } } }";
        shop.reads(&text(&case["reference"]), selection).await["reports"][0]["mayBelongTo"]["reference"].take()
    };
    let karin = |subject: &str, id: &str, words: &str| mail("karin@example.com", subject, id, "", words);
    let first = shop.mail(karin("Trampoline", "1@example.com", "The frame is cracked")).await;
    assert_eq!(hint(&first).await, json!(null));
    let anew = shop.mail(karin("Kettle", "2@example.com", "It leaks")).await;
    assert_eq!((&anew["disposition"], hint(&anew).await), (&json!("CREATED_CASE"), first["reference"].clone()));
    // A mail by another person with a known Message-ID.
    let raw = mail("bo@example.com", "Something", "1@example.com", "", "Quite different");
    let borrowed = shop.mail(raw).await;
    assert_eq!((&borrowed["disposition"], hint(&borrowed).await), (&json!("CREATED_CASE"), first["reference"].clone()));
    // If neither case is open there is no hint.
    for case in [&first, &anew] {
        let close = json!({ "caseId": case["caseId"], "message": "Done" });
        shop.manager.does("closeCase", close, "case { stage }").await;
    }
    let later = shop.mail(karin("Lamp", "3@example.com", "It is dark")).await;
    assert_eq!(hint(&later).await, json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_sealed_address_is_an_answer_though_nothing_in_it_says_so() {
    let (sink, t, shop) = help_desk().await;
    t.hands_over("karin@example.com", &[HELP], &mail("karin@example.com", "Ram", "1@example.com", "", "It is cracked"))
        .await;
    let letter = sink.letters(1).await[0].clone();
    let words =
        "Here it is.\r\n\r\nOn 3 Nov 2026, at 10:12, The Shop <help@shop.example> wrote:\r\n> We need the receipt.";
    let answer = mail("karin@example.com", "The receipt", "2@example.com", "", words);
    t.hands_over("karin@example.com", &[&letter.address("Reply-To")], &answer).await;
    until("it is on the case", async || reports(&shop, &reference(&letter)).await == 2).await;
    let case = shop.reads(&reference(&letter), "messages { text }").await;
    assert_eq!(case["messages"][1]["text"], "Here it is.");
    let anew = mail("bo@example.com", "The receipt", "3@example.com", "", words);
    t.hands_over("bo@example.com", &[HELP], &anew).await;
    let letter = sink.letters(3).await[2].clone();
    let case = shop.reads(&reference(&letter), "messages { text }").await;
    assert_eq!(case["messages"][0]["text"], words.replace("\r\n", "\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_read_the_words_of_who_is_passed_on_and_an_absence_reopens_nothing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let body = "Can the garden people look at this?\r\n\r\n---------- Forwarded message ---------\r\nFrom: Karin Ek <karin@example.com>\r\nDate: Mon, 2 Nov 2026 08:00:00 +0100\r\nSubject: Help\r\nTo: Sten <sten@example.com>\r\n\r\nMy broadband is down.";
    let passed_on = shop.mail(mail("Sten <sten@example.com>", "Fwd: Help", "1@example.com", "", body)).await;
    let selection = "routing { rule } messages { text } reports { ... on EmailReport { coverNote } }";
    let case = shop.reads(&text(&passed_on["reference"]), selection).await;
    assert_eq!(case["routing"]["rule"], "broadband", "{case}");
    assert_eq!(case["messages"][0]["text"], "My broadband is down.");
    assert_eq!(case["reports"][0]["coverNote"], "Can the garden people look at this?");

    let first = shop.mail(mail("karin@example.com", "Trampoline", "2@example.com", "", "It is cracked")).await;
    let close = json!({ "caseId": first["caseId"], "message": "Done" });
    shop.manager.does("closeCase", close, "case { stage }").await;
    let answers = "In-Reply-To: <2@example.com>\r\n";
    let away = mail(
        "karin@example.com",
        "Semester:",
        "3@example.com",
        answers,
        "Jag har semester och är tillbaka den 10 augusti.",
    );
    assert_eq!(shop.mail(away).await["disposition"], "ATTACHED");
    assert_eq!(shop.reads(&text(&first["reference"]), "stage").await["stage"], "CLOSED");
    let person = "Je n'ai rien reçu depuis le 3 mai.";
    let person = mail("karin@example.com", "Absence de livraison", "4@example.com", answers, person);
    assert_eq!(shop.mail(person).await["disposition"], "ATTACHED");
    let case = shop.reads(&text(&first["reference"]), "stage messages { visibility }").await;
    assert_eq!(case["stage"], "INVESTIGATING");
    assert_eq!(case["messages"][3]["visibility"], "CUSTOMER", "{case}");
}
