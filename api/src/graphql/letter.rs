//! Letters: e-mails from the company to the customer, and calls to customers whom a letter did not reach.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::LetterId;
use entity::kind::{LetterKind, LetterStatus};
use entity::letter;

use super::context::{ContextExt, act, id, read_error, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_case};
use crate::intake::phone::CallOutcome;
use crate::letter::call_due;

/// A letter: an e-mail that the company writes to the customer about a case. It is sent after the change that it
/// reports has been committed, in at most six attempts.
#[derive(Clone)]
pub struct Letter(pub letter::Model);

impl From<letter::Model> for Letter {
    fn from(row: letter::Model) -> Self {
        Self(row)
    }
}

/// A letter: an e-mail that the company writes to the customer about a case. It is sent after the change that it
/// reports has been committed, in at most six attempts.
#[Object]
impl Letter {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The purpose of the letter.
    async fn kind(&self) -> LetterKind {
        self.0.kind
    }

    /// The e-mail address that the letter goes to. When the customer has none, the telephone number to call, or an
    /// empty text when none is known either.
    async fn recipient(&self) -> &str {
        &self.0.recipient
    }

    /// The subject line of the letter.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The plain text of the letter. A link to the case ends with `#trk_hidden` here, because the tracking token is for
    /// the customer only.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// The Message-ID of the letter (RFC 5322, 3.6.4), without its angle brackets.
    async fn message_id(&self) -> &str {
        &self.0.header_id
    }

    /// The state of the letter.
    async fn status(&self) -> LetterStatus {
        self.0.status
    }

    /// Why the letter is not sent yet, failed, came back or was held, in the words of the mail server or of the
    /// service; null when nothing is wrong.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The number of attempts to send the letter so far; at most six.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When the letter was written, UTC.
    async fn written_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the letter was sent, failed or was held, UTC; null while it waits.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// Whether the customer must be called because of this letter: its status is `FAILED` or `BOUNCED`, and no answered
    /// call has been recorded since.
    async fn call_due(&self) -> bool {
        call_due(&self.0)
    }
}

/// Records a call to a customer whom a letter did not reach.
#[derive(InputObject)]
pub struct RecordCallInput {
    /// The letter that did not arrive.
    letter_id: ID,
    /// How the call went, for colleagues; 1 to 20,000 characters.
    note: String,
    /// Whether somebody answered; `ANSWERED` when left out. With any other outcome the call stays due.
    #[graphql(default_with = "CallOutcome::Answered")]
    outcome: CallOutcome,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `recordCall`.
    RecordCallPayload {
        /// The letter, whose `callDue` is now false if somebody answered; null when nothing was changed.
        letter: Letter
    }
}

/// Mutations of letters.
#[derive(Default)]
pub struct LetterMutation;

#[Object]
impl LetterMutation {
    /// Records a call to a customer whom a letter did not reach, and how it went. The call becomes a report of the
    /// case, like a call from `logPhoneCall`. For the case's owner and managers. `INVALID_TRANSITION` when no call is
    /// due because of the letter.
    async fn record_call(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The letter, and how the call went.")] input: RecordCallInput,
    ) -> Result<RecordCallPayload> {
        let done = act(ctx, async move |work| {
            let letter = id::<LetterId>(&input.letter_id, "letterId")?;
            crate::intake::phone::record(work, letter, &input.note, input.outcome).await
        });
        Ok(done.await?.into())
    }
}

/// A letter, for those who may read its whole case. A letter to staff or to a partner's person has no case and cannot be
/// looked up.
impl Lookup for LetterId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = ctx.loaders().letters.one(self).await.map_err(read_error)?;
        let Some((row, case)) = row.and_then(|row| row.case_id.map(|case| (row, case))) else { return Ok(None) };
        of_case(ctx, case, Node::Letter(Letter(row))).await
    }
}
