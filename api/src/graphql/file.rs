//! Bytes that came: reports as they arrived, and files with them.

use async_graphql::{ID, Object};
use entity::{attachment, report};

use super::context::{int, to_id};
use crate::kit::text::hex;

/// What arrived, byte for byte.
pub struct RawReport(pub report::Model);

/// What arrived, byte for byte.
#[Object]
impl RawReport {
    /// Where to fetch it: a path of this service, read with the same `Authorization` header.
    async fn path(&self) -> String {
        format!("/files/{}", self.0.id)
    }

    /// What it is: `message/rfc822` for a mail; `text/csv` with its character set for a row that was imported, which is its
    /// table's line of column names and the row itself as they were; else `application/json`, what was sent.
    async fn content_type(&self) -> &str {
        &self.0.raw_content_type
    }

    /// How many bytes it has.
    async fn size_bytes(&self) -> i32 {
        int(self.0.raw_size)
    }

    /// SHA-256 of the bytes, in hexadecimal.
    async fn sha256(&self) -> String {
        hex(&self.0.raw_sha256)
    }
}

/// A file that came with a report, or with what a partner told.
#[derive(Clone)]
pub struct Attachment(pub attachment::Model);

/// A file that came with a report, or with what a partner told.
#[Object]
impl Attachment {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Its name, cleaned of paths and control characters; two files may have the same.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the sender says it is. Not to be trusted.
    async fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// How many bytes it has.
    async fn size_bytes(&self) -> i32 {
        int(self.0.size)
    }

    /// SHA-256 of the bytes, in hexadecimal.
    async fn sha256(&self) -> String {
        hex(&self.0.sha256)
    }

    /// Where to fetch it: a path of this service, read with the same `Authorization` header.
    async fn path(&self) -> String {
        format!("/files/{}", self.0.id)
    }
}
