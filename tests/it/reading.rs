//! Lists, pages, nodes, and the number of statements for reading.

use ansvar_tests::{Shop, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn shop_with_cases(t: &TestApp, count: usize) -> Shop {
    let shop = t.shop().await;
    for number in 0..count {
        if number % 3 == 0 {
            t.later(TimeDelta::seconds(1));
        }
        shop.customer(&format!("c{number}"), if number % 2 == 0 { "broadband" } else { "trampoline" }).await;
    }
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_both_ways_without_gap_or_double() {
    let t = TestApp::start().await;
    let shop = shop_with_cases(&t, 11).await;
    let document = "query($first: Int, $after: String, $last: Int, $before: String) { cases(first: $first, after: $after, last: $last, before: $before) { totalCount nodes { reference } edges { cursor node { reference } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let page = async |variables: Value| shop.manager.asks(document, variables).await["cases"].take();
    let references = |page: &Value| {
        page["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["reference"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = references(&page(json!({ "first": 100 })).await);
    assert_eq!(all.len(), 11);
    let mut forwards = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = page(json!({ "first": 4, "after": after })).await;
        assert_eq!(page["totalCount"], 11);
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_null());
        forwards.extend(references(&page));
        after = page["pageInfo"]["endCursor"].clone();
        // A case that arrives meanwhile comes before all pages read so far and does not change the next ones.
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forwards, all);
    let mut backwards = Vec::new();
    let mut before = Value::Null;
    loop {
        let page = page(json!({ "last": 4, "before": before })).await;
        backwards.splice(0..0, references(&page));
        before = page["pageInfo"]["startCursor"].clone();
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(backwards, all);
    for (variables, code) in [
        (json!({ "first": 0 }), "INVALID"),
        (json!({ "first": 101 }), "INVALID"),
        (json!({ "first": -5 }), "INVALID"),
        (json!({ "first": 1, "last": 1 }), "INVALID"),
        (json!({ "first": 1, "after": "nonsense" }), "INVALID"),
    ] {
        assert_eq!(shop.manager.is_refused(document, variables.clone()).await, code, "{variables}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_and_never_widen() {
    let t = TestApp::start().await;
    let shop = shop_with_cases(&t, 6).await;
    let other = shop.another(&t, "other").await;
    other.customer("x", "y").await;
    shop.call(json!({ "source": "p", "externalId": "1", "words": "broadband" })).await;
    let anna = shop
        .manager
        .asks(
            "query($o: ID!) { cases(filter: { ownerIds: [$o] }) { nodes { id } } }",
            json!({ "o": shop.id_of("anna") }),
        )
        .await;
    shop.staff("anna")
        .does("closeCase", json!({ "caseId": anna["cases"]["nodes"][0]["id"], "message": "m" }), "case { id }")
        .await;
    let count = async |filter: Value| {
        let document = "query($f: CaseFilter) { cases(filter: $f) { totalCount } }";
        shop.manager.asks(document, json!({ "f": filter })).await["cases"]["totalCount"].as_i64().unwrap()
    };
    assert_eq!(count(json!(null)).await, 7);
    assert_eq!(count(json!({ "channels": ["PHONE"] })).await, 1);
    assert_eq!(count(json!({ "channels": [] })).await, 0);
    assert_eq!(count(json!({ "stages": ["CLOSED"] })).await, 1);
    assert_eq!(count(json!({ "stages": ["CLOSED", "RECEIVED"] })).await, 7);
    assert_eq!(count(json!({ "stages": ["RECEIVED"], "ownerIds": [shop.id_of("anna")] })).await, 1);
    assert_eq!(count(json!({ "ownerIds": [shop.id_of("maria")] })).await, 0);
    assert_eq!(count(json!({ "sellerId": shop.id })).await, 7);
    assert_eq!(count(json!({ "sellerId": other.id })).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_cases_take_as_many_statements_as_five() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let document = "query($first: Int!) { cases(first: $first) { nodes { reference owner { name teams { name } openCases } customer { name emails phones } seller { name accountable { name } } tasks { status partner { name } updates { text } } lastMessage { text by { name } } routing { rule } ownership { owner { name } } reports { attachments { name } } partners { name } viewerCan { close } } } }";
    for number in 0..50 {
        let asa = shop.customer(&format!("c{number}"), "broadband").await;
        if number % 2 == 0 {
            shop.requests_task(&t, &asa.reference, if number % 4 == 0 { "bouncy" } else { "fibre-north" }).await;
        }
    }
    let cost = async |first: usize| {
        let before = t.statements();
        let answer = shop.manager.asks(document, json!({ "first": first })).await;
        assert_eq!(answer["cases"]["nodes"].as_array().unwrap().len(), first);
        t.statements() - before
    };
    // The heads of the feeds are read every second, also during the count. The lowest of several counts is the query's
    // own.
    let least = async |first: usize| {
        let mut least = usize::MAX;
        for _ in 0..5 {
            least = least.min(cost(first).await);
        }
        least
    };
    let (six, fifty) = (least(6).await, least(50).await);
    // One statement for the credential, one for the list, one for each field that loads rows. Fields that load at the
    // same moment share a statement, and on a busy machine a loader may need two, hence the tolerance. A field that
    // loads rows for each case would exceed it by far (by 44 cases, or 22 tasks).
    assert!(six <= 28 && fifty <= six + 10, "{six} statements for 6 cases, {fifty} for 50");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_with_an_id_is_found_by_it_and_strangers_find_nothing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let mail = "From: k@example.com\r\nSubject: s\r\nMessage-ID: <1@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbroadband\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n--b--\r\n";
    let receipt = shop.mail(mail).await;
    let reference = receipt["reference"].as_str().unwrap();
    let task = shop.requests_task(&t, reference, "fibre-north").await;
    let case = shop.reads(reference, "id customer { id } lastMessage { id } owner { id teams { id } } seller { id ruleSet { id } widgets { id } apiClients { id } partners { id contacts { id } } } reports { id attachments { id } }").await;
    let pick = |pointer: &str| case.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let expected = [
        (pick("/id"), "Case"),
        (task, "CaseTask"),
        (pick("/customer/id"), "Customer"),
        (pick("/lastMessage/id"), "Message"),
        (pick("/owner/id"), "Staff"),
        (pick("/owner/teams/0/id"), "Team"),
        (pick("/seller/id"), "Seller"),
        (pick("/seller/ruleSet/id"), "RuleSet"),
        (pick("/seller/widgets/0/id"), "Widget"),
        (pick("/seller/apiClients/0/id"), "ApiClient"),
        (pick("/seller/partners/0/id"), "Partner"),
        (pick("/seller/partners/0/contacts/0/id"), "PartnerContact"),
        (pick("/reports/0/id"), "EmailReport"),
        (pick("/reports/0/attachments/0/id"), "Attachment"),
    ];
    let ids: Vec<_> =
        expected.iter().map(|(id, _)| id.clone()).chain(["case_nonsense".into(), "x".into(), String::new()]).collect();
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let found = shop.staff("bo").asks(document, json!({ "ids": ids })).await;
    let nodes = found["nodes"].as_array().unwrap();
    for ((id, kind), node) in expected.iter().zip(nodes) {
        assert_eq!(node, &json!({ "__typename": kind, "id": id }));
    }
    assert_eq!(nodes[expected.len()..], [Value::Null, Value::Null, Value::Null]);
    // A colleague at another seller, a customer of another case, a form, a gateway and another partner see nothing.
    let stranger = other.customer("z", "z").await;
    for client in [
        other.staff("bo"),
        &stranger.client,
        &other.widget,
        &shop.widget,
        &shop.gateway,
        shop.partner("bouncy"),
        other.partner("fibre-north"),
    ] {
        let own_partner = client.bearer == shop.partner("bouncy").bearer;
        let found = client.asks(document, json!({ "ids": ids })).await;
        for (node, id) in found["nodes"].as_array().unwrap().iter().zip(&ids) {
            let own = own_partner
                && (*id == pick("/seller/partners/0/id") || *id == pick("/seller/partners/0/contacts/0/id"));
            assert!(node.is_null() || own, "{node}");
        }
    }
    // Platform administrators manage the directory of every seller, but see no other seller's cases.
    let platform =
        json!({ "sellerId": other.id, "name": "Pia", "email": "pia@other.example", "role": "PLATFORM_ADMINISTRATOR" });
    let platform = shop.admin.does("createStaff", platform, "staff { id }").await;
    let admin = t
        .holder_of(platform["staff"]["id"].as_str().unwrap())
        .asks(
            document,
            json!({ "ids": [case["id"], case["owner"]["id"], case["lastMessage"]["id"], case["customer"]["id"]] }),
        )
        .await;
    assert_eq!(admin["nodes"], json!([null, { "__typename": "Staff", "id": case["owner"]["id"] }, null, null]));
}
