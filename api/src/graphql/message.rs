//! Messages, and the acts that write them.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::kind::{PartyKind, Thanks, Visibility};
use entity::message;

use super::context::{ContextExt, act, id, read_error, to_id};
use super::error::payload;
use super::party::Party;
use super::task::TaskUpdate;

/// Words on a case, as staff see them.
#[derive(Clone)]
pub struct Message(pub message::Model);

impl From<message::Model> for Message {
    fn from(row: message::Model) -> Self {
        Self(row)
    }
}

/// Words on a case, as staff see them.
#[Object]
impl Message {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Who wrote it.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }

    /// Who may read it.
    async fn visibility(&self) -> Visibility {
        self.0.visibility
    }

    /// The words.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// Whether it was written with a link that staff have seen (`createTrackingLink`): the customer wrote it, or somebody whom
    /// that link was given to.
    async fn by_shown_link(&self) -> bool {
        self.0.by_shown_link
    }

    /// Whether these words of a customer only thank: `ONLY` leaves a closed case closed, `PERHAPS` opens it again for a person
    /// to look. Null when they say something else, and for what is not a customer's.
    async fn thanks(&self) -> Option<Thanks> {
        self.0.thanks
    }

    /// What a partner told, of which these are the words for the customer; null for all others.
    async fn task_update(&self, ctx: &Context<'_>) -> Result<Option<TaskUpdate>> {
        let Some(id) = self.0.task_update_id else { return Ok(None) };
        Ok(ctx.loaders().task_updates.one(id).await.map_err(read_error)?.map(TaskUpdate))
    }

    /// When it was written, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// Words between the customer and the company, as the customer sees them.
#[derive(Clone)]
pub struct CustomerMessage(pub message::Model);

impl From<message::Model> for CustomerMessage {
    fn from(row: message::Model) -> Self {
        Self(row)
    }
}

/// Words between the customer and the company, as the customer sees them.
#[Object]
impl CustomerMessage {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Whether the customer wrote it.
    async fn from_customer(&self) -> bool {
        self.0.by_kind == PartyKind::Customer
    }

    /// The name of the member of staff who wrote it; null when the customer did, and when it was imported from another system.
    async fn by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match (self.0.by_kind, self.0.by_id) {
            (PartyKind::Staff, Some(id)) => {
                let person = ctx.loaders().people.one(entity::id::StaffId(id)).await.map_err(read_error)?;
                Ok(person.map(|person| person.name))
            }
            _ => Ok(None),
        }
    }

    /// The words.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// When it was written, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// Writes to the customer.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// On which case.
    case_id: ID,
    /// The words; 1 to 20,000 characters.
    text: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Leaves a note for colleagues.
#[derive(InputObject)]
pub struct AddNoteInput {
    /// On which case.
    case_id: ID,
    /// The words; 1 to 20,000 characters.
    text: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Writes to the company. Which case it is about, the tracking token says.
#[derive(InputObject)]
pub struct AddCustomerMessageInput {
    /// The words; 1 to 20,000 characters.
    text: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when your case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `sendMessage`.
    SendMessagePayload {
        /// The message.
        message: Message
    }
}
payload! {
    /// The answer to `addNote`.
    AddNotePayload {
        /// The note.
        message: Message
    }
}
payload! {
    /// The answer to `addCustomerMessage`.
    AddCustomerMessagePayload {
        /// The message.
        message: CustomerMessage
    }
}

/// Acts that write.
#[derive(Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Writes to the customer, who reads it at once by tracking token, and gets it as a letter. Without an address the letter
    /// is in `callsDue`: call them. For the case's owner and managers.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and on which case.")] input: SendMessageInput,
    ) -> Result<SendMessagePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::send_message(work, case, &input.text).await.map(|(_, message)| message)
        });
        Ok(done.await?.into())
    }

    /// Leaves a note that only the seller's staff can read. For staff.
    async fn add_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and on which case.")] input: AddNoteInput,
    ) -> Result<AddNotePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::add_note(work, case, &input.text).await.map(|(_, message)| message)
        });
        Ok(done.await?.into())
    }

    /// Writes to the company about your case; a closed case is open again, unless you only thank. For the customer, by tracking token.
    async fn add_customer_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: AddCustomerMessageInput,
    ) -> Result<AddCustomerMessagePayload> {
        let done = act(ctx, async move |work| {
            crate::case::add_customer_message(work, &input.text).await.map(|(_, message)| message)
        });
        Ok(done.await?.into())
    }
}
