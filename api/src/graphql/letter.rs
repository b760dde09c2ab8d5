//! Letters: what the company wrote to the customer by mail, and the calls that those which did not arrive make due.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::LetterId;
use entity::kind::{LetterKind, LetterStatus};
use entity::letter;

use super::context::{act, id, to_id};
use super::error::payload;
use crate::intake::phone::CallOutcome;
use crate::letter::call_due;

/// A mail of ours about a case. It is sent after the change it tells of, and tried six times at most.
#[derive(Clone)]
pub struct Letter(pub letter::Model);

impl From<letter::Model> for Letter {
    fn from(row: letter::Model) -> Self {
        Self(row)
    }
}

/// A mail of ours about a case. It is sent after the change it tells of, and tried six times at most.
#[Object]
impl Letter {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// What it is for.
    async fn kind(&self) -> LetterKind {
        self.0.kind
    }

    /// To whom: an address; where we know none, the number to call, or nothing.
    async fn recipient(&self) -> &str {
        &self.0.recipient
    }

    /// Its subject.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Its words. A link to the case ends with `#trk_hidden` here: the token itself is for the customer only.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// The Message-ID (RFC 5322, 3.6.4) without its brackets.
    async fn message_id(&self) -> &str {
        &self.0.header_id
    }

    /// How far it came.
    async fn status(&self) -> LetterStatus {
        self.0.status
    }

    /// Why it is not sent yet, failed, came back or was held; in the words of whoever said so. Null when nothing is wrong.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When it was written, UTC.
    async fn written_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was sent, given up or held, UTC; null while it waits.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// Whether the customer is to be called because of it: it did not arrive, and nobody has called since.
    async fn call_due(&self) -> bool {
        call_due(&self.0)
    }
}

/// Says that the customer was called about what a letter did not tell them.
#[derive(InputObject)]
pub struct RecordCallInput {
    /// Which letter did not arrive.
    letter_id: ID,
    /// How the call went, for colleagues; 1 to 20,000 characters.
    note: String,
    /// Whether somebody answered. Unless they did, the call stays due.
    #[graphql(default_with = "CallOutcome::Answered")]
    outcome: CallOutcome,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `recordCall`.
    RecordCallPayload {
        /// The letter: if somebody answered, no call is due any more.
        letter: Letter
    }
}

/// Acts on letters.
#[derive(Default)]
pub struct LetterMutation;

#[Object]
impl LetterMutation {
    /// Says that the customer was called about a letter that did not arrive, and how it went: the call is kept as a report of
    /// the case, as `logPhoneCall` keeps one. For the case's owner and managers.
    async fn record_call(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how it went.")] input: RecordCallInput,
    ) -> Result<RecordCallPayload> {
        let done = act(ctx, async move |work| {
            let letter = id::<LetterId>(&input.letter_id, "letterId")?;
            crate::intake::phone::record(work, letter, &input.note, input.outcome).await
        });
        Ok(done.await?.into())
    }
}
