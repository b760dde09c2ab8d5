//! Merging two cases, and undoing it.

use ansvar_tests::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn two_cases_become_one_with_one_owner_and_can_be_taken_apart() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let first = shop.customer("asa", "broadband is down").await;
    let second = shop.customer("asa", "the trampoline broke").await;
    assert_eq!((first.owner_name.as_str(), second.owner_name.as_str()), ("anna", "carin"));
    let (one, two) = (shop.case_id(&first.reference).await, shop.case_id(&second.reference).await);
    let input = json!({ "caseId": two, "intoId": one, "reason": "The same delivery", "sameCustomer": true });
    assert_eq!(shop.staff("carin").fails("mergeCases", input.clone()).await[0].0, "FORBIDDEN");
    let merged = shop
        .manager
        .does("mergeCases", input.clone(), "case { reference owner { name } mergedCases { reference } }")
        .await;
    assert_eq!(
        merged["case"],
        json!({ "reference": first.reference, "owner": { "name": "anna" }, "mergedCases": [{ "reference": second.reference }] })
    );
    let read = shop
        .reads(
            &second.reference,
            "stage owner { name } mergedInto { reference } whyThisOwner viewerCan { unmerge merge reassign }",
        )
        .await;
    assert_eq!(
        read,
        json!({ "stage": "MERGED", "owner": { "name": "anna" }, "mergedInto": { "reference": first.reference },
            "whyThisOwner": "maria merged the case into one of this person's: The same delivery",
            "viewerCan": { "unmerge": true, "merge": false, "reassign": false } })
    );
    // The customer's second token leads to the case that continues, with all their messages.
    let mine = second.client.asks("{ myCase { reference ownerName messages { text } } }", json!({})).await;
    assert_eq!(mine["myCase"]["reference"], first.reference.as_str());
    assert_eq!(
        mine["myCase"]["messages"],
        json!([{ "text": "broadband is down" }, { "text": "the trampoline broke" }])
    );
    second.client.does("addCustomerMessage", json!({ "text": "Any news?" }), "message { text }").await;
    // A new owner of one case owns both.
    shop.manager
        .does("reassignCase", json!({ "caseId": one, "ownerId": shop.id_of("dag"), "reason": "x" }), "case { id }")
        .await;
    assert_eq!(shop.owner_of(&second.reference).await, "dag");
    assert_eq!(
        shop.manager.fails("reassignCase", json!({ "caseId": two, "ownerId": shop.id_of("bo"), "reason": "x" })).await
            [0]
        .0,
        "INVALID_TRANSITION"
    );
    assert_eq!(shop.manager.fails("mergeCases", input).await[0].0, "INVALID_TRANSITION");
    // After unmerging both cases are as before.
    let apart = shop
        .manager
        .does(
            "unmergeCase",
            json!({ "caseId": two, "reason": "Two deliveries after all" }),
            "case { stage owner { name } mergedInto { id } nextContactDue }",
        )
        .await;
    assert_eq!(
        apart["case"],
        json!({ "stage": "RECEIVED", "owner": { "name": "carin" }, "mergedInto": null, "nextContactDue": "2026-11-03T08:00:00+00:00" })
    );
    assert_eq!(
        shop.manager.fails("unmergeCase", json!({ "caseId": two, "reason": "x" })).await[0].0,
        "INVALID_TRANSITION"
    );
    assert_eq!(shop.owner_of(&first.reference).await, "dag");
}

