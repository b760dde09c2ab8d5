//! People who write like programs, programs that write like people, and programs through which people write.

use entity::kind::{EmailKind, SenderTrust};

use crate::mail::{ParsedEmail, behalf};

fn read(from: &str, subject: &str, more: &str, body: &str) -> ParsedEmail {
    let head = "To: help@shop.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
    let raw = format!("From: {from}\r\n{head}Message-ID: <1@example.com>\r\nSubject: {subject}\r\n{more}\r\n{body}");
    ParsedEmail::read(raw.as_bytes())
}

#[test]
fn a_subject_alone_makes_nobody_a_machine() {
    for (subject, body) in [
        ("Absence de livraison", "Je n'ai rien reçu depuis le 3 mai. Que faites-vous ?"),
        ("Absence", "Personne n'est venu le 3 mai."),
        ("Frånvaro av montör", "Montören kom inte den 3 maj. Jag är ledig på torsdag om han vill komma då."),
        (
            "Semester: rummet var smutsigt",
            "Vi var på semester hos er 3-10 juli och rummet var smutsigt. Jag vill ha pengar tillbaka.",
        ),
        ("Semester", "Jag är på semester till den 10 juli. Kan ni leverera efter det?"),
        ("Abwesenheit des Technikers", "Der Techniker kam am 3. Mai nicht."),
        (
            "Urlaub ruiniert",
            "Ich bin im Urlaub und das Zimmer ist schmutzig. Bitte rufen Sie mich an, ich möchte mein Geld zurück.",
        ),
        ("Ausencia del técnico", "El técnico no vino el 3 de mayo."),
        ("Assente il tecnico", "Il tecnico non è venuto il 3 maggio."),
        ("Afwezig bij levering?", "Uw bezorger schrijft dat ik er niet was. Ik was thuis op 3 mei."),
        ("Poissa käytöstä", "Laajakaista on ollut poissa 3.5. alkaen."),
        ("Fravær av montør", "Montøren kom ikke 3. mai."),
        ("Nieobecność montera", "Monter nie przyjechał 3 maja."),
        ("Ausência do técnico", "O técnico não veio no dia 3 de maio."),
        ("Holiday ruined", "We were on holiday in your hotel from 3 May and the room was dirty."),
        ("Out of office hours nobody answers", "I called on 3 May at 8. Nobody answered."),
        ("Auto springt nicht an", "Seit dem 3. Mai springt es nicht an."),
        ("Auto: fel på bilen", "Bilen startar inte sedan den 3 maj."),
        ("Alarm fungerar inte", "Larmet tjuter hela natten."),
        ("Alert: my alarm is broken", "It rings all night."),
        ("Declined: card payment", "My card was declined and you charged me twice."),
        ("Accepted: but never delivered", "You accepted my order and nothing came."),
        (
            "Request received but no answer",
            "You said that my request has been received. Nobody has answered for three weeks.",
        ),
        ("Ärende mottaget, men sen?", "Ni skrev att ni har tagit emot mitt ärende. Sedan hände inget."),
        ("Autosvar är allt jag får", "Jag får bara ert autosvar. Ramen är sprucken."),
        ("Automatic reply is all I get", "Nobody answers."),
        ("Read: the manual says otherwise", "The manual says that the frame holds 150 kg."),
        ("Lu : vos conditions", "Vos conditions disent le contraire."),
        ("** Problem ** with my router", "It blinks red."),
        ("Please confirm your message about my refund", "You wrote that I get a refund. Is that so?"),
        ("Report domain: my site is down", "My site is down since Monday."),
        ("Undeliverable: my parcel", "The driver says that it could not be delivered."),
    ] {
        let read = read("Anna Berg <anna@example.com>", subject, "", body);
        assert_eq!(read.kind, EmailKind::Human, "{subject}: {:?}", read.evidence);
        assert_eq!(read.visible, body);
    }
}

#[test]
fn people_may_be_called_anything_but_noreply() {
    for from in [
        "root@berg.example",
        "Root <root@example.com>",
        "notify@berg.example",
        "alerts@berg.example",
        "Postmaster <postmaster@berg.example>",
        "Mail Server AB <info@mailserver.example>",
        "Mail Delivery Systems Ltd <office@mds.example>",
        "System Administrator <admin@berg.example>",
        "Cron Daemonsson <cron.d@example.com>",
        "Bounce Trampoliner <bounce@berg.example>",
        "newsletter@berg.example",
        "system@berg.example",
    ] {
        let read = read(from, "Ramen sprack", "", "Ramen sprack efter två dagar. Jag vill ha en ny.");
        assert_eq!(read.kind, EmailKind::Human, "{from}: {:?}", read.evidence);
    }
    for from in [
        "noreply@shop.example",
        "Butiken <no-reply@shop.example>",
        "\"(Cron Daemon)\" <www@shop.example>",
        "MAILER-DAEMON@mx.example",
    ] {
        assert_eq!(read(from, "Order 4711", "", "Tack för din beställning").kind, EmailKind::Machine, "{from}");
    }
    let robot =
        read("notify@shop.example", "Order 4711", "", "This is an automated message. Do not reply to this mail.");
    assert_eq!(robot.kind, EmailKind::Machine);
}

