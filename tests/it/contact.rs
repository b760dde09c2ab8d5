//! Contact with the customer: the date of the next contact, escalations when it has passed, and chases.

use ansvar_tests::people::{bounce, mail};
use ansvar_tests::watch::By;
use ansvar_tests::{Client, Shop, TestApp, Watch, text};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::clocks::{becomes, escalations, times};
use crate::mail::{HELP, complains, help_desk, reference};

/// The escalations with this reason: when each was raised, and to whom.
async fn told(shop: &Shop, reference: &str, why: &str) -> Vec<(String, String)> {
    let read = shop.reads(reference, "escalations { why at to { name } }").await;
    let all = read["escalations"].as_array().unwrap().iter().filter(|one| one["why"] == why);
    all.map(|one| (text(&one["at"])[..16].to_owned(), text(&one["to"]["name"]))).collect()
}

async fn contact(shop: &Shop, reference: &str) -> Value {
    let selection = "stage nextContactDue contactLate timesChased lastChasedAt
        commitments(kinds: [CONTACT]) { kind what state place madeBy { name } dueAt doneAt callDue }";
    shop.reads(reference, selection).await
}

async fn theirs(customer: &Client) -> Value {
    let document = "{ myCase { stage nextContactDue contactLate commitments(kinds: [CONTACT]) { what state dueAt } } }";
    customer.asks(document, json!({})).await["myCase"].take()
}

/// A call by the customer about a case.
fn rings(case: &str, number: u32, words: &str) -> Value {
    json!({ "source": "exchange", "externalId": format!("in{number}"), "caseId": case, "words": words, "from": "070-111 22 33" })
}

