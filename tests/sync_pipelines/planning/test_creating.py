"""Where a record is made, and why it is not."""

from typing import Any

import pytest

from mappings.ownership import Clause, CreateRule, Pool, TakesPart, When
from mappings.ownership import Test as Asks
from mappings.values import Value
from sync_pipelines.model.changes import Op
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim
from sync_pipelines.model.early import Stage
from sync_pipelines.planning.target import Links, Target
from tests.sync_pipelines.planning.desks import desk, golden, plan, record, spec, target, told, waits

WON = When((Clause(Asks.IN, "stage", ("won",)),))
ALWAYS = CreateRule("erp", allowed=True)
ACME = {"name": "Acme", "tax_id": "T1", "stage": "won"}


def made(create: CreateRule = ALWAYS, *, targets: tuple[Target, ...] = (), **more: Any) -> list[str]:
    """The systems in which the account that the CRM knows is made."""
    values: dict[str, Value] = more.pop("values", ACME)
    at = desk(
        spec([create], takes_part=more.pop("takes_part", None)), *(targets or (target("crm"), target("erp"))), **more
    )
    return [change.system for change in plan(at, record("crm", **values)).changes if change.op is Op.CREATE]


@pytest.mark.parametrize(
    ("create", "values", "systems"),
    [
        (ALWAYS, ACME, ["erp"]),
        (CreateRule("erp", allowed=False), ACME, []),
        (CreateRule("shop", allowed=True), ACME, []),  # nothing is said of the ERP: never
        (CreateRule("erp", allowed=True, when=WON), ACME, ["erp"]),
        (CreateRule("erp", allowed=True, when=WON), {**ACME, "stage": "open"}, []),
        (CreateRule("erp", allowed=True, needs=("tax_id",)), ACME, ["erp"]),
        (CreateRule("erp", allowed=True, needs=("tax_id",)), {**ACME, "tax_id": None}, []),
        (CreateRule("erp", allowed=True, needs=("tax_id",)), {"name": "Acme"}, []),
        (CreateRule("erp", allowed=True, needs=("tax_id",)), {**ACME, "tax_id": "0"}, ["erp"]),
    ],
)
def test_never_always_or_when_and_with_what(create: CreateRule, values: dict[str, Value], systems: list[str]) -> None:
    assert made(create, values=values) == systems


ANONYMOUS = When((Clause(Asks.UNSET, "tax_id"),))
POOLED = CreateRule("erp", allowed=True, pool=Pool(ANONYMOUS, {"name": "Web"}))


@pytest.mark.parametrize(
    ("claims", "about", "systems", "stage"),
    [
        ([record("crm", name="Anna", tax_id=None)], {}, [], Stage.POOLED),
        ([record("crm", name="Anna", tax_id="T1")], {}, ["erp"], None),
        ([record("crm", name="Anna"), record("erp", name="Anna")], {}, [], None),  # it has its own there
        ([record("crm", name="Anna")], {"doubtful": frozenset({("e1", "erp")})}, [], None),  # or may have
        ([record("crm", name="Anna")], {"making": frozenset({("e1", "erp")})}, [], None),  # or is about to
        ([record("crm", name="Anna")], {"coupled": {"e1": frozenset({"erp"})}}, [], None),
        ([record("crm", name="Anna")], {"pools": {"erp": ""}}, [], Stage.POOLED),
        ([record("crm", name="Anna")], {"pools": {"erp": "it is not there"}}, [], Stage.POOLED),
    ],
)
def test_one_whom_a_pool_serves_has_no_record_of_its_own_made(
    claims: list[Claim], about: dict[str, Any], systems: list[str], stage: Stage | None
) -> None:
    found = plan(desk(spec([POOLED]), target("crm"), target("erp"), **about), *claims)
    assert [change.system for change in found.changes if change.op is Op.CREATE] == systems
    assert [early.stage for early in found.early] == ([stage] if stage else [])
    wrong = about.get("pools", {}).get("erp", "")
    assert [lack.says for early in found.early for lack in early.lacks] == ([wrong] if wrong else [])
    assert (wrong in [why for _, _, why in waits(found)]) is bool(wrong)


@pytest.mark.parametrize(
    ("about", "systems"),
    [
        ({}, ["erp"]),
        ({"coupled": {"e1": frozenset({"erp"})}}, []),  # a record there, alive or gone
        ({"coupled": {"e2": frozenset({"erp"})}}, ["erp"]),
        ({"making": frozenset({("e1", "erp")})}, []),  # a create whose outcome is not known
        ({"making": frozenset({("e2", "erp"), ("e1", "shop")})}, ["erp"]),
        ({"doubtful": frozenset({("e1", "erp")})}, []),  # it may be there already
        ({"doubtful": frozenset({("e1", "shop")})}, ["erp"]),
        ({"frozen": frozenset({"e1"})}, []),
        ({"targets": (target("crm"), target("erp", creates=False))}, []),
        ({"takes_part": TakesPart(WON)}, ["erp"]),
        ({"takes_part": TakesPart(When((Clause(Asks.IN, "stage", ("open",)),)))}, []),
    ],
)
def test_what_stands_in_the_way(about: dict[str, Any], systems: list[str]) -> None:
    assert made(**about) == systems


