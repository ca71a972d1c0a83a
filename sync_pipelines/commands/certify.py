"""`certify`: a connector held to its promises on the system itself; reading only, unless a sandbox is given."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click
from rich.text import Text

from connectors.contract import Connector, Finding
from connectors.errors import ConnectorError, MisconfiguredError
from connectors.testing.contract_live import (
    Left,
    Live,
    LiveBench,
    NotTriedError,
    Outcome,
    Tally,
    Verdict,
    cleaned,
    tried,
)
from mappings.book import WriteSwitch
from sync_pipelines.commands.certifying import certified
from sync_pipelines.commands.office import FINE, LOOK, Office, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.commands.sampling import BookSample
from sync_pipelines.commands.systems import findings_table, known_system
from sync_pipelines.flow.run import House

_MOST = 50  # test records of a kind
_MARKS = {
    Verdict.KEPT: Text("ok", "green"),
    Verdict.BROKEN: Text("!!", "bold red"),
    Verdict.NOT_TRIED: Text("–", "dim"),
}
_HOWTO = "docs/howto/certify.md"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person wants of the writing half."""

    write: bool
    sandbox: str
    given: Mapping[str, Mapping[str, Any]]  # kind → field → value, in the system's words
    patience: timedelta
    kinds: tuple[str, ...]


