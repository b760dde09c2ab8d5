//! What decides when a member of staff is mailed: their settings, their working hours, and their absences.

use chrono::{DateTime, Utc};
use entity::id::StaffId;
use entity::json::{CalendarContent, NoticeSettings, WeekHours};
use entity::seller;
use sea_orm::{FromQueryResult, Statement};

use crate::calendar::{Calendar, stored};
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// A member of staff.
pub(super) struct NoticeRecipient {
    /// Their notice settings that differ from the defaults.
    pub settings: NoticeSettings,
    /// Their working hours: their own, or else the calendar of one of their teams, or else the seller's calendar.
    pub calendar: Calendar,
    /// When their present absence ends.
    pub away_until: Option<DateTime<Utc>>,
    /// Whether they work at the seller.
    pub active: bool,
}

#[derive(FromQueryResult)]
struct StaffRow {
    active: bool,
    notices: NoticeSettings,
    working_hours: Option<WeekHours>,
    team_calendar: Option<CalendarContent>,
    away_until: Option<DateTime<Utc>>,
}

impl NoticeRecipient {
    /// This member of the seller's staff; none when there is no such person.
    pub(super) async fn of(work: &Work, id: StaffId, seller: &seller::Model) -> Outcome<Option<Self>> {
        let sql = "SELECT s.active, s.notices, s.working_hours,
                (SELECT t.calendar FROM team_member m JOIN team t ON t.id = m.team_id
                    WHERE m.staff_id = $1 AND t.calendar IS NOT NULL ORDER BY t.name LIMIT 1) AS team_calendar,
                (SELECT max(a.ends_at) FROM absence a
                    WHERE a.staff_id = $1 AND a.starts_at <= $2 AND a.ends_at > $2) AS away_until
            FROM staff s WHERE s.id = $1";
        let values = [id.0.into(), work.now().into()];
        let statement = Statement::from_sql_and_values(work.app().store().backend(), sql, values);
        let Some(row) = StaffRow::find_by_statement(statement).one(work.tx()?).await? else { return Ok(None) };
        let usual = stored::calendar(row.team_calendar.as_ref().unwrap_or(&seller.calendar));
        let own = row.working_hours.as_ref().and_then(|hours| stored::own_week(hours, &usual));
        Ok(Some(Self {
            settings: row.notices,
            calendar: own.unwrap_or(usual),
            away_until: row.away_until,
            active: row.active,
        }))
    }
}
