//! Letters: what the company mails. A letter is a row that is written in the same transaction as the change it reports.
//! It is sent after the commit, retried, and shown on the case when it did not arrive.

pub mod address;
pub mod allowance;
pub mod built_in;
pub mod check;
mod draft;
pub mod held;
pub mod link;
pub mod name;
pub mod own;
pub mod page;
pub mod partner;
pub mod render;
pub mod reply;
pub mod request;
pub mod returned;
pub mod send;
pub mod staff;
pub mod subject;
pub mod syntax;
pub mod template;
pub mod words;

#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::id::{MailboxId, SellerId};
use entity::kind::{Channel, LetterKind, LetterStatus, PartyKind, Visibility};
use entity::{case, customer, customer_email, letter, mailbox, message, report, tracking_token};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub use self::built_in::Notice;
use self::draft::Draft;
pub use self::draft::template_of;
use self::held::why_held;
use self::template::Values;
use crate::access::key;
use crate::access::own::token_of;
use crate::directory;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;
use crate::mail::facts::MailFacts;
use crate::texts;
use crate::timer;

/// The placeholder for the tracking token in a stored letter. The token is inserted when the letter is sent, so that
/// staff who can read letters cannot act as the customer.
const HIDDEN: &str = "trk_hidden";

/// What an acknowledgement answers.
pub struct Answered<'r> {
    /// The report.
    pub report: &'r report::Model,
    /// The name that the sender gives.
    pub name: Option<&'r str>,
    /// The address to answer; `None` when the report has none.
    pub to: Option<&'r str>,
    /// The mailbox that the report came to; `None` (another channel) means the seller's first mailbox.
    pub mailbox: Option<MailboxId>,
    /// Whether the sender's domain denies having sent the mail. The letter then contains nothing personal.
    pub doubted: bool,
    /// Whether the report was added to an existing case.
    pub added: bool,
}

/// Confirms that a report was received, and says who owns the case and when the customer hears more. Does nothing when
/// the seller has no mailbox or the report has no address.
///
/// # Errors
/// When the store cannot be read.
pub async fn acknowledge(work: &mut Work, case: &case::Model, answered: &Answered<'_>) -> Outcome<()> {
    let Some(to) = answered.to else { return Ok(()) };
    let Some(from) = sender(work, case.seller_id, answered.mailbox, None).await? else { return Ok(()) };
    let kind = if answered.added { LetterKind::Addition } else { LetterKind::Acknowledgement };
    let mut values = values(work, case).await?;
    if answered.doubted {
        values.link = None;
    } else {
        let proven = MailFacts::of(&answered.report.details).proven || has_used(work, case, to).await?;
        address_them(&mut values, proven, answered.name.map(str::to_owned), case);
    }
    let held = why_held(work, case, to, answered.added).await?;
    let answers = answered.report.message_id.clone();
    let letter = Draft { from: &from, kind, to, answers, goes_on: answered.added, held };
    let mut row = letter.written(work, Some(case), case.language, &values).await?;
    row.report_id = Some(answered.report.id);
    work.insert(row);
    Ok(())
}

/// Sends a new customer of a case the same letter as everybody who files a complaint. Without an address, a call to the
/// number becomes due. The letter comes from the mailbox of the last letter about the case.
///
/// # Errors
/// When the store cannot be read.
pub async fn introduce(
    work: &mut Work,
    case: &mut case::Model,
    name: Option<String>,
    (address, number): (Option<String>, Option<String>),
) -> Outcome<()> {
    let last = letter::Entity::find()
        .select_only()
        .column(letter::Column::MailboxId)
        .filter(letter::Column::CaseId.eq(case.id))
        .order_by_desc(letter::Column::CreatedAt)
        .order_by_desc(letter::Column::Id)
        .into_tuple()
        .one(work.tx()?)
        .await?;
    let Some(from) = sender(work, case.seller_id, last, None).await? else { return Ok(()) };
    let mut values = values(work, case).await?;
    let proven = match &address {
        Some(address) => has_used(work, case, address).await?,
        None => false,
    };
    address_them(&mut values, proven, name, case);
    let held = match &address {
        Some(address) => why_held(work, case, address, true).await?,
        None => None,
    };
    let unreached = address.is_none();
    let to = address.or(number).unwrap_or_default();
    let kind = LetterKind::Acknowledgement;
    let letter = Draft { from: &from, kind, to: &to, answers: None, goes_on: false, held };
    let mut row = letter.written(work, Some(case), case.language, &values).await?;
    if unreached {
        not_sent(work, case, &mut row)?;
    }
    work.insert(row);
    Ok(())
}

