"""What a document costs, and the bucket it is paid from.

An object costs a point, a connection two and its objects as many times as are asked for, a mutation ten. The vendor's
own formula is finer, and its sums are lower.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    value_from_ast_untyped,
)

MUTATION_COST = 10
CONNECTION_COST = 2


def cost_of(schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
    """Points, before it is carried out."""
    writes = operation.operation == OperationType.MUTATION
    root = schema.mutation_type if writes else schema.query_type
    fields = _selected(schema, root, operation.selection_set, variables)
    return max(1, MUTATION_COST * len(operation.selection_set.selections) + fields if writes else fields)


def _selected(schema: GraphQLSchema, kind: Any, chosen: SelectionSetNode | None, variables: Mapping[str, Any]) -> int:
    total = 0
    for node in chosen.selections if chosen else ():
        if isinstance(node, InlineFragmentNode):
            total += _selected(schema, schema.type_map[node.type_condition.name.value], node.selection_set, variables)
        elif isinstance(node, FieldNode):
            total += _field(schema, kind, node, variables)
    return total


def _field(schema: GraphQLSchema, kind: Any, node: FieldNode, variables: Mapping[str, Any]) -> int:
    found = getattr(kind, "fields", {}).get(node.name.value)
    if found is None or is_leaf_type(get_named_type(found.type)):
        return 0
    inner = get_named_type(found.type)
    given = {one.name.value: value_from_ast_untyped(one.value, dict(variables)) for one in node.arguments}
    below = _selected(schema, inner, node.selection_set, variables)
    if inner.name.endswith("Connection"):
        return CONNECTION_COST + int(given.get("first") or given.get("last") or 1) * max(1, below)
    if inner.name in {"PageInfo", "UserError", "BusinessCustomerUserError"} or node.name.value.startswith("__"):
        return 0
    if node.name.value in {"edges", "node"} or (node.name.value == "nodes" and "ids" not in given):
        return max(1, below)
    return len(given.get("ids") or (1,)) * (1 + below)


class Purse:
    """The bucket of one app in one shop."""

    def __init__(self, most: float, rate: float, now: datetime) -> None:
        """Full at the start."""
        self.most = most
        self.rate = rate
        self.available = most
        self._at = now

    def take(self, points: int, now: datetime) -> bool:
        """Pay, or leave it as it is."""
        self.available = min(self.most, self.available + self.rate * max(0.0, (now - self._at).total_seconds()))
        self._at = now
        if points > self.available:
            return False
        self.available -= points
        return True

    def told(self, points: int, *, paid: bool) -> dict[str, Any]:
        """`extensions.cost` of an answer."""
        return {
            "requestedQueryCost": points,
            "actualQueryCost": points if paid else None,
            "throttleStatus": {
                "maximumAvailable": float(self.most),
                "currentlyAvailable": float(int(self.available)),
                "restoreRate": float(self.rate),
            },
        }
