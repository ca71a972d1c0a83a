"""Day one: what exists is taken over as it is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mappings.matching import Level
from sync_pipelines.flow.adopting import adopt, rehearse
from sync_pipelines.flow.committing import commit_decisions
from sync_pipelines.flow.unadopted import Unadopted
from sync_pipelines.ledger.port import LedgerError
from tests.laws.little_world import LittleWorld


@pytest.fixture
def little() -> LittleWorld:
    """Two firms in each system, under names that nobody could match."""
    world = LittleWorld()
    for number in (1, 2):
        world.create("crm", Name=f"Firm {number}", Status="Open", Phone="1")
        world.create("erp", Name=f"Kunde {number}", Phone="2")
    return world


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pairs.csv"


C1, C2, E1, E2 = "Account-000001", "Account-000002", "Customer-000001", "Customer-000002"


def coupled(little: LittleWorld) -> list[set[str]]:
    ids = little.ledger.entity_ids("account")
    return sorted(
        ({c.ref.id for c in some} for some in little.ledger.couplings_of("account", ids).values()), key=sorted
    )


# --- crosswalks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (f"crm,erp\n{C1},{E2}\n{C2},{E1}\n", [{C1, E2}, {C2, E1}]),
        (f"erp,crm\n {E2} , {C1}\n", [{C1, E2}, {C2}, {E1}]),
        (f"\ufeffcrm,erp,shop\r\n{C1},{E1},\r\n", [{C1, E1}, {C2}, {E2}]),
        (f"crm,erp\n{C1},\n", [{C1}, {C2}, {E1}, {E2}]),
        ("crm,erp\n", [{C1}, {C2}, {E1}, {E2}]),
    ],
)
def test_a_crosswalk_couples_line_by_line(little: LittleWorld, path: Path, text: str, pairs: list[set[str]]) -> None:
    path.write_text(text, encoding="utf-8")
    report = adopt(little.house, "account", path)
    assert coupled(little) == pairs
    assert report.from_crosswalk == text.count("\n") - 1
    assert sum(report.known_by.values()) == sum(len(pair) - 1 for pair in pairs), "the first was taken for nobody"


@pytest.mark.parametrize(
    "text",
    [
        f'crm,erp\n="{C1}",="{E2}"\n',
        f'"=""crm""","=""erp"""\n"=""{C1}""","=""{E2}"""\n',
        f"sep=;\r\ncrm;erp\r\n{C1};{E2}\r\n",
        f"crm;erp;;\n'{C1};'{E2};;\n;;;\n",
        f"crm\terp\n{C1}\t{E2}\n",
    ],
)
def test_a_crosswalk_may_come_out_of_a_spreadsheet(little: LittleWorld, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    assert adopt(little.house, "account", path).from_crosswalk == 1
    assert coupled(little) == [{C1, E2}, {C2}, {E1}]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (
            f"crm,erp\n{C1},{E1}\nAccount-9,{E2}\n",
            3,
            "crm/Account/Account-9 is not there; correct its id, or leave it empty",
        ),
        (f"crm,erp\n{C1},{E1}\n{C1},{E2}\n", 3, f"crm/Account/{C1} stands in PATH:2 already; a record is one entity"),
        (f"crm,sap\n{C1},7\n", 1, "columns must be system names (crm, erp, shop), not sap"),
        (f"crm,\n{C1},{E1}\n", 1, "columns must be system names (crm, erp, shop), not one without a heading"),
        (f"sep=;\n\ncrm;erp\n{C1};{E1}\nnope;{E2}\n", 5, "crm/Account/nope is not there"),
        ("", 1, "columns must be system names"),
    ],
)
def test_a_crosswalk_that_is_wrong_is_refused_as_a_whole(
    little: LittleWorld, path: Path, text: str, line: int, says: str
) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError) as refusal:
        adopt(little.house, "account", path)
    assert str(refusal.value).startswith(f"{path}:{line}: ")
    assert says.replace("PATH", str(path)) in str(refusal.value)
    assert coupled(little) == []


