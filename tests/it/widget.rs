//! Complaint forms on pages: which pages may use a key, what the form asks, and what becomes of the answers.

use ansvar_tests::TestApp;
use ansvar_tests::watch::dial;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, ORIGIN};
use serde_json::{Value, json};

const FORM: &str = "{ form { sellerName longestText longestAnswer contents { intro thanks categories { name questions { key text kind required choices } } } } }";

/// The status of a request by a page of this origin, with this credential, and the origin that may read the answer.
async fn called(t: &TestApp, method: Method, origin: &str, bearer: Option<&str>) -> (u16, Option<String>) {
    let mut request =
        t.anybody().http().request(method.clone(), format!("{}/graphql", t.base())).header(ORIGIN, origin);
    if method == Method::OPTIONS {
        request = request.header("access-control-request-method", "POST");
        request = request.header("access-control-request-headers", "authorization,content-type");
    } else {
        request = request.json(&json!({ "query": "{ __typename }" }));
    }
    if let Some(bearer) = bearer {
        request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
    }
    let response = request.send().await.unwrap();
    let read = response.headers().get("access-control-allow-origin");
    (response.status().as_u16(), read.map(|origin| origin.to_str().unwrap().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_works_on_the_pages_that_its_widget_lists_and_on_no_others() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let made = json!({ "sellerId": shop.id, "name": "page" });
    let made = shop.admin.does("createWidget", made, "widget { id publishableKey allowedOrigins }").await;
    let (id, key) = (made["widget"]["id"].clone(), made["widget"]["publishableKey"].as_str().unwrap().to_owned());
    assert_eq!(made["widget"]["allowedOrigins"], json!([]));
    let (page, evil, operators) = ("https://page.example", "https://evil.example", "https://shop.example");
    // Without a list of its own, the operator's counts.
    assert_eq!(called(&t, Method::OPTIONS, page, None).await.1, None);
    assert_eq!(called(&t, Method::POST, operators, Some(&key)).await, (200, Some(operators.to_owned())));
    assert_eq!(called(&t, Method::POST, page, Some(&key)).await, (200, None));

    let wrong = json!({ "widgetId": id, "allowedOrigins": ["https://page.example/form", "page.example"] });
    let fields = ["allowedOrigins.0", "allowedOrigins.1"].map(|field| ("INVALID".to_owned(), field.to_owned()));
    assert_eq!(shop.admin.fails("updateWidget", wrong).await, fields);
    let list = json!({ "widgetId": id, "allowedOrigins": ["HTTPS://page.example/", "http://localhost:3000"] });
    let listed = shop.admin.does("updateWidget", list, "widget { version active allowedOrigins }").await;
    let origins = json!(["http://localhost:3000", "https://page.example"]);
    assert_eq!(listed["widget"], json!({ "version": 2, "active": true, "allowedOrigins": origins }));
    for (origin, status, read) in [(page, 200, Some(page)), (evil, 403, None), (operators, 403, None)] {
        let expected = (status, read.map(str::to_owned));
        assert_eq!(called(&t, Method::POST, origin, Some(&key)).await, expected, "{origin}");
    }
    assert_eq!(called(&t, Method::OPTIONS, page, None).await.1.as_deref(), Some(page));
    assert_eq!(called(&t, Method::OPTIONS, evil, None).await.1, None);
    // The customer follows the case on the same page; staff do not sign in there.
    let asa = shop.customer("asa", "broadband").await;
    let token = asa.client.bearer.clone().unwrap();
    assert_eq!(called(&t, Method::POST, page, Some(&token)).await, (200, Some(page.to_owned())));
    assert_eq!(called(&t, Method::POST, evil, Some(&token)).await, (200, None));
    let staff = t.token(&shop.admin_id);
    assert_eq!(called(&t, Method::POST, page, Some(&staff)).await, (200, None));
    // The other widget of the shop has no list.
    let other = shop.widget.bearer.clone().unwrap();
    assert_eq!(called(&t, Method::POST, operators, Some(&other)).await, (200, Some(operators.to_owned())));
    // Servers and apps send no origin.
    assert_eq!(shop.widget.showing(&key).asks("{ __typename }", json!({})).await["__typename"], "Query");
    drop(dial(&t.base()).await);

    // A widget that is turned off opens no page.
    shop.admin.does("updateWidget", json!({ "widgetId": id, "active": false }), "widget { active }").await;
    assert_eq!(called(&t, Method::OPTIONS, page, None).await.1, None);
    let none = json!({ "widgetId": id, "active": true, "allowedOrigins": [] });
    shop.admin.does("updateWidget", none, "widget { allowedOrigins }").await;
    assert_eq!(called(&t, Method::POST, operators, Some(&key)).await, (200, Some(operators.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_asks_its_questions_and_the_answers_are_on_the_report() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let made = json!({ "sellerId": shop.id, "name": "page" });
    let made = shop.admin.does("createWidget", made, "widget { id publishableKey form { intro } }").await;
    let id = made["widget"]["id"].clone();
    let page = shop.widget.showing(made["widget"]["publishableKey"].as_str().unwrap());
    let question = |key: &str, kind: &str, required: bool, choices: Value| json!({ "key": key, "text": format!("{key}?"), "kind": kind, "required": required, "choices": choices });
    let questions = json!([
        question("since", "DATE", true, json!([])),
        question("lamp", "CHOICE", false, json!(["red", "green"])),
        question("speed", "NUMBER", false, json!([])),
    ]);
    let form = json!({
        "intro": "Tell us what happened.", "thanks": "Thank you.",
        "categories": [{ "name": "broadband", "questions": questions }, { "name": "garden", "questions": [] }],
    });
    let set = json!({ "widgetId": id, "form": form });
    shop.admin.does("updateWidget", set.clone(), "widget { id }").await;
    let mut twice = set;
    twice["form"]["categories"][0]["questions"][1]["key"] = json!("since");
    twice["form"]["categories"][0]["questions"][2]["choices"] = json!(["fast"]);
    twice["form"]["categories"][1]["name"] = json!("Broadband");
    let told: Vec<_> = shop.admin.fails("updateWidget", twice).await.into_iter().map(|(_, field)| field).collect();
    let path = "form.categories.0.questions";
    assert_eq!(told, [format!("{path}.1.key"), format!("{path}.2.choices"), "form.categories.1.name".to_owned()]);

    // The form reads what it needs, and nothing else.
    let read = page.asks(FORM, json!({})).await["form"].take();
    assert_eq!((&read["sellerName"], &read["longestText"]), (&json!("shop"), &json!(20_000)));
    let expected =
        json!({ "intro": "Tell us what happened.", "thanks": "Thank you.", "categories": form["categories"] });
    assert_eq!(read["contents"], expected);
    for document in ["{ cases { totalCount } }", "{ sellers { id } }", "{ myCases { totalCount } }"] {
        assert_eq!(page.is_refused(document, json!({})).await, "FORBIDDEN", "{document}");
    }
    for client in [&shop.admin, &shop.gateway] {
        assert_eq!(client.is_refused(FORM, json!({})).await, "FORBIDDEN");
    }

    let complaint = |key: &str, category: &str, answers: Value| json!({ "idempotencyKey": key, "email": "asa@example.com", "text": "The broadband is down", "category": category, "answers": answers });
    let refused = async |category: &str, answers: Value| {
        let told = page.fails("fileComplaint", complaint("refused", category, answers)).await;
        told.into_iter().map(|(code, field)| format!("{code} {field}")).collect::<Vec<_>>()
    };
    let since = json!({ "question": "since", "value": "2026-10-30" });
    assert_eq!(refused("broadband", json!([])).await, ["REQUIRED answers"]);
    assert_eq!(refused("cellar", json!([])).await, ["INVALID category"]);
    let lamp = |value: &str| json!({ "question": "lamp", "value": value });
    assert_eq!(refused("broadband", json!([since, lamp("blue")])).await, ["INVALID answers.1.value"]);
    assert_eq!(refused("garden", json!([since])).await, ["NOT_FOUND answers.0.question"]);
    let answers = json!([{ "question": "speed", "value": "12,5" }, since, lamp("red")]);
    let sends_form = async |input: Value| {
        let filed = page.does("fileComplaint", input, "receipt { reference }").await;
        filed["receipt"]["reference"].as_str().unwrap().to_owned()
    };
    let filed = sends_form(complaint("1", "broadband", answers)).await;
    let selection = "reports { ... on WebFormReport { answers { question text kind value } } }";
    let report = shop.reads(&filed, selection).await["reports"][0].take();
    let answer = |key: &str, kind: &str, value: &str| json!({ "question": key, "text": format!("{key}?"), "kind": kind, "value": value });
    let answers =
        [answer("since", "DATE", "2026-10-30"), answer("lamp", "CHOICE", "red"), answer("speed", "NUMBER", "12.5")];
    assert_eq!(report["answers"], json!(answers));
    // A form without a category has no questions.
    let plain = json!({ "idempotencyKey": "2", "email": "eva@example.com", "text": "trampoline" });
    let plain = shop.reads(&sends_form(plain).await, selection).await["reports"][0].take();
    assert_eq!(plain["answers"], json!([]));
}
