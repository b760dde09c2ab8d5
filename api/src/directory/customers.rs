//! Lists of customers.

use chrono::{DateTime, Utc};
use entity::id::{CustomerId, SellerId};
use entity::{customer, customer_email, customer_phone};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::kit::db::Db;
use crate::kit::page::{List, Place};

/// The most customers with the same telephone number who are listed.
const MOST: u64 = 100;

/// A filter for customers. A customer must match every field that is given.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The customer with this e-mail address.
    pub email: Option<String>,
    /// The customers who gave this telephone number.
    pub phone: Option<String>,
    /// The name begins with this, in the form in which names are compared.
    pub name_prefix: Option<String>,
    /// The customer has this tier.
    pub tier: Option<String>,
    /// The customer was added after this time.
    pub created_after: Option<DateTime<Utc>>,
    /// The customer was added before this time.
    pub created_before: Option<DateTime<Utc>>,
}

/// The order of a list of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerOrder {
    /// By when they were added, the newest first.
    Newest,
    /// By name.
    Name,
}

impl CustomerOrder {
    /// The name by which a cursor knows that it belongs to this order.
    #[must_use]
    pub const fn list(self) -> List {
        match self {
            Self::Newest => List::named("customers newest"),
            Self::Name => List::named("customers name"),
        }
    }

    /// The columns of the order, and whether it goes downwards.
    #[must_use]
    pub const fn columns(self) -> ((customer::Column, customer::Column), bool) {
        match self {
            Self::Newest => ((customer::Column::CreatedAt, customer::Column::Id), true),
            Self::Name => ((customer::Column::NameKey, customer::Column::Id), false),
        }
    }

    /// The place of a customer in the list.
    #[must_use]
    pub fn place(self, row: &customer::Model) -> Place {
        match self {
            Self::Newest => Place::at(row.created_at, row.id.0),
            Self::Name => Place::named(row.name_key.as_deref().unwrap_or_default(), row.id.0),
        }
    }
}

impl Filter {
    /// The order of the list: by name when the filter is by name.
    #[must_use]
    pub const fn order(&self) -> CustomerOrder {
        if self.name_prefix.is_some() { CustomerOrder::Name } else { CustomerOrder::Newest }
    }

    /// The customers of this seller. An index has each list in its order; an address or a telephone number leads to few
    /// customers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list(&self, db: &Db, seller: SellerId) -> Result<Vec<Select<customer::Entity>>, DbErr> {
        let mut rows = customer::Entity::find().filter(customer::Column::SellerId.eq(seller));
        if let Some(address) = &self.email {
            let Some(known) = customer_email::Entity::find_by_id((seller, address.clone())).one(db).await? else {
                return Ok(Vec::new());
            };
            rows = rows.filter(customer::Column::Id.eq(known.customer_id));
        }
        if let Some(number) = &self.phone {
            let known = with_number(db, seller, number).await?;
            if known.is_empty() {
                return Ok(Vec::new());
            }
            rows = rows.filter(customer::Column::Id.is_in(known));
        }
        if let Some(prefix) = &self.name_prefix {
            rows = rows.filter(customer::Column::NameKey.gte(prefix.as_str()));
            rows = rows.filter(customer::Column::NameKey.lt(format!("{prefix}{}", char::MAX)));
        }
        if let Some(tier) = &self.tier {
            rows = rows.filter(customer::Column::Tier.eq(tier.as_str()));
        }
        if let Some(after) = self.created_after {
            rows = rows.filter(customer::Column::CreatedAt.gt(after));
        }
        if let Some(before) = self.created_before {
            rows = rows.filter(customer::Column::CreatedAt.lt(before));
        }
        Ok(vec![rows])
    }
}

async fn with_number(db: &Db, seller: SellerId, e164: &str) -> Result<Vec<CustomerId>, DbErr> {
    customer_phone::Entity::find()
        .select_only()
        .column(customer_phone::Column::CustomerId)
        .filter(customer_phone::Column::SellerId.eq(seller))
        .filter(customer_phone::Column::E164.eq(e164))
        .order_by_desc(customer_phone::Column::CustomerId)
        .limit(MOST)
        .into_tuple()
        .all(db)
        .await
}