def test_a_crosswalk_that_is_no_text_or_not_there_is_refused(little: LittleWorld, path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be read as a crosswalk"):
        adopt(little.house, "account", path)
    path.write_bytes(b"crm,erp\n\xff\xfe,1\n")
    with pytest.raises(LedgerError, match="cannot be read as a crosswalk"):
        adopt(little.house, "account", path)


def test_a_crosswalk_may_be_given_again_with_more_lines(little: LittleWorld, path: Path) -> None:
    path.write_text(f"crm,erp\n{C1},{E1}\n", encoding="utf-8")
    adopt(little.house, "account", path)
    path.write_text(f"crm,erp\n{C1},{E1}\n", encoding="utf-8")
    adopt(little.house, "account", path)
    assert {C1, E1} in coupled(little)


def test_a_crosswalk_that_contradicts_what_is_coupled_names_the_line(little: LittleWorld, path: Path) -> None:
    path.write_text(f"crm,erp\n{C1},{E1}\n{C2},{E2}\n", encoding="utf-8")
    adopt(little.house, "account", path)
    path.write_text(f"crm,erp\n{C1},{E2}\n", encoding="utf-8")
    with pytest.raises(LedgerError, match=r"pairs.csv:2: these records belong to 2 different entities already"):
        adopt(little.house, "account", path)


def test_a_second_record_for_a_place_that_is_taken_names_the_line(little: LittleWorld, path: Path) -> None:
    path.write_text(f"crm,erp\n{C1},{E1}\n", encoding="utf-8")
    adopt(little.house, "account", path)
    third = little.create("crm", Name="Firm 3", Status="Open")
    path.write_text(f"crm,erp\n,\n{third},{E1}\n", encoding="utf-8")
    with pytest.raises(LedgerError, match=r"pairs.csv:3: .*has crm/Account/Account-000001 as its first record there"):
        adopt(little.house, "account", path)


# --- what stands ------------------------------------------------------------------------------------------------------


def paired(little: LittleWorld, path: Path) -> None:
    path.write_text(f"crm,erp\n{C1},{E1}\n{C2},{E2}\n", encoding="utf-8")
    adopt(little.house, "account", path)
    adopt(little.house, "contact")


def test_differences_are_reported_by_how_they_differ_and_left_as_they_are(little: LittleWorld, path: Path) -> None:
    path.write_text(f"crm,erp\n{C1},{E1}\n{C2},{E2}\n", encoding="utf-8")
    report = adopt(little.house, "account", path)
    assert (report.shared, report.records) == (2, {"crm": 2, "erp": 2})
    assert report.fields["name"].patterns == {"erp against crm: no word in common": 2}
    assert report.fields["name"].differ == 2
    assert (report.fields["phone"].differ, report.fields["phone"].agree) == (2, 2)
    before = len(little.written())
    little.settle()
    assert [entry for entry in little.written()[before:] if "Name" in entry.key] == []
    assert [row.values["Name"] for row in little.rows("erp")] == ["Kunde 1", "Kunde 2"]


def test_the_next_edit_by_one_who_decides_ends_the_difference(little: LittleWorld, path: Path) -> None:
    paired(little, path)
    little.settle()
    little.edit("crm", C1, Name="Acme")
    little.settle()
    assert [row.values["Name"] for row in little.rows("erp")] == ["Acme", "Kunde 2"]


def test_adopting_again_takes_over_only_what_is_new(little: LittleWorld, path: Path) -> None:
    paired(little, path)
    little.edit("crm", C1, Name="Acme")
    known = little.ledger.golden_of("account", little.ledger.entity_ids("account"))
    assert adopt(little.house, "account").shared == 2
    assert little.ledger.golden_of("account", list(known)) == known
    little.settle()
    assert little.rows("erp")[0].values["Name"] == "Acme"


class PowerCutError(Exception):
    """The machine stops."""


def test_an_adoption_that_died_half_way_tells_in_the_end_what_an_undisturbed_one_tells(
    little: LittleWorld, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text(f"crm,erp\n{C1},{E1}\n{C2},{E2}\n", encoding="utf-8")
    (undisturbed,) = rehearse(little.house, ["account"], path)
    kept = []

    def dying(*told: Any) -> frozenset[str]:
        kept.append(told)
        if len(kept) > 1:
            raise PowerCutError
        return commit_decisions(*told)

    with monkeypatch.context() as patched:
        patched.setattr("sync_pipelines.flow.adopting._CHUNK", 1)
        patched.setattr("sync_pipelines.flow.adopting.commit_decisions", dying)
        with pytest.raises(PowerCutError):
            adopt(little.house, "account", path)
    again = adopt(little.house, "account")
    assert len(little.ledger.golden_of("account", little.ledger.entity_ids("account"))) == 2
    told = [(one.entities, one.shared, one.asked, one.records, one.known_by) for one in (undisturbed, again)]
    assert told[0] == told[1]
    counted = [{name: replace(f, examples={}) for name, f in one.fields.items()} for one in (undisturbed, again)]
    assert counted[0] == counted[1]


@pytest.mark.parametrize("together", [1, 2, 3, 1000])
def test_how_many_strangers_are_looked_at_together_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr("sync_pipelines.flow.adopting._STRANGERS", together)
    world = LittleWorld()
    for number in range(1, 5):
        world.create("crm", Name=f"Firm {number}", Status="Open", Tax_Id=f"t{number}" if number != 4 else None)
        world.create("erp", Name=f"Firm {number}", Tax_Id=f"t{number % 3}" if number != 4 else None)
    report = adopt(world.house, "account")
    assert [len(some) for some in coupled(world)] == [2, 2, 1, 1, 1, 1]
    assert report.asked == 1


def test_a_rehearsal_knows_people_by_their_firms_as_the_adoption_does(little: LittleWorld) -> None:
    """Both entities are taken back together, and not the firms before anybody looks at the people."""
    for system in ("crm", "erp"):
        firm = little.create(system, Name="Acme", Tax_Id="DE77")
        little.create(system, "Person", Name="Ann", Email="ann@acme.example", AccountId=firm)
    rehearsed = rehearse(little.house, ["account", "contact"])
    assert little.ledger.entity_ids("account") == []
    adopted = [adopt(little.house, entity) for entity in ("account", "contact")]
    told = [[(one.entity, one.entities, one.shared, one.asked) for one in some] for some in (rehearsed, adopted)]
    assert told[0] == told[1]
    assert adopted[1].shared == 1


# --- who is known by whom they belong to ------------------------------------------------------------------------------


@pytest.fixture
def staffed() -> LittleWorld:
    """A firm on two sides, and somebody who works there on both."""
    world = LittleWorld()
    for system in ("crm", "erp"):
        firm = world.create(system, Name="Acme", Tax_Id="DE1", Status="Open")
        world.create(system, "Person", Name="Anna", Email="a@x.example", AccountId=firm)
    return world


def test_people_are_not_adopted_before_the_firms_they_are_known_by(staffed: LittleWorld) -> None:
    says = (
        "nothing of contact was adopted: it is known by account, and of 2 that its records name none is adopted yet. "
        "Type first: concordat adopt account; or all of them: concordat adopt"
    )
    with pytest.raises(LedgerError, match=says):
        adopt(staffed.house, "contact")
    assert staffed.ledger.count_entities("contact") == 0
    adopt(staffed.house, "account")
    report = adopt(staffed.house, "contact")
    assert (report.shared, report.unadopted) == (1, [])


def test_a_rehearsal_of_people_alone_says_that_their_firms_are_not_known_yet(staffed: LittleWorld) -> None:
    (alone,) = rehearse(staffed.house, ["contact"])
    assert (alone.shared, alone.unadopted) == (0, [Unadopted("account", 2, 0, is_needed=True)])
    _, together = rehearse(staffed.house, ["account", "contact"])
    assert (together.shared, together.unadopted) == (1, [])


def test_where_most_firms_are_known_people_are_adopted_and_it_is_said(staffed: LittleWorld) -> None:
    adopt(staffed.house, "account")
    late = staffed.create("crm", Name="Late", Status="Open")
    staffed.create("crm", "Person", Name="Bert", Email="b@x.example", AccountId=late)
    staffed.house.refresh(staffed.house.begin("account", "read"), full=True)  # its kinds are read, and nobody looked at
    report = adopt(staffed.house, "contact")
    assert (report.shared, report.unadopted) == (1, [Unadopted("account", 3, 2, is_needed=True)])
    assert report.unadopted[0].says == "known by account, and of 3 that its records name only 2 are adopted yet"


def test_people_whose_firms_are_nowhere_are_adopted_after_nobody_was(staffed: LittleWorld) -> None:
    """What they name is deleted, or was never to be read: it cannot be known, ever."""
    for system, kind in (("crm", "Account"), ("erp", "Customer")):
        (row,) = staffed.rows(system)
        staffed.world.systems[system].delete(kind, row.id, by="user:u")
    with pytest.raises(LedgerError):
        adopt(staffed.house, "contact")
    adopt(staffed.house, "account")
    assert adopt(staffed.house, "contact").records == {"crm": 1, "erp": 1}


@pytest.mark.parametrize(
    ("levels", "forbids"),
    [
        ((Level("both", ("email", "account"), "link"), Level("mail", ("email",), "ask")), True),
        ((Level("both", ("email", "account"), "link"), Level("mail", ("email",), "link")), False),
        ((Level("mail", ("email",), "link"),), None),
    ],
)
def test_it_is_refused_only_where_nothing_is_linked_without_the_firm(
    staffed: LittleWorld, levels: tuple[Level, ...], forbids: bool | None
) -> None:
    contact = staffed.book.entities["contact"]
    contact = replace(contact, matching=replace(contact.matching, levels=levels))
    staffed.engine(replace(staffed.book, entities={**staffed.book.entities, "contact": contact}))
    (report,) = rehearse(staffed.house, ["contact"])
    assert [each.forbids for each in report.unadopted] == ([] if forbids is None else [forbids])
