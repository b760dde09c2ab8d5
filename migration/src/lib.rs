//! The database schema, as ordered migrations for both stores. Imports nothing of ours.
//!
//! A migration is one SQL text (`sql/`), written once in PostgreSQL's types and translated for SQLite here, so
//! that both stores get the same tables, keys and checks. [`up`] is safe to call from several nodes that start at
//! the same time: PostgreSQL takes an advisory lock, SQLite a write transaction.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};

/// The lock that keeps two starting nodes from migrating at once; any number nobody else uses.
const ADVISORY_LOCK: i64 = 0x616e_7376_6172;

/// The schema as a text, for both stores.
pub const TEXT: &str = include_str!("sql/m0001_before_release_11.sql");

/// The list of migrations, oldest first. The name is what the database remembers: never rename one.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        // Until the first release there is one migration, amended and renamed; from then on each is frozen.
        vec![Box::new(Sql { name: "m0001_before_release_11", text: TEXT })]
    }
}

/// A migration that is a text.
struct Sql {
    name: &'static str,
    text: &'static str,
}

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for statement in statements(self.text, backend == DbBackend::Sqlite) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

/// Brings the database up to the newest schema; does nothing when it is there already.
///
/// # Errors
/// When the database cannot be reached or refuses a statement; then nothing of this run is kept.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.begin_with_options(options).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        // Another node may be at it for longer than a statement of the service may take.
        tx.execute_unprepared("SET LOCAL statement_timeout = '5min'").await?;
        tx.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = '1min'").await?;
        let lock = "SELECT pg_advisory_xact_lock($1)";
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [ADVISORY_LOCK.into()])).await?;
    }
    Migrator::up(&tx, None).await.map_err(|error| match error {
        // The store remembers a migration that this program does not have.
        DbErr::Custom(message) if message.contains("is missing") => DbErr::Custom(
            "the store was made by another version of Ansvar, newer than this one or from before the first release; \
             use that version, or an empty store"
                .to_owned(),
        ),
        other => other,
    })?;
    tx.commit().await
}

/// Splits a text into the statements meant for one store.
fn statements(text: &str, sqlite: bool) -> Vec<String> {
    let mut all = Vec::new();
    let mut current = String::new();
    for line in text.lines() {
        let Some(line) = for_store(line, sqlite) else { continue };
        current.push_str(&line);
        current.push('\n');
        if line.trim_end().ends_with(';') {
            all.push(std::mem::take(&mut current));
        }
    }
    all
}

/// The line as this store reads it, or nothing when it is a comment or the other store's.
fn for_store(line: &str, sqlite: bool) -> Option<String> {
    let trimmed = line.trim_start();
    let (mine, other) = if sqlite { ("-- sqlite: ", "-- postgres: ") } else { ("-- postgres: ", "-- sqlite: ") };
    let line = match trimmed.strip_prefix(mine) {
        Some(rest) => rest,
        None if trimmed.starts_with(other) || trimmed.starts_with("--") || trimmed.is_empty() => return None,
        None => line,
    };
    if !sqlite {
        return Some(line.to_owned());
    }
    // SQLite knows four kinds of value; times and JSON are text there, ids and bytes are blobs.
    let types = [
        (" uuid", " blob"),
        (" bytea", " blob"),
        (" timestamptz", " text"),
        (" jsonb", " text"),
        (" bigint", " integer"),
    ];
    Some(types.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to)))
}
