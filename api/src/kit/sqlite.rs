//! How connections to SQLite are opened and looked after.
//!
//! SQLite takes a transaction back by itself when the disk is full or fails. The driver does not notice: it goes on
//! counting a transaction as open, its next "begin" is a savepoint inside nothing, and a later "commit" succeeds without
//! anything having been stored. So the writer counts what SQLite itself reports (its commit and rollback hooks), and a
//! connection that may be in that state is closed and never used again.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection, Executor};

/// What SQLite says about the writer's connection.
#[derive(Debug, Default)]
pub struct Reported {
    commits: AtomicU64,
    rollbacks: AtomicU64,
    /// The connection may be in a state that nobody knows; it is closed before it is used again.
    spoiled: AtomicBool,
}

/// How many commits and rollbacks SQLite had reported at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    commits: u64,
    rollbacks: u64,
}

impl Reported {
    /// The counts now.
    #[must_use]
    pub fn count(&self) -> Count {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        Count { commits: read(&self.commits), rollbacks: read(&self.rollbacks) }
    }

    /// Whether the transaction that began at this count is still open: nothing was rolled back since.
    #[must_use]
    pub fn is_open(&self, begun: Count) -> bool {
        self.count() == begun
    }

    /// Whether SQLite reported exactly one commit, and no rollback, since this count.
    #[must_use]
    pub fn is_committed(&self, begun: Count) -> bool {
        self.count() == Count { commits: begun.commits + 1, ..begun }
    }

    /// From now on the present connection is not used again.
    pub fn spoil(&self) {
        self.spoiled.store(true, Ordering::SeqCst);
    }

    fn is_spoiled(&self) -> bool {
        self.spoiled.load(Ordering::SeqCst)
    }
}

/// The pool of the one writer.
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
            // Fails inside a transaction, so it proves that there is none, whatever the driver believes.
            connection.execute("BEGIN; ROLLBACK").await.map(|_| true)
        })
    })
    .after_release(move |connection, _| {
        let spoiled = released.is_spoiled();
        Box::pin(async move {
            // A rollback that was queued is done before the ping is answered.
            connection.ping().await?;
            Ok(!spoiled && !connection.is_in_transaction())
        })
    })
}

/// How a connection is opened. It waits this long for another process that writes.
#[must_use]
pub fn options(options: SqliteConnectOptions, busy: Duration, reads_only: bool) -> SqliteConnectOptions {
    let options = options
        .create_if_missing(!reads_only)
        .foreign_keys(true)
        .busy_timeout(busy)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: what was answered "received" survives a power cut. Acts share commits, so it costs little.
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(256);
    if reads_only { options.pragma("query_only", "ON") } else { options }
}

/// A SQLite file held for this process. Nothing needs to be cleaned up: the hold ends with the process, however it ends.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "held, not read")] File);

/// Why a store cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// Another process serves it.
    #[error("another process serves this store; stop it first, or give this one a store of its own")]
    Taken,
    /// The file beside the store cannot be used.
    #[error("the file {0} cannot be used: {1}")]
    Unusable(String, std::io::Error),
}

/// Holds the file that this URL names, so that no second process serves it: each would keep things in memory that the
/// other changes. None where there is nothing to hold: another kind of store, or one in memory.
///
/// # Errors
/// When another process holds it.
pub fn hold(url: &str) -> Result<Option<Held>, HoldError> {
    let Some(store) = SqliteConnectOptions::from_str(url).ok().map(|options| options.get_filename().to_path_buf())
    else {
        return Ok(None);
    };
    if !url.starts_with("sqlite:") || store.as_os_str().is_empty() || store.to_string_lossy().contains(":memory:") {
        return Ok(None);
    }
    // Whatever way leads to it, it is the same file.
    let whole = store.canonicalize().or_else(|_| {
        let folder = store.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok::<_, std::io::Error>(folder.canonicalize()?.join(store.file_name().unwrap_or_default()))
    });
    let unusable = |error| HoldError::Unusable(store.display().to_string(), error);
    let mut name = whole.map_err(unusable)?.into_os_string();
    name.push("-held");
    let file = File::options().create(true).truncate(false).write(true).open(&name).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Held(file))),
        Err(TryLockError::WouldBlock) => Err(HoldError::Taken),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}
