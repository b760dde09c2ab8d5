//! The actor: the party that acts or reads. `access` makes it from a credential, and every act and read has one.

#![expect(missing_docs, reason = "a field is named after what it holds")]

use entity::id::{ApiClientId, CaseId, CustomerId, PartnerContactId, PartnerId, SellerId, StaffId, WidgetId};
use entity::kind::{ApiScope, PartyKind, Role};
use uuid::Uuid;

/// A set of scopes: what an API client may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// The set of these scopes.
    #[must_use]
    pub fn of(scopes: &[ApiScope]) -> Self {
        Self(scopes.iter().fold(0, |bits, scope| bits | Self::bit(*scope)))
    }

    /// Whether this scope is in the set.
    #[must_use]
    pub fn has(self, scope: ApiScope) -> bool {
        self.0 & Self::bit(scope) != 0
    }

    /// The scopes that are in both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The scopes of the set, in the order of [`ApiScope::ALL`].
    pub fn each(self) -> impl Iterator<Item = ApiScope> {
        ApiScope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }

    /// The set as a number, to be sealed into a token.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set for a number that [`Scopes::bits`] returned.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    const fn bit(scope: ApiScope) -> u8 {
        1 << scope as u8
    }
}

/// The person or system that acts for a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Agent {
    /// A contact person at the partner.
    Person(PartnerContactId),
    /// A system of the partner, with its scopes.
    System(ApiClientId, Scopes),
}

/// What a customer's tracking token opens. A token never comes to open more than when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Its own case. A form got it in its receipt, or a letter carried it to an address that staff added.
    Case,
    /// Its own case. A member of staff was shown it, and could have written with it.
    Shown,
    /// Also the customer's other cases. Only letters to the address by which the customer is known carried it.
    Customer,
}

/// The actor, with the seller at which it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A caller without a credential.
    Anonymous,
    /// A complaint form on a web page.
    Widget { id: WidgetId, seller: SellerId },
    /// The customer of a case, identified by a tracking token.
    Customer { id: CustomerId, case: CaseId, seller: SellerId, reach: Reach },
    /// A member of a seller's staff.
    Staff { id: StaffId, seller: SellerId, role: Role },
    /// A person or system at a partner.
    Partner { by: Agent, partner: PartnerId, seller: SellerId },
    /// A system of a seller, with its scopes.
    Client { id: ApiClientId, seller: SellerId, scopes: Scopes },
    /// The service itself.
    System,
    /// An import of a seller's records from another system.
    Import { seller: SellerId },
}

impl Actor {
    /// The party that is stored with events, messages and ownership periods.
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

    /// The seller that this actor belongs to.
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

    /// The actor without its scopes, because a request that is repeated with a newer token is the same request.
    #[must_use]
    pub fn without_scopes(self) -> Self {
        let scopes = Scopes::default();
        match self {
            Self::Client { id, seller, .. } => Self::Client { id, seller, scopes },
            Self::Partner { by: Agent::System(id, _), partner, seller } => {
                Self::Partner { by: Agent::System(id, scopes), partner, seller }
            }
            other => other,
        }
    }

    /// Whether the actor is a system without this scope.
    #[must_use]
    pub fn lacks(self, scope: ApiScope) -> bool {
        match self {
            Self::Client { scopes, .. } | Self::Partner { by: Agent::System(_, scopes), .. } => !scopes.has(scope),
            _ => false,
        }
    }

    /// The id of the member of staff, if the actor is one.
    #[must_use]
    pub fn staff(self) -> Option<StaffId> {
        match self {
            Self::Staff { id, .. } => Some(id),
            _ => None,
        }
    }
}
