//! What the sender wrote in this mail, without quotes and without what programs add. It is used for display only: the
//! whole text is always kept, and in doubt a line is shown. For hidden lines the reason is kept, with the line that
//! shows it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use entity::kind::EmailCutReason;

use super::lines::{self, InLine, LineKind};
use super::pattern::{Pattern, compile};
use super::signature;
use crate::kit::text::truncated;

/// How many lines are examined. No person writes more; the lines below them are shown as they are.
const MOST: usize = 5_000;
/// How many bytes are examined.
const LONGEST: usize = 1024 * 1024;
/// How many words a greeting has. Whoever wrote no more than that outside a quote has answered inside the quote.
const FEW: usize = 3;
/// How many lines a signature may have. A longer text below "--" is not a signature.
const LONGEST_SIGNATURE: usize = 25;

static SIGNED: Pattern = Pattern::new(|| compile(r"^-----BEGIN PGP SIGNED MESSAGE-----$"));
static ARMOUR: Pattern = Pattern::new(|| compile(r"^-----BEGIN PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----$"));
static ARMOUR_ENDS: Pattern = Pattern::new(|| compile(r"^-----END PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----$"));

/// A text divided for reading: its beginning is searched for quotes and signatures, and the rest is shown as it is.
pub struct Text<'t> {
    /// The beginning. Lines that were joined on the way are separated again.
    pub beginning: Cow<'t, str>,
    /// The text after the beginning.
    rest: &'t str,
}

impl<'t> Text<'t> {
    /// Divides a text, at the end of a line if it has one.
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

/// Consecutive lines that are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The reason why they are not shown.
    pub why: EmailCutReason,
    /// The first of the lines, which shows the reason.
    pub mark: String,
    /// How many of the lines are not blank.
    pub lines: usize,
    /// How many characters they have.
    pub characters: usize,
}

/// How many characters of a mark are kept.
const LONGEST_MARK: usize = 200;
/// How many cuts of one mail are listed. A quote may be answered line by line.
const MOST_CUTS: usize = 100;

/// What is shown of a text, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visible {
    /// The text that is shown.
    pub text: String,
    /// The lines that are not shown.
    pub cuts: Vec<Cut>,
}

/// The visible text of a mail that answers another one.
#[must_use]
pub fn of_answer(text: &Text<'_>) -> Visible {
    read(text, lines::read, |kept| {
        kept.cut_history();
        kept.hide_signatures();
        kept.hide_quotes();
        kept.hide_the_end();
    })
}

/// The visible text of a mail that answers nothing. Only its signature is hidden, and not even that if it is most of
/// the mail. There is no earlier mail in it, so what looks like one is a part of what the sender tells.
#[must_use]
pub fn of_new(text: &Text<'_>) -> Visible {
    read(text, lines::read_new, |kept| {
        kept.hide_the_signature();
        kept.hide_the_end();
        kept.show_if_most_is_hidden();
    })
}

/// Classifies the lines of a text with `tell`, and hides some of them with `hide`.
fn read(text: &Text<'_>, tell: fn(&[&str]) -> Vec<LineKind>, hide: fn(&mut MarkedLines<'_>)) -> Visible {
    let (beginning, rest) = (unarmoured(&text.beginning), text.rest);
    let lines: Vec<&str> = beginning.lines().collect();
    let mut kept = MarkedLines { lines: &lines, kinds: tell(&lines), hidden: vec![None; lines.len()], cut: false };
    hide(&mut kept);
    let mut shown = kept.text();
    if !rest.is_empty() && !kept.cut {
        shown.reserve_exact(rest.len() + 1);
        shown.push('\n');
        shown.push_str(rest);
    }
    if shown.is_empty() && kept.has_words() {
        // Everything looked like an earlier mail. Showing too much is better than showing nothing.
        return Visible { text: tidy(lines.iter().copied()), cuts: Vec::new() };
    }
    Visible { text: shown, cuts: kept.cuts() }
}

/// The text without PGP armour (RFC 4880, 7).
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

struct MarkedLines<'t> {
    lines: &'t [&'t str],
    kinds: Vec<LineKind>,
    /// For each line, why it is not shown; none when it is shown.
    hidden: Vec<Option<EmailCutReason>>,
    /// Whether everything below some line is an earlier mail.
    cut: bool,
}

