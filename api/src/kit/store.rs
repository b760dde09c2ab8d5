//! The store, which is SQLite or PostgreSQL depending on the database URL, as a writer and a read-only reader. These
//! are two types, so that a read cannot use the writer's pool by mistake. On SQLite such a read inside an act would
//! wait for its own transaction.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait,
};

use super::db::{Db, Limited, Transaction};
use super::group::{Group, Shared};
use super::health::Health;
use super::sqlite::Reported;
use super::{postgres, sqlite};

/// How long closing waits for connections, because their other end may be gone.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// The address of the store and the limits for its use.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The URL: `sqlite:///var/lib/ansvar/ansvar.db` or `postgres://user@host/database`.
    pub url: String,
    /// The number of connections for reading. On PostgreSQL there are as many again for writing.
    pub connections: u32,
    /// How long a request waits for a connection before it fails because the service is busy.
    pub acquire_timeout: Duration,
    /// How long one statement may take. The server ends it then, and the service waits only a little longer for that.
    pub statement_time: Duration,
}

/// How long the service waits for the answer to a statement beyond the statement's limit.
const ON_THE_WAY: Duration = Duration::from_secs(1);
/// How long to wait before a connection to a locked file is tried again.
const LOCKED_WAIT: Duration = Duration::from_millis(50);
/// If a write was confirmed within this time, the store counts as accepting writes.
const RECENT: Duration = Duration::from_secs(5);

/// The writer: one transaction for each act.
#[derive(Clone)]
pub struct Writer(Arc<WriterKind>);

pub(super) enum WriterKind {
    /// One connection. Acts that wait at the same time share a commit.
    Sqlite(Group),
    /// A pool. Each act has its own transaction.
    Postgres(Pool),
}

pub(super) struct Pool {
    db: DatabaseConnection,
    limit: Duration,
}

impl Pool {
    /// Begins a transaction.
    pub(super) async fn begin(&self) -> Result<Transaction, DbErr> {
        let begun = tokio::time::timeout(self.limit, begin(&self.db)).await;
        Ok(Limited::new(begun.unwrap_or_else(|_| Err(super::db::no_answer()))?, self.limit))
    }
}

/// Connects. When several processes open a new SQLite file at the same moment, SQLite refuses the change to its
/// write-ahead log at once, without waiting for the others; so it is tried again for as long as a connection may take.
async fn connect(options: &StoreOptions, side: Side, reported: &Arc<Reported>) -> Result<DatabaseConnection, DbErr> {
    let mut tries = (options.acquire_timeout.as_millis() / LOCKED_WAIT.as_millis()).max(1);
    loop {
        let connected = Database::connect(connect_options(options, side, reported)).await;
        tries -= 1;
        match connected {
            Err(error) if tries > 0 && is_locked(&error) => tokio::time::sleep(LOCKED_WAIT).await,
            connected => return connected,
        }
    }
}

/// Whether SQLite says that somebody else has locked the file (`SQLITE_BUSY`).
fn is_locked(error: &DbErr) -> bool {
    error.to_string().contains("database is locked")
}

#[expect(clippy::disallowed_methods, reason = "PostgreSQL has no deferred writers: plain begin is right")]
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    db.begin().await
}

/// The reader. The store refuses writes through it.
#[derive(Clone)]
pub struct Reader(Db);

impl Reader {
    /// The connection to read through.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0
    }
}

impl Writer {
    pub(super) fn kind(&self) -> &WriterKind {
        &self.0
    }
}

/// The store, with its writer and its reader.
#[derive(Clone)]
pub struct Store {
    /// The writer, for acts.
    pub writer: Writer,
    /// The reader, for everything that changes nothing.
    pub reader: Reader,
    health: Arc<Health>,
}

/// A function that is called for each SQL statement, with the side it was sent to. Tests use it to count statements and
/// to examine their plans.
pub type OnStatement = Arc<dyn Fn(&Statement, Side) + Send + Sync>;

impl Store {
    /// Connects, migrates the schema to the newest version and opens the writer and the reader.
    ///
    /// # Errors
    /// When the store cannot be reached, or its schema is newer than this program.
    pub async fn open(options: &StoreOptions, on_statement: Option<OnStatement>) -> Result<Self, DbErr> {
        let sqlite = options.url.starts_with("sqlite:");
        let (reported, health) = (Arc::<Reported>::default(), Arc::<Health>::default());
        let mut writing = connect(options, Side::Write, &reported).await?;
        migration::up(&writing).await?;
        let mut reading = connect(options, Side::Read, &reported).await?;
        if let Some(on_statement) = on_statement {
            let on_write = Arc::clone(&on_statement);
            writing.set_metric_callback(move |info| on_write(info.statement, Side::Write));
            reading.set_metric_callback(move |info| on_statement(info.statement, Side::Read));
        }
        let limit = options.statement_time + ON_THE_WAY;
        let kind = if sqlite {
            WriterKind::Sqlite(Group::new(writing, options.acquire_timeout, reported))
        } else {
            WriterKind::Postgres(Pool { db: writing, limit })
        };
        Ok(Self { writer: Writer(Arc::new(kind)), reader: Reader(Limited::new(reading, limit)), health })
    }

