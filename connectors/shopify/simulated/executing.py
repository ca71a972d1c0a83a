"""One document: validated against the schema, paid for, carried out, and its answer with it."""

import re
from collections.abc import Mapping
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from connectors.shopify.simulated.costs import Purse, cost_of
from connectors.shopify.simulated.resolvers import HungMidwayError, resolve
from connectors.shopify.simulated.schema import served
from connectors.shopify.simulated.shop import Shop

Body = dict[str, Any]
_BLAMED = re.compile(r"at '([^']+)'")
_SITES: Mapping[str, str] = {
    "customerCreate": "create",
    "companyCreate": "create",
    "metafieldDefinitionCreate": "define",
    "bulkOperationRunQuery": "changes",
    "bulkOperationCancel": "changes",
    "customers": "changes",
    "companies": "changes",
    "nodes": "read",
    "node": "changes",
    "customer": "changes",
    "customerByIdentifier": "find_created",
    "__type": "describe",
}


_LISTED: Mapping[str, str] = {"customers": "Customer", "companies": "Company"}


class Document:
    """A document that parses, with its variables. Raises ValueError where it does not."""

    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        """Nothing is looked up yet."""
        self.text = text
        self.variables = dict(variables)
        try:
            self.node = parse(text)
        except GraphQLSyntaxError as error:
            raise ValueError(str(error)) from error
        operations = [one for one in self.node.definitions if isinstance(one, OperationDefinitionNode)]
        self.operation = operations[0]

    @property
    def writes(self) -> bool:
        """Whether records may change."""
        return self.operation.operation == OperationType.MUTATION and self.site not in {"changes", "define"}

    @property
    def lists(self) -> str:
        """The kind of which it asks for a page; empty for any other document."""
        names = (one.name.value for one in self.operation.selection_set.selections if hasattr(one, "name"))
        return next((_LISTED[name] for name in names if name in _LISTED), "")

    @property
    def site(self) -> str:
        """The call of a connector that this document stands for."""
        names = [one.name.value for one in self.operation.selection_set.selections if hasattr(one, "name")]
        if self.operation.operation != OperationType.MUTATION:
            return "keys" if _only_ids(self.text) else _SITES.get(names[0], "check")
        if all(name == "tagsAdd" for name in names):
            return "archive"
        return _SITES.get(names[0], "update")


def _only_ids(text: str) -> bool:
    return "{ nodes { id } pageInfo" in text


def complaints(document: Document) -> list[Body]:
    """What speaks against carrying it out at all; empty: nothing."""
    errors = validate(served(), document.node)
    if errors:
        return [_told(error, "undefinedField") for error in errors]
    found = get_variable_values(served(), document.operation.variable_definitions or (), document.variables)
    return [_of_variable(error) for error in found] if isinstance(found, list) else []


def _told(error: GraphQLError, code: str = "") -> Body:
    extensions = {**({"code": code} if code else {}), **(error.extensions or {})}
    path = [str(step) if isinstance(step, str) else step for step in error.path or ()]
    return {"message": error.message, **({"path": path} if path else {}), "extensions": extensions}


def _of_variable(error: GraphQLError) -> Body:
    found = _BLAMED.search(error.message)
    path = re.split(r"[.\[\]]+", found[1])[1:] if found else []
    problem = {"path": [step for step in path if step], "explanation": error.message}
    return {"message": error.message, "extensions": {"code": "INVALID_VARIABLE", "problems": [problem]}}


def carried_out(shop: Shop, purse: Purse, document: Document) -> Body:
    """The body of the answer. Raises `HungMidwayError` where the line broke on the way."""
    if wrong := complaints(document):
        return {"errors": wrong}
    points = cost_of(served(), document.operation, document.variables)
    if points > shop.how.most_points:
        message = f"Query cost is {points}, which exceeds the single query max cost limit ({shop.how.most_points})."
        return {"errors": [{"message": message, "extensions": {"code": "MAX_COST_EXCEEDED", "cost": points}}]}
    if not purse.take(points, shop.system.now()):
        return throttled(purse, points)
    told = execute(
        served(), document.node, context_value=shop, variable_values=document.variables, field_resolver=resolve
    )
    if not isinstance(told, ExecutionResult):
        raise TypeError("the schema has no asynchronous fields")
    for error in told.errors or ():
        if isinstance(error.original_error, HungMidwayError):
            raise error.original_error
    body: Body = {"data": told.data, "extensions": {"cost": purse.told(points, paid=True)}}
    return {**body, **({"errors": [_told(error) for error in told.errors]} if told.errors else {})}


def throttled(purse: Purse, points: int) -> Body:
    """The answer to a call that was not carried out for want of points."""
    error = {
        "message": "Throttled",
        "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage"},
    }
    return {"errors": [error], "extensions": {"cost": purse.told(points, paid=False)}}


def internal_error() -> Body:
    """Nobody knows what went wrong, nor how far it went."""
    message = "Internal error. Looks like something went wrong on our end."
    return {"errors": [{"message": message, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "simulated"}}]}