impl MarkedLines<'_> {
    fn has_words(&self) -> bool {
        self.kinds.iter().any(|kind| matches!(kind, LineKind::Words | LineKind::History))
    }

    fn hide(&mut self, from: usize, to: usize, why: EmailCutReason) {
        self.hidden.iter_mut().take(to).skip(from).for_each(|hidden| *hidden = hidden.or(Some(why)));
    }

    fn kind(&self, at: usize) -> Option<LineKind> {
        self.kinds.get(at).copied().filter(|_| self.hidden.get(at).is_some_and(Option::is_none))
    }

    /// Hides everything from the first certain sign of an earlier mail on. If that mail is quoted line by line, it is
    /// not hidden here, because answers may stand between its lines and below it.
    fn cut_history(&mut self) {
        let mut from = 0;
        while let Some(at) = (from..self.kinds.len()).find(|at| self.kind(*at) == Some(LineKind::History)) {
            let ends =
                (at..self.kinds.len()).find(|at| self.kind(*at) != Some(LineKind::History)).unwrap_or(self.kinds.len());
            let next = (ends..self.kinds.len()).find(|at| self.kind(*at) != Some(LineKind::Blank));
            let quoted = next.is_some_and(|next| self.kind(next) == Some(LineKind::Quote));
            let introduces = lines::label(self.lines.get(at).copied().unwrap_or_default()).is_none();
            if quoted && introduces {
                self.kinds.iter_mut().take(ends).skip(at).for_each(|kind| *kind = LineKind::Introduction);
                from = ends;
                continue;
            }
            if (0..at).any(|before| self.kind(before) == Some(LineKind::Words)) {
                self.hide(at, self.kinds.len(), EmailCutReason::EarlierMail);
                self.cut = true;
                return;
            }
            // No text stands above, so what is below is all there is: a forwarded mail, or text below the mail that it
            // is about.
            let ends = if introduces { ends } else { self.header_ends(at) };
            self.hide(at, ends, EmailCutReason::EarlierMail);
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
            // A field may be folded. The header goes on if another field follows soon.
            let folded =
                (1..3).find(|more| self.lines.get(ends + more).is_some_and(|line| lines::label(line).is_some()));
            match folded {
                Some(more) if header > 0 => ends += more,
                _ => break,
            }
        }
        ends.max(at + 1)
    }

    /// Hides what stands below a separator, up to the next quote, if it is a signature.
    fn hide_signatures(&mut self) {
        let mut at = 0;
        while at < self.kinds.len() {
            if !matches!(self.kind(at), Some(LineKind::Signature | LineKind::Rule)) {
                at += 1;
                continue;
            }
            let below = at + 1..self.kinds.len();
            let ends = below
                .clone()
                .find(|at| matches!(self.kind(*at), Some(LineKind::Quote | LineKind::Introduction) | None));
            let ends = ends.unwrap_or(self.kinds.len());
            let above = (0..at).any(|above| self.kind(above) == Some(LineKind::Words));
            if above && self.is_signature(at, ends) {
                self.hide(at, ends, EmailCutReason::Signature);
            }
            at = ends.max(at + 1);
        }
    }

    /// Whether the lines in this range are a signature and not the sender's text below a separator of their own.
    fn is_signature(&self, at: usize, ends: usize) -> bool {
        let below = self.written(at + 1, ends);
        if self.kind(at) == Some(LineKind::Signature) {
            let exact = self.lines.get(at).is_some_and(|line| *line == "-- ");
            return below.len() <= LONGEST_SIGNATURE && (exact || !signature::has_points(&below));
        }
        let before = (0..at).rev().find(|at| self.kind(*at) != Some(LineKind::Blank));
        if before.is_some_and(|before| self.kind(before) == Some(LineKind::Quote)) {
            return below.len() <= 3;
        }
        below.is_empty() || signature::is_card(&below)
    }

    /// The lines in this range that are not blank.
    fn written(&self, from: usize, to: usize) -> Vec<&str> {
        let lines = self.lines.get(from..to).unwrap_or_default();
        lines.iter().copied().filter(|line| !line.trim().is_empty()).collect()
    }

    /// In a mail that answers nothing: hides what stands below the last separator, if it is a signature.
    fn hide_the_signature(&mut self) {
        let separates = |kind: &LineKind| matches!(kind, LineKind::Signature | LineKind::Rule);
        let places: Vec<usize> =
            (0..self.kinds.len()).filter(|at| self.kinds.get(*at).is_some_and(separates)).collect();
        let ends = self.kinds.len();
        let is_written = |from: usize, to: usize| {
            self.kinds
                .get(from..to)
                .unwrap_or_default()
                .iter()
                .any(|kind| matches!(kind, LineKind::Words | LineKind::Footer))
        };
        let Some(at) = places.iter().copied().rfind(|at| is_written(at + 1, ends)) else { return };
        if !is_written(0, at) {
            return;
        }
        let line = self.lines.get(at).copied().unwrap_or_default();
        // A sender who draws such lines between list items also draws one above the last item.
        let again = places
            .iter()
            .any(|other| *other < at && self.lines.get(*other).is_some_and(|other| other.trim() == line.trim()));
        let below = self.written(at + 1, ends);
        let is_signature = match self.kind(at) {
            Some(LineKind::Signature) if line == "-- " && !again => below.len() <= LONGEST_SIGNATURE,
            Some(LineKind::Signature) => signature::is_one(&below, again),
            _ => signature::is_card(&below) && !(again && signature::has_points(&below)),
        };
        if is_signature {
            self.hide(at, ends, EmailCutReason::Signature);
        }
    }

    /// Shows the signature if it has more words than the rest of the mail.
    fn show_if_most_is_hidden(&mut self) {
        let words = |line: &str| line.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
        let (mut shown, mut hidden) = (0, 0);
        for (line, why) in self.lines.iter().zip(&self.hidden) {
            match why {
                None => shown += words(line),
                Some(EmailCutReason::Signature) => hidden += words(line),
                Some(_) => {}
            }
        }
        if hidden > shown {
            self.hidden.iter_mut().filter(|why| **why == Some(EmailCutReason::Signature)).for_each(|why| *why = None);
        }
    }

    /// Hides quotes below the last text, and quotes above the only text. Quotes between texts stay, because they are
    /// what is answered.
    fn hide_quotes(&mut self) {
        let words: Vec<usize> = (0..self.kinds.len()).filter(|at| self.kind(*at) == Some(LineKind::Words)).collect();
        let (Some(first), Some(last)) = (words.first().copied(), words.last().copied()) else { return };
        let answers = self.answers_in_lines(&words);
        let is_answered = |at: &usize| answers.contains(at);
        for at in last + 1..self.kinds.len() {
            if matches!(self.kind(at), Some(LineKind::Quote | LineKind::Introduction)) && !is_answered(&at) {
                self.hide(at, at + 1, EmailCutReason::Quote);
            }
        }
        let introduced = (0..first).any(|at| self.kind(at) == Some(LineKind::Introduction));
        let between = (first..last).any(|at| self.kind(at) == Some(LineKind::Quote));
        for at in 0..last {
            let hidden = match self.kind(at) {
                Some(LineKind::Introduction) => true,
                Some(LineKind::Quote) => introduced && !between && at < first && !is_answered(&at),
                _ => false,
            };
            if hidden {
                self.hide(at, at + 1, EmailCutReason::Quote);
            }
        }
    }

    /// The quoted lines in which an answer follows the quote. An uncertain answer counts only if there are several, if
    /// the sender has written almost nothing else, or if the sender says that the answers stand there.
    fn answers_in_lines(&self, words: &[usize]) -> BTreeSet<usize> {
        let line = |at: usize| self.lines.get(at).copied().unwrap_or_default();
        let quotes = (0..self.kinds.len()).filter(|at| self.kind(*at) == Some(LineKind::Quote));
        let found: Vec<(usize, InLine)> = quotes
            .filter_map(|at| Some((at, lines::answers_in_line(line(at), self.lines.get(at + 1).copied())?)))
            .collect();
        let own: usize = words.iter().map(|at| line(*at).split_whitespace().count()).sum();
        let perhaps = found.iter().filter(|(_, how)| *how == InLine::Perhaps).count();
        let among = perhaps > 1 || own <= FEW || words.iter().any(|at| lines::points_below(line(*at)));
        found.into_iter().filter(|(_, how)| among || *how == InLine::Marked).map(|(at, _)| at).collect()
    }

    /// Hides what programs add at the end of what somebody wrote.
    fn hide_the_end(&mut self) {
        let mut ending = true;
        for at in (0..self.kinds.len()).rev() {
            match self.kind(at) {
                Some(LineKind::Footer | LineKind::Rule | LineKind::Signature) if ending => {
                    self.hide(at, at + 1, EmailCutReason::Footer);
                }
                Some(LineKind::Blank) | None => {}
                Some(LineKind::Quote | LineKind::Introduction) => ending = true,
                _ => ending = false,
            }
        }
    }

    fn text(&self) -> String {
        tidy(self.lines.iter().zip(&self.hidden).filter(|(_, hidden)| hidden.is_none()).map(|(line, _)| *line))
    }

    /// The hidden lines, grouped into runs with the same reason. Blank lines do not end a run.
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

/// The lines without spaces at their ends, and with at most one blank line in a row.
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

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&SIGNED, &ARMOUR, &ARMOUR_ENDS]
}
