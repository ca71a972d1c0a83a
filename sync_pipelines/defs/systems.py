"""Each system of the book: one asset for each kind that is read, and how steps reach the house."""

import dagster as dg

from mappings.book import Book
from sync_pipelines.system_assets import HOUSE, OpenHouse, house_resource, read_assets


def systems(book: Book, opens: OpenHouse) -> dg.Definitions:
    """A new line in `systems.yaml` is a new system here, without a line of code."""
    return dg.Definitions(assets=read_assets(book), resources={HOUSE: house_resource(opens)})
