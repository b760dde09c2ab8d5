//! Messages, and the mutations that write them.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, MessageId, StaffId, UploadId};
use entity::kind::{PartyKind, Thanks, Visibility};
use entity::message;

use super::commitment::{CommitmentDueInput, CommitmentInput};
use super::context::{ContextExt, act, id, ids, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node};
use super::party::Party;
use super::report::file::{Attachment, of_message};
use super::task::TaskUpdate;
use crate::access::table::{Action, may, to_case};
use crate::case::OutgoingMessage;
use crate::case::commitment::apology::Apology;

/// A message on a case, as staff see it.
#[derive(Clone)]
pub struct Message(pub message::Model);

impl From<message::Model> for Message {
    fn from(row: message::Model) -> Self {
        Self(row)
    }
}

/// A message on a case, as staff see it.
#[Object]
impl Message {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The party that wrote the message.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }

    /// Who may read the message.
    async fn visibility(&self) -> Visibility {
        self.0.visibility
    }

    /// The text of the message.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// Whether the message was written with a link that staff have seen (`createTrackingLink`). It may then come from
    /// the customer, or from anybody who has that link.
    async fn by_shown_link(&self) -> bool {
        self.0.by_shown_link
    }

    /// Whether a customer's message only says thank you. `ONLY` leaves a closed case closed; `PERHAPS` reopens it, so
    /// that a person looks at it. Null when the message says something else, and when it is not a customer's.
    async fn thanks(&self) -> Option<Thanks> {
        self.0.thanks
    }

    /// The partner's task update that this message passes on to the customer; null for all other messages.
    async fn task_update(&self, ctx: &Context<'_>) -> Result<Option<TaskUpdate>> {
        let Some(id) = self.0.task_update_id else { return Ok(None) };
        Ok(ctx.loaders().task_updates.one(id).await.map_err(read_error)?.map(TaskUpdate))
    }

    /// The files that came with the message, or with the report that it was made from.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
        of_message(ctx, &self.0).await
    }

    /// When the message was written, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// When the customer heard from the company after they had written this, UTC. Null when they have not yet, and when
    /// it is not a customer's message.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }
}

/// A message between the customer and the company, as the customer sees it.
#[derive(Clone)]
pub struct CustomerMessage(pub message::Model);

impl From<message::Model> for CustomerMessage {
    fn from(row: message::Model) -> Self {
        Self(row)
    }
}

/// A message between the customer and the company, as the customer sees it.
#[Object]
impl CustomerMessage {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Whether the customer wrote the message.
    async fn from_customer(&self) -> bool {
        self.0.by_kind == PartyKind::Customer
    }

    /// The name of the member of staff who wrote the message; null when the customer wrote it, and when it was imported
    /// from another system.
    async fn by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match (self.0.by_kind, self.0.by_id) {
            (PartyKind::Staff, Some(id)) => {
                let person = ctx.loaders().people.one(entity::id::StaffId(id)).await.map_err(read_error)?;
                Ok(person.map(|person| person.name))
            }
            _ => Ok(None),
        }
    }

    /// The text of the message.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// The files that you, or we, sent with the message.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
        of_message(ctx, &self.0).await
    }

    /// When the message was written, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// Writes to the customer of a case.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// The case that the message is about.
    case_id: ID,
    /// The text of the message; 1 to 20,000 characters.
    text: String,
    /// What the message promises, each with a date; at most 10.
    #[graphql(default)]
    commitments: Vec<CommitmentInput>,
    /// By when the customer hears from you next: in the future, within 183 days. They see it, and it is a commitment.
    /// When left out, it is the time of the service level (`nextContact`). Ignored when the case is closed, and when no
    /// address is known to mail the message to: it is then no contact.
    next_contact_by: Option<CommitmentDueInput>,
    /// The broken commitment for which the message apologises. The message is refused (`INVALID_TRANSITION`) until a
    /// call to the customer was tried and logged. It is accepted where the customer has no telephone number, and with
    /// `sendAnyway`. No call is due for the commitment afterwards.
    apologizes_for: Option<ID>,
    /// Why the apology is sent although nobody has tried to call: "She asked to be written to"; 1 to 1,000 characters,
    /// kept as a note for colleagues. Ignored without `apologizesFor`, and when no call is due.
    send_anyway: Option<String>,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this credential within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Leaves a note for colleagues.
