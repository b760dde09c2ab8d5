//! Group commit for SQLite. SQLite has one writer, which pays an fsync for each commit. Acts that wait at the same time
//! therefore share a commit. Each act runs alone inside its own savepoint. The first one opens the transaction, and
//! commits it when the acts that queued up behind it have run. No act is reported as done before that commit.
//!
//! The lock is first come, first served. To commit, the first act queues up for it again, behind exactly the acts that
//! came in the meantime. When a shared commit fails, nothing of it is kept and each act is run again in its own
//! transaction, so that one act that breaks a deferred constraint does not fail the others.
//!
//! A commit counts as done only when SQLite itself has reported it, because the driver's result is not reliable
//! (`sqlite.rs`).

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbErr, RuntimeErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::timeout;

use super::away::breaks_transaction;
use super::db::{Limited, Transaction};
use super::sqlite::{Count, Reported};

/// The most acts in one commit, so that the first act does not wait for too long.
const MOST: usize = 64;

/// Practically no limit, because a local file always answers, if only with an error. If a commit that was given up
/// succeeded later, its acts would run twice.
const NO_LIMIT: Duration = Duration::from_hours(24);

/// The writer of a SQLite store.
#[derive(Clone)]
pub struct Group {
    batch: Arc<Mutex<Batch>>,
    patience: Duration,
}

struct Batch {
    db: DatabaseConnection,
    reported: Arc<Reported>,
    open: Option<OpenTransaction>,
    /// The acts to be told when the open transaction is committed.
    waiting: Vec<oneshot::Sender<Result<(), DbErr>>>,
    /// The number of the present transaction, so that a late committer does not commit the next one.
    number: u64,
}

/// A transaction, with SQLite's counts at its beginning.
struct OpenTransaction {
    tx: Transaction,
    begun: Count,
}

/// The result of a shared commit for one act.
#[derive(Debug)]
pub enum Shared {
    /// It is durable.
    Committed,
    /// Nothing was kept. Another act may be the cause, so this act is run again in its own transaction.
    RunAlone,
    /// It failed although the act did not share its transaction.
    Failed(DbErr),
}

impl Group {
    /// A writer on this connection. `patience` is how long an act waits for its turn.
    pub(super) fn new(db: DatabaseConnection, patience: Duration, reported: Arc<Reported>) -> Self {
        let batch = Batch { db, reported, open: None, waiting: Vec::new(), number: 0 };
        Self { batch: Arc::new(Mutex::new(batch)), patience }
    }

    pub(super) async fn database(&self) -> DatabaseConnection {
        self.batch.lock().await.db.clone()
    }

    /// Waits for the turn to write, at most for `patience`. With `alone`, the act gets a transaction of its own.
    pub(super) async fn turn(&self, alone: bool) -> Result<Turn, DbErr> {
        let busy = |_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let mut batch = timeout(self.patience, Arc::clone(&self.batch).lock_owned()).await.map_err(busy)?;
        while alone && batch.open.is_some() {
            commit_now(batch).await;
            batch = Arc::clone(&self.batch).lock_owned().await;
        }
        let leads = batch.open.is_none();
        if leads {
            batch.begin().await?;
        }
        let mut turn = Turn { batch: Some(batch), group: self.clone(), leads, alone, broken_off: false };
        if let Err(error) = turn.end("SAVEPOINT act").await {
            turn.abandon();
            return Err(error);
        }
        Ok(turn)
    }

    /// Commits the transaction with this number, after all acts that are queued up now.
    fn commit_later(&self, number: u64) {
        let group = self.clone();
        tokio::spawn(async move {
            let mut batch = group.batch.lock().await;
            if batch.number == number {
                batch.commit().await;
            }
        });
    }
}

/// Commits in a task of its own, because the caller may be cancelled while other acts wait for the result.
async fn commit_now(mut batch: OwnedMutexGuard<Batch>) {
    let committing = tokio::spawn(async move { batch.commit().await });
    if let Err(error) = committing.await {
        tracing::error!(%error, "a shared commit did not come to its end; its acts run again");
    }
}

/// The error when SQLite has rolled the transaction back by itself, or has not reported its commit.
fn taken_back() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the store took the transaction back by itself".to_owned()))
}

