//! What the sender wrote in this mail, without what was quoted and what programs add. For showing only: the whole text is
//! always kept, and in doubt a line is shown. What is not shown is told with the line that it was told by.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::lines::{self, InLine, Line};
use super::pattern::{Pattern, compile};
use super::signature;
use crate::kit::text::truncated;

/// Lines that are looked at; a person has not written more, and what stands below them is shown as it is.
const MOST: usize = 5_000;
/// Bytes that are looked at.
const LONGEST: usize = 1024 * 1024;
/// Words of a greeting: whoever wrote no more beside a quote has answered in it.
const FEW: usize = 3;
/// Lines of a signature at most; more below "--" are words.
const LONGEST_SIGNATURE: usize = 25;

static SIGNED: Pattern = Pattern::new(|| compile(r"^-----BEGIN PGP SIGNED MESSAGE-----$"));
static ARMOUR: Pattern = Pattern::new(|| compile(r"^-----BEGIN PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----$"));
static ARMOUR_ENDS: Pattern = Pattern::new(|| compile(r"^-----END PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----$"));
/// Why lines of a mail are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "EmailCutReason")]
pub enum Why {
    /// They are an earlier mail, or they are the header of one, copied into this mail by a mail program.
    EarlierMail,
    /// They are quoted lines, or they introduce a quote ("On … wrote:").
    Quote,
    /// They are a signature, or a notice of the kind that companies put below their mail.
    Signature,
    /// A mail program or a virus scanner put them below the message ("Sent from my …"), or they only separate.
    Footer,
}

/// A text as it is read: its beginning is looked at for quotes and signatures, and the rest is shown as it is.
pub struct Text<'t> {
    /// The beginning; lines that were joined on the way stand apart again.
    pub beginning: Cow<'t, str>,
    /// What stands below it.
    rest: &'t str,
}

impl<'t> Text<'t> {
    /// Divides a text at the end of a line, if there is one.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        let mut most = text.len().min(LONGEST);
        while !text.is_char_boundary(most) {
            most -= 1;
        }
        let beginning = text.get(..most).unwrap_or_default();
        let line = beginning.match_indices('\n').nth(MOST - 1).map(|(at, _)| at + 1);
        let at = line.unwrap_or_else(|| match beginning.rfind('\n') {
            Some(at) if most < text.len() => at + 1,
            _ => most,
        });
        let (beginning, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        Self { beginning: lines::unfolded(beginning), rest }
    }
}

/// Lines that follow each other and are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Why.
    pub why: Why,
    /// The line that told so, which is the first of them.
    pub mark: String,
    /// How many lines with something in them.
    pub lines: usize,
    /// How many characters they have.
    pub characters: usize,
}

/// Characters of a mark that are told.
const LONGEST_MARK: usize = 200;
/// Cuts that are told of one mail; a quote may be answered line by line.
const MOST_CUTS: usize = 100;

/// What is shown of a text, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visible {
    /// What is shown.
    pub text: String,
    /// What is not.
    pub cuts: Vec<Cut>,
}

/// The words of a mail that answers another.
#[must_use]
pub fn of_answer(text: &Text<'_>) -> Visible {
    read(text, lines::read, |kept| {
        kept.cut_history();
        kept.hide_signatures();
        kept.hide_quotes();
        kept.hide_the_end();
    })
}

/// The words of a mail that answers nothing. Only its signature is left out, and not even that if it is most of the mail:
/// there is no earlier mail in it, and what looks like one is a message or a journey that somebody tells.
#[must_use]
pub fn of_new(text: &Text<'_>) -> Visible {
    read(text, lines::read_new, |kept| {
        kept.hide_the_signature();
        kept.hide_the_end();
        kept.show_if_most_is_hidden();
    })
}

