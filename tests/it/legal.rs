//! Legal clocks: when they start, warn, and are met or missed. Other acts do not move them.

use ansvar_tests::TestApp;
use ansvar_tests::people::Shop;
use serde_json::{Value, json};

use crate::clocks::{becomes, calendar, escalations, times};

async fn legal(shop: &Shop, reference: &str) -> Vec<(String, String, String)> {
    let read = shop.reads(reference, "clocks { kind dueAt state rule { code } }").await;
    let clocks = read["clocks"].as_array().unwrap().iter().filter(|clock| clock["kind"] == "LEGAL_CLOCK");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    clocks.map(|clock| (text(&clock["rule"]["code"]), text(&clock["dueAt"]), text(&clock["state"]))).collect()
}

fn row(rule: &str, due: &str, state: &str) -> (String, String, String) {
    (rule.to_owned(), due.to_owned(), state.to_owned())
}

async fn chooses(shop: &Shop, clocks: Value) {
    shop.admin.does("setLegalClocks", json!({ "sellerId": shop.id, "clocks": clocks }), "seller { id }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legal_clock_warns_and_is_missed_and_nothing_moves_it() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "firstContact": { "hours": 720 }, "ownerActs": { "hours": 2160 } })).await;
    chooses(&shop, json!([{ "rule": "UK_DISP_EIGHT_WEEKS" }, { "rule": "UK_DISP_PAYMENT_FIFTEEN_DAYS", "category": "Payments" }, { "rule": "SE_ARN_ONE_YEAR" }])).await;
    let wrong = json!({ "sellerId": shop.id, "clocks": [{ "rule": "NO_SUCH" }] });
    assert_eq!(shop.admin.fails("setLegalClocks", wrong).await, [("NOT_FOUND".into(), "clocks.0.rule".into())]);
    let asa = shop.customer("asa", "broadband").await;
    let other = shop.customer("bea", "broadband").await;
    let payment = shop
        .filed(json!({ "idempotencyKey": "p", "email": "p@example.com", "text": "broadband", "category": "payments" }))
        .await;
    let (weeks, year) = ("2026-12-29T00:00:00+00:00", "2027-11-02T23:00:00+00:00");
    let running = [row("UK_DISP_EIGHT_WEEKS", weeks, "RUNNING"), row("SE_ARN_ONE_YEAR", year, "RUNNING")];
    assert_eq!(legal(&shop, &asa.reference).await, running);
    assert!(legal(&shop, &payment.reference).await.contains(&row(
        "UK_DISP_PAYMENT_FIFTEEN_DAYS",
        "2026-11-24T00:00:00+00:00",
        "RUNNING"
    )));
    // A deadline of the customer is shown as the customer's.
    let read = shop.reads(&asa.reference, "clocks { deadlineOf rule { code source notice } }").await;
    assert!(
        read["clocks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|clock| clock["rule"]["code"] == "SE_ARN_ONE_YEAR" && clock["deadlineOf"] == "CUSTOMER")
    );
    // Reassigning, merging, unmerging, closing and reopening do not move the clock.
    let (case, into) = (shop.case_id(&asa.reference).await, shop.case_id(&other.reference).await);
    let input = json!({ "caseId": case, "ownerId": shop.id_of("dag"), "reason": "r" });
    shop.manager.does("reassignCase", input, "case { id }").await;
    let input = json!({ "caseId": case, "intoId": into, "reason": "r", "sameCustomer": true });
    shop.manager.does("mergeCases", input, "case { id }").await;
    assert_eq!(legal(&shop, &asa.reference).await, running);
    shop.manager.does("unmergeCase", json!({ "caseId": case, "reason": "r" }), "case { id }").await;
    assert_eq!(legal(&shop, &asa.reference).await, running);
    calendar(&shop, json!({ "days": [{ "date": "2026-12-28", "name": "closed" }] })).await;
    t.settle().await;
    assert_eq!(legal(&shop, &asa.reference).await, running);
    // After half of the eight weeks the owner gets a warning, later the lead, then the accountable person.
    becomes(&t, "2026-11-30T17:00:00+00:00").await;
    let warned = async |shop: &Shop| {
        escalations(shop, &asa.reference)
            .await
            .into_iter()
            .filter(|(why, _)| why == "LEGAL_CLOCK")
            .map(|(_, who)| who)
            .collect::<Vec<_>>()
    };
    let shop = shop.at(&t);
    assert_eq!(warned(&shop).await, ["dag"]);
    becomes(&t, "2026-12-29T00:00:01+00:00").await;
    let shop = shop.at(&t);
    let accountable =
        shop.admin.asks("{ sellers { accountable { name } } }", json!({})).await["sellers"][0]["accountable"]["name"]
            .clone();
    let accountable = accountable.as_str().unwrap();
    assert_eq!(warned(&shop).await, ["dag", accountable], "of all that came at once the last is told");
    assert_eq!(legal(&shop, &asa.reference).await[0], row("UK_DISP_EIGHT_WEEKS", weeks, "LATE"));
    // Answered after its time: the clock is missed, and stays so.
    shop.manager.does("closeCase", json!({ "caseId": case, "message": "Our answer." }), "case { id }").await;
    assert_eq!(legal(&shop, &asa.reference).await[0], row("UK_DISP_EIGHT_WEEKS", weeks, "MISSED"));
    // Answered in time: the clock is met, and stays so although the case is reopened.
    let second = shop.customer("cia", "broadband").await;
    let case = shop.case_id(&second.reference).await;
    shop.manager.does("closeCase", json!({ "caseId": case, "message": "Our answer." }), "case { id }").await;
    second.client.does("addCustomerMessage", json!({ "text": "It is broken again." }), "message { id }").await;
    assert_eq!(legal(&shop, &second.reference).await[0].2, "MET");
    a_letter_in_time_that_says_why_it_is_late_meets_the_rule_that_takes_it(&shop).await;
}

async fn a_letter_in_time_that_says_why_it_is_late_meets_the_rule_that_takes_it(shop: &Shop) {
    let dora = shop.customer("dora", "broadband").await;
    let read = shop.reads(&dora.reference, "clocks { legalClockId rule { code delayLetterMeetsIt } }").await;
    let clock = |code: &str| {
        read["clocks"].as_array().unwrap().iter().find(|clock| clock["rule"]["code"] == code).unwrap().clone()
    };
    let (weeks, year) = (clock("UK_DISP_EIGHT_WEEKS"), clock("SE_ARN_ONE_YEAR"));
    assert_eq!(
        (&weeks["rule"]["delayLetterMeetsIt"], &year["rule"]["delayLetterMeetsIt"]),
        (&json!(true), &json!(false))
    );
    let letter =
        |clock: &Value| json!({ "legalClockId": clock["legalClockId"], "text": "The part comes on 20 January." });
    let refused = shop.manager.fails("explainDelay", letter(&year)).await;
    assert_eq!(refused, [("INVALID_TRANSITION".into(), "legalClockId".into())]);
    assert_eq!(shop.staff("dag").fails("explainDelay", letter(&weeks)).await[0].0, "FORBIDDEN");
    assert_eq!(
        dora.client.asks("{ myCase { messages { text } } }", json!({})).await["myCase"]["messages"][1],
        json!(null)
    );
    shop.manager.does("explainDelay", letter(&weeks), "message { text }").await;
    assert_eq!(legal(shop, &dora.reference).await[0].2, "MET");
    let told = dora.client.asks("{ myCase { messages { text } } }", json!({})).await;
    assert_eq!(told["myCase"]["messages"][1]["text"], "The part comes on 20 January.");
    assert_eq!(shop.manager.fails("explainDelay", letter(&weeks)).await[0].0, "INVALID_TRANSITION");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enquiry_has_its_own_time_and_is_met_by_its_answer() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    chooses(&shop, json!([{ "rule": "GDPR_DATA_REQUEST" }, { "rule": "US_CFPB_RESPONSE" }, { "rule": "US_CFPB_FINAL" }, { "rule": "EU_ADR_ENQUIRY_ANSWER" }])).await;
    let asa = shop.customer("asa", "broadband").await;
    assert_eq!(legal(&shop, &asa.reference).await, []);
    let case = shop.case_id(&asa.reference).await;
    let ask = |kind: &str, at: &str| json!({ "caseId": case, "kind": kind, "from": "Asa", "reference": "R 1", "receivedAt": at });
    let records = async |kind: &str, at: &str| {
        let made =
            shop.staff("anna").does("recordEnquiry", ask(kind, at), "enquiry { id receivedAt case { id } }").await;
        assert_eq!(made["enquiry"]["case"]["id"], case.as_str());
        made["enquiry"]["id"].clone()
    };
    let data = records("DATA_SUBJECT", "2026-10-30T10:00:00+00:00").await;
    let referral = records("REGULATOR", "2026-10-26T15:00:00+00:00").await;
    // The amended directive does not apply yet, so there is no clock.
    records("ADR", "2026-10-30T10:00:00+00:00").await;
    let rows = [
        row("US_CFPB_RESPONSE", "2026-11-11T05:00:00+00:00", "RUNNING"),
        row("GDPR_DATA_REQUEST", "2026-11-30T23:00:00+00:00", "RUNNING"),
        row("US_CFPB_FINAL", "2026-12-26T05:00:00+00:00", "RUNNING"),
    ];
    assert_eq!(legal(&shop, &asa.reference).await, rows);
    // A future time is refused, and so is an act by somebody who is not the owner.
    assert_eq!(shop.manager.fails("recordEnquiry", ask("ADR", "2027-01-01T00:00:00+00:00")).await[0].1, "receivedAt");
    assert_eq!(
        shop.staff("dag").fails("recordEnquiry", ask("ADR", "2026-10-30T10:00:00+00:00")).await[0].0,
        "FORBIDDEN"
    );
    // One month can be extended to three, once, with a reason.
    let read = shop.reads(&asa.reference, "clocks { legalClockId rule { code } }").await;
    let id = |code: &str| {
        read["clocks"].as_array().unwrap().iter().find(|clock| clock["rule"]["code"] == code).unwrap()["legalClockId"]
            .clone()
    };
    let extend = json!({ "legalClockId": id("GDPR_DATA_REQUEST"), "reason": "Many requests" });
    shop.manager.does("extendLegalClock", extend.clone(), "case { id }").await;
    assert_eq!(shop.manager.fails("extendLegalClock", extend).await[0].0, "INVALID_TRANSITION");
    let no = json!({ "legalClockId": id("US_CFPB_RESPONSE"), "reason": "r" });
    assert_eq!(shop.manager.fails("extendLegalClock", no).await[0].0, "INVALID_TRANSITION");
    assert!(legal(&shop, &asa.reference).await.contains(&row(
        "GDPR_DATA_REQUEST",
        "2027-02-01T23:00:00+00:00",
        "RUNNING"
    )));
    // A first response is not the full answer.
    let answers = |id: &Value, in_full: bool| json!({ "enquiryId": id, "inFull": in_full });
    let done =
        shop.manager.does("answerEnquiry", answers(&referral, false), "enquiry { respondedAt answeredAt }").await;
    assert_eq!(done["enquiry"], json!({ "respondedAt": "2026-11-02T08:00:00+00:00", "answeredAt": null }));
    let state =
        async |code: &str| legal(&shop, &asa.reference).await.into_iter().find(|(rule, ..)| rule == code).unwrap().2;
    assert_eq!((state("US_CFPB_RESPONSE").await, state("US_CFPB_FINAL").await), ("MET".into(), "RUNNING".into()));
    shop.manager.does("answerEnquiry", answers(&data, true), "enquiry { id }").await;
    assert_eq!(state("GDPR_DATA_REQUEST").await, "MET");
    assert_eq!(shop.manager.fails("answerEnquiry", answers(&data, true)).await[0].0, "INVALID_TRANSITION");
    // The answer to the customer does not answer the regulator.
    shop.manager.does("closeCase", json!({ "caseId": case, "message": "Our answer." }), "case { id }").await;
    assert_eq!(state("US_CFPB_FINAL").await, "RUNNING");
    shop.manager.does("answerEnquiry", answers(&referral, true), "enquiry { id }").await;
    assert_eq!(state("US_CFPB_FINAL").await, "MET");
    let read = shop.reads(&asa.reference, "enquiries { kind from reference recordedBy { name } }").await;
    assert_eq!(
        read["enquiries"][0],
        json!({ "kind": "REGULATOR", "from": "Asa", "reference": "R 1", "recordedBy": { "name": "anna" } })
    );
}
