"""A broken engine is a small patch of the code, and nothing else of it.

A patch replaces `old`, which stands once in its file, by `new`.
"""

from dataclasses import dataclass
from pathlib import Path

PIPES = "sync_pipelines"


@dataclass(frozen=True)
class Mutant:
    """One patch. `says` is what the code does then, in one line."""

    law: str  # or the fear that comes true
    says: str
    file: str
    old: str
    new: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.law}: {self.says}"

    @property
    def is_of_a_law(self) -> bool:
        """L1 to L13."""
        return self.law[1:].isdigit()

    def patched(self, house: Path) -> str:
        """The file with the patch. ValueError where it does not apply any more."""
        text = (house / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            message = f"{self}: `{self.old.strip()}` stands {text.count(self.old)} times in {self.file}, not once"
            raise ValueError(message)
        return text.replace(self.old, self.new)


def patches(law: str, *told: tuple[str, str, str, str]) -> list[Mutant]:
    """Several of one law: what it does then, the file, old and new."""
    return [Mutant(law, *patch) for patch in told]
