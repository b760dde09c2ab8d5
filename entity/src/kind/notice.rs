//! Lists of values about what staff are told by mail.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// What a member of staff is told of.
    NoticeKind {
        /// A case became theirs.
        Assigned = "ASSIGNED",
        /// A colleague offers them a case, or has declined the one that they offered.
        Handover = "HANDOVER",
        /// Something about a case is late, or soon will be, and they are to see to it.
        Escalated = "ESCALATED",
        /// The customer of their case wrote, called in vain, or asked for news.
        CustomerWrote = "CUSTOMER_WROTE",
        /// A letter did not reach the customer of their case, who must be called.
        CallCustomer = "CALL_CUSTOMER",
        /// Something that the customer of their case was promised is due on the next working day.
        CommitmentTomorrow = "COMMITMENT_TOMORROW",
        /// A partner did something about a task of their case, or is late with it.
        Task = "TASK",
    }

    /// When a member of staff is told.
    NoticeTiming {
        /// At once while they are at work, otherwise when they are at work again.
        AtOnce = "AT_ONCE",
        /// In one summary when their next working day begins.
        Daily = "DAILY",
        /// Not by mail.
        Never = "NEVER",
    }
}
