"""Which requests to Dagster's GraphQL pass, by role. Everything that is not listed here is refused.

Dagster holds each mutation to the permissions of the request as well (`dagster_pages`); this is the first of two
locks, and it also shuts the ways by which another page could make a browser ask: a GET, or a form.
"""

from collections.abc import Iterator, Mapping

from graphql import GraphQLError, parse
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from sync_pipelines.gate.people import Role

LONGEST = 4 * 1024 * 1024  # bytes of a request; a run's configuration may be long
_DEEPEST = 20  # fragments within fragments at the top of a mutation
_TOKENS = 20_000

OF_ALL = frozenset({"logTelemetry", "setNuxSeen"})  # the page asks for them by itself; both change nothing of ours
OF_OPERATORS = frozenset(
    {
        "cancelPartitionBackfill", "launchMultipleRuns", "launchPartitionBackfill", "launchPipelineExecution",
        "launchPipelineReexecution", "launchRun", "launchRunReexecution", "reexecutePartitionBackfill",
        "refreshComponentState", "reloadRepositoryLocation", "reloadWorkspace", "resetSchedule", "resetSensor",
        "resumePartitionBackfill", "scheduleDryRun", "sensorDryRun", "setAutoMaterializePaused", "setSensorCursor",
        "startSchedule", "startSensor", "stopRunningSchedule", "stopSensor", "terminatePipelineExecution",
        "terminateRun", "terminateRuns",
    }
)  # fmt: skip
OF_ADMINS = frozenset(
    {
        "addDynamicPartition", "deleteAppManagedComponent", "deleteConcurrencyLimit", "deleteDynamicPartitions",
        "deletePipelineRun", "deleteRun", "freeConcurrencySlots", "freeConcurrencySlotsForRun",
        "reportAssetCheckEvaluations", "reportRunlessAssetEvents", "setAppManagedComponent", "setConcurrencyLimit",
        "shutdownRepositoryLocation", "wipeAssets",
    }
)  # fmt: skip


def refusal(query: object, role: Role) -> str:
    """Why this document may not be sent by somebody of this role; empty where it may."""
    try:
        document = parse(query, max_tokens=_TOKENS) if isinstance(query, str) else None
    except (GraphQLError, RecursionError):
        return "this is no GraphQL"
    if document is None:
        return "a request has one query"
    missing = next((needed for name in _mutations(document) if (needed := _needed(name)) > role), None)
    return f"this needs the role {missing}" if missing is not None else ""


def refusal_of_subscription(query: object) -> str:
    """Over a websocket, anybody may listen, and nobody may do more."""
    try:
        document = parse(query, max_tokens=_TOKENS) if isinstance(query, str) else None
    except (GraphQLError, RecursionError):
        return "this is no GraphQL"
    operations = [one.operation for one in _operations(document)] if document else []
    return "" if operations and set(operations) == {OperationType.SUBSCRIPTION} else "a websocket is for listening"


def _needed(mutation: str) -> Role:
    if mutation in OF_ALL:
        return Role.VIEWER
    return Role.OPERATOR if mutation in OF_OPERATORS else Role.ADMIN


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]


def _mutations(document: DocumentNode) -> Iterator[str]:
    """Names of all mutations in it, whatever they are called there, and in whichever operation."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    for one in _operations(document):
        if one.operation is OperationType.MUTATION:
            yield from _fields(one.selection_set, fragments, 0)


def _fields(selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], depth: int) -> Iterator[str]:
    for one in selected.selections:
        if isinstance(one, FieldNode):
            yield one.name.value
        elif depth >= _DEEPEST:
            yield "a fragment too deep"
        elif isinstance(one, InlineFragmentNode):
            yield from _fields(one.selection_set, fragments, depth + 1)
        elif isinstance(one, FragmentSpreadNode) and one.name.value in fragments:
            yield from _fields(fragments[one.name.value].selection_set, fragments, depth + 1)
