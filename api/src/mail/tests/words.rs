//! What is shown of a mail: of a new complaint everything but its signature, and of an answer what is new in it.

use entity::kind::{EmailCutReason, EmailKind, EmailWarning};

use crate::mail::ParsedEmail;
use crate::mail::visible::{self, Text, Visible};

fn of_answer(text: &str) -> Visible {
    visible::of_answer(&Text::of(text))
}

fn of_new(text: &str) -> Visible {
    visible::of_new(&Text::of(text))
}

fn mail(subject: &str, more: &str, body: &str) -> ParsedEmail {
    let head =
        "From: Anna Berg <anna@example.com>\r\nTo: help@shop.example\r\nContent-Type: text/plain; charset=utf-8\r\n";
    let raw = format!("{head}Message-ID: <1@example.com>\r\nSubject: {subject}\r\n{more}\r\n{body}");
    ParsedEmail::read(raw.as_bytes())
}

/// Each of these has a part that looks like an earlier mail and must be shown.
#[test]
fn a_new_complaint_is_shown_whole() {
    for body in [
        "Den 3 november kl. 10.15 skrev er montör:\nJag kommer inte i dag heller.\n\nSå kan ni inte göra.",
        "Den 3 nov. 2026 kl. 10:15 skrev Anders <anders@montor.example>:\n> Jag hittar inte huset.\n\nHan ringde aldrig.",
        "On Tue, 3 Nov 2026 at 10:15, your driver wrote:\nI left it with the neighbour.\n\nI have no neighbour.",
        "Am 3.11.2026 um 10:15 schrieb Ihr Techniker:\nIch komme nicht.\n\nDas geht so nicht.",
        "Le 3 novembre 2026 à 10:15, votre livreur a écrit :\nJe suis passé.\n\nC'est faux.",
        "Op 3 november 2026 om 10:15 schreef uw monteur:\nIk kom niet.\n\nDat kan niet.",
        "El 3 de noviembre de 2026 a las 10:15, su técnico escribió:\nNo voy.\n\nEs inaceptable.",
        "Il giorno 3 novembre 2026 alle 10:15 il tecnico ha scritto:\nNon vengo.\n\nNon va bene.",
        "Em 3 de novembro de 2026 às 10:15, o técnico escreveu:\nNão vou.\n\nNão pode ser.",
        "Dnia 3.11.2026 o 10:15 monter napisał:\nNie przyjadę.\n\nTak nie można.",
        "Den 3/11/2026 kl. 10.15 skrev jeres montør:\nJeg kommer ikke.\n\nDet går ikke.",
        "3.11.2026 klo 10.15 asentaja kirjoitti:\nEn tule.\n\nEi käy.",
        "Datum: 3 november 2026 10:15\nFrån: Växjö C\nTill: Stockholm C\nÄrende: Inställt tåg 538\n\nJag vill ha ersättning.",
        "Date: 3 Nov 2026 10:15\nFrom: Leeds\nTo: London King's Cross\nSubject: cancelled train\n\nI want my money back.",
        "Datum: 3.11.2026 10:15\nVon: Hamburg Hbf\nAn: Berlin Hbf\nBetreff: Zugausfall\n\nIch bitte um Erstattung.",
        "Tre saker är fel:\n--\nRamen är sprucken\n--\nTvå fjädrar saknas\n--\nNätet hänger löst",
        "Three things:\n-- \nthe frame is cracked\n-- \ntwo springs are missing\n-- \nthe net hangs loose",
        "Vad som hänt:\n----------\n1. Ni kom inte 3 maj.\n----------\n2. Ni kom inte 9 maj.\n----------\n3. Ni svarar inte.",
        "Mina frågor:\n> När kommer ni?\n> Vem betalar hotellet?\n> Varför svarar ingen?",
        "Beställt:\n| studsmatta | 1 |\n| nät | 2 |\n| stege | 1",
        "Ni skrev så här:\n> Vi levererar den 3 maj.\nDet gjorde ni inte.\n> Vi ringer innan.\nIngen ringde.",
        "> Ni lovade leverans 3 maj. Den kom aldrig.\n> Ni lovade ersättning. Den kom inte heller.",
        "-----Original Message-----\nThat is what your leaflet says in large letters, and it is what I did not get.",
        "________________________________\nFrån: mig\nTill: er\nSkickat: i dag 10:15\nÄmne: missnöjd\n\nRing mig.",
        "Paketet är skickat från ert lager, säger ni.\nSkickat med DHL i tisdags",
        "Lämnat till ombud:\nSkickat via Frakt AB den 3 maj",
    ] {
        let read = mail("Klagomål", "", body);
        assert_eq!(read.visible, body.replace("-- \n", "--\n"), "{:?}", read.cuts);
        assert_eq!((read.kind, read.answers_because), (EmailKind::Human, None), "{body}");
    }
}

