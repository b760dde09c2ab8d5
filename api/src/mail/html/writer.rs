//! Writes the cleaned HTML while the mail's HTML is read. It keeps its own stack of open elements, so that its output
//! is always balanced. It also closes what an HTML parser would close implicitly.

use html5gum::emitters::callback::CallbackEvent;

use super::attribute::Attribute;
use super::tag::{self, AllowedTag, Class, RAW, TAGS};

/// How deep elements may be nested. The tags of deeper elements are left out and their text is kept.
const DEEPEST: usize = 100;
/// How many times the same formatting element may be nested in itself.
const SAME: usize = 3;
/// The attribute that every link gets.
const REL: &str = " rel=\"noopener noreferrer nofollow\"";

/// A start tag that is being read.
#[derive(Default)]
struct StartTag {
    tag: Option<(usize, &'static AllowedTag)>,
    name: Vec<u8>,
    attributes: String,
    known: Vec<Attribute>,
    attribute: Option<Attribute>,
}

/// Writes cleaned HTML.
pub struct HtmlWriter<'l> {
    out: String,
    open: Vec<(usize, &'static AllowedTag)>,
    /// For each allowed tag, how many start tags were left out whose end tags have not come. Those end tags are left
    /// out too.
    passed_over: Vec<usize>,
    reading: StartTag,
    left_out: &'l [&'static str],
    /// The element that is being removed with its content, and how many elements of its name are open.
    leaving_out: Option<(&'static str, usize)>,
    links: usize,
    full: bool,
    /// Whether a `<pre>` has just been written. A line end directly after it is not shown.
    fresh_pre: bool,
}

impl<'l> HtmlWriter<'l> {
    /// A writer that removes these elements with their content.
    pub fn new(left_out: &'l [&'static str]) -> Self {
        Self {
            out: String::new(),
            open: Vec::new(),
            passed_over: vec![0; TAGS.len()],
            reading: StartTag::default(),
            left_out,
            leaving_out: None,
            links: 0,
            full: false,
            fresh_pre: false,
        }
    }

