//! Table tests of reading mail. The corpus under `tests/corpus` is the larger table.

use super::*;

#[test]
fn all_expressions_can_be_read() {
    let all = [
        lines::expressions(),
        kind::expressions(),
        bounce::expressions(),
        dead::expressions(),
        forward::expressions(),
        visible::expressions(),
        away::expressions(),
        behalf::expressions(),
        machine::expressions(),
        sealed::expressions(),
        sender::expressions(),
        signature::expressions(),
        super::expressions(),
    ];
    for (place, pattern) in all.concat().iter().enumerate() {
        assert!(pattern.is_well_formed(), "expression {place}");
    }
}

#[test]
fn a_mail_within_a_mail_within_a_mail_does_not_end_the_process() {
    for spelling in [
        "message/rfc822",
        "message /rfc822",
        "message(x)/rfc822",
        "\r\n message/rfc822",
        "message\r\n /rfc822",
        "\"message\"/rfc822",
        &format!("{}message/rfc822", " ".repeat(220)),
    ] {
        let deep = format!("Content-Type: {spelling}\r\n\r\n").repeat(20_000);
        let mail = format!("From: a@example.com\r\nSubject: x\r\n{deep}Subject: x\r\n\r\nhej");
        assert!(ParsedEmail::read(mail.as_bytes()).not_understood_because.is_some(), "{spelling:?}");
    }
    let forwarded = "Content-Type: message/rfc822\r\n\r\n".repeat(20);
    let mail = format!("From: a@example.com\r\nSubject: x\r\n{forwarded}Subject: x\r\n\r\nhej");
    assert_eq!(ParsedEmail::read(mail.as_bytes()).not_understood_because, None);
}

#[test]
fn a_mail_made_of_headers_or_parts_is_not_read_by_pieces() {
    let head = "From: a@example.com\r\nSubject: x\r\n";
    for bomb in ["A:\r\n", "To: a@example.com,b@example.com\r\n", "\r\n--b\r\n"] {
        let mail = ParsedEmail::read(format!("{head}{}\r\nwords", bomb.repeat(30_000)).as_bytes());
        assert_eq!(mail.not_understood_because.as_deref(), Some("it has too many headers or parts"));
        assert!(mail.text.contains("From: a@example.com"), "what cannot be taken apart is shown as it is");
    }
    let long = format!("{head}\r\n{}", "many, many <words>\r\n".repeat(30_000));
    assert_eq!(ParsedEmail::read(long.as_bytes()).not_understood_because, None);
}

/// Each of these mails took minutes, gigabytes or the whole stack in some mail reader. Here each must be read within 20
/// seconds, in any build.
#[test]
fn hostile_mail_takes_bounded_time() {
    let head = "From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\n";
    let html = format!("{head}Content-Type: text/html\r\n\r\n");
    let daemon = "From: mailer-daemon@x.example\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n";
    let list = |count: usize, one: fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>();
    let nested = list(20_000, |at| format!("--b{at}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", at + 1));
    let failed = list(20_000, |at| format!("<a{at}@b.example>: failed 550\r\n")).concat();
    let (nested, many) = (nested.concat(), list(1_000_000, |at| format!("a{at}@example.com")));
    // These two mails have no text: one consists of scripts, the other of NUL bytes.
    let empty = ["scripts", "nothing"];
    for (what, mail) in [
        ("divs", format!("{html}{}words", "<div>".repeat(20_000))),
        ("parts", format!("{head}Content-Type: multipart/mixed; boundary=b0\r\n\r\n{nested}words")),
        ("recipients", format!("{head}Cc: {}\r\n\r\nwords", many.join(", "))),
        ("words", format!("{head}X: {}\r\n\r\nwords", "=?utf-8?B?".repeat(100_000))),
        ("introductions", format!("{head}\r\n{}", "On 3 May 2026 at 10:10 a <b@c.example>\r\n".repeat(50_000))),
        ("quotes", format!("{head}\r\n{}", "> x\r\nOn 3 May 2026 at 10:10 a <b@c.example> wrote:\r\n".repeat(50_000))),
        ("labels", format!("{head}\r\n{}", "From: x\r\n".repeat(100_000))),
        ("references", format!("{head}References: {}\r\n\r\nx", "<a@b> ".repeat(100_000))),
        ("brackets", format!("{html}{}", "<".repeat(1_000_000))),
        ("ampersands", format!("{html}{}", "&aaaaaaaaaaa".repeat(100_000))),
        ("scripts", format!("{html}{}", "<script>".repeat(100_000))),
        ("failures", format!("{daemon}{failed}")),
        ("nothing", format!("{head}\r\n{}", "\0".repeat(2_000_000))),
    ] {
        let began = std::time::Instant::now();
        let read = ParsedEmail::read(mail.as_bytes());
        assert!(began.elapsed().as_secs() < 20, "{what}: {:?}", began.elapsed());
        assert!(read.not_understood_because.is_some() || !read.text.is_empty() || empty.contains(&what), "{what}");
    }
}

#[test]
fn a_mail_that_breaks_the_reader_is_kept() {
    let broken = b"Content-Type:multipart/;boundary=yttre\n\n--yttreContent-Type:message/rfc822\n\nF\nContent-Type:message/rfc822\n\n\n--yttre--";
    let mail = ParsedEmail::read(broken);
    assert!(mail.text.contains("yttre") || mail.not_understood_because.is_some());
}

#[test]
fn words_are_kept_in_doubt() {
    for (text, visible) in [
        (
            "On Monday your technician wrote:\nfixed\n\nIt is not.",
            "On Monday your technician wrote:\nfixed\n\nIt is not.",
        ),
        ("Svar ovan.\n\nDen 3 nov. 2026 kl. 10:12 skrev Butiken <hjalp@butik.example>:\n> Hej", "Svar ovan."),
        ("Yes.\n> Broken?\nNo.\n> Late?", "Yes.\n> Broken?\nNo."),
        ("> only a quote", "> only a quote"),
        ("A\n--\nB\n\nOn 3 May 2026 at 10:10 X <x@y.example> wrote:\n> q\nMy answer below", "A\n> q\nMy answer below"),
        (
            "a\n----------\nand then I waited for three weeks without hearing anything from anybody at all",
            "a\n----------\nand then I waited for three weeks without hearing anything from anybody at all",
        ),
        ("Sent from my desk, is much easier than the phone.", "Sent from my desk, is much easier than the phone."),
        ("Hej\n\nSkickat från min iPhone", "Hej"),
    ] {
        assert_eq!(visible::of_answer(&visible::Text::of(text)).text, visible, "{text}");
    }
}

mod heads;
mod people;
mod words;
