//! Calendars, service levels, pauses, legal clocks, and `previewClock`.

use ansvar_tests::people::Shop;
use ansvar_tests::{Client, TestApp, golden};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// Advances the time to this instant, and returns when everything that is due by then is done.
pub async fn becomes(t: &TestApp, at: &str) {
    let at: DateTime<Utc> = DateTime::parse_from_rfc3339(at).unwrap().to_utc();
    t.later_and_settled(at - t.now()).await;
}

async fn clock(shop: &Shop, reference: &str, kind: &str) -> Value {
    let read = shop.reads(reference, "clocks { kind startedAt dueAt state why deadlineOf }").await;
    read["clocks"].as_array().unwrap().iter().find(|clock| clock["kind"] == kind).cloned().unwrap_or_default()
}

pub async fn calendar(shop: &Shop, change: Value) {
    let mut input = json!({ "sellerId": shop.id });
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    shop.admin.does("setCalendar", input, "seller { id }").await;
}

pub async fn times(shop: &Shop, times: Value) {
    shop.admin.does("updateSeller", json!({ "sellerId": shop.id, "times": times }), "seller { id }").await;
}

fn working(hours: i32) -> Value {
    json!({ "hours": hours, "counted": "WORKING" })
}

pub async fn escalations(shop: &Shop, reference: &str) -> Vec<(String, String)> {
    let read = shop.reads(reference, "escalations { why to { name } }").await;
    let told = read["escalations"].as_array().unwrap().iter();
    let pair = |row: &Value| (row["why"].as_str().unwrap().to_owned(), row["to"]["name"].as_str().unwrap().to_owned());
    told.map(pair).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn working_hours_skip_the_night_the_weekend_and_the_holidays() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "firstContact": working(4), "ownerActs": working(9) })).await;
    becomes(&t, "2026-12-23T16:00:00+01:00").await;
    let shop = shop.at(&t);
    let asa = shop.customer("asa", "broadband").await;
    // One hour on the 23rd; then Christmas Eve, two holidays and a Sunday; three hours on Monday the 28th.
    let due = "2026-12-28T10:00:00+00:00";
    let read = asa.client.asks("{ myCase { nextContactDue } }", json!({})).await;
    assert_eq!(read["myCase"]["nextContactDue"], due);
    let shown = clock(&shop, &asa.reference, "ACKNOWLEDGE_BY").await;
    assert_eq!(shown["dueAt"], due);
    assert_eq!(shown["startedAt"], "2026-12-23T15:00:00+00:00");
    assert_eq!(shown["why"], "The customer hears from the owner: within 4 working hours.");
    assert_eq!(shown["state"], "RUNNING");
    becomes(&t, "2026-12-28T10:59:59+01:00").await;
    assert_eq!(escalations(&shop.at(&t), &asa.reference).await, []);
    becomes(&t, "2026-12-28T11:00:01+01:00").await;
    let shop = shop.at(&t);
    assert_eq!(
        escalations(&shop, &asa.reference).await,
        [("NOT_ACKNOWLEDGED".into(), asa.owner_name.clone()), ("NOT_ACKNOWLEDGED".into(), "Elin".into())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_example_of_the_page_about_clocks_is_true() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let page = std::fs::read_to_string(golden::root().join("docs/clocks.md")).unwrap();
    let examples: Vec<Value> = page
        .split("```json clock\n")
        .skip(1)
        .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap())
        .collect();
    assert!(examples.len() >= 8, "the page explains each span by an example");
    let clocks: Vec<Value> = examples
        .iter()
        .map(|example| json!({ "start": example["start"], "span": example["span"], "pauses": example.get("pauses").unwrap_or(&json!([])) }))
        .collect();
    let query = "query($clocks: [ClockInput!]!, $seller: ID!) { previewClock(sellerId: $seller, clocks: $clocks) { due steps } }";
    let read = shop.manager.asks(query, json!({ "clocks": clocks, "seller": shop.id })).await;
    for (example, counted) in examples.iter().zip(read["previewClock"].as_array().unwrap()) {
        let instant = |value: &Value| DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap().to_utc();
        assert_eq!(instant(&counted["due"]), instant(&example["due"]), "{example}");
        assert!(counted["steps"].as_array().unwrap().len() >= 3, "{counted}");
    }
    let first = &read["previewClock"][0]["steps"];
    assert_eq!(
        *first,
        json!([
            "Begins Friday 2026-11-27 16:55 +01:00.",
            "Friday 2026-11-27 16:55 +01:00 to Friday 2026-11-27 17:00 +01:00: 5 min counted, 55 min left.",
            "Saturday 2026-11-28 – Sunday 2026-11-29: closed.",
            "Monday 2026-11-30 08:00 +01:00 to Monday 2026-11-30 08:55 +01:00: 55 min counted, 0 min left.",
            "Due Monday 2026-11-30 08:55 +01:00."
        ])
    );
    let swedish = shop.manager.reading("sv").asks(query, json!({ "clocks": [clocks[1]], "seller": shop.id })).await;
    assert_eq!(swedish["previewClock"][0]["steps"][2], "torsdag 2026-12-24: helgdag, Julafton.");
}