    /// The element that had no end tag, so that everything after its start tag was removed.
    pub fn open_at_the_end(&self) -> Option<&'static str> {
        self.leaving_out.map(|(name, _)| name).filter(|name| self.left_out.contains(name))
    }

    /// The whole document, with every element closed. None when it is too long or has too many links.
    pub fn finish(mut self, most: usize, links: usize) -> Option<String> {
        self.close_to(0);
        (!self.full && self.out.len() <= most && self.links <= links).then_some(self.out)
    }

    /// Handles what the tokenizer read. Nothing more is written once the output is longer than `most`.
    pub fn event(&mut self, event: &CallbackEvent<'_>, most: usize) {
        if self.full || self.out.len() > most {
            self.full = true;
            return;
        }
        match event {
            CallbackEvent::OpenStartTag { name } => {
                let reading = &mut self.reading;
                reading.tag = tag::find(name);
                reading.name.clear();
                // All known names are shorter than this.
                reading.name.extend(name.iter().take(16));
                reading.attributes.clear();
                reading.known.clear();
                reading.attribute = None;
            }
            CallbackEvent::AttributeName { name } => {
                let found = self.reading.tag.and_then(|(_, tag)| Attribute::find(name, tag.name));
                self.reading.attribute = found.filter(|found| !self.reading.known.contains(found));
                self.reading.known.extend(self.reading.attribute);
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(attribute) = self.reading.attribute.take() {
                    attribute.write(value, &mut self.reading.attributes);
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => self.start(*self_closing),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => self.text(value),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn start(&mut self, self_closing: bool) {
        let name = std::mem::take(&mut self.reading.name);
        let is_this = |known: &&'static str| known.as_bytes() == name.as_slice();
        if let Some((leaving, depth)) = &mut self.leaving_out {
            if leaving.as_bytes() == name.as_slice() && !self_closing {
                *depth += 1;
            }
        } else if let Some(raw) = RAW.into_iter().find(|known| is_this(known)) {
            self.leaving_out = Some((raw, 1));
        } else if let Some(known) = self.left_out.iter().copied().find(|known| is_this(known)) {
            // HTML respects a self-closing tag only for `svg` and `math`.
            if !(self_closing && matches!(known, "svg" | "math")) {
                self.leaving_out = Some((known, 1));
            }
        } else if let Some((place, tag)) = self.reading.tag {
            self.open(place, tag);
        }
        self.reading.name = name;
    }

    fn end(&mut self, name: &[u8]) {
        if let Some((leaving, depth)) = &mut self.leaving_out {
            if leaving.as_bytes() == name {
                *depth -= 1;
                if *depth == 0 {
                    self.leaving_out = None;
                }
            }
            return;
        }
        let Some((place, tag)) = tag::find(name) else { return };
        match tag.class {
            // Every browser reads `</br>` as a line break.
            Class::Void if tag.name == "br" => {
                self.reading.attributes.clear();
                self.open(place, tag);
            }
            Class::Void | Class::Rule => {}
            _ if self.passed_over.get(place).is_some_and(|count| *count > 0) => {
                if let Some(count) = self.passed_over.get_mut(place) {
                    *count -= 1;
                }
            }
            _ => {
                if let Some(at) = self.to_close(place, tag) {
                    self.close_to(at);
                }
            }
        }
    }

    /// The position in the stack down to which the end tag closes elements. None when it closes nothing.
    fn to_close(&self, place: usize, tag: &AllowedTag) -> Option<usize> {
        let mut blocks = false;
        for (at, (known, other)) in self.open.iter().enumerate().rev() {
            if *known == place {
                // If a block is open in a formatting element, the end tag does nothing and the element ends with its
                // parent. The end tag of a link always counts, because a link must not go on.
                return (!blocks || tag.class != Class::Formatting || tag.name == "a").then_some(at);
            }
            let passes = match tag.class {
                Class::Table => other.class != Class::Table,
                Class::Rows => !matches!(other.class, Class::Table),
                Class::Row => !matches!(other.class, Class::Table | Class::Rows),
                Class::Cell => !other.is_frame(),
                _ => !other.is_wall() && !other.is_frame(),
            };
            if !passes {
                return None;
            }
            blocks |= !other.is_inline();
        }
        None
    }

    fn text(&mut self, value: &[u8]) {
        if self.leaving_out.is_some() {
            return;
        }
        let text = String::from_utf8_lossy(value);
        let mut text = text.as_ref();
        if self.fresh_pre {
            // Line ends directly after `<pre>` are left out. A parser ignores the first one, so otherwise every further
            // cleaning would remove one more.
            text = text.trim_start_matches(|c| c == '\n' || is_invisible(c));
            if text.is_empty() {
                return;
            }
            self.fresh_pre = false;
        }
        if self.open.last().is_some_and(|(_, tag)| tag.is_frame()) {
            // An HTML parser would move text between cells to before the table, so a cell is opened for it.
            if text.chars().all(char::is_whitespace) || !self.cell() {
                return;
            }
        }
        for c in text.chars() {
            if c == '"' { self.out.push(c) } else { escape(c, &mut self.out) }
        }
    }

    /// Opens a cell if only cells are allowed here. Returns false if the nesting would be too deep.
    fn cell(&mut self) -> bool {
        for (parent, child) in [(Class::Table, Class::Rows), (Class::Rows, Class::Row), (Class::Row, Class::Cell)] {
            let is_parent = self.open.last().is_some_and(|(_, tag)| tag.class == parent);
            if is_parent && !tag::implied(child).is_some_and(|tag| self.push(tag, "")) {
                return false;
            }
        }
        true
    }

    fn open(&mut self, place: usize, tag: &'static AllowedTag) {
        let attributes = std::mem::take(&mut self.reading.attributes);
        let opened = self.make_room(place, tag) && self.push(tag, &attributes);
        if !opened
            && !matches!(tag.class, Class::Void | Class::Rule)
            && let Some(count) = self.passed_over.get_mut(place)
        {
            *count += 1;
        }
        self.reading.attributes = attributes;
    }

    /// Closes the elements that this tag ends, and opens those that it must stand in. Returns whether the tag may then
    /// be opened.
    fn make_room(&mut self, place: usize, tag: &'static AllowedTag) -> bool {
        match tag.class {
            Class::Rows | Class::Row | Class::Cell => return self.make_room_in_table(tag),
            Class::Table => {
                // A table that begins inside a table but outside its cells ends the outer table.
                if self.open.last().is_some_and(|(_, tag)| tag.is_frame())
                    && let Some(at) = self.open.iter().rposition(|(_, tag)| tag.class == Class::Table)
                {
                    self.close_to(at);
                }
            }
            _ => {
                if self.open.last().is_some_and(|(_, tag)| tag.is_frame()) && !self.cell() {
                    return false;
                }
            }
        }
        match tag.class {
            Class::Formatting | Class::Phrase | Class::Void => {}
            Class::Item | Class::Term => self.end_before(tag.class),
            Class::Heading => {
                self.end_paragraph();
                if self.open.last().is_some_and(|(_, last)| last.class == Class::Heading) {
                    self.close_to(self.open.len().saturating_sub(1));
                }
            }
            _ => self.end_paragraph(),
        }
        if tag.name == "a"
            && let Some(at) = self.within_walls(|known, _| known == place)
        {
            self.close_to(at);
        }
        let same = self.open.iter().filter(|(known, _)| *known == place).count();
        tag.class != Class::Formatting || same < SAME
    }

    /// Closes elements until a group of rows, a row or a cell may be opened, and opens the missing group and row.
    fn make_room_in_table(&mut self, tag: &AllowedTag) -> bool {
        let Some(table) = self.open.iter().rposition(|(_, tag)| tag.class == Class::Table) else { return false };
        let is = |at: usize, class: Class| self.open.get(at).is_some_and(|(_, tag)| tag.class == class);
        let (rows, row) = (is(table + 1, Class::Rows), is(table + 2, Class::Row));
        let keep = match (tag.class, tag.name) {
            (_, "caption") => 1,
            (Class::Cell, _) if rows && row => 3,
            (Class::Row | Class::Cell, _) if rows => 2,
            _ => 1,
        };
        self.close_to(table + keep);
        let missing: &[Class] = match (tag.class, tag.name, keep) {
            (Class::Rows, ..) | (_, "caption", _) => &[],
            (Class::Row, _, 1) => &[Class::Rows],
            (Class::Cell, _, 1) => &[Class::Rows, Class::Row],
            (Class::Cell, _, 2) => &[Class::Row],
            _ => &[],
        };
        missing.iter().all(|class| tag::implied(*class).is_some_and(|tag| self.push(tag, "")))
    }

    /// Closes the open item before this one (WHATWG HTML, 13.2.6.4.7, "li", "dd", "dt").
    fn end_before(&mut self, class: Class) {
        for at in (0..self.open.len()).rev() {
            let Some((_, tag)) = self.open.get(at) else { break };
            if tag.class == class {
                self.close_to(at);
                break;
            }
            if !tag.is_inline() && !matches!(tag.name, "div" | "p") {
                break;
            }
        }
        self.end_paragraph();
    }

    fn end_paragraph(&mut self) {
        if let Some(at) = self.within_walls(|_, tag| tag.class == Class::Paragraph) {
            self.close_to(at);
        }
    }

    /// The position of the innermost open element in the current cell for which `holds` is true.
    fn within_walls(&self, holds: impl Fn(usize, &AllowedTag) -> bool) -> Option<usize> {
        let within = self.open.iter().enumerate().rev().take_while(|(_, (_, tag))| !tag.is_wall());
        within.into_iter().find(|(_, (place, tag))| holds(*place, tag)).map(|(at, _)| at)
    }

    /// Writes a start tag unless it would be nested too deep. Returns whether it was written.
    fn push(&mut self, tag: &'static AllowedTag, attributes: &str) -> bool {
        let void = matches!(tag.class, Class::Void | Class::Rule);
        // A table needs room for its cells, because its content could not be written otherwise.
        let room = if tag.class == Class::Table { 4 } else { 1 };
        if self.open.len() + room > DEEPEST && !void {
            return false;
        }
        self.fresh_pre = tag.name == "pre";
        self.out.push('<');
        self.out.push_str(tag.name);
        self.out.push_str(attributes);
        if tag.name == "a" {
            self.links += 1;
            self.out.push_str(REL);
        }
        self.out.push('>');
        if !void && let Some(place) = TAGS.iter().position(|known| known == tag) {
            self.open.push((place, tag));
        }
        true
    }

    /// Closes all elements from this position of the stack on.
    fn close_to(&mut self, at: usize) {
        while self.open.len() > at {
            self.fresh_pre = false;
            if let Some((_, tag)) = self.open.pop() {
                self.out.push_str("</");
                self.out.push_str(tag.name);
                self.out.push('>');
            }
        }
    }
}

/// Writes a character so that it cannot be read as part of a tag or an entity and cannot end an attribute's value.
pub fn escape(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\u{a0}' => out.push_str("&nbsp;"),
        '\u{c}' => out.push(' '),
        c if is_invisible(c) => {}
        c => out.push(c),
    }
}

/// Whether a character is invisible and therefore left out.
fn is_invisible(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t' | '\u{c}') || c == '\u{feff}'
}
