//! Partners that are late with a task. The owner is informed once. If the partner stays late, `case/watch.rs` escalates
//! it.

use entity::id::TaskId;
use entity::kind::{DueKind, TaskLateness, TaskStatus};
use entity::{case, case_task};

use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// What the partner is late with when a timer of this kind runs out; none when the timer is not a task's.
#[must_use]
pub const fn lateness(kind: DueKind) -> Option<TaskLateness> {
    match kind {
        DueKind::TaskAcceptBy => Some(TaskLateness::NotAccepted),
        DueKind::TaskUpdateBy => Some(TaskLateness::NotUpdated),
        DueKind::TaskDoneBy => Some(TaskLateness::NotDone),
        DueKind::TaskAnswerBy => Some(TaskLateness::NotAnswered),
        _ => None,
    }
}

/// Whether a task in this state can be late in this way.
const fn applies(late: TaskLateness, status: TaskStatus) -> bool {
    match late {
        TaskLateness::NotAccepted => matches!(status, TaskStatus::Requested),
        TaskLateness::NotUpdated => matches!(status, TaskStatus::Accepted | TaskStatus::InProgress),
        TaskLateness::NotDone => {
            matches!(status, TaskStatus::Requested | TaskStatus::Accepted | TaskStatus::InProgress)
        }
        TaskLateness::NotAnswered => !matches!(status, TaskStatus::Declined | TaskStatus::Withdrawn),
    }
}

/// Returns whether the task on this locked case is still late. If it is late for the first time, an event informs the
/// owner.
///
/// # Errors
/// When the store cannot be read.
pub async fn tell(
    work: &mut Work,
    case: &mut case::Model,
    id: TaskId,
    late: TaskLateness,
    first: bool,
) -> Outcome<bool> {
    let task = work.lock::<case_task::Model>(id).await?;
    let Some(mut task) = task.filter(|task| applies(late, task.status)) else { return Ok(false) };
    if first {
        task.late_updates += i32::from(late == TaskLateness::NotUpdated);
        task.changed_at = work.now();
        let (partner, owner) = (task.partner_id, case.owner_id);
        log::append(work, case, &Payload::TaskLate { task: id, partner, late, owner })?;
    }
    Ok(true)
}
