# What is sent as GraphQL over HTTP: documents from the contract, cursors that were tampered with, and broken mails.

import base64
from concurrent.futures import ThreadPoolExecutor

import mails
import wire
from documents import HOSTILE

WHO = ["anonymous", "widget", "customer", "partner", "otherPartner", "owner", "manager", "admin", "client", "rival"]
MEDIA = ["application/graphql-response+json", "application/json", "text/event-stream",
    "multipart/mixed;subscriptionSpec=1.0, application/json"]
# What a field is for, so that those who may use it are asked for oftener.
OWN = {"fileComplaint": "widget", "receiveEmail": "client", "logPhoneCall": "client",
    "logLetter": "client", "logVisit": "client",
    "addCustomerMessage": "customer", "myCase": "customer", "myCaseEvents": "customer", "acceptTask": "partner",
    "updateTask": "partner", "completeTask": "partner", "declineTask": "partner", "taskEvents": "partner",
    "assignTask": "partner", "updateTasks": "partner", "forwardComplaint": "partner", "createWebhookEndpoint": "partner",
    "updateWebhookEndpoint": "partner", "rotateWebhookSecret": "partner", "pingWebhookEndpoint": "partner",
    "replayWebhooks": "partner", "createClientSecret": "partner"}
# How long a stream is listened to.
LISTEN = 0.15
LANGUAGES = ["sv", "en", "sv-SE,sv;q=0.9", "", "*", "x" * 2000, "sv;q=NaN"]


class Attack:
    def __init__(self, world, judge, documents):
        self.world, self.judge, self.documents = world, judge, documents
        self.port = world.service.port

    def send(self, rng, kind, who, body, stream=False):
        media = rng.choice(MEDIA[2:] if stream and rng.random() < 0.9 else MEDIA)
        path = "/graphql/stream" if stream and rng.random() < 0.3 else "/graphql"
        token = self.world.token(rng, who)
        language = [("accept-language", rng.choice(LANGUAGES))] if rng.random() < 0.3 else []
        sent = wire.post(body, token, media, path, language)
        reply = wire.exchange(self.port, sent, patience=LISTEN if stream else wire.PATIENCE)
        return self.judge.reply(kind, who, sent, reply, may_hang=stream)


class FromContract(Attack):
    """Documents made from schema.graphql, as everybody."""

    kind = "documents"

    def step(self, rng):
        who = rng.choice(WHO)
        if rng.random() < 0.03:
            body = {"query": rng.choice(HOSTILE), "variables": {}}
            return self.send(rng, self.kind, who, body)
        kind, body = self.documents.make(rng)
        field = body["query"].partition("r0: ")[2].split("(")[0].split(" ")[0]
        if field in OWN and rng.random() < 0.7:
            who = OWN[field]
        elif kind == "mutation" and rng.random() < 0.5:
            who = rng.choice(["admin", "manager", "owner"])
        self.send(rng, self.kind, who, body, stream=kind == "subscription")


class Rush(Attack):
    """The same acts, or acts on the same things, by several people in the same moment."""

    kind = "rush"

    def step(self, rng):
        sent = []
        _, body = self.documents.make(rng, "mutation")
        for _ in range(6):
            field = body["query"].partition("r0: ")[2].split("(")[0]
            who = OWN[field] if field in OWN and rng.random() < 0.9 else rng.choice(["admin", "manager", "owner"])
            sent.append((who, wire.post(body, self.world.token(rng, who))))
            if rng.random() < 0.2:
                _, body = self.documents.make(rng, "mutation")
        with ThreadPoolExecutor(len(sent)) as pool:
            replies = list(pool.map(lambda pair: wire.exchange(self.port, pair[1]), sent))
        for (who, request), reply in zip(sent, replies):
            self.judge.reply(self.kind, who, request, reply)


