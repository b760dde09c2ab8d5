//! Decides whether a text looks like a person's name. Whoever files a complaint enters a name and an address, and both
//! may be somebody else's. Text that is not a name, such as an offer or a web address, must not be mailed in a letter.
//! Pure.

/// The maximum number of characters in a name.
const LONGEST: usize = 60;
/// The maximum number of parts: some people have two given names and two family names.
const PARTS: usize = 6;

/// Whether the text consists of letters with what may occur between them in a name: spaces, hyphens and apostrophes,
/// and a full stop after an initial or a title.
#[must_use]
pub fn is_like_a_name(text: &str) -> bool {
    let parts: Vec<&str> = text.split(' ').collect();
    text.chars().count() <= LONGEST && parts.len() <= PARTS && parts.iter().all(|part| is_part(part))
}

/// Whether this is one word of a name: it begins with a letter, and ends with a letter or a full stop.
fn is_part(part: &str) -> bool {
    let word = part.strip_suffix('.').unwrap_or(part);
    let joined = |c: char| matches!(c, '-' | '\u{2010}' | '\'' | '\u{2019}');
    let mut between = true;
    for c in word.chars() {
        match c {
            c if joined(c) && !between => between = true,
            c if is_letter(c) => between = false,
            c if is_mark(c) && !between => {}
            _ => return false,
        }
    }
    !between
}

/// Whether this is a letter that can occur in a name. Symbols that look like letters, such as the full-width forms of
/// Latin letters, are excluded, because they are used to hide text from filters.
fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        && !matches!(c, '\u{2100}'..='\u{2bff}' | '\u{ff00}'..='\u{ff65}' | '\u{1d400}'..='\u{1d7ff}' | '\u{1f100}'..='\u{1f1ff}')
}

/// Whether this is a combining mark, which changes the letter before it in some scripts.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}'
        | '\u{a3c}' | '\u{a4d}' | '\u{abc}' | '\u{acd}' | '\u{b4d}' | '\u{bcd}' | '\u{c4d}' | '\u{ccd}' | '\u{d4d}' | '\u{dca}'
        | '\u{e47}'..='\u{e4e}' | '\u{1039}' | '\u{103a}' | '\u{17d2}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_is_none() {
        for name in [
            "Åsa",
            "Karin Ek",
            "Anna-Lisa Öberg",
            "Siân O\u{2019}Connor",
            "D'Arcy O'Neill",
            "J. R. R. Tolkien",
            "Dr. Ek",
            "Martin Luther King Jr.",
            "María José Carreño Quiñones",
            "Jo\u{308}rg Mu\u{308}ller",
            "Жанна Д'Арк",
            "Παναγιώτης",
            "王小明",
            "محمد علي",
            "प्रिया",
            "Nguyễn Thị Minh Khai",
            "Bo",
        ] {
            assert!(is_like_a_name(name), "{name}");
        }
        for other in [
            "",
            " ",
            "https://evil.example",
            "evil.example",
            "Verify at evil.example",
            "www.evil.example",
            "Karin <a href=x>",
            "karin@example.com",
            "evil\u{2024}example",
            "evil。example",
            "evil．example",
            "ｅｖｉｌ",
            "𝐞𝐯𝐢𝐥",
            "Call +46 70 123",
            "Call 0701234567",
            "You won 1000",
            "Karin, please pay",
            "Pay now!",
            "Karin: pay",
            "Karin/evil",
            "Karin\nBcc",
            "Karin\u{202e}moc",
            "Karin\u{200b}Ek",
            "-Karin",
            "Karin-",
            "Ka--rin",
            "...",
            ".com",
            "\u{308}rg",
            "{{link}}",
            "This is no name but a whole sentence",
            "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(!is_like_a_name(other), "{other:?}");
        }
    }
}
