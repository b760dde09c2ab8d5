//! Search: what is found by which words, and who finds it.

use ansvar::kit::actor::Actor;
use ansvar::kit::error::{Outcome, Problem};
use ansvar::kit::work::Work;
use ansvar_tests::people::mail;
use ansvar_tests::{Client, Shop, TestApp, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entity::kind::{PartyKind, Visibility};
use entity::message;
use serde_json::{Value, json};

use crate::mail::{HELP, help_desk, reference};

const HITS: &str = "query($text: String!, $kinds: [SearchKind!], $first: Int, $after: String) {
    search(text: $text, kinds: $kinds, first: $first, after: $after) {
        nodes { cursor kind field excerpt { text matched } case { reference mergedInto { reference } } task { id }
            node { __typename id } }
        pageInfo { hasNextPage hasPreviousPage endCursor } onlyNewest } }";

async fn searches(client: &Client, ask: Value) -> Value {
    client.asks(HITS, ask).await["search"].take()
}

/// What a search finds, best first: its kind, the place, and the excerpt with what matched in brackets.
async fn finds(client: &Client, text: &str) -> Vec<String> {
    let found = searches(client, json!({ "text": text })).await;
    found["nodes"].as_array().unwrap().iter().map(shown).collect()
}

fn shown(hit: &Value) -> String {
    let part = |part: &Value| {
        let text = text(&part["text"]);
        if part["matched"] == true { format!("[{text}]") } else { text }
    };
    let excerpt: String = hit["excerpt"].as_array().unwrap().iter().map(part).collect();
    format!("{} {} {excerpt}", text(&hit["kind"]), text(&hit["field"]))
}

/// The kinds of what a search finds.
async fn kinds(client: &Client, words: &str) -> Vec<String> {
    let found = searches(client, json!({ "text": words })).await;
    found["nodes"].as_array().unwrap().iter().map(|hit| text(&hit["kind"])).collect()
}