#[test]
fn ones_own_blockquote_is_ones_own() {
    let html = "<p>Er montör sa:</p><blockquote>Det där är inte vårt fel.</blockquote><p>Jo.</p><blockquote>Ring kundtjänst.</blockquote>";
    let read = mail("Bemötande", "Content-Type: text/html; charset=utf-8\r\n", html);
    let raw = format!("From: a@example.com\r\nSubject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}");
    for read in [read, ParsedEmail::read(raw.as_bytes())] {
        for words in ["Det där är inte vårt fel.", "Jo.", "Ring kundtjänst."] {
            assert!(read.visible.contains(words), "{}", read.visible);
        }
    }
}

#[test]
fn only_the_signature_of_a_new_complaint_is_left_out() {
    let words = "Hej,\nramen är sprucken och två av fjädrarna saknas i paketet som kom i går.\nHälsningar Anna";
    for (signature, mark) in [
        ("-- \nAnna Berg\nStorgatan 3, Växjö", "-- "),
        ("--\nAnna Berg\nTel 0470-12 34 56\nwww.berg.example", "--"),
        ("________________\nAnna Berg, Berg AB\n070-123 45 67\nanna@berg.example", "________________"),
        ("___\nThis message is confidential.", "___"),
        ("Skickat från min iPhone", "Skickat från min iPhone"),
        ("Hämta Outlook för Android", "Hämta Outlook för Android"),
        ("Gesendet mit der Telekom Mail App", "Gesendet mit der Telekom Mail App"),
        ("Envoyé de mon téléphone", "Envoyé de mon téléphone"),
    ] {
        let read = of_new(&format!("{words}\n\n{signature}"));
        assert_eq!(read.text, words, "{signature}");
        assert_eq!((read.cuts.len(), read.cuts[0].mark.as_str()), (1, mark.trim()), "{signature}");
    }
    let card = "Trasig.\n-- \nAnna Berg\nInköpsansvarig, Berg Bygg och Fritid i Växjö AB\nStorgatan 3, 352 30 Växjö";
    assert_eq!(of_new(card).text, card.replace("-- \n", "--\n"), "most of its words would go");
}

#[test]
fn what_answers_is_known_by_its_fields_and_its_subject() {
    for subject in [
        "Re: Trampolin",
        "RE: x",
        "Sv: x",
        "SV: x",
        "AW: x",
        "Antw: x",
        "VS: x",
        "Odp: x",
        "R: x",
        "RES: x",
        "RIF: x",
        "Re[2]: x",
        "RE(3): x",
        "[EXTERN] Re: x",
        "[SPAM?] [kö 3] SV: x",
        "Svar: x",
        "Antwort: x",
        "Réponse: x",
        "TR : x",
    ] {
        let read = mail(
            subject,
            "",
            "Ja tack.\n\nDen 3 nov. 2026 kl. 10:12 skrev Butiken <help@shop.example>:\n> Vill ni ha en ny?",
        );
        let answers = !subject.starts_with("TR");
        assert_eq!(read.answers_because.is_some(), answers, "{subject}");
        assert_eq!(
            read.visible == "Ja tack.",
            answers || read.kind == EmailKind::Forward,
            "{subject}: {}",
            read.visible
        );
    }
    for (subject, field) in
        [("Trampolin", "In-Reply-To: <a@shop.example>\r\n"), ("", "References: <a@shop.example>\r\n")]
    {
        let read =
            mail(subject, field, "Ja tack.\n\nDen 3 nov. 2026 kl. 10:12 skrev Butiken <help@shop.example>:\n> Ny?");
        assert_eq!(read.visible, "Ja tack.");
        assert_eq!((read.cuts.len(), read.cuts[0].why, read.cuts[0].lines), (1, EmailCutReason::Quote, 2));
    }
    for subject in [
        "Reklamation",
        "Rea: fel pris",
        "Resa inställd",
        "Ang: faktura",
        "Svarta fläckar: hela soffan",
        "Antwerpen: te laat",
    ] {
        assert_eq!(mail(subject, "", "x").answers_because, None, "{subject}");
    }
}

