"""How the demo talks: a title, a sentence, a command with its real output, and claims that are looked at."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.rule import Rule
from rich.text import Text

from sync_pipelines.cli import run
from sync_pipelines.commands.office import Office


@dataclass
class Stage:
    """Where the demo happens. `failed` are claims that did not hold."""

    office: Office
    kept: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _scene: int = 0

    def scene(self, title: str, *sentences: str) -> None:
        """The next part."""
        self._scene += 1
        self.office.print("", Rule(Text(f"{self._scene}. {title}", "bold"), align="left", style="dim"))
        self.say(" ".join(sentences))

    def say(self, sentence: str) -> None:
        """A sentence in between."""
        if sentence:
            self.office.print(Text(sentence))

    def command(self, *arguments: str, codes: Sequence[int] = (0, 1)) -> int:
        """A command as one would type it, and all that it says."""
        self.office.print(Text.assemble("\n", ("$ ", "dim"), (f"concordat {shlex.join(arguments)}", "bold cyan")))
        code = run(arguments)
        if code not in codes:
            self.claim(f"`concordat {arguments[0]}` ends as expected", holds=False, saw=f"exit code {code}")
        return code

    def claim(self, says: str, *, holds: bool, saw: object = "") -> None:
        """Something that has just been looked at, in the systems themselves or in the ledger."""
        (self.kept if holds else self.failed).append(says)
        mark = Text("  ✓ ", "bold green") if holds else Text("  ✗ ", "bold red")
        self.office.print(Text.assemble(mark, says, "" if holds else f"   saw: {saw}"))

    def same(self, says: str, expected: object, saw: object) -> None:
        """A claim that two things are equal."""
        self.claim(says, holds=expected == saw, saw=f"{saw!r}, and expected {expected!r}")
