//! Service levels.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use entity::id::{SellerId, ServiceLevelId};
use entity::json::{ServiceTime, ServiceTimes};
use entity::kind::Priority;
use entity::service_level;

use super::context::{ContextExt, act, id, int, read_error, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_directory};
use crate::directory::level::{LevelShape, TimesChange, set};
use crate::directory::seller::Settings;

/// Which hours are counted in a time of a service level.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum HoursCounted {
    /// All hours by the clock, nights and holidays included.
    #[default]
    Clock,
    /// Only hours in which the calendar is open: the calendar of a team of the owner that has its own, or else the
    /// seller's.
    Working,
}

/// A number of hours, and which hours are counted.
#[derive(SimpleObject)]
#[graphql(name = "ServiceTime")]
pub struct ServiceTimeObject {
    /// The number of hours, of those that `counted` names.
    hours: i32,
    /// Which hours are counted.
    counted: HoursCounted,
}

impl From<ServiceTime> for ServiceTimeObject {
    fn from(time: ServiceTime) -> Self {
        let counted = if time.working { HoursCounted::Working } else { HoursCounted::Clock };
        Self { hours: int(time.hours.into()), counted }
    }
}

/// The times of a service level: how soon the customer hears from the seller, how soon the owner has to act, and how
/// soon a partner has to accept a task.
#[derive(SimpleObject)]
#[graphql(name = "ServiceTimes")]
pub struct ServiceTimesObject {
    /// Within this time after the case was opened the customer hears from the owner.
    first_contact: ServiceTimeObject,
    /// Within this time after a contact the customer hears from the owner again; null when it is the same as
    /// `firstContact`.
    next_contact: Option<ServiceTimeObject>,
    /// Within this time a customer who writes gets a reply; null when no timer is set.
    reply: Option<ServiceTimeObject>,
    /// Within this time after the case was opened the company gives its answer; null when no timer is set. Only this
    /// time can be paused (`pauseAnswer`).
    answer: Option<ServiceTimeObject>,
    /// After this time without an act of the owner an escalation goes to the owner's lead.
    owner_acts: ServiceTimeObject,
    /// Within this time a partner accepts or declines a task that has no `acceptBy` of its own; null means 24 hours by
    /// the clock.
    partner_accepts: Option<ServiceTimeObject>,
}

impl From<&ServiceTimes> for ServiceTimesObject {
    fn from(times: &ServiceTimes) -> Self {
        Self {
            first_contact: times.first_contact.into(),
            next_contact: times.next_contact.map(Into::into),
            reply: times.reply.map(Into::into),
            answer: times.answer.map(Into::into),
            owner_acts: times.owner_acts.into(),
            partner_accepts: times.partner_accepts.map(Into::into),
        }
    }
}

/// A number of hours, and which hours are counted.
#[derive(InputObject, Clone, Copy)]
pub struct ServiceTimeInput {
    /// The number of hours; at least 1. The upper limit is stated where the time is used.
    hours: i32,
    /// Which hours are counted; `CLOCK` when left out.
    #[graphql(default)]
    counted: HoursCounted,
}

impl From<ServiceTimeInput> for ServiceTime {
    fn from(input: ServiceTimeInput) -> Self {
        // A number below one becomes zero here. It is refused later, with the name of the field.
        Self { hours: u32::try_from(input.hours).unwrap_or(0), working: input.counted == HoursCounted::Working }
    }
}

/// Times of a service level or of a seller to set. A time that is left out stays as it is; in `setServiceLevel` it is
/// removed, or gets its default.
#[derive(InputObject, Clone, Default)]
pub struct ServiceTimesInput {
    /// Within this time after the case was opened the customer hears from the owner; 1 to 720 hours.
    first_contact: Option<ServiceTimeInput>,
    /// Within this time after a contact the customer hears from the owner again; 1 to 720 hours. Null: the same as
    /// `firstContact`.
    next_contact: MaybeUndefined<ServiceTimeInput>,
    /// Within this time a customer who writes gets a reply; 1 to 720 hours. Null: no timer is set.
    reply: MaybeUndefined<ServiceTimeInput>,
    /// Within this time after the case was opened the company gives its answer; 1 to 8,784 hours. Null: no timer is
    /// set.
    answer: MaybeUndefined<ServiceTimeInput>,
    /// After this time without an act of the owner an escalation goes to the owner's lead; 1 to 2,160 hours.
    owner_acts: Option<ServiceTimeInput>,
    /// Within this time a partner accepts or declines a task that has no `acceptBy` of its own; 1 to 720 hours. Null:
    /// 24 hours by the clock.
    partner_accepts: MaybeUndefined<ServiceTimeInput>,
}

#[expect(clippy::option_option, reason = "left out, taken away, given: three cases")]
fn change(given: MaybeUndefined<ServiceTimeInput>) -> Option<Option<ServiceTime>> {
    match given {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(input) => Some(Some(input.into())),
    }
}

