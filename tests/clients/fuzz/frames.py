# WebSocket frames by hand (RFC 6455): a client that may break every rule of them.

import json
import socket
import struct
import time

TEXT, BINARY, CLOSE, PING, PONG, GOES_ON = 1, 2, 8, 9, 10, 0


def frame(kind, payload=b"", last=True, masked=True, reserved=0, claimed=None):
    """A frame; `claimed` is a length other than the payload's."""
    length = len(payload) if claimed is None else claimed
    top = bytes([(0x80 if last else 0) | reserved << 4 | kind])
    mask_bit = 0x80 if masked else 0
    if length < 126:
        top += bytes([mask_bit | length])
    elif length < 65536:
        top += bytes([mask_bit | 126]) + struct.pack(">H", length)
    else:
        top += bytes([mask_bit | 127]) + struct.pack(">Q", length)
    if not masked:
        return top + payload
    # A mask of zeros is one, too, and what was sent can be read in a report.
    return top + bytes(4) + payload


def text(message):
    """A message of the protocol, or any text."""
    return frame(TEXT, (message if isinstance(message, str) else json.dumps(message)).encode("utf-8",
        "surrogatepass"))


class Socket:
    """A connection after its handshake, or what came instead of one (`status`)."""

    def __init__(self, port, headers=(), protocol="graphql-transport-ws"):
        self.sent = b""
        self.rest = b""
        self.closed = self.said_goodbye = False
        self.line = socket.create_connection(("127.0.0.1", port), 5)
        self.line.settimeout(5)
        lines = ["GET /graphql HTTP/1.1", "host: 127.0.0.1", "connection: upgrade", "upgrade: websocket",
            "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="]
        lines += [f"sec-websocket-protocol: {protocol}"] if protocol is not None else []
        lines += [f"{name}: {value}" for name, value in headers]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))
        while b"\r\n\r\n" not in self.rest and self.more(5):
            pass
        top, _, self.rest = self.rest.partition(b"\r\n\r\n")
        self.status = int(top.split(b" ")[1]) if top.startswith(b"HTTP") else None

    def send(self, data):
        self.sent += data[:2000]
        try:
            self.line.sendall(data)
        except OSError:
            self.closed = True

    def more(self, patience):
        self.line.settimeout(max(patience, 0.001))
        try:
            data = self.line.recv(65536)
        except TimeoutError:
            return False
        except OSError:
            data = b""
        self.rest += data
        self.closed = self.closed or not data
        return bool(data)

    def one(self):
        """The next frame that has come whole: its kind and payload."""
        if len(self.rest) < 2:
            return None
        kind, length, start = self.rest[0] & 15, self.rest[1] & 127, 2
        if length == 126:
            if len(self.rest) < 4:
                return None
            length, start = struct.unpack(">H", self.rest[2:4])[0], 4
        elif length == 127:
            if len(self.rest) < 10:
                return None
            length, start = struct.unpack(">Q", self.rest[2:10])[0], 10
        if len(self.rest) < start + length:
            return None
        payload = self.rest[start : start + length]
        self.rest = self.rest[start + length :]
        return kind, payload

    def hear(self, patience):
        """Frames until it is silent for this long, or closed."""
        frames = []
        deadline = time.monotonic() + patience
        while True:
            while found := self.one():
                frames.append(found)
            left = deadline - time.monotonic()
            if self.closed or left <= 0:
                return frames
            self.more(left)

    def close(self):
        self.line.close()
