# What must hold for every answer. A breach is kept once per signature, with the request and the answer that show it.

import re
from pathlib import Path

import wire

ROOT = Path(__file__).resolve().parents[3]
# What no message may say: how the store is asked, where files lie, what things are called in Rust.
LEAKS = re.compile(
    r"SELECT .+ FROM|INSERT INTO|UPDATE .+ SET|SQLSTATE|constraint failed|violates|sqlx|sea_orm|sqlite|postgres|serde"
    r"|/(home|rustc|work|usr|tmp|root|var)/|\.rs\b|panicked|\b(core|alloc|std|tokio|chrono|async_graphql|ansvar)::"
    r"|\b(Option|Result|Vec|HashMap)<|\b(i32|i64|u32|u64|usize|f64)\b|at line \d+ column \d+",
    re.IGNORECASE,
)
# What the HTTP library says about a head that is too long, before anything of ours has seen it.
HEAD_TOO_LONG = (414, 431)


def documented():
    """Codes by the heading they stand under in docs/errors.md."""
    sections = (ROOT / "docs" / "errors.md").read_text().split("\n## ")
    codes = {part.split("\n")[0].strip("`"): set(re.findall(r"^\| `?(\w+)`? \|", part, re.M)) for part in sections}
    return codes["userErrors[].code"], codes["errors[].extensions.code"], codes["WebSocket close codes"]


class Judge:
    def __init__(self, world):
        self.world = world
        self.user_codes, self.codes, self.closes = documented()
        self.closes -= {"code"}
        self.breaches = {}
        self.seen = {}

    def breach(self, what, sent, got):
        """Keeps it, once per kind; ids and numbers make no difference."""
        key = re.sub(r"/\w+: |[a-z]+_[0-9a-z]{26}|\d+|\"[^\"]*\"", "…", what)[:160]
        known = self.breaches.setdefault(key, {"what": what, "count": 0, "sent": sent, "got": got})
        known["count"] += 1
        if len(sent) < len(known["sent"]):
            known.update(what=what, sent=sent, got=got)

    def count(self, kind, outcome):
        counts = self.seen.setdefault(kind, {})
        counts[outcome] = counts.get(outcome, 0) + 1

    def reply(self, kind, who, sent, reply, graphql=True, malformed=False, may_hang=False):
        """Judges an answer. `malformed`: it need not be HTTP, so the server below may refuse it with no word."""
        self.count(kind, reply.status)
        bad = lambda what: self.breach(f"{kind}/{who}: {what}", sent, repr(reply)[:3000])
        self.keeps_secrets(kind, who, sent, reply.body)
        if reply.status is None:
            if not (malformed or may_hang):
                bad(f"no answer{' in time' if reply.cut else ''}")
            return []
        if reply.status in (500, 501, 502) or reply.status > 504:
            bad(f"status {reply.status}")
        elif reply.status == 101 or not graphql or (malformed or reply.status in HEAD_TOO_LONG) and not reply.body:
            return []
        if reply.status < 500 and "x-request-id" not in reply.headers and not malformed:
            bad("no x-request-id")
        if not reply.body and (sent.startswith((b"HEAD", b"OPTIONS")) or reply.cut):
            return []
        try:
            found = wire.payloads(reply)
        except (ValueError, RecursionError) as error:
            bad(f"not JSON: {error}")
            return []
        for payload in found:
            self.payload(kind, who, sent, payload, reply.headers.get("x-request-id"), reply.status)
        return found

    def payload(self, kind, who, sent, payload, request_id=None, status=None):
        """Judges one GraphQL answer."""
        bad = lambda what: self.breach(f"{kind}/{who}: {what}", sent, repr((status, payload))[:3000])
        if not isinstance(payload, dict):
            return bad(f"a payload that is no object: {type(payload).__name__}")
        if isinstance(payload.get("payload"), dict) and "data" not in payload:
            payload = payload["payload"]  # A part of a multipart stream.
        self.errors(bad, sent, payload.get("errors") or [])
        if payload.get("errors") and request_id and (payload.get("extensions") or {}).get("requestId") != request_id:
            bad("errors without the request's id")
        if status and status >= 500 and not payload.get("errors"):
            bad(f"status {status} without errors")
        self.walk(bad, sent, payload.get("data"))

    def errors(self, bad, sent, errors):
        for error in errors:
            code = (error.get("extensions") or {}).get("code")
            self.count("codes", code)
            if code not in self.codes:
                bad(f"undocumented code {code}: {error.get('message')}")
            if code in ("INTERNAL", "OUTCOME_UNKNOWN"):
                bad(f"{code} at {'.'.join(str(step) for step in error.get('path') or [] if isinstance(step, str))}")
            self.says_nothing_inner(bad, sent, error.get("message"))

    def says_nothing_inner(self, bad, sent, message):
        if not isinstance(message, str) or not message:
            return bad("an error without a message")
        for found in LEAKS.finditer(message):
            # What the caller wrote may be quoted to the caller.
            if found[0].lower().encode() not in sent.lower():
                bad(f"a message leaks {found[0]!r}: {message[:200]}")

    def walk(self, bad, sent, value, name=""):
        if isinstance(value, dict):
            if name == "userErrors" and "code" in value:
                self.count("user codes", value["code"])
                if value["code"] not in self.user_codes:
                    bad(f"undocumented user error {value['code']}")
                self.says_nothing_inner(bad, sent, value.get("message", "…"))
            for key, inner in value.items():
                self.walk(bad, sent, inner, key)
        elif isinstance(value, list):
            for inner in value:
                self.walk(bad, sent, inner, name)
        elif isinstance(value, str):
            self.world.harvest(name, value)

    def keeps_secrets(self, kind, who, sent, body):
        for what, secret in self.world.hidden_from(who):
            if secret.encode() in body and secret.encode() not in sent:
                self.breach(f"{kind}/{who}: reads {what}", sent, repr(body[:3000]))

    def close(self, kind, who, sent, code):
        """Judges how a socket ended; protocol errors are the WebSocket library's to name."""
        self.count(kind, f"close {code}")
        if str(code) not in self.closes and code not in (None, 1000, 1002, 1007, 1009):
            self.breach(f"{kind}/{who}: undocumented close code {code}", sent, "")
