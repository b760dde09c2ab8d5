//! The state of fetching a mailbox's mail by IMAP: how far it has come, and whether it fails.

use sea_orm::entity::prelude::*;

use crate::id::MailboxId;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fetching")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mailbox_id: MailboxId,
    /// The account and folder that mail is fetched from.
    pub source: String,
    /// The UIDVALIDITY of the folder, without which its UIDs mean nothing. NULL before it was first opened.
    pub uid_validity: Option<i64>,
    pub last_uid: i64,
    pub began_at: Option<DateTimeUtc>,
    /// When everything in the folder had last been fetched. Written only when something was fetched.
    pub looked_at: Option<DateTimeUtc>,
    pub failing_since: Option<DateTimeUtc>,
    pub failure: Option<String>,
    /// Whether the accountable person got a letter that it fails.
    pub told: bool,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
