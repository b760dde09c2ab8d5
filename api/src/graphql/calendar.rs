//! Calendars: when a seller, or a team of it, works.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{SellerId, TeamId};
use entity::json::{CalendarContent, CalendarDay, HolidaySet};
use entity::{past_calendar, recount};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::code::Code;
use super::context::{ContextExt, act, id, int, read_error, signed_in, to_id};
use super::error::payload;
use super::hours::{HoursInput, HoursObject, read, shown};
use super::scalar::Date;
use super::seller::Seller;
use super::staff::{Staff, Team};
use crate::calendar::holidays::{self, Category, Country, Holiday};
use crate::directory::calendar::{CalendarShape, set_for_seller, set_for_team};
use crate::kit::error::{ErrorCode, Problem};
use crate::kit::hours::{clock, minutes};

/// Former calendars and recounts that are shown at most.
const MOST: u64 = 100;

/// When work is done: the hours of an ordinary week, and the days that are not as their weekday.
pub struct Calendar {
    content: CalendarContent,
    number: i64,
    since: Option<DateTime<Utc>>,
}

impl Calendar {
    /// This calendar, the so manieth of its owner.
    #[must_use]
    pub fn new(content: CalendarContent, number: i64, since: Option<DateTime<Utc>>) -> Self {
        Self { content, number, since }
    }
}

/// When work is done: the hours of an ordinary week, and the days that are not as their weekday.
#[Object]
impl Calendar {
    /// Counts the calendars of a seller or a team from 1: it is one more after each change.
    async fn number(&self) -> i32 {
        int(self.number)
    }

    /// Since when it holds, UTC.
    async fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// The zone whose clocks it goes by, by its IANA name: "Europe/Stockholm".
    async fn time_zone(&self) -> &str {
        &self.content.time_zone
    }

    /// When it is open in an ordinary week, by the clocks of its zone.
    async fn hours(&self) -> Vec<HoursObject> {
        shown(&self.content.hours)
    }

    /// The holidays that close it; null when none does.
    async fn holidays(&self) -> Option<HolidaySetObject> {
        let set = self.content.holidays.as_ref()?;
        Some(HolidaySetObject { country: set.country.clone(), region: set.region.clone(), eves: set.eves })
    }

    /// Days that are not as their weekday, in order of date. Such a day goes before a holiday.
    async fn days(&self) -> Vec<CalendarDayObject> {
        self.content.days.iter().map(CalendarDayObject::from).collect()
    }
}

/// The holidays of a country, or of a part of it.
#[derive(SimpleObject)]
#[graphql(name = "HolidaySet")]
pub struct HolidaySetObject {
    /// The country, by its code in ISO 3166-1: "SE".
    country: String,
    /// The part of it, by its code in ISO 3166-2 behind the hyphen ("BY" for Bavaria); null for what holds in all of it.
    region: Option<String>,
    /// Whether the eves on which most people do not work, though no law says so, are closed too: Midsummer Eve in Sweden.
    eves: bool,
}

/// A day that is not as its weekday.
#[derive(SimpleObject)]
#[graphql(name = "CalendarDay")]
pub struct CalendarDayObject {
    /// The date, by the clocks of the calendar's zone: "2026-12-23".
    date: Date,
    /// Why it is another day: "Stocktaking".
    name: String,
    /// When it is open; empty when it is closed all day.
    hours: Vec<DayHours>,
}

/// A stretch of a day.
#[derive(SimpleObject)]
pub struct DayHours {
    /// From this time of day: "08:00".
    from: String,
    /// Until this time of day: "17:00"; "24:00" is midnight.
    until: String,
}

impl From<&CalendarDay> for CalendarDayObject {
    fn from(day: &CalendarDay) -> Self {
        let hours = |(from, until): &(u16, u16)| DayHours { from: clock(*from), until: clock(*until) };
        Self { date: Date(day.date), name: day.name.clone(), hours: day.hours.iter().map(hours).collect() }
    }
}

/// A calendar that was replaced.
pub struct PastCalendar(past_calendar::Model);

/// A calendar that was replaced: what a clock was counted on that was started while it held.
#[Object]
impl PastCalendar {
    /// The calendar as it was; null when the team had none of its own then and went by its seller's.
    async fn calendar(&self) -> Option<Calendar> {
        Some(Calendar::new(self.0.content.clone()?, self.0.number, self.0.since))
    }

