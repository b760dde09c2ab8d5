//! Mails that answer or return letters to people who are not customers: notices to staff, and mails to partners' people
//! about tasks. They open no case. Such a letter asks for answers to a sealed address that is made for one person and
//! one letter, and only that person's own address may use it.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::id::{ArrivalId, CaseId};
use entity::kind::{ArrivalStatus, EmailKind, Language, SenderTrust};
use entity::{arrival, letter};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

use super::email::{Mail, tags};
use super::{partner_reply, quarantine, staff_reply};
use crate::case as cases;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::contact;
use crate::kit::error::{Fault, Outcome, Refusal};
use crate::kit::rows::Held;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::letter::address::AddressTag;
use crate::letter::partner::masked;
use crate::mail::{Attached, ParsedEmail};
use crate::message::LONGEST;
use crate::texts::Text;

/// How many of the Message-IDs that a mail answers are looked up.
const MOST: usize = 20;
/// How long an answer is remembered, so that the same mail has no effect twice. A mail may be fetched again after
/// weeks.
pub(super) const ONCE: TimeDelta = TimeDelta::days(60);
/// Pictures smaller than this many bytes are taken for part of a signature.
const OF_A_SIGNATURE: usize = 32 * 1024;

/// A mail that answers or returns a letter to somebody who is not a customer.
#[derive(Clone)]
pub enum Reply {
    /// A letter to a member of staff.
    Staff(staff_reply::StaffReply),
    /// A letter to a person at a partner.
    Partner(partner_reply::PartnerReply),
}

impl Reply {
    /// The person to whom the letter was sent.
    fn actor(&self) -> Actor {
        match self {
            Self::Staff(reply) => reply.actor(),
            Self::Partner(reply) => reply.actor(),
        }
    }
}

/// The facts about such a mail that do not depend on its author.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate fact about one mail")]
pub(super) struct Answered {
    /// The letter that it answers or returns.
    pub letter: letter::Model,
    /// The tags of the sealed addresses that it was sent to.
    pub tags: Vec<AddressTag>,
    /// Whether the letter was found by such a tag, and not by its Message-ID.
    pub by_tag: bool,
    /// The address of its sender.
    pub from: Option<String>,
    /// Whether it is the letter itself, which was redirected to a mailbox.
    pub itself: bool,
    /// Whether it is old, cut or not understood, so that it must not be acted on.
    pub doubtful: bool,
    /// Whether a program wrote it.
    pub automatic: bool,
}

impl Answered {
    /// Whether it comes from this address.
    pub(super) fn is_by(&self, address: &str) -> bool {
        self.from.as_deref() == Some(address)
    }

    /// Whether it may be an ordinary mail: a customer's mail may refer to a letter to staff or a partner that was
    /// forwarded to them.
    pub(super) fn may_be_ordinary(&self, own: bool) -> bool {
        !self.by_tag && !own && !self.itself && !self.automatic
    }
}

/// Whether a stored mail answers or returns such a letter, according to the addresses it is sent to or the Message-IDs
/// that it refers to.
///
/// # Errors
/// When the store cannot be read.
pub async fn find(app: &App, row: &arrival::Model, mail: &Mail) -> Outcome<Option<Reply>> {
    let Some(answered) = answered(app, row, mail).await? else { return Ok(None) };
    if answered.letter.staff_id.is_some() {
        return Ok(staff_reply::of(app, answered).await?.map(Reply::Staff));
    }
    Ok(partner_reply::of(app, answered).await?.map(Reply::Partner))
}

async fn answered(app: &App, row: &arrival::Model, mail: &Mail) -> Outcome<Option<Answered>> {
    let Some(parsed) = mail.parsed() else { return Ok(None) };
    let tags: Vec<AddressTag> = tags(app.secret(), parsed, Some(&row.envelope_to)).collect();
    let by_tag = tags.iter().find_map(|tag| tag.any_letter());
    let to_others = letter::Column::StaffId.is_not_null().or(letter::Column::ContactId.is_not_null());
    let letters = letter::Entity::find().filter(letter::Column::SellerId.eq(row.seller_id)).filter(to_others);
    let own_id = parsed.message_id.iter();
    let ids: Vec<&str> =
        own_id.chain(&parsed.bounced_message_id).chain(&parsed.answers).take(MOST).map(String::as_str).collect();
    let found = match by_tag {
        Some(id) => letters.filter(letter::Column::Id.eq(id)),
        None if tags.is_empty() && !ids.is_empty() => letters.filter(letter::Column::HeaderId.is_in(ids)).limit(1),
        None => return Ok(None),
    };
    let Some(letter) = found.one(app.reader().db()).await? else { return Ok(None) };
    Ok(Some(Answered {
        itself: parsed.message_id.as_ref() == Some(&letter.header_id),
        letter,
        tags,
        by_tag: by_tag.is_some(),
        from: parsed.sender.as_ref().and_then(|from| contact::email(&from.address)),
        doubtful: row.old || row.cut || parsed.not_understood_because.is_some(),
        automatic: parsed.kind.is_automatic(),
    }))
}

