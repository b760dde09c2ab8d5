//! Service levels.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use entity::id::{SellerId, ServiceLevelId};
use entity::json::{ServiceTime, ServiceTimes};
use entity::kind::Priority;
use entity::service_level;

use super::context::{act, id, int, to_id};
use super::error::payload;
use crate::directory::level::{LevelShape, TimesChange, set};
use crate::directory::seller::Settings;

/// Which hours of a service level count.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum HoursCounted {
    /// All, nights and holidays included.
    #[default]
    Clock,
    /// Those in which the calendar is open: of a team of the owner's that has one of its own, or else of the seller.
    Working,
}

/// A span of hours.
#[derive(SimpleObject)]
#[graphql(name = "ServiceTime")]
pub struct ServiceTimeObject {
    /// How many hours.
    hours: i32,
    /// Which hours count.
    counted: HoursCounted,
}

impl From<ServiceTime> for ServiceTimeObject {
    fn from(time: ServiceTime) -> Self {
        let counted = if time.working { HoursCounted::Working } else { HoursCounted::Clock };
        Self { hours: int(time.hours.into()), counted }
    }
}

/// How soon customers hear from a seller.
#[derive(SimpleObject)]
#[graphql(name = "ServiceTimes")]
pub struct ServiceTimesObject {
    /// Within this time after the opening the customer hears from the owner.
    first_contact: ServiceTimeObject,
    /// Within this time after a contact the customer hears from the owner again; null when it is `firstContact`.
    next_contact: Option<ServiceTimeObject>,
    /// Within this time a customer who writes has a reply; null when no clock runs.
    reply: Option<ServiceTimeObject>,
    /// Within this time after the opening the company gives its answer; null when no clock runs. Only this one can be paused
    /// (`pauseAnswer`).
    answer: Option<ServiceTimeObject>,
    /// After this time without an act of the owner the lead is told.
    owner_acts: ServiceTimeObject,
    /// Within this time a partner takes on a task that names no time of its own; null when it is 24 hours.
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

/// A span of hours.
#[derive(InputObject, Clone, Copy)]
pub struct ServiceTimeInput {
    /// How many hours; 1 or more.
    hours: i32,
    /// Which hours count.
    #[graphql(default)]
    counted: HoursCounted,
}

impl From<ServiceTimeInput> for ServiceTime {
    fn from(input: ServiceTimeInput) -> Self {
        // Less than one is refused with the field's name later.
        Self { hours: u32::try_from(input.hours).unwrap_or(0), working: input.counted == HoursCounted::Working }
    }
}

/// How soon customers hear from a seller. What is left out stays as it is; null takes a time away.
#[derive(InputObject, Clone, Default)]
pub struct ServiceTimesInput {
    /// Within this time after the opening the customer hears from the owner; 1 to 720 hours.
    first_contact: Option<ServiceTimeInput>,
    /// Within this time after a contact the customer hears from the owner again; 1 to 720 hours.
    next_contact: MaybeUndefined<ServiceTimeInput>,
    /// Within this time a customer who writes has a reply; 1 to 720 hours.
    reply: MaybeUndefined<ServiceTimeInput>,
    /// Within this time after the opening the company gives its answer; 1 to 8,784 hours.
    answer: MaybeUndefined<ServiceTimeInput>,
    /// After this time without an act of the owner the lead is told; 1 to 2,160 hours.
    owner_acts: Option<ServiceTimeInput>,
    /// Within this time a partner takes on a task that names no time of its own; 1 to 720 hours.
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

/// What an input changes about times; hours by the clock that were given beside it are the shorter way to say the same.
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

/// How soon customers hear from a seller, by name. A rule may give it to a case.
#[derive(Clone)]
pub struct ServiceLevel(pub service_level::Model);

impl From<service_level::Model> for ServiceLevel {
    fn from(row: service_level::Model) -> Self {
        Self(row)
    }
}

/// How soon customers hear from a seller, by name. A rule may give it to a case.
#[Object]
impl ServiceLevel {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique at the seller.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Within how many hours a customer hears from the owner; `times` says which hours count.
    async fn first_contact_hours(&self) -> i32 {
        int(self.0.times.first_contact.hours.into())
    }

    /// After how many hours without an act of the owner the lead is told; `times` says which hours count.
    async fn owner_idle_hours(&self) -> i32 {
        int(self.0.times.owner_acts.hours.into())
    }

    /// How soon customers hear from the seller.
    async fn times(&self) -> ServiceTimesObject {
        ServiceTimesObject::from(&self.0.times)
    }

    /// Cases of this priority have it where no rule gives them another; null for any.
    async fn priority(&self) -> Option<Priority> {
        self.0.priority
    }

    /// Cases of this category, or of one under it, have it where no rule gives them another; null for any.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }
}

/// Creates a service level, or gives one a new shape.
#[derive(InputObject)]
pub struct SetServiceLevelInput {
    /// Whose.
    seller_id: ID,
    /// Which one gets a new shape; a new one when left out.
    service_level_id: Option<ID>,
    /// The name, unique at the seller.
    name: String,
    /// Within how many hours by the clock a customer hears from the owner; 1 to 720. 24 when neither this nor
    /// `times.firstContact` is given.
    first_contact_hours: Option<i32>,
    /// After how many hours by the clock without an act of the owner the lead is told; 1 to 2,160. 72 when neither this nor
    /// `times.ownerActs` is given.
    owner_idle_hours: Option<i32>,
    /// How soon customers hear from the seller. The whole: what is left out has no clock.
    times: Option<ServiceTimesInput>,
    /// Cases of this priority have it where no rule gives them another.
    priority: Option<Priority>,
    /// Cases of this category, or of one under it, have it where no rule gives them another. The nearest category goes first,
    /// then the priority.
    category: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the service level has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setServiceLevel`.
    SetServiceLevelPayload {
        /// The service level as it is now.
        service_level: ServiceLevel
    }
}

/// Acts on service levels.
#[derive(Default)]
pub struct LevelMutation;

#[Object]
impl LevelMutation {
    /// Creates a service level, or gives one a new shape. Open clocks of cases that have it are counted anew in the background
    /// (`Seller.recounts`); no customer is told a later time than before. For administrators.
    async fn set_service_level(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and its hours.")] input: SetServiceLevelInput,
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
