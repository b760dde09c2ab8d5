//! The cases of a customer, as far as their tracking token opens them.

use async_graphql::{Context, ID, Object, Result};
use entity::case;
use entity::id::CaseId;
use sea_orm::EntityTrait;

use super::context::{ContextExt, forbidden, id, query_error, read_error, required_row, signed_in};
use super::customer::CustomerCase;
use super::page::{Shown, asked, connection};
use crate::access::own;
use crate::access::table::{Action, may, to_case};
use crate::kit::actor::Actor;
use crate::kit::error::Problem;
use crate::kit::page::{List, Place};
use crate::texts;

connection! {
    /// A page of your cases, newest first.
    CustomerCaseConnection,
    /// One of your cases in a list, with its cursor.
    CustomerCaseEdge, CustomerCase
}

const OWN_CASES: List = List::named("own cases");

/// The customer's case: the named one, or that of their token.
///
/// # Errors
/// `FORBIDDEN` for everybody but customers; `NOT_FOUND`, naming the field, when their token does not open the case.
pub(in crate::graphql) async fn own_case(ctx: &Context<'_>, named: Option<&ID>, field: &str) -> Result<case::Model> {
    signed_in(ctx)?;
    let Actor::Customer { case, .. } = ctx.actor() else {
        return Err(forbidden(texts::api::my_case_for_customer()));
    };
    let Some(text) = named else {
        return required_row(case::Entity::find_by_id(case).one(ctx.db()).await);
    };
    let named = id::<CaseId>(text, field).map_err(|problem| query_error(&problem))?;
    let found = case::Entity::find_by_id(named).one(ctx.db()).await.map_err(read_error)?;
    let sees = |case: &case::Model| may(to_case(ctx.actor(), case), Action::ReadCustomerCase);
    found.filter(sees).ok_or_else(|| query_error(&Problem::not_found(field)))
}

/// Reads of the customer's cases.
#[derive(Default)]
pub struct MineQuery;

#[Object]
impl MineQuery {
    /// Your cases at this seller, newest first. The link in a letter to you opens all cases of the address that the
    /// letter went to; the tracking token of a receipt opens its own case only, and so does a link that staff gave you,
    /// or that went to an address which staff added. For the customer, with a tracking token.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn my_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<CustomerCaseConnection> {
        signed_in(ctx)?;
        let cases = own::cases(ctx.actor()).ok_or_else(|| forbidden(texts::api::my_case_for_customer()))?;
        let ask = asked(OWN_CASES, (first, after, last, before))?;
        let order = ((case::Column::OpenedAt, case::Column::Id), true);
        let place = |row: &case::Model| Place::at(row.opened_at, row.id.0);
        Shown::read(ctx, cases, ask, order, place).await.map(CustomerCaseConnection)
    }
}
