//! How connections to SQLite are opened and checked.
//!
//! SQLite rolls a transaction back by itself when the disk is full or fails. The driver does not notice. It still
//! counts the transaction as open, so its next "begin" creates a savepoint outside any transaction, and a later
//! "commit" succeeds although nothing was stored. The writer therefore counts the commits and rollbacks that SQLite
//! itself reports through hooks. A connection that may be in that state is closed and never used again.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection, Executor};

/// What SQLite has reported about the writer's connection.
#[derive(Debug, Default)]
pub struct Reported {
    commits: AtomicU64,
    rollbacks: AtomicU64,
    /// The state of the connection may be unknown, so it is closed before it is used again.
    spoiled: AtomicBool,
}

/// The number of commits and rollbacks that SQLite had reported at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    commits: u64,
    rollbacks: u64,
}

impl Reported {
    /// The present numbers.
    #[must_use]
    pub fn count(&self) -> Count {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        Count { commits: read(&self.commits), rollbacks: read(&self.rollbacks) }
    }

    /// Whether the transaction that began at this count is still open: nothing was committed or rolled back since.
    #[must_use]
    pub fn is_open(&self, begun: Count) -> bool {
        self.count() == begun
    }

    /// Whether SQLite reported exactly one commit, and no rollback, since this count.
    #[must_use]
    pub fn is_committed(&self, begun: Count) -> bool {
        self.count() == Count { commits: begun.commits + 1, ..begun }
    }

    /// Marks the present connection as not to be used again.
    pub fn invalidate(&self) {
        self.spoiled.store(true, Ordering::SeqCst);
    }

    fn is_spoiled(&self) -> bool {
        self.spoiled.load(Ordering::SeqCst)
    }
}

/// Configures the pool with the one writing connection.
#[must_use]
pub fn writing(pool: sqlx::pool::PoolOptions<Sqlite>, reported: &Arc<Reported>) -> sqlx::pool::PoolOptions<Sqlite> {
    let (connected, acquired, released) = (Arc::clone(reported), Arc::clone(reported), Arc::clone(reported));
    pool.after_connect(move |connection, _| {
        let reported = Arc::clone(&connected);
        Box::pin(async move {
            let (commits, rollbacks) = (Arc::clone(&reported), Arc::clone(&reported));
            let mut handle = connection.lock_handle().await?;
            handle.set_commit_hook(move || {
                commits.commits.fetch_add(1, Ordering::SeqCst);
                true
            });
            handle.set_rollback_hook(move || {
                rollbacks.rollbacks.fetch_add(1, Ordering::SeqCst);
            });
            reported.spoiled.store(false, Ordering::SeqCst);
            Ok(())
        })
    })
    .before_acquire(move |connection, _| {
        let spoiled = acquired.is_spoiled();
        Box::pin(async move {
            if spoiled || connection.is_in_transaction() {
                return Ok(false);
            }
            // This statement fails inside a transaction, so its success proves that there is none, whatever state the
            // driver assumes.
            connection.execute("BEGIN; ROLLBACK").await.map(|_| true)
        })
    })
    .after_release(move |connection, _| {
        let spoiled = released.is_spoiled();
        Box::pin(async move {
            // The driver completes a queued rollback before it answers the ping.
            connection.ping().await?;
            Ok(!spoiled && !connection.is_in_transaction())
        })
    })
}

/// Configures a connection. `busy` is how long it waits for another process that writes.
#[must_use]
pub fn options(options: SqliteConnectOptions, busy: Duration, reads_only: bool) -> SqliteConnectOptions {
    let options = options
        .create_if_missing(!reads_only)
        .foreign_keys(true)
        .busy_timeout(busy)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL, so that a report that was confirmed as received survives a power cut. Acts share commits, so it costs
        // little.
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(256);
    if reads_only { options.pragma("query_only", "ON") } else { options }
}

/// The lock on a SQLite file, held by this process. The operating system releases it when the process ends, in whatever
/// way.
#[derive(Debug)]
pub struct StoreLock(#[expect(dead_code, reason = "held, not read")] File);

/// Why a store cannot be locked.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// Another process serves this store.
    #[error("another process serves this store; stop it first, or give this one a store of its own")]
    Taken,
    /// The lock file beside the store cannot be used.
    #[error("the file {0} cannot be used: {1}")]
    Unusable(String, std::io::Error),
}

/// Locks the store at this URL, so that no second process serves it. Two processes would each keep data in memory that
/// the other one changes. None when there is nothing to lock: another kind of store, or a store in memory.
///
/// # Errors
/// When another process holds the lock, or the lock file cannot be used.
pub fn hold(url: &str) -> Result<Option<StoreLock>, HoldError> {
    let Some(store) = SqliteConnectOptions::from_str(url).ok().map(|options| options.get_filename().to_path_buf())
    else {
        return Ok(None);
    };
    if !url.starts_with("sqlite:") || store.as_os_str().is_empty() || store.to_string_lossy().contains(":memory:") {
        return Ok(None);
    }
    // Links are resolved, so that every path to the store leads to the same lock file.
    let whole = store.canonicalize().or_else(|_| {
        let folder = store.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok::<_, std::io::Error>(folder.canonicalize()?.join(store.file_name().unwrap_or_default()))
    });
    let unusable = |error| HoldError::Unusable(store.display().to_string(), error);
    let mut name = whole.map_err(unusable)?.into_os_string();
    name.push("-held");
    let file = File::options().create(true).truncate(false).write(true).open(&name).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(StoreLock(file))),
        Err(TryLockError::WouldBlock) => Err(HoldError::Taken),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}