#[test]
fn an_answer_in_the_line_of_the_quote_is_kept() {
    for (quoted, shown) in [
        (
            "> När köpte ni den? Den 3 maj.\n> Har ni kvittot kvar? Ja, det bifogas.",
            "> När köpte ni den? Den 3 maj.\n> Har ni kvittot kvar? Ja, det bifogas.",
        ),
        ("> Hej Anna!\n> When did it break? On Monday.\n> Best regards", "> When did it break? On Monday."),
        ("> Haben Sie den Beleg noch? Ja!\n> Mit freundlichen Grüßen", "> Haben Sie den Beleg noch? Ja!"),
        ("> Order number -> 4711\n> Colour => red", "> Order number -> 4711\n> Colour => red"),
        ("> Leveransdatum: ?? // den kom aldrig", "> Leveransdatum: ?? // den kom aldrig"),
        ("> Kan vi ringa er? Ja, ring mig efter klockan 17.", "> Kan vi ringa er? Ja, ring mig efter klockan 17."),
    ] {
        let text = format!("Svar nedan.\n\nDen 3 nov. 2026 kl. 10:12 skrev Butiken <help@shop.example>:\n{quoted}");
        assert_eq!(of_answer(&text).text, format!("Svar nedan.\n\n{shown}"));
    }
    for quoted in [
        "> Hej Anna! Hur mår du? vi har nu\n> skickat en ny ram.",
        "> Vi skickar en ny ram.\n> Har ni frågor?\n> Ring oss.",
        "> Is there something to add? Just reply to this email.",
        "> Vill du lägga till något? Svara bara på det här mejlet.",
        "> Questions? Please do not hesitate to contact us.",
        "> Haben Sie Fragen? Antworten Sie einfach auf diese E-Mail.",
        "> Des questions ? Répondez simplement à ce message.",
    ] {
        let text = format!("Tack!\n\nDen 3 nov. 2026 kl. 10:12 skrev Butiken <help@shop.example>:\n{quoted}");
        assert_eq!(of_answer(&text).text, "Tack!");
    }
}

/// Below the text of an answer nothing in the quote is new, even if it has addresses, questions and marks.
#[test]
fn what_only_looks_like_an_answer_in_a_quote_is_the_quote() {
    for quote in [
        "Track it at https://shop.example/t/1 today",
        "https://shop.example/t/1",
        "<https://shop.example/u/anna> Anna at the shop",
        "To stop these mails visit http://shop.example/stop or ftp://shop.example/x",
        "Has anyone called you? a call would have been the least.",
        "How did you order it? Describe it step by step.",
        "The frame is **not** covered by the warranty",
        "Open Settings -> Account now",
        "The order 12 => 13 was changed",
    ] {
        for answer in ["Thanks, that solves it for me.", "Tack, då vet jag. Jag hör av mig igen."] {
            let text = format!(
                "{answer}\n\nDen 3 november 2026 kl. 10:15 skrev Butiken <help@shop.example>:\n> Hej\n> {quote}\n> Anna"
            );
            assert_eq!(of_answer(&text).text, answer, "{quote}");
        }
    }
}

#[test]
fn an_answer_behind_a_question_is_kept_where_answers_stand_in_the_quote() {
    let quote =
        "Den 3 november 2026 kl. 10:15 skrev Butiken <help@shop.example>:\n> Hej\n> Vilken modell är det? X200\n> Anna";
    let two = quote.replace("> Anna", "> När köpte du den? I maj\n> Anna");
    for (own, quote, kept) in [
        ("Hej Anna!", quote, true),
        ("Hej, jag har svarat i texten nedan.", quote, true),
        ("Please see my answers below, thank you.", quote, true),
        ("Jag förstår inte vad ni menar med modell.", quote, false),
        ("Jag förstår inte vad ni menar med modell.", two.as_str(), true),
    ] {
        let shown = of_answer(&format!("{own}\n\n{quote}")).text;
        assert_eq!(shown.contains("> Vilken modell är det? X200"), kept, "{own}\n{quote}\n\n{shown}");
        assert!(shown.contains(own));
    }
}

