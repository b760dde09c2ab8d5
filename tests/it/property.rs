//! Random sequences of acts: after all acts in any order, every case has exactly one owner and the log has no gaps. The
//! invariants are checked in SQL after every sequence, when the service is dropped. A failing sequence is shrunk and
//! printed with its seed; `ANSVAR_SEED` repeats one, `ANSVAR_SEQUENCES` sets how many are run.

use ansvar_tests::{Shop, TestApp};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

/// An act of a sequence. Its numbers select from the cases and people that exist at that moment.
#[derive(Debug, Clone)]
enum Act {
    File { who: u8, words: u8 },
    FileAgain { which: u8 },
    Mail { who: u8, reply_to: u8 },
    Call { case: Option<u8> },
    Reassign { case: u8, to: u8 },
    Deactivate { who: u8 },
    Hire,
    Team { lead: u8, member: u8 },
    Publish { to: u8 },
    RequestTask { case: u8 },
    Decline { task: u8 },
    Close { case: u8 },
    Word { case: u8 },
    Change { case: u8, who: u8 },
    Clock { seconds: i16 },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (any::<u8>(), any::<u8>()).prop_map(|(who, words)| Act::File { who, words }),
        1 => any::<u8>().prop_map(|which| Act::FileAgain { which }),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(who, reply_to)| Act::Mail { who, reply_to }),
        2 => any::<Option<u8>>().prop_map(|case| Act::Call { case }),
        4 => (any::<u8>(), any::<u8>()).prop_map(|(case, to)| Act::Reassign { case, to }),
        2 => any::<u8>().prop_map(|who| Act::Deactivate { who }),
        1 => Just(Act::Hire),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(lead, member)| Act::Team { lead, member }),
        1 => any::<u8>().prop_map(|to| Act::Publish { to }),
        1 => any::<u8>().prop_map(|case| Act::RequestTask { case }),
        1 => any::<u8>().prop_map(|task| Act::Decline { task }),
        1 => any::<u8>().prop_map(|case| Act::Close { case }),
        1 => any::<u8>().prop_map(|case| Act::Word { case }),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(case, who)| Act::Change { case, who }),
        1 => any::<i16>().prop_map(|seconds| Act::Clock { seconds }),
    ]
}

/// The objects that a sequence has created so far.
struct World {
    t: TestApp,
    shop: Shop,
    people: Vec<String>,
    teams: Vec<String>,
    cases: Vec<(String, String, Option<ansvar_tests::Client>)>,
    mails: Vec<String>,
    tasks: Vec<String>,
    filed: Vec<(Value, String)>,
    number: usize,
}

fn pick<T: Clone>(things: &[T], number: u8) -> Option<T> {
    (!things.is_empty()).then(|| things[usize::from(number) % things.len()].clone())
}

impl World {
    async fn new() -> Self {
        let t = TestApp::start().await;
        let shop = t.shop().await;
        // Later acts set the clock back, but never to a time before the tokens were issued.
        t.later(chrono::TimeDelta::hours(1));
        let people = shop.names().into_iter().map(|name| shop.id_of(name).to_owned()).collect();
        let teams = shop.teams.values().cloned().collect();
        Self { t, shop, people, teams, cases: vec![], mails: vec![], tasks: vec![], filed: vec![], number: 0 }
    }

    /// Runs a mutation, which may be refused. Fails on an internal error.
    async fn tries(
        &self,
        client: &ansvar_tests::Client,
        mutation: &str,
        input: Value,
        selection: &str,
    ) -> Option<Value> {
        let payload = client.tries(mutation, input, selection).await;
        (payload["userErrors"] == json!([])).then_some(payload)
    }

