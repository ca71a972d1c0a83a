"""One policy for all: what the book promises (`fresh_within`) is what Dagster watches."""

from collections.abc import Sequence
from datetime import timedelta

import dagster as dg

from mappings.book import Book
from sync_pipelines.entity_assets import APPLIED
from sync_pipelines.system_assets import entity_key

_SHORTEST = timedelta(minutes=2)  # Dagster looks every half minute and takes no window below one minute
_WARN_AFTER = 0.75  # of the promise


def promised(assets: Sequence[dg.AssetsDefinition], book: Book) -> Sequence[dg.AssetsDefinition]:
    """Put the promise on `applied`: every run is of the whole entity, so the shortest promise counts.

    `applied` is materialized only by a run that ended well, so a system that halts every night is not fresh.
    """
    promises = {
        entity_key(name, APPLIED): min(line.fresh_within for line in spec.ownership.cadence)
        for name, spec in book.entities.items()
        if spec.ownership.cadence
    }

    def with_promise(spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.key not in promises:
            return spec
        return spec.replace_attributes(freshness_policy=policy(promises[spec.key]))

    return dg.map_asset_specs(with_promise, assets)


def policy(promise: timedelta) -> dg.FreshnessPolicy:
    """Fail when it is broken, warn when three quarters of it are gone."""
    window = max(promise, _SHORTEST)
    return dg.FreshnessPolicy.time_window(fail_window=window, warn_window=window * _WARN_AFTER)
