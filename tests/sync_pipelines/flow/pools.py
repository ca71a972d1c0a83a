"""The little book with a record of accounting that serves all who have no tax number."""

from dataclasses import replace

from mappings.book import Book
from mappings.matching import Level, serving_many
from mappings.ownership import CreateRule, Mode, Pool, Rule, When
from mappings.values import Where
from tests.laws.little_book import little_book

NUMBER = "K00001"  # the first that the ERP issues


def pooling_book(
    when: When,
    *,
    needs: tuple[str, ...] = ("name",),
    deciders: tuple[str, ...] = ("crm", "erp"),
    number: str = NUMBER,
) -> Book:
    """Whom `when` fits is served by one record of the ERP; the others are made there once they have a name.

    `deciders` say to whom a person belongs.
    """
    book = little_book()
    contact = book.entities["contact"]
    rules = {**contact.ownership.rules, "account": (Rule("account", Mode.DECIDES, deciders, "sales"),)}
    contact = replace(contact, ownership=replace(contact.ownership, rules=rules))
    account = book.entities["account"]
    pool = Pool(when, {"number": number}, Where("account/ownership.yaml", 5))
    create = {**account.ownership.create, "erp": CreateRule("erp", allowed=True, needs=needs, pool=pool)}
    levels = (Level("number", ("number",), "link"), *account.matching.levels)
    matching = serving_many(replace(account.matching, levels=levels), [pool.known_by])
    account = replace(account, ownership=replace(account.ownership, create=create), matching=matching)
    return replace(book, entities={"account": account, "contact": contact})
