//! Additional tests for the check of query plans ([`ansvar_tests::plans`]): all filters of all lists are used, and the
//! check finds bad statements.

use ansvar_tests::{TestApp, plans};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn lists_by_every_filter_are_read_as_pages_and_counted_to_an_end() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let first = "pageInfo { hasNextPage endCursor } totalCount totalCountIsExact nodes { id }";
    let cases = format!(
        "query($f: CaseFilter, $a: String, $b: String, $l: Int) {{ cases(filter: $f, after: $a, before: $b, last: $l) {{ {first} }} }}"
    );
    let mut found = Vec::new();
    for stages in [Value::Null, json!(["RECEIVED"]), json!(["CLOSED", "MERGED", "INVESTIGATING"])] {
        for channels in [Value::Null, json!(["WEB"]), json!(["PHONE", "EMAIL"])] {
            for owner in [Value::Null, json!([shop.id_of("anna")])] {
                let filter = json!({ "stages": stages, "channels": channels, "ownerIds": owner });
                let page = shop.manager.asks(&cases, json!({ "f": filter })).await["cases"].take();
                assert_eq!(page["totalCountIsExact"], true);
                assert_eq!(page["totalCount"].as_u64().unwrap(), page["nodes"].as_array().unwrap().len() as u64);
                found.push(page["totalCount"].as_u64().unwrap());
                let end = &page["pageInfo"]["endCursor"];
                shop.manager.asks(&cases, json!({ "f": filter, "a": end })).await;
                shop.manager.asks(&cases, json!({ "f": filter, "b": end, "l": 5 })).await;
            }
        }
    }
    assert_eq!(found, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0]);
    let tasks = format!("query($f: TaskFilter) {{ tasks(filter: $f) {{ {first} }} }}");
    let case = shop.case_id(&asa.reference).await;
    for filter in [
        json!({}),
        json!({ "statuses": ["REQUESTED"] }),
        json!({ "partnerId": shop.partner_id("fibre-north") }),
        json!({ "partnerId": shop.partner_id("fibre-north"), "statuses": ["REQUESTED", "DONE"] }),
        json!({ "caseId": case }),
        json!({ "dueBefore": t.now() + chrono::TimeDelta::days(9) }),
        json!({ "statuses": ["REQUESTED"], "dueBefore": t.now() + chrono::TimeDelta::days(9) }),
        json!({ "updatedSince": t.now() - chrono::TimeDelta::days(9) }),
    ] {
        for client in [&shop.manager, shop.partner("fibre-north")] {
            let page = client.asks(&tasks, json!({ "f": filter })).await["tasks"].take();
            assert_eq!(page["nodes"], json!([{ "id": task }]), "{filter}");
            assert_eq!((&page["totalCount"], &page["totalCountIsExact"]), (&json!(1), &json!(true)), "{filter}");
        }
    }
    let assigned = json!({ "assigneeId": shop.contact_id("fibre-north") });
    let page = shop.partner("fibre-north").asks(&tasks, json!({ "f": assigned })).await;
    assert_eq!(page["tasks"]["nodes"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_grows_with_the_store_is_found() {
    for (sql, bad) in [
        (r#"SELECT * FROM "message" WHERE "message"."body" = 'x'"#, true),
        (r#"SELECT * FROM "message" ORDER BY "message"."id" LIMIT 100"#, false),
        (r#"SELECT count(*) FROM "message""#, true),
        (r#"SELECT * FROM "staff" WHERE name = 'x'"#, false),
        (r#"UPDATE "message" SET visibility = 'INTERNAL' WHERE body = 'x'"#, true),
        (r#"SELECT * FROM "due" ORDER BY at LIMIT 10"#, false),
        (r#"DELETE FROM "letter" WHERE "letter"."subject" = 'x'"#, true),
    ] {
        let found = plans::wrong_with(sql).await;
        assert_eq!(!found.is_empty(), bad && plans::asks(), "{sql}: {found:?}");
    }
}
