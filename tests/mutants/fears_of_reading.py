"""What can go wrong until a plan is made, brought about on purpose."""

from tests.mutants.patches import PIPES, Mutant, patches

READ_WRONGLY: tuple[Mutant, ...] = (
    *patches(
        "intake",
        (
            "the watermark moves before the page is landed",
            f"{PIPES}/intake/crawl.py",
            "            crawl.tally.add(self.landing.land(page.records, self.now))\n",
            """            if page.safe_point is not None:
                self._move_on(kind, page.safe_point)
            crawl.tally.add(self.landing.land(page.records, self.now))
""",
        ),
        (
            "the overlap window is left out",
            "connectors/shopify/reading.py",
            "yield from crawled(pages, Watermark(started - self.settings.look_back))",
            "yield from crawled(pages, Watermark(started))",
        ),
        (
            "a reading that broke off counts as complete",
            f"{PIPES}/intake/crawl.py",
            "        self.complete = False\n        self.halted = isinstance(",
            "        self.halted = isinstance(",
        ),
        (
            "what a reading that ended early did not show is gone",
            f"{PIPES}/intake/crawl.py",
            '            crawl.says = f"{system}/{kind}: the reading ended without a safe point"\n',
            "            self._mark_gone(self._refs(kind, self._without(kind, shown)), crawl)\n",
        ),
        (
            "what waits to be read by id is forgotten before it is read",
            f"{PIPES}/intake/crawl.py",
            "        found = self.connector.read(refs)\n",
            "        self.ledger.clean(refs)\n        found = self.connector.read(refs)\n",
        ),
        (
            "a clock that was set back is not noticed",
            f"{PIPES}/intake/crawl.py",
            "        return safe_point.at < since.at - max(",
            "        return safe_point.at < since.at - timedelta(days=9999) - max(",
        ),
        (
            "one record that cannot be spelled ends its page",
            f"{PIPES}/intake/landing.py",
            "        return json.dumps(payload, sort_keys=True, default=str).encode()\n",
            "        raise\n",
        ),
        (
            "a twin that comes back stays behind the first record that is gone",
            f"{PIPES}/intake/landing.py",
            "promote(self._ledger, reader.entity, sorted(back), now)",
            "promote(self._ledger, reader.entity, (), now)",
        ),
        (
            "the winner of a merge that nobody read is never told as gone",
            f"{PIPES}/intake/crawl.py",
            "self._remember(entity, self.ledger.couplings_at(entity, refs))",
            "self._remember(entity, {})",
        ),
        (
            "of a chain of merges only the first step is followed",
            f"{PIPES}/intake/crawl.py",
            "    while here in last and here not in met:\n",
            "    while here in last and here not in last:\n",
        ),
        (
            "one or two that are not shown any more are gone",
            f"{PIPES}/intake/crawl.py",
            "        doubtful = not shows_any and (",
            "        doubtful = not shows_any and len(missed) > 2 and (",
        ),
        (
            "a record that was read by id bears an older stamp than before, and a slow index goes over it",
            f"{PIPES}/intake/landing.py",
            "                fresh.append((_never_before(record, known), digest))\n",
            "                fresh.append((record, digest))\n",
        ),
        (
            "what vanished is missed for one reading only",
            f"{PIPES}/intake/crawl.py",
            " or self._is_missed(kind))",
            ")",
        ),
        (
            "a person's word is believed of what comes later",
            f"{PIPES}/intake/crawl.py",
            "        if shows_any or there or doubtful:\n",
            "        if doubtful:\n",
        ),
        (
            "the system's word on its last records is not asked for",
            f"{PIPES}/intake/crawl.py",
            "        if self.connector.kinds[kind].states_deletes:\n",
            "        if self.connector.kinds[kind].states_deletes and kind not in self.connector.kinds:\n",
        ),
        (
            "what another was merged into unseen is missed by nobody",
            f"{PIPES}/intake/crawl.py",
            "            note_unseen(self.ledger, self.connector.system, kind, ends - there.keys())\n",
            "",
        ),
        (
            "where everything vanished is written, if the plan was made without a reading",
            f"{PIPES}/flow/emptiness.py",
            "is not None and gone.doubted:",
            "is not None and gone.by:",
        ),
        (
            "what was never read to its end is written to",
            f"{PIPES}/flow/emptiness.py",
            "        elif not was_read(ledger, system, kind_map.kind):\n",
            "        elif not system:\n",
        ),
        (
            "records are made in what was not read to its end",
            f"{PIPES}/flow/unread.py",
            "        if change.op is not Op.CREATE or place not in self._cut_short:\n",
            "        if place not in self._cut_short or self._cut_short:\n",
        ),
        (
            "an empty reading of everything is believed",
            f"{PIPES}/flow/emptiness.py",
            "    if not there:\n",
            "    if there or not there:\n",
        ),
    ),
    *patches(
        "identity",
        (
            "a contradiction does not keep two apart",
            f"{PIPES}/identity/matcher.py",
            "    return not any(contradict(claim, one, name) for one in together for name in matching.contradicts)\n",
            "    return bool(together)\n",
        ),
        (
            "whom a person keeps apart is matched again",
            f"{PIPES}/identity/matcher.py",
            """        or (str(claim.ref), str(other.ref)) in known.apart
        or (str(claim.ref), entity_id) in known.apart
""",
            "",
        ),
        (
            "a copy of a record, with the key of ours that it bears, joins its entity",
            f"{PIPES}/identity/matcher.py",
            "    if ours and not parted and (ours, claim.system, claim.ref.kind, claim.scope) not in taken:\n",
            "    if ours and not parted:\n",
        ),
        (
            "a key that somebody typed in is taken for ours",
            f"{PIPES}/flow/recognising.py",
            "        ours = {(c.system, c.create_key) for c in planned if c.op is Op.CREATE} & told\n",
            "        ours = {one for one in told if one[1]}\n",
        ),
        (
            "two records of one system are joined silently",
            f"{PIPES}/identity/matcher.py",
            'if len(entities) == 1 and best.then == "link" and place not in taken:',
            'if len(entities) == 1 and best.then == "link":',
        ),
        (
            "of several that fit the first one is taken",
            f"{PIPES}/identity/matcher.py",
            'if len(entities) == 1 and best.then == "link" and place not in taken:',
            'if best.then == "link" and place not in taken:',
        ),
        (
            "an open question stays though its records contradict each other",
            f"{PIPES}/flow/recognising.py",
            "        found.questions += told\n        return over\n",
            "        return []\n",
        ),
        (
            "whoever bears the number of a record that serves many is taken for it",
            f"{PIPES}/identity/keys.py",
            "    return name in matching.pooled and _exact(value) in map(_exact, matching.pooled[name])\n",
            "    return False\n",
        ),
    ),
    *patches(
        "pool",
        (
            "one whom a record of many serves is made all the same",
            f"{PIPES}/planning/entity.py",
            "        _plan_pooled(plan, target, look, desk)\n        return\n",
            "        _plan_pooled(plan, target, look, desk)\n",
        ),
        (
            "who leaves the pool leaves its people there",
            f"{PIPES}/flow/early.py",
            "leave_pool(ledger, entity, [row for row in served if not _is_pooled(told[row.entity_id], row.role)])",
            "len(served)",
        ),
        (
            "one that accounting put under the pool is an edit of accounting",
            f"{PIPES}/flow/pooling.py",
            "            letters[claim.ref, claim.scope, key] = said\n",
            "            pass\n",
        ),
    ),
    *patches(
        "planning",
        (
            "things are made while there are strangers whom nobody looked at",
            f"{PIPES}/flow/drafting.py",
            'barred or (_UNMET if found.more else "")',
            "barred",
        ),
        (
            "an entity is written about which a person is asked",
            f"{PIPES}/planning/entity.py",
            "    for target in desk.targets if entity_id not in desk.frozen else ():\n",
            "    for target in desk.targets:\n",
        ),
        (
            "something is made where a possible match waits for an answer",
            f"{PIPES}/planning/entity.py",
            "    if missing or doubtful:\n",
            "    if missing:\n",
        ),
        (
            "something is made before what it needs is there",
            f"{PIPES}/planning/entity.py",
            "    if missing or doubtful:\n",
            "    if doubtful:\n",
        ),
        (
            "what was deleted in a system is made there again",
            f"{PIPES}/planning/entity.py",
            "    return bool(_colleagues(target, desk) & desk.coupled.get(entity_id, frozenset()))\n",
            "    return not desk.coupled and bool(entity_id and target)\n",
        ),
        (
            "a record with a write that has no outcome is written again",
            f"{PIPES}/planning/entity.py",
            "    if claim.ref in desk.busy:\n",
            "    if claim.ref in desk.busy and claim.gone:\n",
        ),
        (
            "a reference to what has no record there is sent",
            f"{PIPES}/planning/entity.py",
            "    if desk.links.missing(target.system, key, new, claim.values[key]):\n",
            "    if desk.links.missing(target.system, key, new, claim.values[key]) and claim.gone:\n",
        ),
        (
            "a ledger that is older than the systems goes on making things",
            f"{PIPES}/intake/older.py",
            "    if strange:\n",
            "    if strange and not strange:\n",
        ),
    ),
)
