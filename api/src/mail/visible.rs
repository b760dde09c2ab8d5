//! What the sender wrote in this mail, without what was quoted and what programs add. For showing only: the whole text is
//! always kept, and in doubt a line is shown.

use super::lines::{self, Line};
use super::pattern::{Pattern, compile};

/// Lines that are looked at; a person has not written more, and what stands below them is shown as it is.
const MOST: usize = 5_000;
/// Bytes that are looked at.
const LONGEST: usize = 1024 * 1024;
/// Lines of a signature at most; more below "--" are words.
const LONGEST_SIGNATURE: usize = 25;

static SIGNED: Pattern = Pattern::new(|| compile(r"^-----BEGIN PGP SIGNED MESSAGE-----$"));
static ARMOUR: Pattern = Pattern::new(|| compile(r"^-----BEGIN PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----$"));
static ARMOUR_ENDS: Pattern = Pattern::new(|| compile(r"^-----END PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----$"));
/// What a signature is made of: ways to reach somebody.
static CONTACT: Pattern = Pattern::new(|| {
    compile(
        r"https?://|www\.|\S@\S+\.\S|\+?\d[\d ()/.-]{6,}\d|\b(?:tel|tfn|mob|mobil|phone|fax|telefon|puh|växel|org\.?\s?nr)\b",
    )
});
/// What lawyers add.
static NOTICE: Pattern = Pattern::new(|| {
    compile(
        r"confiden[tc]|konfiden|sekretess|vertraulich|vertrouwelijk|riservat|fortrolig|luottamuksel|poufn|privileged|intended (?:only |solely )?(?:for|recipient)|disclaimer",
    )
});

/// A text in two: what is looked at for quotes and signatures, and what stands below it.
#[must_use]
pub fn split(text: &str) -> (&str, &str) {
    let mut most = text.len().min(LONGEST);
    while !text.is_char_boundary(most) {
        most -= 1;
    }
    let beginning = text.get(..most).unwrap_or_default();
    let line = beginning.match_indices('\n').nth(MOST - 1).map(|(at, _)| at + 1);
    // At the end of a line, if there is one.
    let at = line.unwrap_or_else(|| match beginning.rfind('\n') {
        Some(at) if most < text.len() => at + 1,
        _ => most,
    });
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// The words of a text: of its beginning those that the sender wrote, and all of the rest unless that is history.
#[must_use]
pub fn words(beginning: &str, rest: &str) -> String {
    let text = unarmoured(beginning);
    let looked_at: Vec<&str> = text.lines().collect();
    let kinds = lines::read(&looked_at);
    let mut kept = Kept { lines: &looked_at, kinds, shown: vec![true; looked_at.len()], cut: false };
    kept.cut_history();
    kept.hide_signatures();
    kept.hide_quotes();
    kept.hide_the_end();
    let mut shown = kept.text();
    if !rest.is_empty() && !kept.cut {
        shown.reserve_exact(rest.len() + 1);
        shown.push('\n');
        shown.push_str(rest);
    }
    if shown.is_empty() && kept.has_words() {
        // Everything looked like history: better too much than nothing.
        return tidy(looked_at.iter().copied());
    }
    shown
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
    shown: Vec<bool>,
    /// Everything below some line is history.
    cut: bool,
}

impl Kept<'_> {
    fn has_words(&self) -> bool {
        self.kinds.iter().any(|kind| matches!(kind, Line::Words | Line::History))
    }

    fn hide(&mut self, from: usize, to: usize) {
        self.shown.iter_mut().take(to).skip(from).for_each(|shown| *shown = false);
    }

    fn kind(&self, at: usize) -> Option<Line> {
        self.kinds.get(at).copied().filter(|_| self.shown.get(at).copied().unwrap_or_default())
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
                self.hide(at, self.kinds.len());
                self.cut = true;
                return;
            }
            // Nothing stands above: what is below is all there is, a forwarded mail or words under their occasion.
            let ends = if introduces { ends } else { self.header_ends(at) };
            self.hide(at, ends);
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
                self.hide(at, ends);
            }
            at = ends.max(at + 1);
        }
    }

    /// Whether what stands between is a signature and not somebody's words below a line of their own.
    fn is_signature(&self, at: usize, ends: usize) -> bool {
        let below: Vec<&str> = self
            .lines
            .get(at + 1..ends)
            .unwrap_or_default()
            .iter()
            .copied()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let marked = self.kind(at) == Some(Line::Signature);
        let long = below.iter().filter(|line| line.chars().count() > 65 && !CONTACT.is_in(line)).count();
        let contacts = below.iter().filter(|line| CONTACT.is_in(line)).count();
        if marked {
            return below.len() <= LONGEST_SIGNATURE;
        }
        let before = (0..at).rev().find(|at| self.kind(*at) != Some(Line::Blank));
        if before.is_some_and(|before| self.kind(before) == Some(Line::Quote)) {
            return below.len() <= 3;
        }
        below.is_empty()
            || below.len() <= 30 && below.iter().take(3).any(|line| NOTICE.is_in(line))
            || below.len() <= 12 && contacts * 3 >= below.len() && long == 0
    }

    /// Quotes: none below the last words, none above the only ones; between them they are what is answered.
    fn hide_quotes(&mut self) {
        let words: Vec<usize> = (0..self.kinds.len()).filter(|at| self.kind(*at) == Some(Line::Words)).collect();
        let (Some(first), Some(last)) = (words.first().copied(), words.last().copied()) else { return };
        for at in last + 1..self.kinds.len() {
            if matches!(self.kind(at), Some(Line::Quote | Line::Introduction)) {
                self.hide(at, at + 1);
            }
        }
        let introduced = (0..first).any(|at| self.kind(at) == Some(Line::Introduction));
        let between = (first..last).any(|at| self.kind(at) == Some(Line::Quote));
        for at in 0..last {
            let hidden = match self.kind(at) {
                Some(Line::Introduction) => true,
                Some(Line::Quote) => introduced && !between && at < first,
                _ => false,
            };
            if hidden {
                self.hide(at, at + 1);
            }
        }
    }

    /// What programs add stands at the end of what somebody wrote.
    fn hide_the_end(&mut self) {
        let mut ending = true;
        for at in (0..self.kinds.len()).rev() {
            match self.kind(at) {
                Some(Line::Footer | Line::Rule | Line::Signature) if ending => self.hide(at, at + 1),
                Some(Line::Blank) | None => {}
                Some(Line::Quote | Line::Introduction) => ending = true,
                _ => ending = false,
            }
        }
    }

    fn text(&self) -> String {
        tidy(self.lines.iter().zip(&self.shown).filter(|(_, shown)| **shown).map(|(line, _)| *line))
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
    vec![&SIGNED, &ARMOUR, &ARMOUR_ENDS, &CONTACT, &NOTICE]
}
