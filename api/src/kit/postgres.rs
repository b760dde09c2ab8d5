//! How connections to PostgreSQL are opened and checked. The limits here keep a node that has stopped, or a broken
//! network connection, from blocking the other nodes.

use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, Postgres};
use sea_orm::sqlx::{self, Connection};
use tokio::time::timeout;

/// How long a session may be idle inside a transaction before the server ends it. A node that stops during an act holds
/// its locks no longer than this.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(5);
/// How long the server waits for a client that acknowledges no data.
const PEER: Duration = Duration::from_secs(10);
/// How long a connection may take to answer a ping.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);
/// A connection that was idle for less than this is not checked, because it has just worked.
const FRESH: Duration = Duration::from_millis(200);

/// The limits that the server applies to each session. `statement` is the limit for one statement.
#[must_use]
pub fn options(options: PgConnectOptions, statement: Duration, reads_only: bool) -> PgConnectOptions {
    let milliseconds = |time: Duration| time.as_millis().to_string();
    let options = options.options([
        ("statement_timeout", milliseconds(statement)),
        ("idle_in_transaction_session_timeout", milliseconds(IDLE_IN_TRANSACTION)),
        ("tcp_keepalives_idle", "5".to_owned()),
        ("tcp_keepalives_interval", "2".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
        ("tcp_user_timeout", milliseconds(PEER)),
        ("client_connection_check_interval", "2000".to_owned()),
    ]);
    if reads_only { options.options([("default_transaction_read_only", "on")]) } else { options }
}

/// Configures a pool that closes a connection which does not answer, instead of keeping its place occupied for ever.
#[must_use]
pub fn pool(pool: sqlx::pool::PoolOptions<Postgres>) -> sqlx::pool::PoolOptions<Postgres> {
    pool.before_acquire(|connection, known| {
        Box::pin(async move { if known.idle_for < FRESH { Ok(true) } else { lives(connection.ping()).await } })
    })
    // The driver also checks a returned connection, but without a limit. This check therefore runs first.
    .after_release(|connection, _| Box::pin(async move { lives(connection.ping()).await }))
}

async fn lives(ping: impl Future<Output = Result<(), sqlx::Error>>) -> Result<bool, sqlx::Error> {
    match timeout(SIGN_OF_LIFE, ping).await {
        Ok(answered) => answered.map(|()| true),
        // An error closes the connection without a farewell message, which would wait for a broken connection.
        Err(_) => Err(sqlx::Error::WorkerCrashed),
    }
}
