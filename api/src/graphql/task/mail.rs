//! Mails to a partner's people about a task.

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use entity::kind::{LetterStatus, TaskMailKind};
use entity::{letter, task_mail};

use crate::graphql::context::{ContextExt, read_error, required_row, to_id};
use crate::graphql::partner::PartnerContact;

/// A mail to a person at a partner about a task (`PartnerContact.tasksByMail`): the reason for it, and whether it
/// arrived. It names the case by its reference and contains a link to the task's page, and nothing of the task itself.
pub struct TaskMail(pub task_mail::Model);

impl TaskMail {
    async fn letter(&self, ctx: &Context<'_>) -> Result<Option<letter::Model>> {
        let Some(id) = self.0.letter_id else { return Ok(None) };
        ctx.loaders().letters.one(id).await.map_err(read_error)
    }
}

/// A mail to a person at a partner about a task (`PartnerContact.tasksByMail`): the reason for it, and whether it
/// arrived. It names the case by its reference and contains a link to the task's page, and nothing of the task itself.
#[Object]
impl TaskMail {
    /// The id, opaque.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The reason for the mail.
    async fn kind(&self) -> TaskMailKind {
        self.0.kind
    }

    /// The person at the partner to whom the mail goes.
    async fn to(&self, ctx: &Context<'_>) -> Result<PartnerContact> {
        required_row(ctx.loaders().contacts.one(self.0.contact_id).await).map(PartnerContact)
    }

    /// When it happened, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The status of the letter. Null while it waits to be written, and when it was never written, because it was no
    /// longer true by then or the person gets no tasks by mail any more.
    async fn status(&self, ctx: &Context<'_>) -> Result<Option<LetterStatus>> {
        Ok(self.letter(ctx).await?.map(|letter| letter.status))
    }

    /// Why the letter is not sent yet, failed or came back, in the words of the mail server or of the service; null
    /// when nothing is wrong.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.letter(ctx).await?.and_then(|letter| letter.reason))
    }
}
