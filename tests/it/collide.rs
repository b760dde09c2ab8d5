//! Two services on one store, and acts that collide: accepting with reassigning, leaving with routing, merging with
//! handing over. In every order there is exactly one owner afterwards, which is checked in SQL when the service is
//! dropped. On PostgreSQL the second service is another process. SQLite allows one process, so there it is a second
//! service in this process. `ANSVAR_ROUNDS` sets how many rounds are run.

use ansvar_tests::store::on_postgres;
use ansvar_tests::{Shop, TestApp};
use serde_json::{Value, json};

use crate::cli::{Folder, Served};

/// Whether the act succeeded; fails if it was refused for an unexpected reason.
fn settled(payload: &Value) -> bool {
    let errors = payload["userErrors"].as_array().unwrap();
    let known = ["INVALID_TRANSITION", "NOT_FOUND", "FORBIDDEN", "IN_USE"];
    assert!(errors.iter().all(|error| known.contains(&error["code"].as_str().unwrap())), "{payload}");
    errors.is_empty()
}

async fn accept_against_reassign(shop: &Shop, there: &str, round: usize) {
    let asa = shop.customer(&format!("a{round}"), "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let input = json!({ "caseId": case, "toId": shop.id_of("carin"), "note": "n" });
    let offer = shop.manager.does("offerHandover", input, "handover { id }").await["handover"]["id"].clone();
    let carin = shop.staff("carin").at(there);
    let (accept, reassign) = tokio::join!(
        carin.tries("acceptHandover", json!({ "handoverId": offer }), "handover { status }"),
        shop.manager.tries(
            "reassignCase",
            json!({ "caseId": case, "ownerId": shop.id_of("dag"), "reason": "r" }),
            "case { id }"
        ),
    );
    assert!(settled(&reassign), "a manager's word stands, first or second: {reassign}");
    let read = shop.reads(&asa.reference, "owner { name } handovers { status } ownership { reason }").await;
    let expected = if settled(&accept) { ("ACCEPTED", 3) } else { ("OVERTAKEN", 2) };
    assert_eq!(read["owner"]["name"], "dag");
    assert_eq!(
        (&read["handovers"][0]["status"], read["ownership"].as_array().unwrap().len()),
        (&json!(expected.0), expected.1)
    );
}

async fn leave_against_route(shop: &Shop, there: &str, round: usize) {
    let input = json!({ "sellerId": shop.id, "name": format!("x{round}"), "email": format!("x{round}@shop.example") });
    let made = shop.admin.does("createStaff", input, "staff { id }").await;
    let leaver = made["staff"]["id"].clone();
    shop.publishes(json!([
        { "name": "x", "when": [{ "textContains": ["for x"] }], "assignTo": { "staffId": leaver } },
        { "name": "broadband", "when": [{ "textContains": ["broadband"] }], "assignTo": { "teamId": shop.teams["broadband"] } },
        { "name": "rest", "assignTo": { "teamId": shop.teams["garden"] } },
    ]))
    .await;
    let widget = shop.widget.at(there);
    let input =
        json!({ "idempotencyKey": format!("x{round}"), "email": format!("x{round}@example.com"), "text": "for x" });
    let (filed, left) = tokio::join!(
        widget.does("fileComplaint", input, "receipt { reference ownerName }"),
        shop.admin.tries("deactivateStaff", json!({ "staffId": leaver }), "deactivation { casesHandedOver }"),
    );
    assert!(settled(&left), "{left}");
    let read = shop.reads(filed["receipt"]["reference"].as_str().unwrap(), "owner { name active }").await;
    assert_eq!(read["owner"], json!({ "name": "Elin", "active": true }));
}

async fn merge_against_hand_over(shop: &Shop, there: &str, round: usize) {
    let one = shop.customer(&format!("m{round}"), "broadband one").await;
    let two = shop.customer(&format!("m{round}"), "broadband two").await;
    let (first, second) = (shop.case_id(&one.reference).await, shop.case_id(&two.reference).await);
    let input = json!({ "caseId": first, "toId": shop.id_of("carin"), "note": "n" });
    let offer = shop.manager.does("offerHandover", input, "handover { id }").await["handover"]["id"].clone();
    let (case, into) = if round.is_multiple_of(2) { (&first, &second) } else { (&second, &first) };
    let carin = shop.staff("carin").at(there);
    let (accept, merge) = tokio::join!(
        carin.tries("acceptHandover", json!({ "handoverId": offer }), "handover { status }"),
        shop.manager.tries("mergeCases", json!({ "caseId": case, "intoId": into, "reason": "r" }), "case { id }"),
    );
    assert!(settled(&merge), "{merge}");
    settled(&accept);
    assert_eq!(
        shop.owner_of(&one.reference).await,
        shop.owner_of(&two.reference).await,
        "merged cases share their owner"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_that_collide_on_two_services_leave_exactly_one_owner() {
    let t = TestApp::start_now().await;
    let shop = t.shop().await;
    let rounds = std::env::var("ANSVAR_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    let (mut process, mut second) = (None, None);
    let folder = Folder::new("second");
    std::fs::write(folder.path("ansvar.toml"), t.as_file()).unwrap();
    let there = if on_postgres() {
        process.insert(Served::start(&folder.path("ansvar.toml")).await).base.clone()
    } else {
        format!("http://{}", second.insert(t.second_node().await).address)
    };
    for round in 0..rounds {
        match round % 3 {
            0 => accept_against_reassign(&shop, &there, round).await,
            1 => leave_against_route(&shop, &there, round).await,
            _ => merge_against_hand_over(&shop, &there, round).await,
        }
    }
    drop(process);
    if let Some(second) = second {
        second.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn complaints_that_arrive_at_once_do_not_all_go_to_the_same_person() {
    let t = TestApp::start_now().await;
    let shop = t.shop().await;
    for name in ["anna", "bo"] {
        let input = json!({ "staffId": shop.id_of(name), "capacity": 10 });
        shop.admin.does("updateStaff", input, "staff { capacity }").await;
    }
    let second = t.second_node().await;
    let there = format!("http://{}", second.address);
    let widgets = [shop.widget.clone(), shop.widget.at(&there)];
    let file = async |number: usize| {
        let input = json!({ "idempotencyKey": number.to_string(), "email": format!("c{number}@example.com"), "text": "broadband" });
        let filed = widgets[number % 2].does("fileComplaint", input, "receipt { ownerName }").await;
        filed["receipt"]["ownerName"].as_str().unwrap().to_owned()
    };
    let owners = futures_util::future::join_all((0..24).map(file)).await;
    let given = |name: &str| owners.iter().filter(|owner| *owner == name).count();
    // Bo's capacity is ten. Anna leads the team and gets the cases that exceed its capacity.
    assert_eq!(given("bo"), 10, "{owners:?}");
    assert_eq!(given("anna"), 14, "{owners:?}");
    second.stop().await;
}
