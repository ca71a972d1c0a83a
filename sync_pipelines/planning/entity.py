"""From rulings to writes: only what differs, only where it may be written, each with its reason. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import RecordRef
from mappings.book import EntitySpec
from mappings.ownership import CreateRule
from mappings.values import Value, field_of
from sync_pipelines.model.changes import Change, FieldChange, Held, Op
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim, Stance
from sync_pipelines.model.decisions import Agreement, EntityDecision
from sync_pipelines.model.early import Early
from sync_pipelines.model.golden import Decided
from sync_pipelines.model.parts import project
from sync_pipelines.ownership.conditions import holds
from sync_pipelines.ownership.situation import Cast, Ruling, Situation, agrees
from sync_pipelines.planning.archiving import Archiving, decide_archive
from sync_pipelines.planning.early import Look, may_be_made, waits, word_of
from sync_pipelines.planning.leaving import TAKES_PART, TOPIC, Leaving, decide_leaving
from sync_pipelines.planning.target import Links, Target


@dataclass(frozen=True, slots=True)
class Desk:
    """What planning needs besides the entity itself."""

    plan: str
    spec: EntitySpec
    cast: Cast
    targets: Sequence[Target]
    links: Links
    new_id: Callable[[], str]
    busy: Mapping[RecordRef, str] = field(default_factory=dict)  # records that cannot be written now, and why
    making: frozenset[tuple[str, str]] = frozenset()  # (entity_id, system) with a create whose outcome is not known
    doubtful: frozenset[tuple[str, str]] = frozenset()  # (entity_id, system) where a match waits for a person
    frozen: frozenset[str] = frozenset()  # entity ids that a person has to look at before anything is written
    coupled: Mapping[str, frozenset[str]] = field(default_factory=dict)  # entity_id → systems, gone records too
    pools: Mapping[str, str] = field(default_factory=dict)  # system whose record serves many → what is wrong there


@dataclass(slots=True)
class EntityPlan:
    """What is to be done about one entity."""

    changes: list[Change]
    held: list[Held]
    decision: EntityDecision
    early: list[Early] = field(default_factory=list)


def plan_entity(situation: Situation, rulings: Sequence[Ruling], gone: Sequence[Claim], desk: Desk) -> EntityPlan:
    """The writes that bring every record to what was decided, and the decision itself."""
    entity_id = situation.golden.entity_id
    agreed = _agreed(situation, rulings)
    joins = desk.spec.ownership.takes_part
    takes_part = holds(joins.when, agreed, situation, desk.cast)
    leaving = decide_leaving(joins, situation, rulings, takes_part=takes_part)
    archiving = decide_archive(desk.spec.ownership.archive, situation, gone, desk.cast, leaving)
    plan = EntityPlan([], [], EntityDecision(entity_id))
    for target in desk.targets if entity_id not in desk.frozen else ():
        if takes_part:
            _plan_target(plan, target, situation, rulings, agreed, archiving, desk)
        elif leaving.has_left:
            _plan_archives(plan, target, situation.claims, archiving, desk)
    plan.decision = _decision(plan, situation, rulings, archiving, leaving, desk)
    return plan


def _agreed(situation: Situation, rulings: Sequence[Ruling]) -> dict[str, Value]:
    agreed = {key: decided.value for key, decided in situation.golden.fields.items()}
    return agreed | {ruling.key: ruling.value for ruling in rulings if ruling.decided is not None}


def _plan_target(
    plan: EntityPlan,
    target: Target,
    situation: Situation,
    rulings: Sequence[Ruling],
    agreed: Mapping[str, Value],
    archiving: Archiving,
    desk: Desk,
) -> None:
    mine = [claim for claim in situation.claims if claim.system == target.system]
    _plan_archives(plan, target, mine, archiving, desk)
    for claim in mine:
        if not (claim.ref in archiving.to_archive and target.archives):
            _plan_record(plan, target, claim, situation, rulings, archiving, desk)
    if not mine:
        _plan_create(plan, target, situation, rulings, agreed, archiving, desk)


def _plan_archives(plan: EntityPlan, target: Target, claims: Sequence[Claim], archiving: Archiving, desk: Desk) -> None:
    due = [c for c in claims if c.system == target.system and c.ref in archiving.to_archive and target.archives]
    plan.changes += [_change(desk, target, plan.decision.entity_id, Op.ARCHIVE, {}, claim) for claim in due]


def _plan_record(
    plan: EntityPlan,
    target: Target,
    claim: Claim,
    situation: Situation,
    rulings: Sequence[Ruling],
    archiving: Archiving,
    desk: Desk,
) -> None:
    entity_id = situation.golden.entity_id
    fields = {ruling.key: change for ruling in rulings if (change := _field_change(plan, target, claim, ruling, desk))}
    if not fields:
        return
    why_not = _unwritable(target, claim, archiving, desk)
    if why_not:
        plan.held.append(Held(desk.spec.name, entity_id, target.system, "", why_not))
    else:
        plan.changes.append(_change(desk, target, entity_id, Op.UPDATE, fields, claim))


def _unwritable(target: Target, claim: Claim, archiving: Archiving, desk: Desk) -> str:
    if claim.ref in desk.busy:
        return desk.busy[claim.ref]
    if claim.ref in archiving.archived:
        return "the record is archived there"
    return "" if target.updates else "records of this kind cannot be updated there"


def _field_change(plan: EntityPlan, target: Target, claim: Claim, ruling: Ruling, desk: Desk) -> FieldChange | None:
    """The change of one field on one record; None where nothing differs or nothing may be written."""
    key = ruling.key
    if ruling.decided is None or claim.ref in ruling.held | ruling.accepted or not target.takes(key, claim.scope):
        return None
    if claim.stance(key) is Stance.SILENT or agrees(claim, key, ruling.value, desk.cast, ruling.rule.field):
        return None
    new = project(ruling.value, desk.cast.parts_of(target.system, ruling.rule.field))
    if desk.links.missing(target.system, key, new, claim.values[key]):
        says = f"{ruling.rule.field} refers to what has no record there yet"
        plan.held.append(Held(desk.spec.name, plan.decision.entity_id, target.system, key, says, ruling.rule.steward))
        return None
    return FieldChange(claim.values[key], new, _why(ruling.decided), reverts=claim.ref in ruling.reverted)


def _why(decided: Decided) -> str:
    return f"{decided.because} by {decided.by}" if decided.by else str(decided.because)


def _change(
    desk: Desk,
    target: Target,
    entity_id: str,
    op: Op,
    fields: Mapping[str, FieldChange],
    claim: Claim | None,
    create_key: str = "",
) -> Change:
    return Change(
        key=desk.new_id(),
        plan=desk.plan,
        op=op,
        system=target.system,
        kind=claim.ref.kind if claim else target.kind,
        entity=desk.spec.name,
        entity_id=entity_id,
        fields=fields,
        record_id=claim.ref.id if claim else "",
        scope=claim.scope if claim else "",
        version=claim.version if claim else "",
        create_key=create_key,
    )


def _plan_create(
    plan: EntityPlan,
    target: Target,
    situation: Situation,
    rulings: Sequence[Ruling],
    agreed: Mapping[str, Value],
    archiving: Archiving,
    desk: Desk,
) -> None:
    entity_id = situation.golden.entity_id
    rule = desk.spec.ownership.create.get(target.role)
    if rule is None or not rule.allowed or archiving.is_archived or not situation.claims:
        return
    if _is_there(target, entity_id, desk) or not _speaks_for_its_role(target, desk):
        return
    word, wanted = word_of(situation, target.role), _wanted(rule, target, situation, agreed, desk)
    missing, doubtful = _missing(rule, target, agreed, desk), (entity_id, target.system) in desk.doubtful
    under_way = bool(_colleagues(target, desk) & {system for made, system in desk.making if made == entity_id})
    look = Look(rule, desk.spec.ownership, situation, agreed, desk.cast)
    if look.pooled(sorted(target.scopes) or [""]) and not doubtful and not under_way:
        _plan_pooled(plan, target, look, desk)
        return
    if waits(rule):
        plan.early.append(look.early(wanted=wanted, missing=missing, doubtful=doubtful))
    if under_way or not target.creates or not may_be_made(word, wanted=wanted):
        return
    if missing or doubtful:
        says = f"it waits for {', '.join(missing)}" if missing else "a possible match there waits for an answer"
        plan.held.append(Held(desk.spec.name, entity_id, target.system, "", says))
        return
    fields = _initial(target, rulings, desk)
    plan.changes.append(_change(desk, target, entity_id, Op.CREATE, fields, None, create_key=entity_id))


def _plan_pooled(plan: EntityPlan, target: Target, look: Look, desk: Desk) -> None:
    """Nothing is made and nothing written: one record there serves it and others."""
    wrong = desk.pools.get(target.system, "")
    plan.early.append(look.served(wrong))
    if wrong:
        plan.held.append(Held(desk.spec.name, plan.decision.entity_id, target.system, "", wrong))


def _wanted(rule: CreateRule, target: Target, situation: Situation, agreed: Mapping[str, Value], desk: Desk) -> bool:
    """Whether its condition holds, for any company that the system keeps."""
    scopes = sorted(target.scopes) or [""]
    return any(holds(rule.when, agreed, situation, desk.cast, scope) for scope in scopes)


def _is_there(target: Target, entity_id: str, desk: Desk) -> bool:
    """A record there, alive or gone, or one that a colleague of the same role keeps already."""
    return bool(_colleagues(target, desk) & desk.coupled.get(entity_id, frozenset()))


def _colleagues(target: Target, desk: Desk) -> frozenset[str]:
    """They keep the same companies."""
    return frozenset(
        other.system for other in desk.targets if other.role == target.role and _same_companies(other, target)
    )


def _speaks_for_its_role(target: Target, desk: Desk) -> bool:
    """Of several that could make the entity the first by rank does."""
    colleagues = _colleagues(target, desk)
    mine = [other for other in desk.targets if other.system in colleagues]
    return next((other for other in mine if other.creates), mine[0]) is target


def _same_companies(one: Target, other: Target) -> bool:
    return not one.scopes or not other.scopes or bool(one.scopes & other.scopes)


def _missing(rule: CreateRule, target: Target, agreed: Mapping[str, Value], desk: Desk) -> list[str]:
    def lacks(name: str) -> bool:
        value = agreed.get(name)
        return value in (None, [], "") or desk.links.missing(target.system, name, value)

    return [name for name in rule.needs if lacks(name)]


def _initial(target: Target, rulings: Sequence[Ruling], desk: Desk) -> dict[str, FieldChange]:
    """Everything agreed that the system keeps; what has no value is left to the system's own default."""
    fields = {}
    for ruling in rulings:
        if ruling.decided is None or ruling.value in (None, []) or not target.takes(ruling.key, "", create=True):
            continue
        new = project(ruling.value, desk.cast.parts_of(target.system, ruling.rule.field))
        if new is not None and not desk.links.missing(target.system, ruling.key, new):
            fields[ruling.key] = FieldChange(None, new, _why(ruling.decided))
    return fields


