//! Letters: what the company writes by mail. A letter is a row, written with the change it tells of, sent after it, tried
//! again, and visible on the case when it did not arrive.

pub mod address;
pub mod built_in;
pub mod check;
mod draft;
pub mod held;
pub mod name;
pub mod own;
pub mod page;
pub mod render;
pub mod returned;
pub mod send;
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
use entity::kind::{Channel, Language, LetterKind, LetterStatus, PartyKind, Visibility};
use entity::{case, customer, customer_email, letter, mailbox, message, report, staff, tracking_token};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub use self::built_in::Notice;
use self::draft::Draft;
pub use self::draft::template_of;
use self::held::why_held;
use self::template::Values;
use crate::access::key;
use crate::directory;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;
use crate::mail::facts::MailFacts;

/// What stands for the case's tracking token in a letter until it is sent: who may read letters may not act as customers.
const HIDDEN: &str = "trk_hidden";

/// What a letter answers.
pub struct Answered<'r> {
    /// The report.
    pub report: &'r report::Model,
    /// What the sender calls themselves.
    pub name: Option<&'r str>,
    /// Whom to answer; nobody when the report names no address.
    pub to: Option<&'r str>,
    /// Through which mailbox it came; the seller's first when by another way.
    pub mailbox: Option<MailboxId>,
    /// The sender's own domain says that it did not send it: nothing personal is told.
    pub doubted: bool,
    /// It joined a case that was there.
    pub added: bool,
}

/// Says that a report was received: who answers for it, and when the customer hears more. Nothing where the seller has no
/// mailbox or the report no address.
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

/// Tells whoever is a case's customer from now on, at this address, what everybody who files a complaint is told; without
/// one a call to the number is due. It comes from the mailbox that wrote about the case last. The caller saves the case.
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

/// A letter that nobody can be sent: it stands there for whoever calls.
fn not_sent(work: &mut Work, case: &mut case::Model, row: &mut letter::Model) -> Outcome<()> {
    row.status = LetterStatus::Failed;
    row.reason = Some("we know no e-mail address of the customer".to_owned());
    row.ended_at = Some(work.now());
    log::append(work, case, &Payload::CustomerUnreached { letter: row.id })
}

/// Mails what somebody of the staff wrote to the customer; where we know no address, a call is due instead. Nothing where
/// the seller has no mailbox. The caller saves the case.
///
/// # Errors
/// When the store cannot be read.
pub async fn carry(work: &mut Work, case: &mut case::Model, message: &message::Model) -> Outcome<()> {
    if message.visibility != Visibility::Customer || message.by_kind != PartyKind::Staff {
        return Ok(());
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
    let Some(from) = sender(work, case.seller_id, None, mailbox.as_deref()).await? else { return Ok(()) };
    let mut values = values(work, case).await?;
    let proven = proven || has_used(work, case, &to).await?;
    address_them(&mut values, proven, customer(work, case).await?, case);
    values.message = Some(message.body.clone());
    if let Some(by) = message.by_id
        && let Some(person) = staff::Entity::find_by_id(entity::id::StaffId(by)).one(work.tx()?).await?
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
    Ok(())
}

/// Tells the seller's accountable person that something needs them which is no case.
///
/// # Errors
/// When the store cannot be read.
pub async fn notify(work: &mut Work, mailbox: &mailbox::Model, about: Notice, reason: &str) -> Outcome<()> {
    let seller = directory::seller::one(work, mailbox.seller_id).await?;
    let person = staff::Entity::find_by_id(seller.accountable_id).one(work.tx()?).await?;
    let person = person.ok_or(Fault::Broken("a seller has an accountable person"))?;
    let values = Values {
        seller: seller.name,
        owner: Some(person.name),
        reason: Some(reason.to_owned()),
        ..nothing(seller.language)
    };
    let letter =
        Draft { from: mailbox, kind: LetterKind::Notice, to: &person.email, answers: None, goes_on: false, held: None };
    let row = letter.filled(work, None, &built_in::notice(about, seller.language), &values).await?;
    work.insert(row);
    Ok(())
}

/// Whether the customer is to be called because of a letter: it did not arrive, and nobody has called since.
#[must_use]
pub fn call_due(row: &letter::Model) -> bool {
    matches!(row.status, LetterStatus::Failed | LetterStatus::Bounced) && row.called_at.is_none()
}

/// The mailbox a letter is sent from: the one that is named, else the seller's first.
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

/// What the customer calls themselves: in this case, else as they are known.
async fn customer(work: &Work, case: &case::Model) -> Outcome<Option<String>> {
    if case.customer_name.is_some() {
        return Ok(case.customer_name.clone());
    }
    let row = customer::Entity::find_by_id(case.customer_id).one(work.tx()?).await?;
    Ok(row.and_then(|row| row.name))
}

async fn values(work: &Work, case: &case::Model) -> Outcome<Values> {
    let seller = directory::seller::one(work, case.seller_id).await?;
    let owner = staff::Entity::find_by_id(case.owner_id).one(work.tx()?).await?;
    let owner = owner.ok_or(Fault::Broken("a case has an owner"))?;
    let zone: Tz = directory::calendar::zone(&seller.calendar);
    let in_words = |at: DateTime<Utc>| words::date_in_words(at, zone, case.language);
    Ok(Values {
        reference: Some(case.reference.clone()),
        owner: Some(owner.name),
        seller: seller.name,
        due: case.next_contact_due.map(in_words),
        link: seller.tracking_url.map(|page| format!("{page}#{HIDDEN}")),
        ..nothing(case.language)
    })
}

/// Says whom the letter is to and what about. What a stranger wrote goes to nobody else in our name: before it is shown that
/// whoever reads mail at the address wrote it, or has seen the case, a letter has a subject of our own, and a name only if
/// it looks like one.
fn address_them(values: &mut Values, proven: bool, name: Option<String>, case: &case::Model) {
    values.customer = name.filter(|name| proven || name::is_like_a_name(name));
    values.subject = proven.then(|| case.subject.clone());
}

/// Whether somebody has followed the case by the link that only letters to this address carry.
async fn has_used(work: &Work, case: &case::Model, address: &str) -> Outcome<bool> {
    let token = key::letter_token(work.app().secret(), case.id, case.customer_id, address);
    let row = tracking_token::Entity::find_by_id(key::hash(&token)).one(work.tx()?).await?;
    Ok(row.is_some_and(|row| row.revoked_at.is_none() && row.used_at.is_some()))
}

/// Values of nothing, in this language.
fn nothing(language: Language) -> Values {
    Values {
        language,
        reference: None,
        subject: None,
        owner: None,
        seller: String::new(),
        customer: None,
        due: None,
        message: None,
        link: None,
        reason: None,
    }
}

/// Where a customer is reached.
struct Reached {
    to: String,
    /// The mail that is answered.
    answers: Option<String>,
    /// The mailbox they wrote to.
    mailbox: Option<String>,
    /// Whether it is shown that whoever reads mail there wrote that mail.
    proven: bool,
}

/// Where the customer is written to: the address they wrote from last, if it is theirs or somebody said so.
async fn address_of(work: &Work, case: &case::Model) -> Outcome<Option<Reached>> {
    let known = customer_email::Entity::find()
        .filter(customer_email::Column::CustomerId.eq(case.customer_id))
        .order_by_asc(customer_email::Column::Address)
        .all(work.tx()?)
        .await?;
    // Without their words: a case may hold many long mails.
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
