//! The cost of operations, and the points that their callers have left. The cost is charged once the document is known
//! to be valid and before anything of it is executed, in the same way on every transport.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{Context, Object, Response, Result, ServerError, ValidationResult, Value, async_trait, value};
use chrono::{DateTime, TimeDelta, Utc};

use crate::access::share::{Asker, Shares};
use crate::access::storage::{self, Left, Storage};
use crate::graphql::context::{ContextExt, read_error};
use crate::graphql::documents::guard::OperationKind;
use crate::graphql::error::code::{Code, ServerErrorExt};
use crate::kit::rate::Level;
use crate::texts;

/// Points for a mutation, in addition to its fields, because the store can do far fewer writes than reads.
pub const ACT: u32 = 100;

/// Points for a request that cannot be executed: one with a wrong credential or an invalid document.
pub const FOR_NOTHING: u32 = 20;

/// Bytes and values of a request that are free, and how many beyond them cost one point.
const FREE_BYTES: usize = 16 * 1024;
const FREE_VALUES: usize = 200;
const BYTES_A_POINT: usize = 4 * 1024;
const VALUES_A_POINT: usize = 10;

/// Points for a request's own bytes and the values in them, because reading them costs the same whether they are used
/// or not.
#[must_use]
pub fn for_reading(bytes: usize, values: usize) -> u32 {
    let bytes = bytes.saturating_sub(FREE_BYTES) / BYTES_A_POINT;
    let values = values.saturating_sub(FREE_VALUES) / VALUES_A_POINT;
    u32::try_from(bytes.saturating_add(values)).unwrap_or(u32::MAX)
}

/// What an operation costs in addition to its fields.
#[derive(Debug, Clone, Copy)]
pub struct OperationCost {
    /// The kind of the operation.
    pub kind: OperationKind,
    /// Points for what it asks about the schema itself (introspection).
    pub contract: u32,
    /// Points that were charged for its request already.
    pub paid: u32,
}

/// Charges the caller for one operation and remembers the cost.
#[derive(Clone)]
pub struct Meter(Arc<Inner>);

struct Inner {
    shares: Arc<Shares>,
    asker: Asker,
    load: OperationCost,
    read: Mutex<Option<(u32, Level)>>,
}

impl Meter {
    /// A meter that has charged nothing yet.
    #[must_use]
    pub fn new(shares: Arc<Shares>, asker: Asker, load: OperationCost) -> Self {
        Self(Arc::new(Inner { shares, asker, load, read: Mutex::default() }))
    }

    /// The caller and where the request comes from.
    #[must_use]
    pub fn asker(&self) -> &Asker {
        &self.0.asker
    }

    /// Charges the caller's share with the cost of the operation.
    fn charge(&self, fields: usize) -> Level {
        let fields = u32::try_from(fields).unwrap_or(u32::MAX).max(1);
        let act = if self.0.load.kind == OperationKind::Mutation { ACT } else { 0 };
        self.pay(fields.saturating_add(act).saturating_add(self.0.load.contract))
    }

    /// Charges the caller's share with this many points.
    pub fn pay(&self, cost: u32) -> Level {
        let level = self.0.shares.take(&self.0.asker, cost);
        *self.0.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((cost, level));
        level
    }

    /// Charges points in addition to those for the fields: for rules to check or bytes to store. At most a full share
    /// is charged at once.
    fn more(&self, points: u32) -> Level {
        let level = self.0.shares.take_at_most(&self.0.asker, points);
        let mut read = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        let before = read.map_or(0, |(cost, _)| cost);
        *read = Some((before.saturating_add(points), level));
        level
    }

    /// Charges for one more result of a subscription, because each result is executed anew. Waits until the caller's
    /// share allows it. A subscription that exceeds its share becomes slow, but misses no event.
    pub async fn again(&self) {
        let Some((cost, _)) = self.read() else { return };
        while let Some(wait) = self.0.shares.take(&self.0.asker, cost).wait {
            tokio::time::sleep(wait).await;
        }
    }

