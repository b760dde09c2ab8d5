# Values for arguments: plausible ones, so that acts get far, and hostile ones, so that they go wrong.

import base64
from datetime import UTC, datetime, timedelta

import mails

TEXTS = [
    "", " ", "\u0000", "a\u0000b", "\ud800", "å" * 61, "İ" * 200, "ﬃ" * 70, "ß" * 1001, "e\u0301" * 3000,
    "👩‍👩‍👧‍👦" * 40,
    "\u202egnirts", "\u2028\u2029\u0085", "\ufeff", "\uffff\U0010ffff", "\x1b[31m", "a\r\nBcc: x@y.example",
    "' OR 1=1 --",
    "%s%n%00", "${7*7}{{7*7}}", "<script>alert(1)</script>", "../../../../etc/passwd", "C-2026-000001",
    "C-9999-999999999999",
    "x" * 20_000, "x" * 20_001, "ö" * 150_000, "null", "\\", "\"", "_", "%", "*", "case_00000000000000000000000000",
    "case_7zzzzzzzzzzzzzzzzzzzzzzzzz", "case_zzzzzzzzzzzzzzzzzzzzzzzzzz", "\t", "İstanbul", "ΑΣ", "ﷺ" * 100, "١٢٣",
    "𝟙𝟚𝟛",
]
PATTERNS = ["(a+)+$", "(" * 300 + ")" * 300, "a{1000}{1000}", "(?i)" + "\\p{L}{400}", "[", "(?P<x", "\\b" * 900,
    "(?-u)\\xff", "^", ".*" * 400, "(?x)#", "\\u{110000}", "[^\\x00-\\x{10FFFF}]", "(?R)", "\\1"]
INTS = [0, 1, -1, 7, 50, 100, 101, 720, 721, 1000, 2**31 - 1, -(2**31), 2**31, 2**32, 2**53, 2**63 - 1, -(2**63),
    2**63, 2**64, 10**30, 1.5, 1e300]
TIMES = [
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "+262142-12-31T23:59:59Z",
    "-262143-01-01T00:00:00Z",
    "+10000-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:00+23:59", "0000-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "1969-12-31T23:59:59.999999999Z",
    "2026-01-01", "", "0", "now", "1677-09-21T00:12:43Z", "2262-04-11T23:47:17Z", "1e9", "2026-01-01t00:00:00z",
    "２０２６-01-01T00:00:00Z",
]
DECIMALS = ["0", "-0", "1", "-1", "0.01", "0.001", "1e2", "1e400", "NaN", "Infinity", "9" * 18, "9" * 40,
    "92233720368547758.07", "92233720368547758.08", "1,5", " 1", "+1", "1.", ".5", "0x10", "1_000", ""]
CURRENCIES = ["SEK", "EUR", "JPY", "KWD", "sek", "XXX", "", "SE", "SEKK", "💰💰💰", "\u0000EK"]
CLOCKS = ["08:00", "17:00", "00:00", "24:00", "23:59", "25:00", "8", "-1:00", "08:00:00", "", "０８:００", "99:99"]
ZONES = ["Europe/Stockholm", "UTC", "America/New_York", "Pacific/Apia", "Africa/Casablanca", "Europe/Nowhere", "",
    "../etc/passwd", "Etc/GMT+12"]
ADDRESSES = ["kund@kund.example", "a@b", "@", "a@@b", "å@ö.example", "\"a b\"@c.example", "a" * 400 + "@b.example",
    "a@b\u0000", "x@[127.0.0.1]", ""]
PHONES = ["+46701234567", "070-123 45 67", "0", "+", "+999999999999999999999", "anonymous", "１２３", "tel:112",
    "00" * 50, ""]
PREFIX = {
    "toId": "staff", "intoId": "case", "leadId": "staff", "memberIds": "staff", "ownerId": "staff",
    "accountableId": "staff",
    "successorId": "staff", "parentId": "category", "involvesPartner": "partner", "partnerIds": "partner",
    "apiClientId": "client", "webhookEndpointId": "hook", "clientSecretId": "secret", "taskUpdateId": "taskupdate",
    "responsiblePartnerId": "partner", "assigneeId": "contact",
    "partnerContactId": "contact", "serviceLevelId": "level",
}
# Acts that could lock one of our own actors out; they are aimed at others.
LOCKS_OUT = {"deactivateStaff", "updateStaff", "updateApiClient", "updateWidget", "updatePartner",
    "updatePartnerContact"}


