//! Logs and metrics contain ids and events, never words, names, addresses or credentials. A whole story is run with
//! verbose logging, and the log is searched.

use std::process::Command;

use ansvar_tests::Client;
use ansvar_tests::people::mail;
use ansvar_tests::watch::{By, Watch};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::cli::{Folder, Served, program};

/// Strings that the story uses in all fields for text.
const PLANTED: &[&str] = &["Zebrafink", "planta.hemlig", "Hemlig", "701740605", "203.0.113.77"];

struct Service {
    served: Served,
    folder: Folder,
}

impl Service {
    async fn start() -> (Self, Client) {
        let folder = Folder::new("privacy");
        let secret = "a secret of thirty-two bytes or more";
        let config = format!(
            "listen = \"127.0.0.1:0\"\nsecret = \"{secret}\"\n[database]\nurl = \"sqlite://{}\"\n[auth]\nissuer = \"i\"\naudience = \"a\"\nalgorithm = \"HS256\"\nsecret = \"{secret}\"\n[http]\ntrusted_proxies = 1\n[log]\nfilter = \"debug,ansvar=trace\"\n",
            folder.path("ansvar.db")
        );
        std::fs::write(folder.path("ansvar.toml"), config).unwrap();
        let first = ["setup", "--seller", "Shop", "--name", "Elin Hemlig", "--email", "elin@planta.hemlig.example"];
        let made = says(&folder, &first);
        let admin = made.split_whitespace().find(|word| word.starts_with("staff_")).unwrap().to_owned();
        let served = Served::start(&folder.path("ansvar.toml")).await;
        let this = Self { served, folder };
        let client = this.holder_of(&admin);
        (this, client)
    }

    fn holder_of(&self, subject: &str) -> Client {
        Client::new(&self.served.base, Some(says(&self.folder, &["token", subject]).trim()))
    }
}

