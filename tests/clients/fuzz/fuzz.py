# Fuzzes the service for a while with every kind of attack in turn, and says what did not hold. Settings: see run.sh.

import os
import random
import sys
import time

import wire
from addresses import Addresses
from attacks import Cursors, FromContract, Mails, Rush
from bodies import Bodies
from documents import Documents
from heavy import Heavy
from judge import ROOT, Judge
from service import Service
from sockets import Sockets
from strangers import Strangers
from values import Values
from world import World

# How often each has its turn, and of how many steps: about a second's worth; short, so that kinds meet what others left.
# Steps and not time, so that a seed gives the same steps on a fast machine and on a slow one.
KINDS = {
    FromContract: (32, 40), Strangers: (4, 40), Rush: (6, 8), Bodies: (14, 15), Cursors: (10, 60), Sockets: (14, 5),
    Mails: (12, 50), Addresses: (8, 80), Heavy: (2, 4),
}
# Megabytes in memory at most; and how many more at the end than in the middle, of a run that lasts so many seconds.
MOST_MB, GROWTH_MB, GROWTH_AFTER = 400, 60, 200


def attack(attacks, seed, service, judge, seconds):
    """Takes turns until the time is up or the service is gone; gives how much memory it had after each."""
    memory = []
    weights = [KINDS[type(one)][0] for one in attacks]
    # Everybody has a turn, however short the time; then they come by their weight.
    first = list(attacks)
    turns, number = random.Random(seed), 0
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        one = first.pop() if first else turns.choices(attacks, weights)[0]
        for _ in range(KINDS[type(one)][1]):
            # Each step draws from its own source: what one draws more, for the ids it met, moves no other.
            number += 1
            try:
                one.step(random.Random(f"{seed} {number}"))
            except ConnectionRefusedError:
                pass
            if not service.alive():
                judge.breach(f"{one.kind}: the service is gone", b"", service.said()[-3000:])
                return memory
            if time.monotonic() >= ends:
                break
        size = service.resident_mb()
        if size:
            memory.append(size)
    return memory


def after(world, judge, service):
    """What must still hold when all is over."""
    if service.alive():
        try:
            world.act("admin", "updateWidget", "widget { active }", widgetId=world.names["widget"], active=True)
            reference, token = world.file("widget", "En vanlig reklamation.", f"efteråt-{time.time_ns()}")
            world.customers.insert(0, token)
            mine = world.ask("customer", "{ myCase { reference ownerName } }")["myCase"]
            assert mine["reference"] == reference and mine["ownerName"], mine
            world.case_id("admin", reference)
        except (AssertionError, ValueError, OSError) as error:
            judge.breach("afterwards: a normal complaint is not taken", b"", repr(error)[:2000])
        code = service.stop()
        if code != 0:
            judge.breach(f"afterwards: the service ended with {code}", b"", service.said()[-3000:])
    broken = service.check()
    if broken:
        judge.breach("afterwards: `ansvar check` reports a breach", b"", broken[:4000])
    for line in service.said().splitlines():
        # The reader of mails asserts more in a debug build than it does elsewhere; the service catches it and keeps the mail,
        # marked. Its answers are judged like all others.
        caught = "/mail-parser-" in line
        if ("panicked at" in line and not caught) or " ERROR " in line:
            judge.breach(f"log: {line.strip()[:300]}", b"", line)


def remember(judge, memory, seconds):
    if not memory:
        return
    half, most = len(memory) // 2, 3 * len(memory) // 4
    middle, end = (sum(part) / len(part) for part in (memory[half:most] or memory, memory[most:]))
    print(f"Memory: {memory[0]:.0f} MB, then {middle:.0f}, {end:.0f} at the end, {max(memory):.0f} at most.")
    if max(memory) > MOST_MB:
        judge.breach(f"memory: {max(memory):.0f} MB", b"", "")
    if seconds > GROWTH_AFTER and end - middle > GROWTH_MB:
        judge.breach(f"memory: grows from {middle:.0f} to {end:.0f} MB", b"", "")


def report(judge):
    for kind, outcomes in judge.seen.items():
        total = sum(outcomes.values())
        shown = ", ".join(f"{outcome}: {count}" for outcome,
            count in sorted(outcomes.items(), key=lambda pair: -pair[1]))
        print(f"{kind}: {total} ({shown})")
    for number, breach in enumerate(judge.breaches.values(), 1):
        print(f"\n--- breach {number}, {breach['count']} times: {breach['what']}")
        print(f"sent: {breach['sent'][:4000]!r}")
        print(f"got:  {breach['got']}")


def main():
    seconds = float(os.environ.get("ANSVAR_FUZZ_SECONDS") or 30)
    seed = int(os.environ.get("ANSVAR_FUZZ_SEED") or random.SystemRandom().randrange(2**32))
    wanted = set(filter(None, os.environ.get("ANSVAR_FUZZ_KINDS", "").split(",")))
    print(f"Fuzzing for {seconds:.0f} s; ANSVAR_FUZZ_SEED={seed} repeats it.", flush=True)
    service = Service(os.environ.get("ANSVAR_FUZZ_DATABASE"))
    try:
        admin = service.setup()
        service.start()
        world = World(service)
        world.settle(admin)
        judge = Judge(world)
        reply = wire.exchange(service.port, wire.request("GET", "/schema.graphql"))
        sdl = reply.body.decode() if reply.status == 200 else (ROOT / "schema.graphql").read_text()
        documents = Documents(sdl, Values(world))
        attacks = [kind(world, judge, documents) for kind in KINDS if not wanted or kind.kind in wanted]
        unseen = Strangers(world, judge, documents).sees(random.Random(seed))
        assert not unseen, f"what is planted is not to be seen by its own: {unseen}"
        remember(judge, attack(attacks, seed, service, judge, seconds), seconds)
        after(world, judge, service)
        report(judge)
    finally:
        service.close()
    found = len(judge.breaches)
    print(f"\nFuzz tests: {found} breaches." if found else "\nFuzz tests: all that must hold held.")
    sys.exit(1 if judge.breaches else 0)


if __name__ == "__main__":
    main()
