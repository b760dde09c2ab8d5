//! Plans: their steps and commitments, and the letters about changes.

use ansvar_tests::watch::By;
use ansvar_tests::{Client, Shop, TestApp, Watch, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::mail::{complains, help_desk};

const PLAN: &str = "plan { number madeBy { name } reason steps { id what doneAt suggestedDueAt commitment { state dueDay place } task { title } } }";

async fn plan(shop: &Shop, reference: &str) -> Value {
    shop.reads(reference, PLAN).await["plan"].take()
}

async fn theirs(customer: &Client) -> Value {
    let document = "{ myCase { plan { changedAt steps { id what dueDay doneAt broken } } } }";
    customer.asks(document, json!({})).await["myCase"]["plan"].take()
}

fn day(step: &str, day: &str) -> Value {
    json!({ "what": step, "due": { "day": day } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_shown_and_told_once_and_its_dates_are_promises() {
    let (sink, t, shop) = help_desk().await;
    let (reference, case) = complains(&sink, &t, &shop).await;
    let owner_name = shop.owner_of(&reference).await;
    let owner = shop.staff(&owner_name);
    t.later(TimeDelta::minutes(1));
    assert_eq!(plan(&shop, &reference).await, Value::Null);
    let task = shop.requests_task(&t, &reference, "fibre-north").await;
    let mut measured = day("We look at the frame", "2026-11-04");
    measured["taskId"] = json!(task);
    let steps = json!([measured, { "what": "You choose what we do" }, day("A new frame is sent", "2026-11-09")]);
    owner.does("setPlan", json!({ "caseId": case, "steps": steps }), "case { id }").await;
    let made = plan(&shop, &reference).await;
    assert_eq!((&made["number"], &made["madeBy"]["name"]), (&json!(1), &json!(owner_name)));
    assert_eq!(made["steps"][0]["commitment"], json!({ "state": "OPEN", "dueDay": "2026-11-04", "place": "STEP" }));
    assert_eq!(made["steps"][1]["commitment"], Value::Null);
    let id = |index: usize| made["steps"][index]["id"].clone();
    // A change within ten minutes is in the same letter: the third step is moved by two days, to which she agreed.
    t.later(TimeDelta::minutes(5));
    let moved = |agreed: Value| json!([{ "stepId": id(0) }, { "stepId": id(1), "what": "You choose: a repair, or the money" }, { "stepId": id(2), "due": { "day": "2026-11-11" }, "agreed": agreed }]);
    let refused = owner.fails("setPlan", json!({ "caseId": case, "steps": moved(Value::Null) })).await;
    assert_eq!(refused, [("REQUIRED".into(), "steps.2.agreed".into())]);
    owner.does("setPlan", json!({ "caseId": case, "steps": moved(json!("By phone")) }), "case { id }").await;
    t.settle().await;
    assert_eq!(sink.count(), 1, "ten minutes have not gone");
    let before = shop.reads(&reference, "nextContactDue stage").await;
    t.later_and_settled(TimeDelta::minutes(6)).await;
    let letters = sink.letters(2).await;
    let words = letters[1].text();
    for line in [
        "This happens next:",
        "1. We look at the frame – by Wednesday 4 November 2026",
        "2. You choose: a repair, or the money",
        "3. A new frame is sent – by Wednesday 11 November 2026",
        "no later than Tuesday 3 November 2026 at 09:00",
    ] {
        assert!(words.contains(line), "{line} is not in {words}");
    }
    assert!(!words.contains("Look at the line") && !words.contains("fibre-north"), "nothing of the partner: {words}");
    assert_eq!(shop.reads(&reference, "nextContactDue stage").await, before, "it is no contact and moves no date");
    let states = shop.reads(&reference, "commitments { state reason }").await;
    let states: Vec<_> = states["commitments"].as_array().unwrap().iter().map(|one| text(&one["state"])).collect();
    assert_eq!(states, ["OPEN", "RENEGOTIATED", "OPEN"]);
    // A partner's new `eta` is a suggestion to the owner and does not change the plan.
    shop.partner("fibre-north")
        .does("acceptTask", json!({ "taskId": task, "eta": "2026-11-06T10:00:00Z" }), "task { id }")
        .await;
    let suggested = plan(&shop, &reference).await;
    assert_eq!(suggested["steps"][0]["suggestedDueAt"], "2026-11-06T10:00:00+00:00");
    assert_eq!(suggested["steps"][0]["commitment"]["dueDay"], "2026-11-04");
    // Removing a step with a date needs a reason, which is in the letter.
    let without = json!({ "caseId": case, "steps": [{ "stepId": id(0) }, { "stepId": id(1) }] });
    assert_eq!(owner.fails("setPlan", without.clone()).await, [("REQUIRED".into(), "reason".into())]);
    let mut with = without;
    with["reason"] = json!("The frame is not made any more.");
    owner.does("setPlan", with, "case { id }").await;
    t.later_and_settled(TimeDelta::minutes(11)).await;
    assert!(sink.letters(3).await[2].text().contains("The frame is not made any more."));
    // Completing a step keeps its commitment.
    owner.does("completeStep", json!({ "stepId": id(0), "evidence": "He was there" }), "case { id }").await;
    owner.does("completeStep", json!({ "stepId": id(1), "evidence": "A repair" }), "case { id }").await;
    assert_eq!(
        owner.fails("completeStep", json!({ "stepId": id(1), "evidence": "e" })).await[0].0,
        "INVALID_TRANSITION"
    );
    assert_eq!(owner.fails("completeStep", json!({ "stepId": id(2), "evidence": "e" })).await[0].0, "NOT_FOUND");
    let done = plan(&shop, &reference).await;
    assert!(done["steps"].as_array().unwrap().iter().all(|step| !step["doneAt"].is_null()), "{done}");
    assert_eq!(done["steps"][0]["commitment"]["state"], "KEPT");
    let document = "{ commitmentMeasures(from: \"2026-11-01T00:00:00Z\", until: \"2026-12-01T00:00:00Z\") { byPartner { partner { name } counts { kept broken } } } }";
    let counted = shop.manager.asks(document, json!({})).await["commitmentMeasures"]["byPartner"].take();
    assert_eq!(counted, json!([{ "partner": { "name": "fibre-north" }, "counts": { "kept": 1, "broken": 0 } }]));
    let versions = shop.reads(&reference, "plans { number steps { what } }").await["plans"].take();
    let lengths: Vec<_> =
        versions.as_array().unwrap().iter().map(|one| one["steps"].as_array().unwrap().len()).collect();
    assert_eq!(lengths, [3, 3, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_follows_the_plan_and_nobody_else_reads_it() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (asa, eva) = (shop.customer("asa", "broadband").await, shop.customer("eva", "broadband").await);
    let case = shop.case_id(&asa.reference).await;
    let owner = shop.staff(&asa.owner_name);
    let mut live = Watch::my_case(&t, &asa.client, By::Sse, &asa.reference, None).await;
    owner
        .does("setPlan", json!({ "caseId": case, "steps": [day("A technician comes", "2026-11-04")] }), "case { id }")
        .await;
    let kinds: Vec<String> = live.seen(&t).await.iter().map(|event| text(&event["kind"])).collect();
    assert_eq!(kinds, ["COMMITMENT_MADE", "PLAN_CHANGED"]);
    live.cut();
    let seen = theirs(&asa.client).await;
    assert_eq!(seen["steps"][0]["what"], "A technician comes");
    assert_eq!(theirs(&eva.client).await, Value::Null);
    // The time of the step ends, and the customer sees that its commitment is broken. After that a new date needs no
    // agreement and is a new commitment.
    t.later_and_settled(TimeDelta::days(3)).await;
    let shop = shop.at(&t);
    let owner = shop.staff(&asa.owner_name);
    let asa_now = asa.client.at(&t.base());
    assert_eq!(theirs(&asa_now).await["steps"][0]["broken"], true);
    let step = plan(&shop, &asa.reference).await["steps"][0]["id"].clone();
    let again = json!({ "caseId": case, "steps": [{ "stepId": step, "due": { "day": "2026-11-09" } }] });
    owner.does("setPlan", again, "case { id }").await;
    let states = shop.reads(&asa.reference, "commitments { state }").await["commitments"].take();
    assert_eq!(states, json!([{ "state": "BROKEN" }, { "state": "OPEN" }]));
    // Another customer who gets the case does not see the plan, and gets no letter about it.
    let other = json!({ "caseId": case, "email": "new@example.com", "reason": "r" });
    shop.manager.does("changeCustomer", other, "case { id }").await;
    let link = shop.manager.does("createTrackingLink", json!({ "caseId": case }), "link { token }").await;
    let new = shop.widget.showing(&text(&link["link"]["token"])).at(&t.base());
    assert_eq!(theirs(&new).await, Value::Null);
    assert_eq!(plan(&shop, &asa.reference).await, Value::Null);
    let kept = shop.reads(&asa.reference, "plans { number }").await["plans"].take();
    assert_eq!(kept.as_array().unwrap().len(), 2, "staff read what was said before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_checked() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (asa, eva) = (shop.customer("asa", "broadband").await, shop.customer("eva", "broadband").await);
    let case = shop.case_id(&asa.reference).await;
    let task = shop.requests_task(&t, &eva.reference, "fibre-north").await;
    let made = json!({ "caseId": case, "steps": [day("A technician comes", "2026-11-04")] });
    shop.manager.does("setPlan", made, "case { id }").await;
    let step = plan(&shop, &asa.reference).await["steps"][0]["id"].clone();
    for (steps, code, field) in [
        (json!([]), "REQUIRED", "steps"),
        (json!(vec![json!({ "what": "w" }); 21]), "TOO_LONG", "steps"),
        (json!([{ "what": " " }]), "REQUIRED", "steps.0.what"),
        (json!([{}]), "REQUIRED", "steps.0.what"),
        (json!([{ "what": "x".repeat(501) }]), "TOO_LONG", "steps.0.what"),
        (json!([{ "what": "w" }, day("w", "2026-11-01")]), "INVALID", "steps.1.due"),
        (json!([{ "what": "w", "taskId": task }]), "NOT_FOUND", "steps.0.taskId"),
        (json!([{ "stepId": step }, { "stepId": step }]), "INVALID", "steps.1.stepId"),
        (json!([{ "stepId": "step_00000000000000000000000000" }]), "NOT_FOUND", "steps.0.stepId"),
    ] {
        let refused = shop.manager.fails("setPlan", json!({ "caseId": case, "steps": steps })).await;
        assert_eq!(refused, [(code.into(), field.into())], "{steps}");
    }
    assert_eq!(plan(&shop, &asa.reference).await["number"], 1, "nothing of it was done");
    assert_eq!(
        shop.staff("dag").fails("setPlan", json!({ "caseId": case, "steps": [{ "what": "w" }] })).await[0].0,
        "FORBIDDEN"
    );
    // A case with an open step with a date cannot be closed, and a closed case cannot get a plan.
    assert_eq!(shop.manager.fails("closeCase", json!({ "caseId": case, "message": "m" })).await[0].0, "IN_USE");
    shop.manager.does("completeStep", json!({ "stepId": step, "evidence": "e" }), "case { id }").await;
    shop.manager.does("closeCase", json!({ "caseId": case, "message": "m" }), "case { id }").await;
    let closed = shop.manager.fails("setPlan", json!({ "caseId": case, "steps": [{ "what": "w" }] })).await;
    assert_eq!(closed[0].0, "INVALID_TRANSITION");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_owner_is_told_to_the_customer_with_the_unchanged_date() {
    let (sink, t, shop) = help_desk().await;
    let (reference, case) = complains(&sink, &t, &shop).await;
    let owner = shop.owner_of(&reference).await;
    t.later(TimeDelta::minutes(1));
    let to = shop.names().into_iter().find(|name| *name != owner && *name != "dag").unwrap().to_owned();
    let given = |to: &str| json!({ "caseId": case, "ownerId": shop.id_of(to), "reason": "r" });
    shop.manager.does("reassignCase", given(&to), "case { id }").await;
    // No letter is sent if the former owner gets the case back within ten minutes.
    shop.manager.does("reassignCase", given(&owner), "case { id }").await;
    t.later_and_settled(TimeDelta::minutes(11)).await;
    assert_eq!(sink.count(), 1);
    shop.manager.does("reassignCase", given(&to), "case { id }").await;
    t.later_and_settled(TimeDelta::minutes(11)).await;
    let words = sink.letters(2).await[1].text();
    assert!(words.contains(&format!("A new person answers for your case: {to}.")), "{words}");
    assert!(words.contains("no later than Tuesday 3 November 2026 at 09:00"), "{words}");
    let read = shop.reads(&reference, "stage nextContactDue letters { kind }").await;
    assert_eq!((&read["stage"], &read["nextContactDue"]), (&json!("RECEIVED"), &json!("2026-11-03T08:00:00+00:00")));
    assert_eq!(read["letters"], json!([{ "kind": "ACKNOWLEDGEMENT" }, { "kind": "UPDATE" }]));
}
