//! Lists of cases, and a case by its id or reference.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result};
use entity::id::{CaseId, SellerId};
use entity::kind::{CaseOrderField, OrderDirection};

use super::filter::{CaseFilter, Reader};
use crate::case::list::filter::Test;
use crate::case::list::{CaseOrder, Wanted, page};
use crate::case::query;
use crate::graphql::case::Case;
use crate::graphql::context::{ContextExt, forbidden, read_error, reader_of, refused, signed_in};
use crate::graphql::page::{Counting, PageArguments, Shown, asked, connection};
use crate::texts;

connection! {
    /// A page of cases.
    CaseConnection,
    /// A case in a list, with its cursor.
    CaseEdge, Case
}

/// A case, named by its id or by its reference.
#[derive(OneofObject)]
pub enum CaseRef {
    /// The id of the case.
    Id(ID),
    /// The reference of the case that people use: "C-2026-000123".
    Reference(String),
}

/// The order of a list of cases.
#[derive(InputObject, Clone, Copy)]
pub struct CaseOrderInput {
    /// What the list is ordered by.
    field: CaseOrderField,
    /// The direction: `ASC` begins with the earliest time or the lowest priority.
    direction: OrderDirection,
}

impl From<CaseOrderInput> for CaseOrder {
    fn from(order: CaseOrderInput) -> Self {
        Self { field: order.field, direction: order.direction }
    }
}

/// The arguments of a list of cases.
pub(in crate::graphql) struct CaseListArguments {
    /// Which cases.
    pub filter: Option<CaseFilter>,
    /// In which order.
    pub order: Option<CaseOrderInput>,
    /// Which page.
    pub page: PageArguments,
}

impl CaseConnection {
    /// A page of the cases of this seller that meet the filter and these conditions.
    pub(in crate::graphql) async fn of(
        ctx: &Context<'_>,
        (seller, mut tests): (SellerId, Vec<Test>),
        arguments: CaseListArguments,
    ) -> Result<Self> {
        if let Some(filter) = arguments.filter {
            let read = Box::pin(Reader::new(ctx, seller).read(&filter, "filter", 1)).await;
            tests.extend(read.map_err(refused)?);
        }
        let order: CaseOrder = arguments.order.map(Into::into).unwrap_or_default();
        let ask = asked(order.list(), arguments.page)?;
        let wanted = Wanted::new(seller, tests);
        let page = Box::pin(page(ctx.db(), &wanted, order, &ask)).await.map_err(read_error)?;
        Ok(Self(Shown::new(ask.list, page, Counting::Cases(Box::new(wanted)))))
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

    /// The cases of your seller, newest first unless `orderBy` says otherwise. For staff, and for systems of the seller
    /// with the scope `CASES_READ`. With conditions that no index has (see `CaseFilter`), at most 5,000 cases are
    /// looked at for a page. When these do not fill it, the page is short or empty: `hasNextPage` is true, and
    /// `endCursor` leads to the next page (with `last`: `hasPreviousPage` and `startCursor`). `totalCount` is then the
    /// number of fitting cases among the first 10,000 that are looked at. A list of customers or of an order that is not
    /// ordered by `OPENED` has their newest 1,000 cases.
    #[graphql(complexity = "crate::graphql::page::list_cost(20, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only cases that meet these conditions; all when left out.")] filter: Option<CaseFilter>,
        #[graphql(desc = "The order; by when they were opened, the newest first, when left out. A cursor belongs to \
                    one order and is refused (`INVALID`) with another.")]
        order_by: Option<CaseOrderInput>,
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
        let arguments = CaseListArguments { filter, order: order_by, page: (first, after, last, before) };
        CaseConnection::of(ctx, (seller, Vec::new()), arguments).await
    }
}
