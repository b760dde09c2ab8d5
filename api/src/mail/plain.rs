//! Converts HTML to plain text as a person sees it. Quoted lines get `>` before them, as in plain mail. It takes one
//! pass and linear time, whatever the markup is.

use std::iter::Peekable;
use std::str::Chars;

/// How many characters of markup are read. No text by a person is expected beyond that.
const MOST: usize = 2_000_000;
/// How many bytes of text are made. The text may be longer than the markup, because each quoted line gets its marks.
const MOST_TEXT: usize = 4 * 1024 * 1024;
/// How many nested quotes are counted.
const DEEPEST: usize = 30;
/// How many nested lists have numbered items.
const DEEPEST_LIST: usize = 100;

/// The text of an HTML document, and whether that is all of it.
#[must_use]
pub fn from_html(html: &str) -> (String, bool) {
    let mut page = PlainText::default();
    let mut chars = html.chars().peekable();
    let mut seen = 0;
    while let Some(c) = chars.next() {
        seen += 1;
        if seen > MOST || page.lines.len() > MOST_TEXT {
            return (page.end(), false);
        }
        match c {
            '<' => match HtmlTag::read(&mut chars) {
                Some(tag) => page.tag(&tag, &mut chars),
                None => page.put('<'),
            },
            '&' => entity(&mut chars).chars().for_each(|c| page.put(c)),
            c => page.put(c),
        }
    }
    (page.end(), true)
}

/// A tag: its name in lower case, with `/` for an end tag, and its attributes as written, in lower case.
struct HtmlTag {
    name: String,
    attributes: String,
}

impl HtmlTag {
    /// Reads what follows `<`. None when it is not a tag.
    fn read(chars: &mut Peekable<Chars<'_>>) -> Option<Self> {
        match chars.peek()? {
            '!' | '?' => {
                let mut text = chars.clone();
                if text.by_ref().take(3).eq("!--".chars()) {
                    skip_comment(chars);
                } else {
                    chars.by_ref().find(|c| *c == '>');
                }
                return Some(Self { name: String::new(), attributes: String::new() });
            }
            c if c.is_ascii_alphabetic() || *c == '/' => {}
            _ => return None,
        }
        let mut inside = String::new();
        let (mut quote, mut last) = (None, ' ');
        for c in chars.by_ref() {
            match (quote, c) {
                (None, '>') => break,
                (None, '"' | '\'') if last == '=' => quote = Some(c),
                (Some(open), c) if c == open => quote = None,
                _ => {}
            }
            if !c.is_whitespace() {
                last = c;
            }
            if inside.len() < 4_000 {
                inside.push(c);
            }
        }
        let inside = inside.to_lowercase();
        let at = inside.find(|c: char| c.is_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(at);
        let ending = name.starts_with('/');
        let name = name.trim_matches('/');
        Some(Self {
            name: if ending { format!("/{name}") } else { name.to_owned() },
            attributes: attributes.to_owned(),
        })
    }

    fn has(&self, text: &str) -> bool {
        self.attributes.contains(text)
    }

    /// Whether the element is hidden. Preview lines and text for spam filters are hidden in this way.
    fn hidden(&self) -> bool {
        let squeezed: String = self.attributes.chars().filter(|c| !c.is_whitespace()).collect();
        squeezed.contains("display:none") || squeezed.contains("mso-hide:all")
    }
}

fn skip_comment(chars: &mut Peekable<Chars<'_>>) {
    let mut dashes = 0;
    for c in chars.by_ref().skip(3) {
        match c {
            '-' => dashes += 1,
            '>' if dashes >= 2 => return,
            _ => dashes = 0,
        }
    }
}

/// Skips everything up to the end of this element, because its content is not text.
fn skip_to_end(chars: &mut Peekable<Chars<'_>>, name: &str) {
    while chars.find(|c| *c == '<').is_some() {
        let mut ahead = chars.clone();
        if ahead.next() == Some('/') && ahead.by_ref().take(name.len()).map(|c| c.to_ascii_lowercase()).eq(name.chars())
        {
            chars.find(|c| *c == '>');
            return;
        }
    }
}

/// Skips the head of a page up to its end or up to the body. If neither follows, nothing is skipped.
fn skip_head(chars: &mut Peekable<Chars<'_>>) {
    let mut ahead = chars.clone();
    while ahead.find(|c| *c == '<').is_some() {
        let begins = |with: &str| ahead.clone().take(with.len()).map(|c| c.to_ascii_lowercase()).eq(with.chars());
        if begins("/head") {
            ahead.find(|c| *c == '>');
            *chars = ahead;
            return;
        }
        if begins("body") {
            // The caller reads the body's tag itself.
            let length = chars.clone().count() - ahead.count() - 1;
            chars.by_ref().take(length).for_each(drop);
            return;
        }
    }
}

/// The text that was made so far.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own, and they are not exclusive")]
struct PlainText {
    /// The finished lines, each with its line end.
    lines: String,
    line: String,
    /// Whether a space was read. It counts only if text follows it on the same line.
    space: bool,
    /// The quote depth at which a blank line is wanted before the next text.
    gap: Option<usize>,
    /// For each open `blockquote`, whether it is a quote. Some are only indentation.
    quotes: Vec<bool>,
    /// How many of them are quotes.
    quoted: usize,
    /// Whether the head of the page was skipped.
    head: bool,
    /// Whether a quote has begun that has no text yet.
    fresh: bool,
    /// Whether the paragraph has no margin.
    tight: bool,
    preformatted: usize,
    /// The element that hides its content, and how many elements of its name are open.
    hidden: Option<(String, usize)>,
    /// For each open list, the number of its last item; none if its items have no numbers.
    lists: Vec<Option<usize>>,
    /// How many more lists are open beyond those.
    deeper_lists: usize,
}

impl PlainText {
    fn depth(&self) -> usize {
        self.quoted.min(DEEPEST)
    }

