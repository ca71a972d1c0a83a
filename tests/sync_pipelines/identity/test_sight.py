"""What records told is remembered as long as they say the same, and of many those met last."""

from connectors.contract import RecordRef
from sync_pipelines.identity.sight import Glimpse, Sight, bearers_of, contradicted

ONE, TWO, THREE = (("account", number) for number in range(3))


def test_what_a_record_told_is_remembered_under_its_stamp() -> None:
    sight = Sight()
    assert sight.told(ONE, "first") is None
    sight.keep(ONE, "first", (0, -7, 2**62))
    assert sight.told(ONE, "first") == (0, -7, 2**62)
    assert sight.told(TWO, "first") is None


def test_a_record_that_says_something_else_by_now_was_not_met() -> None:
    sight = Sight()
    sight.keep(ONE, "first", (1,))
    assert sight.told(ONE, "second") is None
    sight.keep(ONE, "second", ())
    assert (sight.told(ONE, "first"), sight.told(ONE, "second")) == (None, ())


def test_of_many_records_those_are_remembered_that_were_met_last() -> None:
    sight = Sight(most=2)
    for place in (ONE, TWO):
        sight.keep(place, "", (1,))
    assert sight.told(ONE, "") == (1,)  # met again
    sight.keep(THREE, "", (3,))
    assert [sight.told(place, "") for place in (TWO, ONE, THREE)] == [None, (1,), (3,)]


def test_nothing_is_remembered_of_what_is_to_be_forgotten() -> None:
    sight = Sight(most=2)
    for place in (ONE, TWO):
        sight.keep(place, "", (1,))
    sight.forget()
    assert [sight.told(place, "") for place in (ONE, TWO)] == [None, None]


def test_two_contradict_each_other_where_both_say_something_and_not_by_what_they_bear() -> None:
    assert contradicted((1, 5), (2, 5), 1)
    assert not contradicted((1, 5), (1, 6), 1)
    assert not contradicted((0, 5), (2, 6), 1)
    assert not contradicted((1, 5), (0, 6), 1)


def test_entities_that_bear_a_value_count_once_and_strangers_each_for_themselves() -> None:
    told = {("1", "a"): (9, 5), ("2", "a"): (8, 5, 6), ("3", ""): (0, 5), ("4", ""): (9,)}
    seen = {RecordRef("crm", "Account", i): Glimpse("", home, words) for (i, home), words in told.items()}
    assert bearers_of(seen, [(7, 5), (0, 4)], 1) == {5: {"a", "crm/Account/3"}, 4: set()}
