"""Each entity of the book: recovered, plan, applied, and the job that runs them."""

import dagster as dg

from mappings.book import Book
from sync_pipelines.defs.freshness import promised
from sync_pipelines.entity_assets import entity_assets, entity_job


def entities(book: Book) -> dg.Definitions:
    """A new folder in the book is a new entity here, without a line of code."""
    return dg.Definitions(
        assets=promised([asset for name in book.entities for asset in entity_assets(book, name)], book),
        jobs=[entity_job(book, name) for name in book.entities],
    )
