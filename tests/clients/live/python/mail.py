# A mail server next door in Python: it hands mail over by LMTP with smtplib and bare sockets, takes letters with
# aiosmtpd, and writes and reads both with the email package. Ends with an error if anything is otherwise. Needs
# ANSVAR_BIN.

import asyncio
import os
import re
import smtplib
import socket
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formatdate, make_msgid

from aiosmtpd.smtp import SMTP

from service import Served
from story import ask

PATIENCE = 30
ROUNDS = 5
HELP, OTHER, NOBODY = "help@shop.example", "complaints@shop.example", "nobody@shop.example"
KARIN = "karin@example.com"

SELLERS = "query Sellers { sellers { id } }"
MAILBOX = """mutation Mailbox($input: CreateMailboxInput!) {
  createMailbox(input: $input) { mailbox { address } userErrors { code field message } }
}"""
CASES = """query Cases { cases(first: 50) { totalCount nodes {
  reference
  owner { name }
  letters { kind status messageId }
  callsDue { kind status recipient reason }
  reports { words ... on EmailReport { messageId subject kind unverified } }
  messages { text }
} } }"""


async def eventually(condition, what):
    """Waits until this gives something, and gives that."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not (found := await condition()):
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain for: {what}"
        await asyncio.sleep(0.05)
    return found


class Sink:
    """Takes letters: envelopes, each with its `letter` as the email package reads it."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, _server, _session, envelope):
        envelope.letter = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append(envelope)
        return "250 taken"

    def to(self, recipient):
        return [envelope for envelope in self.taken if envelope.rcpt_tos == [recipient]]

    async def last(self, recipient, count):
        """The last of so many letters to this recipient, once it has come."""

        async def come():
            return self.to(recipient)[count - 1 :]

        (letter,) = await eventually(come, f"letter {count} to {recipient}")
        return letter


@asynccontextmanager
async def sink():
    """A mail server that letters are sent through, and its port."""
    taker = Sink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(taker, hostname="localhost", loop=loop), "127.0.0.1", 0)
    try:
        yield taker, server.sockets[0].getsockname()[1]
    finally:
        server.close()


class Shop:
    """The service as its administrator and the mail server next door see it."""

    def __init__(self, served, sink):
        self.served, self.sink = served, sink

    async def mailbox(self, address, transport="LMTP"):
        (seller,) = (await ask(self.served.graphql, self.served.admin, SELLERS))["sellers"]
        new = {"sellerId": seller["id"], "address": address, "name": "Shop", "language": "EN", "transport": transport}
        made = (await ask(self.served.graphql, self.served.admin, MAILBOX, input=new))["createMailbox"]
        assert made == {"mailbox": {"address": address}, "userErrors": []}, made

    async def case(self, message_id):
        """The one case that this mail came to, once it has."""

        async def come():
            cases = (await ask(self.served.graphql, self.served.admin, CASES))["cases"]
            assert cases["totalCount"] <= 50, cases["totalCount"]
            ids = lambda case: [f"<{report['messageId']}>" for report in case["reports"]]
            return [case for case in cases["nodes"] if message_id in ids(case)]

        (case,) = await eventually(come, f"a case of {message_id}")
        return case

    async def hears(self, sender, recipient, raw, then=lambda: None):
        """smtplib reads one answer to a mail, so it is for one recipient. Anything but a 250 is raised."""

        def hand_over():
            with smtplib.LMTP("127.0.0.1", self.served.lmtp, timeout=PATIENCE) as lmtp:
                refused = lmtp.sendmail(sender, [recipient], raw, mail_options=["BODY=8BITMIME"])
                then()
                assert refused == {}, refused

        await asyncio.to_thread(hand_over)