/// A case with something in each of its fields.
async fn lamp(shop: &Shop) -> String {
    let input = json!({
        "idempotencyKey": "lamp", "name": "Åsa Öberg", "email": "asa.oberg@example.com", "phone": "070-123 45 67",
        "subject": "Lampan på Östermalm", "text": "Skärmen är spräckt sedan leveransen.",
        "orderReference": "SO-99/123", "category": "Belysning", "product": "Nordljus", "tags": ["returfrakt"],
        "remedySought": "Pengarna tillbaka"
    });
    shop.filed(input).await.reference
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_find_a_case_by_each_thing_they_may_know_of_it() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let reference = lamp(&shop).await;
    shop.customer("bo", "Något helt annat").await;
    let case = shop.case_id(&reference).await;
    let staff = shop.staff("dag");
    staff.does("addNote", json!({ "caseId": case, "text": "Ring granskaren imorgon" }), "message { id }").await;
    let told = json!({ "caseId": case, "text": "Vi skickar en ny skärm" });
    shop.manager.does("sendMessage", told, "message { id }").await;
    for (words, best) in [
        (reference.as_str(), format!("CASE REFERENCE [{reference}]")),
        (&reference.to_lowercase().replace('-', ""), format!("CASE REFERENCE [{reference}]")),
        ("SO-99/123", "CASE ORDER_REFERENCE [SO-99/123]".to_owned()),
        ("so99123", "CASE ORDER_REFERENCE [SO-99/123]".to_owned()),
        ("lampan", "CASE SUBJECT [Lampan] på Östermalm".to_owned()),
        ("LAMP", "CASE SUBJECT [Lampan] på Östermalm".to_owned()),
        ("belysn", "CASE CATEGORY [Belysning]".to_owned()),
        ("nordljus", "CASE PRODUCT [Nordljus]".to_owned()),
        ("returfrakt", "CASE TAG [returfrakt]".to_owned()),
        ("pengarna tillbaka", "CASE REMEDY_SOUGHT [Pengarna] [tillbaka]".to_owned()),
        ("öberg", "CASE NAME Åsa [Öberg]".to_owned()),
        ("asa.oberg@example.com", "CUSTOMER EMAIL [asa.oberg@example.com]".to_owned()),
        ("spräckt leverans", "REPORT TEXT Skärmen är [spräckt] sedan [leveransen].".to_owned()),
        ("granskaren", "MESSAGE TEXT Ring [granskaren] imorgon".to_owned()),
        ("skickar", "MESSAGE TEXT Vi [skickar] en ny skärm".to_owned()),
    ] {
        assert_eq!(finds(staff, words).await.first(), Some(&best), "{words}");
    }
    let found = searches(staff, json!({ "text": "granskaren" })).await["nodes"][0].take();
    assert_eq!(found["case"], json!({ "reference": reference, "mergedInto": null }));
    assert_eq!((&found["node"]["__typename"], &found["task"]), (&json!("Message"), &Value::Null));
    let found = searches(staff, json!({ "text": "asa.oberg@example.com" })).await["nodes"][0].take();
    assert_eq!((&found["node"]["__typename"], &found["case"]), (&json!("Customer"), &Value::Null));
    // Only what was asked for.
    let found = searches(staff, json!({ "text": "öberg", "kinds": ["CUSTOMER", "LETTER"] })).await;
    assert_eq!(found["nodes"].as_array().unwrap().iter().map(shown).collect::<Vec<_>>(), ["CUSTOMER NAME Åsa [Öberg]"]);
    // All words must be in one object.
    assert_eq!(finds(staff, "lampan granskaren").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_number_is_found_in_any_spelling() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    lamp(&shop).await;
    shop.customer("bo", "Ring mig på 08-123 456 78 efter fem").await;
    for words in [
        "070-123 45 67",
        "+46701234567",
        "+46 (0)70-123 45 67",
        "0046701234567",
        "0701234567",
        "701234567",
        "46701234567",
        "070-123 45",
        "70123",
    ] {
        assert_eq!(finds(&shop.manager, words).await, ["CUSTOMER PHONE [+46701234567]"], "{words}");
    }
    for words in ["+46 8 123 456 78", "08-12345678", "08-123 456"] {
        let found = finds(&shop.manager, words).await;
        assert!(found.contains(&"REPORT TEXT Ring mig på [08-123 456 78] efter fem".to_owned()), "{words}: {found:?}");
    }
    for words in ["070-123 45 68", "+47701234567", "234567"] {
        assert_eq!(finds(&shop.manager, words).await, [""; 0], "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_with_accents_are_letters_of_their_own_and_are_found_without_them() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    for (name, words) in [("a", "Östermalm"), ("b", "ostermalm"), ("c", "O\u{308}STERMALM"), ("d", "Ærø og Łódź")]
    {
        shop.filed(json!({ "idempotencyKey": name, "email": format!("{name}@example.com"), "text": words })).await;
    }
    let reports = async |words: &str| {
        let found = searches(&shop.manager, json!({ "text": words, "kinds": ["REPORT"] })).await;
        found["nodes"].as_array().unwrap().iter().map(shown).collect::<Vec<_>>()
    };
    for (words, expected) in [
        ("Östermalm", &["[O\u{308}STERMALM]", "[Östermalm]"][..]),
        ("o\u{308}sterm", &["[O\u{308}STERMALM]", "[Östermalm]"]),
        ("ostermalm", &["[O\u{308}STERMALM]", "[ostermalm]", "[Östermalm]"]),
        ("aero lodz", &["[Ærø] og [Łódź]"]),
        ("ærø", &["[Ærø] og Łódź"]),
        ("österml", &[]),
    ] {
        let expected: Vec<String> = expected.iter().map(|text| format!("REPORT TEXT {text}")).collect();
        assert_eq!(reports(words).await, expected, "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_is_plain_whatever_characters_it_has() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let said = "Stolen OR bordet -lack* (se NEAR) terms:x 100%_ok \"citat\" & | ! <-> :* ' \\ ^ { } ; --";
    shop.filed(json!({ "idempotencyKey": "1", "email": "a@example.com", "text": said })).await;
    shop.customer("b", "Bordet").await;
    for words in [
        said,
        "stolen OR",
        "bordet -lack",
        "lack*",
        "(se",
        "NEAR)",
        "terms:x",
        "100%_ok",
        "\"citat\"",
        "\"citat",
        "citat\"\"\"",
        "' OR '1'='1 stolen",
        "stolen' | 'x",
        "\\stolen",
        "^stolen",
        "{stolen}",
        "stolen;--",
        "stolen & ! <->",
    ] {
        let found = finds(&shop.manager, words).await;
        let expected = usize::from(!words.contains("='1"));
        assert_eq!(found.iter().filter(|hit| hit.starts_with("REPORT")).count(), expected, "{words}: {found:?}");
    }
    for words in ["", " ", "*", "\"\"", "-- & | ! ( ) : * ^ \\ '", "\u{e000}", "NOT", "AND bordet", "q:*"] {
        let found = finds(&shop.manager, words).await;
        assert_eq!(found, [""; 0], "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_and_limits_are_kept() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    for number in 0..12 {
        shop.customer(&format!("c{number}"), "Trampolinen är trasig").await;
    }
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let ask = json!({ "text": "trampolin", "kinds": ["CASE", "REPORT"], "first": 5, "after": after });
        let page = searches(&shop.manager, ask).await;
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_null());
        assert_eq!(page["onlyNewest"], false);
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|hit| text(&hit["node"]["id"])));
        after = page["pageInfo"]["endCursor"].clone();
        assert_eq!(after, page["nodes"].as_array().unwrap().last().unwrap()["cursor"]);
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen.len(), 24);
    assert!(seen[..12].iter().all(|id| id.starts_with("case_")), "cases have it in the subject");
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), 24);
    assert_eq!(seen[0], *seen[..12].iter().max().unwrap(), "the newest comes first");

    for (ask, code) in [
        (json!({ "text": "x".repeat(201) }), "TOO_LONG"),
        (json!({ "text": "x ".repeat(11) }), "TOO_LONG"),
        (json!({ "text": "x", "first": 51 }), "BAD_USER_INPUT"),
        (json!({ "text": "x", "first": 0 }), "BAD_USER_INPUT"),
        (json!({ "text": "x", "after": "?" }), "BAD_USER_INPUT"),
    ] {
        let refused = shop.manager.is_refused(HITS, ask.clone()).await;
        assert!([code, "INVALID"].contains(&refused.as_str()), "{ask}: {refused}");
    }
}

