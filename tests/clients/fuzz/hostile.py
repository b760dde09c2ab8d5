# What costs more to read than to send: for each kind of thing that is received, patterns that fill so many bytes. Each
# pattern is a function of the number of bytes; measure.py sends what it gives. An honest one of each kind is for comparison.

MAIL = "From: Kund <kund@kund.example>\r\nSubject: hej\r\nMessage-ID: <{key}@kund.example>\r\nMIME-Version: 1.0\r\n"
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n"
TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\n"


def fill(unit, end="", start=""):
    """`start`, then `unit` as often as it fits, then `end`. A unit may be a function of its number."""

    def of(size):
        room = size - len(start) - len(end)
        if isinstance(unit, str):
            return start + unit * max(1, room // len(unit)) + end
        parts, used, number = [], 0, 0
        while used < room:
            parts.append(unit(number))
            used += len(parts[-1])
            number += 1
        return start + "".join(parts) + end

    return of


def nested(before, after, middle=""):
    """`before` as often as `after`, around the middle."""
    return lambda size: (lambda times: before * times + middle + after * times)(size // (len(before) + len(after)))


def halves(one, other):
    """Half of the bytes by each of two patterns."""
    return lambda size: one(size // 2) + other(size // 2)


# Bodies of mails in HTML.
MAIL_HTML = {
    "a newsletter": fill("<table><tr><td><p style='color:red'>Hej <b>du</b>, <a href='https://a.example/x'>se här</a></p></td></tr></table>\r\n"),
    "formatting that is opened again": lambda size: "<p>" + "".join(f"<b id={n}>" for n in range(250)) + "x" + "<p>x" * (size // 4),
    "fonts that are opened again": lambda size: "<p>" + "".join(f"<font color={n}>" for n in range(250)) + "x" + "<p>x" * (size // 4),
    "end tags of nothing": fill("<b></q>"),
    "paragraphs and formatting": fill("<p><i>"),
    "links in formatting": fill("<a><b><i>"),
    "tables in tables": fill("<table>"),
    "tables in cells": fill("<table><tr><td>"),
    "boxes in boxes": fill("<div>"),
    "lists in lists": fill("<ul><li>"),
    "forms, choices and buttons": fill("<form><select><option><button>"),
    "ampersands": fill("&"),
    "half an entity": fill("&am"),
    "numbers of characters": fill("&#x1F600"),
    "attributes": fill(lambda n: f" a{n}=b", ">x", "<p"),
    "the same attribute": fill(" a=b", ">x", "<p"),
    "one long attribute": fill("x", "'>x</a>", "<a href='"),
    "comments that do not end": fill("<!--"),
    "comments": fill("<!-- - -->"),
    "angle brackets": fill("<"),
    "unknown tags": fill(lambda n: f"<x{n}>"),
    "styles": fill("a{b:c}", "</style>x", "<style>"),
    "style that does not end": fill("<style>"),
    "drawings": fill("<svg><math>"),
    "templates": fill("<template><table><tr>"),
    "quotes in quotes": fill("<blockquote>"),
    "line breaks": fill("<br>"),
    "null characters": fill("\0<b>"),
}

# Bodies of mails in plain text.
MAIL_TEXT = {
    "words": fill("Hej, trampolinen är trasig sedan i måndags.\r\n"),
    "one long line": fill("x"),
    "empty lines": fill("\r\n"),
    "deep quotes": fill(">" * 200 + " x\r\n"),
    "deeper and deeper quotes": fill(lambda n: ">" * (n % 900) + "\r\n"),
    "beginnings of quotes": fill("Den 1 nov. 2026 skrev Anna <anna@a.example>:\r\n"),
    "forwards": fill("---------- Forwarded message ---------\r\nFrom: A <a@a.example>\r\nDate: x\r\nSubject: x\r\nTo: b\r\n\r\n"),
    "signatures": fill("-- \r\nx\r\n"),
    "spaces": fill(" ", "x"),
    "lines of spaces": fill(" " * 70 + "\r\n"),
    "addresses": fill("https://a.example/" + "b" * 40 + " "),
    "letters with marks": fill("a\u0301\u0301\u0301\u0301"),
}

# Whole mails: what stands after the first headers.
MAIL_WHOLE = {
    "headers": fill("X-A: b\r\n", "\r\nwords"),
    "references": fill("<a@b>\r\n ", "\r\n\r\nwords", "References: "),
    "recipients": fill("a@b.example, ", "\r\n\r\nwords", "To: "),
    "encoded words": fill("=?utf-8?q?=C3=A5?= ", "\r\n\r\nwords", "Thread-Topic: "),
    "folded lines": fill(" x\r\n", "\r\nwords", "X-A: b\r\n"),
    "comments in addresses": fill("(", "\r\n\r\nwords", "Reply-To: "),
    "parts": fill("--b\r\n\r\nx\r\n", "--b--\r\n", "Content-Type: multipart/mixed; boundary=b\r\n\r\n"),
    "parts in parts": fill(lambda n: f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"),
    "mails in mails": fill("Content-Type: message/rfc822\r\n\r\n", "\r\nwords"),
    "files": fill("--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n", "--b--\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"),
    "soft line breaks": fill("=\r\n", "x", "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain\r\n\r\n"),
    "base64": fill("PGI+\r\n", "", "Content-Transfer-Encoding: base64\r\nContent-Type: text/html\r\n\r\n"),
}

# Documents.
DOCUMENTS = {
    "fields": fill("__typename ", "}", "{"),
    "aliases": fill(lambda n: f"a{n}:__typename ", "}", "{"),
    "braces": nested("{a", "}"),
    "lists of values": fill("[", "", "{a(b:"),
    "values": fill("1,", "])}", "{a(b:["),
    "objects": nested("{a:", "}", "1"),
    "words": fill("x", '")}', '{a(b:"'),
    "escapes": fill("\\u0041", '")}', '{a(b:"'),
    "comments": fill("#\n", "{__typename}"),
    "commas": fill(",", "__typename}", "{"),
    "directives": fill("@include(if:true)", "}", "{__typename "),
    "variables": fill(lambda n: f"$a{n}:Int ", "){__typename}", "query("),
    "spreads": fill("...f ", "} fragment f on Query{__typename}", "{"),
    "fragments": fill(lambda n: f"fragment f{n} on Query{{...f{n + 1}}}", "", "{...f0}"),
    "fragments twice in each other": fill(lambda n: f"fragment f{n} on Query{{...f{n + 1} ...f{n + 1}}}", "", "{...f0}"),
    "inline fragments": nested("{...on Query", "}", "{__typename}"),
    "operations": fill(lambda n: f"query a{n}{{__typename}}"),
    "fields that overlap": fill("a:viewer{__typename} ", "}", "{"),
}

# Values of a variable, in JSON.
VARIABLES = {
    "one long word": fill("x", '"', '"'),
    "zeros": fill("0,", "0]", "["),
    "long numbers": fill("1234567890.12345,", "0]", "["),
    "one long number": fill("1", "", ""),
    "one long fraction": fill("1", "", "0."),
    "empty words": fill('"",', '""]', "["),
    "empty lists": fill("[],", "[]]", "["),
    "empty objects": fill("{},", "{}]", "["),
    "nothings": fill("null,", "null]", "["),
    "lists in lists": nested("[", "]"),
    "objects in objects": nested('{"a":', "}", "1"),
    "the same key": fill('"a":0,', '"a":0}', "{"),
    "keys": fill(lambda n: f'"a{n}":0,', '"a":0}', "{"),
    "escapes": fill("\\u0041", '"', '"'),
    "spaces": fill(" ", "1", ""),
}

# What stands behind the name of a rule: its conditions. `{n}` makes names differ.
CONDITIONS = {
    "words": lambda size: [{"textContains": [f"ord{n}" for n in range(size // 10)]}],
    "the same word": lambda size: [{"textContains": ["ord"] * (size // 6)}],
    "conditions": lambda size: [{"textContains": ["x"]} for _ in range(size // 26)],
    "patterns": lambda size: [{"textMatches": f"ord{n}"} for n in range(size // 26)],
    "one long pattern": lambda size: [{"textMatches": "|".join(f"ord{n}" for n in range(size // 9))}],
    "patterns that grow": lambda size: [{"textMatches": "(a{40}){40}"} for _ in range(size // 32)],
    "patterns of every letter": lambda size: [{"textMatches": r"\w{50}"} for _ in range(size // 26)],
    "tags": lambda size: [{"hasTag": [f"tagg{n}" for n in range(size // 11)]}],
    "categories": lambda size: [{"categoryIn": [f"slag{n}" for n in range(size // 11)]}],
}

# Tables to be imported: the columns are no, received, story, mail.
ROW = "{n},2024-03-01 09:00,Trasig {n},kund{n}@kund.example\n"
TABLES = {
    "rows": fill(lambda n: ROW.replace("{n}", str(n))),
    "rows of one customer": fill(lambda n: f"{n},2024-03-01 09:00,Trasig {n},kund@kund.example\n"),
    "the same row": fill(ROW.replace("{n}", "1")),
    "rows with nothing": fill(",,,\n"),
    "rows with too much": fill("1" + ",x" * 60 + "\n"),
    "empty lines": fill("\n", ROW.replace("{n}", "1")),
    "one long cell": fill("x", '",kund@kund.example\n', '1,2024-03-01 09:00,"'),
    "a quote that does not end": fill("x\n", "", '1,2024-03-01 09:00,"'),
    "quotes": fill('""', '",kund@kund.example\n', '1,2024-03-01 09:00,"'),
    "long cells": fill(lambda n: f"{n},2024-03-01 09:00,{'x' * 9000},\n"),
}
