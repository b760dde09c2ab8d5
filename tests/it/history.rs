//! Imported history: events with their original times, which are compared with the service levels and the legal clocks.
//! Nothing is sent.

use ansvar_tests::TestApp;
use ansvar_tests::people::Shop;
use serde_json::{Value, json};

use crate::cli::Folder;
use crate::clocks::times;
use crate::import::{MAP, command, said};

const CASES: &str = "\
no,received,closed,via,kind,issue,story,mail,city
1,2024-03-01 09:30,,Mejl,Garden,Trampoline,It is torn,asa@example.com,
2,2024-03-01 10:00,,Telefon,Garden,Swing,It squeaks,bo@example.com,
3,2024-03-01 11:00,,Webb,Garden,Hedge,It is dead,,
";

const HISTORY_MAP: &str = r#"
source = "old-desk"
case = "no"
at = { column = "when", format = "%Y-%m-%d %H:%M", zone = "Europe/Stockholm" }
text = ["what"]

[kind]
column = "entry"

[kind.words]
"Mejl ut" = "WROTE_TO_CUSTOMER"
Samtal = "SPOKE_WITH_CUSTOMER"
"Ej svar" = "CALL_NOT_ANSWERED"
"Besök" = "MET_CUSTOMER"
"Mejl in" = "CUSTOMER_WROTE"
Notering = "NOTED"
Kvitterad = "ACKNOWLEDGED"
Utreds = "INVESTIGATING"
Klar = "CLOSED"
"#;

const HISTORY: &str = "\
no,when,entry,what
1,2024-03-01 12:00,Kvitterad,
1,2024-03-01 12:00,mejl ut,We look into it
1,2024-03-05 09:00,Mejl in,When will you come?
1,2024-03-05 10:00,Notering,He is angry
1,2024-03-08 09:00,Mejl ut,On Friday
1,2024-03-11 09:00,Klar,A new mat is on its way
2,2024-03-09 09:00,Ej svar,
2,2024-03-10 09:00,Samtal,Will be oiled
2,2024-06-03 09:00,Klar,
2,2024-06-05 09:00,Utreds,It squeaks again
3,2024-03-04 09:00,Besök,
9,2024-03-04 09:00,Samtal,Nobody's
3,2024-03-05 09:00,Fax,Unknown word
3,2024-03-03 09:00,Notering,Too early
3,2024-03-06 09:00,Mejl ut,
";

struct Old {
    t: TestApp,
    shop: Shop,
    folder: Folder,
}

impl Old {
    async fn start(name: &str) -> Self {
        let t = TestApp::start().await;
        let shop = t.shop().await;
        let hours = json!({ "firstContact": { "hours": 24 }, "reply": { "hours": 48 }, "answer": { "hours": 720 } });
        times(&shop, hours).await;
        let clocks = json!({ "sellerId": shop.id, "clocks": [{ "rule": "UK_DISP_EIGHT_WEEKS" }] });
        shop.admin.does("setLegalClocks", clocks, "seller { id }").await;
        let folder = Folder::new(name);
        for (name, text) in
            [("map.toml", MAP), ("cases.csv", CASES), ("history.toml", HISTORY_MAP), ("history.csv", HISTORY)]
        {
            std::fs::write(folder.path(name), text).unwrap();
        }
        Self { t, shop, folder }
    }

    fn imports(&self, what: &str, (map, table): (&str, &str), more: &[&str]) -> Vec<String> {
        let path = |name| self.folder.path(name);
        let (map, table, rejected) = (path(map), path(table), path("rejected.csv"));
        let import = ["import", what, "--seller", "shop", "--map", &map, "--rejected", &rejected, &table];
        said(&command(&self.t, &self.folder, &[&import[..], more].concat())).lines().map(str::to_owned).collect()
    }

    fn tells(&self, more: &[&str]) -> Vec<String> {
        self.imports("history", ("history.toml", "history.csv"), more)
    }

    fn rejected(&self) -> Vec<String> {
        let back = std::fs::read_to_string(self.folder.path("rejected.csv")).unwrap();
        back.lines().skip(1).map(str::to_owned).collect()
    }

