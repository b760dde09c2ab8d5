//! Importing cases from another system, and `ansvar check`: the command line on the store of a running service.

use std::process::{Command, Output};

use ansvar::intake::import::mapping::MapsColumns;
use ansvar_tests::TestApp;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::cli::{Folder, program};

pub const MAP: &str = r#"
source = "old-desk"
id = "no"
received_at = { column = "received", format = "%Y-%m-%d %H:%M", zone = "Europe/Stockholm" }
closed_at = { column = "closed", format = "%Y-%m-%d", zone = "Europe/Stockholm" }
channel = { column = "via", words = { Telefon = "PHONE", Mejl = "EMAIL" }, otherwise = "WEB" }
text = ["story", "issue"]
subject = ["issue"]
category = "kind"
email = "mail"
tags = ["city"]
"#;

const TABLE: &str = r#"no,received,closed,via,kind,issue,story,mail,city
1,2024-03-01 09:30,2024-03-04,Telefon,Broadband,Router,"It blinks,
all night",asa@example.com,Umeå
2,2024-03-02 23:59,,Mejl,Garden,Trampoline,,bo@example.com,
3,2024-13-01 00:00,,Webb,Garden,Swing,broke,,
4,2024-03-03 00:00,,Webb,Garden,,,,
5,2024-03-03 08:00,,Webb,Broadband,Slow,Very slow,asa@example.com,Umeå
"#;

pub fn command(t: &TestApp, folder: &Folder, arguments: &[&str]) -> Output {
    std::fs::write(folder.path("ansvar.toml"), t.as_file()).unwrap();
    Command::new(program()).args(arguments).args(["--config", &folder.path("ansvar.toml")]).output().unwrap()
}

