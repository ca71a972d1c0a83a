"""Weights from people's verdicts: they get better where the book's are bad, and stay where there is little to learn."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations, islice, product
from pathlib import Path
from statistics import mean
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.contract import RecordRef
from mappings.loading import BUNDLED, load_book
from mappings.loading.rewriting import with_weights
from mappings.matching import Scoring, Weighed
from sync_pipelines.cli import run
from sync_pipelines.commands.beginning import copy_book
from sync_pipelines.commands.office import Office
from sync_pipelines.identity import learning
from sync_pipelines.identity.evidence import Frequencies
from sync_pipelines.identity.learning import LEAST, Error, Example, Learned, learn, one_sided, too_few, weighed_by
from sync_pipelines.identity.scoring import ASK, prepare, score
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import Claim
from sync_pipelines.settings import Place
from sync_pipelines.simulation.customers.stream import customers
from sync_pipelines.simulation.customers.truth import Appearance

BOOK = load_book(BUNDLED).entities["account"].matching.scoring or Scoring()
MISLED = replace(BOOK, fields={**BOOK.fields, "phone": Weighed("phone", {"same": 0.5, "different": -6})})


def verdicts(families: int) -> Iterator[tuple[Appearance, Appearance, bool]]:
    """What somebody would say who knows: of the records of one customer, and of those of its relations."""
    for _, some in _families(families):
        for (one, mine), (other, yours) in combinations([(c, a) for c in some for a in c.appearances], 2):
            if mine.entity == yours.entity == "account" and mine.system != yours.system:
                yield mine, yours, one.id == other.id


def _families(count: int) -> Iterator[tuple[int, list[Any]]]:
    known: dict[int, list[Any]] = {}
    for customer in customers(41, count):
        known.setdefault(customer.family, []).append(customer)
    yield from known.items()


def examples(families: int, scoring: Scoring = BOOK) -> list[Example]:
    return [
        Example(prepare(one.values, scoring), prepare(two.values, scoring), is_one)
        for one, two, is_one in verdicts(families)
    ]


def test_a_weight_that_misleads_is_learned_better() -> None:
    learned = learn(examples(150, MISLED), MISLED)
    assert learned.is_better
    assert learned.after.surprise < learned.before.surprise
    assert learned.after.asked < learned.before.asked
    phone = learned.weights["phone"]
    assert phone["same"] > 1
    assert phone["different"] > -5


def test_fewer_verdicts_move_a_weight_less() -> None:
    few, many = learn(examples(25, MISLED), MISLED), learn(examples(300, MISLED), MISLED)
    moved = [abs(one.weights.get("phone", {}).get("different", -6) + 6) for one in (few, many)]
    assert moved[0] < moved[1]


def test_the_same_verdicts_give_the_same_weights() -> None:
    assert learn(examples(40), BOOK) == learn(examples(40), BOOK)


def test_the_error_is_measured_on_what_was_not_learned_from() -> None:
    """Verdicts by the toss of a coin cannot be learned: whoever measures on what was learned from would find a gain."""
    told = examples(60)
    tossed = [replace(one, is_one=(turn * 7919) % 13 < 6) for turn, one in enumerate(told)]
    learned = learn(tossed, BOOK)
    assert learned.after.wrong + learned.after.missed > 0.35 * (learned.after.of - learned.after.asked)
    assert learned.after.surprise > 1  # bit, which is what a coin tells
    assert not learned.is_better


def test_what_a_verdict_is_held_against_was_never_fitted_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told, seen = examples(60), list[int]()

    def fitted(rows: Sequence[Any], start: Any) -> Any:
        seen.append(len(rows))
        return real(rows, start)

    real = learning._fitted
    monkeypatch.setattr(learning, "_fitted", fitted)
    learned = learn(told, BOOK)
    assert learned.after.of == len(told)
    assert sum(len(told) - few for few in seen[:-1]) == len(told)
    assert seen[-1] == len(told)


TAKEN = Error(of=100, linked=40, wrong=1, asked=20, missed=5, surprise=0.3)


@pytest.mark.parametrize(
    ("changed", "is_better"),
    [
        ({"asked": 19}, True),
        ({"missed": 4, "surprise": 0.2}, True),
        ({"wrong": 0}, True),
        ({"surprise": 0.1}, False),  # better by rank, and nobody is asked less for it
        ({"asked": 10, "wrong": 2}, False),
        ({"asked": 21, "missed": 0}, False),
        ({"wrong": 0, "missed": 6}, False),
        ({"asked": 10, "surprise": 0.4}, False),
    ],
)
def test_weights_are_better_that_are_so_at_the_thresholds_and_worse_in_nothing(
    changed: dict[str, Any], *, is_better: bool
) -> None:
    assert Learned({"name": {"same": 8.0}}, TAKEN, replace(TAKEN, **changed)).is_better is is_better


def test_what_is_learned_keeps_to_the_scale_of_the_book() -> None:
    """Answers about doubtful pairs of which nearly all are one move no sum as a whole: for that there is an offset."""
    told = [one for one in examples(150) if one.is_one]
    weights = learn([*told, *(one for one in examples(150) if not one.is_one)][: len(told) + 30], BOOK).weights
    learned = weighed_by(BOOK, weights)
    sums = [[score(one.one, one.two, by, Frequencies()).total for one in told] for by in (BOOK, learned)]
    assert abs(mean(sums[1]) - mean(sums[0])) < 1


def test_answers_about_doubtful_pairs_alone_are_too_one_sided_to_judge_by() -> None:
    told = examples(150)
    doubtful = [one for one in told if score(one.one, one.two, BOOK, Frequencies()).decision(BOOK) == ASK]
    assert one_sided(doubtful, BOOK) == f"{LEAST} more that are one, {LEAST} more that are two"
    assert one_sided(told, BOOK) == ""


def test_a_branch_is_no_weight() -> None:
    assert "branch" not in learn(examples(150, MISLED), MISLED).weights.get("name", {})


@pytest.mark.parametrize(
    ("ones", "twos", "says"),
    [
        (LEAST, LEAST, ""),
        (LEAST - 1, LEAST, "1 more that two are one"),
        (0, 3, f"{LEAST} more that two are one, {LEAST - 3} more that two are two"),
    ],
)
def test_too_few_verdicts_are_refused_with_how_many_are_missing(ones: int, twos: int, says: str) -> None:
    assert too_few([Example({}, {}, turn < ones) for turn in range(ones + twos)]) == says


# --- the file ---------------------------------------------------------------------------------------------------------

FLOW = """# ours
entity: account
score:
  link: 14   # agreed in May
  fields: {name: company, phone: {as: phone, weights: {close: 2}}}  # all we have