impl Batch {
    async fn begin(&mut self) -> Result<(), DbErr> {
        let options = TransactionOptions {
            // A deferred transaction that reads first cannot always be upgraded to a writing one.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = Limited::new(self.db.begin_with_options(options).await?, NO_LIMIT);
        self.open = Some(OpenTransaction { tx, begun: self.reported.count() });
        self.number += 1;
        Ok(())
    }

    async fn commit(&mut self) {
        let Some(OpenTransaction { tx, begun }) = self.open.take() else { return };
        let mut result = if self.reported.is_open(begun) { tx.commit().await } else { Err(taken_back()) };
        if result.is_ok() && !self.reported.is_committed(begun) {
            result = Err(taken_back());
        }
        if result.is_err() {
            self.reported.invalidate();
        }
        for waiting in self.waiting.drain(..) {
            // The receiver may be gone. The commit is valid all the same.
            let _gone = waiting.send(result.clone());
        }
    }

    /// Gives up the whole transaction and its connection. The acts in it run again.
    fn abandon(&mut self) {
        self.reported.invalidate();
        self.open = None;
        self.waiting.clear();
    }
}

/// The turn of one act to write. If it is dropped without `keep` or `discard` (by a panic or a cancelled request), only
/// the writes of this act are rolled back.
pub struct Turn {
    batch: Option<OwnedMutexGuard<Batch>>,
    group: Group,
    leads: bool,
    alone: bool,
    /// The turn was dropped once, and its writes are being rolled back.
    broken_off: bool,
}

const UNDO: &str = "ROLLBACK TO act; RELEASE act";

impl Turn {
    pub(super) fn transaction(&self) -> Result<&Transaction, DbErr> {
        self.batch
            .as_ref()
            .and_then(|batch| batch.open.as_ref())
            .map(|open| &open.tx)
            .ok_or_else(|| DbErr::Custom("this act's turn is over".to_owned()))
    }

    /// Keeps the act's writes, and waits until they are durable.
    pub(super) async fn keep(mut self) -> Shared {
        if let Err(error) = self.end("RELEASE act").await {
            self.abandon();
            return Shared::Failed(error);
        }
        let Some(mut batch) = self.batch.take() else { return Shared::RunAlone };
        let (tell, told) = oneshot::channel();
        batch.waiting.push(tell);
        if self.alone || batch.waiting.len() >= MOST {
            commit_now(batch).await;
        } else {
            if self.leads {
                self.group.commit_later(batch.number);
            }
            drop(batch);
        }
        match told.await {
            Ok(Ok(())) => Shared::Committed,
            Ok(Err(error)) if self.alone => Shared::Failed(error),
            Ok(Err(_)) | Err(_) => Shared::RunAlone,
        }
    }

    /// Rolls the act's writes back. The writes of other acts stay, unless the act failed with an error after which the
    /// state of the transaction is unknown.
    pub(super) async fn discard(mut self, failed: Option<&DbErr>) -> Result<(), DbErr> {
        if failed.is_some_and(breaks_transaction) {
            self.abandon();
            return Ok(());
        }
        if let Err(error) = self.end(UNDO).await {
            self.abandon();
            return Err(error);
        }
        if let Some(batch) = self.batch.take()
            && self.leads
        {
            self.group.commit_later(batch.number);
        }
        Ok(())
    }

    /// Runs a statement that controls the savepoint, unless SQLite has rolled the transaction back in the meantime.
    /// Outside a transaction, a savepoint would open a new one.
    async fn end(&self, sql: &str) -> Result<(), DbErr> {
        let open = self.batch.as_ref().and_then(|batch| Some((batch, batch.open.as_ref()?.begun)));
        if !open.is_some_and(|(batch, begun)| batch.reported.is_open(begun)) {
            return Err(taken_back());
        }
        self.transaction()?.execute_unprepared(sql).await.map(|_| ())
    }

