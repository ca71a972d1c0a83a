"""Writes the table of alerts into `docs/howto/operate.md`, and that of the log into `docs/howto/logs.md`."""

from pathlib import Path

from tests.monitoring import test_logs, test_operate


def _write(document: Path, heading: str, table: str) -> None:
    """Between its heading and the end."""
    text = document.read_text(encoding="utf-8")
    document.write_text(text[: text.index(heading)] + f"{heading}\n{table}", encoding="utf-8")


if __name__ == "__main__":
    _write(test_operate.DOCUMENT, test_operate.HEADING, test_operate.table())
    _write(test_logs.DOCUMENT, test_logs.HEADING, test_logs.document())
