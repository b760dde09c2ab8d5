//! The command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use ansvar::demo::quarter::PAST;
use ansvar::demo::stories::OPEN;
use ansvar_tests::watch::PATIENCE;
use ansvar_tests::{Client, golden, until};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

/// The program, built in the same profile as the tests and with the same features, because other features would rebuild
/// all libraries.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let here = std::env::current_exe().unwrap();
        let folder = here.parent().and_then(Path::parent).unwrap();
        let mut build = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        build
            .args(["build", "--quiet", "-p", "ansvar", "-p", "ansvar-tests", "--bin", "ansvar", "--target-dir"])
            .arg(folder.parent().unwrap());
        // Cargo's variables about this package would look like a change to build scripts, and everything would be
        // rebuilt.
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            build.env_remove(name);
        }
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.current_dir(golden::root()).status().unwrap().success(), "the program builds");
        folder.join("ansvar")
    })
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(program()).args(arguments).envs(environment.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder for this test, removed at its end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("ansvar_cli_{}_{name}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A demo that runs until it is dropped.
pub struct Demo {
    pub says: Value,
    pub process: tokio::process::Child,
}

impl Demo {
    pub async fn start(data: &str) -> Self {
        Self::start_with(data, []).await
    }

    /// Starts it with these environment variables.
    pub async fn start_with(data: &str, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::ready(Self::command(data).arg("--empty").envs(environment)).await
    }

    /// Starts it with its cases.
    pub async fn start_with_cases(data: &str) -> Self {
        Self::ready(&mut Self::command(data)).await
    }

    fn command(data: &str) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(program());
        command
            .args(["demo", "--json", "--listen", "127.0.0.1:0", "--data", data])
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn ready(command: &mut tokio::process::Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line())
            .await
            .expect("it is ready in time")
            .unwrap()
            .expect("a line");
        Self { says: serde_json::from_str(&line).unwrap(), process }
    }

    pub fn client(&self, pointer: &str) -> Client {
        let bearer = self.says.pointer(pointer).unwrap().as_str();
        Client::new(self.says["http"].as_str().unwrap(), bearer)
    }

    pub fn signal(&self, signal: &str) {
        let id = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

/// The service as another process, until it is dropped.
pub struct Served {
    pub base: String,
    process: tokio::process::Child,
    log: tokio::task::JoinHandle<String>,
}

impl Served {
    /// Starts it with this configuration; its log says at which address it serves.
    pub async fn start(config: &str) -> Self {
        Self::start_with(config, []).await
    }

    /// Starts it with these environment variables.
    pub async fn start_with(config: &str, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut process = tokio::process::Command::new(program())
            .args(["serve", "--config", config])
            .envs(environment)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let (tell, told) = tokio::sync::oneshot::channel();
        let log = tokio::spawn(async move {
            let (mut log, mut tell) = (String::new(), Some(tell));
            while let Ok(Some(line)) = lines.next_line().await {
                let address = line.split_once("serving address=").map(|(_, rest)| rest.trim().to_owned());
                if let Some((tell, address)) = address.and_then(|address| Some((tell.take()?, address))) {
                    drop(tell.send(address));
                }
                log += &line;
                log.push('\n');
            }
            log
        });
        let address = tokio::time::timeout(PATIENCE, told).await.expect("it serves in time").expect("it serves");
        Self { base: format!("http://{address}"), process, log }
    }

    pub fn signal(&self, signal: &str) {
        let id = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Ends it; returns its log.
    pub async fn ends(mut self) -> String {
        self.process.kill().await.unwrap();
        self.log.await.unwrap()
    }
}

#[test]
fn the_schema_is_printed() {
    let output = run(&["schema"], &[]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), ansvar::graphql::sdl());
}

#[test]
fn a_wrong_setting_is_told_in_a_sentence_and_nothing_starts() {
    let folder = Folder::new("config");
    let store = format!("sqlite://{}", folder.path("a.db"));
    let long = "a secret of thirty-two bytes or more";
    let good = format!(
        "secret = \"{long}\"\n[database]\nurl = \"{store}\"\n[auth]\nissuer = \"i\"\naudience = \"a\"\nalgorithm = \"HS256\"\nsecret = \"{long}\"\n"
    );
    for (change, says) in [
        (
            good.replace(
                "secret = \"a secret of thirty-two bytes or more\"\n[database]",
                "secret = \"short\"\n[database]",
            ),
            "`secret` must have 32 bytes or more",
        ),
        (good.replace("[database]", "unknown = 1\n[database]"), "unknown field `unknown`"),
        (good.replace("sqlite://", "mysql://"), "`database.url` must begin with sqlite:// or postgres://"),
        (good.replace("HS256", "HS384"), "`auth.algorithm` HS384 is not served"),
        (good.replace("HS256", "EdDSA"), "Give exactly one of"),
        (good.replace("HS256\"\nsecret", "EdDSA\"\njwks_url"), "`auth.jwks_url` must begin with https://"),
        (good.replace("HS256\"\nsecret", "EdDSA\"\npublic_key_file"), "cannot be read"),
        (good.replace(&store, "postgres://nobody@127.0.0.1:1/none"), "The store at `database.url` cannot be used"),
        (good.replace("url =", "uri ="), "unknown field `uri`"),
        (format!("{good}[log]\nfilter = \"=x=\"\n"), "`log.filter` cannot be read"),
        (format!("listen = \"nowhere\"\n{good}"), "invalid"),
        (
            format!("{good}[mail]\nsignatures = true\nnameservers = [\"dns.example\"]\n"),
            "`mail.signatures` cannot be used",
        ),
    ] {
        let file = folder.path("ansvar.toml");
        std::fs::write(&file, &change).unwrap();
        let output = run(&["serve", "--config", &file], &[]);
        let said = text(&output.stderr);
        assert!(!output.status.success() && said.contains(says), "{change}\nsaid: {said}");
        assert!(!said.contains(long) || says == "cannot be read", "no secret is told: {said}");
    }
    let file = folder.path("ansvar.toml");
    std::fs::write(&file, &good).unwrap();
    assert!(run(&["migrate", "--config", &file], &[]).status.success());
    let made =
        run(&["setup", "--config", &file, "--seller", "Shop", "--name", "Elin", "--email", "elin@shop.example"], &[]);
    let said = text(&made.stdout);
    let elin = said.split_whitespace().find(|word| word.starts_with("staff_")).unwrap_or_else(|| panic!("{said}"));
    let again =
        run(&["setup", "--config", &file, "--seller", "Shop", "--name", "Elin", "--email", "elin@shop.example"], &[]);
    assert!(
        !again.status.success()
            && text(&again.stderr).contains("There is a seller already")
            && !text(&again.stderr).contains(['{', '[']),
        "{}",
        text(&again.stderr)
    );
    let token = run(&["token", "--config", &file, elin], &[]);
    assert_eq!(text(&token.stdout).trim().split('.').count(), 3);
    // The environment overrides the file.
    let output = run(&["migrate", "--config", &file], &[("ANSVAR__DATABASE__URL", "mysql://x")]);
    assert!(text(&output.stderr).contains("must begin with sqlite://"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_ready_with_one_line_and_stops_when_it_is_asked_to() {
    let folder = Folder::new("demo");
    let mut demo = Demo::start(&folder.path("data")).await;
    let mut keys: Vec<_> = demo.says.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["graphql", "http", "sse", "tokens", "websocket", "widgetKey"]);
    for (pointer, kind) in [
        ("/tokens/admin", "Staff"),
        ("/tokens/manager", "Staff"),
        ("/tokens/owner", "Staff"),
        ("/tokens/partner", "PartnerContact"),
        ("/tokens/otherPartner", "PartnerContact"),
        ("/tokens/client", "ApiClient"),
    ] {
        let viewer = demo.client(pointer).asks("{ viewer { __typename } }", json!({})).await;
        assert_eq!(viewer["viewer"]["__typename"], kind, "{pointer}");
    }
    let shop = demo
        .client("/tokens/admin")
        .asks(
            "{ sellers { staff { name } teams { members { name } } partners { name } ruleSet { rules { name } } } }",
            json!({}),
        )
        .await;
    let shop = &shop["sellers"][0];
    assert_eq!(
        (
            shop["staff"].as_array().unwrap().len(),
            shop["teams"].as_array().unwrap().len(),
            shop["partners"].as_array().unwrap().len()
        ),
        (6, 2, 2)
    );
    demo.signal("-TERM");
    let status = tokio::time::timeout(PATIENCE, demo.process.wait()).await.expect("it stops in time").unwrap();
    assert!(status.success());
}

/// The number of cases in this demo's store; none while it cannot be read.
async fn cases_of_the_demo(data: &str) -> Option<u64> {
    let db = sea_orm::Database::connect(format!("sqlite://{data}/ansvar.db?mode=ro")).await.ok()?;
    let cases = sea_orm::PaginatorTrait::count(<entity::case::Entity as sea_orm::EntityTrait>::find(), &db).await.ok();
    db.close().await.unwrap();
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_was_stopped_while_it_was_made_is_made_anew() {
    let folder = Folder::new("half_made");
    let data = folder.path("data");
    let unfinished = Path::new(&data).join("unfinished");
    let mut half = Demo::command(&data).spawn().unwrap();
    until("there are cases", async || cases_of_the_demo(&data).await.is_some_and(|cases| cases > 2)).await;
    half.kill().await.unwrap();
    assert!(unfinished.exists(), "it was stopped before its end");
    let mut demo = Demo::start_with_cases(&data).await;
    let all = u64::try_from(PAST + OPEN.len()).unwrap();
    let total = demo.client("/tokens/manager").asks("{ cases { totalCount } }", json!({})).await;
    assert_eq!(total["cases"]["totalCount"], all);
    assert!(!unfinished.exists());
    demo.signal("-TERM");
    demo.process.wait().await.unwrap();
    // The next start changes nothing.
    drop(Demo::start_with_cases(&data).await);
    assert_eq!(cases_of_the_demo(&data).await, Some(all));
    let db = sea_orm::Database::connect(format!("sqlite://{data}/ansvar.db")).await.unwrap();
    assert_eq!(ansvar::check::breaches(&db).await.unwrap(), Vec::<String>::new());
    db.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_a_pulled_plug() {
    let folder = Folder::new("plug");
    let data = folder.path("data");
    let mut filed: Vec<(Value, Value)> = Vec::new();
    let selection = "receipt { reference trackingToken ownerName nextContactDue }";
    let mut widget_key = Value::Null;
    for round in 0..3 {
        let mut demo = Demo::start(&data).await;
        assert!(widget_key.is_null() || widget_key == demo.says["widgetKey"], "the company is seeded once");
        widget_key = demo.says["widgetKey"].clone();
        let widget = demo.client("/widgetKey");
        // Requests that were answered before still get the same answer.
        for (input, receipt) in &filed {
            assert_eq!(&widget.does("fileComplaint", input.clone(), selection).await, receipt);
        }
        let total = demo.client("/tokens/manager").asks("{ cases { totalCount } }", json!({})).await;
        assert!(total["cases"]["totalCount"].as_u64().unwrap() >= filed.len() as u64);
        // Kills the process while complaints are being filed.
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let pouring: Vec<_> = (0..4)
            .map(|lane| {
                let (widget, tell) = (widget.clone(), tell.clone());
                tokio::spawn(async move {
                    for number in 0.. {
                        let input = json!({ "idempotencyKey": format!("{round}-{lane}-{number}"), "email": "asa@example.com", "text": "broadband" });
                        let filed = widget.does_if_answered("fileComplaint", input.clone(), selection).await;
                        let Some(receipt) = filed else { return };
                        if tell.send((input, receipt)).is_err() {
                            return;
                        }
                    }
                })
            })
            .collect();
        drop(tell);
        for _ in 0..20 {
            filed.push(told.recv().await.expect("complaints are answered"));
        }
        demo.signal("-KILL");
        drop(demo.process.wait().await);
        for lane in pouring {
            lane.await.unwrap();
        }
        while let Ok(more) = told.try_recv() {
            filed.push(more);
        }
    }
    let url = format!("sqlite://{data}/ansvar.db");
    let db = sea_orm::Database::connect(url).await.unwrap();
    assert_eq!(ansvar::check::breaches(&db).await.unwrap(), Vec::<String>::new());
    db.close().await.unwrap();
}
