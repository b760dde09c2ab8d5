//! The common frame of every page, and short pages with one message.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entity::kind::Language;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::texts::{self, Text};

/// The style of every page. It is part of the page, so that a page loads nothing.
const STYLE: &str = include_str!("style.css");

/// The content security policy of every page: nothing but its own style, and forms to the service itself.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// A whole page with this title and body.
#[must_use]
pub fn page(language: Language, title: &str, body: &Markup) -> Markup {
    let lang = match language {
        Language::Sv => "sv",
        Language::En => "en",
    };
    html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    }
}

/// A page with one message. `texts` are what the reader wrote and was not used; they are shown, so that they are not
/// lost.
#[must_use]
pub fn says(language: Language, title: &Text, text: &Text, texts: &[String]) -> Markup {
    let title = title.read_in(language);
    let body = html! {
        h1 { (title) }
        p { (text.read_in(language)) }
        (kept(language, texts))
    };
    page(language, title, &body)
}

/// Shows the texts that the reader wrote and that were not used.
pub(super) fn kept(language: Language, texts: &[String]) -> Markup {
    html! {
        @if !texts.is_empty() {
            h2 { (texts::page::you_wrote().read_in(language)) }
            @for text in texts { p.text { (text) } }
        }
    }
}
