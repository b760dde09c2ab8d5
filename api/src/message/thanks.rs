//! Whether a customer's message only says thanks. Such a message asks for nothing, so a closed case stays closed. A
//! message that may say more than thanks is left to a person. Pure functions, for the languages in which customers
//! write.
//!
//! The text is split into words. Phrases that greet, thank, confirm, wish well or sign off are removed, and the words
//! that remain decide. A phrase that turns the meaning ("but", "still", "not", a question) means that the message is no
//! thanks.

use std::collections::HashSet;
use std::sync::LazyLock;

use entity::kind::Thanks;

use crate::kit::text::folded;

/// The most words and bytes of a message that is examined. A longer one certainly says more than thanks.
const MOST_WORDS: usize = 60;
const MOST_BYTES: usize = 4_000;
/// The most words of a name.
const A_NAME: usize = 3;
/// The most words that may remain in a message that perhaps only says thanks.
const A_SENTENCE: usize = 12;

/// Phrases, one a line. Lines that begin with `#` are comments that name the language. `{a|b}` means either `a` or `b`,
/// and `{a|}` means `a` or nothing.
const THANKING: &str = include_str!("thanks/thanking.txt");
const POLITE: &str = include_str!("thanks/polite.txt");
const SIGNING: &str = include_str!("thanks/signing.txt");
const TURNING: &str = include_str!("thanks/turning.txt");

/// The phrases that a line with alternatives stands for.
fn expanded(line: &str) -> Vec<String> {
    let Some((before, rest)) = line.split_once('{') else { return vec![line.to_owned()] };
    let (choices, after) = rest.split_once('}').unwrap_or((rest, ""));
    let ends = expanded(after);
    let all = choices.split('|').flat_map(|choice| ends.iter().map(move |end| format!("{before}{choice}{end}")));
    all.collect()
}

/// Phrases as lists of words, the longest first.
struct Phrases(Vec<Vec<String>>);

impl Phrases {
    fn read(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let once: HashSet<Vec<String>> = lines.flat_map(expanded).map(|phrase| words(&phrase)).collect();
        let mut phrases: Vec<Vec<String>> = once.into_iter().filter(|phrase| !phrase.is_empty()).collect();
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        Self(phrases)
    }

    /// The number of words of the longest phrase with which the text begins; none if it begins with no phrase.
    fn at_start(&self, text: &[Word]) -> Option<usize> {
        let begins = |phrase: &&Vec<String>| {
            phrase.len() <= text.len() && phrase.iter().zip(text).all(|(known, word)| *known == word.folded)
        };
        self.0.iter().find(begins).map(Vec::len)
    }
}

/// The role of a phrase in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PhraseKind {
    Turning,
    Thanking,
    Polite,
    Signing,
}

struct KnownPhrases([(PhraseKind, Phrases); 4]);

impl KnownPhrases {
    /// The longest phrase with which the text begins, and its number of words. Of phrases of the same length, the one
    /// whose kind comes first in the list is taken.
    fn longest(&self, text: &[Word]) -> Option<(PhraseKind, usize)> {
        let found = self.0.iter().filter_map(|(kind, phrases)| Some((*kind, phrases.at_start(text)?)));
        found.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

static KNOWN: LazyLock<KnownPhrases> = LazyLock::new(|| {
    KnownPhrases([
        (PhraseKind::Turning, Phrases::read(TURNING)),
        (PhraseKind::Thanking, Phrases::read(THANKING)),
        (PhraseKind::Polite, Phrases::read(POLITE)),
        (PhraseKind::Signing, Phrases::read(SIGNING)),
    ])
});

/// The words of a text, folded for comparison.
fn words(text: &str) -> Vec<String> {
    let text = folded(text);
    let parts = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’'));
    let parts = parts.map(|part| part.trim_matches(['\'', '’']).replace('’', "'"));
    parts.filter(|part| !part.is_empty()).take(MOST_WORDS + 1).collect()
}

/// A word of a message.
struct Word {
    folded: String,
    /// The number of the word's line, not counting lines without letters and digits.
    line: usize,
    /// Whether the word may be part of a name: it begins with a capital letter and continues in small letters, or is an
    /// initial.
    like_a_name: bool,
}

/// The words of a message with their lines.
fn read(text: &str) -> Vec<Word> {
    let lines = text.lines().map(str::trim).filter(|line| line.contains(char::is_alphanumeric));
    let mut all = Vec::new();
    for (line, text) in lines.enumerate() {
        // A line with an exclamation mark or a colon is not taken for a name.
        let calm = !text.contains(['!', ':']);
        for part in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '-')) {
            let mut letters = part.chars().filter(|c| c.is_alphabetic());
            let capital = letters.next().is_some_and(char::is_uppercase);
            let small = letters.clone().all(char::is_lowercase) || part.contains('-');
            let like_a_name = calm && capital && small && !part.contains(char::is_numeric);
            all.extend(words(part).into_iter().map(|folded| Word { folded, line, like_a_name }));
        }
    }
    all
}

