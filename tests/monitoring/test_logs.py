"""The log: one line for each event, nothing of others in it, and a page that tells every name."""

import io
import json
import logging
import re
import stat
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest

from monitoring import journal
from monitoring.journal import Happened, Teller, What, of_a_call
from monitoring.logs import LINES, TREE, log_event, logging_to

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "howto" / "logs.md"
HEADING = "## Names\n"
AT = datetime(2026, 3, 2, 8, 1, 8, tzinfo=UTC)
ENDED = Happened(What.RUN_ENDED, AT, run="r1", entity="account", state="complete", counts={"read": 7})


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with logging_to(str(tmp_path / "logs" / "engine.log"), "debug"):
        yield tmp_path / "logs" / "engine.log"


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


# --- the page ---------------------------------------------------------------------------------------------------------


def document() -> str:
    """Below its heading: every name of a line, and every event."""
    source = Path(journal.__file__).read_text(encoding="utf-8")
    said = dict(re.findall(r"^    (\w+): [\w\[\], ]+ = .*?  # (.*)$", source, re.MULTILINE))
    head = {
        "time": "the engine's clock, UTC",
        "level": "debug, info, warning, error",
        "logger": "see below, after `concordat.`",
        "event": "see below",
        **said,
        "counts": "how many, by name",
    }
    names = ["| name | holds |", "|---|---|", *(f"| `{name}` | {what} |" for name, what in head.items())]
    rows = [f"| {what} | `{line.logger}` | {_level(line.level)} | {line.means} |" for what, line in LINES.items()]
    events = ["| event | logger | level | means |", "|---|---|---|---|", *rows]
    after = "A run or a step that ends incomplete or with rejects is a warning, one that ends halted or stale an error."
    return "\n".join(["Empty ones are left out.", "", *names, "", "## Events", "", *events, "", after]) + "\n"


def _level(level: int) -> str:
    return logging.getLevelName(level).lower()


def test_the_page_shows_every_name_and_every_event() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.endswith(f"{HEADING}\n{document()}"), "run: python -m tests.monitoring.document"


def test_every_event_has_a_line() -> None:
    assert set(LINES) == set(What)


# --- lines ------------------------------------------------------------------------------------------------------------


def test_a_line_is_one_object_with_the_time_of_the_engine(file: Path) -> None:
    log_event(ENDED)
    assert _lines(file) == [
        {
            "time": "2026-03-02T08:01:08Z", "level": "info", "logger": "concordat.run", "event": "run ended",
            "run": "r1", "entity": "account", "state": "complete", "counts": {"read": 7},
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "level"),
    [
        ("complete", "info"),
        ("complete_with_rejects", "warning"),
        ("incomplete", "warning"),
        ("halted", "error"),
        ("stale", "error"),
    ],
)
def test_how_a_run_ended_says_how_loud_its_line_is(file: Path, state: str, level: str) -> None:
    log_event(Happened(What.RUN_ENDED, AT, state=state))
    assert [line["level"] for line in _lines(file)] == [level]


def test_what_others_said_goes_through_the_sieve_and_no_name_makes_a_line_of_its_own(file: Path) -> None:
    forged = 'erp\n{"level": "error"}\x1b[31m'
    says = "erp: anna@firm.example is refused, token=abcdef"
    log_event(Happened(What.RUN_ENDED, AT, system=forged, says=says))
    (line,) = _lines(file)
    assert line["says"] == "erp: … is refused, token=…"
    assert "\x1b" not in file.read_text(encoding="utf-8")


def test_trouble_with_a_call_is_told_by_its_class_and_code(file: Path) -> None:
    of_a_call(Teller(log_event, lambda: AT, "r1"), "crm", "throttled", "TransientError 429", 7.2)
    (line,) = _lines(file)
    assert (line["event"], line["run"], line["system"]) == ("call throttled", "r1", "crm")
    assert (line["reason"], line["counts"]) == ("TransientError 429", {"seconds": 7})


def test_another_listener_reads_a_text(caplog: pytest.LogCaptureFixture) -> None:
    """As the scheduler's page shows it."""
    with caplog.at_level(logging.INFO, TREE):
        log_event(Happened(What.RUN_ENDED, AT, entity="account", says="two words", counts={"read": 7, "gone": 1}))
    assert caplog.messages == ['run ended entity=account counts=read:7,gone:1 says="two words"']


# --- where it goes ----------------------------------------------------------------------------------------------------


def test_where_nobody_asked_nothing_is_written() -> None:
    with redirect_stderr(io.StringIO()) as said:
        log_event(Happened(What.STEP_BROKEN, AT))
    assert said.getvalue() == ""


def test_what_is_less_than_was_asked_for_is_left_out(tmp_path: Path) -> None:
    with logging_to(str(tmp_path / "a.log"), "warning"):
        log_event(ENDED)
        log_event(Happened(What.LEASE_FENCED, AT))
    assert [line["event"] for line in _lines(tmp_path / "a.log")] == ["lease fenced"]


def test_stderr_is_a_place() -> None:
    with redirect_stderr(io.StringIO()) as said, logging_to("stderr"):
        log_event(ENDED)
    assert json.loads(said.getvalue())["event"] == "run ended"


def test_the_file_is_for_its_owner_alone(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_was_moved_away_is_opened_anew(file: Path) -> None:
    log_event(ENDED)
    file.rename(file.with_suffix(".1"))
    log_event(ENDED)
    assert len(_lines(file)) == len(_lines(file.with_suffix(".1"))) == 1


def test_who_asks_twice_reads_each_line_once_and_the_last_one_closes_it(tmp_path: Path) -> None:
    place = tmp_path / "a.log"
    with logging_to(str(place)):
        with logging_to(str(place)):
            log_event(ENDED)
        log_event(ENDED)
    log_event(ENDED)
    assert len(_lines(place)) == 2


def test_threads_that_come_and_go_lose_no_line(tmp_path: Path) -> None:
    place, meet = tmp_path / "a.log", Barrier(4)

    def say() -> None:
        meet.wait()
        for _ in range(50):
            with logging_to(str(place)):
                log_event(ENDED)

    threads = [Thread(target=say) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_lines(place)) >= 200
    assert not [one for one in logging.getLogger(TREE).handlers if not isinstance(one, logging.NullHandler)]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "a_file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="a_file"), logging_to(str(tmp_path / "a_file" / "x.log")):
        pytest.fail("it was opened")
