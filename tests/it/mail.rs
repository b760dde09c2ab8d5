//! Mail that is delivered, and letters: no mail is lost, mails join the right case, and there are no loops.

use ansvar::kit::secret::Secret;
use ansvar::kit::text::hex;
use ansvar_tests::people::{bounce, mail};
use ansvar_tests::post::Taken;
use ansvar_tests::{Shop, Sink, TestApp, text};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const HELP: &str = "help@shop.example";

pub async fn mailbox(shop: &Shop, address: &str) -> Value {
    let input = json!({ "sellerId": shop.id, "address": address, "name": "Shop's help", "language": "EN", "transport": "LMTP" });
    shop.admin.does("createMailbox", input, "mailbox { id key inboundPath }").await["mailbox"].take()
}

/// A seller whose complaints are mailed to [`HELP`], with a mail server.
pub async fn help_desk() -> (Sink, TestApp, Shop) {
    let sink = Sink::start().await;
    let t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    mailbox(&shop, HELP).await;
    (sink, t, shop)
}

/// Files a complaint by mail as Karin; returns the reference and the id of her case.
pub async fn complains(sink: &Sink, t: &TestApp, shop: &Shop) -> (String, String) {
    let first = mail("karin@example.com", "Trampoline", "1@example.com", "", "The frame is cracked");
    t.hands_over("karin@example.com", &[HELP], &first).await;
    let reference = reference(&sink.letters(1).await[0]);
    let case = shop.case_id(&reference).await;
    (reference, case)
}

/// The reference in square brackets in the letter's subject.
pub fn reference(letter: &Taken) -> String {
    letter.subject().rsplit('[').next().unwrap().split(']').next().unwrap().to_owned()
}

pub async fn reports(shop: &Shop, reference: &str) -> usize {
    shop.reads(reference, "reports { id }").await["reports"].as_array().unwrap().len()
}

