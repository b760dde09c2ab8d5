//! Files: reports as they arrived, and what was attached to them.

use async_graphql::{Context, ID, Object, Result};
use entity::{attachment, message, report};

use crate::access::file_link;
use crate::case::query::reads_file;
use crate::graphql::context::{ContextExt, int, read_error, to_id};
use crate::kit::file_settings::Files;
use crate::kit::public_url::PublicUrl;
use crate::kit::text::hex;

/// A report as it arrived, byte for byte.
pub struct RawReport(pub report::Model);

/// A report as it arrived, byte for byte.
#[Object]
impl RawReport {
    /// The path at this service from which it can be fetched, with the same `Authorization` header.
    async fn path(&self) -> String {
        format!("/files/{}", self.0.id)
    }

    /// The media type: `message/rfc822` for a mail; `text/csv` with its character set for an imported row, which is the
    /// header line of its table and the row itself, unchanged; else `application/json` with what was sent.
    async fn content_type(&self) -> &str {
        &self.0.raw_content_type
    }

    /// The size of the report in bytes.
    async fn size_bytes(&self) -> i32 {
        int(self.0.raw_size)
    }

    /// The SHA-256 of the bytes, in hexadecimal.
    async fn sha256(&self) -> String {
        hex(&self.0.raw_sha256)
    }
}

/// The files that came with a message, or with the report that it was made from.
pub(in crate::graphql) async fn of_message(ctx: &Context<'_>, row: &message::Model) -> Result<Vec<Attachment>> {
    let rows = match row.report_id {
        Some(report) => ctx.loaders().attachments.one(report).await,
        None => ctx.loaders().case_message_files.one(row.id).await,
    };
    Ok(rows.map_err(read_error)?.unwrap_or_default().into_iter().map(Attachment).collect())
}

/// A file that came with a report or a message, with a partner's update of a task, or with a message about a task.
#[derive(Clone)]
pub struct Attachment(pub attachment::Model);

/// A file that came with a report or a message, with a partner's update of a task, or with a message about a task.
#[Object]
impl Attachment {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The name of the file, without paths and control characters. Several files may have the same name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The media type. For an upload (`createUpload`) it was found out from the bytes, and is
    /// `application/octet-stream` when they are of no known type. For the file of a mail, and for one that was sent in
    /// the request, it is what the sender states, and not to be trusted.
    async fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// The size of the file in bytes.
    async fn size_bytes(&self) -> i32 {
        int(self.0.size)
    }

    /// The SHA-256 of the bytes, in hexadecimal.
    async fn sha256(&self) -> String {
        hex(&self.0.sha256)
    }

    /// The address from which anybody who has it can read the file for ten minutes, without a credential: for an
    /// `<img>` or a link in a page. It may be on another host than the API. A PNG, JPEG, GIF or WebP picture can be
    /// shown within a page; any other file is a download. Ask again for a new one. Null when you may not read the file
    /// any more.
    #[graphql(complexity = 5)]
    async fn url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        // Checked again, because a stream or a list may have been read some time ago.
        if !reads_file(ctx.db(), ctx.actor(), &self.0).await.map_err(read_error)? {
            return Ok(None);
        }
        let path = file_link::path(ctx.app().secret(), self.0.id, &self.0.name, ctx.app().now());
        let settings = ctx.app().part::<Files>().get();
        let base = settings.base_url.or_else(|| ctx.app().part::<PublicUrl>().get());
        Ok(Some(format!("{}{path}", base.unwrap_or_default())))
    }

    /// The path at this service from which it can be fetched, with the same `Authorization` header.
    async fn path(&self) -> String {
        format!("/files/{}", self.0.id)
    }
}
