//! Lists of values about who acts, and what they may do.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// What a member of staff may do beyond reading the seller's cases. Each role includes the one before it.
    Role {
        /// Acts on the cases that they own.
        Owner = "OWNER",
        /// Also acts on every case of the same seller, reassigns cases, sets colleagues' availability and tries rules.
        Manager = "MANAGER",
        /// Also creates and changes staff, teams, partners, widgets, systems and rule sets of the same seller, and
        /// changes the seller itself.
        Administrator = "ADMINISTRATOR",
        /// Also creates sellers, and administers every seller of this service, but reads no other seller's cases. Only
        /// a platform administrator can give and take this role.
        PlatformAdministrator = "PLATFORM_ADMINISTRATOR",
    }

    /// What an API client may do.
    ApiScope {
        /// Read its partner's tasks and follow their events.
        TasksRead = "TASKS_READ",
        /// Accept, update, complete, decline and assign its partner's tasks.
        TasksWrite = "TASKS_WRITE",
        /// Forward complaints that reached its partner first.
        ComplaintsWrite = "COMPLAINTS_WRITE",
        /// Hand in e-mails for its seller.
        EmailWrite = "EMAIL_WRITE",
        /// Log telephone calls for its seller.
        CallsWrite = "CALLS_WRITE",
        /// Log letters for its seller: on paper, by fax, or passed on by others.
        LettersWrite = "LETTERS_WRITE",
        /// Log visits for its seller.
        VisitsWrite = "VISITS_WRITE",
        /// Read its seller's cases and directory, and follow the events of the cases.
        CasesRead = "CASES_READ",
    }

    /// The kind of party that did something.
    PartyKind {
        /// The customer, or somebody who used a complaint form.
        Customer = "CUSTOMER",
        /// A member of the seller's staff.
        Staff = "STAFF",
        /// A person at a partner.
        Partner = "PARTNER",
        /// A system (an API client) of the seller or of a partner, such as a mail gateway or a telephone exchange.
        Client = "CLIENT",
        /// The service itself, for example when a timer has run out.
        System = "SYSTEM",
        /// An import: the record comes from another system, with the times that it has there.
        Import = "IMPORT",
    }
}
