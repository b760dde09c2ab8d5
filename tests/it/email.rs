//! E-mail by `receiveEmail`: what is understood, and what is kept without being understood.

use ansvar_tests::people::mail;
use ansvar_tests::{Shop, TestApp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const MULTIPART: &str = "From: =?utf-8?Q?=C3=85sa_Berg?= <asa@example.com>\r\nTo: help@shop.example\r\nSubject: =?iso-8859-1?Q?Trasig_studsmatta?=\r\nMessage-ID: <m1@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nRamen =E4r sprucken.\r\n--b\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename=\"../../bild.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQF\r\n--b--\r\n";

async fn report_of(shop: &Shop, receipt: &Value) -> Value {
    let selection = "understood subject owner { name } routing { fallback } customer { name emails } reports { __typename words subject understood raw { path contentType sizeBytes } attachments { name contentType sizeBytes sha256 path } ... on EmailReport { messageId fromAddress fromName to writtenAt notUnderstoodBecause } }";
    shop.reads(receipt["reference"].as_str().unwrap(), selection).await
}

#[tokio::test(flavor = "multi_thread")]
async fn subject_text_sender_and_attachments_are_read_and_the_raw_bytes_are_kept() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let receipt = shop.mail(MULTIPART).await;
    let case = report_of(&shop, &receipt).await;
    assert_eq!(case["subject"], "Trasig studsmatta");
    assert_eq!(case["customer"], json!({ "name": "Åsa Berg", "emails": ["asa@example.com"] }));
    assert_eq!(case["understood"], true);
    let report = &case["reports"][0];
    assert_eq!(report["words"], "Ramen är sprucken.");
    assert_eq!((report["messageId"].as_str(), report["fromName"].as_str()), (Some("m1@example.com"), Some("Åsa Berg")));
    assert_eq!(report["to"], json!(["help@shop.example"]));
    assert_eq!(report["attachments"][0]["name"], "bild.jpg");
    assert_eq!(report["attachments"][0]["sizeBytes"], 6);
    let (status, _, raw) = shop.manager.fetches(report["raw"]["path"].as_str().unwrap()).await;
    assert_eq!((status, raw.as_slice()), (200, MULTIPART.as_bytes()));
    let (_, headers, picture) = shop.staff("dag").fetches(report["attachments"][0]["path"].as_str().unwrap()).await;
    assert_eq!(picture, [0, 1, 2, 3, 4, 5]);
    assert_eq!(headers["content-type"], "application/octet-stream");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"bild.jpg\"; filename*=UTF-8''bild.jpg");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mail_is_taken_in_once_also_by_another_way_but_a_borrowed_message_id_hides_nothing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let raw = mail("karin@example.com", "Trampoline", "1@example.com", "", "The frame is cracked");
    let both = futures_util::future::join_all([shop.mail(&raw), shop.mail(&raw), shop.mail(&raw)]).await;
    assert_eq!(both.iter().filter(|receipt| receipt["disposition"] == "CREATED_CASE").count(), 1);
    assert_eq!(both.iter().filter(|receipt| receipt["disposition"] == "DUPLICATE").count(), 2);
    let elsewhere = shop.mail(format!("Received: from a by b; Mon, 2 Nov 2026 09:00:00 +0100\r\n{raw}")).await;
    assert_eq!(elsewhere["disposition"], "DUPLICATE");
    assert_eq!(elsewhere["reportId"], both[0]["reportId"]);
    let forged =
        shop.mail(mail("karin@example.com", "Trampoline", "1@example.com", "", "Something quite different")).await;
    assert_eq!(forged["disposition"], "CREATED_CASE");
    t.later(chrono::TimeDelta::days(30));
    let gateway = t.holder_of(&subject(&shop));
    let later = gateway.does("receiveEmail", json!({ "raw": STANDARD.encode(&raw) }), "receipt { disposition }").await;
    assert_eq!(later["receipt"]["disposition"], "DUPLICATE");
}

