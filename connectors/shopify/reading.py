"""Crawls, strong reads and look-ups by our key.

A full read goes by id and without a filter, so that nobody slips through by being edited, and as a bulk operation where
there are many; a later one goes by the time of the last change, over the search index, which lags: the look-back says
how long. Reads by id and by our key are strong.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.contract import Page, Record, RecordRef, Watermark
from connectors.errors import MisconfiguredError, TransientError
from connectors.paging import crawled, drained
from connectors.shopify import selection
from connectors.shopify.answers import TooCostlyError
from connectors.shopify.bulk import Bulk
from connectors.shopify.client import Client, told_time
from connectors.shopify.kinds import COMPANY, CUSTOMER, KEY, Shape, stamp
from connectors.shopify.selection import ADDRESSES, Tree
from connectors.shopify.settings import ShopifySettings

Node = Mapping[str, Any]
_MOST_NODES = 250
_MOST_KEYS = 50
_AT_LEAST = "AT_LEAST"


@dataclass(slots=True)
class Reader:
    """Reads records of one shop."""

    system: str
    client: Client
    settings: ShopifySettings
    shapes: Mapping[str, Shape]
    bulk: Bulk
    sizes: dict[str, int] = field(
        default_factory=dict
    )  # by sort of call: how many the shop's limit lets through at once

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """All records changed at or after `since`, or all living ones; only the last page bears a safe point."""
        shape = self.shapes[kind]
        if kind == COMPANY:
            since = None  # what moves at a location does not move the company's own time
        found, started = self._count(shape)
        if since is None and kind == CUSTOMER and found > self._bulk_above:
            batches: Iterator[Sequence[Node]] = self.bulk.nodes(shape)
        else:
            batches = self._crawl(shape, shape.asked(), since)
        pages = ([shape.record(node) for node in nodes] for nodes in batches)
        yield from crawled(pages, Watermark(started - self.settings.look_back))

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids."""
        for nodes in self._crawl(self.shapes[kind], "id", None):
            yield tuple(selection.number(node["id"]) for node in nodes)

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """As they are now. What has not the form of an id cannot be there."""
        found: dict[RecordRef, Record] = {}
        for kind in dict.fromkeys(ref.kind for ref in refs):
            wanted = [ref for ref in refs if ref.kind == kind and ref.id.isdecimal()]
            there = self.by_id(kind, [ref.id for ref in wanted])
            found |= {ref: there[ref.id] for ref in wanted if ref.id in there}
        return found

    def by_id(self, kind: str, ids: Sequence[str]) -> Mapping[str, Record]:
        """Living records by their numbers."""
        return {number: self.shapes[kind].record(node) for number, node in self.nodes(kind, ids).items()}

    def nodes(self, kind: str, ids: Sequence[str], wanted: Tree | None = None) -> Mapping[str, Node]:
        """Living records by their numbers, as they come."""
        shape = self.shapes[kind]
        tree = shape.wanted if wanted is None else wanted
        document = f"query Read($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ {shape.asked(tree)} }} }} }}"
        found: dict[str, Node] = {}

        def fetch(part: Sequence[str], call: str) -> None:
            gids = [selection.gid(kind, number) for number in part]
            told = self.client.records(call, document, {"ids": gids})["nodes"]
            found.update({selection.number(node["id"]): self._whole(tree, node) for node in told if node})

        self._in_parts(f"read {kind} {len(document)}", list(dict.fromkeys(ids)), _MOST_NODES, fetch)
        return found

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Records that carry these keys, to the letter."""
        if not keys:
            return {}
        if kind == COMPANY:
            return self._companies(frozenset(keys))
        found: dict[str, Sequence[Record]] = {}

        def fetch(part: Sequence[str], call: str) -> None:
            told = self.client.records(call, self._finding(kind, len(part)), self._identifiers(part))
            for place, key in enumerate(part):
                node = told.get(f"found{place}")
                if node is not None and (record := self._record(kind, node)).key == key:
                    found[key] = (record,)

        self._in_parts("find", list(dict.fromkeys(keys)), _MOST_KEYS, fetch)
        return found

    @property
    def _bulk_above(self) -> float:
        return math.inf if self.settings.bulk_above is None else self.settings.bulk_above

    # -- within -------------------------------------------------------------------------------------------------------

    def _record(self, kind: str, node: Node) -> Record:
        shape = self.shapes[kind]
        return shape.record(self._whole(shape.wanted, node))

    def _count(self, shape: Shape) -> tuple[float, datetime]:
        """How many there are, and the shop's time before the first of them is read. It does not count them all."""
        answer = self.client.answer("count", f"query Count {{ {shape.count} {{ count precision }} }}")
        told = answer.data["data"][shape.count]
        many = told is None or told["precision"] == _AT_LEAST
        return (math.inf if many else told["count"]), told_time(answer)

    def _crawl(self, shape: Shape, asked: str, since: Watermark | None) -> Iterator[Sequence[Node]]:
        order = "ID" if since is None else "UPDATED_AT"
        where = "" if since is None else f"updated_at:>='{stamp(since.at)}'"
        document = (
            f"query Crawl($first: Int!, $after: String, $query: String) {{ {shape.root}"
            f"(first: $first, after: $after, sortKey: {order}, query: $query)"
            f" {{ nodes {{ {asked} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        )
        call = f"crawl {shape.kind} {len(document)}"

        def fetch(token: str) -> tuple[Sequence[Node], str]:
            told = self._page(call, document, shape.root, {"after": token or None, "query": where or None})
            info = told["pageInfo"]
            nodes = [node if asked == "id" else self._whole(shape.wanted, node) for node in told["nodes"]]
            return nodes, str(info["endCursor"]) if info["hasNextPage"] else ""

        return drained(fetch)

    def _page(self, call: str, document: str, root: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """One page, as large as the limit of points of a single call allows."""
        while True:
            size = self.sizes.get(call, self.settings.page_size)
            try:
                told = self.client.records(f"{call} {size}", document, {**variables, "first": size})[root]
            except TooCostlyError as refused:
                self.sizes[call] = _smaller(size, refused)
            else:
                return _page_of(told)

    def _in_parts(self, call: str, ids: list[str], most: int, fetch: Callable[[Sequence[str], str], None]) -> None:
        start = 0
        while start < len(ids):
            size = self.sizes.get(call, most)
            part = ids[start : start + size]
            try:
                fetch(part, f"{call} {size}")
            except TooCostlyError as refused:
                self.sizes[call] = _smaller(len(part), refused)
            else:
                start += len(part)

    def _whole(self, wanted: Tree, node: Node) -> Node:
        """With all addresses, also where there are more than were asked for at once."""
        held = node.get("addressesV2")
        if ADDRESSES not in wanted or not held or not held["pageInfo"]["hasNextPage"]:
            return node
        names = selection.address_names(wanted[ADDRESSES])
        document = (
            "query Addresses($id: ID!, $after: String) { customer(id: $id) { addressesV2(first: 50, after: $after)"
            f" {{ nodes {{ {names} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
        )

        def fetch(token: str) -> tuple[Sequence[Node], str]:
            told = self.client.records("addresses", document, {"id": node["id"], "after": token})["customer"]
            if told is None:
                raise TransientError(f"{node['id']} went away while its addresses were read; try again later")
            info = told["addressesV2"]["pageInfo"]
            return told["addressesV2"]["nodes"], str(info["endCursor"]) if info["hasNextPage"] else ""

        more = [one for page in drained(fetch, str(held["pageInfo"]["endCursor"])) for one in page]
        return {**node, "addressesV2": {"nodes": [*held["nodes"], *more]}}

    def _companies(self, keys: frozenset[str]) -> Mapping[str, Sequence[Record]]:
        """No look-up of companies is strong but reading them all, newest or not; only a lost answer asks for it."""
        shape, found = self.shapes[COMPANY], dict[str, list[Record]]()
        for nodes in self._crawl(shape, shape.asked(), None):
            for node in nodes:
                if node[KEY] in keys:
                    found.setdefault(node[KEY], []).append(shape.record(node))
        return found

    def _finding(self, kind: str, count: int) -> str:
        declared = ", ".join(f"$key{place}: CustomerIdentifierInput!" for place in range(count))
        asked = self.shapes[kind].asked()
        fields = " ".join(
            f"found{place}: customerByIdentifier(identifier: $key{place}) {{ {asked} }}" for place in range(count)
        )
        return f"query Find({declared}) {{ {fields} }}"

    def _identifiers(self, keys: Sequence[str]) -> Mapping[str, Any]:
        at = self.settings
        return {
            f"key{place}": {"customId": {"namespace": at.key_namespace, "key": at.key_name, "value": key}}
            for place, key in enumerate(keys)
        }


def _smaller(size: int, refused: TooCostlyError) -> int:
    if size <= 1:
        message = f"a single record is too costly to tell; map fewer fields ({refused})"
        raise MisconfiguredError(message, code=refused.code)
    return size // 2


def _page_of(told: Any) -> Mapping[str, Any]:
    """What is cut or a stranger's must not look like the end of a crawl."""
    info = told.get("pageInfo") if isinstance(told, Mapping) else None
    if not isinstance(info, Mapping) or not isinstance(told.get("nodes"), list):
        raise TransientError("Shopify answered a listing with something that is no page; try again later")
    if not isinstance(info.get("hasNextPage"), bool) or (info["hasNextPage"] and not info.get("endCursor")):
        raise TransientError("Shopify answered a page without saying whether it is the last; try again later")
    return told  # type: ignore[no-any-return]  # looked at above
