"""Where a key may be written, and whether a reference can be."""

import pytest

from mappings.values import Value
from sync_pipelines.planning.target import Links, Target

FIELDS = {"name": "always", "number": "create", "score": "never", "limit": "always"}


@pytest.mark.parametrize(
    ("key", "create", "takes"),
    [
        ("name", False, True),
        ("name", True, True),
        ("number", False, False),
        ("number", True, True),
        ("score", True, False),
        ("unheard", True, False),
        ("limit@100", False, True),
    ],
)
def test_what_the_map_says(key: str, *, create: bool, takes: bool) -> None:
    assert Target("erp", "erp", "Customer", FIELDS).takes(key, "", create=create) is takes


@pytest.mark.parametrize(
    ("scopes", "scoped_records", "record", "key", "takes"),
    [
        ((), False, "", "limit@100", True),  # it keeps all companies in one record
        (("100",), False, "", "limit@100", True),
        (("200",), False, "", "limit@100", False),  # none of its companies
        (("200",), False, "", "name", True),
        ((), True, "100", "limit@100", True),
        ((), True, "200", "limit@100", False),  # another company's record
        ((), True, "200", "name", True),
    ],
)
def test_which_company_goes_where(
    scopes: tuple[str, ...], record: str, key: str, *, scoped_records: bool, takes: bool
) -> None:
    target = Target("erp", "erp", "Customer", FIELDS, scopes=frozenset(scopes), scoped_records=scoped_records)
    assert target.takes(key, record) is takes


@pytest.mark.parametrize(
    ("system", "key", "value", "missing"),
    [
        ("erp", "account", "e1", False),
        ("crm", "account", "e1", True),  # it has a record, but not there
        ("erp", "account", "e2", True),
        ("erp", "account", None, False),  # no reference is no missing one
        ("erp", "account@100", "e1", False),
        ("erp", "name", "e2", False),  # no reference at all
    ],
)
def test_whether_a_reference_has_a_record_there(system: str, key: str, value: str | None, *, missing: bool) -> None:
    links = Links({"account": "account"}, {("erp", "account", "e1"): "C-1"})
    assert links.missing(system, key, value) is missing


LINES = Links({"lines": {"product": "product"}}, {("erp", "product", "p1"): "P-1"}, {("erp", "product", "p2"): "P-2"})


@pytest.mark.parametrize(
    ("value", "said", "missing"),
    [
        ([{"product": "p1"}], [], False),
        ([{"product": "p1"}, {"product": "p3"}], [], True),  # one line that cannot be written holds the list
        ([{"product": None}], [], False),
        ([{"product": "p2"}], [], True),  # nothing is made to refer to one who left
        ([{"product": "p2"}], None, True),
        ([{"product": "p2"}, {"product": "p1"}], [{"product": "p2"}], False),  # it does already
        ([{"product": "p3"}], [{"product": "p3"}], True),  # it has no record at all there
        ([], [{"product": "p2"}], False),
    ],
)
def test_whether_a_list_that_refers_can_be_written(value: Value, said: Value, *, missing: bool) -> None:
    assert LINES.missing("erp", "lines", value, said) is missing


def test_a_value_is_spelled_with_the_ids_of_the_system() -> None:
    value: Value = [{"product": "p1", "n": "1"}, {"product": "p2"}, {"product": "p3"}]
    assert LINES.spelled("erp", "lines", value) == [{"product": "P-1", "n": "1"}, {"product": "P-2"}, {"product": None}]
    assert LINES.spelled("crm", "lines", [{"product": "p1"}]) == [{"product": None}]
    assert LINES.spelled("erp", "name", "p1") == "p1"
