"""What an org announces: an Apex class or a relay sends it, signed in our own dialect (README.md has the class).

An org cannot sign an outbound message (it proves itself by a client certificate alone), and change data capture is a
stream that one listens to. Whoever forwards either may send a change event as it is: its header names the records.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import Hint
from connectors.salesforce.ids import long_id
from connectors.settings import WebhookSettings, load
from connectors.webhooks import Signed, Webhooks, hint_of, parsed

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")
_AROUND = ("payload", "data", "detail")  # in which relays wrap an event


class OrgWebhooks(Signed):
    """Our own dialect, and change events."""

    def hints(self, topic: str, body: bytes) -> Sequence[Hint]:  # noqa: ARG002 - the dialect has no topics
        """One event or announcement, or a list of them."""
        said = parsed(body)
        if not isinstance(said, list):
            said = [said]
        found = [_of_event(header) if (header := _header(one)) else self.hint(one) for one in said]
        return [Hint(one.kind, tuple(dict.fromkeys(map(long_id, one.ids)))) for one in found]


def _header(said: Any) -> Mapping[str, Any] | None:
    """`ChangeEventHeader`, however deep a relay has wrapped it."""
    for _ in range(len(_AROUND) + 1):
        if not isinstance(said, dict):
            return None
        if isinstance(header := said.get("ChangeEventHeader"), dict):
            return header
        said = next((said[name] for name in _AROUND if name in said), None)
    return None


def _of_event(header: Mapping[str, Any]) -> Hint:
    """A gap event names no record, or one of zeros: anything of the kind may have changed."""
    ids = [one for one in header.get("recordIds") or () if isinstance(one, str) and one.strip("0A")]
    return hint_of(str(header.get("entityName", "")), ids, _ID)


def open_webhooks(system: str) -> Webhooks:
    """Of an org."""
    return OrgWebhooks(load(WebhookSettings, system).secrets, _ID)
