"""The customers are believable, their truth is consistent, and a seed means the same everywhere."""

import subprocess
import sys
from collections import Counter, defaultdict
from importlib import import_module
from itertools import islice

import phonenumbers
import pytest

from mappings.book import FieldSpec
from mappings.canonical import canonical
from mappings.codecs_ids import canonical_tax_id
from mappings.loading.loader import load_book
from sync_pipelines.settings import BUNDLED_BOOK
from sync_pipelines.simulation.customers import (
    DISTORTIONS,
    NOTHING_WRONG,
    Appearance,
    Customer,
    customers,
    family_of,
    same,
    words,
    words_chinese,
)

VALID = {"DE": "de.vat", "CN": "cn.uscc", "US": "us.ein", "GB": "gb.vat", "FR": "fr.tva", "NL": "nl.btw"}
SOME = list(customers(7, 3000))
TRUTH = {one.id: one for one in SOME}
APPEARANCES = [(customer, one) for customer in SOME for one in customer.appearances]
PROVIDERS = {provider for providers in words.FREE_MAIL.values() for provider in providers}


def numbers_of(customer: Customer) -> list[str]:
    said = [customer.values, *(one.values for one in customer.appearances)]
    return [str(values[key]) for values in said for key in ("phone", "mobile") if values.get(key)]


# --- a seed ----------------------------------------------------------------------------------------------------------


def test_a_family_is_the_same_whichever_were_made_before_it() -> None:
    assert [one for one in SOME if one.family == 1234] == family_of(7, 1234)
    assert list(customers(7, 2, first=1234)) == [*family_of(7, 1234), *family_of(7, 1235)]


def test_another_seed_makes_others() -> None:
    ours, others = ({one.values["name"] for one in customers(seed, 200)} for seed in (7, 8))
    assert len(ours & others) < len(ours) / 10


def test_the_stream_has_no_end_of_its_own() -> None:
    assert len(list(islice(customers(7), 9000))) == 9000


@pytest.mark.slow
def test_the_same_seed_makes_the_same_in_another_process_with_another_hash_seed() -> None:
    asked = (
        "from hashlib import sha256; from sync_pipelines.simulation.customers import customers;"
        "print(sha256(repr(list(customers(7, 300))).encode()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", asked], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


# --- truth -----------------------------------------------------------------------------------------------------------


def test_no_id_and_no_record_of_an_entity_is_there_twice() -> None:
    assert max(Counter(one.id for one in SOME).values()) == 1
    records = Counter((one.system, one.entity, one.record) for _, one in APPEARANCES)
    assert records.most_common(1)[0][1] == 1


def test_every_tie_leads_to_a_customer_of_the_same_family_that_appears_somewhere() -> None:
    ties = [(one, TRUTH[tie.to]) for one in SOME for tie in one.relations]
    assert {tie.tie for one in SOME for tie in one.relations} == {"branch_of", "person_at", "holding_of"}
    assert [one.id for one, other in ties if one.family != other.family or not other.appearances] == []


def test_what_two_customers_are_to_each_other_is_told_from_either_side() -> None:
    branch = next(one for one in SOME if one.kind == "branch")
    head = TRUTH[branch.relations[0].to]
    assert same(branch, head) == same(head, branch) == "branch_of"
    assert same(head, head) == "same"
    assert same(head, next(one for one in SOME if one.family != head.family)) == ""


def test_the_plain_truth_is_told_where_nothing_is_wrong() -> None:
    untrue = [
        one.record
        for customer in customers(7, 500, profile=NOTHING_WRONG)
        for one in customer.appearances
        for key, value in one.values.items()
        if one.distortions or (key != "account" and customer.values[key] != value)
    ]
    assert untrue == []


def test_what_differs_from_the_truth_is_named() -> None:
    silent = [
        (one.record, key)
        for customer, one in APPEARANCES
        for key, value in one.values.items()
        if key != "account" and value != customer.values[key] and not one.distortions
    ]
    assert silent == []


