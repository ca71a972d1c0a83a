"""What was agreed, or known, is not for good: it is parted, restored, announced, told and cut. Each once gone wrong."""

from tests.mutants.patches import PIPES, Mutant, patches

CHANGED: tuple[Mutant, ...] = (
    *patches(
        "split",
        (
            "who was parted by a person is joined again",
            f"{PIPES}/flow/splitting.py",
            "            apart=tuple(Apart(one, two, self.by) for one, two in pairs),\n",
            "",
        ),
        (
            "what a split could not write at once is the record's own spelling of it",
            f"{PIPES}/flow/splitting.py",
            "            yield key, Agreed(due[key].old, due[key].old)\n",
            "            yield key, Agreed(wanted, due[key].old)\n",
        ),
        (
            "a field that was empty before is given back at once or never",
            f"{PIPES}/flow/splitting.py",
            "            if side.entity_id == self.home or key in due\n",
            "            if side.entity_id == self.home\n",
        ),
        (
            "a record's edit since is written over with its old value",
            f"{PIPES}/flow/splitting.py",
            "            if untouched(claim, key, ours):\n",
            "            if ours is not None:\n",
        ),
        (
            "who waited for a question of both waits for ever",
            f"{PIPES}/flow/splitting.py",
            "            withdrawn=tuple(question.topic for question in asked),\n",
            "",
        ),
        (
            "whoever refers to one that leaves stays behind",
            f"{PIPES}/flow/splitting.py",
            "            referrers=tuple(referrers_of(self.house, self.entity, stays, leaves, self.by)),\n",
            "",
        ),
        (
            "the side that bears no key of ours keeps the name of both",
            f"{PIPES}/flow/splitting.py",
            "if bearing and bearing <= refs else refs",
            "if not bearing and refs else refs",
        ),
        (
            "a write without an outcome goes to either side",
            f"{PIPES}/flow/splitting.py",
            "entity_id=homes[0], states=OPEN):",
            "entity_id=homes[0], states=()) and not homes:",
        ),
        (
            "what nobody on its side says stays agreed",
            f"{PIPES}/flow/splitting.py",
            "            if side.entity_id == self.home or key in due\n",
            "            if key in due\n",
        ),
    ),
    *patches(
        "restored",
        (
            "a ledger that has seen fewer runs than are remembered is as good as new",
            f"{PIPES}/intake/older.py",
            "        if last > seen:\n",
            "        if last > seen + 99:\n",
        ),
        (
            "a restored ledger believes that what may be empty is",
            f"{PIPES}/intake/older.py",
            "        if not was_met(ledger, system, kind):\n",
            "        if was_met(ledger, system, kind):\n",
        ),
        (
            "what was made is remembered only once it is read",
            f"{PIPES}/flow/run.py",
            "        making = {part.system for part in parts if part.passed and part.op == Op.CREATE}\n",
            "        making = {part.system for part in parts if part.passed and part.op == Op.ARCHIVE}\n",
        ),
        (
            "things are made before systems show what was made just before the loss",
            f"{PIPES}/flow/restoring.py",
            "    if began < shown:\n",
            "    if began < shown - _longest_lag(house):\n",
        ),
        (
            "a plan from before it was noticed goes on making things",
            f"{PIPES}/flow/run.py",
            "        if nothing_is_made(self.ledger):\n            return [",
            "        if not self.ledger:\n            return [",
        ),
        (
            "a key proves more than what its record says of itself",
            f"{PIPES}/flow/restoring.py",
            "        return bool(said & theirs) or not fields_of(said) & fields_of(theirs)\n",
            "        return bool(said & theirs) or not said - said\n",
        ),
        (
            "for whom a record was made nobody is asked",
            f"{PIPES}/flow/restoring.py",
            "            if told == {True}:\n",
            "            if told == {None}:\n",
        ),
        (
            "of a record that nobody is like nobody is asked",
            f"{PIPES}/flow/restoring.py",
            "sorted(alone.keys() - met - _asked_about(",
            "sorted(met - met - _asked_about(",
        ),
        (
            "what likeness asks about a record of ours is gone with the likeness",
            f"{PIPES}/flow/restoring.py",
            "            asked[question.entity_id].append(for_whom(question))\n",
            "            asked[question.entity_id].append(question)\n",
        ),
        (
            "a restored ledger takes whom it knows for one for whom nothing can have been made since",
            f"{PIPES}/flow/restoring.py",
            "    for entity_id, claims in _like(house, spec, [*strangers, *known], left):\n",
            "    for entity_id, claims in _like(house, spec, [], left):\n",
        ),
        (
            "who says nothing of himself is like nobody, and is made once more",
            f"{PIPES}/flow/likely.py",
            ' or frozenset({""})',
            "",
        ),
        (
            "what waits for a code is taken for found",
            f"{PIPES}/flow/restoring.py",
            "    settle(house.ledger, entity, waiting)\n",
            "    settle(house.ledger, entity)\n",
        ),
        (
            "a backup that was cut off counts as one",
            f"{PIPES}/ledger/backing_up.py",
            "    return not place.name.endswith(_PARTIAL)\n",
            "    return bool(place.name)\n",
        ),
    ),
    *patches(
        "writing",
        (
            "what is left of a text that was cut is agreed to be the whole",
            f"{PIPES}/applying/cutting.py",
            "Agreed(claim.values[key], claim.values[key])",
            "Agreed(each.new, claim.values[key])",
        ),
        (
            "a rounded amount is a cut text",
            f"{PIPES}/applying/cutting.py",
            "    return spec is not None and spec.type in _TEXTS\n",
            "    return spec is not None\n",
        ),
        (
            "a cut that no field can be named for is told, and sent again and again",
            f"{PIPES}/applying/cutting.py",
            "    if not 0 < len(left) <= len(names):\n",
            "    if not left:\n",
        ),
        (
            "a part of an address that was cut is another spelling",
            f"{PIPES}/applying/cutting.py",
            "        return bool(other) and all(",
            "        return not other and all(",
        ),
    ),
    *patches(
        "guards",
        (
            "leave is asked for where only sight can let it through",
            f"{PIPES}/flow/leave.py",
            "(PAUSED, QUIET, UNMET, VANISHED, UNREAD)",
            "(PAUSED, QUIET, UNMET, UNREAD)",
        ),
        (
            "leave is asked for what the book holds back",
            f"{PIPES}/flow/leave.py",
            "(PAUSED, QUIET, UNMET, VANISHED, UNREAD)",
            "(PAUSED, QUIET, VANISHED, UNREAD)",
        ),
    ),
    *patches(
        "pool",
        (
            "whoever belonged to the record of many has agreed to belong to one that left it",
            f"{PIPES}/flow/pooling.py",
            "        key: Agreed(agreed.stored, agreed.stored)\n        for",
            "        key: agreed\n        for",
        ),
    ),
    *patches(
        "planning",
        (
            "of what waits for attention only the first page is looked at",
            f"{PIPES}/flow/drafting.py",
            "            chunk = list(islice(ids, _CHUNK))\n            if not chunk:",
            "            chunk = list(islice(ids, 0))\n            if not chunk:",
        ),
        (
            "what was looked at waits for attention for ever",
            f"{PIPES}/ledger/golden.py",
            '{"entity": [entity], "waiting": [True]}, "entity_id", size)',
            '{"entity": [entity]}, "entity_id", size)',
        ),
        (
            "a firm that was made anew goes out of use with the record that is gone",
            f"{PIPES}/planning/archiving.py",
            "        before and not returns and not new and not any(",
            "        before and not returns and not any(",
        ),
    ),
    *patches(
        "intake",
        (
            "what was announced and not understood is forgotten",
            f"{PIPES}/flow/hinting.py",
            "        _mark(ledger, book, delivery, [Hint(kind) for kind in _kinds(book, delivery.system)], now)\n",
            "",
        ),
        (
            "a record that was announced is not read by its id",
            f"{PIPES}/flow/hinting.py",
            "    ledger.mark_dirty(sorted(set(refs)), ANNOUNCED)\n",
            "",
        ),
        (
            "a reading from before it was announced will do",
            f"{PIPES}/flow/hinting.py",
            "    return any(run.started_at > at for run in by_itself) or",
            "    return any(run.started_at for run in by_itself) or",
        ),
        (
            "a reading that failed will do",
            f"{PIPES}/flow/hinting.py",
            '.get(place, {}).get("complete"))',
            ".get(place))",
        ),
    ),
    *patches(
        "outside",
        (
            "what was announced is kept with all that it says",
            f"{PIPES}/flow/hinting.py",
            '    return replace(after, body="", hints=hints,',
            "    return replace(after, hints=hints,",
        ),
        (
            "what a bundle tells of a run is not cleared of secrets",
            f"{PIPES}/flow/recounting.py",
            "{_quoted(redact(word))}",
            "{_quoted(word)}",
        ),
        (
            "a bundle tells the oldest that happened, not the newest",
            f"{PIPES}/flow/recounting.py",
            "[-most:]]",
            "[:most]]",
        ),
        (
            "a websocket outlives the login of who opened it",
            f"{PIPES}/gate/guard.py",
            "lambda: self._person(scope, headers) is not None)",
            "lambda: headers is not None)",
        ),
        (
            "where nobody can say who it is, a websocket stays open",
            f"{PIPES}/gate/lines.py",
            "            return  # nobody can say",
            "            continue  # nobody can say",
        ),
        (
            "a page of somebody else opens a websocket",
            f"{PIPES}/gate/guard.py",
            "        if person is None or not ours:\n",
            "        if person is None:\n",
        ),
    ),
)
