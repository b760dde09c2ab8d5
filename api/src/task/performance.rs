//! How well a partner meets its times for accepting, reporting progress and finishing, and its own expected times. A
//! task counts only when its time has passed or the partner has done what was asked.

use chrono::{DateTime, Utc};
use entity::id::PartnerId;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use crate::kit::db::Db;

/// The counts for the tasks of one category, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromQueryResult)]
pub struct Counts {
    /// The category: the seller's word for the kind of complaint; none for cases without one.
    pub category: Option<String>,
    /// Tasks that were requested.
    pub asked: i64,
    /// Tasks that were answered, or whose time for an answer has passed.
    pub to_accept: i64,
    /// Those of `to_accept` that were accepted or declined in time.
    pub accepted_in_time: i64,
    /// Tasks that were accepted.
    pub to_update: i64,
    /// Those of `to_update` for which no report of progress was ever late.
    pub updated_in_time: i64,
    /// Tasks that are done, or whose time has passed.
    pub to_finish: i64,
    /// Those of `to_finish` that were done in time.
    pub done_in_time: i64,
    /// Tasks with an expected time that are done, or whose first expected time has passed.
    pub etas: i64,
    /// Those of `etas` that were done by the first expected time.
    pub etas_kept: i64,
    /// Tasks that were declined.
    pub declined: i64,
    /// Tasks whose reported completion the owner refused.
    pub rejected: i64,
}

/// A partner's counts for the tasks requested in this period, one for each category, in alphabetical order.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(
    db: &Db,
    partner: PartnerId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<Counts>, DbErr> {
    // A withdrawn task says nothing about the partner, so it is not counted, unless the owner had refused a reported
    // completion.
    let sql = "SELECT c.category AS category,
            sum(CASE WHEN t.status <> 'WITHDRAWN' THEN 1 ELSE 0 END) AS asked,
            sum(CASE WHEN t.status <> 'WITHDRAWN' AND (t.status <> 'REQUESTED' OR t.accept_by <= $4) THEN 1 ELSE 0 END) AS to_accept,
            sum(CASE WHEN t.status <> 'WITHDRAWN' AND coalesce(t.accepted_at, t.ended_at) <= t.accept_by THEN 1 ELSE 0 END) AS accepted_in_time,
            sum(CASE WHEN t.status <> 'WITHDRAWN' AND t.accepted_at IS NOT NULL THEN 1 ELSE 0 END) AS to_update,
            sum(CASE WHEN t.status <> 'WITHDRAWN' AND t.accepted_at IS NOT NULL AND t.late_updates = 0 THEN 1 ELSE 0 END) AS updated_in_time,
            sum(CASE WHEN t.status = 'DONE' OR (t.status NOT IN ('DECLINED', 'WITHDRAWN') AND t.first_due_at <= $4) THEN 1 ELSE 0 END) AS to_finish,
            sum(CASE WHEN t.status = 'DONE' AND t.ended_at <= t.first_due_at THEN 1 ELSE 0 END) AS done_in_time,
            sum(CASE WHEN t.first_eta IS NOT NULL AND t.status NOT IN ('DECLINED', 'WITHDRAWN')
                AND (t.status = 'DONE' OR t.first_eta <= $4) THEN 1 ELSE 0 END) AS etas,
            sum(CASE WHEN t.status = 'DONE' AND t.ended_at <= t.first_eta THEN 1 ELSE 0 END) AS etas_kept,
            sum(CASE WHEN t.status = 'DECLINED' THEN 1 ELSE 0 END) AS declined,
            sum(CASE WHEN t.rejections > 0 THEN 1 ELSE 0 END) AS rejected
        FROM case_task t JOIN \"case\" c ON c.id = t.case_id
        WHERE t.partner_id = $1 AND t.requested_at >= $2 AND t.requested_at < $3
            AND (t.status IN ('REQUESTED', 'ACCEPTED', 'IN_PROGRESS', 'DONE', 'DECLINED')
                OR (t.status = 'WITHDRAWN' AND t.rejections > 0))
        GROUP BY c.category ORDER BY c.category IS NULL, c.category";
    let values = [partner.into(), from.into(), until.into(), now.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Counts::find_by_statement(statement).all(db).await
}

impl Counts {
    /// The sum over all categories.
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
            rejected: sum.rejected + one.rejected,
        })
    }
}
