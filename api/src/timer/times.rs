//! The service-level times of a case, and the calendar on which they are counted.

use chrono::{DateTime, Utc};
use entity::case;
use entity::id::{SellerId, ServiceLevelId, StaffId};
use entity::json::{CalendarContent, ServiceTime, ServiceTimes};
use entity::kind::DueKind;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use crate::calendar::pause::Pauses;
use crate::calendar::span::{Span, Unit, due_with};
use crate::calendar::step::Unheard;
use crate::calendar::walk::Walk;
use crate::calendar::{Calendar, stored};
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;

/// The service-level times of a case, and the calendar on which they are counted: the calendar of one of the owner's
/// teams if it has one, otherwise the seller's.
#[derive(Debug, Clone)]
pub struct CaseTimes {
    lengths: ServiceTimes,
    calendar: Calendar,
}

#[derive(FromQueryResult)]
struct TimesRow {
    times: ServiceTimes,
    calendar: CalendarContent,
    level_times: Option<ServiceTimes>,
    team_calendar: Option<CalendarContent>,
}

impl CaseTimes {
    /// These times on this calendar.
    #[must_use]
    pub fn new(lengths: ServiceTimes, calendar: &CalendarContent) -> Self {
        Self { lengths, calendar: stored::calendar(calendar) }
    }

    /// The times for cases of a seller with this owner and this service level, read in one statement; none when the
    /// seller does not exist.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(
        db: &impl ConnectionTrait,
        seller: SellerId,
        owner: StaffId,
        level: Option<ServiceLevelId>,
    ) -> Result<Option<Self>, DbErr> {
        let sql = "SELECT s.times, s.calendar,
                (SELECT l.times FROM service_level l WHERE l.id = $3) AS level_times,
                (SELECT t.calendar FROM team_member m JOIN team t ON t.id = m.team_id
                    WHERE m.staff_id = $2 AND t.calendar IS NOT NULL ORDER BY t.name LIMIT 1) AS team_calendar
            FROM seller s WHERE s.id = $1";
        let values = [seller.into(), owner.into(), level.into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let row = TimesRow::find_by_statement(statement).one(db).await?;
        Ok(row.map(|row| {
            Self::new(row.level_times.unwrap_or(row.times), row.team_calendar.as_ref().unwrap_or(&row.calendar))
        }))
    }

    /// The times of this case.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of(work: &Work, case: &case::Model) -> Outcome<Self> {
        let found = Self::read(work.tx()?, case.seller_id, case.owner_id, case.service_level_id).await?;
        Ok(found.ok_or(Fault::Broken("a case has a seller"))?)
    }

    /// The duration of each time.
    #[must_use]
    pub fn lengths(&self) -> &ServiceTimes {
        &self.lengths
    }

    /// The duration of the time of this kind; none when the service level has no such time, or the time is set
    /// individually.
    #[must_use]
    pub fn length(&self, kind: DueKind) -> Option<ServiceTime> {
        match kind {
            DueKind::AcknowledgeBy => Some(self.lengths.first_contact),
            DueKind::ContactBy => Some(self.next_contact_length()),
            DueKind::OwnerActsBy => Some(self.lengths.owner_acts),
            DueKind::ReplyBy => self.lengths.reply,
            DueKind::AnswerBy => self.lengths.answer,
            DueKind::HandoverEnds
            | DueKind::TaskAcceptBy
            | DueKind::TaskUpdateBy
            | DueKind::TaskDoneBy
            | DueKind::TaskAnswerBy
            | DueKind::TaskReplyBy
            | DueKind::DisputeDecideBy
            | DueKind::LegalClock
            | DueKind::CommitmentBy
            | DueKind::TellCustomer
            | DueKind::LetterFailed
            | DueKind::CallBy => None,
        }
    }

    /// When a time that starts at this instant runs out. If the calendar has too few opening hours to count it, clock
    /// hours are used.
    #[must_use]
    pub fn due(&self, from: DateTime<Utc>, time: ServiceTime) -> DateTime<Utc> {
        self.due_after(from, time, &Pauses::default())
    }

    /// As [`CaseTimes::due`], but the pauses are not counted.
    #[must_use]
    pub fn due_after(&self, from: DateTime<Utc>, time: ServiceTime, pauses: &Pauses) -> DateTime<Utc> {
        let seconds = time.hours.saturating_mul(3_600);
        let counted =
            |unit| due_with(from, Span::of(seconds, unit), pauses, &mut Walk::new(&self.calendar), &mut Unheard);
        let working = if time.working { counted(Unit::Working).ok() } else { None };
        working.or_else(|| counted(Unit::Clock).ok()).unwrap_or(from)
    }

    /// The latest time for the first contact with the customer, after an opening at this instant.
    #[must_use]
    pub fn first_contact(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        self.due(from, self.lengths.first_contact)
    }

    /// The latest time for the next contact with the customer, after a contact at this instant.
    #[must_use]
    pub fn next_contact(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        self.due(from, self.next_contact_length())
    }

    /// How long after a contact the customer hears from the owner again.
    #[must_use]
    pub fn next_contact_length(&self) -> ServiceTime {
        self.lengths.next_contact.unwrap_or(self.lengths.first_contact)
    }

    /// The calendar on which the times are counted.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The latest time at which a partner must accept a task that is requested at this instant, if the request names no
    /// time; none when the service level has no such time.
    #[must_use]
    pub fn partner_accepts(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.lengths.partner_accepts.map(|time| self.due(from, time))
    }
}
