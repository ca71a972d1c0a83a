"""A small book with every kind of sentence, and the three systems it is about."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any

from connectors.contract import Capabilities
from connectors.testing.metadata import FieldSpec as Field
from connectors.testing.metadata import KindSpec
from mappings.book import Book, Calendar, CodeTable, EntitySpec, FieldSpec, Guards, SystemSpec, WriteSwitch
from mappings.fieldmap import KindMap, Line
from mappings.matching import Level, Matching
from mappings.once import This, once
from mappings.ownership import (
    ArchiveRule,
    Cadence,
    Clause,
    Conflict,
    CreateRule,
    Each,
    Elsewhere,
    Handover,
    Mode,
    Ownership,
    Rule,
    TakesPart,
    Test,
    When,
)

ROLES = ("crm", "erp", "shop")
EVERY_FIVE_MINUTES = (Cadence((), "5m", timedelta(hours=1)),)
WON = When((Clause(Test.IN, "status", ("won",)),))
STAYS_OUT = When((Clause(Test.IN, "status", ("open", "won")),))


def _rule(field: str, mode: Mode, *roles: str, **more: object) -> Rule:
    return Rule(field, mode, roles, steward="sales", **more)  # type: ignore[arg-type]  # named as Rule names them


ACCOUNT_RULES = {
    "status": (_rule("status", Mode.DECIDES, "crm", "erp", handover=Handover.TAKE),),
    "name": (_rule("name", Mode.DECIDES, "crm", "erp", "shop", handover=Handover.TAKE),),
    "tax_id": (_rule("tax_id", Mode.DECIDES, "erp", "crm", "shop", keep_on_blank=True),),
    "phone": (_rule("phone", Mode.SHARED, "crm", "shop", "erp"),),
    "remark": (_rule("remark", Mode.SHARED, "crm", "erp", "shop", conflict=Conflict.PREFER),),
    "credit_limit": (_rule("credit_limit", Mode.DECIDES, "erp"),),
    "segment": (_rule("segment", Mode.DECIDES, "crm", edited_elsewhere=Elsewhere.PROPOSE),),
    "rating": (_rule("rating", Mode.DECIDES, "crm", edited_elsewhere=Elsewhere.REPORT),),
    "terms": (
        _rule("terms", Mode.DECIDES, "erp", when=WON),
        _rule("terms", Mode.DECIDES, "crm", "erp"),
    ),
    "number": (_rule("number", Mode.ISSUED, "erp"),),
    "address": (_rule("address", Mode.DECIDES, "erp", "crm"),),
    "ship_to": (_rule("ship_to", Mode.EACH, each=Each("code", ("erp", "crm"), ("crm", "erp"), ("erp",))),),
}
CONTACT_RULES = {
    "email": (_rule("email", Mode.DECIDES, "crm", "erp", handover=Handover.SEED),),
    "name": (_rule("name", Mode.SHARED, "crm", "erp"),),
    "account": (_rule("account", Mode.DECIDES, "crm", "erp", handover=Handover.SEED),),
}

_TEXTS = {"name": "text", "tax_id": "text", "phone": "text", "remark": "text", "segment": "text", "rating": "text"}
_ACCOUNT_TYPES = {
    **_TEXTS, "status": "choice", "credit_limit": "decimal", "terms": "code", "number": "text",
}  # fmt: skip
_PARTS = {"crm": ("street", "city", "country"), "erp": ("street", "city")}


def _fields(types: dict[str, str]) -> dict[str, FieldSpec]:
    return {name: FieldSpec(name, kind, means=f"the {name}") for name, kind in types.items()}


def _account_map(system: str) -> KindMap:
    lines = [
        Line("status", "Status", "choice", {"values": {"Open": "open", "Won": "won", "Test": "test"}}),
        Line("credit_limit", "Credit", "decimal"),
        Line("terms", "Terms", "code", {"table": "terms"}),
        Line("number", "Number", "text"),
        *(Line(name, name.title(), "text") for name in _TEXTS),
    ]
    if system in _PARTS:
        parts = tuple(Line(part, part.title(), "text") for part in _PARTS[system])
        items: tuple[Line, ...] = (Line("code", "code", "text"), Line("city", "town", "text"))
        items += (Line("hint", "hint", "text"),) if system == "erp" else ()
        lines += [Line("address", "", "address", lines=parts), Line("ship_to", "Places", "list", lines=items)]
    if system == "shop":
        lines = [line for line in lines if line.field not in ("credit_limit", "segment", "terms", "status")]
    return KindMap("account", system, KINDS[system], tuple(lines), archived_at="Active", archived_is=(False,))


def _contact_map(system: str) -> KindMap:
    lines = (
        Line("email", "Email", "text"),
        Line("name", "Name", "text"),
        Line("account", "AccountId", "reference", {"kind": KINDS[system]}),
    )
    return KindMap("contact", system, "Person", lines, archived_at="Active", archived_is=(False,), archived_back=True)


KINDS = {"crm": "Account", "erp": "Customer", "shop": "Buyer"}
PERSON = "Person"
PLACES = (*KINDS.items(), ("crm", PERSON), ("erp", PERSON))
CODES = {
    "crm": {"N30": "net30", "N60": "net60", "COD": "cod"},
    "erp": {"30": "net30", "60": "net60", "0": "cod"},
}


def little_book(*, guards: Guards | None = None, switches: dict[str, WriteSwitch] | None = None) -> Book:
    """Two entities, three systems, every kind of sentence."""
    switches = switches or {}
    systems = {role: _system(role, switches.get(role, WriteSwitch.ON)) for role in ROLES}
    return Book(
        systems=systems,
        entities={"account": _account(), "contact": _contact()},
        tables={"terms": code_table(CODES)},
        version="1",
        guards=guards or Guards(at_least=10_000),
        promises={},
    )


def _system(role: str, switch: WriteSwitch) -> SystemSpec:
    """A history may begin with nothing anywhere."""
    return SystemSpec(role, role, "memory", switch, map=role, may_be_empty=(KINDS[role], "Person"))


@cache
def the_little_book() -> Book:
    """The same for every history: what is compiled from it is compiled once."""
    return little_book()


def edited(book: Book, **changes: Any) -> Book:
    """The same in part. The same edit of the same book is the same book: what is compiled from it is compiled once."""
    told = {one.name: getattr(book, one.name) for one in fields(book)} | changes
    return _of(tuple((name, This(value)) for name, value in told.items()))


@lru_cache(maxsize=64)
def _of(told: tuple[tuple[str, This], ...]) -> Book:
    return Book(**{name: this.value for name, this in told})


@once
def in_berlin(book: Book) -> Book:
    """The same with people who work in a zone that has a summer time, and want no writes in its oddest hour."""
    calendar = Calendar("Europe/Berlin", quiet_hours=("02:30-03:30",))
    return replace(book, systems={name: replace(system, calendar=calendar) for name, system in book.systems.items()})


def guarded(book: Book) -> Book:
    """The same with guards that bind where there are so few records: more than one change of a sort waits."""
    return replace(book, guards=Guards(at_least=1))


def code_table(codes: dict[str, dict[str, str]]) -> CodeTable:
    """The payment terms."""
    encode = {system: {ours: theirs for theirs, ours in table.items()} for system, table in codes.items()}
    return CodeTable("terms", codes, encode)


@cache
def codes_without(crm: str, erp: str) -> Mapping[str, CodeTable]:
    """The tables after an edit of the book: one code of each of two systems is gone."""
    codes = {system: dict(table) for system, table in CODES.items()}
    del codes["crm"][crm], codes["erp"][erp]
    return {"terms": code_table(codes)}


@once
def rules_of_the_day(entities: Mapping[str, EntitySpec]) -> dict[str, EntitySpec]:
    """The same entities after an edit of the book: two fields are decided otherwise."""
    account = entities["account"]
    rules = {
        **account.ownership.rules,
        "remark": (_rule("remark", Mode.DECIDES, "crm", "erp", "shop"),),
        "phone": (_rule("phone", Mode.SHARED, "erp", "crm", "shop", conflict=Conflict.PREFER),),
    }
    return {**entities, "account": replace(account, ownership=replace(account.ownership, rules=rules))}


def _account() -> EntitySpec:
    fields = _fields(_ACCOUNT_TYPES)
    fields["address"] = FieldSpec(
        "address", "address", means="where it is", items=_fields(dict.fromkeys(_PARTS["crm"], "text"))
    )
    places = _fields({"code": "text", "city": "text", "hint": "text"})
    fields["ship_to"] = FieldSpec("ship_to", "list", means="where goods go", items=places)
    fields["status"] = FieldSpec("status", "choice", means="how far", choices=("open", "won", "test"))
    return EntitySpec(
        name="account",
        fields=fields,
        ownership=Ownership(
            entity="account",
            rules=ACCOUNT_RULES,
            takes_part=TakesPart(STAYS_OUT),
            cadence=EVERY_FIVE_MINUTES,
            create={
                "crm": CreateRule("crm", allowed=True),
                "erp": CreateRule("erp", allowed=True, when=WON, needs=("name", "tax_id")),
                "shop": CreateRule("shop", allowed=True, when=WON),
            },
            archive=ArchiveRule(("erp",), ("crm", "shop"), "review"),
        ),
        maps={system: _account_map(system) for system in ROLES},
        matching=Matching(
            "account",
            (Level("tax_id", ("tax_id",), "link"), Level("name", ("name",), "ask", compare={"name": "name"})),
            contradicts=("tax_id",),
        ),
    )


def _contact() -> EntitySpec:
    fields = _fields({"email": "text", "name": "text"})
    fields["account"] = FieldSpec("account", "reference", means="whom they work for", refers_to="account")
    return EntitySpec(
        name="contact",
        fields=fields,
        ownership=Ownership(
            entity="contact",
            rules=CONTACT_RULES,
            cadence=EVERY_FIVE_MINUTES,
            create={
                "crm": CreateRule("crm", allowed=True, needs=("account",)),
                "erp": CreateRule("erp", allowed=True, needs=("account", "email")),
            },
            archive=ArchiveRule(("crm", "erp"), ("crm", "erp"), "review"),
        ),
        maps={system: _contact_map(system) for system in ("crm", "erp")},
        matching=Matching("contact", (Level("email", ("email", "account"), "link"),)),
    )


@cache
def kinds_of(system: str) -> tuple[KindSpec, ...]:
    """The kinds of a simulated system."""
    plain = [Field(name.title(), saves=("trim",) if system == "erp" else ()) for name in _TEXTS if name != "name"]
    name = Field("Name", saves=("upper",) if system == "shop" else ())
    more = [
        Field("Status", default="Open"),
        Field("Credit"),
        Field("Terms"),
        Field("Street"),
        Field("City"),
        Field("Country"),
    ]
    more += [Field("Places", "list", default=[]), Field("Key", unique=True), Field("Active", "boolean", default=True)]
    number = Field("Number", issues="K{n:05d}") if system == "erp" else Field("Number")
    account = KindSpec.of(KINDS[system], name, number, *plain, *more, key_field="Key", active_field="Active")
    person = KindSpec.of(
        "Person",
        Field("Name"),
        Field("Email"),
        Field("AccountId", "reference", refers_to=KINDS[system]),
        Field("Key", unique=True),
        Field("Active", "boolean", default=True),
        key_field="Key",
        active_field="Active",
    )
    return (account,) if system == "shop" else (account, person)


def abilities(system: str, *, max_batch: int = 3) -> dict[str, Capabilities]:
    """What each system can do: one tells deletes, one lists keys only; one has conditional writes."""
    common: dict[str, Any] = {"archives": True, "keyed": True, "unique_key": True, "max_batch": max_batch}
    common["look_back"] = timedelta(seconds=90)
    can = {
        "crm": Capabilities(states_deletes=True, states_merges=True, tells_editor=True, notes=True, **common),
        "erp": Capabilities(lists_keys=True, conditional=True, **common),
        "shop": Capabilities(states_deletes=True, lists_keys=True, **common),
    }[system]
    return {KINDS[system]: can} if system == "shop" else {KINDS[system]: can, "Person": can}
