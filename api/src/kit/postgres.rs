//! How connections to PostgreSQL are opened and looked after, so that neither a node that stands still nor a line that is
//! dead can hold up the others.

use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, Postgres};
use sea_orm::sqlx::{self, Connection};
use tokio::time::timeout;

/// How long a session may do nothing inside a transaction before the server ends it: a node that was stopped in the
/// middle of an act holds its locks no longer than this.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(5);
/// How long the server waits for a client that acknowledges nothing.
const PEER: Duration = Duration::from_secs(10);
/// How long a connection may take to show that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);
/// A connection that was idle for less is not asked: it has just worked.
const FRESH: Duration = Duration::from_millis(200);

/// What the server holds each session to. `statement` limits one statement.
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

/// A pool that closes a connection which shows no sign of life, instead of keeping it and its place for ever.
#[must_use]
pub fn pool(pool: sqlx::pool::PoolOptions<Postgres>) -> sqlx::pool::PoolOptions<Postgres> {
    pool.before_acquire(|connection, known| {
        Box::pin(async move { if known.idle_for < FRESH { Ok(true) } else { lives(connection.ping()).await } })
    })
    // The driver's own look at a returned connection has no limit: it must not be the first.
    .after_release(|connection, _| Box::pin(async move { lives(connection.ping()).await }))
}

async fn lives(ping: impl Future<Output = Result<(), sqlx::Error>>) -> Result<bool, sqlx::Error> {
    match timeout(SIGN_OF_LIFE, ping).await {
        Ok(answered) => answered.map(|()| true),
        // An error closes the connection without a goodbye, for which a dead line would have to be waited for.
        Err(_) => Err(sqlx::Error::WorkerCrashed),
    }
}
