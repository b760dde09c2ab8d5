//! Lists of cases, and a case by its id or reference.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result};
use entity::case;
use entity::id::{CaseId, SellerId, StaffId};
use entity::kind::{CaseStage, Channel};
use sea_orm::Select;

use crate::case::query::{self, Filter};
use crate::graphql::case::Case;
use crate::graphql::context::{ContextExt, forbidden, id, query_error, read_error, reader_of, signed_in};
use crate::graphql::page::connection;
use crate::kit::page::{ListKey, PageRequest};
use crate::texts;

fn key(row: &case::Model) -> ListKey {
    (row.opened_at, row.id.0)
}

connection! {
    /// A page of cases, newest first.
    CaseConnection,
    /// A case in a list, with its cursor.
    CaseEdge, Case, case, key
}

/// A case, named by its id or by its reference.
#[derive(OneofObject)]
pub enum CaseRef {
    /// The id of the case.
    Id(ID),
    /// The reference of the case that people use: "C-2026-000123".
    Reference(String),
}

/// Which cases to list. A case must meet every condition that is given.
#[derive(InputObject, Default)]
pub struct CaseFilter {
    /// Only cases in one of these stages.
    stages: Option<Vec<CaseStage>>,
    /// Only cases that this member of staff owns.
    owner_id: Option<ID>,
    /// Only cases of this seller. Staff see their own seller's cases only.
    seller_id: Option<ID>,
    /// Only cases whose first report came through one of these channels.
    channels: Option<Vec<Channel>>,
}

impl CaseConnection {
    /// A page of the cases that these queries find, newest first.
    pub(in crate::graphql) async fn of(
        ctx: &Context<'_>,
        queries: Vec<Select<case::Entity>>,
        ask: PageRequest,
    ) -> Result<Self> {
        Self::read(ctx, queries, ask, (case::Column::OpenedAt, case::Column::Id)).await
    }
}

/// Reads of cases.
#[derive(Default)]
pub struct CaseQuery;

#[Object]
impl CaseQuery {
    /// A case of your seller; null when there is none with this id or reference, or you may not see it. For
    /// staff, and for systems of the seller with the scope `CASES_READ`.
    async fn case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case to read.")] by: CaseRef,
    ) -> Result<Option<Case>> {
        signed_in(ctx)?;
        let found = match by {
            CaseRef::Id(text) => match text.parse::<CaseId>() {
                Ok(id) => query::by_id(ctx.db(), ctx.actor(), id).await,
                Err(_) => Ok(None),
            },
            CaseRef::Reference(reference) => query::by_reference(ctx.db(), ctx.actor(), reference.trim()).await,
        };
        Ok(found.map_err(read_error)?.map(Case))
    }

    /// The cases of your seller, newest first. For staff, and for systems of the seller with the scope `CASES_READ`.
    #[graphql(complexity = "crate::graphql::page::list_cost(20, child_complexity)")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only cases that meet these conditions; all when left out.")] filter: Option<CaseFilter>,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<CaseConnection> {
        signed_in(ctx)?;
        let Some(seller) = reader_of(ctx)? else {
            return Err(forbidden(texts::api::cases_for_staff()));
        };
        let filter = filter.unwrap_or_default();
        let owner = filter.owner_id.map(|text| id::<StaffId>(&text, "filter.ownerId")).transpose();
        let of_seller = filter.seller_id.map(|text| id::<SellerId>(&text, "filter.sellerId")).transpose();
        let filter = Filter {
            stages: filter.stages,
            owner: owner.map_err(|problem| query_error(&problem))?,
            seller: of_seller.map_err(|problem| query_error(&problem))?,
            channels: filter.channels,
        };
        let ask = PageRequest::new(first, after.as_deref(), last, before.as_deref())
            .map_err(|problem| query_error(&problem))?;
        CaseConnection::of(ctx, query::list(seller, &filter), ask).await
    }
}
