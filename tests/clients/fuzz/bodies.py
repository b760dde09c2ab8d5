# Requests that are hardly any: bodies of the wrong shape, headers that lie, connections that are left in the middle.

import json

import wire
from attacks import WHO, Attack

GOOD = {"query": "query Q($id: ID!) { node(id: $id) { id } feedCursor }", "variables": {"id": "case_x"},
    "operationName": "Q", "extensions": {}}
ANYTHING = [None, True, False, 0, -1, 1e308, "", "x", "\u0000", [], [1], {}, {"a": None}, [[]] * 100, "{}", "null",
    {"": ""}, {"__proto__": 1}, 10**40]
TYPES = [
    "application/json", "application/json; charset=utf-8", "application/json; charset=utf-16",
    "application/json;charset=\"utf-8", "text/json", "text/plain", "", "application/graphql",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "APPLICATION/JSON",
    "application/json, text/plain", "application/json;" * 500, "\xff", "application/json\x00",
]
HEADERS = {
    "accept": ["", "*/*", "text/html", "application/json;q=0", "application/json;q=NaN", "application/json;q=-1",
        "application/json;q=1e999", "," * 5000, "a/b," * 3000, "application/*", "multipart/mixed",
        "text/event-stream;q=inf", "\xff\xfe"],
    "accept-language": ["", "sv;q=NaN", "sv;q=inf", "-", "*-*", "sv-" * 4000, ";q=1", "\xc3\xa5", ","],
    "accept-encoding": ["gzip", "br", "x", "*;q=0"],
    "authorization": ["", "Bearer", "Bearer ", "Bearer  x", "bearer x", "Basic YTpi", "Bearer trk_", "Bearer wk_",
        "Bearer wk_\x00", "Bearer " + "a" * 9000, "Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer ..",
        "\xff", "Bearer trk_" + "A" * 43, "Bearer eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdfQ.e30.x"],
    "x-forwarded-for": ["", "1.2.3.4", "::1", "[::1]:99", "999.1.1.1", "a" * 8000, "1.2.3.4," * 1000, "\x00", "[",
        "]", ":", "::ffff:1.2.3.4"],
    "x-request-id": ["", "x", "å" * 200, "x" * 8000, "\x00", "a\tb"],
    "content-encoding": ["gzip", "identity", "x"],
    "expect": ["100-continue", "x"],
    "host": ["", "x", "a b", "[::1]", "x" * 8000],
    "origin": ["null", "https://evil.example", "\xff", "x" * 5000],
    "transfer-encoding": ["chunked", "gzip, chunked", "identity", "chunked, chunked", "x"],
    "content-length": ["0", "-1", "1e3", "99999999999999999999999", "+5", "5,5", "", "0x10", "18446744073709551615"],
    "connection": ["upgrade", "keep-alive", "close, close", "x"],
    "upgrade": ["websocket", "h2c", "x"],
    "sec-websocket-key": ["", "x", "dGhlIHNhbXBsZSBub25jZQ=="],
    "traceparent": ["00-x", "x" * 3000], "cookie": ["a=b; " * 1000], "range": ["bytes=0-1", "bytes=-"],
    "x" * 9000: ["y"], "x y": ["z"], "": ["z"], "x\r\ny": ["z"],
}


