//! Lists of values about what staff are told by mail.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// The subject of a notice to a member of staff.
    NoticeKind {
        /// They became the owner of a case.
        Assigned = "ASSIGNED",
        /// A colleague offers them a case, or has declined the one that they offered.
        Handover = "HANDOVER",
        /// An escalation went to them: something about a case is late, or soon will be.
        Escalated = "ESCALATED",
        /// The customer of their case wrote, called in vain, or asked for news.
        CustomerWrote = "CUSTOMER_WROTE",
        /// A letter did not reach the customer of their case, who must be called.
        CallCustomer = "CALL_CUSTOMER",
        /// A commitment to the customer of their case is due on the next working day.
        CommitmentTomorrow = "COMMITMENT_TOMORROW",
        /// A colleague mentioned them in a note.
        Mentioned = "MENTIONED",
        /// Something happened to a case that they watch.
        Watched = "WATCHED",
        /// A partner did something about a task of their case, or is late with it.
        Task = "TASK",
    }

    /// When a notice is mailed.
    NoticeTiming {
        /// At once while they are at work, otherwise when they are at work again.
        AtOnce = "AT_ONCE",
        /// In one summary when their next working day begins.
        Daily = "DAILY",
        /// Never: no mail is sent for this kind of notice.
        Never = "NEVER",
    }
}
