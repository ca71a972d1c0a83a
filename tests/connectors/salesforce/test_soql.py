"""Whatever is in a value, it stays one value."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import MisconfiguredError
from connectors.salesforce import soql
from connectors.salesforce.ids import dividing, is_id, long_id
from connectors.salesforce.simulated.soql import parse, unquote

NASTY = [
    "x' OR Name LIKE '%",
    "\\",
    "\\'",
    "'; DELETE",
    "O\\'Brien",
    "two\nlines\r\n\ttab\b\f",
    "nul\x00 and \x1b[31m",
    "%_\\%\\_",
    "‘’ʼ＇“”",
    "华为\U0001f600",
    "",
    "null",
    "\\u0027 OR Id != null",
]


def matched(soql_: str, name: str) -> bool:
    where = parse(soql_).where
    assert where is not None
    return where({"Name": name, "Id": "", "Phone": "other"}.__getitem__)


@pytest.mark.parametrize("value", NASTY)
@given(extra=st.text(max_size=20))
def test_any_text_is_exactly_one_literal(value: str, extra: str) -> None:
    for text in (value, extra, value + extra):
        query = parse(soql.select(["Id"], "Account", soql.among("Name", [text, "beside"])))
        assert query.names == ("Name",), "a value reached the structure of the query"
        assert unquote(soql.text(text)) == text


@given(st.text(), st.text())
def test_a_condition_finds_its_own_value_and_no_other(value: str, other: str) -> None:
    query = soql.select(["Id"], "Account", soql.among("Name", [value]))
    assert matched(query, value)
    if value.casefold() != other.casefold():
        assert not matched(query, other)


@pytest.mark.parametrize(
    "name", ["Name; DROP", "Na me", "", "1Name", "Name--", "Owner..Name", "Owner.", "名", "a" + ".b" * 6]
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(MisconfiguredError, match="is not a Salesforce field"):
        soql.select([name], "Account")
    with pytest.raises(MisconfiguredError):
        soql.among(name, ["x"])


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14 * 60, 14 * 60))
def test_moments_are_written_in_utc_and_rounded_down(moment: datetime, minutes: int) -> None:
    try:
        there = moment.astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        return
    assert soql.instant(there) == moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@given(st.lists(st.text(min_size=1, max_size=300), max_size=400))
def test_portions_keep_every_value_in_order_and_fit_an_address(values: list[str]) -> None:
    portions = list(soql.portions(values))
    assert [value for portion in portions for value in portion] == values
    assert all(0 < len(portion) <= 200 for portion in portions)
    for portion in portions:
        if len(portion) > 1:
            assert len(quote(soql.among("Concordat_Key__c", portion), safe="")) < 16_000 - 2_000


def test_long_values_make_short_portions() -> None:
    keys = [f"{n:03d}" + "k" * 252 for n in range(200)]
    portions = list(soql.portions(keys))
    assert [key for portion in portions for key in portion] == keys
    assert max(len(quote(soql.among("Concordat_Key__c", portion), safe="")) for portion in portions) < 14_000


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
        ("000000000000000", "000000000000000AAA"),
        ("ZZZZZZZZZZZZZZZ", "ZZZZZZZZZZZZZZZ555"),
        ("not an id", "not an id"),
        ("001A0000006Vm9rIAC", "001A0000006Vm9rIAC"),
    ],
)
def test_an_id_has_one_spelling(short: str, long: str) -> None:
    assert long_id(short) == long


@given(st.from_regex(r"[A-Za-z0-9]{15}", fullmatch=True), st.from_regex(r"[A-Za-z0-9]{15}", fullmatch=True))
def test_long_ids_differ_even_where_case_is_lost(one: str, other: str) -> None:
    assert is_id(long_id(one))
    assert long_id(long_id(one)) == long_id(one)
    assert (long_id(one).lower() == long_id(other).lower()) == (one == other)


@pytest.mark.parametrize("value", [None, 5, "", "001", "001A0000006Vm9!", "001A0000006Vm9rIA", "001A0000006Vm9rIA9"])
def test_what_has_not_the_form_of_an_id_is_none(value: object) -> None:
    assert not is_id(value)


@pytest.mark.parametrize("parts", [1, 2, 7])
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("0015gX000000001AAA", "0015gX000000999AAA"),
        ("0015gX000000001", "0017FzzzzzzzzZz"),
        ("0015gX000000001", "0015gX000000002"),
    ],
)
def test_cuts_lie_between_the_first_and_the_last_id_and_rise(first: str, last: str, parts: int) -> None:
    cuts = dividing(first, last, parts)
    assert cuts == sorted(set(cuts))
    assert all(first[:15] < cut[:15] < last[:15] for cut in cuts)
    assert len(cuts) == (parts - 1 if last[-1] != "2" else 0)
    assert all(is_id(cut) and len(cut) == 18 for cut in cuts)
