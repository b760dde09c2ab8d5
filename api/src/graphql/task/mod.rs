//! Tasks: a partner's part of a case.

pub mod acts;
pub mod list;
pub mod mail;
pub mod node;
pub mod talk;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::CustomerId;
use entity::kind::{CustomerField, TaskStatus};
use entity::{case, case_task, task_update};

use super::context::{ContextExt, int, read_error, required_row, to_id};
use super::dispute::Statement;
use super::partner::{Partner, PartnerContact};
use super::party::Party;
use super::report::file::Attachment;
use super::task::mail::TaskMail;
use super::task::talk::{TaskMessage, TaskSharing};
use crate::access::table::{Action, check_scope, may, to_task};
use crate::kit::actor::Actor;
use crate::task::decide::{TaskAct, is_open, open_acts};

/// A task: a partner's part of a case, with a status and dates. The case keeps its owner whatever happens to the task.
#[derive(Clone)]
pub struct CaseTask(pub case_task::Model);

impl From<case_task::Model> for CaseTask {
    fn from(row: case_task::Model) -> Self {
        Self(row)
    }
}

/// A task: a partner's part of a case, with a status and dates. The case keeps its owner whatever happens to the task.
#[Object]
impl CaseTask {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The partner whose task it is.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
        required_row(ctx.loaders().partners.one(self.0.partner_id).await).map(Partner)
    }

    /// The part of the case that a partner may read.
    async fn case(&self, ctx: &Context<'_>) -> Result<PartnerCase> {
        required_row(ctx.loaders().cases.one(self.0.case_id).await).map(PartnerCase)
    }

    /// The title of the task, in a few words.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What the partner is asked to do.
    async fn asked(&self) -> &str {
        &self.0.asked
    }

    /// The status of the task.
    async fn status(&self) -> TaskStatus {
        self.0.status
    }

    /// The time by which the partner must have accepted it, UTC. When it passes, the owner is told.
    async fn accept_by(&self) -> DateTime<Utc> {
        self.0.accept_by
    }

    /// The time by which the partner must send its next update, UTC; null until it has accepted, and after the task has
    /// ended. When it passes, the owner is told. Each update sets it anew.
    async fn update_by(&self) -> Option<DateTime<Utc>> {
        self.0.update_by
    }

    /// The interval at which the partner sends updates once it has accepted, in hours, nights and holidays included.
    async fn update_every_hours(&self) -> i32 {
        self.0.update_every_hours
    }

    /// The time by which the task must be done, UTC. When it passes, the owner is told. `rejectCompletion` sets it
    /// anew.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// The time at which the partner expects it to be done, UTC; null until the partner gives one.
    async fn eta(&self) -> Option<DateTime<Utc>> {
        self.0.eta
    }

    /// The first `eta` that the partner gave, UTC; null until it gives one. The partner's punctuality is measured
    /// against it.
    async fn first_eta(&self) -> Option<DateTime<Utc>> {
        self.0.first_eta
    }

    /// The parts of the customer's data that the partner may read while the task is open.
    async fn shares(&self) -> &[CustomerField] {
        &self.0.shared.0
    }

    /// The customer's data that is shared with the partner; null when nothing is shared, and after the task has ended.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<SharedCustomer>> {
        if !is_open(self.0.status) || self.0.shared.0.is_empty() {
            return Ok(None);
        }
        let case: case::Model = required_row(ctx.loaders().cases.one(self.0.case_id).await)?;
        let name = case.customer_name;
        Ok(Some(SharedCustomer { task: self.0.clone(), customer: case.customer_id, name }))
    }

    /// The person at the partner who does the task; null when nobody is assigned.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<PartnerContact>> {
        let Some(id) = self.0.assignee_id else { return Ok(None) };
        required_row(ctx.loaders().contacts.one(id).await).map(PartnerContact).map(Some)
    }

    /// The number of reminders that were sent to the partner.
    async fn reminders(&self) -> i32 {
        self.0.reminders
    }

    /// The partner's statements of the cause, oldest first. They are its claims; other partners may say otherwise.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn statements(&self, ctx: &Context<'_>) -> Result<Vec<Statement>> {
        let rows = ctx.loaders().statements_of.one(self.0.case_id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().filter(|row| row.task_id == self.0.id).map(Statement).collect())
    }

    /// The result of the task; null until it is done.
    async fn result(&self) -> Option<&str> {
        self.0.result.as_deref()
    }

    /// Why the partner declined the task, for the owner; null unless it did. The customer never sees it.
    async fn decline_reason(&self) -> Option<&str> {
        self.0.decline_reason.as_deref()
    }

    /// When the task was requested, UTC.
    async fn requested_at(&self) -> DateTime<Utc> {
        self.0.requested_at
    }

    /// When the partner accepted it, UTC; null until it does.
    async fn accepted_at(&self) -> Option<DateTime<Utc>> {
        self.0.accepted_at
    }

    /// When the task ended: was done, declined or withdrawn, UTC; null until then.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// When the task last changed, UTC.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// The partner's updates, oldest first. They are for the owner; the customer sees none of them.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn updates(&self, ctx: &Context<'_>) -> Result<Vec<TaskUpdate>> {
        let rows = ctx.loaders().updates.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(TaskUpdate).collect())
    }

    /// The messages between the owner and the partner about the task, oldest first. The customer sees none of them.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn messages(&self, ctx: &Context<'_>) -> Result<Vec<TaskMessage>> {
        let rows = ctx.loaders().task_messages_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(TaskMessage).collect())
    }

    /// What the owner shared with the partner, and why, oldest first. The reasons stay readable after the task has
    /// ended; the shared data and files do not.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn sharings(&self, ctx: &Context<'_>) -> Result<Vec<TaskSharing>> {
        let rows = ctx.loaders().shares.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(TaskSharing).collect())
    }

    /// The files of the case that the owner gave to the partner, oldest first. A partner can fetch them while the task
    /// is open; afterwards the list is empty for it.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn files(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
        if !is_open(self.0.status) && matches!(ctx.actor(), Actor::Partner { .. }) {
            return Ok(Vec::new());
        }
        let given = ctx.loaders().task_files.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let files = given.iter().map(|file| ctx.loaders().files_by_id.one(file.attachment_id));
        let files = futures_util::future::try_join_all(files).await.map_err(read_error)?;
        Ok(files.into_iter().flatten().map(Attachment).collect())
    }

    /// The mails about the task to people at the partner (`PartnerContact.tasksByMail`), oldest first; kept for a year.
    /// Empty for the partner.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn mails(&self, ctx: &Context<'_>) -> Result<Vec<TaskMail>> {
        if matches!(ctx.actor(), Actor::Partner { .. }) {
            return Ok(Vec::new());
        }
        let rows = ctx.loaders().task_mails.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(TaskMail).collect())
    }

    /// The number of reported completions that the owner refused (`rejectCompletion`).
    async fn rejections(&self) -> i32 {
        self.0.rejections
    }

    /// The first time by which the task was to be done, UTC. The partner's punctuality is measured against it.
    async fn first_due_at(&self) -> DateTime<Utc> {
        self.0.first_due_at
    }

    /// Which mutations are open to you on this task now.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<TaskPermissions> {
        let case: case::Model = required_row(ctx.loaders().cases.one(self.0.case_id).await)?;
        let standing = to_task(ctx.actor(), &self.0, &case);
        let goes_on = match case.merged_into {
            Some(into) => required_row(ctx.loaders().cases.one(into).await)?.closed_at.is_none(),
            None => case.closed_at.is_none(),
        };
        let able = |action| may(standing, action) && check_scope(ctx.actor(), action).is_ok();
        let can = |act: TaskAct, action| able(action) && open_acts(self.0.status).any(|open| open == act);
        Ok(TaskPermissions {
            accept: can(TaskAct::Accept, Action::AnswerTask),
            update: can(TaskAct::Update, Action::AnswerTask),
            complete: can(TaskAct::Complete, Action::AnswerTask),
            decline: can(TaskAct::Decline, Action::AnswerTask),
            assign: can(TaskAct::Assign, Action::AnswerTask),
            withdraw: can(TaskAct::Withdraw, Action::RequestTask),
            remind: can(TaskAct::Remind, Action::RequestTask),
            write: goes_on && can(TaskAct::Write, Action::WriteToTask),
            share: goes_on && can(TaskAct::Share, Action::RequestTask),
            reject_completion: goes_on && can(TaskAct::Reject, Action::RequestTask),
        })
    }
}

