"""Claims, baselines, match keys, tombstones."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from connectors.contract import RecordRef
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import Agreed
from sync_pipelines.model.records import Seen
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, agreed, at, claim, coupling, crm, erp, statements_of


def test_a_landed_claim_comes_back_as_it_went_in(ledger: Ledger) -> None:
    said = claim(crm("1"), name="Ünï 株式会社", phone=None, vip=False, rank=0, ship_to=[{"code": "a", "lines": []}])
    said = replace(said, changed_at=NOW, editor="order desk")
    ledger.land([said])
    assert ledger.claims_at(ACCOUNT, [crm("1")]) == [said]


def test_a_moment_of_another_time_zone_is_kept_as_the_same_moment(ledger: Ledger) -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    ledger.land([replace(claim(crm("1")), changed_at=shanghai)])
    assert ledger.claims_at(ACCOUNT, [crm("1")])[0].changed_at == NOW


def test_landing_replaces_what_a_record_says_and_leaves_baseline_and_coupling(ledger: Ledger) -> None:
    ledger.land([claim(crm("1"), name="old", phone="1")])
    ledger.couple([coupling(crm("1"), "a1", primary=False)])
    ledger.agree([(crm("1"), ACCOUNT, "", agreed(name="old"))])
    ledger.land([replace(claim(crm("1"), name="new"), entity_id="other", baseline=agreed(name="new"))])
    (found,) = ledger.claims_of(ACCOUNT, ["a1"])["a1"]
    assert (found.values, found.baseline) == ({"name": "new"}, agreed(name="old"))
    assert (found.entity_id, found.primary) == ("a1", False)


def test_one_record_speaks_for_two_entities_and_two_scopes(ledger: Ledger) -> None:
    contact = claim(crm("1"), entity="contact")
    first, second = claim(crm("1"), scope="100"), claim(crm("1"), scope="200")
    ledger.land([second, contact, first])
    assert ledger.claims_at(ACCOUNT, [crm("1")]) == [first, second]
    assert ledger.claims_at("contact", [crm("1")]) == [contact]


def test_seen_tells_the_oldest_map_version_of_a_record_and_nothing_of_the_unknown(ledger: Ledger) -> None:
    newer = replace(claim(crm("1"), entity="contact"), map_version="m2", changed_at=NOW)
    ledger.land([newer, replace(claim(crm("1")), changed_at=NOW), claim(erp("1"))])
    assert ledger.seen("crm", "Account", ["1", "2", "1"]) == {"1": Seen("h", "1", "m1", NOW)}


def test_a_record_that_is_gone_is_seen_as_gone(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), claim(crm("1"), entity="contact"), claim(crm("2"))])
    ledger.bury([crm("1")], NOW)
    assert [seen.gone for seen in ledger.seen("crm", "Account", ["1", "2"]).values()] == [True, False]


SAID = ("h", "1", at(5))


@pytest.mark.parametrize(
    "other",
    [
        {"payload_hash": "i"},
        {"version": "2"},
        {"changed_at": at(6)},
        {"changed_at": None},
        {"map_version": "m2"},
        {"gone": True},
        {"payload_hash": "h\n1", "version": ""},
    ],
)
def test_only_what_was_landed_exactly_so_is_alike(ledger: Ledger, other: dict[str, Any]) -> None:
    known = replace(claim(crm("1")), changed_at=at(5))
    ledger.land([known, replace(known, ref=crm("2"), **other)])
    assert ledger.unlike("crm", "Account", "m1", {"3": SAID, "2": SAID, "1": SAID}) == ["3", "2"]
    assert ledger.unlike("erp", "Account", "m1", {"1": SAID}) == ["1"]


def test_a_stamp_is_compared_to_the_microsecond(ledger: Ledger) -> None:
    fine = at(5) + timedelta(microseconds=120_300)
    ledger.land([replace(claim(crm("1")), changed_at=fine)])
    assert ledger.unlike("crm", "Account", "m1", {"1": ("h", "1", fine)}) == []
    assert ledger.unlike("crm", "Account", "m1", {"1": SAID}) == ["1"]


@pytest.mark.parametrize("version", ['W/"1"', "a\\b", "ä中", "\n\t\x01", "'"])
def test_a_version_may_hold_any_sign(ledger: Ledger, version: str) -> None:
    ledger.land([replace(claim(crm("1")), version=version)])
    assert ledger.unlike("crm", "Account", "m1", {"1": ("h", version, None)}) == []


def test_a_record_without_a_stamp_is_alike_without_one(ledger: Ledger) -> None:
    ledger.land([claim(crm("1"))])
    assert ledger.unlike("crm", "Account", "m1", {"1": ("h", "1", None)}) == []


def test_one_of_two_claims_of_a_record_that_was_read_by_another_map_makes_it_unlike(ledger: Ledger) -> None:
    known = replace(claim(crm("1")), changed_at=at(5))
    ledger.land([known, replace(known, entity="contact", map_version="m0")])
    assert ledger.unlike("crm", "Account", "m1", {"1": SAID}) == ["1"]


@pytest.mark.parametrize("then", ["land", "restamp", "bury"])
def test_an_imprint_holds_until_its_record_is_landed_anew(ledger: Ledger, then: str) -> None:
    ledger.land([claim(crm("1")), claim(crm("1"), entity="contact"), claim(crm("2"))])
    ledger.imprint("crm", "Account", {"1": "i1", "2": "i2", "unknown": "i3"})
    asked = {"1": "i1", "2": "other", "3": "i3"}
    assert set(ledger.unlike_imprints("crm", "Account", "m1", asked)) == {"2", "3"}
    assert set(ledger.unlike_imprints("crm", "Account", "m2", asked)) == {"1", "2", "3"}
    if then == "land":
        ledger.land([claim(crm("1"), entity="contact")])
    elif then == "restamp":
        ledger.restamp("crm", "Account", {"1": ("2", at(5))})
    else:
        ledger.bury([crm("1")], at(5))
    assert set(ledger.unlike_imprints("crm", "Account", "m1", asked)) == {"1", "2", "3"}


def test_restamping_moves_version_and_stamp_and_nothing_else(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), claim(crm("1"), entity="contact"), claim(crm("2"))])
    ledger.restamp("crm", "Account", {"1": ("2", at(5)), "unknown": ("3", None)})
    moved = replace(claim(crm("1")), version="2", changed_at=at(5))
    assert ledger.claims_at(ACCOUNT, [crm("1"), crm("2"), crm("unknown")]) == [moved, claim(crm("2"))]
    assert ledger.claims_at("contact", [crm("1")])[0].version == "2"


def test_the_buried_are_gone_keep_their_coupling_and_leave_a_tombstone(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), claim(crm("2"))])
    ledger.couple([coupling(crm("1"), "a1")])
    ledger.bury([crm("1"), crm("never landed")], NOW)
    assert [found.gone for found in ledger.claims_of(ACCOUNT, ["a1"])["a1"]] == [True]
    assert ledger.record_ids("crm", "Account") == ["2"]
    assert ledger.record_ids("crm", "Account", gone=True) == ["1"]
    assert [(tomb.ref, tomb.at) for tomb in ledger.tombstones("crm", "Account")] == [
        (crm("1"), NOW),
        (crm("never landed"), NOW),
    ]


def test_who_comes_back_has_no_tombstone(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), claim(crm("2"))])
    ledger.bury([crm("1"), crm("2")], NOW)
    ledger.bury([crm("1")], NOW, gone=False)
    ledger.land([claim(crm("2"))])
    assert ledger.record_ids("crm", "Account") == ["1", "2"]
    assert ledger.tombstones("crm", "Account") == []


@pytest.mark.parametrize("size", [1, 2, 10])
def test_record_ids_come_in_pages(ledger: Ledger, size: int) -> None:
    ledger.land([claim(crm(each)) for each in ("10", "2", "é")])
    ledger.bury([crm("2")], NOW)
    pages = list(ledger.record_id_pages("crm", "Account", size))
    assert [each for page in pages for each in page] == ["10", "é"]
    assert max(map(len, pages)) <= size


def test_record_ids_are_of_one_kind_each_once_and_in_order(ledger: Ledger) -> None:
    other = RecordRef("crm", "Contact", "3")
    ledger.land([claim(crm("2")), claim(crm("10")), claim(crm("10"), entity="contact"), claim(other), claim(crm("é"))])
    assert ledger.record_ids("crm", "Account") == ["10", "2", "é"]


def test_order_is_by_code_point_whatever_the_database_speaks(ledger: Ledger) -> None:
    ids = ["Z", "a", "B", "ä", "_", "-", "0", "中", "A a", "A-a", "\U0001f600"]
    ledger.land([claim(crm(record_id)) for record_id in ids])
    assert ledger.record_ids("crm", "Account") == sorted(ids)


def test_claims_of_answers_for_every_entity_that_was_asked_for(ledger: Ledger) -> None:
    ledger.land([claim(erp("7")), claim(crm("1")), claim(crm("2"))])
    ledger.couple([coupling(erp("7"), "a1"), coupling(crm("1"), "a1"), coupling(crm("2"), "a1", primary=False)])
    ledger.couple([coupling(erp("never landed"), "a2")])
    found = ledger.claims_of(ACCOUNT, ["a3", "a2", "a1", "a1"])
    assert {entity_id: [each.ref for each in claims] for entity_id, claims in found.items()} == {
        "a1": [crm("1"), crm("2"), erp("7")],
        "a2": [],
        "a3": [],
    }
    assert list(found) == ["a1", "a2", "a3"]


def test_uncoupled_are_the_living_claims_of_nobody(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), claim(crm("2")), claim(crm("3")), claim(crm("3"), scope="100")])
    ledger.land([claim(crm("4"), entity="contact")])
    ledger.couple([coupling(crm("1"), "a1"), coupling(crm("3"), "a3", scope="100")])
    ledger.bury([crm("2")], NOW)
    assert ledger.uncoupled(ACCOUNT) == [claim(crm("3"))]


def test_agreements_merge_key_by_key_and_need_no_claim_yet(ledger: Ledger) -> None:
    ledger.agree([(crm("1"), ACCOUNT, "", agreed(name="A", phone="1")), (crm("1"), ACCOUNT, "", agreed(phone="2"))])
    ledger.agree([(crm("1"), ACCOUNT, "", {"name": Agreed(sent="B", stored=None, own=True)})])
    ledger.agree([(crm("1"), ACCOUNT, "100", agreed(name="of another scope"))])
    ledger.land([claim(crm("1"))])
    assert ledger.claims_at(ACCOUNT, [crm("1")])[0].baseline == {
        "name": Agreed(sent="B", stored=None, own=True),
        "phone": Agreed("2", "2"),
    }


def test_forgotten_baselines_are_those_of_the_named_entities(ledger: Ledger) -> None:
    for number in ("1", "2"):
        ledger.land([claim(crm(number))])
        ledger.couple([coupling(crm(number), f"a{number}")])
        ledger.agree([(crm(number), ACCOUNT, "", agreed(name="A"))])
    ledger.forget_baselines(ACCOUNT, ["a1"])
    assert [each.baseline for each in ledger.claims_at(ACCOUNT, [crm("1"), crm("2")])] == [{}, agreed(name="A")]


def test_keys_find_the_living_coupled_or_not(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), claim(crm("2")), claim(erp("7")), claim(erp("8"))])
    ledger.couple([coupling(erp("7"), "a1")])
    ledger.bury([crm("2")], NOW)
    ledger.index_keys(ACCOUNT, [(ref, "", ["tax:1"]) for ref in (erp("7"), crm("1"), crm("2"), crm("never landed"))])
    ledger.index_keys(ACCOUNT, [(erp("8"), "", ["tax:2", "name:x"])])
    found = ledger.find_keys(ACCOUNT, ["tax:2", "tax:1", "tax:3"])
    assert {key: [(each.ref, each.entity_id) for each in claims] for key, claims in found.items()} == {
        "tax:1": [(crm("1"), ""), (erp("7"), "a1")],
        "tax:2": [(erp("8"), "")],
        "tax:3": [],
    }
    assert ledger.find_keys("contact", ["tax:1"]) == {"tax:1": []}


def test_who_bears_a_key_is_told_in_order_living_or_not(ledger: Ledger) -> None:
    ledger.land([claim(crm("2")), claim(crm("1")), claim(crm("1"), scope="100")])
    ledger.bury([crm("2")], NOW)
    ledger.index_keys(ACCOUNT, [(crm(each), "", ["tax:1", "名称"]) for each in ("2", "1")])
    ledger.index_keys(ACCOUNT, [(crm("1"), "100", ["tax:1"])])
    ledger.index_keys("contact", [(crm("3"), "", ["tax:1"])])
    assert ledger.bearers(ACCOUNT, ["名称", "tax:1", "tax:2"]) == {
        "tax:1": [(crm("1"), ""), (crm("1"), "100"), (crm("2"), "")],
        "tax:2": [],
        "名称": [(crm("1"), ""), (crm("2"), "")],
    }


def test_the_stamp_of_a_living_claim_changes_with_what_it_says_and_names_its_entity(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), replace(claim(crm("1")), scope="100"), claim(crm("2")), claim(crm("3"))])
    ledger.couple([coupling(crm("1"), "a1")])
    ledger.bury([crm("3")], NOW)
    before = ledger.stamps(ACCOUNT, {crm("1"), crm("2"), crm("3"), crm("4")})
    assert [(place, home) for place, (home, _) in before.items()] == [
        ((crm("1"), ""), "a1"),
        ((crm("1"), "100"), ""),
        ((crm("2"), ""), ""),
    ]
    ledger.land([replace(claim(crm("1")), payload_hash="other"), replace(claim(crm("2")), map_version="other")])
    after = ledger.stamps(ACCOUNT, [crm("1"), crm("2")])
    assert [place for place in after if after[place] != before[place]] == [(crm("1"), ""), (crm("2"), "")]
    assert ledger.stamps("contact", [crm("1")]) == {}


def test_a_key_is_crowded_that_more_bear_than_may(ledger: Ledger) -> None:
    refs = [crm(str(number)) for number in range(5)]
    ledger.land([claim(ref) for ref in refs])
    ledger.bury(refs[:1], NOW)
    ledger.index_keys(ACCOUNT, [(ref, "", ["all", "some"][: 2 if ref in refs[2:] else 1]) for ref in refs])
    ledger.index_keys("contact", [(ref, "", ["some"]) for ref in refs])
    assert ledger.crowded_keys(ACCOUNT, ["all", "some", "none", "all"], 4) == {"all"}
    assert ledger.crowded_keys(ACCOUNT, ["all", "some"], 2) == {"all", "some"}
    assert ledger.crowded_keys(ACCOUNT, ["all", "some"], 5) == set()
    assert ledger.crowded_keys("contact", ["some", "all"], 4) == {"some"}


@pytest.mark.parametrize("key", ['a "quoted" one', "名称", "a\\b", "%_'"])
def test_a_crowded_key_may_be_spelt_with_any_letters(ledger: Ledger, key: str) -> None:
    ledger.index_keys(ACCOUNT, [(crm("1"), "", [key]), (crm("2"), "", [key])])
    assert ledger.crowded_keys(ACCOUNT, [key], 1) == {key}


def test_indexing_again_replaces_the_keys_of_that_claim_only(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), claim(crm("1"), scope="100"), claim(crm("2"))])
    ledger.index_keys(ACCOUNT, [(crm("1"), "", ["a", "b"]), (crm("1"), "100", ["a"]), (crm("2"), "", ["a"])])
    ledger.index_keys(ACCOUNT, [(crm("1"), "", ["b", "c"])])
    found = ledger.find_keys(ACCOUNT, ["a", "b", "c"])
    assert {key: [(each.ref.id, each.scope) for each in claims] for key, claims in found.items()} == {
        "a": [("1", "100"), ("2", "")],
        "b": [("1", "")],
        "c": [("1", "")],
    }
    ledger.index_keys(ACCOUNT, [(crm("1"), "", [])])
    assert ledger.find_keys(ACCOUNT, ["b"]) == {"b": []}


def test_long_lists_are_cut_and_answered_in_order(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_pipelines.ledger.sql._LONGEST_LIST", 100)
    ids = [f"{number:06d}" for number in range(1_234)]
    ledger.land([claim(crm(record_id), name="x") for record_id in reversed(ids)])
    ledger.couple([coupling(crm(record_id), f"a{record_id}") for record_id in ids])
    assert list(ledger.seen("crm", "Account", ids)) == ids
    assert [each.ref.id for each in ledger.claims_at(ACCOUNT, [crm(record_id) for record_id in ids])] == ids
    assert [claims[0].ref.id for claims in ledger.claims_of(ACCOUNT, [f"a{i}" for i in ids]).values()] == ids
    ledger.uncouple(ACCOUNT, [crm(record_id) for record_id in ids[1:]])
    assert ledger.entity_ids(ACCOUNT) == ["a000000"]


@pytest.mark.slow
def test_lists_are_cut_before_the_database_has_too_many_parameters(ledger: Ledger) -> None:
    ids = [f"{number:06d}" for number in range(70_000)]
    ledger.attend(ACCOUNT, ids)
    assert ledger.seen("crm", "Account", ids) == {}
    ledger.settle(ACCOUNT, ids[1:])
    assert ledger.attended(ACCOUNT) == ["000000"]


def test_strangers_are_told_a_part_at_a_time_and_no_record_is_cut_in_two(ledger: Ledger) -> None:
    refs = [crm("1"), crm("2"), crm("3"), erp("1"), erp("2")]
    ledger.land([claim(ref, scope=scope) for ref in refs for scope in ("100", "200")])
    ledger.couple([coupling(crm("2"), "a2", scope="100"), coupling(crm("2"), "a2", scope="200")])
    told, after = [], None
    while part := ledger.uncoupled(ACCOUNT, after, 3):
        told.append([(each.ref, each.scope) for each in part])
        after = part[-1].ref
    assert told == [[(ref, "100"), (ref, "200")] for ref in refs if ref != crm("2")]
    assert ledger.uncoupled(ACCOUNT, crm("3"), 10) == ledger.uncoupled(ACCOUNT)[4:]


def test_nothing_asked_is_nothing_answered(ledger: Ledger) -> None:
    ledger.land([claim(crm("1"))])
    ledger.land([])
    ledger.agree([])
    ledger.index_keys(ACCOUNT, [])
    assert ledger.seen("crm", "Account", []) == {}
    assert ledger.claims_at(ACCOUNT, []) == []
    assert ledger.claims_of(ACCOUNT, []) == {}
    assert ledger.find_keys(ACCOUNT, []) == {}
    assert ledger.bearers(ACCOUNT, []) == {}
    assert ledger.stamps(ACCOUNT, []) == {}
    assert ledger.crowded_keys(ACCOUNT, [], 0) == set()


def test_keys_of_many_claims_are_replaced_in_few_statements(ledger: Ledger) -> None:
    refs = [crm(f"{number:04d}") for number in range(300)]
    ledger.land([claim(ref) for ref in refs])
    ledger.index_keys(ACCOUNT, [(ref, "", [f"old:{ref.id}", "all"]) for ref in refs])
    with statements_of(ledger) as said:
        ledger.index_keys(ACCOUNT, [(ref, "", [f"new:{ref.id}", "all"]) for ref in refs])
    assert len(said) < 10
    assert ledger.find_keys(ACCOUNT, ["old:0000", "old:0299"]) == {"old:0000": [], "old:0299": []}
    found = ledger.find_keys(ACCOUNT, ["new:0299", "all"])
    assert [len(claims) for claims in found.values()] == [300, 1]
