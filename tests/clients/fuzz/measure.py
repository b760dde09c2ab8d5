# Measures what the service pays for each byte it receives: for every pattern of hostile.py, so many bytes and twice as
# many are sent, and its processor time and the peak of its memory are read from /proc. Fails where twice the bytes cost
# much more than twice as much, and where a byte costs more than its kind may. Arguments:
#   --short         small sizes and one service for all of a kind: a minute or two
#   kinds           only these, of mail-html mail-text mail-whole documents variables rules tables; all when left out
# Settings: ANSVAR_BIN, the service's binary; ANSVAR_MEASURE_SLOW, how many times slower than a release build it may be
# (1; 20 for a binary in a folder called debug); ANSVAR_MEASURE_ONLY, a part of the patterns' names.

import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import hostile
import wire
from service import Service
from world import World

MB = 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")
BINARY = os.environ.get("ANSVAR_BIN", "")
SLOW = float(os.environ.get("ANSVAR_MEASURE_SLOW") or (20 if "/debug/" in BINARY else 1))
# A service that has taken this much is killed: the machine must live.
MOST_MB = 2_500
# Twice the bytes may cost so many times as much, and so much more that is no matter of bytes.
GROWTH, SLACK_SECONDS, SLACK_MB = 2.7, 0.15, 12
PATIENCE = 90
MAP = (
    'source = "old"\nid = "no"\nchannel = { column = "no", words = {}, otherwise = "WEB" }\n'
    'received_at = { column = "received", format = "%Y-%m-%d %H:%M" }\ntext = ["story"]\nemail = "mail"\n'
)


@dataclass
class Kind:
    """What is measured: patterns, how many bytes, and what may be paid: seconds and megabytes, in all and for each MB."""

    patterns: dict
    long: int
    short: int
    seconds: float
    seconds_per_mb: float
    mb: float
    mb_per_mb: float


# A mail: a second for each MB, and 64 MB beyond its own size (which comes in base64, in JSON, and is kept).
KINDS = {
    "mail-html": Kind(hostile.MAIL_HTML, 400_000, 60_000, 0.1, 1, 64, 6),
    "mail-text": Kind(hostile.MAIL_TEXT, 1_000_000, 100_000, 0.1, 1, 64, 6),
    "mail-whole": Kind(hostile.MAIL_WHOLE, 1_000_000, 100_000, 0.1, 1, 64, 6),
    "documents": Kind(hostile.DOCUMENTS, 60_000, 60_000, 0.1, 2, 16, 40),
    "variables": Kind(hostile.VARIABLES, 4_000_000, 1_000_000, 0.1, 0.1, 12, 3),
    "rules": Kind(hostile.CONDITIONS, 400_000, 60_000, 0.2, 1, 24, 10),
    "tables": Kind(hostile.TABLES, 500_000, 60_000, 0.2, 3, 48, 10),
}


@dataclass
class Cost:
    seconds: float
    mb: float


