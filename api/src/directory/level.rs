//! Service levels: named sets of times within which customers hear from a seller. A rule may give one to a case, or it
//! applies to the cases of a priority or a category. Without a service level the seller's own times apply.

use entity::id::{SellerId, ServiceLevelId};
use entity::json::{ServiceTime, ServiceTimes};
use entity::kind::Priority;
use entity::service_level;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder};

use super::{NAME, recount, taken};
use crate::access::door;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required};
use crate::kit::text::folded;
use crate::kit::work::Work;
use crate::texts;

/// The maximum hours for a contact, a reply or a partner's acceptance: a month (30 days).
const A_MONTH: u32 = 720;
/// The maximum hours in which an owner must do something: three months (90 days).
const A_QUARTER: u32 = 2_160;
/// The maximum hours for an answer: a year (366 days).
const A_YEAR: u32 = 8_784;

/// The new contents of a service level.
#[derive(Debug, Clone)]
pub struct LevelShape {
    /// Its name, unique at the seller.
    pub name: String,
    /// The times within which customers hear from the seller.
    pub times: ServiceTimes,
    /// The priority whose cases have this service level.
    pub priority: Option<Priority>,
    /// The category whose cases have this service level, including the categories under it.
    pub category: Option<String>,
}

/// Changes to service times; fields that are not given stay unchanged.
#[derive(Debug, Clone, Default)]
pub struct TimesChange {
    /// See [`ServiceTimes`].
    pub first_contact: Option<ServiceTime>,
    /// The inner `None` means the time of the first contact.
    pub next_contact: Option<Option<ServiceTime>>,
    /// The inner `None` means no timer.
    pub reply: Option<Option<ServiceTime>>,
    /// The inner `None` means no timer.
    pub answer: Option<Option<ServiceTime>>,
    /// See [`ServiceTimes`].
    pub owner_acts: Option<ServiceTime>,
    /// The inner `None` means the built-in time.
    pub partner_accepts: Option<Option<ServiceTime>>,
}

impl TimesChange {
    /// The times that result from applying these changes to others.
    #[must_use]
    pub fn of(self, before: &ServiceTimes) -> ServiceTimes {
        ServiceTimes {
            first_contact: self.first_contact.unwrap_or(before.first_contact),
            next_contact: self.next_contact.unwrap_or(before.next_contact),
            reply: self.reply.unwrap_or(before.reply),
            answer: self.answer.unwrap_or(before.answer),
            owner_acts: self.owner_acts.unwrap_or(before.owner_acts),
            partner_accepts: self.partner_accepts.unwrap_or(before.partner_accepts),
        }
    }
}

/// Adds a problem for each of these times that is out of range.
pub fn check(times: &ServiceTimes, problems: &mut Problems) {
    let fields = [
        ("firstContactHours", Some(times.first_contact), A_MONTH),
        ("times.nextContact", times.next_contact, A_MONTH),
        ("times.reply", times.reply, A_MONTH),
        ("times.answer", times.answer, A_YEAR),
        ("ownerIdleHours", Some(times.owner_acts), A_QUARTER),
        ("times.partnerAccepts", times.partner_accepts, A_MONTH),
    ];
    for (field, time, most) in fields {
        if time.is_some_and(|time| !(1..=most).contains(&time.hours)) {
            problems.add(Problem::new(ErrorCode::Invalid, field, texts::directory::hours(most)));
        }
    }
}

