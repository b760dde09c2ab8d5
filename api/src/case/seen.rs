//! How far each member of staff has seen a case, and what is new to them since then: messages (every report brings one),
//! notes, and what partners did, as far as others did it.

use entity::id::{CaseId, StaffId};
use entity::{case, case_seen};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};

use super::watcher::readable;
use crate::kit::db::Db;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::work::Work;
use crate::texts;

/// The kinds of events that are news.
const NEWS: &[&str] = &[
    "MessageAdded",
    "TaskAccepted",
    "TaskUpdated",
    "TaskCompleted",
    "TaskDeclined",
    "TaskMessageAdded",
    "StatementGiven",
];
/// The last events of a case among which news are counted.
const LOOKED_AT: i64 = 500;
/// The highest number of news that is told of a case.
pub const COUNTED: i64 = 100;
/// The open cases of a person that are looked at for news.
pub const CASES: i64 = 200;

/// Records that the actor has seen a case up to this event. A later number than that of the last event stands for the
/// last; an earlier one than before makes what came after it news again.
///
/// # Errors
/// When the actor is not a member of staff who may read the case, or the number is negative.
pub async fn mark(work: &mut Work, id: CaseId, up_to: i64) -> Outcome<case::Model> {
    let (case, staff_id, seller_id) = readable(work, id).await?;
    if up_to < 0 {
        return Err(Problem::new(ErrorCode::Invalid, "upTo", texts::case::seen_up_to()).into());
    }
    let up_to = up_to.min(case.version);
    work.save(case_seen::Model { staff_id, case_id: id, seller_id, up_to });
    Ok(case)
}

#[derive(FromQueryResult)]
struct Unread {
    id: CaseId,
    number: i64,
}

/// These cases, as `c`, with how far the person `$1` has seen each. It is looked up for each case, because the stores would
/// read a whole table to join it.
fn seen(cases: &str) -> String {
    format!(
        "(SELECT k.id, k.version, coalesce((SELECT s.up_to FROM case_seen s
            WHERE s.staff_id = $1 AND s.case_id = k.id), 0) AS up_to FROM ({cases}) k) c"
    )
}

/// The condition that an event `e` of a case `c` is news to the person `$1`. Only the last events are looked at, so that a
/// long case costs no more than a short one.
fn is_news() -> String {
    let kinds = NEWS.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
    format!(
        "e.case_id = c.id AND e.seq > CASE WHEN c.up_to > c.version - {LOOKED_AT}
            THEN c.up_to ELSE c.version - {LOOKED_AT} END
        AND e.kind IN ({kinds}) AND NOT (e.by_kind = 'STAFF' AND e.by_id = $1)"
    )
}

/// The number of news of each of these cases to a person, counted up to [`COUNTED`].
///
/// # Errors
/// When the store cannot be read.
pub async fn unread(db: &Db, person: StaffId, cases: &[CaseId]) -> Result<Vec<(CaseId, i64)>, DbErr> {
    let places = (0..cases.len()).map(|place| format!("${}", place + 2)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT c.id, (SELECT count(*) FROM event e WHERE {}) AS number FROM {}",
        is_news(),
        seen(&format!("SELECT id, version FROM \"case\" WHERE id IN ({places})"))
    );
    let values = std::iter::once(Value::from(person)).chain(cases.iter().map(|id| Value::from(*id)));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = Unread::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.number.min(COUNTED))).collect())
}

/// How many of a person's open cases have news for them. At most [`CASES`] are looked at.
///
/// # Errors
/// When the store cannot be read.
pub async fn cases_with_news(db: &Db, person: StaffId) -> Result<i64, DbErr> {
    let sql = format!(
        "SELECT count(*) AS number FROM {} WHERE EXISTS (SELECT 1 FROM event e WHERE {})",
        seen(&format!(
            "SELECT id, version FROM \"case\"
            WHERE owner_id = $1 AND stage IN ('RECEIVED', 'ACKNOWLEDGED', 'INVESTIGATING') LIMIT {CASES}"
        )),
        is_news()
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [person.into()]);
    let row = db.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get("", "number"))
}
