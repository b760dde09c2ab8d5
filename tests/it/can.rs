//! `viewerCan` agrees with each act on a case about whether it is possible.

use ansvar_tests::{Shop, TestApp};
use serde_json::{Value, json};

/// The acts with their flags, and for each an input that is valid if the state of the case allows the act.
fn acts(
    shop: &Shop,
    [case, twin]: [&str; 2],
    to: &str,
    number: usize,
) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let partner = shop.partner_id("bouncy");
    vec![
        ("acknowledge", "acknowledgeCase", json!({ "caseId": case, "message": "m" }), "case { id }"),
        ("sendMessage", "sendMessage", json!({ "caseId": case, "text": "t" }), "message { id }"),
        ("addNote", "addNote", json!({ "caseId": case, "text": "t" }), "message { id }"),
        (
            "makeCommitment",
            "makeCommitment",
            json!({ "caseId": case, "what": "w", "due": { "day": "2026-12-01" }, "place": "CALL" }),
            "commitment { id }",
        ),
        ("setPlan", "setPlan", json!({ "caseId": case, "steps": [{ "what": "w" }] }), "case { id }"),
        (
            "requestTask",
            "requestTask",
            json!({ "caseId": case, "partnerId": partner, "title": "t", "asked": "a", "dueAt": "2026-12-01T08:00:00Z" }),
            "task { id }",
        ),
        ("close", "closeCase", json!({ "caseId": case, "message": "m" }), "case { id }"),
        ("reassign", "reassignCase", json!({ "caseId": case, "ownerId": to, "reason": "r" }), "case { id }"),
        ("update", "updateCase", json!({ "caseId": case, "category": "c" }), "case { id }"),
        ("routeAgain", "routeAgain", json!({ "caseId": case, "reason": "r" }), "case { id }"),
        ("offerHandover", "offerHandover", json!({ "caseId": case, "toId": to, "note": "n" }), "handover { id }"),
        (
            "merge",
            "mergeCases",
            json!({ "caseId": case, "intoId": twin, "reason": "r", "sameCustomer": true }),
            "case { id }",
        ),
        ("unmerge", "unmergeCase", json!({ "caseId": case, "reason": "r" }), "case { id }"),
        (
            "changeCustomer",
            "changeCustomer",
            json!({ "caseId": case, "email": format!("new{number}@example.com"), "reason": "r" }),
            "case { id }",
        ),
        ("createTrackingLink", "createTrackingLink", json!({ "caseId": case }), "link { token }"),
        ("revokeTrackingTokens", "revokeTrackingTokens", json!({ "caseId": case }), "revoked { count }"),
        (
            "pauseAnswer",
            "pauseAnswer",
            json!({ "caseId": case, "until": "2026-11-04T09:00:00Z", "reason": "r" }),
            "case { id }",
        ),
        ("resumeAnswer", "resumeAnswer", json!({ "caseId": case }), "case { id }"),
        (
            "recordEnquiry",
            "recordEnquiry",
            json!({ "caseId": case, "kind": "REGULATOR", "from": "f" }),
            "enquiry { id }",
        ),
    ]
}

/// Brings a case into a situation.
async fn brought(shop: &Shop, situation: &str, case: &str, other: &str, to: &str) {
    let manager = &shop.manager;
    let merge = |one: &str, into: &str| json!({ "caseId": one, "intoId": into, "reason": "r", "sameCustomer": true });
    match situation {
        "offered" => {
            let offer = json!({ "caseId": case, "toId": to, "note": "n" });
            manager.does("offerHandover", offer, "handover { id }").await;
        }
        "closed" => {
            manager.does("closeCase", json!({ "caseId": case, "message": "m" }), "case { id }").await;
        }
        "merged" => {
            manager.does("mergeCases", merge(case, other), "case { id }").await;
        }
        "absorbs" => {
            manager.does("mergeCases", merge(other, case), "case { id }").await;
        }
        "promised" => {
            let due = json!({ "caseId": case, "what": "w", "due": { "day": "2026-12-01" }, "place": "CALL" });
            manager.does("makeCommitment", due, "commitment { id }").await;
        }
        "promised on one that was merged into it" => {
            let due = json!({ "caseId": other, "what": "w", "due": { "day": "2026-12-01" }, "place": "CALL" });
            manager.does("makeCommitment", due, "commitment { id }").await;
            manager.does("mergeCases", merge(other, case), "case { id }").await;
        }
        "paused" => {
            let pause = json!({ "caseId": case, "until": "2026-11-04T09:00:00Z", "reason": "r" });
            manager.does("pauseAnswer", pause, "case { id }").await;
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_is_told_it_can_do_is_what_it_can_do() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let answer = json!({ "sellerId": shop.id, "times": { "answer": { "hours": 100 } } });
    shop.admin.does("updateSeller", answer, "seller { id }").await;
    let mut number = 0;
    let mut told = (0, 0);
    for situation in [
        "new",
        "offered",
        "closed",
        "merged",
        "absorbs",
        "promised",
        "promised on one that was merged into it",
        "paused",
    ] {
        for place in 0..acts(&shop, [""; 2], "", 0).len() {
            number += 1;
            let mut ids = Vec::new();
            for name in ["a", "b", "c"] {
                let customer = shop.customer(&format!("{name}{number}"), "broadband").await;
                ids.push((shop.case_id(&customer.reference).await, customer));
            }
            let (case, customer) = &ids[0];
            let owners = [&customer.owner_name, &ids[1].1.owner_name];
            let other = |name: &&str| owners.iter().all(|owner| owner != name);
            let to = shop.id_of(["bo", "dag", "carin"].iter().find(|name| other(name)).unwrap());
            brought(&shop, situation, case, &ids[1].0, to).await;
            let (flag, mutation, input, selection) = acts(&shop, [case, &ids[2].0], to, number).swap_remove(place);
            let reference = &customer.reference;
            let can = shop.reads(reference, &format!("viewerCan {{ {flag} }}")).await["viewerCan"][flag] == true;
            let done = shop.manager.tries(mutation, input, selection).await;
            assert_eq!(done["userErrors"] == json!([]), can, "{mutation}, {situation}: {done}");
            if can { told.0 += 1 } else { told.1 += 1 }
        }
    }
    assert!(told.0 > 50 && told.1 > 20, "{told:?}");
    // A colleague may do less, and the flags say so.
    let asa = shop.customer("asa", "broadband").await;
    let seen =
        "query($r: String!) { case(by: { reference: $r }) { viewerCan { addNote sendMessage close reassign } } }";
    let colleague = shop.staff("dag").asks(seen, json!({ "r": asa.reference })).await;
    let less = json!({ "addNote": true, "sendMessage": false, "close": false, "reassign": false });
    assert_eq!(colleague["case"]["viewerCan"], less);
}
