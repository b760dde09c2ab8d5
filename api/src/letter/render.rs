//! Fills in templates. Values are inserted once and never parsed as templates. Rendering succeeds for every template
//! and every value.

use super::page::{broken, document, escaped, linked};
use super::subject::bare;
use super::syntax::{Placeholder, TemplatePart, What, parse};
use super::template::{Rendered, Template, Values};
use crate::kit::text::{clean, clean_line, truncated};

/// The maximum number of characters in a name.
const LONGEST_NAME: usize = 200;
/// The maximum number of characters in a subject after values are inserted.
const LONGEST_SUBJECT: usize = 400;

/// Renders the letter.
#[must_use]
pub fn render(template: &Template, values: &Values) -> Rendered {
    let values = cleaned(values);
    let subject = subject(&template.subject, &values);
    let paragraphs = paragraphs(&template.text, &values);
    let html = match &template.html {
        None => paragraphs.iter().map(|lines| paragraph(lines)).collect::<Vec<_>>().join("\n"),
        Some(html) => filled(html, &values),
    };
    let is_whole = template.html.is_some() && html.to_ascii_lowercase().contains("<html");
    let html = if is_whole { html } else { document(values.language, &subject, &html) };
    let words: Vec<String> = paragraphs.iter().map(|lines| plain(lines)).collect();
    Rendered { subject, text: format!("{}\n", words.join("\n\n")), html }
}

fn cleaned(values: &Values) -> Values {
    let line = |value: &Option<String>| value.as_deref().map(|value| truncated(&clean_line(value), LONGEST_NAME));
    let text = |value: &Option<String>| value.as_deref().map(|value| clean(value).trim().to_owned());
    let reference = line(&values.reference);
    Values {
        language: values.language,
        subject: values.subject.as_deref().map(|subject| bare(subject, reference.as_deref().unwrap_or_default())),
        reference,
        owner: line(&values.owner),
        seller: clean_line(&values.seller),
        customer: line(&values.customer).filter(|name| is_name(name)),
        due: line(&values.due),
        message: text(&values.message),
        link: values.link.as_deref().map(clean_line).filter(|link| is_address(link)),
        reason: text(&values.reason),
    }
}

/// Whether the value may be used as a name. A sender can choose any name and give somebody else's address, so a name
/// with a web or mail address would make the company send out advertising.
fn is_name(name: &str) -> bool {
    !name.contains(['@', '/']) && !name.to_lowercase().contains("www.")
}

fn is_address(link: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| link.starts_with(scheme))
        && !link.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\''))
}

fn is_kept(part: &TemplatePart, values: &Values) -> bool {
    part.when.is_none_or(|when| when.of.is_some_and(|of| !values.of(of).is_empty()) == when.filled)
}

/// The subject as one line, because a line break in a header could start another header.
fn subject(source: &str, values: &Values) -> String {
    let mut out = String::new();
    for part in parse(source).parts.iter().filter(|part| is_kept(part, values)) {
        match &part.what {
            What::Words(words) => out.push_str(words),
            What::Value(placeholder) => out.push_str(values.of(*placeholder)),
            What::Mark => {}
        }
    }
    let line = truncated(&clean_line(&out), LONGEST_SUBJECT);
    if line.is_empty() { format!("[{}]", values.of(Placeholder::Reference)) } else { line }
}

/// A seller's HTML with the values inserted.
fn filled(source: &str, values: &Values) -> String {
    let mut out = String::new();
    for part in parse(&clean(source)).parts.iter().filter(|part| is_kept(part, values)) {
        match &part.what {
            What::Words(words) => out.push_str(words),
            What::Value(Placeholder::Message) => out.push_str(&broken(&linked(values.of(Placeholder::Message)))),
            What::Value(placeholder) => out.push_str(&broken(&escaped(values.of(*placeholder)))),
            What::Mark => {}
        }
    }
    out
}

/// A part of a line with one origin.
struct Run {
    text: String,
    /// Whether it comes from the template or the service. Only addresses in such parts become links.
    ours: bool,
}

#[derive(Default)]
struct RenderedLine {
    runs: Vec<Run>,
    /// Whether the template has a placeholder or block mark in this line.
    marked: bool,
}

impl RenderedLine {
    fn push(&mut self, text: &str, ours: bool) {
        match self.runs.last_mut().filter(|run| run.ours == ours) {
            Some(run) => run.text.push_str(text),
            None => self.runs.push(Run { text: text.to_owned(), ours }),
        }
    }

    fn is_blank(&self) -> bool {
        self.runs.iter().all(|run| run.text.trim().is_empty())
    }
}

/// The lines of the text, grouped into paragraphs. A line that only had placeholders or marks and is now empty is
/// dropped and does not separate paragraphs.
fn paragraphs(source: &str, values: &Values) -> Vec<Vec<RenderedLine>> {
    let mut lines = vec![];
    let mut line = RenderedLine::default();
    for part in parse(&clean(source)).parts.iter().filter(|part| is_kept(part, values)) {
        line.marked |= !matches!(part.what, What::Words(_));
        match &part.what {
            What::Words(words) => {
                for (at, words) in words.split('\n').enumerate() {
                    if at > 0 {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push(words, true);
                }
            }
            What::Value(placeholder) => line.push(values.of(*placeholder), is_ours(*placeholder)),
            What::Mark => {}
        }
    }
    lines.push(line);
    lines.retain(|line| !(line.marked && line.is_blank()));
    let mut paragraphs = vec![vec![]];
    for line in lines {
        match paragraphs.last_mut() {
            Some(open) if !line.is_blank() => open.push(line),
            _ => paragraphs.push(vec![]),
        }
    }
    paragraphs.retain(|lines| !lines.is_empty());
    paragraphs
}

fn is_ours(placeholder: Placeholder) -> bool {
    !matches!(placeholder, Placeholder::Customer | Placeholder::Subject | Placeholder::Reason)
}

fn plain(lines: &[RenderedLine]) -> String {
    let line =
        |line: &RenderedLine| line.runs.iter().map(|run| run.text.as_str()).collect::<String>().trim_end().to_owned();
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn paragraph(lines: &[RenderedLine]) -> String {
    let run = |run: &Run| if run.ours { linked(&run.text) } else { escaped(&run.text) };
    let line = |line: &RenderedLine| line.runs.iter().map(run).collect::<String>().trim_end().to_owned();
    format!("<p>{}</p>", broken(&lines.iter().map(line).collect::<Vec<_>>().join("\n")))
}
