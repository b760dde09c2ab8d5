//! Replies by members of staff to notices: a note on the case, or a message to its customer. A notice has two sealed
//! addresses, made for one person and one letter. Only that person's own address may use them, so that a forwarded
//! notice gives nobody else a way to write on the case.

mod decide;

use chrono::TimeDelta;
use entity::id::{CaseId, LetterId, MessageId};
use entity::kind::{ArrivalStatus, EmailWarning, Language, LetterStatus, SenderTrust};
use entity::{arrival, case, letter, mailbox, notice, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use self::decide::{Addressed, StaffReplyEffect, StaffReplyFacts, effect};
use super::email::{Mail, undelivered};
use super::quarantine;
use super::reply::{Answered, ONCE, files, names, taken, words};
use crate::case::{self as cases, OutgoingMessage};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::once::Once;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::letter::address::AddressTag;
use crate::letter::staff::ANSWERABLE;
use crate::letter::{self as letters, Notice, returned};
use crate::message::LONGEST;
use crate::notice::answer::not_used;
use crate::texts::{self, Text};

/// A mail that answers or returns a notice.
#[derive(Clone)]
pub struct StaffReply {
    answered: Answered,
    person: staff::Model,
    /// The address or addresses of the notice that it was sent to.
    to: Addressed,
    own: bool,
}

impl StaffReply {
    /// The member of staff to whom the notice was sent.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Staff { id: self.person.id, seller: self.person.seller_id, role: self.person.role }
    }

    fn letter(&self) -> LetterId {
        self.answered.letter.id
    }
}

/// The reply to a notice to a member of staff; none for an ordinary mail.
pub(super) async fn of(app: &App, answered: Answered) -> Outcome<Option<StaffReply>> {
    let Some(id) = answered.letter.staff_id else { return Ok(None) };
    let Some(person) = staff::Entity::find_by_id(id).one(app.reader().db()).await? else { return Ok(None) };
    let own = answered.is_by(&person.email);
    if answered.may_be_ordinary(own) {
        return Ok(None);
    }
    let (letter, tags) = (answered.letter.id, &answered.tags);
    let to = match (tags.contains(&AddressTag::Note(letter)), tags.contains(&AddressTag::ToCustomer(letter))) {
        (true, true) => Addressed::Both,
        (true, false) => Addressed::Note,
        (false, true) => Addressed::Customer,
        (false, false) => Addressed::Neither,
    };
    Ok(Some(StaffReply { answered, person, to, own }))
}

/// Mails the author of a reply that it was not used, if the author is the recipient of the notice.
pub(super) async fn refused(work: &mut Work, reply: &StaffReply, why: &Text) -> Outcome<()> {
    if reply.own { not_used(work, &reply.answered.letter, &reply.person, why).await } else { Ok(()) }
}

