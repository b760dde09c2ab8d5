//! Partners without a system: mails about tasks, the page of a task, replies by mail, and access by other people.

use ansvar_tests::app::PUBLIC_URL;
use ansvar_tests::people::{bounce, mail};
use ansvar_tests::post::Taken;
use ansvar_tests::{Shop, Sink, TestApp, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::browser::{Browser, shown};
use crate::mail::{cases, help_desk};

const DESK: &str = "desk@fibre-north.example";
const SECRETS: &[&str] = &["Åsa", "broadband", "measure", "Look at the line", "asa@example.com"];

/// A help desk; a person at the first partner gets tasks by mail.
async fn desk() -> (Sink, TestApp, Shop) {
    let (sink, t, shop) = help_desk().await;
    let by_mail = json!({ "partnerContactId": shop.contact_id("fibre-north"), "tasksByMail": true, "language": "EN" });
    let done = shop.admin.does("updatePartnerContact", by_mail, "partnerContact { tasksByMail language }").await;
    assert_eq!(done["partnerContact"], json!({ "tasksByMail": true, "language": "EN" }));
    (sink, t, shop)
}

fn to(sink: &Sink, address: &str) -> Vec<Taken> {
    sink.all().into_iter().filter(|letter| letter.to == address).collect()
}

/// The path of the page to which a letter links.
fn link(letter: &Taken) -> String {
    let text = letter.text();
    let from = text.find(PUBLIC_URL).unwrap_or_else(|| panic!("no link in {text}")) + PUBLIC_URL.len();
    text[from..].split_whitespace().next().unwrap().to_owned()
}

async fn task(shop: &Shop, id: &str, selection: &str) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on CaseTask {{ {selection} }} }} }}");
    shop.manager.asks(&document, json!({ "id": id })).await["node"].take()
}

