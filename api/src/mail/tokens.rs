//! Tracking tokens that a mail quotes. Who answers a letter sends its link back with it, and who forwards one gives it
//! away. Staff read mails, and must not be able to act as the customer, so the tokens are left out of what is read. The
//! bytes of a mail are kept as they came.

use super::ParsedEmail;

/// The beginning of every tracking token.
const PREFIX: &str = "trk_";
/// The number of characters behind it.
const LENGTH: usize = 43;
/// What stands for a token.
const HIDDEN: &str = "trk_hidden";

/// Replaces the tokens in the texts of a mail.
pub(super) fn hide(mail: &mut ParsedEmail) {
    let forwarded = mail.forwarded.iter_mut().flat_map(|mail| [Some(&mut mail.text), mail.note.as_mut()]).flatten();
    let cut = mail.cuts.iter_mut().map(|cut| &mut cut.mark);
    for text in [&mut mail.text, &mut mail.visible].into_iter().chain(&mut mail.html).chain(forwarded).chain(cut) {
        if text.contains(PREFIX) {
            *text = hidden(text);
        }
    }
}

fn hidden(text: &str) -> String {
    let mut pieces = text.split(PREFIX);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(piece.len());
        match piece.split_at(end) {
            (token, rest) if token.len() >= LENGTH => out.extend([HIDDEN, rest]),
            _ => out.extend([PREFIX, piece]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_token_is_left_out_and_other_words_stay() {
        let token = format!("{PREFIX}{}", "aB3-_".repeat(9).split_at(LENGTH).0);
        let page = "https://shop.example/case";
        assert_eq!(hidden(&format!("> {page}#{token}.\n{token}")), format!("> {page}#{HIDDEN}.\n{HIDDEN}"));
        for words in ["trk_", "trk_hidden", "my trk_short one", ""] {
            assert_eq!(hidden(words), words);
        }
        let raw = format!(
            "From: a@example.com\r\nContent-Type: text/html\r\n\r\n<p>Yes.</p><blockquote><a href=\"{page}#{token}\">{page}#{token}</a></blockquote>"
        );
        let mail = ParsedEmail::read(raw.as_bytes());
        let read = [mail.text.as_str(), mail.html.as_deref().unwrap_or_default()].concat();
        assert!(read.contains(HIDDEN) && !read.contains(&token), "{read}");
    }
}