/// Takes in a stored reply: decides what is done with it, and does it.
pub(super) async fn act(
    work: &mut Work,
    row: arrival::Model,
    reply: &StaffReply,
    mail: &Mail,
    trust: SenderTrust,
) -> Outcome<()> {
    let Some(parsed) = mail.parsed() else { return Ok(()) };
    let about = about(work, reply.letter()).await?;
    let (kind, text) = words(work, parsed);
    let person = staff::Entity::find_by_id(reply.person.id).one(work.tx()?).await?;
    let sealed = [AddressTag::Note(reply.letter()), AddressTag::ToCustomer(reply.letter())];
    let facts = StaffReplyFacts {
        kind,
        to: reply.to,
        own: reply.own,
        itself: reply.answered.itself,
        doubtful: reply.answered.doubtful,
        trust,
        senders: parsed.warnings.contains(&EmailWarning::SeveralSenders),
        expired: work.now() - reply.answered.letter.created_at > ANSWERABLE,
        active: person.is_some_and(|person| person.active && person.role == reply.person.role),
        cases: about.len(),
        characters: text.chars().count(),
        sealed: names(work, &sealed, &text),
        files: files(parsed).next().is_some(),
    };
    let mut case = None;
    match (effect(&facts), about.first()) {
        (StaffReplyEffect::Aside(why), _) => {
            if reply.own && trust != SenderTrust::Failed && facts.active {
                not_used(work, &reply.answered.letter, &reply.person, &why).await?;
            }
            return quarantine::put_aside(work, row, why.read_in(Language::En)).await;
        }
        (StaffReplyEffect::Returned, _) => {
            if let Some(back) = undelivered(parsed, reply.letter()) {
                notice_returned(work, &reply.answered.letter, &reply.person, &back.reason).await?;
            }
        }
        (StaffReplyEffect::Nothing, _) | (_, None) => {}
        (effect, Some(id)) => {
            // The same mail may come to two addresses, or be fetched again.
            let operation = if effect == StaffReplyEffect::Message { "staffReply.message" } else { "staffReply.note" };
            let input = json!({ "letter": reply.letter().to_string() });
            let once = Once::new(work.actor(), operation, mail.key(), &input)?;
            if once.before(work).await?.is_none() {
                let made = match effect {
                    StaffReplyEffect::Message => {
                        cases::send_message(work, *id, &OutgoingMessage::plain(&text)).await?.1.id
                    }
                    _ => note(work, *id, &text, files(parsed).count(), reply.person.language).await?,
                };
                once.remember_for(work, &made.to_string(), ONCE);
            }
            case = Some(*id);
        }
    }
    work.save(taken(work, row, (ArrivalStatus::StaffReply, case)));
    Ok(())
}

/// Marks a notice as returned. The accountable person is told once a day for each address, unless it is their own.
async fn notice_returned(work: &mut Work, notice: &letter::Model, person: &staff::Model, why: &str) -> Outcome<()> {
    let before = letter::Entity::find()
        .filter(letter::Column::StaffId.eq(person.id))
        .filter(letter::Column::CreatedAt.gt(work.now() - TimeDelta::days(1)))
        .filter(letter::Column::Status.eq(LetterStatus::Bounced))
        .filter(letter::Column::Id.ne(notice.id));
    let known = before.limit(1).one(work.tx()?).await?.is_some() || notice.status == LetterStatus::Bounced;
    returned::bounced(work, notice.id, why, None).await?;
    let seller = crate::directory::seller::one(work, person.seller_id).await?;
    let from = mailbox::Entity::find_by_id(notice.mailbox_id).one(work.tx()?).await?;
    if let Some(from) = from.filter(|_| !known && seller.accountable_id != person.id) {
        let why = format!("{} <{}>: {why}", person.name, person.email);
        letters::notify(work, &from, Notice::NotDelivered, &why).await?;
    }
    Ok(())
}

/// The cases that a notice is about; for a merged case, the one that it was merged into.
async fn about(work: &Work, letter: LetterId) -> Outcome<Vec<CaseId>> {
    let ids: Vec<CaseId> = notice::Entity::find()
        .select_only()
        .column(notice::Column::CaseId)
        .filter(notice::Column::LetterId.eq(letter))
        .distinct()
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let rows: Vec<(CaseId, Option<CaseId>)> = case::Entity::find()
        .select_only()
        .columns([case::Column::Id, case::Column::MergedInto])
        .filter(case::Column::Id.is_in(ids))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    Ok(rows.into_iter().map(|(id, into)| into.unwrap_or(id)).collect())
}

/// Writes the note; returns its id.
async fn note(work: &mut Work, id: CaseId, text: &str, files: usize, language: Language) -> Outcome<MessageId> {
    let left_out = texts::reply::files_not_kept(files);
    let end = if files > 0 { left_out.read_in(language) } else { "" };
    let text = format!("{}{end}", truncated(text, LONGEST - end.chars().count()));
    Ok(cases::add_note(work, id, &text, &[]).await?.1.id)
}
