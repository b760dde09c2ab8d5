//! Files: reports as they arrived, and what was attached to them.

use async_graphql::{ID, Object};
use entity::{attachment, report};

use crate::graphql::context::{int, to_id};
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

/// A file that came with a report, with a partner's update of a task, or with a message about a task.
#[derive(Clone)]
pub struct Attachment(pub attachment::Model);

/// A file that came with a report, with a partner's update of a task, or with a message about a task.
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

    /// The media type that the sender states. Not to be trusted.
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

    /// The path at this service from which it can be fetched, with the same `Authorization` header.
    async fn path(&self) -> String {
        format!("/files/{}", self.0.id)
    }
}