#[test]
fn a_signature_below_two_dashes_is_none_of_the_answer() {
    for below in [
        "Anna Berg - anna@example.com - http://anna.example",
        "Anna Berg\nAll messages signed with fingerprint:\nA1B2 C3D4 E5F6 0718 293A 4B5C 6D7E 8F90 A1B2 C3D4",
        "Anna Berg @annaberg\nEditor, Journal of Garden and Trampoline Studies",
        "Anna Berg\nAnsvarig för Inköp, Lager och Service",
    ] {
        let read = of_answer(&format!("Det går bra.\n\n--\n{below}"));
        assert_eq!(read.text, "Det går bra.", "{below}");
    }
    let points = "Två saker:\n\n--\nramen är sprucken sedan i går kväll\noch nätet hänger löst på ena sidan";
    assert_eq!(of_answer(points).text, points);
}

#[test]
fn what_telephones_add_is_left_out() {
    for footer in ["Sent from my TI-85", "Sent from my Alcatel Flash2", "Sent from my cell, please excuse any typos."] {
        assert_eq!(of_answer(&format!("On Friday then.\n\n{footer}")).text, "On Friday then.", "{footer}");
    }
}

#[test]
fn what_is_passed_on_is_what_the_case_shows() {
    let below = "\n\n---------- Forwarded message ---------\nFrom: Karin Ek <karin@example.com>\nDate: Mon, 2 Nov 2026 08:00:00 +0100\nSubject: Ram\nTo: <sten@example.com>\n\nRamen är sprucken.\nKarin";
    let read = mail("Fwd: Ram", "", &format!("Kan ni ta den här?{below}"));
    assert_eq!((read.kind, read.message().as_deref()), (EmailKind::Forward, Some("Ramen är sprucken.\nKarin")));
    assert_eq!(read.forwarded.unwrap().note.as_deref(), Some("Kan ni ta den här?"));
    assert!(!read.evidence.is_empty());

    let long = "Det här är vad er budfirma skriver till mig. ".repeat(10);
    let read = mail("Fwd: Ram", "", &format!("{long}{below}"));
    let message = read.message().unwrap();
    assert!(message.contains("vad er budfirma skriver") && message.contains("Ramen är sprucken."), "{message}");

    let ours = below.replace("Karin Ek <karin@example.com>", "Butiken <help@shop.example>");
    let read = mail("Fwd: Ram", "", &format!("Vad menar ni med det här?{ours}"));
    assert_eq!(read.message().as_deref(), Some("Vad menar ni med det här?"), "it is no customer who wrote that");

    let parts = "--b\r\n\r\nBifogat.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: Karin Ek <karin@example.com>\r\nSubject: Ram\r\n\r\nRamen är sprucken.\r\n--b--\r\n";
    for cover in ["Bifogat.", ""] {
        let raw = format!(
            "From: Sten <sten@example.com>\r\nTo: help@shop.example\r\nSubject: Fw: Ram\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}",
            parts.replace("Bifogat.", cover)
        );
        let read = ParsedEmail::read(raw.as_bytes());
        assert_eq!((read.kind, read.message().as_deref()), (EmailKind::Forward, Some("Ramen är sprucken.")), "{cover}");
    }
}

