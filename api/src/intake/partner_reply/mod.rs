//! Replies by partners' people to mails about a task. A reply becomes an update of the task or a message about it. A
//! task is accepted, declined or completed on its page only.

mod decide;

use entity::id::{CaseId, LetterId, TaskId};
use entity::kind::{ArrivalStatus, Language, SenderTrust, TaskStatus};
use entity::{arrival, case_task, letter, partner, partner_contact, task_mail};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use self::decide::{PartnerReplyEffect, PartnerReplyFacts, effect};
use super::email::{Mail, undelivered};
use super::quarantine;
use super::reply::{Answered, ONCE, files, taken, words};
use crate::access::table::is_theirs;
use crate::kit::actor::{Actor, Agent};
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::once::Once;
use crate::kit::text::truncated;
use crate::kit::upload::Upload;
use crate::kit::work::Work;
use crate::letter::address::AddressTag;
use crate::letter::returned;
use crate::letter::staff::ANSWERABLE;
use crate::mail::{Attached, ParsedEmail};
use crate::task::answer::{SentWith, TaskAnswer, answer};
use crate::task::talk::{self, Words};
use crate::task_mail::link::not_used;
use crate::texts::{self, Text};

/// The most characters of an update. The whole text of a longer mail is kept as a file.
const LONGEST: usize = 5_000;
/// The most files of an update, and the most bytes of all of them. Further files of the mail are not kept.
const FILES: usize = 9;
const BYTES: usize = 19 * 1024 * 1024;

/// A mail that answers or returns a mail about a task.
#[derive(Clone)]
pub struct PartnerReply {
    answered: Answered,
    person: partner_contact::Model,
    partner: partner::Model,
    own: bool,
}

impl PartnerReply {
    /// The person to whom the letter was sent.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let by = Agent::Person(self.person.id);
        Actor::Partner { by, partner: self.partner.id, seller: self.partner.seller_id }
    }

    fn letter(&self) -> LetterId {
        self.answered.letter.id
    }
}

/// The reply to a letter to a partner's person; none for an ordinary mail.
pub(super) async fn of(app: &App, answered: Answered) -> Outcome<Option<PartnerReply>> {
    let db = app.reader().db();
    let Some(id) = answered.letter.contact_id else { return Ok(None) };
    let Some(person) = partner_contact::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let Some(partner) = partner::Entity::find_by_id(person.partner_id).one(db).await? else { return Ok(None) };
    let own = answered.is_by(&person.email);
    if answered.may_be_ordinary(own) {
        return Ok(None);
    }
    Ok(Some(PartnerReply { answered, person, partner, own }))
}

/// Mails the author of a reply that it was not used, if the author is the recipient of the letter.
pub(super) async fn refused(work: &mut Work, reply: &PartnerReply, why: &Text) -> Outcome<()> {
    if reply.own { not_used(work, &reply.answered.letter, &reply.person, why).await } else { Ok(()) }
}

/// Takes in a stored reply: decides what is done with it, and does it.
pub(super) async fn act(
    work: &mut Work,
    row: arrival::Model,
    reply: &PartnerReply,
    mail: &Mail,
    trust: SenderTrust,
) -> Outcome<()> {
    let Some(parsed) = mail.parsed() else { return Ok(()) };
    let letter = &reply.answered.letter;
    let tasks = tasks(work, letter).await?;
    let task = tasks.first().cloned();
    let (kind, text) = words(work, parsed);
    let tag = AddressTag::TaskUpdate(letter.id);
    let facts = PartnerReplyFacts {
        kind,
        addressed: reply.answered.tags.contains(&tag),
        own: reply.own,
        itself: reply.answered.itself,
        doubtful: reply.answered.doubtful,
        trust,
        expired: work.now() - letter.created_at > ANSWERABLE,
        active: reply.partner.active && reply.person.active && reply.person.tasks_by_mail,
        tasks: tasks.len(),
        theirs: task.as_ref().is_some_and(|task| is_theirs(task.status)),
        characters: text.chars().count(),
        files: files(parsed).count(),
    };
    let mut case = None;
    match (effect(&facts), task) {
        (PartnerReplyEffect::Aside(why), _) => {
            if reply.own && trust != SenderTrust::Failed && facts.active {
                not_used(work, letter, &reply.person, &why).await?;
            }
            return quarantine::put_aside(work, row, why.read_in(Language::En)).await;
        }
        (PartnerReplyEffect::Returned, _) => {
            if let Some(back) = undelivered(parsed, letter.id) {
                returned::bounced(work, letter.id, &back.reason, None).await?;
            }
        }
        (PartnerReplyEffect::Update, Some(task)) => {
            case = Some(update(work, reply, (mail, parsed), (task, text)).await?);
        }
        (PartnerReplyEffect::Update | PartnerReplyEffect::Nothing, _) => {}
    }
    work.save(taken(work, row, (ArrivalStatus::PartnerReply, case)));
    Ok(())
}

