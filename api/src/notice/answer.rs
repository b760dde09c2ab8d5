//! Tells a member of staff by mail that their reply to a notice was not used.

use entity::{letter, mailbox, staff};
use sea_orm::EntityTrait;

use super::words;
use crate::directory;
use crate::kit::error::Outcome;
use crate::kit::work::Work;
use crate::letter::staff::{StaffLetter, write};
use crate::letter::template::Values;
use crate::texts::Text;

/// Writes to the recipient of a notice that their reply was not used, and why.
///
/// # Errors
/// When the store cannot be read.
pub async fn not_used(work: &mut Work, notice: &letter::Model, person: &staff::Model, why: &Text) -> Outcome<()> {
    let Some(from) = mailbox::Entity::find_by_id(notice.mailbox_id).one(work.tx()?).await? else { return Ok(()) };
    let seller = directory::seller::one(work, person.seller_id).await?;
    let values = Values {
        owner: Some(person.name.clone()),
        seller: seller.name,
        reason: Some(why.read_in(person.language).to_owned()),
        ..Values::empty(person.language)
    };
    let words = (&words::not_used(person.language), &values);
    let letter = StaffLetter { id: work.new_id(), from: &from, to: person, case: None, words };
    write(work, &letter);
    Ok(())
}
