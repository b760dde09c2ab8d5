//! Tests of the text of letters, and of hostile templates and values.

use chrono_tz::Tz;
use entity::kind::Language;

use super::built_in::built_in;
use super::check::check;
use super::render::render;
use super::template::{Template, Values};
use super::words::date_in_words;
use entity::kind::LetterKind;

fn values(language: Language) -> Values {
    let due = date_in_words("2026-11-25T12:00:00Z".parse().unwrap(), Tz::Europe__Stockholm, language);
    let (message, reason) = match language {
        Language::Sv => (
            "Hej Anna!\n\nVi hämtar soffan på fredag. Se https://hemochhage.example/hamtning.\nEn ny är på väg.",
            "Det är större än 30 MB.",
        ),
        Language::En => (
            "Hello Anna,\n\nWe collect the sofa on Friday. See https://hemochhage.example/pickup.\nIt is replaced.",
            "It is larger than 30 MB.",
        ),
    };
    let some = |value: &str| Some(value.to_owned());
    Values {
        language,
        reference: some("C-2026-000123"),
        subject: some("Sv: Trasig soffa"),
        owner: some("Elin Sand"),
        seller: "Hem & Hage".to_owned(),
        customer: some("Anna Berg"),
        due: Some(due),
        message: some(message),
        link: some("https://hemochhage.example/arende/7f3a"),
        reason: some(reason),
    }
}

/// Values for a sender who is not proven, without any optional value.
fn bare(language: Language) -> Values {
    Values { subject: None, customer: None, link: None, ..values(language) }
}

fn template(subject: &str, text: &str, html: Option<&str>) -> Template {
    Template { subject: subject.to_owned(), text: text.to_owned(), html: html.map(str::to_owned) }
}

fn text(source: &str, values: &Values) -> String {
    render(&template("x", source, None), values).text
}

#[test]
fn letters_are_these() {
    let mut printed = vec![];
    for kind in LetterKind::ALL {
        for language in [Language::Sv, Language::En] {
            let whole = render(&built_in(*kind, language), &values(language));
            let without = match kind {
                LetterKind::Notice => Values { reference: None, ..bare(language) },
                LetterKind::Addition => Values { due: None, ..bare(language) },
                LetterKind::Links => Values { reference: None, due: None, owner: None, ..bare(language) },
                LetterKind::Acknowledgement | LetterKind::Message | LetterKind::Update => bare(language),
            };
            let without = render(&built_in(*kind, language), &without);
            let title = format!("{kind:?}, {language:?}");
            printed.push(format!("===== {title} =====\n{}\n\n{}\n", whole.subject, whole.text));
            printed.push(format!("===== {title}, with the least =====\n{}\n\n{}\n", without.subject, without.text));
            printed.push(format!("===== {title}, HTML =====\n{}\n", whole.html));
        }
    }
    let printed = printed.concat();
    if printed != include_str!("letters.golden.txt") {
        let new = std::env::temp_dir().join("letters.golden.new.txt");
        std::fs::write(&new, &printed).unwrap();
        panic!("the letters have changed; if they should, take {}", new.display());
    }
}

#[test]
fn built_in_letters_have_no_faults() {
    for kind in LetterKind::ALL {
        for language in [Language::Sv, Language::En] {
            assert_eq!(check(*kind, &built_in(*kind, language)), []);
        }
    }
}

#[test]
fn an_unproven_sender_is_told_nothing_they_said() {
    for language in [Language::Sv, Language::En] {
        let letter = render(&built_in(LetterKind::Acknowledgement, language), &bare(language));
        let all = format!("{letter:?}");
        assert!(!all.contains("Anna") && !all.contains("soffa"), "{all}");
        assert!(all.contains("Elin Sand") && all.contains("C-2026-000123") && !all.contains("{{"), "{all}");
    }
}

#[test]
fn lines_of_which_nothing_is_left_are_gone() {
    let (with, without) = (values(Language::En), bare(Language::En));
    for (source, kept, gone) in [
        ("a\n\n{{#link}}{{link}}{{/link}}\n\nb", "a\n\nhttps://hemochhage.example/arende/7f3a\n\nb\n", "a\n\nb\n"),
        ("a\n{{#link}}\nL\n{{/link}}\nb", "a\nL\nb\n", "a\nb\n"),
        ("a\n{{#link}}\n\nL\n\n{{/link}}\nb", "a\n\nL\n\nb\n", "a\nb\n"),
        ("a\n{{customer}}\nb", "a\nAnna Berg\nb\n", "a\nb\n"),
        ("Hi{{#customer}} {{ customer }}{{/customer}}!", "Hi Anna Berg!\n", "Hi!\n"),
        ("{{^customer}}you{{/customer}}{{#customer}}{{customer}}{{/customer}}", "Anna Berg\n", "you\n"),
        ("a \r\n\r\n\r\n\r\nb", "a\n\nb\n", "a\n\nb\n"),
    ] {
        assert_eq!(text(source, &with), kept, "{source:?}");
        assert_eq!(text(source, &without), gone, "{source:?}");
    }
}