/// Creates a service level, or replaces the contents of an existing one. When its times change, the timers of the
/// seller's open cases are recomputed afterwards.
///
/// # Errors
/// When the name is missing or taken, or a number of hours is out of range.
pub async fn set(
    work: &mut Work,
    seller: SellerId,
    id: Option<ServiceLevelId>,
    shape: &LevelShape,
) -> Outcome<service_level::Model> {
    door::seller(work, seller, "sellerId").await?;
    let mut problems = Problems::default();
    let name = problems.check(required(&shape.name, "name", NAME)).unwrap_or_default();
    let category = problems.check(optional(shape.category.as_deref(), "category", NAME)).flatten();
    check(&shape.times, &mut problems);
    let own = service_level::Entity::find().filter(service_level::Column::SellerId.eq(seller)).all(work.tx()?).await?;
    if own.iter().any(|row| row.name == name && Some(row.id) != id) {
        problems.add(taken("name"));
    }
    let before = own.into_iter().find(|row| Some(row.id) == id);
    if id.is_some() && before.is_none() {
        problems.add(Problem::not_found("serviceLevelId"));
    }
    problems.refuse_if_any()?;
    if before.as_ref().is_some_and(|before| before.times != shape.times) {
        recount::ask(work, seller);
    }
    let mut row = service_level::Model {
        id: id.unwrap_or_else(|| work.new_id()),
        version: before.as_ref().map_or(0, |row| row.version),
        seller_id: seller,
        name,
        times: shape.times.clone(),
        priority: shape.priority,
        category,
        created_at: before.map_or(work.now(), |row| row.created_at),
    };
    work.check_version(row.version)?;
    row.version += 1;
    work.save(row.clone());
    Ok(row)
}

/// The service level for cases with this priority and these categories, the nearest category first. A service level for
/// a nearer category takes precedence; with the same category, one that also names the priority does; one for the
/// priority alone comes last.
///
/// # Errors
/// When the store cannot be read.
pub async fn chosen(
    db: &impl ConnectionTrait,
    seller: SellerId,
    priority: Priority,
    categories: &[String],
) -> Result<Option<ServiceLevelId>, DbErr> {
    let rows = service_level::Entity::find()
        .filter(service_level::Column::SellerId.eq(seller))
        .filter(service_level::Column::Priority.is_not_null().or(service_level::Column::Category.is_not_null()))
        .order_by_asc(service_level::Column::Name)
        .all(db)
        .await?;
    Ok(nearest(&rows, priority, categories))
}

fn nearest(rows: &[service_level::Model], priority: Priority, categories: &[String]) -> Option<ServiceLevelId> {
    let places: Vec<String> = categories.iter().map(|name| folded(name)).collect();
    let rank = |row: &service_level::Model| {
        let of_category = match &row.category {
            Some(wanted) => places.iter().position(|own| *own == folded(wanted))?,
            None => places.len(),
        };
        let of_priority = match row.priority {
            Some(wanted) if wanted != priority => return None,
            Some(_) => 0,
            None => 1,
        };
        Some((of_category, of_priority))
    };
    rows.iter().filter_map(|row| Some((rank(row)?, row.id))).min_by_key(|(rank, _)| *rank).map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn the_nearest_category_goes_first_and_then_the_priority() {
        let time = ServiceTime { hours: 1, working: false };
        let times = Settings::default().times;
        let row = |name: &str, priority, category: Option<&str>| service_level::Model {
            id: uuid::Uuid::from_u128(name.bytes().fold(0, |sum, byte| sum * 31 + u128::from(byte))).into(),
            version: 1,
            seller_id: uuid::Uuid::nil().into(),
            name: name.to_owned(),
            times: ServiceTimes { reply: Some(time), ..times.clone() },
            priority,
            category: category.map(str::to_owned),
            created_at: DateTime::UNIX_EPOCH,
        };
        let rows = [
            row("urgent", Some(Priority::Urgent), None),
            row("garden", None, Some("Garden")),
            row("urgent garden", Some(Priority::Urgent), Some("garden")),
            row("lawn", None, Some("Lawn")),
        ];
        let name = |priority, categories: &[&str]| {
            let categories: Vec<String> = categories.iter().map(|&name| name.to_owned()).collect();
            let found = nearest(&rows, priority, &categories)?;
            rows.iter().find(|row| row.id == found).map(|row| row.name.as_str())
        };
        assert_eq!(name(Priority::Urgent, &[]), Some("urgent"));
        assert_eq!(name(Priority::Normal, &[]), None);
        assert_eq!(name(Priority::Normal, &["GARDEN"]), Some("garden"));
        assert_eq!(name(Priority::Urgent, &["garden"]), Some("urgent garden"));
        assert_eq!(name(Priority::Urgent, &["lawn", "garden"]), Some("lawn"));
        assert_eq!(name(Priority::Low, &["mowers", "garden"]), Some("garden"));
    }

    use crate::directory::seller::Settings;
}
