# The service and a proxy whose connections can be cut, for the stories in Python: lib/service.mjs in the small.

import asyncio
import json
import os
import random
import secrets
import signal
import socket
import tempfile
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

# Generous, because machines that test are busy.
PATIENCE = 60


@asynccontextmanager
async def service():
    """A service with its demo company in an empty folder; gives the line it prints when it is ready."""
    with tempfile.TemporaryDirectory(prefix="ansvar-clients-") as data:
        process = await asyncio.create_subprocess_exec(
            os.environ["ANSVAR_BIN"],
            *("demo", "--empty", "--json", "--listen", "127.0.0.1:0", "--data", data),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            line = await asyncio.wait_for(process.stdout.readline(), 3 * PATIENCE)
            yield json.loads(line)
        finally:
            await end(process)


async def end(process):
    """Lets it end in order."""
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except asyncio.TimeoutError:
        process.kill()
        raise


class Served:
    """A service in an empty folder, with a seller, its administrator and these settings more. It can be killed and
    started again: the folder and the ports, `port` and `lmtp`, stay the same."""

    def __init__(self, more):
        self.more = more
        self.process = None

    async def __aenter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ansvar-clients-")
        self.config = Path(self.folder.name, "ansvar.toml")
        self.port, self.lmtp = islice(free_ports(), 2)
        self.graphql = f"http://127.0.0.1:{self.port}/graphql"
        self.config.write_text(f"""
listen = "127.0.0.1:{self.port}"
secret = "{secrets.token_hex(32)}"
database.url = "sqlite://{self.folder.name}/ansvar.db"
auth = {{ issuer = "live", audience = "live", algorithm = "HS256", secret = "{secrets.token_hex(32)}" }}
log.filter = "warn"
mail.lmtp = "127.0.0.1:{self.lmtp}"
{self.more}
""")
        try:
            made = await self.runs("setup", "--seller", "Shop", "--name", "Elin Sand", "--email", "elin@shop.example")
            self.admin = (await self.runs("token", made.split()[-1])).strip()
            await self.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_):
        with self.folder:
            if self.process:
                await end(self.process)

    async def runs(self, *command):
        """Runs another command with the same configuration; gives what it prints."""
        command = (os.environ["ANSVAR_BIN"], command[0], "--config", self.config, *command[1:])
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        printed, _ = await asyncio.wait_for(process.communicate(), 3 * PATIENCE)
        assert process.returncode == 0, (command, process.returncode, printed)
        return printed.decode()

    async def start(self):
        command = (os.environ["ANSVAR_BIN"], "serve", "--config", self.config)
        self.process = await asyncio.create_subprocess_exec(*command)
        # Where mail is handed over is opened last.
        await until(lambda: self.process.returncode is not None or listened_at(self.lmtp), "the service to be ready")
        assert self.process.returncode is None, "the service ended"

    def kill(self):
        """At once, from whichever thread: pulls the plug."""
        os.kill(self.process.pid, signal.SIGKILL)


def free_ports():
    """Below those that connections out are given: none of them takes one while the service is away."""
    for port in random.sample(range(20_000, 32_000), 1_000):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        yield port


def listened_at(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class Cuttable:
    """A proxy before a port of loopback. `cut` ends the connections there are; new ones are taken."""

    def __init__(self, target):
        self.target = target
        self.writers = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.meet, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.cut()
        self.server.close()

    def cut(self):
        count = len(self.writers) // 2
        for writer in list(self.writers):
            writer.transport.abort()
        return count

    async def meet(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self.writers |= {writer, far_writer}
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))
        self.writers -= {writer, far_writer}


async def carry(reader, writer):
    try:
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def until(condition, what):
    """Waits until the condition holds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain for: {what}"
        await asyncio.sleep(0.01)