/// Which mutations are open to you on a task now, so that a page can show the right buttons.
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "one answer per button")]
pub struct TaskPermissions {
    /// Whether `acceptTask` is open to you.
    accept: bool,
    /// Whether `updateTask` is open to you.
    update: bool,
    /// Whether `completeTask` is open to you.
    complete: bool,
    /// Whether `declineTask` is open to you.
    decline: bool,
    /// Whether `assignTask` is open to you.
    assign: bool,
    /// Whether `withdrawTask` is open to you.
    withdraw: bool,
    /// Whether `remindTask` is open to you.
    remind: bool,
    /// Whether `writeToTask` is open to you.
    write: bool,
    /// Whether `shareWithPartner` is open to you.
    share: bool,
    /// Whether `rejectCompletion` is open to you.
    reject_completion: bool,
}

/// An update of a task, which the partner sent to the owner.
#[derive(Clone)]
pub struct TaskUpdate(pub task_update::Model);

/// An update of a task, which the partner sent to the owner.
#[Object]
impl TaskUpdate {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The person or API client of the partner that sent it.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }

    /// The text of the update.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// The time at which the task is expected to be done, UTC; null when the update gave no new time.
    async fn eta(&self) -> Option<DateTime<Utc>> {
        self.0.eta
    }

    /// The files that came with it.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
        let rows = ctx.loaders().files.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Attachment).collect())
    }

    /// When the update was sent, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// The customer's data that the owner shared with a partner for its task, and why. It is readable only while the task
