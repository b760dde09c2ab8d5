//! Cases by their ids.

use async_graphql::{Context, Result};
use entity::id::CaseId;

use super::Case;
use crate::access::table::{Action, may, to_case};
use crate::graphql::context::{ContextExt, read_error};
use crate::graphql::customer::CustomerCase;
use crate::graphql::node::{Lookup, Node};

/// The case as the caller may see it.
impl Lookup for CaseId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(case) = ctx.loaders().cases.one(self).await.map_err(read_error)? else { return Ok(None) };
        let standing = to_case(ctx.actor(), &case);
        if may(standing, Action::ReadCase) {
            return Ok(Some(Node::Case(Case(case))));
        }
        Ok(may(standing, Action::ReadCustomerCase).then_some(Node::CustomerCase(CustomerCase(case))))
    }
}
