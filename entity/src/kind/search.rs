//! Lists of values about search.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// The kind of what a search found.
    SearchKind {
        /// A case, by its reference, order, subject, customer's name, category, product, tags or what the customer asks
        /// for.
        Case = "CASE",
        /// A customer, by name, e-mail address or telephone number.
        Customer = "CUSTOMER",
        /// A message on a case, or a note for colleagues.
        Message = "MESSAGE",
        /// A report: what the customer said, through whichever channel.
        Report = "REPORT",
        /// A letter to the customer.
        Letter = "LETTER",
        /// A partner's task, an update of it, or a message about it.
        Task = "TASK",
        /// A file, by its name.
        File = "FILE",
    }
}

/// The part of an object in which a search found words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum SearchField {
    /// The reference of the case: "C-2026-000123".
    Reference,
    /// The number of the order that the complaint is about.
    OrderReference,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The subject of a case, a report or a letter.
    Subject,
    /// The name of a customer.
    Name,
    /// The category of a case.
    Category,
    /// The product that a case is about.
    Product,
    /// A tag of a case.
    Tag,
    /// The title of a task.
    Title,
    /// The name of a file.
    FileName,
    /// What the customer of a case asks for.
    RemedySought,
    /// What a partner is asked to do in a task.
    Instructions,
    /// What a partner answered at the end of a task: the result, or why it declined.
    Answer,
    /// The words of a message, a note, a report, a letter or a task update.
    Text,
}