    /// Connects to a store for reading only. The schema is not migrated, nothing is written, and statements have no
    /// practical time limit.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn only_reading(options: &StoreOptions) -> Result<Reader, DbErr> {
        let options = StoreOptions { statement_time: Duration::from_hours(24), ..options.clone() };
        let db = connect(&options, Side::Read, &Arc::default()).await?;
        Ok(Reader(Limited::new(db, options.statement_time)))
    }

    /// The outcome of the last writes.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Checks that the store answers and accepts writes. Unless a write was confirmed just now, a small row is written
    /// and committed in the same way as the rows of an act.
    ///
    /// # Errors
    /// When the store does not answer or does not accept writes.
    pub async fn check(&self) -> Result<(), DbErr> {
        self.reader.0.inner().ping().await?;
        if self.health.is_confirmed_within(RECENT) {
            return Ok(());
        }
        let written = self.write_probe().await;
        match &written {
            Ok(()) => self.health.confirmed(),
            Err(error) => self.health.failed(error),
        }
        written
    }

    /// The time of the store's clock; none for SQLite, which is a file of this machine.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn time(&self) -> Result<Option<DateTime<Utc>>, DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let asks = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
        self.reader.0.query_one_raw(asks).await?.map(|row| row.try_get("", "now")).transpose()
    }

    async fn write_probe(&self) -> Result<(), DbErr> {
        // The row is as large as those of an act and never the same, because unchanged pages are not written. A smaller
        // row might still fit into the log when the disk is full.
        let (bytes, backend) = match self.backend() {
            DbBackend::Sqlite => ("randomblob(32768)", DbBackend::Sqlite),
            other => ("gen_random_uuid()::text::bytea", other),
        };
        let sql = format!(
            "INSERT INTO probe (id, bytes) VALUES (1, {bytes}) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes"
        );
        let statement = Statement::from_string(backend, sql);
        match self.writer.kind() {
            WriterKind::Sqlite(group) => {
                let turn = group.turn(true).await?;
                if let Err(error) = turn.transaction()?.execute_raw(statement).await {
                    turn.discard(Some(&error)).await?;
                    return Err(error);
                }
                match turn.keep().await {
                    Shared::Committed => Ok(()),
                    Shared::Failed(error) => Err(error),
                    Shared::RunAlone => Err(super::db::no_answer()),
                }
            }
            WriterKind::Postgres(pool) => {
                let tx = pool.begin().await?;
                tx.execute_raw(statement).await?;
                tx.commit().await
            }
        }
    }

    /// The kind of store.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.reader.0.get_database_backend()
    }

    /// Waits for running statements and closes all connections.
    pub async fn close(&self) {
        let writing = match self.writer.kind() {
            WriterKind::Sqlite(group) => group.database().await,
            WriterKind::Postgres(pool) => pool.db.clone(),
        };
        for pool in [writing, self.reader.0.inner().clone()] {
            match tokio::time::timeout(CLOSE_WITHIN, pool.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a connection pool did not close cleanly"),
                Err(_) => tracing::warn!("a connection pool did not close in time"),
            }
        }
    }
}

/// The two sides of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The writer.
    Write,
    /// The reader.
    Read,
}

/// Options for connections of this side. `reported` receives what SQLite reports about the writer's connection.
fn connect_options(options: &StoreOptions, side: Side, reported: &Arc<Reported>) -> ConnectOptions {
    let mut connect = ConnectOptions::new(options.url.clone());
    let (sqlite, reads_only) = (options.url.starts_with("sqlite:"), side == Side::Read);
    connect
        .max_connections(if sqlite && !reads_only { 1 } else { options.connections })
        .acquire_timeout(options.acquire_timeout)
        .sqlx_logging(false)
        // Statements contain the words of customers, which must not get into traces.
        .record_stmt_in_spans(false);
    if sqlite {
        let busy = options.acquire_timeout;
        connect.map_sqlx_sqlite_opts(move |options: SqliteConnectOptions| sqlite::options(options, busy, reads_only));
        if side == Side::Write {
            let reported = Arc::clone(reported);
            connect.test_before_acquire(false).map_sqlx_sqlite_pool_opts(move |pool| sqlite::writing(pool, &reported));
        }
    } else {
        let statement = options.statement_time;
        connect
            .set_application_name("ansvar")
            // A connection is not checked by the driver before each use, which saves a round trip per act.
            .test_before_acquire(false)
            .map_sqlx_postgres_opts(move |options| postgres::options(options, statement, reads_only))
            .map_sqlx_postgres_pool_opts(postgres::pool);
    }
    connect
}
