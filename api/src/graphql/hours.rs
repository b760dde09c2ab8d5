//! Weekly hours, and the availability of people for new cases.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::absence;
use entity::id::StaffId;
use entity::json::{Hours, WeekHours};
use entity::kind::Weekday;

use super::context::{act, id, to_id};
use super::error::payload;
use super::staff::Staff;
use crate::directory::availability::{Times, set};
use crate::kit::error::{ErrorCode, Problem};
use crate::kit::hours::{clock, minutes};
use crate::texts;

/// Hours that are the same on one or more days of the week. The times of day are local times in the time zone of the
/// calendar that they are used with: a team's, or else the seller's.
#[derive(SimpleObject)]
#[graphql(name = "Hours")]
pub struct HoursObject {
    /// The days of the week on which these hours apply.
    days: Vec<Weekday>,
    /// The time of day at which the hours begin, "HH:MM": "08:00".
    from: String,
    /// The time of day at which the hours end, "HH:MM": "17:00". "24:00" is midnight at the end of the day.
    until: String,
}

/// A week's hours as the API returns them.
#[must_use]
pub fn shown(week: &WeekHours) -> Vec<HoursObject> {
    let entry =
        |hours: &Hours| HoursObject { days: hours.days.clone(), from: clock(hours.from), until: clock(hours.until) };
    week.0.iter().map(entry).collect()
}

/// Hours that are the same on one or more days of the week. The times of day are local times in the time zone of the
/// calendar that they are used with: a team's, or else the seller's.
#[derive(InputObject, Clone)]
pub struct HoursInput {
    /// The days of the week on which these hours apply; at least one.
    days: Vec<Weekday>,
    /// The time of day at which the hours begin, "HH:MM": "08:00".
    from: String,
    /// The time of day at which the hours end, "HH:MM", later than `from`: "17:00". "24:00" is midnight at the end of
    /// the day.
    until: String,
}

/// Reads a week's hours from an input.
///
/// # Errors
/// `INVALID`, with the field, when a time of day is not written like "08:30".
pub fn read(inputs: &[HoursInput], field: &str) -> std::result::Result<WeekHours, Problem> {
    let time = |text: &str, place: usize, name: &str| {
        minutes(text).ok_or_else(|| {
            Problem::new(ErrorCode::Invalid, &format!("{field}.{place}.{name}"), texts::api::time_of_day())
        })
    };
    let entry = |(place, input): (usize, &HoursInput)| {
        let (from, until) = (time(&input.from, place, "from")?, time(&input.until, place, "until")?);
        Ok(Hours { days: input.days.clone(), from, until })
    };
    inputs.iter().enumerate().map(entry).collect::<std::result::Result<_, _>>().map(WeekHours)
}

/// An absence: a time in which the rules do not choose a person for new cases. The cases that the person owns stay
/// theirs until they are handed over.
pub struct Absence(pub absence::Model);

/// An absence: a time in which the rules do not choose a person for new cases. The cases that the person owns stay
/// theirs until they are handed over.
#[Object]
impl Absence {
    /// The id, opaque.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// When the absence begins, UTC.
    async fn from(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// When the absence ends, UTC.
    async fn until(&self) -> DateTime<Utc> {
        self.0.ends_at
    }
}

/// An absence to record for a person.
#[derive(InputObject)]
pub struct AwayInput {
    /// When the absence begins, UTC; at most 366 days ago. Now when left out.
    from: Option<DateTime<Utc>>,
    /// When the absence ends, UTC; later than `from`, in the future, and at most 366 days from now.
    until: DateTime<Utc>,
}

/// Sets when a person gets new cases. What is left out stays as it is.
#[derive(InputObject)]
pub struct SetAvailabilityInput {
    /// The member of staff whose availability changes.
    staff_id: ID,
    /// A new absence. It replaces those that have not ended: one that has begun ends now, and one that has not begun is
    /// removed. Cannot be given together with `back`.
    away: Option<AwayInput>,
    /// True when the person is back: an absence that has begun ends now, and one that has not begun is removed.
    #[graphql(default)]
    back: bool,
    /// The person's working hours in an ordinary week; at most 50 entries. Somebody without working hours of their own
    /// is at work while the calendar of the team, or else of the seller, is open.
    working_hours: Option<Vec<HoursInput>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the person that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setAvailability`.
    SetAvailabilityPayload {
        /// The member of staff with the new availability; null when nothing was changed.
        staff: Staff
    }
}

/// Mutations of people's availability.
#[derive(Default)]
pub struct AvailabilityMutation;

#[Object]
impl AvailabilityMutation {
    /// Sets when a person gets new cases: an absence, the end of an absence, or working hours. Cases that the person
    /// owns stay theirs. For staff about themselves, and for managers about all staff of their seller.
    async fn set_availability(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, and what changes.")] input: SetAvailabilityInput,
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
