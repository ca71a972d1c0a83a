"""Writes the table of codes into `docs/howto/check.md`, between its heading and the end."""

from sync_pipelines.checking.rendering import table
from tests.sync_pipelines.checking.test_codes import DOCUMENT

HEADING = "## All codes\n"

if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(text[: text.index(HEADING)] + f"{HEADING}\n{table()}", encoding="utf-8")