@pytest.mark.parametrize("distortion", sorted(DISTORTIONS))
def test_every_distortion_occurs_and_does_what_it_says(distortion: str) -> None:
    found = [(customer, one) for customer, one in APPEARANCES if distortion in one.distortions]
    assert found
    changed = {
        key for customer, one in found for key in one.values if one.values[key] != customer.values.get(key, one.record)
    }
    expected = _TOUCHES.get(distortion, "name")
    assert expected in changed or distortion == "duplicate"


_TOUCHES = {
    "moved": "billing_address", "street_abbreviated": "billing_address", "address_in_part": "billing_address",
    "no_address": "billing_address", "shared_phone": "phone", "no_phone": "phone", "no_tax_id": "tax_id",
    "heads_tax_id": "tax_id", "no_website": "website", "free_mail": "email",
}  # fmt: skip


def test_nothing_that_happens_is_without_a_name() -> None:
    assert {name for _, one in APPEARANCES for name in one.distortions} == DISTORTIONS


def test_a_duplicate_is_a_second_record_in_the_same_system() -> None:
    by_place: dict[tuple[str, str], list[Appearance]] = defaultdict(list)
    for customer, one in APPEARANCES:
        if one.entity == "account":
            by_place[customer.id, one.system].append(one)
    doubled = [told for told in by_place.values() if len(told) > 1]
    assert doubled
    assert all(["duplicate" in one.distortions for one in told] == [False, True] for told in doubled)


def test_a_shops_record_of_a_firm_is_an_account_and_a_contact() -> None:
    accounts = {one.record for _, one in APPEARANCES if (one.system, one.entity) == ("shop", "account")}
    buyers = [one for _, one in APPEARANCES if (one.system, one.entity) == ("shop", "contact")]
    assert buyers
    assert {one.record for one in buyers} <= accounts
    assert {one.values["account"] == one.record for one in buyers} == {True}


# --- what they are known by ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", VALID)
def test_every_tax_id_is_valid(country: str) -> None:
    module = import_module(f"stdnum.{VALID[country]}")
    ids = [str(one.values["tax_id"]) for one in SOME if one.country == country and "tax_id" in one.values]
    assert [one for one in ids if not module.is_valid(one) or canonical_tax_id(one, country) != one] == []


def test_every_phone_number_is_valid() -> None:
    wrong = [one for customer in SOME for one in numbers_of(customer) if not _is_valid(one)]
    assert wrong == []


def _is_valid(number: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


@pytest.mark.parametrize("field", ["tax_id", "website", "phone"])
def test_no_two_firms_are_truly_known_by_the_same(field: str) -> None:
    known = Counter(one.values[field] for one in SOME if one.kind in ("firm", "holding"))
    assert [value for value, count in known.items() if count > 1] == []


def test_namesakes_are_few_and_live_in_different_cities() -> None:
    by_name = defaultdict(list)
    for one in SOME:
        if one.kind == "firm":
            by_name[one.values["name"]].append(one)
    doubled = [ones for ones in by_name.values() if len(ones) > 1]
    assert 10 < len(doubled) < 100
    near = [ones for ones in doubled if len({str(one.values["billing_address"]) for one in ones}) == 1]
    assert near == []


def test_domains_are_reserved_ones_and_free_mail_is_at_a_known_provider() -> None:
    sites = {str(one.values["website"]) for one in SOME if one.values.get("website")}
    mails = {str(one.values["email"]).partition("@")[2] for _, one in APPEARANCES if one.values.get("email")}
    assert [site for site in sites if not site.endswith(".example")] == []
    assert mails - sites <= PROVIDERS
    assert mails & PROVIDERS


def test_every_value_is_in_its_canonical_spelling() -> None:
    entities = load_book(BUNDLED_BOOK).entities
    wrong = [
        (one.record, key, value)
        for customer, one in APPEARANCES
        for key, value in one.values.items()
        if key != "account" and not _is_canonical(entities[one.entity].fields[key], value, customer.country)
    ]
    assert wrong == []


def _is_canonical(spec: FieldSpec, value: object, country: str) -> bool:
    return canonical(spec, value, country) == value


def test_traditional_script_is_letter_for_letter() -> None:
    assert len(words_chinese.TRADITIONAL) == len({*words_chinese.TRADITIONAL.values()})
    assert "东莞华宇物流有限公司".translate(words_chinese.TRADITIONAL) == "東莞華宇物流有限公司"