    /// The cost and what is left; none when nothing was charged.
    #[must_use]
    pub fn read(&self) -> Option<(u32, Level)> {
        *self.0.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cost of the whole request, and what is left; none when nothing was charged.
    fn total(&self) -> Option<(u32, Level)> {
        self.read().map(|(cost, level)| (cost.saturating_add(self.0.load.paid), level))
    }

    /// The cost as `extensions.cost` of an answer shows it.
    #[must_use]
    pub fn noted(&self) -> Option<Value> {
        self.total().map(|(cost, level)| {
            value!({ "requested": cost, "remaining": level.remaining, "limit": level.rate.burst.get() })
        })
    }

    /// Writes the cost into the extensions of the answer.
    pub fn note(&self, response: &mut Response) {
        if let Some(note) = self.noted() {
            response.extensions.insert("cost".to_owned(), note);
        }
    }
}

/// The error `RATE_LIMITED`, with the seconds after which to try again in `retryAfter`.
#[must_use]
pub fn too_much(level: Level) -> ServerError {
    let seconds = level.wait.map_or(1, |wait| wait.as_secs() + 1);
    let mut error = Code::RateLimited.server_error(texts::api::used_up(seconds));
    error.extensions.get_or_insert_default().set("retryAfter", seconds);
    error
}

/// Charges the caller with these points, in addition to those for the fields.
///
/// # Errors
/// `RATE_LIMITED` when the share has fewer points left.
pub fn pay(ctx: &Context<'_>, points: u32) -> Result<()> {
    let Some(meter) = ctx.data_opt::<Meter>().filter(|_| points > 0) else { return Ok(()) };
    let level = meter.more(points);
    if level.wait.is_none() {
        return Ok(());
    }
    let ServerError { message, extensions, source, .. } = too_much(level);
    Err(async_graphql::Error { message, source, extensions })
}

/// The extension that charges for operations.
pub struct Metering;

impl ExtensionFactory for Metering {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Metering {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> std::result::Result<ValidationResult, Vec<ServerError>> {
        let valid = next.run(ctx).await;
        let Some(meter) = ctx.data_opt::<Meter>() else { return valid };
        let level = match &valid {
            Ok(valid) => meter.charge(valid.complexity),
            Err(_) => meter.0.shares.take(&meter.0.asker, FOR_NOTHING),
        };
        if level.wait.is_some() { Err(vec![too_much(level)]) } else { valid }
    }
}

/// Gives a code to an error of the library, which has none.
#[must_use]
pub fn library_error(error: ServerError) -> ServerError {
    if Code::of(&error).is_some() {
        return error;
    }
    let too_big = ["too complex", "nested too deep", "recursion depth", "aliases", "directives"];
    let code = match () {
        () if !error.path.is_empty() => Code::BadUserInput,
        () if too_big.iter().any(|words| error.message.contains(words)) => Code::DocumentTooLarge,
        () => Code::ValidationFailed,
    };
    error.with_code(code)
}

/// The points for files and mails: one point for each thousand bytes or part of it.
#[must_use]
pub fn for_bytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// The state of your rate limit: how many points you have left. Every answer over HTTP that is not a stream also shows
/// it, in `extensions.cost` and in the headers `RateLimit-Policy` and `RateLimit`
/// (draft-ietf-httpapi-ratelimit-headers).
pub struct RateLimit {
    cost: u32,
    level: Level,
}

/// The state of your rate limit: how many points you have left. Every answer over HTTP that is not a stream also shows
/// it, in `extensions.cost` and in the headers `RateLimit-Policy` and `RateLimit`
/// (draft-ietf-httpapi-ratelimit-headers).
#[Object]
impl RateLimit {
    /// The largest number of points that you can have. Forms and customers share points with others: at their address,
    /// in the network around it, and at the seller. The value is then that of the share with the fewest points left.
    async fn limit(&self) -> u32 {
        self.level.rate.burst.get()
    }

    /// The points that are left after the cost of this operation. New points are added every second, up to `limit`.
    async fn remaining(&self) -> u32 {
        self.level.remaining
    }

    /// What this operation costs, in points: one point per field, where the fields of a list are multiplied by the
    /// number of rows that the list usually has, and 100 points for a mutation. Added to that are, for the request, one
    /// point per 4 KiB beyond 16 KiB and one per 10 values beyond 200, and for an answer about the schema itself one
    /// point per KiB. The points for rules and files that an operation checks or stores are counted in
    /// `extensions.cost` of the answer only.
    async fn cost(&self) -> u32 {
        self.cost
    }

    /// When `remaining` has reached `limit` again, UTC, if neither you nor those who share with you ask for anything
    /// until then.
    async fn reset_at(&self, ctx: &Context<'_>) -> DateTime<Utc> {
        ctx.app().now() + TimeDelta::seconds(self.level.reset().into())
    }

    /// How much you may still store today (UTC); null when you show no credential.
    async fn storage(&self, ctx: &Context<'_>) -> Result<Option<StorageLeft>> {
        let storage = ctx.app().part::<Storage>();
        let left = storage::left(ctx.db(), &storage, ctx.actor(), ctx.app().now()).await.map_err(read_error)?;
        Ok(left.map(StorageLeft))
    }
}

/// How much you may still store today (UTC): the files, mails and texts that you send. All people and systems of a
/// partner share one limit, and so do all who use the same form. Texts of up to 10,000 bytes without files are accepted
/// even when nothing is left.
pub struct StorageLeft(Left);

/// How much you may still store today (UTC): the files, mails and texts that you send. All people and systems of a
/// partner share one limit, and so do all who use the same form. Texts of up to 10,000 bytes without files are accepted
/// even when nothing is left.
#[Object]
impl StorageLeft {
    /// The number of bytes that you may store in a day (UTC); a whole number.
    async fn limit(&self) -> f64 {
        number(self.0.limit)
    }

    /// The number of bytes that are left today; a whole number.
    async fn remaining(&self) -> f64 {
        number(self.0.remaining)
    }

    /// When the next day begins and the whole limit is available again, UTC.
    async fn reset_at(&self) -> DateTime<Utc> {
        self.0.reset_at
    }
}

/// The number of bytes as a JSON number, at most 4,294,967,295. No limit is larger.
fn number(bytes: i64) -> f64 {
    u32::try_from(bytes).map_or(f64::from(u32::MAX), f64::from)
}

/// Queries of the caller's own rate limit.
#[derive(Default)]
pub struct MeterQuery;

#[Object]
impl MeterQuery {
    /// The state of your rate limit, and what this operation costs; null when the operation was not charged.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let (cost, level) = ctx.data_opt::<Meter>()?.total()?;
        Some(RateLimit { cost, level })
    }
}
