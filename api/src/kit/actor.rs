//! Who is acting. Made from a credential by `access`, carried by every act and every read.

#![expect(missing_docs, reason = "a field is named after what it holds")]

use entity::id::{ApiClientId, CaseId, CustomerId, PartnerContactId, PartnerId, SellerId, StaffId, WidgetId};
use entity::kind::{ApiScope, PartyKind, Role};
use uuid::Uuid;

/// What an API client may do, as a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// These.
    #[must_use]
    pub fn of(scopes: &[ApiScope]) -> Self {
        Self(scopes.iter().fold(0, |bits, scope| bits | Self::bit(*scope)))
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(self, scope: ApiScope) -> bool {
        self.0 & Self::bit(scope) != 0
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Each of them, in the order of the list.
    pub fn each(self) -> impl Iterator<Item = ApiScope> {
        ApiScope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }

    /// As a number, to be sealed.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// What [`Scopes::bits`] gave.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    const fn bit(scope: ApiScope) -> u8 {
        1 << scope as u8
    }
}

/// Who acts for a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Agent {
    /// A person there.
    Person(PartnerContactId),
    /// A system of theirs, and what it may do.
    System(ApiClientId, Scopes),
}

/// Who is acting, and at whose seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Nobody we know.
    Anonymous,
    /// A complaint form on a page.
    Widget { id: WidgetId, seller: SellerId },
    /// The customer of one case, by its tracking token; it may be one that staff were shown.
    Customer { id: CustomerId, case: CaseId, seller: SellerId, shown: bool },
    /// A member of a seller's staff.
    Staff { id: StaffId, seller: SellerId, role: Role },
    /// Somebody or something at a partner.
    Partner { by: Agent, partner: PartnerId, seller: SellerId },
    /// A seller's system, and what it may do.
    Client { id: ApiClientId, seller: SellerId, scopes: Scopes },
    /// The service itself.
    System,
    /// An import of a seller's records from another system.
    Import { seller: SellerId },
}

impl Actor {
    /// The party that events, messages and periods name.
    #[must_use]
    pub fn party(self) -> (PartyKind, Option<Uuid>) {
        match self {
            Self::Anonymous | Self::System => (PartyKind::System, None),
            Self::Import { .. } => (PartyKind::Import, None),
            Self::Widget { .. } => (PartyKind::Customer, None),
            Self::Customer { id, .. } => (PartyKind::Customer, Some(id.0)),
            Self::Staff { id, .. } => (PartyKind::Staff, Some(id.0)),
            Self::Partner { by: Agent::Person(contact), .. } => (PartyKind::Partner, Some(contact.0)),
            Self::Partner { by: Agent::System(id, _), .. } | Self::Client { id, .. } => (PartyKind::Client, Some(id.0)),
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
            | Self::Client { seller, .. }
            | Self::Import { seller } => Some(seller),
        }
    }

    /// The same, whatever its token may do: a request repeated with a newer token is the same request.
    #[must_use]
    pub fn whatever_it_may(self) -> Self {
        let scopes = Scopes::default();
        match self {
            Self::Client { id, seller, .. } => Self::Client { id, seller, scopes },
            Self::Partner { by: Agent::System(id, _), partner, seller } => {
                Self::Partner { by: Agent::System(id, scopes), partner, seller }
            }
            other => other,
        }
    }

    /// Whether a system acts that was not given this scope.
    #[must_use]
    pub fn lacks(self, scope: ApiScope) -> bool {
        match self {
            Self::Client { scopes, .. } | Self::Partner { by: Agent::System(_, scopes), .. } => !scopes.has(scope),
            _ => false,
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
