//! Where fetching a mailbox's mail stopped, and whether it works.

use sea_orm::entity::prelude::*;

use crate::id::MailboxId;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fetching")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mailbox_id: MailboxId,
    /// Account and folder.
    pub source: String,
    /// Which numbers the folder's mails have; none before it was first opened.
    pub uid_validity: Option<i64>,
    pub last_uid: i64,
    pub began_at: Option<DateTimeUtc>,
    /// When all that it held had been taken; written when something was.
    pub looked_at: Option<DateTimeUtc>,
    pub failing_since: Option<DateTimeUtc>,
    pub failure: Option<String>,
    /// The accountable person knows that it fails.
    pub told: bool,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
