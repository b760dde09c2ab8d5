//! Reply templates: a seller's texts for replies, filled in for a case.

use ansvar_tests::TestApp;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_sellers_texts_are_filled_in_for_a_case() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let written = |name: &str, language: &str, text: &str| json!({ "sellerId": shop.id, "name": name, "language": language, "text": text });
    let selection = "replyTemplate { id version name language text active seller { id } }";
    let text = "Hello{{#customer}} {{customer}}{{/customer}},\n\nwe look into {{reference}} ({{subject}}). You hear from us by {{due}}.\n\n{{owner}}, {{seller}}";
    let made = shop.manager.does("createReplyTemplate", written("We look", "EN", text), selection).await;
    let template = made["replyTemplate"]["id"].clone();
    let expected = json!({ "id": template, "version": 1, "name": "We look", "language": "EN", "text": text, "active": true, "seller": { "id": shop.id } });
    assert_eq!(made["replyTemplate"], expected);
    let asa = shop.customer("asa", "broadband").await;
    let case = shop.case_id(&asa.reference).await;
    let document = "query($case: ID!, $template: ID!) { renderedReply(caseId: $case, replyTemplateId: $template) { text empty template { name } } }";
    let of = |template: &Value| json!({ "case": case, "template": template });
    let seller = shop.admin.asks("{ sellers { name } }", json!({})).await["sellers"][0]["name"].clone();
    let read = shop.staff("anna").asks(document, of(&template)).await["renderedReply"].take();
    let filled = format!(
        "Hello asa,\n\nwe look into {} (broadband). You hear from us by Tuesday 3 November 2026 at 09:00.\n\nanna, {}",
        asa.reference,
        seller.as_str().unwrap()
    );
    assert_eq!(read, json!({ "text": filled, "empty": [], "template": { "name": "We look" } }));
    // What the case does not know is named.
    let close = json!({ "caseId": case, "message": "Done" });
    shop.staff("anna").does("closeCase", close, "case { id }").await;
    let read = shop.staff("anna").asks(document, of(&template)).await["renderedReply"].take();
    assert_eq!(read["empty"], json!(["due"]));
    // A placeholder that does not exist, or that a reply cannot have, is refused by its name.
    for (text, named) in [("Hello {{custmer}}", "{{custmer}}"), ("See {{link}}", "{{link}}")] {
        let refused =
            shop.manager.tries("createReplyTemplate", written("x", "EN", text), "").await["userErrors"].take();
        assert_eq!((&refused[0]["code"], &refused[0]["field"]), (&json!("INVALID"), &json!(["text"])));
        assert!(refused[0]["message"].as_str().unwrap().starts_with(named), "{refused}");
    }
    let error = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    let taken = shop.manager.fails("createReplyTemplate", written(" We  look ", "EN", "x"));
    assert_eq!(taken.await, [error("TAKEN", "name")]);
    let empty = shop.manager.fails("createReplyTemplate", written(" ", "EN", " "));
    assert_eq!(empty.await, [error("REQUIRED", "name"), error("REQUIRED", "text")]);
    // The same name in another language; another text; and out of use.
    let swedish =
        shop.manager.does("createReplyTemplate", written("We look", "SV", "Hej {{customer}}"), selection).await;
    let change = json!({ "replyTemplateId": template, "text": "Hello {{customer}}", "expectedVersion": 1 });
    let changed = shop.manager.does("updateReplyTemplate", change.clone(), selection).await;
    assert_eq!(
        (&changed["replyTemplate"]["version"], &changed["replyTemplate"]["name"]),
        (&json!(2), &json!("We look"))
    );
    assert_eq!(shop.manager.fails("updateReplyTemplate", change).await[0].0, "VERSION_CONFLICT");
    let wrong = json!({ "replyTemplateId": template, "text": "{{x}}" });
    assert_eq!(shop.manager.fails("updateReplyTemplate", wrong).await, [error("INVALID", "text")]);
    let off = json!({ "replyTemplateId": template, "active": false });
    shop.manager.does("updateReplyTemplate", off, selection).await;
    assert_eq!(shop.manager.is_refused(document, of(&template)).await, "NOT_FOUND");
    let list = async |filter: Value| {
        let document = "query($filter: ReplyTemplateFilter) { replyTemplates(filter: $filter) { totalCount nodes { language active } } }";
        shop.staff("bo").asks(document, json!({ "filter": filter })).await["replyTemplates"].take()
    };
    let (on, off) = (json!({ "language": "SV", "active": true }), json!({ "language": "EN", "active": false }));
    assert_eq!(list(Value::Null).await, json!({ "totalCount": 2, "nodes": [on, off] }));
    assert_eq!(list(json!({ "active": true })).await["nodes"], json!([on]));
    assert_eq!(list(json!({ "language": "EN" })).await["nodes"], json!([off]));
    // For managers to change, for staff to use; nobody else's are there.
    let swedish = swedish["replyTemplate"]["id"].clone();
    let own = json!({ "replyTemplateId": swedish, "active": true });
    assert_eq!(shop.staff("anna").fails("updateReplyTemplate", own.clone()).await[0].0, "FORBIDDEN");
    let other = shop.another(&t, "other").await;
    assert_eq!(other.manager.fails("updateReplyTemplate", own).await, [error("NOT_FOUND", "replyTemplateId")]);
    assert_eq!(other.manager.is_refused(document, of(&swedish)).await, "NOT_FOUND");
    for anybody in [&shop.gateway, &shop.widget, &asa.client, shop.partner("bouncy")] {
        assert_eq!(anybody.is_refused(document, of(&swedish)).await, "FORBIDDEN");
        assert_eq!(anybody.is_refused("{ replyTemplates { totalCount } }", json!({})).await, "FORBIDDEN");
    }
}
