"""Each law, broken on purpose."""

from tests.mutants.patches import PIPES, Mutant, patches

LAWS = {
    "L1": "rest",
    "L2": "agreement",
    "L3": "no lost edit",
    "L4": "once",
    "L5": "silence, null, zero",
    "L6": "absence is not deletion",
    "L7": "isolation",
    "L8": "sovereignty",
    "L9": "reasons",
    "L10": "same plan",
    "L11": "order",
    "L12": "the way back",
    "L13": "undo",
}

BROKEN_LAWS: tuple[Mutant, ...] = (
    *patches(
        "L1",
        (
            "a system's own spelling of what we sent counts as an edit",
            f"{PIPES}/model/claims.py",
            "Stance.REST if self.values[key] in (agreed.stored, agreed.sent)",
            "Stance.REST if self.values[key] == agreed.sent",
        ),
        (
            "a record that spells the value in its own way is written to again and again",
            f"{PIPES}/model/claims.py",
            "return said == golden or (agreed is not None and agreed.sent == golden and agreed.stored == said)",
            "return said == golden",
        ),
        (
            "what is out of use already is archived again and again",
            f"{PIPES}/planning/archiving.py",
            "    return not claim.holds(ARCHIVED, golden=True) and cast",
            "    return cast",
        ),
    ),
    *patches(
        "L2",
        (
            "what could not be done is forgotten",
            f"{PIPES}/planning/entity.py",
            "plan.changes or plan.held or situation.asked or questions or _read_otherwise(golden, situation, desk)",
            "False",
        ),
        (
            "a record at rest is not told of others' edits",
            f"{PIPES}/planning/entity.py",
            "if claim.stance(key) is Stance.SILENT or agrees(",
            "if claim.stance(key) in (Stance.SILENT, Stance.REST) or agrees(",
        ),
        (
            "a system that was added is not looked at",
            f"{PIPES}/flow/drafting.py",
            'rules = {"rules": _spelled(spec.ownership), "places": places}',
            'rules = {"rules": _spelled(spec.ownership)}',
        ),
    ),
    *patches(
        "L3",
        (
            "what moved since the plan is overwritten where the system has no conditional writes",
            f"{PIPES}/applying/apply.py",
            "return all(key in claim.values and claim.values[key] == f.old for key, f in change.fields.items())",
            "return True",
        ),
        (
            "an edit between a lost answer and its recovery is taken for the answer",
            f"{PIPES}/applying/outcome.py",
            "self._links(entity, done, known) if later else None",
            "None",
        ),
        (
            "what lands while a plan is applied is settled with it",
            f"{PIPES}/flow/committing.py",
            "if marks.get(d.entity_id, 0) == d.mark]",
            "if d.entity_id]",
        ),
        (
            "baselines are ignored: whoever speaks has moved",
            f"{PIPES}/model/claims.py",
            "        if key not in self.baseline:\n            return Stance.FRESH\n",
            "        if key not in self.baseline:\n            return Stance.FRESH\n        return Stance.MOVED\n",
        ),
    ),
    *patches(
        "L4",
        (
            "a create without an outcome does not stand in the way of another one",
            f"{PIPES}/planning/entity.py",
            "if under_way or not target.creates",
            "if not target.creates",
        ),
        (
            "reading comes before recovery",
            f"{PIPES}/flow/run.py",
            "        self.recover(result)\n        self.read(result, full=full)\n",
            "        self.read(result, full=full)\n        self.recover(result)\n",
        ),
        (
            "a create that cannot be looked up is taken for not done",
            f"{PIPES}/applying/recovery.py",
            "            self._ask(changes, recovered)\n            return\n",
            '            self._close(_Looked(lost=list(changes)), "never executed", recovered)\n            return\n',
        ),
        (
            "a lost answer is taken for a refusal",
            f"{PIPES}/applying/outcome.py",
            "        return State.UNCERTAIN, str(result)",
            "        return State.DROPPED, str(result)",
        ),
    ),
    *patches(
        "L5",
        (
            "null is read as silence",
            "mappings/reading.py",
            "            if raw is None:\n                found.values[key] = None\n",
            "            if raw is None:\n                return\n",
        ),
        (
            "a decider can never clear a field",
            f"{PIPES}/ownership/ranked.py",
            "if value in (None, []) and rule.keep_on_blank and golden",
            "if value in (None, []) and golden",
        ),
        (
            "a blank stub speaks",
            f"{PIPES}/ownership/situation.py",
            "return stance is not Stance.SILENT and not (stance is Stance.FRESH and claim.values[key] in (None, []))",
            "return stance is not Stance.SILENT",
        ),
        (
            "zero is a blank",
            f"{PIPES}/ownership/ranked.py",
            "    if value in (None, []) and rule.keep_on_blank",
            '    if value in (None, [], "0", "DE1") and rule.keep_on_blank',
        ),
    ),
    *patches(
        "L6",
        (
            "what a list of keys leaves out is gone",
            f"{PIPES}/intake/crawl.py",
            "        self._mark_gone([ref for ref in suspects if ref not in there], crawl)\n        self._land",
            "        self._mark_gone(suspects, crawl)\n        self._land",
        ),
        (
            "a tombstone counts although the record is there again",
            f"{PIPES}/intake/crawl.py",
            "[stone.ref for stone in stones if stone.ref not in back]",
            "[stone.ref for stone in stones]",
        ),
        (
            "whoever deletes decides for all",
            f"{PIPES}/planning/archiving.py",
            "by_right = [claim for claim in moved if _may(claim, rule, cast)]",
            "by_right = moved",
        ),
        (
            "a record that was merged into another one counts as deleted",
            f"{PIPES}/flow/drafting.py",
            "if claim.gone and claim.primary]",
            "if claim.gone]",
        ),
    ),
    *patches(
        "L7",
        (
            "a batch that is refused as a whole is not halved",
            f"{PIPES}/applying/calling.py",
            "            if len(intents) > 1:\n",
            "            if len(intents) > 999:\n",
        ),
        (
            "one system's trouble ends the work on all",
            f"{PIPES}/applying/apply.py",
            "if system in applied.halted or system in applied.incomplete:",
            "if applied.halted or applied.incomplete:",
        ),
        (
            "a record with an unknown code holds the whole page",
            f"{PIPES}/intake/landing.py",
            "        good = [r for r in mine if not r.reading.gaps]",
            "        good = [] if held else mine",
        ),
        (
            "a field that does not fit there holds the whole record",
            f"{PIPES}/applying/encoding.py",
            "    if fields and not lacking:",
            "    if fields and not lacking and not says:",
        ),
    ),
    *patches(
        "L8",
        (
            "any of the deciders that moved decides",
            f"{PIPES}/ownership/ranked.py",
            "firsts = [claim for claim in speaking if claim.system == speaking[0].system]",
            "firsts = speaking",
        ),
        (
            "conditions are read on what comes in",
            f"{PIPES}/ownership/deciding.py",
            "{key: decided.value for key, decided in situation.golden.fields.items()}\n    return",
            "{key: value for claim in situation.claims for key, value in claim.values.items()}\n    return",
        ),
        (
            "an edit by one who does not decide is accepted",
            f"{PIPES}/ownership/elsewhere.py",
            "return Ruling(key, rule, decided, reverted=refs(strays))",
            "return Ruling(key, rule, decided, accepted=refs(strays))",
        ),
        (
            "fields the map calls read-only are written",
            f"{PIPES}/planning/target.py",
            '        if mode == "never" or (mode == "create" and not create):',
            '        if mode == "create" and not create:',
        ),
    ),
    *patches(
        "L9",
        (
            "a decision does not say in which run it was made",
            f"{PIPES}/flow/committing.py",
            "replace(word, run=run, at=now) for key, word in d.golden",
            'replace(word, run="", at=now) for key, word in d.golden',
        ),
        (
            "a decision does not say who made it",
            f"{PIPES}/ownership/situation.py",
            "return Decided(value=value, because=because, by=by, rule=str(rule.where))",
            'return Decided(value=value, because=because, by="", rule=str(rule.where))',
        ),
        (
            "hand-overs are not kept",
            f"{PIPES}/flow/committing.py",
            "    ledger.hand_over([replace(h, run=run, at=now) for d in chunk for h in d.hand_overs])\n",
            "",
        ),
    ),
    *patches(
        "L10",
        (
            "a plan that nobody judged is applied",
            f"{PIPES}/flow/run.py",
            "        if not head.judged:\n",
            "        if head is None:\n",
        ),
        (
            "what a guard held is sent",
            f"{PIPES}/applying/apply.py",
            "yield from (change for change in page if part_id(change) in passed)",
            "yield from page",
        ),
        (
            "a plan is applied twice",
            f"{PIPES}/flow/run.py",
            '        if head.state in ("applied", "superseded"):\n',
            '        if head.state in ("superseded",):\n',
        ),
    ),
    *patches(
        "L11",
        (
            "of a record that comes twice in a page the older one stays",
            f"{PIPES}/intake/landing.py",
            "            or record.changed_at >= known.changed_at\n",
            "            or record.changed_at <= known.changed_at\n",
        ),
        (
            "an old page brings an old value back",
            f"{PIPES}/intake/landing.py",
            "            elif known is not None and not strong and _is_older(record, known):\n",
            "            elif known is not None and record is None:\n",
        ),
        (
            "strangers are recognised in the order in which they came",
            f"{PIPES}/identity/matcher.py",
            "    for claim in sorted(strangers, key=lambda claim: (claim.ref, claim.scope)):\n",
            "    for claim in strangers:\n",
        ),
        (
            "answers in another order are believed",
            f"{PIPES}/applying/calling.py",
            "        result if _is_about(change, result) else UncertainError(",
            "        result if change else UncertainError(",
        ),
    ),
    *patches(
        "L12",
        (
            "zeros that say nothing make another number",
            "mappings/codecs_numbers.py",
            'fraction.rstrip("0")',
            "fraction",
        ),
        (
            "a tax id is kept as somebody typed it",
            "mappings/codecs_ids.py",
            'plain = _SEPARATORS.sub("", text).upper()',
            "plain = text.upper()",
        ),
        (
            "the order of a list is a value",
            "mappings/reading.py",
            "    ordered = sorted(items, key=lambda item: str(item[by])) if by else items\n",
            "    ordered = items\n",
        ),
    ),
    *patches(
        "L13",
        (
            "an undo writes over what somebody edited since",
            f"{PIPES}/flow/undoing.py",
            "    return agreed == Agreed(sent",
            "    return True or agreed == Agreed(sent",
        ),
        (
            "what was taken back and typed once more is taken back again",
            f"{PIPES}/flow/undoing.py",
            "(change.undoes and claim.values[key] == change.old != change.new)",
            "False",
        ),
        (
            "an undo writes over an edit that was reported",
            f"{PIPES}/flow/undoing.py",
            "Agreed(sent, claim.values[key])",
            "Agreed(sent, claim.values[key], agreed.own)",
        ),
        (
            "a split forgets that a difference was accepted",
            f"{PIPES}/flow/parting.py",
            "yield key, replace(before, sent=wanted)",
            "yield key, before",
        ),
        (
            "a split forgets the word of a record that does not show it just now",
            f"{PIPES}/flow/splitting.py",
            "return any(key in claim.baseline for claim in said)",
            "return False",
        ),
        (
            "what a record did not show during a split was agreed to be empty",
            f"{PIPES}/flow/parting.py",
            "if heard and before is not None",
            "if not heard and before is not None",
        ),
        (
            "what was taken back counts as an edit, and goes round",
            f"{PIPES}/applying/outcome.py",
            "Agreed(f.agreed if f.undoes else f.new,",
            "Agreed(f.new,",
        ),
        (
            "an answer acknowledges nothing of what was said when it was asked",
            f"{PIPES}/review/answering.py",
            "            if refs[claim.ref] in values\n",
            "            if refs[claim.ref] in ()\n",
        ),
    ),
)