/// Marks a letter as failed because there is no address to send it to. Whoever calls the customer can read it.
fn not_sent(work: &mut Work, case: &mut case::Model, row: &mut letter::Model) -> Outcome<()> {
    row.status = LetterStatus::Failed;
    row.reason = Some("we know no e-mail address of the customer".to_owned());
    row.ended_at = Some(work.now());
    timer::call(work, case, row.id.0);
    log::append(work, case, &Payload::CustomerUnreached { letter: row.id })
}

/// Mails a message from staff to the customer, which names its files: the customer reads them where they follow the
/// case. When no address is known, a call becomes due instead. Does nothing when
/// the seller has no mailbox. Returns false when a call became due.
///
/// # Errors
/// When the store cannot be read.
pub async fn mail_message(
    work: &mut Work,
    case: &mut case::Model,
    message: &message::Model,
    files: &[String],
) -> Outcome<bool> {
    if message.visibility != Visibility::Customer || message.by_kind != PartyKind::Staff {
        return Ok(true);
    }
    let reached = address_of(work, case).await?;
    let unreached = reached.is_none();
    let Reached { to, answers, mailbox, proven } = match reached {
        Some(reached) => reached,
        None => Reached {
            to: directory::customer::number(work, case.customer_id).await?.unwrap_or_default(),
            answers: None,
            mailbox: None,
            proven: false,
        },
    };
    let Some(from) = sender(work, case.seller_id, None, mailbox.as_deref()).await? else { return Ok(true) };
    let mut values = values(work, case).await?;
    let proven = proven || has_used(work, case, &to).await?;
    address_them(&mut values, proven, customer(work, case).await?, case);
    let named = texts::letter::with_files(files.join(", "));
    let named = (!files.is_empty()).then(|| format!("\n\n{}", named.read_in(case.language)));
    values.message = Some(format!("{}{}", message.body, named.unwrap_or_default()));
    if let Some(by) = message.by_id
        && let Some(person) = entity::staff::Entity::find_by_id(entity::id::StaffId(by)).one(work.tx()?).await?
    {
        values.owner = Some(person.name);
    }
    let letter = Draft { from: &from, kind: LetterKind::Message, to: &to, answers, goes_on: true, held: None };
    let mut row = letter.written(work, Some(case), case.language, &values).await?;
    row.message_id = Some(message.id);
    if unreached {
        not_sent(work, case, &mut row)?;
    }
    work.insert(row);
    Ok(!unreached)
}

/// Mails the customer what has changed on their case, in these words. Does nothing when no address is known, or the
/// seller has no mailbox.
///
/// # Errors
/// When the store cannot be read.
pub async fn update(work: &mut Work, case: &case::Model, words: String) -> Outcome<()> {
    let Some(Reached { to, answers, mailbox, proven }) = address_of(work, case).await? else { return Ok(()) };
    let Some(from) = sender(work, case.seller_id, None, mailbox.as_deref()).await? else { return Ok(()) };
    let mut values = values(work, case).await?;
    let proven = proven || has_used(work, case, &to).await?;
    address_them(&mut values, proven, customer(work, case).await?, case);
    values.message = Some(words);
    let held = why_held(work, case, &to, true).await?;
    let letter = Draft { from: &from, kind: LetterKind::Update, to: &to, answers, goes_on: true, held };
    let row = letter.written(work, Some(case), case.language, &values).await?;
    work.insert(row);
    Ok(())
}

/// Notifies the seller's accountable person of something that needs attention and is not a case.
///
/// # Errors
/// When the store cannot be read.
pub async fn notify(work: &mut Work, mailbox: &mailbox::Model, about: Notice, reason: &str) -> Outcome<()> {
    let seller = directory::seller::one(work, mailbox.seller_id).await?;
    let person = entity::staff::Entity::find_by_id(seller.accountable_id).one(work.tx()?).await?;
    let person = person.ok_or(Fault::Broken("a seller has an accountable person"))?;
    let values = Values {
        seller: seller.name,
        owner: Some(person.name),
        reason: Some(reason.to_owned()),
        ..Values::empty(seller.language)
    };
    let letter =
        Draft { from: mailbox, kind: LetterKind::Notice, to: &person.email, answers: None, goes_on: false, held: None };
    let row = letter.filled(work, None, &built_in::notice(about, seller.language), &values).await?;
    work.insert(row);
    Ok(())
}

/// Whether the customer must be called because of this letter: it did not arrive, and nobody has called since.
#[must_use]
pub fn call_due(row: &letter::Model) -> bool {
    matches!(row.status, LetterStatus::Failed | LetterStatus::Bounced) && row.called_at.is_none()
}

