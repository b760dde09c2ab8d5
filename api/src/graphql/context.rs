//! Helpers for resolvers: access to the parts of the service, running an act, and turning its outcome into an answer.

use async_graphql::{Context, Error, ErrorExtensions, ID, Result};
use entity::id::{SellerId, TypedId};
use entity::kind::Language;
use sea_orm::DbErr;

use super::error::UserError;
use super::error::code::Code;
use super::loaders::{LazyLoaders, Loaders};
use crate::access::session::{Session, SessionError};
use crate::access::table::{Action, check_scope};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::error::{Fault, Outcome, Problem, Refusal};
use crate::kit::health::warn_once_a_minute;
use crate::kit::once::{Once, Reloadable};
use crate::kit::work::Work;
use crate::texts::{self, Text};

/// The language of the reader, from `Accept-Language`; English when the header names no supported language.
#[derive(Debug, Clone, Copy)]
pub struct ReaderLanguage(pub Language);

/// Shortcuts to what every resolver needs.
pub trait ContextExt {
    /// The running service.
    fn app(&self) -> &App;
    /// The session of the caller.
    fn session(&self) -> &Session;
    /// The data loaders of this request.
    fn loaders(&self) -> &Loaders;
    /// The language of the reader.
    fn language(&self) -> Language;

    /// The caller as an actor.
    fn actor(&self) -> Actor {
        self.session().actor
    }

    /// The database connection for reads.
    fn db(&self) -> &Db {
        self.app().reader().db()
    }
}

impl ContextExt for Context<'_> {
    fn app(&self) -> &App {
        self.data_unchecked()
    }

    fn session(&self) -> &Session {
        self.data_unchecked()
    }

    fn loaders(&self) -> &Loaders {
        self.data_unchecked::<LazyLoaders>().get()
    }

    fn language(&self) -> Language {
        self.data_unchecked::<ReaderLanguage>().0
    }
}

/// Runs an act for the caller. Problems that the caller can solve are returned as user errors. A fault of the service
/// and a missing credential are errors of the request.
///
/// # Errors
/// `UNAUTHENTICATED` without a credential; `BUSY`, `OUTCOME_UNKNOWN` or `INTERNAL` for a fault of the service.
pub async fn act<T, F>(ctx: &Context<'_>, act_itself: F) -> Result<std::result::Result<T, Vec<UserError>>>
where
    T: Reloadable,
    F: AsyncFn(&mut Work) -> Outcome<T>,
{
    let input = input(ctx)?;
    let key = input.get("idempotencyKey").and_then(serde_json::Value::as_str).map(str::to_owned);
    // On the heap, because the future of a mutation contains the futures of all its fields and would overflow the stack
    // of a thread.
    Box::pin(act_on(ctx, input, key.as_deref(), act_itself)).await
}

/// The argument `input` of a mutation as the client sent it, as JSON.
///
/// # Errors
/// When it cannot be written as JSON, which does not happen for a validated document.
pub fn input(ctx: &Context<'_>) -> Result<serde_json::Value> {
    let given = ctx.field().arguments()?.into_iter().find(|(name, _)| name == "input");
    let given = given.map(|(_, value)| value.into_json()).transpose();
    Ok(given.map_err(|error| fault_error(&Fault::Data(error)))?.unwrap_or_default())
}

/// As [`act`], for one of several acts in one mutation, with its own part of the input and its own idempotency key.
///
/// # Errors
/// As [`act`].
pub async fn act_on<T, F>(
    ctx: &Context<'_>,
    mut input: serde_json::Value,
    key: Option<&str>,
    act: F,
) -> Result<std::result::Result<T, Vec<UserError>>>
where
    T: Reloadable,
    F: AsyncFn(&mut Work) -> Outcome<T>,
{
    let expected = input.get("expectedVersion").and_then(serde_json::Value::as_i64);
    if let Some(fields) = input.as_object_mut() {
        fields.remove("idempotencyKey");
    }
    let once = key.map(|key| Once::new(ctx.actor(), ctx.field().name(), key, &input));
    let once = match once.transpose() {
        Ok(once) => once,
        Err(problem) => return Ok(Err(user_errors(ctx, vec![problem]))),
    };
    let known = once.clone();
    let done = intake(ctx, async move |work: &mut Work| {
        if let Some(once) = &once
            && let Some(name) = once.before(work).await?
        {
            return T::reload(work, &name).await;
        }
        work.expect_version(expected);
        let done = act(work).await?;
        if let Some(once) = &once {
            once.remember(work, &done.name());
        }
        Ok(done)
    });
    let done = done.await?;
    match known {
        // A concurrent request with the same key may have done the act while this one waited for a lock, so that this
        // one was refused because of that change. In that case the first result is returned.
        Some(once) if done.is_err() => Ok(done_before(ctx, once).await.map_or(done, Ok)),
        _ => Ok(done),
    }
}

/// The result of the same act, if it was done before.
async fn done_before<T: Reloadable>(ctx: &Context<'_>, once: Once) -> Option<T> {
    let found = ctx.app().run(ctx.actor(), async move |work: &mut Work| match once.before(work).await? {
        Some(name) => T::reload(work, &name).await.map(Some),
        None => Ok(None),
    });
    found.await.ok().flatten()
}

/// As [`act`], for an act that brings an idempotency key of its own kind: a form, a mail or a call.
///
/// # Errors
/// As [`act`].
pub async fn intake<T, F>(ctx: &Context<'_>, act: F) -> Result<std::result::Result<T, Vec<UserError>>>
where
    F: AsyncFn(&mut Work) -> Outcome<T>,
{
    signed_in(ctx)?;
    match Box::pin(ctx.app().run(ctx.actor(), act)).await {
        Ok(done) => Ok(Ok(done)),
        Err(Refusal::Problems(problems)) => Ok(Err(user_errors(ctx, problems))),
        Err(Refusal::Fault(fault)) => Err(fault_error(&fault)),
    }
}

/// Problems as user errors in the language of the reader; at most 100.
#[must_use]
pub fn user_errors(ctx: &Context<'_>, problems: Vec<Problem>) -> Vec<UserError> {
    problems.into_iter().take(super::error::MOST).map(|problem| UserError::new(problem, ctx.language())).collect()
}

/// A problem as an error of the request, for queries, which have no user errors.
#[must_use]
pub fn query_error(problem: &Problem) -> Error {
    let Problem { code, field, message } = problem;
    let text = if field.is_empty() {
        message.clone()
    } else {
        texts::api::about_field(field.join("."), message.read_in(Language::En), message.read_in(Language::Sv))
    };
    Code::from(*code).error(text)
}

/// A refusal of a query as an error of the request; the first problem when there are several.
#[must_use]
pub fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Problems(problems) => {
            problems.first().map_or_else(|| fault_error(&Fault::Broken("a refusal has a problem")), query_error)
        }
        Refusal::Fault(fault) => fault_error(&fault),
    }
}

