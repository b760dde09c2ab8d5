//! HTML that is safe to show: what runs, loads or hides is gone. The time is linear in the length of the HTML and the memory
//! bounded, whatever the HTML is: it is read once, tag by tag, and what is written is balanced and only of allowed tags.

mod attribute;
mod tag;
mod writer;

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use self::writer::Writer;

/// Bytes of HTML at most; a longer one is shown as text only, and the raw mail has it all.
const LONGEST: usize = 1024 * 1024;
/// Bytes of cleaned HTML at most: a character may become five when it is escaped.
const LONGEST_CLEANED: usize = 3 * 1024 * 1024;
/// Links in one mail.
const LINKS: usize = 5_000;

/// The cleaned document; none where there is nothing to show, or too much.
#[must_use]
pub fn safe(html: &str) -> Option<String> {
    if html.len() > LONGEST {
        return None;
    }
    // Elements that are left out with their content. One whose end is missing would take the rest of the mail with it: it
    // is read once more, and of that element only the tags are left out then.
    let mut left_out = tag::LEFT_OUT.to_vec();
    loop {
        let mut writer = Writer::new(&left_out);
        read(html, &mut writer);
        match writer.open_at_the_end() {
            Some(name) => left_out.retain(|known| *known != name),
            None => return writer.finish(LONGEST_CLEANED, LINKS).filter(|cleaned| !cleaned.trim().is_empty()),
        }
    }
}

fn read(html: &str, writer: &mut Writer<'_>) {
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| -> Option<()> {
        writer.event(&event, LONGEST_CLEANED);
        None
    });
    // The text of `script`, `style` and the like is no HTML.
    emitter.naively_switch_states(true);
    // Nothing comes out of it: the writer has it all.
    Tokenizer::new_with_emitter(html, emitter).for_each(drop);
}

#[cfg(test)]
mod tests;