/// The gateway's own id, for a new token.
fn subject(shop: &Shop) -> String {
    let payload = shop.gateway.bearer.as_ref().unwrap().split('.').nth(1).unwrap().to_owned();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice::<Value>(&bytes).unwrap()["sub"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_a_case_for_the_accountable_person_marked_with_its_bytes() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    for raw in [
        &b"\x00\xff\xfe rubbish"[..],
        b"Subject: broadband\r\n\r\nNo sender at all",
        b"From: <not an address>\r\nSubject: x\r\n\r\ny",
        b"From: anna@example.com\r\n\r\n",
        b"From: \r\n\x00\r\n",
    ] {
        let receipt = shop.mail(raw).await;
        let case = report_of(&shop, &receipt).await;
        assert_eq!(case["understood"], false, "{raw:?}");
        assert_eq!(case["owner"]["name"], "Elin");
        assert_eq!(case["routing"]["fallback"], "NOT_UNDERSTOOD");
        assert!(case["reports"][0]["notUnderstoodBecause"].is_string());
        let (_, _, bytes) = shop.manager.fetches(case["reports"][0]["raw"]["path"].as_str().unwrap()).await;
        assert_eq!(bytes, raw);
        assert_eq!(shop.mail(raw).await["disposition"], "DUPLICATE");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_joins_its_case_and_a_strangers_does_not() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let first = shop.mail(mail("karin@example.com", "Trampoline", "1@example.com", "", "The frame is cracked")).await;
    let reference = first["reference"].as_str().unwrap();

    let reply = shop
        .mail(mail(
            "Karin <KARIN@example.com>",
            "Re: Trampoline",
            "2@example.com",
            "In-Reply-To: <1@example.com>\r\n",
            "Any news?",
        ))
        .await;
    assert_eq!((reply["disposition"].as_str(), reply["reference"].as_str()), (Some("ATTACHED"), Some(reference)));
    let named =
        shop.mail(mail("karin@example.com", &format!("About {reference}"), "3@example.com", "", "Hello?")).await;
    assert_eq!((named["disposition"].as_str(), named["reference"].as_str()), (Some("ATTACHED"), Some(reference)));

    for more in [
        "In-Reply-To: <1@example.com>\r\n".to_owned(),
        format!("X-Case: {reference}\r\nReferences: <0@x> <1@example.com>\r\n"),
    ] {
        let stranger = shop
            .mail(mail(
                "mallory@example.com",
                &format!("Re: {reference}"),
                &format!("{}@evil", more.len()),
                &more,
                "Let me in",
            ))
            .await;
        assert_eq!(stranger["disposition"], "CREATED_CASE");
    }
    let case = shop.reads(reference, "version messages { text } reports { id } events { __typename seq }").await;
    assert_eq!(case["messages"].as_array().unwrap().len(), 3);
    assert_eq!(case["reports"].as_array().unwrap().len(), 3);
    let kinds: Vec<_> =
        case["events"].as_array().unwrap().iter().map(|event| event["__typename"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["CaseOpened", "MessageAdded", "ReportAttached", "MessageAdded", "ReportAttached", "MessageAdded"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_opens_a_closed_case_again_with_the_same_owner() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let first = shop.mail(mail("karin@example.com", "Trampoline", "1@example.com", "", "The frame is cracked")).await;
    let id = first["caseId"].as_str().unwrap();
    let closed = shop
        .staff("carin")
        .does("closeCase", json!({ "caseId": id, "message": "We send a new frame" }), "case { stage nextContactDue }")
        .await;
    assert_eq!(closed["case"], json!({ "stage": "CLOSED", "nextContactDue": null }));
    t.later(chrono::TimeDelta::hours(5));
    let reply = shop
        .mail(mail(
            "karin@example.com",
            "Re: Trampoline",
            "2@example.com",
            "In-Reply-To: <1@example.com>\r\n",
            "It is cracked too",
        ))
        .await;
    assert_eq!(reply["disposition"], "ATTACHED");
    assert_eq!(reply["ownerName"], "carin");
    assert_eq!(reply["nextContactDue"], "2026-11-03T13:00:00+00:00");
    let case = shop.reads(first["reference"].as_str().unwrap(), "stage closedAt").await;
    assert_eq!(case, json!({ "stage": "INVESTIGATING", "closedAt": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_or_future_mail_is_refused_and_a_forged_subject_line_stays_one_line() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    assert_eq!(shop.gateway.fails("receiveEmail", json!({ "raw": "" })).await[0].0, "REQUIRED");
    let raw = STANDARD.encode(mail("karin@example.com", "x", "1@example.com", "", "y"));
    assert_eq!(
        shop.gateway.fails("receiveEmail", json!({ "raw": raw, "receivedAt": "2026-11-02T08:00:01Z" })).await[0].0,
        "INVALID"
    );
    let early = shop
        .gateway
        .does("receiveEmail", json!({ "raw": raw, "receivedAt": "2026-10-30T10:00:00Z" }), "receipt { reference }")
        .await;
    let case = shop.reads(early["receipt"]["reference"].as_str().unwrap(), "receivedAt openedAt").await;
    assert_eq!(case, json!({ "receivedAt": "2026-10-30T10:00:00+00:00", "openedAt": "2026-11-02T08:00:00+00:00" }));
    let sly = shop
        .mail(mail("karin@example.com", "=?utf-8?Q?Hi=0D=0ABcc:_all=40example.com=00?=", "2@example.com", "", "y\0z"))
        .await;
    let case = shop.reads(sly["reference"].as_str().unwrap(), "subject lastMessage { text }").await;
    assert_eq!(case, json!({ "subject": "Hi Bcc: all@example.com", "lastMessage": { "text": "yz" } }));
}
