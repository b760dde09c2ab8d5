//! Checks that the cost of no statement grows with the number of cases. The statements of each story are recorded. When
//! the story ends, the plan of each statement that no earlier story sent is checked on a large generated store
//! ([`grown`]). A full scan of a table that grows with the cases, or more rows than a page and its parts need, fails
//! the story. `ANSVAR_GROWN` sets the number of cases in that store; 0 turns the check off.

pub mod grown;
mod judge;
mod values;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex};

use ansvar::kit::store::Side;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use sha2::{Digest, Sha256};

use crate::store::{POSTGRES, on_postgres};

/// The default number of cases in the generated store.
const CASES: usize = 20_000;

/// The recorded statements of one service, by their shape.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<BTreeMap<String, Statement>>>);

impl Heard {
    pub fn hear(&self, statement: &Statement, _side: Side) {
        let shape = shape(&statement.sql);
        self.0.lock().unwrap().entry(shape).or_insert_with(|| statement.clone());
    }

    /// The findings about statements that no earlier story sent.
    pub async fn wrong(&self) -> Vec<String> {
        static KNOWN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
        let cases = cases();
        let heard = std::mem::take(&mut *self.0.lock().unwrap());
        let new: Vec<Statement> = {
            let mut known = KNOWN.lock().unwrap();
            heard.into_iter().filter(|(shape, _)| known.insert(shape.clone())).map(|(_, statement)| statement).collect()
        };
        if cases == 0 || new.is_empty() {
            return Vec::new();
        }
        let db = store(cases).await;
        let mut wrong = Vec::new();
        for statement in new {
            wrong.extend(judge::look(&db, &statement).await);
        }
        db.close().await.unwrap();
        wrong
    }
}

/// Whether the check is on.
pub fn asks() -> bool {
    cases() > 0
}

/// The findings about this statement.
pub async fn wrong_with(sql: &str) -> Vec<String> {
    let heard = Heard::default();
    let backend = if on_postgres() { DbBackend::Postgres } else { DbBackend::Sqlite };
    heard.hear(&Statement::from_string(backend, sql), Side::Read);
    heard.wrong().await
}

fn cases() -> usize {
    std::env::var("ANSVAR_GROWN").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES)
}

/// The statement's text without the numbers of its parameters, and with each list of parameters as one: the length of a
/// list does not change the plan.
fn shape(sql: &str) -> String {
    let mut shape = String::with_capacity(sql.len());
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '$' && letters.peek().is_some_and(char::is_ascii_digit) {
            while letters.peek().is_some_and(char::is_ascii_digit) {
                letters.next();
            }
            shape.push('?');
        } else {
            shape.push(letter);
        }
    }
    for (from, to) in [("?, ?", "?"), ("(?), (?)", "(?)"), ("CAST(? AS text)", "?")] {
        while shape.contains(from) {
            shape = shape.replace(from, to);
        }
    }
    shape
}

/// The generated store. It is made once for this schema and size, and kept with the tests' own stores.
async fn store(cases: usize) -> DatabaseConnection {
    static MAKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _one = MAKING.lock().await;
    let made_of = [
        include_str!("grown/mod.rs"),
        include_str!("grown/cases.rs"),
        include_str!("grown/clocks.rs"),
        include_str!("grown/notices.rs"),
        include_str!("grown/pushes.rs"),
        include_str!("grown/search.rs"),
        include_str!("grown/task_mails.rs"),
        include_str!("grown/uploads.rs"),
        migration::TEXT,
        &cases.to_string(),
    ]
    .concat();
    let digest = Sha256::digest(made_of.as_bytes());
    let name = format!("ansvar_grown_{}", ansvar::kit::text::hex(digest.get(..6).unwrap_or_default()));
    let mut options = if on_postgres() { in_database(&name, cases).await } else { in_file(&name, cases).await };
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn in_file(name: &str, cases: usize) -> sea_orm::ConnectOptions {
    let path = std::env::temp_dir().join(format!("{name}.db"));
    if !path.exists() {
        let making = std::env::temp_dir().join(format!("{name}.{}", std::process::id()));
        let mut options = sea_orm::ConnectOptions::new(format!("sqlite://{}?mode=rwc", making.display()));
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.unwrap();
        migration::up(&db).await.unwrap();
        grown::grow(&db, cases).await;
        db.close().await.unwrap();
        std::fs::rename(&making, &path).unwrap();
    }
    sea_orm::ConnectOptions::new(format!("sqlite://{}", path.display()))
}

async fn in_database(name: &str, cases: usize) -> sea_orm::ConnectOptions {
    let server = std::env::var(POSTGRES).unwrap();
    let mut options = sea_orm::ConnectOptions::new(format!("{server}/postgres"));
    options.max_connections(1).sqlx_logging(false);
    let admin = Database::connect(options).await.unwrap();
    // Another process may be generating the store.
    admin.execute_unprepared("SELECT pg_advisory_lock(7355608)").await.unwrap();
    let found = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    let found = Statement::from_string(admin.get_database_backend(), found);
    if admin.query_one_raw(found).await.unwrap().is_none() {
        let making = format!("{name}_{}", std::process::id());
        admin.execute_unprepared(&format!("CREATE DATABASE {making}")).await.unwrap();
        let mut options = sea_orm::ConnectOptions::new(format!("{server}/{making}"));
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.unwrap();
        migration::up(&db).await.unwrap();
        grown::grow(&db, cases).await;
        db.close().await.unwrap();
        admin.execute_unprepared(&format!("ALTER DATABASE {making} RENAME TO {name}")).await.unwrap();
    }
    admin.close().await.unwrap();
    sea_orm::ConnectOptions::new(format!("{server}/{name}"))
}
