"""What can go wrong between two systems, brought about on purpose: each patch takes away what stands against it."""

from tests.mutants.fears_of_change import CHANGED
from tests.mutants.fears_of_looking import LOOKED
from tests.mutants.fears_of_parting import PARTED
from tests.mutants.fears_of_reading import READ_WRONGLY
from tests.mutants.patches import PIPES, Mutant, patches

FEARS = {
    "ledger": "two write at once, or what was written down is not what is done",
    "writing": "a call whose end nobody saw",
    "recovery": "a crash between a call and its outcome",
    "intake": "what changed is never read, or what is there counts as gone",
    "identity": "two become one, or one becomes two",
    "pool": "one record serves many, and is mixed up with one of them",
    "planning": "something is made that is there already",
    "guards": "a mass change that nobody approved",
    "people": "a person's word is forgotten",
    "looking": "somebody types between our look and our write",
    "split": "what was taken for one does not become two",
    "restored": "a ledger that is older than the systems is believed",
    "outside": "what a system, or a forger, says is believed",
}

FEARS_COME_TRUE: tuple[Mutant, ...] = (
    *READ_WRONGLY,
    *CHANGED,
    *PARTED,
    *LOOKED,
    *patches(
        "ledger",
        (
            "an intent is kept without looking at the lease",
            f"{PIPES}/ledger/plans.py",
            "        self._check_lease(lease, now)\n",
            "",
        ),
        (
            "a lease that ran out is still good",
            f"{PIPES}/ledger/plans.py",
            "(lease.holder, lease.token) and standing.until > now",
            "(lease.holder, lease.token)",
        ),
        (
            "what was seen before the lease was lost is landed",
            f"{PIPES}/applying/apply.py",
            "        return lease if now < lease.until else",
            "        return lease if now else",
        ),
        (
            "two holders of a lease bear the same token",
            f"{PIPES}/ledger/operation.py",
            "standing.token + 1 if standing else 1",
            "standing.token if standing else 1",
        ),
        (
            "what a superseded plan wanted stays planned",
            f"{PIPES}/ledger/plans.py",
            "[((plan, State.PLANNED), dropped) for plan in plans]",
            "[((plan, State.DROPPED), dropped) for plan in plans]",
        ),
        (
            "what is done can be dropped",
            f"{PIPES}/ledger/plans.py",
            "**{final: frozenset({final}) for final in",
            "**{final: _UNSENT | {final} for final in",
        ),
        (
            "a record has two entities",
            f"{PIPES}/ledger/couplings.py",
            "if before is not None and before.entity_id != each.entity_id:",
            "if before is not None and before.entity_id == '':",
        ),
        (
            "a transaction that reads first becomes a writing one later",
            f"{PIPES}/ledger/sql_transaction.py",
            '"sqlite": ("BEGIN IMMEDIATE",),',
            '"sqlite": ("BEGIN",),',
        ),
        (
            "a link of the audit chain does not bind the one before it",
            f"{PIPES}/ledger/audit.py",
            "spell_sorted([before, at, entry.who,",
            "spell_sorted([at, entry.who,",
        ),
    ),
    *patches(
        "writing",
        (
            "an outcome is recorded without a baseline",
            f"{PIPES}/applying/outcome.py",
            "        self.ledger.agree(agreements)\n",
            "",
        ),
        (
            "what was made is not coupled",
            f"{PIPES}/applying/outcome.py",
            "        self.ledger.couple(couplings)\n",
            "",
        ),
        (
            "the call comes before its intent",
            f"{PIPES}/applying/apply.py",
            """        self.ledger.intend(intents, work.lease, now)
        self.seams.checkpoint("after-intent")
        expected = {change.key: work.expected.pop(change.key, {}) for change in intents}
        work.flying.append(work.line.send(intents, work.op, work.lease, expected))
""",
            """        expected = {change.key: work.expected.pop(change.key, {}) for change in intents}
        work.flying.append(work.line.send(intents, work.op, work.lease, expected))
        self.ledger.intend(intents, work.lease, now)
        self.seams.checkpoint("after-intent")
""",
        ),
        (
            "fewer answers than writes are believed",
            f"{PIPES}/applying/calling.py",
            "    if len(results) != len(intents):\n",
            "    if len(results) > len(intents):\n",
        ),
        (
            "a process that stood still until its lease was over calls nevertheless",
            f"{PIPES}/applying/calling.py",
            "        if self.clock() >= lease.until:\n",
            "        if self.clock is None:\n",
        ),
        (
            "a write without an answer is sent again by the transport",
            "connectors/http.py",
            '            raise UncertainError(f"{self._at(call)}: sent, and no answer',
            '            raise TransientError(f"{self._at(call)}: sent, and no answer',
        ),
        (
            "a gateway's error after a write counts as a refusal",
            "connectors/http.py",
            "            if wrote:\n                return UncertainError(",
            "            if wrote:\n                return TransientError(",
        ),
        (
            "a text that was cut is a spelling where the system writes it in capitals",
            f"{PIPES}/intake/cutting.py",
            'unicodedata.normalize("NFKD", value).casefold() if isinstance(value, str)',
            "value if isinstance(value, str)",
        ),
    ),
    *patches(
        "recovery",
        (
            "creates are not looked up",
            f"{PIPES}/applying/recovery.py",
            "        for (system, _, is_create), changes in sorted(groups.items()):\n",
            "        for (system, _, is_create), changes in sorted(one for one in groups.items() if not one[0][2]):\n",
        ),
        (
            "an update without an answer counts as done wherever its record is",
            f"{PIPES}/applying/recovery.py",
            "if record is not None and claim is not None and _took_place(change, claim):",
            "if record is not None and claim is not None:",
        ),
        (
            "a write to what is hidden was not executed",
            f"{PIPES}/applying/recovery.py",
            "(looked.young if ref in hidden else looked.lost)",
            "looked.lost",
        ),
        (
            "a lost create that may still be executed is given up at once",
            f"{PIPES}/applying/recovery.py",
            " and self.seams.clock() - change.sent_at < self.seams.settle_after\n",
            " and change.op is not Op.CREATE\n",
        ),
        (
            "of two records that carry our key the first is taken",
            f"{PIPES}/applying/recovery.py",
            "            if len(records) > 1:\n",
            "            if len(records) > 99:\n",
        ),
        (
            "two creates that were merged since both take the record in which they live",
            f"{PIPES}/applying/outcome.py",
            "                held[ref] = home\n",
            "",
        ),
        (
            "another one's record agrees to what was sent for one that was merged into it",
            f"{PIPES}/applying/outcome.py",
            "            if change.key not in others\n",
            "",
        ),
        (
            "what was never executed is not planned again",
            f"{PIPES}/applying/recovery.py",
            "            if looked.lost:\n",
            "            if looked.lost and not looked.lost:\n",
        ),
    ),
    *patches(
        "guards",
        (
            "a share is taken of what changes, not of what is known",
            f"{PIPES}/planning/guards.py",
            "known.get(first.system, 0), passed=True",
            "max(known.get(first.system, 0), counts[name] * 100), passed=True",
        ),
        (
            "an update that empties a field counts like any other",
            f"{PIPES}/planning/guards.py",
            "    if change.op is Op.UPDATE and any(",
            "    if change.op is Op.CREATE and any(",
        ),
        (
            "leave holds for ever",
            f"{PIPES}/planning/guards.py",
            "    if approval.until is not None and now > approval.until:\n",
            "    if approval.until is not None and now < approval.until and not approval.by:\n",
        ),
        (
            "where every plan waits for a person none waits",
            f"{PIPES}/planning/guards.py",
            "if switch is WriteSwitch.REVIEW else",
            "if switch is WriteSwitch.OFF else",
        ),
        (
            "a system whose map no longer fits is written to",
            f"{PIPES}/flow/run.py",
            "{**paused(self.ledger, self.book, result.entity), **unmet(",
            "{**unmet(",
        ),
        (
            "a system of which nothing was ever seen is written to",
            f"{PIPES}/flow/run.py",
            ", **unmet(self.ledger, self.book, result.entity)}",
            "}",
        ),
        (
            "a field that is gone is harmless",
            f"{PIPES}/flow/drifting.py",
            'return "write_fails" if is_written else "map_affected" if is_read else HARMLESS',
            "return HARMLESS",
        ),
    ),
    *patches(
        "people",
        (
            "an erased person is planned again",
            f"{PIPES}/flow/drafting.py",
            "        erased = erased_among(self.ledger, spec, made) if made else frozenset()\n",
            "        erased = erased_among(self.ledger, spec, {}) if made else frozenset()\n",
        ),
        (
            "a person who was erased after the plan was made is made",
            f"{PIPES}/flow/run.py",
            "        erased = erased_among(self.ledger, self.book.entities[entity], told) if told else frozenset()\n",
            "        erased = erased_among(self.ledger, self.book.entities[entity], {}) if told else frozenset()\n",
        ),
        (
            "an early account may wait for ever",
            f"{PIPES}/flow/early.py",
            "        return self.due is not None and self.due < now\n",
            "        return self.due is not None and self.due < now and self.kept.role == ''\n",
        ),
        (
            "an early account that a person dismissed is made",
            f"{PIPES}/planning/early.py",
            "    return word not in _A_PERSON and (wanted or word is Word.CREATE)\n",
            "    return wanted or word is Word.CREATE\n",
        ),
        (
            "an alert that somebody acknowledged never comes back",
            "monitoring/alerts.py",
            "    if state.acknowledged_until is not None and now < state.acknowledged_until:\n",
            "    if state.acknowledged_until is not None:\n",
        ),
        (
            "a message that no channel took is forgotten",
            f"{PIPES}/flow/alerting.py",
            "            _tried(ledger, rows, None)\n",
            "            _tried(ledger, rows, now)\n",
        ),
        (
            "a heartbeat that nobody took counts as taken",
            "monitoring/notify.py",
            "follow_redirects=False).raise_for_status()\n    except",
            "follow_redirects=False)\n    except",
        ),
        (
            "who waited for a question that a join took away goes on waiting",
            f"{PIPES}/review/answering.py",
            "sorted({name for q in about for name in (q.entity_id, *q.others)})",
            "sorted({q.entity_id for q in about})",
        ),
        (
            "a canary that does not arrive is no matter",
            "monitoring/watching_runs.py",
            "if canary.written_at is None or standing.now - canary.written_at > canary.within:",
            "if canary.written_at is None:",
        ),
    ),
    *patches(
        "outside",
        (
            "a delivery is kept before its signature is compared",
            f"{PIPES}/gate/arrivals.py",
            "            genuine = webhooks.genuine(",
            '            await self._keep(system, Genuine("early"), body)\n            genuine = webhooks.genuine(',
        ),
        (
            "a delivery that somebody else signed is taken",
            "connectors/webhooks.py",
            "        if not matches((_tag(",
            "        if delivery and () == list((_tag(",
        ),
        (
            "a delivery that was signed last year is taken",
            "connectors/webhooks.py",
            "        if abs(notice.at - datetime.fromtimestamp(int(stamp), UTC)) > WINDOW:\n",
            "        if abs(notice.at - datetime.fromtimestamp(int(stamp), UTC)) > WINDOW * 10**6:\n",
        ),
        (
            "a delivery that comes twice is kept twice",
            f"{PIPES}/ledger/gate.py",
            "            return False\n        self._store.add(",
            "            self._store.put(INBOX, [delivery])\n            return True\n        self._store.add(",
        ),
        (
            "another tenant than the ledger's is read and written",
            f"{PIPES}/flow/run.py",
            "        if pinned != now:\n",
            "        if not pinned:\n",
        ),
        (
            "pages that go round in a circle are read for ever",
            "connectors/paging.py",
            "        if token in seen:\n",
            "        if not token:\n",
        ),
    ),
)
