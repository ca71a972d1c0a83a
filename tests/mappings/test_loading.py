"""A book loads, or tells every fault with its code, file and line."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappings.book import Book, WriteSwitch
from mappings.codecs import CODECS
from mappings.fieldmap import Line
from mappings.loading import BookError, Complaint, load_book
from mappings.ownership import Borrowed, Clause, Conflict, Mode
from mappings.ownership import Test as Asks
from mappings.reading import reader_of
from mappings.values import Where
from tests.mappings.books import SOUND, added, broken, without, write

SYSTEMS, FIELDS, OWNED = "systems.yaml", "account/fields.yaml", "account/ownership.yaml"
MATCH, CRM, ERP, TERMS = "account/matching.yaml", "account/salesforce.yaml", "account/tryton.yaml", "codes/terms.csv"


def loaded(folder: Path, files: dict[str, str]) -> Book:
    return load_book(write(folder, files))


def complaints(folder: Path, files: dict[str, str]) -> tuple[Complaint, ...]:
    with pytest.raises(BookError) as found:
        loaded(folder, files)
    return found.value.complaints


def test_a_sound_book_loads(tmp_path: Path) -> None:
    book = loaded(tmp_path, SOUND)
    assert book.systems["crm"].write is WriteSwitch.ON
    assert book.systems["erp"].write is WriteSwitch.OFF
    assert book.promises == {"early_account": timedelta(days=5)}
    assert book.entities["account"].fields["limit"].per == "company"
    assert set(book.entities["account"].maps) == {"crm", "erp"}
    assert book.tables["terms"].decode == {"salesforce": {"N30": "net30", "Net 30": "net30"}}
    assert book.tables["terms"].encode == {"salesforce": {"net30": "N30"}}


def test_each_thing_knows_its_line(tmp_path: Path) -> None:
    account = loaded(tmp_path, SOUND).entities["account"]
    assert account.fields["stage"].where == Where(FIELDS, 4)
    assert account.ownership.rules["phone"][0].where == Where(OWNED, 10)
    assert next(line for line in account.maps["crm"].lines if line.field == "terms").where == Where(CRM, 10)


FAULTS: list[tuple[dict[str, str], str, str, int]] = [
    # files as such
    (without(SYSTEMS), "missing-file", SYSTEMS, 0),
    (without(FIELDS), "missing-file", FIELDS, 0),
    (without(OWNED), "missing-file", OWNED, 0),
    (added("sistems.yaml", "a: 1"), "unknown-file", "sistems.yaml", 1),
    (added("codes/terms.yaml", "a: 1"), "unknown-file", "codes/terms.yaml", 1),
    (broken(CRM, "Name", "N\udcffme"), "not-utf8", CRM, 5),
    (broken(FIELDS, "means: The name.", "means: [The name."), "yaml-syntax", FIELDS, 3),
    (broken(FIELDS, "  stage:", "\tstage:"), "yaml-syntax", FIELDS, 4),
    (broken(FIELDS, "means: The stage.", "means: !!python/name:os.system x"), "yaml-tag", FIELDS, 4),
    (broken(FIELDS, "means: The stage.", "means: &a The stage."), "yaml-alias", FIELDS, 4),
    (broken(FIELDS, "means: The stage.", "means: *a"), "yaml-alias", FIELDS, 4),
    (added(CRM, "---\na: 1\n"), "yaml-documents", CRM, 14),
    (broken(CRM, "at: Name", "at: " + "[" * 60 + "]" * 60), "yaml-depth", CRM, 5),
    (broken(CRM, "kind: Account", "? [a]\n: b"), "yaml-key", CRM, 2),
    (added(CRM, "  name: {at: Name2, as: text}\n"), "duplicate-key", CRM, 14),
    ({**SOUND, MATCH: ""}, "wrong-shape", MATCH, 1),
    ({**SOUND, MATCH: "- a\n"}, "wrong-shape", MATCH, 1),
    (added(CRM, "#" + "x" * 1_000_000), "too-large", CRM, 1),
    # shapes
    (broken(SYSTEMS, "write: on", "wrote: on"), "unknown-key", SYSTEMS, 2),
    (broken(SYSTEMS, "write: on", "write: of"), "wrong-shape", SYSTEMS, 2),
    (broken(SYSTEMS, "connector: tryton", "rank: 1"), "missing-key", SYSTEMS, 3),
    (broken(SYSTEMS, "  crm:", "  CRM:"), "wrong-shape", SYSTEMS, 2),
    (broken(SYSTEMS, "0.2", "20"), "wrong-shape", SYSTEMS, 4),
    (broken(SYSTEMS, "5d", "5 days"), "wrong-shape", SYSTEMS, 5),
    (broken(SYSTEMS, "write: on", "calendar: {quiet_hours: [22-6]}"), "wrong-shape", SYSTEMS, 2),
    (broken(SYSTEMS, "write: on", "calendar: {time_zone: Europe/Berln}"), "unknown-zone", SYSTEMS, 2),
    (broken(FIELDS, "class: personal", "class: secret"), "wrong-shape", FIELDS, 6),
    (broken(FIELDS, "length: 80", "length: 0"), "wrong-shape", FIELDS, 3),
    (broken(FIELDS, ", means: The country.", ""), "missing-key", FIELDS, 5),
    (broken(OWNED, "every: 5m", "every: often"), "wrong-shape", OWNED, 17),
    (broken(OWNED, "crm: always", "crm: sometimes"), "wrong-shape", OWNED, 4),
    (broken(OWNED, "needs: [name]", "need: [name]"), "unknown-key", OWNED, 5),
    (broken(OWNED, "decides: crm}", "decides: {role: crm, buy: x}}"), "unknown-key", OWNED, 8),
    (broken(OWNED, "shared: [crm, erp]", "shared: [crm, erp], conflict: {rank_after: soon}"), "wrong-shape", OWNED, 10),
    (broken(MATCH, "then: ask", "then: guess"), "wrong-shape", MATCH, 3),
    # fields
    (broken(FIELDS, "type: text", "type: txt"), "unknown-type", FIELDS, 3),
    (broken(FIELDS, ", choices: [open, won]", ""), "choices", FIELDS, 4),
    (broken(FIELDS, "refers_to: account, ", ""), "refers-to", FIELDS, 10),
    (broken(FIELDS, "refers_to: account", "refers_to: acount"), "unknown-entity", FIELDS, 10),
    (broken(FIELDS, "type: list", "type: text"), "items", FIELDS, 11),
    (broken(FIELDS, "entity: account", "entity: contact"), "wrong-entity", FIELDS, 1),
    # ownership
    (broken(OWNED, "  stage: {decides", "  stag: {decides"), "unknown-field", OWNED, 8),
    (broken(OWNED, "decides: [erp, crm]", "decides: [epr, crm]"), "unknown-role", OWNED, 7),
    (broken(OWNED, "shared: [crm, erp]", "shared: [crm, erp], decides: crm"), "one-mode", OWNED, 10),
    (broken(OWNED, "{decides: erp}", "{steward: finance}"), "one-mode", OWNED, 12),
    (broken(OWNED, "when: {stage: [won]}", "when: {stage: [wun]}"), "unknown-choice", OWNED, 5),
    (broken(OWNED, "when: {stage: [won]}", "when: {stage: won}"), "bad-condition", OWNED, 5),
    (broken(OWNED, "when: {stage: [won]}", "when: {stage: []}"), "bad-condition", OWNED, 5),
    (broken(OWNED, "when: {stage: [won]}", "when: {staage: set}"), "unknown-field", OWNED, 5),
    (broken(OWNED, "when: {stage: [won]}", "when: {epr: coupled}"), "unknown-role", OWNED, 5),
    (broken(OWNED, "when: {stage: [won]}", "when: {order: exists}"), "unknown-entity", OWNED, 5),
    (broken(OWNED, "needs: [name]", "needs: [nam]"), "unknown-field", OWNED, 5),
    (broken(OWNED, "  crm: always", "  cmr: always"), "unknown-role", OWNED, 4),
    (broken(OWNED, "decides: crm}", "decides: {from: order.state}}"), "unknown-entity", OWNED, 8),
    (broken(OWNED, "decides: crm}", "decides: {from: account.stat}}"), "unknown-field", OWNED, 8),
    (broken(OWNED, "decides: crm}", "decides: {from: account.name, table: trms}}"), "unknown-table", OWNED, 8),
    (broken(OWNED, "terms: {decides: erp}", "terms: {each: {key: a, decides: erp}}"), "each-of-no-list", OWNED, 12),
    (broken(OWNED, "key: code", "key: cod"), "unknown-field", OWNED, 15),
    (broken(OWNED, "[limit]", "[limt]"), "unknown-field", OWNED, 17),
    (broken(OWNED, "archive: {from: erp", "archive: {from: epr"), "unknown-role", OWNED, 19),
    # matching
    (broken(MATCH, "fields: [name]", "fields: [name, nme]"), "unknown-field", MATCH, 3),
    (broken(MATCH, "compare: {name: name}", "compare: {nam: name}"), "unknown-field", MATCH, 3),
    (broken(MATCH, "compare: {name: name}", "compare: {name: nam}"), "unknown-comparison", MATCH, 3),
    (broken(MATCH, "contradicts: [country]", "contradicts: [contry]"), "unknown-field", MATCH, 4),
    # maps
    (broken(CRM, "  name:", "  nmae:"), "unknown-field", CRM, 5),
    (broken(CRM, "as: text", "as: txt"), "unknown-codec", CRM, 5),
    (broken(CRM, "at: Name, as: text", "at: Name, as: email"), "codec-mismatch", CRM, 5),
    (broken(CRM, "at: Name", 'at: "Name[x"'), "bad-path", CRM, 5),
    (broken(CRM, "{at: Name, as: text}", "{as: text}"), "missing-key", CRM, 5),
    (broken(CRM, "at: Active__c", "at: Active__c."), "bad-path", CRM, 3),
    (broken(CRM, "region: country", "regoin: country"), "unknown-option", CRM, 8),
    (broken(CRM, "region: country", "region: contry"), "wrong-option", CRM, 8),
    (broken(CRM, "as: country}", "as: country, with: {as: nam}}"), "wrong-option", CRM, 7),
    (broken(CRM, "as: country}", "as: country, with: {empty: x}}"), "wrong-option", CRM, 7),
    (broken(CRM, "with: {table: terms}", "with: {table: trms}"), "unknown-table", CRM, 10),
    (broken(CRM, ", with: {table: terms}", ""), "missing-option", CRM, 10),
    (broken(CRM, "Won: won", "Won: wun"), "unknown-choice", CRM, 6),
    (broken(CRM, "Won: won", '"Won ": won'), "wrong-option", CRM, 6),
    (broken(CRM, "values: {Open: open, Won: won}", "values: [open]"), "wrong-option", CRM, 6),
    (broken(CRM, "city: City", "town: City"), "unknown-part", CRM, 9),
    (broken(CRM, "at: {street: Street, city: City}", "at: Street"), "missing-key", CRM, 9),
    (broken(CRM, "items: {code", "items: {cod"), "unknown-field", CRM, 13),
    (broken(CRM, "at: ParentId", "at: Name"), "double-path", CRM, 12),
    (broken(CRM, "{at: Limit, as: money, with: {currency: EUR}, scope: 1}",
            "[{at: A, as: money, with: {currency: EUR}}, {at: B, as: money, with: {currency: EUR}}]"),
     "double-line", CRM, 11),
    (broken(CRM, "at: {street: Street, city: City}, as: address",
            "at: {street: {at: Street, as: phone, with: {region: address.city}}}, as: address"), "option-ring", CRM, 9),
    (added("account/crm.yaml", "entity: account\nkind: A\nfields: {}\n"), "unused-map", "account/crm.yaml", 1),
    (broken(SYSTEMS, "write: on", "map: salesfroce"), "unknown-map", SYSTEMS, 2),
    (without(ERP), "no-map", SYSTEMS, 3),
    (broken(ERP, "name: {at: name, as: text}", "terms: {at: t, as: code, with: {table: terms}}"), "no-column", ERP, 4),
    # tables
    (broken(TERMS, "canonical", "ours"), "no-canonical", TERMS, 1),
    (broken(TERMS, "salesforce", "salesfroce"), "unknown-column", TERMS, 1),
    (broken(TERMS, "means", "salesforce"), "duplicate-column", TERMS, 1),
    (broken(TERMS, "net30,", "," ), "no-canonical", TERMS, 2),
    (added(TERMS, "net30,N31,\n"), "duplicate-code", TERMS, 3),
    (added(TERMS, "net31,N30,\n"), "ambiguous-code", TERMS, 3),
    (added(TERMS, "net31\n"), "bad-csv", TERMS, 3),
    (added(TERMS, "net31,a\x00b,\n"), "bad-csv", TERMS, 3),
    (added(TERMS, 'net31,"N31,\n'), "bad-csv", TERMS, 3),
    # plugins
    (added(SYSTEMS, "plugins:\n  - {package: nowhere, codecs: [iban]}\n"), "plugin-missing", SYSTEMS, 7),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "code", "file", "line"), FAULTS, ids=[f"{n}-{fault[1]}" for n, fault in enumerate(FAULTS)]
)
def test_a_fault_is_told_with_its_code_file_and_line(
    tmp_path: Path, files: dict[str, str], code: str, file: str, line: int
) -> None:
    told = complaints(tmp_path, files)
    assert (code, file, line) in {(one.code, one.file, one.line) for one in told}
    assert all(str(one).isprintable() for one in told)


def test_one_fault_is_one_complaint(tmp_path: Path) -> None:
    told = complaints(tmp_path, broken(OWNED, "decides: [erp, crm]", "decides: [epr, crm]"))
    assert [str(one) for one in told] == [
        "account/ownership.yaml:7: no role is called `epr` — did you mean `erp`? [unknown-role]"
    ]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    files = {
        **broken(FIELDS, "class: personal", "class: secret"),
        SYSTEMS: SOUND[SYSTEMS].replace("write: on", "wrote: on"),
        CRM: SOUND[CRM].replace("as: text", "sa: text", 1).replace("kind: Account", "knid: Account"),
        TERMS: "a,b\n",
    }
    told = [(one.file, one.line, one.code) for one in complaints(tmp_path, files)]
    assert told == [
        (FIELDS, 6, "wrong-shape"),
        (CRM, 1, "missing-key"),
        (CRM, 2, "unknown-key"),
        (CRM, 5, "unknown-key"),
        (CRM, 10, "no-column"),
        (TERMS, 1, "no-canonical"),
        (TERMS, 1, "unknown-column"),
        (TERMS, 1, "unknown-column"),
        (SYSTEMS, 2, "unknown-key"),
    ]


BESIDE = [  # one fault for each file of the book
    (broken(OWNED, "name: {decides: [erp, crm]}", "name: {decides: [erpp, crm]}"), "unknown-role", OWNED, 7),
    (broken(MATCH, "contradicts: [country]", "contradicts: [contry]"), "unknown-field", MATCH, 4),
    (broken(ERP, "as: text", "as: txt"), "unknown-codec", ERP, 4),
]
HIDES_ALL = {("missing-file", SYSTEMS), ("too-large", CRM)}  # without systems there is no book to read


@pytest.mark.parametrize(("files", "code", "file", "line"), FAULTS)
def test_no_fault_hides_one_of_another_file(
    tmp_path: Path, files: dict[str, str], code: str, file: str, line: int
) -> None:
    changed = {name for name in {*files, *SOUND} if files.get(name) != SOUND.get(name)}
    for other, code_beside, file_beside, line_beside in BESIDE:
        if file_beside in changed or (code, file) in HIDES_ALL:
            continue
        (folder := tmp_path / code_beside).mkdir()
        both = {**files, file_beside: other[file_beside]}
        told = {(one.code, one.file, one.line) for one in complaints(folder, both)}
        hides = (file == FIELDS and code.startswith("yaml")) or (code, file) == ("missing-file", FIELDS)
        if hides and code_beside == "unknown-field":
            continue  # which fields there are, nobody knows then
        assert {(code, file, line), (code_beside, file_beside, line_beside)} <= told


def test_a_folder_that_is_none_is_one_complaint(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="is no folder"):
        load_book(tmp_path / "nowhere")


WHENS: list[tuple[str, tuple[Clause, ...]]] = [
    ("{stage: [won]}", (Clause(Asks.IN, "stage", ("won",)),)),
    ("{name: set}", (Clause(Asks.SET, "name"),)),
    ("{name: unset, erp: coupled}", (Clause(Asks.UNSET, "name"), Clause(Asks.COUPLED, "erp"))),
    ("{shop: uncoupled}", (Clause(Asks.UNCOUPLED, "shop"),)),
    ("{account: exists}", (Clause(Asks.EXISTS, "account"),)),
    ("{account: missing}", (Clause(Asks.MISSING, "account"),)),
    ('{scope: ["100", 200]}', (Clause(Asks.SCOPE, "scope", ("100", "200")),)),
    ("{name: [NO, on, 7]}", (Clause(Asks.IN, "name", ("NO", "on", "7")),)),
]


@pytest.mark.parametrize(("said", "clauses"), WHENS, ids=[said for said, _ in WHENS])
def test_a_condition_is_read_by_what_is_asked(tmp_path: Path, said: str, clauses: tuple[Clause, ...]) -> None:
    book = loaded(tmp_path, broken(OWNED, "when: {stage: [won]}", f"when: {said}"))
    assert book.entities["account"].ownership.create["erp"].when.clauses == clauses


SENTENCES: list[tuple[str, dict[str, Any]]] = [
    ("{decides: crm}", {"mode": Mode.DECIDES, "roles": ("crm",)}),
    ("{decides: {role: crm, by: desk}}", {"mode": Mode.DECIDES, "roles": ("crm",), "by": "desk"}),
    ("{issued_by: erp}", {"mode": Mode.ISSUED, "roles": ("erp",)}),
    (
        "{decides: {from: account.name, table: terms}}",
        {"mode": Mode.BORROWED, "borrowed": Borrowed("account", "name", "terms")},
    ),
    (
        "{shared: [crm], conflict: {rank_after: 3d}}",
        {"conflict": Conflict.RANK_AFTER, "conflict_after": timedelta(days=3)},
    ),
    ("{decides: crm, blank: keep, steward: it}", {"keep_on_blank": True, "steward": "it"}),
]


@pytest.mark.parametrize(("said", "told"), SENTENCES, ids=[said for said, _ in SENTENCES])
def test_a_sentence_says_who_decides(tmp_path: Path, said: str, told: dict[str, Any]) -> None:
    book = loaded(tmp_path, broken(OWNED, "terms: {decides: erp}", f"terms: {said}"))
    (rule,) = book.entities["account"].ownership.rules["terms"]
    assert {name: getattr(rule, name) for name in told} == told


def test_sentences_are_tried_in_their_order(tmp_path: Path) -> None:
    said = "terms:\n    - {when: {stage: [won]}, decides: erp}\n    - {decides: crm}"
    book = loaded(tmp_path, broken(OWNED, "terms: {decides: erp}", said))
    first, last = book.entities["account"].ownership.rules["terms"]
    assert (first.roles, last.roles) == (("erp",), ("crm",))
    assert (first.where.line, last.where.line) == (13, 14)


def test_one_map_serves_every_system_of_its_connector(tmp_path: Path) -> None:
    more = "  crm_eu: {role: crm, connector: salesforce, rank: 1}\n"
    book = loaded(tmp_path, broken(SYSTEMS, "guards", more + "guards"))
    maps = book.entities["account"].maps
    assert (maps["crm_eu"].system, maps["crm_eu"].map) == ("crm_eu", "salesforce")
    assert replace(maps["crm_eu"], system="crm") == maps["crm"]
    assert book.systems_of("crm") == ("crm", "crm_eu")


def test_a_system_is_served_by_the_map_it_names(tmp_path: Path) -> None:
    files = {**broken(SYSTEMS, "write: on", "map: plain"), "account/plain.yaml": SOUND[ERP].replace("party", "Firm")}
    assert loaded(tmp_path, files).entities["account"].maps["crm"].kind == "Firm"


def test_a_system_may_have_codes_of_its_own_beside_its_maps(tmp_path: Path) -> None:
    files = {**SOUND, TERMS: "canonical,salesforce,crm\nnet30,N30,dreissig\n"}
    book = loaded(tmp_path, files)
    assert reader_of(book, "account", "crm")({"Terms": "dreissig"}).values == {"terms": "net30"}
    assert reader_of(book, "account", "crm")({"Terms": "N30"}).gaps[0].code == "N30"


@pytest.mark.parametrize("parted_by", [";", "\t"])
def test_a_table_saved_by_any_spreadsheet_is_read(tmp_path: Path, parted_by: str) -> None:
    text = "\ufeff" + SOUND[TERMS].replace(",", parted_by).replace("\n", "\r\n")
    assert loaded(tmp_path, {**SOUND, TERMS: text}).tables["terms"].encode == {"salesforce": {"net30": "N30"}}


def test_a_field_that_another_leans_on_is_read_first(tmp_path: Path) -> None:
    lines = SOUND[CRM].splitlines(keepends=True)
    turned = "".join([*lines[:4], lines[7], lines[6], *lines[4:6], *lines[8:]])
    kind_map = loaded(tmp_path, {**SOUND, CRM: turned}).entities["account"].maps["crm"]
    order = [line.field for line in kind_map.lines]
    assert order.index("country") < order.index("phone")


def test_entities_that_the_items_of_a_list_refer_to_come_first(tmp_path: Path) -> None:
    items = "      code: {type: text, means: The code.}\n"
    told = items + "      visit: {type: reference, refers_to: visit, means: The last one.}\n"
    files = {**SOUND, FIELDS: SOUND[FIELDS].replace(items, told)}
    files["visit/fields.yaml"] = "entity: visit\nfields:\n  day: {type: date, means: When.}\n"
    files["visit/ownership.yaml"] = "entity: visit\nfields:\n  day: {decides: crm}\n"
    assert list(loaded(tmp_path, files).entities) == ["visit", "account"]


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    first = loaded(tmp_path / "a", SOUND).version
    assert loaded(tmp_path / "b", SOUND).version == first
    assert loaded(tmp_path / "c", added(TERMS, "net60,N60,\n")).version != first
    assert loaded(tmp_path / "d", added(OWNED, "# a remark\n")).version != first


def test_several_places_of_one_value_go_to_its_codec(tmp_path: Path) -> None:
    files = {
        **broken(FIELDS, "name: {type: text", "name: {type: person_name"),
        CRM: SOUND[CRM].replace("{at: Name, as: text}", "{at: {first: First, last: Last}, as: person_name}"),
        ERP: SOUND[ERP].replace("as: text", "as: person_name"),
    }
    book = loaded(tmp_path, files)
    line = next(line for line in book.entities["account"].maps["crm"].lines if line.field == "name")
    assert [(place.field, place.at) for place in line.lines] == [("first", "First"), ("last", "Last")]
    assert reader_of(book, "account", "crm")({"First": "Ada", "Last": "Lovelace"}).values == {"name": "Ada Lovelace"}


def test_every_type_of_field_has_its_codec_or_shape(tmp_path: Path) -> None:
    book = loaded(tmp_path, SOUND)
    assert all(isinstance(line, Line) for line in book.entities["account"].maps["crm"].lines)
    assert {spec.type for spec in book.entities["account"].fields.values()} <= set(CODECS) | {"address", "list"}
    assert book.codecs == {}
    assert set(CODECS) >= {"text", "tax_id", "phone", "email", "money"}
