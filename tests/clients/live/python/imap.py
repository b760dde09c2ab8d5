# A mail provider in Python: pymap keeps the account that mail is fetched from, imaplib puts mail there, aiosmtpd takes
# letters; once more over TLS, with tokens. Ends with an error if anything is otherwise. Needs ANSVAR_BIN and openssl.

import asyncio
import hashlib
import imaplib
import json
import logging
import os
import re
import shutil
import ssl
import subprocess
import tempfile
from argparse import Namespace
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import formatdate, make_msgid
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qsl

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, DictBackend
from pymap.backend.dict.mailbox import MailboxData
from pymap.exceptions import InvalidAuth
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pysasl import SASLAuth
from pysasl.creds.plain import PlainCredentials
from pysasl.hashing import Cleartext
from pysasl.mechanism import ServerChallenge
from pysasl.mechanism.oauth import OAuth2Mechanism

from mail import HELP, KARIN, OTHER, PATIENCE, Shop, address, eventually, in_order, mail, sink
from service import Served, free_ports
from story import ask

# How long the service lives after a mail has come, in seconds: mostly not at all.
PAUSES = (0, 0, 0, 0, 0, 0.01, 0.02, 0.05, 0.1, 0.2)
# The UID that pymap gives to the first mail.
FIRST = 101
# Each of these has to be quoted within a quoted string.
PASSWORD = 'half "a" \\ word'
# What asks for tokens. The secret's file ends with a line break.
CLIENT = {"grant_type": "client_credentials", "client_id": "ansvar", "client_secret": "s3cr&t=+", "scope": "all"}

FETCHING = """query Fetching {
  sellers { mailboxes { address fetching { beganAt failingSince failure } } }
}"""
REPORTS = """query Reports { cases(first: 50) { totalCount nodes {
  reports { ... on EmailReport { raw { sha256 } attachments { name sizeBytes } } }
} } }"""


async def tells_all(self, selected, *, wait_on=None, tells=MailboxData.update_selected):
    """pymap's IDLE waits for the next change, though it may not have told of the last one yet: that would be missed."""
    behind = selected.mod_sequence != self._mod_sequences.highest
    return await tells(self, selected, wait_on=None if behind else wait_on)


MailboxData.update_selected = tells_all
# It greets with its host's name, which not every machine that tests finds at once.
os.environ.setdefault("FQDN", "localhost")
# It goes on writing for a moment to a service that was killed.
logging.getLogger("asyncio").setLevel(logging.ERROR)


class Provider:
    """An account at a mail provider, in this process. It can go away and come back: the port stays the same."""

    def __init__(self):
        self.port = next(free_ports())
        self.mails = []

    async def __aenter__(self):
        await self.make()
        await self.open()
        return self

    async def __aexit__(self, *_):
        self.close()

    async def make(self):
        """An empty account: its UIDs begin anew, under another UIDVALIDITY."""
        user = {"demo_data": False, "demo_user": HELP, "demo_password": PASSWORD}
        wire = {"host": None, "port": self.port, "debug": False, "cert": None, "key": None, "tls": False}
        settings = Namespace(**user, **wire, passlib_cfg=None, proxy_protocol=None)
        self.backend, config = await DictBackend.init(settings, hash_context=Cleartext())
        config.apply_context()
        self.meets, self.writers = IMAPServer(self.backend.login, config), set()

    async def open(self, **tls):
        self.server = await asyncio.start_server(self.meet, "127.0.0.1", self.port, **tls)

    def close(self):
        """At once, as when its machine is switched off."""
        self.server.close()
        for writer in self.writers:
            writer.transport.abort()

    async def meet(self, reader, writer):
        self.writers.add(writer)
        try:
            await self.meets(reader, writer, SocketInfoLocal(writer))
        finally:
            self.writers.remove(writer)

    async def move(self):
        """While it is away, another server takes it over: the same mails in the same order, none marked as read."""
        await self.make()
        async with self.backend.login.demo_user_identity.new_session() as session:
            mails = [AppendMessage(raw, when, frozenset()) for raw, when in self.mails]
            await session.append_messages("INBOX", mails)

    def connect(self):
        return imaplib.IMAP4("127.0.0.1", self.port, PATIENCE)

    @contextmanager
    def account(self):
        with self.connect() as account:
            account.login(HELP, PASSWORD)
            yield account

    async def put(self, raw, then=lambda: None, age=timedelta()):
        """Puts in a mail, and gives its UID."""
        when = (datetime.now(timezone.utc) - age).replace(microsecond=0)

        def append():
            with self.account() as account:
                status, (said,) = account.append("INBOX", None, when, raw)
                then()
                assert status == "OK", said
                return int(re.search(rb"APPENDUID \d+ (\d+)", said)[1])

        uid = await asyncio.to_thread(append)
        self.mails.append((raw, when))
        return uid

    async def seen(self):
        """The UIDs of what is marked as read."""

        def search():
            with self.account() as account:
                account.select("INBOX", readonly=True)
                status, (uids,) = account.uid("SEARCH", "SEEN")
                assert status == "OK", uids
                return {int(uid) for uid in uids.split()}

        return await asyncio.to_thread(search)


