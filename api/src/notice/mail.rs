//! Writes the letters for due notices: one for each case, or one summary of all cases.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::id::{CaseId, LetterId, MessageId, StaffId};
use entity::kind::NoticeTiming;
use entity::{case, letter, mailbox, message, notice, seller, staff};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::decide::{self, ONE_BY_ONE};
use super::facts::NoticeFacts;
use super::person::NoticeRecipient;
use super::words;
use crate::directory;
use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::work::Work;
use crate::letter::allowance::room;
use crate::letter::held::is_mailbox;
use crate::letter::staff::{StaffLetter, sender, to_customer};
use crate::letter::template::Values;
use crate::letter::{self as letters, words::date_in_words};
use crate::push;
use crate::texts;

/// The most notices that are read in one act.
const AT_ONCE: u64 = 500;
/// The most cases that a summary names.
const NAMED: usize = 50;

/// The people who have a due notice.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn due(db: &Db, now: DateTime<Utc>) -> Result<BTreeSet<StaffId>, DbErr> {
    let rows = notice::Entity::find()
        .select_only()
        .column(notice::Column::StaffId)
        .filter(notice::Column::EndedAt.is_null())
        .filter(notice::Column::SendAt.lte(now))
        .order_by_asc(notice::Column::SendAt)
        .order_by_asc(notice::Column::Id)
        .limit(100);
    Ok(rows.into_tuple::<StaffId>().all(db).await?.into_iter().collect())
}

/// When the next notice becomes due; none when no notice waits.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn next(db: &Db, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, DbErr> {
    let first = notice::Entity::find()
        .filter(notice::Column::EndedAt.is_null())
        .filter(notice::Column::SendAt.gt(now))
        .order_by_asc(notice::Column::SendAt)
        .order_by_asc(notice::Column::Id)
        .one(db);
    Ok(first.await?.map(|first| first.send_at))
}

/// Writes the letters for a person's due notices.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn write(work: &mut Work, id: StaffId) -> Outcome<()> {
    let now = work.now();
    let Some(person) = staff::Entity::find_by_id(id).one(work.tx()?).await? else { return Ok(()) };
    let rows = notice::Entity::find()
        .filter(notice::Column::StaffId.eq(id))
        .filter(notice::Column::EndedAt.is_null())
        .filter(notice::Column::SendAt.lte(now))
        .order_by_asc(notice::Column::SendAt)
        .order_by_asc(notice::Column::Id)
        .limit(AT_ONCE)
        .lock_exclusive()
        .all(work.tx()?)
        .await?;
    let seller = directory::seller::one(work, person.seller_id).await?;
    let at_work = NoticeRecipient::of(work, id, &seller).await?;
    let told = at_work.filter(|person| person.active && seller.notices_by_mail);
    let Some(at_work) = told else {
        end(work, rows, None);
        return Ok(());
    };
    // Their working hours, absences and settings may have changed since the notices were made.
    if let Some(until) = decide::rests_until(&at_work.calendar, now, at_work.away_until) {
        postpone(work, rows, until);
        return Ok(());
    }
    let never = |row: &notice::Model| decide::timing(&at_work.settings, row.kind, false) == NoticeTiming::Never;
    let (unwanted, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(never);
    end(work, unwanted, None);
    let rows = DueNotices::read(work, &person, rows).await?;
    // Notices for a summary are not pushed to devices.
    let at_once = rows.true_now.iter().filter(|row| !row.digest);
    for (row, case) in at_once.filter_map(|row| Some((row, rows.facts.case(row.case_id)?))) {
        push::tell_staff(work, id, (case.id, row.kind.word())).await?;
    }
    let Some(from) = sender_to(work, &person).await? else {
        end(work, rows.true_now.into_iter().chain(rows.gone).collect(), None);
        return Ok(());
    };
    match room(work, letter::Column::StaffId.eq(id)).await? {
        Ok(room) => rows.tell(work, (&seller, &from, &person), room),
        Err(free_at) => {
            let summarised = rows.true_now.into_iter().map(|row| notice::Model { digest: true, ..row });
            postpone(work, summarised.collect(), free_at);
            end(work, rows.gone, None);
        }
    }
    Ok(())
}

/// The mailbox that a person's notices are sent from; none when the seller has none, or when the person's address is a
/// mailbox itself, where each notice would arrive as a complaint.
async fn sender_to(work: &Work, person: &staff::Model) -> Outcome<Option<mailbox::Model>> {
    if is_mailbox(work, &person.email).await? {
        return Ok(None);
    }
    sender(work, person.seller_id).await
}

fn end(work: &mut Work, rows: Vec<notice::Model>, letter_id: Option<LetterId>) {
    let ended_at = Some(work.now());
    for row in rows {
        work.save(notice::Model { letter_id, ended_at, ..row });
    }
}

fn postpone(work: &mut Work, rows: Vec<notice::Model>, send_at: DateTime<Utc>) {
    for row in rows {
        work.save(notice::Model { send_at, ..row });
    }
}

