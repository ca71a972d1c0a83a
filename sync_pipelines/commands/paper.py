"""Where commands print: rich's console, on which nobody's name is an order to the terminal."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.segment import Segment

from monitoring.redact import printable


class Paper(Console):
    """Colours and lines are ours; an escape sequence in what a system said is shown as a mark."""

    def render(self, renderable: Any, options: Any = None) -> Iterable[Segment]:
        """As rich does, without what a terminal would obey."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))