def mail(sender, subject, text, **headers):
    """A mail as a person's program writes it."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, HELP, subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="example.com")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def address(letter, header):
    """The only address in this header."""
    (one,) = letter[header].addresses
    return one.addr_spec


def in_order(envelope, sender, owner):
    """Asserts what holds of every letter that answers by itself."""
    letter = envelope.letter
    assert [part.defects for part in letter.walk() if part.defects] == [], letter
    assert (address(letter, "From"), address(letter, "To")) == (HELP, sender), letter
    assert envelope.mail_from.startswith("help+b") and envelope.mail_from.endswith("@shop.example"), envelope.mail_from
    assert address(letter, "Reply-To").startswith("help+c"), letter["Reply-To"]
    assert letter["Auto-Submitted"] == "auto-replied", letter["Auto-Submitted"]
    assert letter.get_content_type() == "multipart/alternative", letter.get_content_type()
    for kind in ("plain", "html"):
        assert owner in letter.get_body((kind,)).get_content(), letter


async def acknowledged(shop):
    """A program from before MIME writes; gives its mail's id and the answer."""
    first, subject = make_msgid(domain="example.com"), "Trasig fåtölj"
    words = "Fåtöljen är sprucken, och så får det inte gå till."
    lines = (f"From: Karin Ek <{KARIN}>", f"To: {HELP}", f"Subject: {subject}", f"Date: {formatdate()}")
    raw = "\r\n".join((*lines, f"Message-ID: {first}", "", words, "")).encode("latin-1")
    await shop.hears(KARIN, HELP, raw)
    case = await shop.case(first)
    assert (case["reports"][0]["subject"], case["reports"][0]["words"].strip()) == (subject, words), case
    assert [message["text"] for message in case["messages"]] == [words], case

    answer = await shop.sink.last(KARIN, 1)
    in_order(answer, KARIN, case["owner"]["name"])
    assert (answer.letter["In-Reply-To"], answer.letter["References"]) == (first, first), answer.letter
    # Nobody vouches for who sent it, so the letter carries none of its words.
    assert answer.letter["Subject"] == f"[{case['reference']}] We have received your complaint", answer.letter["Subject"]
    assert case["reference"] in answer.letter.get_body(("plain",)).get_content(), answer.letter

    async def sent():
        (noted,) = (await shop.case(first))["letters"]
        assert f"<{noted['messageId']}>" == answer.letter["Message-ID"], noted
        return noted["status"] == "SENT"

    await eventually(sent, "the letter to be noted as sent")
    return first, answer


async def replied(shop, first, answer):
    """The customer answers the answer; gives the second letter."""
    text = f"Är det någon som läser?\n\nOn {answer.letter['Date']}, Shop <{HELP}> wrote:\n"
    text += "".join(f"> {line}\n" for line in answer.letter.get_body(("plain",)).get_content().splitlines())
    thread = {"In_Reply_To": answer.letter["Message-ID"], "References": f"{first} {answer.letter['Message-ID']}"}
    reply = mail(KARIN, answer.letter["Subject"], text, **thread)
    await shop.hears(KARIN, address(answer.letter, "Reply-To"), reply.as_bytes())
    case = await shop.case(reply["Message-ID"])
    assert [f"<{report['messageId']}>" for report in case["reports"]] == [first, reply["Message-ID"]], case
    assert case["messages"][1]["text"] == "Är det någon som läser?", case["messages"]
    assert not any(report["unverified"] for report in case["reports"]), case

    second = await shop.sink.last(KARIN, 2)
    in_order(second, KARIN, case["owner"]["name"])
    assert second.letter["In-Reply-To"] == reply["Message-ID"], second.letter
    assert second.letter["References"].split() == [first, reply["Message-ID"]], second.letter["References"]
    # The reply came to the address that only our letter named: her own subject stands there from now on.
    assert second.letter["Subject"].startswith("Re: Trasig fåtölj ["), second.letter["Subject"]
    assert address(second.letter, "Reply-To") == address(answer.letter, "Reply-To"), second.letter
    return second


def returned(envelope):
    """The notification (RFC 3464) that a letter came back."""
    about, of = Message(), Message()
    about["Reporting-MTA"] = "dns; mx.example.com"
    of["Final-Recipient"], of["Action"], of["Status"] = f"rfc822; {KARIN}", "failed", "5.1.1"
    of["Diagnostic-Code"] = f"smtp; 550 5.1.1 <{KARIN}>: user unknown"
    status = MIMEBase("message", "delivery-status")
    status.attach(about)
    status.attach(of)
    report = MIMEMultipart("report", report_type="delivery-status")
    report["From"], report["To"] = "MAILER-DAEMON@mx.example.com", envelope.mail_from
    report["Subject"], report["Auto-Submitted"] = "Undelivered Mail Returned to Sender", "auto-replied"
    report["Date"], report["Message-ID"] = formatdate(), make_msgid(domain="mx.example.com")
    for part in (MIMEText("It was not delivered."), status, MIMEMessage(message_from_bytes(envelope.content))):
        report.attach(part)
    return report