/// Whether a text contains a phrase that turns the meaning: it negates, repeats a need or asks.
#[must_use]
pub fn turns(text: &str) -> bool {
    let words = read(text);
    (0..words.len()).any(|at| {
        words.get(at..).and_then(|rest| KNOWN.longest(rest)).is_some_and(|(kind, _)| kind == PhraseKind::Turning)
    })
}

/// Whether a customer's message only says thanks, or perhaps does; none when it does not thank or clearly says more.
#[must_use]
pub fn of(text: &str) -> Option<Thanks> {
    if text.len() > MOST_BYTES || text.contains(['?', '؟', '？']) {
        return None;
    }
    let words = read(text);
    if words.is_empty() || words.len() > MOST_WORDS {
        return None;
    }
    let (mut thanks, mut left, mut signed) = (false, Vec::new(), None);
    let mut at = 0;
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        let Some((kind, length)) = KNOWN.longest(rest) else {
            left.extend(rest.first());
            at += 1;
            continue;
        };
        match kind {
            PhraseKind::Thanking => thanks = true,
            PhraseKind::Turning => return None,
            PhraseKind::Signing => signed = signed.or_else(|| rest.first().map(|word| word.line)),
            PhraseKind::Polite => {}
        }
        at += length;
    }
    if !thanks {
        return None;
    }
    let said = left.iter().filter(|word| !names_somebody(word, &words, &left, signed)).count();
    match said {
        0 => Some(Thanks::Only),
        _ => (said <= A_SENTENCE).then_some(Thanks::Perhaps),
    }
}

/// Whether a remaining word belongs to the sender's name or telephone number at the end of the message. After a phrase
/// such as "regards", a name stands in the same line or the next one, and a number in any later line. Without such a
/// phrase, a name stands alone in the last of several lines.
fn names_somebody(word: &Word, all: &[Word], left: &[&Word], signed: Option<usize>) -> bool {
    let last = all.last().map_or(0, |word| word.line);
    let in_line = |line: usize| left.iter().filter(|word| word.line == line).count();
    let whole = |line: usize| in_line(line) == all.iter().filter(|word| word.line == line).count();
    match signed {
        Some(sign) if word.line > sign && !word.folded.contains(|c: char| !c.is_numeric()) => true,
        Some(sign) => word.like_a_name && (sign..=sign + 1).contains(&word.line) && in_line(word.line) <= A_NAME,
        None => last > 0 && word.line == last && word.like_a_name && whole(last) && in_line(last) < A_NAME,
    }
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
            "Bedankt en fijn weekend!",
            "Tack! Ha en fin helg!",
            "Tack för en snabb hjälp!",
            "Thanks for the fast reply!",
            "Vielen Dank und noch einen schönen Tag!",
            "Merci et bonne journée",
            "Danke und schönes Wochenende",
            "Grazie e buona giornata",
            "Takk og ha en fin dag",
            "Tack för ert svar!",
            "Varmt tack!",
            "Thank you for your quick response!",
            "Dank je!",
            "Muchísimas gracias",
            "Ich danke Ihnen!",
            "Je vous remercie.",
            "Bedankt voor de snelle reactie!",
            "Tack!\nMvh Anna Berg\n070-123 45 67",
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
            "Thanks.\nRegards,\nJohn\nNext Monday",
            "TACK FÖR SVARET.\nSLÄPP IN MIG",
            "Tack.\nMvh\nLäcker på golvet",
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
            "Ja.\n\nTack",
            "Yes.\nThanks",
            "Återbetalning!\nTack",
            "TACK FÖR SVARET.\nRING MIG",
            "Thanks.\nRefund Me",
            "Tack!\nMvh Anna\nRing mig!",
            "Thanks.\nRegards,\nJohn\nCall me",
            "Vielen Dank.\nMit freundlichen Grüßen\nGeld zurück",
            "Tacksam för snabbt svar!",
            "Tack.\nMvh\nLäcker igen",
            "",
            "Anna",
            "👍",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
