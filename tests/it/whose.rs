//! Changing the customer of a case that turns out to be somebody else's.

use ansvar_tests::people::mail;
use ansvar_tests::post::Taken;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, Shop, TestApp, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::mail::{HELP, help_desk, reference, reports};

/// A client with the tracking token of the link in a letter.
fn reader(shop: &Shop, letter: &Taken) -> Client {
    let words = letter.text();
    let link = words.split_whitespace().find(|word| word.starts_with("https://shop.example/case#")).unwrap();
    shop.widget.showing(link.split_once('#').unwrap().1)
}

async fn read(customer: &Client) -> Vec<String> {
    let mine = customer.asks("{ myCase { messages { text } } }", json!({})).await;
    mine["myCase"]["messages"].as_array().unwrap().iter().map(|message| text(&message["text"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_passed_on_a_mail_says_whose_it_is_and_the_case_is_theirs() {
    let (sink, t, shop) = help_desk().await;
    let page = json!({ "sellerId": shop.id, "trackingUrl": "https://shop.example/case" });
    shop.admin.does("updateSeller", page, "seller { id }").await;
    let words = "This one never stops complaining.\r\n\r\n---------- Forwarded message ---------\r\n\
         From: Sten Berg <sten@example.com>\r\nDate: Mon, 2 Nov 2026 08:00:00 +0100\r\nSubject: Trampoline\r\n\
         To: Karin <karin@example.com>\r\n\r\nThe frame is cracked.\r\n";
    let raw = mail("Karin Ek <karin@example.com>", "Fwd: Trampoline", "1@example.com", "", words);
    t.hands_over("karin@example.com", &[HELP], &raw).await;
    let first = sink.letters(1).await[0].clone();
    let reference = reference(&first);
    let karin = reader(&shop, &first);
    let mut watch = Watch::start(&karin, By::WebSocket, "subscription { myCaseEvents { kind } }", json!({})).await;
    let id = shop.case_id(&reference).await;
    let owner = shop.owner_of(&reference).await;
    let anna = shop.staff(&owner);
    let asked = json!({ "caseId": id, "text": "Is it your complaint, or Sten's?" });
    anna.does("sendMessage", asked, "message { id }").await;
    let question = sink.letters(2).await[1].clone();
    let answers = mail("karin@example.com", &question.subject(), "2@example.com", "", "It is Sten's");
    t.hands_over("karin@example.com", &[&question.address("Reply-To")], &answers).await;
    t.settle().await;
    assert_eq!((reports(&shop, &reference).await, sink.count()), (2, 3), "she has answered, and has an answer");
    t.later(TimeDelta::hours(2));

    let input = json!({ "caseId": id, "email": "Sten@Example.com", "name": "Sten Berg", "reason": "Karin says so" });
    let selection = "case { version owner { name } nextContactDue customer { name emails } messages { text visibility } \
         reports { ... on EmailReport { unverified } } events { __typename ... on CustomerChanged { from { name } to { name } } } }";
    let mut case = anna.does("changeCustomer", input.clone(), selection).await["case"].take();
    assert_eq!(case["owner"]["name"], owner.as_str(), "who answers for it does not change");
    assert_eq!(case["customer"], json!({ "name": "Sten Berg", "emails": ["sten@example.com"] }));
    assert_eq!(case["nextContactDue"], "2026-11-03T08:00:00+00:00", "what was promised sooner is still promised");
    assert!(case["messages"].as_array().unwrap().iter().all(|message| message["visibility"] == "INTERNAL"), "{case}");
    assert!(case["reports"].as_array().unwrap().iter().all(|report| report["unverified"] == true), "{case}");
    let events = case["events"].take();
    let changed = events.as_array().unwrap().iter().find(|event| event["__typename"] == "CustomerChanged").unwrap();
    assert_eq!((&changed["from"]["name"], &changed["to"]["name"]), (&json!("Karin Ek"), &json!("Sten Berg")));
    assert_eq!(anna.fails("changeCustomer", input).await[0], ("INVALID_TRANSITION".into(), "email".into()));

    // Karin can no longer follow the case, and her open stream ends.
    assert_eq!(karin.post("{ myCase { reference } }", json!({})).await.0, 401);
    let last = watch.ends().await;
    assert!(!json!(last).to_string().contains("NEXT_CONTACT"), "{last:?}");

    // Sten gets the usual acknowledgement, and cannot read what was said about him.
    let told = sink.letters(4).await[3].clone();
    assert_eq!((told.to.as_str(), told.address("From").as_str()), ("sten@example.com", HELP));
    let words = told.text();
    assert!(words.contains(&owner) && words.contains("Tuesday 3 November 2026 at 09:00"), "{words}");
    assert_eq!((told.header("In-Reply-To"), told.header("References")), (None, None), "he has none of those mails");
    let sten = reader(&shop, &told);
    assert_eq!(read(&sten).await, Vec::<String>::new());

    // A reply by Sten counts as the customer's; a reply by Karin is unverified.
    let his = mail("sten@example.com", &told.subject(), "3@example.com", "", "It cracked in June");
    t.hands_over("sten@example.com", &[&told.address("Reply-To")], &his).await;
    t.settle().await;
    assert_eq!((reports(&shop, &reference).await, sink.count()), (3, 5));
    assert_eq!(read(&sten).await, ["It cracked in June"]);
    let hers = mail("karin@example.com", "Re: that", "4@example.com", "", "Is he quiet now?");
    t.hands_over("karin@example.com", &[&question.address("Reply-To")], &hers).await;
    t.settle().await;
    assert_eq!((reports(&shop, &reference).await, sink.count()), (4, 5), "she is answered nothing");
    assert_eq!(read(&sten).await, ["It cracked in June"]);
    anna.does("sendMessage", json!({ "caseId": id, "text": "A frame is on its way" }), "message { id }").await;
    assert_eq!(sink.letters(6).await[5].to, "sten@example.com");

    // The case is Karin's after all: she can read her own words again, and not his.
    let back = json!({ "caseId": id, "email": "karin@example.com", "reason": "A mistake" });
    anna.does("changeCustomer", back, "case { id }").await;
    assert_eq!(sten.post("{ myCase { reference } }", json!({})).await.0, 401);
    assert_eq!(read(&karin).await, ["The frame is cracked.", "It is Sten's", "Is he quiet now?"]);
    assert_eq!(sink.letters(7).await[6].to, "karin@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_answered_already_keeps_their_words_and_gets_nothing_of_the_other() {
    let (sink, t, shop) = help_desk().await;
    // A case without a subject gets the beginning of her words as its subject.
    let raw = format!(
        "From: Karin Ek <karin@example.com>\r\nTo: {HELP}\r\nMessage-ID: <1@karin.example>\r\n\r\nHe never stops complaining.\r\n\r\n\
         ---------- Forwarded message ---------\r\nFrom: Sten Berg <sten@example.com>\r\nDate: Mon, 2 Nov 2026 08:00:00 +0100\r\n\
         Subject: Trampoline\r\nTo: Karin <karin@example.com>\r\n\r\nThe frame is cracked.\r\n"
    );
    t.hands_over("karin@example.com", &[HELP], &raw).await;
    let first = sink.letters(1).await[0].clone();
    let reference = reference(&first);
    let id = shop.case_id(&reference).await;
    let selection = "subject reports { ... on EmailReport { coverNote } }";
    let case = shop.reads(&reference, selection).await;
    assert_eq!(case["subject"], "The frame is cracked.");
    assert_eq!(case["reports"][0]["coverNote"], "He never stops complaining.");
    let his = mail("Sten Berg <sten@example.com>", "Re: it is mine", "2@sten.example", "", "It cracked in June");
    t.hands_over("sten@example.com", &[&first.address("Reply-To")], &his).await;
    t.settle().await;
    assert_eq!(reports(&shop, &reference).await, 2, "his answer is there");
    let absent = "Auto-Submitted: auto-replied\r\n";
    let absent = mail("karin@work.example", "Autosvar: away", "3@karin.example", absent, "Away until Monday");
    t.hands_over("", &[&first.address("Reply-To")], &absent).await;
    t.settle().await;
    assert_eq!(reports(&shop, &reference).await, 3, "her absence is there");
    // A member of staff mistakes his report for the customer's.
    let report = shop.reads(&reference, "reports { id }").await["reports"][1]["id"].clone();
    shop.manager.does("confirmSender", json!({ "reportId": report }), "case { id }").await;

    let input = json!({ "caseId": id, "email": "sten@example.com", "name": "Sten Berg", "reason": "It is his" });
    let selection = "case { subject customer { name emails } messages { text visibility } }";
    let case = shop.manager.does("changeCustomer", input.clone(), selection).await["case"].take();
    assert_eq!(case["customer"], json!({ "name": "Sten Berg", "emails": ["sten@example.com"] }));
    assert_eq!(case["subject"], "Re: it is mine", "his own words, and not hers");
    let read: Vec<_> =
        case["messages"].as_array().unwrap().iter().map(|message| text(&message["visibility"])).collect();
    assert_eq!(read, ["INTERNAL", "CUSTOMER", "INTERNAL", "INTERNAL"], "{case}");
    let owner = shop.owner_of(&reference).await;
    shop.staff(&owner).does("sendMessage", json!({ "caseId": id, "text": "A frame comes" }), "message { id }").await;
    for letter in &sink.letters(3).await[1..] {
        assert_eq!(letter.to, "sten@example.com");
        assert!(
            !format!("{letter:?}").contains("karin.example") && !letter.subject().contains("complaining"),
            "{letter:?}"
        );
    }

    // The case is given back to her, with its former subject, and then to a person who only has a telephone.
    let back = json!({ "caseId": id, "email": "karin@example.com", "subject": "The trampoline", "reason": "No" });
    let case = shop.manager.does("changeCustomer", back, selection).await["case"].take();
    assert_eq!(case["subject"], "The trampoline");
    let called = json!({ "caseId": id, "phone": "070-123 45 67", "reason": "Her neighbour's" });
    let selection = "case { subject nextContactDue callsDue { kind recipient } }";
    let case = shop.manager.does("changeCustomer", called, selection).await["case"].take();
    assert_eq!(case["subject"], "Your complaint");
    assert_eq!(case["callsDue"], json!([{ "kind": "ACKNOWLEDGEMENT", "recipient": "+46701234567" }]));
    // The first date that was promised applies to the minute, whoever the customer is now.
    t.later_and_settled(TimeDelta::hours(23)).await;
    assert_eq!(shop.reads(&reference, "escalations { level }").await["escalations"], json!([]));
    t.later(TimeDelta::minutes(59));
    let kept = json!({ "caseId": id, "email": "sten@example.com", "reason": "His after all" });
    let case = t.holder_of(&shop.admin_id).does("changeCustomer", kept, "case { nextContactDue }").await;
    assert_eq!(case["case"]["nextContactDue"], "2026-11-03T08:00:00+00:00");
    t.later_and_settled(TimeDelta::minutes(2)).await;
    let told = shop.at(&t).reads(&reference, "escalations { level }").await;
    assert_ne!(told["escalations"], json!([]), "somebody above is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misheard_address_is_put_right_and_what_waited_for_the_other_is_not_sent() {
    let (sink, t, shop) = help_desk().await;
    sink.answers(451);
    let reference = shop.customer("bo", "The kettle leaks").await.reference;
    let id = shop.case_id(&reference).await;
    t.settle().await;
    assert_eq!(shop.reads(&reference, "letters { attempts }").await["letters"], json!([{ "attempts": 1 }]));
    // The loops are held, so that nothing is sent while the story looks at the waiting letters.
    t.hold().await;
    let close = json!({ "caseId": id, "message": "You get a new one" });
    shop.manager.does("closeCase", close, "case { stage }").await;
    t.later(TimeDelta::hours(20));
    sink.answers(250);

    let input = json!({ "caseId": id, "email": "bosse@example.com", "phone": "070-123 45 67", "reason": "Misheard" });
    let selection = "case { stage nextContactDue customer { name emails phones } letters { recipient status reason } }";
    let case = shop.manager.does("changeCustomer", input, selection).await["case"].take();
    assert_eq!(
        (&case["stage"], &case["nextContactDue"]),
        (&json!("INVESTIGATING"), &json!("2026-11-04T04:00:00+00:00"))
    );
    let known = json!({ "name": null, "emails": ["bosse@example.com"], "phones": ["+46701234567"] });
    assert_eq!(case["customer"], known);
    let status = |letter: &Value| (text(&letter["recipient"]), text(&letter["status"]));
    let letters: Vec<_> = case["letters"].as_array().unwrap().iter().map(status).collect();
    let is = |who: &str, status: &str| (format!("{who}@example.com"), status.to_owned());
    assert_eq!(letters, [is("bo", "HELD"), is("bo", "HELD"), is("bosse", "WAITING")], "{case}");
    t.release();
    t.settle().await;
    let told = sink.letters(1).await;
    assert_eq!((told.len(), told[0].to.as_str()), (1, "bosse@example.com"), "the other gets nothing");
    let sent = shop.reads(&reference, "letters { recipient status }").await["letters"].take();
    let letters: Vec<_> = sent.as_array().unwrap().iter().map(status).collect();
    assert_eq!(letters, [is("bo", "HELD"), is("bo", "HELD"), is("bosse", "SENT")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_given_only_to_somebody_else_and_only_where_nothing_hangs_on_it() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let bo = shop.customer("bo", "The kettle leaks").await;
    let (id, other) = (shop.case_id(&asa.reference).await, shop.case_id(&bo.reference).await);
    let to = |case: &str, more: Value| {
        let mut input = json!({ "caseId": case, "reason": "r" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let refused = async |input: Value| shop.manager.fails("changeCustomer", input).await;
    assert_eq!(refused(to(&id, json!({}))).await, [("REQUIRED".into(), "email".into())]);
    let wrong = json!({ "email": "asa", "phone": "112", "reason": "" });
    let fields: Vec<_> = refused(to(&id, wrong)).await.into_iter().map(|(_, field)| field).collect();
    assert_eq!(fields, ["reason", "email", "phone"]);
    let same = refused(to(&id, json!({ "email": "asa@example.com" }))).await;
    assert_eq!(same, [("INVALID_TRANSITION".into(), "email".into())]);

    // Repeating the form's request gives the same answer: a link that no longer works.
    let key = json!({ "idempotencyKey": "once", "text": "The lamp is dark", "email": "eva@example.com" });
    let eva = shop.filed(key.clone()).await;
    let lamp = shop.case_id(&eva.reference).await;
    shop.manager.does("changeCustomer", to(&lamp, json!({ "email": "bo@example.com" })), "case { id }").await;
    let again = shop.filed(key).await;
    assert_eq!((&again.reference, &again.client.bearer), (&eva.reference, &eva.client.bearer));
    assert_eq!(again.client.post("{ myCase { reference } }", json!({})).await.0, 401);

    let merged = json!({ "caseId": id, "intoId": other, "reason": "r", "sameCustomer": true });
    shop.manager.does("mergeCases", merged, "case { id }").await;
    for case in [&id, &other] {
        let told = refused(to(case, json!({ "email": "new@example.com" }))).await;
        assert_eq!(told, [("INVALID_TRANSITION".into(), "caseId".into())]);
    }
}
