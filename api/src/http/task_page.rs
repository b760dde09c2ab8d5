//! The page of a task, for people at partners without a system. Reading the page changes nothing, because programs that
//! check mails open every link. A form is posted with a one-time token, so that sending it twice acts once. The page
//! executes GraphQL documents as the holder of the link.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono_tz::Tz;
use entity::kind::{Language, TaskStatus};
use entity::seller;
use maud::Markup;
use sea_orm::{DbErr, EntityTrait};
use serde::Deserialize;
use serde_json::json;

use super::files;
use super::inside::execute;
use super::state::Edge;
use super::task_form::{self, Posted};
use super::visitor::Visitor;
use crate::access::session::{Caller, Session, SessionError};
use crate::access::task_link;
use crate::directory::calendar::zone;
use crate::graphql::documents::guard::OperationKind;
use crate::graphql::error::code::Code;
use crate::kit::actor::Actor;
use crate::kit::health::warn_once_a_minute;
use crate::kit::work::Work;
use crate::task_mail::link::{self, Link};
use crate::texts;
use crate::web::page::{POLICY, says};
use crate::web::task::{DOCUMENT, Setting, Task, TaskPageData, link_ended, show as task_page};

/// The query of a page's address: which act was done before the page was shown.
#[derive(Default, Deserialize)]
pub(super) struct PageQuery {
    done: Option<String>,
}

/// A page with its status.
pub(super) struct HtmlPage(pub StatusCode, pub Markup);

impl IntoResponse for HtmlPage {
    fn into_response(self) -> Response {
        let policy = HeaderValue::from_str(&POLICY).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        let headers = [
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
        ];
        (self.0, headers, Html(self.1.into_string())).into_response()
    }
}

/// Shows the task.
pub(super) async fn show(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    Query(asked): Query<PageQuery>,
    request: Request,
) -> Result<HtmlPage, HtmlPage> {
    let found = KnownLink::by(&edge, edge.visitor(request.headers(), request.extensions()), token).await?;
    let closed = |why| found.closed(why, &[]);
    let opened = found.open(&edge).await.map_err(closed)?;
    let task = opened.task(&edge).await.map_err(closed)?;
    Ok(opened.page(&edge, task.as_ref(), (asked.done.as_deref(), StatusCode::OK), &RefusedForm::default()))
}