def _decision(
    plan: EntityPlan,
    situation: Situation,
    rulings: Sequence[Ruling],
    archiving: Archiving,
    leaving: Leaving,
    desk: Desk,
) -> EntityDecision:
    asked = [*(ruling.question for ruling in rulings), *archiving.questions, leaving.question]
    questions = [question for question in asked if question is not None]
    topics = {question.topic for question in questions}
    concerned = {topic for topic in situation.asked if topic in ("archive", TOPIC) or topic.startswith("field:")}
    golden = {ruling.key: ruling.decided for ruling in rulings if ruling.decided and _is_new(situation, ruling)}
    if archiving.decided is not None:
        golden[ARCHIVED] = archiving.decided
    if leaving.decided is not None:
        golden[TAKES_PART] = leaving.decided
    agreements = [
        a for claim in situation.claims if (a := _agreement(claim, rulings, archiving, desk.cast)) is not None
    ]
    return EntityDecision(
        entity_id=situation.golden.entity_id,
        golden=golden,
        agreements=(*agreements, *archiving.agreements),
        hand_overs=tuple(ruling.hand_over for ruling in rulings if ruling.hand_over is not None),
        questions=tuple(questions),
        withdrawn=tuple(sorted(concerned - topics)),
        early=None if situation.golden.entity_id in desk.frozen else tuple(plan.early),
        settled=not (
            plan.changes or plan.held or situation.asked or questions or _read_otherwise(golden, situation, desk)
        ),
    )


