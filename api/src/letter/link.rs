//! The link in a letter to a customer: its token is put in when the letter is sent, so that staff who can read stored
//! letters cannot act as the customer.

use entity::{case, customer, letter, tracking_token};
use sea_orm::EntityTrait;

use super::{HIDDEN, draft};
use crate::access::key::{self, TokenOf};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;

/// The token for the link in this letter; none when it has no link.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn revealed(app: &App, row: &letter::Model) -> Outcome<Option<String>> {
    let (Some(case_id), Some(customer_id)) = (row.case_id, row.customer_id) else { return Ok(None) };
    if !row.body.contains(HIDDEN) && !row.html.contains(HIDDEN) {
        return Ok(None);
    }
    let db = app.reader().db();
    let customer = customer::Entity::find_by_id(customer_id).one(db).await?;
    let generation = customer.ok_or(Fault::Broken("a letter's customer is there"))?.token_generation;
    let token = TokenOf { case: case_id, customer: customer_id, generation }.letter(app.secret(), &row.recipient);
    let known = tracking_token::Entity::find_by_id(key::hash(&token)).one(db).await?;
    if known.is_none_or(|known| known.revoked_at.is_some()) {
        // The customer's tokens were revoked while the letter waited, so the letter carries a new one.
        let address = row.recipient.clone();
        let renew = async move |work: &mut Work| {
            let case = case::Entity::find_by_id(case_id).one(work.tx()?).await?;
            match case.filter(|case| case.customer_id == customer_id) {
                Some(case) => draft::follow(work, &case, &address).await,
                None => Ok(()),
            }
        };
        app.run(Actor::System, renew).await?;
    }
    Ok(Some(token))
}