async fn preview(client: &Client, calendar: Value, clocks: Value) -> Value {
    let query = "query($calendar: CalendarInput, $sellerId: ID, $clocks: [ClockInput!]!) {
        previewClock(calendar: $calendar, sellerId: $sellerId, clocks: $clocks) { due elapsedSeconds elapsedDays met } }";
    client.asks(query, json!({ "calendar": calendar, "clocks": clocks })).await["previewClock"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clocks_are_counted_at_once_and_more_are_refused() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let weekdays = json!({ "timeZone": "UTC", "hours": [
        { "days": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"], "from": "00:00", "until": "24:00" }] });
    let ticket = |end: &str| json!({ "start": "2026-11-27T20:00:00+00:00", "end": end, "span": { "unit": "WORKING_SECONDS", "count": 28_800 } });
    let some = json!([ticket("2026-11-30T04:00:00+00:00"), ticket("2026-11-30T04:00:01+00:00")]);
    assert_eq!(
        preview(&shop.manager, weekdays.clone(), some).await,
        json!([
            { "due": "2026-11-30T04:00:00+00:00", "elapsedSeconds": 28_800, "elapsedDays": null, "met": true },
            { "due": "2026-11-30T04:00:00+00:00", "elapsedSeconds": 28_801, "elapsedDays": null, "met": false },
        ])
    );
    let many: Vec<Value> = (0..1_000).map(|_| ticket("2026-11-30T04:00:00+00:00")).collect();
    assert_eq!(preview(&shop.manager, weekdays.clone(), json!(many)).await.as_array().unwrap().len(), 1_000);
    let query = "query($calendar: CalendarInput, $sellerId: ID, $clocks: [ClockInput!]!) {
        previewClock(calendar: $calendar, sellerId: $sellerId, clocks: $clocks) { due } }";
    let asks =
        |clocks: Value| shop.manager.is_refused(query, json!({ "calendar": weekdays.clone(), "clocks": clocks }));
    assert_eq!(asks(json!(vec![ticket("2026-11-30T04:00:00+00:00"); 1_001])).await, "TOO_LONG");
    // Spans that are so long that computing them all would take a second of processor time.
    let long = json!({ "start": "2026-11-27T20:00:00+00:00", "span": { "unit": "WORKING_DAYS", "count": 2_000 } });
    assert_eq!(asks(json!(vec![long; 1_000])).await, "INVALID");
    let never = json!({ "timeZone": "UTC", "hours": [] });
    let refused =
        shop.manager.is_refused(query, json!({ "calendar": never, "clocks": [ticket("2026-11-30T04:00:00+00:00")] }));
    assert_eq!(refused.await, "INVALID");
    // Only staff may use it, and only with their own seller's calendar.
    let other = shop.another(&t, "Other").await;
    let foreign = json!({ "sellerId": shop.id, "clocks": [ticket("2026-11-30T04:00:00+00:00")] });
    assert_eq!(other.manager.is_refused(query, foreign.clone()).await, "NOT_FOUND");
    assert_eq!(t.anybody().is_refused(query, foreign.clone()).await, "UNAUTHENTICATED");
    assert_eq!(shop.widget.is_refused(query, foreign).await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_has_its_history_and_what_is_senseless_is_refused() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    calendar(&shop, json!({ "days": [{ "date": "2026-11-05", "name": "Stocktaking" }], "holidays": { "country": "DE", "region": "BY" } })).await;
    let query = "{ sellers { timeZone businessHours { from } calendar { number timeZone holidays { country region eves } days { date name hours { from } } }
        pastCalendars { until replacedBy { id } calendar { number holidays { country } days { date } } } } }";
    let read = shop.admin.asks(query, json!({})).await;
    let seller = &read["sellers"][0];
    assert_eq!(seller["calendar"]["number"], 2);
    assert_eq!(seller["calendar"]["holidays"], json!({ "country": "DE", "region": "BY", "eves": true }));
    assert_eq!(seller["calendar"]["days"], json!([{ "date": "2026-11-05", "name": "Stocktaking", "hours": [] }]));
    assert_eq!(seller["businessHours"][0]["from"], "08:00");
    assert_eq!(
        seller["pastCalendars"][0]["calendar"],
        json!({ "number": 1, "holidays": { "country": "SE" }, "days": [] })
    );
    assert_eq!(seller["pastCalendars"][0]["replacedBy"]["id"], shop.admin_id);
    let refused = |change: Value| {
        let mut input = json!({ "sellerId": shop.id });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        shop.admin.fails("setCalendar", input)
    };
    for (change, field) in [
        (json!({ "hours": [] }), "hours"),
        (json!({ "timeZone": "Europe/Nowhere" }), "timeZone"),
        (json!({ "holidays": { "country": "XX" } }), "holidays.country"),
        (json!({ "holidays": { "country": "SE", "region": "BY" } }), "holidays.region"),
        (json!({ "noHolidays": true, "holidays": { "country": "SE" } }), "noHolidays"),
        (
            json!({ "days": [{ "date": "2026-11-05", "name": "a" }, { "date": "2026-11-05", "name": "b" }] }),
            "days.1.date",
        ),
        (
            json!({ "days": [{ "date": "2026-11-05", "name": "a", "hours": [{ "from": "12:00", "until": "08:00" }] }] }),
            "days.0.hours",
        ),
    ] {
        assert_eq!(refused(change.clone()).await[0].1, field, "{change}");
    }
    let staff = shop.manager.fails("setCalendar", json!({ "sellerId": shop.id, "noHolidays": true })).await;
    assert_eq!(staff[0].0, "FORBIDDEN");
    let query = "{ holidays(country: \"SE\", year: 2026) { date name localName category } }";
    let days = shop.manager.asks(query, json!({})).await["holidays"].clone();
    let eve = days.as_array().unwrap().iter().find(|day| day["date"] == "2026-06-19").unwrap();
    assert_eq!(
        *eve,
        json!({ "date": "2026-06-19", "name": "Midsummer Eve", "localName": "Midsommarafton", "category": "EVE" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_works_by_its_own_calendar_and_its_cases_clocks_do() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "firstContact": working(2) })).await;
    // The garden team works on Saturdays only, in another zone.
    let hours = json!([{ "days": ["SATURDAY"], "from": "10:00", "until": "14:00" }]);
    let input =
        json!({ "teamId": shop.teams["garden"], "timeZone": "Europe/Helsinki", "hours": hours, "noHolidays": true });
    shop.admin.does("setCalendar", input, "seller { id }").await;
    let garden = shop.customer("asa", "sauna").await;
    let broadband = shop.customer("bea", "broadband").await;
    assert_eq!(clock(&shop, &garden.reference, "ACKNOWLEDGE_BY").await["dueAt"], "2026-11-07T10:00:00+00:00");
    assert_eq!(clock(&shop, &broadband.reference, "ACKNOWLEDGE_BY").await["dueAt"], "2026-11-02T10:00:00+00:00");
    // When a person of the other team becomes the owner, `ownerActs` is counted on that team's calendar.
    times(&shop, json!({ "ownerActs": working(1) })).await;
    let case = shop.case_id(&broadband.reference).await;
    let input = json!({ "caseId": case, "ownerId": shop.id_of("dag"), "reason": "r" });
    shop.manager.does("reassignCase", input, "case { id }").await;
    // The time starts with the new owner, on the new calendar. A note does not change it.
    shop.staff("dag").does("addNote", json!({ "caseId": case, "text": "n" }), "message { id }").await;
    assert_eq!(clock(&shop, &broadband.reference, "OWNER_ACTS_BY").await["dueAt"], "2026-11-07T09:00:00+00:00");
    // The team uses the seller's calendar again.
    shop.admin.does("setCalendar", json!({ "teamId": shop.teams["garden"], "asSeller": true }), "seller { id }").await;
    let read = shop
        .admin
        .asks("{ sellers { teams { name calendar { number } pastCalendars { calendar { timeZone } } } } }", json!({}))
        .await;
    let teams = read["sellers"][0]["teams"].as_array().unwrap();
    let garden = teams.iter().find(|team| team["name"] == "garden").unwrap();
    assert_eq!(garden["calendar"], Value::Null);
    assert_eq!(
        garden["pastCalendars"],
        json!([{ "calendar": { "timeZone": "Europe/Helsinki" } }, { "calendar": null }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_writes_waits_for_a_reply_and_the_answer_can_be_paused_by_what_they_see() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "reply": working(4), "answer": working(40) })).await;
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    assert_eq!(
        clock(&shop, &asa.reference, "REPLY_BY").await,
        Value::Null,
        "the complaint itself is answered by the first contact"
    );
    // 40 working hours are four days of nine hours and four more hours: from Monday at nine to Friday at one.
    assert_eq!(clock(&shop, &asa.reference, "ANSWER_BY").await["dueAt"], "2026-11-06T12:00:00+00:00");
    // Thanks need no reply. A question does, and the first of several counts.
    asa.client.does("addCustomerMessage", json!({ "text": "Tack!" }), "message { id }").await;
    assert_eq!(clock(&shop, &asa.reference, "REPLY_BY").await, Value::Null);
    asa.client.does("addCustomerMessage", json!({ "text": "When do you come?" }), "message { id }").await;
    t.later(TimeDelta::hours(1));
    asa.client.does("addCustomerMessage", json!({ "text": "Well?" }), "message { id }").await;
    assert_eq!(clock(&shop, &asa.reference, "REPLY_BY").await["dueAt"], "2026-11-02T12:00:00+00:00");
    // A pause needs a reason and a day, and the customer sees both.
    let ask = |until: &str, reason: &str| json!({ "caseId": case, "until": until, "reason": reason });
    let anna = shop.staff("anna");
    assert_eq!(anna.fails("pauseAnswer", ask("2026-11-02T08:00:00+00:00", "r")).await[0].1, "until");
    assert_eq!(anna.fails("pauseAnswer", ask("2027-11-02T08:00:00+00:00", "r")).await[0].1, "until");
    assert_eq!(anna.fails("pauseAnswer", ask("2026-11-04T09:00:00+00:00", " ")).await[0].1, "reason");
    assert_eq!(shop.staff("dag").fails("pauseAnswer", ask("2026-11-04T09:00:00+00:00", "r")).await[0].0, "FORBIDDEN");
    let paused = anna
        .does(
            "pauseAnswer",
            ask("2026-11-04T09:00:00+00:00", "Send us a photo"),
            "case { answerPause { reason until by { name } } }",
        )
        .await;
    assert_eq!(
        paused["case"]["answerPause"],
        json!({ "reason": "Send us a photo", "until": "2026-11-04T09:00:00+00:00", "by": { "name": "anna" } })
    );
    let can = shop.reads(&asa.reference, "viewerCan { pauseAnswer resumeAnswer }").await;
    assert_eq!(can["viewerCan"], json!({ "pauseAnswer": false, "resumeAnswer": true }));
    let seen = asa.client.asks("{ myCase { answerPause { reason until by { name } } } }", json!({})).await;
    assert_eq!(
        seen["myCase"]["answerPause"],
        json!({ "reason": "Send us a photo", "until": "2026-11-04T09:00:00+00:00", "by": null })
    );
    let answer = clock(&shop, &asa.reference, "ANSWER_BY").await;
    // The pause from Monday at ten until Wednesday at ten has two days of nine hours.
    assert_eq!((&answer["state"], &answer["dueAt"]), (&json!("PAUSED"), &json!("2026-11-10T12:00:00+00:00")));
    assert_eq!(
        clock(&shop, &asa.reference, "REPLY_BY").await["dueAt"],
        "2026-11-02T12:00:00+00:00",
        "nothing else pauses"
    );
    assert_eq!(anna.fails("pauseAnswer", ask("2026-11-04T09:00:00+00:00", "r")).await[0].0, "INVALID_TRANSITION");
    // The customer writes after an hour, and the clock continues.
    t.later(TimeDelta::hours(1));
    asa.client.does("addCustomerMessage", json!({ "text": "Here it is." }), "message { id }").await;
    let answer = clock(&shop, &asa.reference, "ANSWER_BY").await;
    assert_eq!((&answer["state"], &answer["dueAt"]), (&json!("RUNNING"), &json!("2026-11-06T13:00:00+00:00")));
    assert_eq!(shop.reads(&asa.reference, "answerPause { reason }").await["answerPause"], Value::Null);
    assert_eq!(anna.fails("resumeAnswer", json!({ "caseId": case })).await[0].0, "INVALID_TRANSITION");
    // A message ends the clock for the reply, and the answer ends the others.
    anna.does("sendMessage", json!({ "caseId": case, "text": "On Thursday." }), "message { id }").await;
    assert_eq!(clock(&shop, &asa.reference, "REPLY_BY").await, Value::Null);
    anna.does("closeCase", json!({ "caseId": case, "message": "Done." }), "case { id }").await;
    assert_eq!(shop.reads(&asa.reference, "clocks { kind }").await["clocks"], json!([]));
    assert_eq!(anna.fails("pauseAnswer", ask("2026-11-04T09:00:00+00:00", "r")).await[0].0, "INVALID_TRANSITION");
    // An acknowledgement by the owner is also a reply.
    let eva = shop.customer("eva", "broadband").await;
    eva.client.does("addCustomerMessage", json!({ "text": "When do you come?" }), "message { id }").await;
    assert_ne!(clock(&shop, &eva.reference, "REPLY_BY").await, Value::Null);
    let case = shop.case_id(&eva.reference).await;
    shop.manager.does("acknowledgeCase", json!({ "caseId": case, "message": "On Friday." }), "case { id }").await;
    assert_eq!(clock(&shop, &eva.reference, "REPLY_BY").await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_and_an_answer_that_are_late_are_told_upwards_and_stay_late() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "reply": working(4), "answer": working(9), "ownerActs": { "hours": 2000 }, "firstContact": { "hours": 700 } })).await;
    let asa = shop.customer("asa", "broadband").await;
    asa.client.does("addCustomerMessage", json!({ "text": "When do you come?" }), "message { id }").await;
    for hour in 1..60 {
        t.later(TimeDelta::hours(1));
        if hour % 6 == 0 {
            t.settle().await;
        }
    }
    t.settle().await;
    let shop = shop.at(&t);
    let told = escalations(&shop, &asa.reference).await;
    let of = |why: &str| told.iter().filter(|(reason, _)| reason == why).count();
    assert_eq!((of("NOT_REPLIED"), of("NOT_ANSWERED")), (2, 2), "each level once: {told:?}");
    let reply = clock(&shop, &asa.reference, "REPLY_BY").await;
    assert_eq!((&reply["state"], &reply["dueAt"]), (&json!("LATE"), &json!("2026-11-02T12:00:00+00:00")));
    let late =
        json!({ "caseId": shop.case_id(&asa.reference).await, "until": "2026-11-20T09:00:00+00:00", "reason": "r" });
    assert_eq!(shop.manager.fails("pauseAnswer", late).await[0].0, "INVALID_TRANSITION");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_level_of_a_case_follows_its_category_and_its_priority() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let category = json!({ "sellerId": shop.id, "name": "Pumps" });
    let pumps = shop.admin.does("setCategory", category, "category { id }").await["category"]["id"].clone();
    let category = json!({ "sellerId": shop.id, "name": "Heat pumps", "parentId": pumps });
    shop.admin.does("setCategory", category, "category { id }").await;
    for (name, hours, more) in
        [("pumps", 3, json!({ "category": "pumps" })), ("urgent", 1, json!({ "priority": "HIGH" }))]
    {
        let mut input = json!({ "sellerId": shop.id, "name": name, "times": { "firstContact": { "hours": hours } } });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        shop.admin.does("setServiceLevel", input, "serviceLevel { id }").await;
    }
    let filed = |category: &str, amount: &str| {
        shop.filed(json!({ "idempotencyKey": format!("{category}{amount}"), "email": "a@example.com", "text": "sauna", "category": category,
            "orderAmount": { "amount": amount, "currency": "SEK" } }))
    };
    let (heat, dear, plain) =
        (filed("heat pumps", "1").await, filed("saunas", "30000").await, filed("saunas", "1").await);
    let level =
        async |reference: &str| shop.reads(reference, "serviceLevel { name }").await["serviceLevel"]["name"].clone();
    assert_eq!(level(&heat.reference).await, "pumps", "the category above it");
    assert_eq!(level(&dear.reference).await, "urgent");
    assert_eq!(level(&plain.reference).await, Value::Null);
    assert_eq!(clock(&shop, &heat.reference, "ACKNOWLEDGE_BY").await["dueAt"], "2026-11-02T11:00:00+00:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_clocks_are_counted_anew_when_a_calendar_changes_and_no_customer_waits_longer() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    times(&shop, json!({ "firstContact": working(18), "ownerActs": working(18), "reply": working(4) })).await;
    t.settle().await;
    let asa = shop.customer("asa", "broadband").await;
    let late = shop.customer("bea", "broadband").await;
    late.client.does("addCustomerMessage", json!({ "text": "When?" }), "message { id }").await;
    t.later(TimeDelta::hours(5));
    t.settle().await;
    assert_eq!(clock(&shop, &asa.reference, "OWNER_ACTS_BY").await["dueAt"], "2026-11-04T08:00:00+00:00");
    // Tuesday becomes a closed day. The owner now has until Thursday, but the customer was told Wednesday, which stays.
    calendar(&shop, json!({ "days": [{ "date": "2026-11-03", "name": "Moving house" }] })).await;
    t.settle().await;
    assert_eq!(clock(&shop, &asa.reference, "OWNER_ACTS_BY").await["dueAt"], "2026-11-05T08:00:00+00:00");
    assert_eq!(clock(&shop, &asa.reference, "ACKNOWLEDGE_BY").await["dueAt"], "2026-11-04T08:00:00+00:00");
    let told = asa.client.asks("{ myCase { nextContactDue } }", json!({})).await;
    assert_eq!(told["myCase"]["nextContactDue"], "2026-11-04T08:00:00+00:00");
    // A clock that had run out does not move.
    let reply = clock(&shop, &late.reference, "REPLY_BY").await;
    assert_eq!((&reply["state"], &reply["dueAt"]), (&json!("LATE"), &json!("2026-11-02T12:00:00+00:00")));
    let events = shop.reads(&asa.reference, "events { __typename ... on ClockMoved { clock due } }").await;
    let moved = events["events"].as_array().unwrap().iter().filter(|event| event["__typename"] == "ClockMoved").count();
    assert_eq!(moved, 1, "{events}");
    let read = shop.admin.asks("{ sellers { recounts { cases moved finishedAt } } }", json!({})).await;
    let newest = &read["sellers"][0]["recounts"][0];
    assert_eq!((&newest["cases"], &newest["moved"]), (&json!(2), &json!(2)));
    assert_ne!(newest["finishedAt"], Value::Null);
    // The customer is told an earlier date.
    times(&shop, json!({ "firstContact": { "hours": 6 } })).await;
    t.settle().await;
    let told = asa.client.asks("{ myCase { nextContactDue } }", json!({})).await;
    assert_eq!(told["myCase"]["nextContactDue"], "2026-11-02T14:00:00+00:00");
}
