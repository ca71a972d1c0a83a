"""Creates, updates and archiving in batches, with a result for each record, and nothing left un-audited silently.

A record that was audited is taken back from audit, saved, submitted and audited again. What Kingdee says of a batch is
matched by the place it names, never by the order of its answer, and in the end every record is read back: only what
stands there audited is called written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connectors.batches import by_kind, spared, unsent
from connectors.contract import Archive, Create, ItemResult, Payload, Record, Update, Written
from connectors.errors import ConnectorError, RejectedError, StaleError, TransientError, UncertainError, WriteError
from connectors.kingdee import chain
from connectors.kingdee.answers import WRONG_CALL, Entity, item_error, outcome
from connectors.kingdee.chain import Chain, Said
from connectors.kingdee.client import Client
from connectors.kingdee.credit_writing import CreditWriter
from connectors.kingdee.models import Draft, drafted, unexpected
from connectors.kingdee.reading import NUMBER, Proof, Reader
from connectors.kingdee.settings import KingdeeSettings
from connectors.kingdee.shape import (
    AUDITED,
    CREDITS,
    CUSTOMER,
    FORBIDDEN,
    FORMS,
    IN_APPROVAL,
    IN_USE,
    OUT_OF_USE,
    STATUS,
)

Model = Mapping[str, Any]
_INTERRUPTED = frozenset({"A", IN_APPROVAL, "D"})


@dataclass(slots=True)
class _Work:
    """One item on its way."""

    key: str
    draft: Draft
    id: str = ""
    state: str = "Z"
    error: WriteError | None = None
    opened: bool = False  # by us; it has to be audited again whatever comes
    saved: bool = False  # the record itself was sent, and taken
    held: Record | None = None  # as it stood when we looked
    proof: Proof | None = None

    @property
    def is_open(self) -> bool:
        return self.error is None


@dataclass(slots=True)
class Writer:
    """Writes to one data centre. No Save is ever sent a second time, unless it surely did nothing."""

    client: Client
    reader: Reader
    settings: KingdeeSettings
    resumed: set[str] = field(default_factory=set)
    is_named: bool = False  # whether a record was ever told to be touched by the name that the settings give us

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """One kind after the other."""
        return by_kind(batch, lambda item: item.kind, self._create)

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """Only what is still as expected is sent, and of that only what differs."""
        return by_kind(batch, lambda item: item.ref.kind, self._update)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """Forbid."""
        return self.update([Update(item.key, item.ref, {FORBIDDEN: OUT_OF_USE}) for item in batch])

    def continued(self, kind: str, records: Sequence[Record]) -> bool:
        """Audit those that we saved last; a failure leaves it to the next. Gives whether there was anything to do."""
        ours = [one for one in records if one.changed_by == self.settings.editor]
        left = [one.ref.id for one in ours if one.payload[STATUS] in _INTERRUPTED]
        if left:
            self._chain(kind).finished(left)
        return bool(left)

    # -- one kind -----------------------------------------------------------------------------------------------------

    def _create(self, kind: str, batch: Sequence[Create]) -> Sequence[ItemResult]:
        self._resume(kind)
        numbered = self._numbered(kind, [item.values for item in batch])
        works = [self._drafted(kind, item.key, item.values, {}, numbered) for item in batch]
        going = [work for work in works if work.is_open]
        models = [self._new(kind, work) for work in going]
        for work, told in zip(going, self._save(kind, models, ()), strict=True):
            _take(work, told)
        self._finish(kind, works)
        made = [work.id for work in works if work.saved]
        self.is_named = self.is_named or (bool(made) and self.reader.were_made_by(kind, made, self.settings.editor))
        return self._results(works, created=True)

    def _update(self, kind: str, batch: Sequence[Update]) -> Sequence[ItemResult]:
        self._resume(kind)
        held = self.reader.by_id(kind, [item.ref.id for item in batch])
        numbered = self._numbered(kind, [item.values for item in batch])
        works = [self._planned(kind, item, held.get(item.ref.id), numbered) for item in batch]
        self._operate(kind, "Enable", [work for work in works if work.is_open and work.draft.forbidden is False])
        saving = [work for work in works if work.is_open and (work.draft.model or work.state != AUDITED)]
        self._open(kind, [work for work in saving if work.is_open and work.state == AUDITED])
        self._save_groups(kind, [work for work in saving if work.is_open and work.draft.model])
        self._finish(kind, works)
        return self._results(works, created=False)

    def _planned(self, kind: str, item: Update, held: Record | None, numbered: Callable[[str, str], str]) -> _Work:
        if held is None:
            return _Work(item.key, Draft(), error=StaleError(f"{item.ref} is no longer there", code="gone"))
        path = unexpected(item.expected, held.payload)
        if path:
            said = f"{item.ref}: {path} is no longer what it was when this was planned"
            return _Work(item.key, Draft(), error=StaleError(said, field=path))
        work = self._drafted(kind, item.key, item.values, held.payload, numbered)
        work.id, work.state, work.held = item.ref.id, str(held.payload[STATUS]), held
        if work.is_open and work.state == IN_APPROVAL and work.draft.model:
            work.error = TransientError(f"{item.ref} waits for approval in Kingdee; try later", code="in_approval")
        return work

    def _drafted(self, kind: str, key: str, values: Model, held: Model, numbered: Callable[[str, str], str]) -> _Work:
        try:
            return _Work(key, drafted(self.reader.shapes[kind], values, held, numbered))
        except RejectedError as error:
            return _Work(key, Draft(), error=error)

    # -- before the Save ----------------------------------------------------------------------------------------------

    def _resume(self, kind: str) -> None:
        """Once in the life of a connector: what a broken run of ours left un-audited is audited."""
        if kind in self.resumed:
            return
        chains = [self._chain(kind)]
        if kind == CUSTOMER and self.reader.shapes[kind].credits and self.reader.credits.is_used:
            chains.append(Chain(self.client, self.settings.credit_form, self.settings.credit_id))
        for steps in chains:
            left = steps.interrupted(self.settings.editor)
            if left:
                steps.finished(left)
        self.is_named = self.is_named or self.reader.knows(kind, self.settings.editor)
        self.resumed.add(kind)

    def _numbered(self, kind: str, batch: Sequence[Model]) -> Callable[[str, str], str]:
        """References are told by id and saved by number; one question for the batch."""
        known: dict[tuple[str, str], str] = {}
        for name, form in self.reader.shapes[kind].form.references.items():
            ids = [str(values[name]["id"]) for values in batch if _refers(values.get(name))]
            found = self.reader.numbers(form, FORMS[form].id, ids) if ids else {}
            known |= {(form, one): number for one, number in found.items()}

        def number(form: str, one: str) -> str:
            if (form, one) not in known:
                raise RejectedError(f"there is no {form} {one} in Kingdee to refer to", code="reference")
            return known[form, one]

        return number

    def _new(self, kind: str, work: _Work) -> Model:
        form, settings = FORMS[kind], self.settings
        own = {settings.key_field: self.reader.stored_key(work.key)}
        first: dict[str, Any] = {form.id: 0}
        if form.of_organisation:
            where = {"FNumber": settings.organisation}
            first |= {"FCreateOrgId": where, "FUseOrgId": where}
        number = own if settings.key_field == NUMBER else {}
        rest = {name: value for name, value in work.draft.model.items() if name != settings.key_field}
        usual = {"FTRADINGCURRID": {"FNumber": settings.currency}} if kind == CUSTOMER else {}
        return {**first, **number, **_before_rows(rest, {**usual, **own})}

    def _open(self, kind: str, works: Sequence[_Work]) -> None:
        """Take back the audit. After a lost or partly refused answer the state itself is asked."""
        if not works:
            return
        ids, steps = [work.id for work in works], self._chain(kind)
        why: WriteError | None = None
        try:
            status = steps.reopened(ids)
            if status is not None and not status.success:
                why = RejectedError(f"Kingdee does not take back the audit: {status.first}", code="audited")
        except UncertainError as error:  # no value was sent with it
            why = TransientError(f"Kingdee may not have taken back the audit: {error}", code="audited")
        states = steps.states(ids) if why else {}
        for work in works:
            work.opened = why is None or states.get(work.id, AUDITED) != AUDITED
            work.error = None if work.opened else why

    # -- the Save -----------------------------------------------------------------------------------------------------

    def _save_groups(self, kind: str, works: Sequence[_Work]) -> None:
        """Records that change the same fields go together: the list of fields to update is that of a whole call."""
        groups: dict[tuple[str, ...], list[_Work]] = {}
        for work in works:
            groups.setdefault(tuple(sorted(work.draft.fields)), []).append(work)
        id_key = FORMS[kind].id
        for fields, group in groups.items():
            models = [{id_key: int(work.id), **work.draft.model} for work in group]
            told = spared(partial(self._save, kind, models, fields), len(group))
            for work, one in zip(group, told, strict=True):
                _take(work, one)

    def _save(self, kind: str, models: Sequence[Model], fields: Sequence[str]) -> Sequence[Entity | WriteError]:
        """A result for each. A call that was refused as a whole did nothing; who is to blame is found by halving."""
        if not models:
            return ()
        try:
            status = chain.saved(self.client, kind, models, fields)
        except UncertainError as lost:
            return [lost] * len(models)
        except RejectedError as refused:
            return self._halved(kind, models, fields, refused)
        if status.wrote_nothing and status.code in WRONG_CALL:
            return self._halved(kind, models, fields, item_error(status.first, status.code))
        return [outcome(status, place, len(models)) for place in range(len(models))]

    def _halved(
        self, kind: str, models: Sequence[Model], fields: Sequence[str], blamed: WriteError
    ) -> Sequence[Entity | WriteError]:
        if len(models) == 1:
            return [blamed]
        first, second = models[: len(models) // 2], models[len(models) // 2 :]
        done = self._save(kind, first, fields)
        return [*done, *spared(partial(self._save, kind, second, fields), len(second))]

    # -- after the Save -----------------------------------------------------------------------------------------------

    def _finish(self, kind: str, works: Sequence[_Work]) -> None:
        """Audit, write credit limits, forbid, and read everything back."""
        lost = [work for work in works if isinstance(work.error, UncertainError)]
        unaudited = [work for work in works if work.id and work not in lost and (work.opened or _unfinished(work))]
        said = self._chain(kind).finished([work.id for work in unaudited]) if unaudited else {}
        self._write_credits(kind, [work for work in works if work.is_open and work.draft.credits])
        self._operate(kind, "Forbid", [work for work in works if work.is_open and work.draft.forbidden])
        self._prove(kind, [work for work in works if work.is_open], said)

    def _write_credits(self, kind: str, works: Sequence[_Work]) -> None:
        if not works:
            return
        credits_ = CreditWriter(self.reader.credits)
        try:
            numbers = self.reader.numbers(kind, FORMS[kind].id, [work.id for work in works])
            credits_.write({work.id: work.draft.credits for work in works}, numbers)
        except ConnectorError as error:
            credits_.errors |= {work.id: unsent(error) for work in works if work.id not in credits_.errors}
        for work in works:
            wrong = credits_.errors.get(work.id)
            if wrong is not None and work.draft.model:
                wrong = UncertainError(f"saved, but for the credit limit: {wrong}", code="credit_limit")
            work.error = wrong

    def _operate(self, kind: str, operation: str, works: Sequence[_Work]) -> None:
        if not works:
            return
        try:
            status = self._chain(kind).operated(operation, [work.id for work in works])
        except ConnectorError as error:
            for work in works:
                work.error = unsent(error)
            return
        refused = status.complaints if status else ()
        for complaint in refused:
            if complaint.index is not None and complaint.index < len(works):
                works[complaint.index].error = item_error(complaint, status.code if status else 0)

    def _prove(self, kind: str, works: Sequence[_Work], said: Said) -> None:
        """What was done is read back; that it cannot be read just now takes nothing of it away, and proves nothing."""
        try:
            there = self.reader.proofs(kind, [work.id for work in works if work.id]) if works else {}
        except ConnectorError as error:
            said, there = dict.fromkeys([work.id for work in works], str(error)), {}
        for work in works:
            work.proof = there.get(work.id)
            work.error = _unproven(work, said.get(work.id, ""))

    def _results(self, works: Sequence[_Work], *, created: bool) -> Sequence[ItemResult]:
        editors = {work.proof.editor for work in works if work.proof is not None and work.saved}
        self.is_named = self.is_named or self.settings.editor in editors
        return [_result(work, created=created, touched=self._is_touched(work)) for work in works]

    def _is_touched(self, work: _Work) -> bool:
        """By whoever saved it after us; where nothing was saved, by whoever changed a value since we looked.

        A name that no record was ever told to be touched by is not ours: then nobody knows.
        """
        if work.proof is None:
            return False
        told, ours = work.proof, self.settings.editor
        limits = [editor for name, editor in told.limits.items() if name in work.draft.credits]
        moved = work.held is not None and _moved(work.held.payload, told.record.payload)
        by_another = self.is_named and any(editor != ours for editor in limits)
        return by_another or (self.is_named and told.editor != ours if work.saved else moved)

    def _chain(self, kind: str) -> Chain:
        return Chain(self.client, kind, FORMS[kind].id)


def _unfinished(work: _Work) -> bool:
    return work.is_open and work.state != AUDITED


def _refers(value: object) -> bool:
    return isinstance(value, Mapping) and value.get("id") is not None


def _before_rows(values: Model, more: Model) -> dict[str, Any]:
    """The order of keys matters on saving: tables come last."""
    heads = {name: value for name, value in values.items() if not isinstance(value, list)}
    return {**more, **heads, **{name: value for name, value in values.items() if name not in heads}}


def _take(work: _Work, told: Entity | WriteError) -> None:
    if not isinstance(told, Entity):
        work.error = told
    elif work.id and work.id != told.id:
        work.error = UncertainError("Kingdee reports a success, but not for the record that was sent")
    else:
        work.id, work.saved = told.id, True


def _unproven(work: _Work, why: str) -> WriteError | None:
    if work.proof is None:
        return UncertainError(f"Kingdee reports a success, but the record cannot be read back {why}".strip())
    record = work.proof.record
    if record.payload[STATUS] != AUDITED:
        remedy = "audit it in Kingdee, or give the connection's user that right"
        return UncertainError(
            f"{record.ref} is saved and not audited ({why or 'no reason given'}); {remedy}", code="unaudited"
        )
    if work.draft.forbidden is not None and (record.payload[FORBIDDEN] != IN_USE) != work.draft.forbidden:
        return UncertainError(f"{record.ref}: Kingdee reports a success, and it is in use as before", code="unproven")
    return None


def _result(work: _Work, *, created: bool, touched: bool) -> ItemResult:
    if work.error is not None:
        return work.error
    if work.proof is None:
        return UncertainError("nothing is known of this record", code="unproven")
    record = work.proof.record
    if created and record.key != work.key:
        return UncertainError(f"Kingdee reports a success for {record.ref}, which does not bear our key")
    return Written(work.key, record, created, touched)


def _moved(before: Payload, now: Payload) -> bool:
    """Whether another value stands there. What operations do to a document is no value; limits tell who did it."""
    passed_over = {STATUS, FORBIDDEN, CREDITS}
    return any(before.get(name) != now[name] for name in now.keys() - passed_over)
