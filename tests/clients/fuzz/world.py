# Who asks, what there is, and what each must never read: two sellers with cases, notes and tasks, each with a mark.

import re
from datetime import UTC, datetime, timedelta

import wire

# How a planted text begins; what follows says what it is.
MARK = "hemlig-markering"
NOTE, TASK, WORDS, RIVAL = (f"{MARK}-{what}" for what in ("anteckning", "uppdrag", "kundord", "granne"))
WORKING = {"stages": ["RECEIVED", "ACKNOWLEDGED", "INVESTIGATING", "CLOSED"]}
# What each may not read. Staff of the first seller may read all but the rival's.
HIDDEN = {
    "anonymous": [NOTE, TASK, WORDS, RIVAL],
    "widget": [NOTE, TASK, WORDS, RIVAL],
    "client": [NOTE, TASK, WORDS, RIVAL],
    "customer": [NOTE, TASK, RIVAL],
    "partner": [NOTE, WORDS, RIVAL],
    "otherPartner": [NOTE, TASK, WORDS, RIVAL],
    "rival": [NOTE, TASK, WORDS],
}
ID = re.compile(r"^[a-z]+_[0-9a-hjkmnp-tv-z]{26}$")
CURSORS = {"cursor", "endCursor", "startCursor", "feedCursor"}
# A pool keeps this many ids; the first stay, so that what was planted is always among them.
POOL = 300


