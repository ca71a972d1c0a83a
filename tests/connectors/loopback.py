"""A server on loopback that says exactly what a test tells it to, byte by byte if need be."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeAlias

import orjson


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Reply: TypeAlias = Callable[[socket.socket, Seen], None]


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Reply:
    """A whole answer; header names with underscores for dashes."""

    def send(connection: socket.socket, _seen: Seen) -> None:
        connection.sendall(head(status, len(body), **headers) + body)

    return send


def says(data: object, status: int = 200, **headers: str) -> Reply:
    """JSON."""
    return reply(status, orjson.dumps(data), Content_Type="application/json", **headers)


def head(status: int, length: int, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {length}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def cut_off(body: bytes, at: int) -> Reply:
    """Declares the whole body and sends a part of it."""

    def send(connection: socket.socket, _seen: Seen) -> None:
        connection.sendall(head(200, len(body)) + body[:at])

    return send


def reset(connection: socket.socket, _seen: Seen) -> None:
    """The connection breaks hard, without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silence(connection: socket.socket, _seen: Seen) -> None:
    """No answer until the caller goes away."""
    connection.recv(1)


@dataclass
class Loopback:
    """Answers one request after the other from `script`, and then for ever with the last one."""

    script: list[Reply] = field(default_factory=lambda: [says({})])
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            request = _received(connection)
            if request is not None:
                position = len(self.seen)
                self.seen.append(request)
                self.script[min(position, len(self.script) - 1)](connection, request)
        except OSError:
            return
        finally:
            connection.close()


def _received(connection: socket.socket) -> Seen | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    top, _, body = data.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    method, target, _version = first.split(" ", 2)
    return Seen(method, target, headers, body)
