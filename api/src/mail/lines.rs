//! Tells what each line of a mail is: text, a quote, or something that mail programs write around them.

use super::pattern::{Pattern, any, compile};
use super::phrases::{FOOTERS, FORWARDED, Field, INTRODUCE, LABELS, ORIGINAL, PROGRAMS, WROTE};

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A blank line.
    Blank,
    /// Text.
    Words,
    /// A quoted line, which begins with `>` or a similar mark.
    Quote,
    /// The introduction of a quote ("On … wrote:"), or its continuation.
    Introduction,
    /// An introduction so certain that an earlier mail follows it, whatever the next lines look like.
    History,
    /// A line that a mail program added ("Sent from my …").
    Footer,
    /// A separator ("--", "____").
    Rule,
    /// The line above a signature, "-- " (RFC 3676, 4.3).
    Signature,
}

/// The labels as alternatives of an expression, longest first, because some begin with another one.
fn alternatives(labels: impl Iterator<Item = &'static str>) -> String {
    let mut labels: Vec<String> = labels.map(regex::escape).collect();
    labels.sort_unstable_by_key(|label| std::cmp::Reverse(label.len()));
    labels.join("|")
}

/// How many lines one introduction may be folded over.
const FOLDED: usize = 6;
/// In how many lines the fields of a quoted header are searched.
const HEADER: usize = 14;
/// How many lines of one mail are tried as the beginning of an introduction or a header.
const TRIES: usize = 1_000;
/// How many characters of a line are examined.
const LONG: usize = 600;