async def came_back(shop, first, letter):
    report = returned(letter)
    await shop.hears("", letter.mail_from, report.as_bytes(policy=policy.SMTP))
    case = await shop.case(report["Message-ID"])
    assert (await shop.case(first))["reference"] == case["reference"], case
    assert case["reports"][-1]["kind"] == "BOUNCE", case["reports"]
    (call,) = case["callsDue"]
    assert (call["kind"], call["status"], call["recipient"]) == ("ADDITION", "BOUNCED", KARIN), call
    assert "user unknown" in call["reason"], call


def pipelined(port, sender, recipients, raw):
    """A mail as mail servers hand it over, its commands at once: what each recipient and then each copy is answered."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as wire, wire.makefile("rb") as lines:

        def answer():
            answered = b""
            while (line := lines.readline())[3:4] == b"-":
                answered += line
            return int(line[:3]), answered + line

        def says(*commands):
            wire.sendall("".join(f"{command}\r\n" for command in commands).encode())

        assert answer()[0] == 220
        says("LHLO next.door")
        assert b"PIPELINING" in answer()[1]
        says(f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{recipient}>" for recipient in recipients), "DATA")
        assert answer()[0] == 250
        asked = [answer()[0] for _ in recipients]
        assert answer()[0] == 354
        wire.sendall(re.sub(rb"(?m)^\.", b"..", raw) + b".\r\n")
        kept = [answer()[0] for code in asked if code == 250]
        says("QUIT")
        assert answer()[0] == 221
        return asked, kept


async def three(shop):
    """To two mailboxes and nobody: one complaint, one answer."""
    sender, words = "bo@example.com", ".dots\n..begin lines"
    said = mail(sender, "Trampoline", words)
    answers = await asyncio.to_thread(pipelined, shop.served.lmtp, sender, [HELP, NOBODY, OTHER], said.as_bytes())
    assert answers == ([250, 550, 250], [250, 250]), answers
    case = await shop.case(said["Message-ID"])
    assert case["messages"][0]["text"] == words, case
    await shop.sink.last(sender, 1)
    return sender


async def killed(shop, number):
    """What was answered with 250 is not lost, though the service dies at once."""
    sender = f"eva-{number}@example.com"
    said = mail(sender, f"Sofa {number}", "It has come apart.")
    await shop.hears(sender, HELP, said.as_bytes(), then=shop.served.kill)
    await shop.served.process.wait()
    await shop.served.start()
    case = await shop.case(said["Message-ID"])
    assert len(case["reports"]) == len(case["letters"]) == 1, case
    await shop.sink.last(sender, 1)
    return sender


async def gate(port, to, said):
    """Mail comes on standard input, its lines as Unix has them; gives the exit code, and why."""
    command = (os.environ["ANSVAR_BIN"], "mailgate", "--lmtp", f"127.0.0.1:{port}", "--to", to)
    pipes = {"stdin": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(*command, **pipes)
    _, why = await asyncio.wait_for(process.communicate(said.as_bytes(policy=policy.default)), PATIENCE)
    return process.returncode, why


async def gated(shop):
    said = mail("ola@example.com", "Broadband", "It is down. Så är det.")
    assert (done := await gate(shop.served.lmtp, HELP, said))[0] == os.EX_OK, done
    case = await shop.case(said["Message-ID"])
    assert case["messages"][0]["text"] == "It is down. Så är det.", case
    await shop.sink.last("ola@example.com", 1)
    assert (done := await gate(shop.served.lmtp, NOBODY, said))[0] == os.EX_NOUSER, done
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        assert (done := await gate(silent.getsockname()[1], HELP, said))[0] == os.EX_TEMPFAIL, done


async def story():
    async with sink() as (letters, port), Served(f'mail.smtp = "smtp://127.0.0.1:{port}"') as served:
        shop = Shop(served, letters)
        await shop.mailbox(HELP)
        await shop.mailbox(OTHER)
        first, answer = await acknowledged(shop)
        second = await replied(shop, first, answer)
        await came_back(shop, first, second)
        heard = [await three(shop)]
        for number in range(ROUNDS):
            heard.append(await killed(shop, number))
        # Whoever dies before it has noted that a letter was sent sends the same one again; nobody gets two.
        for sender in heard:
            assert len({envelope.letter["Message-ID"] for envelope in letters.to(sender)}) == 1, sender
        assert len(letters.to(KARIN)) == 2, "a program was answered"
        await gated(shop)
        await served.runs("check")


if __name__ == "__main__":
    asyncio.run(story())
    print(f"mail: taken in, answered, returned, handed over by a pipe; {ROUNDS} times killed, none lost")
