//! The two stores, SQLite and PostgreSQL, chosen by the database URL, each as a writer and a read-only reader.
//! They are two types, so that a read can never be sent into a write transaction's pool by mistake: on SQLite
//! that would wait for itself.

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
    /// How long one statement may take. The server ends it then, and a server that does not is not waited for.
    pub statement_time: Duration,
}

/// How much longer than a statement may take its answer is waited for.
const ON_THE_WAY: Duration = Duration::from_secs(1);
/// A write that was confirmed this recently shows that the store takes writes.
const RECENT: Duration = Duration::from_secs(5);

/// Writes: one transaction per act.
#[derive(Clone)]
pub struct Writer(Arc<WriterKind>);

pub(super) enum WriterKind {
    /// One connection; acts that wait at the same time share a commit.
    Sqlite(Group),
    /// A pool; each act has its own transaction.
    Postgres(Pool),
}

pub(super) struct Pool {
    db: DatabaseConnection,
    limit: Duration,
}

impl Pool {
    /// A transaction of its own.
    pub(super) async fn begin(&self) -> Result<Transaction, DbErr> {
        let begun = tokio::time::timeout(self.limit, begin(&self.db)).await;
        Ok(Limited::new(begun.unwrap_or_else(|_| Err(super::db::no_answer()))?, self.limit))
    }
}

#[expect(clippy::disallowed_methods, reason = "PostgreSQL has no deferred writers: plain begin is right")]
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    db.begin().await
}

/// Reads; the store refuses a write through it.
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

/// The store: where writes go and where reads come from.
#[derive(Clone)]
pub struct Store {
    /// For acts.
    pub writer: Writer,
    /// For everything that changes nothing.
    pub reader: Reader,
    health: Arc<Health>,
}

/// Called for each SQL statement, with whether it went through the reader or the writer. Tests count with it, and ask
/// for the statement's plan.
pub type OnStatement = Arc<dyn Fn(&Statement, Side) + Send + Sync>;

impl Store {
    /// Connects, brings the schema up to date and opens both sides.
    ///
    /// # Errors
    /// When the store cannot be reached, or its schema is newer than this program.
    pub async fn open(options: &StoreOptions, on_statement: Option<OnStatement>) -> Result<Self, DbErr> {
        let sqlite = options.url.starts_with("sqlite:");
        let (reported, health) = (Arc::<Reported>::default(), Arc::<Health>::default());
        let mut writing = Database::connect(connect_options(options, Side::Write, &reported)).await?;
        migration::up(&writing).await?;
        let mut reading = Database::connect(connect_options(options, Side::Read, &reported)).await?;
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

    /// Connects to a store as it is, to read only: nothing is migrated or written, and statements may take as long as they do.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn only_reading(options: &StoreOptions) -> Result<Reader, DbErr> {
        let options = StoreOptions { statement_time: Duration::from_hours(24), ..options.clone() };
        let db = Database::connect(connect_options(&options, Side::Read, &Arc::default())).await?;
        Ok(Reader(Limited::new(db, options.statement_time)))
    }

    /// What the last writes found.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Whether the store answers, and takes writes: unless one was confirmed just now, a small row is written and
    /// committed as an act's rows are.
    ///
    /// # Errors
    /// When it does not.
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

    /// The store's time, where several nodes may share it; none for a file of this machine.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn time(&self) -> Result<Option<DateTime<Utc>>, DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let asks = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
        self.reader.0.query_one_raw(asks).await?.map(|row| row.try_get("", "now")).transpose()
    }

    async fn write_probe(&self) -> Result<(), DbErr> {
        // As large as an act's rows, and never the same: pages that do not change are not written. A log that has room for
        // a few bytes would hide that the disk is full.
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

    /// Which of the two stores this is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.reader.0.get_database_backend()
    }

    /// Waits for what is running and closes all connections.
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

/// The two sides of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Acts.
    Write,
    /// What changes nothing.
    Read,
}

/// `reported` is what SQLite says about the writer's connection.
fn connect_options(options: &StoreOptions, side: Side, reported: &Arc<Reported>) -> ConnectOptions {
    let mut connect = ConnectOptions::new(options.url.clone());
    let (sqlite, reads_only) = (options.url.starts_with("sqlite:"), side == Side::Read);
    connect
        .max_connections(if sqlite && !reads_only { 1 } else { options.connections })
        .acquire_timeout(options.acquire_timeout)
        .sqlx_logging(false)
        // SQL carries what customers wrote; traces must not.
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
            // A connection that just worked needs no question whether it works: one round trip less per act.
            .test_before_acquire(false)
            .map_sqlx_postgres_opts(move |options| postgres::options(options, statement, reads_only))
            .map_sqlx_postgres_pool_opts(postgres::pool);
    }
    connect
}