fn says(folder: &Folder, arguments: &[&str]) -> String {
    let file = folder.path("ansvar.toml");
    let output = Command::new(program()).args(arguments).args(["--config", &file]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_story_leaves_no_word_of_it_in_the_log() {
    let (service, admin) = Service::start().await;
    let seller = admin.asks("{ sellers { id accountable { id } } }", json!({})).await["sellers"][0].clone();
    let made = async |mutation: &str, field: &str, mut input: Value, selection: &str| {
        if mutation.starts_with("create") && mutation != "createPartnerContact" {
            input["sellerId"] = seller["id"].clone();
        }
        admin.does(mutation, input, &format!("{field} {{ {selection} }}")).await[field].clone()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let key = made("createWidget", "widget", json!({ "name": "Zebrafink" }), "publishableKey").await;
    let widget = Client::new(&service.served.base, key["publishableKey"].as_str());
    let gateway = made("createApiClient", "apiClient", json!({ "name": "Hemlig" }), "id").await;
    let gateway = service.holder_of(&text(&gateway["id"]));
    let partner = made("createPartner", "partner", json!({ "name": "Zebrafink AB" }), "id").await["id"].clone();
    let contact = json!({ "partnerId": partner, "name": "Pia Hemlig", "email": "pia@planta.hemlig.example" });
    let contact = made("createPartnerContact", "partnerContact", contact, "id").await;
    let pia = service.holder_of(&text(&contact["id"]));
    // Complaints by every channel, with text in every field.
    let form = json!({ "idempotencyKey": "Zebrafink 1", "name": "Åsa Hemlig", "email": "asa@planta.hemlig.example", "phone": "+46701740605", "subject": "Zebrafink", "text": "My Zebrafink is broken" });
    let receipt =
        widget.does("fileComplaint", form.clone(), "receipt { reference trackingToken }").await["receipt"].clone();
    let asa = widget.showing(receipt["trackingToken"].as_str().unwrap());
    let raw = mail(
        "Bo Hemlig <bo@planta.hemlig.example>",
        "Zebrafink",
        "Zebrafink@x.example",
        "X-Zebrafink: Hemlig\r\n",
        "My Zebrafink",
    );
    gateway.does("receiveEmail", json!({ "raw": STANDARD.encode(raw) }), "receipt { reference }").await;
    gateway
        .does("receiveEmail", json!({ "raw": STANDARD.encode(b"\xff\xfe Zebrafink rubbish") }), "receipt { reference }")
        .await;
    let call = json!({ "source": "pbx", "externalId": "Zebrafink-1", "from": "+46701740605", "words": "The Zebrafink sings", "callerName": "Hemlig" });
    gateway.does("logPhoneCall", call, "receipt { reference }").await;
    let case = admin
        .asks("query($by: CaseRef!) { case(by: $by) { id } }", json!({ "by": { "reference": receipt["reference"] } }))
        .await["case"]["id"]
        .clone();
    let mut watch = Watch::start(
        &asa,
        By::WebSocket,
        "subscription { myCaseEvents(after: 0) { seq message { text } } }",
        json!({}),
    )
    .await;
    let mut stream = Watch::start(
        &admin,
        By::Sse,
        "subscription($id: ID!) { caseEvents(caseId: $id, after: 0) { seq } }",
        json!({ "id": case }),
    )
    .await;
    admin
        .does("acknowledgeCase", json!({ "caseId": case, "message": "Your Zebrafink is seen to" }), "case { id }")
        .await;
    admin
        .does(
            "addNote",
            json!({ "caseId": case, "text": "Zebrafink note", "idempotencyKey": "Zebrafink" }),
            "message { id }",
        )
        .await;
    asa.does("addCustomerMessage", json!({ "text": "What of my Zebrafink?" }), "message { id }").await;
    let ask = json!({ "caseId": case, "partnerId": partner, "title": "Zebrafink", "asked": "Mend the Zebrafink", "dueAt": in_a_week() });
    let task = admin.does("requestTask", ask, "task { id }").await["task"]["id"].clone();
    pia.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    pia.does("updateTask", json!({ "taskId": task, "text": "The Zebrafink is away" }), "task { id }").await;
    watch.up_to(3).await;
    stream.up_to(5).await;
    // All kinds of invalid requests.
    widget
        .fails(
            "fileComplaint",
            json!({ "idempotencyKey": "Zebrafink 1", "text": "another Zebrafink", "email": "x@planta.hemlig.example" }),
        )
        .await;
    admin.fails("addNote", json!({ "caseId": "case_Zebrafink", "text": "Zebrafink" })).await;
    for document in [
        "{ Zebrafink }",
        "{ cases(first: \"Zebrafink\") { totalCount } }",
        "{ \"Zebrafink",
        "query Zebrafink { viewer { __typename } }",
    ] {
        admin.post(document, json!({ "Hemlig": "Zebrafink" })).await;
    }
    for bearer in ["Zebrafink", "trk_Zebrafink", "wk_Zebrafink", "a.Zebrafink.c"] {
        widget.showing(bearer).post("{ __typename }", json!({})).await;
    }
    for path in [
        "/files/Zebrafink",
        "/Zebrafink?Hemlig",
        "/graphql?query=%7BZebrafink%7D",
        "/graphql?query=x&variables=Zebrafink",
    ] {
        admin.fetches(path).await;
    }
    let http = admin.http();
    let url = format!("{}/graphql", service.served.base);
    http.post(&url)
        .header("x-forwarded-for", "203.0.113.77")
        .header("content-type", "application/json")
        .body("{Zebrafink")
        .send()
        .await
        .unwrap();
    http.post(&url)
        .header("user-agent", "Zebrafink")
        .header("content-type", "text/Zebrafink")
        .body("Zebrafink")
        .send()
        .await
        .unwrap();

    let (_, _, metrics) = admin.fetches("/metrics").await;
    let log = service.served.ends().await;
    assert!(log.lines().count() > 30, "the log is turned up: {} lines", log.lines().count());
    assert!(log.contains("answered") && log.contains("route=/graphql"), "requests are in it");
    let metrics = String::from_utf8(metrics).unwrap();
    let tokens = [&admin, &widget, &gateway, &pia, &asa].map(|client| client.bearer.clone().unwrap());
    for (place, text) in [("log", &log), ("metrics", &metrics)] {
        for secret in PLANTED.iter().map(|word| (*word).to_owned()).chain(tokens.clone()) {
            let line = text.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
            assert!(line.is_none(), "the {place} holds \"{secret}\": {}", line.unwrap());
        }
    }
}

/// A week from now, by the machine's clock, which the other process uses, too.
fn in_a_week() -> chrono::DateTime<chrono::Utc> {
    use ansvar::kit::clock::{Clock, SystemClock};
    SystemClock.now() + chrono::TimeDelta::days(7)
}
