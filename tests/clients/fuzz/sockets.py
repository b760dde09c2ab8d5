# WebSockets: frames that are none, messages in any order, operations begun and ended at random.

import json
import struct

from attacks import WHO, Attack
from documents import bend
from frames import BINARY, CLOSE, GOES_ON, PING, PONG, TEXT, Socket, frame, text

KINDS = {"connection_ack", "next", "error", "complete", "ping", "pong"}
# How long a socket is listened to, in seconds.
LISTEN = 0.05
NONSENSE = [
    "", "null", "[]", "{}", "1", '"x"', "{", '{"type":1}', '{"type":"x"}', '{"type":"subscribe"}',
    '{"type":"subscribe","id":1,"payload":{}}', '{"type":"complete"}', '{"type":"complete","id":null}', "[" * 5000,
    '{"type":"next","id":"1","payload":{}}',
    '{"type":"subscribe","id":"","payload":null}', '{"type":"subscribe","id":"1","payload":[]}',
    '{"type":"subscribe","id":"1","payload":{"query":1}}', '{"type":"ping","payload":"' + "x" * 60_000 + '"}',
    '{"type":"pong","payload":7}', '{"type":"ping","type":"pong"}', '{"type":"connection_init","payload":5}',
    '{"type":"ping","payload":{"authorization":1}}', '{"type":"ping","payload":{"authorization":"Bearer x"}}',
    '{"type":"ping","payload":{"AUTHORIZATION":null}}', "\u0000", '{"type":"\\u0000"}',
    '{"type":"connection_init","payload":{"authorization":"Bearer \\u0000å"}}',
]


