//! What an operation costs and what its caller has left: charged once the document is known to be valid, before
//! anything of it is executed, on every transport alike.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{Context, Object, Response, Result, ServerError, ValidationResult, Value, async_trait, value};
use chrono::{DateTime, TimeDelta, Utc};

use super::code::{Code, ServerErrorExt};
use super::context::{ContextExt, read_error};
use super::guard::Kind;
use crate::access::share::{Asker, Shares};
use crate::access::storage::{self, Left, Storage};
use crate::kit::rate::Level;

/// Points for an act, beside its fields: it writes, and writing is what a store has least of.
pub const ACT: u32 = 100;

/// Points for what came to nothing: a wrong credential, a document that cannot be executed.
pub const FOR_NOTHING: u32 = 20;

/// Bytes and values of a request that are in its price already, and how many more cost a point.
const FREE_BYTES: usize = 16 * 1024;
const FREE_VALUES: usize = 200;
const BYTES_A_POINT: usize = 4 * 1024;
const VALUES_A_POINT: usize = 10;

/// Points for a request's own bytes and the values in them, whatever it asks for: reading costs, used or not.
#[must_use]
pub fn for_reading(bytes: usize, values: usize) -> u32 {
    let bytes = bytes.saturating_sub(FREE_BYTES) / BYTES_A_POINT;
    let values = values.saturating_sub(FREE_VALUES) / VALUES_A_POINT;
    u32::try_from(bytes.saturating_add(values)).unwrap_or(u32::MAX)
}

/// What an operation costs beside its fields.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// What it does.
    pub kind: Kind,
    /// Points for what it asks about the contract.
    pub contract: u32,
    /// Points that its request has cost already.
    pub paid: u32,
}

/// One operation's meter.
#[derive(Clone)]
pub struct Meter(Arc<Inner>);

struct Inner {
    shares: Arc<Shares>,
    asker: Asker,
    load: Load,
    read: Mutex<Option<(u32, Level)>>,
}

impl Meter {
    /// At nought.
    #[must_use]
    pub fn new(shares: Arc<Shares>, asker: Asker, load: Load) -> Self {
        Self(Arc::new(Inner { shares, asker, load, read: Mutex::default() }))
    }

    /// Who asks.
    #[must_use]
    pub fn asker(&self) -> &Asker {
        &self.0.asker
    }

    /// Takes what the operation costs out of its caller's share.
    fn charge(&self, fields: usize) -> Level {
        let fields = u32::try_from(fields).unwrap_or(u32::MAX).max(1);
        let act = if self.0.load.kind == Kind::Mutation { ACT } else { 0 };
        self.pay(fields.saturating_add(act).saturating_add(self.0.load.contract))
    }

    /// Takes so many points out of its caller's share.
    pub fn pay(&self, cost: u32) -> Level {
        let level = self.0.shares.take(&self.0.asker, cost);
        *self.0.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((cost, level));
        level
    }

    /// Takes what turned out to cost more than its fields: rules to check, bytes to store. Nobody is asked for more than a
    /// full share at once.
    fn more(&self, points: u32) -> Level {
        let level = self.0.shares.take_at_most(&self.0.asker, points);
        let mut read = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        let before = read.map_or(0, |(cost, _)| cost);
        *read = Some((before.saturating_add(points), level));
        level
    }

    /// Pays for one more result of a subscription: each is executed anew. Returns when the caller's share allows it; a
    /// stream that asks for more than its share is slow, and misses nothing.
    pub async fn again(&self) {
        let Some((cost, _)) = self.read() else { return };
        while let Some(wait) = self.0.shares.take(&self.0.asker, cost).wait {
            tokio::time::sleep(wait).await;
        }
    }

