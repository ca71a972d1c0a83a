"""What is wrong with a book: one line each, with file, line and what to do, all at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from mappings.book import Book
from mappings.values import Where


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault of a book. `code` is stable; the wording is not."""

    code: str
    file: str
    line: int
    says: str
    do: str = ""

    def __str__(self) -> str:
        advice = f" — {self.do}" if self.do else ""
        return f"{self.file}:{self.line}: {self.says}{advice} [{self.code}]"


class BookError(Exception):
    """The book cannot be used. `complaints` are all that was found, in the order of files and lines."""

    def __init__(self, complaints: Iterable[Complaint], book: Book | None = None) -> None:
        """Sorted here, each once. `book` is what could be read of it, for further complaints and for nothing else."""
        self.book = book
        self.complaints = tuple(sorted(set(complaints), key=lambda one: (one.file, one.line, one.code, one.says)))
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))


@dataclass(slots=True)
class Complaints:
    """Gathers what is found while a book is read."""

    found: list[Complaint] = field(default_factory=list)
    expected: set[tuple[str, str, int]] = field(default_factory=set)

    def expect(self, where: Where, codes: Iterable[str]) -> None:
        """These would only repeat there what is complained of already."""
        self.expected.update((code, where.file, where.line) for code in codes)

    def add(self, code: str, where: Where, says: str, do: str = "") -> None:
        """One more."""
        if (code, where.file, where.line) not in self.expected:
            self.found.append(Complaint(code, where.file, where.line, says, do))

    def unknown(self, code: str, where: Where, word: str, what: str, known: Iterable[str]) -> None:
        """A name that is not there, with the one that may be meant."""
        self.add(code, where, f"no {what} is called `{word}`", near_miss(word, known))


_FEW = 12


def near_miss(word: str, known: Iterable[str]) -> str:
    """What to do about a name that is not known."""
    names = sorted(set(known))
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known are: {', '.join(names)}" if 0 < len(names) <= _FEW else ""