class Tokens(OAuth2Mechanism):
    """A token endpoint, and XOAUTH2 as Google and Microsoft do it: a wrong token is challenged first, then refused."""

    def __init__(self):
        super().__init__()
        self.given, self.shown, self.accepted = [], [], []

    def server_attempt(self, responses):
        who, nothing = super().server_attempt(responses)
        if responses[1:]:
            assert responses[1].response == b"", responses
            raise InvalidAuth()
        self.shown.append(who._token)
        if who._token in self.accepted:
            return PlainCredentials(who.authzid, PASSWORD), nothing
        raise ServerChallenge(b'{"status": "400", "schemes": "Bearer"}')

    async def give(self, reader, writer):
        """Over HTTP, to an application that asks for itself (RFC 6749, 4.4). Each token ends the one before."""
        length = int(re.search(rb"(?i)\ncontent-length: *(\d+)", await reader.readuntil(b"\r\n\r\n"))[1])
        form = dict(parse_qsl((await reader.readexactly(length)).decode()))
        assert form == CLIENT, form
        self.given.append(f"ya29.{len(self.given)}-_~+/==")
        self.accepted = self.given[-1:]
        token = json.dumps({"access_token": self.given[-1], "expires_in": 3600})
        writer.write(f"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{token}".encode())
        writer.close()


class Secured(Provider):
    """An account behind TLS that others open with tokens."""

    def __init__(self, folder, tokens):
        super().__init__()
        self.cert, self.key = folder / "cert.pem", folder / "key.pem"
        Config.tls_auth = property(lambda _: SASLAuth([*SASLAuth.defaults().server_mechanisms, tokens]))

    async def open(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.cert, self.key)
        await super().open(ssl=context)

    def connect(self):
        context = ssl.create_default_context(cafile=self.cert)
        return imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context, timeout=PATIENCE)


