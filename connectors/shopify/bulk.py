"""A first load as a bulk operation: one query over everything, its result a file of JSON lines on another host.

Children (addresses) stand on lines of their own that name their parent, in no order that could be relied on. The file
is fetched in slices, so that it need not fit into memory; where children are wanted it is gone through twice.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from connectors.answers import Halves, UnreadableError, parsed
from connectors.errors import ConnectorError, TransientError
from connectors.shopify.client import Client
from connectors.shopify.kinds import Shape
from connectors.shopify.selection import ADDRESSES
from connectors.shopify.settings import ShopifySettings

FIRST_WAIT = 1.0  # seconds before the second look at an operation
LONGEST_WAIT = 30.0
PATIENCE = 3600.0  # seconds of waiting for one operation
_RUNNING = frozenset({"CREATED", "RUNNING", "CANCELING"})
_START = (
    "mutation Bulk($query: String!) { bulkOperationRunQuery(query: $query)"
    " { bulkOperation { id status } userErrors { field message } } }"
)
_LOOK = (
    "query Look($id: ID!) { node(id: $id) { ... on BulkOperation"
    " { id status errorCode objectCount rootObjectCount fileSize url partialDataUrl } } }"
)
_CANCEL = "mutation Cancel($id: ID!) { bulkOperationCancel(id: $id) { userErrors { field message } } }"
_PARENT = "__parentId"
_IN_PROGRESS = re.compile(r"already in progress", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bulk:
    """Bulk operations of one shop."""

    client: Client
    settings: ShopifySettings
    sleep: Callable[[float], None]

    def nodes(self, shape: Shape) -> Iterator[list[Mapping[str, Any]]]:
        """Pages of nodes, shaped as those of a listing. Raises rather than end early."""
        query = f"{{ {shape.root} {{ edges {{ node {{ {shape.asked(bulk=True)} }} }} }} }}"
        told = self._done(self._started(query))
        if not told["url"]:
            if int(told["objectCount"]):
                raise TransientError(
                    "Shopify ended a bulk operation without saying where its result is; try again later"
                )
            yield []
            return
        yield from self._pages(shape, told)

    # -- the operation ------------------------------------------------------------------------------------------------

    def _started(self, query: str) -> str:
        told = self.client.submit("bulk", _START, {"query": query})["bulkOperationRunQuery"]
        if told["userErrors"] or not told["bulkOperation"]:
            why = told["userErrors"][0]["message"] if told["userErrors"] else "no reason given"
            code = "OPERATION_IN_PROGRESS" if _IN_PROGRESS.search(why) else ""
            raise TransientError(
                f"Shopify starts no bulk operation: {why}; try again later", code=code, retry_after=None
            )
        return str(told["bulkOperation"]["id"])

    def _done(self, operation: str) -> Mapping[str, Any]:
        waited, pause = 0.0, FIRST_WAIT
        while (told := self._look(operation))["status"] in _RUNNING:
            if waited >= PATIENCE:
                self._cancel(operation)
                raise TransientError(f"Shopify's {operation} still runs after {waited:.0f} s; try again later")
            self.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, LONGEST_WAIT)
        if told["status"] != "COMPLETED":  # what partialDataUrl offers is a part, and a part is no crawl
            why = told.get("errorCode") or "no reason given"
            raise TransientError(
                f"Shopify ended {operation} as {told['status']}: {why}; try again later", code=str(why)
            )
        return told

    def _look(self, operation: str) -> Mapping[str, Any]:
        told = self.client.ask("look", _LOOK, {"id": operation})["node"]
        if not isinstance(told, Mapping) or "status" not in told:
            raise TransientError(f"Shopify does not say how {operation} stands; try again later")
        return told

    def _cancel(self, operation: str) -> None:
        with suppress(ConnectorError):  # it ends by itself after some days
            self.client.submit("bulk", _CANCEL, {"id": operation})

    # -- its result ---------------------------------------------------------------------------------------------------

    def _pages(self, shape: Shape, told: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
        size, url = int(told["fileSize"]), str(told["url"])
        children = self._children(url, size) if ADDRESSES in shape.wanted else {}
        page: list[Mapping[str, Any]] = []
        seen = 0
        for node in self._lines(url, size):
            if _PARENT in node:
                continue
            seen += 1
            page.append(_joined(node, children) if ADDRESSES in shape.wanted else node)
            if len(page) == self.settings.page_size:
                yield page
                page = []
        if seen != int(told["rootObjectCount"]):
            message = (
                f"Shopify's bulk operation found {told['rootObjectCount']} records and gave {seen}; try again later"
            )
            raise TransientError(message)
        yield page

    def _children(self, url: str, size: int) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for node in self._lines(url, size):
            if _PARENT in node:
                found.setdefault(str(node[_PARENT]), []).append({k: v for k, v in node.items() if k != _PARENT})
        return found

    def _lines(self, url: str, size: int) -> Iterator[dict[str, Any]]:
        """Each line of the file. Raises TransientError where the file is shorter than was said."""
        rest, start = b"", 0
        while start < size:
            part = self.client.slice(url, start, min(self.settings.bulk_slice, size - start))
            if not part:
                raise TransientError(f"Shopify's bulk result ends at byte {start} of {size}; try again later")
            start += len(part)
            *lines, rest = (rest + part).split(b"\n")
            yield from map(_line, filter(None, lines))
        if rest:
            yield _line(rest)


def _line(text: bytes) -> dict[str, Any]:
    try:
        found = parsed(text, halves=Halves.KEPT)
    except UnreadableError:
        found = None
    if not isinstance(found, dict):
        raise TransientError("Shopify's bulk result has a line that cannot be read; try again later")
    return found


def _joined(node: dict[str, Any], children: Mapping[str, Sequence[Mapping[str, Any]]]) -> Mapping[str, Any]:
    return {**node, "addressesV2": {"nodes": list(children.get(node["id"], ()))}}
