//! Letters and visits as channels.

use ansvar_tests::{Client, TestApp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

const RECEIPT: &str = "receipt { disposition reference caseId reportId ownerName nextContactDue }";

async fn logs(client: &Client, mutation: &str, input: Value) -> Value {
    client.does(mutation, input, RECEIPT).await["receipt"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_kept_with_its_pages_and_opens_a_case_like_any_complaint() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (carin, scan) = (shop.staff("carin"), b"%PDF-1.7 a scan".to_vec());
    let letter = json!({
        "source": "register", "externalId": "2026/118", "receivedAt": "2026-10-30T07:00:00Z", "name": "Ove Lund",
        "email": "ove@example.com", "phone": "070-174 06 05", "postalAddress": "Storgatan 1\n903 26 Umeå",
        "words": "My broadband\nhas been down for weeks", "product": "Fibre 100", "tags": ["Umeå"], "language": "SV",
        "attachments": [{ "name": "page 1.pdf", "contentType": "application/pdf", "content": STANDARD.encode(&scan) }],
    });
    let receipt = logs(carin, "logLetter", letter.clone()).await;
    assert_eq!(receipt["disposition"], "CREATED_CASE");
    let selection = "channel receivedAt subject product tags language customer { name emails phones } messages { text } \
         reports { __typename id channel words receivedBy { name } attachments { name path sizeBytes } raw { contentType path } \
         ... on LetterReport { source externalId postalAddress referredBy } }";
    let mut case = shop.reads(receipt["reference"].as_str().unwrap(), selection).await;
    let report = case["reports"][0].take();
    assert_eq!(
        case,
        json!({
            "channel": "POST", "receivedAt": "2026-10-30T07:00:00+00:00", "subject": "My broadband", "product": "Fibre 100",
            "tags": ["umeå"], "language": "SV",
            "customer": { "name": "Ove Lund", "emails": ["ove@example.com"], "phones": ["+46701740605"] },
            "messages": [{ "text": "My broadband\nhas been down for weeks" }],
            "reports": [null],
        })
    );
    for (field, value) in [
        ("__typename", json!("LetterReport")),
        ("channel", json!("POST")),
        ("source", json!("register")),
        ("externalId", json!("2026/118")),
        ("postalAddress", json!("Storgatan 1\n903 26 Umeå")),
        ("referredBy", Value::Null),
        ("receivedBy", json!({ "name": "carin" })),
    ] {
        assert_eq!(report[field], value, "{field}");
    }
    let page = &report["attachments"][0];
    assert_eq!((&page["name"], &page["sizeBytes"]), (&json!("page 1.pdf"), &json!(scan.len())));
    assert_eq!(shop.manager.fetches(page["path"].as_str().unwrap()).await.2, scan);
    let raw = shop.manager.fetches(report["raw"]["path"].as_str().unwrap()).await.2;
    assert_eq!(serde_json::from_slice::<Value>(&raw).unwrap()["external_id"], "2026/118");
    // The same letter, logged by another person; and a referral with another number on the same case.
    let again = logs(&shop.gateway, "logLetter", letter).await;
    assert_eq!((&again["disposition"], &again["reportId"]), (&json!("DUPLICATE"), &receipt["reportId"]));
    let referral = json!({
        "source": "register", "externalId": "2026/119", "channel": "REFERRAL", "referredBy": "ARN", "words": "As above",
        "caseId": receipt["caseId"],
    });
    assert_eq!(logs(&shop.gateway, "logLetter", referral).await["disposition"], "ATTACHED");
    let fax = json!({ "source": "fax", "externalId": "2026/119", "channel": "FAX", "words": "Garden" });
    let fax = logs(&shop.gateway, "logLetter", fax).await;
    assert_eq!(fax["disposition"], "CREATED_CASE");
    let found = shop
        .reads(receipt["reference"].as_str().unwrap(), "reports { channel ... on LetterReport { referredBy } }")
        .await;
    assert_eq!(found["reports"][1], json!({ "channel": "REFERRAL", "referredBy": "ARN" }));
    let list = "query($c: [Channel!]) { cases(filter: { channels: $c }) { nodes { reference } } }";
    let faxes = shop.manager.asks(list, json!({ "c": ["FAX"] })).await;
    assert_eq!(faxes["cases"]["nodes"], json!([{ "reference": fax["reference"] }]));
    let node = "query($id: ID!) { node(id: $id) { __typename } }";
    let node = shop.manager.asks(node, json!({ "id": receipt["reportId"] })).await;
    assert_eq!(node["node"]["__typename"], "LetterReport");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_a_contact_and_a_call_of_the_customers_is_none() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let (met, rang) = (shop.customer("asa", "broadband").await, shop.customer("bo", "broadband too").await);
    let (promised, opened) = (time(&met.receipt["nextContactDue"]), t.now());
    let (case, other) = (shop.case_id(&met.reference).await, shop.case_id(&rang.reference).await);
    t.later(TimeDelta::hours(3));
    let shop = shop.at(&t);
    let visit = json!({ "source": "queue", "externalId": "A17", "place": "The shop in Umeå", "words": "Still down", "caseId": case });
    let receipt = logs(shop.staff("carin"), "logVisit", visit.clone()).await;
    assert_eq!(receipt["disposition"], "ATTACHED");
    assert_eq!(time(&receipt["nextContactDue"]), promised + TimeDelta::hours(3), "they hear again as soon after it");
    assert_eq!(logs(shop.staff("bo"), "logVisit", visit).await["disposition"], "DUPLICATE");
    shop.call(json!({ "source": "pbx", "externalId": "1", "words": "Still down", "caseId": other })).await;
    let selection = "nextContactDue escalations { why } events { __typename } reports { __typename ... on VisitReport { place externalId } }";
    let case = shop.reads(&met.reference, selection).await;
    assert!(case["events"].as_array().unwrap().contains(&json!({ "__typename": "NextContactChanged" })), "{case}");
    assert_eq!(
        case["reports"][1],
        json!({ "__typename": "VisitReport", "place": "The shop in Umeå", "externalId": "A17" })
    );
    // An older visit that is logged later changes no date.
    let before = json!({ "source": "queue", "externalId": "A1", "words": "Before", "caseId": receipt["caseId"], "visitedAt": opened - TimeDelta::days(1) });
    let before = logs(&shop.gateway, "logVisit", before).await;
    assert_eq!(before["nextContactDue"], receipt["nextContactDue"]);
    t.later_and_settled(promised - t.now() + TimeDelta::minutes(1)).await;
    let shop = shop.at(&t);
    let told = async |reference: &str| {
        let case = shop.reads(reference, "escalations { why }").await;
        case["escalations"].as_array().unwrap().contains(&json!({ "why": "NOT_ACKNOWLEDGED" }))
    };
    assert!(!told(&met.reference).await, "who was met has heard from us");
    assert!(told(&rang.reference).await, "who rang has not");
    // A visit without a case opens one, and a visit about a closed case reopens it.
    let new =
        logs(&shop.gateway, "logVisit", json!({ "source": "queue", "externalId": "A18", "words": "A trampoline" }))
            .await;
    assert_eq!(new["disposition"], "CREATED_CASE");
    let new = shop.reads(new["reference"].as_str().unwrap(), "channel id").await;
    assert_eq!(new["channel"], "VISIT");
    shop.manager.does("closeCase", json!({ "caseId": new["id"], "message": "Done" }), "case { id }").await;
    let back = json!({ "source": "queue", "externalId": "A19", "words": "Not done", "caseId": new["id"] });
    assert!(!logs(&shop.gateway, "logVisit", back).await["nextContactDue"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_and_a_system_does_what_it_was_given() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    for (mutation, when) in [("logLetter", "receivedAt"), ("logVisit", "visitedAt")] {
        let mut wrong = json!({ "source": "", "externalId": " ", "words": "", "email": "x", "phone": "12", "attachments": [{ "name": "", "content": "" }] });
        wrong[when] = json!(t.now() + TimeDelta::seconds(1));
        assert_eq!(
            shop.gateway.fails(mutation, wrong).await,
            [
                pair("REQUIRED", "source"),
                pair("REQUIRED", "externalId"),
                pair("REQUIRED", "words"),
                pair("INVALID", when),
                pair("INVALID", "email"),
                pair("INVALID", "phone"),
                pair("REQUIRED", "attachments.0.name"),
            ]
        );
        let other = shop.another(&t, &format!("other for {mutation}")).await;
        let asa = shop.customer("asa", mutation).await;
        let input =
            json!({ "source": "s", "externalId": "1", "words": "x", "caseId": shop.case_id(&asa.reference).await });
        assert_eq!(other.gateway.fails(mutation, input).await, [pair("NOT_FOUND", "caseId")]);
    }
    for (scope, own) in [("CALLS_WRITE", "logPhoneCall"), ("LETTERS_WRITE", "logLetter"), ("VISITS_WRITE", "logVisit")]
    {
        let made = json!({ "sellerId": shop.id, "name": scope, "scopes": [scope] });
        let made = shop.admin.does("createApiClient", made, "apiClient { id }").await;
        let system = t.holder_of(made["apiClient"]["id"].as_str().unwrap());
        for mutation in ["logPhoneCall", "logLetter", "logVisit"] {
            let input = json!({ "source": scope, "externalId": "1", "words": "" });
            let code = if mutation == own { "REQUIRED" } else { "FORBIDDEN" };
            assert_eq!(system.fails(mutation, input).await[0].0, code, "{scope} {mutation}");
        }
    }
}
