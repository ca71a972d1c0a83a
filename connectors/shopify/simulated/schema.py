"""The published schema, cut to what is served here, and the few mutations that are newer than it."""

from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_schema, extend_schema, parse

_HERE = Path(__file__).parent
# Not in the published schema: documents with these are proven by nobody.
NEWER = ("customerAddressCreate", "customerAddressUpdate", "customerAddressDelete")


@cache
def published() -> GraphQLSchema:
    """2025-01, as it was published."""
    return build_schema((_HERE / "schema_2025_01.graphql").read_text(encoding="utf-8"))


@cache
def served() -> GraphQLSchema:
    """The same with what came later."""
    return extend_schema(published(), parse((_HERE / "newer.graphql").read_text(encoding="utf-8")))
