//! Files are uploaded before the act that attaches them: whole or in portions, by everybody who may send files, within
//! what each may store in a day, and never twice.

use ansvar_tests::files::PNG;
use ansvar_tests::{Client, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::{Demo, Folder};

/// The size of a part in the store.
const PART: usize = 256 * 1024;
const FILES: &str = "attachments { id name contentType sizeBytes sha256 url }";

/// Bytes that no compression or chance makes equal.
fn bytes(count: usize) -> Vec<u8> {
    (0_u32..).flat_map(|n| (n ^ (n << 13)).wrapping_mul(2_654_435_761).to_le_bytes()).take(count).collect()
}

fn sha256(bytes: &[u8]) -> String {
    ansvar::kit::text::hex(&Sha256::digest(bytes))
}

async fn left(client: &Client) -> i64 {
    let told = client.asks("{ rateLimit { storage { remaining } } }", json!({})).await;
    format!("{:.0}", told["rateLimit"]["storage"]["remaining"].as_f64().unwrap()).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_who_may_send_files_uploads_them_and_attaches_them_by_id() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    // A form, with a photograph.
    let upload = shop.widget.uploads("router.png", PNG).await;
    let seen = shop
        .widget
        .asks(
            "query($id: ID!) { node(id: $id) { ... on Upload { complete contentType sha256 url receivedBytes } } }",
            json!({ "id": upload }),
        )
        .await;
    let expected = json!({ "complete": true, "contentType": "image/png", "sha256": sha256(PNG), "url": null, "receivedBytes": PNG.len() });
    assert_eq!(seen["node"], expected);
    let asa = shop
        .filed(json!({ "idempotencyKey": "k", "email": "asa@example.com", "text": "The broadband is down", "uploadIds": [upload] }))
        .await;
    let document = format!("{{ myCase {{ messages {{ text {FILES} }} }} }}");
    let own = asa.client.asks(&document, json!({})).await["myCase"]["messages"][0].take();
    assert_eq!(own["attachments"][0]["name"], "router.png");
    assert_eq!(own["attachments"][0]["sha256"], sha256(PNG));
    // The customer, with two parts and a bit.
    let film = [b"\0\0\0\x18ftypisom".to_vec(), bytes(2 * PART + 77)].concat();
    let upload = asa.client.uploads("../../film.mp4", &film).await;
    asa.client.does("addCustomerMessage", json!({ "text": "Thanks", "uploadIds": [upload] }), "message { id }").await;
    let case =
        shop.reads(&asa.reference, &format!("id messages {{ text thanks {FILES} }} reports {{ {FILES} }}")).await;
    assert_eq!(case["reports"][0]["attachments"][0]["contentType"], "image/png");
    let said = &case["messages"][1];
    assert_eq!(said["attachments"][0]["name"], "film.mp4", "a name is no path");
    assert_eq!(said["attachments"][0]["contentType"], "video/mp4");
    assert_eq!(said["thanks"], "PERHAPS", "with a film it may be more than thanks");
    assert_eq!(t.anybody().follows(&said["attachments"][0]["url"], &[]).await.bytes, film);
    // Staff, to the customer and for colleagues.
    let anna = shop.staff(&asa.owner_name);
    let (bill, memo) =
        (anna.uploads("räkning.pdf", b"%PDF-1.7 bill").await, anna.uploads("memo.txt", b"call her").await);
    let sent = json!({ "caseId": case["id"], "text": "Here is the bill", "uploadIds": [bill] });
    anna.does("sendMessage", sent, "message { id }").await;
    anna.does("addNote", json!({ "caseId": case["id"], "text": "n", "uploadIds": [memo] }), "message { id }").await;
    let own = asa.client.asks(&document, json!({})).await["myCase"]["messages"].take();
    let names: Vec<&Value> =
        own.as_array().unwrap().iter().flat_map(|m| m["attachments"].as_array().unwrap()).map(|f| &f["name"]).collect();
    assert_eq!(names, ["router.png", "film.mp4", "räkning.pdf"], "a note is for colleagues");
    // A partner, and the owner to the partner.
    let task = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let fibre = shop.partner("fibre-north");
    fibre.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    let log = fibre.uploads("log.txt", b"signal lost").await;
    let told = json!({ "taskId": task, "text": "See the log", "uploadIds": [log] });
    fibre.does("updateTask", told, "task { id }").await;
    let plan = anna.uploads("plan.png", PNG).await;
    let told = json!({ "taskId": task, "text": "The plan", "uploadIds": [plan] });
    anna.does("writeToTask", told, "task { id }").await;
    let read = json!({ "id": task });
    let query = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on CaseTask {{ updates {{ {FILES} }} messages {{ {FILES} }} }} }} }}"
    );
    let seen = fibre.asks(&query, read).await["node"].take();
    assert_eq!(seen["updates"][0]["attachments"][0]["contentType"], "text/plain");
    assert_eq!(seen["messages"][0]["attachments"][0]["name"], "plan.png");
    let forwarded = fibre.uploads("letter.pdf", b"%PDF-1.4 x").await;
    let input = json!({ "externalId": "7", "receivedAt": t.now(), "words": "w", "email": "x@example.com", "uploadIds": [forwarded] });
    fibre.does("forwardComplaint", input, "receipt { reference }").await;
    // A system, with a letter and a visit.
    for mutation in ["logLetter", "logVisit"] {
        let page = shop.gateway.uploads("page.jpg", b"\xff\xd8\xff\xe0 a page").await;
        let input =
            json!({ "source": "register", "externalId": mutation, "words": "Dear company", "uploadIds": [page] });
        let logged = shop.gateway.does(mutation, input.clone(), "receipt { reference disposition }").await;
        let again = shop.gateway.does(mutation, input, "receipt { reference disposition }").await;
        assert_eq!(again["receipt"]["disposition"], "DUPLICATE", "a repeated request attaches nothing anew");
        let reference = logged["receipt"]["reference"].as_str().unwrap();
        let seen = shop.reads(reference, &format!("reports {{ {FILES} }}")).await;
        assert_eq!(seen["reports"][0]["attachments"][0]["contentType"], "image/jpeg", "{mutation}");
    }
    let nobody = t.anybody();
    let document = "mutation($input: CreateUploadInput!) { createUpload(input: $input) { userErrors { code } } }";
    assert_eq!(nobody.is_refused(document, json!({ "input": { "name": "a", "size": 1 } })).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_where_it_was_cut_off_as_tus_says() {
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    let whole = bytes(3 * PART + 1_000);
    let (id, path) = shop.widget.prepares("film.mp4", whole.len()).await;
    let nobody = t.anybody();
    let asked = nobody.requests("OPTIONS", &path, &[], "").await.unwrap();
    assert_eq!((asked.header("tus-version"), asked.header("tus-resumable")), ("1.0.0", "1.0.0"));
    assert_eq!((asked.header("tus-extension"), asked.header("tus-max-size")), ("expiration,termination", "104857600"));
    assert_eq!(nobody.offset(&path).await, 0);
    // Portions of odd sizes, over the borders of parts.
    let mut at = 0;
    for size in [1, PART - 2, 2, 100_000] {
        let answer = nobody.patches(&path, at, &whole[at..at + size]).await;
        at += size;
        assert_eq!((answer.status, answer.header("upload-offset")), (204, at.to_string().as_str()));
        assert_eq!(answer.header("upload-expires"), "Tue, 03 Nov 2026 08:00:00 GMT");
    }
    // A connection that breaks off in the middle of a body: what arrived is kept.
    let mut begun = nobody.begins_at(&path, at).await;
    begun.sends(&whole[at..at + 50_000]).await;
    drop(begun);
    ansvar_tests::until("the bytes that arrived are stored", async || nobody.offset(&path).await > at).await;
    t.restart().await;
    let nobody = t.anybody();
    at = nobody.offset(&path).await;
    // What does not continue there, or is no request of tus, changes nothing.
    assert_eq!(nobody.patches(&path, at - 1, &whole[at..at + 9]).await.status, 409);
    assert_eq!(nobody.patches(&path, at + 1, &whole[at..at + 9]).await.status, 409);
    let sends_patch = async |headers: &[(&str, &str)]| nobody.requests("PATCH", &path, headers, "x").await.unwrap();
    let here = at.to_string();
    let kind = ("content-type", "application/offset+octet-stream");
    let refused = sends_patch(&[("tus-resumable", "0.2.2"), ("upload-offset", here.as_str()), kind]).await;
    assert_eq!((refused.status, refused.header("tus-version")), (412, "1.0.0"));
    assert_eq!(sends_patch(&[("upload-offset", here.as_str()), kind]).await.status, 412);
    assert_eq!(sends_patch(&[("tus-resumable", "1.0.0"), ("upload-offset", here.as_str())]).await.status, 415);
    assert_eq!(sends_patch(&[("tus-resumable", "1.0.0"), kind]).await.status, 400);
    assert_eq!(nobody.requests("POST", &path, &[], "x").await.unwrap().status, 405);
    assert_eq!(nobody.requests("GET", &path, &[], "").await.unwrap().status, 405, "nothing can be read");
    assert_eq!(nobody.offset(&path).await, at);
    // It cannot be attached before it is complete.
    let widget = shop.widget.at(&t.base());
    let input = json!({ "idempotencyKey": "k", "email": "a@example.com", "text": "t", "uploadIds": [id] });
    let errors = widget.fails("fileComplaint", input.clone()).await;
    assert_eq!(errors, [("INVALID_TRANSITION".into(), "uploadIds.0".into())]);
    assert_eq!(nobody.patches(&path, at, &whole[at..]).await.status, 204);
    assert_eq!(nobody.offset(&path).await, whole.len());
    assert_eq!(nobody.patches(&path, whole.len(), b"").await.status, 204, "it is complete");
    widget.does("fileComplaint", input, "receipt { reference }").await;
    assert_eq!(nobody.requests("HEAD", &path, &[], "").await.unwrap().status, 404, "it is attached");
    let seen = t
        .holder_of(shop.id_of("maria"))
        .asks("{ cases { nodes { reports { attachments { sha256 url } } } } }", json!({}))
        .await;
    let file = &seen["cases"]["nodes"][0]["reports"][0]["attachments"][0];
    assert_eq!(file["sha256"], sha256(&whole));
    assert!(nobody.follows(&file["url"], &[]).await.bytes == whole);
    // A wrong address is nothing, and an upload can be given up.
    let (_, path) = widget.prepares("a.bin", 10).await;
    let other = format!("{}x", &path[..path.len() - 1]);
    assert_eq!(nobody.requests("PUT", &other, &[], vec![0_u8; 10]).await.unwrap().status, 404);
    assert_eq!(nobody.requests("DELETE", &path, &[("tus-resumable", "1.0.0")], "").await.unwrap().status, 204);
    assert_eq!(nobody.requests("PUT", &path, &[], vec![0_u8; 10]).await.unwrap().status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_survives_a_pulled_plug() {
    let folder = Folder::new("upload");
    let data = folder.path("data");
    let whole = bytes(6 * PART);
    let mut demo = Demo::start(&data).await;
    let widget = demo.client("/widgetKey");
    let (id, path) = widget.prepares("film.mp4", whole.len()).await;
    let path = path.split_at(path.find("/uploads/").unwrap()).1.to_owned();
    // The connection stands still in the middle of the fourth part when the process is killed.
    let mut begun = widget.begins_at(&path, 0).await;
    begun.sends(&whole[..3 * PART + 5_000]).await;
    ansvar_tests::until("three parts are stored", async || widget.offset(&path).await == 3 * PART).await;
    demo.signal("-KILL");
    drop(demo.process.wait().await);
    drop(begun);
    let demo = Demo::start(&data).await;
    let widget = demo.client("/widgetKey");
    assert_eq!(widget.offset(&path).await, 3 * PART, "the unfinished part is lost, and no more");
    assert_eq!(widget.patches(&path, 3 * PART, &whole[3 * PART..]).await.status, 204);
    let read = "query($id: ID!) { node(id: $id) { ... on Upload { complete sha256 } } }";
    let seen = widget.asks(read, json!({ "id": id })).await;
    assert_eq!(seen["node"], json!({ "complete": true, "sha256": sha256(&whole) }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_lies_about_itself_is_found_out() {
    let t = TestApp::start_with(|config| config.files.public_bytes = 1_000).await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let nobody = t.anybody();
    // About its size: smaller, larger, larger without saying so.
    let (_, path) = shop.widget.prepares("a.png", 100).await;
    assert_eq!(nobody.patches(&path, 0, &[1_u8; 101]).await.status, 413);
    assert_eq!(nobody.requests("PUT", &path, &[], vec![1_u8; 99]).await.unwrap().status, 400);
    assert_eq!(nobody.requests("PUT", &path, &[], vec![1_u8; 101]).await.unwrap().status, 413);
    for (pieces, status) in [(11, 413), (9, 400), (10, 204), (10, 409)] {
        let mut begun = nobody.begins("PUT", &path, &[]).await;
        for _ in 0..pieces {
            begun.sends(&[1_u8; 10]).await;
        }
        assert_eq!(begun.ends().await, status, "{pieces}");
    }
    // About its bytes.
    let input = json!({ "name": "a.png", "size": 5, "sha256": sha256(b"hello") });
    let made = shop.widget.does("createUpload", input, "upload { url }").await;
    let path = made["upload"]["url"].as_str().unwrap();
    assert_eq!(nobody.requests("PUT", path, &[], "hallo").await.unwrap().status, 460);
    assert_eq!(nobody.offset(path.strip_prefix(ansvar_tests::app::PUBLIC_URL).unwrap()).await, 0);
    assert_eq!(nobody.requests("PUT", path, &[], "hello").await.unwrap().status, 204);
    // About its kind: the bytes decide, and what is no picture is never shown.
    for (name, bytes, kind) in [
        ("photo.png", &b"<!doctype html><script>alert(1)</script>"[..], "text/plain"),
        ("photo.svg", &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..], "text/plain"),
        ("photo.jpg", &b"MZ\x90\0\x03"[..], "application/octet-stream"),
        ("invoice.pdf", PNG, "image/png"),
    ] {
        let upload = asa.client.uploads(name, bytes).await;
        let input = json!({ "text": name, "uploadIds": [upload] });
        let said = asa.client.does("addCustomerMessage", input, &format!("message {{ {FILES} }}")).await;
        let file = &said["message"]["attachments"][0];
        assert_eq!(file["contentType"], kind, "{name}");
        let answer = nobody.follows(&file["url"], &[]).await;
        let shown = answer.header("content-disposition").starts_with("inline;");
        assert_eq!((shown, answer.status), (bytes == PNG, 200), "{name}");
        assert_eq!(answer.header("content-type"), if shown { kind } else { "application/octet-stream" }, "{name}");
    }
    // Names, sizes and hashes that are none.
    let too_long = "a".repeat(201);
    for (input, expected) in [
        (json!({ "name": "..", "size": 1 }), ("REQUIRED", "name")),
        (json!({ "name": "folder/", "size": 1 }), ("REQUIRED", "name")),
        (json!({ "name": too_long, "size": 1 }), ("TOO_LONG", "name")),
        (json!({ "name": "a", "size": 0 }), ("TOO_LONG", "size")),
        (json!({ "name": "a", "size": -5 }), ("TOO_LONG", "size")),
        (json!({ "name": "a", "size": 1_001 }), ("TOO_LONG", "size")),
        (json!({ "name": "a", "size": 1, "sha256": "abc" }), ("INVALID", "sha256")),
    ] {
        assert_eq!(
            shop.widget.fails("createUpload", input.clone()).await,
            [(expected.0.into(), expected.1.into())],
            "{input}"
        );
    }
    shop.staff("anna").prepares("a", 1_001).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_attached_once_by_who_made_it_and_goes_after_a_day() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (asa, bo) = (shop.customer("asa", "broadband").await, shop.customer("bo", "broadband").await);
    let upload = asa.client.uploads("a.txt", b"mine").await;
    let say = |upload: &str| json!({ "text": "t", "uploadIds": [upload] });
    // Not by another customer, the form, staff, or somebody with another credential of the same person.
    let not_found = [("NOT_FOUND".to_owned(), "uploadIds.0".to_owned())];
    assert_eq!(bo.client.fails("addCustomerMessage", say(&upload)).await, not_found);
    let case = shop.case_id(&asa.reference).await;
    let with_upload = |upload: &str| json!({ "caseId": case, "text": "t", "uploadIds": [upload] });
    assert_eq!(shop.staff("anna").fails("addNote", with_upload(&upload)).await, not_found);
    let file = |upload: &str, key: &str| json!({ "idempotencyKey": key, "email": "a@example.com", "text": "t", "uploadIds": [upload] });
    assert_eq!(shop.widget.fails("fileComplaint", file(&upload, "k")).await, not_found);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(shop.staff("anna").asks(node, json!({ "id": upload })).await["node"], json!(null));
    // Once: in one message, and in one only.
    let twice = json!({ "text": "t", "uploadIds": [upload, upload] });
    assert_eq!(
        asa.client.fails("addCustomerMessage", twice).await,
        [("INVALID_TRANSITION".into(), "uploadIds.1".into())]
    );
    let both = tokio::join!(
        asa.client.tries("addCustomerMessage", say(&upload), "message { id }"),
        asa.client.tries("addCustomerMessage", say(&upload), "message { id }")
    );
    let done = [&both.0, &both.1].iter().filter(|answer| answer["userErrors"] == json!([])).count();
    assert_eq!(done, 1, "{both:?}");
    let keyed = asa.client.uploads("b.txt", b"also mine").await;
    let input = json!({ "text": "t", "uploadIds": [keyed], "idempotencyKey": "k" });
    let first = asa.client.does("addCustomerMessage", input.clone(), "message { id }").await;
    assert_eq!(asa.client.does("addCustomerMessage", input, "message { id }").await, first);
    let many: Vec<String> = vec![upload.clone(); 11];
    assert_eq!(
        asa.client.fails("addCustomerMessage", json!({ "text": "t", "uploadIds": many })).await,
        [("TOO_LONG".into(), "uploadIds".into())]
    );
    // The same bytes, sent again, are stored once.
    let again = asa.client.uploads("c.txt", b"mine").await;
    asa.client.does("addCustomerMessage", say(&again), "message { id }").await;
    assert_eq!(t.store.number("SELECT count(*) FROM upload_part").await, 2);
    // A repeated request gets the same upload, and nothing once that is over.
    let keyed = json!({ "name": "k.txt", "size": 4, "idempotencyKey": "u" });
    let first = asa.client.does("createUpload", keyed.clone(), "upload { id url }").await;
    assert_eq!(asa.client.does("createUpload", keyed.clone(), "upload { id url }").await, first);
    // What nobody attaches is gone after a day, and its bytes with it.
    let before = left(&bo.client).await;
    let forgotten = bo.client.uploads("d.txt", &bytes(1_000)).await;
    let (_, unfinished) = bo.client.prepares("e.txt", 5_000).await;
    assert_eq!(left(&bo.client).await, before - 6_000);
    t.later(TimeDelta::hours(24));
    assert_eq!(bo.client.fails("addCustomerMessage", say(&forgotten)).await, not_found);
    assert_eq!(t.anybody().requests("PUT", &unfinished, &[], vec![0_u8; 5_000]).await.unwrap().status, 404);
    let tidied = t.inside().run(ansvar::kit::actor::Actor::System, async |work| ansvar::upload::forget(work).await);
    tidied.await.unwrap();
    assert_eq!(t.store.number("SELECT count(*) FROM upload_part").await, 2);
    let over = asa.client.fails("createUpload", keyed).await;
    assert_eq!(over, [("INVALID_TRANSITION".into(), "idempotencyKey".into())]);
    assert_eq!(t.store.number("SELECT count(*) FROM upload WHERE attached_at IS NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_share_is_used_up_the_words_are_still_taken() {
    let t = TestApp::start_with(|config| config.rates.stored.form = 100_000).await;
    let shop = t.shop().await;
    assert_eq!(left(&shop.widget).await, 100_000);
    let (_, path) = shop.widget.prepares("a.bin", 60_000).await;
    assert_eq!(left(&shop.widget).await, 40_000, "it is reserved before a byte has come");
    let more = json!({ "name": "b.bin", "size": 40_001 });
    assert_eq!(shop.widget.fails("createUpload", more).await, [("STORAGE_USED_UP".into(), "size".into())]);
    shop.widget.prepares("b.bin", 40_000).await;
    assert_eq!(shop.widget.fails("createUpload", json!({ "name": "c", "size": 1 })).await[0].0, "STORAGE_USED_UP");
    // What is given up is given back.
    assert_eq!(t.anybody().requests("DELETE", &path, &[], "").await.unwrap().status, 204);
    assert_eq!(left(&shop.widget).await, 60_000);
    let upload = shop.widget.uploads("c.bin", &bytes(60_000)).await;
    assert_eq!(left(&shop.widget).await, 0);
    // The words of a complaint need nothing of it, and attaching what was sent costs nothing more.
    shop.customer("asa", "The broadband is down").await;
    let input = json!({ "idempotencyKey": "k", "email": "a@example.com", "text": "t", "uploadIds": [upload] });
    shop.filed(input).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_thirty_megabytes_passes_as_an_upload() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let head = "From: eva@example.com\r\nSubject: The kettle leaks\r\nMessage-ID: <1@example.com>\r\n\r\nIt leaks.\r\n";
    let mail = format!("{head}{}", "x".repeat(70).repeat(30).replace("xx", "y ") + "\r\n");
    let mail = format!("{mail}{}", "All work and no play.\r\n".repeat(20_000));
    let upload = shop.gateway.uploads("mail.eml", mail.as_bytes()).await;
    let before = left(&shop.gateway).await;
    let read = "query($id: ID!) { previewEmail(uploadId: $id) { kind } }";
    assert_eq!(shop.gateway.asks(read, json!({ "id": upload })).await["previewEmail"]["kind"], "HUMAN");
    let receive =
        async |input: Value| shop.gateway.does("receiveEmail", input, "receipt { disposition reference }").await;
    let first = receive(json!({ "uploadId": upload })).await["receipt"].take();
    assert_eq!(first["disposition"], "CREATED_CASE");
    assert!((before - left(&shop.gateway).await).abs() < 10, "its bytes are counted once");
    assert_eq!(receive(json!({ "uploadId": upload })).await["receipt"]["disposition"], "DUPLICATE");
    let seen = shop.reads(first["reference"].as_str().unwrap(), "reports { raw { sizeBytes sha256 } }").await;
    assert_eq!(seen["reports"][0]["raw"], json!({ "sizeBytes": mail.len(), "sha256": sha256(mail.as_bytes()) }));
    for input in [json!({}), json!({ "raw": "eA==", "uploadId": upload })] {
        assert_eq!(shop.gateway.fails("receiveEmail", input).await, [("INVALID".into(), "raw".into())]);
    }
    let other = shop.staff("anna").uploads("mail.eml", mail.as_bytes()).await;
    assert_eq!(
        shop.gateway.fails("receiveEmail", json!({ "uploadId": other })).await,
        [("NOT_FOUND".into(), "uploadId".into())]
    );
}