    fn abandon(&mut self) {
        if let Some(mut batch) = self.batch.take() {
            batch.abandon();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(mut batch) = self.batch.take() else { return };
        let Some(runtime) = Handle::try_current().ok().filter(|_| !self.broken_off) else { return batch.abandon() };
        let Self { leads, alone, .. } = *self;
        let left = Self { batch: Some(batch), group: self.group.clone(), leads, alone, broken_off: true };
        runtime.spawn(async move {
            if let Err(error) = left.discard(None).await {
                tracing::warn!(%error, "what an act that broke off had written could not be taken back alone; the acts beside it run again");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ConnectOptions, Database, Statement};

    /// A file and not memory, because a connection that is given up must not take the store with it.
    struct Folder(std::path::PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    async fn store(name: &str) -> (Group, Folder) {
        let folder = std::env::temp_dir().join(format!("ansvar_group_{}_{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let reported = Arc::<Reported>::default();
        let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", folder.join("a.db").display()));
        options.max_connections(1).sqlx_logging(false);
        let hooks = Arc::clone(&reported);
        options.map_sqlx_sqlite_pool_opts(move |pool| crate::kit::sqlite::writing(pool, &hooks));
        let db = Database::connect(options).await.unwrap();
        let tables = "CREATE TABLE parent(id INTEGER PRIMARY KEY);
            CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);";
        db.execute_unprepared(tables).await.unwrap();
        (Group::new(db, Duration::from_secs(5), reported), Folder(folder))
    }

    async fn adds(group: &Group, id: i32, parent: &str) -> Turn {
        let turn = group.turn(false).await.unwrap();
        write(&turn, id, parent).await;
        turn
    }

    async fn write(turn: &Turn, id: i32, parent: &str) {
        let sql = format!("INSERT INTO child VALUES ({id}, {parent})");
        turn.transaction().unwrap().execute_unprepared(&sql).await.unwrap();
    }

    /// The ids in the store after all writes.
    async fn kept(group: &Group) -> Vec<i32> {
        let turn = group.turn(true).await.unwrap();
        let backend = sea_orm::DbBackend::Sqlite;
        let query = Statement::from_string(backend, "SELECT id FROM child ORDER BY id");
        let rows = turn.transaction().unwrap().query_all_raw(query).await.unwrap();
        let ids = rows.iter().map(|row| row.try_get("", "id").unwrap()).collect();
        turn.discard(None).await.unwrap();
        ids
    }

    /// Starts to keep a turn, and returns when it waits for the commit.
    async fn waits(group: &Group, turn: Turn) -> tokio::task::JoinHandle<Shared> {
        let keeping = tokio::spawn(turn.keep());
        // The lock is free when the turn has ended.
        drop(group.batch.lock().await);
        tokio::task::yield_now().await;
        keeping
    }

    #[tokio::test]
    async fn an_act_that_gives_up_takes_nothing_of_the_others() {
        let (group, _folder) = store("gives_up").await;
        let first = adds(&group, 1, "NULL").await;
        let second = {
            let group = group.clone();
            tokio::spawn(async move {
                let turn = adds(&group, 2, "NULL").await;
                turn.discard(None).await.unwrap();
            })
        };
        tokio::task::yield_now().await;
        assert!(matches!(first.keep().await, Shared::Committed));
        second.await.unwrap();
        assert_eq!(kept(&group).await, [1]);
    }

    #[tokio::test]
    async fn an_act_that_breaks_off_takes_back_its_own_and_nothing_of_the_others() {
        let (group, _folder) = store("breaks_off").await;
        let first = adds(&group, 1, "NULL").await;
        let second = {
            let group = group.clone();
            // Queued behind the first act. A panic inside an act drops its turn in the same way.
            tokio::spawn(async move { drop(adds(&group, 2, "NULL").await) })
        };
        tokio::task::yield_now().await;
        assert!(matches!(first.keep().await, Shared::Committed));
        second.await.unwrap();
        assert_eq!(kept(&group).await, [1]);
    }

    #[tokio::test]
    async fn a_commit_that_fails_is_the_fault_of_one_and_not_of_the_others() {
        let (group, _folder) = store("fails").await;
        let good = adds(&group, 1, "NULL").await;
        let bad = {
            let group = group.clone();
            // The parent row is never inserted, so the store refuses at the commit.
            tokio::spawn(async move { adds(&group, 2, "99").await.keep().await })
        };
        tokio::task::yield_now().await;
        assert!(matches!(good.keep().await, Shared::RunAlone));
        assert!(matches!(bad.await.unwrap(), Shared::RunAlone));
        assert!(kept(&group).await.is_empty());
        let good = group.turn(true).await.unwrap();
        write(&good, 1, "NULL").await;
        assert!(matches!(good.keep().await, Shared::Committed));
        let bad = group.turn(true).await.unwrap();
        write(&bad, 2, "99").await;
        assert!(matches!(bad.keep().await, Shared::Failed(_)));
        assert_eq!(kept(&group).await, [1]);
    }

    #[tokio::test]
    async fn an_act_whose_caller_is_gone_is_committed_all_the_same() {
        let (group, _folder) = store("gone").await;
        let turn = adds(&group, 1, "NULL").await;
        let keeping = waits(&group, turn).await;
        keeping.abort();
        assert_eq!(kept(&group).await, [1]);
    }

    #[tokio::test]
    async fn a_transaction_that_sqlite_takes_back_by_itself_is_acknowledged_to_nobody() {
        let (group, folder) = store("taken_back").await;
        let first = adds(&group, 1, "NULL").await;
        let second = {
            let group = group.clone();
            tokio::spawn(async move {
                let turn = adds(&group, 2, "NULL").await;
                // As SQLite does when the disk is full. A later statement would be stored outside the transaction.
                turn.transaction().unwrap().execute_unprepared("ROLLBACK").await.unwrap();
                write(&turn, 3, "NULL").await;
                turn.keep().await
            })
        };
        tokio::task::yield_now().await;
        assert!(matches!(first.keep().await, Shared::RunAlone));
        assert!(matches!(second.await.unwrap(), Shared::Failed(_)));
        // The next act gets a new transaction, and is durable.
        let next = group.turn(true).await.unwrap();
        write(&next, 4, "NULL").await;
        assert!(matches!(next.keep().await, Shared::Committed));
        assert!(!kept(&group).await.contains(&1), "what was not acknowledged is not there twice");
        let other = Database::connect(format!("sqlite://{}", folder.0.join("a.db").display())).await.unwrap();
        let query = Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT id FROM child WHERE id = 4");
        assert!(other.query_one_raw(query).await.unwrap().is_some(), "another connection sees it");
        other.close().await.unwrap();
    }

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_told_that_the_store_is_busy() {
        let (group, _folder) = store("waits").await;
        let group = Group { patience: Duration::from_millis(1), ..group };
        let turn = adds(&group, 1, "NULL").await;
        assert!(matches!(group.turn(false).await, Err(DbErr::ConnectionAcquire(_))));
        drop(turn);
    }
}