/// A case with a word of its own in each thing that a partner may not see, and in each that one partner may see.
async fn shared_case(t: &TestApp, shop: &Shop) -> (String, String) {
    let input = json!({
        "idempotencyKey": "1", "name": "Namnhemlig", "email": "mejlhemlig@example.com", "phone": "070-123 45 67",
        "subject": "Rubrikhemlig", "text": "Ordhemlig", "orderReference": "ORDERHEMLIG-1", "tags": ["tagghemlig"]
    });
    let reference = shop.filed(input).await.reference;
    let case = shop.case_id(&reference).await;
    shop.manager.does("addNote", json!({ "caseId": case, "text": "Notishemlig" }), "message { id }").await;
    shop.manager.does("sendMessage", json!({ "caseId": case, "text": "Brevhemlig" }), "message { id }").await;
    let task = json!({ "caseId": case, "partnerId": shop.partner_id("fibre-north"), "title": "Titelsynlig",
        "asked": "Uppdragsynligt", "dueAt": t.now() + chrono::TimeDelta::days(3) });
    let task = text(&shop.manager.does("requestTask", task, "task { id }").await["task"]["id"]);
    let fibre = shop.partner("fibre-north");
    fibre.does("acceptTask", json!({ "taskId": task }), "task { id }").await;
    let file = json!([{ "name": "filsynlig.pdf", "content": STANDARD.encode("%PDF-") }]);
    let told = json!({ "taskId": task, "text": "Lägesynligt", "attachments": file });
    fibre.does("updateTask", told, "task { id }").await;
    let said = json!({ "taskId": task, "text": "Samtalsynligt" });
    shop.manager.does("writeToTask", said, "task { id }").await;
    (case, task)
}

