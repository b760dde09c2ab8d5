//! Writes the letters about tasks: one for each task, or one about all of them when there are too many.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::id::{CaseId, LetterId, PartnerContactId, TaskId};
use entity::kind::TaskStatus;
use entity::{case, case_task, letter, mailbox, partner, partner_contact, seller, task_mail};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{decide, words};
use crate::directory;
use crate::kit::db::Db;
use crate::kit::error::{Fault, Outcome};
use crate::kit::public_url::PublicUrl;
use crate::kit::work::Work;
use crate::letter::allowance::room;
use crate::letter::held::is_mailbox;
use crate::letter::partner::{PartnerLetter, hidden_link, write as write_letter};
use crate::letter::staff::sender;
use crate::letter::template::Values;
use crate::texts;

/// The most rows that are read in one act.
const AT_ONCE: u64 = 500;
/// The most tasks about which a person gets separate mails at the same time. More are combined into one summary.
const ONE_BY_ONE: usize = 5;
/// The most tasks that a summary names.
const NAMED: usize = 50;

/// The people who have a due row.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn due(db: &Db, now: DateTime<Utc>) -> Result<BTreeSet<PartnerContactId>, DbErr> {
    let rows = task_mail::Entity::find()
        .select_only()
        .column(task_mail::Column::ContactId)
        .filter(task_mail::Column::EndedAt.is_null())
        .filter(task_mail::Column::SendAt.lte(now))
        .order_by_asc(task_mail::Column::SendAt)
        .order_by_asc(task_mail::Column::Id)
        .limit(100);
    Ok(rows.into_tuple::<PartnerContactId>().all(db).await?.into_iter().collect())
}

/// When the next row becomes due; none when no row waits.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn next(db: &Db, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, DbErr> {
    let first = task_mail::Entity::find()
        .filter(task_mail::Column::EndedAt.is_null())
        .filter(task_mail::Column::SendAt.gt(now))
        .order_by_asc(task_mail::Column::SendAt)
        .order_by_asc(task_mail::Column::Id)
        .one(db);
    Ok(first.await?.map(|first| first.send_at))
}

/// Writes the letters for a person's due rows.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn write(work: &mut Work, id: PartnerContactId) -> Outcome<()> {
    let now = work.now();
    // The person is locked first, so that two acts at the same time cannot exceed together the number of mails they may
    // get.
    let post = Post::to(work, id).await?;
    let rows = task_mail::Entity::find()
        .filter(task_mail::Column::ContactId.eq(id))
        .filter(task_mail::Column::EndedAt.is_null())
        .filter(task_mail::Column::SendAt.lte(now))
        .order_by_asc(task_mail::Column::SendAt)
        .order_by_asc(task_mail::Column::Id)
        .limit(AT_ONCE)
        .lock_exclusive()
        .all(work.tx()?)
        .await?;
    let Some(post) = post else {
        end(work, rows, None);
        return Ok(());
    };
    let tasks = Tasks::read(work, id, &rows).await?;
    let (rows, gone): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| tasks.is_true(row));
    end(work, gone, None);
    let mut by_task: BTreeMap<TaskId, Vec<task_mail::Model>> = BTreeMap::new();
    for row in rows {
        by_task.entry(row.task_id).or_default().push(row);
    }
    match room(work, letter::Column::ContactId.eq(id)).await? {
        Err(free_at) => {
            for row in by_task.into_values().flatten() {
                work.save(task_mail::Model { send_at: free_at, ..row });
            }
        }
        Ok(room) if by_task.len() > ONE_BY_ONE.min(room) => {
            // The rest waits for the next letter.
            let named: BTreeMap<_, _> = by_task.into_iter().take(NAMED).collect();
            let letter = post.several(work, &tasks, &named);
            end(work, named.into_values().flatten(), Some(letter));
        }
        Ok(_) => {
            for (task, rows) in by_task {
                let letter = tasks.of(task).map(|task| post.one(work, task, &rows));
                end(work, rows, letter);
            }
        }
    }
    Ok(())
}

fn end(work: &mut Work, rows: impl IntoIterator<Item = task_mail::Model>, letter_id: Option<LetterId>) {
    let ended_at = Some(work.now());
    for row in rows {
        work.save(task_mail::Model { letter_id, ended_at, ..row });
    }
}

/// What the mails to one person have in common.
pub(super) struct Post {
    seller: seller::Model,
    from: mailbox::Model,
    to: partner_contact::Model,
    public_url: String,
}

impl Post {
    /// The mails to this person, who is locked. None when they get no mails: they or the partner are not active any
    /// more, they do not want tasks by mail, or there is no mailbox to send from or no public address for the link.
    pub(super) async fn to(work: &Work, id: PartnerContactId) -> Outcome<Option<Self>> {
        let Some(public_url) = work.app().part::<PublicUrl>().get() else { return Ok(None) };
        let person = partner_contact::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(work.tx()?).await?;
        let Some(to) = person.filter(|person| person.active && person.tasks_by_mail) else { return Ok(None) };
        let partner = partner::Entity::find_by_id(to.partner_id).one(work.tx()?).await?;
        let Some(partner) = partner.filter(|partner| partner.active) else { return Ok(None) };
        // A mail to one of the seller's mailboxes would arrive as a complaint.
        if is_mailbox(work, &to.email).await? {
            return Ok(None);
        }
        let Some(from) = sender(work, partner.seller_id).await? else { return Ok(None) };
        let seller = directory::seller::one(work, partner.seller_id).await?;
        Ok(Some(Self { seller, from, to, public_url }))
    }