/// is open.
pub struct SharedCustomer {
    task: case_task::Model,
    customer: CustomerId,
    /// The name that the customer gave in the case.
    name: Option<String>,
}

impl SharedCustomer {
    fn shares(&self, field: CustomerField) -> bool {
        self.task.shared.0.contains(&field)
    }
}

/// The customer's data that the owner shared with a partner for its task, and why. It is readable only while the task
/// is open.
#[Object]
impl SharedCustomer {
    /// The reason why it is shared; one line for each time when something was shared.
    async fn reason(&self) -> &str {
        self.task.share_reason.as_deref().unwrap_or_default()
    }

    /// The customer's name; null when it is not shared, or not known.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.shares(CustomerField::Name) {
            return Ok(None);
        }
        if self.name.is_some() {
            return Ok(self.name.clone());
        }
        Ok(ctx.loaders().customers.one(self.customer).await.map_err(read_error)?.and_then(|row| row.name))
    }

    /// The customer's e-mail addresses; empty when they are not shared, or none is known.
    async fn emails(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        if !self.shares(CustomerField::Email) {
            return Ok(Vec::new());
        }
        let rows = ctx.loaders().emails.one(self.customer).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.address).collect())
    }

    /// The customer's telephone numbers in E.164; empty when they are not shared, or none is known.
    async fn phones(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        if !self.shares(CustomerField::Phone) {
            return Ok(Vec::new());
        }
        let rows = ctx.loaders().phones.one(self.customer).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.e164).collect())
    }

    /// The customer's words in the first report of the case; null when they are not shared.
    async fn words(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.shares(CustomerField::Words) {
            return Ok(None);
        }
        let reports = ctx.loaders().reports_of.one(self.task.case_id).await.map_err(read_error)?.unwrap_or_default();
        Ok(reports.into_iter().next().map(|report| report.words))
    }
}

/// The part of a case that a partner may read: enough to do its task, and nothing of other partners, messages or the
/// customer.
#[derive(Clone)]
pub struct PartnerCase(pub case::Model);

/// The part of a case that a partner may read: enough to do its task, and nothing of other partners, messages or the
/// customer.
#[Object]
impl PartnerCase {
    /// The id of the case, for `tasks(filter: { caseId: … })`. It is not named `id`, because staff read the same case
    /// as a `Case` and a client that caches objects by `id` would mix the two.
    async fn case_id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The reference of the case for people, such as "C-2026-000123".
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The subject as the customer wrote it; null when they wrote none. Staff then see the beginning of the customer's
    /// words as the subject, which a partner may not read.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let reports = ctx.loaders().reports_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(reports.into_iter().next().and_then(|report| report.subject))
    }

    /// The product that was bought; null when it is not known.
    async fn product(&self) -> Option<&str> {
        self.0.product.as_deref()
    }

    /// The name of the case's owner, whom the partner can turn to.
    async fn owner_name(&self, ctx: &Context<'_>) -> Result<String> {
        required_row(ctx.loaders().people.one(self.0.owner_id).await).map(|person| person.name)
    }
}
