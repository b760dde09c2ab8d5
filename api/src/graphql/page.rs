//! Connections, as Relay defines them (<https://relay.dev/graphql/connections.htm>), with `nodes` and `totalCount`.

use async_graphql::SimpleObject;

/// The position of a page in its list.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether the list has more rows after this page.
    pub has_next_page: bool,
    /// Whether the list has more rows before this page.
    pub has_previous_page: bool,
    /// The cursor of the first row; null on an empty page.
    pub start_cursor: Option<String>,
    /// The cursor of the last row; null on an empty page.
    pub end_cursor: Option<String>,
}

/// The complexity of a list in a document: the complexity of one row, times the rows that the list usually has. The
/// number of rows that are asked for is not used, because the library reads arguments here before it knows which
/// variables were left out, and would refuse the document.
#[must_use]
pub fn list_cost(rows: usize, each: usize) -> usize {
    each.saturating_mul(rows).saturating_add(1)
}

/// Declares a Relay connection over an entity, with its edge type.
macro_rules! connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ty, $entity:ident, $key:expr) => {
        $(#[$doc])*
        pub struct $connection {
            page: $crate::kit::page::Page<entity::$entity::Model>,
            queries: Vec<sea_orm::Select<entity::$entity::Entity>>,
            counted: tokio::sync::OnceCell<u64>,
        }

        $(#[$edge_doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// The cursor of this row, for `after` and `before`.
            cursor: String,
            /// The object in this row of the list.
            node: $node,
        }

        impl $connection {
            /// Reads one page of the rows that these queries find together.
            async fn read(
                ctx: &async_graphql::Context<'_>,
                queries: Vec<sea_orm::Select<entity::$entity::Entity>>,
                ask: $crate::kit::page::PageRequest,
                columns: (entity::$entity::Column, entity::$entity::Column),
            ) -> async_graphql::Result<Self> {
                let db = $crate::graphql::context::ContextExt::db(ctx);
                let page = ask.read(db, queries.clone(), columns, true).await;
                let page = page.map_err($crate::graphql::context::read_error)?;
                Ok(Self { page, queries, counted: tokio::sync::OnceCell::new() })
            }

            /// The number of rows, counted up to one more than `totalCount` states.
            async fn counted(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<u64> {
                let db = $crate::graphql::context::ContextExt::db(ctx);
                let most = $crate::kit::page::COUNTED + 1;
                let count = || $crate::kit::page::counted(db, self.queries.clone(), most);
                self.counted.get_or_try_init(count).await.copied().map_err($crate::graphql::context::read_error)
            }
        }

        $(#[$doc])*
        #[async_graphql::Object]
        impl $connection {
            /// The rows of the page, each with its cursor.
            async fn edges(&self) -> Vec<$edge> {
                let edge = |row: &entity::$entity::Model| $edge {
                    cursor: $crate::kit::page::cursor($key(row)),
                    node: row.clone().into(),
                };
                self.page.rows.iter().map(edge).collect()
            }

            /// The rows of the page.
            async fn nodes(&self) -> Vec<$node> {
                self.page.rows.iter().cloned().map(Into::into).collect()
            }

            /// The position of this page in the list.
            async fn page_info(&self) -> $crate::graphql::page::PageInfo {
                $crate::graphql::page::PageInfo {
                    has_next_page: self.page.has_next,
                    has_previous_page: self.page.has_previous,
                    start_cursor: self.page.rows.first().map(|row| $crate::kit::page::cursor($key(row))),
                    end_cursor: self.page.rows.last().map(|row| $crate::kit::page::cursor($key(row))),
                }
            }

            /// The number of rows in the whole list, counted up to 10,000; `totalCountIsExact` says whether there are
            /// more.
            async fn total_count(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<i32> {
                let counted = self.counted(ctx).await?.min($crate::kit::page::COUNTED);
                Ok(i32::try_from(counted).unwrap_or(i32::MAX))
            }

            /// Whether `totalCount` is the exact number; false when the list has more than the 10,000 rows that are
            /// counted.
            async fn total_count_is_exact(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<bool> {
                Ok(self.counted(ctx).await? <= $crate::kit::page::COUNTED)
            }
        }
    };
}

pub(crate) use connection;