    /// Writes the letter about one task.
    pub(super) fn one(&self, work: &mut Work, task: &Task, rows: &[task_mail::Model]) -> LetterId {
        let id: LetterId = work.new_id();
        let (language, open) = (self.to.language, task.status != TaskStatus::Withdrawn);
        let zone = directory::calendar::zone(&self.seller.calendar);
        let message = words::about(rows, task, zone, language);
        let values = Values {
            reference: Some(task.reference.clone()),
            link: open.then(|| hidden_link(&self.public_url, task.id)),
            reason: open.then(|| texts::task_mail::how_to_answer().read_in(language).to_owned()),
            ..self.values(message)
        };
        let words = (&words::one(language), &values);
        write_letter(work, &PartnerLetter { id, from: &self.from, to: &self.to, task: Some(task.id), words });
        id
    }

    /// Writes one letter about several tasks.
    fn several(&self, work: &mut Work, tasks: &Tasks, by_task: &BTreeMap<TaskId, Vec<task_mail::Model>>) -> LetterId {
        let id: LetterId = work.new_id();
        let language = self.to.language;
        let zone = directory::calendar::zone(&self.seller.calendar);
        let mut parts = Vec::new();
        for (task, rows) in by_task {
            let Some(task) = tasks.of(*task) else { continue };
            let mut lines = vec![task.reference.clone(), words::about(rows, task, zone, language)];
            if task.status != TaskStatus::Withdrawn {
                lines.push(hidden_link(&self.public_url, task.id));
            }
            parts.push(lines.join("\n"));
        }
        let values = Values { reference: Some(by_task.len().to_string()), ..self.values(parts.join("\n\n")) };
        let words = (&words::several(language), &values);
        write_letter(work, &PartnerLetter { id, from: &self.from, to: &self.to, task: None, words });
        id
    }

    fn values(&self, message: String) -> Values {
        Values {
            owner: Some(self.to.name.clone()),
            seller: self.seller.name.clone(),
            message: Some(message),
            ..Values::empty(self.to.language)
        }
    }
}

/// The facts of a task that a letter may state; nothing of what the task is about.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub id: TaskId,
    /// The reference of its case.
    pub reference: String,
    pub status: TaskStatus,
    pub accept_by: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// When the task last changed.
    pub changed_at: DateTime<Utc>,
}

/// The tasks of some rows as they are now.
struct Tasks {
    all: HashMap<TaskId, Task>,
    /// Those about which the person was mailed before.
    known: HashSet<TaskId>,
}

impl Tasks {
    async fn read(work: &Work, person: PartnerContactId, rows: &[task_mail::Model]) -> Outcome<Self> {
        let ids: BTreeSet<TaskId> = rows.iter().map(|row| row.task_id).collect();
        if ids.is_empty() {
            return Ok(Self { all: HashMap::new(), known: HashSet::new() });
        }
        let known: Vec<TaskId> = task_mail::Entity::find()
            .select_only()
            .column(task_mail::Column::TaskId)
            .filter(task_mail::Column::ContactId.eq(person))
            .filter(task_mail::Column::TaskId.is_in(ids.iter().copied()))
            .filter(task_mail::Column::LetterId.is_not_null())
            .distinct()
            .into_tuple()
            .all(work.tx()?)
            .await?;
        let all = read(work, ids).await?;
        Ok(Self { all, known: known.into_iter().collect() })
    }

    fn of(&self, id: TaskId) -> Option<&Task> {
        self.all.get(&id)
    }

    fn is_true(&self, row: &task_mail::Model) -> bool {
        let known = self.known.contains(&row.task_id);
        let task = self.of(row.task_id);
        task.is_some_and(|task| decide::is_true(row.kind, task.status, (known, task.changed_at > row.at)))
    }
}

/// The facts of these tasks that letters may state.
pub(super) async fn read(work: &Work, ids: BTreeSet<TaskId>) -> Outcome<HashMap<TaskId, Task>> {
    let tasks = case_task::Entity::find().filter(case_task::Column::Id.is_in(ids)).all(work.tx()?).await?;
    let references: Vec<(CaseId, String)> = case::Entity::find()
        .select_only()
        .columns([case::Column::Id, case::Column::Reference])
        .filter(case::Column::Id.is_in(tasks.iter().map(|task| task.case_id)))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let references: HashMap<_, _> = references.into_iter().collect();
    let mut all = HashMap::new();
    for task in tasks {
        let reference = references.get(&task.case_id).cloned().ok_or(Fault::Broken("a task has a case"))?;
        let case_task::Model { id, status, accept_by, due_at, changed_at, .. } = task;
        all.insert(id, Task { id, reference, status, accept_by, due_at, changed_at });
    }
    Ok(all)
}
