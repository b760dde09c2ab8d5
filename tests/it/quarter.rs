//! Simulated quarters: random acts of everybody for thirteen weeks, on three nodes, one of which is lost at a random
//! moment. After each step, an open case has a date in the future or is late in its owner's agenda; a late case gets an
//! escalation on every working day; a commitment is open or has ended once. A failing quarter prints its seed;
//! `ANSVAR_SEED` repeats one. The suite runs three weeks; `ANSVAR_QUARTERS` runs this many whole quarters.

use std::collections::{BTreeMap, BTreeSet};

use ansvar::calendar::stored;
use ansvar::case::contact::decide::{told_again_at, told_at};
use ansvar::directory::calendar::first;
use ansvar_tests::chance::Chance;
use ansvar_tests::{Client, Shop, TestApp, text};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// The steps of one quarter: with up to 29 hours each they take thirteen weeks.
const QUARTER: usize = 150;
/// The steps in the test suite: three weeks.
const SHORT: usize = 35;

struct Quarter {
    t: TestApp,
    shop: Shop,
    chance: Chance,
    cases: Vec<(String, String, Client)>,
    number: u64,
    /// Since when a case was observed to be late with a date.
    late: BTreeMap<(String, DateTime<Utc>), DateTime<Utc>>,
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_no_quarter_is_anybody_left_waiting_unseen() {
    let from = setting("ANSVAR_SEED").unwrap_or(1);
    let (count, steps) = setting("ANSVAR_QUARTERS").map_or((1, SHORT), |count| (count, QUARTER));
    for seed in from..from + count {
        quarter(seed, steps).await;
    }
}

async fn quarter(seed: u64, steps: usize) {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let times = json!({ "sellerId": shop.id, "times": { "nextContact": { "hours": 48 }, "reply": { "hours": 24 } } });
    shop.admin.does("updateSeller", times, "seller { id }").await;
    let mut quarter = Quarter { t, shop, chance: Chance(seed), cases: Vec::new(), number: 0, late: BTreeMap::new() };
    let mut nodes = vec![quarter.t.second_node().await, quarter.t.second_node().await];
    let lost = quarter.chance.below(steps);
    for step in 0..steps {
        if step == lost {
            drop(nodes.pop());
        }
        let hours = TimeDelta::hours(i64::try_from(quarter.chance.below(30)).unwrap());
        quarter.t.later_and_settled(hours).await;
        quarter.shop = quarter.shop.at(&quarter.t);
        let base = quarter.t.base();
        for (.., customer) in &mut quarter.cases {
            *customer = customer.at(&base);
        }
        for _ in 0..=quarter.chance.below(3) {
            quarter.act().await;
        }
        quarter.t.settle().await;
        quarter.nobody_is_unseen(seed, step).await;
    }
    for node in nodes {
        node.stop().await;
    }
    // The owner gets one escalation for each broken commitment.
    let broken = "SELECT count(*) FROM commitment WHERE kind = 'ACTION' AND state = 'BROKEN'";
    let heard = "SELECT count(*) FROM escalation WHERE why = 'COMMITMENT_BROKEN' AND level = 1";
    let (broken, heard) = (quarter.t.store.number(broken).await, quarter.t.store.number(heard).await);
    assert!(broken == heard && broken > 0, "seed {seed}: {broken} were broken, {heard} told");
    let told = "SELECT count(*) FROM (SELECT case_id, to_id, why, level, raised_at FROM escalation GROUP BY case_id, to_id, why, level, raised_at HAVING count(*) > 1 AND why <> 'COMMITMENT_BROKEN') twice";
    assert_eq!(quarter.t.store.number(told).await, 0, "seed {seed}: somebody was told twice");
}

impl Quarter {
    /// A random act, which may be refused.
    async fn act(&mut self) {
        self.number += 1;
        let number = self.number;
        if self.cases.is_empty() || self.chance.below(6) == 0 {
            let name = format!("c{number}");
            let words = ["broadband", "The sauna", "trampoline"][self.chance.below(3)];
            let filed = self.shop.customer(&name, words).await;
            self.cases.push((self.shop.case_id(&filed.reference).await, filed.reference, filed.client));
            return;
        }
        let place = self.chance.below(self.cases.len());
        let (case, reference, customer) = self.cases[place].clone();
        let manager = self.shop.manager.clone();
        let day = (self.t.now() + TimeDelta::days(i64::try_from(self.chance.below(6)).unwrap()))
            .format("%Y-%m-%d")
            .to_string();
        let call = |direction: &str, outcome: &str| json!({ "source": "q", "externalId": number.to_string(), "caseId": case, "direction": direction, "outcome": outcome, "words": "w" });
        let (mutation, input) = match self.chance.below(19) {
            0 | 1 => ("sendMessage", json!({ "caseId": case, "text": "t" })),
            2 => ("sendMessage", json!({ "caseId": case, "text": "t", "nextContactBy": { "day": day } })),
            3 => ("acknowledgeCase", json!({ "caseId": case, "message": "m" })),
            4 => ("addNote", json!({ "caseId": case, "text": "n" })),
            5 => ("logPhoneCall", call("OUTBOUND", "ANSWERED")),
            6 => ("logPhoneCall", call("OUTBOUND", "NO_ANSWER")),
            7 => ("logPhoneCall", call("INBOUND", "ANSWERED")),
            8 => ("makeCommitment", json!({ "caseId": case, "what": "w", "due": { "day": day }, "place": "CALL" })),
            9 => self.ends_a_commitment(&reference, &day).await,
            10 => (
                "setPlan",
                json!({ "caseId": case, "reason": "r", "steps": [{ "what": "a", "due": { "day": day } }, { "what": "b" }] }),
            ),
            11 => ("closeCase", json!({ "caseId": case, "message": "m" })),
            12 => {
                let other = self.chance.below(self.cases.len());
                (
                    "mergeCases",
                    json!({ "caseId": case, "intoId": self.cases[other].0, "reason": "r", "sameCustomer": true }),
                )
            }
            13 => ("unmergeCase", json!({ "caseId": case, "reason": "r" })),
            14 => {
                let names: Vec<String> = self.shop.names().into_iter().map(str::to_owned).collect();
                let to = names[self.chance.below(names.len())].clone();
                (
                    "reassignCase",
                    json!({ "caseId": case, "ownerId": self.shop.id_of(&to), "reason": "r", "evenIfAway": true }),
                )
            }
            15 => (
                "changeCustomer",
                json!({ "caseId": case, "email": format!("n{number}@example.com"), "reason": "r", "sameCustomer": number.is_multiple_of(2) }),
            ),
            16 => ("reportCallSignal", json!({ "from": format!("070-111 22 {:02}", number % 4), "kind": "MISSED" })),
            17 => {
                // The link may have ended, because the case got another customer.
                let document = "mutation($input: AddCustomerMessageInput!) { addCustomerMessage(input: $input) { userErrors { code } } }";
                customer.post(document, json!({ "input": { "text": "Any news?" } })).await;
                return;
            }
            _ => {
                let document =
                    "mutation($input: AskForNewsInput!) { askForNews(input: $input) { userErrors { code } } }";
                customer.post(document, json!({ "input": {} })).await;
                return;
            }
        };
        manager.tries(mutation, input, "userErrors { code }").await;
    }

