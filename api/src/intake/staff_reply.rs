//! What members of staff answer to notices by mail: a note on the case, or a message to its customer. A notice names two
//! sealed addresses, made for one person and one letter. Only that person's own address may use them, so that a notice
//! that was forwarded gives nobody a way to write on the case.

use std::sync::Arc;

use entity::id::{ArrivalId, CaseId, LetterId};
use entity::kind::ArrivalStatus;
use entity::{arrival, case, letter, notice, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::email::{Mail, addressed, undelivered};
use super::quarantine;
use crate::case::{self as cases, Told};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::contact;
use crate::kit::error::{Outcome, Refusal};
use crate::kit::once::Once;
use crate::kit::text::{Text, truncated};
use crate::kit::work::Work;
use crate::letter::address::Tag;
use crate::letter::returned;
use crate::letter::staff::ANSWERABLE;
use crate::mail::ParsedEmail;
use crate::mail::kind::Kind;
use crate::mail::trust::Trust;
use crate::message::LONGEST;

/// How many of the Message-IDs that a mail answers are looked up.
const MOST: usize = 20;

/// A mail that answers or returns a notice.
#[derive(Clone)]
pub struct Reply {
    letter: letter::Model,
    person: staff::Model,
    tag: Option<Tag>,
    own: bool,
}

/// Whether a stored mail answers or returns a notice to a member of staff: by the address that it came to, or by what it
/// says that it answers.
///
/// # Errors
/// When the store cannot be read.
pub async fn find(app: &App, row: &arrival::Model, mail: &Mail) -> Outcome<Option<Reply>> {
    let Some(parsed) = mail.parsed() else { return Ok(None) };
    let tag = addressed(app.secret(), parsed, Some(&row.envelope_to));
    let notices = letter::Entity::find()
        .filter(letter::Column::SellerId.eq(row.seller_id))
        .filter(letter::Column::StaffId.is_not_null());
    let by_tag = tag.and_then(Tag::any_letter);
    let ids: Vec<&str> =
        parsed.bounced_message_id.iter().chain(&parsed.answers).take(MOST).map(String::as_str).collect();
    let found = match (by_tag, tag) {
        (Some(id), _) => notices.filter(letter::Column::Id.eq(id)),
        (None, None) if !ids.is_empty() => notices.filter(letter::Column::HeaderId.is_in(ids)).limit(1),
        _ => return Ok(None),
    };
    let db = app.reader().db();
    let Some(letter) = found.one(db).await? else { return Ok(None) };
    let Some(id) = letter.staff_id else { return Ok(None) };
    let Some(person) = staff::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let from = parsed.sender.as_ref().and_then(|from| contact::email(&from.address));
    let own = from.is_some_and(|from| from == person.email);
    // A customer's mail may have a notice among those that it goes on from, when somebody forwarded it to them.
    if tag.is_none() && !own && !parsed.kind.is_automatic() {
        return Ok(None);
    }
    Ok(Some(Reply { letter, person, tag, own }))
}

/// What is known of a reply.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about one mail")]
struct Facts {
    kind: Kind,
    tag: Option<Tag>,
    own: bool,
    trust: Trust,
    expired: bool,
    active: bool,
    cases: usize,
    words: bool,
    files: bool,
}

/// What a reply becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    /// Nothing: a program wrote it.
    Nothing,
    /// The notice did not arrive.
    Returned,
    /// A note on the case.
    Note,
    /// A message to the customer.
    Message,
    /// It waits in quarantine, for this reason.
    Aside(&'static str),
}

fn becomes(facts: &Facts) -> Becomes {
    let to_customer = matches!(facts.tag, Some(Tag::ToCustomer(_)));
    let whys = [
        (!facts.own, "It answers a notice to a member of staff, and comes from another address than that person's."),
        (
            !to_customer && !matches!(facts.tag, Some(Tag::Note(_))),
            "It answers a notice to a member of staff, and came to another address than the one for replies.",
        ),
        (facts.trust == Trust::Failed, "It answers a notice, and the sender's domain says that it did not send it."),
        (facts.expired, "It answers a notice that is older than 30 days."),
        (!facts.active, "It answers a notice to somebody who does not work here any more."),
        (facts.cases != 1, "It answers a summary of several cases, so that it is not known which case it is about."),
        (!facts.words, "It answers a notice, and has no words."),
        (
            to_customer && facts.trust != Trust::Passed,
            "It is to go to the customer, and nothing proves that the member of staff sent it.",
        ),
        (to_customer && facts.files, "It is to go to the customer, and its files cannot be sent like this."),
    ];
    match facts.kind {
        Kind::Bounce => Becomes::Returned,
        kind if kind.is_automatic() => Becomes::Nothing,
        _ => match whys.into_iter().find(|(holds, _)| *holds) {
            Some((_, why)) => Becomes::Aside(why),
            None if to_customer => Becomes::Message,
            None => Becomes::Note,
        },
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
    let why: Vec<_> = problems.iter().map(|problem| problem.message.read_in(entity::kind::Language::En)).collect();
    let why = format!("It answers a notice to a member of staff. {}", why.join(" "));
    app.run(Actor::System, async move |work: &mut Work| quarantine::give_up(work, id, &why).await.map(|_| ())).await
}

async fn act(work: &mut Work, id: ArrivalId, reply: &Reply, mail: &Mail, trust: Trust) -> Outcome<()> {
    let row = arrival::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let Some(row) = row.filter(|row| row.status == ArrivalStatus::Waiting) else { return Ok(()) };
    let Some(parsed) = mail.parsed() else { return Ok(()) };
    let about = about(work, reply.letter.id).await?;
    let (kind, _, visible) = parsed.known_more(None, true);
    let text = visible.text.trim();
    let person = staff::Entity::find_by_id(reply.person.id).one(work.tx()?).await?;
    let facts = Facts {
        kind,
        tag: reply.tag,
        own: reply.own,
        trust,
        expired: work.now() - reply.letter.created_at > ANSWERABLE,
        // Their role may have changed since the actor was made; then the next attempt knows.
        active: person.is_some_and(|person| person.active && person.role == reply.person.role),
        cases: about.len(),
        words: !text.is_empty(),
        files: files(parsed) > 0,
    };
    let mut case = None;
    match (becomes(&facts), about.first()) {
        (Becomes::Aside(why), _) => return quarantine::put_aside(work, row, why).await,
        (Becomes::Returned, _) => {
            if let Some(back) = undelivered(parsed, reply.letter.id) {
                returned::bounced(work, back.letter, &back.reason, None).await?;
            }
        }
        (Becomes::Nothing, _) | (_, None) => {}
        (becomes, Some(id)) => {
            // The same mail may come to two addresses.
            let input = json!({ "letter": reply.letter.id.to_string() });
            let once = Once::new(work.actor(), "staffReply", mail.key(), &input)?;
            if once.before(work).await?.is_none() {
                let made = write(work, *id, becomes, text, files(parsed)).await?;
                once.remember(work, &made);
            }
            case = Some(*id);
        }
    }
    work.save(arrival::Model {
        status: ArrivalStatus::StaffReply,
        case_id: case,
        reason: None,
        ended_at: Some(work.now()),
        leased_until: None,
        ..row
    });
    Ok(())
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

/// How many files came with a reply. Pictures are not counted, because most are part of a signature.
fn files(parsed: &ParsedEmail) -> usize {
    parsed.attachments.iter().filter(|file| !file.content_type.starts_with("image/")).count()
}

/// Writes the note or the message; returns its id.
async fn write(work: &mut Work, id: CaseId, becomes: Becomes, text: &str, files: usize) -> Outcome<String> {
    if becomes == Becomes::Message {
        let text = truncated(text, LONGEST);
        return Ok(cases::send_message(work, id, &Told::plain(&text)).await?.1.id.to_string());
    }
    let left_out = Text::new(
        format!("\n\n(Files in the mail: {files}. They are not kept on the case.)"),
        format!("\n\n(Filer i mejlet: {files}. De finns inte i ärendet.)"),
    );
    let language = match work.actor().staff() {
        Some(id) => staff::Entity::find_by_id(id).one(work.tx()?).await?.map(|person| person.language),
        None => None,
    };
    let left_out = left_out.read_in(language.unwrap_or(entity::kind::Language::En));
    let end = if files > 0 { left_out } else { "" };
    let text = format!("{}{end}", truncated(text, LONGEST - end.chars().count()));
    Ok(cases::add_note(work, id, &text).await?.1.id.to_string())
}

#[cfg(test)]
mod tests {
    use sea_orm::prelude::Uuid;

    use super::*;

    #[test]
    fn a_reply_becomes_something_only_from_the_persons_own_address() {
        let id = LetterId(Uuid::from_u128(1));
        let note = Facts {
            kind: Kind::Human,
            tag: Some(Tag::Note(id)),
            own: true,
            trust: Trust::Unknown,
            expired: false,
            active: true,
            cases: 1,
            words: true,
            files: false,
        };
        let message = Facts { tag: Some(Tag::ToCustomer(id)), trust: Trust::Passed, ..note };
        for (facts, expected) in [
            (note, Some(Becomes::Note)),
            (Facts { files: true, ..note }, Some(Becomes::Note)),
            (message, Some(Becomes::Message)),
            (Facts { kind: Kind::OutOfOffice, own: false, ..message }, Some(Becomes::Nothing)),
            (Facts { kind: Kind::Machine, ..note }, Some(Becomes::Nothing)),
            (Facts { kind: Kind::Bounce, tag: Some(Tag::Letter(id)), ..note }, Some(Becomes::Returned)),
            (Facts { own: false, trust: Trust::Passed, ..note }, None),
            (Facts { own: false, ..message }, None),
            (Facts { tag: None, ..note }, None),
            (Facts { tag: Some(Tag::Letter(id)), ..message }, None),
            (Facts { trust: Trust::Failed, ..note }, None),
            (Facts { trust: Trust::Unknown, ..message }, None),
            (Facts { expired: true, ..note }, None),
            (Facts { active: false, ..note }, None),
            (Facts { cases: 2, ..note }, None),
            (Facts { cases: 0, ..note }, None),
            (Facts { words: false, ..note }, None),
            (Facts { files: true, ..message }, None),
        ] {
            let found = becomes(&facts);
            match expected {
                Some(expected) => assert_eq!(found, expected, "{facts:?}"),
                None => assert!(matches!(found, Becomes::Aside(_)), "{facts:?}: {found:?}"),
            }
        }
    }
}
