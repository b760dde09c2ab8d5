//! Service levels.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{SellerId, ServiceLevelId};
use entity::service_level;

use super::context::{act, id, int, to_id};
use super::error::payload;
use crate::directory::level::{LevelShape, set};

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

    /// Within how many hours a customer hears from the owner; hours by the clock.
    async fn first_contact_hours(&self) -> i32 {
        self.0.first_contact_hours
    }

    /// After how many hours without an act of the owner the lead is told; hours by the clock.
    async fn owner_idle_hours(&self) -> i32 {
        self.0.owner_idle_hours
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
    /// Within how many hours a customer hears from the owner; 1 to 720.
    first_contact_hours: i32,
    /// After how many hours without an act of the owner the lead is told; 1 to 2,160.
    owner_idle_hours: i32,
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
    /// Creates a service level, or gives one a new shape; promises that were made stand. For administrators.
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
                first_contact_hours: input.first_contact_hours,
                owner_idle_hours: input.owner_idle_hours,
            };
            set(work, seller, level.transpose()?, &shape).await
        });
        Ok(done.await?.into())
    }
}
