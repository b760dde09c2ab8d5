//! Calls that nobody answered, as exchanges report them.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::call_signal;
use entity::kind::CallSignalKind;

use super::case::Case;
use super::context::{ContextExt, act, id, int, read_error, required_row, to_id};
use super::customer::Customer;
use super::error::payload;
use super::scalar::Date;
use crate::case::alike;
use crate::intake::signal::{self, Signal};

/// Calls of one number on one day that nobody answered.
#[derive(Clone)]
pub struct CallSignal(pub call_signal::Model);

impl From<call_signal::Model> for CallSignal {
    fn from(row: call_signal::Model) -> Self {
        Self(row)
    }
}

/// Calls of one number on one day that nobody answered.
#[Object]
impl CallSignal {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The number that called, in E.164 format.
    async fn number(&self) -> &str {
        &self.0.e164
    }

    /// The day of the calls, in the seller's time zone.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// What became of the last of these calls.
    async fn kind(&self) -> CallSignalKind {
        self.0.kind
    }

    /// How often the number called on this day without an answer.
    async fn calls(&self) -> i32 {
        self.0.calls
    }

    /// When the first of these calls was, UTC.
    async fn first_at(&self) -> DateTime<Utc> {
        self.0.first_at
    }

    /// When the last of these calls was, UTC.
    async fn last_at(&self) -> DateTime<Utc> {
        self.0.last_at
    }

    /// When it was noted that somebody spoke with the caller afterwards, or that no call back is needed, UTC; null while they
    /// are to be called back.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// The one open case about which the number had called before; null when there is none, or more than one, and for
    /// everybody but staff.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        match self.0.case_id.filter(|_| ctx.actor().staff().is_some()) {
            Some(id) => required_row(ctx.loaders().cases.one(id).await).map(|row| Some(Case(row))),
            None => Ok(None),
        }
    }

    /// Customers who gave this number. The caller may be one of them, or somebody else: a number identifies nobody. Empty for
    /// everybody but staff.
    #[graphql(complexity = 50)]
    async fn candidates(&self, ctx: &Context<'_>) -> Result<Vec<Customer>> {
        if ctx.actor().staff().is_none() {
            return Ok(Vec::new());
        }
        let found = alike::who_may_call(ctx.db(), self.0.seller_id, &self.0.e164).await.map_err(read_error)?;
        Ok(found.into_iter().map(Customer).collect())
    }
}

/// The input of `reportCallSignal`.
#[derive(InputObject)]
pub struct ReportCallSignalInput {
    /// What became of the call.
    kind: CallSignalKind,
    /// The number that called, as the exchange shows it; read as Swedish when it has no country code. Calls without a
    /// number cannot be reported.
    from: String,
    /// When it called, UTC: within the last seven days; now when left out.
    at: Option<DateTime<Utc>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `endCallSignal`.
#[derive(InputObject)]
pub struct EndCallSignalInput {
    /// The calls that need no call back any more.
    call_signal_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the signal that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `endCallSignal`.
    EndCallSignalPayload {
        /// The calls as they are now; null when nothing was changed.
        call_signal: CallSignal
    }
}
payload! {
    /// The answer to `reportCallSignal`.
    ReportCallSignalPayload {
        /// The calls of this number on that day, with the one that was reported; null when nothing was changed.
        call_signal: CallSignal
    }
}

/// Reports of calls that nobody answered.
#[derive(Default)]
pub struct SignalMutation;

#[Object]
impl SignalMutation {
    /// Reports a call that nobody answered. The calls of one number on one day are one `CallSignal`. If the number has
    /// called before about exactly one open case, it is counted there as a chase (`Case.timesChased`), and its owner is to
    /// call the customer. Otherwise somebody is to call back: see `agenda`. It never opens a case. It ends when a later call
    /// with the number, or to the customer of the case, is logged that was answered (`logPhoneCall`), or by `endCallSignal`.
    /// The same call reported twice counts twice unless it has an `idempotencyKey`. `INVALID` for more than 500 numbers a
    /// day of a seller. For telephone exchanges (scope `CALLS_WRITE`) and staff.
    async fn report_call_signal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call that nobody answered.")] input: ReportCallSignalInput,
    ) -> Result<ReportCallSignalPayload> {
        let done = act(ctx, async move |work| {
            let signal = Signal { kind: input.kind, from: input.from.clone(), at: input.at };
            signal::record(work, &signal).await
        });
        Ok(done.await?.into())
    }

    /// Ends calls that nobody answered, because they need no call back, or the call back was about no case.
    /// `INVALID_TRANSITION` when they have ended. For telephone exchanges (scope `CALLS_WRITE`) and staff.
    async fn end_call_signal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The calls that need no call back.")] input: EndCallSignalInput,
    ) -> Result<EndCallSignalPayload> {
        let done = act(ctx, async move |work| signal::end(work, id(&input.call_signal_id, "callSignalId")?).await);
        Ok(done.await?.into())
    }
}
