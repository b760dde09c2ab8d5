//! Runs the queries of README as they are written there, and the commands that the demo prints.

use ansvar_tests::golden::root;
use ansvar_tests::watch::{By, Watch};
use serde_json::{Value, json};

use crate::cli::{Demo, Folder, program};

/// The GraphQL document of README under this heading.
fn document(heading: &str) -> String {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme
        .split("\n### ")
        .find(|section| section.starts_with(heading))
        .unwrap_or_else(|| panic!("README has no \"{heading}\""));
    let block = section.split("```graphql\n").nth(1).unwrap_or_else(|| panic!("\"{heading}\" has no document"));
    block.split("```").next().unwrap().to_owned()
}

/// The commands that the demo prints, to be run by a shell.
async fn commands(data: &str) -> (tokio::process::Child, Vec<String>) {
    use tokio::io::AsyncReadExt;
    let mut process = tokio::process::Command::new(program())
        .args(["demo", "--listen", "127.0.0.1:0", "--data", data])
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut out = process.stdout.take().unwrap();
    let mut text = String::new();
    while !text.contains("# by telephone") || !text.trim_end().ends_with("}'") {
        let mut chunk = [0; 4096];
        let count = tokio::time::timeout(ansvar_tests::watch::PATIENCE, out.read(&mut chunk))
            .await
            .expect("it prints")
            .unwrap();
        text.push_str(&String::from_utf8_lossy(&chunk[..count]));
    }
    (
        process,
        text.split("curl -sS")
            .skip(1)
            .map(|rest| {
                format!(
                    "curl -sS{}",
                    rest.split("'\n\n").next().unwrap().trim_end().trim_end_matches('\'').to_owned() + "'"
                )
            })
            .collect(),
    )
}

async fn pasted(command: &str) -> Value {
    let output = tokio::process::Command::new("sh").args(["-c", command]).output().await.unwrap();
    assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stdout)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_that_the_demo_prints_file_three_complaints_and_show_them_arrive() {
    use tokio::io::{AsyncBufReadExt, BufReader};
    let folder = Folder::new("paste");
    let (process, commands) = commands(&folder.path("data")).await;
    assert_eq!(commands.len(), 5, "{commands:#?}");
    // The demo company has a quarter of cases behind it, and its staff have work.
    let work = pasted(&commands[0]).await["data"]["agenda"].take();
    let kinds: Vec<_> = work["counts"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    for kind in ["CONTACT", "COMMITMENT", "CALL_CUSTOMER", "HANDOVER", "PARTNER_LATE", "DISPUTE"] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
    let mut watch = tokio::process::Command::new("sh")
        .args(["-c", &format!("exec {}", commands[1])])
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    // The metrics show when the stream has started.
    let address = commands[2]
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap()
        .trim_end_matches("/graphql")
        .to_owned();
    let metrics = ansvar_tests::Client::new(&address, None);
    while !String::from_utf8(metrics.fetches("/metrics").await.2).unwrap().contains("ansvar_sse_streams 1") {
        tokio::task::yield_now().await;
    }
    let (broadband, garden) = (["Anna Lind", "Farid Noori"], ["Carin Holm", "Bo Ek"]);
    for (command, team) in [(&commands[2], broadband), (&commands[3], garden), (&commands[4], garden)] {
        let answer = pasted(command).await;
        let payload = answer["data"].as_object().unwrap().values().next().unwrap();
        let owner = payload["receipt"]["ownerName"].as_str().unwrap();
        assert!(payload["userErrors"] == json!([]) && team.contains(&owner), "{payload}");
        let reference = payload["receipt"]["reference"].as_str().unwrap().to_owned();
        let arrived = async {
            loop {
                let line = lines.next_line().await.unwrap().expect("the stream goes on");
                if line.contains("CaseOpened") && line.contains(&reference) && line.contains(owner) {
                    return;
                }
            }
        };
        tokio::time::timeout(ansvar_tests::watch::PATIENCE, arrived)
            .await
            .expect("the case arrives at its owner, live");
    }
    drop(process);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_query_for_each_audience_works() {
    let folder = Folder::new("readme");
    let demo = Demo::start(&folder.path("data")).await;
    let input =
        json!({ "idempotencyKey": "r1", "email": "asa@example.com", "text": "The broadband is down", "name": "Åsa" });
    let filed = demo.client("/widgetKey").asks(&document("A widget team"), json!({ "input": input })).await;
    let receipt = &filed["fileComplaint"]["receipt"];
    assert_eq!(receipt["ownerName"], "Anna Lind");

    let phone = demo.client("/widgetKey").showing(receipt["trackingToken"].as_str().unwrap());
    let mut follows = Watch::start(&phone, By::Sse, &document("A mobile app"), json!({ "after": 0 })).await;
    assert_eq!(follows.next_event().await["kind"], "CASE_OPENED");

    let owner = demo.client("/tokens/owner");
    let case = owner.asks(&document("The people who answer"), json!({})).await;
    let case = &case["agenda"]["nodes"][0]["case"];
    assert_eq!(case["reference"], receipt["reference"]);
    let admin = demo.client("/tokens/admin");
    let seller = admin.asks("{ sellers { id teams { id } } }", json!({})).await["sellers"][0].clone();
    let rules = json!([{ "name": "all", "assignTo": { "teamId": seller["teams"][1]["id"] } }]);
    let input = json!({ "sellerId": seller["id"], "rules": rules });
    let tried = admin.asks(&document("The people who make the rules"), input).await;
    assert_eq!(tried["simulateRouting"]["outcome"]["casesMoved"], 1, "{tried}");
    let raw = "From: Asa <asa@example.com>\r\nSubject: Broadband\r\n\r\nDown.\r\n\r\nSent from my iPhone\r\n";
    let raw = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, raw);
    let preview = admin.asks(&document("A mail administrator"), json!({ "raw": raw })).await;
    assert_eq!(preview["previewEmail"]["visibleText"], "Down.");
    let partners = admin.asks("{ sellers { partners { id name } } }", json!({})).await;
    let fibre = partners["sellers"][0]["partners"]
        .as_array()
        .unwrap()
        .iter()
        .find(|partner| partner["name"] == "Fiber Norr")
        .unwrap()
        .clone();
    let due = chrono::Utc::now() + chrono::TimeDelta::days(2);
    owner.does("requestTask", json!({ "caseId": case["id"], "partnerId": fibre["id"], "title": "Measure the line", "asked": "Please measure it", "dueAt": due }), "task { id }").await;
    let tasks = demo.client("/tokens/partner").asks(&document("A supplier"), json!({})).await;
    assert_eq!(tasks["tasks"]["nodes"][0]["case"]["reference"], receipt["reference"]);
}
