//! The party that did something, as staff see it.

use async_graphql::{Context, Object, Result};
use entity::id::{ApiClientId, CustomerId, PartnerContactId, StaffId};
use entity::kind::PartyKind;
use uuid::Uuid;

use super::context::{ContextExt, read_error};
use super::staff::Staff;
use crate::access::table::{Action, may, to_directory};

/// The party that did something.
pub struct Party {
    kind: PartyKind,
    id: Option<Uuid>,
}

impl Party {
    /// The party that a row names by its kind and id.
    #[must_use]
    pub fn new(kind: PartyKind, id: Option<Uuid>) -> Self {
        Self { kind, id }
    }
}

/// The party that did something.
#[Object]
impl Party {
    /// The kind of the party.
    async fn kind(&self) -> PartyKind {
        self.kind
    }

    /// The name of the party; null for the service itself, for a form, for what was imported, and for a customer who
    /// gave no name.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(id) = self.id else { return Ok(None) };
        let loaders = ctx.loaders();
        let name = match self.kind {
            PartyKind::Staff => loaders.people.one(StaffId(id)).await.map(|row| row.map(|row| row.name)),
            PartyKind::Partner => loaders.contacts.one(PartnerContactId(id)).await.map(|row| row.map(|row| row.name)),
            PartyKind::Client => loaders.clients.one(ApiClientId(id)).await.map(|row| row.map(|row| row.name)),
            PartyKind::Customer => loaders.customers.one(CustomerId(id)).await.map(|row| row.and_then(|row| row.name)),
            PartyKind::System | PartyKind::Import => Ok(None),
        };
        name.map_err(read_error)
    }

    /// The member of staff; null when the party is of another kind, and for whoever is not of the seller's staff.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        let (PartyKind::Staff, Some(id)) = (self.kind, self.id) else { return Ok(None) };
        let found = ctx.loaders().people.one(StaffId(id)).await.map_err(read_error)?;
        let seen = found.filter(|row| may(to_directory(ctx.actor(), row.seller_id), Action::ReadDirectory));
        Ok(seen.map(Staff))
    }
}
