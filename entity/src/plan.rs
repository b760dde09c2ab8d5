//! A version of the plan of a case: what the customer was told that happens next.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CustomerId, SellerId, StaffId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    /// The number of the version: 1, 2, 3 …
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub seller_id: SellerId,
    /// The customer to whom it was shown. Another customer who gets the case does not see it.
    pub customer_id: CustomerId,
    pub made_at: DateTimeUtc,
    pub made_by: StaffId,
    /// Why a step with a date was taken out, as the customer is told.
    pub reason: Option<String>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
