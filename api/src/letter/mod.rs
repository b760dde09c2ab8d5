//! Letters: what the company writes by mail. A letter is a row, written with the change it tells of, sent after it, tried
//! again, and visible on the case when it did not arrive.

pub mod address;
pub mod built_in;
pub mod check;
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

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::id::{CaseId, MailboxId, SellerId};
use entity::kind::{Channel, Language, LetterKind, LetterStatus, PartyKind, Visibility};
use entity::{case, customer_email, letter, letter_template, mailbox, message, report, seller, staff};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

pub use self::built_in::Notice;
use self::template::{Rendered, Template, Values};
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;

/// Automatic letters to one address within an hour at most: two machines that answer each other stop here.
const TO_ONE_ADDRESS: u64 = 5;
/// Automatic letters about one case within a day at most.
const ABOUT_ONE_CASE: u64 = 10;
/// Automatic letters of one seller within a minute at most.
const OF_ONE_SELLER: u64 = 300;

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
    /// Whose mail it passes on: whether they are the customer is asked.
    pub forwarded: Option<String>,
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
        values.customer = answered.name.map(str::to_owned);
        values.subject = Some(case.subject.clone());
        values.forwarded = somebody_else(work, answered.forwarded.clone(), to).await?;
    }
    let held = why_held(work, case, to, answered.added).await?;
    let answers = answered.report.message_id.clone();
    let letter = Draft { from: &from, kind, to, answers, goes_on: answered.added, held };
    let mut row = letter.written(work, Some(case), case.language, &values).await?;
    row.report_id = Some(answered.report.id);
    work.insert(row);
    Ok(())
}

/// Mails what somebody of the staff wrote to the customer. Nothing where the seller has no mailbox or the customer no
/// address.
///
/// # Errors
/// When the store cannot be read.
pub async fn carry(work: &mut Work, case: &case::Model, message: &message::Model) -> Outcome<()> {
    if message.visibility != Visibility::Customer || message.by_kind != PartyKind::Staff {
        return Ok(());
    }
    let Some(Reached { to, answers, mailbox }) = address_of(work, case).await? else { return Ok(()) };
    let Some(from) = sender(work, case.seller_id, None, mailbox.as_deref()).await? else { return Ok(()) };
    let mut values = values(work, case).await?;
    values.subject = Some(case.subject.clone());
    values.message = Some(message.body.clone());
    if let Some(by) = message.by_id
        && let Some(person) = staff::Entity::find_by_id(entity::id::StaffId(by)).one(work.tx()?).await?
    {
        values.owner = Some(person.name);
    }
    let letter = Draft { from: &from, kind: LetterKind::Message, to: &to, answers, goes_on: true, held: None };
    let mut row = letter.written(work, Some(case), case.language, &values).await?;
    row.message_id = Some(message.id);
    work.insert(row);
    Ok(())
}

/// Tells the seller's accountable person that something needs them which is no case.
///
/// # Errors
/// When the store cannot be read.
pub async fn notify(work: &mut Work, mailbox: &mailbox::Model, about: Notice, reason: &str) -> Outcome<()> {
    let seller = seller(work, mailbox.seller_id).await?;
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

/// A letter about to be written.
struct Draft<'d> {
    from: &'d mailbox::Model,
    kind: LetterKind,
    to: &'d str,
    answers: Option<String>,
    /// Something may have been written about the case before.
    goes_on: bool,
    held: Option<&'static str>,
}

impl Draft<'_> {
    async fn written(
        self,
        work: &Work,
        case: Option<&case::Model>,
        language: Language,
        values: &Values,
    ) -> Outcome<letter::Model> {
        let template = template_of(work.tx()?, self.from.seller_id, self.kind, language).await?;
        self.filled(work, case, &template, values).await
    }

    async fn filled(
        self,
        work: &Work,
        case: Option<&case::Model>,
        template: &Template,
        values: &Values,
    ) -> Outcome<letter::Model> {
        let Rendered { subject, text, html } = render::render(template, values);
        let id: entity::id::LetterId = work.new_id();
        let domain = self.from.address.rsplit('@').next().unwrap_or_default();
        let root = match case.filter(|_| self.goes_on) {
            Some(case) => root(work, case.id).await?,
            None => None,
        };
        Ok(letter::Model {
            id,
            seller_id: self.from.seller_id,
            mailbox_id: self.from.id,
            case_id: case.map(|case| case.id),
            report_id: None,
            message_id: None,
            kind: self.kind,
            recipient: self.to.to_owned(),
            subject,
            body: text,
            html,
            header_id: format!("{id}@{domain}"),
            thread: thread(root, self.answers.as_deref()),
            answers: self.answers,
            status: if self.held.is_some() { LetterStatus::Held } else { LetterStatus::Waiting },
            reason: self.held.map(str::to_owned),
            attempts: 0,
            next_at: work.now(),
            taken_until: None,
            created_at: work.now(),
            ended_at: self.held.map(|_| work.now()),
            called_at: None,
        })
    }
}