#[test]
fn an_absence_note_is_known_without_a_header() {
    for (subject, body) in [
        ("Semester:", "Hej! Jag har semester och är tillbaka den 10 augusti."),
        ("Semester", "Jag är på semester till och med v. 32. Vid brådskande ärenden kontakta Bo, bo@example.com."),
        ("Frånvarande: Sv: Ert ärende", "Jag är inte på kontoret denna vecka och svarar på ditt mejl när jag är åter."),
        ("Frånvaro", "Jag är föräldraledig till 1 september. Mejlen läses inte."),
        ("Autosvar: Ram", "Jag är bortrest till måndag."),
        ("Ledig", "Jag är ledig till den 3 maj."),
        ("Out of office: Re: Your case", "I am on annual leave until 3 May. I will reply when I am back."),
        ("On leave", "I'm away until Monday 3 May with limited access to email."),
        ("Away from my desk", "I will be out of the office until 3 May."),
        ("Abwesend: Ihr Fall", "Ich bin bis zum 3. Mai im Urlaub. In dringenden Fällen wenden Sie sich an Frau Meier."),
        ("Urlaub", "Ich bin vom 3.5. bis 9.5. nicht im Büro."),
        ("Absence : votre dossier", "Je suis absente jusqu'au 3 mai. En cas d'urgence, contactez M. Colin."),
        ("En congés", "Je suis en congés jusqu'au 3 mai."),
        ("Ausente", "Estoy de vacaciones hasta el 3 de mayo. Responderé a mi regreso."),
        ("Vacaciones: Re: Caso", "Me encuentro fuera de la oficina hasta el lunes."),
        ("In ferie", "Sono in ferie fino al 3 maggio. Risponderò al mio rientro."),
        ("Fuori ufficio: Il suo caso", "Sono fuori ufficio fino a lunedì."),
        ("Afwezig", "Ik ben tot 3 mei afwezig. Ik beantwoord uw bericht daarna."),
        ("Vakantie: Uw zaak", "Ik ben op vakantie tot maandag."),
        ("Ferie: Din sak", "Jeg er på ferie til 3. mai og svarer når jeg er tilbake."),
        ("Fraværende", "Jeg holder ferie til den 3. maj."),
        ("Ikke til stede", "Jeg er ikke på kontoret før mandag."),
        ("Lomalla", "Olen kesälomalla 3.8. asti. Kiireellisissä asioissa ottakaa yhteyttä Päiviin."),
        ("Poissa: Tapauksenne", "Olen poissa toimistolta maanantaihin."),
        ("Férias", "Estou de férias até 3 de maio. Responderei depois."),
        ("Ausência: O seu caso", "Estarei ausente até segunda."),
        ("Urlop", "Jestem na urlopie do 3 maja. W pilnych sprawach proszę o kontakt z biurem."),
        ("Nieobecność: Sprawa", "Przebywam na zwolnieniu do poniedziałku."),
    ] {
        let read = read("Anna Berg <anna@example.com>", subject, "", body);
        assert_eq!(read.kind, EmailKind::OutOfOffice, "{subject}: {:?}", read.evidence);
        assert!(read.evidence.len() >= 2, "{:?}", read.evidence);
    }
    let answer =
        read("anna@example.com", "Sv: Autosvar: Ram", "", "Ni svarar bara med autosvar. Jag är ledig till måndag.");
    assert_eq!(answer.kind, EmailKind::Human);
}

