//! Lists of customers.

use async_graphql::{Context, InputObject, Object, Result};

use super::Customer;
use crate::directory::customers::Filter;
use crate::graphql::case::filter::TimeFilter;
use crate::graphql::context::{ContextExt, forbidden, query_error, read_error, reader_of, signed_in};
use crate::graphql::page::{Shown, asked, connection};
use crate::kit::contact::{checked_email, checked_phone};
use crate::kit::error::{ErrorCode, Problem, optional};
use crate::kit::text::folded;
use crate::texts;

connection! {
    /// A page of customers.
    CustomerConnection,
    /// A customer in a list, with its cursor.
    CustomerEdge, Customer
}

/// Which customers to list. A customer must meet every condition that is given.
#[derive(InputObject, Default)]
pub struct CustomerFilter {
    /// The customer with this e-mail address, without regard to case. There is at most one.
    email: Option<String>,
    /// The customers who gave this telephone number, in any spelling; without a country code it is read as a Swedish
    /// number. At most the newest 100.
    phone: Option<String>,
    /// The customers whose name begins with this, without regard to case; at most 200 characters. The list is then
    /// ordered by name. Not together with `createdAt`.
    name_prefix: Option<String>,
    /// The customers with this tier, as it was set.
    tier: Option<String>,
    /// When the customer was added. There is always such a time. Not together with `namePrefix`.
    created_at: Option<TimeFilter>,
}

impl CustomerFilter {
    fn read(self) -> std::result::Result<Filter, Problem> {
        if self.name_prefix.is_some() && self.created_at.is_some() {
            return Err(Problem::new(ErrorCode::Invalid, "filter.createdAt", texts::input::name_or_created()));
        }
        let created = self.created_at.unwrap_or_default().period();
        Ok(Filter {
            email: checked_email(self.email.as_deref(), "filter.email")?,
            phone: checked_phone(self.phone.as_deref(), "filter.phone")?,
            name_prefix: optional(self.name_prefix.as_deref(), "filter.namePrefix", 200)?.map(|name| folded(&name)),
            tier: optional(self.tier.as_deref(), "filter.tier", 50)?,
            created_after: created.after,
            created_before: created.before,
        })
    }
}

/// Reads of customers by the seller.
#[derive(Default)]
pub struct CustomersQuery;

#[Object]
impl CustomersQuery {
    /// The customers of your seller: ordered by name with `namePrefix`, otherwise the newest first. For staff, and for
    /// systems of the seller with the scope `CASES_READ`.
    #[graphql(complexity = "crate::graphql::page::list_cost(20, child_complexity)")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only customers that meet these conditions; all when left out.")] filter: Option<
            CustomerFilter,
        >,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<CustomerConnection> {
        signed_in(ctx)?;
        let Some(seller) = reader_of(ctx)? else {
            return Err(forbidden(texts::api::customers_for_staff()));
        };
        let filter = filter.unwrap_or_default().read().map_err(|problem| query_error(&problem))?;
        let order = filter.order();
        let ask = asked(order.list(), (first, after, last, before))?;
        let queries = Box::pin(filter.list(ctx.db(), seller)).await.map_err(read_error)?;
        Shown::read(ctx, queries, ask, order.columns(), move |row| order.place(row)).await.map(CustomerConnection)
    }
}
