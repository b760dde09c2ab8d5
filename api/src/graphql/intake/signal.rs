//! Unanswered calls, as telephone exchanges report them.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::call_signal;
use entity::id::CallSignalId;
use entity::kind::CallSignalKind;

use crate::access::table::{Action, at_seller, may};
use crate::case::alike;
use crate::graphql::case::Case;
use crate::graphql::context::{ContextExt, act, id, int, read_error, required_row, to_id};
use crate::graphql::customer::Customer;
use crate::graphql::error::payload;
use crate::graphql::node::{Lookup, Node};
use crate::graphql::scalar::Date;
use crate::intake::signal::{self, Signal};
use crate::kit::actor::Actor;

/// Unanswered calls from one number on one day.
#[derive(Clone)]
pub struct CallSignal(pub call_signal::Model);

impl From<call_signal::Model> for CallSignal {
    fn from(row: call_signal::Model) -> Self {
        Self(row)
    }
}

/// Unanswered calls from one number on one day.
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

    /// How the last of these calls ended.
    async fn kind(&self) -> CallSignalKind {
        self.0.kind
    }

    /// The number of unanswered calls from the number on this day.
    async fn calls(&self) -> i32 {
        self.0.calls
    }

    /// The time of the first of these calls, UTC.
    async fn first_at(&self) -> DateTime<Utc> {
        self.0.first_at
    }

    /// The time of the last of these calls, UTC.
    async fn last_at(&self) -> DateTime<Utc> {
        self.0.last_at
    }

    /// When the signal ended, UTC: somebody spoke with the caller, or no call back is needed; null while a call back is
    /// due.
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

    /// Customers who gave this number. The caller may be one of them, or somebody else: a number identifies nobody.
    /// Empty for everybody but staff.
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
    /// How the call ended.
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
    /// The id of the signal whose calls need no call back.
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

/// Mutations that report unanswered calls.
#[derive(Default)]
pub struct SignalMutation;

#[Object]
impl SignalMutation {
    /// Reports an unanswered call. The calls of one number on one day are one `CallSignal`. If the number has called
    /// before about exactly one open case, it is counted there as a chase (`Case.timesChased`), and its owner must call
    /// the customer. Otherwise somebody must call back: see `agenda`. It never opens a case. The signal ends when a
    /// later answered call with the number, or with the customer of the case, is logged (`logPhoneCall`), or by
    /// `endCallSignal`. The same call reported twice counts twice unless it has an `idempotencyKey`. `INVALID` for more
    /// than 500 numbers a day of a seller. For telephone exchanges (scope `CALLS_WRITE`) and staff.
    async fn report_call_signal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unanswered call.")] input: ReportCallSignalInput,
    ) -> Result<ReportCallSignalPayload> {
        let done = act(ctx, async move |work| {
            let signal = Signal { kind: input.kind, from: input.from.clone(), at: input.at };
            signal::record(work, &signal).await
        });
        Ok(done.await?.into())
    }

    /// Ends a signal of unanswered calls, because they need no call back, or the call back was about no case.
    /// `INVALID_TRANSITION` when it has ended. For telephone exchanges (scope `CALLS_WRITE`) and staff.
    async fn end_call_signal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The calls that need no call back.")] input: EndCallSignalInput,
    ) -> Result<EndCallSignalPayload> {
        let done = act(ctx, async move |work| signal::end(work, id(&input.call_signal_id, "callSignalId")?).await);
        Ok(done.await?.into())
    }
}

/// A call signal, for the seller's staff.
impl Lookup for CallSignalId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().call_signals.one(self).await.map_err(read_error)? else { return Ok(None) };
        let theirs = may(at_seller(ctx.actor(), row.seller_id), Action::LogPhoneCall);
        let staff = matches!(ctx.actor(), Actor::Staff { .. });
        Ok((theirs && staff).then_some(Node::CallSignal(CallSignal(row))))
    }
}
