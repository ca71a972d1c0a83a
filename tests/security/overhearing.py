"""Which names of fields our questions held, as they came in over the wire at three simulated vendors."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from graphql import FieldNode, StringValueNode, Visitor, parse, visit

from connectors.testing.exchange import Request
from tests.crash.systems import CRM, ERP, SHOP, Systems

_SELECTED = re.compile(r"SELECT (.*?) FROM (?!Organization)")
_FORM_QUERY = "DynamicFormService.ExecuteBillQuery.common.kdsvc"


@contextmanager
def overheard(systems: Systems) -> Iterator[dict[str, set[str]]]:
    """What is asked for meanwhile, by system: columns of SOQL, FieldKeys of Kingdee, selections of Shopify."""
    asked: dict[str, set[str]] = {CRM: set(), SHOP: set(), ERP: set()}
    with pytest.MonkeyPatch.context() as patch:
        _listen(patch, systems.org, lambda request: asked[CRM].update(_of_salesforce(request)))
        _listen(patch, systems.shopfront, lambda request: asked[SHOP].update(_of_shopify(request)))
        _listen(patch, systems.centre, lambda request: asked[ERP].update(_of_kingdee(request)))
        yield asked


def _listen(patch: pytest.MonkeyPatch, simulator: Any, hear: Callable[[Request], None]) -> None:
    answer = simulator.answer

    def heard(request: Request) -> Any:
        hear(request)
        return answer(request)

    patch.setattr(simulator, "answer", heard)


def _of_salesforce(request: Request) -> Iterable[str]:
    return [name for found in _SELECTED.findall(request.query.get("q", "")) for name in found.split(", ")]


def _of_kingdee(request: Request) -> Iterable[str]:
    if not request.path.endswith(_FORM_QUERY):
        return ()
    told = json.loads(request.body)["data"]
    data = json.loads(told) if isinstance(told, str) else told
    return [] if data["FormId"] == "ORG_Organizations" else data["FieldKeys"].split(",")


def _of_shopify(request: Request) -> Iterable[str]:
    """Names of fields inside a customer; a metafield by its namespace and key."""
    if not request.path.endswith("graphql.json"):
        return ()
    seen = _Leaves()
    visit(parse(json.loads(request.body)["query"]), seen)
    return seen.names


class _Leaves(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self._path: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        told = {argument.name.value: argument.value for argument in node.arguments}
        named = [value.value for value in map(told.get, ("namespace", "key")) if isinstance(value, StringValueNode)]
        self._path.append(".".join(("metafields", *named)) if named else node.name.value)

    def leave_field(self, node: FieldNode, *_: Any) -> None:
        of_records = "nodes" in self._path and self._path[0] != "metafieldDefinitions"
        if of_records and node.selection_set is None:
            inside = self._path[self._path.index("nodes") + 1 :]
            self.names.append(".".join(inside[:-1] if inside[0].startswith("metafields.") else inside))
        self._path.pop()
