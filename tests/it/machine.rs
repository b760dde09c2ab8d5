//! Compares ownership with a model: random sequences of all acts that affect the owner of a case, through GraphQL. A
//! small model predicts the result of each step. The same sequence gives the same log on both stores. A failing
//! sequence is shrunk and printed with its seed; `ANSVAR_SEED` repeats one, `ANSVAR_SEQUENCES` sets how many are run.

use ansvar_tests::store::TestStore;
use ansvar_tests::{Client, Shop, TestApp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::property::sequences;

const PEOPLE: [&str; 5] = ["anna", "bo", "carin", "dag", "maria"];

/// An act of a sequence. Its numbers select from the cases and people that exist at that moment.
#[derive(Debug, Clone, Copy)]
enum Act {
    File { who: u8, garden: bool },
    Reassign { case: u8, to: u8 },
    Offer { case: u8, to: u8 },
    Accept { case: u8, by: u8 },
    Decline { case: u8, by: u8 },
    Withdraw { case: u8 },
    Merge { case: u8, into: u8 },
    Unmerge { case: u8 },
    Close { case: u8 },
    Write { case: u8 },
    Leave { who: u8, successor: u8 },
    Away { who: u8 },
    Wait,
}

fn act() -> impl Strategy<Value = Act> {
    let two = || (any::<u8>(), any::<u8>());
    prop_oneof![
        4 => (any::<u8>(), any::<bool>()).prop_map(|(who, garden)| Act::File { who, garden }),
        2 => two().prop_map(|(case, to)| Act::Reassign { case, to }),
        4 => two().prop_map(|(case, to)| Act::Offer { case, to }),
        4 => two().prop_map(|(case, by)| Act::Accept { case, by }),
        1 => two().prop_map(|(case, by)| Act::Decline { case, by }),
        1 => any::<u8>().prop_map(|case| Act::Withdraw { case }),
        2 => two().prop_map(|(case, into)| Act::Merge { case, into }),
        2 => any::<u8>().prop_map(|case| Act::Unmerge { case }),
        1 => any::<u8>().prop_map(|case| Act::Close { case }),
        1 => any::<u8>().prop_map(|case| Act::Write { case }),
        1 => two().prop_map(|(who, successor)| Act::Leave { who, successor }),
        1 => any::<u8>().prop_map(|who| Act::Away { who }),
        1 => Just(Act::Wait),
    ]
}

/// A case in the model.
#[derive(Clone)]
struct Case {
    id: String,
    reference: String,
    client: Client,
    customer: u8,
    owner: usize,
    offer: Option<(String, usize)>,
    last_offer: Option<String>,
    merged: Option<(usize, usize, bool)>,
    closed: bool,
}

struct World {
    t: TestApp,
    shop: Shop,
    active: [bool; 5],
    cases: Vec<Case>,
    number: usize,
}

fn person(name: &Value) -> usize {
    PEOPLE.iter().position(|known| name == known).unwrap_or(usize::MAX)
}

impl World {
    async fn new(store: TestStore) -> Self {
        let t = TestApp::start_on(store).await;
        let shop = t.shop().await;
        // The loops are held, so that the log only has the events of these acts.
        t.hold().await;
        Self { t, shop, active: [true; 5], cases: Vec::new(), number: 0 }
    }

    fn pick(&self, number: u8) -> Option<usize> {
        (!self.cases.is_empty()).then(|| usize::from(number) % self.cases.len())
    }

    /// Runs a mutation, and checks that it succeeds or fails as the model predicts.
    async fn tries(&self, client: &Client, mutation: &str, input: Value, selection: &str, allowed: bool) -> Value {
        let payload = client.tries(mutation, input.clone(), selection).await;
        let done = payload["userErrors"] == json!([]);
        assert_eq!(done, allowed, "the model disagrees about {mutation} {input}: {payload}");
        payload
    }

    fn absorbed(&self, case: usize) -> Vec<usize> {
        let into = |other: &Case| other.merged.is_some_and(|(into, ..)| into == case);
        (0..self.cases.len()).filter(|other| into(&self.cases[*other])).collect()
    }

    fn give(&mut self, case: usize, to: usize) {
        for moved in self.absorbed(case).into_iter().chain([case]) {
            self.cases[moved].owner = to;
        }
    }

    async fn does(&mut self, act: Act) {
        self.number += 1;
        match act {
            Act::File { who, garden } => self.files(who % 3, garden).await,
            Act::Reassign { case, to } => {
                let (Some(case), to) = (self.pick(case), usize::from(to) % 5) else { return };
                let model = &self.cases[case];
                let allowed = self.active[to] && model.owner != to && model.merged.is_none();
                let input = json!({ "caseId": model.id, "ownerId": self.shop.id_of(PEOPLE[to]), "reason": "r", "evenIfAway": true });
                self.tries(&self.shop.admin, "reassignCase", input, "case { id }", allowed).await;
                if allowed {
                    self.cases[case].offer = None;
                    self.give(case, to);
                }
            }
            Act::Offer { .. } | Act::Accept { .. } | Act::Decline { .. } | Act::Withdraw { .. } => {
                self.hands_over(act).await;
            }
            Act::Merge { .. } | Act::Unmerge { .. } => self.merges(act).await,
            Act::Close { case } => {
                let Some(case) = self.pick(case) else { return };
                let allowed = !self.cases[case].closed && self.cases[case].merged.is_none();
                let input = json!({ "caseId": self.cases[case].id, "message": "done" });
                self.tries(&self.shop.admin, "closeCase", input, "case { id }", allowed).await;
                if allowed {
                    self.cases[case].closed = true;
                    self.cases[case].offer = None;
                }
            }
            Act::Write { case } => {
                let Some(case) = self.pick(case) else { return };
                let client = self.cases[case].client.clone();
                self.tries(&client, "addCustomerMessage", json!({ "text": "no" }), "message { id }", true).await;
                // A message on a merged case reaches the case that continues.
                let reached = self.cases[case].merged.map_or(case, |(into, ..)| into);
                self.cases[reached].closed = false;
            }
            Act::Leave { who, successor } => self.leaves(usize::from(who) % 5, usize::from(successor) % 5).await,
            Act::Away { who } => {
                let who = usize::from(who) % 5;
                let until = self.t.now() + chrono::TimeDelta::minutes(30);
                let input = json!({ "staffId": self.shop.id_of(PEOPLE[who]), "away": { "until": until } });
                self.tries(&self.shop.admin, "setAvailability", input, "staff { id }", true).await;
            }
            Act::Wait => self.t.later(chrono::TimeDelta::minutes(10)),
        }
    }

    async fn files(&mut self, customer: u8, garden: bool) {
        let text = if garden { "trampoline" } else { "broadband" };
        let input = json!({ "idempotencyKey": format!("k{}", self.number), "email": format!("c{customer}@example.com"), "text": text });
        let filed = self.shop.filed(input).await;
        let read = self
            .shop
            .admin
            .asks(
                "query($by: CaseRef!) { case(by: $by) { id owner { name active } } }",
                json!({ "by": { "reference": filed.reference } }),
            )
            .await;
        let owner = person(&read["case"]["owner"]["name"]);
        assert_eq!(read["case"]["owner"]["active"], true);
        self.cases.push(Case {
            id: read["case"]["id"].as_str().unwrap().to_owned(),
            reference: filed.reference,
            client: filed.client,
            customer,
            owner,
            offer: None,
            last_offer: None,
            merged: None,
            closed: false,
        });
    }

    async fn hands_over(&mut self, act: Act) {
        let (Act::Offer { case, .. } | Act::Accept { case, .. } | Act::Decline { case, .. } | Act::Withdraw { case }) =
            act
        else {
            return;
        };
        let Some(case) = self.pick(case) else { return };
        let model = self.cases[case].clone();
        let answer = json!({ "handoverId": model.last_offer, "reason": "no" });
        match act {
            Act::Offer { to, .. } => {
                let to = usize::from(to) % 5;
                let open = !model.closed && model.merged.is_none();
                let allowed = open && model.offer.is_none() && self.active[to] && model.owner != to;
                let input =
                    json!({ "caseId": model.id, "toId": self.shop.id_of(PEOPLE[to]), "note": "n", "evenIfAway": true });
                let made = self.tries(&self.shop.admin, "offerHandover", input, "handover { id }", allowed).await;
                if allowed {
                    let id = made["handover"]["id"].as_str().unwrap().to_owned();
                    self.cases[case].last_offer = Some(id.clone());
                    self.cases[case].offer = Some((id, to));
                }
            }
            Act::Accept { by, .. } if model.last_offer.is_some() => {
                let by = usize::from(by) % 5;
                if !self.active[by] {
                    return;
                }
                let allowed = model.offer.is_some_and(|(_, to)| to == by);
                let input = json!({ "handoverId": model.last_offer });
                self.tries(self.shop.staff(PEOPLE[by]), "acceptHandover", input, "handover { id }", allowed).await;
                if allowed {
                    self.cases[case].offer = None;
                    self.give(case, by);
                }
            }
            Act::Decline { by, .. } if model.last_offer.is_some() => {
                let by = usize::from(by) % 5;
                if !self.active[by] {
                    return;
                }
                let allowed = model.offer.is_some_and(|(_, to)| to == by);
                self.tries(self.shop.staff(PEOPLE[by]), "declineHandover", answer, "handover { id }", allowed).await;
                if allowed {
                    self.cases[case].offer = None;
                }
            }
            Act::Withdraw { .. } if model.last_offer.is_some() => {
                self.tries(&self.shop.admin, "withdrawHandover", answer, "handover { id }", model.offer.is_some())
                    .await;
                self.cases[case].offer = None;
            }
            _ => {}
        }
    }

    async fn merges(&mut self, act: Act) {
        match act {
            Act::Merge { case, into } => {
                let (Some(case), Some(into)) = (self.pick(case), self.pick(into)) else { return };
                let (one, two) = (&self.cases[case], &self.cases[into]);
                let unmerged = one.merged.is_none() && two.merged.is_none() && self.absorbed(case).is_empty();
                let swallows = two.closed && !one.closed;
                let allowed = case != into && unmerged && !swallows && one.customer == two.customer;
                let input = json!({ "caseId": one.id, "intoId": two.id, "reason": "the same" });
                let (before, owner, closed) = (one.owner, two.owner, one.closed);
                self.tries(&self.shop.admin, "mergeCases", input, "case { id }", allowed).await;
                if allowed {
                    let model = &mut self.cases[case];
                    (model.merged, model.owner, model.offer, model.closed) =
                        (Some((into, before, closed)), owner, None, true);
                }
            }
            Act::Unmerge { case } => {
                let Some(case) = self.pick(case) else { return };
                let merged = self.cases[case].merged;
                let input = json!({ "caseId": self.cases[case].id, "reason": "not the same" });
                self.tries(&self.shop.admin, "unmergeCase", input, "case { id }", merged.is_some()).await;
                if let Some((_, before, closed)) = merged {
                    let model = &mut self.cases[case];
                    (model.merged, model.closed) = (None, closed);
                    // The accountable person is not one of the model's five people and never leaves.
                    if before == usize::MAX || self.active[before] {
                        model.owner = before;
                    }
                }
            }
            _ => {}
        }
    }

    async fn leaves(&mut self, who: usize, successor: usize) {
        if !self.active[who] || self.active.iter().filter(|active| **active).count() < 3 {
            return;
        }
        let allowed = self.active[successor] && successor != who;
        let input =
            json!({ "staffId": self.shop.id_of(PEOPLE[who]), "successorId": self.shop.id_of(PEOPLE[successor]) });
        self.tries(&self.shop.admin, "deactivateStaff", input, "deactivation { casesHandedOver }", allowed).await;
        if !allowed {
            return;
        }
        self.active[who] = false;
        for case in 0..self.cases.len() {
            if self.cases[case].offer.as_ref().is_some_and(|(_, to)| *to == who) || self.cases[case].owner == who {
                self.cases[case].offer = None;
            }
            if self.cases[case].owner == who {
                // The model does not predict whom the rules choose; it only asserts that the owner has changed.
                self.cases[case].owner = self.reads(case).await.0;
                assert_ne!(self.cases[case].owner, who);
            }
        }
    }

    async fn reads(&self, case: usize) -> (usize, Value) {
        let document = "query($by: CaseRef!) { case(by: $by) { owner { name active } closedAt pendingHandover { id } mergedInto { reference } } }";
        let read = self.shop.admin.asks(document, json!({ "by": { "reference": self.cases[case].reference } })).await;
        (person(&read["case"]["owner"]["name"]), read["case"].clone())
    }

    /// Checks that every case agrees with the model.
    async fn agrees(&self) {
        for (place, model) in self.cases.iter().enumerate() {
            let (owner, read) = self.reads(place).await;
            assert_eq!(owner, model.owner, "{}: {read}", model.reference);
            assert_eq!(read["owner"]["active"], true);
            assert_eq!(read["closedAt"].is_null(), !model.closed, "{}: {read}", model.reference);
            assert_eq!(
                read["pendingHandover"]["id"].as_str(),
                model.offer.as_ref().map(|(id, _)| id.as_str()),
                "{read}"
            );
            let into = model.merged.map(|(into, ..)| self.cases[into].reference.as_str());
            assert_eq!(read["mergedInto"]["reference"].as_str(), into, "{read}");
        }
    }

    /// The log, without values that depend on the store.
    async fn log(&self) -> Vec<Value> {
        let mut log = Vec::new();
        for case in &self.cases {
            let document = "query($by: CaseRef!) { case(by: $by) { reference version events { seq at by { kind } __typename ... on OwnerChanged { from { name } to { name } reason } } } }";
            log.push(self.shop.admin.asks(document, json!({ "by": { "reference": case.reference } })).await);
        }
        log
    }
}

async fn plays(acts: Vec<Act>, store: TestStore) -> Vec<Value> {
    let mut world = World::new(store).await;
    for act in acts {
        world.does(act).await;
        world.agrees().await;
    }
    // When the service is dropped, the invariants are checked in the store.
    world.log().await
}

#[test]
fn who_answers_is_as_the_model_says_and_the_same_on_both_stores() {
    sequences(8, proptest::collection::vec(act(), 1..30), async |acts: Vec<Act>| {
        let here = plays(acts.clone(), TestStore::new().await).await;
        let on_a_file = plays(acts, TestStore::file()).await;
        assert_eq!(here, on_a_file, "the same acts give the same log");
    });
}
