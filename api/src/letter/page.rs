//! HTML of letters: escaped values, links, and a complete document that every program can show and that loads nothing.

use entity::kind::Language;

/// The text with characters that are special in HTML escaped.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Like [`escaped`], with http and https addresses as links.
#[must_use]
pub fn linked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, address, behind)) = next_address(rest) {
        let address = escaped(address);
        out.push_str(&escaped(before));
        for piece in ["<a href=\"", &address, "\">", &address, "</a>"] {
            out.push_str(piece);
        }
        rest = behind;
    }
    out.push_str(&escaped(rest));
    out
}

/// Line breaks as `<br>`.
#[must_use]
pub fn broken(html: &str) -> String {
    html.replace('\n', "<br>\n")
}

/// The text before the next address, the address, and the rest.
fn next_address(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices("http").filter_map(|(at, _)| text.split_at_checked(at)).find_map(|(before, from)| {
        let host = from.strip_prefix("https://").or_else(|| from.strip_prefix("http://"))?;
        if before.ends_with(char::is_alphanumeric) || !host.starts_with(char::is_alphanumeric) {
            return None;
        }
        let end = from.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'')).unwrap_or(from.len());
        let address = without_stop(from.get(..end)?);
        Some((before, address, from.get(address.len()..)?))
    })
}

/// The address without punctuation that ends the sentence. A closing bracket belongs to the address only if the address
/// contains the opening one.
fn without_stop(mut address: &str) -> &str {
    loop {
        let rest = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ']', '…']);
        let rest = rest.strip_suffix(')').filter(|rest| !rest.contains('(')).unwrap_or(rest);
        if rest.len() == address.len() {
            return rest;
        }
        address = rest;
    }
}

/// A complete document with this body. It sets no colours, so that the reader's program chooses them.
#[must_use]
pub fn document(language: Language, title: &str, body: &str) -> String {
    let language = match language {
        Language::Sv => "sv",
        Language::En => "en",
    };
    let title = escaped(title);
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"{language}\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n\
         </head>\n\
         <body style=\"margin:0;padding:16px;font-family:sans-serif;font-size:16px;line-height:1.5\">\n\
         <div style=\"max-width:600px;overflow-wrap:anywhere\">\n\
         {body}\n\
         </div>\n\
         </body>\n\
         </html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(escaped("<b a=\"x\" c='y'>&amp;"), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;");
    }

    #[test]
    fn addresses_are_clickable_and_sentences_end_behind_them() {
        let a = |address: &str| format!("<a href=\"{address}\">{address}</a>");
        for (text, expected) in [
            ("Se https://a.example/x.", format!("Se {}.", a("https://a.example/x"))),
            ("(http://a.example/x)", format!("({})", a("http://a.example/x"))),
            ("https://a.example/x_(y)", a("https://a.example/x_(y)")),
            ("https://a.example/?a=1&b=2", a("https://a.example/?a=1&amp;b=2")),
            (
                "https://a.example/\nhttps://b.example",
                format!("{}\n{}", a("https://a.example/"), a("https://b.example")),
            ),
            ("https://a.example/\"onclick=\"x", format!("{}&quot;onclick=&quot;x", a("https://a.example/"))),
            ("javascript:alert(1) http:// xhttps://a", "javascript:alert(1) http:// xhttps://a".to_owned()),
            ("http http http https://a.example", format!("http http http {}", a("https://a.example"))),
            ("åhttp://", "åhttp://".to_owned()),
        ] {
            assert_eq!(linked(text), expected, "{text:?}");
        }
    }
}
