//! When a person takes new cases. An absence moves none of the cases that the person owns.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::StaffId;
use entity::json::WeekHours;
use entity::{absence, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::staff::own_or_managed;
use crate::access::table::Action;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::hours::checked_hours;
use crate::kit::work::Work;
use crate::texts;

/// The maximum length of one absence.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// Changes to a person's availability; fields that are not given stay unchanged.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// A new absence: its start (now when `None`) and its end. Replaces any absence that has not ended.
    pub away: Option<(Option<DateTime<Utc>>, DateTime<Utc>)>,
    /// Whether the person is back: an absence that has not ended ends now.
    pub back: bool,
    /// The person's working hours in an ordinary week.
    pub working_hours: Option<WeekHours>,
}

/// Sets when a person takes new cases. Every person may do it for themselves, and managers for everybody.
///
/// # Errors
/// `NOT_FOUND` or `FORBIDDEN` when the actor may not do this for that person; a problem with the field when the times
/// are not valid.
pub async fn set(work: &mut Work, id: StaffId, times: &Times) -> Outcome<staff::Model> {
    let mut person = own_or_managed(work, id, Action::SetAvailability).await?;
    if let Some(hours) = &times.working_hours {
        person.working_hours = Some(checked_hours(hours.clone(), "workingHours")?);
    }
    work.check_version(person.version)?;
    if times.back && times.away.is_some() {
        return Err(Problem::new(ErrorCode::Invalid, "back", texts::directory::away_or_back()).into());
    }
    if times.back || times.away.is_some() {
        end_present(work, id).await?;
    }
    if let Some((from, until)) = times.away {
        let (now, from) = (work.now(), from.unwrap_or(work.now()));
        if from < now - LONGEST {
            return Err(Problem::new(ErrorCode::Invalid, "away.from", texts::directory::away_from()).into());
        }
        if until <= from || until <= now || until > now + LONGEST {
            return Err(Problem::new(ErrorCode::Invalid, "away.until", texts::directory::away_until()).into());
        }
        work.insert(absence::Model {
            id: work.new_id(),
            staff_id: id,
            seller_id: person.seller_id,
            starts_at: from,
            ends_at: until,
        });
    }
    person.touch();
    Ok(person.done())
}

/// The end of this person's present absence; none when they are not away.
///
/// # Errors
/// When the store cannot be read.
pub async fn away_until(work: &Work, id: StaffId) -> Outcome<Option<DateTime<Utc>>> {
    let present = absence::Entity::find()
        .filter(absence::Column::StaffId.eq(id))
        .filter(absence::Column::StartsAt.lte(work.now()))
        .filter(absence::Column::EndsAt.gt(work.now()))
        .order_by_desc(absence::Column::EndsAt);
    Ok(present.one(work.tx()?).await?.map(|absence| absence.ends_at))
}

/// Ends an absence that has begun, and deletes one that has not.
async fn end_present(work: &mut Work, id: StaffId) -> Outcome<()> {
    let now = work.now();
    let open = absence::Entity::find()
        .filter(absence::Column::StaffId.eq(id))
        .filter(absence::Column::EndsAt.gt(now))
        .all(work.tx()?)
        .await?;
    for mut row in open {
        if row.starts_at < now {
            row.ends_at = now;
            work.save(row);
        } else {
            absence::Entity::delete_by_id(row.id).exec(work.tx()?).await?;
        }
    }
    Ok(())
}