    /// Until when it held, UTC.
    async fn until(&self) -> DateTime<Utc> {
        self.0.until
    }

    /// Who replaced it; null when it was an administrator of another seller, or the service's own setup.
    async fn replaced_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.0.replaced_by {
            Some(id) => Ok(ctx.loaders().people.one(id).await.map_err(read_error)?.map(Staff)),
            None => Ok(None),
        }
    }
}

/// The former calendars of a seller, or of one of its teams, the newest first.
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

/// How far the open clocks of a seller's cases have been counted anew, after a calendar or a service level changed.
#[derive(SimpleObject)]
pub struct Recount {
    /// When it was asked for, UTC.
    asked_at: DateTime<Utc>,
    /// Open cases that have been counted so far.
    cases: i32,
    /// Those of them of which a clock moved; each says so in its events (`ClockMoved`).
    moved: i32,
    /// When all had been counted, UTC; null while it goes on.
    finished_at: Option<DateTime<Utc>>,
}

/// A seller's recounts, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn recounts(ctx: &Context<'_>, seller: SellerId) -> Result<Vec<Recount>> {
    let query = recount::Entity::find().filter(recount::Column::SellerId.eq(seller));
    let rows = query.order_by_desc(recount::Column::AskedAt).order_by_desc(recount::Column::Id).limit(MOST);
    let rows = rows.all(ctx.db()).await.map_err(read_error)?;
    let shown = |row: recount::Model| Recount {
        asked_at: row.asked_at,
        cases: int(row.cases),
        moved: int(row.moved),
        finished_at: row.finished_at,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The holidays of a country, or of a part of it.
#[derive(InputObject, Clone)]
pub struct HolidaySetInput {
    /// The country, by its code in ISO 3166-1: SE, NO, DK, FI, DE, NL, GB, FR, IE, BE, AT, PL or US. For another name each day in
    /// `days`.
    country: String,
    /// The part of it, by its code in ISO 3166-2 behind the hyphen ("BY", "SCT"); what holds in all of it when left out.
    region: Option<String>,
    /// Whether the eves on which most people do not work, though no law says so, are closed too.
    #[graphql(default = true)]
    eves: bool,
}

/// A stretch of a day.
#[derive(InputObject, Clone)]
pub struct DayHoursInput {
    /// From this time of day: "08:00".
    from: String,
    /// Until this time of day, later than `from`: "17:00"; "24:00" is midnight.
    until: String,
}

/// A day that is not as its weekday.
#[derive(InputObject, Clone)]
pub struct CalendarDayInput {
    /// The date, by the clocks of the calendar's zone: "2026-12-23".
    date: Date,
    /// Why it is another day; 1 to 100 characters.
    name: String,
    /// When it is open; closed all day when empty.
    #[graphql(default)]
    hours: Vec<DayHoursInput>,
}

/// A calendar, whole.
#[derive(InputObject, Clone)]
pub struct CalendarInput {
    /// The zone whose clocks it goes by, by its IANA name.
    time_zone: String,
    /// When it is open in an ordinary week; write a night as two entries.
    hours: Vec<HoursInput>,
    /// The holidays that close it; none when left out.
    holidays: Option<HolidaySetInput>,
    /// Days that are not as their weekday; at most 1,000.
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
                let en = "Times of day with two digits each: \"08:30\".";
                let sv = "Klockslag med två siffror var: \"08:30\".";
                return Err(Problem::new(ErrorCode::Invalid, &format!("days.{place}.hours"), en, sv));
            };
            hours.push(stretch);
        }
        days.push(CalendarDay { date: input.date.0, name: input.name.clone(), hours });
    }
    Ok(days)
}

impl CalendarInput {
    /// The calendar as it would be stored.
    ///
    /// # Errors
    /// When a time of day is none.
    pub fn content(&self) -> std::result::Result<CalendarContent, Problem> {
        Ok(CalendarContent {
            time_zone: self.time_zone.clone(),
            hours: read(&self.hours, "hours")?,
            holidays: self.holidays.as_ref().map(HolidaySet::from),
            days: days(&self.days)?,
        })
    }
}

