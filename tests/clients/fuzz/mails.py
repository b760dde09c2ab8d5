# Mails as they arrive, and what becomes of them when everything that can be broken in one is broken.

import base64
from datetime import UTC, datetime

PLAIN = """\
From: Kund Kundsson <kund@kund.example>
To: Kundtjänst <kundtjanst@hemochhage.example>
Subject: =?utf-8?q?Trasig_trampolin_=E2=80=93_igen?=
Date: Sun, 15 Nov 2026 10:00:00 +0100
Message-ID: <{key}@kund.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Hej! Trampolinen är trasig.
"""
ANSWER = PLAIN.replace("Subject: ",
    "In-Reply-To: <{known}>\nReferences: <{known}> <b@b.example>\nSubject: Re: [{reference}] ")
ROBOT = PLAIN.replace("MIME-Version", "Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Loop: a\nMIME-Version")
ROBOT = ROBOT.replace("From: Kund Kundsson <kund@kund.example>", "From: <>\nReturn-Path: <>")
PARTS = """\
From: =?iso-8859-1?q?=C5ke?= <ake@kund.example>, second@kund.example
To: a@hemochhage.example, b@hemochhage.example
Cc: undisclosed-recipients:;
Subject: Bilder
Message-ID: <{key}@kund.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="yttre"

--yttre
Content-Type: multipart/alternative; boundary=inre

--inre
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

H=E4r =E4r bilderna.=

--inre
Content-Type: text/html; charset=utf-8

<html><body><p>Här är <b>bilderna</b><script>x</script></p></body></html>
--inre--
--yttre
Content-Type: image/png; name="../../bild.png"
Content-Disposition: attachment; filename*=utf-8''..%2F%00bild%F0%9F%98%80.png; filename="a\\"b.png"
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk
--yttre
Content-Type: message/rfc822

From: inner@kund.example
Subject: inner

inner words
--yttre--
"""
SEEDS = [PLAIN, PLAIN, ANSWER, ROBOT, PARTS, PARTS]
CHARSETS = [b"utf-8", b"utf-7", b"utf-16", b"iso-2022-jp", b"gb18030", b"x-unknown", b"us-ascii", b"\xff", b"",
    b"utf-8" * 500]
TOKENS = [
    b"\x00", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\xff\xfe", b"--yttre", b"--yttre--", b"--", b"=?utf-8?b?", b"?=",
    b"=?x?q?=00?=", b"=", b"=\r\n",
    b"\t", b";", b'"', b"\\", b"(", b"(" * 3000, b"<" * 500, b"@", b",", b":", b"boundary=", b"charset=", b"base64",
    b"\xc3", b"\xed\xa0\x80",
    b"Content-Type: multipart/mixed\r\n", b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n",
    b"Date: Fri, 31 Dec 9999 23:59:59 -2359\r\n",
    b"Date: Thu, 1 Jan 0000 00:00:00 +0000\r\n", b"Message-ID: <>\r\n", b"From: \r\n", b"x" * 70_000,
]
# What has broken the reading of mails once.
KNOWN = [
    b"Content-Type:multipart/;boundary=x\n\n--xContent-Type:message/rfc822\n\nF\nContent-Type:message/rfc822\n\n\n--x--",
]


def mutated(rng, world):
    """A mail, whole or more or less broken."""
    special = rng.random()
    if special < 0.01:
        return rng.choice(KNOWN)
    if special < 0.12:
        return rng.choice([bomb, nest, encoded, words, nothing])(rng)
    values = {
        "key": f"m{rng.randrange(10**9)}",
        "known": rng.choice(["x@y.example", f"m{rng.randrange(50)}@kund.example", "\u0000", "a" * 5000]),
        "reference": f"C-{datetime.now(UTC).year}-{rng.randrange(1, 60):06}",
    }
    text = rng.choice(SEEDS)
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    ends = "\r\n" if rng.random() < 0.8 else rng.choice(["\n", "\r", "\n\r"])
    mail = bytearray(text.replace("\n", ends).encode(rng.choice(["utf-8", "utf-8", "latin-1", "utf-16"]), "replace"))
    if special > 0.3:
        for _ in range(int(10 ** rng.uniform(0, 1.7))):
            break_one(rng, mail)
    return bytes(mail)


def break_one(rng, mail):
    place, other = rng.randrange(len(mail) + 1), rng.randrange(len(mail) + 1)
    low, high = min(place, other), max(place, other)
    what = rng.randrange(7)
    if what == 0:
        mail[place:place] = rng.choice(TOKENS)
    elif what == 1 and place < len(mail):
        mail[place] ^= 1 << rng.randrange(8)
    elif what == 2:
        del mail[low : min(high, low + rng.randrange(1, 60))]
    elif what == 3 and len(mail) < 200_000:
        mail[place:place] = mail[low:high]
    elif what == 4:
        del mail[max(1, place) :]
    elif what == 5:
        found = mail.find(b"charset=")
        if found >= 0:
            mail[found + 8 : found + 13] = rng.choice(CHARSETS)
    else:
        line = mail.find(b"\n", place)
        if line >= 0:
            mail[line + 1 : line + 1] = rng.choice([b" folded", b"\t", b"X: ", b": no name\r\n",
                b"Subject: twice\r\n", b"From: zwei@kund.example\r\n"])


def bomb(rng):
    """Very many headers, or one very long."""
    start = b"From: a@kund.example\r\nSubject: bomb\r\n"
    some = [b"Received: from x by y; Mon, 1 Jan 2024 00:00:00 +0000\r\n" * 8000,
        b"References: " + b"<a@b>\r\n " * 20_000 + b"\r\n"]
    more = [b"To: " + b"a@b.example, " * 20_000 + b"\r\n", b"Subject: " + b"=?utf-8?q?=C3=A5?= " * 10_000 + b"\r\n",
        b"X" * 500_000 + b": y\r\n"]
    return start + rng.choice(some + more) + b"\r\nwords\r\n"


def nest(rng):
    """Parts in parts in parts."""
    depth = rng.choice([5, 50, 500, 5000])
    mail = b"From: a@kund.example\r\n"
    if rng.random() < 0.5:
        return mail + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"words"
    for level in range(depth):
        mark = f"b{level}".encode()
        mail += b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n"
    return mail + b"\r\nwords\r\n"


def encoded(rng):
    """Long words in every odd encoding."""
    charset = rng.choice(CHARSETS)
    noise = rng.randbytes(rng.choice([3, 300, 30_000]))
    body = base64.b64encode(noise) if rng.random() < 0.5 else noise
    head = b"From: =?" + charset + b"?b?" + base64.b64encode(noise[:60]) + b"?= <a@kund.example>\r\n"
    head += b"Content-Type: text/" + rng.choice([b"plain", b"html", b"calendar"]) + b"; charset=" + charset + b"\r\n"
    return head + b"Content-Transfer-Encoding: " + rng.choice([b"base64", b"quoted-printable", b"x-uuencode",
        b"8bit"]) + b"\r\n\r\n" + body


def words(rng):
    """HTML that costs more to read than to write."""
    html = rng.choice([b"<div>" * 20_000, b"<" * 50_000, b"&amp;" * 30_000, b"<!--" * 9000, b"<table><tr><td>" * 5000,
        b"<a href='" + b"x" * 99_000])
    return b"From: a@kund.example\r\nSubject: html\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html


def nothing(rng):
    return rng.choice([b"", b"\x00", b"\r\n\r\n", b"words", b"\xff" * 1000, b":", b"From", b"From: a@b\r\n\r\n",
        b"\r\n" * 50_000])
