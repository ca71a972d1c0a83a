"""Believable customers whose truth is known: who is who, who belongs to whom, and what each system makes of them.

    for customer in customers(seed=7, families=300):
        customer.id, customer.kind, customer.relations     # the truth
        for one in customer.appearances:                   # what crm, shop and erp say
            one.system, one.record, one.entity, one.values, one.distortions

The same seed gives the same customers, on every machine; family n is made without the families before it, so a
million of them need no memory. Values are canonical (`mappings.values`). What is wrong with an appearance is named in
its `distortions`, so that whoever matches them can say what was found in spite of what.
"""

from sync_pipelines.simulation.customers.distortions import AS_PEOPLE_ARE, DISTORTIONS, NOTHING_WRONG, Profile
from sync_pipelines.simulation.customers.stream import customers, family_of
from sync_pipelines.simulation.customers.truth import SYSTEMS, Appearance, Customer, Relation, same

__all__ = [
    "AS_PEOPLE_ARE",
    "DISTORTIONS",
    "NOTHING_WRONG",
    "SYSTEMS",
    "Appearance",
    "Customer",
    "Profile",
    "Relation",
    "customers",
    "family_of",
    "same",
]
