"""What systems announce, and who may pass the gate."""

from dataclasses import replace

from connectors.contract import Hint
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import Delivery, Login, Visit
from tests.sync_pipelines.ledger.facts import NOW, at

FIRST = Delivery("crm", "d1", NOW, "customers/update", body="eyJpZCI6IDF9")


def test_a_delivery_is_kept_once_however_often_it_comes(ledger: Ledger) -> None:
    assert ledger.receive(FIRST)
    assert not ledger.receive(replace(FIRST, received_at=at(5), body="something else"))
    assert ledger.inbox() == [FIRST]


def test_two_systems_may_number_their_deliveries_alike(ledger: Ledger) -> None:
    assert ledger.receive(FIRST)
    assert ledger.receive(replace(FIRST, system="shop"))
    assert [each.system for each in ledger.inbox()] == ["crm", "shop"]


def test_the_inbox_tells_what_waits_oldest_first_and_no_more_than_asked_for(ledger: Ledger) -> None:
    for name in ("c", "a", "b"):
        ledger.receive(replace(FIRST, id=name))
    ledger.keep_deliveries([replace(FIRST, id="a", waiting=False)])
    assert [each.id for each in ledger.inbox()] == ["c", "b"]
    assert [each.id for each in ledger.inbox(1)] == ["c"]


def test_what_became_of_a_delivery_stands_beside_it(ledger: Ledger) -> None:
    ledger.receive(FIRST)
    hints = (Hint("Account", ("1", "2")), Hint("Contact"))
    noted = replace(FIRST, body="", noted_at=at(1), hints=hints, says="2 records")
    ledger.keep_deliveries([noted])
    assert ledger.inbox() == [noted]


def test_a_delivery_that_was_pruned_does_not_come_back_by_being_handled(ledger: Ledger) -> None:
    ledger.keep_deliveries([FIRST])
    assert ledger.deliveries() == []


def test_deliveries_are_told_newest_first_of_all_systems_or_of_one(ledger: Ledger) -> None:
    for system, name in (("crm", "1"), ("shop", "2"), ("crm", "3")):
        ledger.receive(Delivery(system, name, NOW))
    assert [each.id for each in ledger.deliveries()] == ["3", "2", "1"]
    assert [each.id for each in ledger.deliveries("crm", 1)] == ["3"]


def test_what_was_kept_as_it_came_is_forgotten_with_time_and_the_rest_of_it_stays(ledger: Ledger) -> None:
    for name, received_at in (("1", NOW), ("2", at(5))):
        ledger.receive(replace(FIRST, id=name, received_at=received_at))
    assert (ledger.forget_bodies(at(5)), ledger.forget_bodies(at(5))) == (1, 0)
    assert ledger.inbox() == [replace(FIRST, id="1", body=""), replace(FIRST, id="2", received_at=at(5))]


ADA = Login("ada", "viewer", "scrypt$…", NOW, NOW)


def test_logins_are_told_by_name(ledger: Ledger) -> None:
    ledger.keep_login(replace(ADA, name="eve"))
    ledger.keep_login(ADA)
    ledger.keep_login(replace(ADA, role="admin"))
    assert [(each.name, each.role) for each in ledger.logins()] == [("ada", "admin"), ("eve", "viewer")]


def test_a_new_password_or_role_ends_the_visits_of_that_login_and_of_no_other(ledger: Ledger) -> None:
    ledger.begin_visit(Visit("v1", "ada", NOW, at(60)))
    ledger.begin_visit(Visit("v2", "eve", NOW, at(60)))
    ledger.keep_login(ADA)
    assert (ledger.visit("v1"), ledger.visit("v2")) == (None, Visit("v2", "eve", NOW, at(60)))


def test_who_is_removed_is_out_at_once(ledger: Ledger) -> None:
    ledger.keep_login(ADA)
    ledger.begin_visit(Visit("v1", "ada", NOW, at(60)))
    ledger.drop_login("ada")
    assert (ledger.logins(), ledger.visit("v1")) == ([], None)


def test_a_visit_ends_when_it_is_told_to(ledger: Ledger) -> None:
    ledger.begin_visit(Visit("v1", "ada", NOW, at(60)))
    ledger.end_visit("v1")
    assert ledger.visit("v1") is None
