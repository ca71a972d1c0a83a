"""The demo's own house: a folder with a copy of the bundled book, in which the ERP may be another one."""

import os
import shutil
from pathlib import Path

from sync_pipelines.commands.beginning import copy_book
from sync_pipelines.settings import BUNDLED_BOOK

BUNDLED_ERP = "kingdee"


def fresh_home(home: Path, erp: str) -> Path:
    """An empty house, which everything started from here will use."""
    shutil.rmtree(home, ignore_errors=True)
    book_with(home / "book", erp)
    for name in [name for name in os.environ if name.startswith("CONCORDAT_")]:
        del os.environ[name]  # a house of the user's own is none of the demo's business
    os.environ["CONCORDAT_HOME"] = str(home)
    return home


def book_with(folder: Path, erp: str) -> Path:
    """A copy of the bundled book whose ERP has this connector: the one word that differs."""
    copy_book(BUNDLED_BOOK, folder)
    systems = folder / "systems.yaml"
    told = systems.read_text(encoding="utf-8").replace(f"connector: {BUNDLED_ERP}", f"connector: {erp}")
    systems.write_text(told, encoding="utf-8")
    return folder
