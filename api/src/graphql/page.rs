//! Connections, as Relay defines them (<https://relay.dev/graphql/connections.htm>), with `nodes` and `totalCount`.

use async_graphql::{Context, Result, SimpleObject};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, EntityTrait, Select};
use tokio::sync::OnceCell;

use super::context::{ContextExt, query_error, read_error};
use crate::case::list::Wanted;
use crate::kit::page::{COUNTED, List, Page, PageRequest, Place, count, counting};

/// The position of a page in its list.
#[derive(SimpleObject, Clone)]
pub struct PageInfo {
    /// Whether the list has more rows after this page.
    pub has_next_page: bool,
    /// Whether the list has more rows before this page.
    pub has_previous_page: bool,
    /// The cursor of the first row, for `before`; null on an empty page. Where reading `cases` stopped before the page
    /// was full, it is the cursor of that place.
    pub start_cursor: Option<String>,
    /// The cursor of the last row, for `after`; null on an empty page. Where reading `cases` stopped before the page was
    /// full, it is the cursor of that place.
    pub end_cursor: Option<String>,
}

/// The complexity of a list in a document: the complexity of one row, times the rows that the list usually has. The
/// number of rows that are asked for is not used, because the library reads arguments here before it knows which
/// variables were left out, and would refuse the document.
#[must_use]
pub fn list_cost(rows: usize, each: usize) -> usize {
    each.saturating_mul(rows).saturating_add(1)
}

/// The four arguments of a connection: the size and cursor from the beginning, and those from the end.
pub type PageArguments = (Option<i32>, Option<String>, Option<i32>, Option<String>);

/// The page that is asked for with these arguments.
///
/// # Errors
/// `INVALID`, naming the argument.
pub fn asked(of: List, (first, after, last, before): PageArguments) -> Result<PageRequest> {
    let ask = PageRequest::new(of, (first, after.as_deref()), (last, before.as_deref()));
    ask.map_err(|problem| query_error(&problem))
}

/// How the rows of a list are counted.
pub enum Counting {
    /// They are known.
    Known(usize),
    /// By a statement. None stands for no rows.
    Rows(Option<Box<SelectStatement>>),
    /// The cases that are wanted.
    Cases(Box<Wanted>),
}

impl Counting {
    /// Counts the rows of these disjoint queries.
    #[must_use]
    pub fn of<E: EntityTrait>(queries: Vec<Select<E>>) -> Self {
        Self::Rows(counting(queries, COUNTED + 1).map(Box::new))
    }

    /// The number of rows, counted up to 10,000, and whether it is exact.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count(&self, ctx: &Context<'_>) -> Result<(u64, bool)> {
        let (number, exact) = match self {
            Self::Known(number) => (*number as u64, true),
            Self::Rows(None) => (0, true),
            Self::Rows(Some(counting)) => {
                let number = count(ctx.db(), counting).await.map_err(read_error)?;
                (number, number <= COUNTED)
            }
            Self::Cases(wanted) => Box::pin(wanted.count(ctx.db())).await.map_err(read_error)?,
        };
        Ok((number.min(COUNTED), exact))
    }
}

/// A page of a list, as a connection shows it.
pub struct Shown<T> {
    rows: Vec<(String, T)>,
    info: PageInfo,
    count: Counting,
    counted: OnceCell<(u64, bool)>,
}

impl<T: Clone> Shown<T> {
    /// Shows a page of this list.
    #[must_use]
    pub fn new<R: Into<T>>(list: List, page: Page<R>, count: Counting) -> Self {
        let (forwards, backwards) = (page.has_next, page.has_previous);
        let rows: Vec<(String, T)> =
            page.rows.into_iter().map(|(place, row)| (list.cursor(&place), row.into())).collect();
        let mut info = PageInfo {
            has_next_page: forwards,
            has_previous_page: backwards,
            start_cursor: rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: rows.last().map(|(cursor, _)| cursor.clone()),
        };
        if let Some((place, at_end)) = page.stopped {
            let cursor = Some(list.cursor(&place));
            if at_end { info.end_cursor = cursor } else { info.start_cursor = cursor }
        }
        Self { rows, info, count, counted: OnceCell::new() }
    }

    /// Reads one page of the rows that these queries find together.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read<E, C>(
        ctx: &Context<'_>,
        queries: Vec<Select<E>>,
        ask: PageRequest,
        order: ((C, C), bool),
        place: impl Fn(&E::Model) -> Place,
    ) -> Result<Self>
    where
        E: EntityTrait,
        E::Model: Into<T>,
        C: ColumnTrait,
    {
        let page = ask.read(ctx.db(), queries.clone(), order, place).await.map_err(read_error)?;
        Ok(Self::new(ask.list, page, Counting::of(queries)))
    }

    /// The rows of the page, each with its cursor.
    #[must_use]
    pub fn edges(&self) -> Vec<(String, T)> {
        self.rows.clone()
    }

    /// The rows of the page.
    #[must_use]
    pub fn nodes(&self) -> Vec<T> {
        self.rows.iter().map(|(_, row)| row.clone()).collect()
    }

    /// The position of this page in the list.
    #[must_use]
    pub fn info(&self) -> PageInfo {
        self.info.clone()
    }

    /// The number of rows, counted up to 10,000, and whether it is exact.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count(&self, ctx: &Context<'_>) -> Result<(u64, bool)> {
        self.counted.get_or_try_init(|| self.count.count(ctx)).await.copied()
    }
}

/// Declares a Relay connection, with its edge type.
macro_rules! connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ty) => {
        $(#[$doc])*
        pub struct $connection(pub $crate::graphql::page::Shown<$node>);

        $(#[$edge_doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// The cursor of this row, for `after` and `before`.
            cursor: String,
            /// The object in this row of the list.
            node: $node,
        }

        $(#[$doc])*
        #[async_graphql::Object]
        impl $connection {
            /// The rows of the page, each with its cursor.
            async fn edges(&self) -> Vec<$edge> {
                self.0.edges().into_iter().map(|(cursor, node)| $edge { cursor, node }).collect()
            }

            /// The rows of the page.
            async fn nodes(&self) -> Vec<$node> {
                self.0.nodes()
            }

            /// The position of this page in the list.
            async fn page_info(&self) -> $crate::graphql::page::PageInfo {
                self.0.info()
            }

            /// The number of rows in the whole list, counted up to 10,000; `totalCountIsExact` says whether there are
            /// more.
            async fn total_count(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<i32> {
                Ok(i32::try_from(self.0.count(ctx).await?.0).unwrap_or(i32::MAX))
            }

            /// Whether `totalCount` is the exact number; false when the list has more than the 10,000 rows that are
            /// counted.
            async fn total_count_is_exact(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<bool> {
                Ok(self.0.count(ctx).await?.1)
            }
        }
    };
}

pub(crate) use connection;