def _read_otherwise(golden: Mapping[str, Decided], situation: Situation, desk: Desk) -> bool:
    """Whether conditions read otherwise from now on: they were read on what was agreed before."""
    asked = desk.spec.ownership.asked
    return not situation.is_new and any(field_of(key) in asked for key in golden)


def _is_new(situation: Situation, ruling: Ruling) -> bool:
    before, after = situation.golden.fields.get(ruling.key), ruling.decided
    return before is None or after is None or (before.value, before.by) != (after.value, after.by)


def _agreement(claim: Claim, rulings: Sequence[Ruling], archiving: Archiving, cast: Cast) -> Agreement | None:
    """Baselines that move without a write: the record says so already, or its difference is accepted."""
    moved: dict[str, Agreed] = dict(archiving.baselines.get(claim.ref, {}))
    accepted = False
    for ruling in rulings:
        if ruling.decided is None or claim.stance(ruling.key) is Stance.SILENT:
            continue
        wanted = project(ruling.value, cast.parts_of(claim.system, ruling.rule.field))
        is_accepted = claim.ref in ruling.accepted
        if (is_accepted or claim.holds(ruling.key, wanted)) and not claim.has_agreed(ruling.key, wanted):
            moved[ruling.key] = Agreed(wanted, claim.values[ruling.key], own=is_accepted)
            accepted = accepted or is_accepted
    return Agreement(claim.ref, claim.scope, moved, accepted) if moved else None
