//! The party that did something: who it was, and the object that stands for them.

use async_graphql::{Context, Interface, Object, Result};
use entity::id::{ApiClientId, CustomerId, PartnerContactId, SellerId, StaffId};
use entity::kind::PartyKind;
use entity::partner;
use uuid::Uuid;

use super::client::ApiClient;
use super::context::{ContextExt, read_error};
use super::customer::Customer;
use super::partner::PartnerContact;
use super::staff::Staff;
use crate::access::table::{Action, at_seller, may, to_directory, to_partner};

/// The party that did something.
#[derive(Interface)]
#[graphql(
    field(name = "kind", ty = "PartyKind", desc = "The kind of the party."),
    field(
        name = "name",
        ty = "Result<Option<String>>",
        desc = "The name of the party; null for the service itself, for a form, for what was imported, and for a customer who gave no name."
    )
)]
#[expect(missing_docs, reason = "each type says which party it is")]
pub enum Party {
    CustomerParty(CustomerParty),
    StaffParty(StaffParty),
    PartnerParty(PartnerParty),
    ApiClientParty(ApiClientParty),
    ServiceParty(ServiceParty),
}

impl Party {
    /// The party that a row names by its kind and id.
    #[must_use]
    pub fn new(kind: PartyKind, id: Option<Uuid>) -> Self {
        match kind {
            PartyKind::Customer => Self::CustomerParty(CustomerParty(id.map(CustomerId))),
            PartyKind::Staff => Self::StaffParty(StaffParty(id.map(StaffId))),
            PartyKind::Partner => Self::PartnerParty(PartnerParty(id.map(PartnerContactId))),
            PartyKind::Client => Self::ApiClientParty(ApiClientParty(id.map(ApiClientId))),
            PartyKind::System | PartyKind::Import => Self::ServiceParty(ServiceParty(kind)),
        }
    }
}

/// Whether the viewer may read the directory of this seller.
fn reads_directory(ctx: &Context<'_>, seller: SellerId) -> bool {
    may(to_directory(ctx.actor(), seller), Action::ReadDirectory)
}

async fn partner_of(ctx: &Context<'_>, row: &entity::partner_contact::Model) -> Result<Option<partner::Model>> {
    ctx.loaders().partners.one(row.partner_id).await.map_err(read_error)
}

/// Defines the type of a party: its kind, its id, how its row is loaded, and the object that stands for it.
macro_rules! parties {
    ($($(#[$doc:meta])* $type:ident($id:ty) is $kind:ident, from $loader:ident, named $name:expr, {
        $(#[$link_doc:meta])* $link:ident: $object:ident, $row:ident, $ctx:ident if $seen:expr
    })*) => {$(
        $(#[$doc])*
        pub struct $type(Option<$id>);

        $(#[$doc])*
        #[Object]
        impl $type {
            /// The kind of the party.
            pub(in crate::graphql) async fn kind(&self) -> PartyKind {
                PartyKind::$kind
            }

            /// The name of the party; null for the service itself, for a form, for what was imported, and for a
            /// customer who gave no name.
            pub(in crate::graphql) async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
                let Some(id) = self.0 else { return Ok(None) };
                let row = ctx.loaders().$loader.one(id).await.map_err(read_error)?;
                Ok(row.and_then($name))
            }

            $(#[$link_doc])*
            async fn $link(&self, $ctx: &Context<'_>) -> Result<Option<$object>> {
                let Some(id) = self.0 else { return Ok(None) };
                let Some($row) = $ctx.loaders().$loader.one(id).await.map_err(read_error)? else { return Ok(None) };
                Ok(if $seen { Some($object($row)) } else { None })
            }
        }
    )*};
}

parties! {
    /// A customer, or somebody who used a complaint form.
    CustomerParty(CustomerId) is Customer, from customers, named |row| row.name, {
        /// The customer; null for somebody who used a form, and for whoever is not of the seller's staff.
        customer: Customer, row, ctx if may(at_seller(ctx.actor(), row.seller_id), Action::SetCustomerTier)
    }
    /// A member of the seller's staff.
    StaffParty(StaffId) is Staff, from people, named |row| Some(row.name), {
        /// The member of staff; null for whoever may not read the seller's directory.
        staff: Staff, row, ctx if reads_directory(ctx, row.seller_id)
    }
    /// A person at a partner.
    PartnerParty(PartnerContactId) is Partner, from contacts, named |row| Some(row.name), {
        /// The person at the partner; null for whoever may neither read the seller's directory nor belongs to the
        /// partner.
        partner_contact: PartnerContact, row, ctx if match partner_of(ctx, &row).await? {
            Some(partner) => may(to_partner(ctx.actor(), &partner), Action::ReadPerformance),
            None => false,
        }
    }
    /// A system (an API client) of the seller or of a partner.
    ApiClientParty(ApiClientId) is Client, from clients, named |row| Some(row.name), {
        /// The system; null for whoever may not read the seller's directory.
        api_client: ApiClient, row, ctx if reads_directory(ctx, row.seller_id)
    }
}

/// The service itself, for example when a timer has run out, or an import.
pub struct ServiceParty(PartyKind);

/// The service itself, for example when a timer has run out, or an import.
#[Object]
impl ServiceParty {
    /// The kind of the party.
    pub(in crate::graphql) async fn kind(&self) -> PartyKind {
        self.0
    }

    /// The name of the party; null for the service itself, for a form, for what was imported, and for a customer who
    /// gave no name.
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    pub(in crate::graphql) async fn name(&self) -> Result<Option<String>> {
        Ok(None)
    }
}
