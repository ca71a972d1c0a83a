"""What answers teach is taken only where the book's own thresholds show it."""

from pathlib import Path

import pytest

from bench.matching.customers import FAMILIES, appearing
from bench.matching.training import at_thresholds, parts, taught


@pytest.mark.parametrize("systems", [("crm", "shop"), ("shop", "erp")])
def test_weights_that_are_taken_link_no_less_and_nothing_wrongly_of_what_was_not_answered(
    systems: tuple[str, str], tmp_path: Path
) -> None:
    answered, measured = parts(appearing(systems, FAMILIES, tmp_path), tmp_path)
    _, learned = taught(answered)
    before, after = (at_thresholds(measured, weights) for weights in ({}, learned.weights))
    loses = after.linked < before.linked or after.wrong > before.wrong
    assert not (learned.is_better and loses)
    assert learned.is_better is (systems == ("shop", "erp"))
