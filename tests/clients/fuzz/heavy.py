# Requests that are large, or stand for much: how much memory and how much time one takes for its bytes.

import json
import time

import wire
from attacks import Attack

# Megabytes beside the body's own, and how many times its bytes a request may take; seconds, and seconds for a megabyte.
BESIDE_MB, TIMES = 64, 3.5
SECONDS, SECONDS_A_MB = 3, 1
# Megabytes of the largest body: what staff and systems may send.
LARGEST_MB = 40

VALUES = ["0,", "[],", "{},", '{"a":0},', '{"a":{"b":[0]}},', "null,", '"",', "1e9,", '"\\u0000",', "[[[0]]],"]
DOCUMENTS = ["a ", "a{b}", "...f ", '"" ', "a(b:[1,1,1,1])", "@a ", "$a ", "{", "a{", "[", "# a\n", "\n", "0 ",
    "fragment f on Query{a}", "query($a:Int){a}", '"""a"""', "å"]


class Heavy(Attack):
    kind = "heavy"

    def step(self, rng):
        who = rng.choice(["client", "manager", "widget", "customer", "anonymous", "partner"])
        name, body = rng.choice([self.values, self.values, self.names, self.text, self.document, self.contract])(rng)
        token = self.world.token(rng, who)
        sent = wire.post(body, token)
        service = self.world.service
        before = service.resident_mb()
        service.forget_peak()
        began = time.monotonic()
        reply = wire.exchange(self.port, sent)
        took, peak = time.monotonic() - began, service.peak_mb()
        size = len(body) / 2**20
        shown = body[:200] + b" and so on"
        if peak and peak - before > BESIDE_MB + TIMES * size:
            self.judge.breach(f"heavy: {name} takes too much memory", shown,
                f"{peak - before:.0f} MB for {size:.1f} MB")
        if took > SECONDS + SECONDS_A_MB * size:
            self.judge.breach(f"heavy: {name} takes too long", shown, f"{took:.1f} s for {size:.1f} MB")
        self.judge.count(self.kind, str(reply.status))

    def size(self, rng):
        """Bytes: mostly some kilobytes, now and then as much as there may be."""
        return int(2 ** rng.uniform(10, 25)) if rng.random() < 0.8 else LARGEST_MB * 2**20

    def variables(self, text):
        return b'{"query":"{ __typename }","variables":{"x":' + text.encode() + b"}}"

    def values(self, rng):
        part = rng.choice(VALUES)
        return f"values {part}", self.variables("[" + part * (self.size(rng) // len(part)) + "0]")

    def names(self, rng):
        count = self.size(rng) // 12
        return "names", self.variables("{" + "".join(f'"k{number}":0,' for number in range(count)) + '"k":0}')

    def text(self, rng):
        part = rng.choice(["x", "\\n", "\\u00e5", "[0,", "å"])
        return f"a text of {part}", self.variables('"' + part * (self.size(rng) // len(part.encode())) + '"')

    def document(self, rng):
        part = rng.choice(DOCUMENTS)
        opened, closed = rng.choice([("{ ", " }"), ("", ""), ("{ a(b: [", "]) }")])
        query = opened + part * (self.size(rng) // len(part.encode())) + closed
        return f"a document of {part!r}", json.dumps({"query": query}, ensure_ascii=False).encode()

    def contract(self, rng):
        nested = rng.choice(["fields { type {", "possibleTypes { fields { type {", "fields { args { type {",
            "fields { type { ofType {", "interfaces {", "inputFields { type {", "ofType {"])
        times = rng.randrange(1, 6)
        within = (nested + " ") * times + "name description " + "} " * (nested.count("{") * times)
        roots = " ".join(f"r{number}: __schema {{ types {{ {within} }} }}" for number in range(rng.randrange(1, 10)))
        return f"the contract by {nested}", json.dumps({"query": f"{{ {roots} }}"}).encode()
