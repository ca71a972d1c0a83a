"""`why`: one value, and everything that led to it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mappings.book import EntitySpec
from mappings.values import Value, field_of
from sync_pipelines.commands.office import FINE, Office, json_option, office, reveal_option
from sync_pipelines.commands.plans import Reading, agreed_values, cut, label, table
from sync_pipelines.flow.run import House
from sync_pipelines.model.changes import State
from sync_pipelines.model.claims import Stance
from sync_pipelines.model.golden import Because
from sync_pipelines.review.why import Explanation, Voice, entity_id_of, explain, sentence, spec_of
from sync_pipelines.review.wording import guarded, shown

_BECAUSE = {
    Because.FIRST: "nobody had said anything before",
    Because.CHANGED: "it was changed there",
    Because.DEPARTMENT_UNTOLD: "it was changed there, nobody can tell by which department",
    Because.UNCHANGED: "nobody changed it",
    Because.HANDED_OVER: "it decides since it knows the record",
    Because.SEEDED: "the agreed value was given to the new decider",
    Because.KEPT: "a blank did not erase it",
    Because.CONTESTED: "two changed it; the agreed value stands until somebody answers",
    Because.RANK: "two changed it; the higher rank stands",
    Because.LATEST: "two changed it; the later one stands",
    Because.VERDICT: "a steward said so",
    Because.BORROWED: "another entity says so",
    Because.ADOPTED: "it was found so on day one",
    Because.LEFT: "it takes part no longer",
    Because.UNDONE: "a run was taken back",
    Because.SPLIT: "what was taken for one became two again",
    Because.REMOVED: "nothing is agreed on it any more",
}


@click.command(short_help="why a field has its value")
@click.argument("entity")
@click.argument("id")
@click.argument("field", required=False)
@reveal_option
@json_option
@office
def why(office: Office, entity: str, id: str, field: str | None, *, reveal: bool, as_json: bool) -> int:  # noqa: A002 - its name in the usage line
    r"""Say who decided the value of a FIELD, by which sentence of the book, when, and what every system says now.

    ID is an entity's id or the address of one of its records. Without a FIELD, all values are listed.

    \b
    concordat why account erp/party/12 credit_limit
    """
    reading = Reading(reveal=reveal)
    with office.open_house() as house:
        spec = spec_of(house.book, entity)
        if field is None:
            _all_fields(office, house, spec, id, reading, as_json=as_json)
            return FINE
        told = explain(house.ledger, house.book, entity, id, field)
        if as_json:
            office.json(_data(spec, told, reading))
        else:
            values = agreed_values(house, entity, {told.entity_id}).get(told.entity_id, {})
            office.print(*why_lines(spec, told, label(spec, values, reading), reading))
    return FINE


# --- all fields -------------------------------------------------------------------------------------------------------


def _all_fields(office: Office, house: House, spec: EntitySpec, name: str, reading: Reading, *, as_json: bool) -> None:
    entity_id = entity_id_of(house.ledger, spec.name, name)
    golden = house.ledger.golden_of(spec.name, [entity_id]).get(entity_id)
    fields = golden.fields if golden else {}
    if as_json:
        told = {key: _decided(spec, key, one, reading) for key, one in fields.items()}
        office.json({"entity": spec.name, "entity_id": entity_id, "fields": told})
        return
    made = table("field", "value", "by", "because", "rule")
    for key, one in fields.items():
        made.add_row(key, _shown(spec, key, one.value, reading), one.by, one.because.value, one.rule)
    values = {key: one.value for key, one in fields.items()}
    office.print(
        Text.assemble((label(spec, values, reading), "bold"), (f"   {spec.name} {entity_id}", "dim")), "", made
    )


def _decided(spec: EntitySpec, key: str, decided: Any, reading: Reading) -> Mapping[str, Any]:
    return {
        "value": guarded(decided.value, key, spec, reveal=reading.reveal),
        "because": decided.because,
        "by": decided.by,
        "rule": decided.rule,
        "run": decided.run,
        "at": decided.at,
    }


def _shown(spec: EntitySpec, key: str, value: Value, reading: Reading) -> str:
    return shown(value, key, spec, reveal=reading.reveal)


# --- one field --------------------------------------------------------------------------------------------------------


def why_lines(spec: EntitySpec, told: Explanation, name: str, reading: Reading) -> Iterator[Any]:
    """One value, from its reason to its history."""
    yield Text.assemble((name or told.entity_id, "bold"), (f"   {told.entity} {told.entity_id}", "dim"))
    if told.decided is None:
        yield Text.assemble((told.key, "bold"), f": nothing is agreed {'any more' if told.history else 'yet'}")
    else:
        value = _shown(spec, told.key, told.decided.value, reading)
        yield Text.assemble((told.key, "bold"), " is ", (value, "bold cyan"))
    meaning = spec.fields.get(field_of(told.key))
    if meaning is not None and meaning.means:
        yield Text(f"  {meaning.means}", "dim")
    yield Padding(_reasons(told), (1, 0, 1, 2))
    yield Padding(_voices(spec, told, reading), (0, 0, 1, 2))
    yield from _doubts(told)
    if len(told.history) > 1 or (told.history and told.decided is None):
        yield Padding(_history(spec, told, reading), (0, 0, 1, 2))


def _reasons(told: Explanation) -> Table:
    made = table("", "")
    made.show_header = False
    if told.decided is not None:
        made.add_row("decided by", f"{told.decided.by or 'nobody'}: {_BECAUSE[told.decided.because]}")
    made.add_row("rule", _rule(told))
    if told.decided is not None:
        made.add_row("run", _run(told))
    for hand_over in told.hand_overs:
        says = f"from {hand_over.from_ or 'nobody'} to {hand_over.to}: {hand_over.outcome}"
        made.add_row("hand-over", f"{says}, {moment(hand_over.at)}, run {hand_over.run}")
    if not told.hand_overs:
        made.add_row("hand-over", "none")
    for change in told.writes[:3]:
        made.add_row("written", f"to {change.system} ({_outcome(change.state)}), run {change.run}")
    return made


def _rule(told: Explanation) -> str:
    place = told.decided.rule if told.decided and told.decided.rule else ""
    if told.rule is None and place:
        return f"{place} (no longer in the book)" if ":" in place else place
    if told.rule is None:
        return f"whichever applies first: {', '.join(str(rule.where) for rule in told.rules)}" if told.rules else "none"
    where = place if ":" in place else ", ".join(part for part in (place, str(told.rule.where)) if part)
    return f"{where}  {sentence(told.rule)}{f'; steward: {told.rule.steward}' if told.rule.steward else ''}"


def _run(told: Explanation) -> str:
    run = told.decided.run if told.decided else ""
    if not run:
        return f"outside of a run, {moment(told.decided.at if told.decided else None)}"
    ended = f", {told.run.kind}, {told.run.state or 'running'}" if told.run else ""
    return f"{run}, {moment(told.decided.at if told.decided else None)}{ended}"


def _outcome(state: State) -> str:
    return {State.INTENDED: "outcome not known yet", State.UNCERTAIN: "outcome not known yet"}.get(state, state.value)


def _voices(spec: EntitySpec, told: Explanation, reading: Reading) -> Table:
    made = table("system", "its part", "says now", "", "record", "last changed")
    for voice in told.voices:
        made.add_row(
            f"{voice.ref.system}{f' ({voice.scope})' if voice.scope else ''}",
            voice.part,
            _shown(spec, told.key, voice.value, reading) if voice.says in ("agrees", "differs") else "",
            Text(_says(voice), "yellow" if voice.says == "differs" else ""),
            f"{voice.ref.kind}/{voice.ref.id}",
            f"{moment(voice.changed_at)}{f' by {voice.editor}' if voice.editor and voice.says == 'differs' else ''}",
        )
    return made


def _says(voice: Voice) -> str:
    alias = "" if voice.primary else ", a further record"
    moved = ", edited since it agreed" if voice.says == "differs" and voice.stance is Stance.MOVED else ""
    return f"{voice.says}{moved}{alias}"


def _doubts(told: Explanation) -> Iterator[Any]:
    if told.question is not None:
        yield f"  open question {told.question.id} for {told.question.steward or 'people'}: {told.question.asks}"
    if told.override is not None:
        yield f"  {told.override.by} said so on {moment(told.override.at)}; that outranks the rules until it is revoked"
    for entry in told.quarantined:
        yield f"  {entry.ref} is in quarantine ({entry.reason}): {entry.says}"
    if told.question is not None or told.override is not None or told.quarantined:
        yield ""


def _history(spec: EntitySpec, told: Explanation, reading: Reading) -> Table:
    made = table("when", "became", "by", "because", "run")
    for step in told.history:
        new = cut(_shown(spec, told.key, step.new, reading))
        made.add_row(moment(step.at), new, step.by, step.because, step.run or "–")
    return made


def moment(at: datetime | None) -> str:
    """A time as people write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else "at an unknown time"