pub fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_old_cases_comes_in_with_its_own_dates_and_once() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    shop.publishes(json!([
        { "name": "broadband desk", "when": [{ "categoryIn": ["broadband"] }], "assignTo": { "staffId": shop.id_of("anna") } },
        { "name": "the rest", "assignTo": { "staffId": shop.id_of("carin") } },
    ]))
    .await;
    let clocks = json!({ "sellerId": shop.id, "clocks": [{ "rule": "UK_DISP_EIGHT_WEEKS" }] });
    shop.admin.does("setLegalClocks", clocks, "seller { id }").await;
    let folder = Folder::new("import");
    std::fs::write(folder.path("map.toml"), MAP).unwrap();
    std::fs::write(folder.path("old.csv"), TABLE).unwrap();
    let (map, table, rejected) = (folder.path("map.toml"), folder.path("old.csv"), folder.path("rejected.csv"));
    let import = ["import", "cases", "--seller", "shop", "--map", &map, "--rejected", &rejected, &table];
    let dry = command(&t, &folder, &[&import[..], &["--dry-run"]].concat());
    assert_eq!(
        said(&dry),
        format!(
            "5 rows: 3 cases opened (1 of them closed), 0 known before, 2 rejected\n       2  broadband desk\n       1  the rest\nThe table was read as utf-8 (detected), cells separated by commas (detected), 9 columns.\nThe rejected rows are in {rejected}.\nA dry run: nothing was written. The counts are by the rule that would match.\n"
        )
    );
    let count = "{ cases(first: 100) { totalCount } }";
    assert_eq!(shop.manager.asks(count, json!({})).await["cases"]["totalCount"], 0);
    let done = said(&command(&t, &folder, &import));
    assert!(
        done.starts_with(
            "5 rows: 3 cases opened (1 of them closed), 0 known before, 2 rejected\n       2  anna\n       1  carin\n"
        ),
        "{done}"
    );
    let back = std::fs::read_to_string(&rejected).unwrap();
    let lines: Vec<&str> = back.lines().collect();
    assert_eq!(lines[0], "line,reason,no,received,closed,via,kind,issue,story,mail,city");
    assert_eq!(
        lines[1],
        "5,\"received: \"\"2024-13-01 00:00\"\" is no past time written as %Y-%m-%d %H:%M\",3,2024-13-01 00:00,,Webb,Garden,Swing,broke,,"
    );
    assert!(lines[2].starts_with("6,\"story, issue: the row has no words\",4,"), "{back}");
    let again = said(&command(&t, &folder, &import));
    assert!(again.starts_with("5 rows: 0 cases opened (0 of them closed), 3 known before, 2 rejected\n"), "{again}");
    let cases = shop.manager.asks("{ cases { totalCount nodes { subject channel stage receivedAt openedAt closedAt owner { name } customer { emails } tags messages { text } ownership { from } events { __typename at } } } }", json!({})).await;
    assert_eq!(cases["cases"]["totalCount"], 3);
    let closed = &cases["cases"]["nodes"][2];
    let received = "2024-03-01T08:30:00+00:00";
    assert_eq!(
        closed,
        &json!({
            "subject": "Router", "channel": "PHONE", "stage": "CLOSED", "receivedAt": received, "openedAt": received,
            "closedAt": "2024-03-03T23:00:00+00:00", "owner": { "name": "anna" }, "customer": { "emails": ["asa@example.com"] },
            "tags": ["umeå"], "messages": [{ "text": "It blinks,\nall night\nRouter" }], "ownership": [{ "from": received }],
            "events": [{ "__typename": "CaseOpened", "at": received }, { "__typename": "MessageAdded", "at": received },
                { "__typename": "StageChanged", "at": "2024-03-03T23:00:00+00:00" },
                { "__typename": "LegalClockEnded", "at": "2024-03-03T23:00:00+00:00" }],
        })
    );
    // For an old case that is open, the next contact is promised from today, and no escalation is raised.
    let open = shop
        .manager
        .asks(
            "{ cases(filter: { stages: [RECEIVED] }) { nodes { nextContactDue escalations { why } clocks { kind state } } } }",
            json!({}),
        )
        .await;
    t.settle().await;
    for case in open["cases"]["nodes"].as_array().unwrap() {
        assert!(
            case["clocks"].as_array().unwrap().contains(&json!({ "kind": "LEGAL_CLOCK", "state": "LATE" })),
            "{case}"
        );
        assert!(case["nextContactDue"].as_str().unwrap() > "2026", "{case}");
        assert_eq!(case["escalations"], json!([]));
    }
    let wrong = command(&t, &folder, &["import", "cases", "--seller", "shop", "--map", &table, &table]);
    assert!(!wrong.status.success());
    let mended = std::fs::read(&rejected).unwrap();
    std::fs::write(folder.path("map.toml"), MAP.replace("\"kind\"", "\"sort\"")).unwrap();
    let wrong = command(&t, &folder, &import);
    let error = String::from_utf8(wrong.stderr).unwrap();
    assert!(error.contains("The mapping does not fit the table: there is no column \"sort\"."), "{error}");
    assert_eq!(std::fs::read(&rejected).unwrap(), mended, "rows that were given back are not written over in vain");
    // The rejected rows do not overwrite the imported table.
    let over =
        command(&t, &folder, &["import", "cases", "--seller", "shop", "--map", &map, "--rejected", &table, &table]);
    assert!(String::from_utf8(over.stderr).unwrap().contains("name another file with `--rejected`"));
    assert_eq!(std::fs::read_to_string(&table).unwrap(), TABLE);
    let nobody = command(&t, &folder, &["import", "cases", "--seller", "nobody", "--map", &map, &table]);
    assert!(String::from_utf8(nobody.stderr).unwrap().contains("0 sellers are called \"nobody\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_checked_and_a_breach_is_named() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let asa = shop.customer("asa", "broadband").await;
    let folder = Folder::new("check");
    assert_eq!(said(&command(&t, &folder, &["check"])), format!("All {} rules hold.\n", ansvar::check::RULES.len()));
    let db = t.store.connect().await;
    let change = async |sql: &str| assert_eq!(db.execute_unprepared(sql).await.unwrap().rows_affected(), 1, "{sql}");
    for (breaks, mends, says) in [
        (
            "UPDATE feed SET last_seq = last_seq + 1",
            "UPDATE feed SET last_seq = last_seq - 1",
            "a seller's feed is numbered 1, 2, 3 … up to its head: broken by shop".to_owned(),
        ),
        (
            r#"UPDATE "case" SET version = version + 1"#,
            r#"UPDATE "case" SET version = version - 1"#,
            format!("a case's events are numbered 1, 2, 3 … up to its version: broken by {}", asa.reference),
        ),
    ] {
        change(breaks).await;
        let output = command(&t, &folder, &["check"]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{says}\n"));
        change(mends).await;
    }
    db.close().await.unwrap();
}

#[test]
fn the_mappings_in_the_guide_are_such() {
    let guide = std::fs::read_to_string(ansvar_tests::golden::root().join("docs/import.md")).unwrap();
    let text = |number| guide.split("```toml\n").nth(number).unwrap().split("```").next().unwrap();
    let mapping: ansvar::intake::import::Mapping = toml::from_str(text(1)).unwrap();
    let columns = [
        "case_no", "received", "closed", "via", "story", "issue", "kind", "article", "order", "customer", "mail",
        "tel", "city",
    ];
    assert_eq!(mapping.wrong(&columns.map(str::to_owned)), Vec::<String>::new());
    let history: ansvar::intake::import::history::HistoryMapping = toml::from_str(text(2)).unwrap();
    let columns = ["case_no", "when", "what", "entry"];
    assert_eq!(history.wrong(&columns.map(str::to_owned)), Vec::<String>::new());
}
