//! Mails that are made to be expensive to process, of each kind in any size.

#![expect(clippy::format_collect, reason = "small texts, made once in a test")]

/// A kind of mail: its name, and a function that makes one of about this many bytes.
pub type Kind = (&'static str, fn(usize) -> Vec<u8>);

const HEAD: &str = "From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

fn filled(start: &str, piece: &str, size: usize) -> Vec<u8> {
    filled_with(start.as_bytes(), piece.as_bytes(), size)
}

fn filled_with(start: &[u8], piece: &[u8], size: usize) -> Vec<u8> {
    let mut mail = Vec::with_capacity(size + piece.len() + 64);
    mail.extend(start);
    while mail.len() < size {
        mail.extend(piece);
    }
    mail
}

fn plain(piece: &str, size: usize) -> Vec<u8> {
    filled(&format!("{HEAD}\r\n"), piece, size)
}

fn typed(kind: &str, encoding: &str, piece: &[u8], size: usize) -> Vec<u8> {
    let head = format!("{HEAD}Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
    filled_with(head.as_bytes(), piece, size)
}

fn html(piece: &str, size: usize) -> Vec<u8> {
    typed("text/html; charset=utf-8", "8bit", piece.as_bytes(), size)
}

fn mixed(part: &str, piece: &[u8], size: usize) -> Vec<u8> {
    let head = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nwords\r\n--b\r\n{part}\r\n\r\n"
    );
    let mut mail = filled_with(head.as_bytes(), piece, size);
    mail.extend(b"\r\n--b--\r\n");
    mail
}

fn counted(start: &str, size: usize, one: impl Fn(usize) -> String) -> Vec<u8> {
    let mut mail = Vec::with_capacity(size + 1_000);
    mail.extend(start.as_bytes());
    for number in 0.. {
        if mail.len() >= size {
            break;
        }
        mail.extend(one(number).into_bytes());
    }
    mail
}

const BASE64: &[u8] = b"SGVqLCBqYWcgdmlsbCBrbGFnYSBww6UgZW4gdHJhbXBvbGluIHNvbSBrb20gdHJhc2ln\r\n";

/// All kinds.
pub const KINDS: &[Kind] = &[
    ("lines of text", |size| plain("The frame is cracked, and nobody answers the telephone.\r\n", size)),
    ("quotes", |size| plain("> The frame is cracked, and nobody answers the telephone.\r\n", size)),
    ("one line", |size| plain("x", size)),
    ("one line of words", |size| plain("a b ", size)),
    ("blank lines", |size| plain("\n", size)),
    ("short lines", |size| plain("a\n", size)),
    ("lines that end in a return", |size| filled(&format!("{HEAD}\r\n").replace('\n', ""), "a line\r", size)),
    ("spaces", |size| plain(" ", size)),
    ("NULs", |size| plain("\0", size)),
    ("Latin-1", |size| typed("text/plain; charset=iso-8859-1", "8bit", b"tr\xe5kigt att v\xe4nta\r\n", size)),
    ("undeclared Latin-1", |size| typed("text/plain", "8bit", b"tr\xe5kigt att v\xe4nta\r\n", size)),
    ("bytes that become three", |size| typed("text/plain; charset=windows-1252", "8bit", b"\x80\x80\x80\n", size)),
    ("Latin-1 in base64", |size| {
        typed("text/plain; charset=windows-1252", "base64", b"gICAgICAgICAgICAgICA\r\n", size)
    }),
    ("UTF-8 with a hole", |size| {
        typed("text/plain; charset=utf-8", "8bit", "å\u{fffd}".as_bytes(), size).into_iter().chain([0xc3]).collect()
    }),
    ("text encoded twice", |size| typed("text/plain; charset=utf-8", "8bit", "trÃ¥kigt ".as_bytes(), size)),
    ("UTF-16", |size| typed("text/plain; charset=utf-16", "8bit", b"\x00h\x00\n", size)),
    ("escapes", |size| typed("text/plain", "7bit", b"\x1b$B$3$s\x1b(B", size)),
    ("UTF-7", |size| typed("text/plain; charset=utf-7", "7bit", b"+AOU-", size)),
    ("text in base64", |size| typed("text/plain; charset=utf-8", "base64", BASE64, size)),
    ("text in quoted-printable", |size| {
        typed("text/plain; charset=utf-8", "quoted-printable", b"Ramen =C3=A4r sprucken =\r\n", size)
    }),
    ("Latin-1 in quoted-printable", |size| {
        typed("text/plain; charset=iso-8859-1", "quoted-printable", b"Ramen =E4r sprucken\r\n", size)
    }),
    ("soft breaks that are none", |size| typed("text/plain", "quoted-printable", b"=   ", size)),
    ("flowed text", |size| typed("text/plain; format=flowed", "7bit", b"a \r\n", size)),
    ("flowed quotes", |size| typed("text/plain; format=flowed; delsp=yes", "7bit", b">>>>>>>> a \r\n> b\r\n", size)),
    ("uuencoded", |size| typed("text/plain", "x-uuencode", b"begin 644 a\n#2&5J\n", size)),
    ("padding", |size| typed("text/plain", "base64", b"=", size)),
    ("base64 rubbish", |size| typed("text/plain", "base64", b"a%=\xff", size)),
    ("a file in base64", |size| mixed("Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64", BASE64, size)),
    ("a file of bytes", |size| {
        mixed("Content-Type: application/pdf\r\nContent-Transfer-Encoding: binary", b"\xff\xd8\x00\n", size)
    }),
    ("a mail within", |size| mixed("Content-Type: message/rfc822", b"Subject: y\r\n\r\nwords\r\n", size)),
    ("a mail within of headers", |size| mixed("Content-Type: message/rfc822", b"To: a;b;c;d\r\n", size)),
    ("a digest of headers", |size| {
        let head = format!("{HEAD}Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n");
        filled(&head, "To: a;b;c;d\r\n", size)
    }),
    ("a mail within in base64", |size| {
        mixed("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", BASE64, size)
    }),
    ("a mail within with a file in base64", |size| {
        mixed(
            "Content-Type: message/rfc822\r\n\r\nFrom: c@example.com\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64",
            BASE64,
            size,
        )
    }),
    ("a notification", |size| {
        mixed(
            "Content-Type: message/delivery-status",
            b"Final-Recipient: rfc822; c@example.com\nAction: failed\n\n",
            size,
        )
    }),
    ("300,000 parts", |size| {
        filled(&format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n"), "--b\r\n\r\nx\r\n", size)
    }),
    ("parts of text", |size| {
        let piece = format!(
            "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n{}\r\n",
            "tr\u{e5}kigt ".repeat(size / 20_000)
        );
        filled(&format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n"), &piece, size)
    }),
    ("files without number", |size| {
        let piece = format!(
            "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            "SGVq".repeat(size / 2_000)
        );
        filled(&format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n"), &piece, size)
    }),
    ("parts within parts", |size| {
        let nested: String = (0..150)
            .map(|at| format!("--b{at}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", at + 1))
            .collect();
        filled(&format!("{HEAD}Content-Type: multipart/mixed; boundary=b0\r\n\r\n{nested}"), "words\r\n", size)
    }),
    ("parts that have none", |size| {
        let nested: String =
            (0..190).map(|at| format!("--b\r\nContent-Type: multipart/mixed; boundary=c{at}\r\n\r\nx\r\n")).collect();
        filled(
            &format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{nested}--b\r\n\r\n"),
            "words - --c words\r\n",
            size,
        )
    }),
    ("dashes", |size| {
        filled(&format!("{HEAD}Content-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n", "-".repeat(60)), "-", size)
    }),
    ("a million headers", |size| filled("From: a@example.com\r\nSubject: x\r\n", "A:\r\n", size)),
    ("a long subject", |size| filled("From: a@example.com\r\nSubject: ", "x y ", size)),
    ("groups", |size| filled("From: a@example.com\r\nTo: ", "a:b;", size)),
    ("addresses without commas", |size| filled("From: a@example.com\r\nTo: ", "(a) \"b\" ", size)),
    ("parameters", |size| filled("From: a@example.com\r\nContent-Type: text/plain", ";a=b", size)),
    ("recipients", |size| {
        counted("From: a@example.com\r\nTo: b@example.com", size.min(600_000), |at| format!(", c{at}@example.com"))
    }),
    ("references", |size| filled("From: a@example.com\r\nReferences: ", "<a@b> ", size.min(100_000))),
    ("encoded words without an end", |size| {
        filled("From: a@example.com\r\nSubject: ", "=?utf-8?B?", size.min(250_000))
    }),
    ("encoded words", |size| filled("From: a@example.com\r\nSubject: ", "=?x?Q?=E5?= ", size.min(250_000))),
    ("headers of unknown characters", |size| {
        let mut mail = b"From: a@example.com\r\n".to_vec();
        (0..size.min(100_000) / 8).for_each(|_| mail.extend(b"X: \xe5\xe4\r\n"));
        mail.extend(b"\r\ntr\xe5kigt att v\xe4nta p\xe5 er\r\n".repeat(200));
        mail
    }),
    ("HTML of words", |size| html("<p>The frame is cracked.</p>\r\n", size)),
    ("HTML in base64", |size| {
        typed("text/html; charset=utf-8", "base64", b"PHA+VGhlIGZyYW1lIGlzIGNyYWNrZWQuPC9wPg0K\r\n", size)
    }),
    ("open formatting", |size| html("<b><i><a>", size)),
    ("formatting that is re-opened", |size| {
        let opened: String = (0..250).map(|at| format!("<b id={at}>")).collect();
        typed(&format!("text/html\r\nX-Y: z\r\n\r\n<p>{opened}x"), "8bit", b"<p>x", size)
    }),
    ("quotes in quotes", |size| html("<blockquote>a", size)),
    ("line breaks in quotes", |size| {
        typed(&format!("text/html\r\nX-Y: z\r\n\r\n{}", "<blockquote>".repeat(30)), "8bit", b"<br>", size)
    }),
    ("quotes in a tag", |size| {
        typed(&format!("text/html\r\nX-Y: z\r\n\r\n<a {}", " ".repeat(4_000)), "8bit", b"\"", size)
    }),
    ("ampersands", |size| html("&", size)),
    ("heads", |size| html("<head>", size)),
    ("scripts", |size| html("<script>", size)),
    ("lists", |size| html("<ul><li>", size)),
    ("hidden", |size| html("<div style=display:none>", size)),
    ("introductions", |size| plain("On 3 May 2026 at 10:10 a <b@c.example>\r\n", size)),
    ("introductions and quotes", |size| plain("> x\r\nOn 3 May 2026 at 10:10 a <b@c.example> wrote:\r\n", size)),
    ("labels", |size| plain("From: x\r\n", size)),
    ("long labels", |size| plain(&format!("From: {}\r\n", "x 10:10 ".repeat(74)), size)),
    ("long lines", |size| plain(&format!("On 3 May {}\r\n", "a<b@c ".repeat(98)), size)),
    ("rules", |size| plain("-- \r\n\r\n____\r\n", size)),
    ("signatures", |size| plain("x\r\n\r\n-- \r\n\r\ntel 070-123 45 67\r\n", size)),
    ("forwarded", |size| {
        plain(
            "---------- Forwarded message ---------\r\nFrom: c <c@example.com>\r\nSubject: a b c\r\n\r\nwords\r\n",
            size,
        )
    }),
    ("armour", |size| plain("-----BEGIN PGP SIGNATURE-----\r\nx\r\n", size)),
    ("a bounce that names many", |size| {
        let many: String = (0..200).map(|at| format!("<a{at}@b.example> ")).collect();
        let head = "From: mailer-daemon@x.example\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n";
        filled(head, &format!("{many} failed 550\r\n"), size.min(250_000))
    }),
    ("a bounce that lists many", |size| {
        counted(
            "From: mailer-daemon@x.example\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n",
            size.min(250_000),
            |at| format!("<a{at}@b.example>: failed 550\r\n"),
        )
    }),
    ("a bounce whose header lists many", |size| {
        let many: String = (0..15_000).map(|at| format!("a{at}@b.example,")).collect();
        let head = "From: mailer-daemon@x.example\r\nReturn-Path: <>\r\nSubject: failure notice\r\n";
        filled(&format!("{head}X-Failed-Recipients: {many}\r\n\r\n"), "it failed\r\n", size.clamp(300_000, 500_000))
    }),
];