/// Notices that are due, with what their letters say.
struct DueNotices {
    facts: NoticeFacts,
    messages: HashMap<MessageId, String>,
    /// Those that are still true.
    true_now: Vec<notice::Model>,
    /// Those that are not true any more: the case was closed or has another owner by now, or what was late has been
    /// done.
    gone: Vec<notice::Model>,
}

impl DueNotices {
    async fn read(work: &Work, person: &staff::Model, rows: Vec<notice::Model>) -> Outcome<Self> {
        let facts = NoticeFacts::read(work, person.id, &rows).await?;
        let (true_now, gone): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| facts.is_true(row, person.id, work.now()));
        let quoted: Vec<_> = true_now.iter().filter_map(|row| row.message_id).collect();
        let messages = if quoted.is_empty() {
            Vec::new()
        } else {
            message::Entity::find().filter(message::Column::Id.is_in(quoted)).all(work.tx()?).await?
        };
        let messages = messages.into_iter().map(|row| (row.id, row.body)).collect();
        Ok(Self { facts, messages, true_now, gone })
    }

    /// Writes one letter for each case, or one summary: when a notice belongs in a summary, or there are too many
    /// cases.
    fn tell(
        self,
        work: &mut Work,
        (seller, from, person): (&seller::Model, &mailbox::Model, &staff::Model),
        room: usize,
    ) {
        let mut by_case: BTreeMap<CaseId, Vec<notice::Model>> = BTreeMap::new();
        for row in &self.true_now {
            let Some(case) = self.facts.case(row.case_id) else { continue };
            by_case.entry(case.id).or_default().push(row.clone());
        }
        let summary = self.true_now.iter().any(|row| row.digest) || by_case.len() > ONE_BY_ONE.min(room);
        end(work, self.gone.clone(), None);
        if summary && by_case.len() > 1 {
            let id = self.write_summary(work, (seller, from, person), &by_case);
            end(work, self.true_now, Some(id));
            return;
        }
        for (case, rows) in by_case {
            if let Some(case) = self.facts.case(case) {
                let id = self.write_one(work, (seller, from, person), (case, &rows));
                end(work, rows, Some(id));
            }
        }
    }

    fn write_one(
        &self,
        work: &mut Work,
        (seller, from, person): (&seller::Model, &mailbox::Model, &staff::Model),
        (case, rows): (&case::Model, &[notice::Model]),
    ) -> LetterId {
        let id: LetterId = work.new_id();
        let language = person.language;
        let zone = directory::calendar::zone(&seller.calendar);
        let how_to_answer = texts::notice::how_to_answer(to_customer(work, from, id));
        let values = Values {
            due: case.next_contact_due.map(|at| date_in_words(at, zone, language)),
            link: link(seller, case),
            reason: Some(how_to_answer.read_in(language).to_owned()),
            ..values(seller, person, case.reference.clone(), self.said(seller, person, rows).join("\n"))
        };
        let letter = StaffLetter { id, from, to: person, case: Some(case.id), words: (&words::one(language), &values) };
        letters::staff::write(work, &letter);
        id
    }

    fn write_summary(
        &self,
        work: &mut Work,
        (seller, from, person): (&seller::Model, &mailbox::Model, &staff::Model),
        by_case: &BTreeMap<CaseId, Vec<notice::Model>>,
    ) -> LetterId {
        let id: LetterId = work.new_id();
        let mut parts = Vec::new();
        for (case, rows) in by_case.iter().take(NAMED) {
            let Some(case) = self.facts.case(*case) else { continue };
            let mut lines = vec![case.reference.clone()];
            lines.extend(self.said(seller, person, rows));
            lines.extend(link(seller, case));
            parts.push(lines.join("\n"));
        }
        if by_case.len() > NAMED {
            let more = texts::notice::more_cases(by_case.len() - NAMED);
            parts.push(more.read_in(person.language).to_owned());
        }
        let values = values(seller, person, by_case.len().to_string(), parts.join("\n\n"));
        let words = (&words::several(person.language), &values);
        letters::staff::write(work, &StaffLetter { id, from, to: person, case: None, words });
        id
    }

    /// The sentences about one case, with the customer's words if the seller wants them in mails.
    fn said(&self, seller: &seller::Model, person: &staff::Model, rows: &[notice::Model]) -> Vec<String> {
        let said = rows.iter().map(|row| self.facts.sentence(row, person.language));
        let mut lines = words::counted(said.collect());
        if seller.notices_with_words {
            let quoted = rows.iter().filter_map(|row| self.messages.get(&row.message_id?));
            lines.extend(quoted.map(|body| words::quoted(body)));
        }
        lines
    }
}

/// The page where staff see the case, if the seller has one.
fn link(seller: &seller::Model, case: &case::Model) -> Option<String> {
    seller.desk_url.as_ref().map(|page| page.replace(directory::seller::REFERENCE, &case.reference))
}

fn values(seller: &seller::Model, person: &staff::Model, reference: String, message: String) -> Values {
    Values {
        reference: Some(reference),
        owner: Some(person.name.clone()),
        seller: seller.name.clone(),
        message: Some(message),
        ..Values::empty(person.language)
    }
}
