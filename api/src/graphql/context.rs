//! What a resolver has at hand, and the way from an act's outcome to an answer.

use async_graphql::{Context, Error, ErrorExtensions, ID, Result};
use entity::id::TypedId;
use entity::kind::Language;
use sea_orm::DbErr;

use super::code::Code;
use super::error::UserError;
use super::loaders::{LazyLoaders, Loaders};
use crate::access::session::{Session, SessionError};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::error::{Fault, Outcome, Problem, Refusal};
use crate::kit::health::warn_once_a_minute;
use crate::kit::once::{Again, Once};
use crate::kit::work::Work;

/// The reader's language, from `Accept-Language`; English when it names none of ours.
#[derive(Debug, Clone, Copy)]
pub struct ReaderLanguage(pub Language);

/// Short ways to what every resolver needs.
pub trait ContextExt {
    /// The running service.
    fn app(&self) -> &App;
    /// Who asks.
    fn session(&self) -> &Session;
    /// This request's loaders.
    fn loaders(&self) -> &Loaders;
    /// The reader's language.
    fn language(&self) -> Language;

    /// Who asks.
    fn actor(&self) -> Actor {
        self.session().actor
    }

    /// Where to read from.
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

/// Runs an act for whoever asks. What the caller can mend comes back as user errors; a fault of ours, or a caller who
/// shows no credential at all, is an error of the request.
///
/// # Errors
/// Faults and missing credentials.
pub async fn act<T, F>(ctx: &Context<'_>, act_itself: F) -> Result<std::result::Result<T, Vec<UserError>>>
where
    T: Again,
    F: AsyncFn(&mut Work) -> Outcome<T>,
{
    let input = input(ctx)?;
    let key = input.get("idempotencyKey").and_then(serde_json::Value::as_str).map(str::to_owned);
    // On the heap: a mutation's future holds those of all its fields, and would outgrow a thread's stack.
    Box::pin(act_on(ctx, input, key.as_deref(), act_itself)).await
}

/// A mutation's `input` as its client wrote it.
///
/// # Errors
/// When it cannot be written as JSON, which none that was validated can cause.
pub fn input(ctx: &Context<'_>) -> Result<serde_json::Value> {
    let given = ctx.field().arguments()?.into_iter().find(|(name, _)| name == "input");
    let given = given.map(|(_, value)| value.into_json()).transpose();
    Ok(given.map_err(|error| fault_error(&Fault::Data(error)))?.unwrap_or_default())
}

/// As [`act`], for one of several acts in one mutation: its own part of the input, and its own key.
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
    T: Again,
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
            return T::again(work, &name).await;
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
        // A twin may have done it while this one waited for the row, and was then refused for what the twin had changed.
        Some(once) if done.is_err() => Ok(done_before(ctx, once).await.map_or(done, Ok)),
        _ => Ok(done),
    }
}

/// What the same act did before, if it was done.
async fn done_before<T: Again>(ctx: &Context<'_>, once: Once) -> Option<T> {
    let found = ctx.app().run(ctx.actor(), async move |work: &mut Work| match once.before(work).await? {
        Some(name) => T::again(work, &name).await.map(Some),
        None => Ok(None),
    });
    found.await.ok().flatten()
}

/// As [`act`], for what arrives with a key of its own kind: a form's, a mail's, a call's.
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

/// Problems in the reader's language.
#[must_use]
pub fn user_errors(ctx: &Context<'_>, problems: Vec<Problem>) -> Vec<UserError> {
    problems.into_iter().take(super::error::MOST).map(|problem| UserError::new(problem, ctx.language())).collect()
}

/// The first problem as an error of the request, for queries, which have no user errors.
#[must_use]
pub fn query_error(problem: &Problem) -> Error {
    let text = |language| {
        let message = problem.message.read_in(language);
        if problem.field.is_empty() { message.to_owned() } else { format!("`{}`: {message}", problem.field.join(".")) }
    };
    Code::from(problem.code).error(text(Language::En), text(Language::Sv))
}

/// Refuses a caller who shows no credential.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub fn signed_in(ctx: &Context<'_>) -> Result<()> {
    match ctx.actor() {
        Actor::Anonymous => Err(Code::Unauthenticated.error(
            "Send `Authorization: Bearer` with a token, a widget key or a tracking token.",
            "Skicka `Authorization: Bearer` med en token, en formulärnyckel eller en spårningskod.",
        )),
        _ => Ok(()),
    }
}

/// "This is for … to read."
#[must_use]
pub fn forbidden(en: &str, sv: &str) -> Error {
    Code::Forbidden.error(en, sv)
}

/// Seconds after which a busy service is worth another try.
const BUSY_FOR: u32 = 2;

/// A fault of ours: logged with what it was, told as no more than that.
#[must_use]
pub fn fault_error(fault: &Fault) -> Error {
    if fault.is_temporary() {
        if let Fault::Away(why, error) = fault {
            warn_once_a_minute(&format!("requests are answered BUSY: {why}"), error);
        }
        return Code::Busy
            .error(
                "The service is busy. Try again in a few seconds; what you asked for was not done.",
                "Tjänsten är upptagen. Försök igen om några sekunder; det du bad om gjordes inte.",
            )
            .extend_with(|_, extensions| extensions.set("retryAfter", BUSY_FOR));
    }
    tracing::error!(error = %fault, "a request failed by a fault of the service");
    if let Fault::Unknown(_) = fault {
        return Code::OutcomeUnknown.error(
            "The connection to the store was lost: what you asked for may or may not have been done. Repeat it with the same key, or look first.",
            "Kontakten med databasen bröts: det du bad om kan ha gjorts eller inte. Upprepa det med samma nyckel, eller titta efter först.",
        );
    }
    Code::Internal.error(
        "Something went wrong here. It is logged under this request's id; what you asked for was not done.",
        "Något gick fel här. Det är loggat under frågans id; det du bad om gjordes inte.",
    )
}

/// A read that failed.
#[must_use]
pub fn read_error(error: DbErr) -> Error {
    fault_error(&error.into())
}

/// A session that ended.
#[must_use]
pub fn session_error(error: SessionError) -> Error {
    error.reason().map_or_else(read_error, |why| Code::Unauthenticated.says(why))
}

/// The id in this text; anything else is an id of nothing.
///
/// # Errors
/// "Not found", naming the field.
pub fn id<T: TypedId>(id: &ID, field: &str) -> std::result::Result<T, Problem> {
    id.parse().map_err(|_| Problem::not_found(field))
}

/// The ids in these texts.
///
/// # Errors
/// As [`id`], naming the place in the list.
pub fn ids<T: TypedId>(ids: &[ID], field: &str) -> std::result::Result<Vec<T>, Problem> {
    ids.iter().enumerate().map(|(place, text)| id(text, &format!("{field}.{place}"))).collect()
}

/// The id as clients see it.
#[must_use]
pub fn to_id<T: TypedId>(id: T) -> ID {
    ID(id.to_string())
}

/// A number of the log as GraphQL's 32-bit `Int`; two thousand million events on one case are out of reach.
#[must_use]
pub fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A row that a key points at, so it is there.
///
/// # Errors
/// When the store cannot be read.
pub fn there<T>(row: std::result::Result<Option<T>, DbErr>) -> Result<T> {
    row.map_err(read_error)?.ok_or_else(|| fault_error(&Fault::Broken("a key points at a row")))
}