#[test]
fn what_only_a_person_can_read_says_what_it_is() {
    let raw = |kind: &str, body: &str| {
        format!(
            "From: anna@example.com\r\nTo: help@shop.example\r\nSubject: Ram\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n{body}"
        )
    };
    let part = |head: &str, body: &str| format!("--b\r\n{head}\r\n\r\n{body}\r\n");
    let (words, no_words) = (part("Content-Type: text/plain", "Ramen"), part("Content-Type: text/plain", ""));
    let picture = part("Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64", "iVBORw0KGgo=");
    let tnef =
        part("Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64", "eJ8+IgAA");
    let mixed = "multipart/mixed; boundary=b";
    let images = part("Content-Type: text/html", "<img src=cid:a>");
    for (kind, body, warning) in [
        (
            "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            "MIIBAAAA".to_owned(),
            Some(EmailWarning::Encrypted),
        ),
        ("application/x-pkcs7-mime; name=smime.p7m", "MIIBAAAA".to_owned(), Some(EmailWarning::Encrypted)),
        (
            "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b",
            part(
                "Content-Type: application/octet-stream",
                "-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n-----END PGP MESSAGE-----",
            ),
            Some(EmailWarning::Encrypted),
        ),
        (
            "text/plain",
            "-----BEGIN PGP MESSAGE-----\r\nVersion: 1\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n".to_owned(),
            Some(EmailWarning::Encrypted),
        ),
        ("application/ms-tnef; name=winmail.dat", "x".to_owned(), Some(EmailWarning::OutlookFormat)),
        (mixed, format!("{no_words}{tnef}--b--"), Some(EmailWarning::OutlookFormat)),
        (mixed, format!("{words}{tnef}--b--"), None),
        (mixed, format!("{no_words}{picture}--b--"), Some(EmailWarning::OnlyFiles)),
        (mixed, format!("{picture}{picture}--b--"), Some(EmailWarning::OnlyFiles)),
        (mixed, format!("{images}{picture}--b--"), Some(EmailWarning::OnlyFiles)),
        (
            mixed,
            format!(
                "{}{picture}--b--",
                part("Content-Type: text/plain", "[image: IMG_1.jpg]\r\n\r\nSkickat från min iPhone")
            ),
            Some(EmailWarning::OnlyFiles),
        ),
        (mixed, format!("{words}{picture}--b--"), None),
    ] {
        let read = ParsedEmail::read(raw(kind, &body).as_bytes());
        let warned = [EmailWarning::Encrypted, EmailWarning::OutlookFormat, EmailWarning::OnlyFiles]
            .into_iter()
            .find(|one| read.warnings.contains(one));
        assert_eq!(warned, warning, "{kind} {body} {:?}", read.visible);
        assert_eq!(
            (read.not_understood_because.is_some(), read.kind),
            (warning.is_some(), EmailKind::Human),
            "{kind} {body}"
        );
    }
}

/// Mails wrapped in a signature are read, in both ways of writing lengths (X.690).
#[test]
fn clear_text_inside_a_signature_is_read() {
    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, length[0], length[1]], content].concat()
    }
    fn open(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], content, &[0, 0]].concat()
    }
    let inside = b"Content-Type: text/plain; charset=utf-8\r\n\r\nRamen \xc3\xa4r sprucken.\r\n";
    let data = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let signed = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    for wrap in [element, open] {
        let (one, two) = inside.split_at(20);
        let whole = element(0x04, inside);
        let pieces = wrap(0x24, &[element(0x04, one), element(0x04, two)].concat());
        for octets in [whole, pieces] {
            let content = wrap(0x30, &[&data[..], &wrap(0xa0, &octets)].concat());
            let body = wrap(0x30, &[&[0x02, 0x01, 0x01, 0x31, 0x00][..], &content, &[0x31, 0x00]].concat());
            let der = wrap(0x30, &[&signed[..], &wrap(0xa0, &body)].concat());
            let base64 = {
                use base64::Engine;
                base64::engine::general_purpose::STANDARD.encode(&der)
            };
            let raw = format!(
                "From: anna@example.com\r\nSubject: Ram\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}\r\n"
            );
            let read = ParsedEmail::read(raw.as_bytes());
            assert_eq!((read.visible.as_str(), read.not_understood_because), ("Ramen är sprucken.", None));
            for cut in 0..der.len() {
                let base64 = {
                    use base64::Engine;
                    base64::engine::general_purpose::STANDARD.encode(&der[..cut])
                };
                let (head, _) = raw.split_once("\r\n\r\n").unwrap();
                let _ = ParsedEmail::read(format!("{head}\r\n\r\n{base64}").as_bytes());
            }
        }
    }
}
