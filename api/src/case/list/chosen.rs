//! What the ids in a filter stand for. Only people and things of the seller count: an id of another seller's chooses
//! nothing, and no index is read for it.

use std::collections::BTreeSet;

use entity::id::{CategoryId, CustomerId, PartnerId, SellerId, StaffId, TeamId};
use entity::{category, customer, partner, staff, team_member};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::kit::db::Db;

macro_rules! of_the_seller {
    ($($(#[$doc:meta])* $name:ident: $entity:ident, $given:ty, $by:ident -> $id:ty, $column:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// When the store cannot be read.
        pub async fn $name(db: &Db, seller: SellerId, given: BTreeSet<$given>) -> Result<BTreeSet<$id>, DbErr> {
            let rows: Vec<$id> = $entity::Entity::find()
                .select_only()
                .column($entity::Column::$column)
                .filter($entity::Column::$by.is_in(given))
                .filter($entity::Column::SellerId.eq(seller))
                .into_tuple()
                .all(db)
                .await?;
            Ok(rows.into_iter().collect())
        }
    )*};
}

of_the_seller! {
    /// Those of these people who are staff of the seller.
    staff: staff, StaffId, Id -> StaffId, Id;
    /// The people in these teams of the seller.
    members: team_member, TeamId, TeamId -> StaffId, StaffId;
    /// Those of these customers who are the seller's.
    customers: customer, CustomerId, Id -> CustomerId, Id;
    /// Those of these partners who are the seller's.
    partners: partner, PartnerId, Id -> PartnerId, Id;
}

/// The names of these categories of the seller and of all below them, in the form in which names are compared.
///
/// # Errors
/// When the store cannot be read.
pub async fn branches(db: &Db, seller: SellerId, from: &BTreeSet<CategoryId>) -> Result<BTreeSet<String>, DbErr> {
    let all = category::Entity::find().filter(category::Column::SellerId.eq(seller)).all(db).await?;
    let mut branch: BTreeSet<CategoryId> = BTreeSet::new();
    let mut names = BTreeSet::new();
    loop {
        let known = branch.len();
        for row in &all {
            let below = row.parent_id.is_some_and(|parent| branch.contains(&parent));
            if (below || from.contains(&row.id)) && branch.insert(row.id) {
                names.insert(row.folded.clone());
            }
        }
        if branch.len() == known {
            return Ok(names);
        }
    }
}
