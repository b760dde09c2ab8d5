//! Closed lists of values, each written once: the database stores the same words that the API shows.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $value:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize,
            Deserialize,
        )]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                $(#[$vdoc])*
                #[sea_orm(string_value = $value)]
                #[serde(rename = $value)]
                $variant,
            )*
        }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word the database and the API use.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)*
                }
            }
        }
    )*};
}

kinds! {
    /// How a complaint reached the company.
    Channel {
        /// A form on a page.
        Web = "WEB",
        /// An e-mail.
        Email = "EMAIL",
        /// A telephone call.
        Phone = "PHONE",
    }

    /// A language that customers and staff read.
    Language {
        /// Swedish.
        Sv = "SV",
        /// English.
        En = "EN",
    }

    /// What a member of staff may do beyond reading the seller's cases. Each role includes the one before it.
    Role {
        /// Answers for cases.
        Owner = "OWNER",
        /// Also moves cases between people of the same seller.
        Manager = "MANAGER",
        /// Also creates and changes sellers, staff, teams, partners, widgets and rule sets, of every seller.
        Administrator = "ADMINISTRATOR",
    }

    /// How soon a case should be looked at.
    Priority {
        /// When there is time.
        Low = "LOW",
        /// In turn.
        Normal = "NORMAL",
        /// Before the others.
        High = "HIGH",
        /// Now.
        Urgent = "URGENT",
    }

    /// What the company does with a case. Read-only: named mutations move it.
    CaseStage {
        /// It has arrived and has its owner.
        Received = "RECEIVED",
        /// The customer has heard from the owner.
        Acknowledged = "ACKNOWLEDGED",
        /// The owner is finding out what happened; a partner may have a task.
        Investigating = "INVESTIGATING",
        /// The company has given its answer. A new message from the customer opens the case again.
        Closed = "CLOSED",
    }

    /// Where a partner's task stands. Read-only: named mutations move it.
    TaskStatus {
        /// Asked of the partner, not yet answered.
        Requested = "REQUESTED",
        /// The partner has taken it on.
        Accepted = "ACCEPTED",
        /// The partner has begun.
        InProgress = "IN_PROGRESS",
        /// The partner reports it done.
        Done = "DONE",
        /// The partner has refused it, with a reason for the owner.
        Declined = "DECLINED",
        /// The owner has taken it back.
        Withdrawn = "WITHDRAWN",
    }

    /// Why an ownership period began.
    OwnershipReason {
        /// The seller's rules named this owner when the case was opened.
        Routed = "ROUTED",
        /// A manager moved the case, with a reason.
        Reassigned = "REASSIGNED",
        /// The owner before left the company; the rules named the next.
        OwnerLeft = "OWNER_LEFT",
    }

    /// Who may read a message.
    Visibility {
        /// The customer and the seller's staff.
        Customer = "CUSTOMER",
        /// The seller's staff only.
        Internal = "INTERNAL",
    }

    /// The kind of party that did something.
    PartyKind {
        /// The customer.
        Customer = "CUSTOMER",
        /// A member of the seller's staff.
        Staff = "STAFF",
        /// A person at a partner.
        Partner = "PARTNER",
        /// A system of the seller's, such as a mail gateway or a telephone exchange.
        Client = "CLIENT",
        /// The service itself, by a rule.
        System = "SYSTEM",
    }
}
