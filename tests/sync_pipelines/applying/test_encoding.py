"""From canonical changes to the words of a system; what cannot be spelled there is left out and said."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import FieldDescription, KindDescription
from mappings.references import references_in
from mappings.values import Value
from sync_pipelines.applying.encoding import (
    Encoded,
    encode_changes,
    fields_under_way,
    subject_of,
    without_refused,
    writers_of,
)
from sync_pipelines.intake.landing import payload_digest
from sync_pipelines.model.changes import Change, FieldChange, Op
from sync_pipelines.model.claims import ARCHIVED
from sync_pipelines.planning.target import Links
from tests.laws.little_book import little_book
from tests.sync_pipelines.flow.stints import stints_book

BOOK = stints_book()
WRITERS = writers_of(little_book())
LINKS = Links({"account": "account"}, {("erp", "account", "a1"): "Customer-7"})


def change(op: Op = Op.UPDATE, entity: str = "account", system: str = "erp", **new: Any) -> Change:
    fields = {name: FieldChange(None, value) for name, value in new.items()}
    record = "" if op is Op.CREATE else "C-1"
    return Change("k1", "p", op, system, "Customer", entity, "e1", fields, record)


def encode(one: Change, **lengths: int) -> Encoded:
    about = KindDescription("Customer", {n: FieldDescription(n, "text", length=most) for n, most in lengths.items()})
    return encode_changes([one], {}, WRITERS, LINKS, {("erp", "Customer"): about} if lengths else {})


def payload(encoded: Encoded) -> Any:
    (one,) = encoded.changes
    return one.payload


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"name": "Acme"}, {"Name": "Acme"}),
        ({"name": None}, {"Name": None}),
        ({"terms": "net30"}, {"Terms": "30"}),
        ({"status": "won"}, {"Status": "Won"}),
        ({"credit_limit": "0"}, {"Credit": "0"}),
        ({"address": {"street": "S", "city": "C"}}, {"Street": "S", "City": "C"}),
        ({"address": None}, {"Street": None, "City": None}),
        ({"ship_to": [{"code": "A", "city": "Bonn"}]}, {"Places": [{"code": "A", "town": "Bonn"}]}),
    ],
)
def test_only_what_is_to_change_is_said_in_the_systems_words(new: dict[str, Any], said: dict[str, Any]) -> None:
    assert payload(encode(change(**new))) == said


def test_an_archive_needs_no_words() -> None:
    assert encode(change(Op.ARCHIVE)).changes == [change(Op.ARCHIVE)]


# --- what cannot be spelled -------------------------------------------------------------------------------------------


def test_a_code_without_a_counterpart_is_a_gap_and_the_other_fields_go() -> None:
    encoded = encode(change(name="Acme", terms="net90"))
    assert payload(encoded) == {"Name": "Acme"}
    assert list(encoded.changes[0].fields) == ["name"]
    ((map_name, record, gap),) = encoded.gaps
    assert (map_name, str(record), gap.table, gap.code, gap.way) == (
        "erp",
        "erp/Customer/C-1",
        "terms",
        "net90",
        "encode",
    )
    assert [(h.key, h.because) for h in encoded.held] == [("terms", "code 'net90' has no counterpart in table terms")]
    assert encoded.faults == []


def test_a_value_that_cannot_be_spelled_is_a_fault_and_the_other_fields_go() -> None:
    encoded = encode(change(name="Acme", credit_limit="many"))
    assert payload(encoded) == {"Name": "Acme"}
    ((fault),) = encoded.faults
    assert (fault.reason, fault.field, str(fault.ref)) == ("misfit", "credit_limit", "erp/Customer/C-1")


def test_a_field_without_a_place_there_is_a_fault() -> None:
    encoded = encode(change(system="shop", credit_limit="5"))
    assert (encoded.changes, [f.field for f in encoded.faults]) == ([], ["credit_limit"])


@pytest.mark.parametrize(("length", "goes"), [(3, False), (4, True), (None, True)])
def test_a_text_that_is_longer_than_the_system_keeps_is_not_sent(length: int | None, *, goes: bool) -> None:
    encoded = encode(change(name="Acme", phone="1"), **({"Name": length} if length else {}))
    assert payload(encoded) == ({"Name": "Acme", "Phone": "1"} if goes else {"Phone": "1"})
    says = "4 characters are more than the 3 it keeps there"
    assert [f.says for f in encoded.faults] == ([] if goes else [says])
    assert [h.because for h in encoded.held] == ([] if goes else [says])


def test_a_length_says_nothing_of_what_is_no_text() -> None:
    places: Value = [{"code": "A", "city": "Bonn"}, {"code": "B", "city": "Ulm"}]
    assert encode(change(ship_to=places, name=None), Places=1, Name=1).faults == []


def test_an_update_of_which_nothing_is_left_is_not_sent() -> None:
    assert encode(change(terms="net90")).changes == []


@pytest.mark.parametrize(
    ("new", "lengths", "made"),
    [
        ({"name": "Acme", "terms": "net90"}, {}, True),  # the ERP needs a name and a tax id, no terms
        ({"name": "Acme", "tax_id": "T1"}, {"Tax_Id": 1}, False),
        ({"name": "Acme", "tax_id": "T1"}, {"Name": 3}, False),
        ({"name": "Acme", "phone": "12"}, {"Phone": 1}, True),
    ],
)
def test_nothing_is_made_without_what_it_needs(new: dict[str, Any], lengths: dict[str, int], *, made: bool) -> None:
    encoded = encode(change(Op.CREATE, **new), **lengths)
    assert bool(encoded.changes) is made
    assert encoded.held


# --- references -------------------------------------------------------------------------------------------------------


def test_a_reference_is_written_as_the_record_s_id_there() -> None:
    person = replace(change(entity="contact", account="a1", name="Anna"), kind="Person")
    assert payload(encode(person)) == {"AccountId": "Customer-7", "Name": "Anna"}


def test_no_reference_is_written_as_none() -> None:
    assert payload(encode(replace(change(entity="contact", account=None), kind="Person"))) == {"AccountId": None}


def test_a_reference_to_what_has_no_record_there_is_not_written_as_none() -> None:
    """An undo may want one back who has left since."""
    encoded = encode(replace(change(entity="contact", account="a9", name="Anna"), kind="Person"))
    assert (payload(encoded), list(encoded.changes[0].fields)) == ({"Name": "Anna"}, ["name"])
    assert [(held.key, held.because) for held in encoded.held] == [
        ("account", "it refers to what has no record there yet")
    ]


def test_nothing_is_made_without_a_reference_that_it_needs() -> None:
    person = replace(change(Op.CREATE, entity="contact", account="a9", email="a@x.example"), kind="Person")
    assert encode(person).changes == []


@pytest.mark.parametrize(
    ("stints", "old", "said"),
    [
        ([("1", "a1")], [], [("1", "Customer-7")]),
        ([("1", None)], [], [("1", None)]),
        ([("1", "a1"), ("2", "a9")], [], None),
        ([("1", "a1"), ("2", "gone")], [], None),
        ([("1", "a1"), ("2", "gone")], [("2", "gone")], [("1", "Customer-7"), ("2", "Customer-8")]),  # it says so now
    ],
)
def test_references_in_a_list_are_written_as_ids_there_or_the_list_waits(
    stints: list[tuple[str, str | None]], old: list[tuple[str, str]], said: list[tuple[str, str | None]] | None
) -> None:
    def items(told: Any, code: str, firm: str) -> Any:
        return [{code: name, firm: account} for name, account in told]

    fields = {
        "stints": FieldChange(items(old, "code", "account"), items(stints, "code", "account")),
        "name": FieldChange(None, "Anna"),
    }
    person = replace(change(entity="contact"), kind="Person", fields=fields)
    links = Links(
        references_in(BOOK.entities["contact"].fields), LINKS.records, {("erp", "account", "gone"): "Customer-8"}
    )
    encoded = encode_changes([person], {}, writers_of(BOOK), links)
    told = {} if said is None else {"Stints": items(said, "Code", "Firm")}
    assert payload(encoded) == {"Name": "Anna", **told}
    assert [held.key for held in encoded.held] == ([] if said else ["stints"])


def test_of_writes_without_outcome_it_is_known_which_fields_they_are_about() -> None:
    ours = [change(name="B"), change(phone="1"), change(Op.ARCHIVE)]
    assert fields_under_way(ours) == {subject_of(ours[0]): {"name", "phone", ARCHIVED}}


def test_a_record_that_does_not_exist_yet_is_named_by_what_it_is_made_for() -> None:
    assert str(subject_of(change())) == "erp/Customer/C-1"
    assert str(subject_of(change(Op.CREATE))) == "erp/Customer/new:e1"


# --- what was refused before ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "blamed", "refused", "left", "held"),
    [
        (Op.UPDATE, "", {"Name": "Acme", "Phone": "1"}, None, [""]),  # exactly this, and no field was named
        (Op.UPDATE, "", {"Name": "Acme", "Phone": "2"}, ["name", "phone"], []),
        (Op.UPDATE, "", {"Phone": "1"}, ["name", "phone"], []),  # alone it was refused; nobody said that it is to blame
        (Op.UPDATE, "Phone", {"Phone": "1"}, ["name"], ["phone"]),  # it spoils itself
        (Op.UPDATE, "Phone", {"Phone": "2"}, ["name", "phone"], []),  # another value may do
        (Op.UPDATE, "Fax", {"Phone": "1"}, ["name", "phone"], []),
        (Op.CREATE, "", {"Name": "Acme", "Phone": "1"}, None, [""]),
        (Op.CREATE, "Phone", {"Phone": "1"}, None, [""]),  # what is made is made whole
        (Op.CREATE, "Phone", {"Phone": "2"}, ["name", "phone"], []),
    ],
)
def test_what_its_system_refused_is_not_sent_again(
    op: Op, blamed: str, refused: dict[str, str], left: list[str] | None, held: list[str]
) -> None:
    (one,) = encode(change(op, name="Acme", phone="1")).changes
    kept, waits = without_refused(one, {(blamed, payload_digest(refused))}, WRITERS["erp", "account"])
    assert (kept and list(kept.fields)) == left
    assert [each.key for each in waits] == held
    assert kept is None or set(kept.payload) == {{"name": "Name", "phone": "Phone"}[key] for key in kept.fields}


def test_of_a_change_whose_every_field_was_refused_nothing_is_left() -> None:
    (one,) = encode(change(phone="1")).changes
    kept, waits = without_refused(one, {("Phone", payload_digest({"Phone": "1"}))}, WRITERS["erp", "account"])
    assert (kept, [each.key for each in waits]) == (None, ["phone"])


def test_of_a_value_in_several_places_a_refused_part_spoils_the_whole_value_and_nothing_else() -> None:
    (one,) = encode(change(name="Acme", address={"street": "S", "city": "C"})).changes
    kept, waits = without_refused(one, {("City", payload_digest({"City": "C"}))}, WRITERS["erp", "account"])
    assert kept is not None
    assert (list(kept.fields), kept.payload, [each.key for each in waits]) == (["name"], {"Name": "Acme"}, ["address"])


def test_of_a_value_in_several_places_a_part_that_is_too_long_holds_the_whole_value() -> None:
    encoded = encode(change(name="Acme", address={"street": "S", "city": "Bonn"}), City=3)
    assert [(fault.field, fault.says) for fault in encoded.faults] == [
        ("address", "4 characters are more than the 3 it keeps there")
    ]
    assert [one.payload for one in encoded.changes] == [{"Name": "Acme"}]
