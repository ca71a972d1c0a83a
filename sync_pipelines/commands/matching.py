"""`match`: two tables in files, and who is who in them, with reasons; held against the truth where it is known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from mappings.matching import Scoring
from sync_pipelines.commands.measuring import Measured, measured
from sync_pipelines.commands.office import FINE, LOOK, Office, json_option, office
from sync_pipelines.commands.plans import many, table
from sync_pipelines.commands.reading import Table, opened
from sync_pipelines.commands.tables import Matched, matched
from sync_pipelines.commands.training import train
from sync_pipelines.identity.columns import ROLES, missing
from sync_pipelines.identity.evidence import Reason
from sync_pipelines.identity.pairs import Pair
from sync_pipelines.identity.scoring import ASK, LINK

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 20
_NO = frozenset({"", "0", "false", "no", "n", "f", "different", "否"})
_LABELS = frozenset({"is_match", "match", "label", "same", "truth"})
_TELLS = frozenset({"id", "text", "ignore"})


class _Match(click.Command):
    """Two tables, unless the first word is the name of a command."""

    commands: Mapping[str, click.Command] = {"train": train}

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """That of the command which is named, else of `match` itself."""
        if args and args[0] in self.commands:
            name, *rest = args
            return self.commands[name].make_context(f"{info_name} {name}", rest, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, behind what `match` itself takes."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str()) for name, command in self.commands.items()])


@click.command("match", cls=_Match, short_help="who is who in two tables, with reasons")
@click.argument("left", type=_FILE)
@click.argument("right", type=_FILE, required=False)
@click.option(
    "--truth", type=_FILE, help="A CSV of the pairs that are one: an id of LEFT and an id of RIGHT in each row."
)
@click.option(
    "--map",
    "told",
    multiple=True,
    metavar="WHAT=COLUMN",
    help=f"What a column holds, where its heading does not say so. WHAT is one of {', '.join(ROLES)}.",
)
@click.option("--link", type=float, help="Score in bits from which a pair is linked without asking.")
@click.option("--ask", type=float, help="Score in bits from which a person is asked.")
@click.option("--encoding", help="How files are written that are not in UTF-8 (gb18030, cp1252, utf-16 …).")
@json_option
@office
def match(
    office: Office,
    left: Path,
    right: Path | None,
    truth: Path | None,
    told: tuple[str, ...],
    link: float | None,
    ask: float | None,
    encoding: str | None,
    *,
    as_json: bool,
) -> int:
    """Who is who in LEFT and RIGHT, tables of firms or persons; without RIGHT, who stands twice in LEFT.

    Columns are recognised by their headings. Nothing is written, and no ledger is needed.
    """
    said = [_said(one) for one in told]
    mine = opened(left, encoding, said)
    yours = opened(right, encoding, said) if right else None
    _checked(said, mine, yours)
    found = matched(mine, yours, lambda scoring: _with(scoring, link, ask))
    against = measured(found, _truth(truth, encoding, found), within=yours is None) if truth else None
    if as_json:
        office.json(_data(mine, yours, found, against))
    else:
        office.print(*_lines(mine, yours, found, against))
    return LOOK if any(pair.decision == ASK for pair in found.pairs) else FINE


def _said(one: str) -> tuple[str, str]:
    role, equals, heading = one.partition("=")
    if not equals or not heading.strip():
        raise click.UsageError(f"`--map {one}` should read like `--map name=Company`")
    return role.strip(), heading.strip()


def _checked(said: Sequence[tuple[str, str]], left: Table, right: Table | None) -> None:
    tables = [left, *([right] if right else [])]
    lost = missing(said, *(one.headings for one in tables))
    if lost:
        there = ", ".join(f"`{heading}`" for heading in left.headings)
        raise click.ClickException(f"no column is called `{lost[0]}`; {left.path} has {there}")
    for one in tables:
        if not set(one.roles.values()) - _TELLS:
            heard = ", ".join(f"`{heading}`" for heading in one.headings)
            raise click.ClickException(
                f"{one.path}: no column holds a name, an address or anything else to know somebody by ({heard}); "
                "say which with --map name=COLUMN"
            )


def _with(scoring: Scoring, link: float | None, ask: float | None) -> Scoring:
    changed = replace(scoring, link=scoring.link if link is None else link, ask=scoring.ask if ask is None else ask)
    if changed.ask > changed.link:
        raise click.UsageError(f"--ask {changed.ask:g} lies above --link {changed.link:g}")
    return changed


# --- the truth --------------------------------------------------------------------------------------------------------


def _truth(path: Path, encoding: str | None, found: Matched) -> set[tuple[int, int]]:
    """The pairs that are one, by the numbers of their rows."""
    rows = _truth_rows(path, encoding)
    left, right = _numbers(found.left_ids, "the first table"), _numbers(found.right_ids, "the second table")
    turned = bool(rows) and rows[0][0] not in left and rows[0][0] in right
    pairs = set()
    for line, (one, two) in enumerate(rows, start=2):
        mine, yours = (two, one) if turned else (one, two)
        for told, there, which in ((mine, left, "first"), (yours, right, "second")):
            if told not in there:
                raise click.ClickException(
                    f"{path}:{line}: no row of the {which} table has the id `{told}`; "
                    "if its ids stand in another column, say so with --map id=COLUMN"
                )
        pairs.add((left[mine], right[yours]))
    return pairs


def _truth_rows(path: Path, encoding: str | None) -> list[tuple[str, str]]:
    table = opened(path, encoding, ())
    if len(table.headings) < 2:  # noqa: PLR2004 - an id of each side
        raise click.ClickException(f"{path}: holds one column; an id of each table is needed in every row")
    label = next((place for place, name in enumerate(table.headings) if name.lower() in _LABELS), None)
    ids = [place for place in range(len(table.headings)) if place != label][:2]
    return [
        (cells[ids[0]].strip(), cells[ids[1]].strip())
        for _, cells in table.rows()
        if label is None or cells[label].strip().lower() not in _NO
    ]


def _numbers(ids: Sequence[str], which: str) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number, told in enumerate(ids):
        if told in numbers:
            raise click.ClickException(
                f"two rows of {which} have the id `{told}`; say with --map id=COLUMN where ids stand"
            )
        numbers[told] = number
    return numbers


# --- what is said -----------------------------------------------------------------------------------------------------


def _data(left: Table, right: Table | None, found: Matched, against: Measured | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "left": _table(left, len(found.left_ids)),
        "right": _table(right, len(found.right_ids)) if right else None,
        "thresholds": {"link": found.scoring.link, "ask": found.scoring.ask},
        "looked_at": len(found.looked_at),
        "linked": sum(1 for pair in found.pairs if pair.decision == LINK),
        "asked": sum(1 for pair in found.pairs if pair.decision == ASK),
        "pairs": [_pair(pair, found) for pair in found.pairs],
    }
    if against is not None:
        data["truth"] = _told(against)
    return data


def _told(against: Measured) -> dict[str, Any]:
    """The four figures that are asked for first, then all of them."""
    shares = against.shares
    first = {"precision": "precision of links", "recall": "recall of links", "asked": "records asked about"}
    return {**{key: shares[name].value for key, name in first.items()}, "f1": against.f1_linked, **asdict(against)}


def _table(one: Table, rows: int) -> dict[str, Any]:
    return {"file": one.path.name, "rows": rows, "columns": dict(one.roles)}


def _pair(pair: Pair, found: Matched) -> dict[str, Any]:
    return {
        "left": found.left_ids[pair.left],
        "right": found.right_ids[pair.right],
        "score": pair.score.total,
        "decision": pair.decision,
        "for": [_reason(reason) for reason in pair.score.speaks_for],
        "against": [_reason(reason) for reason in pair.score.speaks_against],
        "not_linked_because": list(pair.score.bars),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"field": reason.field, "level": reason.level, "weight": reason.weight, "says": reason.says}


def _lines(left: Table, right: Table | None, found: Matched, against: Measured | None) -> Iterator[Any]:
    for one, ids in ((left, found.left_ids), (right, found.right_ids)):
        if one is not None:
            yield Text.assemble((one.path.name, "bold"), f"   {many(len(ids), 'row')}; {_columns(one.roles)}")
    linked = sum(1 for pair in found.pairs if pair.decision == LINK)
    asked = sum(1 for pair in found.pairs if pair.decision == ASK)
    scoring = found.scoring
    yield f"  {many(linked, 'pair')} linked (from {scoring.link:g} bits), {asked:,} to ask about (from {scoring.ask:g})"
    shown = [pair for pair in found.pairs if pair.decision in {LINK, ASK}][:_SHOWN]
    if shown:
        yield Padding(_pairs(shown, found), (1, 0, 1, 2))
    if linked + asked > len(shown):
        yield f"  … and {linked + asked - len(shown):,} more; --json tells all of them."
    if against is not None:
        yield from _measured(against)


def _columns(roles: Mapping[str, str]) -> str:
    return ", ".join(
        f"{heading} is {role}" for heading, role in roles.items() if role not in {"ignore", heading.lower()}
    ) or ("columns are what they are called")


def _pairs(shown: Sequence[Pair], found: Matched) -> Any:
    made = table("left", "right", "score", "decision", "why", right=("score",))
    for pair in shown:
        why = [f"+{reason.weight:g} {reason.says}" for reason in pair.score.speaks_for]
        why += [f"{reason.weight:g} {reason.says}" for reason in pair.score.speaks_against]
        why += [f"not linked: {says}" for says in pair.score.bars]
        ids = (found.left_ids[pair.left], found.right_ids[pair.right])
        made.add_row(*ids, f"{pair.score.total:g}", pair.decision, "; ".join(why))
    return made


def _measured(against: Measured) -> Iterator[Any]:
    made = table("", "value", "95 % bounds", right=("value",))
    for name, share in against.shares.items():
        made.add_row(
            name, f"{share.value:.2%}", f"{share.low:.2%} to {share.high:.2%}" if share.of else "nothing to count"
        )
    made.add_row("best F1", f"{against.best.f1:.2%}", f"from a score of {against.best.score:g}")
    yield Padding(made, (0, 0, 0, 2))
