"""What a Tryton announces: a module or a trigger of yours sends it, signed in our own dialect."""

import re

from connectors import webhooks
from connectors.webhooks import Webhooks

_ID = re.compile(r"\d{1,19}")


def open_webhooks(system: str) -> Webhooks:
    """Its records are numbered."""
    return webhooks.open_webhooks(system, _ID)
