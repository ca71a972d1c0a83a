"""Who was taken for one and is two: what may go wrong when they are parted. Each once gone wrong."""

from tests.mutants.patches import PIPES, Mutant, patches

PARTED: tuple[Mutant, ...] = (
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
            f"{PIPES}/flow/parting.py",
            "                yield key, Agreed(due[key].old, due[key].old)\n",
            "                yield key, Agreed(wanted, due[key].old)\n",
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
            "            if is_left(claim, key, last):\n",
            "            if last is not None:\n",
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
        (
            "what a record says by itself is emptied, for who decided it is on the other side now",
            f"{PIPES}/flow/parting.py",
            "                yield key, Agreed(wanted, claim.values[key], own=True)\n",
            "                yield key, Agreed(claim.values[key], claim.values[key])\n",
        ),
        (
            "what a record was made with passes for what it says by itself",
            f"{PIPES}/flow/parting.py",
            "said in BLANK or key in self.side.made.get(claim.ref, ()):",
            "said in BLANK:",
        ),
        (
            "what a restored ledger no longer knows to be ours passes for what a record says by itself",
            f"{PIPES}/flow/own_words.py",
            "iter(claim.values if claim.values.get(OUR_KEY) else ())",
            "iter(())",
        ),
        (
            "who was given the same by us keeps it, for the other one says so, too",
            f"{PIPES}/flow/splitting.py",
            "== last.new and not written[c.ref].left(c, key) for c in others)",
            "== last.new for c in others)",
        ),
        (
            "an edit on its side stays unheard there, for each may go on saying its own",
            f"{PIPES}/flow/parting.py",
            "stood in BLANK or wanted not in BLANK or",
            "stood in BLANK or wanted == stood or",
        ),
        (
            "people's items of a list go with ours",
            f"{PIPES}/flow/own_words.py",
            "            if name in own or spoken(item) != spoken(ours.get(name)):\n",
            "            if name in own or not ours:\n",
        ),
        (
            "what people put into a list since goes with it",
            f"{PIPES}/flow/own_words.py",
            "        kept = {name: item for name, item in mine.items() if name in own or name not in left}\n",
            "        kept = {name: item for name, item in mine.items() if name in own}\n",
        ),
        (
            "what the other side's people put into a list stays",
            f"{PIPES}/flow/splitting.py",
            "if name not in elsewhere or name in kin} | own\n",
            "} | own\n",
        ),
        (
            "who stays together takes from each other what the other side was told of",
            f"{PIPES}/flow/splitting.py",
            "if name not in elsewhere or name in kin} | own\n",
            "if name not in elsewhere} | own\n",
        ),
        (
            "the next key is counted, and not the one after the last",
            f"{PIPES}/flow/keying.py",
            "max(before.get(_place(made), 0), 1 + turn_of(made.create_key))",
            "before.get(_place(made), 0) + 1",
        ),
        (
            "who is made anew bears the key of the one that was parted from it",
            f"{PIPES}/flow/drafting.py",
            "with_free_keys(self.ledger, spec.name, kept)",
            "kept",
        ),
        (
            "one is parted of which it is asked what a restored ledger forgot",
            f"{PIPES}/flow/splitting.py",
            "    _check_nobody_asks_for_whom(house, entity, home)\n",
            "",
        ),
        (
            "a write that was refused, of what somebody typed there just then, counts as ours",
            f"{PIPES}/flow/own_words.py",
            "if change.reason == NOT_SEEN and is_left(claim, k, f)",
            "if is_left(claim, k, f)",
        ),
    ),
)