def _given(_: click.Context, __: click.Parameter, said: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in said:
        place, equals, value = one.partition("=")
        kind, dot, field = place.partition(".")
        if not (equals and dot and kind and field):
            raise click.BadParameter(f"{one!r} is no KIND.FIELD=VALUE, as in contact.organisation=12")
        found.setdefault(kind, {})[field] = _value(value)
    return found


def _value(text: str) -> Any:
    """A number, true, false or "quoted" as in JSON; everything else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


@click.command(short_help="hold a system's connector to what it promises")
@click.argument("system")
@click.option("--write", is_flag=True, help="Try writing, too: makes test records, and archives them at the end.")
@click.option("--sandbox", metavar="TENANT", default="", help="With --write: this tenant is one where tests may write.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind (may be repeated).")
@click.option("--set", "given", multiple=True, callback=_given, metavar="KIND.FIELD=VALUE",
              help="A value that test records need there (may be repeated).")  # fmt: skip
@click.option("--patience", type=click.IntRange(1, 600), default=30, show_default=True, metavar="SECONDS",
              help="How long to wait until a crawl shows what was written.")  # fmt: skip
@json_option
@office
def certify(
    office: Office,
    system: str,
    sandbox: str,
    kinds: tuple[str, ...],
    given: Mapping[str, Mapping[str, Any]],
    patience: int,
    *,
    write: bool,
    as_json: bool,
) -> int:
    """Hold the connector of SYSTEM to its promises, on the system itself.

    Without --write nothing is written, and what only writing could show is named as not tried. With --write test
    records are made, changed and archived: for a sandbox only (docs/howto/certify.md).
    """
    if not write and (sandbox or given):
        raise click.UsageError("--sandbox and --set are for what is written: say --write, too")
    asked = Asked(write, sandbox, given, timedelta(seconds=patience), kinds)
    with office.open_house() as house:
        connector = house.connectors[known_system(house, system)]
        chosen = _kinds(house, system, asked)
        run = _Writing(office, house, connector, asked, chosen) if write else None
        if run is not None:
            run.ask(as_json=as_json)
        found = list(certified(connector, chosen, office.clock()))
        outcomes, left = run.outcomes() if run else ((), ())
    if as_json:
        office.json({"system": system, "findings": found, "tried": outcomes, "left": left})
    else:
        office.print(*_certificate(system, found, outcomes, left, wrote=write))
    return _code(found, outcomes, left, wrote=write)


def _kinds(house: House, system: str, asked: Asked) -> list[str]:
    maps = [spec.maps[system].kind for spec in house.book.entities.values() if system in spec.maps]
    mapped = list(dict.fromkeys(maps))
    for kind in (*asked.kinds, *asked.given):
        if kind not in mapped:
            raise MisconfiguredError(f"the book maps no kind {kind!r} of {system}; there are: {', '.join(mapped)}")
    return [kind for kind in mapped if not asked.kinds or kind in asked.kinds]


# --- writing ----------------------------------------------------------------------------------------------------------


class _Writing:
    """One round of test records."""

    def __init__(self, office: Office, house: House, connector: Connector, asked: Asked, kinds: Sequence[str]) -> None:
        """Nothing is made yet."""
        self._office, self._house, self._connector, self._asked, self._kinds = office, house, connector, asked, kinds
        self._mark = f"C{house.seams.new_id()[-6:]}"
        self._tally = Tally(_MOST, self._mark)
        self._benches: dict[str, LiveBench] = {}

    def ask(self, *, as_json: bool) -> None:
        """Say what will be made and where, and go on only where somebody wants just that."""
        name, tenant = self._connector.system, self._connector.fingerprint()
        if self._asked.sandbox and self._asked.sandbox != tenant:
            raise MisconfiguredError(
                f"{name} leads to the tenant {tenant}, not to {self._asked.sandbox}: nothing was written"
            )
        if not self._asked.sandbox and (why := self._is_lived_in(tenant)):
            message = (
                f"{name} {why}: test records are for a sandbox, and nothing was written. "
                f"If {tenant} is one: concordat certify {name} --write --sandbox {tenant}"
            )
            raise MisconfiguredError(message)
        if not as_json:
            self._office.print(*self._announced(tenant))
        if not self._asked.sandbox:
            if as_json:
                raise click.UsageError(f"with --json nobody is asked: say --sandbox {tenant}")
            click.confirm("Go on?", abort=True)

    def _is_lived_in(self, tenant: str) -> str:
        system = self._house.book.systems[self._connector.system]
        switches = {system.write, *system.entities.values()}
        if switches != {WriteSwitch.OFF}:
            return f"is kept in agreement by this book (write: {max(switches, key=list(WriteSwitch).index)})"
        known = self._house.ledger.get_pin(f"tenant:{self._connector.system}") == tenant
        return "was written to by this ledger" if known else ""

    def _announced(self, tenant: str) -> Iterator[str]:
        system = self._house.book.systems[self._connector.system]
        yield f"Test records will be made in {system.name} ({system.connector}), tenant {tenant}:"
        for kind in self._kinds:
            if not self._connector.kinds[kind].creates:
                continue
            can = self._connector.kinds[kind]
            end = "archived at the end" if can.archives else "NOT taken away again: it archives nothing of this kind"
            fields = ", ".join(self._sample(kind).names)
            yield f"  {kind}: up to {_MOST}, in {fields or 'what the system requires'}; {end}"
        yield f"Their texts bear {self._mark}, their keys begin with certify-{self._mark}. Nothing else is changed."
        yield "Let no run read this system meanwhile: it would take them for somebody's records."
        yield ""

    def outcomes(self) -> tuple[Sequence[Outcome], Sequence[Left]]:
        """Every promise of every kind, and what is left of the records; also of those of a round that was stopped."""
        found: list[Outcome] = []
        try:
            for kind in self._kinds:
                found += self._tried(kind) if kind in self._connector.kinds else ()
        except KeyboardInterrupt:
            found.append(Outcome("", "the rest", Verdict.NOT_TRIED, "stopped by hand"))
        return found, cleaned(self._connector, self._tally)

    def _tried(self, kind: str) -> Iterator[Outcome]:
        try:
            yield from tried(self._bench(kind))
        except ConnectorError as error:
            yield Outcome(kind, "writes", Verdict.NOT_TRIED, f"the system could not be asked: {error}")

    def _bench(self, kind: str) -> LiveBench:
        if kind not in self._benches:
            seams = Live(self._office.clock, self._office.sleep, self._asked.patience, f"certify-{self._mark}")
            self._benches[kind] = LiveBench(self._connector, kind, self._sample(kind), seams, self._tally)
        return self._benches[kind]

    def _sample(self, kind: str) -> BookSample:
        name = self._connector.system
        entity = next(one for one, spec in self._house.book.entities.items()
                      if name in spec.maps and spec.maps[name].kind == kind)  # fmt: skip
        return BookSample(
            self._house.book, entity, name,
            described=self._connector.describe(kind), mark=self._mark,
            given=self._asked.given.get(kind, {}), refer=self._referred(kind),
        )  # fmt: skip

    def _referred(self, by: str) -> Callable[[str], str]:
        """One test record serves all that have to refer to one of its kind."""
        made: dict[str, str] = {}

        def refer(kind: str) -> str:
            if kind == by or kind not in self._connector.kinds or kind not in self._kinds:
                raise NotTriedError(f"{by} has to refer to a {kind}; give one with --set")
            if kind not in made:
                bench = self._bench(kind)
                made[kind] = bench.make(bench.fresh())
            return made[kind]

        return refer


# --- the certificate --------------------------------------------------------------------------------------------------


def _certificate(
    system: str, found: Sequence[Finding], outcomes: Sequence[Outcome], left: Sequence[Left], *, wrote: bool
) -> Iterator[Any]:
    yield findings_table(found)
    yield from _outcome_lines(outcomes)
    yield ""
    yield from _left_lines(left)
    bad = sum(not finding.ok for finding in found) + sum(one.verdict is Verdict.BROKEN for one in outcomes)
    kept = sum(finding.ok for finding in found) + sum(one.verdict is Verdict.KEPT for one in outcomes)
    untried = sum(one.verdict is Verdict.NOT_TRIED for one in outcomes)
    says = f"{many(bad, 'promise')} not kept" if bad else "none was found broken"
    yield f"{system}: {many(kept, 'promise')} held when tried, {says}{f', {untried} not tried' if wrote else ''}."
    if not wrote:
        yield "Not tried, since it takes writing: create, update, archive, note, keys refused twice, lost answers."
        yield f"On a sandbox of yours --write tries them: {_HOWTO}"
    elif untried:
        yield f"What a live system cannot show, the contract suite shows on one of its own: {_HOWTO}"


def _outcome_lines(outcomes: Sequence[Outcome]) -> Iterator[Any]:
    """By kind; what was not tried stands under its reason."""
    for kind in dict.fromkeys(one.kind for one in outcomes):
        ours = [one for one in outcomes if one.kind == kind]
        yield Text(f"\n{kind}, written to", "bold")
        for one in ours:
            if one.verdict is not Verdict.NOT_TRIED:
                yield Text.assemble(_MARKS[one.verdict], f"   {one.promise}{f': {one.says}' if one.says else ''}")
        for reason in dict.fromkeys(one.says for one in ours if one.verdict is Verdict.NOT_TRIED):
            yield Text(f"–    not tried: {reason}", "dim")
            yield from (
                f"       {one.promise}" for one in ours if (one.verdict, one.says) == (Verdict.NOT_TRIED, reason)
            )


def _left_lines(left: Sequence[Left]) -> Iterator[Any]:
    if not left:
        return
    for kind in dict.fromkeys(one.ref.kind for one in left):
        away = sorted(one.ref.id for one in left if one.ref.kind == kind and one.is_archived)
        if away:
            yield Text(f"Left behind, archived: {many(len(away), 'record')} of {kind}: {', '.join(away)}")
    for one in (one for one in left if not one.is_archived):
        yield Text(f"Left behind, IN USE: {one.ref}  {one.says}", "bold red")
    yield ""


def _code(found: Sequence[Finding], outcomes: Sequence[Outcome], left: Sequence[Left], *, wrote: bool) -> int:
    broken = not all(finding.ok for finding in found) or any(one.verdict is Verdict.BROKEN for one in outcomes)
    nothing = wrote and not any(one.verdict is Verdict.KEPT for one in outcomes)
    return LOOK if broken or nothing or not all(one.is_archived for one in left) else FINE
