"""Who is who, by equal keys: linked, asked about, or somebody new. Nobody is joined silently within one system."""

from itertools import count
from typing import Any

import pytest

from connectors.contract import RecordRef
from mappings.matching import Level, Matching
from mappings.values import Value
from sync_pipelines.identity.keys import OUR_KEY
from sync_pipelines.identity.matcher import Found, Known, match_simply
from sync_pipelines.model.claims import Claim

MATCHING = Matching(
    "account",
    (
        Level("not_ours", ("segment",), "apart"),
        Level("tax", ("tax_id",), "link"),
        Level("site", ("site",), "link"),
        Level("name", ("name",), "ask", compare={"name": "name"}),
        Level("staff", ("email", "account"), "link"),
    ),
    contradicts=("tax_id",),
)


def claim(system: str, record: str = "1", entity_id: str = "", scope: str = "", **values: Value) -> Claim:
    return Claim(RecordRef(system, "Kind", record), "account", values, scope=scope, entity_id=entity_id)


def match(*strangers: Claim, others: tuple[Claim, ...] = (), **more: Any) -> Found:
    """All others are candidates, as are the other strangers; what is coupled takes its place."""
    everybody = (*strangers, *others)
    known = Known(
        entity="account",
        candidates={one.ref: [other for other in everybody if other.ref != one.ref] for one in strangers},
        taken=frozenset((c.entity_id, c.system, c.ref.kind, c.scope) for c in others),
        references=frozenset({"account"}),
        steward="sally",
        **more,
    )
    ids = count(1)
    return match_simply(MATCHING, strangers, known, lambda: f"new{next(ids)}")


def who(found: Found) -> dict[str, tuple[str, str]]:
    """By system and record: (entity, because)."""
    return {f"{c.ref.system}{c.ref.id}": (c.entity_id, c.because) for c in found.couplings}


ACME = claim("crm", entity_id="e1", tax_id="T1", site="acme", name="Acme", segment="a")


@pytest.mark.parametrize(
    ("values", "entity_id", "because", "asks"),
    [
        ({"tax_id": "T1", "name": "Other"}, "e1", "tax", False),
        ({"site": "acme"}, "e1", "site", False),
        ({"name": "ACME!"}, "new1", "new", True),
        ({"name": "Other"}, "new1", "new", False),
        ({}, "new1", "new", False),
        ({"tax_id": "T2", "site": "acme", "name": "Acme"}, "new1", "new", False),  # a contradiction forbids it all
        ({"tax_id": None, "site": "acme"}, "e1", "site", False),  # nothing said contradicts nothing
        ({"segment": "a", "name": "Acme"}, "new1", "new", False),  # the first level that fits counts: apart
        ({"segment": "a", "tax_id": "T1"}, "new1", "new", False),
        ({"segment": "b", "tax_id": "T1"}, "e1", "tax", False),
    ],
)
def test_a_stranger_and_one_account(values: dict[str, Any], entity_id: str, because: str, *, asks: bool) -> None:
    found = match(claim("erp", **values), others=(ACME,))
    assert who(found) == {"erp1": (entity_id, because)}
    assert bool(found.questions) is asks


def test_who_is_kept_apart_from_one_record_is_kept_apart_from_all_of_its_account() -> None:
    shop = claim("shop", entity_id="e1", tax_id="T1")
    assert who(match(claim("erp", segment="a", tax_id="T1"), others=(ACME, shop))) == {"erp1": ("new1", "new")}


def test_a_level_that_keeps_apart_is_not_heard_after_one_that_links() -> None:
    later = Matching("account", (*MATCHING.levels[1:], MATCHING.levels[0]))
    stranger = claim("erp", segment="a", tax_id="T1")
    known = Known("account", {stranger.ref: [ACME]}, frozenset({("e1", "crm", "Kind", "")}))
    assert who(match_simply(later, [stranger], known, lambda: "new1")) == {"erp1": ("e1", "tax")}


SHOP = claim("shop", entity_id="e2", name="Acme")


