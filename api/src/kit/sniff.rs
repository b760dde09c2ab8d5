//! What kind of file bytes are, found out from the bytes. What a name or a sender says is never used.

/// The type of bytes that nothing here recognises.
pub const UNKNOWN: &str = "application/octet-stream";

/// The types that browsers may show within a page: pictures that hold no script.
const SHOWN: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Where a signature is, the signature, and the type that it means.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"OggS", "application/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
];

/// The brand of a file in the ISO base media format, and the type that it means. Other brands are films.
const BRANDS: &[(&[u8], &str)] = &[
    (b"heic", "image/heic"),
    (b"heix", "image/heic"),
    (b"hevc", "image/heic"),
    (b"mif1", "image/heic"),
    (b"avif", "image/avif"),
    (b"M4A ", "audio/mp4"),
    (b"qt  ", "video/quicktime"),
];

/// The folder that the documents of an office program have in their archive, and the type that it means.
const OFFICE: &[(&[u8], &str)] = &[
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
];

/// How many bytes of an archive are searched for the name of a folder, and of a text for what is not text.
const SEARCHED: usize = 64 * 1024;

/// The type of a file that begins with these bytes. HTML, SVG and source text are `text/plain`, because they are served
/// as nothing else.
#[must_use]
pub fn content_type(bytes: &[u8]) -> &'static str {
    let found = SIGNATURES.iter().find(|(at, signature, _)| has_at(bytes, *at, signature));
    if let Some((at, _, kind)) = found
        && (*at == 0 || bytes.starts_with(b"RIFF"))
    {
        return kind;
    }
    let start = bytes.get(..SEARCHED).unwrap_or(bytes);
    if has_at(bytes, 4, b"ftyp") {
        return BRANDS.iter().find(|(brand, _)| has_at(bytes, 8, brand)).map_or("video/mp4", |(_, kind)| kind);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let has = |folder: &[u8]| start.windows(folder.len()).any(|window| window == folder);
        return OFFICE.iter().find(|(folder, _)| has(folder)).map_or("application/zip", |(_, kind)| kind);
    }
    if is_text(start) { "text/plain" } else { UNKNOWN }
}

/// Whether browsers may show a file of this type within a page.
#[must_use]
pub fn is_shown(kind: &str) -> bool {
    SHOWN.contains(&kind)
}

fn has_at(bytes: &[u8], at: usize, signature: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(signature))
}

/// Whether it is UTF-8 without control characters that no text has. A character may be cut at the end.
fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    valid && !bytes.is_empty() && !bytes.iter().any(|byte| *byte < 32 && !b"\t\n\r\x0c\x1b".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_what_they_are() {
        let zip = |name: &str| [b"PK\x03\x04\x14\0\0\0", name.as_bytes()].concat();
        for (bytes, kind) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), "image/jpeg"),
            (b"GIF89a\x01\0".to_vec(), "image/gif"),
            (b"RIFF\x10\0\0\0WEBPVP8 ".to_vec(), "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ".to_vec(), "audio/wav"),
            (b"a text: WEBP".to_vec(), "text/plain"),
            (b"%PDF-1.7\n".to_vec(), "application/pdf"),
            (b"\0\0\0\x18ftypheic".to_vec(), "image/heic"),
            (b"\0\0\0\x18ftypisom".to_vec(), "video/mp4"),
            (b"ID3\x03".to_vec(), "audio/mpeg"),
            (zip("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (zip("photos/a.jpg"), "application/zip"),
            (b"<!doctype html><script>alert(1)</script>".to_vec(), "text/plain"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), "text/plain"),
            ("kvitto på åäö".as_bytes().to_vec(), "text/plain"),
            ("åä".as_bytes()[..3].to_vec(), "text/plain"),
            (b"MZ\x90\0".to_vec(), UNKNOWN),
            (Vec::new(), UNKNOWN),
        ] {
            assert_eq!(content_type(&bytes), kind, "{}", String::from_utf8_lossy(&bytes));
        }
        assert!(is_shown("image/png") && !is_shown("text/plain") && !is_shown("image/svg+xml"));
    }
}
