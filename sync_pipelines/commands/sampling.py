"""Test records for `certify --write`, made from the book's own maps and the system's own description of its fields."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from connectors.contract import KindDescription, Payload, Record
from connectors.testing.contract_live import NotTriedError
from mappings.book import Book
from mappings.fieldmap import Line
from mappings.reading import reader_of
from mappings.writing import Writer, writer_of

_MOST_VARYING = 3
_GIVE = "give one with --set"
_SPELLED: Mapping[str, Callable[[str, int], str]] = {  # codecs whose values can differ from record to record
    "text": "Concordat certify {} {}".format,
    "person_name": "Concordat {}-{}".format,
    "email": lambda mark, n: f"certify-{mark}-{n}@example.com".lower(),
    "domain": lambda mark, n: f"certify-{mark}-{n}.example.com".lower(),
}


class BookSample:
    """Values for one kind: every record bears `mark` in all texts, so that people know it for what it is."""

    def __init__(
        self,
        book: Book,
        entity: str,
        system: str,
        *,
        described: KindDescription,
        mark: str,
        given: Mapping[str, Any],
        refer: Callable[[str], str],
    ) -> None:
        """`given` holds values by the system's own names; `refer` answers the id of a test record of another kind."""
        self._spec, self._described, self._mark, self._given, self._refer = (
            book.entities[entity], described, mark, given, refer,
        )  # fmt: skip
        self._map = self._spec.maps[system]
        self._writer: Writer = writer_of(book, entity, system)
        self._reader = reader_of(book, entity, system)
        self._n = count(1)
        self._varying = self._chosen_varying()
        self._constant = dict(self._chosen_constant(book))

    @property
    def names(self) -> list[str]:
        """What is written, in the system's words, as far as the book says."""
        written = self._payload(self._values(self._varying, 0)) or {}
        return list(dict.fromkeys([*written, *self._constant, *self._given]))

    def fresh(self) -> Payload:
        """Another record at each call."""
        values = self._payload(self._values(self._varying, next(self._n))) or {}
        made = {**values, **self._constant, **self._given}
        made |= {name: self._needed(name) for name in self._required() if name not in made}
        if not made:
            raise NotTriedError(f"the book writes no plain field of {self._described.kind} that could be tried")
        return made

    def changed(self) -> Payload:
        """Another value of one field."""
        payload = (self._payload(self._values(self._varying[-1:], next(self._n))) or {}) if self._varying else {}
        values = {name: value for name, value in payload.items() if name not in self._given}
        if not values or not set(self.fresh()) - set(values):
            raise NotTriedError(f"it takes two plain fields of {self._described.kind}; {_GIVE}")
        return values

    def refused(self) -> Payload:
        """A text that is too long."""
        fresh = self.fresh()
        for name in fresh:
            length = self._described.fields[name].length if name in self._described.fields else None
            if length and isinstance(fresh[name], str) and name not in self._constant:
                return {**fresh, name: "x" * (length + 1)}
        raise NotTriedError("the system names no length that a value could exceed")

    def clearable(self) -> str:
        """A field that nobody requires."""
        needed = {*self._required(), *self._given, *self._always()}
        free = [name for name in self.fresh() if name not in needed]
        if not free:
            raise NotTriedError("every field that is written here is required")
        return free[-1]

    def is_archived(self, record: Record) -> bool:
        """As the map reads it."""
        if not self._map.archived_at:
            raise NotTriedError("the map does not say how an archived record is known (`archived:`)")
        return self._reader(record.payload).archived

    # --- which fields ------------------------------------------------------------------------------------------------

    def _chosen_varying(self) -> list[Line]:
        fitting = [line for line in self._map.lines if line.codec in _SPELLED and self._fits(line)]
        fitting.sort(key=lambda line: (not self._spec.fields[line.field].required, line.codec != "text"))
        return fitting[:_MOST_VARYING]

    def _fits(self, line: Line) -> bool:
        payload = self._payload({line.field: self._spelled(line, 99)})
        return payload is not None and all(self._takes(name, value) for name, value in payload.items())

    def _takes(self, name: str, value: Any) -> bool:
        """A plain field that is there, may be written, and has room."""
        field = self._described.fields.get(name)
        if field is None or not field.writable or isinstance(value, Mapping | list):
            return False
        if field.choices is not None:
            return value in field.choices
        return not field.refers_to and (field.length is None or len(str(value)) <= field.length)

    def _chosen_constant(self, book: Book) -> Iterator[tuple[str, Any]]:
        """One word of a closed list, beside the texts."""
        for line in self._map.lines:
            for word in self._words(book, line):
                payload = self._payload({line.field: word})
                if payload and all(self._takes(name, value) for name, value in payload.items()):
                    yield from payload.items()
                    return

    def _words(self, book: Book, line: Line) -> list[str]:
        if line.codec == "code":
            table = book.tables.get(str(line.options.get("table", "")))
            return sorted({word for column in table.encode.values() for word in column}) if table else []
        return list(self._spec.fields[line.field].choices) if line.codec == "choice" else []

    def _payload(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """In the system's words, or None where the map cannot say it."""
        written = self._writer(values, creating=True)
        return None if written.faults or written.gaps else dict(written.payload)

    def _values(self, lines: list[Line], n: int) -> dict[str, str]:
        return {line.field: self._spelled(line, n) for line in lines}

    def _spelled(self, line: Line, n: int) -> str:
        return _SPELLED[line.codec](self._mark, n)

    # --- what the system requires ------------------------------------------------------------------------------------

    def _required(self) -> list[str]:
        return [f.name for f in self._described.fields.values() if f.required and f.writable and "." not in f.name]

    def _always(self) -> set[str]:
        """What the book calls required."""
        lines = [line for line in self._varying if self._spec.fields[line.field].required]
        return set(self._payload(self._values(lines, 0)) or {})

    def _needed(self, name: str) -> Any:
        field = self._described.fields[name]
        if field.choices:
            return field.choices[0]
        if field.refers_to:
            return self._refer(field.refers_to)
        message = f"{self._described.kind}.{name} is required there, and nothing says a value for it; {_GIVE}"
        raise NotTriedError(message)