    async fn does(&mut self, act: &Act) {
        self.number += 1;
        let number = self.number;
        match act {
            Act::File { .. } | Act::FileAgain { .. } | Act::Mail { .. } | Act::Call { .. } => {
                self.takes_in(act, number).await;
            }
            Act::Reassign { case, to } => {
                let (Some((id, ..)), Some(to)) = (pick(&self.cases, *case), pick(&self.people, *to)) else { return };
                self.tries(
                    &self.shop.manager,
                    "reassignCase",
                    json!({ "caseId": id, "ownerId": to, "reason": "r" }),
                    "case { id }",
                )
                .await;
            }
            Act::Deactivate { who } => {
                let Some(who) = pick(&self.people, *who).filter(|who| who != self.shop.id_of("maria")) else { return };
                self.tries(
                    &self.shop.admin,
                    "deactivateStaff",
                    json!({ "staffId": who }),
                    "deactivation { casesHandedOver }",
                )
                .await;
            }
            Act::Hire => {
                let input = json!({ "sellerId": self.shop.id, "name": format!("n{number}"), "email": format!("n{number}@shop.example") });
                let made = self
                    .tries(&self.shop.admin, "createStaff", input, "staff { id }")
                    .await
                    .expect("anybody can be hired");
                self.people.push(made["staff"]["id"].as_str().unwrap().to_owned());
            }
            Act::Team { lead, member } => {
                let (lead, member) = (pick(&self.people, *lead).unwrap(), pick(&self.people, *member).unwrap());
                let input = json!({ "sellerId": self.shop.id, "name": format!("t{number}"), "leadId": lead, "memberIds": [member] });
                if let Some(made) = self.tries(&self.shop.admin, "createTeam", input, "team { id }").await {
                    self.teams.push(made["team"]["id"].as_str().unwrap().to_owned());
                }
            }
            Act::Publish { to } => {
                let team = pick(&self.teams, *to).unwrap();
                let person = pick(&self.people, *to).unwrap();
                let rules = json!([
                    { "name": "odd", "when": [{ "textContains": ["odd"] }], "assignTo": { "staffId": person } },
                    { "name": "rest", "assignTo": { "teamId": team } },
                ]);
                self.tries(
                    &self.shop.admin,
                    "publishRuleSet",
                    json!({ "sellerId": self.shop.id, "rules": rules }),
                    "ruleSet { version }",
                )
                .await;
            }
            Act::RequestTask { case } => {
                let Some((id, ..)) = pick(&self.cases, *case) else { return };
                let input = json!({ "caseId": id, "partnerId": self.shop.partner_id("bouncy"), "title": "t", "asked": "a", "dueAt": self.t.now() + chrono::TimeDelta::days(1) });
                if let Some(made) = self.tries(&self.shop.manager, "requestTask", input, "task { id }").await {
                    self.tasks.push(made["task"]["id"].as_str().unwrap().to_owned());
                }
            }
            Act::Decline { task } => {
                let Some(task) = pick(&self.tasks, *task) else { return };
                self.tries(
                    self.shop.partner("bouncy"),
                    "declineTask",
                    json!({ "taskId": task, "reason": "not ours" }),
                    "declinedTaskId",
                )
                .await;
            }
            Act::Close { case } => {
                let Some((id, ..)) = pick(&self.cases, *case) else { return };
                self.tries(&self.shop.manager, "closeCase", json!({ "caseId": id, "message": "done" }), "case { id }")
                    .await;
            }
            Act::Word { case } => {
                let Some((_, _, Some(client))) = pick(&self.cases, *case) else { return };
                self.tries(&client, "addCustomerMessage", json!({ "text": "no" }), "message { id }")
                    .await
                    .expect("a customer may always write");
            }
            Act::Change { case, who } => {
                let Some((id, ..)) = pick(&self.cases, *case) else { return };
                let input = json!({ "caseId": id, "email": format!("c{}@example.com", who % 5), "reason": "r" });
                if self.tries(&self.shop.manager, "changeCustomer", input, "case { id }").await.is_some() {
                    // The former customer's link is no longer valid.
                    self.cases.iter_mut().filter(|case| case.0 == id).for_each(|case| case.2 = None);
                }
            }
            // The clocks of machines jump, also backwards. The tokens of this story are valid for a day.
            Act::Clock { seconds } => self.t.later(chrono::TimeDelta::milliseconds(i64::from(*seconds))),
        }
    }

    async fn takes_in(&mut self, act: &Act, number: usize) {
        match act {
            Act::File { who, words } => {
                let text = if words % 2 == 0 { "odd" } else { "broadband" };
                let input = json!({ "idempotencyKey": format!("k{number}"), "email": format!("c{}@example.com", who % 5), "text": text });
                let filed = self.shop.filed(input.clone()).await;
                self.cases.push((
                    self.shop.case_id(&filed.reference).await,
                    filed.reference.clone(),
                    Some(filed.client.clone()),
                ));
                self.filed.push((input, filed.reference));
            }
            Act::FileAgain { which } => {
                let Some((input, reference)) = pick(&self.filed, *which) else { return };
                assert_eq!(self.shop.filed(input).await.reference, reference, "the same key gives the same answer");
            }
            Act::Mail { who, reply_to } => {
                let (id, answered) = (format!("{number}@x"), pick(&self.mails, *reply_to));
                let more = answered.map(|id| format!("In-Reply-To: <{id}>\r\n")).unwrap_or_default();
                let raw =
                    ansvar_tests::people::mail(&format!("c{}@example.com", who % 5), "s", &id, &more, "broadband");
                let receipt = self.shop.mail(raw).await;
                self.mails.push(id);
                self.remember(&receipt);
            }
            Act::Call { case } => {
                let case = case.and_then(|case| pick(&self.cases, case)).map(|(id, ..)| id);
                let receipt = self
                    .shop
                    .call(json!({ "source": "p", "externalId": number.to_string(), "words": "w", "caseId": case }))
                    .await;
                self.remember(&receipt);
            }
            _ => {}
        }
    }

    fn remember(&mut self, receipt: &Value) {
        let text = |name: &str| receipt[name].as_str().unwrap().to_owned();
        if !self.cases.iter().any(|(id, ..)| *id == text("caseId")) {
            self.cases.push((text("caseId"), text("reference"), None));
        }
    }
}

/// Runs this many random sequences, or as many as `ANSVAR_SEQUENCES` says, from a seed that is printed when one fails.
pub fn sequences<T, S>(few: u32, strategy: S, play: impl AsyncFn(T) + Copy + Send + Sync + 'static)
where
    T: std::fmt::Debug + Send + 'static,
    S: Strategy<Value = T>,
{
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("ANSVAR_SEQUENCES").and_then(|count| u32::try_from(count).ok()).unwrap_or(few);
    let seed = number("ANSVAR_SEED").unwrap_or_else(|| u64::from(std::process::id()) ^ 0x00a1_15ba);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outcome = TestRunner::new_with_rng(config, rng).run(&strategy, |acts| {
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(play(acts))));
        ran.map_err(|_| TestCaseError::fail("a sequence broke something; see above"))
    });
    assert!(outcome.is_ok(), "ANSVAR_SEED={seed}: {}", outcome.unwrap_err());
}

#[test]
fn whatever_is_done_every_case_has_one_owner_and_the_log_has_no_hole() {
    sequences(12, proptest::collection::vec(act(), 1..40), async |acts: Vec<Act>| {
        let mut world = World::new().await;
        for act in &acts {
            world.does(act).await;
        }
        // When the service is dropped, the invariants are checked in the store.
    });
}