class Meter:
    """What a service has used since it was made."""

    def __init__(self, pid):
        self.proc = Path(f"/proc/{pid}")
        self.before = self.memory("VmRSS")
        # The kernel begins the peak anew (proc(5)).
        (self.proc / "clear_refs").write_text("5")
        self.time = self.seconds()

    def memory(self, name):
        for line in (self.proc / "status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024 / MB
        raise ProcessLookupError(name)

    def seconds(self):
        fields = (self.proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def cost(self, before=None):
        base = self.before if before is None else before
        return Cost(self.seconds() - self.time, max(0.0, self.memory("VmHWM") - base))


class Guard:
    """Kills a process that takes too much memory."""

    def __init__(self, process):
        self.over, self.done = False, threading.Event()
        self.thread = threading.Thread(target=self.watch, args=(process,), daemon=True)
        self.thread.start()

    def watch(self, process):
        while not self.done.wait(0.01):
            try:
                status = Path(f"/proc/{process.pid}/statm").read_text()
            except OSError:
                return
            if int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE") > MOST_MB * MB:
                self.over = True
                process.kill()
                return

    def close(self):
        self.done.set()
        self.thread.join()


class Served:
    """A service that runs for a pattern, or for a whole kind."""

    def __init__(self):
        self.service = Service()
        admin = self.service.setup()
        self.service.start()
        self.world = World(self.service)
        self.world.settle(admin)
        self.seller = self.world.ask("admin", "{ sellers { id } }")["sellers"][0]["id"]
        self.base = None
        self.imports = None

    def close(self):
        self.service.close()
        if self.imports:
            self.imports.close()

    def tables(self):
        """A store that no process serves: tables are imported into it."""
        if self.imports is None:
            self.imports = Service()
            done = self.imports.command("setup", "--seller", "Tables", "--name", "Admin", "--email", "admin@tables.example")
            if done.returncode:
                raise ProcessLookupError(f"no store for tables: {done.stderr}")
        return self.imports

    def send(self, body, who):
        """Sends it; what came of it, in a word."""
        reply = wire.exchange(self.service.port, wire.post(body, self.world.tokens[who]), patience=PATIENCE)
        if not self.service.alive():
            raise ProcessLookupError("the service is gone")
        return "no answer" if reply.status is None else str(reply.status)

    def measured(self, body, who):
        guard = Guard(self.service.process)
        meter = Meter(self.service.process.pid)
        # What an earlier request has left in its hands is counted to this one too.
        self.base = meter.before if self.base is None else self.base
        try:
            said = self.send(body, who)
            return meter.cost(self.base), said
        finally:
            guard.close()


def mail(text):
    raw = hostile.MAIL.replace("{key}", secrets.token_hex(8)) + text
    query = "mutation A($input: ReceiveEmailInput!) { receiveEmail(input: $input) { userErrors { code } } }"
    return {"query": query, "variables": {"input": {"raw": base64.b64encode(raw.encode()).decode()}}}, "client"


def request(kind, pattern, size, served):
    """The request of so many bytes, and who sends it."""
    if kind == "mail-html":
        return mail(hostile.HTML + pattern(size))
    if kind == "mail-text":
        return mail(hostile.TEXT + pattern(size))
    if kind == "mail-whole":
        return mail(pattern(size))
    if kind == "documents":
        return {"query": pattern(size)}, "admin"
    if kind == "variables":
        text = '{"query":"query A { __typename }","variables":{"a":' + pattern(size) + "}}"
        return text.encode(), "client"
    team = served.world.ask("admin", "{ sellers { teams { id } } }")["sellers"][0]["teams"][0]["id"]
    rules = [{"name": "r", "when": pattern(size), "assignTo": {"teamId": team}}, {"name": "a", "when": [], "assignTo": {"teamId": team}}]
    query = "mutation A($input: PublishRuleSetInput!) { publishRuleSet(input: $input) { userErrors { code } } }"
    return {"query": query, "variables": {"input": {"sellerId": served.seller, "rules": rules}}}, "admin"


def imported(pattern, size, served):
    """What the import of a table costs: it is a process of its own. Nothing is written, so that both sizes meet the same."""
    with tempfile.TemporaryDirectory(prefix="ansvar-table-") as folder:
        table, mapping = Path(folder) / "table.csv", Path(folder) / "map.toml"
        table.write_text("no,received,story,mail\n" + pattern(size))
        mapping.write_text(MAP)
        command = [BINARY, "import", "cases", "--config", str(served.tables().config), "--seller", "Tables",
            "--map", str(mapping), "--rejected", str(Path(folder) / "rejected.csv"), "--dry-run", str(table)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        guard = Guard(process)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        guard.close()
        if process.returncode < 0:
            raise ProcessLookupError("the import was killed")
        return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MB), f"exit {process.returncode}"


def cost_of(kind, pattern, size, served):
    if kind == "tables":
        cost, said = imported(pattern, size, served)
        if served.base is None:
            served.base, began = imported(hostile.TABLES["rows"], 60, served)
            if began != "exit 0":
                raise ProcessLookupError(f"a small table cannot be imported: {began}")
        return Cost(max(0.0, cost.seconds - served.base.seconds), max(0.0, cost.mb - served.base.mb)), said
    return served.measured(*request(kind, pattern, size, served))


def wrong(kind, size, once, twice):
    """What does not hold of these two costs; nothing when all holds."""
    found = []
    for bytes_, cost in ((size, once), (2 * size, twice)):
        megabytes = bytes_ / MB
        if cost.seconds > SLOW * (kind.seconds + kind.seconds_per_mb * megabytes):
            found.append(f"{bytes_} bytes take {cost.seconds:.2f} s")
        if cost.mb > kind.mb + kind.mb_per_mb * megabytes:
            found.append(f"{bytes_} bytes take {cost.mb:.0f} MB")
    if twice.seconds > GROWTH * once.seconds + SLOW * SLACK_SECONDS:
        found.append(f"twice the bytes take {twice.seconds / max(once.seconds, 0.01):.1f} times the time")
    if twice.mb > GROWTH * once.mb + SLACK_MB:
        found.append(f"twice the bytes take {twice.mb / max(once.mb, 0.1):.1f} times the memory")
    return found


def look(name, title, size, served):
    """Measures a pattern once; prints a line. Gives what is wrong."""
    kind = KINDS[name]
    try:
        once, said = cost_of(name, kind.patterns[title], size, served)
        twice, said = cost_of(name, kind.patterns[title], 2 * size, served)
    except (ProcessLookupError, FileNotFoundError) as error:
        found, line = [str(error) or "the service is gone"], "-"
    else:
        found = wrong(kind, size, once, twice)
        line = f"{2 * size / MB:.2f} MB: {twice.seconds:.2f} s ({once.seconds:.2f}), {twice.mb:.0f} MB ({once.mb:.0f}), {said}"
    print(f"  {title}: {line}" + "".join(f"\n    WRONG: {what}" for what in found), flush=True)
    return found


def measure(name, short):
    """Measures all patterns of a kind; gives the names of those that do not hold."""
    kind, failed, served = KINDS[name], [], None
    size = kind.short if short else kind.long
    only = os.environ.get("ANSVAR_MEASURE_ONLY", "")
    print(f"{name}:", flush=True)
    try:
        for title in (title for title in kind.patterns if only in title):
            # Another process may have kept the machine busy: only what is wrong twice, on a fresh service, is wrong.
            for again in (False, True):
                if again or served is None or not short or not served.service.alive():
                    if served is not None:
                        served.close()
                    served = Served()
                    # The first request of its kind pays for what later ones find made.
                    served.base = None
                    cost_of(name, next(iter(kind.patterns.values())), 1_000, served)
                    served.base = served.base if name == "tables" else None
                if not look(name, title, size, served):
                    break
            else:
                failed.append(f"{name}: {title}")
    finally:
        if served is not None:
            served.close()
    return failed


def main():
    words = sys.argv[1:]
    short = "--short" in words
    wanted = [word for word in words if word != "--short"] or list(KINDS)
    began, failed = time.monotonic(), []
    for name in wanted:
        failed += measure(name, short)
    print(f"\nMeasured in {time.monotonic() - began:.0f} s.")
    for one in failed:
        print(f"WRONG: {one}")
    print("What is received costs more than its bytes are worth." if failed else "Every byte costs what it may.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
