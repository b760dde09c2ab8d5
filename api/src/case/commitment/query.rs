//! Reads of commitments.

use entity::commitment;
use entity::id::CaseId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

/// The commitments of a case, in the order in which they were made.
#[must_use]
pub fn of_case(id: CaseId) -> Select<commitment::Entity> {
    commitment::Entity::find()
        .filter(commitment::Column::CaseId.eq(id))
        .order_by_asc(commitment::Column::MadeAt)
        .order_by_asc(commitment::Column::Id)
}
