//! Who wrote a mail that came through a group's address or a form: by the senders that the mailbox it came to believes.

use entity::id::SellerId;
use entity::mailbox;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::letter::address;
use crate::mail::ParsedEmail;

/// Addresses of a mail that are looked up among the mailboxes.
const MOST: usize = 40;

/// The senders that are believed about who wrote what they pass on: by this mailbox, or else by those that the mail is
/// addressed to. None are looked up for a mail that nobody seems to pass on.
///
/// # Errors
/// When the store cannot be read.
pub async fn believed<C: ConnectionTrait>(
    db: &C,
    seller: SellerId,
    parsed: &ParsedEmail,
    mailbox: Option<&mailbox::Model>,
) -> Result<Vec<String>, DbErr> {
    if parsed.passed_on.is_none() {
        return Ok(Vec::new());
    }
    if let Some(mailbox) = mailbox {
        return Ok(mailbox.trusted_senders.0.clone());
    }
    let named: Vec<String> = parsed.recipients.iter().take(MOST).map(|to| address::split(&to.address).0).collect();
    let found = mailbox::Entity::find()
        .filter(mailbox::Column::SellerId.eq(seller))
        .filter(mailbox::Column::Active.eq(true))
        .filter(mailbox::Column::Address.is_in(named));
    Ok(found.all(db).await?.into_iter().flat_map(|row| row.trusted_senders.0).collect())
}
