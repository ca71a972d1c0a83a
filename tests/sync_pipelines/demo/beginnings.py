"""A team whose systems are new and empty says so in its book."""

import re
from pathlib import Path

from mappings.loading import load_book


def empty_at_first(folder: Path) -> Path:
    """The book in this folder, of systems in which there may be nothing of any kind."""
    book, file = load_book(folder), folder / "systems.yaml"
    told = file.read_text(encoding="utf-8")
    for name in book.systems:
        kinds = sorted({spec.maps[name].kind for spec in book.entities.values() if name in spec.maps})
        told = re.sub(rf"^  {name}:\n", rf"\g<0>    may_be_empty: [{', '.join(kinds)}]\n", told, flags=re.MULTILINE)
    file.write_text(told, encoding="utf-8")
    return folder
