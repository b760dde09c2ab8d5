//! Serves files that came with complaints: attachments and raw reports, to those who may read the case.

use async_graphql::Pos;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use entity::id::{AttachmentId, CaseId, ReportId};
use entity::{attachment, blob, report};
use sea_orm::{DbErr, EntityTrait};

use super::accept::Media;
use super::answer::{inert, refused};
use super::state::{Edge, busy};
use crate::access::session::Session;
use crate::case::query;
use crate::graphql::context::read_error;
use crate::graphql::error::code::Code;
use crate::graphql::error::code::ServerErrorExt;
use crate::kit::db::Db;
use crate::texts;

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
    match sent(&edge, &session, &id).await {
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

/// The response with a file, if the session may read it.
///
/// # Errors
/// When the store cannot be read.
pub async fn sent(edge: &Edge, session: &Session, id: &str) -> Result<Option<Response>, DbErr> {
    let found = bytes(edge.app().reader().db(), session, id).await?;
    Ok(found.map(|(name, bytes)| {
        let disposition = format!("attachment; filename*=UTF-8''{}", percent_encoded(&name));
        let kind = "application/octet-stream".to_owned();
        (inert(), [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
    }))
}

async fn bytes(db: &Db, session: &Session, id: &str) -> Result<Option<(String, Vec<u8>)>, DbErr> {
    let Some(found) = find(db, id).await? else { return Ok(None) };
    let visible = match &found.attachment {
        Some(file) => query::reads_file(db, session.actor, file).await?,
        None => query::by_id(db, session.actor, found.case).await?.is_some(),
    };
    if !visible {
        return Ok(None);
    }
    let blob = blob::Entity::find_by_id(found.sha256).one(db).await?;
    Ok(blob.map(|blob| (found.name, blob.bytes)))
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

/// A file name encoded for a header (RFC 8187).
fn percent_encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_can_leave_its_place_in_the_header() {
        assert_eq!(percent_encoded("kvitto å\".pdf"), "kvitto%20%C3%A5%22.pdf");
        assert_eq!(percent_encoded("a\r\nb"), "a%0D%0Ab");
    }
}
