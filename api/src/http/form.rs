//! Reads the fields of a posted form (RFC 7578).

use std::convert::Infallible;

use axum::body::Bytes;
use futures_util::stream;
use multer::Multipart;

/// The number of bytes that the parser gets at a time.
const PIECE: usize = 64 * 1024;

/// A field of a form.
pub struct Field {
    /// The name of the field.
    pub name: String,
    /// The name of the file and the media type that the sender states, when it is a file.
    pub file: Option<(String, Option<String>)>,
    /// The contents.
    pub value: Vec<u8>,
}

/// The fields of a multipart form whose names are used; `None` when the body is not such a form, is broken, or has more
/// fields than this.
pub async fn fields(kind: &str, body: &Bytes, most: usize, is_used: fn(&str) -> bool) -> Option<Vec<Field>> {
    let boundary = multer::parse_boundary(kind).ok()?;
    // In pieces, so that the parser does not copy the whole body.
    let pieces = (0..body.len()).step_by(PIECE).map(|start| body.slice(start..body.len().min(start + PIECE)));
    let mut form = Multipart::new(stream::iter(pieces.map(Ok::<_, Infallible>)), boundary);
    let mut fields = Vec::new();
    for _ in 0..most {
        let Some(mut field) = form.next_field().await.ok()? else { return Some(fields) };
        let name = field.name().unwrap_or_default().to_owned();
        let kind = field.content_type().map(ToString::to_string);
        let file = field.file_name().map(|name| (name.to_owned(), kind));
        let mut value = Vec::new();
        while let Some(piece) = field.chunk().await.ok()? {
            if is_used(&name) {
                value.extend_from_slice(&piece);
            }
        }
        if is_used(&name) {
            fields.push(Field { name, file, value });
        }
    }
    None
}
