//! A store of its own for each test. `ANSVAR_TEST_POSTGRES` names a server (`postgres://user@host:port`) on which each
//! test gets a database; without it each test gets a SQLite file.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

/// The environment variable that names the server.
pub const POSTGRES: &str = "ANSVAR_TEST_POSTGRES";

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The store of a test. It is removed when it is dropped.
pub struct TestStore {
    pub url: String,
    kind: Kind,
}

enum Kind {
    File(PathBuf),
    Database { server: String, name: String },
}

pub fn on_postgres() -> bool {
    std::env::var(POSTGRES).is_ok_and(|server| !server.is_empty())
}

impl TestStore {
    pub async fn new() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("ansvar_test_{}_{number}", std::process::id());
        if on_postgres() {
            let server = std::env::var(POSTGRES).unwrap();
            let admin = Database::connect(format!("{server}/postgres")).await.expect("the test server answers");
            admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
            admin.close().await.unwrap();
            return Self { url: format!("{server}/{name}"), kind: Kind::Database { server, name } };
        }
        Self::file()
    }

    /// A SQLite file, even when the other tests use PostgreSQL.
    pub fn file() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("ansvar_test_{}_{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite://{}", folder.join("ansvar.db").display());
        Self { url, kind: Kind::File(folder) }
    }

    /// Whether it is of the kind that this run uses, and not a SQLite file in a run on PostgreSQL.
    pub fn is_usual(&self) -> bool {
        on_postgres() == matches!(self.kind, Kind::Database { .. })
    }

    pub async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    /// Changes the store directly, without the service.
    pub async fn change(&self, sql: &str) {
        let db = self.connect().await;
        db.execute_unprepared(sql).await.unwrap();
        db.close().await.unwrap();
    }

    /// The number that a query returns.
    pub async fn number(&self, sql: &str) -> i64 {
        let db = self.connect().await;
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        db.close().await.unwrap();
        row.try_get_by_index::<i64>(0).unwrap()
    }

    /// The id that a query returns.
    pub async fn uuid(&self, sql: &str) -> uuid::Uuid {
        let db = self.connect().await;
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        db.close().await.unwrap();
        row.try_get_by_index::<uuid::Uuid>(0).unwrap()
    }

    pub async fn remove(&self) {
        match &self.kind {
            Kind::File(folder) => drop(std::fs::remove_dir_all(folder)),
            Kind::Database { server, name } => {
                let admin = Database::connect(format!("{server}/postgres")).await.unwrap();
                admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
                admin.close().await.unwrap();
            }
        }
    }
}
