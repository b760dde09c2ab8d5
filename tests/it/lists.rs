//! Lists of cases and customers: filters, orders, and pages that stay right while rows change.

use std::collections::{BTreeMap, BTreeSet};

use ansvar_tests::{Client, Shop, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

const CASES: &str = "query($f: CaseFilter, $o: CaseOrderInput, $first: Int, $after: String, $last: Int, $before: String) { cases(filter: $f, orderBy: $o, first: $first, after: $after, last: $last, before: $before) { totalCount totalCountIsExact nodes { reference } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn cases(client: &Client, variables: Value) -> Value {
    client.asks(CASES, variables).await["cases"].take()
}

fn references(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["reference"].as_str().unwrap().to_owned()).collect()
}

fn order(field: &str, direction: &str) -> Value {
    json!({ "field": field, "direction": direction })
}

/// A shop with cases that differ in every respect that a filter knows, by name.
async fn differing(t: &TestApp) -> (Shop, BTreeMap<&'static str, String>) {
    let shop = t.shop().await;
    let admin = &shop.admin;
    let of = |name: &str| json!({ "sellerId": shop.id, "name": name });
    let internet = admin.does("setCategory", of("Internet"), "category { id }").await["category"]["id"].clone();
    let fibre = json!({ "sellerId": shop.id, "name": "Fibre", "parentId": internet });
    admin.does("setCategory", fibre, "category { id }").await;
    let mut made = BTreeMap::new();
    for (name, more) in [
        ("fibre", json!({ "category": "FIBRE", "severity": "SEVERE", "tags": ["vip", "post"] })),
        ("order", json!({ "orderReference": "A-77", "severity": "MINOR" })),
        ("closed", json!({ "category": "internet" })),
        ("tasked", json!({ "tags": ["vip"] })),
        ("plain", json!({})),
    ] {
        t.later(TimeDelta::minutes(1));
        let mut input = json!({ "idempotencyKey": name, "email": format!("{name}@example.com"), "text": "broadband" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        made.insert(name, shop.filed(input).await.reference);
    }
    let call = shop.call(json!({ "source": "p", "externalId": "1", "words": "trampoline" })).await;
    made.insert("call", call["reference"].as_str().unwrap().to_owned());
    let closed = json!({ "caseId": shop.case_id(&made["closed"]).await, "message": "m" });
    shop.manager.does("closeCase", closed, "case { id }").await;
    shop.requests_task(t, &made["tasked"], "fibre-north").await;
    let promise = json!({ "caseId": shop.case_id(&made["plain"]).await, "what": "w", "due": { "day": "2026-11-20" }, "place": "CALL" });
    shop.manager.does("makeCommitment", promise, "commitment { id }").await;
    (shop, made)
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_combined_and_each_finds_what_it_says() {
    let t = TestApp::start().await;
    let (shop, made) = differing(&t).await;
    let found = async |filter: Value| -> BTreeSet<&'static str> {
        let page = cases(&shop.manager, json!({ "f": filter, "first": 100 })).await;
        let references = references(&page);
        assert_eq!(page["totalCount"].as_u64().unwrap(), references.len() as u64, "{filter}");
        assert_eq!((&page["totalCountIsExact"], &page["pageInfo"]["hasNextPage"]), (&json!(true), &json!(false)));
        made.iter().filter(|(_, reference)| references.contains(reference)).map(|(name, _)| *name).collect()
    };
    let categories = shop.admin.asks("{ sellers { categories { id name } } }", json!({})).await;
    let categories = categories["sellers"][0]["categories"].as_array().unwrap();
    let category = |name: &str| {
        categories.iter().find(|category| category["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let owner = shop.owner_of(&made["call"]).await;
    let customer = shop.reads(&made["plain"], "customer { id }").await["customer"]["id"].clone();
    let (late, early) = (t.now() + TimeDelta::days(30), t.now() - TimeDelta::seconds(150));
    let all: BTreeSet<_> = made.keys().copied().collect();
    let but = |names: &[&str]| all.iter().copied().filter(|name| !names.contains(name)).collect::<BTreeSet<_>>();
    let table = [
        (json!({}), all.clone()),
        (json!({ "categoryIds": [category("Internet")] }), BTreeSet::from(["fibre", "closed"])),
        (json!({ "categoryIds": [category("Fibre")] }), BTreeSet::from(["fibre"])),
        (json!({ "tags": ["VIP"] }), BTreeSet::from(["fibre", "tasked"])),
        (json!({ "tags": ["post", "nobody"] }), BTreeSet::from(["fibre"])),
        (json!({ "tags": [] }), BTreeSet::new()),
        (json!({ "severities": ["SEVERE", "MINOR"] }), BTreeSet::from(["fibre", "order"])),
        (json!({ "not": { "severities": ["SEVERE", "MINOR"] } }), but(&["fibre", "order"])),
        (json!({ "orderReference": " a-77" }), BTreeSet::from(["order"])),
        (json!({ "orderReference": "a-77", "severities": ["SEVERE"] }), BTreeSet::new()),
        (json!({ "channels": ["PHONE"] }), BTreeSet::from(["call"])),
        (json!({ "stages": ["CLOSED"] }), BTreeSet::from(["closed"])),
        (json!({ "nextContactDue": { "isNull": true } }), BTreeSet::from(["closed"])),
        (json!({ "nextContactDue": { "before": late } }), but(&["closed"])),
        (json!({ "nextContactDue": { "after": late } }), BTreeSet::new()),
        (json!({ "contactLate": true }), BTreeSet::new()),
        (json!({ "contactLate": false }), all.clone()),
        (json!({ "closedAt": { "isNull": false } }), BTreeSet::from(["closed"])),
        (json!({ "openedAt": { "after": early } }), BTreeSet::from(["closed", "tasked", "plain", "call"])),
        (json!({ "openedAt": { "before": early } }), BTreeSet::from(["fibre", "order"])),
        (json!({ "receivedAt": { "before": "0001-01-01T00:00:00Z" } }), BTreeSet::new()),
        (json!({ "changedAt": { "before": late } }), all.clone()),
        (json!({ "lastChasedAt": { "isNull": false } }), BTreeSet::new()),
        (json!({ "openTaskOfIds": [shop.partner_id("fibre-north")] }), BTreeSet::from(["tasked"])),
        (json!({ "openTaskOfIds": [shop.partner_id("bouncy")] }), BTreeSet::new()),
        (json!({ "openCommitmentDue": { "before": late } }), BTreeSet::from(["plain"])),
        (json!({ "openCommitmentDue": { "after": late } }), BTreeSet::new()),
        (json!({ "clock": { "kinds": ["ACKNOWLEDGE_BY"] } }), but(&["closed"])),
        (json!({ "clock": { "kinds": ["ACKNOWLEDGE_BY"], "due": { "after": late } } }), BTreeSet::new()),
        (json!({ "clock": { "kinds": ["COMMITMENT_BY"] } }), BTreeSet::from(["plain"])),
        (json!({ "customerIds": [customer] }), BTreeSet::from(["plain"])),
        (json!({ "customerIds": [customer], "tags": ["vip"] }), BTreeSet::new()),
        (json!({ "teamIds": [shop.teams["garden"]] }), BTreeSet::from(["call"])),
        (json!({ "ownerIds": [shop.id_of(&owner.to_lowercase())] }), BTreeSet::from(["call"])),
        (json!({ "priorities": ["URGENT"] }), BTreeSet::new()),
        (json!({ "or": [] }), BTreeSet::new()),
        (json!({ "and": [] }), all.clone()),
        (json!({ "or": [{ "channels": ["PHONE"] }, { "tags": ["post"] }] }), BTreeSet::from(["call", "fibre"])),
        (
            json!({ "or": [{ "stages": ["CLOSED"] }, { "tags": ["vip"] }], "not": { "tags": ["post"] } }),
            BTreeSet::from(["closed", "tasked"]),
        ),
        (
            json!({ "and": [{ "tags": ["vip"] }, { "not": { "not": { "severities": ["SEVERE"] } } }] }),
            BTreeSet::from(["fibre"]),
        ),
    ];
    for (filter, expected) in table {
        assert_eq!(found(filter.clone()).await, expected, "{filter}");
    }
    t.later_and_settled(TimeDelta::days(9)).await;
    let shop = shop.at(&t);
    let late = cases(&shop.manager, json!({ "f": { "contactLate": true }, "first": 100 })).await;
    let late = references(&late);
    let late: BTreeSet<&str> =
        made.iter().filter(|(_, reference)| late.contains(reference)).map(|(name, _)| *name).collect();
    assert_eq!(late, but(&["closed"]));
    let asks = shop.manager.asks(
        "query($f: CaseFilter) { cases(filter: $f) { nodes { reference } } }",
        json!({ "f": { "partnerIds": [shop.partner_id("fibre-north")] } }),
    );
    let partners = shop.reads(&made["plain"], "partners { name }").await;
    let involved = partners["partners"].as_array().unwrap().iter().any(|partner| partner["name"] == "fibre-north");
    let listed = references(&asks.await["cases"]).contains(&made["plain"]);
    assert_eq!(listed, involved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_has_a_largest_size() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let deep = |depth: usize| (1..depth).fold(json!({ "tags": ["x"] }), |inner, _| json!({ "not": inner }));
    let wide = |count: usize| json!({ "or": vec![json!({ "tags": ["x"] }); count] });
    for (filter, refused) in [
        (deep(5), false),
        (deep(6), true),
        (wide(20), false),
        (wide(30), true),
        (json!({ "ownerIds": vec![shop.id_of("anna"); 100] }), false),
        (json!({ "ownerIds": vec![shop.id_of("anna"); 101] }), true),
        (json!({ "tags": ["x".repeat(51)] }), true),
    ] {
        let (_, answer) = shop.manager.post(CASES, json!({ "f": filter })).await;
        assert_eq!(answer["errors"].is_array(), refused, "{filter}: {answer}");
        if refused {
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert!(message.starts_with("filter") || message.starts_with("`filter"), "{message}");
        }
    }
}

/// All rows of a list, page by page, and between two pages something changes.
async fn paged(
    client: &Client,
    of: &Value,
    size: u64,
    backwards: bool,
    between: &mut impl AsyncFnMut(),
) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = Value::Null;
    for _ in 0..50 {
        let place = if backwards {
            json!({ "last": size, "before": cursor })
        } else {
            json!({ "first": size, "after": cursor })
        };
        let mut variables = of.clone();
        variables.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
        let page = cases(client, variables).await;
        let info = &page["pageInfo"];
        if backwards {
            all.splice(0..0, references(&page));
        } else {
            all.extend(references(&page));
        }
        let (more, next) = if backwards { ("hasPreviousPage", "startCursor") } else { ("hasNextPage", "endCursor") };
        cursor = info[next].clone();
        if info[more] == false {
            return all;
        }
        between().await;
    }
    panic!("the list does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_is_paged_both_ways_and_rows_that_change_disturb_no_others() {
    let t = TestApp::start().await;
    let (shop, made) = differing(&t).await;
    let chased = &made["order"];
    let filters = [
        json!(null),
        json!({ "not": { "tags": ["nobody"] } }),
        json!({ "stages": ["RECEIVED", "CLOSED", "ACKNOWLEDGED", "INVESTIGATING"] }),
    ];
    for field in ["OPENED", "CHANGED", "NEXT_CONTACT", "PRIORITY"] {
        for direction in ["ASC", "DESC"] {
            let mut known = None;
            for filter in &filters {
                let of = json!({ "o": order(field, direction), "f": filter });
                let whole = references(&cases(&shop.manager, of.clone()).await);
                assert_eq!(whole.len(), made.len(), "{of}");
                // The same order, whichever way it is read: from ranges, or row by row.
                assert_eq!(known.get_or_insert_with(|| whole.clone()), &whole, "{of}");
                for size in [1, 4] {
                    for backwards in [false, true] {
                        let found = paged(&shop.manager, &of, size, backwards, &mut async || {}).await;
                        assert_eq!(found, whole, "{of} {size} {backwards}");
                    }
                }
            }
            // A case that changes between two pages may be read twice or not at all; every other is read once.
            let of = json!({ "o": order(field, direction) });
            let others = |all: &[String]| all.iter().filter(|one| *one != chased).cloned().collect::<Vec<_>>();
            let whole = others(&known.unwrap());
            let case = shop.case_id(chased).await;
            let mut write = async || {
                t.later(TimeDelta::seconds(1));
                let input = json!({ "caseId": case, "text": "t" });
                shop.manager.does("sendMessage", input, "message { id }").await;
            };
            let found = others(&paged(&shop.manager, &of, 2, false, &mut write).await);
            assert_eq!(found, whole, "{of}");
        }
    }
    let next = references(&cases(&shop.manager, json!({ "o": order("NEXT_CONTACT", "ASC") })).await);
    assert_eq!(next.last(), Some(&made["closed"]));
    let next = references(&cases(&shop.manager, json!({ "o": order("NEXT_CONTACT", "DESC") })).await);
    assert_eq!(next.last(), Some(&made["closed"]));
    let changed = references(&cases(&shop.manager, json!({ "o": order("CHANGED", "DESC") })).await);
    assert_eq!(changed.first(), Some(chased));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_order() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    for name in ["asa", "eva"] {
        shop.customer(name, "broadband").await;
    }
    let first = cases(&shop.manager, json!({ "first": 1, "o": order("PRIORITY", "DESC") })).await;
    let cursor = &first["pageInfo"]["endCursor"];
    cases(&shop.manager, json!({ "after": cursor, "o": order("PRIORITY", "DESC") })).await;
    for other in [json!(null), order("PRIORITY", "ASC"), order("CHANGED", "DESC")] {
        let (_, answer) = shop.manager.post(CASES, json!({ "after": cursor, "o": other })).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "INVALID", "{answer}");
        assert!(error["message"].as_str().unwrap().contains("in another order"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn priorities_come_in_their_order_and_the_oldest_first_within_each() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let rule = |name: &str, tag: &str, priority: &str| json!({ "name": name, "when": [{ "tagIn": [tag] }], "assignTo": { "staffId": shop.id_of("anna") }, "priority": priority });
    let everybody = json!({ "name": "all", "assignTo": { "staffId": shop.id_of("anna") } });
    shop.publishes(json!([rule("1", "u", "URGENT"), rule("2", "h", "HIGH"), rule("3", "l", "LOW"), everybody])).await;
    let mut made = Vec::new();
    for (number, tag) in ["l", "u", "n", "h", "u", "l"].into_iter().enumerate() {
        t.later(TimeDelta::minutes(1));
        let input = json!({ "idempotencyKey": number.to_string(), "email": format!("{number}@example.com"), "text": "t", "tags": [tag] });
        made.push(shop.filed(input).await.reference);
    }
    let named = |page: &Value| -> Vec<usize> {
        references(page).iter().map(|one| made.iter().position(|own| own == one).unwrap()).collect()
    };
    let anna = json!({ "ownerIds": [shop.id_of("anna")], "stages": ["RECEIVED"] });
    for filter in [json!(null), anna] {
        let page = cases(&shop.manager, json!({ "f": filter, "o": order("PRIORITY", "DESC") })).await;
        assert_eq!(named(&page), [1, 4, 3, 2, 0, 5]);
        let page = cases(&shop.manager, json!({ "f": filter, "o": order("PRIORITY", "ASC") })).await;
        assert_eq!(named(&page), [0, 5, 2, 3, 1, 4]);
    }
    let page =
        cases(&shop.manager, json!({ "f": { "priorities": ["HIGH", "LOW"] }, "o": order("PRIORITY", "DESC") })).await;
    assert_eq!(named(&page), [3, 0, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_found_by_address_number_name_and_tier() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    other.customer("anna", "t").await;
    for (key, name, email, phone) in [
        ("1", "Åsa Östermalm", "asa@example.com", "070-123 45 67"),
        ("2", "Anna Berg", "anna@example.com", "070-123 45 67"),
        ("3", "anna åberg", "berg@example.com", "070-765 43 21"),
        ("4", "Bo", "bo@example.com", "070-999 88 77"),
    ] {
        t.later(TimeDelta::minutes(1));
        shop.filed(json!({ "idempotencyKey": key, "name": name, "email": email, "phone": phone, "text": "broadband" }))
            .await;
    }
    let document = "query($f: CustomerFilter, $first: Int, $after: String) { customers(filter: $f, first: $first, after: $after) { totalCount nodes { id name emails cases { totalCount nodes { reference } } } pageInfo { hasNextPage endCursor } } }";
    let asks = async |variables: Value| shop.manager.asks(document, variables).await["customers"].take();
    let names = |page: &Value| {
        let names = page["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let found = async |filter: Value| {
        let page = asks(json!({ "f": filter })).await;
        assert_eq!(page["totalCount"].as_u64().unwrap(), names(&page).len() as u64);
        names(&page)
    };
    let bo = asks(json!({ "f": { "email": "BO@example.com" } })).await["nodes"][0]["id"].clone();
    shop.manager.does("setCustomerTier", json!({ "customerId": bo, "tier": "gold" }), "customer { id }").await;
    let minutes = |minutes: i64| t.now() - TimeDelta::seconds(minutes * 60 - 30);
    for (filter, expected) in [
        (json!({}), vec!["Bo", "anna åberg", "Anna Berg", "Åsa Östermalm"]),
        (json!({ "email": " Anna@Example.com" }), vec!["Anna Berg"]),
        (json!({ "email": "nobody@example.com" }), vec![]),
        (json!({ "phone": "+46 70 123 45 67" }), vec!["Anna Berg", "Åsa Östermalm"]),
        (json!({ "phone": "0701234567", "namePrefix": "ann" }), vec!["Anna Berg"]),
        (json!({ "phone": "0709999999" }), vec![]),
        (json!({ "namePrefix": "ANNA" }), vec!["Anna Berg", "anna åberg"]),
        (json!({ "namePrefix": "åsa Ö" }), vec!["Åsa Östermalm"]),
        (json!({ "namePrefix": "%" }), vec![]),
        (json!({ "tier": "gold" }), vec!["Bo"]),
        (json!({ "tier": "gold", "namePrefix": "b" }), vec!["Bo"]),
        (json!({ "tier": "silver" }), vec![]),
        (json!({ "createdAt": { "after": minutes(2) } }), vec!["Bo", "anna åberg"]),
        (json!({ "createdAt": { "before": minutes(3) } }), vec!["Åsa Östermalm"]),
    ] {
        assert_eq!(found(filter.clone()).await, expected, "{filter}");
    }
    for filter in [
        json!({ "email": "x" }),
        json!({ "phone": "x" }),
        json!({ "namePrefix": "a", "createdAt": { "before": t.now() } }),
    ] {
        assert_eq!(shop.manager.is_refused(document, json!({ "f": filter })).await, "INVALID", "{filter}");
    }
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = asks(json!({ "f": { "namePrefix": "a" }, "first": 1, "after": after })).await;
        all.extend(names(&page));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(all, ["Anna Berg", "anna åberg"]);
    assert_eq!(shop.manager.is_refused(document, json!({ "after": after })).await, "INVALID");
    let first = asks(json!({ "first": 1 })).await;
    assert_eq!(first["nodes"][0]["cases"]["totalCount"], 1);
    // Nobody else lists customers, and nobody those of another seller.
    for client in [shop.partner("bouncy"), &shop.widget, &shop.gateway] {
        assert_eq!(client.is_refused(document, json!({})).await, "FORBIDDEN");
    }
    assert_eq!(other.manager.asks(document, json!({})).await["customers"]["totalCount"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_filters_and_orders_of_a_desk_are_read_as_pages() {
    let t = TestApp::start().await;
    let (shop, _) = differing(&t).await;
    let open = json!(["RECEIVED", "ACKNOWLEDGED", "INVESTIGATING"]);
    let team = json!([shop.teams["garden"]]);
    let customer = shop.manager.asks("{ customers(first: 1) { nodes { id } } }", json!({})).await;
    let customer = &customer["customers"]["nodes"][0]["id"];
    let now = t.now();
    for filter in [
        json!(null),
        json!({ "stages": open }),
        json!({ "stages": open, "ownerIds": [shop.id_of("anna")] }),
        json!({ "stages": open, "teamIds": team }),
        json!({ "stages": open, "tags": ["vip"] }),
        json!({ "stages": open, "clock": { "kinds": ["ANSWER_BY"], "due": { "before": now } } }),
        json!({ "openTaskOfIds": [shop.partner_id("bouncy")], "partnerIds": [shop.partner_id("bouncy")] }),
        json!({ "openCommitmentDue": { "before": now } }),
        json!({ "orderReference": "o1" }),
        json!({ "customerIds": [customer] }),
        json!({ "or": [{ "contactLate": true }, { "not": { "severities": ["MINOR"] } }] }),
    ] {
        for field in ["OPENED", "CHANGED", "NEXT_CONTACT", "PRIORITY"] {
            for direction in ["ASC", "DESC"] {
                let of = json!({ "f": filter, "o": order(field, direction) });
                let page = cases(&shop.manager, of.clone()).await;
                let mut of = of;
                of["after"] = page["pageInfo"]["endCursor"].clone();
                cases(&shop.manager, of.clone()).await;
                of["before"] = of["after"].take();
                of["last"] = json!(3);
                cases(&shop.manager, of).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rare_case_among_many_is_found_page_by_page() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let rare = json!({ "idempotencyKey": "k", "email": "k@example.com", "text": "t", "tags": ["rare"] });
    let rare = shop.filed(rare).await.reference;
    for number in 0..560 {
        if number % 7 == 0 {
            t.later(TimeDelta::seconds(1));
        }
        shop.call(json!({ "source": "p", "externalId": number.to_string(), "words": "broadband" })).await;
    }
    // Ten times fifty rows of the range with all the calls are looked at for a page.
    let of = json!({ "f": { "stages": ["RECEIVED", "ACKNOWLEDGED", "INVESTIGATING"], "tags": ["rare"] } });
    let page = cases(&shop.manager, of.clone()).await;
    assert_eq!((references(&page).len(), &page["pageInfo"]["hasNextPage"]), (0, &json!(true)));
    assert_eq!((&page["totalCount"], &page["totalCountIsExact"]), (&json!(1), &json!(true)));
    assert_eq!(paged(&shop.manager, &of, 5, false, &mut async || {}).await, [rare.as_str()]);
    assert_eq!(paged(&shop.manager, &of, 5, true, &mut async || {}).await, [rare.as_str()]);
    // Every row is looked at once, and in order, though the ranges end at different places.
    let of = |filter: Value| json!({ "f": filter, "o": order("OPENED", "ASC") });
    let open = json!(["RECEIVED", "ACKNOWLEDGED", "INVESTIGATING"]);
    let all = paged(&shop.manager, &of(json!({ "stages": open })), 100, false, &mut async || {}).await;
    let checked = of(json!({ "stages": open, "not": { "tags": ["nothing"] } }));
    assert_eq!(all.len(), 561);
    assert_eq!(paged(&shop.manager, &checked, 90, false, &mut async || {}).await, all);
    assert_eq!(paged(&shop.manager, &checked, 90, true, &mut async || {}).await, all);
}
