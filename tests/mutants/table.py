"""All broken engines. What can be broken without a test failing is a wish."""

from tests.mutants.fears import FEARS, FEARS_COME_TRUE
from tests.mutants.laws import BROKEN_LAWS, LAWS
from tests.mutants.patches import Mutant

GROUPS = LAWS | FEARS
MUTANTS: tuple[Mutant, ...] = (*BROKEN_LAWS, *FEARS_COME_TRUE)
