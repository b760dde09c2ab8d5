//! `workEvents(MINE)` and `workEvents(TEAM)`: an event goes to the person who owned the case when it happened, however late they read, and to
//! nobody else.

use std::collections::{BTreeMap, BTreeSet};

use ansvar_tests::watch::By;
use ansvar_tests::{Shop, TestApp, Watch};
use serde_json::{Value, json};

const WORK: &str = "subscription($after: String) { workEvents(after: $after) { cursor event { __typename seq case { id reference version } ... on MessageAdded { message { text } } ... on OwnerChanged { from { name } to { name } } } } }";
/// The teams of [`PEOPLE`].
const TEAMS: [[&str; 2]; 2] = [["anna", "bo"], ["carin", "dag"]];
const PEOPLE: [&str; 4] = ["anna", "bo", "carin", "dag"];

/// The present cursor of a person's feed.
async fn cursor(shop: &Shop, name: &str) -> String {
    let answer = shop.staff(name).asks("{ feedCursor }", json!({})).await;
    answer["feedCursor"].as_str().unwrap().to_owned()
}

/// An event by its case and number.
type Place = (String, i64);

/// The events in a person's feed after this cursor, up to the last one that is expected.
async fn told(shop: &Shop, name: &str, after: &str, expected: &BTreeSet<Place>) -> Vec<(Place, Value)> {
    told_by(shop, (name, WORK), after, expected).await
}

/// As [`told`], in the feed of the person's team.
async fn team_told(shop: &Shop, name: &str, after: &str, expected: &BTreeSet<Place>) -> Vec<(Place, Value)> {
    told_by(shop, (name, &WORK.replace("after: $after", "scope: TEAM, after: $after")), after, expected).await
}

async fn told_by(
    shop: &Shop,
    (name, document): (&str, &str),
    after: &str,
    expected: &BTreeSet<Place>,
) -> Vec<(Place, Value)> {
    let mut watch = Watch::start(shop.staff(name), By::WebSocket, document, json!({ "after": after })).await;
    let mut told = Vec::new();
    while told.len() < expected.len() {
        let event = watch.next_event().await["event"].take();
        let place = (event["case"]["id"].as_str().unwrap().to_owned(), event["seq"].as_i64().unwrap());
        assert!(expected.contains(&place), "{name} is told of somebody else's: {event}");
        told.push((place, event));
    }
    told
}

/// The events that are expected in each person's feed, computed from the histories of these cases: those of the owner
/// at the time, of the former owner when a case changed hands, and of the person to whom an offer was made.
async fn expected(shop: &Shop, cases: &[String]) -> BTreeMap<String, BTreeSet<Place>> {
    let document = "query($id: ID!, $after: Int!) { case(by: { id: $id }) { events(after: $after) { __typename seq ... on CaseOpened { owner { name } } ... on OwnerChanged { from { name } to { name } } ... on HandoverOffered { handover { to { name } } } ... on HandoverEnded { handover { to { name } } } } } }";
    let mut whose: BTreeMap<String, BTreeSet<Place>> =
        PEOPLE.iter().map(|name| ((*name).to_owned(), BTreeSet::new())).collect();
    for case in cases {
        let (mut owner, mut after) = (String::new(), 0);
        loop {
            let page = shop.manager.asks(document, json!({ "id": case, "after": after })).await;
            let events = page["case"]["events"].as_array().unwrap().clone();
            for event in &events {
                after = event["seq"].as_i64().unwrap();
                let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
                let mut all = BTreeSet::new();
                match event["__typename"].as_str().unwrap() {
                    "CaseOpened" => owner = name(&event["owner"]),
                    "OwnerChanged" => {
                        all.insert(name(&event["from"]));
                        owner = name(&event["to"]);
                    }
                    "HandoverOffered" | "HandoverEnded" => drop(all.insert(name(&event["handover"]["to"]))),
                    _ => {}
                }
                all.insert(owner.clone());
                for name in all {
                    whose.entry(name).or_default().insert((case.clone(), after));
                }
            }
            if events.len() < 100 {
                break;
            }
        }
    }
    whose
}

