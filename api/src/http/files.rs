//! Serves files that came with complaints: attachments and raw reports, to those who may read the case; and attachments
//! by links that those were given.

use async_graphql::Pos;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use entity::id::{AttachmentId, CaseId, ReportId};
use entity::{attachment, report};
use sea_orm::{DbErr, EntityTrait};
use serde::Deserialize;

use super::accept::Media;
use super::answer::{inert, refused};
use super::state::{Edge, busy};
use super::stored;
use crate::access::file_link::{self, Signature};
use crate::access::session::{Caller, Session};
use crate::case::query;
use crate::graphql::context::read_error;
use crate::graphql::error::code::Code;
use crate::graphql::error::code::ServerErrorExt;
use crate::kit::db::Db;
use crate::kit::file_settings::Files;
use crate::kit::sniff;
use crate::kit::text::percent_encoded;
use crate::texts;
use crate::upload::content;

/// A file and where it belongs.
struct FileToServe {
    case: CaseId,
    /// The file's row; none for a report as it arrived.
    attachment: Option<attachment::Model>,
    sha256: Vec<u8>,
    name: String,
}

/// Sends a file as a download, which browsers do not display.
pub async fn get(State(edge): State<Edge>, Path(id): Path<String>, request: Request) -> Response {
    let visitor = edge.visitor(request.headers(), request.extensions());
    let session = match edge.session(request.headers(), &visitor).await {
        Ok(session) => session,
        Err(error) => return refused(error, Media::Json, &visitor),
    };
    if let Err(error) = edge.charge(&visitor.asks_as(session.caller())) {
        return refused(error, Media::Json, &visitor);
    }
    if !edge.outbox().has_room() {
        return refused(busy(), Media::Json, &visitor);
    }
    match sent(&edge, &session, &id, request.headers().get(header::RANGE)).await {
        Ok(Some(file)) => file,
        Ok(None) => {
            let error = Code::NotFound.server_error(texts::api::no_such_file());
            refused(error, Media::Json, &visitor)
        }
        Err(error) => {
            let error = read_error(error).into_server_error(Pos::default()).placeless();
            refused(error, Media::Json, &visitor)
        }
    }
}

/// The query of a link to a file.
#[derive(Deserialize)]
pub struct LinkQuery {
    expires: String,
    signature: String,
}

/// Sends a file to whoever has a link to it that has not expired. Whatever is wrong gets the same answer.
pub async fn linked(
    State(edge): State<Edge>,
    Path((id, name)): Path<(String, String)>,
    query: Result<Query<LinkQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let visitor = edge.visitor(request.headers(), request.extensions());
    if edge.charge(&visitor.asks_as(Caller::nobody())).is_err() {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let app = edge.app();
    let given = query.as_ref().ok().map(|query| Signature { expires: &query.expires, seal: &query.signature });
    let opens = given.is_some_and(|given| file_link::opens(app.secret(), (&id, &name), given, app.now()));
    if !opens || !is_here(&edge, &request) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if !edge.outbox().has_room() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let range = request.headers().get(header::RANGE).cloned();
    let read = async {
        let Some(found) = find(app.reader().db(), &id).await? else { return Ok(None) };
        of_file(&edge, found, range.as_ref()).await
    };
    match read.await {
        Ok(Some(file)) => file,
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            let _told: async_graphql::Error = read_error(error);
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Whether the request came to the host at which files are read. Files of strangers have an origin of their own there,
/// so none of their links works on the API's host.
fn is_here(edge: &Edge, request: &Request) -> bool {
    let Some(base) = edge.app().part::<Files>().get().base_url else { return true };
    let host = request.uri().authority().map(Authority::as_str);
    let host = host.or_else(|| request.headers().get(header::HOST).and_then(|host| host.to_str().ok()));
    base.parse::<Uri>().ok().and_then(|base| base.authority().cloned()).is_some_and(|base| host == Some(base.as_str()))
}

/// The response with a file, if the session may read it.
///
/// # Errors
/// When the store cannot be read.
pub async fn sent(
    edge: &Edge,
    session: &Session,
    id: &str,
    range: Option<&HeaderValue>,
) -> Result<Option<Response>, DbErr> {
    let db = edge.app().reader().db();
    let Some(found) = find(db, id).await? else { return Ok(None) };
    let visible = match &found.attachment {
        Some(file) => query::reads_file(db, session.actor, file).await?,
        None => query::by_id(db, session.actor, found.case).await?.is_some(),
    };
    if visible { of_file(edge, FileToServe { attachment: None, ..found }, range).await } else { Ok(None) }
}

/// The response with a file. Only a picture that was attached, and is one by its bytes, may be shown within a page.
async fn of_file(edge: &Edge, file: FileToServe, range: Option<&HeaderValue>) -> Result<Option<Response>, DbErr> {
    let db = edge.app().reader().db();
    let Some(content) = content::of(db, file.sha256).await? else { return Ok(None) };
    let kind = sniff::content_type(&content.start(db).await?);
    let (how, kind) = if file.attachment.is_some() && sniff::is_shown(kind) {
        ("inline", kind)
    } else {
        ("attachment", sniff::UNKNOWN)
    };
    let plain: String = file.name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let disposition = format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{}", percent_encoded(&file.name));
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    let more = [
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok(Some((inert(), headers, more, stored::response(edge.app(), content, range)).into_response()))
}

/// Whether a character of a name can stand in a quoted text of a header.
fn is_plain(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%')
}

async fn find(db: &Db, id: &str) -> Result<Option<FileToServe>, DbErr> {
    if let Ok(id) = id.parse::<AttachmentId>() {
        let row = attachment::Entity::find_by_id(id).one(db).await?;
        return Ok(row.map(|row| FileToServe {
            case: row.case_id,
            sha256: row.sha256.clone(),
            name: row.name.clone(),
            attachment: Some(row),
        }));
    }
    let Ok(id) = id.parse::<ReportId>() else { return Ok(None) };
    let row = report::Entity::find_by_id(id).one(db).await?;
    Ok(row.map(|row| {
        let kind = row.raw_content_type.split(';').next().unwrap_or_default();
        let ending = match kind {
            "message/rfc822" => "eml",
            "text/csv" => "csv",
            _ => "json",
        };
        FileToServe { case: row.case_id, attachment: None, sha256: row.raw_sha256, name: format!("{id}.{ending}") }
    }))
}