static QUOTE: Pattern = Pattern::new(|| compile(r"^\s*(?:>|\||[a-z]{1,3}>)"));
static RULE: Pattern = Pattern::new(|| compile(r"^\s*[-_,=+~#*ᐧ—–]{2,}\s*$|^\s*[ᐧ—]\s*$"));
static SIGNATURE: Pattern = Pattern::new(|| compile(r"^\s{0,3}(?:--|—|- -|__|___|––)\s*$"));
static FOOTER: Pattern = Pattern::new(|| {
    compile(&format!(r"^[\s*_(<\[]*(?:{})[)>\]*_.]*\s*(?:[(<\[]?https?://\S+)?[)>\]*_.]*$", FOOTERS.join("|")))
});
/// What a footer must name. "sent with the post on Monday" names none of these.
static PROGRAM: Pattern = Pattern::new(|| compile(&PROGRAMS.join("|")));
static MARK: Pattern = Pattern::new(|| {
    let phrases = ORIGINAL.join("|");
    compile(&format!(r"^[\s*>]*[-_=—–]{{2,}}\s*(?:{phrases})(?:\s.{{0,60}})?\s*:?\s*[-_=—–*\s]*$"))
});
static COLLAPSED: Pattern = Pattern::new(|| {
    let phrases = [ORIGINAL, FORWARDED].concat().join("|");
    compile(&format!(r"(?m)^\s*-{{2,}}\s*(?:{phrases})\s*-{{2,}}[ \t]+\b"))
});
static LABEL_WITHIN: Pattern = Pattern::new(|| {
    let labels = LABELS.iter().map(|(label, _)| *label).filter(|label| label.chars().count() > 1);
    regex::Regex::new(&format!(r"(?i:({}))[ \u{{a0}}]?:[ \t]", alternatives(labels))).ok()
});
static PASSED_ON: Pattern = Pattern::new(|| {
    let phrases = FORWARDED.join("|");
    compile(&format!(
        r"^[\s*>]*(?:[-_=—–]{{2,}}\s*(?:{phrases})(?:\s.{{0,60}})?\s*:?\s*[-_=—–*\s]*|(?:{phrases})\s*:\s*)$"
    ))
});
static LABEL: Pattern = Pattern::new(|| {
    let labels = alternatives(LABELS.iter().map(|(label, _)| *label));
    compile(&format!(r"^[\s>]*[*_]{{0,2}}({labels})\s?[*_]{{0,2}}\s?[:：][*_]{{0,2}}(?:\s|$|.)"))
});
static LABELS_IN_LINE: Pattern = Pattern::new(|| {
    let labels = LABELS.iter().filter(|(_, field)| *field != Field::Other).map(|(label, _)| *label);
    compile(&format!(r"(?:^|[\s*>])({})\s?\*{{0,2}}:\*{{0,2}}\s", alternatives(labels)))
});
static VERB: Pattern = Pattern::new(|| compile(&format!(r"(?:^|[\s,)>*])(?:{})(?:\s|\s?:|$)", WROTE.join("|"))));
/// The verb, then at most the writer's name and address, then a colon.
static ENDS: Pattern = Pattern::new(|| {
    compile(&format!(
        r"(?:^|[\s,)>*])(?:{})(?:(?:,|\s).{{0,160}})?\s?[:：]\s*[-*_\s]*$|(?:{})\s*-{{2,}}$",
        WROTE.join("|"),
        WROTE.join("|")
    ))
});
static BEGINS: Pattern = Pattern::new(|| {
    compile(&format!(
        r#"^[\s>*]*(?:-{{2,}}\s*)?(?:(?:{})[\s,.]|\d|["'<]|\S.{{0,60}}<[^>\s]+@|\S+@\S+\s|quoting |citat |zitat von |citerar |citando )"#,
        INTRODUCE.join("|")
    ))
});
static ADDRESS: Pattern = Pattern::new(|| compile(r"[^\s<(]+@[^\s>)]+"));
static TIME: Pattern = Pattern::new(|| compile(r"\b\d{1,2}\s?[:.h]\s?\d{2}\b"));
static DATE: Pattern = Pattern::new(|| compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b"));
static ENDS_WITH_ADDRESS: Pattern = Pattern::new(|| compile(&format!(r"^\s*>\s*(?:{})?\s?[:：]\s*$", WROTE.join("|"))));
/// A mark that people put between a question and their answer, with a space on both sides or directly after the
/// question. A web address has two slashes too, and a menu has arrows, but they do not follow a question.
static MARKED_ANSWER: Pattern = Pattern::new(|| {
    compile(
        r"(?:[?:.!]\s*|\S\s+)(?:<?[-=]{2,3}>|<[-=]{2,3}|\*{3,}|#{2,})\s*\w.*\S|[?:]\s*(?:<?[-=]>|<[-=]|\*\*)\s*\w|(?:[?!]\s*|\S\s+)//\s+\w|\?\s*//\s*\w",
    )
});
/// An arrow between words, which may also describe a menu.
static ARROW: Pattern = Pattern::new(|| compile(r"\S\s+(?:<?[-=]>|<[-=])\s+\w"));
static QUESTION_ANSWERED: Pattern = Pattern::new(|| compile(r"\w[^?]{3,}\?\s+[^\s\w]{0,3}\w"));
/// The question's writer goes on and asks the reader to do something: "Questions? Just reply to this email."
static ASKS_TO_WRITE: Pattern = Pattern::new(|| {
    let politely = "just|please|simply|then|do|don't|not|hesitate|to|feel|free|you|can|may|bara|gärna|då|ni|kan|är|välkommen|att|vänligen|tveka|inte|bare|gjerne|gerne|venligst|vennligst|bitte|einfach|dann|gerne|sie|können|vous|pouvez|n'hésitez|pas|à|alors|simplement|no|dude|en|simplemente|puede|por|favor|si|prega|di|può|semplicemente|aarzel|niet|om|te|gerust|dan|u|kunt|basta|pode|prosimy|proszę|po|prostu|wystarczy|voit|vain";
    let act = "reply|respond|contact|call us|write|e-?mail us|let us|visit|svara|kontakta|ring (?:oss|kund)|mejla|maila|skriv|hör|besök|svar på|kontakt|ring til|vastaa|ota|soita|kirjoita|antworten|antworte|kontaktieren|rufen|schreiben|melden|wenden|besuchen|répond|contacte|appele|écri|respond|contáct|contact|llám|llame|escríb|escrib|rispond|contatt|chiam|scriv|antwoord|beantwoord|neem|bel|mail|bezoek|respons|contat|ligue|escrev|odpowi|skontaktuj|zadzwoń|napis";
    compile(&format!(r"\?\s+(?:(?:{politely})[\s,]+){{0,6}}(?:{act})"))
});
/// "See my answers below", in twelve languages.
static POINTS_BELOW: Pattern = Pattern::new(|| {
    compile(
        r"\b(?:below|inline|in-line|in the text|in (?:red|blue|green)|between the lines|nedan|nedanför|här under|i texten|i rött|under|nedenfor|nedenunder|herunder|alla|alapuolella|tekstissä|unten|darunter|im text|in rot|ci-dessous|plus bas|dans le texte|en rouge|abajo|debajo|en el texto|en rojo|sotto|di seguito|nel testo|in rosso|hieronder|onderstaand|in de tekst|in het rood|abaixo|no texto|a vermelho|em vermelho|poniżej|w tekście|na czerwono)\b",
    )
});
static DIGIT: Pattern = Pattern::new(|| compile(r"\d"));
/// Introductions without a verb: a date, a name and its address, a colon; or "Quoting X <…>:".
static BARE: Pattern = Pattern::new(|| {
    any(&[
        r"^[\s>*]*(?:19|20)\d\d-\d\d-\d\d.{0,120}<[^>]+@[^>]+>\s*:\s*$",
        r"^[\s>*]*(?:quoting|citat von|zitat von|citerar|citando a|citando|cytat|citeren|en réponse à) .{1,120}:\s*$",
        r"^[\s>*]*(?:on|den|am|le|el|il|em|op|dnia) .{6,80}(?:19|20)\d\d.{0,60}<[^>]+@[^>]+>\s*:\s*$",
        r"^[\s>*]*(?:19|20)\d\d-\d\d-\d\d \d\d:\d\d gmt[+-]\d\d:\d\d .{1,100}$",
        r"^[\s>*]*(?:19|20)\d\d年.{1,100}<\S+@\S+>\s*[:：]?\s*$",
        r"^[\s>*]*(?:19|20)\d\d/\d{1,2}/\d{1,2} .{1,80}<\S+@\S+>\s*$",
        r"^[\s>*]*\S.{0,60}<[^>\s]+@[^>\s]+> (?:wrote|skrev|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|napisał|kirjoitti)\s?:$",
        r"^\[?\d{1,2}[./]\d{1,2}[./]\d{2,4},? \d{1,2}[:.]\d\d(?::\d\d)?\]?,? .{1,60}<[^>]+@[^>]+>:?\s*$",
        r"^[\s>*]*\w{3}, \d{1,2} \w{3} (?:19|20)\d\d \d\d:\d\d(?::\d\d)? [+-]\d{4} .{1,100}<[^>]+@[^>]+>:\s*$",
    ])
});

/// The kind of every line of a mail that may answer another one.
#[must_use]
pub fn read(lines: &[&str]) -> Vec<LineKind> {
    let mut kinds: Vec<LineKind> = lines.iter().map(|line| alone(line)).collect();
    let mut at = 0;
    let mut tries = TRIES;
    while let Some(kind) = kinds.get(at).copied() {
        let introduced = match kind {
            LineKind::Words | LineKind::Rule if tries > 0 && may_introduce(lines, at) => {
                tries -= 1;
                let kind = |plain| if plain { LineKind::History } else { LineKind::Introduction };
                introduction(lines, at).map(|(folded, plain)| (folded, kind(plain)))
            }
            _ => None,
        };
        if let Some((folded, is)) = introduced {
            kinds.iter_mut().skip(at).take(folded).for_each(|kind| *kind = is);
            at += folded;
            continue;
        }
        if kind == LineKind::Words
            && tries > 0
            && header_begins(lines, at)
            && let Some(kind) = kinds.get_mut(at)
        {
            *kind = LineKind::History;
        }
        at += 1;
    }
    unmark_introductions(&mut kinds);
    kinds
}

/// The kind of every line of a mail that answers nothing. It cannot quote an earlier mail, so whatever looks like a
/// quote is text.
#[must_use]
pub fn read_new(lines: &[&str]) -> Vec<LineKind> {
    let kind = |line: &&str| match alone(line) {
        LineKind::Quote | LineKind::Introduction | LineKind::History => LineKind::Words,
        kind => kind,
    };
    lines.iter().map(kind).collect()
}

/// How an answer follows the quoted text on the same line: "> When did it break? On Monday."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InLine {
    /// A mark separates the quoted text and the answer.
    Marked,
    /// It follows a question or an arrow. Both may have been written by the quoted writer.
    Perhaps,
}

