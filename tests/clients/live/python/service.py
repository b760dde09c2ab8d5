# The service and a proxy whose connections can be cut, for the story in Python: lib/service.mjs in the small.

import asyncio
import json
import os
import tempfile
from contextlib import asynccontextmanager

# Generous, because machines that test are busy.
PATIENCE = 20


@asynccontextmanager
async def service():
    """A service with its demo company in an empty folder; gives the line it prints when it is ready."""
    with tempfile.TemporaryDirectory(prefix="ansvar-clients-") as data:
        process = await asyncio.create_subprocess_exec(
            os.environ["ANSVAR_BIN"],
            *("demo", "--json", "--listen", "127.0.0.1:0", "--data", data),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            line = await asyncio.wait_for(process.stdout.readline(), 3 * PATIENCE)
            yield json.loads(line)
        finally:
            if process.returncode is None:
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), PATIENCE)
            except asyncio.TimeoutError:
                process.kill()
                raise


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
