//! The calendars of a seller and of its teams: when work is done. Replaced calendars are kept, so that a time that was
//! computed with one can be explained later.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::id::{SellerId, StaffId, TeamId};
use entity::json::{CalendarContent, CalendarDay, HolidaySet, WeekHours};
use entity::{past_calendar, seller, team};
use sea_orm::EntityTrait;

use super::recount;
use crate::access::door;
use crate::calendar::DAY;
use crate::calendar::holidays::Country;
use crate::calendar::stored;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::hours::{checked_hours, checked_zone, office};
use crate::kit::work::Work;
use crate::texts;

/// The maximum number of own days in a calendar.
const MOST_DAYS: usize = 1_000;

/// The new contents of a calendar. Fields that are not given keep the value of the calendar that is replaced; a team
/// without a calendar of its own starts from the seller's.
#[derive(Debug, Clone, Default)]
pub struct CalendarShape {
    /// The IANA name of its time zone.
    pub time_zone: Option<String>,
    /// When it is open in an ordinary week.
    pub hours: Option<WeekHours>,
    /// The holidays that close it; the inner `None` means no holidays.
    pub holidays: Option<Option<HolidaySet>>,
    /// Days whose hours differ from those of their weekday.
    pub days: Option<Vec<CalendarDay>>,
}

/// The calendar of a new seller: office hours unless others are given, and the holidays of the country whose time zone
/// it is.
#[must_use]
pub fn first(time_zone: &str, hours: Option<WeekHours>, country: Option<&str>) -> CalendarContent {
    let of_zone = Country::ALL.iter().find(|country| country.zone() == time_zone).map(|country| country.code());
    let country = country.or(of_zone).filter(|code| !code.is_empty());
    CalendarContent {
        time_zone: time_zone.to_owned(),
        hours: hours.unwrap_or_else(office),
        holidays: country.map(|code| {
            let region = Country::from_code(code).and_then(Country::usual_region).map(str::to_owned);
            HolidaySet { country: code.to_owned(), region, eves: true }
        }),
        days: Vec::new(),
    }
}

/// Sets a seller's calendar. The timers that depend on it are recomputed afterwards.
///
/// # Errors
/// A problem with the field when a field is not valid; `NOT_FOUND` or `FORBIDDEN` when the actor may not administer the
/// seller.
pub async fn set_for_seller(work: &mut Work, id: SellerId, shape: CalendarShape) -> Outcome<seller::Model> {
    let mut row = door::seller(work, id, "sellerId").await?;
    work.check_version(row.version)?;
    let content = sound(shape.of(&row.calendar))?;
    replace_sellers(work, &mut row, content);
    Ok(row.done())
}

/// Replaces the calendar of a locked seller, if the new one differs.
pub fn replace_sellers(work: &mut Work, row: &mut seller::Model, content: CalendarContent) {
    if row.calendar == content {
        return;
    }
    let before = std::mem::replace(&mut row.calendar, content);
    keep(work, (row.id, None), row.calendar_number, Some(before), Some(row.calendar_since));
    row.calendar_number += 1;
    row.calendar_since = work.now();
}

/// Sets a team's calendar, or makes the team use the seller's calendar again. The timers that depend on it are
/// recomputed afterwards.
///
/// # Errors
/// As [`set_for_seller`].
pub async fn set_for_team(work: &mut Work, id: TeamId, shape: Option<CalendarShape>) -> Outcome<team::Model> {
    let not_found = || Problem::not_found("teamId");
    let found = team::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let seller = door::seller(work, found.seller_id, "teamId").await?;
    let mut row = work.lock::<team::Model>(id).await?.ok_or_else(not_found)?;
    door::changes(work, row.seller_id, &*row, "teamId")?;
    let before = row.calendar.as_ref().unwrap_or(&seller.calendar);
    let content = shape.map(|shape| sound(shape.of(before))).transpose()?;
    if row.calendar == content {
        return Ok(row.done());
    }
    let replaced = std::mem::replace(&mut row.calendar, content);
    keep(work, (row.seller_id, Some(id)), row.calendar_number, replaced, row.calendar_since);
    row.calendar_number += 1;
    row.calendar_since = Some(work.now());
    Ok(row.done())
}

/// Stores a calendar that is replaced, and requests that the times computed with it are recomputed.
fn keep(
    work: &mut Work,
    (seller_id, team_id): (SellerId, Option<TeamId>),
    number: i64,
    content: Option<CalendarContent>,
    since: Option<DateTime<Utc>>,
) {
    work.insert(past_calendar::Model {
        id: work.new_id(),
        seller_id,
        team_id,
        number,
        content,
        since,
        until: work.now(),
        replaced_by: actor(work, seller_id),
    });
    recount::ask(work, seller_id);
}

