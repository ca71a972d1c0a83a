"""What a record has agreed to after a write: spelled in its own way, cut, or not shown."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Written
from sync_pipelines.model.changes import FieldChange
from sync_pipelines.model.claims import ARCHIVED, Agreed, Stance
from tests.sync_pipelines.applying.bench import Bench, archive, create, update


@pytest.fixture
def bench() -> Bench:
    return Bench()


def _with(result: Written, **more: Any) -> Written:
    return replace(result, record=replace(result.record, payload={**result.record.payload, **more}))


def test_the_baseline_of_a_write_is_what_was_sent_and_how_it_is_spelled_there(bench: Bench) -> None:
    bench.stands("C1", "e1", name="Acme")
    bench.systems["erp"].answers = [lambda done: [_with(done[0], name="BORG")]]
    bench.apply(update("k1", "C1", "e1", "Acme", "Borg"))
    assert bench.claim("C1").baseline["name"] == Agreed("Borg", "BORG")
    assert bench.claim("C1").stance("name") is Stance.REST


@pytest.mark.parametrize(
    ("sent", "said", "agreed", "told"),
    [
        ("Acme Handels GmbH", "Acme Han", "Acme Han", "the system took name and kept the first 8 of 17 signs of it"),
        ("Acme Handels GmbH", "ACME HAN", "ACME HAN", "the system took name and kept the first 8 of 17 signs of it"),
        ("Café Ünï", "CAF", "CAF", "the system took name and kept the first 3 of 8 signs of it"),
        ("Acme Inc.", "Acme Inc", "Acme Inc.", ""),  # spelled otherwise
        ("Straße 1", "STRASSE 1", "Straße 1", ""),
        ("Acme ", "Acme", "Acme ", ""),
        ("Acme", "Borg", "Acme", ""),
    ],
)
def test_a_text_that_a_system_cuts_is_told_and_waits_to_be_sent_anew(
    bench: Bench, sent: str, said: str, agreed: str, told: str
) -> None:
    bench.stands("C1", "e1", name="Old")
    bench.systems["erp"].answers = [lambda done: [_with(done[0], name=said)]]
    bench.apply(update("k1", "C1", "e1", "Old", sent))
    claim = bench.claim("C1")
    assert claim.baseline["name"] == Agreed(agreed, said)
    assert claim.stance("name") is Stance.REST, "what is left of it is nobody's edit"
    assert claim.holds("name", sent) is not bool(told), "it is wanted there still"
    assert [entry.says for entry in bench.ledger.quarantined()] == ([told] if told else [])


@pytest.mark.parametrize(
    ("touched", "baseline", "stance"),
    [(False, Agreed("Borg", "Typed"), Stance.REST), (True, Agreed("Borg", "Borg"), Stance.MOVED)],
)
def test_what_somebody_typed_before_we_looked_at_our_write_is_an_edit_and_no_spelling_of_it(
    bench: Bench, baseline: Agreed, stance: Stance, *, touched: bool
) -> None:
    bench.stands("C1", "e1", name="Acme")
    bench.systems["erp"].answers = [lambda done: [replace(_with(done[0], name="Typed"), touched=touched)]]
    bench.apply(update("k1", "C1", "e1", "Acme", "Borg"))
    assert bench.states() == {"k1": "done"}
    assert bench.claim("C1").baseline["name"] == baseline
    assert bench.claim("C1").stance("name") is stance


@pytest.mark.parametrize(
    ("said", "stance"), [("BORG", Stance.REST), ("Borg.", Stance.REST), ("Typed", Stance.MOVED), ("", Stance.MOVED)]
)
def test_what_is_sent_twice_and_becomes_the_same_letters_twice_is_spelled_so_there_whoever_touches_it(
    bench: Bench, said: str, stance: Stance
) -> None:
    """A robot of the vendor's touches each record after us, and the system shouts: no echo without end."""
    bench.stands("C1", "e1", name="Acme")
    bench.systems["erp"].answers = [lambda done: [replace(_with(done[0], name=said), touched=True)]] * 2
    bench.apply(update("k1", "C1", "e1", "Acme", "Borg"))
    assert bench.claim("C1").stance("name") is Stance.MOVED
    bench.systems["erp"].rows["C1"]["name"] = said
    bench.apply(replace(update("k2", "C1", "e1", said, "Borg"), plan="p2"), plan="p2")
    assert bench.states() == {"k1": "done", "k2": "done"}
    assert bench.claim("C1").stance("name") is stance


@pytest.mark.parametrize(("touched", "stance"), [(False, Stance.REST), (True, Stance.MOVED)])
def test_who_is_taken_into_use_again_before_we_looked_at_our_archive_is_back(
    bench: Bench, stance: Stance, *, touched: bool
) -> None:
    bench.stands("C1", "e1", name="Acme")
    bench.systems["erp"].answers = [lambda done: [replace(_with(done[0], Active=True), touched=touched)]]
    bench.apply(archive("k1", "C1", "e1"))
    assert bench.claim("C1").stance(ARCHIVED) is stance


def test_an_amount_that_a_system_rounds_is_a_spelling_and_no_cut_text(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda done: [_with(done[0], credit_limit="100.5")]]
    bench.apply(create("k1", "e1", name="Acme", credit_limit="100.55"))
    assert bench.claim("C1").baseline["credit_limit"] == Agreed("100.55", "100.5")
    assert bench.ledger.quarantined() == []


def test_a_date_that_comes_back_shorter_and_reads_the_same_is_no_cut_text(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda done: [_with(done[0], name="Acme", Since="2026-01-01")]]
    made = create("k1", "e1", name="Acme")
    bench.apply(replace(made, payload={**made.payload, "Since": "2026-01-01T00:00:00"}))
    assert bench.ledger.quarantined() == []


def test_what_is_cut_where_nobody_can_name_the_systems_field_is_not_sent_again_and_again(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda done: [_with(done[0], name="Ac")]]
    made = create("k1", "e1", name="Acme")
    bench.apply(replace(made, payload={"Whole": {"name": "Acme"}}))
    assert bench.claim("C1").holds("name", "Acme")


@pytest.mark.parametrize("made", [True, False])
def test_what_the_record_does_not_show_is_agreed_as_we_wrote_it_and_was_not_seen(bench: Bench, *, made: bool) -> None:
    bench.stands("C1", "e1", name="Acme")
    bench.systems["erp"].answers = [lambda done: [_without_name(done[0])]]
    bench.apply(create("k1", "e2", name="Borg") if made else update("k1", "C1", "e1", "Acme", "Borg"))
    claim = bench.claim("C2" if made else "C1")
    assert claim.baseline["name"] == Agreed("Borg", "Borg", shown=False)
    assert claim.stance("name") is Stance.SILENT


def test_what_is_of_another_company_is_no_matter_of_a_record_that_does_not_show_it(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda done: [_with(done[0], Scope="100")]]
    made = create("k1", "e1", name="Acme")
    limits = {f"credit_limit@{scope}": FieldChange(None, "5") for scope in ("100", "200")}
    bench.apply(replace(made, fields={**made.fields, **limits}))
    assert sorted(bench.claim("C1").baseline) == ["credit_limit@100", "name"]


def _without_name(result: Written) -> Written:
    shown = {name: value for name, value in result.record.payload.items() if name != "name"}
    return replace(result, record=replace(result.record, payload=shown))
