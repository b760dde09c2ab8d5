//! Lists of values about messages.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// Whether a customer's message only thanks.
    Thanks {
        /// It only thanks: a closed case stays closed, and no letter answers it.
        Only = "ONLY",
        /// It thanks and may say something more: a closed case is opened again, so that a person looks at it.
        Perhaps = "PERHAPS",
    }

    /// Who may read a message.
    Visibility {
        /// The customer and the seller's staff may read it.
        Customer = "CUSTOMER",
        /// Only the seller's staff may read it.
        Internal = "INTERNAL",
    }
}