/// The acting member of this seller's staff; `None` for an administrator who belongs to another seller.
fn actor(work: &Work, seller: SellerId) -> Option<StaffId> {
    work.actor().staff().filter(|_| work.actor().seller() == Some(seller))
}

impl CalendarShape {
    /// The calendar that results from applying these changes to another.
    #[must_use]
    pub fn of(self, before: &CalendarContent) -> CalendarContent {
        CalendarContent {
            time_zone: self.time_zone.unwrap_or_else(|| before.time_zone.clone()),
            hours: self.hours.unwrap_or_else(|| before.hours.clone()),
            holidays: self.holidays.unwrap_or_else(|| before.holidays.clone()),
            days: self.days.unwrap_or_else(|| before.days.clone()),
        }
    }
}

/// The names of the fields for the time zone and the hours in the input that contains the calendar.
pub type FieldNames = (&'static str, &'static str);

/// The field names in an input for a calendar.
pub const OWN: FieldNames = ("timeZone", "hours");
/// The field names in an input for a seller.
pub const SELLER: FieldNames = ("timeZone", "businessHours");

/// Checks a calendar: its time zone, country and region are known, each day occurs once, and there is at least one open
/// hour. Adds every problem to the list.
pub fn checked(content: CalendarContent, (zone, open): FieldNames, problems: &mut Problems) -> CalendarContent {
    let sound = content.clone();
    let before = problems.count();
    let time_zone = problems.check(checked_zone(&content.time_zone, zone)).unwrap_or_default();
    let hours = problems.check(checked_hours(content.hours, open)).unwrap_or_default();
    let holidays = content.holidays.and_then(|set| problems.check(known(set)));
    let days = own_days(content.days, problems);
    let content = CalendarContent { time_zone, hours, holidays, days };
    if problems.count() > before {
        return sound;
    }
    if stored::read(&content).is_none() {
        problems.add(Problem::new(ErrorCode::Invalid, open, texts::directory::never_open()));
    }
    content
}

/// Like [`checked`], but returns the problems as an error.
fn sound(content: CalendarContent) -> Outcome<CalendarContent> {
    let mut problems = Problems::default();
    let content = checked(content, OWN, &mut problems);
    problems.refuse_if_any()?;
    Ok(content)
}

fn known(set: HolidaySet) -> Result<HolidaySet, Problem> {
    let Some(country) = Country::from_code(&set.country) else {
        let codes: Vec<&str> = Country::ALL.iter().map(|country| country.code()).collect();
        let text = texts::directory::unknown_country(codes.join(", "));
        return Err(Problem::new(ErrorCode::Invalid, "holidays.country", text));
    };
    let regions: Vec<&str> = country.regions().iter().map(|region| region.code).collect();
    if set.region.as_deref().is_some_and(|region| !regions.contains(&region)) {
        let known = if regions.is_empty() { "-".to_owned() } else { regions.join(", ") };
        let text = texts::directory::unknown_region(country.name(), country.code(), known);
        return Err(Problem::new(ErrorCode::Invalid, "holidays.region", text));
    }
    Ok(set)
}

fn own_days(mut days: Vec<CalendarDay>, problems: &mut Problems) -> Vec<CalendarDay> {
    if days.len() > MOST_DAYS {
        problems.add(Problem::new(ErrorCode::TooLong, "days", texts::directory::too_many_days(MOST_DAYS)));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    for (place, day) in days.iter_mut().enumerate() {
        let field = |name: &str| format!("days.{place}.{name}");
        day.name = problems.check(required(&day.name, &field("name"), 100)).unwrap_or_default();
        if !seen.insert(day.date) {
            problems.add(Problem::new(ErrorCode::Invalid, &field("date"), texts::directory::day_twice()));
        }
        if day.hours.len() > 10 || day.hours.iter().any(|(from, until)| from >= until || *until > DAY) {
            problems.add(Problem::new(ErrorCode::Invalid, &field("hours"), texts::directory::day_hours()));
        }
    }
    days.sort_by_key(|day| day.date);
    days
}

/// The time zone of a stored calendar; UTC when the name is no longer known.
#[must_use]
pub fn zone(content: &CalendarContent) -> Tz {
    content.time_zone.parse().unwrap_or(Tz::UTC)
}