/// Tells the lines of a text apart with one function and hides some of them with the other.
fn read(text: &Text<'_>, tell: fn(&[&str]) -> Vec<Line>, hide: fn(&mut Kept<'_>)) -> Visible {
    let (beginning, rest) = (unarmoured(&text.beginning), text.rest);
    let lines: Vec<&str> = beginning.lines().collect();
    let mut kept = Kept { lines: &lines, kinds: tell(&lines), hidden: vec![None; lines.len()], cut: false };
    hide(&mut kept);
    let mut shown = kept.text();
    if !rest.is_empty() && !kept.cut {
        shown.reserve_exact(rest.len() + 1);
        shown.push('\n');
        shown.push_str(rest);
    }
    if shown.is_empty() && kept.has_words() {
        // Everything looked like history: better too much than nothing.
        return Visible { text: tidy(lines.iter().copied()), cuts: Vec::new() };
    }
    Visible { text: shown, cuts: kept.cuts() }
}

/// Without the armour of PGP (RFC 4880, 7).
fn unarmoured(text: &str) -> String {
    let mut lines = text.lines().peekable();
    let mut out = Vec::new();
    let mut signed = false;
    while let Some(line) = lines.next() {
        if SIGNED.is_in(line) {
            signed = true;
            while lines.next_if(|line| !line.trim().is_empty()).is_some() {}
        } else if ARMOUR.is_in(line) {
            lines.find(|line| ARMOUR_ENDS.is_in(line));
        } else {
            out.push(line.strip_prefix("- ").filter(|rest| signed && rest.starts_with('-')).unwrap_or(line));
        }
    }
    out.join("\n")
}

struct Kept<'t> {
    lines: &'t [&'t str],
    kinds: Vec<Line>,
    /// Of each line, why it is not shown.
    hidden: Vec<Option<Why>>,
    /// Everything below some line is history.
    cut: bool,
}

