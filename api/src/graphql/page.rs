//! Connections, as Relay defines them (<https://relay.dev/graphql/connections.htm>), with `nodes` and `totalCount`.

use async_graphql::SimpleObject;

/// Where a page stands in its list.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether the list goes on after this page.
    pub has_next_page: bool,
    /// Whether there is more of the list before this page.
    pub has_previous_page: bool,
    /// The first row's cursor; null on an empty page.
    pub start_cursor: Option<String>,
    /// The last row's cursor; null on an empty page.
    pub end_cursor: Option<String>,
}

/// What a list counts for in a document's complexity: what it asks of each row, times the rows it usually has. Not the rows
/// asked for: the library reads arguments here before it knows which variables were left out, and refuses the document.
#[must_use]
pub fn list_cost(rows: usize, each: usize) -> usize {
    each.saturating_mul(rows).saturating_add(1)
}

/// Declares a connection over an entity.
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
            /// This row's cursor, for `after` and `before`.
            cursor: String,
            /// The row.
            node: $node,
        }

        impl $connection {
            /// Reads a page of these queries together.
            async fn read(
                ctx: &async_graphql::Context<'_>,
                queries: Vec<sea_orm::Select<entity::$entity::Entity>>,
                ask: $crate::kit::page::Ask,
                columns: (entity::$entity::Column, entity::$entity::Column),
            ) -> async_graphql::Result<Self> {
                let db = $crate::graphql::context::ContextExt::db(ctx);
                let page = ask.read(db, queries.clone(), columns, true).await;
                let page = page.map_err($crate::graphql::context::read_error)?;
                Ok(Self { page, queries, counted: tokio::sync::OnceCell::new() })
            }

            /// One row more than is told, at most.
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
            /// The rows with their cursors.
            async fn edges(&self) -> Vec<$edge> {
                let edge = |row: &entity::$entity::Model| $edge {
                    cursor: $crate::kit::page::cursor($key(row)),
                    node: row.clone().into(),
                };
                self.page.rows.iter().map(edge).collect()
            }

            /// The rows.
            async fn nodes(&self) -> Vec<$node> {
                self.page.rows.iter().cloned().map(Into::into).collect()
            }

            /// Where this page stands in the list.
            async fn page_info(&self) -> $crate::graphql::page::PageInfo {
                $crate::graphql::page::PageInfo {
                    has_next_page: self.page.has_next,
                    has_previous_page: self.page.has_previous,
                    start_cursor: self.page.rows.first().map(|row| $crate::kit::page::cursor($key(row))),
                    end_cursor: self.page.rows.last().map(|row| $crate::kit::page::cursor($key(row))),
                }
            }

            /// How many rows the whole list has, counted up to 10,000: whether there are more, `totalCountIsExact` says.
            async fn total_count(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<i32> {
                let counted = self.counted(ctx).await?.min($crate::kit::page::COUNTED);
                Ok(i32::try_from(counted).unwrap_or(i32::MAX))
            }

            /// Whether `totalCount` is all there is; false when the list has more than the 10,000 rows that are counted.
            async fn total_count_is_exact(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<bool> {
                Ok(self.counted(ctx).await? <= $crate::kit::page::COUNTED)
            }
        }
    };
}

pub(crate) use connection;
