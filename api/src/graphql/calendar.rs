//! Calendars: the opening hours of a seller, or of one of its teams.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{SellerId, TeamId};
use entity::json::{CalendarContent, CalendarDay, HolidaySet};
use entity::{past_calendar, recount};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::context::{ContextExt, act, id, int, read_error, signed_in, to_id};
use super::error::code::Code;
use super::error::payload;
use super::hours::{HoursInput, HoursObject, read, shown};
use super::scalar::Date;
use super::seller::Seller;
use super::staff::{Staff, Team};
use crate::calendar::holidays::{self, Category, Country, Holiday};
use crate::directory::calendar::{CalendarShape, set_for_seller, set_for_team};
use crate::kit::error::{ErrorCode, Problem};
use crate::kit::hours::{clock, minutes};
use crate::texts;

/// The highest number of former calendars, or of recounts, that one read returns.
const MOST: u64 = 100;

/// A calendar: the opening hours of an ordinary week, and the days that differ from their weekday.
pub struct Calendar {
    content: CalendarContent,
    number: i64,
    since: Option<DateTime<Utc>>,
}

impl Calendar {
    /// The calendar with this content. `number` counts the calendars of its seller or team.
    #[must_use]
    pub fn new(content: CalendarContent, number: i64, since: Option<DateTime<Utc>>) -> Self {
        Self { content, number, since }
    }
}

/// A calendar: the opening hours of an ordinary week, and the days that differ from their weekday.
#[Object]
impl Calendar {
    /// The number of this calendar among those of its seller or team, from 1. Each change of the calendar adds one.
    async fn number(&self) -> i32 {
        int(self.number)
    }

    /// Since when this calendar is in force, UTC; null when that was not recorded.
    async fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// The time zone of its dates and times of day, by its IANA name: "Europe/Stockholm".
    async fn time_zone(&self) -> &str {
        &self.content.time_zone
    }

    /// The opening hours of an ordinary week, in local time of `timeZone`.
    async fn hours(&self) -> Vec<HoursObject> {
        shown(&self.content.hours)
    }

    /// The holidays on which it is closed; null when it is open on holidays.
    async fn holidays(&self) -> Option<HolidaySetObject> {
        let set = self.content.holidays.as_ref()?;
        Some(HolidaySetObject { country: set.country.clone(), region: set.region.clone(), eves: set.eves })
    }

    /// The days that differ from their weekday, in order of date. Such a day takes precedence over a holiday.
    async fn days(&self) -> Vec<CalendarDayObject> {
        self.content.days.iter().map(CalendarDayObject::from).collect()
    }
}

/// The holidays of a country, or of one of its regions.
#[derive(SimpleObject)]
#[graphql(name = "HolidaySet")]
pub struct HolidaySetObject {
    /// The country, by its ISO 3166-1 code: "SE".
    country: String,
    /// The region, by the part of its ISO 3166-2 code after the hyphen ("BY" for Bavaria); null for the holidays of the
    /// whole country.
    region: Option<String>,
    /// Whether it is also closed on eves on which most people do not work although no law makes them holidays:
    /// Midsummer Eve in Sweden.
    eves: bool,
}

/// A day whose opening hours differ from those of its weekday.
#[derive(SimpleObject)]
#[graphql(name = "CalendarDay")]
pub struct CalendarDayObject {
    /// The date in the time zone of the calendar: "2026-12-23".
    date: Date,
    /// Why the day differs: "Stocktaking".
    name: String,
    /// The opening hours of the day; empty when it is closed all day.
    hours: Vec<DayHours>,
}

/// A period of a day in which the calendar is open.
#[derive(SimpleObject)]
pub struct DayHours {
    /// The time of day at which the period begins, in local time: "08:00".
    from: String,
    /// The time of day at which the period ends, in local time: "17:00"; "24:00" is the end of the day.
    until: String,
}

impl From<&CalendarDay> for CalendarDayObject {
    fn from(day: &CalendarDay) -> Self {
        let hours = |(from, until): &(u16, u16)| DayHours { from: clock(*from), until: clock(*until) };
        Self { date: Date(day.date), name: day.name.clone(), hours: day.hours.iter().map(hours).collect() }
    }
}