    fn whole(&mut self, depth: usize, text: &str) {
        self.lines.extend(std::iter::repeat_n('>', depth));
        if depth > 0 && !text.is_empty() {
            self.lines.push(' ');
        }
        self.lines.push_str(text);
        self.lines.push('\n');
    }

    fn put(&mut self, c: char) {
        if self.hidden.is_some() {
            return;
        }
        if self.preformatted > 0 && c == '\n' {
            self.break_line();
        } else if c.is_whitespace() && c != '\u{a0}' && self.preformatted == 0 {
            self.space = true;
        } else if !matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{34f}') {
            self.fill_gap();
            if self.space && !self.line.is_empty() {
                self.line.push(' ');
            }
            self.space = false;
            self.line.push(c);
        }
    }

    fn fill_gap(&mut self) {
        if let Some(depth) = self.gap.take()
            && !self.lines.is_empty()
            && self.line.is_empty()
        {
            self.whole(depth.min(self.depth()), "");
        }
    }

    /// Ends the line if it has any text. A non-breaking space counts as text.
    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.break_line();
        }
        self.line.clear();
        self.space = false;
    }

    /// Ends the line even if it is empty.
    fn break_line(&mut self) {
        let line = std::mem::take(&mut self.line).replace('\u{a0}', " ");
        let text = line.trim_end();
        let depth = if text.is_empty() && self.fresh { 0 } else { self.depth() };
        self.fresh = self.fresh && text.is_empty();
        self.whole(depth, text);
        self.line.clear();
        self.space = false;
    }

    fn paragraph(&mut self) {
        self.end_line();
        // The blank line before the first paragraph of a quote stands outside the quote.
        let depth = self.depth().saturating_sub(usize::from(self.fresh));
        self.gap = Some(self.gap.map_or(depth, |gap| gap.min(depth)));
    }

    fn open_list(&mut self, numbered: bool) {
        if self.lists.len() < DEEPEST_LIST {
            self.lists.push(numbered.then_some(0));
        } else {
            self.deeper_lists += 1;
        }
    }

    fn close_list(&mut self) {
        match self.deeper_lists.checked_sub(1) {
            Some(deeper) => self.deeper_lists = deeper,
            None => drop(self.lists.pop()),
        }
    }

    /// Begins an item of a list.
    fn item(&mut self) {
        self.end_line();
        self.fill_gap();
        match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                self.line = format!("{number}. ");
            }
            _ => "- ".clone_into(&mut self.line),
        }
    }

    fn tag(&mut self, tag: &HtmlTag, chars: &mut Peekable<Chars<'_>>) {
        if let Some((hidden, open)) = &mut self.hidden {
            // Only elements of the same name are counted, because only their end tag can end it.
            if tag.name == *hidden {
                *open += 1;
            } else if tag.name.strip_prefix('/') == Some(hidden) {
                *open -= 1;
            }
            self.hidden.take_if(|(_, open)| *open == 0);
            return;
        }
        match tag.name.as_str() {
            "head" if !std::mem::replace(&mut self.head, true) => skip_head(chars),
            name @ ("script" | "style" | "title" | "template" | "noscript") => skip_to_end(chars, name),
            name @ ("div" | "span" | "p" | "td" | "font") if tag.hidden() => self.hidden = Some((name.to_owned(), 1)),
            "br" => self.break_line_or_count(),
            "p" => {
                // Outlook writes each line as a paragraph without a margin.
                self.tight = ["msonormal", "msoplaintext", "margin:0", "margin: 0"].iter().any(|mark| tag.has(mark));
                if self.tight { self.end_line() } else { self.paragraph() }
            }
            "/p" if self.tight => self.end_line(),
            "/p" | "h1" | "/h1" | "h2" | "/h2" | "h3" | "/h3" | "h4" | "/h4" | "/table" => self.paragraph(),
            "ul" | "ol" => {
                if self.lists.is_empty() {
                    self.paragraph();
                } else {
                    self.end_line();
                }
                self.open_list(tag.name == "ol");
            }
            "/ul" | "/ol" => {
                self.close_list();
                self.paragraph();
            }
            "li" => self.item(),
            "hr" => {
                self.end_line();
                self.whole(0, "________________________________");
            }
            "td" | "th" => self.space = true,
            "pre" => {
                self.end_line();
                self.preformatted += 1;
            }
            "/pre" => {
                self.end_line();
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            "blockquote" => {
                self.end_line();
                // Mail programs also use this element for indentation, with a margin and without a border.
                let squeezed: String = tag.attributes.chars().filter(|c| !c.is_whitespace()).collect();
                self.fresh = true;
                let quote = !squeezed.contains("margin:00040px") || squeezed.contains("type=");
                self.quotes.push(quote);
                self.quoted += usize::from(quote);
            }
            "/blockquote" => {
                self.end_line();
                self.quoted -= usize::from(self.quotes.pop() == Some(true));
            }
            "div" | "/div" | "tr" | "/tr" | "/li" | "table" | "center" | "section" | "article" | "header"
            | "footer" | "address" | "body" | "/body" => self.end_line(),
            _ => {}
        }
    }

    /// A `<br>` ends a line. On an empty line it makes a blank line.
    fn break_line_or_count(&mut self) {
        if self.lines.is_empty() && self.line.trim().is_empty() {
            self.line.clear();
        } else {
            self.break_line();
        }
    }

    fn end(mut self) -> String {
        self.end_line();
        let mut lines = self.lines;
        lines.truncate(lines.trim_end().len());
        let blank = lines.len() - lines.trim_start().len();
        drop(lines.drain(..blank));
        lines
    }
}