/// The changes that an input makes to times. `first_contact_hours` and `owner_idle_hours` are a short form, in hours by
/// the clock, of two of the times; the times in `input` take precedence.
#[must_use]
pub fn times_change(
    input: Option<ServiceTimesInput>,
    first_contact_hours: Option<i32>,
    owner_idle_hours: Option<i32>,
) -> TimesChange {
    let by_the_clock = |hours: i32| ServiceTimeInput { hours, counted: HoursCounted::Clock };
    let input = input.unwrap_or_default();
    TimesChange {
        first_contact: input.first_contact.or(first_contact_hours.map(by_the_clock)).map(Into::into),
        next_contact: change(input.next_contact),
        reply: change(input.reply),
        answer: change(input.answer),
        owner_acts: input.owner_acts.or(owner_idle_hours.map(by_the_clock)).map(Into::into),
        partner_accepts: change(input.partner_accepts),
    }
}

/// A service level: a named set of times within which customers hear from a seller. A case gets one by a rule, or by
/// its category and priority; otherwise the seller's own times apply.
#[derive(Clone)]
pub struct ServiceLevel(pub service_level::Model);

impl From<service_level::Model> for ServiceLevel {
    fn from(row: service_level::Model) -> Self {
        Self(row)
    }
}

/// A service level: a named set of times within which customers hear from a seller. A case gets one by a rule, or by
/// its category and priority; otherwise the seller's own times apply.
#[Object]
impl ServiceLevel {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique at the seller.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Within how many hours after the case was opened the customer hears from the owner; `times` says which hours are
    /// counted.
    async fn first_contact_hours(&self) -> i32 {
        int(self.0.times.first_contact.hours.into())
    }

    /// After how many hours without an act of the owner an escalation goes to the owner's lead; `times` says which
    /// hours are counted.
    async fn owner_idle_hours(&self) -> i32 {
        int(self.0.times.owner_acts.hours.into())
    }

    /// All times of the service level.
    async fn times(&self) -> ServiceTimesObject {
        ServiceTimesObject::from(&self.0.times)
    }

    /// Cases of this priority get this service level unless a rule gives them another; null when the priority does not
    /// matter.
    async fn priority(&self) -> Option<Priority> {
        self.0.priority
    }

    /// Cases of this category, or of one below it, get this service level unless a rule gives them another; null when
    /// the category does not matter. Without a category and a priority, only rules give this service level.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }
}

/// Creates a service level, or replaces the content of one.
#[derive(InputObject)]
pub struct SetServiceLevelInput {
    /// The seller that the service level belongs to.
    seller_id: ID,
    /// The service level whose content is replaced; left out to create one.
    service_level_id: Option<ID>,
    /// The name, unique at the seller; 1 to 200 characters.
    name: String,
    /// Within how many hours by the clock after the case was opened the customer hears from the owner; 1 to 720. 24
    /// when neither this nor `times.firstContact` is given.
    first_contact_hours: Option<i32>,
    /// After how many hours by the clock without an act of the owner an escalation goes to the owner's lead; 1 to
    /// 2,160. 72 when neither this nor `times.ownerActs` is given.
    owner_idle_hours: Option<i32>,
    /// All times of the service level; they replace the times that it had. A time that is left out is removed, and
    /// `firstContact` and `ownerActs` get their default.
    times: Option<ServiceTimesInput>,
    /// Cases of this priority get this service level unless a rule gives them another.
    priority: Option<Priority>,
    /// Cases of this category, or of one below it, get this service level unless a rule gives them another. When
    /// several service levels fit, the one with the nearest category is used, and among those the one with the
    /// priority. At most 200 characters.
    category: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the service level that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setServiceLevel`.
    SetServiceLevelPayload {
        /// The service level as it is now; null when nothing was changed.
        service_level: ServiceLevel
    }
}

/// Mutations of service levels.
#[derive(Default)]
pub struct LevelMutation;

#[Object]
impl LevelMutation {
    /// Creates a service level, or replaces the content of one. Running timers of cases that have it are then counted
    /// anew in the background (`Seller.recounts`); the time that a customer was given for the next contact never
    /// becomes later by that. For administrators.
    async fn set_service_level(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The service level and its content.")] input: SetServiceLevelInput,
    ) -> Result<SetServiceLevelPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let level = input.service_level_id.as_ref().map(|text| id::<ServiceLevelId>(text, "serviceLevelId"));
            let shape = LevelShape {
                name: input.name.clone(),
                times: times_change(input.times.clone(), input.first_contact_hours, input.owner_idle_hours)
                    .of(&Settings::default().times),
                priority: input.priority,
                category: input.category.clone(),
            };
            set(work, seller, level.transpose()?, &shape).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for ServiceLevelId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = ctx.loaders().levels.one(self).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.seller_id, Node::ServiceLevel(ServiceLevel(row)))))
    }
}