#[derive(InputObject)]
pub struct AddNoteInput {
    /// The case that the note is about.
    case_id: ID,
    /// The text of the note; 1 to 20,000 characters.
    text: String,
    /// Colleagues whom the note mentions: active members of the seller's staff, at most 20. Each gets a notice and the
    /// event `StaffMentioned`, whether they own the case or not.
    #[graphql(default)]
    mentions: Vec<ID>,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this credential within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Writes to the company about a case.
#[derive(InputObject)]
pub struct AddCustomerMessageInput {
    /// The case, one of `myCases`; that of your tracking token when left out.
    case_id: Option<ID>,
    /// The text of the message; 1 to 20,000 characters.
    text: String,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this credential within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of your case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `sendMessage`.
    SendMessagePayload {
        /// The message that was written; null when nothing was changed.
        message: Message
    }
}
payload! {
    /// The answer to `addNote`.
    AddNotePayload {
        /// The note that was written; null when nothing was changed.
        message: Message
    }
}
payload! {
    /// The answer to `addCustomerMessage`.
    AddCustomerMessagePayload {
        /// The message that was written; null when nothing was changed.
        message: CustomerMessage
    }
}

/// Mutations that write messages.
#[derive(Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Writes to the customer. The customer can read the message at once with the tracking token, and gets it as a
    /// letter if the seller has a mailbox. When no e-mail address is known, that letter is listed in `callsDue`: call
    /// the customer. For the case's owner and managers.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text, and the case.")] input: SendMessageInput,
    ) -> Result<SendMessagePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let promised = CommitmentInput::promised(&input.commitments);
            let uploads = ids::<UploadId>(&input.upload_ids, "uploadIds")?;
            let next = input.next_contact_by.map(Into::into);
            let apology = match &input.apologizes_for {
                Some(text) => {
                    Some(Apology { commitment: id(text, "apologizesFor")?, anyway: input.send_anyway.as_deref() })
                }
                None => None,
            };
            let told = OutgoingMessage { words: &input.text, promised: &promised, next, apology, uploads: &uploads };
            crate::case::send_message(work, case, &told).await.map(|(_, message)| message)
        });
        Ok(done.await?.into())
    }

    /// Leaves a note that only the seller's staff can read. For staff.
    async fn add_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text, and the case.")] input: AddNoteInput,
    ) -> Result<AddNotePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let people = ids::<StaffId>(&input.mentions, "mentions")?;
            let uploads = ids::<UploadId>(&input.upload_ids, "uploadIds")?;
            crate::case::mention::add_note(work, case, (&input.text, &uploads), &people).await
        });
        Ok(done.await?.into())
    }

    /// Writes to the company about your case. A closed case is reopened, unless the message only says thank you. For
    /// the customer, by tracking token.
    async fn add_customer_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text of the message.")] input: AddCustomerMessageInput,
    ) -> Result<AddCustomerMessagePayload> {
        let done = act(ctx, async move |work| {
            let case = input.case_id.as_ref().map(|text| id(text, "caseId")).transpose()?;
            let uploads = ids::<UploadId>(&input.upload_ids, "uploadIds")?;
            crate::case::add_customer_message(work, case, &input.text, &uploads).await.map(|(_, message)| message)
        });
        Ok(done.await?.into())
    }
}

impl Lookup for MessageId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().messages.one(self).await.map_err(read_error)? else { return Ok(None) };
        let case = required_row(ctx.loaders().cases.one(row.case_id).await)?;
        let standing = to_case(ctx.actor(), &case);
        if may(standing, Action::ReadCase) {
            return Ok(Some(Node::Message(Message(row))));
        }
        let visible = may(standing, Action::ReadCustomerCase) && row.visibility == Visibility::Customer;
        Ok(visible.then_some(Node::CustomerMessage(CustomerMessage(row))))
    }
}