/// The character that an entity stands for; `&` itself if it is not a known entity.
fn entity(chars: &mut Peekable<Chars<'_>>) -> String {
    let name: String = chars.clone().take(12).take_while(|c| c.is_ascii_alphanumeric() || *c == '#').collect();
    let closed = chars.clone().nth(name.chars().count()) == Some(';');
    let character = match name.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16).ok());
            hex.unwrap_or_else(|| number.parse().ok()).and_then(char::from_u32).filter(|c| !c.is_control())
        }
        None => NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| *character),
    };
    let Some(character) = character else { return "&".to_owned() };
    for _ in 0..name.chars().count() + usize::from(closed) {
        chars.next();
    }
    character.to_string()
}

/// The named entities that mail programs write.
const NAMED: &[(&str, char)] = &[
    ("nbsp", '\u{a0}'),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("hellip", '…'),
    ("bull", '•'),
    ("middot", '·'),
    ("euro", '€'),
    ("pound", '£'),
    ("cent", '¢'),
    ("yen", '¥'),
    ("sect", '§'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("deg", '°'),
    ("plusmn", '±'),
    ("times", '×'),
    ("frac12", '½'),
    ("para", '¶'),
    ("aring", 'å'),
    ("Aring", 'Å'),
    ("auml", 'ä'),
    ("Auml", 'Ä'),
    ("ouml", 'ö'),
    ("Ouml", 'Ö'),
    ("uuml", 'ü'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("aelig", 'æ'),
    ("AElig", 'Æ'),
    ("oslash", 'ø'),
    ("Oslash", 'Ø'),
    ("eacute", 'é'),
    ("Eacute", 'É'),
    ("egrave", 'è'),
    ("Egrave", 'È'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("agrave", 'à'),
    ("Agrave", 'À'),
    ("aacute", 'á'),
    ("Aacute", 'Á'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("Atilde", 'Ã'),
    ("ccedil", 'ç'),
    ("Ccedil", 'Ç'),
    ("iacute", 'í'),
    ("Iacute", 'Í'),
    ("igrave", 'ì'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("oacute", 'ó'),
    ("Oacute", 'Ó'),
    ("ograve", 'ò'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("oelig", 'œ'),
    ("uacute", 'ú'),
    ("Uacute", 'Ú'),
    ("ugrave", 'ù'),
    ("ucirc", 'û'),
    ("ntilde", 'ñ'),
    ("Ntilde", 'Ñ'),
    ("iexcl", '¡'),
    ("iquest", '¿'),
    ("ordm", 'º'),
    ("ordf", 'ª'),
    ("zwnj", '\u{200b}'),
    ("shy", '\u{ad}'),
    ("ensp", ' '),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_as_it_looks() {
        for (html, text) in [
            ("<p>Hej!</p><p>Ramen är<br>sprucken.</p>", "Hej!\n\nRamen är\nsprucken."),
            ("<div>a</div><div>b</div><div><br></div><div>c</div>", "a\nb\n\nc"),
            ("a<br><br>b", "a\n\nb"),
            ("  a \n b  ", "a b"),
            ("Fel:<ul><li>ett</li><li>två</li></ul>", "Fel:\n\n- ett\n- två"),
            ("<ol><li>ett<li>två</ol>", "1. ett\n2. två"),
            ("<p class=MsoNormal>a</p><p class=\"MsoNormal\">&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb"),
            ("x<blockquote>a<blockquote>b</blockquote></blockquote>y", "x\n> a\n>> b\ny"),
            ("<blockquote style=\"margin:0 0 0 40px;border:none\">a</blockquote>", "a"),
            ("<style>p{}</style><script>if (a<b) alert('</p>')</script>x", "x"),
            ("<div style=\"display: none\">preview <div>x</div></div>words", "words"),
            ("<!-- a > b -->x<!-- open", "x"),
            ("1 < 2 &amp; 3 &gt; 2 &ouml;&#229;&#xe4; &unknown; &", "1 < 2 & 3 > 2 öåä &unknown; &"),
            ("<a title=\"a>b\" href='x'>länk</a>", "länk"),
            ("<head><title>t</title><o:x>96</o:x></head>x", "x"),
            ("<head><title>t</title><o:x>96</o:x><body>x", "x"),
            ("<head><meta charset=utf-8>words<head>more", "wordsmore"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ] {
            assert_eq!(from_html(html), (text.to_owned(), true), "{html}");
        }
    }
}
