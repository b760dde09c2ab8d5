//! A link to a case for a customer whom no letter reaches, such as one who has only a telephone: whoever answers for the case
//! is shown it, and reads it out, sends it or puts it into a printed letter.

use entity::id::CaseId;
use entity::{case, tracking_token};
use sea_orm::EntityTrait;

use super::open;
use crate::access::door;
use crate::access::key::{self, TRACKING_LIFETIME};
use crate::access::table::{Action, refused};
use crate::directory;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::once::Again;
use crate::kit::work::Work;

/// A link that a member of staff is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The case it leads to.
    pub case: case::Model,
    /// The token.
    pub token: String,
    /// The address with it; none where the seller has no page for its customers.
    pub url: Option<String>,
}

/// Makes a link of the case's customer that the actor is shown. The same person gets the same link again, for as long as a new
/// one would be valid; what is done with it is marked, because the actor could have done it.
///
/// # Errors
/// When the case cannot be found or the actor may not.
pub async fn create(work: &mut Work, id: CaseId) -> Outcome<Shown> {
    let case = door::case(work, id, Action::CreateTrackingLink, "caseId").await?;
    let staff = work.actor().staff().ok_or_else(|| refused(Action::CreateTrackingLink))?;
    let token = key::shown_token(work.app().secret(), case.id, case.customer_id, staff);
    let expires_at = work.now() + TRACKING_LIFETIME;
    let row = tracking_token::Model {
        hash: key::hash(&token),
        shown_to: Some(staff),
        expires_at,
        ..open::tracking(work, &case)
    };
    match tracking_token::Entity::find_by_id(row.hash.clone()).one(work.tx()?).await? {
        None => work.insert(row),
        Some(_) => work.save(row),
    }
    shown(work, case, token).await
}

async fn shown(work: &Work, case: case::Model, token: String) -> Outcome<Shown> {
    let seller = directory::seller::one(work, case.seller_id).await?;
    let url = seller.tracking_url.map(|page| format!("{page}#{token}"));
    Ok(Shown { case, token, url })
}

impl Again for Shown {
    fn name(&self) -> String {
        self.case.name()
    }

    async fn again(work: &Work, name: &str) -> Outcome<Self> {
        let case = case::Model::again(work, name).await?;
        let staff = work.actor().staff().ok_or_else(|| refused(Action::CreateTrackingLink))?;
        let token = key::shown_token(work.app().secret(), case.id, case.customer_id, staff);
        // The link that was shown was the former customer's, and is revoked; a new one is made only by a new request.
        match tracking_token::Entity::find_by_id(key::hash(&token)).one(work.tx()?).await? {
            Some(_) => shown(work, case, token).await,
            None => Err(Problem::new(
                ErrorCode::InvalidTransition,
                "idempotencyKey",
                "The case has another customer by now. Create a new link with a new key.",
                "Ärendet har en annan kund nu. Skapa en ny länk med en ny nyckel.",
            )
            .into()),
        }
    }
}
