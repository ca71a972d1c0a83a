"""From method and path to what answers, and the name under which the world's schedule of faults knows the call."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import unquote

from connectors.salesforce.simulated.collections import Collections
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulated.jobs import Jobs
from connectors.salesforce.simulated.queries import Queries, call_of, read_query
from connectors.salesforce.simulated.sobjects import SObjects
from connectors.testing.exchange import Reply
from connectors.testing.system import System

_QUERIES = frozenset({"query", "queryAll"})
_PAGED = frozenset({"changes", "keys"})
_WRITING = frozenset({"POST", "PATCH", "PUT", "DELETE"})
Serve: TypeAlias = Callable[[Request, Sequence[str]], Reply]


class Routes:
    """Knows every address below `/services/data/vNN.0/`."""

    def __init__(
        self, system: System, queries: Queries, sobjects: SObjects, collections: Collections, jobs: Jobs
    ) -> None:
        """All parts serve the same system."""
        self._system = system
        self._queries = queries
        self._sobjects = sobjects
        self._collections = collections
        self._jobs = jobs

    def site(self, request: Request, steps: Sequence[str]) -> str:
        """The call of a connector that this request stands for."""
        head = steps[0] if steps else ""
        if head in _QUERIES:
            return self._query_site(request, steps)
        if head == "sobjects" and steps[-1] in {"describe", "deleted"}:
            return steps[-1]
        if head == "composite":
            return _collection_site(request, len(steps))
        if head == "sobjects" and request.method in _WRITING:
            return "note" if "Task" in steps else {"POST": "create", "DELETE": "delete"}.get(request.method, "update")
        if head == "jobs":
            return "changes"
        return "read" if head == "sobjects" else "check"

    def paged(self, request: Request, site: str) -> str:
        """The kind of which a first page is asked for; later ones hang on their locator. Empty for other requests."""
        if site not in _PAGED or "q" not in request.query:
            return ""
        kind = read_query(request.query["q"]).kind
        return kind if kind in self._system.tables else ""

    def answer(self, request: Request, steps: Sequence[str]) -> Reply:
        """Serve one request."""
        head = steps[0] if steps else ""
        rest = [unquote(step) for step in steps[1:]]
        if head in _QUERIES:
            return self._query(request, rest, all_rows=head == "queryAll")
        if head == "limits":
            return Reply(200, self._limits())
        parts: Mapping[str, Serve] = {"sobjects": self._sobject, "composite": self._collection, "jobs": self._job}
        return parts.get(head, _nowhere)(request, rest)

    def _query_site(self, request: Request, steps: Sequence[str]) -> str:
        if len(steps) > 1:
            return "changes"
        query = read_query(request.query.get("q"))
        spec = self._system.kind(query.kind) if query.kind in self._system.tables else None
        return "check" if query.kind == "Organization" else call_of(query, spec)

    def _query(self, request: Request, rest: Sequence[str], *, all_rows: bool) -> Reply:
        options = request.headers.get("sforce-query-options", "")
        if rest:
            return self._queries.more(rest[0], options)
        return self._queries.start(read_query(request.query.get("q")), options, all_rows=all_rows)

    def _limits(self) -> dict[str, Any]:
        most = self._system.daily_calls or 100_000
        left = self._system.calls_left
        return {"DailyApiRequests": {"Max": most, "Remaining": most if left is None else left}}

    def _sobject(self, request: Request, rest: Sequence[str]) -> Reply:
        at = self._sobjects
        named: Mapping[tuple[str, str], Callable[[str], Reply]] = {
            ("GET", "describe"): at.about,
            ("GET", "updated"): lambda kind: at.updated(kind, request),
            ("GET", "deleted"): lambda kind: at.deleted(kind, request),
        }
        if len(rest) == 2 and (request.method, rest[1]) in named:  # noqa: PLR2004 - kind and a word
            return named[request.method, rest[1]](rest[0])
        plain: Mapping[tuple[str, int], Callable[..., Reply]] = {
            ("GET", 0): at.listed,
            ("GET", 1): at.about,
            ("POST", 1): lambda kind: at.create(kind, request),
            ("GET", 2): lambda kind, record_id: at.read(kind, record_id, request),
            ("PATCH", 2): lambda kind, record_id: at.update(kind, record_id, request),
            ("DELETE", 2): at.delete,
            ("GET", 3): at.by_external_id,
            ("PATCH", 3): lambda kind, field, value: at.upsert(kind, field, value, request),
        }
        found = plain.get((request.method, len(rest)))
        return found(*rest) if found else _nowhere(request, rest)

    def _collection(self, request: Request, rest: Sequence[str]) -> Reply:
        at = self._collections
        match [request.method, *rest]:
            case ["POST", "sobjects"]:
                return at.create(request)
            case ["PATCH", "sobjects"]:
                return at.update(request)
            case ["DELETE", "sobjects"]:
                return at.delete(request)
            case ["GET", "sobjects", kind]:
                return at.retrieve(kind, request)
            case ["PATCH", "sobjects", kind, field]:
                return at.upsert(kind, field, request)
            case _:
                return _nowhere(request, rest)

    def _job(self, request: Request, rest: Sequence[str]) -> Reply:
        at = self._jobs
        match [request.method, *rest]:
            case ["POST", "query"]:
                return at.create(request)
            case ["GET", "query", job_id]:
                return at.state(job_id)
            case ["GET", "query", job_id, "results"]:
                return at.results(job_id, request)
            case ["PATCH", "query", job_id]:
                return at.abort(job_id)
            case ["DELETE", "query", job_id]:
                return at.delete(job_id)
            case _:
                return _nowhere(request, rest)


def _collection_site(request: Request, steps: int) -> str:
    if request.method == "GET":
        return "read"
    if request.method == "PATCH" and steps == 2:  # noqa: PLR2004 - composite/sobjects, without an external id
        return "archive" if b'"Active__c":false' in request.body.replace(b" ", b"") else "update"
    return "delete" if request.method == "DELETE" else "create"


def _nowhere(_request: Request, _rest: Sequence[str]) -> Reply:
    raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
