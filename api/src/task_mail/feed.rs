//! Makes mails about tasks from the events of a seller's feed, from the stored position on.

use std::collections::HashMap;

use entity::id::{PartnerContactId, PartnerId, SellerId, TaskId};
use entity::kind::TaskMailKind;
use entity::{case_task, event, partner, partner_contact, task_mail, task_mail_feed};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use super::decide::{self, TaskMailDraft};
use crate::event::reader;
use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// The most people of one partner who are mailed about a task.
const PEOPLE: usize = 20;
/// The most people of all partners that are read for one page of events.
const READ: u64 = 5_000;

/// The sellers with events after the stored position. A seller has such a position once somebody at one of its partners
/// has got tasks by mail.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn behind(db: &Db) -> Result<Vec<SellerId>, DbErr> {
    reader::behind::<task_mail_feed::Entity>(task_mail_feed::Column::SellerId, task_mail_feed::Column::ReadTo)
        .column(task_mail_feed::Column::SellerId)
        .into_tuple()
        .all(db)
        .await
}

/// Reads the next events of a seller's feed and inserts the rows that follow. Returns whether more events may be
/// waiting.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn read(work: &mut Work, id: SellerId) -> Outcome<bool> {
    let row = work.lock::<task_mail_feed::Model>(id).await?;
    let Some(mut row) = row else { return Ok(false) };
    let next = reader::next(work, id, row.read_to).await?;
    row.read_to = next.read_to;
    let mut all = Vec::new();
    for (event, payload) in next.events.into_iter().filter(|event| event.partner_id.is_some()).filter_map(reader::known)
    {
        all.extend(decide::draft(&event, &payload).map(|told| (event, told)));
    }
    insert(work, all).await?;
    Ok(next.more)
}

/// Inserts a row for each of these mails and each of its recipients.
async fn insert(work: &mut Work, all: Vec<(event::Model, TaskMailDraft)>) -> Outcome<()> {
    if all.is_empty() {
        return Ok(());
    }
    let people = people(work, all.iter().filter_map(|(event, _)| event.partner_id)).await?;
    let assignees = assignees(work, all.iter().map(|(_, told)| told.task)).await?;
    for (event, told) in all {
        let Some(theirs) = event.partner_id.and_then(|partner| people.get(&partner)) else { continue };
        let assignee = assignees.get(&told.task).copied().flatten();
        for contact_id in readers(theirs, told, assignee) {
            let row = task_mail::Model {
                id: work.new_id(),
                seller_id: event.seller_id,
                contact_id,
                task_id: told.task,
                seq: Some(event.seq),
                kind: told.kind,
                at: event.at,
                send_at: work.now(),
                letter_id: None,
                ended_at: None,
            };
            work.insert(row);
        }
    }
    Ok(())
}

/// The recipients: the person to whom the task is assigned, if they get tasks by mail, or else everybody at the partner
/// who does.
fn readers(
    theirs: &[PartnerContactId],
    told: TaskMailDraft,
    assignee: Option<PartnerContactId>,
) -> Vec<PartnerContactId> {
    let one = told.only.or(assignee.filter(|_| told.kind != TaskMailKind::Assigned));
    match one.filter(|one| theirs.contains(one)) {
        Some(one) => vec![one],
        None if told.only.is_some() => Vec::new(),
        None => theirs.iter().copied().take(PEOPLE).collect(),
    }
}

/// The people of these partners who get tasks by mail, by partner, in the order in which they were added.
async fn people(
    work: &Work,
    partners: impl Iterator<Item = PartnerId>,
) -> Outcome<HashMap<PartnerId, Vec<PartnerContactId>>> {
    let own_partner = partner_contact::Entity::belongs_to(partner::Entity)
        .from(partner_contact::Column::PartnerId)
        .to(partner::Column::Id)
        .into();
    let rows: Vec<(PartnerId, PartnerContactId)> = partner_contact::Entity::find()
        .select_only()
        .columns([partner_contact::Column::PartnerId, partner_contact::Column::Id])
        .join(JoinType::InnerJoin, own_partner)
        .filter(partner_contact::Column::PartnerId.is_in(partners))
        .filter(partner_contact::Column::TasksByMail.eq(true))
        .filter(partner_contact::Column::Active.eq(true))
        .filter(partner::Column::Active.eq(true))
        .order_by_asc(partner_contact::Column::CreatedAt)
        .order_by_asc(partner_contact::Column::Id)
        .limit(READ)
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let mut all: HashMap<PartnerId, Vec<PartnerContactId>> = HashMap::new();
    for (partner, person) in rows {
        all.entry(partner).or_default().push(person);
    }
    Ok(all)
}

async fn assignees(
    work: &Work,
    tasks: impl Iterator<Item = TaskId>,
) -> Outcome<HashMap<TaskId, Option<PartnerContactId>>> {
    let rows: Vec<(TaskId, Option<PartnerContactId>)> = case_task::Entity::find()
        .select_only()
        .columns([case_task::Column::Id, case_task::Column::AssigneeId])
        .filter(case_task::Column::Id.is_in(tasks))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    Ok(rows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use sea_orm::prelude::Uuid;

    use super::*;

    #[test]
    fn whoever_has_the_task_is_told_and_otherwise_everybody() {
        let [kim, bo, eva] = [1, 2, 3].map(|id| PartnerContactId(Uuid::from_u128(id)));
        let told = |kind, only| TaskMailDraft { task: TaskId(Uuid::from_u128(9)), kind, only };
        let message = told(TaskMailKind::Message, None);
        for (told, assignee, expected) in [
            (message, None, vec![kim, bo]),
            (message, Some(bo), vec![bo]),
            (message, Some(eva), vec![kim, bo]),
            (told(TaskMailKind::Assigned, Some(bo)), Some(bo), vec![bo]),
            (told(TaskMailKind::Assigned, Some(eva)), Some(eva), vec![]),
        ] {
            assert_eq!(readers(&[kim, bo], told, assignee), expected, "{told:?} {assignee:?}");
        }
    }
}
