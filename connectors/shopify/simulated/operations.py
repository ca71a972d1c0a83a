"""Bulk operations: a query over everything, flattened into lines; children name their parent and stand at the end."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import ExecutionResult, execute, parse, validate

from connectors.shopify.simulated.schema import served
from connectors.shopify.simulated.shop import Operation, Shop


def start(shop: Shop, query: str) -> dict[str, Any]:
    """One at a time; the result is fixed when it starts."""
    if shop.operations and shop.operations[-1].polls <= shop.how.bulk_polls:
        return _refused("A bulk query operation for this app and shop is already in progress")
    errors = validate(served(), parse(query))
    if errors:
        return _refused(f"Invalid bulk query: {errors[0].message}")
    one = Operation(str(len(shop.operations) + 1), query, list(_lines(shop, query)))
    shop.operations.append(one)
    told = {**shop.operation(one), "status": "CREATED"}
    one.polls = 0
    return {"bulkOperation": told, "userErrors": []}


def stop(shop: Shop, id: str) -> dict[str, Any]:  # noqa: A002, ARG001 - the schema's name
    """Cancel the last one."""
    shop.operations[-1].polls = shop.how.bulk_polls + 1
    return {"bulkOperation": None, "userErrors": []}


def _refused(message: str) -> dict[str, Any]:
    return {"bulkOperation": None, "userErrors": [{"field": ["query"], "message": message}]}


def _lines(shop: Shop, query: str) -> Iterator[dict[str, Any]]:
    from connectors.shopify.simulated.resolvers import resolve  # noqa: PLC0415 - it stands behind us, too

    told = execute(served(), parse(query), context_value=shop, field_resolver=resolve)
    if not isinstance(told, ExecutionResult) or told.errors or told.data is None:
        raise AssertionError(f"the shop cannot carry out a bulk query: {told}")
    children: list[dict[str, Any]] = []
    for connection in told.data.values():
        for edge in connection["edges"]:
            line = {name: value for name, value in edge["node"].items() if not _is_connection(value)}
            yield line
            children += [
                {**inner["node"], "__parentId": line["id"]}
                for value in edge["node"].values()
                if _is_connection(value)
                for inner in value["edges"]
            ]
    yield from children


def _is_connection(value: Any) -> bool:
    return isinstance(value, Mapping) and "edges" in value
