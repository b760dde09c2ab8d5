//! Tracking links that staff are shown, for customers whom no letter reaches.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use crate::case::link::ShownLink;
use crate::graphql::case::Case;
use crate::graphql::context::{act, id};
use crate::graphql::error::payload;

/// Creates a tracking link to a case for its customer.
#[derive(InputObject)]
pub struct CreateTrackingLinkInput {
    /// The case that the link leads to.
    case_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// A link with which a customer follows their case. It is shown to you so that you can read it out, send it, or print
/// it in a letter.
#[derive(SimpleObject)]
pub struct TrackingLink {
    /// The case that the link leads to.
    case: Case,
    /// The tracking token, `trk_…`. It is valid for two years (730 days) from the last `createTrackingLink`. It is the
    /// customer's secret: give it to nobody else.
    token: String,
    /// The address of the seller's page for its customers, with the token in its fragment; null when the seller has set
    /// no such page (`Seller.trackingUrl`).
    url: Option<String>,
}

impl From<ShownLink> for TrackingLink {
    fn from(ShownLink { case, token, url }: ShownLink) -> Self {
        Self { case: Case(case), token, url }
    }
}

payload! {
    /// The answer to `createTrackingLink`.
    CreateTrackingLinkPayload {
        /// The link that was created; null when nothing was changed.
        link: TrackingLink
    }
}

/// Mutations of tracking links.
#[derive(Default)]
pub struct LinkMutation;

#[Object]
impl LinkMutation {
    /// Creates a link with which the customer of a case follows it and writes to the company. It is meant for a
    /// customer whom no letter reaches: read it out, send it, or print it. The same person gets the same link each
    /// time. Messages that are written with it are marked (`Message.byShownLink`), because staff have seen it. It is
    /// revoked with the customer's other links when the case gets another customer. For the case's owner and managers.
    async fn create_tracking_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case to create a link to.")] input: CreateTrackingLinkInput,
    ) -> Result<CreateTrackingLinkPayload> {
        let done = act(ctx, async move |work| {
            let case = id(&input.case_id, "caseId")?;
            crate::case::link::create(work, case).await
        });
        Ok(done.await?.into())
    }
}
