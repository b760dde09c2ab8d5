//! An account at an identity provider with which a member of staff or a partner's person signs in.

use sea_orm::entity::prelude::*;

use crate::id::{PartnerContactId, StaffId};

/// One row. It has a member of staff or a partner's person, not both.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in")]
pub struct Model {
    /// The issuer, as the configuration names it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer: String,
    /// The issuer's name for the person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub staff_id: Option<StaffId>,
    pub partner_contact_id: Option<PartnerContactId>,
    pub linked_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