/// A call to the customer of a case.
fn calls(case: &str, number: u32, outcome: &str) -> Value {
    json!({ "source": "desk", "externalId": format!("out{number}"), "caseId": case, "direction": "OUTBOUND", "outcome": outcome, "words": "w" })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_only_writes_notes_is_seen_and_the_page_stays_true() {
    let t = TestApp::start().await;
    let mut shop = t.shop().await;
    // On Monday two suppliers decline their tasks, and the owner acknowledges the case.
    let karin = shop.customer("karin", "The broadband is down.").await;
    let case = shop.case_id(&karin.reference).await;
    for partner in ["fibre-north", "bouncy"] {
        let task = shop.requests_task(&t, &karin.reference, partner).await;
        shop.partner(partner)
            .does("declineTask", json!({ "taskId": task, "reason": "Not ours." }), "declinedTaskId")
            .await;
    }
    let (owner, reference) = (karin.owner_name.clone(), karin.reference.clone());
    t.later(TimeDelta::hours(1));
    let acknowledged = json!({ "caseId": case, "text": "We are looking into it." });
    shop.staff(&owner).does("sendMessage", acknowledged, "message { id }").await;
    let promised = "2026-11-03T09:00:00+00:00";
    assert_eq!(theirs(&karin.client).await["nextContactDue"], promised);
    let mut asked = 0;
    for day in 1..=22 {
        becomes(&t, &(t.now() + TimeDelta::days(1)).to_rfc3339()).await;
        shop = shop.at(&t);
        let karin = karin.client.at(&t.base());
        if day % 2 == 0 {
            let note = json!({ "caseId": case, "text": "Still waiting for the suppliers." });
            shop.staff(&owner).does("addNote", note, "message { id }").await;
        }
        match day {
            8 | 14 | 20 => {
                shop.call(rings(&case, day, "Where is it?")).await;
                asked += 1;
            }
            10 => {
                karin.does("addCustomerMessage", json!({ "text": "Is anybody there?" }), "message { id }").await;
                asked += 1;
            }
            _ => {}
        }
        let seen = theirs(&karin).await;
        assert_eq!((&seen["nextContactDue"], &seen["contactLate"]), (&json!(promised), &json!(day > 1)), "day {day}");
        assert_eq!(contact(&shop, &reference).await["timesChased"], asked, "day {day}");
        if day == 2 {
            let known = told(&shop, &reference, "NOT_CONTACTED").await;
            assert!(known.iter().any(|(_, name)| *name != owner), "a manager knows by day 2: {known:?}");
        }
    }
    let told = told(&shop, &karin.reference, "NOT_CONTACTED").await;
    // To the owner and the lead at the first opening hour after the date, then to the accountable person on each
    // working day.
    let lead = told[1].1.clone();
    assert_eq!(told[0], ("2026-11-04T09:00".into(), owner.clone()));
    assert_eq!((told[1].0.as_str(), lead != owner), ("2026-11-04T09:00", true));
    let days: Vec<&str> = told[2..].iter().map(|(at, _)| &at[..10]).collect();
    let working: Vec<String> =
        (5..=24).filter(|day| !matches!((day - 2) % 7, 5 | 6)).map(|day| format!("2026-11-{day:02}")).collect();
    assert_eq!(days, working, "each working day once, and no Saturday");
    let seen = contact(&shop, &karin.reference).await;
    assert_eq!(seen["stage"], "INVESTIGATING");
    let kept: Vec<_> = seen["commitments"].as_array().unwrap().iter().map(|one| text(&one["state"])).collect();
    assert_eq!(kept, ["KEPT", "BROKEN"], "what the form said was kept, what followed was broken, once");
    assert!(told.iter().all(|(_, to)| !to.is_empty()));
    let silent = escalations(&shop, &karin.reference).await;
    assert!(silent.iter().any(|(why, _)| why == "OWNER_SILENT"), "notes are no acts: {silent:?}");
    // One answer ends this: there is a new date, her messages are answered, and no more escalations are raised.
    let words =
        json!({ "caseId": case, "text": "A technician comes on Thursday.", "nextContactBy": { "day": "2026-11-26" } });
    shop.staff(&owner).does("sendMessage", words, "message { id }").await;
    let read = contact(&shop, &karin.reference).await;
    assert_eq!((&read["nextContactDue"], &read["contactLate"]), (&json!("2026-11-26T23:00:00+00:00"), &json!(false)));
    let said = shop.reads(&karin.reference, "messages { by { kind } visibility answeredAt }").await;
    let said = said["messages"].as_array().unwrap();
    let hers = said.iter().filter(|one| one["by"]["kind"] == "CUSTOMER");
    assert!(hers.clone().count() == 5 && hers.clone().all(|one| !one["answeredAt"].is_null()), "{said:?}");
    t.later_and_settled(TimeDelta::days(1)).await;
    assert_eq!(self::told(&shop.at(&t), &karin.reference, "NOT_CONTACTED").await.len(), told.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_contact_sets_the_next_one_and_what_is_none_sets_nothing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "nextContact": { "hours": 48 } })).await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let owner = shop.staff(&asa.owner_name);
    let mut live = Watch::my_case(&t, &asa.client, By::WebSocket, &asa.reference, None).await;
    let opened = contact(&shop, &asa.reference).await;
    let first = json!({
        "kind": "CONTACT", "what": "You hear from us", "state": "OPEN", "place": "ACKNOWLEDGEMENT", "madeBy": null,
        "dueAt": "2026-11-03T08:00:00+00:00", "doneAt": null, "callDue": false,
    });
    assert_eq!((&opened["stage"], &opened["commitments"]), (&json!("RECEIVED"), &json!([first])));
    // A note, an attempt to call and a partner's message are not contacts.
    t.later(TimeDelta::hours(1));
    owner.does("addNote", json!({ "caseId": case, "text": "n" }), "message { id }").await;
    owner.does("logPhoneCall", calls(&case, 1, "NO_ANSWER"), "receipt { reference }").await;
    owner.does("logPhoneCall", calls(&case, 2, "VOICEMAIL"), "receipt { reference }").await;
    assert_eq!(contact(&shop, &asa.reference).await, opened);
    // An answered call is a contact, and sets the date that was given in it. The case is no longer RECEIVED.
    let mut answered = calls(&case, 3, "ANSWERED");
    answered["nextContactBy"] = json!({ "day": "2026-11-06" });
    answered["commitments"] = json!([{ "what": "A router is sent", "due": { "day": "2026-11-05" } }]);
    owner.does("logPhoneCall", answered, "receipt { reference }").await;
    let read = contact(&shop, &asa.reference).await;
    assert_eq!(
        (&read["stage"], &read["nextContactDue"]),
        (&json!("ACKNOWLEDGED"), &json!("2026-11-06T23:00:00+00:00"))
    );
    let made = shop.reads(&asa.reference, "commitments { what place madeBy { name } }").await["commitments"].take();
    let router = json!({ "what": "A router is sent", "place": "CALL", "madeBy": { "name": asa.owner_name } });
    assert_eq!(made, json!([router]));
    // After a message without a date, the next contact is due by the service level, counted from now.
    t.later(TimeDelta::hours(1));
    owner.does("sendMessage", json!({ "caseId": case, "text": "It is on its way." }), "message { id }").await;
    assert_eq!(contact(&shop, &asa.reference).await["nextContactDue"], "2026-11-04T10:00:00+00:00");
    // A visit of the customer is a contact, and so is a partner's update that the owner publishes.
    let visit = json!({ "source": "shop", "externalId": "1", "words": "I am here", "caseId": case, "nextContactBy": { "at": "2026-11-09T10:00:00Z" } });
    owner.does("logVisit", visit, "receipt { reference }").await;
    assert_eq!(contact(&shop, &asa.reference).await["nextContactDue"], "2026-11-09T10:00:00+00:00");
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let update = json!({ "taskId": task, "eta": "2026-11-05T10:00:00Z" });
    shop.partner("fibre-north").does("acceptTask", update, "task { id }").await;
    let update = json!({ "taskId": task, "text": "The cable is cut." });
    let update = shop.partner("fibre-north").does("updateTask", update, "task { updates { id } }").await;
    let update = update["task"]["updates"][0]["id"].clone();
    assert_eq!(
        contact(&shop, &asa.reference).await["nextContactDue"],
        "2026-11-09T10:00:00+00:00",
        "partners' news are none"
    );
    let words = json!({ "taskUpdateId": update, "text": "A cable is cut.", "nextContactBy": { "day": "2026-11-10" } });
    owner.does("publishTaskUpdate", words, "message { id }").await;
    let read = contact(&shop, &asa.reference).await;
    assert_eq!(read["nextContactDue"], "2026-11-10T23:00:00+00:00");
    let states: Vec<_> = read["commitments"].as_array().unwrap().iter().map(|one| text(&one["state"])).collect();
    assert_eq!(states, ["KEPT", "KEPT", "KEPT", "KEPT", "OPEN"]);
    // Invalid dates are refused, and so is a date for an act that is not a contact.
    for (by, field) in [
        (json!({ "at": t.now() }), "nextContactBy"),
        (json!({ "day": "2026-11-01" }), "nextContactBy"),
        (json!({ "day": "2027-06-01" }), "nextContactBy"),
    ] {
        let words = json!({ "caseId": case, "text": "t", "nextContactBy": by });
        assert_eq!(owner.fails("sendMessage", words).await, [("INVALID".into(), field.into())], "{by}");
    }
    let mut attempt = calls(&case, 4, "NO_ANSWER");
    attempt["nextContactBy"] = json!({ "day": "2026-11-11" });
    assert_eq!(owner.fails("logPhoneCall", attempt).await, [("INVALID".into(), "nextContactBy".into())]);
    // The customer saw each new date when it was set.
    let kinds: Vec<String> = live.seen(&t).await.iter().map(|event| text(&event["kind"])).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "NEXT_CONTACT_CHANGED").count(), 4, "{kinds:?}");
    live.cut();
    // Closing the case keeps the last promise and makes no new one.
    owner.does("keepCommitment", json!({ "commitmentId": shop.reads(&asa.reference, "commitments { id }").await["commitments"][0]["id"], "evidence": "sent" }), "commitment { id }").await;
    owner.does("closeCase", json!({ "caseId": case, "message": "Done." }), "case { id }").await;
    let read = contact(&shop, &asa.reference).await;
    assert_eq!((&read["nextContactDue"], &read["contactLate"]), (&Value::Null, &json!(false)));
    assert!(read["commitments"].as_array().unwrap().iter().all(|one| one["state"] == "KEPT"), "{read}");
    // The date in the automatic acknowledgement counts for the seller, the other dates for the people who gave them.
    let document = "{ commitmentMeasures(from: \"2026-11-01T00:00:00Z\", until: \"2026-12-01T00:00:00Z\", kinds: [CONTACT]) { total { kept } byOthers { kept } byPerson { counts { kept } } } }";
    let counted = shop.manager.asks(document, json!({})).await["commitmentMeasures"].take();
    let own = json!({ "counts": { "kept": 4 } });
    assert_eq!(counted, json!({ "total": { "kept": 5 }, "byOthers": { "kept": 1 }, "byPerson": [own] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_when_they_are_at_work_and_once_a_day() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    // The complaint is filed on Friday at 18:00, so the first contact is due on Saturday at 18:00.
    becomes(&t, "2026-11-06T18:00:00+01:00").await;
    let shop = shop.at(&t);
    let asa = shop.customer("asa", "broadband").await;
    becomes(&t, "2026-11-07T18:00:01+01:00").await;
    let shop = shop.at(&t);
    let read = contact(&shop, &asa.reference).await;
    assert_eq!(
        (&read["contactLate"], &read["commitments"][0]["state"]),
        (&json!(true), &json!("BROKEN")),
        "at its second"
    );
    assert_eq!(escalations(&shop, &asa.reference).await, [], "nobody is at work");
    becomes(&t, "2026-11-09T07:59:59+01:00").await;
    assert_eq!(escalations(&shop.at(&t), &asa.reference).await, []);
    becomes(&t, "2026-11-09T08:00:00+01:00").await;
    let shop = shop.at(&t);
    let first = escalations(&shop, &asa.reference).await;
    let not = |to: &str| ("NOT_ACKNOWLEDGED".to_owned(), to.to_owned());
    assert_eq!(first, [not(&asa.owner_name), not(&first[1].1)]);
    becomes(&t, "2026-11-09T17:00:00+01:00").await;
    assert_eq!(
        escalations(&shop.at(&t), &asa.reference).await.iter().filter(|(why, _)| why == "NOT_ACKNOWLEDGED").count(),
        2
    );
    becomes(&t, "2026-11-10T08:00:00+01:00").await;
    let shop = shop.at(&t);
    let next = escalations(&shop, &asa.reference).await;
    let next: Vec<_> = next.into_iter().filter(|(why, _)| why == "NOT_ACKNOWLEDGED").collect();
    assert_eq!(next[2..], [not("Elin")], "on the next working day the accountable person");
    // The timers are not handled during Wednesday. The escalation is raised at night, and not postponed until the
    // morning.
    becomes(&t, "2026-11-11T22:00:00+01:00").await;
    let told = escalations(&shop.at(&t), &asa.reference).await;
    assert_eq!(told.iter().filter(|(why, _)| why == "NOT_ACKNOWLEDGED").count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_comes_back_was_no_contact() {
    let (sink, t, shop) = help_desk().await;
    let (reference, case) = complains(&sink, &t, &shop).await;
    let owner = shop.owner_of(&reference).await;
    let asks = mail("karin@example.com", &format!("Re: [{reference}]"), "2@example.com", "", "Any news?");
    t.later(TimeDelta::hours(1));
    t.hands_over("karin@example.com", &[HELP], &asks).await;
    t.settle().await;
    let before = contact(&shop, &reference).await;
    assert_eq!(before["nextContactDue"], "2026-11-03T08:00:00+00:00");
    let words = json!({ "caseId": case, "text": "We send a frame.", "nextContactBy": { "day": "2026-11-12" } });
    shop.staff(&owner).does("sendMessage", words, "message { id }").await;
    assert_eq!(contact(&shop, &reference).await["nextContactDue"], "2026-11-12T23:00:00+00:00");
    let letter = sink.letters(3).await[2].clone();
    let returned = bounce(&letter.from, "karin@example.com");
    t.hands_over("", &[&letter.from], &returned).await;
    t.settle().await;
    // The former date applies again, her question counts as unanswered, and a call is due.
    let after = contact(&shop, &reference).await;
    assert_eq!((&after["nextContactDue"], &after["contactLate"]), (&before["nextContactDue"], &json!(false)));
    let states: Vec<_> = after["commitments"].as_array().unwrap().iter().map(|one| text(&one["state"])).collect();
    assert_eq!(states, ["KEPT", "OPEN", "WITHDRAWN"]);
    let said = shop.reads(&reference, "messages { by { kind } text answeredAt } callsDue { id }").await;
    let hers = said["messages"].as_array().unwrap().iter().find(|one| one["text"] == "Any news?").unwrap();
    assert_eq!(hers["answeredAt"], Value::Null);
    assert_eq!(said["callsDue"].as_array().unwrap().len(), 1);
    becomes(&t, "2026-11-03T08:00:01+00:00").await;
    let shop = shop.at(&t);
    assert_eq!(contact(&shop, &reference).await["contactLate"], true);
    assert!(escalations(&shop, &reference).await.iter().any(|(why, _)| why == "NOT_ACKNOWLEDGED"));
    // A message does not reach a customer without an address: it is not a contact, and a call is due.
    let caller = json!({ "source": "exchange", "externalId": "9", "words": "broadband", "from": "070-999 88 77", "callerName": "Ove" });
    let said =
        shop.gateway.does("logPhoneCall", caller, "receipt { reference caseId readOut }").await["receipt"].take();
    let (ove, id) = (text(&said["reference"]), text(&said["caseId"]));
    let read_out = text(&said["readOut"]);
    assert!(read_out.contains(&ove) && read_out.contains("onsdag 4 november 2026 kl. 09.00"), "{read_out}");
    shop.manager.does("sendMessage", json!({ "caseId": id, "text": "Hello?" }), "message { id }").await;
    let read = contact(&shop, &ove).await;
    assert_eq!((&read["stage"], &read["nextContactDue"]), (&json!("RECEIVED"), &json!("2026-11-04T08:00:01+00:00")));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_letters_that_all_come_back_none_was_a_contact_in_whatever_order() {
    let (sink, t, shop) = help_desk().await;
    for (number, order) in [[0, 1], [1, 0]].into_iter().enumerate() {
        let from = format!("k{number}@example.com");
        let first = mail(&from, "Trampoline", &format!("{number}@example.com"), "", "The frame is cracked");
        t.hands_over(&from, &[HELP], &first).await;
        t.settle().await;
        let reference = reference(&sink.letters(3 * number + 1).await[3 * number]);
        let case = shop.case_id(&reference).await;
        let before = contact(&shop, &reference).await["nextContactDue"].clone();
        let mut letters = Vec::new();
        for day in ["2026-11-12", "2026-11-19"] {
            t.later(TimeDelta::minutes(1));
            let words = json!({ "caseId": case, "text": day, "nextContactBy": { "day": day } });
            shop.manager.does("sendMessage", words, "message { id }").await;
            t.settle().await;
            letters.push(sink.letters(3 * number + 1 + letters.len() + 1).await.last().unwrap().clone());
        }
        for which in order {
            let from = &letters[which].from;
            let returned = bounce(from, &format!("k{number}@example.com"));
            t.hands_over("", &[from], &returned).await;
            t.settle().await;
        }
        let after = contact(&shop, &reference).await;
        assert_eq!(after["nextContactDue"], before, "{order:?}: {after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_to_ask_is_counted_once_a_working_day() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "firstContact": { "hours": 240 }, "reply": { "hours": 48 } })).await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let chased = async |shop: &Shop| contact(shop, &asa.reference).await["timesChased"].as_i64().unwrap();
    let writes = async |t: &TestApp, words: &str| {
        let client = asa.client.at(&t.base());
        client.does("addCustomerMessage", json!({ "text": words }), "message { id }").await;
    };
    // Nothing is late and no reply is due, so a first addition is not a chase, and neither are thanks.
    t.later(TimeDelta::hours(1));
    writes(&t, "I forgot the photo.").await;
    assert_eq!(chased(&shop).await, 0);
    writes(&t, "Tack!").await;
    assert_eq!(chased(&shop).await, 0);
    // A second question is a chase while the first is unanswered. A third on the same day does not count again.
    writes(&t, "Have you seen it?").await;
    writes(&t, "Hello?").await;
    shop.call(rings(&case, 1, "Hello?")).await;
    assert_eq!(chased(&shop).await, 1);
    let events = shop.reads(&asa.reference, "events { __typename ... on CaseChased { how times } }").await;
    let events: Vec<_> =
        events["events"].as_array().unwrap().iter().filter(|one| one["__typename"] == "CaseChased").collect();
    assert_eq!(events, [&json!({ "__typename": "CaseChased", "how": "MESSAGE", "times": 1 })]);
    // Saturday, Sunday and Monday count as one working day.
    for (at, times) in [
        ("2026-11-07T12:00:00Z", 2),
        ("2026-11-08T12:00:00Z", 2),
        ("2026-11-09T12:00:00Z", 2),
        ("2026-11-10T12:00:00Z", 3),
    ] {
        becomes(&t, at).await;
        let shop = shop.at(&t);
        let asked = asa.client.at(&t.base()).does("askForNews", json!({}), "case { reference nextContactDue }").await;
        assert_eq!(asked["case"]["reference"], asa.reference.as_str());
        assert_eq!(chased(&shop).await, times, "{at}");
    }
    let shop = shop.at(&t);
    let clocks = shop.reads(&asa.reference, "clocks { kind }").await["clocks"].take();
    assert!(clocks.as_array().unwrap().iter().any(|clock| clock["kind"] == "REPLY_BY"), "{clocks}");
    // Only the customer may use `askForNews`, and only on an open case.
    assert_eq!(shop.manager.fails("askForNews", json!({})).await[0].0, "FORBIDDEN");
    shop.manager.does("closeCase", json!({ "caseId": case, "message": "m" }), "case { id }").await;
    assert_eq!(asa.client.at(&t.base()).fails("askForNews", json!({})).await[0].0, "INVALID_TRANSITION");
    assert_eq!(chased(&shop).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_answered_is_a_chase_where_it_is_clear_and_otherwise_work() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let first = json!({ "source": "exchange", "externalId": "1", "words": "broadband", "from": "070-111 22 33", "callerName": "Ove" });
    let ove = shop.call(first).await;
    let (reference, case) = (text(&ove["reference"]), text(&ove["caseId"]));
    let owner = text(&ove["ownerName"]);
    let missed = |from: &str, kind: &str| json!({ "from": from, "kind": kind });
    let selection = "callSignal { id number day kind calls endedAt case { reference } candidates { name } }";
    let report =
        async |input: Value| shop.manager.does("reportCallSignal", input, selection).await["callSignal"].take();
    // A telephone exchange can report a signal, but sees no cases and customers.
    let other = shop.gateway.does("reportCallSignal", missed("070-555 44 33", "MISSED"), selection).await;
    assert_eq!((&other["callSignal"]["case"], &other["callSignal"]["candidates"]), (&Value::Null, &json!([])));
    let end = json!({ "callSignalId": other["callSignal"]["id"] });
    shop.manager.does("endCallSignal", end, "callSignal { id }").await;
    let one = report(missed("070-1112233", "MISSED")).await;
    assert_eq!(
        (&one["number"], &one["calls"], &one["case"]["reference"]),
        (&json!("+46701112233"), &json!(1), &json!(reference))
    );
    let again = report(missed("+46 70 111 22 33", "ABANDONED")).await;
    assert_eq!((&again["id"], &again["calls"], &again["kind"]), (&one["id"], &json!(2), &json!("ABANDONED")));
    assert_eq!(contact(&shop, &reference).await["timesChased"], 1, "once a day");
    let work = async |client: &Client, scope: &str| {
        let document = "query($scope: AgendaScope!) { agenda(scope: $scope, kinds: [CALL_CUSTOMER, CALL_BACK]) { nodes { kind acts why case { reference } callSignal { number candidates { name } } } counts { kind number } } }";
        client.asks(document, json!({ "scope": scope })).await["agenda"].take()
    };
    let mine = work(shop.staff(&owner), "MINE").await;
    assert_eq!(mine["counts"], json!([{ "kind": "CALL_CUSTOMER", "number": 1 }]));
    assert_eq!(mine["nodes"][0]["callSignal"]["number"], "+46701112233");
    // A number that has called about no case, or about two, is connected with no case.
    let stranger = report(missed("08-123 45 67", "VOICEMAIL")).await;
    assert_eq!((&stranger["case"], &stranger["candidates"]), (&Value::Null, &json!([])));
    let twin = json!({ "source": "exchange", "externalId": "2", "words": "The sauna", "from": "070-111 22 33", "callerName": "Ove" });
    shop.call(twin).await;
    let both = report(missed("070-111 22 33", "MISSED")).await;
    assert_eq!((&both["calls"], &both["case"]), (&json!(3), &Value::Null), "it may be about either");
    let seller = work(&shop.manager, "SELLER").await;
    let kinds: Vec<_> =
        seller["counts"].as_array().unwrap().iter().map(|one| (text(&one["kind"]), one["number"].clone())).collect();
    assert_eq!(kinds, [("CALL_BACK".to_owned(), json!(2))], "{seller}");
    // Signals without a case are in the accountable person's agenda. A later answered call ends one. No case was
    // opened.
    assert_eq!(work(&shop.admin, "MINE").await["nodes"].as_array().unwrap().len(), 2);
    let called = json!({ "source": "desk", "externalId": "3", "caseId": case, "direction": "OUTBOUND", "to": "0701112233", "words": "w" });
    shop.staff(&owner).does("logPhoneCall", called, "receipt { reference }").await;
    let left = work(&shop.manager, "SELLER").await;
    assert_eq!(left["nodes"][0]["callSignal"]["number"], "+4681234567");
    assert_eq!(left["nodes"].as_array().unwrap().len(), 1);
    // The other signal is ended because it needs no call back. If the number calls again, a call back is due again.
    let end = json!({ "callSignalId": stranger["id"] });
    shop.manager.does("endCallSignal", end.clone(), "callSignal { endedAt }").await;
    assert_eq!(shop.manager.fails("endCallSignal", end).await[0].0, "INVALID_TRANSITION");
    assert_eq!(work(&shop.manager, "SELLER").await["nodes"], json!([]));
    assert_eq!(report(missed("08-123 45 67", "MISSED")).await["endedAt"], Value::Null);
    assert_eq!(shop.manager.asks("{ cases { totalCount } }", json!({})).await["cases"]["totalCount"], 2);
    // Refused are numbers that cannot be called back, times that are too old or in the future, and callers other than
    // staff and exchanges.
    for (input, field) in [
        (missed("anonymous", "MISSED"), "from"),
        (json!({ "from": "070-1", "kind": "MISSED", "at": "2026-11-02T09:00:00Z" }), "from"),
        (json!({ "from": "070-111 22 33", "kind": "MISSED", "at": "2026-11-02T09:00:00Z" }), "at"),
        (json!({ "from": "070-111 22 33", "kind": "MISSED", "at": "2026-10-25T09:00:00Z" }), "at"),
    ] {
        assert_eq!(
            shop.gateway.fails("reportCallSignal", input.clone()).await,
            [("INVALID".into(), field.into())],
            "{input}"
        );
    }
    assert_eq!(shop.widget.fails("reportCallSignal", missed("070-111 22 33", "MISSED")).await[0].0, "FORBIDDEN");
}