/// A calendar that was replaced. It explains the times that were computed while it was in force.
pub struct PastCalendar(past_calendar::Model);

/// A calendar that was replaced. It explains the times that were computed while it was in force.
#[Object]
impl PastCalendar {
    /// The id, opaque.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The calendar as it was. Null when the team had no calendar of its own then and used its seller's.
    async fn calendar(&self) -> Option<Calendar> {
        Some(Calendar::new(self.0.content.clone()?, self.0.number, self.0.since))
    }

    /// When it was replaced, UTC.
    async fn until(&self) -> DateTime<Utc> {
        self.0.until
    }

    /// The member of the seller's staff who replaced it; null when an administrator of another seller did, or the setup
    /// of the service.
    async fn replaced_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.0.replaced_by {
            Some(id) => Ok(ctx.loaders().people.one(id).await.map_err(read_error)?.map(Staff)),
            None => Ok(None),
        }
    }
}

/// The former calendars of a seller, or of one of its teams, newest first; at most 100.
///
/// # Errors
/// When the store cannot be read.
pub async fn past(ctx: &Context<'_>, seller: SellerId, team: Option<TeamId>) -> Result<Vec<PastCalendar>> {
    let query = past_calendar::Entity::find().filter(past_calendar::Column::SellerId.eq(seller));
    let query = match team {
        Some(team) => query.filter(past_calendar::Column::TeamId.eq(team)),
        None => query.filter(past_calendar::Column::TeamId.is_null()),
    };
    let rows = query.order_by_desc(past_calendar::Column::Number).limit(MOST).all(ctx.db()).await;
    Ok(rows.map_err(read_error)?.into_iter().map(PastCalendar).collect())
}

/// A recount: when a calendar or a service level changes, the running timers of the seller's open cases are computed
/// anew in the background. Legal clocks are not part of it.
#[derive(SimpleObject)]
pub struct Recount {
    /// The id, opaque.
    id: ID,
    /// When the change was made that caused the recount, UTC.
    asked_at: DateTime<Utc>,
    /// The number of open cases that have been recounted so far.
    cases: i32,
    /// The number of those cases in which a timer moved. Each of them has a `ClockMoved` event for it.
    moved: i32,
    /// When all open cases had been recounted, UTC; null while the recount goes on.
    finished_at: Option<DateTime<Utc>>,
}

