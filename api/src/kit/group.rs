//! Group commit for SQLite. Its one writer pays an fsync for each commit, so acts that wait at the same time share
//! one: each runs alone inside its own savepoint, the first of them opens the transaction, and commits it once
//! those that queued up behind it have run. Nobody is told "done" before that commit.
//!
//! The lock is first come, first served; the committer simply queues up again, behind exactly those who came
//! meanwhile. When a shared commit fails, nothing of it is kept and each act is run again by itself, so one act
//! that breaks a deferred constraint cannot take the others down.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::timeout;

/// Acts in one commit at most, so that the first does not wait for ever.
const MOST: usize = 64;

/// The writer of a SQLite store.
#[derive(Clone)]
pub struct Group {
    batch: Arc<Mutex<Batch>>,
    patience: Duration,
}

struct Batch {
    db: DatabaseConnection,
    open: Option<DatabaseTransaction>,
    /// Those to be told when the open transaction is committed.
    waiting: Vec<oneshot::Sender<Result<(), DbErr>>>,
    /// Counts transactions, so that a late committer does not commit the next one.
    number: u64,
}

/// How a shared commit ended for one act.
#[derive(Debug)]
pub enum Shared {
    /// It is durable.
    Committed,
    /// Nothing of it was kept; it may be somebody else's fault, so run it again by itself.
    RunAlone,
    /// It failed by itself.
    Failed(DbErr),
}

impl Group {
    pub(super) fn new(db: DatabaseConnection, patience: Duration) -> Self {
        Self { batch: Arc::new(Mutex::new(Batch { db, open: None, waiting: Vec::new(), number: 0 })), patience }
    }

    pub(super) async fn database(&self) -> DatabaseConnection {
        self.batch.lock().await.db.clone()
    }

