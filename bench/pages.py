"""A server of prepared pages: rows are spelt once, before the clock runs, and a page is a join of them.

It speaks as much of a Salesforce org as reading needs (token, COUNT, keyset by id, by stamp, by ids, locators), so that
the real connector reads it, and anybody else can follow `nextRecordsUrl`. It runs in a process of its own:

    python -m bench.pages --count 200000 --pause 0.05
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from bench.accounts import EDITED, account, number_of

DATA = "/services/data/v65.0"
_TOKEN = "/services/oauth2/token"  # noqa: S105 - a path, no token
_ABOVE, _UP_TO = re.compile(r"Id > '(\w+)'"), re.compile(r"Id <= '(\w+)'")
_LIMIT, _SINCE = re.compile(r"LIMIT (\d+)"), re.compile(r"SystemModstamp >= (\S+)")
_IDS = re.compile(r"Id IN \(([^)]*)\)")
_NONE = b'{"totalSize":0,"done":true,"records":[]}'


class Shelf:
    """The rows, in the order of their ids; numbers begin at 1. The first `edited` of them are as edited later."""

    def __init__(self, count: int, edited: int = 0) -> None:
        self.count, self.edited = count, edited
        self.rows = [orjson.dumps(account(number, edited=number <= edited)) for number in range(1, count + 1)]

    def edit(self, first: int) -> None:
        """Let so many records, from the first on, be edited now."""
        self.edited = first
        self.rows[:first] = [orjson.dumps(account(number, edited=True)) for number in range(1, first + 1)]

    def query(self, soql: str) -> bytes:
        """Answer one query."""
        if "FROM Organization" in soql or "IsDeleted" in soql:
            return _NONE
        if "COUNT()" in soql:
            return b'{"totalSize":%d,"done":true,"records":[]}' % len(self._reach(soql))
        found = self._reach(soql)
        limit = _LIMIT.search(soql)
        return self._page(found[: int(limit[1])] if limit else found)

    def _reach(self, soql: str) -> range:
        """The numbers of the rows that a query finds, in its order."""
        ids = _IDS.search(soql)
        if ids:
            numbers = [number_of(each.strip(" '")) for each in ids[1].split(",")]
            return [number for number in numbers if 0 < number <= self.count]  # type: ignore[return-value] # sliced and counted only
        above, up_to, since = _ABOVE.search(soql), _UP_TO.search(soql), _SINCE.search(soql)
        first = number_of(above[1]) if above else 0
        last = min(self.count, number_of(up_to[1])) if up_to else self.count
        if since and since[1] > EDITED:
            last = min(last, self.edited)
        reach = range(first + 1, last + 1)
        return reach[::-1] if "Id DESC" in soql else reach

    def _page(self, numbers: range) -> bytes:
        rows = self.rows
        some = [rows[number - 1] for number in numbers]
        return b'{"totalSize":%d,"done":true,"records":[%b]}' % (len(some), b",".join(some))

    def listing(self, start: int, size: int) -> bytes:
        """One page of everything, with the address of the next."""
        end = min(start + size, self.count)
        more = b',"nextRecordsUrl":"/listing/%d"' % end if end < self.count else b""
        done = b"false" if more else b"true"
        head = b'{"totalSize":%d,"done":%b%b,"records":[' % (self.count, done, more)
        return head + b",".join(self.rows[start:end]) + b"]}"


@dataclass(slots=True)
class Desk:
    """Answers requests, and counts them."""

    shelf: Shelf
    url: str = ""
    size: int = 1000
    served: int = 0

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes, bool]:
        """Status, body, and whether this is a page (which takes the pause)."""
        self.served += 1
        path = urlsplit(target).path
        if path == _TOKEN:
            return 200, self._token(), False
        if path.startswith("/listing"):
            return 200, self.shelf.listing(int(path.rpartition("/")[2] or 0), self.size), True
        if path in (f"{DATA}/query", f"{DATA}/queryAll"):
            soql = unquote(parse_qs(urlsplit(target).query)["q"][0])
            return 200, self.shelf.query(soql), "COUNT()" not in soql
        if path.endswith("/deleted"):
            return 200, _deleted(), False
        if path == "/edit" and method == "POST":
            self.shelf.edit(int(body))
            return 200, b"{}", False
        return (200, b"[]", False) if path == "/services/data" else (404, b"[]", False)

    def _token(self) -> bytes:
        identity = f"{self.url}/id/00D5gX000000001AAA/0055gX000000001AAA"
        told = {"access_token": "prepared", "instance_url": self.url, "id": identity, "token_type": "Bearer"}
        return orjson.dumps(told)


def _deleted() -> bytes:
    now = datetime.now(UTC).isoformat()
    told = {"deletedRecords": [], "earliestDateAvailable": "2020-01-01T00:00:00+00:00", "latestDateCovered": now}
    return orjson.dumps(told)


class Wire(asyncio.Protocol):
    """As much of HTTP/1.1 as the clients of these benchmarks speak: no chunked requests, one request at a time."""

    def __init__(self, desk: Desk, pause: float) -> None:
        self._desk, self._pause = desk, pause
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport  # type: ignore[assignment] # a stream's transport, always

    def data_received(self, data: bytes) -> None:
        """Answer once head and body are there."""
        self._got += data
        head, found, rest = self._got.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE) if found else None
        wanted = int(length[1]) if length else 0
        if not found or len(rest) < wanted:
            return
        self._got = rest[wanted:]
        method, target, _ = head.split(b" ", 2)
        status, body, is_page = self._desk.answer(method.decode(), target.decode(), rest[:wanted])
        self._later(self._pause if is_page else 0.0, lambda: self._send(status, body))

    def _later(self, pause: float, send: Callable[[], None]) -> None:
        if pause:
            asyncio.get_running_loop().call_later(pause, send)
        else:
            send()

    def _send(self, status: int, body: bytes) -> None:
        date = format_datetime(datetime.now(UTC), usegmt=True).encode()
        head = b"HTTP/1.1 %d OK\r\ndate: %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        if self._transport is not None:
            self._transport.writelines([head % (status, date, len(body)), body])


async def serve(count: int, pause: float, size: int, edited: int) -> None:
    """Until the one who started it goes; says its address on the first line."""
    desk = Desk(Shelf(count, edited), size=size)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Wire(desk, pause), "127.0.0.1", 0)
    desk.url = "http://{}:{}".format(*server.sockets[0].getsockname()[:2])
    print(desk.url, flush=True)  # noqa: T201 - this line is what its starter waits for
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--count", type=int, default=200_000)
    wanted.add_argument("--pause", type=float, default=0.0, help="seconds before each page")
    wanted.add_argument("--size", type=int, default=1000, help="rows of a page of the listing")
    wanted.add_argument("--edited", type=int, default=0, help="so many records are as somebody edited them")
    told = wanted.parse_args()
    asyncio.run(serve(told.count, told.pause, told.size, told.edited))


if __name__ == "__main__":
    main()