class Cursors(Attack):
    """Cursors of one list, person or stream, given to another, whole or tampered with."""

    kind = "cursors"
    LISTS = {"cases": "nodes { id reference subject }", "tasks": "nodes { id title asked }"}

    def step(self, rng):
        who = rng.choice(["owner", "manager", "admin", "partner", "otherPartner", "rival", "customer", "anonymous"])
        cursor = self.tampered(rng)
        if rng.random() < 0.3:
            field, kind = rng.choice([("taskEvents", "kind task { asked }"),
                ("workEvents", "cursor event { seq at }")])
            scope = ", scope: SELLER" if field == "workEvents" and rng.random() < 0.7 else ""
            query = f"subscription Q($after: String) {{ {field}(after: $after{scope}) {{ {kind} cursor }} }}"
            return self.send(rng, self.kind, who, {"query": query, "variables": {"after": cursor}}, stream=True)
        field = rng.choice(sorted(self.LISTS))
        way, size = rng.choice([("after", "first"), ("before", "last"), ("after", "last"), ("before", "first")])
        count = rng.choice([1, 2, 50, 0, -1, 10**9, None])
        asked = f"totalCount {self.LISTS[field]} edges {{ cursor }} pageInfo {{ hasNextPage endCursor startCursor }}"
        query = f"query Q($c: String, $n: Int) {{ {field}({way}: $c, {size}: $n) {{ {asked} }} feedCursor }}"
        self.send(rng, self.kind, who, {"query": query, "variables": {"c": cursor, "n": count}})

    def tampered(self, rng):
        known = rng.choice(self.world.cursors)
        draw = rng.random()
        if draw < 0.25:
            return known
        if draw < 0.35:
            return rng.choice(["", "0", "null", "=", "MQ==", "\u0000", "å", known * 50, "A" * 100_000, 7, None,
                {"a": 1}])
        try:
            inner = bytearray(base64.urlsafe_b64decode(known + "=" * (-len(known) % 4)))
        except ValueError:
            inner = bytearray(known.encode())
        for _ in range(rng.choice([1, 1, 3])):
            place = rng.randrange(len(inner) + 1)
            if rng.random() < 0.6 and place < len(inner):
                inner[place] ^= 1 << rng.randrange(8)
            elif rng.random() < 0.5:
                del inner[place:]
            else:
                inner[place:place] = rng.randbytes(rng.randrange(1, 9))
        text = base64.urlsafe_b64encode(bytes(inner)).decode()
        return text if rng.random() < 0.2 else text.rstrip("=")


class Mails(Attack):
    """Broken mails from the gateway; now and then somebody reads what became of them."""

    kind = "mails"
    TAKE = """mutation M($raw: Base64!, $at: DateTime) {
      receiveEmail(input: { raw: $raw, receivedAt: $at }) { receipt { __typename } userErrors { code field message } }
    }"""
    READ = """{
      cases(first: 3) {
        nodes {
          id subject understood customer { name emails } messages { id text }
          reports {
            id words raw { path sizeBytes } attachments { name contentType path sizeBytes }
            ... on EmailReport { fromName fromAddress to messageId subject notUnderstoodBecause writtenAt }
          }
        }
      }
    }"""

    def step(self, rng):
        draw = rng.random()
        if draw < 0.12:
            return self.read(rng)
        raw = base64.b64encode(mails.mutated(rng, self.world)).decode()
        at = self.documents.values.time(rng) if rng.random() < 0.2 else None
        found = self.send(rng, self.kind, "client", {"query": self.TAKE, "variables": {"raw": raw, "at": at}})
        for answer in found:
            act = (answer.get("data") or {}).get("receiveEmail") if isinstance(answer, dict) else None
            taken = "taken" if act and act["receipt"] else "refused"
            self.judge.count("mail", taken)

    def read(self, rng):
        found = self.send(rng, self.kind, "admin", {"query": self.READ})
        for answer in found:
            for case in ((answer.get("data") or {}).get("cases") or {}).get("nodes") or []:
                for report in case["reports"]:
                    paths = [report["raw"]["path"], *(file["path"] for file in report["attachments"])]
                    self.fetch(rng.choice(paths))

    def fetch(self, path):
        sent = wire.request("GET", path, [("authorization", f"Bearer {self.world.tokens['admin']}")])
        reply = wire.exchange(self.port, sent)
        self.judge.reply(self.kind, "admin", sent, reply, graphql=False)
        if reply.status != 200:
            self.judge.breach(f"{self.kind}: a file that a report names is not there", sent, repr(reply)[:2000])
