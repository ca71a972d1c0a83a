"""The system's own metadata, and what `doctor` wants to know of a data centre."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import FieldDescription, Finding, KindDescription
from connectors.errors import BudgetError, MisconfiguredError, TransientError
from connectors.kingdee import filters
from connectors.kingdee.chain import Chain
from connectors.kingdee.client import Client
from connectors.kingdee.reading import NUMBER, SURE_ROWS
from connectors.kingdee.settings import KingdeeSettings
from connectors.kingdee.shape import CREDITS, EDITOR, STATUS, Form, Shape

HEAD = "FBillHead"
_READ_ONLY = frozenset({STATUS, "FCreateDate", "FModifyDate", "FApproveDate", "FForbidDate", "FModifierId"})
# A signed call bears our time; public gateways refused one that was some minutes old.
_NEWEST, _ENOUGH = 200, 5  # records looked at, and those of ours without which nothing is said of our name
_MOST_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Describer:
    """Asks one data centre about its forms."""

    client: Client

    def describe(self, shape: Shape) -> KindDescription:
        """As it is now; fields of references and of tables are named with a dot."""
        found: dict[str, FieldDescription] = {}
        for entry in self.entries(shape.form):
            prefix = "" if _is_head(entry, shape.form) else f"{entry['Key']}."
            if prefix:
                found[str(entry["Key"])] = FieldDescription(str(entry["Key"]), "table")
            for told in entry.get("Fields") or ():
                for one in _described(prefix, told, shape.form):
                    found[one.name] = one
        for organisation in shape.credits:
            name = f"{CREDITS}.{organisation}"
            found |= {CREDITS: FieldDescription(CREDITS, "amounts by organisation")}
            found |= {name: FieldDescription(name, "amount", scale=2)}
        return KindDescription(shape.form.name, found)

    def stamps(self, shape: Shape, wanted: Sequence[str]) -> tuple[str, ...]:
        """Those of the wanted that the form has; all of them where it is not told. Never none."""
        try:
            known = {name.casefold() for name in self.describe(shape).fields}
        except MisconfiguredError:
            return tuple(wanted)
        return tuple(name for name in wanted if name.casefold() in known) or tuple(wanted)

    def entries(self, form: Form) -> Sequence[Mapping[str, Any]]:
        """The head of a form and its tables."""
        return [entry for entry in self.client.describe(form.name)["Entrys"] if isinstance(entry, Mapping)]


def _is_head(entry: Mapping[str, Any], form: Form) -> bool:
    return entry.get("Key") == HEAD or entry.get("Key") not in {table.name for table in form.tables}


def _described(prefix: str, told: Mapping[str, Any], form: Form) -> Iterator[FieldDescription]:
    name, refers_to = str(told.get("Key") or ""), str(told.get("LookUpObjectFormId") or "")
    choices = tuple(str(one["Value"]) for one in told.get("Extends") or () if isinstance(one, Mapping))
    field = FieldDescription(
        prefix + name,
        str(told.get("ElementType") or told.get("FieldType") or ""),
        length=_positive(told.get("Length")),
        required=str(told.get("MustInput") or "0").lower() not in {"0", "false"} and name not in _GIVEN,
        writable=name not in _READ_ONLY,
        choices=choices or None,
        refers_to=refers_to,
    )
    yield field
    if refers_to:
        writable = field.writable
        yield FieldDescription(f"{prefix}{name}.FNumber", "text", writable=writable, refers_to=refers_to)
        if name in form.references:
            yield FieldDescription(f"{prefix}{name}.id", "id", writable=writable, refers_to=refers_to)


# Required, and given by the connector itself.
_GIVEN = frozenset({"FCreateOrgId", "FUseOrgId", "FTRADINGCURRID"})


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


@dataclass(frozen=True, slots=True)
class Checkup:
    """What is looked at before a data centre is trusted."""

    client: Client
    describer: Describer
    settings: KingdeeSettings
    shapes: Mapping[str, Shape]
    clock: Callable[[], datetime]

    def findings(self) -> Iterator[Finding]:
        """One line each; a login that fails leaves nothing else to look at."""
        try:
            yield from self._looked_at()
        except BudgetError as error:
            yield Finding(ok=False, about="API calls", says=str(error), do="wait until calls are free again")

    def _looked_at(self) -> Iterator[Finding]:
        try:
            yield self._clock_skew()
        except MisconfiguredError as error:
            yield Finding(ok=False, about="login", says=str(error), do="correct the settings of this system")
            return
        yield self._organisation()
        for kind, shape in self.shapes.items():
            yield from self._kind(kind, shape)
        if self.settings.credit_form and any(shape.credits for shape in self.shapes.values()):
            yield from self._credits()

    def _credits(self) -> Iterator[Finding]:
        """The names of this form are those of no published list: they are settings."""
        settings = self.settings
        form = Form(settings.credit_form, settings.credit_id)
        wanted = (settings.credit_id, settings.credit_customer, settings.credit_organisation, settings.credit_amount)
        try:
            known = self.describer.describe(Shape.of(form, ())).fields
        except (MisconfiguredError, TransientError) as error:
            yield Finding(ok=False, about=form.name, says=str(error), do="correct credit_form, or leave it empty")
            return
        missing = [name for name in wanted if name not in known]
        says = f"missing: {', '.join(missing)}" if missing else f"all {len(wanted)} fields are there"
        yield Finding(not missing, form.name, says, "correct the settings credit_…; upper case counts")
        yield self._left_open(form)

    def _clock_skew(self) -> Finding:
        skew = self.client.server_time() - self.clock()
        says = f"its clock differs from ours by {round(skew.total_seconds())} s"
        return Finding(abs(skew) <= _MOST_SKEW, "clock", says, "let a time server set both clocks")

    def _organisation(self) -> Finding:
        there = organisation_id(self.client, self.settings.organisation)
        says = f"organisation {self.settings.organisation} is {'' if there else 'not '}seen by our user"
        return Finding(
            bool(there), "organisation", says, "set `organisation` to its number, and give our user rights in it"
        )

    def _kind(self, kind: str, shape: Shape) -> Iterator[Finding]:
        try:
            known = self.describer.describe(shape).fields
        except (MisconfiguredError, TransientError) as error:
            yield Finding(ok=False, about=kind, says=str(error), do="give the connection's user access to it")
            return
        wanted = [self.settings.stamps[0], *shape.fields]
        wanted += [f"{table}.{field}" for table, fields in shape.tables.items() for field in fields]
        hidden = [name for name in wanted if name not in known]
        says = f"missing: {', '.join(hidden)}" if hidden else f"all {len(wanted)} fields are there"
        yield Finding(not hidden, kind, says, "correct the map or the settings (upper case counts), or add the field")
        if shape.form.read_only:
            return
        yield _key(kind, self.settings.key_field, known)
        yield self._left_open(shape.form)
        yield from self._named(shape.form)

    def _named(self, form: Form) -> Iterator[Finding]:
        """By the name that the system has for us people's edits are told from ours; a wrong one tells nothing."""
        key, editor = self.settings.key_field, self.settings.editor
        rows = self.client.query(form.name, (key, EDITOR), "", order=f"{form.id} DESC", limit=_NEWEST)
        names = [str(row[1]) for row in rows if key != NUMBER and str(row[0] or "").strip()]
        if len(names) >= _ENOUGH and editor not in names:
            others = ", ".join(sorted(set(names))[:3])
            says = f"of {len(names)} records that bear our key none was last changed by {editor!r}, but by {others}"
            do = "set `user_name` to how FModifierId.FName tells our user"
            yield Finding(ok=False, about=f"{form.name} user", says=says, do=do)

    def _left_open(self, form: Form) -> Finding:
        left = Chain(self.client, form.name, form.id).interrupted(self.settings.editor)
        some = ", ".join(left[:5])
        says = f"{len(left)} that we saved are not audited: {some}" if left else "all that we saved is audited"
        return Finding(not left, f"{form.name} audit", says, "audit them in Kingdee, or let the next run do it")


def _key(kind: str, name: str, known: Mapping[str, FieldDescription]) -> Finding:
    says = f"our key is kept in {name}" if name in known else f"there is no field {name} to keep our key in"
    do = f"add a text field {name} of 60 characters or more to {kind}, or set key_field to {NUMBER}"
    return Finding(name in known, f"{kind} key", says, do)


def organisation_id(client: Client, number: str) -> str:
    """The internal id of an organisation; empty where our user sees none of that number."""
    where = filters.equal("FNumber", number)
    rows = client.query("ORG_Organizations", ("FOrgID", "FNumber"), where, limit=SURE_ROWS)
    return str(rows[0][0]) if rows else ""
