//! Runs the requests of the guides in `docs` as they are written there.

use ansvar_tests::golden::root;
use ansvar_tests::watch::{By, Watch};
use ansvar_tests::{Client, TestApp, text};
use serde_json::json;

use crate::mail::help_desk;

/// The document of a guide that begins with these words, such as `mutation Lost`.
fn request(guide: &str, begins: &str) -> String {
    let page = std::fs::read_to_string(root().join("docs").join(guide)).unwrap();
    let mut documents = page.split("```graphql\n").skip(1).map(|block| block.split("```").next().unwrap());
    let found = documents.find(|document| document.starts_with(begins));
    found.unwrap_or_else(|| panic!("{guide} has no \"{begins}\"")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_app() {
    let request = |begins: &str| request("mobile.md", begins);
    let (sink, t, shop) = help_desk().await;
    let page = json!({ "sellerId": shop.id, "trackingUrl": "https://shop.example/case" });
    shop.admin.does("updateSeller", page, "seller { id }").await;
    let one = shop.customer("karin", "The broadband is down").await;
    let two = shop.customer("karin", "The trampoline is cracked").await;
    t.settle().await;
    let lost = shop.widget.asks(&request("mutation Lost"), json!({ "email": "karin@example.com" })).await;
    assert_eq!(lost["requestTrackingLink"], json!({ "accepted": true, "userErrors": [] }));
    t.settle().await;
    let words = sink.letters(3).await[2].text();
    let link = words.split_whitespace().find(|word| word.starts_with("https://shop.example/case#")).unwrap();
    let phone: Client = shop.widget.showing(link.split_once('#').unwrap().1);

    let mine = phone.asks(&request("query Mine"), json!({})).await;
    let cases = mine["myCases"]["nodes"].as_array().unwrap();
    let references: Vec<String> = cases.iter().map(|case| text(&case["reference"])).collect();
    assert_eq!(references, [two.reference.clone(), one.reference.clone()]);
    assert_eq!(cases[0]["lastMessage"]["text"], "The trampoline is cracked");
    let id = cases[1]["id"].clone();
    let read = phone.asks(&request("query OneCase"), json!({ "id": id })).await;
    assert_eq!(read["myCase"]["reference"], one.reference.as_str());

    let after = json!({ "after": mine["feedCursor"] });
    let mut feed = Watch::start(&phone, By::Sse, &request("subscription Follow"), after).await;
    let message = json!({ "case": id, "text": "It is still down", "key": "1" });
    let wrote = phone.asks(&request("mutation Write"), message).await;
    assert_eq!(wrote["addCustomerMessage"]["userErrors"], json!([]));
    let event = feed.next_event().await;
    assert_eq!(event["event"]["message"]["text"], "It is still down");
    assert_eq!(event["event"]["case"]["reference"], one.reference.as_str());
    let news = phone.asks(&request("mutation AnyNews"), json!({ "case": id, "key": "2" })).await;
    assert_eq!(news["askForNews"]["userErrors"], json!([]));

    let out = phone.asks(&request("mutation SignOut"), json!({})).await;
    assert_eq!(out["revokeTrackingTokens"]["revoked"]["count"], 4);
    assert_eq!(feed.ends().await.pop().unwrap()["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(phone.post("{ myCases { totalCount } }", json!({})).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_form_on_a_page() {
    let request = |begins: &str| request("widget.md", begins);
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let made = shop.admin.asks(&request("mutation Create"), json!({ "seller": shop.id })).await;
    let widget = &made["createWidget"]["widget"];
    let set = shop.admin.asks(&request("mutation SetUp"), json!({ "widget": widget["id"] })).await;
    let set = &set["updateWidget"];
    assert_eq!((&set["userErrors"], &set["widget"]["allowedOrigins"]), (&json!([]), &json!(["https://shop.example"])));
    let page = shop.widget.showing(widget["publishableKey"].as_str().unwrap());
    let form = page.asks(&request("query Form"), json!({})).await["form"].take();
    assert_eq!(form["contents"]["categories"][0]["questions"][1]["choices"], json!(["red", "green"]));
    let file = json!({ "key": "1", "email": "asa@example.com", "text": "It is down" });
    let filed = page.asks(&request("mutation File"), file).await["fileComplaint"].take();
    assert_eq!(filed["userErrors"], json!([]));
    let customer = page.showing(filed["receipt"]["trackingToken"].as_str().unwrap());
    let mut follows = Watch::start(&customer, By::Sse, &request("subscription Follow"), json!({ "after": 0 })).await;
    assert_eq!(follows.next_event().await["kind"], "CASE_OPENED");
}
