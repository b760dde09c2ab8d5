//! A person at a partner.

use sea_orm::entity::prelude::*;

use crate::id::{PartnerContactId, PartnerId};
use crate::kind::Language;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_contact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerContactId,
    /// Incremented by every change.
    pub version: i64,
    pub partner_id: PartnerId,
    pub name: String,
    pub email: String,
    /// The language of what the service writes to them.
    pub language: Language,
    /// Whether they get mails about their company's tasks, with a link to a page where they answer.
    pub tasks_by_mail: bool,
    pub active: bool,
    /// The last event of the seller's feed that they may read, set when their access ends. NULL: no limit.
    pub ended_seq: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