/// Sets the calendar of a seller, or of a team of it; what is left out stays as it is.
#[derive(InputObject)]
pub struct SetCalendarInput {
    /// Whose calendar: the seller's own when no team is named, or the team's seller.
    seller_id: Option<ID>,
    /// The team whose calendar it is.
    team_id: Option<ID>,
    /// The zone whose clocks it goes by, by its IANA name.
    time_zone: Option<String>,
    /// When it is open in an ordinary week; write a night as two entries.
    hours: Option<Vec<HoursInput>>,
    /// The holidays that close it.
    holidays: Option<HolidaySetInput>,
    /// True when no holidays close it.
    #[graphql(default)]
    no_holidays: bool,
    /// Days that are not as their weekday, all of them: they replace those that were there; at most 1,000.
    days: Option<Vec<CalendarDayInput>>,
    /// Only for a team: true when it goes by its seller's calendar again.
    #[graphql(default)]
    as_seller: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the seller or the team that you act on: when it has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

impl SetCalendarInput {
    fn shape(&self) -> std::result::Result<CalendarShape, Problem> {
        let given = self.holidays.as_ref().map(|set| Some(HolidaySet::from(set)));
        if given.is_some() && self.no_holidays {
            let (en, sv) = ("Either `holidays` or `noHolidays`.", "Antingen `holidays` eller `noHolidays`.");
            return Err(Problem::new(ErrorCode::Invalid, "noHolidays", en, sv));
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
        /// The seller whose calendar, or whose team's, it is.
        seller: Seller
    }
}

/// Acts on calendars.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Sets when a seller, or a team of it, works. Availability, `withinBusinessHours` and every clock go by it from then on.
    /// Open clocks of the seller's cases are counted anew in the background (`Seller.recounts`), but for legal ones; no customer
    /// is told a later time than before. For administrators.
    async fn set_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and what changes.")] input: SetCalendarInput,
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
                let (en, sv) = ("Name a seller or a team.", "Ange en säljare eller ett team.");
                return Err(Problem::new(ErrorCode::Required, "sellerId", en, sv).into());
            };
            if input.as_seller {
                let (en, sv) =
                    ("Only a team can go by its seller's calendar.", "Bara ett team kan följa säljarens kalender.");
                return Err(Problem::new(ErrorCode::Invalid, "asSeller", en, sv).into());
            }
            set_for_seller(work, id::<SellerId>(seller, "sellerId")?, shape).await
        });
        Ok(done.await?.into())
    }
}

/// What kind of day a holiday is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum HolidayCategory {
    /// A public holiday by law; in the United Kingdom a bank holiday.
    Public,
    /// An eve on which most people do not work though no law says so.
    Eve,
}

/// A holiday.
#[derive(SimpleObject)]
#[graphql(name = "Holiday")]
pub struct HolidayObject {
    /// Its date.
    date: Date,
    /// Its English name.
    name: String,
    /// Its name in the country's main language.
    local_name: String,
    /// What kind of day it is.
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
    /// The holidays of a country, or of a part of it, in one year, in order of date. For whoever is signed in.
    async fn holidays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The country, by its code in ISO 3166-1: \"SE\".")] country: String,
        #[graphql(desc = "The part of it, by its code in ISO 3166-2 behind the hyphen: \"BY\".")] region: Option<
            String,
        >,
        #[graphql(desc = "The year; 1990 to 2199.")] year: i32,
    ) -> Result<Vec<HolidayObject>> {
        signed_in(ctx)?;
        let known = Country::from_code(&country);
        let known = known.filter(|country| {
            region.as_deref().is_none_or(|code| country.regions().iter().any(|region| region.code == code))
        });
        let Some(known) = known.filter(|_| (1990..=2199).contains(&year)) else {
            return Err(Code::Invalid.error(
                "The holidays of this country, part of it, or year are not known.",
                "Helgdagarna för detta land, denna del av det eller detta år är inte kända.",
            ));
        };
        Ok(holidays::of_year(known, region.as_deref(), year).into_iter().map(HolidayObject::from).collect())
    }
}

/// The calendar of a team, where it has one of its own.
#[must_use]
pub fn of_team(team: &Team) -> Option<Calendar> {
    let content = team.0.calendar.clone()?;
    Some(Calendar::new(content, team.0.calendar_number, team.0.calendar_since))
}
