//! The acts that are allowed on a task in each state. Pure functions.

use entity::kind::TaskStatus;

use crate::kit::error::{ErrorCode, Problem};
use crate::texts;

/// An act on a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskAct {
    /// The partner accepts the task.
    Accept,
    /// The partner reports progress.
    Update,
    /// The partner reports the task as done.
    Complete,
    /// The partner declines the task.
    Decline,
    /// The partner says which of its people works on the task.
    Assign,
    /// The owner withdraws the task.
    Withdraw,
    /// The owner reminds the partner of the task.
    Remind,
    /// The owner or the partner writes to the other.
    Write,
    /// The owner shares more of the customer's data or more files.
    Share,
    /// The owner refuses a reported completion.
    Reject,
}

impl TaskAct {
    /// All acts.
    pub const ALL: &'static [Self] = &[
        Self::Accept,
        Self::Update,
        Self::Complete,
        Self::Decline,
        Self::Assign,
        Self::Withdraw,
        Self::Remind,
        Self::Write,
        Self::Share,
        Self::Reject,
    ];

    /// The name of the mutation for this act.
    #[must_use]
    pub const fn mutation(self) -> &'static str {
        match self {
            Self::Accept => "acceptTask",
            Self::Update => "updateTask",
            Self::Complete => "completeTask",
            Self::Decline => "declineTask",
            Self::Assign => "assignTask",
            Self::Withdraw => "withdrawTask",
            Self::Remind => "remindTask",
            Self::Write => "writeToTask",
            Self::Share => "shareWithPartner",
            Self::Reject => "rejectCompletion",
        }
    }

    /// Whether it is an act of the partner.
    const fn is_partners(self) -> bool {
        !matches!(self, Self::Withdraw | Self::Remind | Self::Share | Self::Reject)
    }

    /// Whether it is an act of the owner.
    const fn is_owners(self) -> bool {
        !self.is_partners() || matches!(self, Self::Write)
    }

    /// The state to which the act moves a task from this state; none when the act is not allowed.
    #[must_use]
    pub const fn from(self, status: TaskStatus) -> Option<TaskStatus> {
        use TaskStatus::{Accepted, Declined, Done, InProgress, Requested, Withdrawn};
        match (self, status) {
            (Self::Accept, Requested) => Some(Accepted),
            (Self::Update, Accepted | InProgress) | (Self::Reject, Done) => Some(InProgress),
            (Self::Complete, Accepted | InProgress) => Some(Done),
            (Self::Decline, Requested | Accepted | InProgress) => Some(Declined),
            (Self::Withdraw, Requested | Accepted | InProgress) => Some(Withdrawn),
            (Self::Assign | Self::Remind | Self::Share | Self::Write, Requested | Accepted | InProgress)
            | (Self::Write, Done) => Some(status),
            _ => None,
        }
    }
}

/// Whether a task in this state is still to be done. Only then may its partner read what was shared of the customer.
#[must_use]
pub const fn is_open(status: TaskStatus) -> bool {
    matches!(status, TaskStatus::Requested | TaskStatus::Accepted | TaskStatus::InProgress)
}

/// The acts that are allowed on a task in this state.
pub fn open_acts(status: TaskStatus) -> impl Iterator<Item = TaskAct> {
    TaskAct::ALL.iter().copied().filter(move |act| act.from(status).is_some())
}

/// The state after this act.
///
/// # Errors
/// [`ErrorCode::InvalidTransition`], naming the acts that are allowed.
pub fn after(act: TaskAct, status: TaskStatus) -> Result<TaskStatus, Problem> {
    act.from(status).ok_or_else(|| {
        let alike = |open: &TaskAct| open.is_partners() && act.is_partners() || open.is_owners() && act.is_owners();
        let open: Vec<_> = open_acts(status).filter(alike).map(TaskAct::mutation).collect();
        let (state, act) = (status.word(), act.mutation());
        let text =
            if open.is_empty() { texts::task::over(state) } else { texts::task::not_open(act, state, open.join(", ")) };
        Problem::new(ErrorCode::InvalidTransition, "taskId", text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_follow_what() {
        let lines: Vec<String> = TaskStatus::ALL
            .iter()
            .map(|status| {
                let acts: Vec<_> = open_acts(*status)
                    .map(|act| format!("{} -> {}", act.mutation(), act.from(*status).map_or("", TaskStatus::word)))
                    .collect();
                format!("{}: {}", status.word(), acts.join(", "))
            })
            .collect();
        assert_eq!(
            lines,
            [
                "REQUESTED: acceptTask -> ACCEPTED, declineTask -> DECLINED, assignTask -> REQUESTED, withdrawTask -> WITHDRAWN, remindTask -> REQUESTED, writeToTask -> REQUESTED, shareWithPartner -> REQUESTED",
                "ACCEPTED: updateTask -> IN_PROGRESS, completeTask -> DONE, declineTask -> DECLINED, assignTask -> ACCEPTED, withdrawTask -> WITHDRAWN, remindTask -> ACCEPTED, writeToTask -> ACCEPTED, shareWithPartner -> ACCEPTED",
                "IN_PROGRESS: updateTask -> IN_PROGRESS, completeTask -> DONE, declineTask -> DECLINED, assignTask -> IN_PROGRESS, withdrawTask -> WITHDRAWN, remindTask -> IN_PROGRESS, writeToTask -> IN_PROGRESS, shareWithPartner -> IN_PROGRESS",
                "DONE: writeToTask -> DONE, rejectCompletion -> IN_PROGRESS",
                "DECLINED: ",
                "WITHDRAWN: ",
            ]
        );
    }

    #[test]
    fn a_refusal_names_what_is_open() {
        let problem = after(TaskAct::Complete, TaskStatus::Requested).unwrap_err();
        assert_eq!(
            problem.message.read_in(entity::kind::Language::En),
            "`completeTask` is not open: the task is REQUESTED. Open now: acceptTask, declineTask, assignTask, writeToTask."
        );
    }
}