    /// Waits for the turn to write, for as long as the store's settings allow. With `alone`, the act shares its
    /// transaction with nobody.
    pub(super) async fn turn(&self, alone: bool) -> Result<Turn, DbErr> {
        let busy = |_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let mut batch = timeout(self.patience, Arc::clone(&self.batch).lock_owned()).await.map_err(busy)?;
        while alone && batch.open.is_some() {
            commit_now(batch).await;
            batch = Arc::clone(&self.batch).lock_owned().await;
        }
        let leads = batch.open.is_none();
        if leads {
            let options = TransactionOptions {
                // A deferred transaction that reads first cannot always become a writing one.
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            batch.open = Some(batch.db.begin_with_options(options).await?);
            batch.number += 1;
        }
        let turn = Turn { batch: Some(batch), group: self.clone(), leads, alone };
        turn.transaction()?.execute_unprepared("SAVEPOINT act").await?;
        Ok(turn)
    }

    /// Commits what was opened as `number`, after everybody who is queued up now.
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

/// Commits in a task of its own: whoever asked may be cancelled, and those who wait must still be told.
async fn commit_now(mut batch: OwnedMutexGuard<Batch>) {
    let committing = tokio::spawn(async move { batch.commit().await });
    if let Err(error) = committing.await {
        tracing::error!(%error, "a shared commit did not come to its end; its acts run again");
    }
}

impl Batch {
    async fn commit(&mut self) {
        let Some(open) = self.open.take() else { return };
        let result = open.commit().await;
        for waiting in self.waiting.drain(..) {
            // Who no longer listens is told nothing; the effect stands.
            let _gone = waiting.send(result.clone());
        }
    }
}

/// One act's turn to write. Dropped without `keep` or `discard` (a panic, a cancelled request), the
/// whole shared transaction is rolled back, and the others run again.
pub struct Turn {
    batch: Option<OwnedMutexGuard<Batch>>,
    group: Group,
    leads: bool,
    alone: bool,
}

impl Turn {
    pub(super) fn transaction(&self) -> Result<&DatabaseTransaction, DbErr> {
        self.batch
            .as_ref()
            .and_then(|batch| batch.open.as_ref())
            .ok_or_else(|| DbErr::Custom("this act's turn is over".to_owned()))
    }

    /// Keeps the act's effect and waits until it is durable.
    pub(super) async fn keep(mut self) -> Shared {
        if let Err(error) = self.end("RELEASE act").await {
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

    /// Takes the act's effect back; the others' stays.
    pub(super) async fn discard(mut self) -> Result<(), DbErr> {
        self.end("ROLLBACK TO act; RELEASE act").await?;
        if let Some(batch) = self.batch.take()
            && self.leads
        {
            self.group.commit_later(batch.number);
        }
        Ok(())
    }

    async fn end(&self, sql: &str) -> Result<(), DbErr> {
        self.transaction()?.execute_unprepared(sql).await.map(|_| ())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(mut batch) = self.batch.take() {
            batch.open = None;
            batch.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ConnectOptions, Database, Statement};

    async fn store() -> Group {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.unwrap();
        let tables = "CREATE TABLE parent(id INTEGER PRIMARY KEY);
            CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);";
        db.execute_unprepared(tables).await.unwrap();
        Group::new(db, Duration::from_secs(5))
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

    /// The ids that are in the store once nobody writes.
    async fn kept(group: &Group) -> Vec<i32> {
        let turn = group.turn(true).await.unwrap();
        let backend = sea_orm::DbBackend::Sqlite;
        let query = Statement::from_string(backend, "SELECT id FROM child ORDER BY id");
        let rows = turn.transaction().unwrap().query_all_raw(query).await.unwrap();
        let ids = rows.iter().map(|row| row.try_get("", "id").unwrap()).collect();
        turn.discard().await.unwrap();
        ids
    }

    /// Starts keeping an act and lets it come to its wait.
    async fn waits(group: &Group, turn: Turn) -> tokio::task::JoinHandle<Shared> {
        let keeping = tokio::spawn(turn.keep());
        // The turn is over when the next can begin.
        drop(group.batch.lock().await);
        tokio::task::yield_now().await;
        keeping
    }

    #[tokio::test]
    async fn an_act_that_gives_up_takes_nothing_of_the_others() {
        let group = store().await;
        let first = adds(&group, 1, "NULL").await;
        let second = {
            let group = group.clone();
            tokio::spawn(async move {
                let turn = adds(&group, 2, "NULL").await;
                turn.discard().await.unwrap();
            })
        };
        tokio::task::yield_now().await;
        assert!(matches!(first.keep().await, Shared::Committed));
        second.await.unwrap();
        assert_eq!(kept(&group).await, [1]);
    }

    #[tokio::test]
    async fn an_act_that_breaks_off_makes_the_others_run_again() {
        let group = store().await;
        let first = adds(&group, 1, "NULL").await;
        let second = {
            let group = group.clone();
            // Queued up behind the first; a panic inside an act drops its turn like this.
            tokio::spawn(async move { drop(adds(&group, 2, "NULL").await) })
        };
        tokio::task::yield_now().await;
        assert!(matches!(first.keep().await, Shared::RunAlone));
        second.await.unwrap();
        assert!(kept(&group).await.is_empty());
    }

    #[tokio::test]
    async fn a_commit_that_fails_is_the_fault_of_one_and_not_of_the_others() {
        let group = store().await;
        let good = adds(&group, 1, "NULL").await;
        let bad = {
            let group = group.clone();
            // Its parent never comes: the store finds out at the commit.
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
        let group = store().await;
        let turn = adds(&group, 1, "NULL").await;
        let keeping = waits(&group, turn).await;
        keeping.abort();
        assert_eq!(kept(&group).await, [1]);
    }

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_told_that_the_store_is_busy() {
        let group = Group { patience: Duration::from_millis(1), ..store().await };
        let turn = adds(&group, 1, "NULL").await;
        assert!(matches!(group.turn(false).await, Err(DbErr::ConnectionAcquire(_))));
        drop(turn);
    }
}
