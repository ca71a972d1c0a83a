"""The table of broken engines cannot rot: every patch still applies, and is still a patch of the code."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.patches import Mutant
from tests.mutants.table import GROUPS, MUTANTS

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_patch_applies_to_the_code_as_it_is_and_leaves_it_readable(mutant: Mutant) -> None:
    patched = mutant.patched(HOUSE)
    assert ast.dump(ast.parse(patched)) != ast.dump(ast.parse((HOUSE / mutant.file).read_text(encoding="utf-8")))


def test_every_law_is_broken_and_every_fear_comes_true_in_two_ways_at_least() -> None:
    broken = Counter(mutant.law for mutant in MUTANTS)
    assert {law for law, times in broken.items() if times >= 2} == set(GROUPS)


def test_there_are_sixty_broken_engines_at_least() -> None:
    assert len(MUTANTS) >= 60


def test_no_two_patches_say_the_same() -> None:
    assert len({str(mutant) for mutant in MUTANTS}) == len(MUTANTS)


def test_the_read_me_tells_of_each_what_killed_it() -> None:
    told = (HOUSE / "tests/mutants/README.md").read_text(encoding="utf-8")
    assert [str(mutant) for mutant in MUTANTS if f"| {mutant.law} | {mutant.says} |" not in told] == []
