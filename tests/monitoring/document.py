"""Writes the table of alerts into `docs/howto/operate.md`, between its heading and the end."""

from tests.monitoring.test_operate import DOCUMENT, HEADING, table

if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(text[: text.index(HEADING)] + f"{HEADING}\n{table()}", encoding="utf-8")
