"""What goes over the wire, as values: a request, a reply, or a connection that breaks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is without the query and without a slash at its ends; header names are in small letters."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `body` is None, bytes as they are, or what becomes JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"
    cut: bool = False  # declare the whole length, send the half of it, hang up

    def content(self) -> bytes:
        """The bytes to send."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        text = json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))
        try:
            return text.encode()
        except UnicodeEncodeError:  # half of a character, which JSON can spell and UTF-8 cannot
            return json.dumps(self.body, separators=(",", ":")).encode()


class HungUp(Exception):  # noqa: N818 - not an error of the system, but a line that breaks
    """The connection is closed without an answer."""


def maintenance_page() -> Reply:
    """What a proxy shows instead of an answer."""
    page = b"<html><head><title>We are down for maintenance.</title></head><body>Sorry.</body></html>"
    return Reply(200, page, content_type="text/html;charset=UTF-8")


def gateway_page() -> Reply:
    """A proxy lost the answer of the system behind it."""
    return Reply(502, b"<html><body>502 Bad Gateway</body></html>", content_type="text/html")