contradicts: [tax_id]
"""
BLOCK = """entity: account
score:
  fields:
    name: company     # as registered
    phone:
      as: phone
      weights: {close: 2}
    tax_id: tax_id    # where there is one
"""


@pytest.mark.parametrize("text", [FLOW, BLOCK])
def test_only_what_changes_is_written_anew_and_comments_stay(text: str) -> None:
    scoring = Scoring({"name": Weighed("company"), "phone": Weighed("phone", {"close": 2})})
    written = with_weights(text, scoring, {"phone": {"same": 4.5}, "name": {"same": 8}})
    assert "{as: phone, weights: {close: 2, same: 4.5}}" in written
    assert "name: {as: company, weights: {same: 8}}" in written
    assert [
        line for line in text.splitlines() if "name" not in line and "phone" not in line and "close" not in line
    ] == [line for line in written.splitlines() if "name" not in line and "phone" not in line and "close" not in line]
    assert all(comment in written for comment in ("# agreed in May", "# all we have") if comment in text)
    assert all(comment in written for comment in ("# as registered", "# where there is one") if comment in text)


def test_a_file_without_a_score_is_not_written() -> None:
    with pytest.raises(ValueError, match="no `score`"):
        with_weights("entity: account\nlevels: []\n", BOOK, {"phone": {"same": 4.5}})


# --- the command ------------------------------------------------------------------------------------------------------

Train = Callable[..., tuple[int, Any]]


@pytest.fixture
def house(tmp_path: Path) -> tuple[Office, Path, list[str]]:
    """A book that is misled, a ledger with records, and lines of verdicts about them."""
    folder = tmp_path / "book"
    copy_book(BUNDLED, folder)
    path = folder / "account" / "matching.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("phone: phone", "phone: {as: phone, weights: {same: 0.5, different: -6}}"), "utf-8")
    ledger, lines = MemoryLedger(), []
    for one, two, is_one in islice(verdicts(150), 400):
        for each in (one, two):
            ledger.land([Claim(_ref(each), "account", each.values)])
        lines.append(f"{_ref(one)},{_ref(two)},{'link' if is_one else 'apart'}")

    @contextmanager
    def open_house() -> Iterator[Any]:
        yield SimpleNamespace(ledger=ledger)

    office = Office(
        open_house=open_house, read_book=lambda: load_book(folder), place=lambda: Place(folder, "sqlite://"), width=100
    )
    return office, path, lines


def _ref(one: Appearance) -> RecordRef:
    return RecordRef(one.system, "Account", one.record)


def trained(house: tuple[Office, Path, list[str]], lines: list[str], *more: str) -> int:
    path = house[1].parents[1].parent / "verdicts.csv"
    path.write_text("\n".join(["one,two,verdict", *lines]), encoding="utf-8")
    return run(["match", "train", "--verdicts", str(path), *more], house[0])


def test_nothing_is_written_without_being_told_to(
    house: tuple[Office, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    before = house[1].read_text(encoding="utf-8")
    assert trained(house, house[2]) == 0
    said = capsys.readouterr().out
    assert "of the book" in said
    assert "    phone: {as: phone, weights: {" in said
    assert house[1].read_text(encoding="utf-8") == before


def test_what_was_learned_is_written_when_told_to_and_the_next_time_there_is_less_to_learn(
    house: tuple[Office, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(house, house[2], "--write", "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert load_book(house[1].parents[1]).entities["account"].matching.scoring is not None
    trained(house, house[2], "--json")
    second = json.loads(capsys.readouterr().out)
    assert second["before"]["surprise"] < first["before"]["surprise"]
    assert "# " in house[1].read_text(encoding="utf-8")


def test_doubtful_pairs_alone_are_refused_with_what_is_missing(
    house: tuple[Office, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    scoring = load_book(house[1].parents[1]).entities["account"].matching.scoring or Scoring()
    doubtful = [
        line
        for line, (one, two, _) in zip(house[2], islice(verdicts(150), 400), strict=True)
        if score(prepare(one.values, scoring), prepare(two.values, scoring), scoring, Frequencies()).decision(scoring)
        == ASK
    ]
    assert trained(house, doubtful * 5) == 2
    said = capsys.readouterr().err
    assert "nearly all of doubtful pairs: they cannot tell what other weights make" in said
    assert f"Needed: {LEAST} more that are one, {LEAST} more that are two, which the book decides" in said


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["crm/Account/x,erp/Account/y,link"], "no account is known by `crm/Account/x`"),
        (["crm-7,erp/Account/y,link"], "`crm-7` should read like crm/Account/001"),
        (["crm/Account/x,erp/Account/y,perhaps"], "`link` or `apart` should stand here"),
        ([], "0 verdicts about account: too few to learn from. Needed: 25 more that two are one"),
    ],
)
def test_whatever_is_wrong_with_the_verdicts_is_one_line(
    house: tuple[Office, Path, list[str]], lines: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(house, lines) == 2
    assert says in capsys.readouterr().err


def test_the_bundled_book_is_left_alone(
    house: tuple[Office, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    office = replace(house[0], place=lambda: Place(BUNDLED, "sqlite://"))
    assert trained((office, *house[1:]), house[2], "--write") == 2
    assert "concordat init" in capsys.readouterr().err


def test_a_table_called_by_its_path_is_matched_as_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in product(("a.csv", "b.csv"), ["id,name,phone\n1,Acme Werkzeugbau GmbH,+49 221 998877\n"]):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run(["match", "--json", str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]) == 0
    assert json.loads(capsys.readouterr().out)["linked"] == 1