/// The recounts of a seller, newest first; at most 100.
///
/// # Errors
/// When the store cannot be read.
pub async fn recounts(ctx: &Context<'_>, seller: SellerId) -> Result<Vec<Recount>> {
    let query = recount::Entity::find().filter(recount::Column::SellerId.eq(seller));
    let rows = query.order_by_desc(recount::Column::AskedAt).order_by_desc(recount::Column::Id).limit(MOST);
    let rows = rows.all(ctx.db()).await.map_err(read_error)?;
    let shown = |row: recount::Model| Recount {
        id: to_id(row.id),
        asked_at: row.asked_at,
        cases: int(row.cases),
        moved: int(row.moved),
        finished_at: row.finished_at,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The holidays of a country, or of one of its regions.
#[derive(InputObject, Clone)]
pub struct HolidaySetInput {
    /// The country, by its ISO 3166-1 code: SE, NO, DK, FI, DE, NL, GB, FR, IE, BE, AT, PL or US. For other countries,
    /// list each day in `days`.
    country: String,
    /// The region, by the part of its ISO 3166-2 code after the hyphen ("BY", "SCT"). When left out, the holidays of
    /// the whole country.
    region: Option<String>,
    /// Whether it is also closed on eves on which most people do not work although no law makes them holidays:
    /// Midsummer Eve in Sweden.
    #[graphql(default = true)]
    eves: bool,
}

/// A period of a day in which the calendar is open.
#[derive(InputObject, Clone)]
pub struct DayHoursInput {
    /// The time of day at which the period begins, in local time: "08:00".
    from: String,
    /// The time of day at which the period ends, in local time and later than `from`: "17:00"; "24:00" is the end of
    /// the day.
    until: String,
}

/// A day whose opening hours differ from those of its weekday.
#[derive(InputObject, Clone)]
pub struct CalendarDayInput {
    /// The date in the time zone of the calendar: "2026-12-23". Each date only once.
    date: Date,
    /// Why the day differs; 1 to 100 characters.
    name: String,
    /// The opening hours of the day, at most ten periods; closed all day when empty.
    #[graphql(default)]
    hours: Vec<DayHoursInput>,
}

/// A complete calendar. It must be open at some time.
#[derive(InputObject, Clone)]
pub struct CalendarInput {
    /// The time zone of its dates and times of day, by its IANA name: "Europe/Stockholm".
    time_zone: String,
    /// The opening hours of an ordinary week; at most 50 entries. Write a period that passes midnight as two entries.
    hours: Vec<HoursInput>,
    /// The holidays on which it is closed; open on holidays when left out.
    holidays: Option<HolidaySetInput>,
    /// The days that differ from their weekday; at most 1,000.
    #[graphql(default)]
    days: Vec<CalendarDayInput>,
}

impl From<&HolidaySetInput> for HolidaySet {
    fn from(input: &HolidaySetInput) -> Self {
        Self { country: input.country.clone(), region: input.region.clone(), eves: input.eves }
    }
}

fn days(inputs: &[CalendarDayInput]) -> std::result::Result<Vec<CalendarDay>, Problem> {
    let mut days = Vec::with_capacity(inputs.len());
    for (place, input) in inputs.iter().enumerate() {
        let mut hours = Vec::with_capacity(input.hours.len());
        for entry in &input.hours {
            let Some(stretch) = minutes(&entry.from).zip(minutes(&entry.until)) else {
                let field = format!("days.{place}.hours");
                return Err(Problem::new(ErrorCode::Invalid, &field, texts::api::times_of_day()));
            };
            hours.push(stretch);
        }
        days.push(CalendarDay { date: input.date.0, name: input.name.clone(), hours });
    }
    Ok(days)
}

impl CalendarInput {
    /// The calendar in the form in which it is stored.
    ///
    /// # Errors
    /// `INVALID` when a time of day is not written as "08:30".
    pub fn content(&self) -> std::result::Result<CalendarContent, Problem> {
        Ok(CalendarContent {
            time_zone: self.time_zone.clone(),
            hours: read(&self.hours, "hours")?,
            holidays: self.holidays.as_ref().map(HolidaySet::from),
            days: days(&self.days)?,
        })
    }
}

/// The input of `setCalendar`. What is left out stays as it is.
#[derive(InputObject)]
pub struct SetCalendarInput {
    /// The seller whose own calendar is set. With `teamId` it may be left out; if it is given, it must be the team's
    /// seller.
    seller_id: Option<ID>,
    /// The team whose calendar is set; the seller's own calendar is set when left out.
    team_id: Option<ID>,
    /// The time zone of its dates and times of day, by its IANA name: "Europe/Stockholm".
    time_zone: Option<String>,
    /// The opening hours of an ordinary week; at most 50 entries. Write a period that passes midnight as two entries.
    hours: Option<Vec<HoursInput>>,
    /// The holidays on which it is closed. Not together with `noHolidays`.
    holidays: Option<HolidaySetInput>,
    /// True when it is open on all holidays.
    #[graphql(default)]
    no_holidays: bool,
    /// All days that differ from their weekday, at most 1,000. They replace the days that were set before.
    days: Option<Vec<CalendarDayInput>>,
    /// For a team only: true when it uses its seller's calendar again.
    #[graphql(default)]
    as_seller: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the seller or the team that you read. If it has changed since, nothing is done and the error's
    /// code is `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

impl SetCalendarInput {
    fn shape(&self) -> std::result::Result<CalendarShape, Problem> {
        let given = self.holidays.as_ref().map(|set| Some(HolidaySet::from(set)));
        if given.is_some() && self.no_holidays {
            return Err(Problem::new(ErrorCode::Invalid, "noHolidays", texts::api::holidays_or_none()));
        }
        Ok(CalendarShape {
            time_zone: self.time_zone.clone(),
            hours: self.hours.as_deref().map(|hours| read(hours, "hours")).transpose()?,
            holidays: if self.no_holidays { Some(None) } else { given },
            days: self.days.as_deref().map(days).transpose()?,
        })
    }
}

payload! {
    /// The answer to `setCalendar`.
    SetCalendarPayload {
        /// The seller whose calendar, or whose team's calendar, was set; null when nothing was changed.
        seller: Seller
    }
}

/// Acts on calendars.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Sets the calendar of a seller, or of one of its teams. From then on, availability, the rule condition
    /// `withinBusinessHours` and all clocks use it. Running timers of the seller's open cases are computed anew in the
    /// background (`Seller.recounts`); legal clocks are not. No customer is given a later time than before. For
    /// administrators.
    async fn set_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The seller or the team, and what changes in its calendar.")] input: SetCalendarInput,
    ) -> Result<SetCalendarPayload> {
        let done = act(ctx, async move |work| {
            let shape = input.shape()?;
            if let Some(team) = &input.team_id {
                let team = id::<TeamId>(team, "teamId")?;
                let row = set_for_team(work, team, (!input.as_seller).then_some(shape)).await?;
                if input.seller_id.as_ref().is_some_and(|seller| *seller != to_id(row.seller_id)) {
                    return Err(Problem::not_found("sellerId").into());
                }
                return crate::directory::seller::one(work, row.seller_id).await;
            }
            let Some(seller) = &input.seller_id else {
                return Err(Problem::new(ErrorCode::Required, "sellerId", texts::api::name_seller_or_team()).into());
            };
            if input.as_seller {
                return Err(Problem::new(ErrorCode::Invalid, "asSeller", texts::api::only_team_as_seller()).into());
            }
            set_for_seller(work, id::<SellerId>(seller, "sellerId")?, shape).await
        });
        Ok(done.await?.into())
    }
}

/// The kind of a holiday.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum HolidayCategory {
    /// A public holiday by law; in the United Kingdom a bank holiday.
    Public,
    /// An eve on which most people do not work although no law makes it a holiday.
    Eve,
}