/// The seller's own template, or the service's.
///
/// # Errors
/// When the store cannot be read.
pub async fn template_of(
    db: &impl ConnectionTrait,
    seller: SellerId,
    kind: LetterKind,
    language: Language,
) -> Result<Template, DbErr> {
    let own = letter_template::Entity::find_by_id((seller, kind, language)).one(db).await?;
    Ok(own.map_or_else(
        || built_in::built_in(kind, language),
        |row| Template { subject: row.subject, text: row.body, html: row.html },
    ))
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

async fn seller(work: &Work, id: SellerId) -> Outcome<seller::Model> {
    Ok(seller::Entity::find_by_id(id).one(work.tx()?).await?.ok_or(Fault::Broken("a case has a seller"))?)
}

async fn values(work: &Work, case: &case::Model) -> Outcome<Values> {
    let seller = seller(work, case.seller_id).await?;
    let owner = staff::Entity::find_by_id(case.owner_id).one(work.tx()?).await?;
    let owner = owner.ok_or(Fault::Broken("a case has an owner"))?;
    let zone: Tz = seller.time_zone.parse().unwrap_or(Tz::UTC);
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
        forwarded: None,
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
}

/// Where the customer is written to: the address they wrote from last, if it is theirs.
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
        let from = details.get("fromAddress")?.as_str()?;
        let to = known.iter().find(|known| known.address.eq_ignore_ascii_case(from))?.address.clone();
        let mailbox = details.get("mailbox").and_then(|mailbox| mailbox.as_str()).map(str::to_owned);
        Some(Reached { to, answers, mailbox })
    });
    let first = || known.first().map(|known| Reached { to: known.address.clone(), answers: None, mailbox: None });
    Ok(last.or_else(first))
}

/// The Message-IDs a letter goes on from: the first of the case and the one it answers (RFC 5322, 3.6.4), as one field.
fn thread(root: Option<String>, answers: Option<&str>) -> String {
    let mut ids: Vec<String> = root.into_iter().chain(answers.map(str::to_owned)).collect();
    ids.dedup();
    ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ")
}

/// The Message-ID that a case's mails go on from: of the first that came, else of our first letter.
async fn root(work: &Work, case: CaseId) -> Outcome<Option<String>> {
    let report: Option<Option<String>> = report::Entity::find()
        .select_only()
        .column(report::Column::MessageId)
        .filter(report::Column::CaseId.eq(case))
        .filter(report::Column::MessageId.is_not_null())
        .order_by_asc(report::Column::RecordedAt)
        .order_by_asc(report::Column::Id)
        .into_tuple()
        .one(work.tx()?)
        .await?;
    if let Some(id) = report.flatten() {
        return Ok(Some(id));
    }
    let first = letter::Entity::find()
        .select_only()
        .column(letter::Column::HeaderId)
        .filter(letter::Column::CaseId.eq(case))
        .order_by_asc(letter::Column::CreatedAt)
        .order_by_asc(letter::Column::Id)
        .into_tuple();
    Ok(first.one(work.tx()?).await?)
}

/// This address, unless it is the sender's own or one of our mailboxes.
async fn somebody_else(work: &Work, address: Option<String>, sender: &str) -> Outcome<Option<String>> {
    let Some(address) = address.filter(|address| address != sender) else { return Ok(None) };
    Ok((!is_ours(work, &address).await?).then_some(address))
}

async fn is_ours(work: &Work, address: &str) -> Outcome<bool> {
    let own = mailbox::Entity::find().filter(mailbox::Column::Address.eq(address::split(address).0));
    Ok(own.one(work.tx()?).await?.is_some())
}

/// Why an automatic letter is not sent, if it is not: nothing that answers by itself may go on for ever.
async fn why_held(work: &Work, case: &case::Model, to: &str, added: bool) -> Outcome<Option<&'static str>> {
    if is_ours(work, to).await? {
        return Ok(Some("the address is one of our own mailboxes"));
    }
    let sent = |since: TimeDelta| {
        letter::Entity::find()
            .filter(letter::Column::SellerId.eq(case.seller_id))
            .filter(letter::Column::Kind.is_in([LetterKind::Acknowledgement, LetterKind::Addition]))
            .filter(letter::Column::Status.ne(LetterStatus::Held))
            .filter(letter::Column::CreatedAt.gt(work.now() - since))
    };
    let to_them = sent(TimeDelta::hours(1)).filter(letter::Column::Recipient.eq(to)).count(work.tx()?).await?;
    if to_them >= TO_ONE_ADDRESS {
        return Ok(Some("the address got five automatic letters within the hour"));
    }
    let about_it = sent(TimeDelta::days(1)).filter(letter::Column::CaseId.eq(case.id));
    if added && about_it.count(work.tx()?).await? >= ABOUT_ONE_CASE {
        return Ok(Some("ten automatic letters about the case within the day"));
    }
    let all = sent(TimeDelta::minutes(1)).count(work.tx()?).await?;
    Ok((all >= OF_ONE_SELLER).then_some("three hundred automatic letters within the minute: something goes in circles"))
}
