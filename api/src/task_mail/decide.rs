//! Which events of a task are mailed to whom at the partner. Pure.

use entity::event;
use entity::id::{PartnerContactId, TaskId};
use entity::kind::{PartyKind, TaskMailKind, TaskStatus};

use crate::event::payload::Payload;
use crate::task::decide::is_open;

/// A mail about a task to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TaskMailDraft {
    /// The task.
    pub task: TaskId,
    /// The reason for the mail.
    pub kind: TaskMailKind,
    /// The only recipient; none for everybody at the partner who gets tasks by mail.
    pub only: Option<PartnerContactId>,
}

/// The mail that this event leads to; none about what the partner's people did themselves.
pub(super) fn draft(event: &event::Model, payload: &Payload) -> Option<TaskMailDraft> {
    let by_partner = event.by_kind == PartyKind::Partner || event.by_kind == PartyKind::Client;
    let (kind, only) = match payload {
        Payload::TaskAssigned { assignee: Some(to), .. } if event.by_id != Some(to.0) => {
            (TaskMailKind::Assigned, Some(*to))
        }
        Payload::TaskRequested { .. } => (TaskMailKind::Requested, None),
        Payload::TaskReminded { .. } => (TaskMailKind::Reminded, None),
        Payload::TaskMessageAdded { .. } if !by_partner => (TaskMailKind::Message, None),
        Payload::TaskRejected { .. } => (TaskMailKind::Rejected, None),
        Payload::TaskShared { .. } => (TaskMailKind::Shared, None),
        Payload::TaskLate { .. } => (TaskMailKind::Late, None),
        Payload::TaskWithdrawn { .. } => (TaskMailKind::Withdrawn, None),
        _ => return None,
    };
    let (task, _) = payload.task()?;
    (event.by_kind != PartyKind::Import).then_some(TaskMailDraft { task, kind, only })
}

/// Whether a mail is still true when it is written, for a task with this status. `known` says whether the person was
/// mailed about the task before; `changed`, whether something was done about the task since the event.
pub(super) const fn is_true(kind: TaskMailKind, status: TaskStatus, (known, changed): (bool, bool)) -> bool {
    match kind {
        TaskMailKind::Requested => matches!(status, TaskStatus::Requested),
        // Somebody who was never mailed about the task gets no mail that it was withdrawn.
        TaskMailKind::Withdrawn => known && matches!(status, TaskStatus::Withdrawn),
        TaskMailKind::Message => is_open(status) || matches!(status, TaskStatus::Done),
        TaskMailKind::Late => !changed && (is_open(status) || matches!(status, TaskStatus::Done)),
        _ => is_open(status),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::id::{CaseId, CustomerId, PartnerId, SellerId, StaffId, TaskMessageId};
    use sea_orm::prelude::Uuid;

    use super::*;

    #[test]
    fn a_partner_is_told_of_what_others_did() {
        let id = Uuid::from_u128;
        let (task, partner, message) = (TaskId(id(1)), PartnerId(id(2)), TaskMessageId(id(3)));
        let (kim, bo) = (id(4), id(5));
        let event = |by_kind, by_id| event::Model {
            case_id: CaseId(id(9)),
            seq: 1,
            seller_id: SellerId(id(8)),
            feed_seq: 1,
            owner_id: StaffId(bo),
            customer_id: CustomerId(id(7)),
            kind: String::new(),
            at: DateTime::UNIX_EPOCH,
            by_kind,
            by_id: Some(by_id),
            partner_id: Some(partner),
            staff_id: None,
            for_customer: false,
            data: serde_json::Value::Null,
        };
        let requested = Payload::TaskRequested { task, partner };
        let wrote = Payload::TaskMessageAdded { task, partner, message };
        let assigned = Payload::TaskAssigned { task, partner, assignee: Some(PartnerContactId(kim)) };
        let freed = Payload::TaskAssigned { task, partner, assignee: None };
        let accepted = Payload::TaskAccepted { task, partner, eta: None };
        for (by_kind, by, payload, expected) in [
            (PartyKind::Staff, bo, &requested, Some((TaskMailKind::Requested, None))),
            (PartyKind::System, bo, &requested, Some((TaskMailKind::Requested, None))),
            (PartyKind::Import, bo, &requested, None),
            (PartyKind::Staff, bo, &wrote, Some((TaskMailKind::Message, None))),
            (PartyKind::Partner, kim, &wrote, None),
            (PartyKind::Client, kim, &wrote, None),
            (PartyKind::Partner, bo, &assigned, Some((TaskMailKind::Assigned, Some(PartnerContactId(kim))))),
            (PartyKind::Partner, kim, &assigned, None),
            (PartyKind::Partner, bo, &freed, None),
            (PartyKind::Partner, kim, &accepted, None),
        ] {
            let found = draft(&event(by_kind, by), payload).map(|told| (told.kind, told.only));
            assert_eq!(found, expected, "{by_kind:?} {payload:?}");
        }
    }

    #[test]
    fn what_is_not_so_any_more_is_not_mailed() {
        use TaskMailKind::{Late, Link, Message, Rejected, Requested, Withdrawn as TakenBack};
        use TaskStatus::{Declined, Done, InProgress, Requested as Asked, Withdrawn};
        for (kind, status, known, changed, expected) in [
            (Requested, Asked, false, false, true),
            (Requested, Asked, false, true, true),
            (Requested, InProgress, false, true, false),
            (Requested, Withdrawn, false, true, false),
            (Requested, Declined, false, true, false),
            (TakenBack, Withdrawn, true, false, true),
            (TakenBack, Withdrawn, false, false, false),
            (Message, Done, true, true, true),
            (Message, Declined, true, true, false),
            (Rejected, InProgress, true, true, true),
            (Rejected, Done, true, true, false),
            (Late, Asked, true, false, true),
            (Late, Done, true, false, true),
            (Late, InProgress, true, true, false),
            (Link, Done, true, false, false),
        ] {
            let found = is_true(kind, status, (known, changed));
            assert_eq!(found, expected, "{kind:?} {status:?} {known} {changed}");
        }
    }
}