class Values:
    def __init__(self, world):
        self.world = world
        # While calm, every value is a plausible one: an act that one bad value stops shows nothing of what lies behind.
        self.calm = False

    def hostile_text(self, rng):
        text = rng.choice(TEXTS)
        return text + rng.choice(TEXTS) if rng.random() < 0.1 else text

    def identifier(self, rng, name, act=None):
        ids = self.world.ids
        wanted = PREFIX.get(name, name.removesuffix("Id"))
        pool = ids.get(wanted)
        draw = 0 if self.calm else rng.random()
        if pool and draw < 0.75:
            chosen = pool[0] if rng.random() < 0.15 else rng.choice(pool)
        elif draw < 0.9 and ids:
            chosen = rng.choice(ids[rng.choice(sorted(ids))])
        else:
            return self.broken_identifier(rng)
        return "staff_nobody" if act in LOCKS_OUT and chosen in self.world.protected else chosen

    def broken_identifier(self, rng):
        ids = self.world.ids
        known = rng.choice(ids[rng.choice(sorted(ids))])
        place = rng.randrange(len(known))
        return rng.choice([
            self.hostile_text(rng), 5, known[:place], known.upper(), known + "0",
            known[:place] + rng.choice("0z_å\u0000") + known[place + 1 :],
            rng.choice(sorted(ids)) + "_" + known.partition("_")[2], "_", known + "\u0000",
        ])

    def time(self, rng):
        if not self.calm and rng.random() < 0.35:
            return rng.choice(TIMES)
        away = timedelta(seconds=rng.choice([-1, 1, 1]) * 10 ** rng.uniform(0, 6 if self.calm else 9.5))
        return (datetime.now(UTC) + away).strftime("%Y-%m-%dT%H:%M:%SZ")

    def string(self, rng, name):
        special = {
            "email": ADDRESSES, "callerEmail": ADDRESSES, "phone": PHONES, "to": PHONES, "timeZone": ZONES,
            "until": CLOCKS,
            "from": CLOCKS + PHONES, "currency": CURRENCIES, "textMatches": PATTERNS,
        }
        draw = 0.3 if self.calm else rng.random()
        if name == "idempotencyKey" and draw < 0.85:
            return f"key-{rng.randrange(200)}"
        if name in ("after", "before") and self.world.cursors and draw < 0.7:
            return rng.choice(self.world.cursors)
        if name in special and draw < 0.85:
            return rng.choice(special[name][:2]) if draw < 0.5 else rng.choice(special[name])
        if draw < 0.65:
            return f"{rng.choice(['Studsmatta', 'Router', 'Faktura', 'åäö'])} {rng.randrange(10_000)}"
        return self.hostile_text(rng)

    def scalar(self, rng, kind, name, act=None):
        if kind == "ID":
            return self.identifier(rng, name, act)
        if kind == "Int":
            most = 6 if name == "expectedVersion" else 100
            return rng.randrange(1, most) if self.calm or rng.random() < 0.5 else rng.choice(INTS)
        if kind == "Boolean":
            return rng.random() < 0.5
        if kind == "DateTime":
            return self.time(rng)
        if kind == "Decimal":
            return str(rng.randrange(100_000)) if self.calm or rng.random() < 0.4 else rng.choice(DECIMALS)
        if kind == "Base64":
            mail = base64.b64encode(mails.mutated(rng, self.world)).decode()
            return mail if self.calm or rng.random() < 0.9 else mail[: rng.randrange(len(mail) + 1)] + rng.choice(["",
                "=", "é", "\n", "-_"])
        return self.string(rng, name)

    def wrong(self, rng):
        """Something of another kind than asked for."""
        return rng.choice([None, True, 3, -1.5, 10**30, "x", [], [[[]]], {}, {"a": {"b": []}}, ["\u0000"],
            {"\u0000": 1}, {"id": None}])
