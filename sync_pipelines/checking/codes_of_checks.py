"""What the codes of the checks mean, in the order in which a reader meets them."""

from collections.abc import Mapping
from typing import TypeAlias

Told: TypeAlias = Mapping[str, tuple[str, str]]  # code → what it means, how it is mended

SENTENCES: Told = {
    "sentence-missing": (
        "A field of fields.yaml stands in no sentence of ownership.yaml.",
        "Say who decides it, or take it out.",
    ),
    "sentence-twice": ("Two sentences of a field have the same condition; the second never applies.", "Keep one."),
    "no-sentence": (
        "There is a state, named in the complaint, in which no sentence applies.",
        "End with a sentence without `when`.",
    ),
    "rule-dead": (
        "A sentence applies in no state: its condition cannot hold, or earlier ones take every case.",
        "Mend its condition, move it up, or take it out.",
    ),
    "takes-part-dead": ("Nothing can ever take part.", "Mend the condition of `takes_part`."),
    "too-many-states": ("Conditions hang on so many fields that nothing can be proven.", "Use fewer fields in them."),
    "condition-unproduced": (
        "A condition asks for a field that nobody who decides it maps.",
        "Map it in a system that decides it.",
    ),
    "condition-value": (
        "A condition names a value in a spelling that the field never has.",
        "Write the canonical spelling.",
    ),
    "per-company-unread": (
        "A condition, or `needs`, asks for a field that has one value for each company.",
        "Use a field that is the same for all companies.",
    ),
    "link-unproduced": (
        "`exists` or `missing` asks for an entity of which no map tells what it belongs to.",
        "Map its reference somewhere.",
    ),
    "per-mixed": ("Some sentences of a field say `per: company`, some do not.", "Say it in all or in none."),
}
DECIDERS: Told = {
    "decider-missing": (
        "Of those who decide a field, no system maps it.",
        "Map it in one of them, or name another role.",
    ),
    "decider-absent": (
        "A sentence applies exactly where none of its deciders has a record.",
        "Name a role that has one then.",
    ),
    "role-twice": ("A role stands twice in one sentence.", "Keep one."),
    "rank-tie": (
        "Two systems of one role say a field with the same rank: the alphabet would decide.",
        "Give one another `rank`, or each its own `scopes`.",
    ),
    "issued-twice": (
        "Two systems issue the same number, and each would be overwritten by the other's.",
        "Map it in one of them.",
    ),
    "undo-each-other": (
        "Two roles can each, by edits of their own alone, take back what the other decided.",
        "Let one have the last word, or share the field.",
    ),
    "borrow-ring": (
        "Fields that follow each other (`from:`) are decided by nobody.",
        "Let a system decide one of them.",
    ),
}
DIRECTIONS: Told = {
    "write-never": (
        "A system has to be given a field, and its line says `write: never`.",
        "Let it be written, or say `edited_elsewhere: report`.",
    ),
    "scope-missing": (
        "A field is decided per company, and a line does not say of which company it speaks.",
        "Give the line `scope`, `per: company`, or the map a `scope:` path.",
    ),
    "scope-unwanted": (
        "A line speaks of one company, and the field is the same for all.",
        "Say `per: company` in ownership.yaml, or take the company out.",
    ),
    "scope-uncovered": (
        "A system keeps a company for which a field has no line.",
        "Give it one line for each company.",
    ),
    "scope-unkept": (
        "A line is for a company that its system does not keep.",
        "Mend the line, or the system's `scopes`.",
    ),
    "reference-unmapped": ("A reference leads to an entity that its system has no map of.", "Write that map."),
    "reference-kind": ("A reference says another kind than the map of its entity.", "Write the kind of that map."),
    "choice-uncovered": ("A system has no word for a choice that others can decide.", "Add it to the line's `values`."),
    "code-column": ("A code table says nothing of a system whose map uses it.", "Give the table a column."),
    "code-stranger": (
        "A code table brings values to a field that are none of its own.",
        "Mend the column `canonical`, or the field's choices.",
    ),
    "part-undecided": (
        "A part of an address or item is kept by followers only: it would be blanked there.",
        "Take it out of their map, or map it in a decider.",
    ),
}
LISTS: Told = {
    "list-never-filled": ("Nobody may add an item to a list.", "Say who may."),
    "list-key-unmapped": (
        "A map leaves out the field by which items are told apart: they would be added again and again.",
        "Map it among the items.",
    ),
    "list-key-unwritten": (
        "Items are sent to a system that cannot be given their key: they come back as others.",
        "Let it be written, or choose another key.",
    ),
    "list-key-differs": ("A line tells items apart by another field than ownership.yaml.", "Write the same key."),
}
RECORDS: Told = {
    "create-unmapped": (
        "Records shall be made in a role of which no system has a map.",
        "Write the map, or say `never`.",
    ),
    "create-dead": ("The condition of a create cannot hold while there is no record.", "Mend it, or say `never`."),
    "create-deadlock": (
        "A create waits for what only the record itself would bring.",
        "Do not wait for it, or let another role say it.",
    ),
    "create-ring": (
        "Records of several entities wait for each other in one role.",
        "Take one of the references out of `needs`.",
    ),
    "need-unproduced": (
        "A create waits for a field that nobody who decides it maps.",
        "Map it, or do not wait for it.",
    ),
    "pool-unfindable": (
        "Nothing leads to the record that serves many by what it is known by.",
        "Know it by a field that its systems map and that is a level of matching.yaml by itself.",
    ),
    "pool-dead": ("Nobody can ever be served by a record of many.", "Mend the condition, or take the pool out."),
    "archive-unmapped": ("A role has a part in archiving, and no map.", "Write the map, or take the role out."),
    "archive-unheard": ("A system that may archive has no way to tell that it did.", "Say `archived:` in its map."),
    "archive-unread": (
        "A system is archived in, and its map does not say how that looks: it would be archived in every run.",
        "Say `archived:` in its map.",
    ),
    "score-unfit": (
        "A field is weighed by a comparison that cannot read its type.",
        "Compare it as what it is.",
    ),
    "score-turned": (
        "To be different would speak for one entity as much as to be the same.",
        "Give `same` more than 0, and more than `different`.",
    ),
    "score-everybody": ("A person would be asked where nothing speaks for it.", "Ask from more than 0 bits on."),
    "match-unproduced": ("A level of matching can never hold.", "Use fields that two systems map."),
    "match-dead": (
        "A level of matching never comes up: a level before it takes every case.",
        "Put it first, or take it out.",
    ),
    "match-twice": ("Two levels of matching have one name.", "Give each its own."),
    "cadence-overlap": ("A field stands in two groups of `cadence`.", "Let it stand in one."),
    "cadence-gap": ("A field stands in no group of `cadence`.", "Add a group with `fields: rest`."),
    "cadence-never": ("A cron line never comes up.", "Mend it."),
    "cadence-promise": (
        "A group runs less often than its `fresh_within` promises.",
        "Run more often, or promise less.",
    ),
}
ABILITIES: Told = {
    "unknown-kind": ("The system has no such kind.", "Mend `kind:`."),
    "unknown-path": ("The system's metadata has no such field.", "Mend `at:`, or make the field there."),
    "unknown-word": (
        "A word that would be sent is not among the system's own choices.",
        "Mend `values` or the code table, or add it there.",
    ),
    "cannot-create": ("Records shall be made where none can be made.", "Say `never`, or switch writing off."),
    "cannot-update": ("Fields have to be given to records that cannot be changed.", "Switch writing off."),
    "cannot-archive": ("An archive is carried to where none can be done.", "Take the role out of `to`."),
    "not-writable": (
        "A field has to be given that cannot be written there.",
        "Ask for the right, or say `edited_elsewhere: report`.",
    ),
    "required-unmapped": (
        "Records shall be made without a field that the system requires.",
        "Map it, or give it a default there.",
    ),
}
WARNINGS: Told = {
    "value-unproduced": (
        "A condition names, among others, a value that no decider of the field can say.",
        "Mend the word, or the maps.",
    ),
    "condition-ring": (
        "Who decides some fields hangs on each other; of a new record, all of them are read as never said.",
        "Let one of them ask for something else.",
    ),
    "decider-silent": (
        "Of several roles that have a say in a field, one has no system that maps it.",
        "Map it there, or take the role out.",
    ),
    "by-degrades": (
        "A department decides, and the system does not tell who edited: every edit counts as its own and is reported.",
        "Give the map `editor:`.",
    ),
    "by-person": (
        "A department decides, and the system tells persons: every edit counts as its own and is reported.",
        "Give the map `editor:`.",
    ),
    "steward-missing": ("A question may come up, and nobody is named to be asked.", "Name a steward."),
    "elsewhere-unread": (
        "Edits elsewhere shall be proposed or reported, and are read from nowhere.",
        "Map the field where it may be edited.",
    ),
    "write-once": (
        "A system is given a field only when the record is made; it does not follow later changes.",
        "Say `write: always` if the system allows it.",
    ),
    "code-uncovered": (
        "A system has no code for one that others can decide; such records will be held.",
        "Add it to the code table.",
    ),
    "create-uncertain": (
        "A system cannot be asked for our key: a create whose answer is lost waits for a person.",
        "Nothing, or give the system a field for our key.",
    ),
    "too-long": (
        "A field may be longer than the system holds; longer values will be refused.",
        "Say the smaller `length`.",
    ),
    "leave-nowhere": (
        "`on_leave: archive`, and `archive` does not say where to.",
        "Say where to, or freeze what leaves.",
    ),
    "archive-idle": ("`archive` says from where and not to where, or the other way about.", "Give both, or neither."),
    "match-missing": (
        "Several systems keep an entity, and nothing says how records are recognised.",
        "Write matching.yaml.",
    ),
    "score-nobody": (
        "No sum reaches the threshold from which records are linked.",
        "Weigh more fields beside the name, or link from fewer bits on.",
    ),
    "contradicts-unproduced": (
        "A field shall forbid links, and no two systems map it.",
        "Map it in two, or take it out.",
    ),
    "cadence-missing": ("Nothing says how often an entity is synchronised.", "Add `cadence`."),
    "idle-switch": (
        "A system has a write switch for an entity that it has no map of.",
        "Take it out, or write the map.",
    ),
    "idle-empty": (
        "`may_be_empty` names a kind of which nothing is read.",
        "Write it as the map of that system spells it.",
    ),
    "unknown-promise": ("Nothing keeps a promise of this name.", "Call it `early_<entity>`."),
}
NOTES: Told = {
    "role-unplayed": (
        "No system plays a role that sentences name. They go by the other roles until one does.",
        "Nothing.",
    ),
    "list-never-shrinks": ("Nobody may remove an item from a list.", "Say who may, if that is not meant."),
    "create-waits": (
        "What only one role knows may wait for ever to be made in another: nobody there says what is needed.",
        "Nothing, if a person is to say it.",
    ),
    "promise-missing": (
        "A record may wait to be made, and no promise says how long.",
        "Add `promises: {early_<entity>: 3d}` to systems.yaml.",
    ),
}

FAULTS: tuple[Told, ...] = (SENTENCES, DECIDERS, DIRECTIONS, LISTS, RECORDS, ABILITIES)