/// Whether an answer follows the quoted text on this line, and how.
#[must_use]
pub fn answers_in_line(line: &str, next: Option<&str>) -> Option<InLine> {
    let line = short(line).trim_start();
    let bare = line.strip_prefix('>').filter(|bare| !bare.trim_start().starts_with('>'))?;
    if MARKED_ANSWER.is_in(bare) {
        return Some(InLine::Marked);
    }
    // Running text continues in lower case on the next line. An answer ends with its line.
    let goes_on =
        next.map(|next| next.trim_start_matches(['>', ' '])).is_some_and(|next| next.starts_with(char::is_lowercase));
    let answered = !goes_on && QUESTION_ANSWERED.is_in(bare) && !ASKS_TO_WRITE.is_in(bare);
    (answered || ARROW.is_in(bare)).then_some(InLine::Perhaps)
}

/// Whether a line of the sender's own says that the answers stand among the quoted lines.
#[must_use]
pub fn points_below(line: &str) -> bool {
    POINTS_BELOW.is_in(short(line))
}

/// Turns an introduction that no quote follows back into text: "On 3 November your technician wrote:".
fn unmark_introductions(kinds: &mut [LineKind]) {
    let mut next = None;
    for kind in kinds.iter_mut().rev() {
        match kind {
            LineKind::Introduction if !matches!(next, Some(LineKind::Quote | LineKind::Introduction)) => {
                *kind = LineKind::Words;
            }
            _ => {}
        }
        if *kind != LineKind::Blank {
            next = Some(*kind);
        }
    }
}