#[tokio::test(flavor = "multi_thread")]
async fn each_note_around_a_change_of_owner_reaches_exactly_one_owner() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    assert_eq!(asa.owner_name, "anna");
    let case = shop.case_id(&asa.reference).await;
    let before = (cursor(&shop, "anna").await, cursor(&shop, "bo").await);
    let mut live = Vec::new();
    for name in ["anna", "bo"] {
        live.push((name, Watch::start(shop.staff(name), By::Sse, WORK, json!({})).await));
    }
    // A colleague adds notes while the case changes hands; writing, reassigning and reading run concurrently.
    let note = async |number: usize| {
        let input = json!({ "caseId": case, "text": format!("note {number}") });
        shop.staff("dag").does("addNote", input, "message { id }").await;
    };
    let give = async |round: usize| {
        let to = if round.is_multiple_of(2) { "bo" } else { "anna" };
        let input = json!({ "caseId": case, "ownerId": shop.id_of(to), "reason": "r" });
        shop.manager.does("reassignCase", input, "case { id }").await;
    };
    for round in 0..6 {
        let notes = (0..6).map(|number| note(round * 6 + number));
        tokio::join!(futures_util::future::join_all(notes), give(round));
    }
    let whose = expected(&shop, std::slice::from_ref(&case)).await;
    let mut notes = BTreeMap::<String, usize>::new();
    let mut count = |events: &[Value]| {
        for text in events.iter().filter_map(|event| event["message"]["text"].as_str()) {
            *notes.entry(text.to_owned()).or_default() += 1;
        }
    };
    for (name, watch) in &mut live {
        // Only events after the case was opened.
        let theirs = whose[*name].iter().filter(|(_, seq)| *seq > 2).count();
        let mut events = Vec::new();
        for _ in 0..theirs {
            events.push(watch.next_event().await["event"].take());
        }
        count(&events);
    }
    assert_eq!(notes.len(), 36);
    assert!(notes.values().all(|times| *times == 1), "{notes:?}");
    // A person who resumes with an old cursor gets the same events. A new owner can read the case with its version.
    for (name, cursor) in [("anna", before.0), ("bo", before.1)] {
        let theirs: BTreeSet<Place> = whose[name].iter().filter(|(_, seq)| *seq > 2).cloned().collect();
        let again = told(&shop, name, &cursor, &theirs).await;
        assert_eq!(again.iter().map(|(place, _)| place.clone()).collect::<BTreeSet<_>>(), theirs, "{name}");
        let given = again.iter().filter(|(_, event)| event["to"]["name"] == name).count();
        assert_eq!(given, 3, "{name}");
        assert!(again.iter().all(|((_, seq), event)| event["case"]["version"].as_i64().unwrap() >= *seq));
    }
}

/// Small random numbers from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// A random act, which may be refused if the state does not allow it.
async fn act(shop: &Shop, dice: &mut Dice, cases: &[String], offers: &mut Vec<(Value, usize)>) {
    let case = &cases[dice.roll(cases.len())];
    let person = dice.roll(PEOPLE.len());
    let id = shop.id_of(PEOPLE[person]);
    match dice.roll(6) {
        0 => {
            let input = json!({ "caseId": case, "ownerId": id, "reason": "r" });
            shop.manager.tries("reassignCase", input, "case { id }").await;
        }
        1 => {
            let input = json!({ "caseId": case, "toId": id, "note": "n" });
            let offer = shop.manager.tries("offerHandover", input, "handover { id }").await;
            if offer["handover"].is_object() {
                offers.push((offer["handover"]["id"].clone(), person));
            }
        }
        2 if !offers.is_empty() => {
            let (offer, to) = offers.swap_remove(dice.roll(offers.len()));
            let name = if dice.roll(3) == 0 { "declineHandover" } else { "acceptHandover" };
            let mut input = json!({ "handoverId": offer });
            if name == "declineHandover" {
                input["reason"] = json!("r");
            }
            shop.staff(PEOPLE[to]).tries(name, input, "handover { status }").await;
        }
        3 => {
            let into = &cases[dice.roll(cases.len())];
            let input = json!({ "caseId": case, "intoId": into, "reason": "r", "sameCustomer": true });
            shop.manager.tries("mergeCases", input, "case { id }").await;
        }
        4 => drop(shop.manager.tries("unmergeCase", json!({ "caseId": case, "reason": "r" }), "case { id }").await),
        _ => {
            let input = json!({ "caseId": case, "text": "n" });
            shop.manager.does("addNote", input, "message { id }").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_everybody_is_told_what_was_theirs_and_nothing_else() {
    for seed in 0..3 {
        let t = TestApp::start().await;
        let shop = t.shop().await;
        let mut from = BTreeMap::new();
        for name in PEOPLE {
            from.insert(name, cursor(&shop, name).await);
        }
        let mut cases = Vec::new();
        for number in 0..4 {
            let customer = shop.customer(&format!("c{number}"), "broadband").await;
            cases.push(shop.case_id(&customer.reference).await);
        }
        let (mut dice, mut offers) = (Dice(seed), Vec::new());
        for _ in 0..40 {
            act(&shop, &mut dice, &cases, &mut offers).await;
        }
        let whose = expected(&shop, &cases).await;
        for name in PEOPLE {
            let theirs = told(&shop, name, &from[name], &whose[name]).await;
            let places: BTreeSet<Place> = theirs.iter().map(|(place, _)| place.clone()).collect();
            assert_eq!(places, whose[name], "seed {seed}, {name}");
            assert_eq!(places.len(), theirs.len(), "seed {seed}, {name}: once each");
        }
        for team in TEAMS {
            let all: BTreeSet<Place> = team.iter().flat_map(|name| whose[*name].iter().cloned()).collect();
            for name in team {
                let theirs = team_told(&shop, name, &from[name], &all).await;
                let places: BTreeSet<Place> = theirs.iter().map(|(place, _)| place.clone()).collect();
                assert_eq!(places, all, "seed {seed}, {name}'s team");
                assert_eq!(places.len(), theirs.len(), "seed {seed}, {name}'s team: once each");
            }
        }
    }
}
