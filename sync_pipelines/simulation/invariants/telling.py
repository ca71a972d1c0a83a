"""What has to be said, and what must never be."""

import re
from collections.abc import Iterator

from sync_pipelines.simulation.testimony import Evidence

_NOT_RUN = "did_not_run"
_SHOWN = 60  # characters around a secret, which itself is not shown


def silence_is_told(evidence: Evidence) -> Iterator[str]:
    """I34: a system that does not speak any more, and a schedule that does not run, raise an alarm."""
    silence = evidence.silence
    if silence is None:
        return
    for system in sorted(silence.stopped):
        if not any(system in (alarm.system, *re.split(r"[\s:/]+", alarm.says)) for alarm in silence.told):
            yield f"{system} stands still, and only this is said: {[alarm.says for alarm in silence.told]}"
    for entity in sorted(silence.due):
        if not any((alarm.kind, alarm.entity) == (_NOT_RUN, entity) for alarm in silence.later):
            yield f"nobody ran {entity} for hours, and only this is said: {[alarm.says for alarm in silence.later]}"


def secrets_stay_inside(evidence: Evidence) -> Iterator[str]:
    """I36: what connections hold to log in is in nothing that is told or kept."""
    for secret in sorted(evidence.secrets):
        for said in evidence.said:
            if (at := said.find(secret)) >= 0:
                yield f"a secret is told: {said[max(0, at - _SHOWN) : at]}…"
