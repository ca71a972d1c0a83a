"""What was sent to a field that its record did not show, met when it shows for the first time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connectors.contract import Payload
from connectors.errors import RejectedError
from sync_pipelines.intake.cutting import cut_of, is_cut
from sync_pipelines.intake.readers import Reader
from sync_pipelines.model.claims import Agreed, Claim


@dataclass(slots=True)
class Shown:
    """What one record agrees to by what it shows, and what is told of it."""

    agreed: dict[str, Agreed] = field(default_factory=dict)
    cuts: list[tuple[RejectedError, Payload]] = field(default_factory=list)  # and what was sent, in the system's words


def first_shown(reader: Reader, payload: Payload, new: Claim, old: Claim) -> Shown:
    """What is there as we wrote it is agreed to.

    Of its beginning nobody knows whether the system has cut it, or somebody shortened it since: nothing spreads before
    a person has looked. Anything else is judged as if nothing had been agreed there: somebody typed it, or it stood
    there already. References, which are still in the system's words here, are left to planning.
    """
    shown = Shown()
    for key, agreed in _unseen(reader, new, old).items():
        if new.values[key] in (agreed.stored, agreed.sent):
            shown.agreed[key] = replace(agreed, stored=new.values[key], shown=True)
        elif reader.writer is not None and is_cut(new.values[key], agreed.stored):
            sent = reader.writer()({key: agreed.stored}, new.values, creating=True).payload
            cut = cut_of(sent, payload, {key: agreed.stored}, [new], reader.fields)
            shown.agreed |= cut.left
            shown.cuts += [(error, sent) for error in cut.told]
    return shown


def _unseen(reader: Reader, new: Claim, old: Claim) -> Mapping[str, Agreed]:
    return {
        key: agreed
        for key, agreed in old.baseline.items()
        if not agreed.shown and key in new.values and key not in old.values and key not in reader.references
    }
