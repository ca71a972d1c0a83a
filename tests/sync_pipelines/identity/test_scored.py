"""Who is who by scores: linked where enough speaks for it, asked with reasons, and never on a name alone."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import RecordRef
from mappings.matching import Level, Matching, Scoring, Weighed
from mappings.values import Value
from sync_pipelines.identity.evidence import Frequencies
from sync_pipelines.identity.keys import match_keys, telling_keys
from sync_pipelines.identity.matcher import Found, Known, match_simply
from sync_pipelines.identity.scored import match
from sync_pipelines.identity.scoring import prepare, score
from sync_pipelines.model.claims import Claim

SCORING = Scoring(
    {
        "name": Weighed("company"),
        "address": Weighed("address"),
        "phone": Weighed("phone"),
        "site": Weighed("site"),
        "tax_id": Weighed("tax_id"),
    }
)
MATCHING = Matching("account", (Level("number", ("number",), "link"),), contradicts=("tax_id",), scoring=SCORING)
ADDRESS: Value = {"street": "Hauptstraße 12", "city": "Köln", "postal_code": "50667", "country": "DE"}
ELSEWHERE: Value = {"street": "Königsallee 3", "city": "Düsseldorf", "postal_code": "40212", "country": "DE"}
NEXT_DOOR: Value = {"street": "Hauptstraße 90", "city": "Köln", "postal_code": "50667", "country": "DE"}
IN_TOWN: Value = {"city": "Köln", "country": "DE"}


def claim(system: str, record: str = "1", entity_id: str = "", **values: Value) -> Claim:
    return Claim(RecordRef(system, "Kind", record), "account", values, entity_id=entity_id)


def found(*strangers: Claim, others: tuple[Claim, ...] = (), matching: Matching = MATCHING, **more: Any) -> Found:
    everybody = (*strangers, *others)
    known = Known(
        entity="account",
        candidates={one.ref: [other for other in everybody if other.ref != one.ref] for one in strangers},
        taken=frozenset((c.entity_id, c.system, c.ref.kind, c.scope) for c in others),
        members={c.entity_id: [o for o in others if o.entity_id == c.entity_id] for c in others},
        **more,
    )
    ids = count(1)
    return match(matching, strangers, known, lambda: f"new{next(ids)}")


ACME = claim(
    "crm", entity_id="e1", number="7", name="Acme Werkzeugbau GmbH", address=ADDRESS, phone="+49221998877",
    site="acme-wz.de", tax_id="DE136695976",
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"number": "7", "name": "Whatever"}, "link"),  # a level of the book speaks before any score
        ({"name": "ACME Werkzeugbau", "address": ADDRESS}, "link"),
        ({"name": "Acme Werkzeugbau G.m.b.H.", "phone": "0221/99 88 77"}, "link"),
        ({"name": "Acme Werkzeugbau", "site": "https://www.acme-wz.de/kontakt"}, "link"),
        ({"name": "Acme Werkzeugbau GmbH"}, "ask"),  # a name alone
        ({"name": "Acme Werkzeugbau GmbH", "address": {"country": "DE"}}, "ask"),
        ({"name": "Acme Werkzeugbau GmbH", "address": ELSEWHERE, "phone": "+49221998877"}, "link"),  # moved
        ({"name": "Acme Werkzeuge GmbH", "address": ELSEWHERE, "phone": "+49221998877"}, "ask"),  # moved, or a branch
        ({"name": "Acme Werkzeugbau GmbH", "address": ELSEWHERE}, "ask"),
        ({"name": "Acme Werkzeugbau GmbH", "address": ELSEWHERE, "phone": "+49211335577"}, "apart"),  # a namesake
        ({"name": "Acme Werkzeugbau GmbH Niederlassung Köln", "address": ADDRESS, "phone": "+49221998877"}, "ask"),
        ({"name": "Acme Werkzeugbau GmbH Niederlassung Köln", "phone": "+49221998877"}, "apart"),
        ({"name": "Acme Werkzeugbau GmbH Niederlassung Bonn", "tax_id": "DE136695976"}, "apart"),
        ({"name": "Anna Schmidt", "phone": "+49221998877"}, "apart"),  # she works there
        ({"name": "Schmidt Reisen AG", "address": ADDRESS, "phone": "+49221998877"}, "ask"),  # renamed, or one house
        ({"name": "Acme Werkzeugbau", "address": ADDRESS, "tax_id": "DE811907980"}, "apart"),
        ({"name": "Acme Werkzeugbau GmbH", "address": ELSEWHERE, "tax_id": "DE136695976"}, "link"),  # moved
        ({"name": "Other AG", "address": ELSEWHERE}, "apart"),
    ],
)
def test_a_stranger_and_one_account(values: dict[str, Any], outcome: str) -> None:
    told = found(claim("erp", **values), others=(ACME,))
    (coupling,) = told.couplings
    assert ("link" if coupling.entity_id == "e1" else "ask" if told.questions else "apart") == outcome


@pytest.mark.parametrize(
    ("mine", "yours", "outcome"),
    [
        ({"name": "Schmidt Reisen AG", "site": "acme-werkzeugbau.de"}, {"name": "Acme Werkzeugbau GmbH"}, "ask"),
        ({"name": "Acme Werkzeugbau GmbH"}, {"name": "Schmidt Reisen AG", "site": "acme-werkzeugbau.de"}, "ask"),
        ({"name": "Schmidt Reisen AG", "site": "schmidt-reisen.de"}, {"name": "Acme Werkzeugbau GmbH"}, "apart"),
        ({"name": "宁波东祥机械", "site": "haijie-ningbo.cn"}, {"name": "宁波海捷光电有限公司"}, "ask"),
        ({"name": "Schmidt Reisen AG", "site": "gmbh-data.de"}, {"name": "Data GmbH"}, "apart"),  # a word of many
    ],
)
def test_at_one_address_a_web_site_that_is_called_as_the_other_one_is_makes_a_question_and_no_link(
    mine: dict[str, Any], yours: dict[str, Any], outcome: str
) -> None:
    other = claim("crm", entity_id="e1", address=ADDRESS, **yours)
    told = found(claim("erp", address=ADDRESS, **mine), others=(other,))
    assert told.couplings[0].entity_id == "new1"
    assert ("ask" if told.questions else "apart") == outcome


@pytest.mark.parametrize(
    ("name", "is_said"),
    [
        ("Schmidt Reisen AG", True),
        ("Anna Schmidt", False),  # she works there
        ("Acme Optik GmbH", False),  # of the same group
        ("Acme Werkzeugbau Niederlassung Bonn", False),
    ],
)
def test_a_web_site_called_as_another_firm_tells_of_a_new_name_and_not_of_branches_groups_and_staff(
    name: str, *, is_said: bool
) -> None:
    one, two = {"name": name, "site": "acme-werkzeugbau.de"}, {"name": "Acme Werkzeugbau GmbH"}
    told = score(prepare(one, SCORING), prepare(two, SCORING), SCORING, Frequencies())
    assert any(reason.level == "called" for reason in told.reasons) is is_said


@pytest.mark.parametrize(
    "name", ["Acme Werkzeugbau GmbH", "宁波永泰机械有限公司", "Anna Schmidt", "A", "O'Neill & Sons plc"]
)
def test_a_name_alone_never_links(name: str) -> None:
    other = claim("crm", entity_id="e1", name=name)
    assert found(claim("erp", name=name), others=(other,)).couplings[0].entity_id == "new1"


@pytest.mark.parametrize(
    ("name", "beside", "asks"),
    [
        ("Anna Schmidt", {}, False),
        ("Schmidt, Anna", {"address": {"city": "Köln", "country": "DE"}}, False),
        ("Anna Schmidt", {"address": {"city": "Köln", "postal_code": "50667", "country": "DE"}}, True),
        ("王伟", {}, False),
        ("Only A Name GmbH", {}, True),
        ("Globex Initech", {}, True),  # two words, and none of them a given name
        ("Anna Schmidt GmbH", {}, True),
    ],
)
def test_a_persons_name_alone_asks_about_no_namesake_and_a_firms_name_does(
    name: str, beside: dict[str, Any], *, asks: bool
) -> None:
    there = tuple(claim("crm", str(n), f"e{n}", name=name, address=ADDRESS) for n in range(3))
    told = found(claim("erp", name=name, **beside), others=there[:1] if asks else there)
    assert (bool(told.questions), told.couplings[0].entity_id) == (asks, "new1")


def test_who_has_the_same_name_and_phone_elsewhere_has_moved_unless_others_bear_them_too() -> None:
    named = {"name": "Acme Werkzeugbau GmbH", "phone": "+49221998877"}
    moved = claim("erp", address=ELSEWHERE, **named)
    head = claim("crm", entity_id="e1", address=ADDRESS, **named)
    site = claim("crm", "2", "e2", address=NEXT_DOOR, **named)
    assert found(moved, others=(head,)).couplings[0].entity_id == "e1"
    told = found(moved, others=(head, site))
    assert (told.couplings[0].entity_id, len(told.questions)) == ("new1", 1)


def test_one_system_has_two_at_two_addresses_and_means_it() -> None:
    named = {"name": "Acme Werkzeugbau GmbH", "phone": "+49221998877"}
    one, two = (prepare({**named, "address": address}, SCORING) for address in (ADDRESS, ELSEWHERE))
    told = [score(one, two, SCORING, Frequencies(), within=within) for within in (False, True)]
    assert [each.decision(SCORING) for each in told] == ["link", "ask"]


def test_two_branches_in_one_street_without_a_number_are_asked_about_no_more() -> None:
    one = claim("crm", entity_id="e1", name="Acme AG Filiale Köln", address=ADDRESS)
    told = found(claim("erp", name="Acme AG Filiale Köln", address=NEXT_DOOR), others=(one,))
    assert (told.couplings[0].entity_id, told.questions) == ("new1", [])


def test_two_branches_in_one_town_with_the_number_of_their_head_are_a_question() -> None:
    one = claim("crm", entity_id="e1", name="Acme AG Filiale Bonn", address=ELSEWHERE, tax_id="DE136695976")
    two = claim("erp", name="Acme AG Filiale Bonn", address=ADDRESS, tax_id="DE136695976")
    told = found(two, others=(one,))
    assert (told.couplings[0].entity_id, len(told.questions)) == ("new1", 1)


def test_a_question_tells_what_speaks_for_and_against() -> None:
    stranger = claim("erp", name="Acme Werkzeugbauten", address=ELSEWHERE, phone="0221 998877")
    (question,) = found(stranger, others=(ACME,)).questions
    assert question.evidence["for"][0] == "phone: same phone (+7.5)"
    assert question.evidence["for"][1].startswith("name: names are")
    assert question.evidence["against"] == ["address: other address (-2.5)"]
    assert question.evidence["bars"] == ["other address: it may be a branch"]
    assert set(question.evidence["records"]) == {"erp/Kind/1", "crm/Kind/1"}


def test_two_records_of_one_system_are_never_joined_silently() -> None:
    twin = claim("crm", "2", name="Acme Werkzeugbau", address=ADDRESS, phone="+49221998877", tax_id="DE136695976")
    told = found(twin, others=(ACME,))
    assert (told.couplings[0].entity_id, len(told.questions)) == ("new1", 1)


def test_what_a_person_keeps_apart_stays_apart_whatever_the_score() -> None:
    stranger = claim("erp", name="Acme Werkzeugbau", address=ADDRESS, phone="+49221998877")
    told = found(stranger, others=(ACME,), apart=frozenset({("erp/Kind/1", "e1")}))
    assert (told.couplings[0].entity_id, told.questions) == ("new1", [])


def test_of_two_that_fit_nearly_as_well_a_person_says_which() -> None:
    other = claim("crm", "2", "e2", name="Acme Werkzeugbau GmbH", address=ADDRESS, phone="+49221998877")
    told = found(claim("erp", name="Acme Werkzeugbau", address=ADDRESS, phone="0221 998877"), others=(ACME, other))
    assert told.couplings[0].entity_id == "new1"
    assert [question.topic for question in told.questions] == ["match:e1+e2"]


def test_one_that_fits_far_better_is_linked() -> None:
    other = claim("crm", "2", "e2", name="Acme Werkzeugbau GmbH", address=ELSEWHERE)
    told = found(claim("erp", name="Acme Werkzeugbau", address=ADDRESS, phone="0221 998877"), others=(ACME, other))
    assert (told.couplings[0].entity_id, told.questions) == ("e1", [])


def test_one_that_fits_well_enough_beside_it_is_proposed_to_be_joined() -> None:
    other = claim("shop", "2", "e2", name="Acme Werkzeugbau GmbH", address=ELSEWHERE, phone="+49221998877")
    told = found(claim("erp", name="Acme Werkzeugbau", address=ADDRESS, phone="0221 998877"), others=(ACME, other))
    assert told.couplings[0].entity_id == "e1"
    assert [(question.entity_id, question.topic) for question in told.questions] == [("e2", "match:e1")]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("Acme Werkzeugbau GmbH", "link"),
        ("Renamed AG", "link"),
        ("Acme Werkzeugbau GmbH Niederlassung Bonn", "apart"),
        ("Acme Holding GmbH", "ask"),
        ("Anna Schmidt", "apart"),
    ],
)
def test_a_level_that_links_is_not_heard_where_the_names_tell_a_branch_a_head_or_a_person(
    name: str, outcome: str
) -> None:
    levels = (Level("tax", ("tax_id",), "link"),)
    told = found(
        claim("erp", name=name, tax_id="DE136695976"),
        others=(ACME,),
        matching=Matching("account", levels, scoring=SCORING),
    )
    assert ("link" if told.couplings[0].entity_id == "e1" else "ask" if told.questions else "apart") == outcome


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"name": "Acme Werkzeugbau GmbH", "address": ELSEWHERE}, "link"),  # it moved
        ({"name": "Acme", "address": ELSEWHERE}, "ask"),  # or it is a branch, by its short name
        ({"name": "Acme Werkzeug", "address": ELSEWHERE}, "ask"),
        ({"name": "Renamed AG", "address": ELSEWHERE}, "ask"),  # too little speaks for it, but the number does
        ({"name": "Renamed AG", "address": ADDRESS}, "link"),
    ],
)
def test_a_number_at_another_address_links_where_the_name_is_the_same(values: dict[str, Any], outcome: str) -> None:
    matching = Matching("account", (Level("tax", ("tax_id",), "link"),), scoring=SCORING)
    told = found(claim("erp", tax_id="DE136695976", **values), others=(ACME,), matching=matching)
    assert ("link" if told.couplings[0].entity_id == "e1" else "ask" if told.questions else "apart") == outcome


def test_a_number_that_is_not_weighed_is_heard_whatever_the_names_tell() -> None:
    told = found(claim("erp", number="7", name="Acme Werkzeugbau GmbH Niederlassung Bonn"), others=(ACME,))
    assert told.couplings[0].because == "number"


def test_a_record_of_the_entity_that_speaks_against_makes_a_link_a_question() -> None:
    branch = claim("shop", entity_id="e1", name="Acme Werkzeugbau GmbH Niederlassung Bonn", address=ELSEWHERE)
    told = found(claim("erp", name="Acme Werkzeugbau", address=ADDRESS), others=(ACME, branch))
    assert told.couplings[0].entity_id == "new1"
    assert "another record of it speaks against it" in told.questions[0].evidence["bars"]


def test_a_phone_that_many_share_says_little() -> None:
    crowd = tuple(
        claim("crm", str(place), f"e{place}", name=f"{name} AG", phone="+49221998877")
        for place, name in enumerate(["Alpha", "Brandt", "Corvus", "Delta", "Eiger", "Falke", "Greif", "Harz"], start=2)
    )
    told = found(claim("erp", name="Acme Werkzeuge", phone="+49221998877"), others=(ACME, *crowd))
    assert told.couplings[0].entity_id == "new1"
    assert "about" in told.questions[0].evidence["for"][1]


def test_of_a_value_that_too_many_share_to_be_looked_up_by_a_question_says_so() -> None:
    stranger = claim("erp", name="Acme Werkzeugbau", phone="+49221998877")
    crowded = {stranger.ref: frozenset({"~phone:21998877", "number:0"})}
    (question,) = found(stranger, others=(ACME,), crowded=crowded).questions
    assert question.evidence["for"][1] == "phone: same phone; about 100 records share it (+0.86)"
    assert question.evidence["not_looked_up"] == [
        f"{what}: more than 100 records share it" for what in ("number", "phone")
    ]


def test_a_level_whose_value_too_many_share_says_nothing() -> None:
    stranger = claim("erp", number="7", name="Other AG")
    assert found(stranger, others=(ACME,)).couplings[0].entity_id == "e1"
    (coupling,) = found(stranger, others=(ACME,), crowded={stranger.ref: frozenset({"number:7"})}).couplings
    assert coupling.because == "new; not looked up by its number: more than 100 records share it"


def test_a_value_that_the_book_says_proves_nothing_proves_nothing() -> None:
    never = Matching("account", scoring=SCORING, never={"phone": ("+49221998877",)})
    told = found(claim("erp", name="Acme Werkzeugbau", phone="+49221998877"), others=(ACME,), matching=never)
    assert told.couplings[0].entity_id == "new1"


def test_without_scores_it_is_the_matcher_by_levels() -> None:
    plain = Matching("account", MATCHING.levels)
    stranger = claim("erp", number="7", name="Acme Werkzeugbau", address=ADDRESS)
    known = Known("account", {stranger.ref: [ACME]}, frozenset())
    assert (
        match(plain, [stranger], known, lambda: "n").couplings
        == match_simply(plain, [stranger], known, lambda: "n").couplings
    )


def test_a_record_is_found_under_what_is_weighed_and_known_again_by_levels_alone() -> None:
    values = {"number": "7", "name": "Acme Werkzeugbau GmbH", "phone": "+49221998877"}
    keys = match_keys(values, MATCHING, frozenset())
    assert {"number:7", "~phone:21998877", "~company:acme"} <= set(keys)
    assert telling_keys(values, MATCHING, frozenset()) == ["number:7"]  # of one who was erased


names = st.sampled_from(
    ["Acme GmbH", "Acme AG", "Acme Werkzeugbau", "ACME", "宁波永泰机械", "Yongtai Machinery", "Anna"]
)
phones = st.sampled_from([None, "+49221998877", "0221998877", "+49221998878"])


@given(
    st.lists(st.tuples(st.sampled_from(["crm", "erp", "shop"]), names, phones), min_size=1, max_size=5), st.randoms()
)
def test_the_order_of_strangers_changes_nothing(told: list[tuple[str, str, str | None]], chance: Any) -> None:
    strangers = [claim(system, str(n), name=name, phone=phone) for n, (system, name, phone) in enumerate(told)]
    turned = list(strangers)
    chance.shuffle(turned)
    one, two = found(*strangers), found(*turned)
    assert one.couplings == two.couplings
    assert [q.topic for q in one.questions] == [q.topic for q in two.questions]


@pytest.mark.parametrize(
    ("name", "beside", "bits", "outcome"),
    [
        ("Acme Werkzeugbau", {"address": NEXT_DOOR}, 11.5, "ask"),  # a rare firm's name alone is asked about
        ("Acme Werkzeuge", {}, 6.09, "ask"),
        ("Acme Werkzeuge", {"address": IN_TOWN}, 6.59, "ask"),
        ("Acme Werkzeuge", {"address": NEXT_DOOR}, 8.59, "apart"),  # not one that differs, in another house
        ("Acme Werkzeuge", {"address": NEXT_DOOR, "tax_id": "DE136695976"}, 21.59, "ask"),  # but for a number
        ("Acme Wz", {"address": ELSEWHERE, "phone": "0221 998877"}, 4.79, "ask"),  # something beside the name speaks
        ("Acme Wz", {"address": ELSEWHERE, "phone": "0221 998872"}, -1.71, "apart"),
    ],
)
def test_what_a_question_is_worth_beside_its_sum(name: str, beside: dict[str, Any], bits: float, outcome: str) -> None:
    theirs = {"name": name} | beside
    ours = {"name": "Acme Werkzeugbau GmbH", "address": ADDRESS, "phone": "0221 998877", "tax_id": "DE136695976"}
    told = score(prepare(ours, SCORING), prepare(theirs, SCORING), SCORING, Frequencies())
    assert (told.total, told.decision(SCORING)) == (bits, outcome)