    async fn ends_a_commitment(&mut self, reference: &str, day: &str) -> (&'static str, Value) {
        let read = self.shop.reads(reference, "commitments { id }").await;
        let all = read["commitments"].as_array().unwrap().clone();
        if all.is_empty() {
            return ("addNote", json!({ "caseId": "case_none", "text": "n" }));
        }
        let id = all[self.chance.below(all.len())]["id"].clone();
        match self.chance.below(3) {
            0 => ("keepCommitment", json!({ "commitmentId": id, "evidence": "e" })),
            1 => ("renegotiateCommitment", json!({ "commitmentId": id, "due": { "day": day }, "agreed": "a" })),
            _ => ("withdrawCommitment", json!({ "commitmentId": id, "reason": "r" })),
        }
    }

    /// Checks that each open case has a future date or is late in the agenda, and that the agenda has no other late
    /// cases.
    async fn nobody_is_unseen(&mut self, seed: u64, step: usize) {
        let now = self.t.now();
        let document = "query($after: String) { agenda(scope: SELLER, kinds: [CONTACT], first: 100, after: $after) { nodes { dueAt late case { reference } } pageInfo { hasNextPage endCursor } } }";
        let (mut listed, mut late, mut after) = (BTreeSet::new(), BTreeSet::new(), Value::Null);
        loop {
            let page = self.shop.manager.asks(document, json!({ "after": after })).await["agenda"].take();
            for item in page["nodes"].as_array().unwrap() {
                let due = DateTime::parse_from_rfc3339(item["dueAt"].as_str().unwrap()).unwrap().to_utc();
                assert_eq!(item["late"], due < now, "seed {seed}, step {step}");
                listed.insert((text(&item["case"]["reference"]), due));
                if due < now {
                    late.insert(text(&item["case"]["reference"]));
                }
            }
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        let office = stored::calendar(&first("Europe/Stockholm", None, None));
        let mut open = BTreeSet::new();
        for (_, reference, _) in &self.cases {
            let read = self
                .shop
                .reads(
                    reference,
                    "nextContactDue contactLate commitments(kinds: [CONTACT]) { state } escalations { why at }",
                )
                .await;
            let Some(due) = read["nextContactDue"].as_str() else { continue };
            let due = DateTime::parse_from_rfc3339(due).unwrap().to_utc();
            open.insert((reference.clone(), due));
            assert_eq!(read["contactLate"], late.contains(reference), "seed {seed}, step {step}: {reference}");
            if due >= now {
                self.late.remove(&(reference.clone(), due));
                continue;
            }
            let late_from = *self.late.entry((reference.clone(), due)).or_insert(now);
            let told = read["escalations"].as_array().unwrap().iter();
            let told = told.filter(|one| matches!(one["why"].as_str(), Some("NOT_CONTACTED" | "NOT_ACKNOWLEDGED")));
            let told = told.map(|one| DateTime::parse_from_rfc3339(one["at"].as_str().unwrap()).unwrap().to_utc());
            let last = told.filter(|told| *told >= late_from).max();
            let next = last.map_or_else(|| told_at(&office, late_from), |last| told_again_at(&office, last));
            assert!(next > now, "seed {seed}, step {step}: {reference} is late since {due}, {next} has passed: {read}");
        }
        assert_eq!(listed, open, "seed {seed}, step {step}");
    }
}