#[tokio::test(flavor = "multi_thread")]
async fn different_customers_are_merged_only_by_somebody_who_knows_that_they_are_one() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let asa = shop.customer("asa", "broadband").await;
    let home = shop.customer("asa.at.home", "broadband again").await;
    let (one, two) = (shop.case_id(&asa.reference).await, shop.case_id(&home.reference).await);
    let input = json!({ "caseId": two, "intoId": one, "reason": "One person, two addresses" });
    assert_eq!(shop.manager.fails("mergeCases", input).await, [("INVALID_TRANSITION".into(), "sameCustomer".into())]);
    assert_eq!(
        other
            .manager
            .fails("mergeCases", json!({ "caseId": two, "intoId": one, "reason": "x", "sameCustomer": true }))
            .await[0]
            .0,
        "NOT_FOUND"
    );
    assert_eq!(
        shop.manager.fails("mergeCases", json!({ "caseId": two, "intoId": two, "reason": "x" })).await,
        [("INVALID".into(), "intoId".into())]
    );
    let input = json!({ "caseId": two, "intoId": one, "reason": "One person, two addresses", "sameCustomer": true });
    shop.manager.does("mergeCases", input, "case { id }").await;
    // A case into which another was merged cannot be merged itself, and an open case cannot be merged into a closed
    // one.
    let third = shop.customer("asa", "broadband third").await;
    let three = shop.case_id(&third.reference).await;
    let away = shop.manager.fails("mergeCases", json!({ "caseId": one, "intoId": three, "reason": "x" })).await;
    assert_eq!(away, [("INVALID_TRANSITION".into(), "caseId".into())]);
    shop.manager.does("closeCase", json!({ "caseId": three, "message": "Done" }), "case { stage }").await;
    let closed = shop.manager.fails("mergeCases", json!({ "caseId": one, "intoId": three, "reason": "x" })).await;
    assert!(closed.contains(&("INVALID_TRANSITION".into(), "intoId".into())), "{closed:?}");
    // When the owner of both leaves, both go to the same person.
    let owner = shop.owner_of(&asa.reference).await;
    let input = json!({ "staffId": shop.id_of(&owner), "successorId": shop.id_of("dag") });
    shop.admin.does("deactivateStaff", input, "deactivation { casesHandedOver }").await;
    assert_eq!(shop.owner_of(&asa.reference).await, shop.owner_of(&home.reference).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_for_a_merged_case_joins_the_one_that_goes_on() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let first = shop.customer("asa", "broadband is down").await;
    let second = shop.customer("asa", "broadband is still down").await;
    let (one, two) = (shop.case_id(&first.reference).await, shop.case_id(&second.reference).await);
    shop.manager.does("mergeCases", json!({ "caseId": two, "intoId": one, "reason": "The same" }), "case { id }").await;
    let raw = ansvar_tests::people::mail(
        "asa@example.com",
        &format!("Re: {}", second.reference),
        "m1@example.com",
        "",
        "And now?",
    );
    let receipt = shop.mail(raw).await;
    assert_eq!((&receipt["disposition"], &receipt["reference"]), (&json!("ATTACHED"), &json!(first.reference)));
    let call = shop.call(json!({ "source": "p", "externalId": "1", "words": "Hello?", "caseId": two })).await;
    assert_eq!((&call["disposition"], &call["reference"]), (&json!("ATTACHED"), &json!(first.reference)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_no_proof_so_a_merge_alone_shows_nobody_the_other_case() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let victim = shop.customer("asa", "broadband, and my address is secret").await;
    let thief = shop.customer("asa", "the same order, please merge").await;
    let (one, two) = (shop.case_id(&victim.reference).await, shop.case_id(&thief.reference).await);
    shop.manager.does("mergeCases", json!({ "caseId": two, "intoId": one, "reason": "x" }), "case { id }").await;
    for (client, reference, words) in [
        (&thief.client, &thief.reference, "the same order, please merge"),
        (&victim.client, &victim.reference, "broadband, and my address is secret"),
    ] {
        let mine = client.asks("{ myCase { reference messages { text } } }", json!({})).await;
        assert_eq!(mine["myCase"], json!({ "reference": reference, "messages": [{ "text": words }] }));
    }
    // The owner can read both. A message on the merged case reopens the case that continues.
    let both = shop.reads(&victim.reference, "messages { text }").await;
    assert_eq!(both["messages"].as_array().unwrap().len(), 2);
    shop.manager.does("closeCase", json!({ "caseId": one, "message": "Done" }), "case { id }").await;
    thief.client.does("addCustomerMessage", json!({ "text": "no" }), "message { id }").await;
    assert_eq!(shop.reads(&victim.reference, "stage").await["stage"], "INVESTIGATING");
}