async fn quarantined(shop: &Shop) -> Vec<String> {
    let read = shop.manager.asks("{ quarantinedReports { reason } }", json!({})).await;
    read["quarantinedReports"].as_array().unwrap().iter().map(|mail| text(&mail["reason"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plumber_without_a_system_does_his_part_from_the_link() {
    let (sink, t, shop) = desk().await;
    let asa = shop.customer("asa", "The broadband is down, says Åsa").await;
    let case = shop.case_id(&asa.reference).await;
    let owner = shop.owner_of(&asa.reference).await;
    let owner = shop.staff(&owner);
    let id = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    let share = json!({ "taskId": id, "fields": ["WORDS"], "reason": "You must know <b>what</b> is wrong." });
    t.settle().await;
    let first = to(&sink, DESK).remove(0);
    assert!(first.text().contains(&asa.reference) && first.subject().contains(&asa.reference));
    owner.does("shareWithPartner", share, "task { id }").await;
    t.settle().await;
    for letter in to(&sink, DESK) {
        for secret in SECRETS {
            assert!(!letter.raw.contains(secret) && !letter.text().contains(secret), "{secret}: {}", letter.raw);
        }
    }
    let (page, browser) = (link(&first), Browser::new(&t));
    // Programs that scan mails open every link, which changes nothing.
    let before = task(&shop, &id, "version status").await;
    for _ in 0..3 {
        assert_eq!(browser.opens(&page).await.status, 200);
        assert_eq!(shown(browser.http.head(format!("{}{page}", t.base()))).await.status, 200);
        assert_eq!(browser.opens(&format!("{page}/link")).await.status, 405, "no link is mailed by opening an address");
    }
    assert_eq!(task(&shop, &id, "version status").await, before);
    assert_eq!(to(&sink, DESK).len(), 2);
    let open = browser.opens(&page).await;
    open.says(&[
        "Look at the line",
        "Please measure the line.",
        "The broadband is down, says Åsa",
        "<html lang=\"en\">",
    ]);
    open.says(&["You must know &lt;b&gt;what&lt;/b&gt; is wrong."]);
    open.is_silent_of(&["<script", "http://", "https://", "asa@example.com"]);
    assert!(open.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    for (header, value) in [
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex, nofollow"),
    ] {
        assert_eq!(open.header(header), value);
    }
    // He accepts with a time in his time zone. The form is sent twice and executed once.
    let once = open.once();
    let accept = [("act", "accept"), ("once", once.as_str()), ("eta", "2026-11-04T15:00")];
    for _ in 0..2 {
        let done = browser.posts(&page, &accept, &[]).await;
        assert_eq!(done.status, 303, "{}", done.page);
        assert!(done.place.ends_with("?done=accept") && !done.place.starts_with("http"), "{}", done.place);
    }
    browser.opens(&format!("{page}?done=accept")).await.says(&["Thank you: the task is accepted."]);
    let accepted = task(&shop, &id, "version status eta").await;
    assert_eq!((&accepted["status"], &accepted["eta"]), (&json!("ACCEPTED"), &json!("2026-11-04T14:00:00+00:00")));
    // The same token with other input is refused.
    let other = [("act", "accept"), ("once", once.as_str()), ("eta", "2026-11-05T15:00")];
    assert_eq!(browser.posts(&page, &other, &[]).await.status, 422);
    assert_eq!(task(&shop, &id, "version").await["version"], accepted["version"]);
    // He sends an update with a photograph, which the customer cannot see.
    let once = browser.opens(&page).await.once();
    let update = [("act", "update"), ("once", once.as_str()), ("text", "The cabinet\r\nis wet."), ("eta", "")];
    let sent = browser.posts(&page, &update, &[("wet.jpg", "\u{fffd}picture"), ("", "")]).await;
    assert_eq!(sent.status, 303, "{}", sent.page);
    let told = task(&shop, &id, "updates { text by { kind name } attachments { name path } }").await;
    let update = &told["updates"][0];
    assert_eq!(update["text"], "The cabinet\nis wet.");
    assert_eq!(update["by"], json!({ "kind": "PARTNER", "name": "fibre-north desk" }));
    assert_eq!(update["attachments"].as_array().unwrap().len(), 1);
    let again = browser.opens(&format!("{page}?done=update")).await;
    again.says(&["your update was sent", "The cabinet\nis wet.", "wet.jpg"]);
    let file = again.page.split("href=\"").find(|rest| rest.contains("/files/")).unwrap().split('"').next().unwrap();
    let fetched = browser.opens(&format!("/tasks/{file}")).await;
    assert_eq!((fetched.status, fetched.header("content-security-policy")), (200, "default-src 'none'; sandbox"));
    // The owner asks something. He answers and reports the task done. The owner rejects that, and he completes it
    // again.
    let asked = json!({ "taskId": id, "text": "Is the customer at home?", "answerBy": "2026-11-03T10:00:00Z" });
    owner.does("writeToTask", asked, "task { id }").await;
    t.settle().await;
    assert!(to(&sink, DESK).last().unwrap().text().contains("We have written to you about your task."));
    browser.opens(&page).await.says(&["Is the customer at home?", "Please answer by", "3 November"]);
    let complete = async |result: &str| {
        let once = browser.opens(&page).await.once();
        let fields = [("act", "complete"), ("once", once.as_str()), ("result", result)];
        assert_eq!(browser.posts(&page, &fields, &[]).await.status, 303);
    };
    t.later(TimeDelta::minutes(1));
    let new_once = browser.opens(&page).await.once();
    complete("The splice is new.").await;
    let over = browser.opens(&format!("{page}?done=complete")).await;
    assert_eq!(over.status, 410);
    over.says(&["The task is reported done"]);
    over.is_silent_of(SECRETS);
    // An update that he wrote while the task ended is shown again and not sent.
    let once = new_once;
    let late = [("act", "update"), ("once", once.as_str()), ("text", "One more <photo>.")];
    let kept = browser.posts(&page, &late, &[]).await;
    assert_eq!(kept.status, 410);
    kept.says(&["One more &lt;photo&gt;.", "nothing more to do"]);
    // When the owner writes once more, the page shows that message and a form to answer it, and nothing else.
    owner.does("writeToTask", json!({ "taskId": id, "text": "Which colour is it?" }), "task { id }").await;
    t.settle().await;
    let asked = browser.opens(&link(to(&sink, DESK).last().unwrap())).await;
    assert_eq!(asked.status, 200);
    asked.says(&["Which colour is it?", "name=\"act\" value=\"write\""]);
    asked.is_silent_of(&[
        "The broadband is down",
        "measure the line",
        "Is the customer at home?",
        "value=\"complete\"",
    ]);
    let once = asked.once();
    let answer = [("act", "write"), ("once", once.as_str()), ("text", "Grey.")];
    assert_eq!(browser.posts(&page, &answer, &[]).await.status, 422, "a page is posted for its own link");
    let page_of_mail = link(to(&sink, DESK).last().unwrap());
    assert_eq!(browser.posts(&page_of_mail, &answer, &[]).await.status, 303);
    let missing = json!({ "taskId": id, "missing": "The lid is open.", "dueAt": "2026-11-06T12:00:00Z" });
    owner.does("rejectCompletion", missing, "task { id }").await;
    t.settle().await;
    let refused = to(&sink, DESK).pop().unwrap();
    assert!(refused.text().contains("is not done yet") && refused.text().contains("6 November"));
    let new = browser.opens(&link(&refused)).await;
    new.says(&["The lid is open.", "You had reported:", "The splice is new."]);
    complete("The lid is on.").await;
    let done = task(&shop, &id, "status result mails { kind to { email } status reason }").await;
    assert_eq!((&done["status"], &done["result"]), (&json!("DONE"), &json!("The lid is on.")));
    let kinds: Vec<_> = done["mails"].as_array().unwrap().iter().map(|mail| text(&mail["kind"])).collect();
    assert_eq!(kinds, ["REQUESTED", "SHARED", "MESSAGE", "MESSAGE", "REJECTED"]);
    assert_eq!(done["mails"][0]["to"]["email"], DESK);
    assert!(done["mails"].as_array().unwrap().iter().all(|mail| mail["status"] == "SENT"));
    let partners = "query($id: ID!) { node(id: $id) { ... on CaseTask { mails { kind } } } }";
    let theirs = shop.partner("fibre-north").asks(partners, json!({ "id": id })).await;
    assert_eq!(theirs["node"]["mails"], json!([]));
    let seen = shop.reads(&asa.reference, "messages { text }").await;
    assert!(seen["messages"].as_array().unwrap().iter().all(|message| message["text"] != "The lid is on."), "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_one_task_for_a_week_and_ends_with_it() {
    let (sink, t, shop) = desk().await;
    let asa = shop.customer("asa", "The broadband is down, says Åsa").await;
    let browser = Browser::new(&t);
    let id = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    t.settle().await;
    let page = link(&to(&sink, DESK)[0]);
    // Invented and changed links do not work, and trying them is limited like trying wrong credentials.
    for wrong in ["/tasks/x", "/tasks/AAAA", &page[..page.len() - 1], &format!("{page}A"), "/tasks/%00", "/tasks/å"] {
        assert_eq!(browser.opens(wrong).await.status, 404, "{wrong}");
    }
    assert_eq!(browser.opens(&format!("{page}/files/attachment_00000000000000000000000000")).await.status, 410);
    // Mistakes in a form are reported, and the form keeps what was written.
    let once = browser.opens(&page).await.once();
    for (fields, status, said) in [
        (vec![("act", "decline"), ("once", once.as_str()), ("reason", " ")], 422, "Tell the owner why"),
        (vec![("act", "accept"), ("once", once.as_str()), ("eta", "soon")], 422, "not a date and a time"),
        (vec![("act", "accept"), ("once", once.as_str()), ("eta", "2020-01-01T10:00")], 422, "in the future"),
        (
            vec![("act", "update"), ("once", once.as_str()), ("text", "We <i>come</i>.")],
            422,
            "We &lt;i&gt;come&lt;/i&gt;.",
        ),
        (vec![("act", "update"), ("once", once.as_str()), ("text", "We come.")], 422, "has changed in the meantime"),
        (vec![("act", "withdraw"), ("once", once.as_str())], 422, "could not be read"),
        (vec![("act", "write"), ("once", "x"), ("text", "Which door?")], 422, "Which door?"),
        (vec![("act", "write"), ("text", "Which door?")], 422, "open for too long"),
    ] {
        let answer = browser.posts(&page, &fields, &[]).await;
        assert_eq!(answer.status, status, "{fields:?}");
        answer.says(&[said]);
    }
    let plain = browser.http.post(format!("{}{page}", t.base())).body("act=accept");
    assert_eq!(shown(plain.header("content-type", "application/x-www-form-urlencoded")).await.status, 400);
    assert_eq!(task(&shop, &id, "status").await["status"], "REQUESTED");
    // A page was open overnight.
    t.later(TimeDelta::hours(13));
    let late = [("act", "write"), ("once", once.as_str()), ("text", "Which door?")];
    let answer = browser.posts(&page, &late, &[]).await;
    assert_eq!(answer.status, 422);
    let once = answer.once();
    let late = [("act", "write"), ("once", once.as_str()), ("text", "Which door?"), ("answerBy", "2026-11-04T10:00")];
    assert_eq!(browser.posts(&page, &late, &[]).await.status, 303, "the page that it was given is fresh");
    let asked = task(&shop.at(&t), &id, "messages { text answerBy }").await;
    assert_eq!(asked["messages"], json!([{ "text": "Which door?", "answerBy": "2026-11-04T09:00:00+00:00" }]));
    // After a week the link only offers a new one, which is mailed to the same address.
    t.later_and_settled(TimeDelta::days(7)).await;
    let ended = browser.opens(&page).await;
    assert_eq!(ended.status, 410);
    ended.says(&["This link has ended", "Mail me a new link"]);
    ended.is_silent_of(SECRETS);
    let kept = browser.posts(&page, &[("act", "write"), ("once", &once), ("text", "Still there?")], &[]).await;
    assert_eq!(kept.status, 410);
    kept.says(&["Still there?"]);
    let before = to(&sink, DESK).len();
    let sent = browser.posts(&format!("{page}/link"), &[], &[]).await;
    assert_eq!(sent.status, 200);
    sent.says(&["A new link is on its way"]);
    sent.is_silent_of(&[DESK]);
    t.settle().await;
    let fresh = to(&sink, DESK).pop().unwrap();
    assert_eq!(to(&sink, DESK).len(), before + 1);
    assert!(fresh.text().contains("the new link that you asked for"), "{}", fresh.text());
    let new = link(&fresh);
    assert_eq!(browser.opens(&new).await.status, 200);
    // The number of new links is limited.
    for _ in 0..20 {
        assert_eq!(browser.posts(&format!("{page}/link"), &[], &[]).await.status, 200);
    }
    t.settle().await;
    assert!(to(&sink, DESK).len() <= before + 10, "{}", to(&sink, DESK).len() - before);
    // The person's access ends and is restored. Then the task is withdrawn.
    let shop = shop.at(&t);
    let access = async |active: bool| {
        let input = json!({ "partnerContactId": shop.contact_id("fibre-north"), "active": active });
        shop.admin.does("updatePartnerContact", input, "partnerContact { active }").await;
    };
    access(false).await;
    let gone = browser.opens(&new).await;
    assert_eq!(gone.status, 410);
    gone.is_silent_of(SECRETS);
    let count = to(&sink, DESK).len();
    browser.posts(&format!("{page}/link"), &[], &[]).await;
    t.settle().await;
    assert_eq!(to(&sink, DESK).len(), count, "nobody without access is mailed a link");
    access(true).await;
    assert_eq!(browser.opens(&new).await.status, 200);
    shop.manager.does("withdrawTask", json!({ "taskId": id }), "task { id }").await;
    t.later_and_settled(TimeDelta::hours(2)).await;
    let told = to(&sink, DESK).pop().unwrap();
    assert!(told.text().contains("The task is taken back.") && !told.text().contains(PUBLIC_URL), "{}", told.text());
    let over = browser.opens(&new).await;
    assert_eq!(over.status, 410);
    over.is_silent_of(SECRETS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_reply_is_an_update_and_only_from_the_address_that_has_the_task() {
    let (sink, t, shop) = desk().await;
    let asa = shop.customer("asa", "The broadband is down, says Åsa").await;
    let id = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    t.settle().await;
    let before = cases(&shop).await;
    let letter = to(&sink, DESK).remove(0);
    let back = letter.address("Reply-To");
    let quoted = "\n\nOn 2 Nov 2026 Shop's help <help@shop.example> wrote:\n> You are asked to do a task.";
    let answer = |from: &str, id: &str, more: &str, words: &str| {
        mail(from, "Re: Task", &format!("{id}@fibre-north.example"), more, &format!("{words}{quoted}"))
    };
    // A reply does not accept the task: before the acceptance it is a message to the owner. The same mail counts once.
    let early = answer(DESK, "1", "", "Which door is it?");
    for _ in 0..2 {
        t.hands_over(DESK, &[&back], &early).await;
        t.settle().await;
    }
    let said = task(&shop, &id, "status messages { text by { kind } } updates { text }").await;
    assert_eq!(said["status"], "REQUESTED");
    assert_eq!(said["messages"], json!([{ "text": "Which door is it?", "by": { "kind": "PARTNER" } }]));
    let fibre = shop.partner("fibre-north");
    fibre.does("acceptTask", json!({ "taskId": id }), "task { id }").await;
    t.hands_over(DESK, &[&back], &answer(DESK, "2", "", "We come on Tuesday.")).await;
    t.settle().await;
    let said = task(&shop, &id, "status updates { text }").await;
    assert_eq!(said, json!({ "status": "IN_PROGRESS", "updates": [{ "text": "We come on Tuesday." }] }));
    // Another person with the forwarded mail cannot write anything, and neither can a program.
    for (number, (from, more)) in [
        ("mallory@example.com", "Authentication-Results: mx.shop.example; dmarc=pass\r\n"),
        ("desk@bouncy.example", ""),
        (DESK, "Authentication-Results: mx.shop.example; dmarc=fail\r\n"),
        (DESK, "Auto-Submitted: auto-replied\r\n"),
    ]
    .into_iter()
    .enumerate()
    {
        t.hands_over(from, &[&back], &answer(from, &format!("x{number}"), more, "It is done.")).await;
        t.settle().await;
    }
    assert_eq!(task(&shop, &id, "updates { text }").await["updates"].as_array().unwrap().len(), 1);
    let why = quarantined(&shop).await;
    assert_eq!(why.len(), 3, "the program's is nothing at all: {why:?}");
    assert_eq!(cases(&shop).await, before, "no answer opens a case");
    // Quoted links to the page are masked in a reply.
    let quoting = format!("Here.\n\n{}", letter.text());
    t.hands_over(DESK, &[&back], &mail(DESK, "Re: Task", "q@fibre-north.example", "", &quoting)).await;
    t.settle().await;
    let said = task(&shop, &id, "updates { text }").await["updates"][1]["text"].take();
    let token = link(&letter).rsplit('/').next().unwrap().to_owned();
    assert!(!text(&said).contains(&token), "{said}");
    let handed = json!({ "raw": STANDARD.encode(early.replace("To: help@shop.example", &format!("To: {back}"))) });
    assert_eq!(shop.gateway.fails("receiveEmail", handed).await, [("INVALID".into(), "raw".into())]);
    // A reply that comes too late is kept, and its author gets a mail.
    shop.manager.does("withdrawTask", json!({ "taskId": id }), "task { id }").await;
    t.settle().await;
    t.hands_over(DESK, &[&back], &answer(DESK, "3", "", "It is done.")).await;
    t.settle().await;
    assert_eq!(quarantined(&shop).await.len(), 4);
    let told = to(&sink, DESK).pop().unwrap();
    assert!(told.text().contains("was declined or taken back"), "{}", told.text());
    // If a mail about a task comes back, the owner of the case gets a notice.
    let second = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    t.settle().await;
    let lost = to(&sink, DESK).pop().unwrap();
    t.hands_over("", &[&lost.from], &bounce(&lost.from, DESK)).await;
    t.settle().await;
    let mails = task(&shop, &second, "mails { kind status reason }").await["mails"].take();
    assert_eq!(
        (&mails[0]["status"], mails[0]["reason"].as_str().unwrap().contains("user unknown")),
        (&json!("BOUNCED"), true)
    );
    let events = t.store.number("SELECT count(*) FROM event WHERE kind = 'PartnerUnreachable'").await;
    assert_eq!((events, cases(&shop).await), (1, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_are_told_once_of_what_is_still_so_and_never_in_a_storm() {
    let (sink, t, shop) = desk().await;
    let asa = shop.customer("asa", "The broadband is down, says Åsa").await;
    // News that is no longer true when the mail is written is left out.
    t.hold().await;
    let gone = shop.requests_task(&t, &asa.reference, "fibre-north").await;
    shop.manager.does("withdrawTask", json!({ "taskId": gone }), "task { id }").await;
    let mut tasks = Vec::new();
    for _ in 0..7 {
        tasks.push(shop.requests_task(&t, &asa.reference, "fibre-north").await);
    }
    shop.requests_task(&t, &asa.reference, "bouncy").await;
    t.release();
    t.settle().await;
    let letters = to(&sink, DESK);
    assert_eq!(letters.len(), 1, "many at the same moment are one mail");
    let summary = &letters[0];
    assert_eq!(summary.text().matches(PUBLIC_URL).count(), 7);
    assert!(summary.subject().contains('7') && !summary.text().contains("taken back"));
    assert!(to(&sink, "desk@bouncy.example").is_empty(), "who did not ask for mails gets none");
    let browser = Browser::new(&t);
    let text = summary.text();
    for line in text.lines().filter_map(|line| line.trim().strip_prefix(PUBLIC_URL)) {
        assert_eq!(browser.opens(line).await.status, 200);
    }
    // A summary cannot be answered, because it is unclear which task is meant.
    let back = summary.address("Reply-To");
    t.hands_over(DESK, &[&back], &mail(DESK, "Re", "s@fibre-north.example", "", "All done.")).await;
    t.settle().await;
    assert!(quarantined(&shop).await[0].contains("several tasks"));
    // Ten mails are sent in an hour; the rest is one mail when the hour is over.
    let first = tasks[0].clone();
    for _ in 0..30 {
        shop.manager.does("remindTask", json!({ "taskId": first }), "task { id }").await;
        t.settle().await;
    }
    assert_eq!(to(&sink, DESK).len(), 10);
    t.later_and_settled(TimeDelta::minutes(61)).await;
    assert_eq!(to(&sink, DESK).len(), 11);
    // With a second node nobody gets a mail twice. Only the colleague to whom the task is assigned gets further mails.
    let shop = shop.at(&t);
    let colleague = json!({ "partnerId": shop.partner_id("fibre-north"), "name": "Kim", "email": "kim@fibre-north.example", "tasksByMail": true });
    let made = shop.admin.does("createPartnerContact", colleague, "partnerContact { id language }").await;
    assert_eq!(made["partnerContact"]["language"], "SV", "the seller's");
    let other = t.second_node().await;
    t.later_and_settled(TimeDelta::hours(2)).await;
    let shop = shop.at(&t);
    let before = to(&sink, DESK).len();
    let assign = json!({ "taskId": first, "partnerContactId": made["partnerContact"]["id"] });
    shop.partner("fibre-north").does("assignTask", assign, "task { id }").await;
    shop.manager.does("remindTask", json!({ "taskId": first }), "task { id }").await;
    t.settle().await;
    let kims = to(&sink, "kim@fibre-north.example");
    assert!((1..=2).contains(&kims.len()) && kims[0].text().contains("En uppgift har tilldelats dig."));
    assert_eq!(to(&sink, DESK).len(), before);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_mailed_only_where_a_link_and_a_sender_exist() {
    let t = TestApp::start_with(|config| config.public_url = None).await;
    let shop = t.shop().await;
    let wanted = json!({ "partnerContactId": shop.contact_id("fibre-north"), "tasksByMail": true });
    let refused = shop.admin.tries("updatePartnerContact", wanted.clone(), "").await["userErrors"].take();
    assert_eq!((&refused[0]["code"], &refused[0]["field"]), (&json!("INVALID"), &json!(["tasksByMail"])));
    assert!(refused[0]["message"].as_str().unwrap().contains("`public_url`"));
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let wanted = json!({ "partnerContactId": shop.contact_id("fibre-north"), "tasksByMail": true });
    let refused = shop.admin.tries("updatePartnerContact", wanted.clone(), "").await["userErrors"].take();
    assert!(refused[0]["message"].as_str().unwrap().contains("`createMailbox`"));
    let new = json!({ "partnerId": shop.partner_id("fibre-north"), "name": "Kim", "email": "kim@fibre-north.example", "tasksByMail": true });
    assert_eq!(shop.admin.fails("createPartnerContact", new).await, [("INVALID".into(), "tasksByMail".into())]);
}