def test_the_strongest_level_that_speaks_links_and_the_weaker_one_is_proposed_to_be_joined() -> None:
    found = match(claim("erp", tax_id="T1", name="Acme"), others=(ACME, SHOP))
    assert who(found) == {"erp1": ("e1", "tax")}
    (question,) = found.questions
    assert (question.entity_id, question.topic, question.others) == ("e2", "match:e1", ("e1",))
    assert set(question.choices) == {"join", "apart"}
    assert question.asks == (
        "Are crm/Kind/1 and shop/Kind/1 the same account? "
        "erp/Kind/1 agrees with the one on tax_id and with the other on name."
    )
    assert [*question.evidence["records"]] == ["erp/Kind/1", "crm/Kind/1", "shop/Kind/1"]


TWO_TAX_IDS = {"e1": [ACME], "e2": [SHOP, claim("shop", "2", "e2", tax_id="T2")]}


@pytest.mark.parametrize(
    "about",
    [
        {"apart": frozenset({("e1", "e2")})},
        {"apart": frozenset({("crm/Kind/1", "shop/Kind/1")}), "members": {"e1": [ACME], "e2": [SHOP]}},
        {"asked": frozenset({("e1", "e2"), ("e2", "e1")})},
        {"members": TWO_TAX_IDS},
    ],
)
def test_what_a_person_keeps_apart_is_asked_already_or_contradicts_is_not_proposed(about: dict[str, Any]) -> None:
    found = match(claim("erp", tax_id="T1", name="Acme"), others=(ACME, SHOP), **about)
    assert (who(found), found.questions) == ({"erp1": ("e1", "tax")}, [])


def test_two_newcomers_that_bridge_the_same_two_propose_it_once() -> None:
    found = match(claim("erp", tax_id="T1", name="Acme"), claim("old", tax_id="T1", name="Acme"), others=(ACME, SHOP))
    assert [q.topic for q in found.questions] == ["match:e1"]


def test_several_candidates_are_one_question_and_never_a_guess() -> None:
    shop = claim("shop", entity_id="e2", tax_id="T1")
    found = match(claim("erp", tax_id="T1"), others=(ACME, shop))
    assert who(found) == {"erp1": ("new1", "new")}
    (question,) = found.questions
    assert (question.topic, question.others) == ("match:e1+e2", ("e1", "e2"))
    assert question.evidence["others"] == {"crm": "e1", "shop": "e2"}
    assert question.choices == {
        "crm": "it is crm/Kind/1, and no other one",
        "shop": "it is shop/Kind/1, and no other one",
        "join": "all of them are one account",
        "apart": "it is none of them, and stays so",
    }


def test_candidates_of_one_system_are_named_by_their_records_and_not_joined_where_they_are_kept_apart() -> None:
    twin = claim("crm", "2", "e2", tax_id="T1")
    found = match(claim("erp", tax_id="T1"), others=(ACME, twin), apart=frozenset({("e1", "e2")}))
    (question,) = found.questions
    assert [*question.choices] == ["crm/Kind/1", "crm/Kind/2", "apart"]


def test_two_records_of_one_account_are_one_candidate() -> None:
    shop = claim("shop", entity_id="e1", tax_id="T1")
    assert who(match(claim("erp", tax_id="T1"), others=(ACME, shop))) == {"erp1": ("e1", "tax")}


def test_a_contradiction_with_any_record_of_an_account_forbids_the_link() -> None:
    blank = claim("crm", entity_id="e1", site="acme")  # found by its site; its tax id stands in another system
    elsewhere = claim("shop", entity_id="e1", tax_id="T9")
    found = match(claim("erp", site="acme", tax_id="T1"), others=(blank,), members={"e1": [blank, elsewhere]})
    assert who(found) == {"erp1": ("new1", "new")}


def test_a_contradiction_with_a_stranger_that_was_just_linked_forbids_it_too() -> None:
    blank = claim("crm", entity_id="e1", site="acme")
    found = match(claim("erp", site="acme", tax_id="T1"), claim("shop", site="acme", tax_id="T2"), others=(blank,))
    assert who(found) == {"erp1": ("e1", "site"), "shop1": ("new1", "new")}


def test_a_twin_in_the_same_system_is_a_question() -> None:
    found = match(claim("crm", "2", tax_id="T1"), others=(ACME,))
    assert who(found) == {"crm2": ("new1", "new")}
    (question,) = found.questions
    assert (question.entity_id, question.topic, question.steward) == ("new1", "match:e1", "sally")
    assert question.evidence["other"] == "e1"
    assert set(question.evidence["records"]) == {"crm/Kind/2", "crm/Kind/1"}