class Sockets(Attack):
    kind = "sockets"

    def step(self, rng):
        who = rng.choice(WHO)
        token = self.world.token(rng, who)
        protocol = "graphql-transport-ws" if rng.random() < 0.95 else rng.choice(["graphql-ws", "", None, "x" * 5000,
            "a, graphql-transport-ws", "å"])
        by_header = [("authorization", f"Bearer {token}")] if token and rng.random() < 0.2 else []
        try:
            line = Socket(self.port,
                by_header + ([("origin", "https://evil.example")] if rng.random() < 0.03 else []), protocol)
        except OSError as error:
            return self.judge.breach(f"{self.kind}: no connection: {error}", b"", "")
        try:
            self.judge.count(self.kind, line.status)
            if line.status == 101:
                self.talk(rng, who, token, line, bool(by_header))
            elif line.status is None or line.status >= 500:
                self.judge.breach(f"{self.kind}/{who}: handshake answered {line.status}", line.sent, "")
        finally:
            line.close()

    def talk(self, rng, who, token, line, greeted):
        if rng.random() < 0.9:
            payload = {"authorization": f"Bearer {token}"} if token and not greeted else rng.choice([None, {}])
            line.send(text({"type": "connection_init", "payload": payload}))
            self.listen(who, line, LISTEN)
        acts = [self.subscribe] * 6 + [self.complete] * 3 + [self.nonsense, self.mutant, self.fragments, self.flood,
            self.raw, self.oversize, self.crowd]
        for _ in range(rng.choice([1, 3, 8])):
            if line.closed:
                return
            rng.choice(acts)(rng, who, token, line)
            if rng.random() < 0.4:
                self.listen(who, line, rng.choice([0.0, LISTEN]))
        if rng.random() < 0.5:
            line.said_goodbye = True
            code = rng.choice([1000, 1001, 999, 0, 1005, 4999, 65535])
            line.send(frame(CLOSE,
                rng.choice([struct.pack(">H", code) + b"bye", b"", b"\x03", b"\x03\xe8" + b"\xff" * 123,
                    b"x" * 200])))
        self.listen(who, line, LISTEN)

    def listen(self, who, line, patience):
        for kind, payload in line.hear(patience):
            self.judge.count(self.kind, f"frame {kind}")
            self.judge.keeps_secrets(self.kind, who, line.sent, payload)
            if kind == CLOSE:
                line.closed = True
                code = struct.unpack(">H", payload[:2])[0] if len(payload) > 1 else None
                # A close of ours is answered with its own code.
                self.judge.close(self.kind, who, line.sent, 1000 if line.said_goodbye else code)
                self.judge.says_nothing_inner(lambda what: self.judge.breach(f"{self.kind}/{who}: {what}", line.sent,
                    repr(payload)), line.sent, payload[2:].decode("utf-8") or "-")
            elif kind == TEXT:
                self.message(who, line, payload)
            elif kind not in (PING, PONG):
                self.judge.breach(f"{self.kind}/{who}: a frame of kind {kind}", line.sent, repr(payload[:500]))

    def message(self, who, line, payload):
        bad = lambda what: self.judge.breach(f"{self.kind}/{who}: {what}", line.sent, repr(payload[:2000]))
        try:
            message = json.loads(payload.decode("utf-8"))
        except ValueError as error:
            return bad(f"not JSON: {error}")
        if message.get("type") not in KINDS:
            bad(f"a message of type {message.get('type')}")
        elif message["type"] == "next":
            self.judge.payload(self.kind, who, line.sent, message["payload"])
        elif message["type"] == "error":
            self.judge.errors(bad, line.sent, message["payload"])

    def operation(self, rng):
        _, body = self.documents.make(rng, rng.choices(["subscription", "query", "mutation"], [70, 25, 5])[0])
        if rng.random() < 0.1:
            body["query"] = bend(rng, body["query"])
        return body

    def subscribe(self, rng, who, token, line):
        line.send(text({"type": "subscribe", "id": rng.choice("abcdef"), "payload": self.operation(rng)}))

    def complete(self, rng, who, token, line):
        line.send(text({"type": "complete",
            "id": rng.choice(["a", "b", "c", "d", "e", "f", "", "nothing", "x" * 60_000])}))

    def crowd(self, rng, who, token, line):
        """Many operations begun and ended without waiting."""
        for number in range(rng.choice([25, 60])):
            line.send(text({"type": "subscribe", "id": f"n{number}",
                "payload": {"query": rng.choice(["subscription { workEvents { cursor } }",
                    "subscription { taskEvents { cursor } }", "{ feedCursor }",
                    "subscription { myCaseEvents { seq } }"])}}))
            if rng.random() < 0.5:
                line.send(text({"type": "complete", "id": f"n{rng.randrange(number + 1)}"}))

    def nonsense(self, rng, who, token, line):
        line.send(text(rng.choice(NONSENSE)))

    def mutant(self, rng, who, token, line):
        """A message of the protocol with bytes changed."""
        message = bytearray(json.dumps({"type": "subscribe", "id": "m", "payload": self.operation(rng)}).encode())
        for _ in range(rng.randrange(1, 4)):
            message[rng.randrange(len(message))] = rng.choice(b'{}[]",:\x00\xff\xc3a0')
        line.send(frame(rng.choice([TEXT, TEXT, BINARY]), bytes(message)))

    def fragments(self, rng, who, token, line):
        """A message in pieces, with other frames between them, perhaps never ended."""
        data = json.dumps({"type": "ping", "payload": {"å": "ö" * rng.choice([1, 300])}}, ensure_ascii=False).encode()
        size = rng.choice([1, 2, 7])
        pieces = [data[place : place + size] for place in range(0, len(data), size)]
        for number, piece in enumerate(pieces):
            line.send(frame(GOES_ON if number else TEXT, piece, last=number == len(pieces) - 1))
            if rng.random() < 0.05:
                line.send(rng.choice([frame(PING, b"x"), frame(TEXT, b"{}"), frame(GOES_ON, b"", last=False),
                    frame(PING, b"x", last=False)]))
        if rng.random() < 0.2:
            line.send(frame(rng.choice([TEXT, GOES_ON, BINARY]), b"{", last=False))

    def flood(self, rng, who, token, line):
        """Pings without end, of both kinds, and nobody reads the answers."""
        some = frame(PING, b"x" * 125) if rng.random() < 0.5 else text({"type": "ping", "payload": {"x": "y" * 500}})
        line.send(some * rng.choice([50, 2000]))

    def raw(self, rng, who, token, line):
        """Bytes that are no frames, and frames that break a rule."""
        line.send(rng.choice([
            rng.randbytes(rng.choice([1, 20, 3000])), frame(TEXT, b"{}", masked=False),
            frame(TEXT, b"{}", reserved=rng.randrange(1, 8)), frame(rng.choice([3, 7, 11, 15]), b"x"),
            frame(PING, b"x" * 200),
            frame(TEXT, b"\xff\xfe\xc3"), frame(BINARY, b"\x00" * 50), frame(GOES_ON, b"x"),
            frame(TEXT, b"\xed\xa0\x80"), frame(PONG, b"x" * 125), b"GET / HTTP/1.1\r\n\r\n", frame(TEXT, b"{}")[:3],
            frame(CLOSE, b"\x03"),
        ]))

    def oversize(self, rng, who, token, line):
        """Frames and messages larger than allowed, or that only say so."""
        line.send(rng.choice([
            frame(TEXT, b"x" * 65_537), frame(TEXT, b" " * 65_530 + b"{}"), frame(TEXT, b"x", claimed=2**31),
            frame(TEXT, b"x", claimed=2**63 - 1), frame(BINARY, b"x", claimed=2**63),
            frame(TEXT, b"x" * 40_000, last=False) + frame(GOES_ON, b"x" * 40_000),
            b"".join([frame(TEXT, b"x" * 9000, last=False), *[frame(GOES_ON, b"x" * 9000, last=False)] * 20]),
            frame(PING, b"x", claimed=126),
        ]))
