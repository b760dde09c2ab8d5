//! A connection to the store with a time limit on every call. The other end may disappear without a sign: the network
//! drops packets, or a machine acknowledges packets and does nothing else. Without a limit such a call would wait for
//! ever, and so would everybody who needs the connection after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use tokio::time::timeout;

/// A pool or a transaction with a time limit on every call.
#[derive(Clone)]
pub struct Limited<C> {
    to: C,
    limit: Duration,
    /// A call has exceeded the limit. It is not known what the store did, so a transaction must not continue.
    missed: Arc<AtomicBool>,
}

/// A pool of connections for reading.
pub type Db = Limited<DatabaseConnection>;

/// The transaction of an act.
pub type Transaction = Limited<DatabaseTransaction>;

/// The error of a call that exceeded the limit.
#[must_use]
pub fn no_answer() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the store did not answer in time".to_owned()))
}

impl<C> Limited<C> {
    /// Puts a time limit on every call on this connection.
    #[must_use]
    pub fn new(to: C, limit: Duration) -> Self {
        Self { to, limit, missed: Arc::default() }
    }

    /// The connection without the limit.
    #[must_use]
    pub fn inner(&self) -> &C {
        &self.to
    }

    async fn within<T>(&self, call: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if let Ok(result) = timeout(self.limit, call).await {
            return result;
        }
        self.missed.store(true, Ordering::Relaxed);
        Err(no_answer())
    }
}

impl Transaction {
    /// Commits. After the error [`no_answer`] it is not known whether the store has committed.
    ///
    /// # Errors
    /// The store's error, or [`no_answer`].
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.missed.load(Ordering::Relaxed) {
            return Err(no_answer());
        }
        timeout(self.limit, self.to.commit()).await.unwrap_or_else(|_| Err(no_answer()))
    }

    /// Rolls back. If a call has exceeded the limit, the store is not asked again: the connection is closed, and the
    /// store rolls back by itself.
    ///
    /// # Errors
    /// The store's error, or [`no_answer`].
    pub async fn rollback(self) -> Result<(), DbErr> {
        if self.missed.load(Ordering::Relaxed) {
            return Ok(());
        }
        timeout(self.limit, self.to.rollback()).await.unwrap_or_else(|_| Err(no_answer()))
    }
}

#[sea_orm::prelude::async_trait::async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Limited<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.to.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.within(self.to.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.within(self.to.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.within(self.to.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.within(self.to.query_all_raw(statement)).await
    }

    fn support_returning(&self) -> bool {
        self.to.support_returning()
    }
}
