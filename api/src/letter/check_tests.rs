//! Tests of the checks of sellers' templates.

use super::check::{Fault, check};
use super::template::Template;
use entity::kind::Language;
use entity::kind::LetterKind;

const GOOD: &str = "{{owner}} {{due}} {{reference}}";

fn faults(kind: LetterKind, subject: &str, text: &str, html: Option<&str>) -> Vec<String> {
    let template = Template { subject: subject.to_owned(), text: text.to_owned(), html: html.map(str::to_owned) };
    let said = |fault: Fault| format!("{}: {}", fault.field, fault.message.read_in(Language::En));
    check(kind, &template).into_iter().map(said).collect()
}

#[test]
fn what_is_wrong_is_said() {
    let cannot =
        "cannot be used here. You can use {{reference}}, {{owner}}, {{due}}, {{customer}}, {{seller}}, {{link}}.";
    for (text, expected) in [
        (GOOD, vec![]),
        ("{{ owner }} {{#due}}{{due}}{{/due}} {{reference}} { x } }", vec![]),
        ("{{#customer}}{{owner}}{{/customer}}{{^customer}}{{owner}}{{/customer}} {{due}} {{reference}}", vec![]),
        ("", vec!["Please fill this in.".to_owned()]),
        (&format!("{GOOD} {{{{ownr}}}} {{{{ownr}}}}"), vec![format!("{{{{ownr}}}} {cannot}")]),
        (&format!("{GOOD} {{{{#ägare}}}}x{{{{/ägare}}}}"), vec![format!("{{{{ägare}}}} {cannot}")]),
        (&format!("{GOOD} {{{{subject}}}}"), vec![format!("{{{{subject}}}} {cannot}")]),
        (&format!("{GOOD} {{{{message}}}}"), vec![format!("{{{{message}}}} {cannot}")]),
        (&format!("{GOOD} {{{{#reason}}}}x{{{{/reason}}}}"), vec![format!("{{{{reason}}}} {cannot}")]),
        (
            &format!("{GOOD} {{{{owner"),
            vec!["The braces at \"{{owner\" are not right. Placeholders are written {{owner}}.".to_owned()],
        ),
        (
            &format!("{GOOD} {{owner}}"),
            vec!["The braces at \"{owner}\" are not right. Placeholders are written {{owner}}.".to_owned()],
        ),
        (
            &format!("{GOOD} owner}}}}"),
            vec!["There is a }} without its {{. Placeholders are written {{owner}}.".to_owned()],
        ),
        (
            &format!("{GOOD} {{{{#link}}}}{{{{#due}}}}{{{{/link}}}}"),
            vec!["{{#due}} begins within another block. End that one first.".to_owned()],
        ),
        (
            &format!("{GOOD} {{{{#link}}}}"),
            vec!["{{#link}} stands alone. A block is written {{#link}}…{{/link}}.".to_owned()],
        ),
        (
            &format!("{GOOD} {{{{/link}}}}"),
            vec!["{{/link}} stands alone. A block is written {{#link}}…{{/link}}.".to_owned()],
        ),
        ("{{owner}} {{due}}", vec!["{{reference}} is missing, or is only there in some cases.".to_owned()]),
        (
            "{{#link}}{{owner}}{{/link}} {{^due}}{{due}}{{/due}} {{reference}}",
            vec![
                "{{owner}} is missing, or is only there in some cases.".to_owned(),
                "{{due}} is missing, or is only there in some cases.".to_owned(),
            ],
        ),
        (&"å".repeat(20_001), vec!["At most 20000 characters, please.".to_owned()]),
    ] {
        let expected: Vec<String> = expected.iter().map(|fault| format!("text: {fault}")).collect();
        assert_eq!(faults(LetterKind::Acknowledgement, "x", text, None), expected, "{text:.80}");
    }
}

#[test]
fn subjects_are_one_short_line() {
    for (subject, expected) in [
        ("Re: {{subject}} [{{reference}}]", vec![]),
        ("a\nb", vec!["subject: The subject must be one line."]),
        ("a\u{2028}b", vec!["subject: The subject must be one line."]),
        (" ", vec!["subject: Please fill this in."]),
        (
            "{{message}}",
            vec![
                "subject: {{message}} cannot be used here. \
                 You can use {{reference}}, {{owner}}, {{due}}, {{customer}}, {{seller}}, {{subject}}.",
            ],
        ),
        (&"å".repeat(200), vec![]),
        (&"å".repeat(201), vec!["subject: At most 200 characters, please."]),
    ] {
        assert_eq!(faults(LetterKind::Message, subject, "{{message}} {{subject}}", None), expected, "{subject:.80}");
    }
}

#[test]
fn html_must_say_it_too_and_keep_values_out_of_tags() {
    let tag = |word: &str| format!("html: {{{{{word}}}}} stands within a tag. Only \"{{{{link}}}}\" can, in quotes.");
    for (html, expected) in [
        ("<style>@media print{p{color:red}}</style>{{message}} 1 < 2 {{owner}}", vec![]),
        ("<a href=\"{{link}}\" title='a > b'>{{message}}</a>", vec![]),
        ("<a href={{link}}>{{message}}</a>", vec![tag("link")]),
        ("<a title=\"{{customer}}\">{{message}}</a>", vec![tag("customer")]),
        ("<p>x</p>", vec!["html: {{message}} is missing, or is only there in some cases.".to_owned()]),
        (
            "<p>{message}}</p>{{message}}",
            vec!["html: The braces at \"{message}\" are not right. Placeholders are written {{owner}}.".to_owned()],
        ),
        (&"å".repeat(100_001), vec!["html: At most 100000 characters, please.".to_owned()]),
    ] {
        assert_eq!(faults(LetterKind::Message, "x", "{{message}}", Some(html)), expected, "{html:.80}");
    }
}

#[test]
fn faults_are_said_in_swedish_too() {
    let template = Template { subject: "x".to_owned(), text: "{{reason}".to_owned(), html: None };
    let faults = check(LetterKind::Notice, &template);
    let said: Vec<&str> = faults.iter().map(|fault| fault.message.read_in(Language::Sv)).collect();
    let braces = "Klamrarna vid \"{{reason}\" stämmer inte. Platshållare skrivs {{owner}}.";
    assert_eq!(said[0], braces);
    assert_eq!(said.last(), Some(&"{{reason}} saknas, eller finns bara med ibland."));
}