/// Records what the partner wrote, once: as an update of an accepted task, or else as a message to its owner, because
/// only the page can accept a task. Returns the case.
async fn update(
    work: &mut Work,
    reply: &PartnerReply,
    (mail, parsed): (&Mail, &ParsedEmail),
    (task, text): (case_task::Model, String),
) -> Outcome<CaseId> {
    // The same mail may come to two addresses, or be fetched again.
    let input = json!({ "letter": reply.letter().to_string() });
    let once = Once::new(work.actor(), "partnerReply.update", mail.key(), &input)?;
    if once.before(work).await?.is_none() {
        let (text, files) = contents(text, files(parsed).collect(), reply.person.language);
        if matches!(task.status, TaskStatus::Accepted | TaskStatus::InProgress) {
            answer(
                work,
                task.id,
                &TaskAnswer::Update { text, eta: None, files: SentWith { files, uploads: Vec::new() } },
                None,
            )
            .await?;
        } else {
            talk::write(
                work,
                task.id,
                &Words { text, answer_by: None, files: SentWith { files, uploads: Vec::new() } },
            )
            .await?;
        }
        once.remember_for(work, &task.id.to_string(), ONCE);
    }
    Ok(task.case_id)
}

/// The text and files of an update. The text states how many files were left out, and a long text is attached as a
/// file.
fn contents(text: String, all: Vec<&Attached>, language: Language) -> (String, Vec<Upload>) {
    let mut files: Vec<Upload> = Vec::new();
    let (count, mut bytes) = (all.len(), 0);
    for file in all {
        if files.len() < FILES && bytes + file.bytes.len() <= BYTES {
            bytes += file.bytes.len();
            let (name, content_type) = (truncated(&file.name, 200), Some(file.content_type.clone()));
            files.push(Upload { name, content_type, bytes: file.bytes.clone() });
        }
    }
    let left_out = count - files.len();
    let mut more = Vec::new();
    if left_out > 0 {
        more.push(texts::reply::files_left_out(left_out).read_in(language).to_owned());
    }
    if text.chars().count() > LONGEST - 200 {
        more.push(texts::reply::whole_text_in_file().read_in(language).to_owned());
        let bytes = text.clone().into_bytes().into();
        files.push(Upload { name: "mail.txt".to_owned(), content_type: Some("text/plain".to_owned()), bytes });
    }
    let said = if text.is_empty() { texts::reply::see_files().read_in(language).to_owned() } else { text };
    let said = std::iter::once(truncated(&said, LONGEST - 200)).chain(more);
    (said.collect::<Vec<_>>().join("\n\n"), files)
}

/// The tasks that a letter is about.
async fn tasks(work: &Work, letter: &letter::Model) -> Outcome<Vec<case_task::Model>> {
    let ids: Vec<TaskId> = task_mail::Entity::find()
        .select_only()
        .column(task_mail::Column::TaskId)
        .filter(task_mail::Column::LetterId.eq(letter.id))
        .distinct()
        .into_tuple()
        .all(work.tx()?)
        .await?;
    Ok(case_task::Entity::find().filter(case_task::Column::Id.is_in(ids)).all(work.tx()?).await?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_does_not_fit_is_said_and_nothing_of_the_words_is_lost() {
        let file = |bytes: usize| Attached {
            name: "p.jpg".to_owned(),
            content_type: "image/jpeg".to_owned(),
            bytes: Arc::new(vec![0; bytes]),
        };
        let (small, large) = (file(1), file(BYTES));
        let (text, files) = contents("Done.".to_owned(), vec![&small], Language::En);
        assert_eq!((text.as_str(), files.len()), ("Done.", 1));
        let (text, files) = contents(String::new(), vec![&large, &small], Language::Sv);
        assert_eq!(
            (text.as_str(), files.len()),
            ("Se filerna.\n\n(1 filer till i mejlet var för många eller för stora.)", 1)
        );
        let (text, files) = contents("å".repeat(6_000), vec![&small; 12], Language::En);
        assert!(text.chars().count() <= LONGEST && text.ends_with("mail.txt.)"), "{}", text.chars().count());
        assert_eq!((files.len(), files[FILES].bytes.len()), (10, 12_000));
    }
}
