//! Files are read by links that need no credential: minted for who may read the file, for ten minutes.

use ansvar_tests::files::PNG;
use ansvar_tests::{Customer, Shop, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// A case with a picture that its customer sent.
async fn with_a_picture(shop: &Shop, name: &str) -> (Customer, Value) {
    let upload = shop.widget.uploads(name, PNG).await;
    let input =
        json!({ "idempotencyKey": name, "email": "asa@example.com", "text": "broadband", "uploadIds": [upload] });
    let asa = shop.filed(input).await;
    let read = "{ myCase { messages { attachments { id url path } } } }";
    let file = asa.client.asks(read, json!({})).await["myCase"]["messages"][0]["attachments"][0].take();
    (asa, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_one_file_to_whoever_has_it_for_ten_minutes() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (asa, file) = with_a_picture(&shop, "min \"router\" å.png").await;
    let nobody = t.anybody();
    let answer = nobody.follows(&file["url"], &[("origin", "https://anywhere.example")]).await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, PNG));
    for (name, value) in [
        ("content-type", "image/png"),
        (
            "content-disposition",
            "inline; filename=\"min _router_ _.png\"; filename*=UTF-8''min%20%22router%22%20%C3%A5.png",
        ),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "private, no-store"),
        ("access-control-allow-origin", "*"),
        ("accept-ranges", "bytes"),
        ("set-cookie", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let part = nobody.follows(&file["url"], &[("range", "bytes=1-3")]).await;
    assert_eq!((part.status, part.bytes.as_slice()), (206, &b"PNG"[..]));
    assert_eq!(part.header("content-range"), format!("bytes 1-3/{}", PNG.len()));
    assert_eq!(nobody.follows(&file["url"], &[("range", "bytes=5000-")]).await.status, 416);
    // Changed in any part, it is nothing; each answer is the same.
    let url = file["url"].as_str().unwrap();
    let (path, query) = url.split_once('?').unwrap();
    let (expires, signature) = query.split_once('&').unwrap();
    let id = file["id"].as_str().unwrap();
    let (_, other) = with_a_picture(&shop, "other.png").await;
    for wrong in [
        path.to_owned(),
        format!("{path}?{expires}"),
        format!("{path}?{signature}"),
        format!("{path}?expires=4102444800&{signature}"),
        format!("{path}?{expires}&{}", signature.replace('=', "=A")),
        format!("{path}?{expires}&signature="),
        format!("{path}x?{query}"),
        format!("{}?{query}", path.replace("router", "Router")),
        format!("{}?{query}", path.replace(id, other["id"].as_str().unwrap())),
        format!("{}?{query}", path.replace(id, "attachment_01k00000000000000000000000")),
        format!("{}?{query}", path.replace(id, "nothing")),
    ] {
        let answer = nobody.follows(&json!(wrong), &[]).await;
        assert_eq!((answer.status, answer.bytes.len()), (404, 0), "{wrong}");
    }
    t.later(TimeDelta::minutes(10) - TimeDelta::seconds(1));
    assert_eq!(nobody.follows(&file["url"], &[]).await.status, 200);
    t.later(TimeDelta::seconds(1));
    assert_eq!(nobody.follows(&file["url"], &[]).await.status, 404);
    // Whoever may read it gets a new one; the path needs the credential.
    let read = "query($id: ID!) { node(id: $id) { ... on Attachment { url } } }";
    let again = asa.client.asks(read, json!({ "id": id })).await;
    assert_eq!(nobody.follows(&again["node"]["url"], &[]).await.status, 200);
    assert_eq!(asa.client.fetches(file["path"].as_str().unwrap()).await.0, 200);
    assert_eq!(nobody.fetches(file["path"].as_str().unwrap()).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_at_a_host_of_their_own() {
    let t = TestApp::start_with(|config| config.files.base_url = Some("https://files.shop.example/".to_owned())).await;
    let shop = t.shop().await;
    let (_, file) = with_a_picture(&shop, "a.png").await;
    let path = file["url"].as_str().unwrap().strip_prefix("https://files.shop.example").unwrap();
    let nobody = t.anybody();
    assert_eq!(nobody.follows(&json!(path), &[("host", "files.shop.example")]).await.status, 200);
    for host in ["ansvar.shop.example", "files.shop.example.evil.example"] {
        assert_eq!(nobody.follows(&json!(path), &[("host", host)]).await.status, 404, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_minted_for_who_may_read_the_file() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (asa, file) = with_a_picture(&shop, "a.png").await;
    let anna = shop.staff(&asa.owner_name);
    let case = shop.case_id(&asa.reference).await;
    let sent = async |mutation: &str| {
        let upload = anna.uploads("b.txt", mutation.as_bytes()).await;
        let input = json!({ "caseId": case, "text": "t", "uploadIds": [upload] });
        anna.does(mutation, input, "message { attachments { id } }").await["message"]["attachments"][0]["id"].clone()
    };
    let (letter, note) = (sent("sendMessage").await, sent("addNote").await);
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let (fibre, bouncy) = (shop.partner("fibre-north"), shop.partner("bouncy"));
    let share = json!({ "taskId": task, "fileIds": [file["id"]], "reason": "To see the lamp" });
    anna.does("shareWithPartner", share, "task { id }").await;
    let karin = shop.customer("karin", "broadband").await;
    let other = shop.another(&t, "other").await;
    let read = "query($id: ID!) { node(id: $id) { ... on Attachment { url } } }";
    for (who, client, picture, sent, noted) in [
        ("the customer", &asa.client, true, true, false),
        ("the owner", anna, true, true, true),
        ("a colleague", shop.staff("dag"), true, true, true),
        ("the partner with whom one is shared", fibre, true, false, false),
        ("another partner", bouncy, false, false, false),
        ("another customer", &karin.client, false, false, false),
        ("the form", &shop.widget, false, false, false),
        ("another seller's manager", &other.manager, false, false, false),
    ] {
        for (id, reads) in [(&file["id"], picture), (&letter, sent), (&note, noted)] {
            let seen = client.asks(read, json!({ "id": id })).await["node"]["url"].clone();
            assert_eq!(seen.is_string(), reads, "{who} and {id}");
            if reads {
                assert_eq!(t.anybody().follows(&seen, &[]).await.status, 200);
            }
        }
    }
    // When access ends, no more links are made; one that was made lasts its ten minutes.
    let link = fibre.asks(read, json!({ "id": file["id"] })).await["node"]["url"].clone();
    anna.does("withdrawTask", json!({ "taskId": task }), "task { id }").await;
    assert_eq!(fibre.asks(read, json!({ "id": file["id"] })).await["node"], json!(null));
    assert_eq!(t.anybody().follows(&link, &[]).await.status, 200);
    t.later(TimeDelta::minutes(10));
    assert_eq!(t.anybody().follows(&link, &[]).await.status, 404);
}
