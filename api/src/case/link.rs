//! A tracking link for a customer whom no letter reaches, such as one who has only a telephone. It is shown to the
//! member of staff, who reads it out, sends it or puts it into a printed letter.

use entity::id::CaseId;
use entity::{case, tracking_token};
use sea_orm::EntityTrait;

use super::open;
use crate::access::door;
use crate::access::key::{self, TRACKING_LIFETIME};
use crate::access::own;
use crate::access::table::{Action, refused};
use crate::directory;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::once::Reloadable;
use crate::kit::work::Work;
use crate::texts;

/// A tracking link that is shown to a member of staff.
#[derive(Debug, Clone)]
pub struct ShownLink {
    /// The case that the link leads to.
    pub case: case::Model,
    /// The tracking token.
    pub token: String,
    /// The full address with the token; none when the seller has no page for its customers.
    pub url: Option<String>,
}

/// Creates a tracking link for the case's customer and shows it to the actor. The same member of staff always gets the
/// same link, and its lifetime starts again. What is written with the link is marked, because the member of staff could
/// have written it.
///
/// # Errors
/// `NOT_FOUND` when the actor may not see the case, `FORBIDDEN` when the actor may not create the link.
pub async fn create(work: &mut Work, id: CaseId) -> Outcome<ShownLink> {
    let case = door::case(work, id, Action::CreateTrackingLink, "caseId").await?;
    let staff = work.actor().staff().ok_or_else(|| refused(Action::CreateTrackingLink))?;
    let token_of = own::token_of(work, &case).await?;
    let token = token_of.shown(work.app().secret(), staff);
    let expires_at = work.now() + TRACKING_LIFETIME;
    let row = tracking_token::Model {
        hash: key::hash(&token),
        shown_to: Some(staff),
        expires_at,
        ..open::tracking(work, &case, token_of)
    };
    match tracking_token::Entity::find_by_id(row.hash.clone()).one(work.tx()?).await? {
        None => work.insert(row),
        Some(_) => work.save(row),
    }
    shown(work, case.done(), token).await
}

async fn shown(work: &Work, case: case::Model, token: String) -> Outcome<ShownLink> {
    let seller = directory::seller::one(work, case.seller_id).await?;
    let url = seller.tracking_url.map(|page| format!("{page}#{token}"));
    Ok(ShownLink { case, token, url })
}

impl Reloadable for ShownLink {
    fn name(&self) -> String {
        self.case.name()
    }

    async fn reload(work: &Work, name: &str) -> Outcome<Self> {
        let case = case::Model::reload(work, name).await?;
        let staff = work.actor().staff().ok_or_else(|| refused(Action::CreateTrackingLink))?;
        let token = own::token_of(work, &case).await?.shown(work.app().secret(), staff);
        // If the customer has changed, the link that was shown belonged to the former customer and is revoked, as it is
        // when all of the customer's tokens were revoked. Only a new request creates a new link.
        if tracking_token::Entity::find_by_id(key::hash(&token)).one(work.tx()?).await?.is_none() {
            let text = texts::case::link_of_former_customer();
            return Err(Problem::new(ErrorCode::InvalidTransition, "idempotencyKey", text).into());
        }
        shown(work, case, token).await
    }
}