def test_what_is_waited_for_is_said_once_and_the_entity_stays_in_view() -> None:
    create = CreateRule("erp", allowed=True, needs=("tax_id", "account"))
    made_ = plan(desk(spec([create]), target("erp")), record("crm", name="Acme"))
    assert waits(made_) == [("erp", "", "it waits for tax_id, account")]
    assert not made_.decision.settled


def test_a_doubtful_create_says_that_it_waits_for_an_answer_and_stays_in_view() -> None:
    at = desk(spec([ALWAYS]), target("erp"), doubtful=frozenset({("e1", "erp")}))
    made_ = plan(at, record("crm", name="Acme"))
    assert waits(made_) == [("erp", "", "a possible match there waits for an answer")]
    assert not made_.decision.settled


def test_a_needed_reference_is_waited_for_until_it_has_a_record_there() -> None:
    create = CreateRule("erp", allowed=True, needs=("account",))
    claim = record("crm", name="Anna", account="a1")
    assert waits(plan(desk(spec([create]), target("erp")), claim)) == [("erp", "", "it waits for account")]
    links = Links({"account": "account"}, {("erp", "account", "a1"): "C-1"})
    assert told(plan(desk(spec([create]), target("erp"), links=links), claim))[0][:2] == ("create", "erp")


def test_a_reference_that_is_not_needed_is_left_out_until_it_can_be_written() -> None:
    made_ = plan(desk(spec([ALWAYS]), target("erp")), record("crm", name="Anna", account="a1"))
    assert told(made_) == [("create", "erp", {"name": "Anna"})]


def test_what_is_made_holds_all_that_is_agreed_and_kept_there_and_no_blanks() -> None:
    kept = {"name": "always", "tax_id": "create", "stage": "never"}
    claim = record("crm", name="Acme", tax_id="T1", stage="won", limit=None)
    (change,) = plan(desk(spec([ALWAYS]), target("erp", fields=kept)), claim).changes
    assert {key: f.new for key, f in change.fields.items()} == {"name": "Acme", "tax_id": "T1"}
    assert (change.create_key, change.record_id, change.version) == ("e1", "", "")


def test_nothing_is_made_for_what_is_out_of_use_or_has_no_record_left() -> None:
    out = Claim(
        record("crm").ref,
        "account",
        {"name": "Acme", ARCHIVED: True},
        baseline={ARCHIVED: Agreed(sent=True, stored=True)},
    )
    assert plan(desk(spec([ALWAYS]), target("erp")), out).changes == []
    gone = record("crm", name="Acme", gone=True)
    assert plan(desk(spec([ALWAYS]), target("erp")), gone, known=golden(name="Acme")).changes == []


# --- several systems in one role --------------------------------------------------------------------------------------

CRM = CreateRule("crm", allowed=True)


def crms(*targets: Target, coupled: tuple[str, ...] = (), create: CreateRule = CRM) -> list[str]:
    """Which CRMs get an account that the ERP knows."""
    at = desk(spec([create]), *targets, target("erp"), coupled={"e1": frozenset(coupled)})
    made_ = plan(at, record("erp", name="Acme", **{"limit@100": "5"}))
    return [change.system for change in made_.changes if change.op is Op.CREATE]


@pytest.mark.parametrize(
    ("targets", "coupled", "systems"),
    [
        ((target("crm"), target("crm2")), (), ["crm"]),  # by rank
        ((target("crm"), target("crm2")), ("crm2",), []),  # a colleague keeps it already
        ((target("crm"), target("crm2")), ("crm",), []),
        ((target("crm", creates=False), target("crm2")), (), ["crm2"]),  # the first who can
        # each for its own companies
        ((target("crm", scopes=frozenset({"100"})), target("crm2", scopes=frozenset({"200"}))), (), ["crm", "crm2"]),
        ((target("crm", scopes=frozenset({"100"})), target("crm2", scopes=frozenset({"200"}))), ("crm",), ["crm2"]),
        ((target("crm", scopes=frozenset({"100"})), target("crm2", scopes=frozenset({"100"}))), (), ["crm"]),
        ((target("crm", scopes=frozenset({"100"})), target("crm2", scopes=frozenset({"100"}))), ("crm2",), []),
        ((target("crm"), target("crm2", scopes=frozenset({"100"}))), (), ["crm"]),
        ((target("crm"), target("crm2", scopes=frozenset({"100"}))), ("crm2",), []),
    ],
)
def test_which_of_several_systems_of_one_role(
    targets: tuple[Target, ...], coupled: tuple[str, ...], systems: list[str]
) -> None:
    assert crms(*targets, coupled=coupled) == systems


def test_a_condition_on_the_company_chooses_among_them() -> None:
    only = CreateRule("crm", allowed=True, when=When((Clause(Asks.SCOPE, "", ("200",)),)))
    split = (target("crm", scopes=frozenset({"100"})), target("crm2", scopes=frozenset({"200"})))
    assert crms(*split, create=only) == ["crm2"]


def test_what_is_made_holds_only_the_companies_it_keeps() -> None:
    split = (target("crm", scopes=frozenset({"100"})), target("crm2", scopes=frozenset({"200"})))
    at = desk(spec([CRM]), *split, target("erp"))
    made_ = plan(at, record("erp", name="Acme", **{"limit@100": "5", "limit@200": "7"}))
    assert told(made_) == [
        ("create", "crm", {"name": "Acme", "limit@100": "5"}),
        ("create", "crm2", {"name": "Acme", "limit@200": "7"}),
    ]
