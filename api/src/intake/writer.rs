//! Which senders are trusted to name the writer of the mails that they pass on, such as a group's address or a web
//! form. Each mailbox has a list of them.

use entity::id::SellerId;
use entity::mailbox;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::letter::address;
use crate::mail::ParsedEmail;

/// How many of a mail's addresses are looked up among the mailboxes.
const MOST: usize = 40;

/// The trusted senders of this mailbox, or else of the mailboxes that the mail is addressed to. Nothing is looked up
/// when no sign says that the mail was passed on for somebody else.
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
