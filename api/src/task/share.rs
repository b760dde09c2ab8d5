//! What the owner of a case shares with the partner of a task, and why: parts of the customer's data, and files.

use std::collections::BTreeSet;

use entity::id::{AttachmentId, CaseId, TaskId};
use entity::json::CustomerFields;
use entity::kind::CustomerField;
use entity::{attachment, case, case_task, task_file, task_share};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use super::decide::{self, TaskAct};
use super::finish;
use super::talk::{check_active, check_goes_on};
use crate::access::door;
use crate::access::table::Action;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::page::once_each;
use crate::kit::work::Work;
use crate::texts;
use crate::timer;

/// The most files that are shared at once.
const AT_ONCE: usize = 20;
/// How often something may be shared for one task.
const MOST: u64 = 50;

/// What is shared.
#[derive(Debug, Clone)]
pub struct Sharing {
    /// Parts of the customer's data.
    pub fields: Vec<CustomerField>,
    /// Files of the case.
    pub files: Vec<AttachmentId>,
    /// Why the partner needs them.
    pub reason: String,
}

/// Shares more with the partner of an open task.
///
/// # Errors
/// `INVALID_TRANSITION` when the task has ended or its case is closed; `NOT_FOUND` for a file that is not on the case;
/// `REQUIRED`, `TOO_LONG` with the field.
pub async fn extend(work: &mut Work, id: TaskId, sharing: &Sharing) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::RequestTask, "taskId").await?;
    check_goes_on(work, &case).await?;
    task.status = decide::after(TaskAct::Share, task.status)?;
    check_active(work, &task).await?;
    check_room(work, &task).await?;
    let mut problems = Problems::default();
    let reason = problems.check(required(&sharing.reason, "reason", 500)).unwrap_or_default();
    if sharing.fields.is_empty() && sharing.files.is_empty() {
        problems.add(Problem::new(ErrorCode::Required, "fields", texts::task::nothing_shared()));
    }
    if sharing.files.len() > AT_ONCE {
        problems.add(Problem::new(ErrorCode::TooLong, "fileIds", texts::task::too_many_files()));
    }
    let here = files_here(work, &case, &sharing.files).await?;
    for (place, file) in sharing.files.iter().enumerate().filter(|(_, file)| !here.contains(file)) {
        tracing::debug!(%file, "a file that is not on the case was to be shared");
        problems.add(Problem::not_found(&format!("fileIds.{place}")));
    }
    problems.refuse_if_any()?;
    let all: Vec<CustomerField> = task.shared.0.iter().chain(&sharing.fields).copied().collect();
    task.shared = CustomerFields(once_each(&all).into_iter().collect());
    if !sharing.fields.is_empty() {
        let before = task.share_reason.take().map(|before| format!("{before}\n")).unwrap_or_default();
        task.share_reason = Some(format!("{before}{reason}"));
    }
    let row = new_share(work, &task, (&sharing.fields, reason));
    for attachment_id in here {
        let file = task_file::Model { task_id: id, attachment_id, share_id: row.id, at: work.now() };
        work.insert_if_new(file);
    }
    work.insert(row);
    timer::acted(work, &case).await?;
    let payload = Payload::TaskShared { task: id, partner: task.partner_id };
    finish(work, task, case, &[payload])
}

/// Checks that the task has not reached the maximum of shares.
async fn check_room(work: &Work, task: &case_task::Model) -> Outcome<()> {
    let known = task_share::Entity::find().filter(task_share::Column::TaskId.eq(task.id));
    if known.count(work.tx()?).await? < MOST {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Invalid, "taskId", texts::task::shared_too_often()).into())
}

/// Takes back, after a merger was undone, the files of one case that were given to a partner of the other.
///
/// # Errors
/// When the store cannot be written.
pub async fn separated(work: &mut Work, id: CaseId) -> Outcome<()> {
    let own_tasks = case_task::Entity::find().select_only().column(case_task::Column::Id);
    let own_tasks = own_tasks.filter(case_task::Column::CaseId.eq(id)).into_query();
    let own_files = attachment::Entity::find().select_only().column(attachment::Column::Id);
    let own_files = own_files.filter(attachment::Column::CaseId.eq(id)).into_query();
    let (task, file) = (task_file::Column::TaskId, task_file::Column::AttachmentId);
    let kept_from = task.in_subquery(own_tasks.clone()).and(file.not_in_subquery(own_files.clone()));
    let given_away = file.in_subquery(own_files).and(task.not_in_subquery(own_tasks));
    for wrong in [kept_from, given_away] {
        for row in task_file::Entity::find().filter(wrong).all(work.tx()?).await? {
            work.remove::<task_file::Model>((row.task_id, row.attachment_id));
        }
    }
    Ok(())
}

/// The row of what is shared now.
pub(super) fn new_share(
    work: &Work,
    task: &case_task::Model,
    (fields, reason): (&[CustomerField], String),
) -> task_share::Model {
    task_share::Model {
        id: work.new_id(),
        task_id: task.id,
        fields: CustomerFields(once_each(fields).into_iter().collect()),
        reason,
        by_id: work.actor().staff(),
        at: work.now(),
    }
}

/// Those of these files that are on the case, or on one that was merged with it.
async fn files_here(work: &Work, case: &case::Model, ids: &[AttachmentId]) -> Outcome<BTreeSet<AttachmentId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let into = case.merged_into.unwrap_or(case.id);
    let group: Vec<CaseId> = case::Entity::find()
        .select_only()
        .column(case::Column::Id)
        .filter(case::Column::MergedInto.eq(into))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let found = attachment::Entity::find()
        .select_only()
        .column(attachment::Column::Id)
        .filter(attachment::Column::Id.is_in(ids.iter().copied()))
        .filter(attachment::Column::CaseId.is_in(group.into_iter().chain([into])));
    Ok(found.into_tuple::<AttachmentId>().all(work.tx()?).await?.into_iter().collect())
}