class World:
    def __init__(self, service):
        self.service = service
        self.tokens = {"anonymous": None}
        self.customers = []
        self.ids = {}
        self.cursors = []
        self.names = {}
        self.protected = set()

    def hidden_from(self, who):
        return [(secret.removeprefix(MARK + "-"), secret) for secret in HIDDEN.get(who, [RIVAL])]

    def harvest(self, name, text):
        """Keeps ids, cursors and tokens that answers show, to ask with them."""
        if ID.match(text):
            pool = self.ids.setdefault(text.partition("_")[0], [])
        elif name in CURSORS:
            pool = self.cursors
        elif text.startswith("trk_") and len(text) > 20:
            pool = self.customers
        else:
            return
        if text not in pool:
            pool.append(text)
            if len(pool) > POOL:
                del pool[POOL // 4]

    def token(self, rng, who):
        return rng.choice(self.customers) if who == "customer" else self.tokens[who]

    def ask(self, who, query, **variables):
        """Asks what must succeed, as one of us."""
        token = self.customers[0] if who == "customer" else self.tokens[who]
        body = {"query": query, "variables": variables}
        reply = wire.exchange(self.service.port, wire.post(body, token))
        (answer,) = wire.payloads(reply)
        assert answer.get("data") and not answer.get("errors"), (query, variables, answer)
        return answer["data"]

    def act(self, who, name, result, /, **values):
        """Does an act that must succeed; `result` is the payload's selection."""
        kind = name[0].upper() + name[1:] + "Input"
        asked = f"{result} userErrors {{ field message }}"
        query = f"mutation A($input: {kind}!) {{ act: {name}(input: $input) {{ {asked} }} }}"
        done = self.ask(who, query, input=values)["act"]
        assert not done["userErrors"], (name, values, done)
        return done

    def person(self, who, /, **values):
        self.names[who] = self.act("admin", "createStaff", "staff { id }", **values)["staff"]["id"]
        self.tokens[who] = self.service.token(self.names[who])

    def settle(self, admin):
        """Makes the company and its rival, and plants the marks."""
        self.tokens["admin"] = self.service.token(admin)
        self.names["admin"] = admin
        seller = self.ask("admin", "{ sellers { id } }")["sellers"][0]["id"]
        at = {"sellerId": seller}
        self.person("manager", **at, name="David Strand", email="david@hemochhage.example", role="MANAGER")
        self.person("owner", **at, name="Anna Lind", email="anna@hemochhage.example")
        spare = self.act("admin", "createStaff", "staff { id }", **at, name="Bo Ek",
            email="bo@hemochhage.example")["staff"]
        team = {"name": "Bredband", "leadId": self.names["owner"], "memberIds": [self.names["owner"], spare["id"]]}
        team = self.act("admin", "createTeam", "team { id }", **at, **team)["team"]["id"]
        partners = [self.partner(at, who, name) for who, name in (("partner", "Fiber"), ("otherPartner", "Studs"))]
        for name, partner in (("Bredband", partners[0]), ("Trädgård", partners[1])):
            self.act("admin", "setCategory", "category { id }", **at, name=name, partnerIds=[partner])
        rules = [{"name": "Allt", "when": [], "assignTo": {"teamId": team}}]
        self.act("admin", "publishRuleSet", "ruleSet { id }", **at, rules=rules)
        client = self.act("admin", "createApiClient", "apiClient { id }", **at, name="Växel")["apiClient"]["id"]
        self.tokens["client"] = self.service.token(client)
        self.names["widget"] = self.form("admin", "widget", seller)
        self.protected |= {*self.names.values(), *partners, client}
        self.plant_rival()
        self.plant(partners[0])
        self.look_around()

    def partner(self, at, who, name):
        partner = self.act("admin", "createPartner", "partner { id }", **at, name=name)["partner"]["id"]
        contact = {"partnerId": partner, "name": f"Någon på {name}", "email": f"nils@{name.lower()}.example"}
        contact = self.act("admin", "createPartnerContact", "partnerContact { id }",
            **contact)["partnerContact"]["id"]
        self.protected.add(contact)
        self.tokens[who] = self.service.token(contact)
        return partner

    def form(self, admin, who, seller):
        made = self.act(admin, "createWidget", "widget { id publishableKey }", sellerId=seller,
            name="Formulär")["widget"]
        self.tokens[who] = made["publishableKey"]
        return made["id"]

    def file(self, who, text, key, **more):
        values = {"idempotencyKey": key, "subject": "Gungställning", "email": f"{key}@kund.example", "text": text,
            **more}
        found = self.act(who, "fileComplaint", "receipt { reference trackingToken }", **values)["receipt"]
        return found["reference"], found["trackingToken"]

    def case_id(self, who, reference):
        query = "query Q($reference: String) { case(by: { reference: $reference }) { id } }"
        return self.ask(who, query, reference=reference)["case"]["id"]

    def plant_rival(self):
        boss = {"name": "Rut Rival", "email": "rut@granne.example", "role": "ADMINISTRATOR"}
        shape = "seller { id accountable { id } }"
        made = self.act("admin", "createSeller", shape, name="Granne", accountable=boss)["seller"]
        self.tokens["rival"] = self.service.token(made["accountable"]["id"])
        self.protected.add(made["accountable"]["id"])
        self.protected.add(self.form("rival", "rivalWidget", made["id"]))
        reference, _ = self.file("rivalWidget", f"Text {RIVAL}", "granne", subject=f"Ämne {RIVAL}")
        del self.tokens["rivalWidget"]
        case = self.case_id("rival", reference)
        self.ids["case"] = [case]
        self.act("rival", "addNote", "message { id }", caseId=case, text=f"Not {RIVAL}")

    def plant(self, partner):
        reference, token = self.file("widget", f"Trampolinen är trasig. {WORDS}", "planterad")
        self.customers.append(token)
        case = self.case_id("admin", reference)
        self.ids["case"].append(case)
        self.act("admin", "addNote", "message { id }", caseId=case, text=f"Kunden ljuger. {NOTE}")
        due = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        task = {"caseId": case, "partnerId": partner, "title": "Mät", "asked": f"Mät. {TASK}", "dueAt": due}
        task = self.act("admin", "requestTask", "task { id }", **task)["task"]["id"]
        self.act("partner", "acceptTask", "task { id }", taskId=task)
        self.act("partner", "updateTask", "task { id }", taskId=task, text=f"Uppmätt. {TASK}")
        offer = {"caseId": case, "toId": self.names["manager"], "note": f"Tar du? {NOTE}"}
        self.act("manager", "offerHandover", "handover { id }", **offer)

    def look_around(self):
        """Reads widely, so that there are ids of every kind; the planted ones come first."""
        case = (
            "id reference owner { id } customer { id } messages { id } "
            "reports { id raw { path } attachments { id path } }"
        )
        task = "id updates { id }"
        many = (
            f"cases(first: 50) {{ edges {{ cursor node {{ {case} }} }} }} "
            f"tasks(first: 20) {{ edges {{ cursor node {{ {task} }} }} }}"
        )
        parts = "accountable teams partners widgets apiClients categories products ruleSets serviceLevels staff"
        house = "id " + " ".join(f"{part} {{ id }}" for part in parts.split())
        for who in ("rival", "admin"):
            self.remember(self.ask(who, f"{{ feedCursor sellers {{ {house} }} {many} }}"))
        self.remember(self.ask("admin", "{ cases(first: 50) { nodes { handovers { id } } } }"))
        self.remember(self.ask("customer", "{ myCase { id messages { id } } }"))

    def remember(self, value, name=""):
        if isinstance(value, dict):
            for key, inner in value.items():
                self.remember(inner, key)
        elif isinstance(value, list):
            for inner in value:
                self.remember(inner, name)
        elif isinstance(value, str):
            self.harvest(name, value)
