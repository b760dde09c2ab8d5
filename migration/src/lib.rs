//! The database schema, as ordered migrations for both stores. It depends on no other crate of this project.
//!
//! A migration is one SQL text (`sql/`), written once with PostgreSQL's types and translated for SQLite here, so that
//! both stores get the same tables, keys and checks. [`up`] is safe to call from several nodes that start at the same
//! time: PostgreSQL takes an advisory lock, SQLite a write transaction.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

/// The advisory lock that prevents two nodes from migrating at the same time; an arbitrary number.
const ADVISORY_LOCK: i64 = 0x616e_7376_6172;

/// The SQL text of the schema, for both stores.
pub const TEXT: &str = include_str!("sql/m0001_before_release_15.sql");

/// The migrations, oldest first: the name that the store remembers, and the text. A name never changes.
/// Until the first release there is one migration, amended and renamed; from then on each is frozen.
const MIGRATIONS: &[(&str, &str)] = &[("m0001_before_release_15", TEXT)];

/// The table of the migrations that a store has.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP)";

/// Brings the database to the newest schema; does nothing when it is there already.
///
/// # Errors
/// When the database cannot be reached or refuses a statement, or was made by a version with other migrations; then
/// nothing of this run is kept.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.begin_with_options(options).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        // Another node may be migrating for longer than a statement may normally take.
        tx.execute_unprepared("SET LOCAL statement_timeout = '5min'").await?;
        tx.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = '1min'").await?;
        let lock = "SELECT pg_advisory_xact_lock($1)";
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [ADVISORY_LOCK.into()])).await?;
    }
    let applied = applied(&tx).await?;
    if applied.len() > MIGRATIONS.len() || applied.iter().zip(MIGRATIONS).any(|(applied, (name, _))| applied != name) {
        return Err(other_version());
    }
    for (name, text) in MIGRATIONS.iter().skip(applied.len()) {
        apply(&tx, name, text).await?;
    }
    tx.commit().await
}

/// The names of the migrations that this store has, oldest first.
async fn applied(tx: &DatabaseTransaction) -> Result<Vec<String>, DbErr> {
    let backend = tx.get_database_backend();
    // Stores made by early versions kept their migrations in another table.
    let early = match backend {
        DbBackend::Sqlite => "SELECT 1 FROM sqlite_master WHERE name = 'seaql_migrations'",
        _ => "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'seaql_migrations'",
    };
    if tx.query_one_raw(Statement::from_string(backend, early)).await?.is_some() {
        return Err(other_version());
    }
    tx.execute_unprepared(&for_store(TABLE, backend == DbBackend::Sqlite).unwrap_or_default()).await?;
    let names = Statement::from_string(backend, "SELECT name FROM schema_migration ORDER BY name");
    tx.query_all_raw(names).await?.iter().map(|row| row.try_get("", "name")).collect()
}

async fn apply(tx: &DatabaseTransaction, name: &str, text: &str) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    for statement in statements(text, backend == DbBackend::Sqlite) {
        tx.execute_unprepared(&statement).await?;
    }
    let note = "INSERT INTO schema_migration (name) VALUES ($1)";
    tx.execute_raw(Statement::from_sql_and_values(backend, note, [name.into()])).await?;
    tracing::info!(migration = name, "the store's schema was brought up to date");
    Ok(())
}

fn other_version() -> DbErr {
    DbErr::Custom(
        "the store was made by another version of Ansvar, newer than this one or from before the first release; \
         use that version, or an empty store"
            .to_owned(),
    )
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

/// The line translated for this store; `None` when it is a comment or belongs to the other store.
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
    // SQLite has few types; times and JSON are stored as text there, ids and bytes as blobs.
    let types = [
        (" uuid", " blob"),
        (" bytea", " blob"),
        (" timestamptz", " text"),
        (" jsonb", " text"),
        (" bigint", " integer"),
    ];
    Some(types.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to)))
}