pub async fn cases(shop: &Shop) -> i64 {
    shop.manager.asks("{ cases { totalCount } }", json!({})).await["cases"]["totalCount"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_mails_are_one_thread_and_each_gets_one_answer() {
    let (sink, t, shop) = help_desk().await;
    let first = mail("Karin Ek <karin@example.com>", "Trampoline", "1@example.com", "", "The frame is cracked");
    assert_eq!(t.hands_over("karin@example.com", &[HELP], &first).await, [250]);

    let letter = sink.letters(1).await[0].clone();
    assert_eq!((letter.to.as_str(), letter.address("From").as_str()), ("karin@example.com", HELP));
    let reference = reference(&letter);
    let case =
        shop.reads(&reference, "owner { name } customer { name } letters { kind status recipient attempts }").await;
    let words = letter.text();
    assert!(words.contains(case["owner"]["name"].as_str().unwrap()), "the owner is named: {words}");
    assert!(words.contains("Tuesday 3 November 2026 at 09:00"), "it says when the customer hears: {words}");
    assert!(words.contains("Karin Ek") && !words.contains("cracked"), "{words}");
    assert_eq!(letter.header("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert_eq!(letter.header("In-Reply-To").as_deref(), Some("<1@example.com>"));
    assert_eq!(letter.header("References").as_deref(), Some("<1@example.com>"));
    assert!(letter.address("Reply-To").starts_with("help+c") && letter.from.starts_with("help+b"), "{}", letter.from);
    t.settle().await;
    assert_eq!(shop.reads(&reference, "letters { status }").await["letters"], json!([{ "status": "SENT" }]));

    let answers = format!("In-Reply-To: <{}>\r\n", letter.address("Message-ID"));
    let second = mail(
        "karin@example.com",
        "Re: Trampoline",
        "2@example.com",
        &answers,
        "Any news?\n\nOn Mon, 2 Nov 2026 at 09:00, Help <help@shop.example> wrote:\n> We have received your complaint",
    );
    assert_eq!(t.hands_over("karin@example.com", &[HELP], &second).await, [250]);
    let third = mail("karin@example.com", "Hello?", "3@example.com", "", "Is anybody there?");
    let tagged = letter.address("Reply-To");
    assert_eq!(t.hands_over("karin@example.com", &[&tagged.to_uppercase()], &third).await, [250]);
    let letters = sink.letters(3).await;
    assert!(letters[1..].iter().all(|letter| self::reference(letter) == reference));
    let case =
        shop.reads(&reference, "messages { text } reports { words ... on EmailReport { mailbox unverified } }").await;
    let said: Vec<_> = case["messages"].as_array().unwrap().iter().map(|message| text(&message["text"])).collect();
    assert_eq!(said, ["The frame is cracked", "Any news?", "Is anybody there?"]);
    assert!(text(&case["reports"][1]["words"]).contains("We have received"), "the whole text is kept");
    assert_eq!(case["reports"][2]["mailbox"], HELP);
    assert!(case["reports"].as_array().unwrap().iter().all(|report| report["unverified"] == false));

    // The customer gets the owner's message as a mail in the same thread.
    let owner = shop.owner_of(&reference).await;
    let id = shop.case_id(&reference).await;
    shop.staff(&owner)
        .does("sendMessage", json!({ "caseId": id, "text": "A new frame is on its way." }), "message { id }")
        .await;
    let letter = sink.letters(4).await[3].clone();
    assert!(
        letter.text().contains("A new frame is on its way.") && letter.text().contains(&owner),
        "{}",
        letter.text()
    );
    assert_eq!(letter.header("Auto-Submitted"), None, "a person wrote this one");
    assert_eq!(letter.header("In-Reply-To").as_deref(), Some("<3@example.com>"));
    t.settle().await;
    assert_eq!((cases(&shop).await, sink.count()), (1, 4));
}

/// Opens and closes Karin's case; returns the first letter about it, its reference and its owner.
async fn answered_and_closed(t: &TestApp, shop: &Shop, sink: &Sink) -> (Taken, String, String) {
    mailbox(shop, HELP).await;
    let karin = mail("karin@example.com", "Trampoline", "1@example.com", "", "Cracked");
    t.hands_over("karin@example.com", &[HELP], &karin).await;
    let letter = sink.letters(1).await[0].clone();
    let reference = reference(&letter);
    let owner = shop.owner_of(&reference).await;
    let input = json!({ "caseId": shop.case_id(&reference).await, "message": "We send a new frame" });
    shop.staff(&owner).does("closeCase", input, "case { stage }").await;
    (letter, reference, owner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_from_a_second_address_is_shown_and_changes_nothing() {
    let sink = Sink::start().await;
    let t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    let (letter, reference, owner) = answered_and_closed(&t, &shop, &sink).await;
    sink.letters(2).await;

    let work = mail("karin@work.example", "Re: Trampoline", "2@work.example", "", "It is cracked too");
    t.hands_over("karin@work.example", &[&letter.address("Reply-To")], &work).await;
    t.settle().await;
    assert_eq!(reports(&shop, &reference).await, 2, "it is on the case");
    let case = shop
        .reads(&reference, "stage customer { emails } reports { ... on EmailReport { unverified fromAddress } }")
        .await;
    assert_eq!(case["stage"], "CLOSED", "nobody we know has said anything");
    assert_eq!(case["reports"][1], json!({ "unverified": true, "fromAddress": "karin@work.example" }));
    assert_eq!(case["customer"]["emails"], json!(["karin@example.com"]));
    let words = shop.reads(&reference, "messages { text visibility }").await["messages"].take();
    assert_eq!(
        words[2],
        json!({ "text": "It is cracked too", "visibility": "INTERNAL" }),
        "the customer may not know them"
    );

    // Without the sealed address, a stranger who quotes our letter gets a case of their own, with a hint for the owner.
    let answers = format!("In-Reply-To: <{}>\r\n", letter.address("Message-ID"));
    let stranger =
        mail("mallory@example.com", &format!("Re: [{reference}]"), "3@evil.example", &answers, "broadband: let me in");
    t.hands_over("mallory@example.com", &[HELP], &stranger).await;
    t.settle().await;
    assert_eq!(cases(&shop).await, 2, "it has a case of its own");
    let all = shop
        .manager
        .asks(
            "{ cases { nodes { reference reports { ... on EmailReport { mayBelongTo { reference } } } } } }",
            json!({}),
        )
        .await;
    let hint = &all["cases"]["nodes"][0]["reports"][0]["mayBelongTo"];
    assert_eq!(hint["reference"], reference.as_str());
    assert_eq!(reports(&shop, &reference).await, 2);
    let letters = sink.letters(3).await;
    assert_eq!(letters[2].to, "mallory@example.com");
    assert_eq!(letters.len(), 3, "whoever we do not know on the case is told nothing about it");

    // The owner confirms that Karin wrote from another address. Now the words are hers, and so are later mails from it.
    let report = shop.reads(&reference, "reports { id }").await["reports"][1]["id"].clone();
    let input = json!({ "reportId": report });
    assert_eq!(shop.staff("dag").fails("confirmSender", input.clone()).await[0].0, "FORBIDDEN");
    let confirmed = shop
        .staff(&owner)
        .does("confirmSender", input.clone(), "case { stage reports { ... on EmailReport { unverified } } customer { emails } messages { visibility } events { __typename } }")
        .await["case"]
        .take();
    assert_eq!(confirmed["stage"], "INVESTIGATING", "she is not done");
    assert_eq!(confirmed["reports"][1]["unverified"], false);
    assert_eq!(confirmed["customer"]["emails"], json!(["karin@example.com", "karin@work.example"]));
    assert_eq!(confirmed["messages"][2]["visibility"], "CUSTOMER");
    let events = confirmed["events"].as_array().unwrap();
    let kinds: Vec<_> = events.iter().rev().take(4).map(|event| text(&event["__typename"])).collect();
    assert_eq!(kinds, ["MessageAdded", "NextContactChanged", "StageChanged", "SenderConfirmed"]);
    assert_eq!(shop.staff(&owner).fails("confirmSender", input).await[0].0, "INVALID_TRANSITION");
    let more = mail("karin@work.example", "Re: Trampoline", "4@work.example", "", "And the net");
    t.hands_over("karin@work.example", &[&letter.address("Reply-To")], &more).await;
    assert_eq!(sink.letters(4).await[3].to, "karin@work.example", "she is answered there");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_passes_on_a_mail_is_asked_who_the_customer_is() {
    let (sink, t, shop) = help_desk().await;
    // Sten is already a customer, with a case of his own.
    shop.customer("sten", "broadband").await;
    sink.letters(1).await;
    let words = "For your information.\r\n\r\n---------- Forwarded message ---------\r\n\
         From: Sten Berg <sten@example.com>\r\nDate: Mon, 2 Nov 2026 08:00:00 +0100\r\nSubject: Trampoline\r\n\
         To: Karin <karin@example.com>\r\n\r\nThe frame is cracked.\r\n";
    let raw = mail("Karin Ek <karin@example.com>", "Fwd: Trampoline", "1@example.com", "", words);
    t.hands_over("karin@example.com", &[HELP], &raw).await;
    let reference = reference(&sink.letters(2).await[1]);
    let selection = "id owner { name } customer { name } reports { id ... on EmailReport { unverified forwardedFrom { address } } }";
    let case = shop.reads(&reference, selection).await;
    assert_eq!(case["customer"]["name"], "Karin Ek");
    assert_eq!(case["reports"][0]["forwardedFrom"]["address"], "sten@example.com");
    let owner = shop.staff(&text(&case["owner"]["name"]));
    let writes = async |words: &str, count: usize| {
        owner.does("sendMessage", json!({ "caseId": case["id"], "text": words }), "message { id }").await;
        sink.letters(count).await[count - 1].clone()
    };
    let asked = writes("Is it your complaint, or Sten's? If it is his, please pass this on to him.", 3).await;
    assert_eq!(asked.to, "karin@example.com");
    let his = mail("Sten Berg <sten@example.com>", &asked.subject(), "2@example.com", "", "It is mine");
    assert_eq!(t.hands_over("sten@example.com", &[&asked.address("Reply-To")], &his).await, [250]);
    t.settle().await;
    assert_eq!(reports(&shop, &reference).await, 2, "his answer is there");
    let answered = shop.reads(&reference, selection).await;
    assert_eq!(answered["reports"][1]["unverified"], true);
    assert_eq!(writes("We are looking into it.", 4).await.to, "karin@example.com", "nobody has said that he is");
    let confirmed = json!({ "reportId": answered["reports"][1]["id"] });
    owner.does("confirmSender", confirmed, "case { id }").await;
    assert_eq!(writes("We send a new frame.", 5).await.to, "sten@example.com", "he is answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_and_a_bounce_reopen_nothing_and_the_customer_is_called() {
    let sink = Sink::start().await;
    let t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    let (letter, reference, owner) = answered_and_closed(&t, &shop, &sink).await;
    let letters = sink.letters(2).await;

    let away = mail(
        "karin@example.com",
        "Autosvar: Trampoline",
        "2@example.com",
        &format!("In-Reply-To: <{}>\r\nAuto-Submitted: auto-replied\r\n", letter.address("Message-ID")),
        "Jag är på semester till måndag.",
    );
    t.hands_over("", &[HELP], &away).await;
    // Mails of different senders are processed concurrently, so this waits for the first ones.
    t.settle().await;
    assert_eq!(reports(&shop, &reference).await, 2, "the absence is on the case");
    let returned = bounce(&letters[1].from, "karin@example.com");
    assert_eq!(t.hands_over("", &[&letters[1].from], &returned).await, [250]);
    t.settle().await;
    assert_eq!(reports(&shop, &reference).await, 3, "both are on the case");
    let selection = "id stage version callsDue { id kind status reason recipient callDue } reports { ... on EmailReport { kind kindEvidence } } events { __typename ... on CustomerUnreached { letter { recipient } } }";
    let case = shop.reads(&reference, selection).await;
    assert_eq!(case["stage"], "CLOSED");
    let kinds: Vec<_> = case["reports"].as_array().unwrap().iter().map(|report| text(&report["kind"])).collect();
    assert_eq!(kinds, ["HUMAN", "OUT_OF_OFFICE", "BOUNCE"]);
    let seen = shop.reads(&reference, "messages { visibility }").await["messages"].take();
    let seen: Vec<_> = seen.as_array().unwrap().iter().map(|message| text(&message["visibility"])).collect();
    assert_eq!(seen, ["CUSTOMER", "CUSTOMER", "INTERNAL", "INTERNAL"], "what programs wrote is not the customer's");
    let calls = case["callsDue"].as_array().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!((&calls[0]["kind"], &calls[0]["status"]), (&json!("MESSAGE"), &json!("BOUNCED")));
    assert!(text(&calls[0]["reason"]).contains("user unknown"));
    let events = case["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["letter"]["recipient"] == "karin@example.com"), "{events:?}");
    assert_eq!(sink.count(), 2, "programs are not answered");
    // The same non-delivery report again changes nothing.
    t.hands_over("", &[&letters[1].from], &returned).await;
    t.settle().await;

    let input = json!({ "letterId": calls[0]["id"], "note": "Told her on the phone: the frame comes on Thursday." });
    let stranger = shop.partner("bouncy").fails("recordCall", input.clone()).await;
    assert_eq!(stranger[0].0, "NOT_FOUND");
    let called = shop.staff(&owner).does("recordCall", input.clone(), "letter { callDue }").await;
    assert_eq!(called["letter"]["callDue"], false);
    assert_eq!(shop.staff(&owner).fails("recordCall", input).await[0].0, "INVALID_TRANSITION");
    let case = shop.reads(&reference, "callsDue { id } reports { id }").await;
    assert_eq!(case["callsDue"], json!([]));
    assert_eq!(case["reports"].as_array().unwrap().len(), 4, "the call is one of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mail_to_two_mailboxes_is_one_complaint_and_gets_one_answer() {
    let (sink, t, shop) = help_desk().await;
    mailbox(&shop, "complaints@shop.example").await;
    let raw = mail("karin@example.com", "Trampoline", "1@example.com", "", "The frame is cracked");
    let both = t.hands_over("karin@example.com", &[HELP, "nobody@shop.example", "complaints@shop.example"], &raw).await;
    assert_eq!(both, [250, 550, 250]);
    t.settle().await;
    assert_eq!(cases(&shop).await, 1);
    let to: Vec<_> = sink.letters(1).await.iter().map(|letter| letter.to.clone()).collect();
    assert_eq!(to, ["karin@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_answer_each_other_come_to_an_end() {
    let sink = Sink::start().await;
    let t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    mailbox(&shop, HELP).await;
    mailbox(&other, "help@other.example").await;
    // One of our mailboxes sends a mail to another one.
    t.hands_over(
        "help@other.example",
        &[HELP],
        &mail("help@other.example", "Your order", "1@other.example", "", "broadband"),
    )
    .await;
    t.settle().await;
    assert_eq!(cases(&shop).await, 1);
    let all = shop.manager.asks("{ cases { nodes { letters { status reason } } } }", json!({})).await;
    let letter = &all["cases"]["nodes"][0]["letters"][0];
    assert_eq!(letter["status"], "HELD");
    assert_eq!(letter["reason"], "the address is one of our own mailboxes");
    // A program that answers every letter and does not mark its mails as automatic.
    let robot = "robot@machine.example";
    for number in 0..12 {
        let raw = mail(
            robot,
            "Thank you",
            &format!("{number}@machine.example"),
            "",
            &format!("We got your mail no {number}"),
        );
        t.hands_over(robot, &[HELP], &raw).await;
    }
    t.settle().await;
    assert_eq!((cases(&shop).await, sink.count()), (13, 5), "five are answered, and no more within the hour");
    let letters = sink.letters(5).await;
    assert!(letters.iter().all(|letter| letter.to == robot));
    let all = shop.manager.asks("{ cases(first: 100) { nodes { letters { status } } } }", json!({})).await;
    let status = |node: &Value| text(&node["letters"][0]["status"]);
    let held = all["cases"]["nodes"].as_array().unwrap().iter().filter(|node| status(node) == "HELD").count();
    assert_eq!(held, 8);
    // Our own letter that is sent back to us is not a complaint and is not answered.
    let before = cases(&shop).await;
    t.hands_over(robot, &[HELP], &letters[0].raw).await;
    t.settle().await;
    assert_eq!(reports(&shop, &reference(&letters[0])).await, 2, "it is on the case it was about");
    assert_eq!((cases(&shop).await, sink.count()), (before, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_posted_over_http_by_whoever_has_the_mailboxs_key() {
    let sink = Sink::start().await;
    let mut t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    let mailbox = mailbox(&shop, HELP).await;
    let url = format!("{}{}", t.base(), text(&mailbox["inboundPath"]));
    let raw = mail("karin@example.com", "Trampoline", "1@example.com", "", "The frame is cracked");
    let post = async |url: &str, key: &str, kind: &str, body: String| {
        let request = shop.gateway.http().post(url).bearer_auth(key).header("content-type", kind).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    let key = text(&mailbox["key"]);
    assert_eq!(post(&url, "mbx_wrong", "message/rfc822", raw.clone()).await, 401);
    assert_eq!(post(&url, &key, "text/plain", raw.clone()).await, 400);
    assert_eq!(post(&url.replace("mailbox_", "mailbox_0"), &key, "message/rfc822", raw.clone()).await, 401);
    let seen = shop
        .manager
        .asks("query($id: ID!) { node(id: $id) { ... on Mailbox { address key } } }", json!({ "id": mailbox["id"] }))
        .await;
    assert_eq!(seen["node"], json!({ "address": HELP, "key": null }), "only administrators see the key");
    let signed = async |key: &str, about: &str, body: &str| {
        let sha256 = hex(&Sha256::digest(about));
        let at = t.now().timestamp();
        let mac = hex(&Secret::new(key.as_bytes()).plain_mac(format!("{at}.{sha256}").as_bytes()));
        let signature = format!("t={at},sha256={sha256},v1={mac}");
        let request = shop.gateway.http().post(&url).header("ansvar-signature", signature).body(body.to_owned());
        request.header("content-type", "message/rfc822").send().await.unwrap().status().as_u16()
    };
    assert_eq!(signed("mbx_wrong", &raw, &raw).await, 401);
    assert_eq!(signed(&key, &raw, &raw.replace("cracked", "fine")).await, 401, "it is signed with its body");
    assert_eq!(signed(&key, &raw, &raw).await, 202, "the key need not be shown");
    assert_eq!(post(&url, &key, "message/rfc822", raw.clone()).await, 202);
    // Stored mails are processed, although the service is restarted in between.
    t.restart().await;
    let shop = shop.at(&t);
    t.settle().await;
    assert_eq!(cases(&shop).await, 1);
    let changed = shop
        .admin
        .does("updateMailbox", json!({ "mailboxId": mailbox["id"], "newKey": true }), "mailbox { key }")
        .await;
    let url = format!("{}{}", t.base(), text(&mailbox["inboundPath"]));
    let json = json!({ "RawEmail": raw, "OriginalRecipient": HELP }).to_string();
    assert_eq!(post(&url, &key, "application/json", json.clone()).await, 401, "the old key has ended");
    assert_eq!(post(&url, &text(&changed["mailbox"]["key"]), "application/json", json).await, 202);
    shop.admin
        .does("updateMailbox", json!({ "mailboxId": mailbox["id"], "active": false }), "mailbox { active }")
        .await;
    assert_eq!(t.hands_over("karin@example.com", &[HELP], &raw).await, [550]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_in_waits_for_somebody_who_is_told() {
    let (sink, t, shop) = help_desk().await;
    let asa = shop.customer("asa", "broadband").await;
    sink.letters(1).await;
    t.store.change("ALTER TABLE routing_decision RENAME TO hidden").await;
    let raw = mail("karin@example.com", "Trampoline", "1@example.com", "", "The frame is cracked");
    assert_eq!(t.hands_over("karin@example.com", &[HELP], &raw).await, [250]);
    let failed = "Authentication-Results: mx.shop.example; dmarc=fail\r\n";
    let forged = mail("asa@example.com", "Me again", "2@example.com", failed, "Send it to my new address");
    assert_eq!(t.hands_over("asa@example.com", &[HELP], &forged).await, [250]);
    let quarantined = async || {
        let list = "{ quarantinedReports { id reason envelopeFrom envelopeTo sizeBytes attempts status } }";
        shop.manager.asks(list, json!({})).await["quarantinedReports"].take()
    };
    t.settle().await;
    for (tries, minutes) in [(2, 1), (3, 5), (4, 15)] {
        assert_eq!(t.store.number("SELECT CAST(MIN(failures) AS bigint) FROM arrival").await, tries);
        assert_eq!(quarantined().await, json!([]));
        t.later_and_settled(TimeDelta::minutes(minutes)).await;
    }
    assert_eq!(quarantined().await.as_array().unwrap().len(), 2, "both are in quarantine");
    t.store.change("ALTER TABLE hidden RENAME TO routing_decision").await;
    let list = quarantined().await;
    let from = |address: &str| list.as_array().unwrap().iter().find(|one| one["envelopeFrom"] == address).unwrap();
    let (karins, forged) = (from("karin@example.com"), from("asa@example.com"));
    assert!(!text(&karins["reason"]).is_empty());
    let notice = sink.letters(2).await[1].clone();
    let accountable = shop.manager.asks("{ sellers { accountable { email } } }", json!({})).await;
    assert_eq!(notice.to, text(&accountable["sellers"][0]["accountable"]["email"]));
    let other = shop.another(&t, "other").await;
    assert_eq!(other.manager.asks("{ quarantinedReports { id } }", json!({})).await["quarantinedReports"], json!([]));
    let read = "query($id: ID!) { previewQuarantinedReport(id: $id) { visibleText } }";
    let preview = shop.staff("anna").asks(read, json!({ "id": karins["id"] })).await;
    assert_eq!(preview["previewQuarantinedReport"]["visibleText"], "The frame is cracked");
    let preview = other.manager.asks(read, json!({ "id": karins["id"] })).await;
    assert_eq!(preview["previewQuarantinedReport"], json!(null));
    let input = json!({ "quarantinedReportId": karins["id"] });
    assert_eq!(other.manager.fails("retryQuarantinedReport", input.clone()).await[0].0, "NOT_FOUND");
    // A member of staff adds them to a case by hand. This does not confirm the sender, although the mail names the
    // customer.
    let case = shop.case_id(&asa.reference).await;
    for (index, one, trust) in [(1, karins, "UNKNOWN"), (2, forged, "FAILED")] {
        let to = json!({ "quarantinedReportId": one["id"], "caseId": case });
        let done = shop.staff("anna").does("assignQuarantinedReport", to, "quarantinedReport { status }").await;
        assert_eq!(done["quarantinedReport"]["status"], "TAKEN_IN");
        let selection = "reports { ... on EmailReport { unverified senderTrust } } messages { visibility }";
        let read = shop.reads(&asa.reference, selection).await;
        assert_eq!(read["reports"][index], json!({ "unverified": true, "senderTrust": trust }));
        assert_eq!(read["messages"][index]["visibility"], "INTERNAL");
    }
    assert_eq!(shop.manager.fails("retryQuarantinedReport", input).await[0].0, "INVALID_TRANSITION");
    assert_eq!(quarantined().await, json!([]));
}
