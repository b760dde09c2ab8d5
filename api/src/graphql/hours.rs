//! Hours of a week, and when a person takes new cases.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::absence;
use entity::id::StaffId;
use entity::json::{Hours, WeekHours};
use entity::kind::Weekday;

use super::context::{act, id};
use super::error::payload;
use super::staff::Staff;
use crate::directory::availability::{Times, set};
use crate::kit::error::{ErrorCode, Problem};
use crate::kit::hours::{clock, minutes};

/// The same hours on some days of the week, by the clocks of the seller's time zone.
#[derive(SimpleObject)]
#[graphql(name = "Hours")]
pub struct HoursObject {
    /// On these days.
    days: Vec<Weekday>,
    /// From this time of day: "08:00".
    from: String,
    /// Until this time of day: "17:00"; "24:00" is midnight.
    until: String,
}

/// A week's hours, for reading.
#[must_use]
pub fn shown(week: &WeekHours) -> Vec<HoursObject> {
    let entry =
        |hours: &Hours| HoursObject { days: hours.days.clone(), from: clock(hours.from), until: clock(hours.until) };
    week.0.iter().map(entry).collect()
}

/// The same hours on some days of the week, by the clocks of the seller's time zone.
#[derive(InputObject, Clone)]
pub struct HoursInput {
    /// On these days; at least one.
    days: Vec<Weekday>,
    /// From this time of day: "08:00".
    from: String,
    /// Until this time of day, later than `from`: "17:00"; "24:00" is midnight.
    until: String,
}

/// A week's hours as they were written.
///
/// # Errors
/// When a time of day is none.
pub fn read(inputs: &[HoursInput], field: &str) -> std::result::Result<WeekHours, Problem> {
    let time = |text: &str, place: usize, name: &str| {
        let (en, sv) =
            ("A time of day with two digits each: \"08:30\".", "Ett klockslag med två siffror var: \"08:30\".");
        minutes(text).ok_or_else(|| Problem::new(ErrorCode::Invalid, &format!("{field}.{place}.{name}"), en, sv))
    };
    let entry = |(place, input): (usize, &HoursInput)| {
        let (from, until) = (time(&input.from, place, "from")?, time(&input.until, place, "until")?);
        Ok(Hours { days: input.days.clone(), from, until })
    };
    inputs.iter().enumerate().map(entry).collect::<std::result::Result<_, _>>().map(WeekHours)
}

/// A time when a person takes no new cases. What they own stays theirs until it is handed over.
pub struct Absence(pub absence::Model);

/// A time when a person takes no new cases. What they own stays theirs until it is handed over.
#[Object]
impl Absence {
    /// From when, UTC.
    async fn from(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// Until when, UTC.
    async fn until(&self) -> DateTime<Utc> {
        self.0.ends_at
    }
}

/// A time away.
#[derive(InputObject)]
pub struct AwayInput {
    /// From when, UTC; now when left out.
    from: Option<DateTime<Utc>>,
    /// Until when, UTC: the date of return.
    until: DateTime<Utc>,
}

/// Sets when a person takes new cases; what is left out stays as it is.
#[derive(InputObject)]
pub struct SetAvailabilityInput {
    /// Whom.
    staff_id: ID,
    /// A time away; it replaces one that has not ended.
    away: Option<AwayInput>,
    /// True when they are back: a time away that has not ended ends now.
    #[graphql(default)]
    back: bool,
    /// When they work in an ordinary week; without it the seller's business hours.
    working_hours: Option<Vec<HoursInput>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the person has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setAvailability`.
    SetAvailabilityPayload {
        /// The person as they are now.
        staff: Staff
    }
}

/// Acts on when people take new cases.
#[derive(Default)]
pub struct AvailabilityMutation;

#[Object]
impl AvailabilityMutation {
    /// Sets when a person takes new cases: away until a date, back, or their working hours. Cases they own stay theirs.
    /// Everybody for themselves, managers for their seller's staff.
    async fn set_availability(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose times, and what changes.")] input: SetAvailabilityInput,
    ) -> Result<SetAvailabilityPayload> {
        let done = act(ctx, async move |work| {
            let person = id::<StaffId>(&input.staff_id, "staffId")?;
            let working_hours = input.working_hours.as_deref().map(|hours| read(hours, "workingHours")).transpose()?;
            let away = input.away.as_ref().map(|away| (away.from, away.until));
            set(work, person, &Times { away, back: input.back, working_hours }).await
        });
        Ok(done.await?.into())
    }
}