    /// What it cost and what is left; none when nothing was charged.
    #[must_use]
    pub fn read(&self) -> Option<(u32, Level)> {
        *self.0.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the request cost in all, and what is left.
    fn total(&self) -> Option<(u32, Level)> {
        self.read().map(|(cost, level)| (cost.saturating_add(self.0.load.paid), level))
    }

    /// The cost as it stands beside an answer.
    #[must_use]
    pub fn noted(&self) -> Option<Value> {
        self.total().map(|(cost, level)| {
            value!({ "requested": cost, "remaining": level.remaining, "limit": level.rate.burst.get() })
        })
    }

    /// Puts the cost beside the answer.
    pub fn note(&self, response: &mut Response) {
        if let Some(note) = self.noted() {
            response.extensions.insert("cost".to_owned(), note);
        }
    }
}

/// "Later, please."
#[must_use]
pub fn too_much(level: Level) -> ServerError {
    let seconds = level.wait.map_or(1, |wait| wait.as_secs() + 1);
    let mut error = Code::RateLimited.server_error(
        format!("You have asked for more than your share. Try again in {seconds} s."),
        format!("Du har bett om mer än din del. Försök igen om {seconds} s."),
    );
    error.extensions.get_or_insert_default().set("retryAfter", seconds);
    error
}

/// Takes these points from whoever asks, beside those for the fields.
///
/// # Errors
/// "Later, please", when there are not so many left.
pub fn pay(ctx: &Context<'_>, points: u32) -> Result<()> {
    let Some(meter) = ctx.data_opt::<Meter>().filter(|_| points > 0) else { return Ok(()) };
    let level = meter.more(points);
    if level.wait.is_none() {
        return Ok(());
    }
    let ServerError { message, extensions, source, .. } = too_much(level);
    Err(async_graphql::Error { message, source, extensions })
}

/// The extension that charges.
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

/// Codes for what the library finds too big; it gives its errors none.
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

/// What files and mails cost: a point for each thousand bytes.
#[must_use]
pub fn for_bytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// What you have left to ask for. Every single answer over HTTP says it too, in `extensions.cost` and in the headers
/// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).
pub struct RateLimit {
    cost: u32,
    level: Level,
}

/// What you have left to ask for. Every single answer over HTTP says it too, in `extensions.cost` and in the headers
/// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).
#[Object]
impl RateLimit {
    /// Points at most. Forms and customers share points with others at their address, and at the seller: this is then the
    /// share that is nearest to its end.
    async fn limit(&self) -> u32 {
        self.level.rate.burst.get()
    }

    /// Points left, this operation's cost taken out; they come back by the second.
    async fn remaining(&self) -> u32 {
        self.level.remaining
    }

    /// What this operation costs: a point per field, those of a list times the rows asked for, and 100 for an act; and for what
    /// is large, a point per 4 KiB and per 10 values of the request, and per KiB of an answer about the contract itself. What
    /// its rules and files cost beside that is in `extensions.cost` of the answer.
    async fn cost(&self) -> u32 {
        self.cost
    }

    /// When `remaining` is `limit` again, UTC, if you, and whom you share with, ask for nothing more until then.
    async fn reset_at(&self, ctx: &Context<'_>) -> DateTime<Utc> {
        ctx.app().now() + TimeDelta::seconds(self.level.reset().into())
    }

    /// What you may still have stored today; null for whoever shows no credential.
    async fn storage(&self, ctx: &Context<'_>) -> Result<Option<StorageLeft>> {
        let storage = ctx.app().part::<Storage>();
        let left = storage::left(ctx.db(), &storage, ctx.actor(), ctx.app().now()).await.map_err(read_error)?;
        Ok(left.map(StorageLeft))
    }
}

/// What you may still have stored today: the files, mails and texts that you send. The people and systems of a partner have
/// one share together, and so have all who use a form. Texts of up to 10,000 bytes are taken when nothing is left, too.
pub struct StorageLeft(Left);

/// What you may still have stored today: the files, mails and texts that you send. The people and systems of a partner have
/// one share together, and so have all who use a form. Texts of up to 10,000 bytes are taken when nothing is left, too.
#[Object]
impl StorageLeft {
    /// Bytes that you may have stored in a day (UTC); a whole number.
    async fn limit(&self) -> f64 {
        number(self.0.limit)
    }

    /// Bytes left of them today; a whole number.
    async fn remaining(&self) -> f64 {
        number(self.0.remaining)
    }

    /// When the next day begins, UTC.
    async fn reset_at(&self) -> DateTime<Utc> {
        self.0.reset_at
    }
}

/// As many bytes as a number of JSON tells exactly.
fn number(bytes: i64) -> f64 {
    u32::try_from(bytes).map_or(f64::from(u32::MAX), f64::from)
}

/// Reads of one's own share.
#[derive(Default)]
pub struct MeterQuery;

#[Object]
impl MeterQuery {
    /// What you have left to ask for, and what this operation costs.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let (cost, level) = ctx.data_opt::<Meter>()?.total()?;
        Some(RateLimit { cost, level })
    }
}
