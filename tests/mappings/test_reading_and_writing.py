"""A map compiled both ways: silence, null and zero; codes; scopes; lists; addresses; what spoils what."""

from collections.abc import Mapping
from typing import Any

import pytest

from mappings.book import CodeTable, FieldSpec
from mappings.codec import Codec, Context, Option
from mappings.codecs import CODECS
from mappings.fieldmap import Fault, Gap, KindMap, Line, Reading
from mappings.reading import compile_reader, paths
from mappings.values import Value
from mappings.writing import Writer, compile_writer, writable

ADDRESS = tuple(
    Line(part, at, "country" if part == "country" else "text")
    for part, at in {"street": "Street", "city": "City", "country": "Country"}.items()
)
LINES = (
    Line("phone", "Phone", "phone", {"region": "address.country"}),
    Line("name", "Name", "text"),
    Line("address", "", "address", lines=ADDRESS),
    Line("limit", "Limit1", "money", {"currency": "EUR"}, scope="1"),
    Line("limit", "Limit2", "money", {"currency": "CNY"}, scope="2"),
    Line("discount", "Discounts", "decimal", per=True),
    Line("terms", "Terms", "code", {"table": "terms"}),
    Line("closed", "Closed", "date", {"empty": ["0001-01-01", ""]}),
    Line("number", "Number", "text", write="never"),
    Line("origin", "Origin", "text", write="create"),
    Line("owner", "Owner.Id", "reference"),
    Line("places", "Places[kind=ship]", "list", {"key": "code"},
         lines=(Line("code", "Code", "text"), Line("phone", "Phone", "phone", {"region": "address.country"}),
                Line("weight", "Weight", "decimal"))),
)  # fmt: skip
ITEMS = {
    name: FieldSpec(name, kind, "") for name, kind in {"code": "text", "phone": "phone", "weight": "decimal"}.items()
}
FIELDS = {
    line.field: FieldSpec(line.field, line.codec, "", items=ITEMS if line.codec == "list" else {}) for line in LINES
}
TABLES = {"terms": CodeTable("terms", {"vendor": {"N30": "net30", "30": "net30"}}, {"vendor": {"net30": "N30"}})}
MAP = KindMap(
    "account", "crm", "Account", LINES, map="vendor", only={"Kind": ("firm", None)}, archived_at="Live",
    archived_is=(False,), editor_at="Editor.Group",
)  # fmt: skip
PLACES = [
    {"kind": "ship", "Code": "B", "Phone": "030 1234567", "Weight": 0},
    {"kind": "bill"},
    {"kind": "ship", "Code": "A"},
]
PAYLOAD: dict[str, Any] = {
    "Kind": "firm", "Name": " ACME ", "Phone": "030 1234567", "Street": "Weg 1", "City": "", "Country": "Deutschland",
    "Limit1": 0, "Limit2": None, "Discounts": {"1": "2.50", "2": None}, "Terms": "30", "Closed": "0001-01-01",
    "Number": "4711", "Owner": {"Id": "005"}, "Places": PLACES, "Live": True, "Editor": {"Group": "finance"},
}  # fmt: skip
VALUES: dict[str, Value] = {
    "name": "ACME",
    "phone": "+49301234567",
    "address": {"street": "Weg 1", "city": None, "country": "DE"},
    "limit@1": {"amount": "0", "currency": "EUR"},
    "limit@2": None,
    "discount@1": "2.5",
    "discount@2": None,
    "terms": "net30",
    "closed": None,
    "number": "4711",
    "owner": "005",
    "places": [{"code": "A"}, {"code": "B", "phone": "+49301234567", "weight": "0"}],
}


def read(payload: Mapping[str, Any], kind_map: KindMap = MAP, codecs: Mapping[str, Codec] = CODECS) -> Reading:
    return compile_reader(kind_map, FIELDS, TABLES, "UTC", codecs)(payload)


def writer() -> Writer:
    return compile_writer(MAP, FIELDS, TABLES)


def test_a_payload_reads_as_canonical_fields() -> None:
    reading = read(PAYLOAD)
    assert reading.values == VALUES
    assert (reading.gaps, reading.faults, reading.archived, reading.editor) == ((), (), False, "finance")
    assert reading.takes_part


def test_silence_is_no_null() -> None:
    assert read({"Kind": "firm"}).values == {}


@pytest.mark.parametrize(("raw", "value"), [(None, None), ("", None), (0, "0")])
def test_null_is_no_zero(raw: Any, value: Any) -> None:
    assert read({"Kind": None, "Discounts": {"1": raw}}).values == {"discount@1": value}


@pytest.mark.parametrize(
    ("payload", "ours"), [({"Kind": "firm"}, True), ({"Kind": None}, True), ({"Kind": "person"}, False), ({}, False)]
)
def test_records_that_are_none_of_ours_are_marked(payload: dict[str, Any], *, ours: bool) -> None:
    assert read(payload).takes_part is ours