/// The mailbox that a letter is sent from: the named one, or otherwise the seller's first.
async fn sender(
    work: &Work,
    seller: SellerId,
    id: Option<MailboxId>,
    address: Option<&str>,
) -> Outcome<Option<mailbox::Model>> {
    let mut found = mailbox::Entity::find()
        .filter(mailbox::Column::SellerId.eq(seller))
        .filter(mailbox::Column::Active.eq(true))
        .order_by_asc(mailbox::Column::CreatedAt)
        .order_by_asc(mailbox::Column::Id)
        .all(work.tx()?)
        .await?;
    let place =
        found.iter().position(|row| Some(row.id) == id || Some(row.address.as_str()) == address).unwrap_or_default();
    Ok((place < found.len()).then(|| found.swap_remove(place)))
}

/// The customer's name: as given in this case, or otherwise as stored for the customer.
async fn customer(work: &Work, case: &case::Model) -> Outcome<Option<String>> {
    if case.customer_name.is_some() {
        return Ok(case.customer_name.clone());
    }
    let row = customer::Entity::find_by_id(case.customer_id).one(work.tx()?).await?;
    Ok(row.and_then(|row| row.name))
}

async fn values(work: &Work, case: &case::Model) -> Outcome<Values> {
    let seller = directory::seller::one(work, case.seller_id).await?;
    let owner = entity::staff::Entity::find_by_id(case.owner_id).one(work.tx()?).await?;
    let owner = owner.ok_or(Fault::Broken("a case has an owner"))?;
    let zone: Tz = directory::calendar::zone(&seller.calendar);
    let in_words = |at: DateTime<Utc>| words::date_in_words(at, zone, case.language);
    Ok(Values {
        reference: Some(case.reference.clone()),
        owner: Some(owner.name),
        seller: seller.name,
        due: case.next_contact_due.map(in_words),
        link: seller.tracking_url.map(|page| format!("{page}#{HIDDEN}")),
        ..Values::empty(case.language)
    })
}

/// Fills in the customer's name and subject. A stranger could file a complaint with somebody else's address and have
/// the company mail any text to it. Until it is proven that the person who reads mail at the address wrote the report
/// or has seen the case, a letter has the company's own subject, and a name only if it looks like one.
fn address_them(values: &mut Values, proven: bool, name: Option<String>, case: &case::Model) {
    values.customer = name.filter(|name| proven || name::is_like_a_name(name));
    values.subject = proven.then(|| case.subject.clone());
}

/// Whether somebody has followed the case with the link that only letters to this address contain.
async fn has_used(work: &Work, case: &case::Model, address: &str) -> Outcome<bool> {
    let token = token_of(work, case).await?.letter(work.app().secret(), address);
    let row = tracking_token::Entity::find_by_id(key::hash(&token)).one(work.tx()?).await?;
    Ok(row.is_some_and(|row| row.revoked_at.is_none() && row.used_at.is_some()))
}

/// How a customer can be reached.
struct Reached {
    to: String,
    /// The Message-ID of the mail that is answered.
    answers: Option<String>,
    /// The address of the mailbox that they wrote to.
    mailbox: Option<String>,
    /// Whether it is proven that whoever reads mail at the address wrote that mail.
    proven: bool,
}

/// The address to write to: that of the customer's last mail, if it is theirs or staff have confirmed it; otherwise the
/// first address that is stored for the customer.
async fn address_of(work: &Work, case: &case::Model) -> Outcome<Option<Reached>> {
    let known = customer_email::Entity::find()
        .filter(customer_email::Column::CustomerId.eq(case.customer_id))
        .order_by_asc(customer_email::Column::Address)
        .all(work.tx()?)
        .await?;
    // The texts of the mails are not read, because a case may have many long ones.
    let mails: Vec<(serde_json::Value, Option<String>)> = report::Entity::find()
        .select_only()
        .columns([report::Column::Details, report::Column::MessageId])
        .filter(report::Column::CaseId.eq(case.id))
        .filter(report::Column::Channel.eq(Channel::Email))
        .order_by_desc(report::Column::RecordedAt)
        .order_by_desc(report::Column::Id)
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let last = mails.into_iter().find_map(|(details, answers)| {
        let facts = MailFacts::of(&details);
        let from = facts.sender().filter(|_| !facts.is_automatic())?;
        let theirs = facts.confirmed || known.iter().any(|known| known.address == from);
        theirs.then_some(Reached { to: from, answers, mailbox: facts.mailbox, proven: facts.proven })
    });
    let reached = |to: String| Reached { to, answers: None, mailbox: None, proven: false };
    let first = || known.first().map(|known| reached(known.address.clone()));
    Ok(last.or_else(first))
}
