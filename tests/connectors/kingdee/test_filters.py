"""Conditions of a query: values stay values, whatever they hold, and the server's clock is read with care."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import MisconfiguredError, TransientError
from connectors.kingdee import filters
from connectors.kingdee.simulated.conditions import Condition

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
_TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["'", "''", "' or 1=1 --", "a' or 'a'='a", "x) or (1=1", "{ts'x'}"]
)


@given(value=_TEXTS, other=_TEXTS)
def test_a_quoted_text_finds_itself_and_nothing_else(value: str, other: str) -> None:
    condition = Condition(filters.equal("FName", value))
    assert condition.names == ["FName"]
    assert condition.holds(lambda _: value)
    assert condition.holds(lambda _: other) == (value.casefold() == other.casefold())


@given(values=st.lists(_TEXTS, min_size=1, max_size=5), other=_TEXTS)
def test_a_list_of_texts_finds_its_members(values: list[str], other: str) -> None:
    condition = Condition(filters.every(filters.among("FNumber", values), "FCUSTID>0"))
    assert condition.names == ["FNumber", "FCUSTID"]
    wanted = other.casefold() in [value.casefold() for value in values]
    assert condition.holds({"FNumber": other, "FCUSTID": 1}.get) == wanted


@pytest.mark.parametrize("text", ["a\nb", "\x00"])
def test_control_characters_are_not_looked_for(text: str) -> None:
    with pytest.raises(ValueError, match="control"):
        filters.text(text)


@pytest.mark.parametrize("name", ["", "F Name", "FName'", "FName--", "1F", "F.", "F..G", "FName;", "客户"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(MisconfiguredError):
        filters.name(name)


@pytest.mark.parametrize("bad", ["7 or 1=1", "x", ""])
def test_only_numbers_are_ids(bad: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        filters.ids("FCUSTID", [bad])


@pytest.mark.parametrize(
    ("at", "zone", "wall"),
    [
        (datetime(2026, 3, 2, 8, 0, 0, 999_999, UTC), SHANGHAI, datetime(2026, 3, 2, 16, 0)),  # noqa: DTZ001 - the wall's
        (datetime(2026, 7, 1, 8, 0, tzinfo=UTC), BERLIN, datetime(2026, 7, 1, 10, 0)),  # noqa: DTZ001 - as above
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), BERLIN, datetime(2026, 10, 25, 2, 0)),  # noqa: DTZ001 - as above
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN, datetime(2026, 10, 25, 2, 30)),  # noqa: DTZ001 - as above
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), BERLIN, datetime(2026, 3, 29, 1, 30)),  # noqa: DTZ001 - as above
    ],
)
def test_the_wall_shows_the_earliest_that_a_later_change_may_bear(at: datetime, zone: ZoneInfo, wall: datetime) -> None:
    assert filters.wall_clock(at, zone) == wall


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    later=st.timedeltas(timedelta(0), timedelta(days=2)),
    zone=st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_no_later_change_bears_an_earlier_stamp_than_is_asked_for(
    start: datetime, later: timedelta, zone: ZoneInfo
) -> None:
    stamp = (start + later).astimezone(zone).replace(tzinfo=None)
    assert stamp >= filters.wall_clock(start, zone)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_a_stamp_is_read_as_it_was_written(at: datetime) -> None:
    told = at.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(timespec="milliseconds")
    read = filters.moment(told, SHANGHAI)
    assert read is not None
    assert read == at.replace(microsecond=at.microsecond // 1000 * 1000)


@pytest.mark.parametrize("told", [None, ""])
def test_no_stamp_is_none(told: object) -> None:
    assert filters.moment(told, SHANGHAI) is None


@pytest.mark.parametrize("told", ["yesterday", 5, "/Date(1611072000000)/"])
def test_a_stamp_that_is_none_is_said_so(told: object) -> None:
    with pytest.raises(TransientError, match="where a time was due"):
        filters.moment(told, SHANGHAI)
