# The built service with an empty store of its own, on a free port of loopback: started, watched, stopped and checked.

import os
import re
import secrets
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PATIENCE = 60

# Shares are so large that no caller meets their end: what is fuzzed is what lies behind them.
CONFIG = """\
listen = "127.0.0.1:{port}"
secret = "{secret}"

[database]
url = "{database}"
connections = 4

[auth]
issuer = "fuzz"
audience = "fuzz"
algorithm = "HS256"
secret = "{secret}"

[rates]
public = {{ burst = 1000000000, per_second = 100000000 }}
signed_in = {{ burst = 1000000000, per_second = 100000000 }}
streams = 50

[log]
filter = "warn"
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    def __init__(self, database=None):
        self.binary = os.environ["ANSVAR_BIN"]
        self.folder = tempfile.TemporaryDirectory(prefix="ansvar-fuzz-")
        data = Path(self.folder.name)
        self.port = free_port()
        self.config = data / "ansvar.toml"
        self.log_file = data / "log"
        url = database or f"sqlite://{data / 'ansvar.db'}"
        self.config.write_text(CONFIG.format(port=self.port, secret=secrets.token_hex(32), database=url))
        self.process = None

    def command(self, *args):
        """Runs a command of the service to its end."""
        return subprocess.run(
            [self.binary, args[0], "--config", str(self.config), *args[1:]],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def setup(self):
        """Makes the first seller; gives its administrator's id."""
        done = self.command("setup", "--seller", "Hem & Hage", "--name", "Elin Sand", "--email",
            "elin@hemochhage.example")
        found = re.search(r"staff_\w+", done.stdout)
        assert found, done.stdout + done.stderr
        return found[0]

    def token(self, subject):
        done = self.command("token", subject)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self):
        self.log = open(self.log_file, "ab")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--config", str(self.config)],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            # Without backtraces: reading debug symbols takes 150 MB that are never given back, and memory is measured here.
            env={**os.environ, "RUST_BACKTRACE": "0"},
        )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.alive():
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("The service does not start:\n" + self.said())

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def said(self):
        return self.log_file.read_text(errors="replace")

    def forget_peak(self):
        """From now on the peak of memory is counted anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak_mb(self):
        """Megabytes of memory that it had in its hands at most since then; none when it is gone."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return None
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else None

    def resident_mb(self):
        """Megabytes of memory it has in its hands; none when it is gone."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return None
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else None

    def stop(self):
        """Lets it end in order; gives its exit code."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return None if self.process is None else self.process.returncode

    def check(self):
        """What `ansvar check` says about the store: nothing when all holds."""
        done = self.command("check")
        return None if done.returncode == 0 else (done.stdout + done.stderr).strip() or f"exit code {done.returncode}"

    def close(self):
        self.stop()
        self.folder.cleanup()
