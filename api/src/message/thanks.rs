//! Whether a customer only thanks. Whoever thanks for the answer is not asking again, so a closed case stays closed; but what
//! may be more than thanks is for a person to look at. Pure; for the languages that customers write to us in.
//!
//! A text is taken apart into its words. What greets, thanks, confirms, wishes well or signs off is taken away; what is left
//! decides. Words that turn a sentence ("but", "still", "not", a question) make it no thanks at all.

use std::collections::HashSet;
use std::sync::LazyLock;

use entity::kind::Thanks;

use crate::kit::text::folded;

/// Words at most, and bytes; a longer text says something.
const MOST_WORDS: usize = 60;
const MOST_BYTES: usize = 4_000;
/// Words that may be left in a text that only thanks: a name at its end.
const A_NAME: usize = 3;
/// Words that may be left in a text that perhaps only thanks.
const A_SENTENCE: usize = 12;

/// Words and phrases, one a line; lines that begin with `#` tell their language.
const THANKING: &str = include_str!("thanks/thanking.txt");
const POLITE: &str = include_str!("thanks/polite.txt");
const SIGNING: &str = include_str!("thanks/signing.txt");
const TURNING: &str = include_str!("thanks/turning.txt");

/// Phrases by their words, the longest first.
struct Phrases(Vec<Vec<String>>);

impl Phrases {
    fn read(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let once: HashSet<Vec<String>> = lines.map(words).collect();
        let mut phrases: Vec<Vec<String>> = once.into_iter().collect();
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        Self(phrases)
    }

    /// How many words of the text's beginning are one of these.
    fn at_start(&self, text: &[String]) -> Option<usize> {
        self.0.iter().find(|phrase| text.starts_with(phrase)).map(Vec::len)
    }
}

/// What a phrase does in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Turning,
    Thanking,
    Polite,
    Signing,
}

struct Known([(Kind, Phrases); 4]);

impl Known {
    /// The longest phrase that the text begins with, and how many words it has; of equally long ones the first kind.
    fn longest(&self, text: &[String]) -> Option<(Kind, usize)> {
        let found = self.0.iter().filter_map(|(kind, phrases)| Some((*kind, phrases.at_start(text)?)));
        found.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    Known([
        (Kind::Turning, Phrases::read(TURNING)),
        (Kind::Thanking, Phrases::read(THANKING)),
        (Kind::Polite, Phrases::read(POLITE)),
        (Kind::Signing, Phrases::read(SIGNING)),
    ])
});

/// The words of a text, in the form that words are compared in.
fn words(text: &str) -> Vec<String> {
    let text = folded(text);
    let parts = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’'));
    let parts = parts.map(|part| part.trim_matches(['\'', '’']).replace('’', "'"));
    parts.filter(|part| !part.is_empty()).take(MOST_WORDS + 1).collect()
}

/// Whether these words of a customer only thank; none when they do not thank, or say something more.
#[must_use]
pub fn of(text: &str) -> Option<Thanks> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let words = words(text);
    if words.is_empty() || words.len() > MOST_WORDS || text.contains(['?', '؟', '？']) {
        return None;
    }
    let (mut thanks, mut left, mut signed) = (false, 0, None);
    let mut at = 0;
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        let Some((kind, length)) = KNOWN.longest(rest) else {
            // Numbers tell something: an amount, a date, an order.
            if rest.first().is_some_and(|word| word.contains(char::is_numeric)) {
                return thanks.then_some(Thanks::Perhaps);
            }
            left += 1;
            at += 1;
            continue;
        };
        match kind {
            Kind::Thanking => thanks = true,
            Kind::Turning => return None,
            Kind::Signing => signed = signed.or(Some(left)),
            Kind::Polite => {}
        }
        at += length;
    }
    // What stands below "regards" is a name.
    let said = signed.filter(|said| left - said <= A_NAME).unwrap_or(left);
    let name_alone = signed.is_none() && left <= 2 && ends_with_a_name(text, left);
    match (thanks, said) {
        (false, _) => None,
        (true, 0) => Some(Thanks::Only),
        (true, _) if name_alone => Some(Thanks::Only),
        (true, said) => (said <= A_SENTENCE).then_some(Thanks::Perhaps),
    }
}

/// Whether the last line is so many words that begin with a capital letter each, as a name does, and nothing else.
fn ends_with_a_name(text: &str, words: usize) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let [_, .., last] = lines.as_slice() else { return false };
    let parts: Vec<&str> = last.split_whitespace().map(|part| part.trim_matches(['/', '-', '–', '.', ','])).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.len() == words && parts.iter().all(|part| part.chars().next().is_some_and(char::is_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_without_a_new_matter() {
        for text in [
            "Tack så mycket!",
            "Hej! Tack för hjälpen, nu fungerar det.\n\nMvh\nAnna Berg",
            "TACK!! 😊",
            "Tusen tack, då är allt löst. Ha en trevlig helg!",
            "Thank you very much!",
            "Hi,\n\nThanks a lot for your quick help. It works now.\n\nBest regards,\nJohn Smith",
            "Many thanks, all sorted. Have a nice day",
            "Takk for hjelpen!",
            "Mange tak for hjælpen. Hilsen Mette",
            "Kiitos avusta! Nyt se toimii.",
            "Vielen Dank für Ihre Hilfe!\n\nMit freundlichen Grüßen\nK. Müller",
            "Merci beaucoup pour votre aide.\nCordialement,\nLuc Petit",
            "Muchas gracias por su ayuda. Saludos, Marta",
            "Grazie mille per l'aiuto!",
            "Hartelijk dank, het is opgelost. Groetjes, Piet",
            "Muito obrigada pela ajuda!",
            "Bardzo dziękuję za pomoc. Pozdrawiam, Jan Kowalski",
            "Tack!\nAnna",
        ] {
            assert_eq!(of(text), Some(Thanks::Only), "{text}");
        }
    }

    #[test]
    fn in_doubt_a_person_looks() {
        for text in [
            "Tack, då väntar jag på pengarna.",
            "Thanks, I will send the receipt tomorrow.",
            "Danke, ich melde mich nächste Woche.",
            "Tack för 500 kr.",
            "Merci, j'attends le technicien.",
        ] {
            assert_eq!(of(text), Some(Thanks::Perhaps), "{text}");
        }
    }

    #[test]
    fn who_asks_again_is_not_done() {
        for text in [
            "Tack, men det är fortfarande trasigt.",
            "Tack så mycket, när kommer ni?",
            "Thanks, but it still does not work.",
            "Thanks for nothing.",
            "Nej tack.",
            "No thanks, I want my money back.",
            "Danke, aber es geht immer noch nicht.",
            "Merci mais ce n'est pas réglé.",
            "Gracias, pero sigue sin funcionar.",
            "Grazie, ma non funziona ancora.",
            "Bedankt, maar het werkt nog steeds niet.",
            "Obrigado, mas ainda não funciona.",
            "Dziękuję, ale nadal nie działa.",
            "Kiitos, mutta vika on edelleen.",
            "Tak, men den virker stadig ikke.",
            "Takk, men det fungerer fortsatt ikke.",
            "Den är trasig igen.",
            "",
            "Anna",
            "👍",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