@pytest.mark.parametrize(("live", "archived"), [(False, True), (True, False), (None, False), (0, False)])
def test_only_the_very_value_says_that_a_record_is_out_of_use(live: Any, *, archived: bool) -> None:
    assert read({**PAYLOAD, "Live": live}).archived is archived


@pytest.mark.parametrize(
    ("change", "field", "gap"),
    [
        ({"Name": "a\x00"}, "name", ""),
        ({"Phone": "what"}, "phone", ""),
        ({"Country": "Atlantis"}, "address", ""),
        ({"Terms": "N90"}, "terms", "N90"),
        ({"Limit1": "1.005"}, "limit@1", ""),
        ({"Owner": "005"}, "owner", ""),
        ({"Places": [{"kind": "ship", "Code": "A"}, {"kind": "ship", "Code": "A"}]}, "places", ""),
        ({"Places": [{"kind": "ship", "Code": "A", "Weight": "heavy"}]}, "places", ""),
        ({"Places": {"kind": "ship"}}, "places", ""),
        ({"Discounts": "5"}, "discount", ""),
    ],
)
def test_a_bad_value_spoils_its_own_field_and_no_other(change: dict[str, Any], field: str, gap: str) -> None:
    reading = read({**PAYLOAD, **change})
    leaning = {"phone", "places"} if field == "address" else set()  # they need its country
    spoilt = {key for key in VALUES if key == field or key.startswith(f"{field}@")} | leaning
    assert reading.values == {key: value for key, value in VALUES.items() if key not in spoilt}
    assert {fault.field for fault in reading.faults} == (set() if gap else {field} | leaning)
    assert [one.code for one in reading.gaps] == ([gap] if gap else [])


def test_an_address_told_in_part_is_a_fault_and_no_blank() -> None:
    without = {name: raw for name, raw in PAYLOAD.items() if name != "City"}
    assert read(without).faults[0] == Fault("address", "is told without its city")


def test_an_address_with_nothing_in_it_is_null() -> None:
    assert read({"Kind": "firm", "Street": None, "City": "", "Country": None}).values == {"address": None}


def test_a_list_with_an_unreadable_item_is_not_told_shortened() -> None:
    reading = read(
        {"Kind": "firm", "Places": [{"kind": "ship", "Code": "A"}, {"kind": "ship", "Code": "B", "Weight": "x"}]}
    )
    assert reading.values == {}
    assert reading.faults == (Fault("places", "item 2, weight: is no number written as 1234.56"),)


def test_two_orders_of_a_keyed_list_are_one_value() -> None:
    assert read({**PAYLOAD, "Places": PLACES[::-1]}).values["places"] == VALUES["places"]


def test_a_record_of_one_company_speaks_for_that_company() -> None:
    fields = {"limit": FieldSpec("limit", "decimal", "", per="company"), "name": FieldSpec("name", "text", "")}
    lines = (Line("limit", "Limit", "decimal"), Line("name", "Name", "text"))
    kind_map = KindMap("account", "erp", "Customer", lines, scope_at="Org")
    reading = compile_reader(kind_map, fields, {})({"Org": 100, "Limit": "5", "Name": "ACME"})
    assert (reading.scope, reading.values) == ("100", {"limit@100": "5", "name": "ACME"})
    written = compile_writer(kind_map, fields, {})({"limit@100": "6"})
    assert written.payload == {"Limit": "6"}


@pytest.mark.parametrize("told", ["Org", "Group"])
def test_half_a_character_in_a_company_or_a_department_names_none_that_anybody_knows(told: str) -> None:
    fields = {"limit": FieldSpec("limit", "decimal", "", per="company")}
    kind_map = KindMap(
        "account", "erp", "Customer", (Line("limit", "Limit", "decimal"),), scope_at="Org", editor_at="Group"
    )
    payload = {"Org": "100", "Group": "finance", "Limit": "5"} | {told: "1\ud800"}
    reading = compile_reader(kind_map, fields, {})(payload)
    assert "1?" in (reading.scope, reading.editor)
    assert set(reading.values) == {f"limit@{reading.scope}"}


class Clumsy(Codec):
    """A user's codec that breaks."""

    options: Mapping[str, Option] = {}

    def decode(self, raw: Any, context: Context) -> Value:
        raise ZeroDivisionError(str(raw) + str(context))

    def encode(self, value: Value, context: Context) -> Any:
        raise KeyError(str(value) + str(context))


