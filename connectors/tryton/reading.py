"""Parties read in pages and by id, as documents. One call per page, children included."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.errors import MisconfiguredError
from connectors.tryton.documents import Document, Told, company_codes, moment
from connectors.tryton.session import Session
from connectors.tryton.shape import CREDIT_LIMITS, EMPLOYEE, LISTS, PARTY, RELATION, RELATION_TYPE, Shape
from connectors.tryton.words import EITHER, UnknownWordError, Words

ACCOUNTS = "party"
CONTACTS = "contact"
USERS = "user"

_BY_ID = [["id", "ASC"]]


@dataclass(frozen=True, slots=True)
class Customs:
    """How one installation is to be read."""

    marker: str
    contact_relation: str  # empty: contacts are none of ours
    company: str  # code of the company whose credit limit is the plain one; empty: the user's own
    tax_types: dict[str, str]
    page: int


class Reader:
    """Reads of one connection. What it has learnt about the installation is kept until `refresh`."""

    def __init__(self, session: Session, customs: Customs) -> None:
        """Nothing is called yet."""
        self._session = session
        self._customs = customs
        self._known: Shape | None = None  # modules are not activated under a running connection
        self._told: Told | None = None
        self._own: list[int] | None = None
        self.words = Words(self.search)

    def search(
        self, model: str, domain: list[Any], fields: list[str], limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Rows by ascending id; all of them, where the answer is a small one."""
        rows: list[dict[str, Any]] = self._session.read(
            f"model.{model}.search_read", domain, 0, limit, _BY_ID, fields, context=_context(model)
        )
        return rows

    def refresh(self) -> None:
        """At the start of every crawl: names, employees and companies may have changed."""
        self.words.forget()
        self._told = None
        self._own = None

    @property
    def told(self) -> Told:
        """What this installation is like."""
        if self._told is None:
            companies = company_codes(self.words)
            self._told = Told(
                self._shape(),
                self.words,
                self._customs.marker,
                self._customs.contact_relation,
                self._company(companies),
                companies,
                self._customs.tax_types,
            )
        return self._told

    # -- documents ----------------------------------------------------------------------------------------------------

    def by_id(self, kind: str, ids: Sequence[int]) -> dict[int, Document]:
        """Those of them that are there, in as few calls as the page allows."""
        found: dict[int, Document] = {}
        for start in range(0, len(ids), self._customs.page):
            part = sorted(set(ids[start : start + self._customs.page]))
            for document in self._documents(kind, [["id", "in", part], *self._of_kind(kind)]):
                found[document.id] = document
        return found

    def pages(self, kind: str, since: datetime | None) -> Iterator[list[Document]]:
        """By ascending id. A record that moves behind us while we crawl is stamped later than our start."""
        moved = [] if since is None else [self._moved(kind, since)]
        last = -1
        while True:
            documents = self._documents(kind, [["id", ">", last], *moved, *self._of_kind(kind)])
            yield documents
            if len(documents) < self._customs.page:
                return
            last = documents[-1].id

    def keys(self, kind: str) -> Iterator[list[int]]:
        """All living ids, in pages."""
        last = -1
        while True:
            domain = [["id", ">", last], *self._of_kind(kind)]
            model = EMPLOYEE if kind == USERS else PARTY
            ids: list[int] = self._session.read(
                f"model.{model}.search", domain, 0, self._customs.page * 10, _BY_ID, context=_context(model)
            )
            yield ids
            if len(ids) < self._customs.page * 10:
                return
            last = ids[-1]

    def replaced(self, kind: str, since: datetime) -> list[tuple[int, int, datetime]]:
        """Who was replaced by whom in the end, and when."""
        domain = [["replaced_by", "!=", None], ["last_modified_at", ">=", since], *self._of_kind(kind, merged=True)]
        rows = self.search(PARTY, domain, ["replaced_by", "_timestamp"])
        heirs = self._heirs({row["replaced_by"] for row in rows})
        return [(row["id"], heirs[row["replaced_by"]], moment(row["_timestamp"])) for row in rows]

    def _heirs(self, first: set[int]) -> dict[int, int]:
        """Chains are followed to the party that still stands."""
        following: dict[int, int] = {}
        ask = first
        while ask:
            rows = self.search(PARTY, [["id", "in", sorted(ask)], ["replaced_by", "!=", None], EITHER], ["replaced_by"])
            following |= {row["id"]: row["replaced_by"] for row in rows}
            ask = {row["replaced_by"] for row in rows} - following.keys()
        return {one: _end(one, following) for one in first}

    def keyed(self, keys: Sequence[str]) -> dict[str, list[int]]:
        """Key of ours → parties, also where the identifier has been put out of use since."""
        codes = [f"{self._customs.marker}{key}" for key in keys]
        found: dict[str, list[int]] = {}
        for start in range(0, len(codes), self._customs.page):
            part = codes[start : start + self._customs.page]
            for row in self.search("party.identifier", [["code", "in", part], EITHER], ["party", "code"]):
                found.setdefault(row["code"].removeprefix(self._customs.marker), []).append(row["party"])
        return found

    def _documents(self, kind: str, domain: list[Any]) -> list[Document]:
        if kind == USERS:
            raise AssertionError("users are no documents")
        contacts = kind == CONTACTS
        asked = self.told.shape.asked(with_relations=contacts)
        rows = self.search(PARTY, domain, asked, self._customs.page)
        return self.told.documents(rows, contacts=contacts)

    # -- which parties ------------------------------------------------------------------------------------------------

    def _of_kind(self, kind: str, *, merged: bool = False) -> list[Any]:
        """An account is a party that is neither a contact nor one of the house's own (companies, employees)."""
        if kind == USERS:
            return []
        alive: list[Any] = [EITHER] if merged else [EITHER, ["replaced_by", "=", None]]
        if not self._customs.contact_relation or not self.told.shape.has_relations:
            return [*alive, ["id", "not in", self._house()]]
        ours = [["type", "=", self._contact_type()]]
        if kind == CONTACTS:
            return [*alive, ["relations", "where", ours]]
        return [*alive, ["relations", "not where", ours], ["id", "not in", self._house()]]

    def _contact_type(self) -> int:
        name = self._customs.contact_relation
        try:
            return self.words.number(RELATION_TYPE, name)
        except UnknownWordError as error:
            message = f"Tryton has no relation type {name!r} for contact persons: create it, or set CONTACT_RELATION"
            raise MisconfiguredError(message) from error

    def _house(self) -> list[int]:
        if self._own is None:
            employees = self.search(EMPLOYEE, [], ["party"])
            companies = self.search("company.company", [], ["party"])
            self._own = sorted({row["party"] for row in [*employees, *companies]})
        return self._own

    def _moved(self, kind: str, since: datetime) -> list[Any]:
        """The party itself, or a child: what is written to a child directly does not move its party's stamp.

        Relations tell no stamp at all. Written from the organisation's side they move the organisation's.
        """
        moved = ["last_modified_at", ">=", since]
        ways: list[Any] = [moved]
        ways += [[part.name, "where", [EITHER, moved]] for part in LISTS if part in self.told.shape.parts]
        if CREDIT_LIMITS in self.told.shape.parts:
            ways.append([CREDIT_LIMITS.name, "where", [moved]])
        if kind == CONTACTS:
            ways.append(["relations", "where", [["to.last_modified_at", ">=", since]]])
        return ["OR", *ways]

    # -- the installation ---------------------------------------------------------------------------------------------

    def _shape(self) -> Shape:
        if self._known is None:
            self._known = self._look_at_shape()
        return self._known

    def _look_at_shape(self) -> Shape:
        known = {model: frozenset(self.fields_of(model)) for model in (PARTY, *(part.model for part in LISTS))}
        with_limits = CREDIT_LIMITS.name in known[PARTY]
        known[CREDIT_LIMITS.model] = frozenset(CREDIT_LIMITS.fields) if with_limits else frozenset()
        known[RELATION] = frozenset({"to", "type"}) if "relations" in known[PARTY] else frozenset()
        return Shape(known)

    def fields_of(self, model: str) -> dict[str, dict[str, Any]]:
        """The server's own metadata of a model."""
        found: dict[str, dict[str, Any]] = self._session.read(f"model.{model}.fields_get", None, 0)
        return found

    def identifier_types(self) -> list[list[str | None]]:
        """Types of identifiers that the installation allows, with their names."""
        found: list[list[str | None]] = self._session.read("model.party.identifier.get_types")
        return found

    def _company(self, companies: Any) -> int | None:
        if not self._customs.company:
            own: int | None = self._session.context.get("company")
            return own
        found = [number for number, code in companies.items() if code == self._customs.company]
        if not found:
            raise MisconfiguredError(f"Tryton's user sees no company with the code {self._customs.company!r}")
        return int(found[0])


def _context(model: str) -> dict[str, Any]:
    """Whether an employee is in use is computed from two dates, and no domain finds those who have left; this does."""
    return {"active_test": False} if model == EMPLOYEE else {}


def _end(one: int, following: dict[int, int]) -> int:
    seen: set[int] = set()
    while one in following and one not in seen:
        seen.add(one)
        one = following[one]
    return one
