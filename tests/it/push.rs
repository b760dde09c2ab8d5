//! Push notifications: without content, by day, each once, and only to the devices of the right people.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use ansvar::config::PushOptions;
use ansvar_tests::{Shop, TestApp, text};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::sync::watch;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;

/// A message that arrived at the push service.
#[derive(Clone, Debug)]
struct Arrived {
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A server that is both a push service of browsers and the relay of apps.
struct Service {
    url: String,
    arrived: watch::Receiver<Vec<Arrived>>,
    answers: Arc<AtomicU16>,
    task: tokio::task::JoinHandle<()>,
}

type Ear = (watch::Sender<Vec<Arrived>>, Arc<AtomicU16>);

async fn hear(State((ear, answers)): State<Ear>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    ear.send_modify(|all| all.push(Arrived { path: uri.path().to_owned(), headers, body: body.to_vec() }));
    StatusCode::from_u16(answers.load(Ordering::Relaxed)).unwrap()
}

impl Service {
    async fn start() -> Self {
        let (ear, arrived) = watch::channel(Vec::new());
        let answers = Arc::new(AtomicU16::new(201));
        let router = Router::new().fallback(any(hear)).with_state((ear, Arc::clone(&answers)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, arrived, answers, task }
    }

    fn answers(&self, status: u16) {
        self.answers.store(status, Ordering::Relaxed);
    }

    fn at(&self, path: &str) -> Vec<Arrived> {
        self.arrived.borrow().iter().filter(|arrived| arrived.path == path).cloned().collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A browser with a push subscription.
struct Browser {
    key: SecretKey,
    path: String,
}

impl Browser {
    fn new(number: u8) -> Self {
        Self { key: SecretKey::from_slice(&[number; 32]).unwrap(), path: format!("/send/{number}") }
    }

    fn reach(&self, service: &Service) -> Value {
        let public = self.key.public_key();
        let public = URL_SAFE_NO_PAD.encode(public.to_encoded_point(false).as_bytes());
        let auth = URL_SAFE_NO_PAD.encode([9; 16]);
        json!({ "webPush": { "endpoint": format!("{}{}", service.url, self.path), "p256dh": public, "auth": auth } })
    }

    /// The pushes that it got, decrypted.
    fn told(&self, service: &Service) -> Vec<Value> {
        let read = |arrived: Arrived| {
            let text = web_push_native::decrypt(arrived.body, &self.key, &[9; 16].into()).unwrap();
            serde_json::from_slice(&text).unwrap()
        };
        service.at(&self.path).into_iter().map(read).collect()
    }
}

fn kinds(told: &[Value]) -> Vec<String> {
    told.iter().map(|told| text(&told["kind"])).collect()
}

async fn started(service: &Service) -> (TestApp, Shop) {
    let (url, key) = (format!("{}/relay", service.url), "the key of the relay, of 32 bytes".to_owned());
    let t = TestApp::start_with(|config| {
        config.push = PushOptions { relay_url: Some(url), relay_key: Some(key) };
    })
    .await;
    let shop = t.shop().await;
    (t, shop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_s_browser_is_told_by_day_and_without_words() {
    let service = Service::start().await;
    let (t, shop) = started(&service).await;
    let asa = shop.customer("asa", "The broadband is down, says Åsa").await;
    let case = shop.case_id(&asa.reference).await;
    let browser = Browser::new(1);
    let register = json!({ "reach": browser.reach(&service) });
    let made = asa.client.does("registerDevice", register.clone(), "device { id removedAt }").await;
    let again = asa.client.does("registerDevice", register, "device { id }").await;
    assert_eq!(made["device"]["id"], again["device"]["id"], "the same browser is one device");
    let key = asa.client.asks("{ vapidPublicKey devices { id } }", json!({})).await;
    assert_eq!(key["devices"].as_array().unwrap().len(), 1);
    let owner = shop.owner_of(&asa.reference).await;
    let owner = shop.staff(&owner);
    let wrote = json!({ "caseId": case, "text": "A secret of the desk: we send somebody." });
    owner.does("sendMessage", wrote, "message { id }").await;
    owner.does("addNote", json!({ "caseId": case, "text": "not hers" }), "message { id }").await;
    asa.client.does("addCustomerMessage", json!({ "text": "Thank you, but it still blinks." }), "message { id }").await;
    t.settle().await;
    let told = browser.told(&service);
    assert_eq!(kinds(&told), ["MESSAGE_ADDED"], "once, and not of what she wrote herself");
    assert_eq!((&told[0]["reference"], &told[0]["caseId"]), (&json!(asa.reference), &json!(case)));
    assert_eq!(told[0].as_object().unwrap().len(), 4, "nothing but the kind, the case and the time: {}", told[0]);
    let sent = &service.at(&browser.path)[0];
    let header = |name: &str| sent.headers[name].to_str().unwrap().to_owned();
    assert_eq!((header("content-encoding").as_str(), header("ttl").as_str()), ("aes128gcm", "86400"));
    let authorization = header("authorization");
    assert!(authorization.starts_with("vapid t=") && authorization.ends_with(&text(&key["vapidPublicKey"])));
    // No push is sent at night. In the morning one push covers everything that happened to the case.
    t.later_and_settled(TimeDelta::hours(14)).await;
    let shop = shop.at(&t);
    for words in ["One.", "Two.", "Three."] {
        let input = json!({ "caseId": case, "text": words });
        shop.manager.does("sendMessage", input, "message { id }").await;
    }
    t.settle().await;
    assert_eq!(browser.told(&service).len(), 1, "23:00 in Stockholm");
    t.later_and_settled(TimeDelta::hours(10)).await;
    assert_eq!(browser.told(&service).len(), 2);
    // A push service that is unavailable for a while is tried again. A device that it no longer knows is removed.
    service.answers(503);
    let shop = shop.at(&t);
    shop.manager.does("sendMessage", json!({ "caseId": case, "text": "Four." }), "message { id }").await;
    t.settle().await;
    service.answers(201);
    t.later_and_settled(TimeDelta::minutes(2)).await;
    assert_eq!(browser.told(&service).len(), 4, "tried twice");
    // A repeated attempt that would be at night waits for the morning, too.
    t.later_and_settled(TimeDelta::hours(9)).await;
    service.answers(503);
    let shop = shop.at(&t);
    shop.manager.does("sendMessage", json!({ "caseId": case, "text": "Late." }), "message { id }").await;
    t.settle().await;
    service.answers(201);
    t.later_and_settled(TimeDelta::hours(3)).await;
    let before = browser.told(&service).len();
    t.later_and_settled(TimeDelta::hours(11)).await;
    assert_eq!(browser.told(&service).len(), before + 1, "not at 22, but at 8");
    service.answers(410);
    let shop = shop.at(&t);
    shop.manager.does("sendMessage", json!({ "caseId": case, "text": "Five." }), "message { id }").await;
    t.settle().await;
    let asas = asa.client.at(&t.base());
    assert_eq!(asas.asks("{ devices { id } }", json!({})).await["devices"], json!([]));
    assert_eq!(t.store.number("SELECT count(*) FROM device WHERE endpoint IS NOT NULL").await, 0);
    let count = service.at(&browser.path).len();
    shop.manager.does("sendMessage", json!({ "caseId": case, "text": "Six." }), "message { id }").await;
    t.settle().await;
    assert_eq!(service.at(&browser.path).len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_told_of_what_they_are_told_at_once_and_only_while_they_work_there() {
    let service = Service::start().await;
    let (t, shop) = started(&service).await;
    shop.admin.does("updateSeller", json!({ "sellerId": shop.id, "noticesByMail": true }), "seller { id }").await;
    shop.publishes(json!([{ "name": "all", "assignTo": { "staffId": shop.id_of("bo") } }])).await;
    let bo = shop.staff("bo");
    let phone = json!({ "reach": { "relayToken": "bo's telephone" } });
    let made = bo.does("registerDevice", phone.clone(), "device { id }").await;
    shop.customer("asa", "The broadband is down, says Åsa").await;
    t.settle().await;
    let relayed = service.at("/relay");
    assert_eq!(relayed.len(), 1);
    assert_eq!(relayed[0].headers["authorization"], "Bearer the key of the relay, of 32 bytes");
    let body: Value = serde_json::from_slice(&relayed[0].body).unwrap();
    assert_eq!((&body["token"], &body["message"]["kind"]), (&json!("bo's telephone"), &json!("ASSIGNED")));
    assert!(!body.to_string().contains("Åsa") && !body.to_string().contains("broadband"));
    // A device gets ten pushes an hour; further ones wait.
    for number in 0..14 {
        shop.customer("kim", &format!("The trampoline is broken, part {number}")).await;
        t.settle().await;
    }
    assert_eq!(service.at("/relay").len(), 10);
    // Only a device's user can see and remove it.
    let id = made["device"]["id"].clone();
    let read = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(bo.asks(read, json!({ "id": id })).await["node"]["id"], id);
    assert_eq!(shop.manager.asks(read, json!({ "id": id })).await["node"], Value::Null);
    assert_eq!(shop.manager.fails("removeDevice", json!({ "deviceId": id })).await[0].0, "NOT_FOUND");
    bo.does("removeDevice", json!({ "deviceId": id }), "device { removedAt }").await;
    t.later_and_settled(TimeDelta::hours(2)).await;
    assert_eq!(service.at("/relay").len(), 10, "what waited for it is not sent");
    // A push that is refused permanently is given up, and listed as a dead job.
    let shop = shop.at(&t);
    shop.staff("bo").does("registerDevice", phone, "device { id }").await;
    service.answers(400);
    shop.customer("eva", "Nothing works").await;
    t.settle().await;
    let dead = shop.manager.asks("{ deadJobs(kinds: [PUSH]) { kind error subjectId } }", json!({})).await;
    assert_eq!(
        (&dead["deadJobs"][0]["kind"], &dead["deadJobs"][0]["error"]),
        (&json!("PUSH"), &json!("it answers 400"))
    );
    service.answers(201);
    let retry = json!({ "kind": "PUSH", "subjectId": dead["deadJobs"][0]["subjectId"] });
    let before = service.at("/relay").len();
    shop.manager.does("retryJob", retry, "job { kind }").await;
    t.settle().await;
    assert_eq!(service.at("/relay").len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_have_news_register_and_only_what_can_be_reached() {
    let service = Service::start().await;
    let (t, shop) = started(&service).await;
    let asa = shop.customer("asa", "The broadband is down").await;
    let relay = |token: &str| json!({ "reach": { "relayToken": token } });
    for stranger in [shop.partner("fibre-north"), &shop.gateway, &shop.widget] {
        assert_eq!(stranger.fails("registerDevice", relay("x")).await[0].0, "FORBIDDEN");
        assert_eq!(stranger.is_refused("{ devices { id } }", json!({})).await, "FORBIDDEN");
    }
    let browser = Browser::new(2);
    let mut reach = browser.reach(&service);
    for (field, value) in [
        ("p256dh", "AAAA"),
        ("p256dh", "?"),
        ("auth", "AAAA"),
        ("endpoint", "nowhere"),
        ("endpoint", "ftp://x.example/"),
    ] {
        let right = reach["webPush"][field].take();
        reach["webPush"][field] = json!(value);
        let refused = asa.client.fails("registerDevice", json!({ "reach": reach })).await;
        assert_eq!(refused, [("INVALID".into(), format!("reach.webPush.{field}"))], "{value}");
        reach["webPush"][field] = right;
    }
    for number in 0..10 {
        asa.client.does("registerDevice", relay(&format!("phone {number}")), "device { id }").await;
    }
    assert_eq!(asa.client.fails("registerDevice", relay("one more")).await[0].0, "INVALID");
    // When a case gets another customer, the former one gets no pushes.
    let case = shop.case_id(&asa.reference).await;
    let other = json!({ "caseId": case, "name": "Kim", "email": "kim@example.com", "reason": "It was Kim's." });
    let changed = shop.manager.tries("changeCustomer", other, "case { id }").await;
    assert_eq!(changed["userErrors"], json!([]), "{changed}");
    shop.manager.does("sendMessage", json!({ "caseId": case, "text": "Hello Kim." }), "message { id }").await;
    t.settle().await;
    assert!(service.at("/relay").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_follows_its_case_into_another_and_back_and_tells_nobody_else_s_news() {
    let service = Service::start().await;
    let (t, shop) = started(&service).await;
    let first = shop.customer("asa", "The broadband is down").await;
    let second = shop.customer("asa", "The broadband is still down").await;
    let other = shop.customer("kim", "Mine is down too, broadband").await;
    let (one, two) = (shop.case_id(&first.reference).await, shop.case_id(&second.reference).await);
    let browser = Browser::new(3);
    let register = json!({ "reach": browser.reach(&service) });
    first.client.does("registerDevice", register.clone(), "device { id }").await;
    let merge = json!({ "caseId": one, "intoId": two, "reason": "the same", "sameCustomer": true });
    shop.manager.does("mergeCases", merge, "case { id }").await;
    t.settle().await;
    let before = browser.told(&service).len();
    shop.manager.does("sendMessage", json!({ "caseId": two, "text": "Both in one." }), "message { id }").await;
    t.settle().await;
    assert_eq!(browser.told(&service).len(), before + 1, "it is told of the case that goes on");
    // Registering the browser with either link gives the same device, which both links can see.
    first.client.does("registerDevice", register, "device { id }").await;
    for client in [&first.client, &second.client] {
        let seen = client.asks("{ devices { id } }", json!({})).await["devices"].as_array().unwrap().len();
        assert_eq!(seen, 1);
    }
    // When the cases are separated again at night, a waiting push is not sent to the wrong customer.
    t.later_and_settled(TimeDelta::hours(14)).await;
    let shop = shop.at(&t);
    shop.manager.does("sendMessage", json!({ "caseId": two, "text": "At night." }), "message { id }").await;
    t.settle().await;
    shop.manager.does("unmergeCase", json!({ "caseId": one, "reason": "not the same" }), "case { id }").await;
    let told = browser.told(&service).len();
    t.later_and_settled(TimeDelta::hours(10)).await;
    let news = browser.told(&service);
    assert!(news[told..].iter().all(|news| news["caseId"] == json!(one)), "{news:?}");
    assert_eq!(other.client.at(&t.base()).asks("{ devices { id } }", json!({})).await["devices"], json!([]));
}
