"""The key that a record of our making bears for good: its entity's id, and a letter more for each that was made before.

What leaves an entity takes the key along, so the next record that is made there for whoever stays needs another one:
a system that keeps keys unique would refuse the same, and one that does not would show two by it.
"""

import re

_LETTERS = "bcdefghijklmnopqrstuvwxyz"
_OURS = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}[b-z]*")  # how `settings.SortableIds` spells an id, and the letters
_TURN = re.compile(r"(.*[0-9A-Z])[b-z]+", re.DOTALL)


def our_key(entity_id: str, before: int) -> str:
    """For a record of this entity, of which so many were made in that system before."""
    many, one = divmod(before, len(_LETTERS))
    return f"{entity_id}{_LETTERS[-1] * many}{_LETTERS[one - 1] if one else ''}"


def turn_of(key: str) -> int:
    """How many records of its entity were made in that system before the one that bears this key."""
    letters = key[len(entity_of(key)) :]
    return sum(_LETTERS.index(letter) + 1 for letter in letters)


def entity_of(key: str) -> str:
    """The entity for which a record with this key was made. Any text is taken; of what is no key nothing is known."""
    turn = _TURN.fullmatch(key)
    return turn[1] if turn else key


def is_ours(key: str) -> bool:
    """Whether it has the shape of the keys that we give; what else is typed is not."""
    return bool(_OURS.fullmatch(key))