/// A holiday on one date.
#[derive(SimpleObject)]
#[graphql(name = "Holiday")]
pub struct HolidayObject {
    /// The date of the holiday.
    date: Date,
    /// The English name of the holiday.
    name: String,
    /// The name of the holiday in the country's main language.
    local_name: String,
    /// The kind of the holiday.
    category: HolidayCategory,
}

impl From<Holiday> for HolidayObject {
    fn from(day: Holiday) -> Self {
        let category = match day.category {
            Category::Public => HolidayCategory::Public,
            Category::Eve => HolidayCategory::Eve,
        };
        Self { date: Date(day.date), name: day.name.to_owned(), local_name: day.local.to_owned(), category }
    }
}

/// Reads of calendars.
#[derive(Default)]
pub struct CalendarQuery;

#[Object]
#[expect(clippy::unused_async, reason = "a resolver is asynchronous, and what this one shows is computed")]
impl CalendarQuery {
    /// The holidays of a country, or of one of its regions, in one year, in order of date. The error's code is
    /// `INVALID` when the country, the region or the year is not known. For every signed-in caller.
    async fn holidays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The country, by its ISO 3166-1 code: \"SE\".")] country: String,
        #[graphql(desc = "The region, by the part of its ISO 3166-2 code after the hyphen: \"BY\".")] region: Option<
            String,
        >,
        #[graphql(desc = "The calendar year; 1990 to 2199.")] year: i32,
    ) -> Result<Vec<HolidayObject>> {
        signed_in(ctx)?;
        let known = Country::from_code(&country);
        let known = known.filter(|country| {
            region.as_deref().is_none_or(|code| country.regions().iter().any(|region| region.code == code))
        });
        let Some(known) = known.filter(|_| (1990..=2199).contains(&year)) else {
            return Err(Code::Invalid.error(texts::api::holidays_unknown()));
        };
        Ok(holidays::of_year(known, region.as_deref(), year).into_iter().map(HolidayObject::from).collect())
    }
}

/// The team's own calendar; none when the team uses its seller's.
#[must_use]
pub fn of_team(team: &Team) -> Option<Calendar> {
    let content = team.0.calendar.clone()?;
    Some(Calendar::new(content, team.0.calendar_number, team.0.calendar_since))
}