/// The kind of a line, without regard to other lines.
fn alone(line: &str) -> LineKind {
    let line = short(line);
    if line.trim().is_empty() {
        LineKind::Blank
    } else if is_mark(line) {
        LineKind::History
    } else if SIGNATURE.is_in(line) {
        LineKind::Signature
    } else if RULE.is_in(line) {
        LineKind::Rule
    } else if QUOTE.is_in(line) && !is_arrow(line) {
        LineKind::Quote
    } else if FOOTER.is_in(line) && PROGRAM.is_in(line) {
        LineKind::Footer
    } else {
        LineKind::Words
    }
}

/// Whether a line that looks like a quote is the sender's own text: it begins with `>=` or `>:`, or it is a row of a
/// table.
fn is_arrow(line: &str) -> bool {
    let line = line.trim_start();
    // A row of a table begins and ends with a bar.
    let table = line.starts_with('|') && line.trim_end().len() > 1 && line.trim_end().ends_with('|');
    line.starts_with(">=") || line.starts_with(">:") || table
}

/// The beginning of a line, which is the part that is examined.
fn short(line: &str) -> &str {
    line.char_indices().nth(LONG).map_or(line, |(at, _)| line.get(..at).unwrap_or(line))
}

/// Whether a line may be the first line of an introduction.
fn may_introduce(lines: &[&str], at: usize) -> bool {
    lines.get(at).map(|line| short(line)).is_some_and(|line| BEGINS.is_in(line) || VERB.is_in(line))
}

/// Whether an introduction begins here: over how many lines, and whether it is certain even without a quote after it.
fn introduction(lines: &[&str], at: usize) -> Option<(usize, bool)> {
    let first = short(lines.get(at)?);
    // Some programs write an introduction over several lines with blank lines between.
    let dated = BEGINS.is_in(first) && TIME.is_in(first) && DATE.is_in(first);
    let mut joined = String::new();
    for (folded, line) in lines.iter().skip(at).take(FOLDED).enumerate() {
        let line = short(line);
        if folded > 0 {
            let blank = line.trim().is_empty();
            if blank && dated {
                continue;
            }
            if blank || QUOTE.is_in(line) && !ENDS_WITH_ADDRESS.is_in(line) || ends_sentence(first) {
                return None;
            }
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line.trim());
        if joined.len() > LONG {
            return None;
        }
        if let Some(plain) = introduces(&joined) {
            // A single line is enough by itself. A folded introduction must begin as introductions do.
            return (folded == 0 || BEGINS.is_in(first)).then_some((folded + 1, plain));
        }
    }
    None
}

/// Whether a line ends like a sentence, and not with an abbreviated month or time.
fn ends_sentence(line: &str) -> bool {
    let line = line.trim_end();
    let last = line.rsplit(' ').next().unwrap_or_default();
    line.ends_with(['!', '?', '…']) || line.ends_with("...") || line.ends_with('.') && last.chars().count() > 6
}

/// Whether this text is an introduction, and whether it is a certain one.
fn introduces(text: &str) -> Option<bool> {
    if BARE.is_in(text) {
        return Some(true);
    }
    if !ENDS.is_in(text) {
        return None;
    }
    let (address, time, date) = (ADDRESS.is_in(text), TIME.is_in(text), DATE.is_in(text));
    let begins = BEGINS.is_in(text);
    let colon = text.trim_end_matches(['-', ' ', '*']).ends_with([':', '：']);
    let plain = begins && (address && (time || date || DIGIT.is_in(text)) || time && date);
    (plain || colon && (address || begins && DIGIT.is_in(text) || time || date)).then_some(plain && (colon || address))
}

