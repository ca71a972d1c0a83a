"""The small book of the simulation, under the name by which the tests know it."""

from sync_pipelines.simulation.little_book import (
    ACCOUNT_RULES,
    CODES,
    CONTACT_RULES,
    KINDS,
    ROLES,
    STAYS_OUT,
    WON,
    abilities,
    code_table,
    kinds_of,
    little_book,
)

__all__ = [
    "ACCOUNT_RULES",
    "CODES",
    "CONTACT_RULES",
    "KINDS",
    "ROLES",
    "STAYS_OUT",
    "WON",
    "abilities",
    "code_table",
    "kinds_of",
    "little_book",
]
