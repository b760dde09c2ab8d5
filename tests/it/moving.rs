//! Moving reports to the right case.

use ansvar_tests::TestApp;
use ansvar_tests::people::mail;
use ansvar_tests::watch::{By, Watch};
use serde_json::json;

use crate::mail::{HELP, cases, help_desk, reference};

#[tokio::test(flavor = "multi_thread")]
async fn a_report_on_the_wrong_case_is_put_on_the_right_one_and_back() {
    let (sink, t, shop) = help_desk().await;
    let karin = |subject: &str, id: &str, more: &str| mail("karin@example.com", subject, id, more, "It is cracked");
    t.hands_over("karin@example.com", &[HELP], &karin("Trampoline", "1@example.com", "")).await;
    let one = reference(&sink.letters(1).await[0]);
    t.hands_over("karin@example.com", &[HELP], &karin("Kettle", "2@example.com", "")).await;
    let two = reference(&sink.letters(2).await[1]);
    // A mail with a file about the kettle, which answers a letter about the trampoline.
    let boundary =
        "MIME-Version: 1.0\r\nIn-Reply-To: <1@example.com>\r\nContent-Type: multipart/mixed; boundary=b\r\nX-Was: ";
    let body = "--b\r\nContent-Type: text/plain\r\n\r\nThe kettle leaks\r\n--b\r\nContent-Type: text/plain; name=leak.txt\r\nContent-Disposition: attachment; filename=leak.txt\r\n\r\ndrip\r\n--b--\r\n";
    let raw = mail("karin@example.com", "Re: Trampoline", "3@example.com", boundary, body);
    t.hands_over("karin@example.com", &[HELP], &raw).await;
    sink.letters(3).await;
    let (from, to) = (shop.case_id(&one).await, shop.case_id(&two).await);
    let report = shop.reads(&one, "reports { id }").await["reports"][1]["id"].clone();

    let input = json!({ "reportId": report, "caseId": to, "reason": "It is about the kettle" });
    let selection = "case { reference reports { id attachments { name } } messages { text visibility } }";
    let there = shop.manager.does("moveReport", input.clone(), selection).await["case"].take();
    assert_eq!(there["reference"], two.as_str());
    assert_eq!(there["reports"][1], json!({ "id": report, "attachments": [{ "name": "leak.txt" }] }));
    assert_eq!(there["messages"][1], json!({ "text": "The kettle leaks", "visibility": "CUSTOMER" }));
    let here = shop
        .reads(
            &one,
            "reports { id } messages { text visibility } events { __typename ... on ReportMoved { to { reference } } }",
        )
        .await;
    assert_eq!(here["reports"].as_array().unwrap().len(), 1);
    assert_eq!(here["messages"][1], json!({ "text": "It is about the kettle", "visibility": "INTERNAL" }), "why");
    let moved = here["events"].as_array().unwrap().iter().find(|event| event["__typename"] == "ReportMoved").unwrap();
    assert_eq!(moved["to"]["reference"], two.as_str());
    assert_eq!(shop.manager.fails("moveReport", input).await[0], ("INVALID_TRANSITION".into(), "caseId".into()));

    // The same mail again is recognised as the report, where it is now.
    let again = shop.mail(format!("{raw}\r\n")).await;
    assert_eq!((&again["disposition"], &again["reference"]), (&json!("DUPLICATE"), &json!(two)));

    // The report is moved back.
    let back = json!({ "reportId": report, "caseId": from, "reason": "No, it was the trampoline" });
    let there = shop.manager.does("moveReport", back, selection).await["case"].take();
    assert_eq!(there["reports"][1]["id"], report);
    assert_eq!(there["messages"].as_array().unwrap().len(), 3, "both words and the note");

    // A stranger's mail that names a closed case: one act moves it there and reopens the case, another moves it away.
    shop.manager.does("closeCase", json!({ "caseId": from, "message": "Done" }), "case { stage }").await;
    let stranger = mail("bo@example.com", &format!("Re: [{one}]"), "9@other.example", "", "It is my trampoline too");
    t.hands_over("bo@example.com", &[HELP], &stranger).await;
    t.settle().await;
    assert_eq!(cases(&shop).await, 3, "it has a case of its own");
    let found = shop
        .manager
        .asks("{ cases { nodes { id reports { id ... on EmailReport { mayBelongTo { id } } } } } }", json!({}))
        .await;
    let new = found["cases"]["nodes"][0].clone();
    assert_eq!(new["reports"][0]["mayBelongTo"]["id"], from.as_str());
    let mut input = json!({ "reportId": new["reports"][0]["id"], "caseId": from, "reason": "His wife's" });
    assert_eq!(
        shop.manager.fails("moveReport", input.clone()).await[0],
        ("INVALID_TRANSITION".into(), "sameCustomer".into())
    );
    input["sameCustomer"] = true.into();
    let whole =
        shop.manager.does("moveReport", input, "case { reference stage mergedCases { id } }").await["case"].take();
    assert_eq!(whole, json!({ "reference": one, "stage": "INVESTIGATING", "mergedCases": [{ "id": new["id"] }] }));
    let apart = json!({ "caseId": new["id"], "reason": "No" });
    let apart = shop.manager.does("unmergeCase", apart, "case { stage mergedInto { id } }").await["case"].take();
    assert_eq!(apart, json!({ "stage": "RECEIVED", "mergedInto": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_were_a_strangers_are_taken_from_the_customer_who_saw_them() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband is down").await;
    let bo = shop.customer("bo", "the kettle leaks").await;
    let raw = mail("asa@example.com", &format!("Re: [{}]", asa.reference), "1@example.com", "", "A secret of asa's");
    let joined = shop.mail(&raw).await;
    assert_eq!(joined["reference"], asa.reference.as_str());
    let mut watch = Watch::my_case(&t, &asa.client, By::Sse, &asa.reference, Some(2)).await;
    let told = watch.seen(&t).await;
    assert_eq!(told[1]["message"]["text"], "A secret of asa's");
    watch.cut();

    // The report is moved on. Neither the other case's customer nor asa can read its words.
    let to = shop.case_id(&bo.reference).await;
    let input = json!({ "reportId": joined["reportId"], "caseId": to, "reason": "It is bo's matter" });
    let moved = shop
        .manager
        .does("moveReport", input, "case { messages { visibility } reports { ... on EmailReport { unverified } } }")
        .await;
    assert_eq!(moved["case"]["messages"][1]["visibility"], "INTERNAL");
    assert_eq!(moved["case"]["reports"][1]["unverified"], true);
    for customer in [&asa, &bo] {
        let read = customer.client.asks("{ myCase { messages { text } } }", json!({})).await;
        assert_eq!(read["myCase"]["messages"].as_array().unwrap().len(), 1);
    }
    let mut watch = Watch::my_case(&t, &asa.client, By::Sse, &asa.reference, Some(2)).await;
    let told = watch.seen(&t).await;
    assert_eq!(told[1]["message"], json!(null), "whoever comes back later is not told either");
}