impl Kept<'_> {
    fn has_words(&self) -> bool {
        self.kinds.iter().any(|kind| matches!(kind, Line::Words | Line::History))
    }

    fn hide(&mut self, from: usize, to: usize, why: Why) {
        self.hidden.iter_mut().take(to).skip(from).for_each(|hidden| *hidden = hidden.or(Some(why)));
    }

    fn kind(&self, at: usize) -> Option<Line> {
        self.kinds.get(at).copied().filter(|_| self.hidden.get(at).is_some_and(Option::is_none))
    }

    /// From the first sure sign of an earlier mail on nothing is new, unless that mail is quoted line by line: then answers
    /// may stand between and below.
    fn cut_history(&mut self) {
        let mut from = 0;
        while let Some(at) = (from..self.kinds.len()).find(|at| self.kind(*at) == Some(Line::History)) {
            let ends =
                (at..self.kinds.len()).find(|at| self.kind(*at) != Some(Line::History)).unwrap_or(self.kinds.len());
            let next = (ends..self.kinds.len()).find(|at| self.kind(*at) != Some(Line::Blank));
            let quoted = next.is_some_and(|next| self.kind(next) == Some(Line::Quote));
            let introduces = lines::label(self.lines.get(at).copied().unwrap_or_default()).is_none();
            if quoted && introduces {
                self.kinds.iter_mut().take(ends).skip(at).for_each(|kind| *kind = Line::Introduction);
                from = ends;
                continue;
            }
            if (0..at).any(|before| self.kind(before) == Some(Line::Words)) {
                self.hide(at, self.kinds.len(), Why::EarlierMail);
                self.cut = true;
                return;
            }
            // Nothing stands above: what is below is all there is, a forwarded mail or words under their occasion.
            let ends = if introduces { ends } else { self.header_ends(at) };
            self.hide(at, ends, Why::EarlierMail);
            from = ends;
        }
    }

    /// Where a mark and the quoted header below it end.
    fn header_ends(&self, at: usize) -> usize {
        let is_header = |line: &&str| line.trim().is_empty() || lines::label(line).is_some() || lines::is_mark(line);
        let mut ends = at;
        while let Some(rest) = self.lines.get(ends..) {
            let header = rest.iter().take_while(|line| is_header(line)).count();
            ends += header;
            // A field may be folded: it goes on if another follows soon.
            let folded =
                (1..3).find(|more| self.lines.get(ends + more).is_some_and(|line| lines::label(line).is_some()));
            match folded {
                Some(more) if header > 0 => ends += more,
                _ => break,
            }
        }
        ends.max(at + 1)
    }

    /// What stands below "-- ", up to the next quote.
    fn hide_signatures(&mut self) {
        let mut at = 0;
        while at < self.kinds.len() {
            if !matches!(self.kind(at), Some(Line::Signature | Line::Rule)) {
                at += 1;
                continue;
            }
            let below = at + 1..self.kinds.len();
            let ends = below.clone().find(|at| matches!(self.kind(*at), Some(Line::Quote | Line::Introduction) | None));
            let ends = ends.unwrap_or(self.kinds.len());
            let above = (0..at).any(|above| self.kind(above) == Some(Line::Words));
            if above && self.is_signature(at, ends) {
                self.hide(at, ends, Why::Signature);
            }
            at = ends.max(at + 1);
        }
    }

    /// Whether what stands between is a signature and not somebody's words below a line of their own.
    fn is_signature(&self, at: usize, ends: usize) -> bool {
        let below = self.written(at + 1, ends);
        if self.kind(at) == Some(Line::Signature) {
            let exact = self.lines.get(at).is_some_and(|line| *line == "-- ");
            return below.len() <= LONGEST_SIGNATURE && (exact || !signature::has_points(&below));
        }
        let before = (0..at).rev().find(|at| self.kind(*at) != Some(Line::Blank));
        if before.is_some_and(|before| self.kind(before) == Some(Line::Quote)) {
            return below.len() <= 3;
        }
        below.is_empty() || signature::is_card(&below)
    }

    /// The lines between that hold something.
    fn written(&self, from: usize, to: usize) -> Vec<&str> {
        let lines = self.lines.get(from..to).unwrap_or_default();
        lines.iter().copied().filter(|line| !line.trim().is_empty()).collect()
    }

    /// In a mail that answers nothing: what stands below its last line that separates, if that is a signature.
    fn hide_the_signature(&mut self) {
        let separates = |kind: &Line| matches!(kind, Line::Signature | Line::Rule);
        let places: Vec<usize> =
            (0..self.kinds.len()).filter(|at| self.kinds.get(*at).is_some_and(separates)).collect();
        let ends = self.kinds.len();
        let is_written = |from: usize, to: usize| {
            self.kinds.get(from..to).unwrap_or_default().iter().any(|kind| matches!(kind, Line::Words | Line::Footer))
        };
        let Some(at) = places.iter().copied().rfind(|at| is_written(at + 1, ends)) else { return };
        if !is_written(0, at) {
            return;
        }
        let line = self.lines.get(at).copied().unwrap_or_default();
        // Somebody who draws such lines between their points draws one above the last point too.
        let again = places
            .iter()
            .any(|other| *other < at && self.lines.get(*other).is_some_and(|other| other.trim() == line.trim()));
        let below = self.written(at + 1, ends);
        let is_signature = match self.kind(at) {
            Some(Line::Signature) if line == "-- " && !again => below.len() <= LONGEST_SIGNATURE,
            Some(Line::Signature) => signature::is_one(&below, again),
            _ => signature::is_card(&below) && !(again && signature::has_points(&below)),
        };
        if is_signature {
            self.hide(at, ends, Why::Signature);
        }
    }

    /// Shows the signature where less than half of the words would be left without it.
    fn show_if_most_is_hidden(&mut self) {
        let words = |line: &str| line.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
        let (mut shown, mut hidden) = (0, 0);
        for (line, why) in self.lines.iter().zip(&self.hidden) {
            match why {
                None => shown += words(line),
                Some(Why::Signature) => hidden += words(line),
                Some(_) => {}
            }
        }
        if hidden > shown {
            self.hidden.iter_mut().filter(|why| **why == Some(Why::Signature)).for_each(|why| *why = None);
        }
    }

    /// Quotes: none below the last words, none above the only ones; between them they are what is answered.
    fn hide_quotes(&mut self) {
        let words: Vec<usize> = (0..self.kinds.len()).filter(|at| self.kind(*at) == Some(Line::Words)).collect();
        let (Some(first), Some(last)) = (words.first().copied(), words.last().copied()) else { return };
        let answers = self.answers_in_lines(&words);
        let is_answered = |at: &usize| answers.contains(at);
        for at in last + 1..self.kinds.len() {
            if matches!(self.kind(at), Some(Line::Quote | Line::Introduction)) && !is_answered(&at) {
                self.hide(at, at + 1, Why::Quote);
            }
        }
        let introduced = (0..first).any(|at| self.kind(at) == Some(Line::Introduction));
        let between = (first..last).any(|at| self.kind(at) == Some(Line::Quote));
        for at in 0..last {
            let hidden = match self.kind(at) {
                Some(Line::Introduction) => true,
                Some(Line::Quote) => introduced && !between && at < first && !is_answered(&at),
                _ => false,
            };
            if hidden {
                self.hide(at, at + 1, Why::Quote);
            }
        }
    }

    /// The quoted lines that hold an answer behind the quote. What may be the quote's own is one only if there are more of that
    /// kind, or the sender has written nothing else to speak of, or says that the answers stand there.
    fn answers_in_lines(&self, words: &[usize]) -> BTreeSet<usize> {
        let line = |at: usize| self.lines.get(at).copied().unwrap_or_default();
        let quotes = (0..self.kinds.len()).filter(|at| self.kind(*at) == Some(Line::Quote));
        let found: Vec<(usize, InLine)> = quotes
            .filter_map(|at| Some((at, lines::answers_in_line(line(at), self.lines.get(at + 1).copied())?)))
            .collect();
        let own: usize = words.iter().map(|at| line(*at).split_whitespace().count()).sum();
        let perhaps = found.iter().filter(|(_, how)| *how == InLine::Perhaps).count();
        let among = perhaps > 1 || own <= FEW || words.iter().any(|at| lines::points_below(line(*at)));
        found.into_iter().filter(|(_, how)| among || *how == InLine::Marked).map(|(at, _)| at).collect()
    }

    /// What programs add stands at the end of what somebody wrote.
    fn hide_the_end(&mut self) {
        let mut ending = true;
        for at in (0..self.kinds.len()).rev() {
            match self.kind(at) {
                Some(Line::Footer | Line::Rule | Line::Signature) if ending => {
                    self.hide(at, at + 1, Why::Footer);
                }
                Some(Line::Blank) | None => {}
                Some(Line::Quote | Line::Introduction) => ending = true,
                _ => ending = false,
            }
        }
    }

    fn text(&self) -> String {
        tidy(self.lines.iter().zip(&self.hidden).filter(|(_, hidden)| hidden.is_none()).map(|(line, _)| *line))
    }

    /// What is not shown: lines that follow each other for one reason, with blank ones between them or not.
    fn cuts(&self) -> Vec<Cut> {
        let mut cuts: Vec<Cut> = Vec::new();
        let mut open = false;
        for (line, why) in self.lines.iter().zip(&self.hidden) {
            let characters = line.trim().chars().count();
            let full = cuts.len() >= MOST_CUTS;
            match (why, cuts.last_mut()) {
                _ if characters == 0 => {}
                (None, _) => open = false,
                (Some(why), Some(cut)) if open && cut.why == *why => {
                    cut.lines += 1;
                    cut.characters += characters;
                }
                (Some(_), _) if full => break,
                (Some(why), _) => {
                    open = true;
                    cuts.push(Cut { why: *why, mark: truncated(line.trim(), LONGEST_MARK), lines: 1, characters });
                }
            }
        }
        cuts
    }
}

/// Without spaces at the ends of lines, and with one blank line where there were more.
fn tidy<'t>(lines: impl Iterator<Item = &'t str>) -> String {
    let mut out = String::new();
    let mut blank = true;
    for line in lines {
        let line = line.trim_end();
        if line.is_empty() && blank {
            continue;
        }
        blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out.trim_end().trim_start_matches('\n').to_owned()
}

/// The expressions, for the test that all of them can be read.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&SIGNED, &ARMOUR, &ARMOUR_ENDS]
}
