"""From a field of a system to ours and on to a field of a system: each step names columns that are there."""

import dagster as dg
import pytest

from mappings.book import Book
from mappings.loading import load_book
from sync_pipelines.entity_assets import APPLIED, PLAN, entity_assets
from sync_pipelines.settings import BUNDLED_BOOK
from sync_pipelines.system_assets import entity_key, read_assets, read_key


@pytest.fixture(scope="module")
def book() -> Book:
    return load_book(BUNDLED_BOOK)


@pytest.fixture(scope="module")
def specs(book: Book) -> dict[dg.AssetKey, dg.AssetSpec]:
    assets = [*read_assets(book), *(one for entity in book.entities for one in entity_assets(book, entity))]
    return {spec.key: spec for one in assets for spec in one.specs}


def columns(book: Book, spec: dg.AssetSpec) -> set[str]:
    """A reading tells them in its schema, a plan's are the fields of its entity."""
    entity = spec.tags.get("sync/entity")
    return (
        set(book.entities[entity].fields)
        if entity
        else {c.name for c in spec.metadata["dagster/column_schema"].columns}
    )


def test_what_would_be_written_is_the_first_thing_on_the_page_of_a_plan(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    """Dagster draws a schema's columns above all metadata."""
    assert "dagster/column_schema" not in specs[entity_key("account", PLAN)].metadata


def sources(spec: dg.AssetSpec) -> dict[str, list[tuple[dg.AssetKey, str]]]:
    told = spec.metadata["dagster/column_lineage"].deps_by_column
    return {name: [(dep.asset_key, dep.column_name) for dep in deps] for name, deps in told.items()}


@pytest.mark.parametrize(
    ("entity", "step"),  # users are written to nowhere
    [("account", PLAN), ("account", APPLIED), ("contact", PLAN), ("contact", APPLIED), ("user", PLAN)],
)
def test_every_column_that_is_named_is_one_of_what_is_depended_on(
    book: Book, specs: dict[dg.AssetKey, dg.AssetSpec], entity: str, step: str
) -> None:
    spec = specs[entity_key(entity, step)]
    depends = {dep.asset_key for dep in spec.deps}
    named = [source for some in sources(spec).values() for source in some]
    assert named
    assert [(key, name) for key, name in named if key not in depends or name not in columns(book, specs[key])] == []


def test_a_field_leads_from_each_system_into_the_plan_and_out_of_it(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    plan, applied = specs[entity_key("account", PLAN)], specs[entity_key("account", APPLIED)]
    assert (read_key("crm", "Account"), "Name") in sources(plan)["name"]
    assert sources(applied)["crm/Account.Name"] == [(entity_key("account", PLAN), "name")]
    assert "| name | `crm/Account.Name`" in plan.metadata["lineage"].value


def test_what_is_read_only_is_written_to_nowhere(book: Book, specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    for entity, spec in book.entities.items():
        written = sources(specs[entity_key(entity, APPLIED)])
        for system, kind_map in spec.maps.items():
            lines = {line.at or line.field: line.write for line in kind_map.lines}
            never = {name for name, write in lines.items() if write == "never"}
            assert not {f"{system}/{kind_map.kind}.{name}" for name in never} & set(written)
