//! Who is acting. Made from a credential by `access`, carried by every act and every read.

#![expect(missing_docs, reason = "a field is named after what it holds")]

use entity::id::{ApiClientId, CaseId, CustomerId, PartnerContactId, PartnerId, SellerId, StaffId, WidgetId};
use entity::kind::{PartyKind, Role};
use uuid::Uuid;

/// Who is acting, and at whose seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Nobody we know.
    Anonymous,
    /// A complaint form on a page.
    Widget { id: WidgetId, seller: SellerId },
    /// The customer of one case, by its tracking token.
    Customer { id: CustomerId, case: CaseId, seller: SellerId },
    /// A member of a seller's staff.
    Staff { id: StaffId, seller: SellerId, role: Role },
    /// A person at a partner.
    Partner { contact: PartnerContactId, partner: PartnerId, seller: SellerId },
    /// A seller's system.
    Client { id: ApiClientId, seller: SellerId },
    /// The service itself.
    System,
}

impl Actor {
    /// The party that events, messages and periods name.
    #[must_use]
    pub fn party(self) -> (PartyKind, Option<Uuid>) {
        match self {
            Self::Anonymous | Self::System => (PartyKind::System, None),
            Self::Widget { .. } => (PartyKind::Customer, None),
            Self::Customer { id, .. } => (PartyKind::Customer, Some(id.0)),
            Self::Staff { id, .. } => (PartyKind::Staff, Some(id.0)),
            Self::Partner { contact, .. } => (PartyKind::Partner, Some(contact.0)),
            Self::Client { id, .. } => (PartyKind::Client, Some(id.0)),
        }
    }

    /// The seller this actor belongs to.
    #[must_use]
    pub fn seller(self) -> Option<SellerId> {
        match self {
            Self::Anonymous | Self::System => None,
            Self::Widget { seller, .. }
            | Self::Customer { seller, .. }
            | Self::Staff { seller, .. }
            | Self::Partner { seller, .. }
            | Self::Client { seller, .. } => Some(seller),
        }
    }

    /// The member of staff this is, if it is one.
    #[must_use]
    pub fn staff(self) -> Option<StaffId> {
        match self {
            Self::Staff { id, .. } => Some(id),
            _ => None,
        }
    }
}
