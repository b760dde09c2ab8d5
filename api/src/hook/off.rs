//! Mails a seller's administrators when an endpoint of the seller was turned off. When a partner's endpoint was turned
//! off, the cases that wait for the partner get an event instead.

use entity::kind::{Language, Role};
use entity::{seller, staff, webhook_endpoint};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::directory;
use crate::kit::error::Outcome;
use crate::kit::work::Work;
use crate::letter::held::is_mailbox;
use crate::letter::staff::{StaffLetter, sender, write};
use crate::letter::template::{Template, Values};
use crate::texts;

/// The most administrators who are mailed.
const TOLD: u64 = 10;

/// Writes to the seller's own administrators, or else to its accountable person, that this endpoint was turned off.
/// Nobody is mailed when the seller has no mailbox or wants no notices by mail; `Seller.webhookEndpoints` shows it in
/// any case.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn tell_administrators(work: &mut Work, endpoint: &webhook_endpoint::Model) -> Outcome<()> {
    let seller = directory::seller::one(work, endpoint.seller_id).await?;
    let Some(from) = sender(work, seller.id).await?.filter(|_| seller.notices_by_mail) else { return Ok(()) };
    let people = staff::Entity::find()
        .filter(staff::Column::SellerId.eq(seller.id))
        .filter(staff::Column::Role.is_in([Role::Administrator, Role::PlatformAdministrator]))
        .filter(staff::Column::Active.eq(true))
        .order_by_asc(staff::Column::Id)
        .limit(TOLD)
        .all(work.tx()?)
        .await?;
    // A seller without administrators of its own still has an accountable person.
    let accountable =
        if people.is_empty() { staff::Entity::find_by_id(seller.accountable_id).one(work.tx()?).await? } else { None };
    for person in people.into_iter().chain(accountable) {
        if is_mailbox(work, &person.email).await? {
            continue;
        }
        let values = values(&seller, &person, endpoint);
        let words = (&template(person.language), &values);
        write(work, &StaffLetter { id: work.new_id(), from: &from, to: &person, case: None, words });
    }
    Ok(())
}

/// The mail names the address without its query, which may hold a key.
fn values(seller: &seller::Model, person: &staff::Model, endpoint: &webhook_endpoint::Model) -> Values {
    let address = endpoint.url.split(['?', '#']).next().unwrap_or_default();
    Values {
        owner: Some(person.name.clone()),
        seller: seller.name.clone(),
        message: Some(address.to_owned()),
        reason: endpoint.disabled_because.clone(),
        ..Values::empty(person.language)
    }
}

fn template(language: Language) -> Template {
    let (subject, text) = (texts::hook::turned_off_subject(), texts::hook::turned_off_text());
    Template { subject: subject.read_in(language).to_owned(), text: text.read_in(language).to_owned(), html: None }
}
