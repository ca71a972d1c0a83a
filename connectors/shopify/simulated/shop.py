"""The state of a simulated shop beside its records: definitions, bulk operations, scopes, and how it behaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from connectors.shopify.simulated import views
from connectors.testing.exchange import Reply
from connectors.testing.system import System

SCOPES = ("read_customers", "write_customers", "read_companies", "write_companies")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this shop behaves where shops differ."""

    points: float = 2000.0  # the bucket holds
    rate: float = 100.0  # points come back in a second
    most_points: int = 1000  # a single call may cost
    bulk_polls: int = 1  # how often a bulk operation answers RUNNING
    bulk_ends: str = "COMPLETED"  # or FAILED, with a part of the result
    token_calls: int | None = None  # a token ends after so many calls
    token_seconds: int | None = 86_399


@dataclass(slots=True)
class Operation:
    """One bulk operation."""

    id: str
    query: str
    lines: list[dict[str, Any]]
    polls: int = 0
    cut: int = 0  # bytes that the file lacks at its end


@dataclass(slots=True)
class Shop:
    """One shop."""

    system: System
    how: Behaviour
    key: tuple[str, str] = ("concordat", "key")
    definitions: list[dict[str, Any]] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    scopes: tuple[str, ...] = SCOPES
    hidden: set[str] = field(default_factory=set)  # `Customer.phone`: the app may not see it
    storage: str = ""  # where results of bulk operations are fetched
    stops_after: int | None = None  # mutations of the present document that are carried out before the line breaks
    numbers_given: int = 0

    def define(self, *named: str, type_: str = "id", unique: bool = True) -> None:
        """A definition of a metafield (namespace and key; ours where none is named), as an app or a person made it."""
        space, key = named or self.key
        self.definitions.append(
            {"namespace": space, "key": key, "ownerType": "CUSTOMER", "type": type_, "unique": unique}
        )

    def new_number(self) -> str:
        """For an address or a location: another one each time, also in a shop that is opened again later."""
        self.numbers_given += 1
        seed = f"{self.system.now().isoformat()}|{self.numbers_given}"
        return str(10**11 + int.from_bytes(blake2b(seed.encode(), digest_size=4).digest(), "big"))

    def view(self, row: Any) -> views.Source:
        """A record as an object of the schema."""
        return views.customer(self.system, row, self.key) if row.kind == "Customer" else views.company(row)

    def node(self, told: str) -> views.Source | None:
        """Any object by its id; None where there is none."""
        if (place := views.of_gid(told, "BulkOperation")) and place.isdecimal() and int(place) <= len(self.operations):
            return self.operation(self.operations[int(place) - 1])
        for kind in ("Customer", "Company"):
            if number := views.of_gid(told, kind):
                seen = kind in self.system.tables and kind not in self.system.blind
                row = self.system.read(kind, number) if seen else None
                return None if row is None else self.view(row)
        return None

    def looked_at(self, told: str) -> views.Source | None:
        """As above; whoever asks for many by their ids may be about to write to them."""
        for kind in ("Customer", "Company"):
            if number := views.of_gid(told, kind):
                self.system.looked_at(kind, [number])
        return self.node(told)

    def operation(self, one: Operation) -> views.Source:
        """As it stands at this look."""
        one.polls += 1
        running = one.polls <= self.how.bulk_polls
        done = not running and self.how.bulk_ends == "COMPLETED"
        part = not running and not done
        url = f"{self.storage}/bulk/{one.id}.jsonl?signature=simulated"
        return {
            "__typename": "BulkOperation",
            "id": views.gid("BulkOperation", one.id),
            "status": "RUNNING" if running else self.how.bulk_ends,
            "errorCode": "INTERNAL_SERVER_ERROR" if part else None,
            "objectCount": str(len(one.lines)),
            "rootObjectCount": str(sum("__parentId" not in line for line in one.lines)),
            "fileSize": str(len(self.file(one))) if not running else None,
            "url": url if done and one.lines else None,
            "partialDataUrl": url if part else None,
            "query": one.query,
            "type": "QUERY",
            "createdAt": views.stamp(self.system.now()),
        }

    def file(self, one: Operation) -> bytes:
        """The whole file, as it was promised."""
        return b"".join(_dumped(line) + b"\n" for line in one.lines)


def _dumped(line: Mapping[str, Any]) -> bytes:

    return Reply(body=line).content()
