//! Commitments: promises to customers, and their states.

use ansvar_tests::watch::By;
use ansvar_tests::{Client, Shop, Sink, TestApp, Watch, text};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::clocks::{becomes, escalations};
use crate::mail::{HELP, mailbox};

const ALL: &str =
    "commitments { id what state dueAt dueDay madeBy { name } place callDue doneAt reason next { dueDay state } }";

async fn commitments(shop: &Shop, reference: &str) -> Vec<Value> {
    shop.reads(reference, ALL).await["commitments"].as_array().unwrap().clone()
}

async fn states(shop: &Shop, reference: &str) -> Vec<String> {
    commitments(shop, reference).await.iter().map(|one| text(&one["state"])).collect()
}

/// Makes a commitment on a case; returns its id.
async fn makes(client: &Client, case: &str, what: &str, due: Value) -> String {
    let input = json!({ "caseId": case, "what": what, "due": due, "place": "CALL" });
    text(&client.does("makeCommitment", input, "commitment { id }").await["commitment"]["id"])
}

/// The commitments that the customer sees.
async fn theirs(customer: &Client) -> Value {
    let document = "{ myCase { commitments { what state dueAt dueDay doneAt reason } } }";
    customer.asks(document, json!({})).await["myCase"]["commitments"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_promises_are_broken_and_it_is_seen_at_each_who_has_to_call() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let karin = shop.customer("karin", "The trampoline came without its mat.").await;
    let case = shop.case_id(&karin.reference).await;
    let owner = shop.staff(&karin.owner_name);
    // The sales department made the promise before the complaint. Its time has ended when it is recorded.
    let sales = json!({
        "caseId": case, "what": "In stock, sent the same day", "due": { "day": "2026-10-30" }, "place": "BEFORE_COMPLAINT",
        "madeAt": "2026-10-30T10:00:00Z", "own": false,
    });
    let made = owner.does("makeCommitment", sales, "commitment { state madeBy { name } callDue endedAt }").await;
    let broken = json!({ "state": "BROKEN", "madeBy": null, "callDue": true, "endedAt": "2026-11-02T08:00:00+00:00" });
    assert_eq!(made["commitment"], broken);
    // The second and the third are made in messages, with a time and with a day.
    let link = json!({ "what": "A link to follow the parcel", "due": { "at": "2026-11-03T08:00:00Z" } });
    let words = json!({ "caseId": case, "message": "It is on its way.", "commitments": [link] });
    owner.does("acknowledgeCase", words, "case { id }").await;
    let mat = json!({ "what": "The mat arrives", "due": { "day": "2026-11-12" } });
    let words = json!({ "caseId": case, "text": "In ten days.", "commitments": [mat] });
    owner.does("sendMessage", words, "message { id }").await;
    assert_eq!(states(&shop, &karin.reference).await, ["BROKEN", "OPEN", "OPEN"]);
    assert_eq!(owner.fails("closeCase", json!({ "caseId": case, "message": "m" })).await[0].0, "IN_USE");
    let can = shop.reads(&karin.reference, "viewerCan { close makeCommitment }").await;
    assert_eq!(can["viewerCan"], json!({ "close": false, "makeCommitment": true }));
    becomes(&t, "2026-11-03T08:00:00+00:00").await;
    let shop = shop.at(&t);
    assert_eq!(states(&shop, &karin.reference).await, ["BROKEN", "OPEN", "OPEN"], "at its very end it is in time");
    becomes(&t, "2026-11-03T08:00:01+00:00").await;
    let shop = shop.at(&t);
    assert_eq!(states(&shop, &karin.reference).await, ["BROKEN", "BROKEN", "OPEN"]);
    // A day ends at midnight in the seller's time zone: 23:00 UTC in November.
    becomes(&t, "2026-11-12T23:00:00+00:00").await;
    let shop = shop.at(&t);
    assert_eq!(states(&shop, &karin.reference).await[2], "OPEN");
    becomes(&t, "2026-11-12T23:00:01+00:00").await;
    let shop = shop.at(&t);
    let told = escalations(&shop, &karin.reference).await;
    let told: Vec<_> = told.iter().filter(|(why, _)| why == "COMMITMENT_BROKEN").map(|(_, to)| to.as_str()).collect();
    let name = karin.owner_name.as_str();
    assert_eq!(told, [name, name, name, "Elin"], "the owner each time, and at the third the accountable person");
    let all = commitments(&shop, &karin.reference).await;
    assert!(all.iter().all(|one| one["state"] == "BROKEN" && one["callDue"] == true), "{all:?}");
    // The customer sees all three. One answered call settles all of them.
    let seen = theirs(&karin.client.at(&t.base())).await;
    assert_eq!(seen.as_array().unwrap().iter().filter(|one| one["state"] == "BROKEN").count(), 3, "{seen}");
    let call = |outcome: &str, id: &str| json!({ "source": "desk", "externalId": id, "direction": "OUTBOUND", "outcome": outcome, "caseId": case, "words": "We are sorry." });
    let owner = shop.staff(name);
    owner.does("logPhoneCall", call("NO_ANSWER", "1"), "receipt { reference }").await;
    assert!(commitments(&shop, &karin.reference).await.iter().all(|one| one["callDue"] == true), "nobody answered");
    owner.does("logPhoneCall", call("ANSWERED", "2"), "receipt { reference }").await;
    assert!(commitments(&shop, &karin.reference).await.iter().all(|one| one["callDue"] == false), "she was reached");
    // A promise that is fulfilled late stays broken.
    let late = json!({ "commitmentId": all[2]["id"], "evidence": "Delivered, signed by K. E." });
    let done = owner.does("keepCommitment", late.clone(), "commitment { state doneAt evidence }").await;
    let expected =
        json!({ "state": "BROKEN", "doneAt": "2026-11-12T23:00:01+00:00", "evidence": "Delivered, signed by K. E." });
    assert_eq!(done["commitment"], expected);
    assert_eq!(owner.fails("keepCommitment", late).await[0].0, "INVALID_TRANSITION");
    owner.does("closeCase", json!({ "caseId": case, "message": "Here is your mat." }), "case { id }").await;
    // Two of the three promises were made by a member of staff here.
    let document = "{ commitmentMeasures(from: \"2026-10-01T00:00:00Z\", until: \"2026-12-01T00:00:00Z\") { total { kept broken brokenAgain keepRate } byOthers { broken } byPerson { staff { name } counts { broken brokenAgain keepRate } } byTeam { counts { broken } } } }";
    let told = shop.manager.asks(document, json!({})).await["commitmentMeasures"].take();
    assert_eq!(told["total"], json!({ "kept": 0, "broken": 3, "brokenAgain": 2, "keepRate": 0.0 }));
    assert_eq!(told["byOthers"]["broken"], 1);
    let own = json!({ "staff": { "name": name }, "counts": { "broken": 2, "brokenAgain": 2, "keepRate": 0.0 } });
    assert_eq!(told["byPerson"], json!([own]));
    assert!(told["byTeam"].as_array().unwrap().iter().all(|team| team["counts"]["broken"] == 2), "{told}");
    let none = document.replace("2026-12-01", "2026-10-02");
    let told = shop.manager.asks(&none, json!({})).await["commitmentMeasures"].take();
    assert_eq!(told["total"], json!({ "kept": 0, "broken": 0, "brokenAgain": 0, "keepRate": null }));
    let other = shop.another(&t, "other").await;
    let told = other.manager.asks(document, json!({})).await["commitmentMeasures"]["total"].take();
    assert_eq!(told["broken"], 0, "another seller's are not counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_kept_renegotiated_or_withdrawn_and_the_customer_is_told() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let owner = shop.staff(&asa.owner_name);
    let mut live = Watch::my_case(&t, &asa.client, By::WebSocket, &asa.reference, None).await;
    let first = makes(owner, &case, "A technician comes", json!({ "day": "2026-11-04" })).await;
    let second = makes(owner, &case, "A router is sent", json!({ "at": "2026-11-05T10:00:00Z" })).await;
    let third = makes(owner, &case, "A refund is paid", json!({ "day": "2026-11-06" })).await;
    // Neither a colleague nor the customer may mark a commitment as kept.
    let stranger = json!({ "commitmentId": first, "evidence": "e" });
    assert_eq!(shop.staff("dag").fails("keepCommitment", stranger.clone()).await[0].0, "FORBIDDEN");
    assert_eq!(asa.client.fails("keepCommitment", stranger).await[0].0, "NOT_FOUND");
    let kept = json!({ "commitmentId": first, "evidence": "He was here" });
    owner.does("keepCommitment", kept, "commitment { state }").await;
    let same = json!({ "commitmentId": second, "due": { "at": "2026-11-05T10:00:00Z" }, "agreed": "By phone" });
    assert_eq!(owner.fails("renegotiateCommitment", same).await, [("INVALID".into(), "due".into())]);
    let agreed = json!({ "commitmentId": second, "due": { "day": "2026-11-09" }, "agreed": "By phone" });
    let next = owner.does("renegotiateCommitment", agreed.clone(), "commitment { what dueDay state place }").await;
    let expected = json!({ "what": "A router is sent", "dueDay": "2026-11-09", "state": "OPEN", "place": "MESSAGE" });
    assert_eq!(next["commitment"], expected);
    assert_eq!(owner.fails("renegotiateCommitment", agreed).await[0].0, "INVALID_TRANSITION");
    let reason = json!({ "commitmentId": third, "reason": "The bank refused it." });
    owner.does("withdrawCommitment", reason, "commitment { state reason }").await;
    assert_eq!(states(&shop, &asa.reference).await, ["KEPT", "RENEGOTIATED", "WITHDRAWN", "OPEN"]);
    let seen = asa.client.asks("{ myCase { messages { text } } }", json!({})).await;
    let texts: Vec<String> =
        seen["myCase"]["messages"].as_array().unwrap().iter().map(|one| text(&one["text"])).collect();
    assert!(
        texts[1].contains("måndag 9 november 2026") && texts[1].contains("torsdag 5 november 2026 kl. 11.00"),
        "{texts:?}"
    );
    assert!(texts[2].contains("A refund is paid") && texts[2].contains("The bank refused it."), "{texts:?}");
    let told = theirs(&asa.client).await;
    assert_eq!(
        (&told[1]["reason"], &told[2]["reason"]),
        (&Value::Null, &json!("The bank refused it.")),
        "how they agreed is for staff"
    );
    let events = live.seen(&t).await;
    let told: Vec<_> = events
        .iter()
        .filter(|event| !event["commitment"].is_null())
        .map(|event| (text(&event["kind"]), text(&event["commitment"]["what"])))
        .collect();
    let of = |kind: &str| told.iter().filter(|(name, _)| name == kind).count();
    assert_eq!((of("COMMITMENT_MADE"), of("COMMITMENT_ENDED")), (4, 3), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promised_is_checked() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let base = json!({ "caseId": case, "what": "w", "due": { "day": "2026-11-09" }, "place": "OTHER" });
    let with = |field: &str, value: Value| {
        let mut input = base.clone();
        input[field] = value;
        input
    };
    for (field, value, code, named) in [
        ("what", json!(" "), "REQUIRED", "what"),
        ("what", json!("x".repeat(1_001)), "TOO_LONG", "what"),
        ("due", json!({ "day": "2029-11-09" }), "INVALID", "due"),
        ("due", json!({ "at": "2026-11-02T08:00:00Z" }), "INVALID", "due"),
        ("madeAt", json!("2026-11-02T08:00:01Z"), "INVALID", "madeAt"),
        ("madeAt", json!("2016-10-02T08:00:01Z"), "INVALID", "madeAt"),
        ("caseId", json!("case_00000000000000000000000000"), "NOT_FOUND", "caseId"),
    ] {
        assert_eq!(
            shop.manager.fails("makeCommitment", with(field, value.clone())).await,
            [(code.into(), named.into())],
            "{field} {value}"
        );
    }
    let eleven = vec![json!({ "what": "w", "due": { "day": "2026-11-09" } }); 11];
    let many = json!({ "caseId": case, "text": "t", "commitments": eleven });
    assert_eq!(shop.manager.fails("sendMessage", many).await, [("TOO_LONG".into(), "commitments".into())]);
    let wrong = json!({ "caseId": case, "text": "t", "commitments": [{ "what": "w", "due": { "day": "2026-11-09" } }, { "what": "", "due": { "day": "2026-11-09" } }] });
    assert_eq!(shop.manager.fails("sendMessage", wrong).await, [("REQUIRED".into(), "commitments.1.what".into())]);
    assert_eq!(commitments(&shop, &asa.reference).await, Vec::<Value>::new(), "nothing of it was done");
    assert_eq!(shop.reads(&asa.reference, "messages { id }").await["messages"].as_array().unwrap().len(), 1);
    shop.manager.does("closeCase", json!({ "caseId": case, "message": "m" }), "case { id }").await;
    assert_eq!(shop.manager.fails("makeCommitment", base).await[0].0, "INVALID_TRANSITION");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_cases_promises_go_on_and_hold_the_other_open() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (asa, eva) = (shop.customer("asa", "broadband").await, shop.customer("eva", "broadband").await);
    let (one, other) = (shop.case_id(&asa.reference).await, shop.case_id(&eva.reference).await);
    let id = makes(&shop.manager, &one, "A technician comes", json!({ "day": "2026-11-04" })).await;
    let merge = json!({ "caseId": one, "intoId": other, "reason": "r", "sameCustomer": true });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    assert_eq!(shop.manager.fails("closeCase", json!({ "caseId": other, "message": "m" })).await[0].0, "IN_USE");
    t.later_and_settled(TimeDelta::days(4)).await;
    let shop = shop.at(&t);
    assert_eq!(states(&shop, &asa.reference).await, ["BROKEN"]);
    // The customer, who is the same person, sees it on the case that continues. A call about that case settles it.
    let seen = theirs(&asa.client.at(&t.base())).await;
    assert_eq!((&seen[0]["what"], &seen[0]["state"]), (&json!("A technician comes"), &json!("BROKEN")));
    let call = |start: &str, id: &str| json!({ "source": "desk", "externalId": id, "direction": "OUTBOUND", "outcome": "ANSWERED", "caseId": other, "words": "Sorry.", "startedAt": start });
    shop.manager.does("logPhoneCall", call("2026-11-04T22:00:00Z", "1"), "receipt { reference }").await;
    assert_eq!(commitments(&shop, &asa.reference).await[0]["callDue"], true, "that call was before the break");
    shop.manager.does("logPhoneCall", call("2026-11-05T08:00:00Z", "2"), "receipt { reference }").await;
    assert_eq!(commitments(&shop, &asa.reference).await[0]["callDue"], false);
    let kept = json!({ "commitmentId": id, "evidence": "e" });
    shop.manager.does("keepCommitment", kept, "commitment { state }").await;
    shop.manager.does("closeCase", json!({ "caseId": other, "message": "m" }), "case { id }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_former_customer_was_promised_is_not_the_next_ones_to_know() {
    let sink = Sink::start().await;
    let t = TestApp::with_post(&sink).await;
    let shop = t.shop().await;
    mailbox(&shop, HELP).await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    sink.letters(1).await;
    let secret = makes(&shop.manager, &case, "A private thing for Asa", json!({ "day": "2026-11-04" })).await;
    let change = json!({ "caseId": case, "email": "eva@example.com", "reason": "It is Eva's" });
    shop.manager.does("changeCustomer", change, "case { id }").await;
    let link = shop.manager.does("createTrackingLink", json!({ "caseId": case }), "link { token }").await;
    let eva = t.anybody().showing(&text(&link["link"]["token"]));
    let read = "{ myCase { commitments { what } messages { text } } }";
    let seen = eva.asks(read, json!({})).await["myCase"].take();
    assert_eq!(seen["commitments"], json!([]));
    // Nor does the new customer see it when it is withdrawn, when it is broken, or when another date is attempted.
    let moved = json!({ "commitmentId": secret, "due": { "day": "2026-11-09" }, "agreed": "a" });
    assert_eq!(shop.manager.fails("renegotiateCommitment", moved).await[0].0, "INVALID_TRANSITION");
    let broken = makes_for_former(&t, &shop, &case).await;
    shop.manager
        .does("withdrawCommitment", json!({ "commitmentId": secret, "reason": "r" }), "commitment { id }")
        .await;
    t.later_and_settled(TimeDelta::days(3)).await;
    let shop = shop.at(&t);
    let link = shop.manager.does("createTrackingLink", json!({ "caseId": case }), "link { token }").await;
    let eva = t.anybody().showing(&text(&link["link"]["token"]));
    let seen = eva.asks(read, json!({})).await["myCase"].take();
    assert!(!format!("{seen}").contains("private") && !format!("{seen}").contains("lovat"), "{seen}");
    let all = commitments(&shop, &asa.reference).await;
    assert!(all.iter().all(|one| one["callDue"] == false), "nobody calls Eva about it: {all:?}");
    assert!(all.iter().any(|one| one["id"] == broken.as_str() && one["state"] == "BROKEN"), "{all:?}");
    sink.letters(1).await.iter().filter(|letter| letter.to.starts_with("eva")).for_each(|letter| {
        assert!(!letter.text().contains("private"), "{}", letter.raw);
    });
    // If the new customer is the same person, the promises stay theirs.
    let own = makes(&shop.manager, &case, "A new router", json!({ "day": "2026-11-20" })).await;
    let change = json!({ "caseId": case, "email": "eva.ek@example.com", "reason": "r", "sameCustomer": true });
    shop.manager.does("changeCustomer", change, "case { id }").await;
    let link = shop.manager.does("createTrackingLink", json!({ "caseId": case }), "link { token }").await;
    let same = t.anybody().showing(&text(&link["link"]["token"]));
    let seen = same.asks(read, json!({})).await["myCase"]["commitments"].take();
    assert_eq!(seen, json!([{ "what": "A new router" }]), "{own}");
}

/// Makes a commitment, gives the case to another customer and back, so that the commitment is to a former customer.
async fn makes_for_former(t: &TestApp, shop: &Shop, case: &str) -> String {
    let back = json!({ "caseId": case, "email": "asa@example.com", "reason": "r" });
    shop.manager.does("changeCustomer", back, "case { id }").await;
    let id = makes(&shop.manager, case, "Another private thing", json!({ "day": "2026-11-03" })).await;
    let change = json!({ "caseId": case, "email": "eva@example.com", "reason": "r" });
    shop.manager.does("changeCustomer", change, "case { id }").await;
    t.settle().await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn each_break_happens_once_on_three_nodes_of_which_one_is_lost() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let mut cases = Vec::new();
    for number in 0..12 {
        let customer = shop.customer(&format!("c{number}"), "broadband").await;
        let case = shop.case_id(&customer.reference).await;
        for day in ["2026-11-03", "2026-11-04"] {
            makes(&shop.manager, &case, "A technician comes", json!({ "day": day })).await;
        }
        cases.push(customer.reference);
    }
    let (second, third) = (t.second_node().await, t.second_node().await);
    t.later(TimeDelta::days(1) + TimeDelta::hours(16));
    drop(third);
    t.settle().await;
    t.later_and_settled(TimeDelta::days(2)).await;
    let shop = shop.at(&t);
    let all = join_all(cases.iter().map(|reference| commitments(&shop, reference))).await;
    assert!(all.iter().flatten().all(|one| one["state"] == "BROKEN"), "{all:?}");
    let ended = "SELECT count(*) FROM event WHERE kind = 'CommitmentEnded'";
    let told = "SELECT count(*) FROM escalation WHERE why = 'COMMITMENT_BROKEN'";
    // Each case also has one broken first contact, whose escalation has another reason.
    assert_eq!((t.store.number(ended).await, t.store.number(told).await), (24 + 12, 24), "each once");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_end_a_promise_at_once_one_does() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let second = t.second_node().await;
    let mut ids = Vec::new();
    for number in 0..4 {
        let customer = shop.customer(&format!("c{number}"), "broadband").await;
        let case = shop.case_id(&customer.reference).await;
        ids.push((makes(&shop.manager, &case, "A technician comes", json!({ "day": "2026-11-04" })).await, case));
    }
    let there = shop.manager.at(&format!("http://{}", second.address));
    for (id, case) in &ids {
        let acts = [
            ("keepCommitment", json!({ "commitmentId": id, "evidence": "e" })),
            ("renegotiateCommitment", json!({ "commitmentId": id, "due": { "day": "2026-11-09" }, "agreed": "a" })),
            ("withdrawCommitment", json!({ "commitmentId": id, "reason": "r" })),
            ("closeCase", json!({ "caseId": case, "message": "m" })),
        ];
        let tries = (0..12).map(|number| {
            let (mutation, input) = acts[number % 4].clone();
            let client = if number % 2 == 0 { &shop.manager } else { &there };
            async move { (mutation, client.tries(mutation, input, "userErrors { code }").await) }
        });
        let done = join_all(tries).await;
        let won = |answer: &Value| answer["userErrors"] == json!([]);
        let ended = done.iter().filter(|(mutation, answer)| *mutation != "closeCase" && won(answer)).count();
        assert_eq!(ended, 1, "{done:?}");
    }
    let ended = "SELECT count(*) FROM event WHERE kind = 'CommitmentEnded'";
    assert_eq!(t.store.number(ended).await, 4, "each ended once");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_that_apologises_waits_for_a_call_and_all_others_go() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let filed = async |name: &str, phone: Option<&str>| {
        let input = json!({ "idempotencyKey": name, "name": name, "email": format!("{name}@example.com"), "phone": phone, "text": "broadband" });
        shop.filed(input).await
    };
    let (asa, eva) = (filed("asa", Some("070-111 22 33")).await, filed("eva", None).await);
    let (one, other) = (shop.case_id(&asa.reference).await, shop.case_id(&eva.reference).await);
    let mut broken = Vec::new();
    for case in [&one, &one, &other] {
        broken.push(makes(&shop.manager, case, "A technician comes", json!({ "day": "2026-11-02" })).await);
    }
    let open = makes(&shop.manager, &one, "A router is sent", json!({ "day": "2026-11-20" })).await;
    t.later_and_settled(TimeDelta::days(1)).await;
    let shop = shop.at(&t);
    let sorry = |case: &str, of: &str| json!({ "caseId": case, "text": "We are sorry.", "apologizesFor": of });
    let manager = &shop.manager;
    assert_eq!(
        manager.fails("sendMessage", sorry(&one, &broken[0])).await,
        [("INVALID_TRANSITION".into(), "apologizesFor".into())]
    );
    assert_eq!(
        manager.fails("sendMessage", sorry(&one, &open)).await,
        [("INVALID_TRANSITION".into(), "apologizesFor".into())]
    );
    assert_eq!(
        manager.fails("sendMessage", sorry(&one, &broken[2])).await,
        [("NOT_FOUND".into(), "apologizesFor".into())]
    );
    // All other messages are accepted. So is the apology if there is no number, or with a reason, which is kept.
    manager.does("sendMessage", json!({ "caseId": one, "text": "The technician is ill." }), "message { id }").await;
    manager.does("sendMessage", sorry(&other, &broken[2]), "message { id }").await;
    assert_eq!(commitments(&shop, &eva.reference).await[0]["callDue"], false);
    let mut anyway = sorry(&one, &broken[0]);
    anyway["sendAnyway"] = json!("She asked to be written to.");
    manager.does("sendMessage", anyway, "message { id }").await;
    let said = shop.reads(&asa.reference, "messages { visibility text }").await["messages"].take();
    assert!(
        said.as_array().unwrap().contains(&json!({ "visibility": "INTERNAL", "text": "She asked to be written to." }))
    );
    // A call that nobody answered is enough.
    let call = json!({ "source": "desk", "externalId": "1", "direction": "OUTBOUND", "outcome": "NO_ANSWER", "caseId": one, "words": "w" });
    manager.does("logPhoneCall", call, "receipt { reference }").await;
    manager.does("sendMessage", sorry(&one, &broken[1]), "message { id }").await;
    assert!(commitments(&shop, &asa.reference).await.iter().all(|one| one["callDue"] == false));
}
