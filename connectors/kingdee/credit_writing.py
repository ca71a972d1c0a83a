"""Credit limits are written like any record of Kingdee: taken back from audit, saved, submitted, audited."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from connectors.errors import ConnectorError, RejectedError, StaleError, TransientError, UncertainError, WriteError
from connectors.kingdee import chain
from connectors.kingdee.answers import Entity, outcome
from connectors.kingdee.chain import Chain
from connectors.kingdee.credit import Credit, Credits
from connectors.kingdee.shape import AUDITED, CREDITS, IN_APPROVAL

_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit to write."""

    customer: str  # id
    number: str  # of the same customer: references are made by number
    organisation: str
    amount: str
    held: Credit | None


@dataclass(slots=True)
class CreditWriter:
    """Writes of one batch; `errors` gathers, by customer, what went wrong."""

    credits: Credits
    errors: dict[str, WriteError] = field(default_factory=dict)

    @property
    def _chain(self) -> Chain:
        settings = self.credits.settings
        return Chain(self.credits.client, settings.credit_form, settings.credit_id)

    def write(self, wanted: Mapping[str, Mapping[str, Any]], numbers: Mapping[str, str]) -> None:
        """Amounts by customer's id and organisation; `numbers` are those of the customers."""
        if not wanted:
            return
        held = self.credits.of(list(wanted))
        limits = [one for customer, amounts in wanted.items() for one in self._limits(customer, amounts, numbers, held)]
        ready = self._opened(limits)
        ids = self._saved(ready) if ready else {}
        said = self._chain.finished([*ids, *self._left_open(limits, ids)])
        for one, why in said.items():
            if one in ids:
                self._note(ids[one].customer, UncertainError(f"credit limit: {why}", code="unaudited"))

    def _limits(
        self,
        customer: str,
        amounts: Mapping[str, Any],
        numbers: Mapping[str, str],
        held: Mapping[str, Mapping[str, Credit]],
    ) -> Sequence[Limit]:
        try:
            return [
                Limit(customer, numbers[customer], name, _checked(amount), held.get(customer, {}).get(name))
                for name, amount in amounts.items()
            ]
        except RejectedError as error:
            self._note(customer, error)
        except KeyError:
            self._note(customer, StaleError("the customer is no longer there, so it has no credit limit", code="gone"))
        return ()

    def _opened(self, limits: Sequence[Limit]) -> list[Limit]:
        for limit in limits:
            if limit.held and limit.held.status == IN_APPROVAL:
                self._note(limit.customer, TransientError("the credit limit is in approval in Kingdee; try later"))
        going = [limit for limit in limits if limit.customer not in self.errors]
        audited = [limit.held.id for limit in going if limit.held and limit.held.status == AUDITED]
        status = self._chain.reopened(audited)
        if status is None or status.success:
            return going
        still = {one for one, state in self._chain.states(audited).items() if state == AUDITED}
        for limit in going:
            if limit.held and limit.held.id in still:
                self._note(limit.customer, RejectedError(f"Kingdee does not reopen the credit limit: {status.first}"))
        return [limit for limit in going if limit.customer not in self.errors]

    def _saved(self, limits: Sequence[Limit]) -> dict[str, Limit]:
        """What was saved, by the id of its record."""
        settings = self.credits.settings
        models = [self._model(limit) for limit in limits]
        fields = (settings.credit_customer, settings.credit_organisation, settings.credit_amount)
        try:
            status = chain.saved(self.credits.client, settings.credit_form, models, fields)
        except ConnectorError as error:
            for limit in limits:
                self._note(limit.customer, _outcome(error))
            return {}
        found: dict[str, Limit] = {}
        for place, limit in enumerate(limits):
            told = outcome(status, place, len(limits))
            if isinstance(told, Entity) and (limit.held is None or limit.held.id == told.id):
                found[told.id] = limit
            else:
                self._note(limit.customer, told if not isinstance(told, Entity) else _another())
        return found

    def _left_open(self, limits: Sequence[Limit], saved: Mapping[str, Limit]) -> list[str]:
        """Reopened, and then not saved: they go back to where they were, unless a lost Save may still be at work."""
        lost = {one for one, error in self.errors.items() if isinstance(error, UncertainError)}
        opened = [limit for limit in limits if limit.held and limit.held.status != IN_APPROVAL]
        return [one.held.id for one in opened if one.held and one.held.id not in saved and one.customer not in lost]

    def _model(self, limit: Limit) -> Mapping[str, object]:
        settings = self.credits.settings
        return {
            settings.credit_id: int(limit.held.id) if limit.held else 0,
            settings.credit_customer: {"FNumber": limit.number},
            settings.credit_organisation: {"FNumber": limit.organisation},
            settings.credit_amount: orjson.Fragment(limit.amount),  # digit by digit, not as a double
        }

    def _note(self, customer: str, error: WriteError) -> None:
        self.errors.setdefault(customer, error)


def _checked(amount: object) -> str:
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        told = (
            "cannot be taken away; set it to 0" if amount is None else f"is an amount such as 1000.00, not {amount!r}"
        )
        raise RejectedError(f"a credit limit {told}", code="amount", field=CREDITS)
    return amount


def _outcome(error: ConnectorError) -> WriteError:
    return error if isinstance(error, WriteError) else TransientError(f"not done: {error}", code=error.code)


def _another() -> UncertainError:
    return UncertainError("Kingdee reports a success, but not for the credit limit that was sent")
