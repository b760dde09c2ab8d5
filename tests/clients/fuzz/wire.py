# HTTP/1.1 by hand: a client that may send what no library lets one send, and reads whatever comes back.

import json
import socket
import time
from dataclasses import dataclass, field

PATIENCE = 15


@dataclass
class Reply:
    """What came back. `status` is none when nothing did; `cut` says that the end was not waited for or did not come."""

    status: int | None = None
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False


def head(method, target, headers):
    """The bytes of a request's head; headers are pairs of anything."""
    as_bytes = lambda part: part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
    lines = [as_bytes(method) + b" " + as_bytes(target) + b" HTTP/1.1"]
    lines += [as_bytes(name) + b": " + as_bytes(value) for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def request(method, target, headers=(), body=b""):
    """The bytes of a whole request that asks for the connection to be closed."""
    own = [("host", "127.0.0.1"), ("connection", "close")]
    length = [("content-length", len(body))] if body or method == "POST" else []
    return head(method, target, [*own, *headers, *length]) + body


def post(body, token=None, accept="application/graphql-response+json", path="/graphql", headers=()):
    """The bytes of a GraphQL request; `body` may be bytes or whatever becomes JSON."""
    bearer = [("authorization", f"Bearer {token}")] if token else []
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request("POST", path, [("content-type", "application/json"), ("accept", accept), *bearer, *headers],
        payload)


def exchange(port, *chunks, patience=PATIENCE, pause=0.0, half_close=False):
    """Sends the chunks on a connection of their own and reads until its end, or as long as patience lasts."""
    deadline = time.monotonic() + patience
    received = bytearray()
    cut = False
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
            line.settimeout(patience)
            try:
                for chunk in chunks:
                    line.sendall(chunk)
                    if pause:
                        time.sleep(pause)
                if half_close:
                    line.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # It need not read what it refuses; what it said is read below.
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    cut = True
                    break
                line.settimeout(left)
                data = line.recv(65536)
                if not data:
                    break
                received += data
    except TimeoutError:
        cut = True
    except OSError:
        pass
    return parse(bytes(received), cut)


def parse(received, cut=False):
    """The first final answer in these bytes."""
    while received.startswith(b"HTTP/1.1 100"):
        received = received.partition(b"\r\n\r\n")[2]
    top, found, rest = received.partition(b"\r\n\r\n")
    if not found:
        return Reply(cut=cut)
    status, *lines = top.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        rest = unchunk(rest)
    elif "content-length" in headers:
        rest = rest[: int(headers["content-length"])]
    return Reply(int(status.split(" ")[1]), headers, rest, cut)


def unchunk(data):
    body = bytearray()
    while data:
        size, _, data = data.partition(b"\r\n")
        try:
            length = int(size.split(b";")[0], 16)
        except ValueError:
            break
        if not length:
            break
        body += data[:length]
        data = data[length + 2 :]
    return bytes(body)


def payloads(reply):
    """The JSON values in an answer, whether it is one, a stream of events or of parts. Raises ValueError for neither."""
    kind = reply.headers.get("content-type", "")
    text = reply.body.decode("utf-8")
    if kind.startswith(("application/json", "application/graphql-response+json")):
        return [] if reply.cut and not text else [json.loads(text)]
    if kind.startswith("text/event-stream"):
        lines = [line[5:].strip() for line in text.split("\n") if line.startswith("data:")]
    elif kind.startswith("multipart/mixed"):
        lines = [line for line in text.split("\r\n") if line.startswith("{")]
    else:
        raise ValueError(f"content-type {kind!r}")
    found = []
    for place, line in enumerate(lines):
        if line:
            try:
                found.append(json.loads(line))
            except ValueError:
                if not (reply.cut and place == len(lines) - 1):
                    raise
    return found
