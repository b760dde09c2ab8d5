//! The two stores, SQLite and PostgreSQL, chosen by the database URL, each as a writer and a read-only reader.
//! They are two types, so that a read can never be sent into a write transaction's pool by mistake: on SQLite
//! that would wait for itself.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr};

use super::group::Group;

/// How long closing waits for connections whose other end may be gone.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// How to reach the store, and how much of it to use.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// `sqlite:///var/lib/ansvar/ansvar.db` or `postgres://user@host/database`.
    pub url: String,
    /// Connections for reading; on PostgreSQL as many again for writing.
    pub connections: u32,
    /// How long a request waits for a connection before it is told that the service is busy.
    pub acquire_timeout: Duration,
}

/// Writes: one transaction per act.
#[derive(Clone)]
pub struct Writer(Arc<WriterKind>);

pub(super) enum WriterKind {
    /// One connection; acts that wait at the same time share a commit.
    Sqlite(Group),
    /// A pool; each act has its own transaction.
    Postgres(DatabaseConnection),
}

/// Reads; the store refuses a write through it.
#[derive(Clone)]
pub struct Reader(DatabaseConnection);

impl Reader {
    /// The connection to read through.
    #[must_use]
    pub fn db(&self) -> &DatabaseConnection {
        &self.0
    }
}

impl Writer {
    pub(super) fn kind(&self) -> &WriterKind {
        &self.0
    }
}

/// The store: where writes go and where reads come from.
#[derive(Clone)]
pub struct Store {
    /// For acts.
    pub writer: Writer,
    /// For everything that changes nothing.
    pub reader: Reader,
}

/// Called for each SQL statement a reader runs. Tests count with it.
pub type OnStatement = Arc<dyn Fn() + Send + Sync>;

impl Store {
    /// Connects, brings the schema up to date and opens both sides.
    ///
    /// # Errors
    /// When the store cannot be reached, or its schema is newer than this program.
    pub async fn open(options: &StoreOptions, on_read: Option<OnStatement>) -> Result<Self, DbErr> {
        let sqlite = options.url.starts_with("sqlite:");
        let writing = Database::connect(connect_options(options, Side::Write, sqlite)).await?;
        migration::up(&writing).await?;
        let mut reading = Database::connect(connect_options(options, Side::Read, sqlite)).await?;
        if let Some(on_read) = on_read {
            reading.set_metric_callback(move |_| on_read());
        }
        let kind = if sqlite {
            WriterKind::Sqlite(Group::new(writing, options.acquire_timeout))
        } else {
            WriterKind::Postgres(writing)
        };
        Ok(Self { writer: Writer(Arc::new(kind)), reader: Reader(reading) })
    }

    /// Connects to a store as it is, to read only: nothing is migrated or written.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn only_reading(options: &StoreOptions) -> Result<Reader, DbErr> {
        let sqlite = options.url.starts_with("sqlite:");
        Database::connect(connect_options(options, Side::Read, sqlite)).await.map(Reader)
    }

    /// Whether both sides answer.
    ///
    /// # Errors
    /// When one does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.0.ping().await?;
        match self.writer.kind() {
            // The one writer may be at work for a while, which is no fault; it is the same file as the reader's.
            WriterKind::Sqlite(_) => Ok(()),
            WriterKind::Postgres(pool) => pool.ping().await,
        }
    }

    /// Which of the two stores this is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.reader.0.get_database_backend()
    }

    /// Waits for what is running and closes all connections.
    pub async fn close(&self) {
        let writing = match self.writer.kind() {
            WriterKind::Sqlite(group) => group.database().await,
            WriterKind::Postgres(pool) => pool.clone(),
        };
        for pool in [writing, self.reader.0.clone()] {
            match tokio::time::timeout(CLOSE_WITHIN, pool.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a connection pool did not close cleanly"),
                Err(_) => tracing::warn!("a connection pool did not close in time"),
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Write,
    Read,
}

fn connect_options(options: &StoreOptions, side: Side, sqlite: bool) -> ConnectOptions {
    let mut connect = ConnectOptions::new(options.url.clone());
    let single = sqlite && side == Side::Write;
    connect
        .max_connections(if single { 1 } else { options.connections })
        .acquire_timeout(options.acquire_timeout)
        .sqlx_logging(false)
        // SQL carries what customers wrote; traces must not.
        .record_stmt_in_spans(false);
    if sqlite {
        connect.map_sqlx_sqlite_opts(move |sqlite| sqlite_options(sqlite, side));
    } else {
        connect
            .set_application_name("ansvar")
            .statement_timeout(Duration::from_secs(30))
            // A connection that just worked needs no question whether it works: one round trip less per act.
            .test_before_acquire(false)
            .test_before_acquire_if_idle_for(Duration::from_secs(5));
        if side == Side::Read {
            connect.map_sqlx_postgres_opts(|postgres| postgres.options([("default_transaction_read_only", "on")]));
        }
    }
    connect
}

fn sqlite_options(
    options: sea_orm::sqlx::sqlite::SqliteConnectOptions,
    side: Side,
) -> sea_orm::sqlx::sqlite::SqliteConnectOptions {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
    let options = options
        .create_if_missing(side == Side::Write)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: what was answered "received" survives a power cut. Acts share commits, so it costs little.
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(256);
    if side == Side::Read { options.pragma("query_only", "ON") } else { options }
}
