//! Mailboxes: addresses that complaints are mailed to, and that letters are sent from.

use entity::id::{MailboxId, SellerId};
use entity::json::Texts;
use entity::kind::{Language, MailTransport};
use entity::mailbox;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{NAME, taken};
use crate::access::door;
use crate::kit::contact::{self, checked_email};
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required};
use crate::kit::work::Work;
use crate::texts;

/// The maximum number of mailboxes of one seller.
const MOST: u64 = 100;
/// The maximum number of characters before the `@`, so that `+` and the code of a case fit as well (RFC 5321,
/// 4.5.3.1.1: 64 in all).
const LONGEST_LOCAL: usize = 23;

/// The contents of a new mailbox.
#[derive(Debug, Clone)]
pub struct NewMailbox {
    /// The address that complaints are mailed to.
    pub address: String,
    /// The display name that its letters are sent from.
    pub name: String,
    /// The category of the complaints that arrive here, as the seller names it.
    pub category: Option<String>,
    /// The language of those who write here; `None` means the seller's language.
    pub language: Option<Language>,
    /// How its mail arrives.
    pub transport: MailTransport,
    /// Addresses and domains of senders that are trusted to say who wrote the mail that they forward.
    pub trusted_senders: Vec<String>,
}

/// The maximum number of trusted addresses and domains of one mailbox.
const MOST_TRUSTED: usize = 50;

/// Checks and normalises trusted addresses and domains: lower case, without duplicates.
fn trusted(given: &[String]) -> Result<Texts, Problem> {
    if given.len() > MOST_TRUSTED {
        return Err(Problem::new(ErrorCode::TooLong, "trustedSenders", texts::directory::too_many_trusted()));
    }
    let read = |text: &String| {
        let text = text.trim();
        // A domain is valid if it can follow an `@`.
        let domain = || contact::email(&format!("x@{text}")).and_then(|made| made.get(2..).map(str::to_owned));
        if text.contains('@') { contact::email(text) } else { domain() }
    };
    let known: Option<Vec<String>> = given.iter().map(read).collect();
    let Some(mut known) = known else {
        return Err(Problem::new(ErrorCode::Invalid, "trustedSenders", texts::directory::bad_trusted()));
    };
    known.sort_unstable();
    known.dedup();
    Ok(Texts(known))
}

/// Adds a mailbox to a seller.
///
/// # Errors
/// When the address is missing, invalid, taken or too long for a `+` and code to follow, or another field is not valid.
pub async fn create(work: &mut Work, seller: SellerId, new: &NewMailbox) -> Outcome<mailbox::Model> {
    let row = door::seller(work, seller, "sellerId").await?;
    let mut problems = Problems::default();
    let name = problems.check(required(&new.name, "name", NAME));
    let category = problems.check(optional(new.category.as_deref(), "category", 100));
    let trusted_senders = problems.check(trusted(&new.trusted_senders));
    let address = problems.check(checked_email(Some(&new.address), "address")).flatten();
    match &address {
        None => problems.add(Problem::new(ErrorCode::Required, "address", texts::input::fill_in())),
        Some(address) => {
            let local = address.split('@').next().unwrap_or_default();
            if local.len() > LONGEST_LOCAL || local.contains('+') || !address.is_ascii() {
                problems.add(Problem::new(ErrorCode::Invalid, "address", texts::directory::bad_local_part()));
            }
            let holder = mailbox::Entity::find().filter(mailbox::Column::Address.eq(address.as_str()));
            if holder.one(work.tx()?).await?.is_some() {
                problems.add(taken("address"));
            }
        }
    }
    let own = mailbox::Entity::find().filter(mailbox::Column::SellerId.eq(seller));
    if own.count(work.tx()?).await? >= MOST {
        problems.add(Problem::new(ErrorCode::Invalid, "address", texts::directory::too_many_mailboxes()));
    }
    problems.refuse_if_any()?;
    let row = mailbox::Model {
        id: work.new_id(),
        version: 1,
        seller_id: seller,
        address: address.unwrap_or_default(),
        name: name.unwrap_or_default(),
        category: category.flatten(),
        language: new.language.unwrap_or(row.language),
        transport: new.transport,
        active: true,
        generation: 1,
        trusted_senders: trusted_senders.unwrap_or_default(),
        created_at: work.now(),
    };
    work.insert(row.clone());
    Ok(row)
}

/// Changes a mailbox; arguments that are left out stay unchanged. An inactive mailbox neither accepts nor sends mail. A
/// new key replaces the old one at once.
///
/// # Errors
/// When there is no such mailbox, the name is empty, or a trusted sender is neither an address nor a domain.
pub async fn update(
    work: &mut Work,
    id: MailboxId,
    (name, active, trusted_senders): (Option<&str>, Option<bool>, Option<&[String]>),
    new_key: bool,
) -> Outcome<mailbox::Model> {
    let row = work.lock::<mailbox::Model>(id).await?;
    let mut row = row.ok_or_else(|| Problem::not_found("mailboxId"))?;
    door::changes(work, row.seller_id, &*row, "mailboxId")?;
    if let Some(name) = name {
        row.name = required(name, "name", NAME)?;
    }
    if let Some(given) = trusted_senders {
        row.trusted_senders = trusted(given)?;
    }
    row.active = active.unwrap_or(row.active);
    row.generation += i32::from(new_key);
    Ok(row.done())
}
