//! Lists of values about complaint forms.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// What kind of answer a question of a form asks for.
    QuestionKind {
        /// Any text; at most 2,000 characters.
        Text = "TEXT",
        /// One of the question's choices.
        Choice = "CHOICE",
        /// A day: 2026-11-02.
        Date = "DATE",
        /// A number, with a point or a comma: 12.5.
        Number = "NUMBER",
    }
}