def test_strangers_find_each_other_whatever_their_order() -> None:
    one, two = claim("erp", tax_id="T1"), claim("crm", tax_id="T1")
    assert who(match(one, two)) == who(match(two, one)) == {"crm1": ("new1", "new"), "erp1": ("new1", "tax")}


def test_of_two_strangers_of_one_system_the_second_is_asked_about() -> None:
    found = match(claim("crm", "1", tax_id="T1"), claim("crm", "2", tax_id="T1"))
    assert who(found) == {"crm1": ("new1", "new"), "crm2": ("new2", "new")}
    assert [q.topic for q in found.questions] == ["match:new1"]


def test_two_companies_of_one_record_are_one_entity() -> None:
    found = match(claim("erp", scope="100", tax_id="T1"), claim("erp", scope="200", tax_id="T1"))
    assert {(c.scope, c.entity_id, c.because, c.primary) for c in found.couplings} == {
        ("100", "new1", "new", True),
        ("200", "new1", "same record", True),
    }


def test_records_of_two_companies_have_a_place_each() -> None:
    known = claim("erp", "1", "e1", scope="100", tax_id="T1")
    found = match(claim("erp", "2", scope="200", tax_id="T1"), others=(known,))
    assert who(found) == {"erp2": ("e1", "tax")}


# --- kept apart -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", [("erp/Kind/1", "crm/Kind/1"), ("erp/Kind/1", "e1")])
def test_what_a_person_keeps_apart_stays_apart(pair: tuple[str, str]) -> None:
    apart = frozenset({pair, pair[::-1]})
    found = match(claim("erp", tax_id="T1"), others=(ACME,), apart=apart)
    assert who(found) == {"erp1": ("new1", "new")}
    assert found.questions == []


# --- our own key ------------------------------------------------------------------------------------------------------


def keyed(system: str, key: str, **values: Any) -> Claim:
    said: dict[str, Any] = {OUR_KEY: key, **values}
    return claim(system, **said)


@pytest.mark.parametrize(
    ("stranger", "entity_id", "because"),
    [
        (keyed("erp", "e1", name="Nobody"), "e1", "our key"),
        (keyed("erp", "e1", tax_id="T9"), "e1", "our key"),  # we made it ourselves, whatever it says by now
        (keyed("erp", "e7", name="Nobody"), "new1", "new"),  # somebody typed it in
        (keyed("erp", "", name="Nobody"), "new1", "new"),
        (keyed("shop", "e1", name="Nobody"), "new1", "new"),  # planned for the ERP, typed in elsewhere
    ],
)
def test_our_key_counts_where_we_planned_to_put_it(stranger: Claim, entity_id: str, because: str) -> None:
    found = match(stranger, others=(ACME,), ours={("erp", "e1"): "e1"})
    assert who(found) == {f"{stranger.system}1": (entity_id, because)}


def test_our_key_does_not_join_whom_a_person_parted() -> None:
    """Both bore it, and one of them left: it bears it for good."""
    bearer = keyed("erp", "e1", name="Nobody")
    parted = frozenset({(str(bearer.ref), "e1"), ("e1", str(bearer.ref))})
    found = match(bearer, others=(ACME,), ours={("erp", "e1"): "e1"}, apart=parted)
    assert who(found) == {"erp1": ("new1", "new")}


def test_a_copy_of_a_record_that_carries_our_key_is_not_the_record() -> None:
    held = claim("erp", "1", "e1", name="Acme")
    found = match(claim("erp", "2", name="Acme", **{OUR_KEY: "e1"}), others=(held,), ours={("erp", "e1"): "e1"})
    assert who(found) == {"erp2": ("new1", "new")}
    assert [q.topic for q in found.questions] == ["match:e1"]


# --- references -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("account", "entity_id"), [("a1", "e1"), ("a2", "new1"), (None, "new1")])
def test_a_reference_has_to_be_the_same_and_to_be_there(account: str | None, entity_id: str) -> None:
    anna = claim("crm", entity_id="e1", email="anna@acme", account="a1" if account else None)
    found = match(claim("erp", email="anna@acme", account=account), others=(anna,))
    assert who(found)["erp1"][0] == entity_id
