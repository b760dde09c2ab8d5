//! Reasons why the store is unavailable for all requests. Such an error is not caused by the statement. The same
//! request succeeds once the store is available again, so the caller is told to try again later.

use std::fmt;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

/// A reason why the store is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Away {
    /// No connection became free in time, or another process has locked the store.
    Crowded,
    /// The store cannot be reached, or ended the connection.
    Unreachable,
    /// The store did not answer in time.
    Silent,
    /// The disk is full.
    Full,
    /// A read from or a write to the disk failed.
    Disk,
    /// The store accepts no writes: it is a standby, or a read-only file.
    ReadOnly,
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crowded => "the store is busy",
            Self::Unreachable => "the store cannot be reached",
            Self::Silent => "the store does not answer in time",
            Self::Full => "the store has no room left to write",
            Self::Disk => "the store's disk fails",
            Self::ReadOnly => "the store takes no writes",
        })
    }
}

/// The reason, if the error means that the store is unavailable; none when it is about the statement.
#[must_use]
pub fn away(error: &DbErr) -> Option<Away> {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Some(Away::Crowded),
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Some(Away::Unreachable),
        DbErr::Conn(RuntimeErr::Internal(_)) => Some(Away::Silent),
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => of_driver(error),
        _ => None,
    }
}

fn of_driver(error: &sqlx::Error) -> Option<Away> {
    match error {
        sqlx::Error::PoolTimedOut => Some(Away::Crowded),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(Away::Unreachable),
        sqlx::Error::Database(error) => error.code().and_then(|code| of_code(&code)),
        _ => None,
    }
}

/// The reason for an error code. PostgreSQL's codes have five characters, SQLite's are numbers below 10,000.
fn of_code(code: &str) -> Option<Away> {
    match code.len() {
        5 => of_sqlstate(code),
        _ => of_sqlite(code.parse().ok()?),
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn of_sqlstate(code: &str) -> Option<Away> {
    match code {
        "53100" => Some(Away::Full),
        "53300" | "55P03" => Some(Away::Crowded),
        "57014" => Some(Away::Silent),
        "25006" => Some(Away::ReadOnly),
        "25P03" | "57P01" | "57P02" | "57P03" | "57P05" => Some(Away::Unreachable),
        code if code.starts_with("08") => Some(Away::Unreachable),
        code if code.starts_with("53") => Some(Away::Crowded),
        code if code.starts_with("58") => Some(Away::Disk),
        _ => None,
    }
}

/// <https://www.sqlite.org/rescode.html>. The low byte is the kind of error, the rest is a detail.
fn of_sqlite(code: u32) -> Option<Away> {
    match code & 0xff {
        5 | 6 => Some(Away::Crowded),
        // A damaged file (11, 26) is the disk's fault as well.
        7 | 10 | 11 | 26 => Some(Away::Disk),
        8 => Some(Away::ReadOnly),
        9 => Some(Away::Silent),
        13 => Some(Away::Full),
        14 => Some(Away::Unreachable),
        _ => None,
    }
}

/// Whether SQLite may have rolled the transaction back because of this error, or left it in an unknown state: memory
/// ran out, the statement was interrupted, the disk failed or is full, or the file cannot be opened or written.
#[must_use]
pub fn breaks_transaction(error: &DbErr) -> bool {
    matches!(away(error), Some(Away::Disk | Away::Full | Away::Silent | Away::Unreachable | Away::ReadOnly))
}

/// Whether PostgreSQL ended this session because the node was idle for too long inside a transaction.
#[must_use]
pub fn session_was_ended(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("25P03")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_stores_say_whether_the_store_is_away() {
        for (code, expected) in [
            ("57P01", Some(Away::Unreachable)),
            ("57P03", Some(Away::Unreachable)),
            ("08006", Some(Away::Unreachable)),
            ("25P03", Some(Away::Unreachable)),
            ("53300", Some(Away::Crowded)),
            ("53100", Some(Away::Full)),
            ("11", Some(Away::Disk)),
            ("267", Some(Away::Disk)),
            ("26", Some(Away::Disk)),
            ("53200", Some(Away::Crowded)),
            ("58030", Some(Away::Disk)),
            ("57014", Some(Away::Silent)),
            ("55P03", Some(Away::Crowded)),
            ("25006", Some(Away::ReadOnly)),
            // These are about the statement: a unique value, a foreign key, a collision, a syntax error.
            ("23505", None),
            ("23503", None),
            ("40001", None),
            ("42601", None),
            ("5", Some(Away::Crowded)),
            ("261", Some(Away::Crowded)),
            ("13", Some(Away::Full)),
            ("778", Some(Away::Disk)),
            ("10", Some(Away::Disk)),
            ("14", Some(Away::Unreachable)),
            ("1032", Some(Away::ReadOnly)),
            ("19", None),
            ("2067", None),
            ("1", None),
        ] {
            assert_eq!(of_code(code), expected, "{code}");
        }
    }

    #[test]
    fn a_call_that_missed_its_limit_is_of_that_kind() {
        assert_eq!(away(&super::super::db::no_answer()), Some(Away::Silent));
        assert!(breaks_transaction(&super::super::db::no_answer()));
        assert_eq!(away(&DbErr::RecordNotFound("x".to_owned())), None);
    }
}
