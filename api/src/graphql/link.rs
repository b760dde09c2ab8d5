//! Links to a case that staff are shown, for customers whom no letter reaches.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::case::Case;
use super::context::{act, id};
use super::error::payload;
use crate::case::link::Shown;

/// Asks for a link to a case for its customer.
#[derive(InputObject)]
pub struct CreateTrackingLinkInput {
    /// Which case.
    case_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// What lets a customer follow their case, shown to you to read out, to send, or to print in a letter.
#[derive(SimpleObject)]
pub struct TrackingLink {
    /// The case it leads to.
    case: Case,
    /// The tracking token, `trk_…`: valid for two years. It is the customer's: give it to nobody else.
    token: String,
    /// The seller's page for its customers with the token in its fragment; null where the seller has named no such page
    /// (`Seller.trackingUrl`).
    url: Option<String>,
}

impl From<Shown> for TrackingLink {
    fn from(Shown { case, token, url }: Shown) -> Self {
        Self { case: Case(case), token, url }
    }
}

payload! {
    /// The answer to `createTrackingLink`.
    CreateTrackingLinkPayload {
        /// The link.
        link: TrackingLink
    }
}

/// Acts on links.
#[derive(Default)]
pub struct LinkMutation;

#[Object]
impl LinkMutation {
    /// Shows you a link by which the customer of a case follows it and writes to you, for one whom no letter reaches: read it
    /// out, send it, or print it. Asked again, you get the same link. What is written with it is marked
    /// (`Message.byShownLink`), because you have seen it. It ends like the customer's other links when the case is found to be
    /// somebody else's. For the case's owner and managers.
    async fn create_tracking_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which case.")] input: CreateTrackingLinkInput,
    ) -> Result<CreateTrackingLinkPayload> {
        let done = act(ctx, async move |work| {
            let case = id(&input.case_id, "caseId")?;
            crate::case::link::create(work, case).await
        });
        Ok(done.await?.into())
    }
}
