//! Header fields as people's programs write them, and plain parts that say nothing.

use entity::kind::EmailWarning;

use crate::mail::{Mailbox, ParsedEmail};

fn sender(from: &str) -> (Option<String>, String) {
    let read = ParsedEmail::read(format!("{from}\r\nSubject: Ram\r\nTo: help@shop.example\r\n\r\nRamen").as_bytes());
    assert!(
        !read.warnings.contains(&EmailWarning::NoSender) && !read.warnings.contains(&EmailWarning::SeveralSenders),
        "{from}: {:?}",
        read.sender
    );
    let Mailbox { name, address } = read.sender.unwrap();
    (name, address)
}

#[test]
fn a_sender_is_found_however_the_field_is_written() {
    for (from, name) in [
        ("From: Nord, Karin <k@example.com>", "Nord, Karin"),
        ("From: \"Nord, Karin\" <k@example.com>", "Nord, Karin"),
        ("From: Nord, Karin, Växjö <k@example.com>", "Nord, Karin, Växjö"),
        ("From: 'Nord, Karin' via Kundservice <k@example.com>", "'Nord, Karin' via Kundservice"),
        ("From : Karin Nord <k@example.com>", "Karin Nord"),
        ("from\t: Karin Nord <k@example.com>", "Karin Nord"),
        ("From: Karin Nord k@example.com", "Karin Nord"),
        ("From: Karin Nord <mailto:k@example.com>", "Karin Nord"),
        ("From: Karin Nord <MAILTO:K@example.com>", "Karin Nord"),
        ("From: Karin Nord <k@example.com", "Karin Nord"),
        ("From: Karin Nord [k@example.com]", "Karin Nord"),
        ("From: k@example.com (Karin Nord)", "Karin Nord"),
        ("From: =?utf-8?Q?Nord,_Karin?= <k@example.com>", "Nord, Karin"),
        ("From: Nord, =?utf-8?Q?Karin?= <k@example.com>", "Nord, Karin"),
        ("From: Nord; Karin <k@example.com>", "Nord, Karin"),
        ("From: <k@example.com>", ""),
        ("From: <mailto:k@example.com>", ""),
        ("From: k@example.com", ""),
        ("From: k@example.com,", ""),
    ] {
        assert_eq!(
            sender(from),
            (Some(name.to_owned()).filter(|name| !name.is_empty()), "k@example.com".to_owned()),
            "{from}"
        );
    }
}

#[test]
fn a_bad_line_does_not_end_a_header() {
    for bad in [
        "This line is none",
        "X Broken Header: yes",
        ">From root Mon Nov  2 10:00:00 2026",
        "=?utf-8?Q?lost?=",
        "Virus scanned by gate 3",
        "\u{e5}\u{e4}\u{f6}",
    ] {
        for (before, behind) in [
            (
                "From: Karin <k@example.com>\r\nTo: help@shop.example",
                "Subject: Ram\r\nContent-Type: text/html; charset=utf-8",
            ),
            (
                "Received: from a by b\r\nSubject: Ram",
                "From: Karin <k@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8",
            ),
        ] {
            let raw = format!("{before}\r\n{bad}\r\n more of it\r\n{behind}\r\n\r\n<p>Ramen</p>");
            let read = ParsedEmail::read(raw.as_bytes());
            assert_eq!(read.sender.map(|sender| sender.address).as_deref(), Some("k@example.com"), "{raw}");
            assert_eq!((read.subject.as_deref(), read.visible.as_str()), (Some("Ram"), "Ramen"), "{raw}");
        }
    }
    let raw = "From: k@example.com\r\nSubject: Ram\r\nHej!\r\nFrom: det ni skrev\r\nTid: 10:15\r\n\r\nRamen";
    assert_eq!(
        ParsedEmail::read(raw.as_bytes()).visible,
        "Hej!\nFrom: det ni skrev\nTid: 10:15\n\nRamen",
        "a missing blank line"
    );
}

#[test]
fn a_plain_part_that_says_nothing_yields_to_the_other() {
    let html = "<p>Hej!</p><p>Ramen är sprucken och två fjädrar saknas.</p>";
    for (stub, yields) in [
        ("Your e-mail program cannot show HTML.", true),
        ("Your email client does not support HTML messages. Please use another one to read this message.", true),
        ("Ditt e-postprogram kan inte visa HTML.", true),
        (
            "Det här meddelandet är i HTML-format och ditt e-postprogram kan inte visa det. Öppna det i en webbläsare.",
            true,
        ),
        ("Ihr E-Mail-Programm kann kein HTML anzeigen.", true),
        ("Dies ist eine HTML-Nachricht. Bitte verwenden Sie ein Programm, das HTML darstellen kann.", true),
        ("Votre logiciel de messagerie ne peut pas afficher le HTML.", true),
        ("Uw e-mailprogramma kan geen HTML weergeven.", true),
        ("Dit mailprogram kan ikke vise HTML.", true),
        ("E-postprogrammet ditt kan ikke vise HTML-meldinger.", true),
        ("Sähköpostiohjelmasi ei tue HTML-viestejä.", true),
        ("Su programa de correo no puede mostrar HTML.", true),
        ("Il tuo programma di posta non visualizza HTML.", true),
        ("O seu programa de correio não mostra mensagens em HTML.", true),
        ("Twój program pocztowy nie wyświetla wiadomości HTML.", true),
        ("[image: IMG_2031.jpg]", true),
        ("[image: logo]\n\n[cid:image001.png@01D9]\n", true),
        ("<https://shop.example/pixel.gif>", true),
        ("Ramen är sprucken och två fjädrar saknas.", false),
    ] {
        let raw = format!(
            "From: k@example.com\r\nSubject: Ram\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{stub}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n"
        );
        let read = ParsedEmail::read(raw.as_bytes());
        let expected = if yields { "Hej!\n\nRamen är sprucken och två fjädrar saknas." } else { stub };
        assert_eq!(read.visible, expected);
    }
    let own = "I cannot read HTML in my mail program, so please send me the receipt as text. The frame is cracked.";
    let raw = format!(
        "From: k@example.com\r\nSubject: Ram\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n{own}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>{own}</p>\r\n--b--\r\n"
    );
    assert_eq!(ParsedEmail::read(raw.as_bytes()).visible, own);
}

#[test]
fn a_name_that_shows_another_address_is_a_warning() {
    for (from, warned) in [
        ("\"bank@bank.example\" <thief@example.com>", true),
        ("\"Kundtjänst <kund@shop.example>\" <thief@example.com>", true),
        ("\"k@example.com\" <k@example.com>", false),
        ("Karin <k@example.com>", false),
    ] {
        let raw = format!("From: {from}\r\nSubject: x\r\n\r\ny");
        let read = ParsedEmail::read(raw.as_bytes());
        assert_eq!(read.warnings.contains(&EmailWarning::NameShowsAnotherAddress), warned, "{from}: {:?}", read.sender);
    }
}
