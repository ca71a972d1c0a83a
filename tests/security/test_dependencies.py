"""What comes with us and is known to be faulty is not shipped: what `make audit` makes of what was looked up."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "requirements" / "faults.py"
TODAY = date(2026, 11, 22)
FAULT = {"id": "PYSEC-2019-217", "aliases": ["CVE-2019-10906"], "fix_versions": ["2.10.1"], "description": "…"}


def loaded() -> ModuleType:
    spec = spec_from_file_location("faults", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


faults = loaded()


def found(*planted: Mapping[str, Any]) -> dict[str, Any]:
    """As the tool tells it."""
    return {"dependencies": [{"name": "Jinja2", "version": "2.10", "vulns": list(planted)}], "fixes": []}


def waived(fault: str = "PYSEC-2019-217", days: int = 30, package: str = "jinja2") -> Any:
    return faults.Waiver(package, fault, "no stranger writes our templates", TODAY + timedelta(days=days))


def complaints(told: Mapping[str, Any], *waivers: Any) -> list[str]:
    return [*faults.complaints({"jinja2": "2.10"}, told, waivers, TODAY), *faults.bad_waivers(waivers, [told], TODAY)]


def test_t35_an_old_package_with_a_known_fault_is_refused() -> None:
    assert complaints(found()) == []
    (said,) = complaints(found(FAULT))
    assert said.startswith("jinja2 2.10 has PYSEC-2019-217, mended in 2.10.1: `make lock ")


@pytest.mark.parametrize("name", ["PYSEC-2019-217", "CVE-2019-10906"])
def test_t35_a_fault_that_somebody_answers_for_is_let_through_by_any_of_its_names(name: str) -> None:
    assert complaints(found(FAULT), waived(name)) == []
    other = {**FAULT, "id": "PYSEC-2099-1", "aliases": []}
    assert len(complaints(found(FAULT, other), waived(name))) == 1


@pytest.mark.parametrize(
    ("waiver", "says"),
    [
        (waived(days=-1), "it was waived until 2026-11-21"),
        (waived(days=91), "90 days are the longest"),
        (waived("PYSEC-2099-1"), "PYSEC-2099-1 is waived and is not there (any more)"),
        (waived(package="another"), "another PYSEC-2019-217 is waived and is not there (any more)"),
    ],
    ids=["over", "too long", "another fault", "another package"],
)
def test_t35_a_waiver_ends_is_short_and_fits(waiver: Any, says: str) -> None:
    assert any(says in said for said in complaints(found(FAULT), waiver))


@pytest.mark.parametrize(
    "told",
    [
        {"dependencies": []},
        {"dependencies": [{"name": "jinja2", "skip_reason": "not found"}]},
    ],
    ids=["left out", "skipped"],
)
def test_t35_what_could_not_be_looked_up_is_not_taken_for_sound(told: Mapping[str, Any]) -> None:
    (said,) = complaints(told)
    assert said.startswith("jinja2 2.10 could not be looked up, so nobody knows: ")


def test_t35_every_pin_of_every_lock_is_looked_up_also_those_for_other_platforms() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text(encoding="utf-8")
        lists = faults.pins(text)
        assert sum(map(len, lists)) == text.count("==") - _in_markers(text), lock
        assert len({*lists[0]}) == len({name for one in lists for name in one})


def _in_markers(text: str) -> int:
    return sum(line.partition(" ; ")[2].count("==") for line in text.splitlines())


def test_t35_what_the_file_of_waivers_says_is_read_and_what_says_too_little_is_refused() -> None:
    whole = {"package": "Jinja2", "fault": "X", "why": "because", "until": TODAY}
    assert faults.waivers({"waived": [whole]}) == [faults.Waiver("jinja2", "X", "because", TODAY)]
    for missing in whole:
        with pytest.raises(ValueError, match="says package, fault, why and until"):
            faults.waivers({"waived": [{name: said for name, said in whole.items() if name != missing}]})
    with pytest.raises(ValueError, match="a date"):
        faults.waivers({"waived": [{**whole, "until": "2027"}]})


@pytest.mark.parametrize(("planted", "code"), [((), 0), ((FAULT,), 1)], ids=["sound", "planted"])
def test_t35_the_command_is_red_where_a_fault_was_planted(
    planted: tuple[Mapping[str, Any], ...], code: int, tmp_path: Path
) -> None:
    (tmp_path / "runtime.txt").write_text("jinja2==2.10\n")
    (tmp_path / "runtime.txt.json").write_text(json.dumps(found(*planted)))
    done = subprocess.run([sys.executable, SCRIPT, "judge", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("no known fault in any lock" in done.stdout) == (code == 0)