def test_a_codec_that_breaks_spoils_its_field_and_says_so_without_the_value() -> None:
    lines = (Line("name", "Name", "clumsy"), Line("number", "Number", "text"))
    kind_map, codecs = KindMap("account", "crm", "Account", lines), {**CODECS, "clumsy": Clumsy()}
    reading = compile_reader(kind_map, FIELDS, {}, codecs=codecs)({"Name": "secret", "Number": "1"})
    assert (reading.values, reading.faults) == (
        {"number": "1"},
        (Fault("name", "its codec failed with ZeroDivisionError"),),
    )
    writing = compile_writer(kind_map, FIELDS, {}, codecs=codecs)({"name": "secret", "number": "1"})
    assert (writing.payload, writing.faults) == ({"Number": "1"}, (Fault("name", "its codec failed with KeyError"),))


@pytest.mark.parametrize(("raw", "value"), [(0, None), (False, False), ("", None), (1, True)])
def test_a_systems_own_word_for_null_is_only_that_very_word(raw: Any, value: Any) -> None:
    lines = (Line("live", "Live", "yes_no", {"empty": [0]}),)
    reader = compile_reader(KindMap("account", "crm", "Account", lines), {"live": FieldSpec("live", "yes_no", "")}, {})
    assert reader({"Live": raw}).values["live"] is value


def test_only_what_is_asked_for_is_written() -> None:
    assert writer()({"phone": "+49301234567"}, VALUES).payload == {"Phone": "+49301234567"}


def test_everything_writable_is_written_as_it_is_read() -> None:
    writing = writer()({key: value for key, value in VALUES.items() if key != "number"})
    assert (writing.gaps, writing.faults) == ((), ())
    assert writing.payload == {
        "Name": "ACME", "Phone": "+49301234567", "Street": "Weg 1", "City": None, "Country": "DE",
        "Limit1": "0.00", "Limit2": None, "Discounts": {"1": "2.5", "2": None}, "Terms": "N30", "Closed": "0001-01-01",
        "Owner": {"Id": "005"},
        "Places": {"[kind=ship]": [{"Code": "A"}, {"Code": "B", "Phone": "+49301234567", "Weight": "0"}]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "creating", "open_"),
    [("name", False, True), ("number", True, False), ("origin", False, False), ("origin", True, True),
     ("nothing", True, False), ("limit@1", False, True), ("limit@3", False, False), ("discount@9", False, True)],
)  # fmt: skip
def test_what_may_be_written_is_known_before(key: str, *, creating: bool, open_: bool) -> None:
    assert writable(MAP, key, creating=creating) is open_
    faults = writer()({key: None}, creating=creating).faults
    assert [fault.field for fault in faults] == ([] if open_ else [key])


def test_a_code_without_counterpart_is_a_gap_and_the_rest_is_written() -> None:
    writing = writer()({"terms": "net90", "name": "ACME"})
    assert (writing.payload, writing.gaps) == ({"Name": "ACME"}, (Gap("terms", "terms", "net90", "encode"),))


def test_what_could_not_be_read_back_is_not_sent() -> None:
    lines = (Line("tax_id", "Tax", "tax_id", {"country": "DE"}),)
    kind_map = KindMap("account", "crm", "Account", lines)
    writing = compile_writer(kind_map, {"tax_id": FieldSpec("tax_id", "tax_id", "")}, {})({"tax_id": "123456789"})
    assert writing.payload == {}
    assert writing.faults[0].says.startswith("could not be read back there: is no valid tax id of DE")


class Forgetful(Clumsy):
    """A user's codec whose ways do not meet."""

    def decode(self, raw: Any, context: Context) -> Value:
        return str(raw).upper() + context.setting.scope

    def encode(self, value: Value, context: Context) -> Any:
        return f"{value}{context.setting.scope}"


def test_a_codec_without_a_way_back_cannot_write() -> None:
    kind_map, codecs = KindMap("account", "crm", "Account", (Line("name", "Name", "own"),)), {"own": Forgetful()}
    writing = compile_writer(kind_map, FIELDS, {}, codecs=codecs)({"name": "ada"})
    assert (writing.payload, writing.faults) == ({}, (Fault("name", "would be read back there as another value"),))


def test_a_part_that_the_system_has_no_place_for_is_refused_not_lost() -> None:
    writing = writer()({"address": {"street": "Weg 1", "region": "BY"}})
    assert writing.faults == (Fault("address", "has a region, for which there is no place"),)


def test_parts_that_are_not_asked_for_are_left_alone() -> None:
    assert writer()({"address": {"city": "Köln"}}).payload == {"City": "Köln"}


def test_null_takes_all_parts_of_an_address_away() -> None:
    assert writer()({"address": None}).payload == {"Street": None, "City": None, "Country": None}


def test_only_what_the_map_needs_is_fetched() -> None:
    assert paths(MAP) == (
        "City", "Closed", "Country", "Discounts", "Editor.Group", "Kind", "Limit1", "Limit2", "Live", "Name", "Number",
        "Origin", "Owner.Id", "Phone", "Places.Code", "Places.Phone", "Places.Weight", "Places.kind", "Street", "Terms",
    )  # fmt: skip
