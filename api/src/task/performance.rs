//! How a partner keeps its times: accepted, told, done, and its word on when. Counted over what has come to its time, so that
//! a task that still has time counts neither way.

use chrono::{DateTime, Utc};
use entity::id::PartnerId;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use crate::kit::db::Db;

/// Counts over the tasks of one category, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromQueryResult)]
pub struct Counts {
    /// The seller's word for the kind of complaint; none for cases without one.
    pub category: Option<String>,
    /// Tasks asked.
    pub asked: i64,
    /// Of those answered, or past their time to answer.
    pub to_accept: i64,
    /// … answered in time, a refusal included.
    pub accepted_in_time: i64,
    /// Of those taken on.
    pub to_update: i64,
    /// … never silent past their time.
    pub updated_in_time: i64,
    /// Of those done, or past their time.
    pub to_finish: i64,
    /// … done in time.
    pub done_in_time: i64,
    /// Of those for which a time was given that has come.
    pub etas: i64,
    /// … done by the first time given.
    pub etas_kept: i64,
    /// Refused.
    pub declined: i64,
}

/// A partner's counts over tasks asked in this time, by category, in the order of its words.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(
    db: &Db,
    partner: PartnerId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<Counts>, DbErr> {
    // What was taken back is nobody's fault and counts nowhere.
    let sql = "SELECT c.category AS category,
            count(*) AS asked,
            sum(CASE WHEN t.status <> 'REQUESTED' OR t.accept_by <= $4 THEN 1 ELSE 0 END) AS to_accept,
            sum(CASE WHEN coalesce(t.accepted_at, t.ended_at) <= t.accept_by THEN 1 ELSE 0 END) AS accepted_in_time,
            sum(CASE WHEN t.accepted_at IS NOT NULL THEN 1 ELSE 0 END) AS to_update,
            sum(CASE WHEN t.accepted_at IS NOT NULL AND t.late_updates = 0 THEN 1 ELSE 0 END) AS updated_in_time,
            sum(CASE WHEN t.status = 'DONE' OR (t.status <> 'DECLINED' AND t.due_at <= $4) THEN 1 ELSE 0 END) AS to_finish,
            sum(CASE WHEN t.status = 'DONE' AND t.ended_at <= t.due_at THEN 1 ELSE 0 END) AS done_in_time,
            sum(CASE WHEN t.first_eta IS NOT NULL AND t.status <> 'DECLINED'
                AND (t.status = 'DONE' OR t.first_eta <= $4) THEN 1 ELSE 0 END) AS etas,
            sum(CASE WHEN t.status = 'DONE' AND t.ended_at <= t.first_eta THEN 1 ELSE 0 END) AS etas_kept,
            sum(CASE WHEN t.status = 'DECLINED' THEN 1 ELSE 0 END) AS declined
        FROM case_task t JOIN \"case\" c ON c.id = t.case_id
        WHERE t.partner_id = $1 AND t.requested_at >= $2 AND t.requested_at < $3
            AND t.status IN ('REQUESTED', 'ACCEPTED', 'IN_PROGRESS', 'DONE', 'DECLINED')
        GROUP BY c.category ORDER BY c.category IS NULL, c.category";
    let values = [partner.into(), from.into(), until.into(), now.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Counts::find_by_statement(statement).all(db).await
}

impl Counts {
    /// All of them together.
    #[must_use]
    pub fn sum(counts: &[Self]) -> Self {
        counts.iter().fold(Self::default(), |sum, one| Self {
            category: None,
            asked: sum.asked + one.asked,
            to_accept: sum.to_accept + one.to_accept,
            accepted_in_time: sum.accepted_in_time + one.accepted_in_time,
            to_update: sum.to_update + one.to_update,
            updated_in_time: sum.updated_in_time + one.updated_in_time,
            to_finish: sum.to_finish + one.to_finish,
            done_in_time: sum.done_in_time + one.done_in_time,
            etas: sum.etas + one.etas,
            etas_kept: sum.etas_kept + one.etas_kept,
            declined: sum.declined + one.declined,
        })
    }
}