/// Refuses a caller without a credential.
///
/// # Errors
/// `UNAUTHENTICATED` when the caller has no credential.
pub fn signed_in(ctx: &Context<'_>) -> Result<()> {
    match ctx.actor() {
        Actor::Anonymous => Err(Code::Unauthenticated.error(texts::api::no_credential())),
        _ => Ok(()),
    }
}

/// The seller whose cases the caller may list and follow: staff, and systems of the seller with the scope. None when
/// the caller is neither.
///
/// # Errors
/// `FORBIDDEN`, naming the scope, when the caller is a system of a seller without it.
pub fn reader_of(ctx: &Context<'_>) -> Result<Option<SellerId>> {
    match ctx.actor() {
        Actor::Staff { seller, .. } => Ok(Some(seller)),
        Actor::Client { seller, .. } => {
            check_scope(ctx.actor(), Action::ReadCase).map_err(|problem| query_error(&problem))?;
            Ok(Some(seller))
        }
        _ => Ok(None),
    }
}

/// A `FORBIDDEN` error with this text, which says whom the operation is for.
#[must_use]
pub fn forbidden(text: Text) -> Error {
    Code::Forbidden.error(text)
}

/// Seconds after which a `BUSY` caller should try again.
const BUSY_FOR: u32 = 2;

/// The error that a caller sees for a fault of the service. The cause is logged, and the caller is not told it.
#[must_use]
pub fn fault_error(fault: &Fault) -> Error {
    if fault.is_temporary() {
        if let Fault::Away(why, error) = fault {
            warn_once_a_minute(&format!("requests are answered BUSY: {why}"), error);
        }
        return Code::Busy
            .error(texts::api::busy())
            .extend_with(|_, extensions| extensions.set("retryAfter", BUSY_FOR));
    }
    tracing::error!(error = %fault, "a request failed by a fault of the service");
    if let Fault::Unknown(_) = fault {
        return Code::OutcomeUnknown.error(texts::api::outcome_unknown());
    }
    Code::Internal.error(texts::api::not_done())
}

/// The error that a caller sees when a read failed.
#[must_use]
pub fn read_error(error: DbErr) -> Error {
    fault_error(&error.into())
}

/// The error that a caller sees when a session cannot be opened or has ended.
#[must_use]
pub fn session_error(error: SessionError) -> Error {
    error.reason().map_or_else(read_error, |why| Code::Unauthenticated.error(why))
}

/// The typed id in this text. A text that is not an id of this type is treated as an id that does not exist.
///
/// # Errors
/// `NOT_FOUND`, naming the field.
pub fn id<T: TypedId>(id: &ID, field: &str) -> std::result::Result<T, Problem> {
    id.parse().map_err(|_| Problem::not_found(field))
}

/// The id of something that is one of a numbered list, such as an event of a case. It can be compared, and is no
/// argument of anything.
pub fn part_id(of: impl TypedId, number: impl std::fmt::Display) -> ID {
    ID(format!("{of}_{number}"))
}

/// The typed ids in these texts.
///
/// # Errors
/// `NOT_FOUND`, naming the field and the place in the list.
pub fn ids<T: TypedId>(ids: &[ID], field: &str) -> std::result::Result<Vec<T>, Problem> {
    ids.iter().enumerate().map(|(place, text)| id(text, &format!("{field}.{place}"))).collect()
}

/// The id in the form in which clients see it.
#[must_use]
pub fn to_id<T: TypedId>(id: T) -> ID {
    ID(id.to_string())
}

/// A 64-bit number as the 32-bit `Int` of GraphQL. Larger numbers become the largest `Int`; a case never has that many
/// events.
#[must_use]
pub fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The row that a foreign key points at.
///
/// # Errors
/// When the store cannot be read, or the row does not exist, which the foreign key rules out.
pub fn required_row<T>(row: std::result::Result<Option<T>, DbErr>) -> Result<T> {
    row.map_err(read_error)?.ok_or_else(|| fault_error(&Fault::Broken("a key points at a row")))
}
