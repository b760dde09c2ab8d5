//! What members of staff answer to notices by mail: a note on the case, or a message to its customer. A notice names two
//! sealed addresses, made for one person and one letter. Only that person's own address may use them, so that a notice
//! that was forwarded gives nobody a way to write on the case.

mod decide;

use std::sync::Arc;

use chrono::TimeDelta;
use entity::id::{ArrivalId, CaseId, LetterId, MessageId};
use entity::kind::{ArrivalStatus, Language, LetterStatus};
use entity::{arrival, case, letter, mailbox, notice, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use self::decide::{Addressed, Becomes, Facts, becomes};
use super::email::{Mail, tags, undelivered};
use super::quarantine;
use crate::case::{self as cases, Told};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::contact;
use crate::kit::error::{Fault, Outcome, Refusal};
use crate::kit::once::Once;
use crate::kit::text::{Text, truncated};
use crate::kit::work::Work;
use crate::letter::address::Tag;
use crate::letter::staff::ANSWERABLE;
use crate::letter::{self as letters, Notice, returned};
use crate::mail::kind::Kind;
use crate::mail::trust::Trust;
use crate::mail::{Attached, ParsedEmail, Warning};
use crate::message::LONGEST;
use crate::notice::answer::not_used;

/// How many of the Message-IDs that a mail answers are looked up.
const MOST: usize = 20;

/// For how long the same answer counts as one. A mail may be fetched again after weeks.
const ONCE: TimeDelta = TimeDelta::days(60);
/// Pictures that are smaller than this are part of a signature.
const OF_A_SIGNATURE: usize = 32 * 1024;

/// A mail that answers or returns a notice.
#[derive(Clone)]
pub struct Reply {
    letter: letter::Model,
    person: staff::Model,
    /// The kinds of address that it was sent to.
    to: Addressed,
    own: bool,
    /// Whether it is the notice itself, which was redirected to a mailbox.
    itself: bool,
    /// Why it may not be whole or is not to be acted on again.
    doubtful: bool,
}

/// Whether a stored mail answers or returns a notice to a member of staff: by the addresses that it names, or by what it
/// says that it answers.
///
/// # Errors
/// When the store cannot be read.
pub async fn find(app: &App, row: &arrival::Model, mail: &Mail) -> Outcome<Option<Reply>> {
    let Some(parsed) = mail.parsed() else { return Ok(None) };
    let tags: Vec<Tag> = tags(app.secret(), parsed, Some(&row.envelope_to)).collect();
    let by_tag = tags.iter().find_map(|tag| tag.any_letter());
    let notices = letter::Entity::find()
        .filter(letter::Column::SellerId.eq(row.seller_id))
        .filter(letter::Column::StaffId.is_not_null());
    let own_id = parsed.message_id.iter();
    let ids: Vec<&str> =
        own_id.chain(&parsed.bounced_message_id).chain(&parsed.answers).take(MOST).map(String::as_str).collect();
    let found = match by_tag {
        Some(id) => notices.filter(letter::Column::Id.eq(id)),
        None if tags.is_empty() && !ids.is_empty() => notices.filter(letter::Column::HeaderId.is_in(ids)).limit(1),
        None => return Ok(None),
    };
    let db = app.reader().db();
    let Some(letter) = found.one(db).await? else { return Ok(None) };
    let Some(id) = letter.staff_id else { return Ok(None) };
    let Some(person) = staff::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let from = parsed.sender.as_ref().and_then(|from| contact::email(&from.address));
    let own = from.is_some_and(|from| from == person.email);
    let itself = parsed.message_id.as_ref() == Some(&letter.header_id);
    // A customer's mail may have a notice among those that it goes on from, when somebody forwarded it to them.
    if by_tag.is_none() && !own && !itself && !parsed.kind.is_automatic() {
        return Ok(None);
    }
    let to = match (tags.contains(&Tag::Note(letter.id)), tags.contains(&Tag::ToCustomer(letter.id))) {
        (true, true) => Addressed::Both,
        (true, false) => Addressed::Note,
        (false, true) => Addressed::Customer,
        (false, false) => Addressed::Neither,
    };
    let doubtful = row.old || row.cut || parsed.not_understood_because.is_some();
    Ok(Some(Reply { letter, person, to, own, itself, doubtful }))
}

/// As [`find`], but says only whether it is one.
///
/// # Errors
/// When the store cannot be read.
pub async fn answers(app: &App, row: &arrival::Model, mail: &Mail) -> Result<bool, Fault> {
    match find(app, row, mail).await {
        Ok(found) => Ok(found.is_some()),
        Err(Refusal::Fault(fault)) => Err(fault),
        Err(Refusal::Problems(_)) => Ok(false),
    }
}

/// Takes in a stored mail that answers or returns a notice, as the member of staff to whom the notice was sent. What they
/// may not do is not done, and the mail waits in quarantine with the reason.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn take_in(app: &App, id: ArrivalId, reply: Reply, mail: Arc<Mail>, trust: Trust) -> Outcome<()> {
    let person = &reply.person;
    let actor = Actor::Staff { id: person.id, seller: person.seller_id, role: person.role };
    let done = app.run(actor, async move |work: &mut Work| act(work, id, &reply, &mail, trust).await).await;
    let Err(Refusal::Problems(problems)) = done else { return done };
    let why: Vec<_> = problems.iter().map(|problem| problem.message.read_in(Language::En)).collect();
    let why = format!("It answers a notice to a member of staff. {}", why.join(" "));
    app.run(Actor::System, async move |work: &mut Work| quarantine::give_up(work, id, &why).await.map(|_| ())).await
}

