//! Files that are uploaded before the act that attaches them.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::UploadId;
use entity::upload;
use sea_orm::EntityTrait;

use super::context::{ContextExt, act, id, int, read_error, signed_in, to_id};
use super::error::payload;
use super::node::{Lookup, Node};
use super::scalar::Base64;
use crate::access::file_link;
use crate::kit::error::{ErrorCode, Problem};
use crate::kit::public_url::PublicUrl;
use crate::kit::text::hex;
use crate::mail::LARGEST;
use crate::texts;
use crate::upload::{self as uploads, KEPT, NewUpload, content, is_theirs};

/// A file that is uploaded before the act that attaches it. Nobody can read it until then. Only the credential that
/// created it sees it here; what was not attached within a day is removed.
#[derive(Clone)]
pub struct Upload(pub upload::Model);

impl From<upload::Model> for Upload {
    fn from(row: upload::Model) -> Self {
        Self(row)
    }
}

/// A file that is uploaded before the act that attaches it. Nobody can read it until then. Only the credential that
/// created it sees it here; what was not attached within a day is removed.
#[Object]
impl Upload {
    /// The id, opaque. An act attaches the file by it (`uploadIds`).
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The address to which the bytes are sent, without a credential: all of them by `PUT`, or in portions by the
    /// protocol tus 1.0 (`HEAD` and `PATCH`; the upload exists already, so a tus client is given this address as its
    /// upload URL). Whoever has it can send bytes and nothing else. A path at this service when the service does not
    /// know its own address. Null when all bytes have arrived.
    async fn url(&self, ctx: &Context<'_>) -> Option<String> {
        self.0.finished_at.is_none().then(|| {
            let base = ctx.app().part::<PublicUrl>().get().unwrap_or_default();
            format!("{base}/uploads/{}", file_link::upload_token(ctx.app().secret(), self.0.id))
        })
    }

    /// The name of the file, without paths and control characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The size of the file in bytes.
    async fn size_bytes(&self) -> i32 {
        int(self.0.size)
    }

    /// How many bytes have arrived and are stored.
    async fn received_bytes(&self) -> i32 {
        int(self.0.received)
    }

    /// Whether all bytes have arrived, so that the file can be attached.
    async fn complete(&self) -> bool {
        self.0.finished_at.is_some()
    }

    /// The media type that the bytes show, whatever the file's name says: `application/octet-stream` when they are of
    /// no known type. Null until all bytes have arrived.
    async fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_deref()
    }

    /// The SHA-256 of the bytes, in hexadecimal. Null until all bytes have arrived.
    async fn sha256(&self) -> Option<String> {
        self.0.sha256.as_deref().map(hex)
    }

    /// When it can be neither sent nor attached any more, UTC: a day after it was created.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.created_at + KEPT
    }
}

/// The input of `createUpload`.
#[derive(InputObject)]
pub struct CreateUploadInput {
    /// The name of the file; 1 to 200 characters. Folders before it are left out. It does not say what kind of file it
    /// is: that is found out from the bytes.
    name: String,
    /// The size of the file in bytes: at least 1, and for forms and customers at most 25 MiB, for everybody else at
    /// most 100 MiB, unless the operator has set other limits (`[files]`). Exactly so many bytes are accepted.
    size: i32,
    /// The SHA-256 of the file in hexadecimal. Bytes that have another one are refused when all have arrived. Not
    /// checked when left out.
    sha256: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `createUpload`.
    CreateUploadPayload {
        /// The upload, with the address to which its bytes are sent; null when it was refused.
        upload: Upload
    }
}

/// Mutations of uploads.
#[derive(Default)]
pub struct UploadMutation;

#[Object]
impl UploadMutation {
    /// Prepares a file to be uploaded and then attached by its id, once, by the same credential, within a day. Its size
    /// is counted in what you may store today (`rateLimit.storage`): `STORAGE_USED_UP` when too little is left, where
    /// words without a file are still accepted. For forms, customers, staff, partners and systems.
    async fn create_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file to upload.")] input: CreateUploadInput,
    ) -> Result<CreateUploadPayload> {
        signed_in(ctx)?;
        let new = NewUpload { name: input.name, size: input.size.into(), sha256: input.sha256 };
        let done = act(ctx, async move |work| uploads::create(work, &new).await);
        Ok(done.await?.into())
    }
}

/// The bytes of a mail: from the request itself, or from an upload of the caller.
pub(in crate::graphql) struct MailBytes {
    /// The bytes.
    pub raw: Vec<u8>,
    /// The upload that they are from.
    pub upload: Option<UploadId>,
}

/// The bytes of a mail that is given in one of two ways.
///
/// # Errors
/// When the store cannot be read. The inner error says what is wrong with the input.
pub(in crate::graphql) async fn mail_bytes(
    ctx: &Context<'_>,
    raw: Option<Base64>,
    upload: Option<&ID>,
) -> Result<std::result::Result<MailBytes, Problem>> {
    let text = match (raw, upload) {
        (Some(raw), None) => return Ok(Ok(MailBytes { raw: raw.0, upload: None })),
        (None, Some(text)) => text,
        _ => return Ok(Err(Problem::new(ErrorCode::Invalid, "raw", texts::input::raw_or_upload()))),
    };
    let not_found = Problem::not_found("uploadId");
    let Ok(id) = id::<UploadId>(text, "uploadId") else { return Ok(Err(not_found)) };
    let row = upload::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
    let theirs = |row: &upload::Model| is_theirs(row, ctx.actor(), ctx.app().now()) && row.attached_at.is_none();
    let Some(row) = row.filter(theirs) else { return Ok(Err(not_found)) };
    if row.finished_at.is_none() {
        let unfinished = texts::input::upload_unfinished();
        return Ok(Err(Problem::new(ErrorCode::InvalidTransition, "uploadId", unfinished)));
    }
    if usize::try_from(row.size).is_ok_and(|size| size > LARGEST) {
        return Ok(Err(Problem::new(ErrorCode::TooLong, "uploadId", texts::intake::mail_too_large())));
    }
    let raw = content::joined(ctx.db(), id, row.size).await.map_err(read_error)?;
    Ok(Ok(MailBytes { raw, upload: Some(id) }))
}

/// An upload, for the credential that created it.
impl Lookup for UploadId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = upload::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        let row = row.filter(|row| is_theirs(row, ctx.actor(), ctx.app().now()));
        Ok(row.map(|row| Node::Upload(Upload(row))))
    }
}