/// As [`find`], but returns only the status that such a mail gets; none for an ordinary mail.
///
/// # Errors
/// When the store cannot be read.
pub async fn arrival_status(app: &App, row: &arrival::Model, mail: &Mail) -> Result<Option<ArrivalStatus>, Fault> {
    match find(app, row, mail).await {
        Ok(Some(Reply::Staff(_))) => Ok(Some(ArrivalStatus::StaffReply)),
        Ok(Some(Reply::Partner(_))) => Ok(Some(ArrivalStatus::PartnerReply)),
        Err(Refusal::Fault(fault)) => Err(fault),
        Ok(None) | Err(Refusal::Problems(_)) => Ok(None),
    }
}

/// Takes in such a mail, with the person to whom the letter was sent as the actor. An act that they are not allowed is
/// not done, and the mail waits in quarantine with the reason.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn take_in(app: &App, id: ArrivalId, reply: Reply, mail: Arc<Mail>, trust: SenderTrust) -> Outcome<()> {
    let (actor, reply) = (reply.actor(), Arc::new(reply));
    let author = Arc::clone(&reply);
    let done = app.run(actor, async move |work| act(work, id, (reply.clone(), mail.clone(), trust)).await).await;
    let problems = match done {
        Err(Refusal::Problems(problems)) => problems,
        done => return done,
    };
    let why = Text::joined(&problems.iter().map(|problem| &problem.message).collect::<Vec<_>>());
    let (why, told) = (Arc::new(why), trust != SenderTrust::Failed);
    app.run(Actor::System, async move |work| refuse(work, id, (author.clone(), told), why.clone()).await).await
}

fn act(
    work: &mut Work,
    id: ArrivalId,
    (reply, mail, trust): (Arc<Reply>, Arc<Mail>, SenderTrust),
) -> BoxFuture<'_, Outcome<()>> {
    Box::pin(async move {
        let row = work.lock::<arrival::Model>(id).await?.map(Held::done);
        let Some(row) = row.filter(|row| row.status == ArrivalStatus::Waiting) else { return Ok(()) };
        match reply.as_ref() {
            Reply::Staff(reply) => staff_reply::act(work, row, reply, &mail, trust).await,
            Reply::Partner(reply) => partner_reply::act(work, row, reply, &mail, trust).await,
        }
    })
}

/// Puts such a mail in quarantine because its author may not do what it asks for, and mails the author the reason.
fn refuse(
    work: &mut Work,
    id: ArrivalId,
    (reply, told): (Arc<Reply>, bool),
    why: Arc<Text>,
) -> BoxFuture<'_, Outcome<()>> {
    Box::pin(async move {
        let what = match reply.as_ref() {
            Reply::Staff(_) => "It answers a notice to a member of staff.",
            Reply::Partner(_) => "It answers a mail to a partner about a task.",
        };
        let reason = format!("{what} {}", why.read_in(Language::En));
        let waits = quarantine::give_up(work, id, &reason).await?;
        match reply.as_ref() {
            Reply::Staff(reply) if waits && told => staff_reply::refused(work, reply, &why).await,
            Reply::Partner(reply) if waits && told => partner_reply::refused(work, reply, &why).await,
            _ => Ok(()),
        }
    })
}

/// The row of such a mail after it was taken in.
pub(super) fn taken(
    work: &Work,
    row: arrival::Model,
    (status, case_id): (ArrivalStatus, Option<CaseId>),
) -> arrival::Model {
    arrival::Model { status, case_id, reason: None, ended_at: Some(work.now()), leased_until: None, ..row }
}

/// What a person wrote, without quoted text; for a forwarded mail, its text too. Links to tasks are always masked,
/// because they may remain in text that was not recognised as a quote.
pub(super) fn words(work: &Work, parsed: &ParsedEmail) -> (EmailKind, String) {
    let (kind, _, visible) = parsed.reclassify(None, true);
    let text = parsed.message().unwrap_or(visible.text);
    (kind, masked(work.app().secret(), text.trim()))
}

/// The files that came with a reply, without the small pictures of a signature.
pub(super) fn files(parsed: &ParsedEmail) -> impl Iterator<Item = &Attached> {
    let of_a_signature =
        |file: &&Attached| file.content_type.starts_with("image/") && file.bytes.len() < OF_A_SIGNATURE;
    parsed.attachments.iter().filter(move |file| !of_a_signature(file))
}

/// Whether the text contains one of these sealed addresses.
pub(super) fn names(work: &Work, tags: &[AddressTag], text: &str) -> bool {
    let text = text.to_lowercase();
    tags.iter().any(|tag| text.contains(&tag.text(work.app().secret())))
}

/// Adds such a mail from quarantine to a case, as a note by the actor that names the mail's author and its files. The
/// files are not kept.
///
/// # Errors
/// As [`cases::add_note`].
pub async fn assign(
    work: &mut Work,
    row: arrival::Model,
    (mail, status): (&Mail, ArrivalStatus),
    case: CaseId,
) -> Outcome<arrival::Model> {
    let text = mail.parsed().map_or_else(String::new, |parsed| words(work, parsed).1);
    let names: Vec<&str> = mail.parsed().into_iter().flat_map(files).map(|file| file.name.as_str()).collect();
    let left_out = if names.is_empty() { String::new() } else { format!("\n\n({})", names.join(", ")) };
    let room = LONGEST.saturating_sub(left_out.chars().count());
    let text = truncated(&format!("{}:\n{text}", mail.sender()), room);
    cases::add_note(work, case, &format!("{text}{left_out}"), &[]).await?;
    let row = taken(work, row, (status, Some(case)));
    work.save(row.clone());
    Ok(row)
}
