//! Reports, their files, and mails in quarantine by their ids.

use async_graphql::{Context, Result};
use entity::id::{ArrivalId, AttachmentId, ReportId};
use entity::{arrival, attachment};
use sea_orm::EntityTrait;

use super::Report;
use super::file::Attachment;
use super::quarantine::QuarantinedReport;
use crate::case::query::reads_file;
use crate::graphql::context::{ContextExt, read_error};
use crate::graphql::node::{Lookup, Node, of_case};
use crate::kit::actor::Actor;

impl Lookup for ReportId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().reports.one(self).await.map_err(read_error)? else { return Ok(None) };
        let case = row.case_id;
        let node = match Report::from(row) {
            Report::Web(report) => Node::WebFormReport(report),
            Report::Email(report) => Node::EmailReport(report),
            Report::Phone(report) => Node::PhoneReport(report),
            Report::Letter(report) => Node::LetterReport(report),
            Report::Visit(report) => Node::VisitReport(report),
            Report::Partner(report) => Node::PartnerReport(report),
        };
        of_case(ctx, case, node).await
    }
}

impl Lookup for AttachmentId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let found = attachment::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        let Some(row) = found else { return Ok(None) };
        let visible = reads_file(ctx.db(), ctx.actor(), &row).await.map_err(read_error)?;
        Ok(visible.then_some(Node::Attachment(Attachment(row))))
    }
}

/// A mail that could not be taken in, for the seller's staff. One that still waits to be read is not found, because it
/// has no reason yet.
impl Lookup for ArrivalId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let found = arrival::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        let Some(row) = found else { return Ok(None) };
        let staff = matches!(ctx.actor(), Actor::Staff { seller, .. } if seller == row.seller_id);
        let looked_at = row.reason.is_some();
        Ok((staff && looked_at).then_some(Node::QuarantinedReport(QuarantinedReport(row))))
    }
}