#[test]
fn values_are_never_templates_or_html() {
    let mut hostile = values(Language::En);
    hostile.customer = Some("{{owner}} {{#link}}<b>\"'&".to_owned());
    hostile.message = Some("1 < 2\r\n{{due}}\n\nhttps://a.example/?a&b".to_owned());
    hostile.reason = Some("https://evil.example".to_owned());
    let source = "{{customer}}\n{{message}}\n{{reason}}";
    let letter = render(&template("x", source, Some("<i>{{customer}}</i>{{message}}")), &hostile);
    let whole = "{{owner}} {{#link}}<b>\"'&\n1 < 2\n{{due}}\n\nhttps://a.example/?a&b\nhttps://evil.example\n";
    assert_eq!(letter.text, whole);
    let name = "{{owner}} {{#link}}&lt;b&gt;&quot;&#39;&amp;";
    let link = "<a href=\"https://a.example/?a&amp;b\">https://a.example/?a&amp;b</a>";
    let message = format!("1 &lt; 2<br>\n{{{{due}}}}<br>\n<br>\n{link}");
    assert!(letter.html.contains(&format!("<i>{name}</i>{message}")), "{}", letter.html);
    let made = render(&template("x", source, None), &hostile).html;
    assert!(made.contains(&format!("<p>{name}<br>\n{message}<br>\nhttps://evil.example</p>")), "{made}");
}

#[test]
fn names_and_links_that_are_none_are_left_out() {
    for name in ["anna@example.com", "Win at https://evil.example", "WWW.evil.example"] {
        let named = Values { customer: Some(name.to_owned()), ..values(Language::En) };
        assert_eq!(text("Hi{{#customer}} {{customer}}{{/customer}}", &named), "Hi\n");
    }
    for link in ["javascript:alert(1)", "https://a.example/\" onclick=\"x", "https://a.example b", ""] {
        let led = Values { link: Some(link.to_owned()), ..values(Language::En) };
        assert_eq!(text("a {{#link}}{{link}}{{/link}}", &led), "a\n", "{link}");
    }
}

#[test]
fn subjects_are_one_line_whatever_is_in_them() {
    for (source, subject, expected) in [
        ("Re: {{subject}} [{{reference}}]", "x\r\nBcc: a@example.com", "Re: x Bcc: a@example.com [C-2026-000123]"),
        ("Re: {{subject}} [{{reference}}]", "Re: Sv: x [C-2026-000123]", "Re: x [C-2026-000123]"),
        ("a\r\nBcc: b\u{2028}c\u{85}d\0e", "", "a Bcc: b c d e"),
        ("{{subject}}", "\u{202e}\n", "[C-2026-000123]"),
    ] {
        let asked = Values { subject: Some(subject.to_owned()), ..values(Language::En) };
        assert_eq!(render(&template(source, "x", None), &asked).subject, expected);
    }
    let long = Values { subject: Some("å".repeat(5_000)), ..values(Language::En) };
    let subject = render(&built_in(LetterKind::Message, Language::En), &long).subject;
    assert!(subject.ends_with("… [C-2026-000123]") && subject.chars().count() < 200, "{subject}");
}

#[test]
fn html_of_a_seller_is_put_into_a_document_if_it_is_none() {
    let values = values(Language::Sv);
    let whole = "<!doctype html><HTML><style>@media print{p{color:red}}</style><p>{{#due}}{{due}}{{/due}}</p></HTML>";
    let letter = render(&template("x", "x", Some(whole)), &values).html;
    assert_eq!(letter, whole.replace("{{#due}}{{due}}{{/due}}", "onsdag 25 november 2026 kl. 13.00"));
    let letter = render(&template("x", "x", Some("<p><a href=\"{{link}}\">x</a></p>")), &values).html;
    assert!(letter.starts_with("<!DOCTYPE html>\n<html lang=\"sv\">"), "{letter}");
    assert!(letter.contains("<a href=\"https://hemochhage.example/arende/7f3a\">x</a>"), "{letter}");
}

#[test]
fn addresses_of_a_seller_with_values_in_them_are_clickable() {
    let letter = render(&template("x", "Se https://butik.example/{{reference}}.", None), &values(Language::Sv)).html;
    let address = "https://butik.example/C-2026-000123";
    assert!(letter.contains(&format!("<p>Se <a href=\"{address}\">{address}</a>.</p>")), "{letter}");
}

#[test]
fn a_letter_comes_out_of_anything() {
    let values = values(Language::Sv);
    for kind in LetterKind::ALL {
        let whole =
            format!("<a href=\"{{{{link}}}}\">å</a>{}{{{{{{owner}}}}}}{{{{#", built_in(*kind, Language::Sv).text);
        for (at, _) in whole.char_indices() {
            let (start, end) = whole.split_at(at);
            for part in [start, end] {
                let odd = template(part, part, Some(part));
                let letter = render(&odd, &values);
                assert!(!letter.subject.is_empty() && !letter.subject.contains('\n'));
                assert!(check(*kind, &odd).iter().all(|fault| ["subject", "text", "html"].contains(&fault.field)));
            }
        }
    }
    // Long templates and values are rendered quickly as well.
    for piece in ["{{", "{{a}}", "{{#link}}", "}}", "http://", "xhttp", "<a ", "\n", "{{message}}"] {
        let odd = piece.repeat(20_000);
        let asked = Values { message: Some(odd.clone()), subject: Some(odd.clone()), ..values.clone() };
        if piece != "{{message}}" {
            let _ = render(&template(&odd, &odd, Some(&odd)), &asked);
        }
        let _ = render(&template("{{subject}}", "{{message}}", None), &asked);
        let _ = check(LetterKind::Message, &template(&odd, &odd, Some(&odd)));
    }
}
