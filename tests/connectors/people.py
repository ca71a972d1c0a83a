"""What people do in a simulated system while we are at work."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.testing.system import System


def typing(system: System, values: Mapping[str, Any]) -> Callable[[str, str, str], None]:
    """Somebody types these, in whatever record is just looked at."""

    def edit(_what: str, kind: str, record_id: str) -> None:
        system.update(kind, record_id, values, by="user:anna")

    return edit