async fn act(work: &mut Work, id: ArrivalId, reply: &Reply, mail: &Mail, trust: Trust) -> Outcome<()> {
    let row = arrival::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let Some(row) = row.filter(|row| row.status == ArrivalStatus::Waiting) else { return Ok(()) };
    let Some(parsed) = mail.parsed() else { return Ok(()) };
    let about = about(work, reply.letter.id).await?;
    let (kind, text) = words(parsed);
    let person = staff::Entity::find_by_id(reply.person.id).one(work.tx()?).await?;
    let secret = work.app().secret();
    let sealed = [Tag::Note(reply.letter.id), Tag::ToCustomer(reply.letter.id)].map(|tag| tag.text(secret));
    let facts = Facts {
        kind,
        to: reply.to,
        own: reply.own,
        itself: reply.itself,
        doubtful: reply.doubtful,
        trust,
        senders: parsed.warnings.contains(&Warning::SeveralSenders),
        expired: work.now() - reply.letter.created_at > ANSWERABLE,
        active: person.is_some_and(|person| person.active && person.role == reply.person.role),
        cases: about.len(),
        characters: text.chars().count(),
        sealed: sealed.iter().any(|tag| text.to_lowercase().contains(tag)),
        files: files(parsed) > 0,
    };
    let mut case = None;
    match (becomes(&facts), about.first()) {
        (Becomes::Aside(why), _) => {
            if reply.own && trust != Trust::Failed && facts.active {
                not_used(work, &reply.letter, &reply.person, &why).await?;
            }
            return quarantine::put_aside(work, row, why.read_in(Language::En)).await;
        }
        (Becomes::Returned, _) => {
            if let Some(back) = undelivered(parsed, reply.letter.id) {
                notice_returned(work, &reply.letter, &reply.person, &back.reason).await?;
            }
        }
        (Becomes::Nothing, _) | (_, None) => {}
        (becomes, Some(id)) => {
            // The same mail may come to two addresses, or be fetched again.
            let operation = if becomes == Becomes::Message { "staffReply.message" } else { "staffReply.note" };
            let input = json!({ "letter": reply.letter.id.to_string() });
            let once = Once::new(work.actor(), operation, mail.key(), &input)?;
            if once.before(work).await?.is_none() {
                let made = match becomes {
                    Becomes::Message => cases::send_message(work, *id, &Told::plain(&text)).await?.1.id,
                    _ => note(work, *id, &text, files(parsed), reply.person.language).await?,
                };
                once.remember_for(work, &made.to_string(), ONCE);
            }
            case = Some(*id);
        }
    }
    work.save(taken(work, row, case));
    Ok(())
}

/// The row of a mail by staff that is done with.
fn taken(work: &Work, row: arrival::Model, case_id: Option<CaseId>) -> arrival::Model {
    arrival::Model {
        status: ArrivalStatus::StaffReply,
        case_id,
        reason: None,
        ended_at: Some(work.now()),
        leased_until: None,
        ..row
    }
}

/// What a person wrote, without what they quote. Of a mail that they forward, its words too.
fn words(parsed: &ParsedEmail) -> (Kind, String) {
    let (kind, _, visible) = parsed.known_more(None, true);
    let text = parsed.message().unwrap_or(visible.text);
    (kind, text.trim().to_owned())
}

/// A notice did not arrive. The accountable person is told once a day for each address, unless it is their own.
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

/// Puts an answer to a notice that waits in quarantine on a case, as a note of the actor that says who wrote it.
///
/// # Errors
/// As [`cases::add_note`].
pub async fn assign(work: &mut Work, row: arrival::Model, mail: &Mail, case: CaseId) -> Outcome<arrival::Model> {
    let text = mail.parsed().map_or_else(String::new, |parsed| words(parsed).1);
    let text = format!("{}:\n{text}", mail.sender());
    cases::add_note(work, case, &truncated(&text, LONGEST)).await?;
    let row = taken(work, row, Some(case));
    work.save(row.clone());
    Ok(row)
}

/// The cases that a notice is about; a merged case stands for the one that goes on.
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

/// How many files came with a reply, without the small pictures of a signature.
fn files(parsed: &ParsedEmail) -> usize {
    let of_a_signature =
        |file: &&Attached| file.content_type.starts_with("image/") && file.bytes.len() < OF_A_SIGNATURE;
    parsed.attachments.iter().filter(|file| !of_a_signature(file)).count()
}

/// Writes the note; returns its id.
async fn note(work: &mut Work, id: CaseId, text: &str, files: usize, language: Language) -> Outcome<MessageId> {
    let left_out = Text::new(
        format!("\n\n(Files in the mail: {files}. They are not kept on the case.)"),
        format!("\n\n(Filer i mejlet: {files}. De finns inte i ärendet.)"),
    );
    let end = if files > 0 { left_out.read_in(language) } else { "" };
    let text = format!("{}{end}", truncated(text, LONGEST - end.chars().count()));
    Ok(cases::add_note(work, id, &text).await?.1.id)
}
