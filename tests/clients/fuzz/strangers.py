# Strangers ask for what is not theirs, by its id: whatever has been seen, as everybody, in one wide document.

import wire
from attacks import WHO, Attack
from world import NOTE, TASK, WORDS

WIDE = """query Q($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    id
    ... on Case { subject messages { text } reports { words } handovers { note } tasks { asked updates { text } } }
    ... on CustomerCase { subject messages { text } }
    ... on Customer { name emails phones }
    ... on Message { text }
    ... on CustomerMessage { text }
    ... on CaseTask { title asked updates { text } }
    ... on TaskUpdate { text }
    ... on Handover { note }
    ... on WebFormReport { words raw { path } }
    ... on EmailReport { words raw { path } }
    ... on Attachment { name path }
    ... on Widget { publishableKey }
  }
}"""
# How many of each kind are always asked for: what was planted stands first. How many more, of any kind.
FIRST, MORE = 2, 12


class Strangers(Attack):
    kind = "strangers"

    def step(self, rng):
        self.send(rng, self.kind, rng.choice(WHO), self.body(rng))
        if rng.random() < 0.3:
            self.fetch(rng)

    def body(self, rng):
        pools = [pool for _, pool in sorted(self.world.ids.items())]
        ids = [one for pool in pools for one in pool[:FIRST]] + [rng.choice(rng.choice(pools)) for _ in range(MORE)]
        return {"query": WIDE, "variables": {"ids": ids}}

    def fetch(self, rng):
        """A report's bytes, as somebody who may not have them."""
        who = rng.choice(["anonymous", "widget", "customer", "partner", "otherPartner", "client"])
        token = self.world.token(rng, who)
        bearer = [("authorization", f"Bearer {token}")] if token else []
        sent = wire.request("GET", f"/files/{rng.choice(self.world.ids['report'])}", bearer)
        reply = wire.exchange(self.port, sent)
        self.judge.reply(self.kind, who, sent, reply, graphql=False)
        if reply.status == 200:
            self.judge.breach(f"{self.kind}/{who}: reads a file", sent, repr(reply)[:2000])

    def sees(self, rng):
        """Whether staff do read with this document what strangers must not; else nothing was tried. Gives what is missing."""
        reply = wire.exchange(self.port, wire.post(self.body(rng), self.world.tokens["admin"]))
        return [mark for mark in (NOTE, TASK, WORDS) if mark.encode() not in reply.body]