class Bodies(Attack):
    kind = "bodies"

    def step(self, rng):
        who = rng.choice(WHO)
        token = self.world.token(rng, who)
        rng.choice([self.shape, self.shape, self.bytes, self.headers, self.headers, self.lies, self.chunks, self.deep,
            self.pipeline])(rng, who, token)

    def judged(self, who, sent, reply, **known):
        self.judge.reply(self.kind, who, sent, reply, **known)

    def shape(self, rng, who, token):
        """JSON with parameters of the wrong kind."""
        body = dict(GOOD)
        for _ in range(rng.choice([1, 1, 2])):
            body[rng.choice(["query", "variables", "operationName", "extensions", "documentId", "id",
                "other"])] = rng.choice(ANYTHING)
        if rng.random() < 0.15:
            body["extensions"] = {"persistedQuery": rng.choice([None, 1, {},
                {"sha256Hash": rng.choice(["", "x", "a" * 64, 1, None]), "version": rng.choice([1, 2, "1"])}])}
            body.pop("query", None) if rng.random() < 0.6 else None
        if rng.random() < 0.15:
            body = rng.choice([body, [body], [body] * 50, rng.choice(ANYTHING)])
        sent = wire.post(body, token)
        self.judged(who, sent, wire.exchange(self.port, sent))

    def bytes(self, rng, who, token):
        """JSON cut short, or with bytes changed."""
        data = bytearray(json.dumps(GOOD).encode())
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(data))
            what = rng.randrange(4)
            if what == 0:
                del data[place + 1 :]
            elif what == 1:
                data[place] ^= 1 << rng.randrange(8)
            elif what == 2:
                data[place:place] = rng.choice([b"\x00", b"\xff", b"\\u0000", b"\\ud800", b"{" * 200, b'"', b"1e9999",
                    b"\xef\xbb\xbf", b"//"])
            else:
                data[place:place] = data[: rng.randrange(len(data))]
        sent = wire.post(bytes(data), token)
        self.judged(who, sent, wire.exchange(self.port, sent))

    def headers(self, rng, who, token):
        """Headers that nobody sends; what is not HTTP any more may be refused without a word."""
        names = rng.sample(sorted(HEADERS), rng.choice([1, 1, 2, 4]))
        body = json.dumps(GOOD).encode()
        own = [("host", "127.0.0.1"), ("connection", "close"),
            ("content-type", rng.choice(TYPES) if rng.random() < 0.4 else "application/json")]
        own += [("content-length", len(body))] if not {"content-length", "transfer-encoding"} & set(names) else []
        own += [("authorization", f"Bearer {token}")] if token and "authorization" not in names else []
        hostile = [(name, rng.choice(HEADERS[name]).encode("latin-1",
            "replace")) for name in names for _ in range(rng.choice([1, 1, 2]))]
        hostile = [pair for pair in own if pair[0] not in names] + hostile
        if rng.random() < 0.03:
            hostile += [(f"x-{number}", "y") for number in range(rng.choice([90, 300, 5000]))]
        rng.shuffle(hostile)
        method = rng.choice(["POST", "POST", "POST", "GET", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "BREW"])
        sent = wire.head(method, "/graphql", hostile) + body
        self.judged(who, sent, wire.exchange(self.port, sent, patience=0.5), malformed=True)

    def lies(self, rng, who, token):
        """A length that is not the body's."""
        body = json.dumps(GOOD).encode()
        length = rng.choice([0, 1, len(body) - 1, len(body) + 1, len(body) * 2, 200_000, 50_000_000, 10**12])
        own = [("host", "x"), ("connection", "close"), ("content-type", "application/json"),
            ("content-length", length)]
        own += [("authorization", f"Bearer {token}")] if token else []
        chunks = [wire.head("POST", "/graphql", own), body + (b"x" * 300_000 if rng.random() < 0.2 else b"")]
        reply = wire.exchange(self.port, *chunks, patience=0.2, half_close=rng.random() < 0.5)
        self.judged(who, b"".join(chunks), reply, may_hang=True, malformed=True)

    def chunks(self, rng, who, token):
        """A chunked body, whole, cut short or wrongly counted."""
        body = json.dumps(GOOD).encode()
        half = rng.randrange(len(body))
        pieces = [body[:half], body[half:]]
        framed = [f"{len(piece):x}".encode() + b"\r\n" + piece + b"\r\n" for piece in pieces if piece]
        end = rng.choice([b"0\r\n\r\n", b"0\r\n", b"", b"ffffffffffffffff\r\n", b"zz\r\n", b"-1\r\n",
            b"0\r\nTrailer: x\r\n\r\n", b"5;" + b"a" * 20_000 + b"\r\n", b"1\r\nxx\r\n0\r\n\r\n"])
        own = [("host", "x"), ("connection", "close"), ("content-type", "application/json"),
            ("transfer-encoding", "chunked")]
        own += [("authorization", f"Bearer {token}")] if token else []
        parts = [wire.head("POST", "/graphql", own), *framed, end]
        reply = wire.exchange(self.port, *parts, patience=0.3, half_close=rng.random() < 0.5)
        self.judged(who, b"".join(parts), reply, may_hang=True, malformed=True)

    def deep(self, rng, who, token):
        """Nested, long or heavy JSON."""
        depth = rng.choice([50, 127, 128, 129, 5000, 60_000])
        nested = rng.choice([b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth, b"[" * depth])
        heavy = rng.choice([b'"' + b"a" * 150_000 + b'"', b"[" + b"1," * 60_000 + b"1]",
            b'{"a":1' + b',"a":1' * 20_000 + b"}", b'"' + b"\\u0000" * 25_000 + b'"', b"1" * 150_000,
            b'"' + b"x" * 200_000 + b'"'])
        value = rng.choice([nested, heavy])
        field = rng.choice([b"variables", b"extensions", b"query", b"operationName"])
        document = b"" if field == b"query" else b'"query":"{ __typename }",'
        body = b"{" + document + b'"' + field + b'":' + value + b"}"
        if rng.random() < 0.4:
            body = b'{"query":"query($x: ID!) { node(id: $x) { id } }","variables":{"x":' + value + b"}}"
        sent = wire.post(body, token)
        self.judged(who, sent, wire.exchange(self.port, sent))

    def pipeline(self, rng, who, token):
        """Several requests before the first answer, the last one broken."""
        one = wire.post(GOOD, token).replace(b"connection: close\r\n", b"")
        last = wire.post(GOOD, token)
        sent = one * rng.choice([1, 5, 40]) + rng.choice([last, last[: rng.randrange(len(last))],
            b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /\r\n\r\n"])
        reply = wire.exchange(self.port, sent, patience=1, half_close=rng.random() < 0.3)
        self.judged(who, sent, reply, malformed=True)