def certify(folder):
    """Makes key.pem and cert.pem there: of the server itself, with no authority behind it."""
    assert shutil.which("openssl"), "a certificate is made with openssl, which is not installed"
    new = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem -subj /CN=ansvar-clients"
    # The machine's own configuration would make it an authority's.
    own = f"-config {os.devnull} -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE"
    made = subprocess.run([*new.split(), *own.split()], cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    assert made.returncode == 0, made.stderr


async def in_the_clear(heard, reader, writer):
    """A server that knows no encryption."""
    writer.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Speak.\r\n")
    while line := await reader.readline():
        heard.add(line.split(b" ", 1)[1])
        writer.write(line.split()[0] + b" BAD What?\r\n")
    writer.close()


async def looked(shop, failing=False, mailbox=HELP):
    """Waits until it is told that mail is fetched, or that this fails; gives why."""

    async def told():
        (seller,) = (await ask(shop.served.graphql, shop.served.admin, FETCHING))["sellers"]
        (at,) = (of["fetching"] for of in seller["mailboxes"] if of["address"] == mailbox)
        return at if at and (at["beganAt"] or failing) and (at["failingSince"] is not None) == failing else None

    at = await eventually(told, f"a look that {'fails' if failing else 'does not fail'}")
    assert (at["failure"] is not None) == failing, at
    return at["failure"]


async def reported(shop, raws):
    """Asserts that each of these, byte for byte, is one report, and that there is no other; gives the reports."""
    cases = (await ask(shop.served.graphql, shop.served.admin, REPORTS))["cases"]
    assert cases["totalCount"] <= 50, cases["totalCount"]
    reports = {report["raw"]["sha256"]: report for case in cases["nodes"] for report in case["reports"]}
    count = Counter(report["raw"]["sha256"] for case in cases["nodes"] for report in case["reports"])
    assert count == Counter(hashlib.sha256(raw).hexdigest() for raw in raws), (count, len(raws))
    return [reports[hashlib.sha256(raw).hexdigest()] for raw in raws]


def from_before_mime():
    """A mail in Latin-1 that does not say so; gives its id too."""
    first = make_msgid(domain="example.com")
    lines = (f"From: Karin Ek <{KARIN}>", f"To: {HELP}", "Subject: Trasig fåtölj", f"Date: {formatdate()}")
    text = "Fåtöljen är sprucken, och så får det inte gå till."
    return first, "\r\n".join((*lines, f"Message-ID: {first}", "", text, "")).encode("latin-1")


async def fetched(shop, provider, old):
    """Three mails come; those that were there before are left alone. Gives what came, and the first's answer."""
    first, latin = from_before_mime()
    big = mail("bo@example.com", "Trampoline", "As you see.")
    big.add_attachment(os.urandom(5 * 2**20), maintype="image", subtype="jpeg", filename="tramp.jpg")
    plain = mail("eva@example.com", "Sofa", "It has come apart.")
    raws = [latin, big.as_bytes(), plain.as_bytes()]
    uids = {await provider.put(raw) for raw in raws}

    case = await shop.case(first)
    assert case["messages"][0]["text"] == "Fåtöljen är sprucken, och så får det inte gå till.", case
    for said in (big, plain):
        await shop.case(said["Message-ID"])
    _, with_file, _ = await reported(shop, raws)
    assert with_file["attachments"] == [{"name": "tramp.jpg", "sizeBytes": 5 * 2**20}], with_file

    async def marked():
        seen = await provider.seen()
        assert not seen & old, seen
        return seen == uids

    await eventually(marked, f"{uids} to be marked as read")
    for sender in ("bo@example.com", "eva@example.com"):
        await shop.sink.last(sender, 1)
    answer = await shop.sink.last(KARIN, 1)
    in_order(answer, KARIN, case["owner"]["name"])
    return raws, first, answer


async def replied(shop, provider, first, answer):
    """The customer answers the answer. There is no envelope: whom it is to says To."""
    thread = {"In_Reply_To": answer.letter["Message-ID"], "References": f"{first} {answer.letter['Message-ID']}"}
    reply = mail(KARIN, answer.letter["Subject"], "Är det någon som läser?", **thread)
    reply.replace_header("To", address(answer.letter, "Reply-To"))
    await provider.put(reply.as_bytes())
    case = await shop.case(reply["Message-ID"])
    assert [f"<{report['messageId']}>" for report in case["reports"]] == [first, reply["Message-ID"]], case
    assert not any(report["unverified"] for report in case["reports"]), case
    second = await shop.sink.last(KARIN, 2)
    assert second.letter["In-Reply-To"] == reply["Message-ID"], second.letter
    return reply.as_bytes()


async def killed(shop, provider, number, pause):
    """The service dies when the mail has come, and may be reading it."""
    said = mail(f"kim-{number}@example.com", f"Bed {number}", "It creaks.")
    if pause:
        await provider.put(said.as_bytes())
        await asyncio.sleep(pause)
        shop.served.kill()
    else:
        await provider.put(said.as_bytes(), then=shop.served.kill)
    await shop.served.process.wait()
    await shop.served.start()
    await shop.case(said["Message-ID"])
    # A letter that was under way when it died is sent again after two minutes, which is not waited for here.
    return said.as_bytes()


async def new(shop, provider, subject):
    """One more mail comes."""
    sender = f"{subject}@example.com"
    said = mail(sender, subject, "It is down.")
    uid = await provider.put(said.as_bytes())
    await shop.case(said["Message-ID"])
    await shop.sink.last(sender, 1)
    await looked(shop)
    return uid, said.as_bytes()


async def away(shop, provider):
    """The provider is away, and comes back as it was. What comes then may be there before the service is."""
    provider.close()
    await looked(shop, failing=True)
    await provider.open()
    _, raw = await new(shop, provider, "broadband")
    return raw


async def renewed(shop, provider, how):
    """The mailbox comes back under another UIDVALIDITY."""
    provider.close()
    await looked(shop, failing=True)
    await how()
    await provider.open()
    await looked(shop)


async def moved(shop, provider):
    """It comes back elsewhere, with all its mail. That is no new mail."""
    await renewed(shop, provider, provider.move)
    _, raw = await new(shop, provider, "telephone")
    return raw


async def replaced(shop, provider):
    """It comes back empty: its UIDs are lower than those known."""
    await renewed(shop, provider, provider.make)
    uid, raw = await new(shop, provider, "television")
    assert uid == FIRST, uid
    return raw


async def story():
    async with Provider() as provider, sink() as (letters, port):
        old = {await provider.put(mail(KARIN, f"Old {n}", "Long ago.").as_bytes(), age=timedelta(30)) for n in range(2)}
        with tempfile.NamedTemporaryFile("w", prefix="ansvar-clients-") as password:
            print(PASSWORD, file=password, flush=True)
            settings = f"""
mail.smtp = "smtp://127.0.0.1:{port}"
[[mail.imap]]
mailbox = "{HELP}"
server = "imap://127.0.0.1:{provider.port}"
user = "{HELP}"
password_file = "{password.name}"
start_from = "now"
"""
            async with Served(settings) as served:
                shop = Shop(served, letters)
                await shop.mailbox(HELP, "IMAP")
                await looked(shop)
                raws, first, answer = await fetched(shop, provider, old)
                raws.append(await replied(shop, provider, first, answer))
                for number, pause in enumerate(PAUSES):
                    raws.append(await killed(shop, provider, number, pause))
                for outage in (away, moved, replaced):
                    raws.append(await outage(shop, provider))
                    await reported(shop, raws)
                # Whoever dies before it has noted that a letter was sent sends the same one again; nobody gets two.
                for sender in {envelope.rcpt_tos[0] for envelope in letters.taken} - {KARIN}:
                    assert len({envelope.letter["Message-ID"] for envelope in letters.to(sender)}) == 1, sender
                assert len(letters.to(KARIN)) == 2, "an old mail was answered"
                await served.runs("check")


async def distrusted(shop, tokens, heard):
    """Nothing that opens an account is shown to a server that cannot prove who it is, or in the clear."""
    assert "certificate" in (why := await looked(shop, failing=True)), why
    await looked(shop, failing=True, mailbox=OTHER)
    assert (tokens.given, tokens.shown, heard) == ([], [], {b"STARTTLS\r\n"}), (tokens.shown, heard)


async def expired(shop, provider, tokens):
    """The token is not accepted any more, though its time is not up: another is asked for, once."""
    provider.close()
    await looked(shop, failing=True)
    tokens.accepted = []
    await provider.open()
    await looked(shop)
    assert len(tokens.given) == 2 and tokens.shown[-2:] == tokens.given, (tokens.given, tokens.shown)


async def secured(folder):
    """The same over TLS, with tokens."""
    await asyncio.to_thread(certify, folder)
    Path(folder, "secret").write_text(CLIENT["client_secret"] + "\n")
    tokens, heard = Tokens(), set()
    async with (
        sink() as (letters, port),
        Secured(folder, tokens) as provider,
        await asyncio.start_server(tokens.give, "127.0.0.1", 0) as endpoint,
        await asyncio.start_server(lambda *wire: in_the_clear(heard, *wire), "127.0.0.1", 0) as clear,
        # 127.1 is this machine, which does not follow from its name: it could be any.
        Served(f"""
mail.smtp = "smtp://127.0.0.1:{port}"
[[mail.imap]]
mailbox = "{HELP}"
server = "imaps://127.0.0.1:{provider.port}"
user = "{HELP}"
oauth.token_url = "http://127.0.0.1:{endpoint.sockets[0].getsockname()[1]}/token"
oauth.client_id = "{CLIENT["client_id"]}"
oauth.client_secret_file = "{folder}/secret"
oauth.scope = "{CLIENT["scope"]}"
[[mail.imap]]
mailbox = "{OTHER}"
server = "imap://127.1:{clear.sockets[0].getsockname()[1]}"
user = "{OTHER}"
password = "{CLIENT["client_secret"]}"
""") as served,
    ):
        shop = Shop(served, letters)
        await shop.mailbox(HELP, "IMAP")
        await shop.mailbox(OTHER, "IMAP")
        await distrusted(shop, tokens, heard)
        served.kill()
        await served.process.wait()
        with patch.dict(os.environ, SSL_CERT_FILE=str(provider.cert)):
            await served.start()
        await looked(shop)
        _, first = await new(shop, provider, "gas")
        await expired(shop, provider, tokens)
        _, second = await new(shop, provider, "water")
        await reported(shop, [first, second])


if __name__ == "__main__":
    asyncio.run(story())
    with tempfile.TemporaryDirectory(prefix="ansvar-clients-") as own:
        asyncio.run(secured(Path(own)))
    print(f"imap: fetched, answered; {len(PAUSES)} times killed, three times cut off, none lost, none twice; over TLS")