/// Whether a quoted header begins here: at least three of its fields within some lines, among them the sender or the
/// date.
#[must_use]
pub fn header_begins(lines: &[&str], at: usize) -> bool {
    let Some(first) = lines.get(at).map(|line| short(line)) else { return false };
    if in_one_line(first) {
        return true;
    }
    let Some(label) = label(first) else { return false };
    if !matches!(label, Field::From | Field::Date | Field::Subject | Field::To) {
        return false;
    }
    let told = |line: &str| ADDRESS.is_in(line) || TIME.is_in(line);
    // A letter on paper has such fields too, but no address and no time in them.
    let mut by_mail = told(first);
    let mut seen = vec![label];
    let (mut others, mut blanks) = (0, 0);
    for line in lines.iter().skip(at + 1).take(HEADER) {
        by_mail |= told(short(line));
        match self::label(short(line)) {
            Some(field) => {
                if !seen.contains(&field) {
                    seen.push(field);
                }
                (others, blanks) = (0, 0);
            }
            None if line.trim().is_empty() => blanks += 1,
            None => others += 1,
        }
        // A long list of addresses is folded over lines. More than two blank lines end a header.
        if others > 3 || blanks > 2 {
            break;
        }
    }
    let header = [Field::From, Field::Date, Field::To, Field::Subject];
    let known = header.iter().filter(|field| seen.contains(field)).count();
    by_mail && known >= 3 && (seen.contains(&Field::From) || seen.contains(&Field::Date))
}

/// Whether a line is a header whose line ends were lost.
fn in_one_line(line: &str) -> bool {
    let Some(regex) = LABELS_IN_LINE.regex() else { return false };
    if !(ADDRESS.is_in(line) || TIME.is_in(line)) || label(line) != Some(Field::From) {
        return false;
    }
    let mut seen: Vec<Field> = regex.captures_iter(line).filter_map(|found| field_of(found.get(1)?.as_str())).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() >= 3
}

/// The field of a quoted header that a line begins with.
#[must_use]
pub fn label(line: &str) -> Option<Field> {
    field_of(LABEL.group(line)?)
}

fn field_of(label: &str) -> Option<Field> {
    let label = label.to_lowercase();
    LABELS.iter().find(|(known, _)| *known == label).map(|(_, field)| *field)
}

/// Whether a line marks the beginning of an earlier mail.
#[must_use]
pub fn is_mark(line: &str) -> bool {
    let line = short(line);
    MARK.is_in(line) || PASSED_ON.is_in(line)
}

/// Restores the line ends of a mark and the header below it where they were lost, as in Yahoo's plain parts.
#[must_use]
pub fn unfolded(text: &str) -> std::borrow::Cow<'_, str> {
    if !COLLAPSED.is_in(text) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match (COLLAPSED.place(line), LABEL_WITHIN.regex()) {
            (Some((_, ends)), Some(regex)) if line.get(ends..).is_some_and(|rest| regex.is_match(rest)) => {
                let (mark, rest) = line.split_at_checked(ends).unwrap_or((line, ""));
                out.push_str(mark.trim_end());
                out.push('\n');
                out.push_str(regex.replace_all(rest, "\n$1: ").trim_start());
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out.pop();
    out.into()
}

/// The first introduction of an earlier mail in these lines, and the position of the line after it.
#[must_use]
pub fn introduced(lines: &[&str]) -> Option<(String, usize)> {
    let kinds = read(lines);
    let is = |at: &usize| matches!(kinds.get(*at), Some(LineKind::Introduction | LineKind::History));
    let at = (0..kinds.len()).find(is)?;
    let (folded, _) = introduction(lines, at)?;
    let text: Vec<&str> = lines.iter().skip(at).take(folded).map(|line| line.trim()).collect();
    Some((text.join(" "), at + folded))
}

/// Whether a line says that a forwarded mail follows.
#[must_use]
pub fn passes_on(line: &str) -> bool {
    PASSED_ON.is_in(short(line))
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![
        &QUOTE,
        &RULE,
        &SIGNATURE,
        &FOOTER,
        &PROGRAM,
        &MARK,
        &PASSED_ON,
        &LABEL,
        &LABELS_IN_LINE,
        &VERB,
        &ENDS,
        &BEGINS,
        &ADDRESS,
        &TIME,
        &DATE,
        &BARE,
        &ENDS_WITH_ADDRESS,
        &COLLAPSED,
        &LABEL_WITHIN,
        &MARKED_ANSWER,
        &ARROW,
        &POINTS_BELOW,
        &QUESTION_ANSWERED,
        &ASKS_TO_WRITE,
    ]
}
