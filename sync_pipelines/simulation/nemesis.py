"""The nemesis: everything that may go wrong, as a table. A seed chooses few of them; a swarm of seeds meets them all.

`rows` are the failure modes of the matrix that a kind stands for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from connectors.testing.faults import Fault


class Way(StrEnum):
    """How a kind comes about."""

    CALL = "call"  # it befalls a call, at the rate of the seed
    DEED = "deed"  # somebody does it, as an operation of the history
    VALUE = "value"  # somebody types it
    RUN = "run"  # it befalls the process that runs
    START = "start"  # the world is like that from the beginning


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault."""

    name: str
    way: Way
    does: str
    rows: tuple[int, ...]


def _all(way: Way, *kinds: tuple[str, str, tuple[int, ...]]) -> Iterable[Kind]:
    return (Kind(str(name), way, does, rows) for name, does, rows in kinds)


TABLE: tuple[Kind, ...] = (
    *_all(
        Way.CALL,
        (Fault.LOST_BEFORE, "the request never arrives and nobody answers", (30,)),
        (Fault.LOST_MIDWAY, "a part of a batch is committed and nobody answers", (29, 37, 38)),
        (Fault.LOST_AFTER, "all is committed and nobody answers", (29, 53)),
        (Fault.GATEWAY_AFTER, "all is committed and a proxy answers 504", (31,)),
        (Fault.CUT_BODY, "the answer ends in the middle of its body, of a write after it was committed", (27, 29)),
        (Fault.SHORT_RESULTS, "all is committed and the answer leaves the last item out", (40,)),
        (Fault.DELAYED, "nobody answers and the request is executed minutes later", (32,)),
        (Fault.DOUBLE_EXECUTION, "the server executes a request twice", (53, 54)),
        (Fault.THROTTLED, "429 with a time to wait", (49,)),
        (Fault.SERVER_ERROR, "the server refuses the connection", (49,)),
        (Fault.BODY_ERROR, "200, and an error in the body", (36,)),
        (Fault.TOKEN_EXPIRED, "the token runs out between two calls", (50,)),
        (Fault.FORBIDDEN, "a right is taken away for one call", (78,)),
        (Fault.SLOW_CALL, "a call takes a minute, while the lease runs on", (120,)),
        (Fault.PARTIAL_BATCH, "one item of a batch meets a locked row", (37, 47)),
        (Fault.POISON, "a record is refused every time", (39, 46)),
        (Fault.EDITED_BETWEEN, "somebody edits between our look and our write", (43,)),
        (Fault.EDITED_BEHIND, "somebody edits between our write and our look at it", (43,)),
        (Fault.SEARCH_LAG, "a write reaches the search index late", (4, 41)),
        (Fault.PAGE_ERROR, "a crawl breaks at a page", (15,)),
        (Fault.SESSION_LOST, "a crawl breaks at a later page, since its session is over", (24,)),
        (Fault.CURSOR_LOOP, "the server gives the same page again", (26,)),
        (Fault.PAGE_DRIFT, "somebody edits between two pages", (5, 20, 21)),
        (Fault.OLD_TWIN, "a crawl shows a record again as it was before", (28, 92)),
    ),
    *_all(
        Way.DEED,
        ("same_stamp_burst", "many records change within one stamp", (1, 2, 22)),
        ("late_commit", "a transaction stamps its row now and commits within the look-back", (3,)),
        ("very_late_commit", "a transaction commits later than the look-back reaches", (3, 12)),
        ("silent_change", "a value changes and no stamp moves", (12,)),
        ("old_import", "an import makes a record that bears a date of 1990", (12, 13, 14)),
        ("clock_step_back", "a system's clock steps ten minutes back", (7,)),
        ("clock_step_on", "a system's clock steps ten minutes ahead", (6, 7)),
        ("clock_leap", "a system's clock is a day ahead until somebody mends it", (7,)),
        ("long_pause", "nobody runs anything for 31 days", (17, 33, 81)),
        ("hard_delete", "a record is purged past the bin", (76,)),
        ("undelete", "a record comes out of the bin", (66,)),
        ("delete_and_back", "a record goes into the bin and comes out before anybody looks", (66,)),
        ("remade_with_same_key", "a record is deleted and made anew with the same tax id", (62,)),
        ("merge_chain", "A goes into B and B into C", (63, 64)),
        ("merge_of_two", "two records that are both coupled are merged", (65,)),
        ("id_redirect", "a merge makes a third record, and both old ids lead to it", (63, 64)),
        (
            "restored_ledger",
            "a backup of the ledger comes back that is older than the systems, or an empty one",
            (121, 122),
        ),
        ("lost_watermarks", "how far everything was read is lost", (18, 19)),
        ("twin", "somebody makes the same firm once more", (61, 71)),
        ("delete_against_edit", "one deletes what another one edits", (80,)),
        ("cascade", "a firm is deleted with all who work there", (82,)),
        ("reactivation", "somebody takes a record back into use", (66, 80)),
        ("out_of_scope", "a firm becomes one that does not take part, and perhaps one again", (77,)),
        ("orphan", "a person is entered before their firm is", (73,)),
        ("moved_child", "a person moves to another firm", (12, 73)),
        ("flip_flop", "another automation sets a field back again and again", (87,)),
        ("mass_edit", "somebody edits every record of a kind", (98, 1)),
        ("drop_field", "an administrator removes a field", (93,)),
        ("hide_field", "field-level security hides a field", (94,)),
        ("retype_field", "a text field becomes a number", (93,)),
        ("read_only_field", "a field can no longer be written", (93, 46)),
        ("shorten_field", "a field takes three characters and refuses more", (45, 110)),
        ("cut_field", "a field takes three characters and cuts the rest off", (45,)),
        ("lower_field", "a field is saved in small letters", (44, 115)),
        ("blank_is_null", "an empty text is saved as null", (112,)),
        ("drop_option", "a choice is taken out of a list", (95,)),
        ("require_field", "a field becomes required", (96,)),
        ("duplicate_rule", "the system refuses firms that look alike", (48,)),
        ("locked_record", "a record is approved and cannot be written", (46,)),
        ("closed_period", "no record of a kind can be written", (46,)),
        ("blindness", "reads of a kind answer nothing, and 200", (78, 79)),
        ("quota", "the day's calls are used up", (49,)),
        ("other_tenant", "another tenant answers under the same name", (70,)),
        ("codes_edited", "somebody takes a code out of a table and puts it back later", (95, 97)),
        ("rules_edited", "somebody changes who decides a field", (97, 98)),
    ),
    *_all(
        Way.VALUE,
        ("value_nul", "a NUL character", (109,)),
        ("value_controls", "control characters", (109,)),
        ("value_surrogate", "half of a surrogate pair", (108,)),
        ("value_decomposed", "one letter in two spellings", (105,)),
        ("value_full_width", "full-width letters", (105,)),
        ("value_zero_width", "characters nobody sees", (105,)),
        ("value_compatibility", "characters that change under normalisation", (105,)),
        ("value_chinese_pairs", "one word in two scripts", (106,)),
        ("value_emoji", "four-byte characters", (108,)),
        ("value_huge", "70,000 characters", (110,)),
        ("value_formula", "a formula", (85,)),
        ("value_quotes", "quotes and templates", (85,)),
        ("value_numbers", "numbers that are none, or are too long", (100, 113, 114)),
        ("value_spaces", "spaces of several kinds", (115,)),
        ("value_case", "letters that change their number with their case", (115,)),
    ),
    *_all(
        Way.RUN,
        ("crash", "the process dies at a labelled point", (55, 56)),
        ("crash_in_ledger", "the process dies at some commit or read of the ledger", (55, 123)),
        ("crash_twice", "the process dies, and the next one dies while it recovers", (55, 57)),
        ("two_workers", "another process runs the whole in the middle of this one", (72, 119)),
        ("zombie", "the process sleeps beyond its lease while another one runs, and goes on", (119, 120)),
        ("full_run", "a run reads everything anew", (12, 122)),
        ("rules_edited_mid_run", "the book changes while a run is at work", (97,)),
        ("lone_entity", "only one entity is run", (73,)),
    ),
    *_all(
        Way.START,
        ("clock_skew", "a system's clock is fourteen minutes wrong", (6,)),
        ("night_of_the_change", "the history begins in the hour that comes twice", (8, 10)),
        ("business_zone", "systems are quiet in the hour of the change of their own zone", (8, 10, 103)),
        ("coarse_stamps", "stamps are cut to the minute", (2, 11)),
        ("fine_stamps", "stamps are cut to the millisecond", (11,)),
        ("lagging_index", "the search index is always half a minute behind", (4,)),
        ("short_memory", "deletions are told for an hour", (17, 81)),
        ("lone_items", "a batch holds one item", (39,)),
        ("tiny_pages", "a page holds one record", (1, 25)),
        ("silent_children", "a merge moves children without a stamp", (12,)),
        ("tight_guards", "the book lets only few changes through unasked", (98,)),
    ),
)
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in TABLE}


def of_way(names: Iterable[str], way: Way) -> tuple[str, ...]:
    """Those of the named kinds that come about in this way."""
    return tuple(name for name in names if BY_NAME[name].way is way)
