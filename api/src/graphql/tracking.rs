//! Tracking tokens: asking for a letter with one, and ending them.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use entity::customer;

use super::context::{act, id};
use super::error::payload;
use crate::kit::error::Outcome;
use crate::kit::once::Reloadable;
use crate::kit::work::Work;
use crate::letter::request;

/// The input of `requestTrackingLink`.
#[derive(InputObject)]
pub struct RequestTrackingLinkInput {
    /// The e-mail address of the customer, to which the letter goes.
    email: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `revokeTrackingTokens`.
#[derive(InputObject)]
pub struct RevokeTrackingTokensInput {
    /// For staff: a case of the customer. Give this or `customerId`. A customer may leave out both.
    case_id: Option<ID>,
    /// For managers: the customer; with `caseId`, the customer of that case.
    customer_id: Option<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case, or of the customer, that you read. If it has changed since, nothing is done and the
    /// error's code is `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Tracking tokens that were revoked.
#[derive(SimpleObject)]
pub struct RevokedTokens {
    /// How many tokens of the customer ended.
    count: i32,
}

impl From<(customer::Model, usize)> for RevokedTokens {
    fn from((_, count): (customer::Model, usize)) -> Self {
        Self { count: i32::try_from(count).unwrap_or(i32::MAX) }
    }
}

/// A request for a link that was accepted. It says nothing about the address.
struct Requested;

impl From<Requested> for bool {
    fn from(_: Requested) -> Self {
        true
    }
}

impl Reloadable for Requested {
    fn name(&self) -> String {
        String::new()
    }

    async fn reload(_: &Work, _: &str) -> Outcome<Self> {
        Ok(Self)
    }
}

payload! {
    /// The answer to `requestTrackingLink`.
    RequestTrackingLinkPayload {
        /// True when the request was accepted, whoever's address it is; null when the input was refused.
        accepted: bool
    }
}
payload! {
    /// The answer to `revokeTrackingTokens`.
    RevokeTrackingTokensPayload {
        /// What was revoked; null when nothing was changed.
        revoked: RevokedTokens
    }
}

/// Mutations of tracking tokens.
#[derive(Default)]
pub struct TrackingMutation;

#[Object]
impl TrackingMutation {
    /// Asks for a letter with the link to one's cases, for a customer who has lost it. If a customer of the form's
    /// seller with a case has the address, the letter goes to that address, in the customer's language. It lists the
    /// newest ten cases, and its link opens all of them (`myCases`). The answer is the same for every address, and takes
    /// the same time. An address gets at most three such letters a day (UTC); further requests are accepted and have no
    /// effect, as when the seller has no mailbox or no page for its customers (`Seller.trackingUrl`). For forms, by
    /// publishable key.
    async fn request_tracking_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address.")] input: RequestTrackingLinkInput,
    ) -> Result<RequestTrackingLinkPayload> {
        let done = act(ctx, async move |work| request::ask(work, &input.email).await.map(|()| Requested));
        Ok(done.await?.into())
    }

    /// Ends all tracking tokens of a customer at this seller, for when a link came into wrong hands: those in receipts,
    /// in letters, and those that staff were shown. Subscriptions with them end at once (`UNAUTHENTICATED`), and devices
    /// get no more pushes. Letters that are sent later carry new tokens. A customer who shows the link of a letter ends
    /// all of theirs, including the one that they show; with the token of a receipt, or a link that staff gave them,
    /// they end only these two kinds for its case. For the case's owner, managers, and the customer.
    async fn revoke_tracking_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose tokens to revoke.")] input: RevokeTrackingTokensInput,
    ) -> Result<RevokeTrackingTokensPayload> {
        let done = act(ctx, async move |work| {
            let case = input.case_id.as_ref().map(|text| id(text, "caseId")).transpose()?;
            let customer = input.customer_id.as_ref().map(|text| id(text, "customerId")).transpose()?;
            crate::case::revoke::revoke(work, case, customer).await
        });
        Ok(done.await?.into())
    }
}
