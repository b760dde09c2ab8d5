//! A connection to the store on which every call has a limit. The other end may be gone without saying so: a network that
//! drops packets, or a machine that acknowledges them and does nothing. Without a limit such a call waits for ever, and
//! so does everybody who needs the connection after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use tokio::time::timeout;

/// A pool, or one transaction, on which every call has a limit.
#[derive(Clone)]
pub struct Limited<C> {
    to: C,
    limit: Duration,
    /// A call on it missed the limit. What the store did is not known, so a transaction must not go on.
    missed: Arc<AtomicBool>,
}

/// Connections to read through.
pub type Db = Limited<DatabaseConnection>;

/// The transaction of an act.
pub type Transaction = Limited<DatabaseTransaction>;

/// The error of a call that missed its limit.
#[must_use]
pub fn no_answer() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the store did not answer in time".to_owned()))
}

impl<C> Limited<C> {
    /// Limits every call on this connection.
    #[must_use]
    pub fn new(to: C, limit: Duration) -> Self {
        Self { to, limit, missed: Arc::default() }
    }

    /// What is behind the limit.
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
    /// Commits. After an error that [`no_answer`] made, nobody knows whether the store did.
    ///
    /// # Errors
    /// The store's, or that it did not answer in time.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.missed.load(Ordering::Relaxed) {
            return Err(no_answer());
        }
        timeout(self.limit, self.to.commit()).await.unwrap_or_else(|_| Err(no_answer()))
    }

    /// Rolls back. One that did not answer is not asked again: its connection is closed, and the store rolls back.
    ///
    /// # Errors
    /// The store's, or that it did not answer in time.
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
