//! Lists of values about who owns a case.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// Why an ownership period began.
    OwnershipReason {
        /// Routing chose this owner when the case was opened.
        Routed = "ROUTED",
        /// A manager had the case routed again, with a reason, and routing chose this owner.
        RoutedAgain = "ROUTED_AGAIN",
        /// A manager reassigned the case, with a reason.
        Reassigned = "REASSIGNED",
        /// The previous owner offered a hand-over, and this owner accepted it.
        HandedOver = "HANDED_OVER",
        /// The previous owner left the company, and routing chose this owner.
        OwnerLeft = "OWNER_LEFT",
        /// The case was merged into another case and got that case's owner.
        Merged = "MERGED",
        /// The merger of the case into another case was undone.
        Unmerged = "UNMERGED",
    }
}
