//! The stores' constraints, which hold whatever the code does; and several nodes on one store.

use ansvar_tests::TestApp;
use ansvar_tests::app::config;
use ansvar_tests::store::TestStore;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_store_itself_refuses_what_must_never_be() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    shop.customer("asa", "broadband").await;
    // Maria owns a case and leads no team; Carin leads a team and owns no case.
    let dear = json!({ "amount": "20000", "currency": "SEK" });
    shop.filed(json!({ "idempotencyKey": "dear", "text": "x", "email": "o@example.com", "orderAmount": dear })).await;
    other.customer("karin", "trampoline").await;
    let db = t.store.connect().await;
    let mine = r#"(SELECT id FROM "case" ORDER BY opened_at, id LIMIT 1)"#;
    let bo = "(SELECT id FROM staff WHERE email = 'bo@shop.example' ORDER BY created_at, id LIMIT 1)";
    let new =
        if sea_orm::DbBackend::Sqlite == db.get_database_backend() { "randomblob(16)" } else { "gen_random_uuid()" };
    for (what, sql) in [
        ("no owner", format!(r#"UPDATE "case" SET owner_id = NULL WHERE id = {mine}"#)),
        ("an owner without a period", format!(r#"UPDATE "case" SET owner_id = {bo} WHERE id = {mine}"#)),
        ("a partner as owner", format!(r#"UPDATE "case" SET owner_id = (SELECT id FROM partner LIMIT 1) WHERE id = {mine}"#)),
        ("a team as owner", format!(r#"UPDATE "case" SET owner_id = (SELECT id FROM team LIMIT 1) WHERE id = {mine}"#)),
        ("a case of another seller's owner", format!(r#"UPDATE "case" SET seller_id = (SELECT id FROM seller WHERE name = 'other') WHERE id = {mine}"#)),
        ("an owner who is not active", "UPDATE staff SET active = false, deactivated_at = created_at WHERE email = 'maria@shop.example' AND seller_id = (SELECT id FROM seller WHERE name = 'shop')".into()),
        ("an owner who is gone", r#"DELETE FROM staff WHERE id = (SELECT owner_id FROM "case" LIMIT 1)"#.into()),
        ("a seller without an accountable person", "UPDATE seller SET accountable_id = NULL".into()),
        ("an accountable person elsewhere", "UPDATE seller SET accountable_id = (SELECT accountable_id FROM seller WHERE name = 'other') WHERE name = 'shop'".into()),
        ("a closed last period", format!("UPDATE ownership SET ended_at = '2027-01-01T00:00:00+00:00' WHERE case_id = {mine}")),
        ("a second open period", format!("INSERT INTO ownership (case_id, seq, owner_id, started_at, prev_ended_at, reason, by_kind) SELECT case_id, 2, owner_id, started_at, started_at, 'ROUTED', 'SYSTEM' FROM ownership WHERE case_id = {mine}")),
        ("no period at all", format!("DELETE FROM ownership WHERE case_id = {mine}")),
        ("an event twice", format!("INSERT INTO event (case_id, seq, seller_id, feed_seq, owner_id, customer_id, kind, at, by_kind, by_id, partner_id, staff_id, for_customer, data) SELECT case_id, seq, seller_id, feed_seq + 1000, owner_id, customer_id, kind, at, by_kind, by_id, partner_id, staff_id, for_customer, data FROM event WHERE case_id = {mine} AND seq = 1")),
        ("a feed's number twice", format!("INSERT INTO event (case_id, seq, seller_id, feed_seq, owner_id, customer_id, kind, at, by_kind, by_id, partner_id, staff_id, for_customer, data) SELECT case_id, seq + 1000, seller_id, feed_seq, owner_id, customer_id, kind, at, by_kind, by_id, partner_id, staff_id, for_customer, data FROM event WHERE case_id = {mine} AND seq = 1")),
        ("fewer than no open cases", "UPDATE staff_load SET open_cases = -1".into()),
        ("a key twice", "INSERT INTO idempotency SELECT * FROM idempotency".into()),
        ("a merged case with another owner", format!(r#"UPDATE "case" SET stage = 'MERGED', closed_at = opened_at, next_contact_due = NULL, merged_into = (SELECT id FROM "case" k WHERE k.seller_id = "case".seller_id AND k.owner_id <> "case".owner_id LIMIT 1) WHERE id = {mine}"#)),
        ("two offers of one case", format!("INSERT INTO handover (id, case_id, seller_id, from_id, to_id, note, status, offered_at, expires_at) SELECT {new}, c.id, c.seller_id, c.owner_id, {bo}, 'x', 'OFFERED', c.opened_at, c.opened_at FROM \"case\" c WHERE c.id = {mine} UNION ALL SELECT {new}, c.id, c.seller_id, c.owner_id, {bo}, 'x', 'OFFERED', c.opened_at, c.opened_at FROM \"case\" c WHERE c.id = {mine}")),
        ("a lead who is not active", "UPDATE staff SET active = false, deactivated_at = created_at WHERE id = (SELECT lead_id FROM team WHERE name = 'garden' AND seller_id = (SELECT id FROM seller WHERE name = 'shop'))".into()),
    ] {
        let tx = db.begin().await.unwrap();
        let refused = match tx.execute_unprepared(&sql).await {
            Err(error) => {
                tx.rollback().await.unwrap();
                Some(error)
            }
            Ok(done) => {
                assert!(done.rows_affected() > 0, "{what}: the statement found nothing to break");
                tx.commit().await.err()
            }
        };
        let error = refused.unwrap_or_else(|| panic!("the store allowed {what}")).to_string().to_lowercase();
        // A misspelt statement would be refused, too.
        assert!(error.contains("constraint"), "{what}: {error}");
        if sea_orm::DbBackend::Sqlite == db.get_database_backend() {
            // A refused commit leaves SQLite's transaction open.
            drop(db.execute_unprepared("ROLLBACK").await);
        }
    }
    db.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_that_start_at_once_on_an_empty_store_all_serve() {
    let store = TestStore::new().await;
    let start = async |seed: u64| {
        let config = config(&store.url);
        let clock = std::sync::Arc::new(ansvar::kit::clock::SystemClock);
        let entropy = std::sync::Arc::new(ansvar::kit::entropy::SeededEntropy::new(seed));
        let app = ansvar::serve::open(&config, clock, entropy, None).await.expect("the store opens");
        ansvar::serve::start(&config, app).await.expect("it serves")
    };
    let (one, two, three) = tokio::join!(start(1), start(2), start(3));
    for node in [&one, &two, &three] {
        let (status, _, _) =
            ansvar_tests::Client::new(&format!("http://{}", node.address), None).fetches("/readyz").await;
        assert_eq!(status, 200);
    }
    tokio::join!(one.stop(), two.stop(), three.stop());
    store.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_take_in_the_same_complaint_at_once_and_it_is_one() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = t.second_node().await;
    let elsewhere = ansvar_tests::Client::new(&format!("http://{}", other.address), shop.widget.bearer.as_deref());
    for round in 0..10 {
        let input =
            json!({ "idempotencyKey": format!("round {round}"), "email": "asa@example.com", "text": "broadband" });
        let file = |client: &ansvar_tests::Client| {
            let (client, input) = (client.clone(), input.clone());
            async move { client.does("fileComplaint", input, "receipt { reference trackingToken ownerName }").await }
        };
        let (one, two) = tokio::join!(file(&shop.widget), file(&elsewhere));
        assert_eq!(one, two);
    }
    assert_eq!(shop.manager.asks("{ cases { totalCount } }", json!({})).await["cases"]["totalCount"], 10);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_benchmark_writes_by_hand_is_a_case_as_good_as_any() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let hand = ansvar_tests::by_hand::Writer::open(&t.store.url, &shop.id).await;
    for number in 0..3 {
        hand.write(number).await;
    }
    hand.close().await;
    let read = "{ cases { totalCount nodes { owner { name } customer { name } whyThisOwner reports { words } events { __typename } } } }";
    let cases = shop.manager.asks(read, json!({})).await["cases"].take();
    assert_eq!(cases["totalCount"], 3);
    let case = &cases["nodes"][0];
    assert_eq!((&case["customer"]["name"], case["events"].as_array().unwrap().len()), (&json!("Bench"), 2), "{case}");
}
