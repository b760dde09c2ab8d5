# Addresses: query strings, paths of files and routes that are none, by every method.

import json
from urllib.parse import quote

import wire
from attacks import WHO, Attack

METHODS = ["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "X" * 3000,
    "PROPFIND"]
PATHS = [
    "/", "//", "/graphql/", "/graphql/stream", "/graphql/../metrics", "/schema.graphql", "/livez", "/readyz",
    "/files", "/files/", "/files//", "/%2e%2e/%2e%2e/etc/passwd",
    "/files/..%2f..%2f..%2fetc%2fpasswd", "/files/%00", "/files/%ff%fe", "/files/" + "a" * 8000, "/files/%zz",
    "/files/a/b", "*", "http://evil.example/graphql", "/?" + "a=b&" * 2000, "/graphql?" + "&" * 9000, "/graphql;x=1",
    "/GRAPHQL", "/graphql%00", "/graphql#x", "",
]
ODD = ["%", "%zz", "%00", "%ff", "+", "&&==", "%u0041", "=", "%26", "å", "\x7f", "%ED%A0%80", "#", "?"]
JSONS = ["{}", "[]", "null", "1", '"x"', "{", '{"id":"x"}', '{"id":null}', "[" * 4000, '{"a":' * 500, "\u0000",
    '{"id":1e999}', '{"x":"\\ud800"}']


class Addresses(Attack):
    kind = "addresses"

    def step(self, rng):
        who = rng.choice(WHO)
        headers = [("accept",
            rng.choice(["application/json", "application/graphql-response+json", "*/*", "text/event-stream"]))]
        token = self.world.token(rng, who)
        if token:
            headers.append(("authorization", f"Bearer {token}"))
        draw = rng.random()
        if draw < 0.5:
            method, target, graphql = rng.choice(["GET", "GET", "GET", "HEAD", "POST"]), self.query(rng), True
        elif draw < 0.8:
            method, target, graphql = "GET", self.file(rng), False
        else:
            method, target, graphql = rng.choice(METHODS), rng.choice(PATHS), False
        target = target.encode("utf-8", "surrogatepass")
        sent = wire.request(method, target, headers)
        reply = wire.exchange(self.port, sent, patience=0.5 if headers[0][1] == "text/event-stream" else 5)
        odd = any(byte <= 32 or byte >= 127 for byte in target) or method not in ("GET", "HEAD",
            "POST") or len(target) > 60_000 or not graphql
        self.judge.reply(self.kind, who, sent, reply, graphql=graphql, malformed=odd,
            may_hang=headers[0][1] == "text/event-stream")
        if target.startswith(b"/files/") and reply.status == 200 and reply.body and who not in ("owner", "manager",
            "admin", "rival"):
            self.judge.breach(f"{self.kind}/{who}: reads a file", sent, repr(reply)[:2000])

    def query(self, rng):
        _, body = self.documents.make(rng, rng.choice(["query", "query", "query", "mutation", "subscription"]))
        values = {"query": body["query"], "variables": json.dumps(body["variables"])}
        for name in ("variables", "extensions", "operationName", "documentId", "other"):
            if rng.random() < 0.15:
                values[name] = rng.choice([*JSONS, "Q", ""])
        if rng.random() < 0.1:
            values.pop("query")
        parts = [f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in values.items()]
        if rng.random() < 0.2:
            parts.append(rng.choice(parts))
        text = "/graphql?" + "&".join(parts)
        if rng.random() < 0.25:
            place = rng.randrange(len("/graphql?"), len(text))
            text = text[:place] + rng.choice(ODD) + text[place + rng.randrange(3) :]
        return text

    def file(self, rng):
        self.documents.values.calm = False
        name = self.documents.values.identifier(rng, rng.choice(["reportId", "attachmentId", "caseId"]))
        text = str(name)[:3000]
        return "/files/" + (quote(text.encode("utf-8", "surrogatepass"),
            safe="") if rng.random() < 0.8 else text + rng.choice(["/", "?a", "%00", "%2F..", "."]))