#[test]
fn all_fields_of_programs_are_read() {
    for field in [
        "Precedence: normal\r\nPrecedence: bulk",
        "X-No-Loop: 1",
        "X-OTOBO-Loop: yes",
        "X-OTRS-Loop: help@x.example",
        "X-Znuny-Loop: a",
        "X-Loop: help@x.example",
        "X-RT-Loop-Prevention: x",
        "X-Zammad-Loop: 1",
        "X-Help-Desk-Loop: 1",
        "X-Autoreply: yes",
        "List-Unsubscribe: <mailto:x@x.example>",
    ] {
        let read = read("support@desk.example", "Ram", &format!("{field}\r\n"), "Tack, vi har fått det.");
        assert_eq!(read.kind, EmailKind::Machine, "{field}");
    }
    for field in [
        "Precedence: normal",
        "X-Autoreply: no",
        "X-Loopia-Id: 4711",
        "X-MS-Exchange-Inbox-Rules-Loop: a@x.example",
        "X-Envelope-Loopback: x",
    ] {
        let read = read("anna@example.com", "Ram", &format!("{field}\r\n"), "Ramen sprack.");
        assert_eq!(read.kind, EmailKind::Human, "{field}: {:?}", read.evidence);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of mails")]
fn who_wrote_through_a_group_or_a_form_counts_if_that_is_believed() {
    let list =
        "List-Id: <kundservice.shop.example>\r\nList-Post: <mailto:kundservice@shop.example>\r\nPrecedence: list\r\n";
    let group = "Kundservice <kundservice@shop.example>";
    for (from, more, writer, name) in [
        (
            "\"'Nord, Karin' via Kundservice\" <kundservice@shop.example>",
            format!("{list}Reply-To: k@example.com\r\n"),
            "k@example.com",
            Some("Nord, Karin"),
        ),
        (
            "Karin Nord via Kundservice <kundservice@shop.example>",
            format!("{list}Reply-To: Karin Nord <k@example.com>\r\n"),
            "k@example.com",
            Some("Karin Nord"),
        ),
        (
            group,
            format!("{list}X-Original-From: Karin Nord <k@example.com>\r\nReply-To: {group}\r\n"),
            "k@example.com",
            Some("Karin Nord"),
        ),
        (group, format!("{list}X-Original-Sender: k@example.com\r\n"), "k@example.com", None),
        (
            "Webben <noreply@shop.example>",
            "Reply-To: Karin Nord <k@example.com>\r\n".to_owned(),
            "k@example.com",
            Some("Karin Nord"),
        ),
        (
            "noreply@shop.example",
            "Auto-Submitted: auto-generated\r\nReply-To: k@example.com\r\n".to_owned(),
            "k@example.com",
            None,
        ),
        ("Karin Nord <k@example.com>", list.to_owned(), "k@example.com", Some("Karin Nord")),
    ] {
        let read = read(from, "Ram", &more, "Ramen sprack.\n--\nden andra också\n--\noch den tredje");
        assert_eq!(read.kind, EmailKind::Machine, "nobody is believed yet: {from} {more}");
        for believed in ["shop.example", "kundservice@shop.example", "noreply@shop.example"] {
            let Some(passed_on) = read.passed_on_by(&[believed.to_owned()], None) else {
                assert!(believed.contains('@'), "{from} {more}");
                continue;
            };
            assert_eq!((passed_on.writer.address.as_str(), passed_on.writer.name.as_deref()), (writer, name));
            let (kind, evidence, visible) = read.reclassify(Some(passed_on), false);
            assert_eq!(
                (kind, visible.text.as_str()),
                (EmailKind::Human, "Ramen sprack.\n--\nden andra också\n--\noch den tredje"),
                "{evidence:?}"
            );
        }
        assert_eq!(read.passed_on_by(&["other.example".to_owned(), "k@shop.example".to_owned()], None), None);
        let vouched = |found| read.passed_on_by(&["shop.example".to_owned()], Some(found)).is_some();
        let rewritten = !from.contains("<k@");
        assert_eq!(
            (vouched(SenderTrust::Passed), vouched(SenderTrust::Unknown), vouched(SenderTrust::Failed)),
            (true, !rewritten, false),
            "{from}"
        );
    }
    let believed = ["shop.example".to_owned()];
    for (from, subject, more, kind) in [
        (
            group,
            "Autosvar: Ram",
            format!("{list}Auto-Submitted: auto-replied\r\nReply-To: k@example.com\r\n"),
            EmailKind::Machine,
        ),
        ("noreply@shop.example", "Order 4711", String::new(), EmailKind::Machine),
        ("noreply@shop.example", "Order 4711", "Reply-To: no-reply@shop.example\r\n".to_owned(), EmailKind::Machine),
    ] {
        let read = read(from, subject, &more, "Tack för ditt mejl.");
        let (found, _, _) = read.reclassify(read.passed_on_by(&believed, None), false);
        assert_eq!(found, kind, "{from} {more}");
    }
    let plain: Option<behalf::PassedOn> =
        read("anna@example.com", "Ram", "Reply-To: bo@example.com\r\n", "Ramen").passed_on;
    assert!(plain.is_some_and(|passed_on| !passed_on.is_believed(&believed)));
}

/// The administrator of a mail server writes from the same address as the server.
#[test]
fn a_mail_server_is_told_from_its_postmaster() {
    let bounce = "The following address is not known here:\n\n<anna@shop.example>";
    for (subject, more, body, kind) in [
        ("Undeliverable Mail", "", "Invalid final delivery userid: anna@shop.example", EmailKind::Bounce),
        ("メッセージを配信できません。", "", "<anna@shop.example>: 550 5.1.1 user unknown", EmailKind::Bounce),
        ("Mail System Error - Returned Mail", "Return-Path: <MAILER-DAEMON>\r\n", bounce, EmailKind::Bounce),
        ("Fakturan stämmer inte", "", "Ni har tagit betalt två gånger. Hälsningar Bo på driften", EmailKind::Human),
    ] {
        let read = read("postmaster@isp.example", subject, more, body);
        assert_eq!(read.kind, kind, "{subject}: {:?}", read.evidence);
        if kind == EmailKind::Bounce {
            assert_eq!(
                read.bounced.first().map(|bounced| bounced.address.as_str()),
                Some("anna@shop.example"),
                "{subject}"
            );
        }
    }
}