    async fn case(&self, subject: &str, selection: &str) -> Value {
        let document = format!("{{ cases(first: 10) {{ nodes {{ subject {selection} }} }} }}");
        let cases = self.shop.manager.asks(&document, json!({})).await;
        let nodes = cases["cases"]["nodes"].as_array().unwrap();
        nodes.iter().find(|case| case["subject"] == subject).unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_imported_cases_is_told_with_its_own_times_and_sent_to_nobody() {
    let old = Old::start("history").await;
    let dry = old.tells(&["--dry-run"]);
    assert_eq!(dry[0], "15 rows: 0 told, 0 known before, 15 rejected", "the cases come first");
    old.imports("cases", ("map.toml", "cases.csv"), &[]);
    let dry = old.tells(&["--dry-run"]);
    assert_eq!(dry[0], "15 rows: 12 told, 0 known before, 3 rejected", "whether rows are in order is seen later");
    let done = old.tells(&[]);
    assert_eq!(
        done[..7],
        [
            "15 rows: 11 told, 0 known before, 4 rejected",
            "       1  answer: in time",
            "       1  answer: late",
            "       1  first contact: in time",
            "       2  first contact: late",
            "       1  reply: late",
            "The table was read as utf-8 (detected), cells separated by commas (detected), 4 columns.",
        ]
    );
    let rejected = old.rejected();
    for (line, reason) in [
        ("13,", "no case with the id \"\"9\"\" was imported from this source: import the cases first"),
        ("14,", "entry: the mapping does not say what \"\"Fax\"\" means"),
        ("15,", "has events after this time: bring the rows of a case in the order of their times"),
        ("16,", "what: the row has no words"),
    ] {
        assert!(rejected.iter().any(|row| row.starts_with(line) && row.contains(reason)), "{reason}: {rejected:?}");
    }
    old.t.settle().await;
    what_each_case_says(&old).await;
    nothing_was_sent(&old).await;
    let again = old.tells(&[]);
    assert_eq!(again[0], "15 rows: 0 told, 11 known before, 4 rejected");
}

async fn what_each_case_says(old: &Old) {
    let selection = "stage closedAt clocks { kind state doneAt } messages { text visibility by { kind } at } \
                     events { __typename at by { kind name } }";
    let asa = old.case("Trampoline", selection).await;
    assert_eq!((&asa["stage"], &asa["closedAt"]), (&json!("CLOSED"), &json!("2024-03-11T08:00:00+00:00")));
    assert_eq!(
        asa["messages"].as_array().unwrap()[1..],
        [
            json!({ "text": "We look into it", "visibility": "CUSTOMER", "by": { "kind": "IMPORT" }, "at": "2024-03-01T11:00:00+00:00" }),
            json!({ "text": "When will you come?", "visibility": "CUSTOMER", "by": { "kind": "CUSTOMER" }, "at": "2024-03-05T08:00:00+00:00" }),
            json!({ "text": "He is angry", "visibility": "INTERNAL", "by": { "kind": "IMPORT" }, "at": "2024-03-05T09:00:00+00:00" }),
            json!({ "text": "On Friday", "visibility": "CUSTOMER", "by": { "kind": "IMPORT" }, "at": "2024-03-08T08:00:00+00:00" }),
            json!({ "text": "A new mat is on its way", "visibility": "CUSTOMER", "by": { "kind": "IMPORT" }, "at": "2024-03-11T08:00:00+00:00" }),
        ]
    );
    let events = asa["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["by"] == json!({ "kind": "IMPORT", "name": null })), "{events:?}");
    let at: Vec<&str> = events.iter().map(|event| event["at"].as_str().unwrap()).collect();
    assert!(at.is_sorted() && at.first() == Some(&"2024-03-01T08:30:00+00:00"), "{at:?}");
    let met = json!({ "kind": "LEGAL_CLOCK", "state": "MET", "doneAt": "2024-03-11T08:00:00+00:00" });
    assert_eq!(asa["clocks"], json!([met]));
    // Answered after fourteen weeks, and reopened: the legal clock stays missed, and the next contact is promised from
    // today.
    let bo = old.case("Swing", &format!("{selection} nextContactDue")).await;
    let missed = json!({ "kind": "LEGAL_CLOCK", "state": "MISSED", "doneAt": "2024-06-03T07:00:00+00:00" });
    assert!(bo["clocks"].as_array().unwrap().contains(&missed), "{}", bo["clocks"]);
    assert_eq!((&bo["stage"], &bo["closedAt"]), (&json!("INVESTIGATING"), &json!(null)));
    assert!(bo["nextContactDue"].as_str().unwrap() > "2026");
    let said: Vec<_> =
        bo["messages"].as_array().unwrap().iter().map(|one| (&one["text"], &one["visibility"])).collect();
    assert_eq!(
        said[1..],
        [
            (&json!("Ej svar"), &json!("INTERNAL")),
            (&json!("Will be oiled"), &json!("INTERNAL")),
            (&json!("It squeaks again"), &json!("INTERNAL"))
        ],
        "what nobody noted anything of has the other system's word"
    );
    // A meeting is a contact, even without text.
    let met = old.case("Hedge", "stage clocks { kind state }").await;
    let running: Vec<_> = met["clocks"].as_array().unwrap().iter().map(|clock| clock["kind"].clone()).collect();
    assert!(!running.contains(&json!("ACKNOWLEDGE_BY")), "{running:?}");
}

async fn nothing_was_sent(old: &Old) {
    for subject in ["Trampoline", "Swing", "Hedge"] {
        let case = old.case(subject, "letters { id } escalations { why } tasks { id }").await;
        for list in ["letters", "escalations", "tasks"] {
            assert_eq!(case[list], json!([]), "{subject}: {list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_an_import_sets_back_time_and_it_does_not_either_once_somebody_works_here() {
    let old = Old::start("history-late").await;
    // The loops are held, because an event of a timer would have the present time, and no earlier record would be
    // accepted.
    old.t.hold().await;
    old.imports("cases", ("map.toml", "cases.csv"), &[]);
    let asa = old.case("Trampoline", "id").await;
    let now = old.t.now();
    let text = json!({ "caseId": asa["id"], "text": "Somebody here looks into it" });
    old.shop.manager.does("sendMessage", text, "message { id }").await;
    let done = old.tells(&[]);
    assert_eq!(done[0], "15 rows: 5 told, 0 known before, 10 rejected", "{:?}", old.rejected());
    old.t.release();
    let here = old.case("Trampoline", "messages { text at }").await;
    let last = here["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["text"], "Somebody here looks into it");
    assert_eq!(last["at"].as_str().unwrap()[..16], now.to_rfc3339()[..16]);
    // A table without the mapped columns is refused before anything is written.
    std::fs::write(old.folder.path("history.csv"), "no,when\n1,2024-03-01 12:00\n").unwrap();
    let path = |name| old.folder.path(name);
    let (map, table) = (path("history.toml"), path("history.csv"));
    let output = command(&old.t, &old.folder, &["import", "history", "--seller", "shop", "--map", &map, &table]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error
            .contains("The mapping does not fit the table: there is no column \"entry\"; there is no column \"what\"."),
        "{error}"
    );
}