/// Does the act of a posted form, and shows the task again.
pub(super) async fn act(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, HtmlPage> {
    let found = KnownLink::by(&edge, edge.visitor(request.headers(), request.extensions()), token).await?;
    let opened = found.open(&edge).await;
    // A visitor without access may not upload files. The text fields are still read, to be shown again.
    let most = if opened.is_ok() { task_form::BODY } else { edge.options().body_bytes };
    let asker = found.visitor.asks_as(Caller::Contact(found.link.contact));
    match (task_form::read(&edge, (found.link.contact, &asker), request, most).await, opened) {
        (Err(unread), _) => Err(unread.page(found.link.language)),
        (Ok(posted), Err(closed)) => Err(found.closed(closed, &posted.texts())),
        (Ok(posted), Ok(opened)) => Ok(opened.act(&edge, posted).await),
    }
}

/// Mails a new link to the address that this one was sent to.
pub(super) async fn link(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    request: Request,
) -> Result<HtmlPage, HtmlPage> {
    let found = KnownLink::by(&edge, edge.visitor(request.headers(), request.extensions()), token).await?;
    let link = found.link;
    let done = edge.app().run(Actor::System, async move |work: &mut Work| link::mail_new_link(work, link).await);
    if let Err(error) = done.await {
        warn_once_a_minute("a new link to a task could not be mailed", &error);
        return Err(found.closed(Closed::Busy, &[]));
    }
    // The answer is the same whether a mail was written or not, so that it reveals nothing about the task.
    Ok(HtmlPage(StatusCode::OK, says(link.language, &texts::page::new_link(), &texts::page::new_link_sent(), &[])))
}

/// Sends a file of the task, as a download.
pub(super) async fn file(
    State(edge): State<Edge>,
    Path((token, id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, HtmlPage> {
    let headers = request.headers().clone();
    let found = KnownLink::by(&edge, edge.visitor(&headers, request.extensions()), token).await?;
    // The form for a new link posts to its own address, so it works on the task's page only.
    let closed = |why| found.closed(if matches!(why, Closed::Expired) { Closed::Over } else { why }, &[]);
    let opened = found.open(&edge).await.map_err(closed)?;
    let task = opened.task(&edge).await.map_err(closed)?;
    // The person may be allowed to read other tasks too, but this link gives access to one task only.
    let shown = task.is_some_and(|task| task.files_shown().any(|shown| shown == id));
    let range = headers.get(header::RANGE);
    let sent = if shown { files::sent(&edge, &opened.session, &id, range).await } else { Ok(None) };
    sent.map_err(|_| closed(Closed::Busy))?.ok_or_else(|| closed(Closed::Over))
}

/// A link that this service made, which may have expired. Requests are charged to the link's holder.
struct KnownLink {
    link: Link,
    token: String,
    visitor: Visitor,
}

/// Why a link gives no access to a task.
#[derive(Debug, Clone, Copy)]
enum Closed {
    /// It has expired, and may be exchanged for a new one.
    Expired,
    /// Its holder has no access any more, or not to the task.
    Over,
    /// The service cannot answer now.
    Busy,
    /// The holder's rate limit is used up.
    TooMuch,
}

/// The problems of a refused form, and the texts that were posted with it.
#[derive(Default)]
struct RefusedForm {
    problems: Vec<String>,
    written: BTreeMap<String, String>,
    kept: Vec<String>,
}

impl KnownLink {
    async fn by(edge: &Edge, visitor: Visitor, token: String) -> Result<Self, HtmlPage> {
        let language = visitor.language;
        if !edge.outbox().has_room() {
            return Err(unavailable(language, StatusCode::SERVICE_UNAVAILABLE, &[]));
        }
        let app = edge.app();
        let looked = link::open(app.reader().db(), app.secret(), &token);
        let link = match tokio::time::timeout(edge.options().request_time, looked).await {
            Ok(Ok(Some(link))) => link,
            Ok(Ok(None)) if edge.charge_guess(&visitor).is_err() => {
                return Err(unavailable(language, StatusCode::TOO_MANY_REQUESTS, &[]));
            }
            Ok(Ok(None)) => {
                return Err(HtmlPage(
                    StatusCode::NOT_FOUND,
                    says(language, &texts::page::no_link(), &texts::page::no_link_text(), &[]),
                ));
            }
            Ok(Err(error)) => {
                warn_once_a_minute("a link to a task could not be looked up", &error);
                return Err(unavailable(language, StatusCode::SERVICE_UNAVAILABLE, &[]));
            }
            Err(_) => return Err(unavailable(language, StatusCode::SERVICE_UNAVAILABLE, &[])),
        };
        let visitor = Visitor { language: link.language, ..visitor };
        if edge.charge(&visitor.asks_as(Caller::Contact(link.contact))).is_err() {
            return Err(unavailable(link.language, StatusCode::TOO_MANY_REQUESTS, &[]));
        }
        Ok(Self { link, token, visitor })
    }

    /// The session of the link's holder.
    async fn open(&self, edge: &Edge) -> Result<Opened<'_>, Closed> {
        if self.link.ends_at <= edge.app().now() {
            return Err(Closed::Expired);
        }
        let session = match Session::of_link(edge.app(), self.link.contact, self.link.ends_at).await {
            Ok(session) => session,
            Err(SessionError::Store(_)) => return Err(Closed::Busy),
            Err(_) => return Err(Closed::Over),
        };
        let seller: Result<Option<seller::Model>, DbErr> =
            seller::Entity::find_by_id(self.link.seller).one(edge.app().reader().db()).await;
        let Ok(Some(seller)) = seller else { return Err(Closed::Busy) };
        Ok(Opened { found: self, session, zone: zone(&seller.calendar), seller: seller.name })
    }

    /// The page that says why the link gives no access. `kept` are texts that its holder wrote.
    fn closed(&self, why: Closed, kept: &[String]) -> HtmlPage {
        let language = self.link.language;
        match why {
            Closed::Expired => HtmlPage(StatusCode::GONE, link_ended(language, &self.token, kept)),
            Closed::Over => {
                let page = says(language, &texts::page::ended(), &texts::page::ended_text(), kept);
                HtmlPage(StatusCode::GONE, page)
            }
            Closed::Busy => unavailable(language, StatusCode::SERVICE_UNAVAILABLE, kept),
            Closed::TooMuch => unavailable(language, StatusCode::TOO_MANY_REQUESTS, kept),
        }
    }
}

/// A valid link, with the session of its holder.
struct Opened<'f> {
    found: &'f KnownLink,
    session: Session,
    seller: String,
    zone: Tz,
}

impl Opened<'_> {
    /// The task of the link; none when it is not the holder's any more.
    async fn task(&self, edge: &Edge) -> Result<Option<Task>, Closed> {
        let variables = json!({ "id": self.found.link.task.to_string() });
        let read = execute(edge, &self.found.visitor, &self.session, (OperationKind::Query, DOCUMENT), variables).await;
        let answer = read.map_err(|error| match Code::of(&error) {
            Some(Code::RateLimited) => Closed::TooMuch,
            _ => Closed::Busy,
        })?;
        let answer: TaskPageData = serde_json::from_value(answer).map_err(|error| {
            tracing::error!(%error, "the page of a task could not be read from its answer");
            Closed::Busy
        })?;
        Ok(answer.node)
    }

    /// The page of the task as it is now, or the message that it has ended.
    fn page(
        &self,
        edge: &Edge,
        task: Option<&Task>,
        (done, status): (Option<&str>, StatusCode),
        said: &RefusedForm,
    ) -> HtmlPage {
        let app = edge.app();
        let Some(task) = task else { return self.over(done, said) };
        let goes_on = task.status != TaskStatus::Done || task.is_written_to_since();
        if !goes_on {
            return self.over(done.or(Some("complete")).filter(|_| said.problems.is_empty()), said);
        }
        let done = match done {
            Some("accept") => Some(texts::page::accepted()),
            Some("update") => Some(texts::page::updated()),
            Some("write") => Some(texts::page::written()),
            _ => None,
        };
        let once = task_link::page_token(app.secret(), &self.found.token, app.entropy(), app.now());
        let setting = Setting {
            language: self.found.link.language,
            link: &self.found.token,
            once: &once,
            seller: &self.seller,
            zone: self.zone,
            ends_at: self.found.link.ends_at,
            done,
            problems: &said.problems,
            written: &said.written,
        };
        HtmlPage(status, task_page(task, &setting))
    }

    /// The page when there is nothing to do any more.
    fn over(&self, done: Option<&str>, said: &RefusedForm) -> HtmlPage {
        let (title, text) = match done {
            Some("complete") => (texts::page::done(), texts::page::done_text()),
            Some("decline") => (texts::page::declined(), texts::page::declined_text()),
            _ => (texts::page::ended(), texts::page::ended_text()),
        };
        HtmlPage(StatusCode::GONE, says(self.found.link.language, &title, &text, &said.kept))
    }

    async fn act(&self, edge: &Edge, posted: Posted) -> Response {
        let (app, language, token) = (edge.app(), self.found.link.language, &self.found.token);
        let (kept, written) = (posted.texts(), posted.written().clone());
        let once = written.get("once").map(String::as_str).unwrap_or_default();
        let act = if task_link::is_page_token(app.secret(), token, once, app.now()) {
            posted.act(&self.found.link.task.to_string(), (once, self.zone))
        } else {
            Err(texts::page::page_is_old())
        };
        let act = match act {
            Ok(act) => act,
            Err(problem) => {
                let problems = vec![problem.read_in(language).to_owned()];
                return self.again(edge, RefusedForm { problems, written, kept }).await;
            }
        };
        let document = (OperationKind::Mutation, act.document.as_str());
        match execute(edge, &self.found.visitor, &self.session, document, act.variables).await {
            Ok(answer) => {
                let problems = task_form::problems(&answer, act.name, language);
                if problems.is_empty() {
                    return Redirect::to(&format!("{token}?done={}", act.name)).into_response();
                }
                self.again(edge, RefusedForm { problems, written, kept }).await
            }
            Err(error) => {
                let (status, text) = match Code::of(&error) {
                    Some(Code::RateLimited) => (StatusCode::TOO_MANY_REQUESTS, texts::page::try_again()),
                    Some(Code::Timeout | Code::OutcomeUnknown) => {
                        (StatusCode::SERVICE_UNAVAILABLE, texts::page::look_first())
                    }
                    _ => (StatusCode::SERVICE_UNAVAILABLE, texts::page::try_again()),
                };
                HtmlPage(status, says(language, &texts::page::not_now(), &text, &kept)).into_response()
            }
        }
    }

    /// Shows the task again after a refused form, with the texts that were posted.
    async fn again(&self, edge: &Edge, said: RefusedForm) -> Response {
        match self.task(edge).await {
            Ok(task) => self.page(edge, task.as_ref(), (None, StatusCode::UNPROCESSABLE_ENTITY), &said).into_response(),
            Err(closed) => self.found.closed(closed, &said.kept).into_response(),
        }
    }
}

/// The page when the service cannot answer now. `kept` are texts that were not used.
fn unavailable(language: Language, status: StatusCode, kept: &[String]) -> HtmlPage {
    HtmlPage(status, says(language, &texts::page::not_now(), &texts::page::try_again(), kept))
}