const HIDDEN: [&str; 10] = [
    "namnhemlig",
    "mejlhemlig",
    "070-123 45 67",
    "rubrikhemlig",
    "ordhemlig",
    "orderhemlig",
    "tagghemlig",
    "notishemlig",
    "brevhemlig",
    "hemlig",
];
const SHOWN: [&str; 5] = ["titelsynlig", "uppdragsynligt", "lägesynligt", "samtalsynligt", "filsynlig.pdf"];

#[tokio::test(flavor = "multi_thread")]
async fn everybody_finds_only_what_they_may_see() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let (_, task) = shared_case(&t, &shop).await;
    let reference = shop.manager.asks("{ cases { nodes { reference } } }", json!({})).await;
    let reference = text(&reference["cases"]["nodes"][0]["reference"]);
    for words in HIDDEN[..9].iter().chain(&SHOWN).copied().chain([reference.as_str()]) {
        assert!(!finds(&shop.manager, words).await.is_empty(), "{words} is found by staff");
        assert_eq!(finds(&other.manager, words).await, [""; 0], "{words} at another seller");
        assert_eq!(finds(shop.partner("bouncy"), words).await, [""; 0], "{words} by another partner");
    }
    let fibre = shop.partner("fibre-north");
    for words in HIDDEN {
        assert_eq!(finds(fibre, words).await, [""; 0], "{words} by the task's partner");
    }
    for words in SHOWN {
        let found = searches(fibre, json!({ "text": words })).await["nodes"].take();
        assert_eq!(found.as_array().unwrap().len(), 1, "{words}: {found}");
        assert_eq!((&found[0]["case"], &found[0]["task"]["id"]), (&Value::Null, &json!(task)), "{words}");
    }
    // Customers, forms and strangers search nothing, systems what their scopes allow.
    let customer = shop.customer("eva", "Ordhemlig").await;
    for (who, code) in [
        (&customer.client, "FORBIDDEN"),
        (&shop.widget, "FORBIDDEN"),
        (&shop.gateway, "FORBIDDEN"),
        (&t.anybody(), "UNAUTHENTICATED"),
    ] {
        assert_eq!(who.is_refused(HITS, json!({ "text": "ordhemlig" })).await, code);
    }
    let system = json!({ "sellerId": shop.id, "name": "desk", "scopes": ["CASES_READ"] });
    let system = shop.admin.does("createApiClient", system, "apiClient { id }").await;
    let system = t.holder_of(&text(&system["apiClient"]["id"]));
    assert_eq!(kinds(&system, "notishemlig").await, ["MESSAGE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_finds_nothing_of_a_task_that_is_not_theirs_any_more() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (_, task) = shared_case(&t, &shop).await;
    let fibre = shop.partner("fibre-north");
    assert_eq!(kinds(fibre, "titelsynlig").await, ["TASK"]);
    shop.manager.does("withdrawTask", json!({ "taskId": task }), "task { id }").await;
    for words in SHOWN {
        assert_eq!(finds(fibre, words).await, [""; 0], "{words}");
        assert!(!finds(&shop.manager, words).await.is_empty(), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_is_found_as_it_is_now() {
    let (sink, t, shop) = help_desk().await;
    let boundary = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nX-Was: ";
    let body = "--b\r\nContent-Type: text/plain\r\n\r\nKitteln droppar\r\n--b\r\nContent-Type: text/plain; name=kvittering.txt\r\nContent-Disposition: attachment; filename=kvittering.txt\r\n\r\ndrip\r\n--b--\r\n";
    t.hands_over("karin@example.com", &[HELP], &mail("karin@example.com", "Kitteln", "1@example.com", boundary, body))
        .await;
    let one = reference(&sink.letters(1).await[0]);
    let two = shop.customer("bo", "Trampolinen").await.reference;
    t.settle().await;
    let to = shop.case_id(&two).await;
    let manager = &shop.manager;
    let letter = finds(manager, "karin@example.com").await;
    assert!(letter.contains(&"LETTER EMAIL [karin@example.com]".to_owned()), "{letter:?}");
    assert_eq!(finds(manager, "kvittering").await, ["FILE FILE_NAME [kvittering].txt"]);
    // A file that was given to a partner is found by it, until its report moves to another case.
    let task = shop.requests_task(&t, &one, "fibre-north").await;
    let fibre = shop.partner("fibre-north");
    assert_eq!(finds(fibre, "kvittering").await, [""; 0]);
    let file = searches(manager, json!({ "text": "kvittering" })).await["nodes"][0]["node"]["id"].clone();
    let given = json!({ "taskId": task, "reason": "r", "fileIds": [file] });
    let owner = shop.owner_of(&one).await;
    shop.staff(&owner).does("shareWithPartner", given, "task { id }").await;
    assert_eq!(finds(fibre, "kvittering").await, ["FILE FILE_NAME [kvittering].txt"]);
    assert_eq!(finds(manager, "kvittering").await.len(), 1, "staff find it once");
    let whole = shop.case_id(&one).await;
    shop.call(json!({ "source": "pbx", "externalId": "1", "words": "Still dripping", "caseId": whole })).await;
    let report = shop.reads(&one, "reports { id }").await["reports"][0]["id"].clone();
    let moved = json!({ "reportId": report, "caseId": to, "reason": "r", "sameCustomer": true });
    manager.does("moveReport", moved, "case { id }").await;
    assert_eq!(finds(fibre, "kvittering").await, [""; 0]);
    let found = searches(manager, json!({ "text": "kvittering" })).await["nodes"][0].take();
    assert_eq!(found["case"]["reference"], two.as_str(), "{found}");

    // Another customer, and another subject.
    let changed = json!({ "caseId": to, "email": "eva@example.com", "name": "Evalena", "subject": "Studsmattan",
        "reason": "r" });
    manager.does("changeCustomer", changed, "case { id }").await;
    assert_eq!(finds(manager, "studsmattan").await.first(), Some(&"CASE SUBJECT [Studsmattan]".to_owned()));
    assert!(finds(manager, "evalena").await.contains(&"CASE NAME [Evalena]".to_owned()));
    let old = searches(manager, json!({ "text": "trampolinen", "kinds": ["CASE"] })).await;
    assert_eq!(old["nodes"], json!([]), "the former subject is not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_a_merged_case_leads_to_the_one_that_goes_on() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let (one, two) = (shop.customer("asa", "Lampan").await.reference, shop.customer("asa", "Skärmen").await.reference);
    let ids = json!({ "caseId": shop.case_id(&two).await, "intoId": shop.case_id(&one).await, "reason": "Same",
        "sameCustomer": true });
    shop.manager.does("mergeCases", ids, "case { id }").await;
    for hit in searches(&shop.manager, json!({ "text": "skärmen" })).await["nodes"].as_array().unwrap() {
        assert_eq!(hit["case"], json!({ "reference": two, "mergedInto": { "reference": one } }), "{hit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rolled_back_is_never_found() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let customer = shop.customer("asa", "Lampan").await;
    let case = shop.case_id(&customer.reference).await.parse().unwrap();
    let documents = "SELECT count(*) FROM search_document";
    let before = t.store.number(documents).await;
    let act = async |work: &mut Work| -> Outcome<()> {
        work.insert(message::Model {
            id: work.new_id(),
            case_id: case,
            report_id: None,
            task_update_id: None,
            visibility: Visibility::Internal,
            by_kind: PartyKind::System,
            by_id: None,
            by_shown_link: false,
            thanks: None,
            body: "Ångrad".to_owned(),
            at: work.now(),
            answered_at: None,
        });
        work.write_rows().await?;
        Err(Problem::not_found("caseId").into())
    };
    assert!(t.inside().run(Actor::System, act).await.is_err());
    assert_eq!(t.store.number(documents).await, before);
    assert_eq!(finds(&shop.manager, "ångrad").await, [""; 0]);
    shop.manager
        .does(
            "addNote",
            json!({ "caseId": shop.case_id(&customer.reference).await, "text": "Ångrad" }),
            "message { id }",
        )
        .await;
    assert_eq!(finds(&shop.manager, "ångrad").await, ["MESSAGE TEXT [Ångrad]"]);
}
