//! Makes HTML safe to show: what runs, loads or hides something is removed. The time is linear in the length of the
//! HTML and the memory is bounded, because the HTML is read once, tag by tag. The output is always balanced and has
//! only allowed tags.

mod attribute;
mod tag;
mod writer;

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use self::writer::HtmlWriter;

/// How many bytes of HTML are cleaned at most. Longer HTML is shown as text only; the raw mail holds all of it.
const LONGEST: usize = 1024 * 1024;
/// How many bytes the cleaned HTML may have. Escaping may turn one character into five.
const LONGEST_CLEANED: usize = 3 * 1024 * 1024;
/// How many links one mail may have.
const LINKS: usize = 5_000;

/// The cleaned document. None when there is nothing to show, or too much.
#[must_use]
pub fn safe(html: &str) -> Option<String> {
    if html.len() > LONGEST {
        return None;
    }
    // Elements that are removed with their content. If the end tag of one is missing, the rest of the mail would be
    // removed too. The HTML is then read once more, and only the tags of that element are removed.
    let mut left_out = tag::LEFT_OUT.to_vec();
    loop {
        let mut writer = HtmlWriter::new(&left_out);
        read(html, &mut writer);
        match writer.open_at_the_end() {
            Some(name) => left_out.retain(|known| *known != name),
            None => return writer.finish(LONGEST_CLEANED, LINKS).filter(|cleaned| !cleaned.trim().is_empty()),
        }
    }
}

fn read(html: &str, writer: &mut HtmlWriter<'_>) {
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| -> Option<()> {
        writer.event(&event, LONGEST_CLEANED);
        None
    });
    // The content of `script`, `style` and the like is not HTML.
    emitter.naively_switch_states(true);
    // The results are not needed, because the writer has received every event.
    Tokenizer::new_with_emitter(html, emitter).for_each(drop);
}

#[cfg(test)]
mod tests;