def _data(spec: EntitySpec, told: Explanation, reading: Reading) -> Mapping[str, Any]:
    def safe(value: Value) -> Value:
        return guarded(value, told.key, spec, reveal=reading.reveal)

    return {
        "entity": told.entity,
        "entity_id": told.entity_id,
        "field": told.key,
        **(_decided(spec, told.key, told.decided, reading) if told.decided else {"value": None}),
        "sentence": sentence(told.rule) if told.rule else "",
        "steward": told.rule.steward if told.rule else "",
        "run_kind": told.run.kind if told.run else "",
        "run_state": told.run.state if told.run else "",
        "hand_overs": told.hand_overs,
        "losers": [str(voice.ref) for voice in told.losers],
        "voices": [
            {
                "record": str(voice.ref),
                "part": voice.part,
                "value": safe(voice.value),
                "says": voice.says,
                "stance": voice.stance,
                "changed_at": voice.changed_at,
                "editor": voice.editor,
            }
            for voice in told.voices
        ],
        "history": [
            {"at": s.at, "old": safe(s.old), "new": safe(s.new), "by": s.by, "because": s.because, "run": s.run}
            for s in told.history
        ],
        "writes": [{"key": w.key, "system": w.system, "state": w.state, "run": w.run} for w in told.writes],
        "question": told.question.id if told.question else "",
        "override": told.override.by if told.override else "",
    }
